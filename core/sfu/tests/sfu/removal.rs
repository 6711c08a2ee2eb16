//! Behaviour: whoever is closed neither sends nor gets anything any more, at once.

use crate::world::{ROOM, World, ms};
use ringfence_sfu::rooms::Event;
use ringfence_sfu::stream::{Context, Leaf};

const SEED: u64 = 42;

fn three() -> World {
    let mut world = World::new(SEED);
    for leaf in 1..=3 {
        world.join(leaf, 2);
    }
    world.run(ms(1000));
    world
}

#[test]
fn nothing_is_sent_to_a_closed_peer() {
    let mut world = three();
    let now = world.instant();
    world.rooms.close_peer(ROOM, Leaf(2), now);
    let before = world.person(2).sent_here;
    assert!(before > 100, "it was being sent media");
    world.run(ms(3000));
    assert_eq!(
        world.person(2).sent_here,
        before,
        "not one datagram more, of any kind"
    );
}

#[test]
fn nothing_of_a_closed_peer_arrives_anywhere_not_even_a_repetition() {
    let mut world = three();
    let now = world.instant();
    world.rooms.close_peer(ROOM, Leaf(2), now);
    for leaf in [1, 3] {
        world.person(leaf).participant.seen.clear();
    }
    world.run(ms(3000));
    for (receiver, other) in [(1, 3), (3, 1)] {
        assert_eq!(world.seen(receiver, 2, Context::Camera).len(), 0);
        assert_eq!(world.seen(receiver, 2, Context::Microphone).len(), 0);
        assert!(
            world.seen(receiver, other, Context::Camera).len() > 200,
            "the others go on"
        );
    }
}

#[test]
fn the_slots_of_a_closed_peer_are_announced_free_and_given_to_the_next() {
    let mut world = three();
    let slot = world.slot_of(1, 2);
    let now = world.instant();
    world.rooms.close_peer(ROOM, Leaf(2), now);
    world.run(ms(10));
    assert!(world.slots(1).0.iter().all(|slot| slot.1 != Some(2)));
    world.join(4, 2);
    assert_eq!(world.slot_of(1, 4), slot);
}

#[test]
fn a_closed_peer_does_not_speak() {
    let mut world = three();
    world.person(2).participant.level = Some(-20);
    world.run(ms(1000));
    let now = world.instant();
    world.rooms.close_peer(ROOM, Leaf(2), now);
    world.run(ms(10));
    let speaking = world.events.iter().filter_map(|(_, event)| match event {
        Event::Speaking { leaves, .. } => Some(leaves.clone()),
        _ => None,
    });
    assert_eq!(speaking.collect::<Vec<_>>(), [vec![Leaf(2)], vec![]]);
}

#[test]
fn a_closed_peer_is_a_stranger_until_it_offers_again() {
    let mut world = three();
    let now = world.instant();
    world.rooms.close_peer(ROOM, Leaf(2), now);
    let strangers = |world: &World| world.counts.strangers.load(std::sync::atomic::Ordering::Relaxed);
    let before = strangers(&world);
    world.run(ms(1000));
    assert!(
        strangers(&world) > before + 100,
        "what it goes on sending is counted and dropped"
    );
    world.join(2, 2);
    world.person(1).participant.seen.clear();
    world.run(ms(1000));
    assert!(world.seen(1, 2, Context::Camera).len() > 50);
}

#[test]
fn closing_a_room_ends_everything_in_it() {
    let mut world = three();
    world.rooms.close(ROOM);
    let before: Vec<u64> = world.people.values().map(|person| person.sent_here).collect();
    world.run(ms(1000));
    assert_eq!(
        world
            .people
            .values()
            .map(|person| person.sent_here)
            .collect::<Vec<_>>(),
        before
    );
    assert_eq!(world.rooms.next_wake(), None, "and costs nothing more");
}

#[test]
fn who_falls_silent_is_gone_within_twenty_seconds() {
    let mut world = three();
    world.people.remove(&Leaf(2));
    let left = world.now;
    world.run(ms(25_000));
    let gone: Vec<_> = world
        .events
        .iter()
        .filter(|(_, event)| matches!(event, Event::Gone { .. }))
        .collect();
    let [(at, Event::Gone { leaf, .. })] = gone[..] else {
        panic!("{gone:?}")
    };
    assert_eq!(*leaf, Leaf(2));
    let after = *at - left;
    // Counted from the last connectivity check, which they made every few seconds.
    assert!((ms(15_000)..ms(20_100)).contains(&after), "after {after:?}");
    assert!(world.slots(1).0.iter().all(|slot| slot.1 != Some(2)));
}
