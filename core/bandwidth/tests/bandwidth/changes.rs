//! Behaviour: a path that changes is followed: down in a second or two, up in a few.

use crate::world::{App, World, ms, steady};
use ringfence_bandwidth::Bitrate;
use ringfence_netem::{Conditions, Queue, Scenario};
use std::time::Duration;

const SEEDS: [u64; 3] = [7, 8, 9];
const CHANGES: Duration = Duration::from_secs(20);
const ENDS: Duration = Duration::from_secs(50);
const ALL: App = App::Greedy(Bitrate::kbps(20_000));
const LAYERS: App = App::Layers(&[100, 300, 700, 1700, 3000]);

/// A change at 20 s, and how long it may take until the estimate fits.
struct Row {
    name: &'static str,
    from: Conditions,
    to: Conditions,
    app: App,
    within: u64,
    /// The longest wait of a packet, in milliseconds: in the first 4 s, and from 4 s after the change on.
    waits: (u64, u64),
}

fn shallow(rate_kbps: u64, queue: u64) -> Conditions {
    Conditions {
        queue: Queue::Time(ms(queue)),
        ..steady(rate_kbps, 30)
    }
}

fn lossy(rate_kbps: u64, loss: f64) -> Conditions {
    Conditions {
        loss,
        ..steady(rate_kbps, 30)
    }
}

fn table() -> Vec<Row> {
    let row = |name, from, to, app, within, waits| Row {
        name,
        from,
        to,
        app,
        within,
        waits,
    };
    vec![
        row(
            "2 to 1 Mbit/s",
            steady(2000, 30),
            steady(1000, 30),
            ALL,
            2000,
            (600, 300),
        ),
        row(
            "2 Mbit/s to 700 kbit/s",
            steady(2000, 30),
            steady(700, 30),
            ALL,
            2000,
            (600, 300),
        ),
        row(
            "2 Mbit/s to 300 kbit/s",
            steady(2000, 30),
            steady(300, 30),
            ALL,
            3000,
            (600, 300),
        ),
        row(
            "10 to 1 Mbit/s",
            steady(10_000, 30),
            steady(1000, 30),
            ALL,
            3000,
            (600, 300),
        ),
        row(
            "2 to 1 Mbit/s, 150 ms",
            steady(2000, 150),
            steady(1000, 150),
            ALL,
            3000,
            (600, 300),
        ),
        row(
            "2 to 1 Mbit/s, 20 ms of queue",
            shallow(2000, 20),
            shallow(1000, 20),
            ALL,
            7000,
            (40, 40),
        ),
        row(
            "layers, 4 Mbit/s to 500 kbit/s",
            steady(4000, 30),
            steady(500, 30),
            LAYERS,
            3000,
            (600, 200),
        ),
        row(
            "1 to 2 Mbit/s",
            steady(1000, 30),
            steady(2000, 30),
            ALL,
            8000,
            (150, 150),
        ),
        row(
            "300 kbit/s to 3 Mbit/s",
            steady(300, 30),
            steady(3000, 30),
            ALL,
            8000,
            (300, 150),
        ),
        row(
            "1 to 10 Mbit/s",
            steady(1000, 30),
            steady(10_000, 30),
            ALL,
            8000,
            (150, 150),
        ),
        row(
            "layers, 500 kbit/s to 4 Mbit/s",
            steady(500, 30),
            steady(4000, 30),
            LAYERS,
            8000,
            (150, 150),
        ),
        row(
            "3 to 2 Mbit/s and 10 % lost",
            steady(3000, 30),
            lossy(2000, 0.1),
            ALL,
            3000,
            (600, 300),
        ),
    ]
}

#[test]
fn a_change_is_followed() {
    let mut wrong = Vec::new();
    println!("{:40} {:>8} {:>8} {:>8}", "change", "fits in", "longest", "later");
    for row in table() {
        for seed in SEEDS {
            let scenario = Scenario::steps(row.from, &[(CHANGES, row.to)]);
            let mut world = World::new(seed, scenario, &[(row.app.clone(), ms(0))]);
            world.run(ENDS);
            let flow = &world.flows[0];
            let capacity = Bitrate::bps(row.to.rate.unwrap_or(0));
            let falls = row.to.rate < row.from.rate;
            let wanted = if row.app == LAYERS {
                Bitrate::kbps(3000)
            } else {
                Bitrate::kbps(20_000)
            };
            let took = flow.until(CHANGES, |estimate| match falls {
                true => estimate <= capacity.scaled(1.05),
                false => estimate >= capacity.min(wanted).scaled(0.75),
            });
            let delay = row.from.delay;
            let longest = |from: Duration, to: Duration| {
                let waits = flow
                    .between(from, to)
                    .iter()
                    .map(|sample| sample.longest.saturating_sub(delay));
                waits.max().unwrap_or_default().as_millis() as u64
            };
            let waits = (
                longest(CHANGES, CHANGES + ms(4000)),
                longest(CHANGES + ms(4000), ENDS),
            );
            let line = format!("{took:8.1?} {:5} ms {:5} ms", waits.0, waits.1);
            println!("{:40} {line}", row.name);
            if std::env::var("TRACE").is_ok() {
                let trace: Vec<_> = flow.samples[190..]
                    .iter()
                    .step_by(5)
                    .map(|sample| sample.estimate.as_bps() / 1000)
                    .take(40)
                    .collect();
                println!("{trace:?}");
            }
            if took.is_none_or(|took| took > ms(row.within)) || waits.0 > row.waits.0 || waits.1 > row.waits.1
            {
                wrong.push(format!("{} (seed {seed}): {line}", row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
