//! Behaviour: who comes from another network goes on with the same connection as soon as they say so.

use crate::world::{World, ms};
use ringfence_sfu::rooms::Event;
use ringfence_sfu::stream::{Context, Leaf};
use std::net::SocketAddr;

const SEED: u64 = 48;
const ELSEWHERE: &str = "203.0.113.9:6000";

fn connections(world: &World, of: u32) -> usize {
    let is = |event: &Event| matches!(event, Event::Connected { leaf, .. } if *leaf == Leaf(of));
    world.events.iter().filter(|(_, event)| is(event)).count()
}

#[test]
fn media_goes_on_from_another_address_on_the_same_connection() {
    let mut world = World::new(SEED);
    world.join(1, 2);
    world.join(2, 2);
    world.run(ms(1500));
    let there: SocketAddr = ELSEWHERE.parse().expect("an address");
    world.person(2).participant.move_to(there);
    world.negotiate(2);
    let (up, down) = (
        world.seen(1, 2, Context::Camera).len(),
        world.seen(2, 1, Context::Camera).len(),
    );
    world.run(ms(1000));
    let (up_now, down_now) = (
        world.seen(1, 2, Context::Camera).len(),
        world.seen(2, 1, Context::Camera).len(),
    );
    assert!(up_now > up + 60, "{up} to {up_now}");
    assert!(down_now > down + 60, "{down} to {down_now}");
    assert_eq!(connections(&world, 2), 1, "no second handshake");
    assert!(!world.people[&Leaf(2)].participant.closed);
}

#[test]
fn nothing_is_sent_any_more_to_the_address_that_was_left() {
    let mut world = World::new(SEED);
    world.join(1, 2);
    world.join(2, 2);
    world.run(ms(1500));
    world
        .person(2)
        .participant
        .move_to(ELSEWHERE.parse().expect("an address"));
    world.negotiate(2);
    world.run(ms(1000));
    let astray = world.astray;
    world.person(2).participant.seen.clear();
    world.run(ms(2000));
    assert_eq!(world.astray, astray, "whoever has it now gets nothing");
    assert!(world.seen(2, 1, Context::Camera).len() > 120);
}
