//! Behaviour: the estimate fits the path: what there is is used, the queue stays short, losses that are not ours cost little.

use crate::world::{App, World, ms, steady};
use ringfence_bandwidth::Bitrate;
use ringfence_netem::{Bursts, Conditions, Queue, Scenario};
use std::time::Duration;

const SEEDS: [u64; 3] = [7, 8, 9];
const BEGINS: Duration = Duration::from_secs(10);
const ENDS: Duration = Duration::from_secs(60);

/// Everything that fits.
const ALL: App = App::Greedy(Bitrate::kbps(20_000));
/// The layers of three cameras or so, in kbit/s.
const LAYERS: App = App::Layers(&[100, 300, 700, 1700, 3000]);

/// One path for a minute, and what has to hold from the tenth second on.
struct Row {
    name: &'static str,
    scenario: Scenario,
    app: App,
    /// At least this share of the capacity arrives.
    used: f64,
    /// 95 of 100 packets wait for less than so many milliseconds, jitter included.
    waits: u64,
}

fn row(name: &'static str, scenario: impl Into<Scenario>, app: App, used: f64, waits: u64) -> Row {
    Row {
        name,
        scenario: scenario.into(),
        app,
        used,
        waits,
    }
}

fn lossy(rate_kbps: u64, loss: f64) -> Conditions {
    Conditions {
        loss,
        ..steady(rate_kbps, 30)
    }
}

fn bursts(rate_kbps: u64, share: f64, length: f64) -> Conditions {
    Conditions {
        bursts: Some(Bursts::new(share, length)),
        ..steady(rate_kbps, 30)
    }
}

fn shallow(rate_kbps: u64, queue: Queue) -> Conditions {
    Conditions {
        queue,
        ..steady(rate_kbps, 30)
    }
}

fn shaky(rate_kbps: u64, jitter: u64, ordered: bool) -> Conditions {
    Conditions {
        jitter: ms(jitter),
        ordered,
        ..steady(rate_kbps, 30)
    }
}

/// A radio that sends for a while and then lets others.
fn radio(rate_kbps: u64, sends: u64, waits: u64) -> Scenario {
    Scenario::alternating((steady(rate_kbps, 10), ms(sends)), (steady(0, 10), ms(waits)))
}

fn table() -> Vec<Row> {
    vec![
        row("150 kbit/s, 30 ms", steady(150, 30), ALL, 0.85, 120),
        row("300 kbit/s, 30 ms", steady(300, 30), ALL, 0.85, 150),
        row("1 Mbit/s, 30 ms", steady(1000, 30), ALL, 0.8, 100),
        row("1 Mbit/s, 150 ms", steady(1000, 150), ALL, 0.8, 100),
        row("1 Mbit/s, 500 ms", steady(1000, 500), ALL, 0.8, 100),
        row("3 Mbit/s, 50 ms", steady(3000, 50), ALL, 0.8, 100),
        row("10 Mbit/s, 30 ms", steady(10_000, 30), ALL, 0.8, 100),
        row("10 Mbit/s, 150 ms", steady(10_000, 150), ALL, 0.8, 100),
        row(
            "3 Mbit/s, 3 s of queue",
            shallow(3000, Queue::Time(ms(3000))),
            ALL,
            0.8,
            100,
        ),
        row(
            "1 Mbit/s, 20 ms of queue",
            shallow(1000, Queue::Time(ms(20))),
            ALL,
            0.75,
            40,
        ),
        row(
            "3 Mbit/s, 6 kB of queue",
            shallow(3000, Queue::Bytes(6000)),
            ALL,
            0.6,
            40,
        ),
        row("1 Mbit/s, 2 % lost", lossy(1000, 0.02), ALL, 0.8, 100),
        row("1 Mbit/s, 5 % lost", lossy(1000, 0.05), ALL, 0.8, 100),
        row("300 kbit/s, 10 % lost", lossy(300, 0.1), ALL, 0.7, 200),
        row("1 Mbit/s, 10 % lost", lossy(1000, 0.1), ALL, 0.7, 100),
        row("10 Mbit/s, 10 % lost", lossy(10_000, 0.1), ALL, 0.65, 100),
        row("1 Mbit/s, 20 % lost", lossy(1000, 0.2), ALL, 0.5, 100),
        row("3 Mbit/s, 20 % lost", lossy(3000, 0.2), ALL, 0.5, 100),
        row(
            "1 Mbit/s, 5 % lost in fours",
            bursts(1000, 0.05, 4.0),
            ALL,
            0.7,
            100,
        ),
        row(
            "3 Mbit/s, 10 % lost in eights",
            bursts(3000, 0.1, 8.0),
            ALL,
            0.5,
            100,
        ),
        row("1 Mbit/s, 30 ms of jitter", shaky(1000, 30, true), ALL, 0.8, 250),
        row("3 Mbit/s, 60 ms of jitter", shaky(3000, 60, true), ALL, 0.75, 250),
        row(
            "1 Mbit/s, 20 ms, out of order",
            shaky(1000, 20, false),
            ALL,
            0.8,
            200,
        ),
        row("radio, half of 10 Mbit/s", radio(10_000, 20, 20), ALL, 0.7, 300),
        row("radio, 60 ms of 200 off", radio(20_000, 140, 60), ALL, 0.35, 250),
        row(
            "saw of 3 to 1 Mbit/s",
            Scenario::sawtooth(steady(3000, 30), steady(1000, 30), ms(20_000)),
            ALL,
            0.7,
            150,
        ),
        row("layers in 300 kbit/s", steady(300, 30), LAYERS, 0.3, 50),
        row("layers in 2 Mbit/s", steady(2000, 30), LAYERS, 0.5, 100),
        row("layers in 4 Mbit/s", steady(4000, 30), LAYERS, 0.7, 50),
        row("layers in 4 Mbit/s, 10 % lost", lossy(4000, 0.1), LAYERS, 0.5, 50),
    ]
}

