//! Behaviour: each receiver gets what their path carries: sound always, faces smaller before they stop, and nobody else
//! notices.

use crate::world::{Seen, World, ms};
use ringfence_netem::{Bursts, Conditions, Link, Queue, Scenario};
use ringfence_sfu::stream::{Context, Layer};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const SEED: u64 = 61;
/// Payload of a packet of each layer: with headers about 140, 330 and 970 kbit/s.
const SIZES: [usize; 3] = [150, 400, 1200];
/// Time in which the estimate finds its place.
const SETTLES: Duration = ms(4000);
const SPAN: Duration = ms(40_000);

fn steady(kbps: u64, delay: u64) -> Conditions {
    Conditions {
        rate: Some(kbps * 1000),
        delay: ms(delay),
        queue: Queue::Time(ms(500)),
        ordered: true,
        ..Default::default()
    }
}

/// A sender whom everybody sees large, and receivers, each behind a path of their own.
fn class(paths: &[Scenario], stacked: bool) -> World {
    let mut world = World::new(SEED);
    (world.tells, world.vp9) = (true, stacked);
    world.join(1, 0);
    let sender = &mut world.person(1).participant;
    sender.sizes = SIZES;
    if stacked {
        // Of each layer what it adds to those below.
        sender.sizes = [150, 250, 700];
        sender.smooth = true;
        sender.change_codec(true);
    }
    for (leaf, path) in (2..).zip(paths) {
        world.join(leaf, 1);
        let receiver = world.person(leaf);
        (receiver.participant.level, receiver.participant.layers) = (None, [false; 3]);
        receiver.down = Link::new(SEED + u64::from(leaf), path.clone());
        world.view(leaf, 1, 720);
    }
    world
}

/// What a receiver saw of the sender from a time on.
#[derive(Debug)]
struct Watched {
    /// The share of whole pictures in each layer.
    layers: [usize; 3],
    /// The longest time between two pictures that could be shown, and how much of all was in gaps of more than 200 ms.
    longest: Duration,
    frozen: Duration,
    /// Of sound: what was lost, of a hundred, and the longest gap.
    lost: usize,
    silent: Duration,
    /// What 95 of 100 packets waited at most.
    waits: Duration,
}

fn watch(world: &mut World, leaf: u32, span: Duration) -> Watched {
    world.person(leaf).participant.seen.clear();
    let came = world.person(leaf).participant.came;
    let start = world.instant().saturating_duration_since(came);
    let end = world.now + span;
    let mut waits = vec![];
    while world.now < end {
        world.run(ms(50));
        let now = world.now;
        waits.push(world.person(leaf).down.wait(now));
    }
    waits.sort_unstable();
    let pictures = world.seen(leaf, 1, Context::Camera);
    let sound = world.seen(leaf, 1, Context::Microphone);
    let ends = start + span;
    let gaps = |mut times: Vec<Duration>| {
        times.sort_unstable();
        let from = std::iter::once(start).chain(times.iter().copied());
        let gaps: Vec<Duration> = from
            .zip(times.iter().copied().chain([ends]))
            .map(|(one, other)| other - one)
            .collect();
        gaps
    };
    let shown = whole(&pictures);
    let picture_gaps = gaps(shown.iter().map(|(_, at)| *at).collect());
    let sound_gaps = gaps(sound.iter().map(|seen| seen.at).collect());
    let count = |layer: Layer| shown.iter().filter(|(of, _)| *of == layer).count() * 100 / shown.len().max(1);
    let expected = span.as_millis() as usize / 20;
    Watched {
        layers: Layer::ALL.map(count),
        longest: picture_gaps.iter().copied().max().unwrap_or(span),
        frozen: picture_gaps.iter().filter(|gap| **gap > ms(200)).sum(),
        lost: expected.saturating_sub(sound.len()) * 100 / expected,
        silent: sound_gaps.iter().copied().max().unwrap_or(span),
        waits: waits[waits.len() * 95 / 100],
    }
}

/// The pictures of which everything came: in which layer, and when the last of it did.
fn whole(seen: &[Seen]) -> Vec<(Layer, Duration)> {
    let mut frames: BTreeMap<(u16, Layer), Vec<&Seen>> = BTreeMap::new();
    for packet in seen {
        frames
            .entry((packet.frame, packet.layer))
            .or_default()
            .push(packet);
    }
    let mut pictures: BTreeMap<u16, (Layer, Duration)> = BTreeMap::new();
    for ((frame, layer), packets) in frames {
        let parts: BTreeSet<u8> = packets.iter().map(|seen| seen.part).collect();
        let last = packets.iter().map(|seen| seen.at).max();
        if let Some(at) = last.filter(|_| parts.len() == 3) {
            let best = pictures.entry(frame).or_insert((layer, at));
            *best = (best.0.max(layer), best.1.max(at));
        }
    }
    pictures.into_values().collect()
}

