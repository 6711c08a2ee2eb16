//! Behaviour: the estimate fits the path: it is used, its queue stays short, and its changes are followed.

use crate::world::{App, World};
use ringfence_bandwidth::Bitrate;
use ringfence_netem::{Bursts, Conditions, Queue, Scenario};
use std::time::Duration;

const SEED: u64 = 7;
const PLENTY: App = App::Greedy(Bitrate::kbps(20_000));

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn path(kbps: u64, delay: u64) -> Conditions {
    Conditions {
        rate: Some(kbps * 1000),
        delay: ms(delay),
        queue: Queue::Time(ms(500)),
        ordered: true,
        ..Default::default()
    }
}

#[test]
fn explore() {
    let loss = |conditions: Conditions, loss: f64| Conditions { loss, ..conditions };
    let rows: Vec<(&str, Scenario, App)> = vec![
        ("150k 30ms", path(150, 30).into(), PLENTY),
        ("300k 30ms", path(300, 30).into(), PLENTY),
        ("1M 30ms", path(1000, 30).into(), PLENTY),
        ("1M 150ms", path(1000, 150).into(), PLENTY),
        ("1M 250ms (500 rtt)", path(1000, 250).into(), PLENTY),
        ("1M 500ms", path(1000, 500).into(), PLENTY),
        ("3M 50ms", path(3000, 50).into(), PLENTY),
        ("10M 30ms", path(10_000, 30).into(), PLENTY),
        ("10M 150ms", path(10_000, 150).into(), PLENTY),
        ("1M 2%", loss(path(1000, 30), 0.02).into(), PLENTY),
        ("1M 5%", loss(path(1000, 30), 0.05).into(), PLENTY),
        ("1M 10%", loss(path(1000, 30), 0.10).into(), PLENTY),
        ("300k 10%", loss(path(300, 30), 0.10).into(), PLENTY),
        ("3M 20%", loss(path(3000, 50), 0.20).into(), PLENTY),
        ("1M 20%", loss(path(1000, 50), 0.20).into(), PLENTY),
        ("10M 10%", loss(path(10_000, 50), 0.10).into(), PLENTY),
        (
            "1M bursts 5% of 4",
            Conditions {
                bursts: Some(Bursts::new(0.05, 4.0)),
                ..path(1000, 30)
            }
            .into(),
            PLENTY,
        ),
        (
            "3M bursts 10% of 8",
            Conditions {
                bursts: Some(Bursts::new(0.10, 8.0)),
                ..path(3000, 30)
            }
            .into(),
            PLENTY,
        ),
        (
            "1M policer",
            Conditions {
                queue: Queue::Time(ms(15)),
                ..path(1000, 30)
            }
            .into(),
            PLENTY,
        ),
        (
            "3M policer 40ms",
            Conditions {
                queue: Queue::Time(ms(40)),
                ..path(3000, 30)
            }
            .into(),
            PLENTY,
        ),
        (
            "1M jitter 30",
            Conditions {
                jitter: ms(30),
                ..path(1000, 30)
            }
            .into(),
            PLENTY,
        ),
        (
            "3M jitter 60",
            Conditions {
                jitter: ms(60),
                ..path(3000, 30)
            }
            .into(),
            PLENTY,
        ),
        (
            "1M jitter unordered 20",
            Conditions {
                jitter: ms(20),
                ordered: false,
                ..path(1000, 30)
            }
            .into(),
            PLENTY,
        ),
        (
            "wifi 5M/2",
            Scenario::alternating((path(10_000, 10), ms(20)), (path(0, 10), ms(20))),
            PLENTY,
        ),
        (
            "wifi 30M stalls 60",
            Scenario::alternating((path(20_000, 10), ms(140)), (path(0, 10), ms(60))),
            PLENTY,
        ),
        (
            "3M deep",
            Conditions {
                queue: Queue::Time(ms(3000)),
                ..path(3000, 30)
            }
            .into(),
            PLENTY,
        ),
        (
            "sawtooth 1-3M 20s",
            Scenario::sawtooth(path(3000, 30), path(1000, 30), ms(20_000)),
            PLENTY,
        ),
        (
            "2M layers",
            path(2000, 30).into(),
            App::Layers(&[100, 300, 700, 1700, 3000]),
        ),
        (
            "4M layers",
            path(4000, 30).into(),
            App::Layers(&[100, 300, 700, 1700, 3000]),
        ),
        (
            "300k layers",
            path(300, 30).into(),
            App::Layers(&[100, 300, 700, 1700, 3000]),
        ),
        (
            "4M layers 10%",
            loss(path(4000, 30), 0.1).into(),
            App::Layers(&[100, 300, 700, 1700, 3000]),
        ),
        (
            "unlimited layers 10%",
            Conditions {
                rate: Some(100_000_000),
                ..loss(path(4000, 30), 0.1)
            }
            .into(),
            App::Layers(&[100, 300, 700, 1700, 3000]),
        ),
    ];
    println!(
        "{:26} {:>6} {:>6} {:>6} {:>6} {:>6}   estimates",
        "path", "used", "est", "p95q", "maxq", "pad%"
    );
    for (name, scenario, app) in rows {
        let delay = scenario.start.delay;
        let mut world = World::new(SEED, scenario, &[(app, ms(0))]);
        world.run(ms(60_000));
        let flow = &world.flows[0];
        let (from, to) = (ms(10_000), ms(60_000));
        let used = flow.arrived(from, to).as_bps() as f64 * 50.0 / world.capacity(from, to);
        let mut waits: Vec<_> = flow
            .between(from, to)
            .iter()
            .map(|sample| sample.longest.saturating_sub(delay).as_millis())
            .collect();
        waits.sort();
        let all: Vec<_> = flow
            .between(ms(0), to)
            .iter()
            .map(|sample| sample.longest.saturating_sub(delay).as_millis())
            .collect();
        let est = flow
            .between(from, to)
            .iter()
            .map(|sample| sample.estimate.as_bps() as f64)
            .sum::<f64>()
            / 500.0
            / 1000.0;
        let padding: u64 = flow.samples.iter().map(|sample| sample.padding).sum();
        let sent: u64 = flow.samples.iter().map(|sample| sample.sent).sum();
        let trace: Vec<_> = flow
            .samples
            .iter()
            .step_by(30)
            .map(|sample| sample.estimate.as_bps() / 1000)
            .collect();
        println!(
            "{name:26} {used:6.2} {est:6.0} {:6} {:6} {:6.1}   {trace:?}",
            waits[waits.len() * 95 / 100],
            all.iter().max().unwrap(),
            padding as f64 * 100.0 / sent as f64
        );
    }
}
