//! Behaviour: of a camera whose layers come in one stream each receiver gets the layers that they show, as if there
//! were no others.

use crate::world::{ROOM, Seen, World, ms};
use ringfence_netem::Conditions;
use ringfence_sfu::rewrite::{Numbers, Rewriter};
use ringfence_sfu::stream::{Codec, Context, Kind, Layer, Leaf};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

const SEED: u64 = 45;

/// People who offer VP9; the second sends it, once everybody is there.
fn meeting(people: u32) -> World {
    let mut world = World::new(SEED);
    world.vp9 = true;
    for leaf in 1..=people {
        world.join(leaf, people as usize - 1);
    }
    world.person(2).participant.change_codec(true);
    world
}

/// Numbers run on, each picture is complete up to some layer, and its last packet, and no other, is marked so.
fn assert_whole(picture: &[Seen]) {
    assert!(picture.len() > 30, "{} packets", picture.len());
    for pair in picture.windows(2) {
        let [before, after] = pair else { unreachable!() };
        assert_eq!(after.sequence, before.sequence + 1, "{before:?} then {after:?}");
        let same_picture = after.frame == before.frame;
        assert_eq!(same_picture, !before.marker, "{before:?} then {after:?}");
        assert_eq!(same_picture, after.timestamp == before.timestamp);
        let same_frame = same_picture && after.layer == before.layer;
        assert_eq!(after.part, if same_frame { before.part + 1 } else { 0 });
        if same_picture && !same_frame {
            assert_eq!(
                after.layer as u8,
                before.layer as u8 + 1,
                "each layer needs the one below"
            );
        }
        if !same_picture {
            assert_eq!(after.layer, Layer::Quarter);
        }
    }
    // Dependencies are differences of frame numbers: these stay as far apart as the sender made them.
    let numbers = picture.iter().map(|seen| {
        let sent = seen.frame.wrapping_mul(3).wrapping_add(seen.layer as u16);
        seen.frame_number.map(|number| number.wrapping_sub(sent))
    });
    let mut runs: Vec<_> = numbers.collect();
    runs.dedup();
    assert_eq!(runs.len(), 1, "{runs:?}");
}

/// The highest layer of each picture, by the sender's number, and whether it began with a key frame.
fn tops(picture: &[Seen]) -> BTreeMap<u16, (Layer, bool)> {
    let mut tops = BTreeMap::new();
    for seen in picture {
        let (layer, key) = tops.entry(seen.frame).or_insert((seen.layer, false));
        (*layer, *key) = (seen.layer.max(*layer), seen.key || *key);
    }
    tops
}

fn of_vp9(world: &World, receiver: u32) -> Vec<Seen> {
    let mut picture = world.seen(receiver, 2, Context::Camera);
    picture.retain(|seen| seen.vp9);
    picture
}

#[test]
fn each_receiver_gets_the_layers_that_they_show_and_no_more() {
    let mut world = meeting(4);
    for (receiver, height) in [(1, 90), (3, 360), (4, 1080)] {
        world.view(receiver, 2, height);
    }
    world.run(ms(3000));
    for (receiver, layer) in [(1, Layer::Quarter), (3, Layer::Half), (4, Layer::Full)] {
        let picture = of_vp9(&world, receiver);
        assert_whole(&picture);
        assert!(
            tops(&picture).values().all(|(top, _)| *top == layer),
            "{receiver}"
        );
    }
}

#[test]
fn down_goes_at_once_and_up_with_a_key_frame() {
    let mut world = meeting(2);
    world.view(1, 2, 1080);
    world.run(ms(1500));
    let asked = world.person(2).participant.key_frames_asked.len();
    world.view(1, 2, 90);
    world.run(ms(100));
    let picture = of_vp9(&world, 1);
    assert_eq!(picture.last().map(|seen| seen.layer), Some(Layer::Quarter));
    world.run(ms(900));
    assert_eq!(
        world.person(2).participant.key_frames_asked.len(),
        asked,
        "down needs no key frame"
    );
    for height in [360, 1080, 90, 1080] {
        world.view(1, 2, height);
        world.run(ms(1000));
    }
    let picture = of_vp9(&world, 1);
    assert_eq!(picture.last().map(|seen| seen.layer), Some(Layer::Full));
    assert_whole(&picture);
    let tops = tops(&picture);
    let rises: Vec<bool> = tops
        .values()
        .zip(tops.values().skip(1))
        .filter(|((before, _), (after, _))| after > before)
        .map(|(_, (_, key))| *key)
        .collect();
    assert_eq!(rises, [true; 3]);
}

#[test]
fn a_layer_that_ends_and_comes_back_is_followed() {
    let mut world = meeting(2);
    world.view(1, 2, 1080);
    world.run(ms(1500));
    world.person(2).participant.layers = [true, true, false];
    world.run(ms(1500));
    let picture = of_vp9(&world, 1);
    assert_eq!(picture.last().map(|seen| seen.layer), Some(Layer::Half));
    world.person(2).participant.layers = [true; 3];
    world.run(ms(1500));
    let picture = of_vp9(&world, 1);
    assert_eq!(picture.last().map(|seen| seen.layer), Some(Layer::Full));
    assert_whole(&picture);
}