/// A path, and what may be seen over it at worst.
struct Row {
    name: &'static str,
    path: Scenario,
    /// The layer that most pictures have, at least.
    mostly: Layer,
    /// In 40 s, in milliseconds: how long nothing was new for more than 200 ms each, and what 95 of 100 packets wait.
    frozen: u64,
    waits: u64,
    /// Of sound, the longest gap in milliseconds beyond what the path loses in a row.
    silent: u64,
}

fn table() -> Vec<Row> {
    use Layer::{Full, Half, Quarter};
    let row = |name, path: Scenario, mostly, frozen, waits, silent| Row {
        name,
        path,
        mostly,
        frozen,
        waits,
        silent,
    };
    let lossy = |kbps, delay, loss| Conditions {
        loss,
        ..steady(kbps, delay)
    };
    let bursts = Conditions {
        bursts: Some(Bursts::new(0.05, 4.0)),
        ..steady(2000, 50)
    };
    let shaky = Conditions {
        jitter: ms(30),
        ..steady(2000, 50)
    };
    vec![
        row("10 Mbit/s", steady(10_000, 30).into(), Full, 0, 10, 60),
        row("2 Mbit/s", steady(2000, 30).into(), Full, 400, 60, 100),
        row("1 Mbit/s", steady(1000, 30).into(), Half, 800, 100, 150),
        row("500 kbit/s", steady(500, 50).into(), Half, 1500, 150, 200),
        row("300 kbit/s", steady(300, 50).into(), Quarter, 2500, 200, 250),
        row(
            "2 Mbit/s, 500 ms away",
            steady(2000, 500).into(),
            Full,
            1500,
            150,
            200,
        ),
        row(
            "2 Mbit/s, 2 % lost",
            lossy(2000, 50, 0.02).into(),
            Full,
            600,
            60,
            150,
        ),
        row("2 Mbit/s, 5 % lost in fours", bursts.into(), Half, 1500, 80, 300),
        row(
            "2 Mbit/s, 10 % lost",
            lossy(2000, 50, 0.1).into(),
            Half,
            600,
            80,
            200,
        ),
        row(
            "2 Mbit/s, 20 % lost",
            lossy(2000, 50, 0.2).into(),
            Half,
            1000,
            80,
            300,
        ),
        row("2 Mbit/s, 30 ms of jitter", shaky.into(), Full, 800, 120, 200),
        row(
            "a saw of 2 Mbit/s to 300 kbit/s",
            Scenario::sawtooth(steady(2000, 30), steady(300, 30), ms(20_000)),
            Half,
            2000,
            250,
            300,
        ),
        row(
            "2 Mbit/s, each 10 s for 5 s 300 kbit/s",
            Scenario::alternating((steady(2000, 30), ms(5000)), (steady(300, 30), ms(5000))),
            Quarter,
            5000,
            550,
            500,
        ),
    ]
}

