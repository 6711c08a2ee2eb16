//! Behaviour: flows that share a bottleneck share it, and those who come later get their part.

use crate::world::{App, World, ms, steady};
use ringfence_bandwidth::Bitrate;
use std::time::Duration;

const SEEDS: [u64; 3] = [7, 8, 9];
const ALL: App = App::Greedy(Bitrate::kbps(20_000));

/// So many flows, which begin so far apart; what the weakest and the strongest get of an even share in the last minute.
struct Row {
    name: &'static str,
    rate_kbps: u64,
    flows: u32,
    apart: u64,
    weakest: f64,
    strongest: f64,
}

#[test]
fn flows_that_share_a_queue_share_it_fairly() {
    let row = |name, rate_kbps, flows, apart, weakest, strongest| Row {
        name,
        rate_kbps,
        flows,
        apart,
        weakest,
        strongest,
    };
    let table = [
        row("2 at once in 2 Mbit/s", 2000, 2, 0, 0.5, 1.5),
        row("2, one 20 s later, in 2 Mbit/s", 2000, 2, 20, 0.5, 1.5),
        row("2, one 20 s later, in 600 kbit/s", 600, 2, 20, 0.6, 1.4),
        row("4, each 10 s later, in 4 Mbit/s", 4000, 4, 10, 0.25, 2.0),
    ];
    let mut wrong = Vec::new();
    println!(
        "{:34} {:>8} {:>10} {:>5} {:>7}",
        "flows", "weakest", "strongest", "used", "waits"
    );
    for row in table {
        for seed in SEEDS {
            let apps: Vec<_> = (0..row.flows)
                .map(|flow| (ALL, ms(row.apart * 1000) * flow))
                .collect();
            let mut world = World::new(seed, steady(row.rate_kbps, 40).into(), &apps);
            let (from, to) = (ms(60_000), ms(120_000));
            world.run(to);
            let even = row.rate_kbps as f64 * 1000.0 / f64::from(row.flows);
            let shares: Vec<f64> = world
                .flows
                .iter()
                .map(|flow| flow.arrived(from, to).as_bps() as f64 / even)
                .collect();
            let (weakest, strongest) = shares.iter().fold((f64::MAX, 0.0_f64), |(low, high), share| {
                (low.min(*share), high.max(*share))
            });
            let used = shares.iter().sum::<f64>() / f64::from(row.flows);
            let mut waits: Vec<Duration> = world.flows[0]
                .between(from, to)
                .iter()
                .map(|sample| sample.longest)
                .collect();
            waits.sort_unstable();
            let waits = waits[waits.len() * 95 / 100].saturating_sub(ms(40)).as_millis();
            let line = format!("{weakest:8.2} {strongest:10.2} {used:5.2} {waits:4} ms");
            println!("{:34} {line}", row.name);
            if weakest < row.weakest || strongest > row.strongest || used < 0.8 || waits > 300 {
                wrong.push(format!("{} (seed {seed}): {line}", row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
