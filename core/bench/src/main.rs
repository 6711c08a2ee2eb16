//! Prints, as JSON, the milliseconds that each operation took natively; or runs one so many times, for callgrind.
//!
//! `ringfence-bench [MEMBERS…]`, `ringfence-bench once NAME TIMES`
use ringfence_bench::Still;
use ringfence_bench::crowd::{Crowd, STEPS};
use std::time::Instant;

/// Of groups of this size, the median is of so many rounds.
const ROUNDS: usize = 7;

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn timed(run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64() * 1000.0
}

fn print(figures: &[(String, f64)]) {
    let lines: Vec<String> = figures
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value:.5}"))
        .collect();
    println!("{{{}}}", lines.join(","));
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [once, name, times] = &words[..]
        && once == "once"
    {
        let still = Still::new();
        (0..times.parse::<u32>().expect("a number")).for_each(|_| still.run(name));
        return;
    }
    let mut figures = vec![];
    for size in words
        .iter()
        .map(|word| word.parse::<u32>().expect("a number of members"))
    {
        let mut crowd = Crowd::new(size);
        let mut times = vec![vec![]; STEPS.len()];
        for _ in 0..ROUNDS {
            for (at, step) in STEPS.iter().enumerate() {
                times[at].push(timed(|| crowd.step(step)));
            }
        }
        let medians = STEPS
            .iter()
            .zip(times)
            .map(|(step, times)| (format!("{step}/{size}"), median(times)));
        figures.extend(medians);
    }
    let still = Still::new();
    for name in Still::NAMES {
        let times = match name {
            "verification-code" | "verify-receipt" | "place-1000" => 1,
            _ => 200,
        };
        still.run(name); // what is made only once is no part of it
        let rounds = (0..ROUNDS).map(|_| timed(|| (0..times).for_each(|_| still.run(name))));
        figures.push((name.to_owned(), median(rounds.collect()) / f64::from(times)));
    }
    print(&figures);
}
