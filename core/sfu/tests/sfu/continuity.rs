//! Behaviour: changes of layer and of sender behind a slot look like one unbroken stream to the decoder.

use crate::world::{ROOM, Seen, World, ms};
use ringfence_sfu::rewrite::{Numbers, Rewriter};
use ringfence_sfu::stream::{Context, Kind, Layer, Leaf};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const SEED: u64 = 43;

/// Sequence numbers without a gap, time that never goes back, and frames that count on.
fn assert_unbroken(picture: &[Seen]) {
    for pair in picture.windows(2) {
        let [before, after] = pair else { unreachable!() };
        assert_eq!(after.sequence, before.sequence + 1, "{before:?} then {after:?}");
        let moved = after.timestamp.wrapping_sub(before.timestamp) as i32;
        let same_frame = after.part > 0;
        assert!(
            if same_frame {
                moved == 0
            } else {
                moved > 0 && moved < 5 * 90_000
            },
            "time moved by {moved}"
        );
        let step = u16::from(!same_frame);
        let next = |number: Option<u16>| number.map(|number| number.wrapping_add(step));
        assert_eq!(after.frame_number, next(before.frame_number));
        assert_eq!(after.picture_id, next(before.picture_id).map(|id| id & 0x7fff));
        let changed = (before.sender, before.layer) != (after.sender, after.layer);
        if changed {
            assert!(after.key, "a change happens at the start of a key frame");
            assert_eq!(
                after.tl0_pic_idx,
                before.tl0_pic_idx.map(|idx| idx.wrapping_add(1))
            );
        }
    }
}

#[test]
fn a_change_of_layer_is_unbroken() {
    let mut world = World::new(SEED);
    world.join(1, 1);
    world.join(2, 1);
    let heights = [
        (720, Layer::Full),
        (90, Layer::Quarter),
        (360, Layer::Half),
        (1080, Layer::Full),
    ];
    for (height, layer) in heights {
        world.view(1, 2, height);
        world.run(ms(1500));
        assert_eq!(
            world.seen(1, 2, Context::Camera).last().map(|seen| seen.layer),
            Some(layer)
        );
    }
    assert_unbroken(&world.seen(1, 2, Context::Camera));
}

#[test]
fn another_sender_behind_a_slot_is_unbroken() {
    let mut world = World::new(SEED);
    for leaf in 1..=3 {
        world.join(leaf, 1);
    }
    // One pair of slots: the first to come is shown, then the next behind the same line.
    let slot = world.slot_of(1, 2);
    world.run(ms(1000));
    let now = world.instant();
    world.rooms.close_peer(ROOM, Leaf(2), now);
    world.run(ms(1500));
    assert_eq!(world.slot_of(1, 3), slot);
    let seen = &world.people[&Leaf(1)].participant.seen;
    let picture: Vec<Seen> = seen.iter().filter(|seen| seen.mid == slot).cloned().collect();
    let senders: BTreeSet<u32> = picture.iter().map(|seen| seen.sender).collect();
    assert_eq!(senders, BTreeSet::from([2, 3]));
    assert_unbroken(&picture);
    let sound: Vec<&Seen> = seen
        .iter()
        .filter(|seen| seen.context == Context::Microphone)
        .collect();
    assert!(
        sound
            .windows(2)
            .all(|pair| pair[1].sequence == pair[0].sequence + 1)
    );
    assert!(sound.iter().any(|seen| seen.sender == 3));
}

#[test]
fn a_new_connection_of_the_same_participant_is_unbroken_for_others() {
    let mut world = World::new(SEED);
    world.join(1, 1);
    world.join(2, 1);
    world.run(ms(1000));
    world.join(2, 1);
    world.run(ms(1500));
    let picture = world.seen(1, 2, Context::Camera);
    assert!(picture.len() > 150);
    assert_unbroken(&picture);
}

#[test]
fn a_layer_that_stops_is_replaced_by_the_best_that_is_sent() {
    let mut world = World::new(SEED);
    world.join(1, 1);
    world.join(2, 1);
    world.view(1, 2, 1080);
    world.run(ms(1500));
    for (layers, shown) in [
        ([true, true, false], Layer::Half),
        ([true, false, false], Layer::Quarter),
    ] {
        world.person(2).participant.layers = layers;
        world.run(ms(600 + 500));
        let picture = world.seen(1, 2, Context::Camera);
        assert_eq!(picture.last().map(|seen| seen.layer), Some(shown));
    }
    world.person(2).participant.layers = [true; 3];
    world.run(ms(1000));
    let picture = world.seen(1, 2, Context::Camera);
    assert_eq!(
        picture.last().map(|seen| seen.layer),
        Some(Layer::Full),
        "and back when it returns"
    );
    assert_unbroken(&picture);
}