#[test]
fn a_path_is_used_and_its_queue_is_short() {
    let mut wrong = Vec::new();
    println!(
        "{:32} {:>5} {:>7} {:>7} {:>7} {:>8}",
        "path", "used", "waits", "longest", "padding", "estimate"
    );
    for row in table() {
        for seed in SEEDS {
            let seen = run(&row, seed);
            println!("{:32} {seen}", row.name);
            if seen.used < row.used || seen.waits > row.waits {
                wrong.push(format!("{} (seed {seed}): {seen}", row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

struct Measured {
    used: f64,
    waits: u64,
    longest: u64,
    padding: f64,
    estimate: u64,
    trace: Vec<u64>,
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            used,
            waits,
            longest,
            padding,
            estimate,
            trace,
        } = self;
        let percent = padding * 100.0;
        write!(
            f,
            "{used:5.2} {waits:4} ms {longest:4} ms {percent:5.1} % {estimate:8}"
        )?;
        if std::env::var("TRACE").is_ok() {
            write!(f, " {trace:?}")?;
        }
        Ok(())
    }
}

fn run(row: &Row, seed: u64) -> Measured {
    let mut world = World::new(seed, row.scenario.clone(), &[(row.app.clone(), ms(0))]);
    world.run(ENDS);
    let flow = &world.flows[0];
    let delay = row.scenario.start.delay;
    let samples = flow.between(BEGINS, ENDS);
    let mut waits: Vec<_> = samples
        .iter()
        .map(|sample| sample.longest.saturating_sub(delay).as_millis() as u64)
        .collect();
    waits.sort_unstable();
    let sum = |of: fn(&crate::world::Sample) -> u64| samples.iter().map(of).sum::<u64>() as f64;
    Measured {
        used: sum(|sample| sample.arrived) * 8.0 / world.capacity(BEGINS, ENDS),
        waits: waits[waits.len() * 95 / 100],
        longest: waits[waits.len() - 1],
        padding: sum(|sample| sample.padding) / sum(|sample| sample.sent),
        estimate: (sum(|sample| sample.estimate.as_bps()) / samples.len() as f64 / 1000.0) as u64,
        trace: flow
            .samples
            .iter()
            .step_by(20)
            .map(|sample| sample.estimate.as_bps() / 1000)
            .collect(),
    }
}
