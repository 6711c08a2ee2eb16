//! Behaviour: over simulated networks a receiver sees faces wherever there is room for one, hears everybody, and what it
//! sees changes seldom: estimate and division together.

#[path = "../../bandwidth/tests/bandwidth/receiver.rs"]
mod receiver;
#[allow(dead_code)]
#[path = "../../bandwidth/tests/bandwidth/world.rs"]
mod world;

use ringfence_bandwidth::Bitrate;
use ringfence_netem::{Bursts, Conditions, Scenario};
use ringfence_sfu::allocate::{Budget, Claim, Given, Rank, wanted};
use ringfence_sfu::stream::{Context, Layer, Leaf, Source};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use world::{App, World, ms, steady};

const SEED: u64 = 5;
const SOUND: Bitrate = Bitrate::kbps(56);
/// The division is made anew this often.
const EVERY: Duration = Duration::from_millis(100);

/// What a receiver was given, each time that it was decided.
type Log = Vec<(Duration, Vec<Option<Given>>)>;

/// So many faces of this height, of which the first speaks.
fn faces(count: usize, height: u32) -> Vec<Claim> {
    let face = |slot: usize| Claim {
        slot,
        source: Source {
            leaf: Leaf(slot as u32),
            context: Context::Camera,
        },
        height,
        rank: if slot == 0 { Rank::Speaker } else { Rank::Ordinary },
        rates: [[60, 80, 100], [240, 320, 400], [900, 1200, 1500]].map(|rates| rates.map(Bitrate::kbps)),
    };
    (0..count).map(face).collect()
}

/// A receiver who watches these over a path for so long.
fn watch(claims: Vec<Claim>, scenario: Scenario, span: Duration) -> (World, Log) {
    let mut world = World::new(SEED, scenario, &[(App::Fixed(SOUND), ms(0))]);
    let log = Rc::<RefCell<Log>>::default();
    let (seen, start) = (log.clone(), Instant::now());
    let (mut budget, mut due, mut sent) = (Budget::default(), Duration::ZERO, SOUND);
    let all = wanted(SOUND, &claims);
    world.flows[0].divide = Some(Box::new(move |estimate, now| {
        if now >= due {
            due = now + EVERY;
            let given = budget.divide(estimate, SOUND, &claims, start + now);
            let cost = |(claim, given): (&Claim, &Option<Given>)| {
                given.map_or(Bitrate::ZERO, |given| {
                    claim.rates[given.layer as usize][usize::from(given.temporal)]
                })
            };
            sent = SOUND + claims.iter().zip(&given).map(cost).sum();
            seen.borrow_mut().push((now, given));
        }
        (sent, all)
    }));
    world.run(span);
    (world, log.take())
}

/// How often something that was shown got another layer or was taken away, from a time on.
fn changes(log: &Log, from: Duration) -> usize {
    let later = log
        .iter()
        .skip_while(|(at, _)| *at < from)
        .map(|(_, given)| given);
    let pairs = later.clone().zip(later.skip(1));
    let differ = |(one, other): (&Vec<Option<Given>>, &Vec<Option<Given>>)| {
        one.iter().zip(other).filter(|(one, other)| one != other).count()
    };
    pairs.map(differ).sum()
}

/// One receiver for a minute: how many faces are seen nearly always from the third second on, how often what is
/// given may change from the tenth on, and how long 95 of 100 packets wait at most, in milliseconds.
struct Row {
    name: &'static str,
    faces: (usize, u32),
    path: Scenario,
    seen: usize,
    changes: usize,
    waits: u128,
}