#[test]
fn packets_that_overtake_others_leave_no_gap() {
    let mut world = World::new(SEED);
    world.vp9 = true;
    world.join(1, 1);
    let unsteady = Conditions {
        reorder: 0.1,
        duplicate: 0.05,
        delay: ms(20),
        jitter: ms(4),
        ..Default::default()
    };
    world.join_over(2, 1, unsteady);
    world.person(2).participant.change_codec(true);
    world.view(1, 2, 360);
    world.run(ms(4000));
    let picture = of_vp9(&world, 1);
    // What overtook the very beginning could not go on yet.
    let first = picture.iter().map(|seen| seen.sequence).min().expect("some") + 12;
    // The last moments may still be on their way.
    let settled = picture.last().expect("some").sequence - 60;
    let empty = &world.person(1).participant.empty;
    assert!(
        !empty.is_empty(),
        "nothing came late that is left out: the test tests nothing"
    );
    let numbers: BTreeSet<u64> = picture
        .iter()
        .map(|seen| seen.sequence)
        .chain(empty.iter().copied())
        .collect();
    let missing: Vec<u64> = (first..settled)
        .filter(|number| !numbers.contains(number))
        .collect();
    assert_eq!(missing, [0; 0], "of {first} to {settled}");
    assert!(picture.iter().all(|seen| seen.layer <= Layer::Half));
}

#[test]
fn who_joins_without_vp9_brings_everybody_back_to_vp8_and_who_leaves_lets_them_on() {
    let mut world = meeting(3);
    world.run(ms(1000));
    assert_eq!(world.codec(1), Codec::Vp9);
    assert!(!of_vp9(&world, 1).is_empty());
    world.vp9 = false;
    world.join(4, 3);
    for leaf in 1..=4 {
        assert_eq!(world.codec(leaf), Codec::Vp8, "{leaf}");
    }
    world.run(ms(300));
    assert!(
        world.seen(4, 2, Context::Camera).is_empty(),
        "nobody is sent what they cannot decode"
    );
    world.person(2).participant.change_codec(false);
    world.run(ms(1500));
    for receiver in [1, 3, 4] {
        let picture = world.seen(receiver, 2, Context::Camera);
        assert!(
            picture
                .last()
                .is_some_and(|seen| !seen.vp9 && seen.layer == Layer::Half)
        );
        assert!(
            picture
                .windows(2)
                .all(|pair| pair[1].sequence == pair[0].sequence + 1)
        );
        let first = picture.iter().position(|seen| !seen.vp9).expect("some");
        assert!(picture[first].key);
    }
    let now = world.instant();
    world.rooms.close_peer(ROOM, Leaf(4), now);
    world.run(ms(10));
    assert_eq!(world.codec(1), Codec::Vp9);
    world.person(2).participant.change_codec(true);
    world.run(ms(1500));
    assert!(
        world
            .seen(1, 2, Context::Camera)
            .last()
            .is_some_and(|seen| seen.vp9)
    );
}

#[test]
fn more_lines_change_nothing_of_what_flows() {
    let mut world = meeting(2);
    world.view(1, 2, 90);
    world.run(ms(1000));
    for leaf in [1, 2] {
        world.person(leaf).participant.pairs = 2;
        world.negotiate(leaf);
        world.run(ms(500));
    }
    let picture = of_vp9(&world, 1);
    assert_whole(&picture);
    assert!(tops(&picture).values().all(|(top, _)| *top == Layer::Quarter));
}

/// Every other packet or so is left out, some come late: in the end no number is missing and none is used twice.
#[test]
fn leaving_out_closes_up() {
    let start = Instant::now();
    for seed in 0..300 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut rewriter = Rewriter::new(Kind::Picture);
        let of = |sequence: u64| Numbers {
            sequence,
            ..Default::default()
        };
        let first = random.u64(1..60_000);
        let mut out = vec![(first, rewriter.start(of(first), start).sequence)];
        let mut order: Vec<u64> = (first + 1..first + 400).collect();
        for chunk in order.chunks_mut(random.usize(1..12)) {
            random.shuffle(chunk);
        }
        let left_out: Vec<bool> = order.iter().map(|_| random.bool()).collect();
        for (sequence, left_out) in order.into_iter().zip(left_out) {
            let placed = match left_out {
                true => rewriter.skip(of(sequence)),
                false => Some(rewriter.follow(of(sequence), start).expect("it has its place")),
            };
            out.extend(placed.map(|placed| (sequence, placed.sequence)));
        }
        out.sort_unstable();
        let numbers: Vec<u64> = out.iter().map(|(_, number)| *number).collect();
        let expected: Vec<u64> = (numbers[0]..).take(numbers.len()).collect();
        assert_eq!(numbers, expected, "seed {seed}");
    }
}