#[test]
fn a_hidden_slot_costs_nothing_and_comes_back_with_a_key_frame() {
    let mut world = World::new(SEED);
    world.join(1, 1);
    world.join(2, 1);
    world.run(ms(1000));
    world.view(1, 2, 0);
    world.run(ms(100));
    let before = world.seen(1, 2, Context::Camera).len();
    let asked = world.person(2).participant.key_frames_asked.len();
    world.run(ms(2000));
    assert_eq!(world.seen(1, 2, Context::Camera).len(), before);
    assert_eq!(world.person(2).participant.key_frames_asked.len(), asked);
    world.view(1, 2, 360);
    world.run(ms(1000));
    let picture = world.seen(1, 2, Context::Camera);
    assert!(picture.len() > before && picture[before].key);
    assert_unbroken(&picture);
}

#[test]
fn a_sender_is_not_asked_for_key_frames_too_often() {
    let mut world = World::new(SEED);
    for leaf in 1..=4 {
        world.join(leaf, 3);
    }
    world.run(ms(1000));
    world.person(2).participant.key_frames_asked.clear();
    for _ in 0..100 {
        for receiver in [1, 3, 4] {
            let slot = world.slot_of(receiver, 2);
            let now = world.instant();
            world.person(receiver).participant.ask_key_frame(&slot, now);
        }
        world.run(ms(20));
    }
    let asked = &world.person(2).participant.key_frames_asked;
    assert!(
        (4..=6).contains(&asked.len()),
        "{} times in two seconds",
        asked.len()
    );
    for pair in asked.windows(2) {
        assert!(pair[1].1 - pair[0].1 >= ms(390), "{pair:?}");
    }
}

#[test]
fn no_number_is_used_twice_whatever_order_packets_come_in() {
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let start = Instant::now();
        let mut rewriter = Rewriter::new(Kind::Picture);
        let mut used = BTreeSet::new();
        let mut next = [10_000u64, 2_000_000, 30];
        let mut late: Vec<Vec<u64>> = vec![vec![]; 3];
        let mut current = None;
        for step in 0..2000u64 {
            let now = start + Duration::from_millis(step);
            let stream = random.usize(..3);
            // Mostly the next packet; sometimes one that was overtaken, sometimes a leap.
            let sequence = match random.u8(..20) {
                0 if !late[stream].is_empty() => {
                    let at = random.usize(..late[stream].len());
                    late[stream].swap_remove(at)
                }
                1 => {
                    late[stream].extend(next[stream]..next[stream] + 3);
                    next[stream] += 4;
                    next[stream] - 1
                }
                2 => {
                    next[stream] += random.u64(..30_000);
                    next[stream] - 1 + u64::from(next[stream] == 0)
                }
                _ => {
                    next[stream] += 1;
                    next[stream] - 1
                }
            };
            let packet = Numbers {
                sequence,
                timestamp: random.u32(..),
                ..Default::default()
            };
            let out = if current != Some(stream) && random.u8(..10) == 0 {
                current = Some(stream);
                Some(rewriter.start(packet, now))
            } else if current == Some(stream) && random.u8(..3) == 0 {
                rewriter.skip(packet)
            } else if current == Some(stream) {
                rewriter.follow(packet, now)
            } else {
                None
            };
            if let Some(out) = out {
                assert!(used.insert(out.sequence), "{} again, seed {seed}", out.sequence);
            }
        }
        assert!(used.len() > 100);
        assert!(
            *used.first().expect("some") < 65_536,
            "a receiver starts at roll-over counter 0"
        );
    }
}

#[test]
fn a_layer_that_is_not_sent_costs_the_others_no_key_frames() {
    let mut world = World::new(SEED);
    world.join(1, 1);
    world.enter(2, 1, Default::default());
    world.person(2).participant.layers = [true, false, false];
    world.run(ms(5000));
    assert!(world.seen(1, 2, Context::Camera).len() > 300);
    let asked = &world.person(2).participant.key_frames_asked;
    assert!(asked.len() <= 1, "asked {} times", asked.len());
}