fn table() -> Vec<Row> {
    let row = |name, faces, path, seen, changes, waits| Row {
        name,
        faces,
        path,
        seen,
        changes,
        waits,
    };
    let bursts = Conditions {
        bursts: Some(Bursts::new(0.05, 4.0)),
        ..steady(300, 60)
    };
    let lossy = Conditions {
        loss: 0.1,
        ..steady(3000, 30)
    };
    let shaky = Conditions {
        jitter: ms(30),
        ..steady(1500, 30)
    };
    vec![
        row(
            "a face in 300 kbit/s",
            (1, 720),
            steady(300, 60).into(),
            1,
            4,
            150,
        ),
        row("3 in 300 kbit/s", (3, 720), steady(300, 60).into(), 2, 25, 250),
        row(
            "3 in 300 kbit/s, 5 % lost in fours",
            (3, 720),
            bursts.into(),
            2,
            30,
            250,
        ),
        row("9 in 1.5 Mbit/s", (9, 360), steady(1500, 30).into(), 9, 25, 150),
        row(
            "9 in 1.5 Mbit/s, 30 ms of jitter",
            (9, 360),
            shaky.into(),
            9,
            40,
            250,
        ),
        row("9 in 3 Mbit/s", (9, 360), steady(3000, 30).into(), 9, 25, 150),
        row("9 in 3 Mbit/s, 10 % lost", (9, 360), lossy.into(), 9, 40, 150),
        row("9 in 6 Mbit/s", (9, 360), steady(6000, 30).into(), 9, 2, 60),
        row(
            "25 small ones in 2 Mbit/s",
            (25, 90),
            steady(2000, 30).into(),
            20,
            50,
            150,
        ),
        row(
            "3 in a saw of 3 Mbit/s to 500 kbit/s",
            (3, 720),
            Scenario::sawtooth(steady(3000, 30), steady(500, 30), ms(30_000)),
            3,
            40,
            150,
        ),
    ]
}

#[test]
fn faces_are_seen_and_seldom_change() {
    let mut wrong = Vec::new();
    println!("{:38} {:>8} {:>8} {:>7}", "faces", "seen", "changes", "waits");
    for row in table() {
        let delay = row.path.start.delay;
        let (world, log) = watch(faces(row.faces.0, row.faces.1), row.path, ms(60_000));
        let later = log.iter().skip_while(|(at, _)| *at < ms(3000));
        let mut seen: Vec<usize> = later.map(|(_, given)| given.iter().flatten().count()).collect();
        seen.sort_unstable();
        let seen = seen[seen.len() / 20];
        let changes = changes(&log, ms(10_000));
        let samples = &world.flows[0].samples;
        let mut waits: Vec<_> = samples
            .iter()
            .map(|sample| sample.longest.saturating_sub(delay))
            .collect();
        waits.sort_unstable();
        let waits = waits[waits.len() * 95 / 100].as_millis();
        let line = format!("{seen:8} {changes:8} {waits:4} ms");
        println!("{:38} {line}", row.name);
        if seen < row.seen || changes > row.changes || waits > row.waits {
            wrong.push(format!("{}: {line}", row.name));
        }
        let speaker = log.iter().filter(|(_, given)| given[0].is_some()).count();
        assert!(
            speaker * 100 >= log.len() * 99,
            "{}: the speaker is seen",
            row.name
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_narrow_path_is_followed_down_within_a_second_and_up_within_ten() {
    let (narrow, wide) = (ms(20_000), ms(40_000));
    let scenario = Scenario::steps(
        steady(5000, 30),
        &[(narrow, steady(500, 30)), (wide, steady(5000, 30))],
    );
    let (_, log) = watch(faces(3, 720), scenario, ms(60_000));
    let layers = |given: &[Option<Given>]| given.iter().flatten().map(|given| given.layer).max();
    let first = |from, holds: &dyn Fn(&[Option<Given>]) -> bool| {
        let found = log.iter().find(|(at, given)| *at >= from && holds(given));
        found.map(|(at, _)| *at - from)
    };
    let began = first(ms(0), &|given| layers(given) == Some(Layer::Full));
    let down = first(narrow, &|given| layers(given) <= Some(Layer::Half));
    let up = first(wide, &|given| layers(given) == Some(Layer::Full));
    println!("began after {began:?}, down after {down:?}, up after {up:?}");
    assert!(began.is_some_and(|took| took <= ms(4000)), "{began:?}");
    assert!(down.is_some_and(|took| took <= ms(1000)), "{down:?}");
    assert!(up.is_some_and(|took| took <= ms(10_000)), "{up:?}");
}
