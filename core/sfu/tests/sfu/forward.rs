//! Behaviour: media arrives at whom it is for, and at nobody else.

use crate::world::{World, ms};
use ringfence_netem::Conditions;
use ringfence_sfu::rooms::Event;
use ringfence_sfu::stream::{Context, Leaf};
use std::collections::BTreeSet;

const SEED: u64 = 41;

#[test]
fn two_participants_get_each_others_sound_and_picture() {
    let mut world = World::new(SEED);
    world.join(1, 2);
    world.join(2, 2);
    world.run(ms(2000));
    for (receiver, sender) in [(1, 2), (2, 1)] {
        let sound = world.seen(receiver, sender, Context::Microphone);
        let picture = world.seen(receiver, sender, Context::Camera);
        assert!(
            (90..=102).contains(&sound.len()),
            "{} packets of sound",
            sound.len()
        );
        assert!(
            (150..=190).contains(&picture.len()),
            "{} packets of picture",
            picture.len()
        );
        assert!(picture[0].key, "the first packet starts a key frame");
        assert_eq!(sound[0].level, Some(-60), "the level is passed on");
    }
}

#[test]
fn three_get_all_others_each_on_its_own_slot_and_never_themselves() {
    let mut world = World::new(SEED);
    for leaf in 1..=3 {
        world.join(leaf, 3);
    }
    world.run(ms(1000));
    for receiver in 1..=3u32 {
        let seen = &world.people[&Leaf(receiver)].participant.seen;
        let senders: BTreeSet<u32> = seen.iter().map(|seen| seen.sender).collect();
        assert_eq!(senders, (1..=3).filter(|leaf| *leaf != receiver).collect());
        for sender in senders {
            let mid = world.slot_of(receiver, sender);
            let picture = world.seen(receiver, sender, Context::Camera);
            assert!(
                picture.iter().all(|seen| seen.mid == mid),
                "on the announced slot only"
            );
        }
    }
}

#[test]
fn rooms_do_not_leak_into_each_other() {
    let mut world = World::new(SEED);
    world.join(1, 2);
    world.room = b"another meeting";
    world.rooms.open(world.room);
    world.join(2, 2);
    world.run(ms(1000));
    for leaf in [1, 2] {
        assert!(
            world.person(leaf).participant.seen.is_empty(),
            "{leaf} is alone in their room"
        );
        assert!(world.slots(leaf).0.iter().all(|slot| slot.1.is_none()));
    }
}

#[test]
fn sound_and_picture_survive_a_bad_network() {
    let bad = Conditions {
        loss: 0.02,
        duplicate: 0.02,
        reorder: 0.02,
        delay: ms(50),
        jitter: ms(8),
        ..Default::default()
    };
    let mut world = World::new(SEED);
    world.tells = true;
    world.join_over(1, 2, bad);
    world.join_over(2, 2, bad);
    for leaf in [1, 2] {
        world.person(leaf).participant.sizes = [150, 400, 1200];
    }
    world.run(ms(3000));
    world.person(2).participant.seen.clear();
    world.run(ms(10_000));
    let picture = world.seen(2, 1, Context::Camera);
    let frames: BTreeSet<u16> = picture.iter().map(|seen| seen.frame).collect();
    let (first, last) = (*frames.first().expect("some"), *frames.last().expect("some"));
    let whole = |frame: &u16| {
        let parts: BTreeSet<u8> = picture
            .iter()
            .filter(|s| s.frame == *frame)
            .map(|s| s.part)
            .collect();
        parts.len() == 3
    };
    let complete = frames.iter().filter(|frame| whole(frame)).count();
    let sent = usize::from(last - first) + 1;
    // Without answers to losses, 2% of packets on each of two links would break every ninth frame.
    assert!(
        complete * 100 >= sent * 95,
        "{complete} of {sent} frames are whole, seed {SEED}"
    );
    let distinct: BTreeSet<u64> = picture.iter().map(|seen| seen.sequence).collect();
    assert_eq!(distinct.len(), picture.len(), "no sequence number is used twice");
}

#[test]
fn who_speaks_is_told_and_who_is_silent_is_not() {
    let mut world = World::new(SEED);
    world.join(1, 2);
    world.join(2, 2);
    world.run(ms(500));
    world.person(2).participant.level = Some(-25);
    world.run(ms(1000));
    world.person(2).participant.level = None;
    world.run(ms(2000));
    let speaking = world.events.iter().filter_map(|(_, event)| match event {
        Event::Speaking { leaves, .. } => Some(leaves.clone()),
        _ => None,
    });
    assert_eq!(speaking.collect::<Vec<_>>(), [vec![Leaf(2)], vec![]]);
}