#[test]
fn over_paths_of_all_kinds_sound_goes_on_and_pictures_become_smaller_before_they_stop() {
    let mut wrong = Vec::new();
    println!(
        "{:40} {:>14} {:>8} {:>8} {:>6} {:>8} {:>6}",
        "path", "q/h/f of 100", "frozen", "longest", "waits", "silent", "lost"
    );
    for row in table() {
        for stacked in [false, true] {
            let mut world = class(std::slice::from_ref(&row.path), stacked);
            world.run(SETTLES);
            let watched = watch(&mut world, 2, SPAN);
            let Watched {
                layers,
                longest,
                frozen,
                lost,
                silent,
                waits,
            } = &watched;
            let line = format!(
                "{:40} {:>14} {:>8} {:>8} {:>6} {:>8} {:>6}",
                format!("{}{}", row.name, if stacked { ", VP9" } else { "" }),
                format!("{layers:?}"),
                frozen.as_millis(),
                longest.as_millis(),
                waits.as_millis(),
                silent.as_millis(),
                lost
            );
            println!("{line}");
            let enough: usize = layers[row.mostly as usize..].iter().sum();
            let within = |found: &Duration, most: u64| *found <= ms(most);
            if enough < 50
                || !within(frozen, row.frozen)
                || !within(waits, row.waits)
                || !within(silent, row.silent)
            {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Of the pictures that came, how many of each temporal layer.
fn by_temporal(seen: &[Seen]) -> [usize; 3] {
    let mut counts = [0; 3];
    let frames: BTreeSet<(u16, u8)> = seen.iter().map(|seen| (seen.frame, seen.temporal)).collect();
    frames
        .iter()
        .for_each(|(_, temporal)| counts[usize::from(*temporal)] += 1);
    counts
}

#[test]
fn frames_are_left_out_before_a_picture_becomes_smaller_and_come_back() {
    let narrow = Scenario::steps(steady(180, 30), &[(ms(30_000), steady(4000, 30))]);
    let mut world = class(&[narrow], true);
    world.run(SETTLES);
    world.person(2).participant.seen.clear();
    world.run(ms(15_000));
    let seen = world.seen(2, 1, Context::Camera);
    let [base, _, smoothest] = by_temporal(&seen);
    assert!(base > 80, "the face is seen: {base} pictures");
    assert!(smoothest < base, "{smoothest} of {base}");
    world.run(ms(25_000));
    world.person(2).participant.seen.clear();
    world.run(ms(8000));
    let all: usize = by_temporal(&world.seen(2, 1, Context::Camera)).iter().sum();
    assert!(all >= 235, "{all} of 242 pictures");
}

#[test]
fn one_bad_receiver_among_many_changes_nothing_for_the_others() {
    let good = || Scenario::from(steady(5000, 30));
    let bad = Conditions {
        loss: 0.1,
        ..steady(150, 100)
    };
    let mut paths: Vec<Scenario> = (0..6).map(|_| good()).collect();
    paths[3] = bad.into();
    let mut world = class(&paths, false);
    world.run(SETTLES);
    for leaf in (2..8).filter(|leaf| *leaf != 5) {
        let watched = watch(&mut world, leaf, ms(4000));
        assert_eq!(watched.frozen, Duration::ZERO, "{leaf}: {watched:?}");
        assert!(watched.layers[Layer::Full as usize] >= 99, "{leaf}: {watched:?}");
        assert!(
            watched.silent <= ms(60) && watched.waits <= ms(20),
            "{leaf}: {watched:?}"
        );
    }
}

#[test]
fn a_publisher_on_a_bad_path_harms_no_other() {
    let mut world = class(&[steady(5000, 30).into()], false);
    world.person(2).participant.pairs = 2;
    world.negotiate(2);
    world.join(9, 1);
    let bad = Conditions {
        bursts: Some(Bursts::new(0.1, 3.0)),
        jitter: ms(40),
        ..steady(400, 80)
    };
    world.person(9).up = Link::new(SEED, bad);
    world.person(9).participant.sizes = [40, 60, 80];
    world.run(SETTLES);
    let watched = watch(&mut world, 2, ms(10_000));
    assert!(
        watched.frozen.is_zero() && watched.silent <= ms(60),
        "{watched:?}"
    );
    assert!(world.seen(2, 9, Context::Microphone).len() > 300, "it is heard");
}

#[test]
fn after_an_outage_everything_is_back_within_three_seconds() {
    let gone = Conditions {
        loss: 1.0,
        ..steady(3000, 30)
    };
    let path = Scenario::steps(
        steady(3000, 30),
        &[(ms(12_000), gone), (ms(17_000), steady(3000, 30))],
    );
    let mut world = class(&[path], false);
    world.run_until(ms(30_000), |world| world.now >= ms(17_000));
    let watched = watch(&mut world, 2, ms(3000));
    assert!(
        watched.longest <= ms(1500) && watched.silent <= ms(600),
        "{watched:?}"
    );
    let watched = watch(&mut world, 2, ms(4000));
    assert!(watched.layers[Layer::Full as usize] >= 90, "{watched:?}");
}

#[test]
fn who_says_nothing_of_what_arrives_gets_what_they_ask_for() {
    let mut world = World::new(SEED);
    world.join(1, 0);
    world.person(1).participant.sizes = SIZES;
    world.join(2, 1);
    world.view(2, 1, 720);
    world.run(SETTLES);
    let watched = watch(&mut world, 2, ms(4000));
    assert!(
        watched.layers[Layer::Full as usize] >= 99 && watched.frozen.is_zero(),
        "{watched:?}"
    );
}

#[test]
fn a_large_picture_without_any_sound_is_seen_at_once() {
    let mut world = World::new(SEED);
    world.tells = true;
    world.join(1, 0);
    let sender = &mut world.person(1).participant;
    (sender.level, sender.layers) = (None, [false, false, true]);
    sender.sizes = [0, 0, 1200];
    world.run(ms(2000));
    world.join(2, 1);
    world.run(ms(1000));
    let watched = watch(&mut world, 2, ms(4000));
    assert!(watched.frozen.is_zero(), "{watched:?}");
}
