//! Beacons that ask at the address of media, beside a call.

use crate::world::{World, ms};
use ringfence_echo::answering::AT_ONCE;
use ringfence_echo::{EchoKey, LENGTH, Question};
use ringfence_sfu::datagrams::Datagrams;
use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;

fn beacon() -> SocketAddr {
    SocketAddr::from(([203, 0, 113, 9], 4444))
}

fn question(number: u8) -> [u8; LENGTH] {
    let (nonce, asker) = ([number; 32], [9; 32]);
    Question { nonce, asker }.encode()
}

/// How many of so many questions are answered, to who asked and with no more bytes.
fn answered(world: &mut World, many: u8) -> usize {
    let now = world.instant();
    for number in 0..many {
        world.rooms.receive(beacon(), &question(number), now);
    }
    let all = world.rooms.take_datagrams(Datagrams::default());
    let answers: Vec<_> = all.iter().filter(|(to, _)| *to == beacon()).collect();
    assert!(answers.iter().all(|(_, answer)| answer.len() == LENGTH));
    answers.len()
}

#[test]
fn a_beacon_is_answered_beside_a_call_and_a_flood_of_questions_cuts_nobody_off() {
    let mut world = World::new(51);
    world.join(1, 1);
    world.join(2, 1);
    world.rooms.answer_beacons(EchoKey::new(&[1; 32]));
    assert_eq!(answered(&mut world, 3), 3);
    for _ in 0..20 {
        answered(&mut world, 255);
        world.run(ms(100));
    }
    assert_eq!(world.counts.failures.load(Relaxed), 0);
    for leaf in [1, 2] {
        assert!(world.person(leaf).participant.is_connected());
    }
    world.run(ms(1000));
    assert_eq!(answered(&mut world, 255), AT_ONCE as usize);
}

#[test]
fn without_the_nodes_key_nobody_is_answered_and_questions_are_counted_as_a_strangers() {
    let mut world = World::new(52);
    assert_eq!(answered(&mut world, 2), 0);
    assert_eq!(world.counts.strangers.load(Relaxed), 2);
    world.rooms.answer_beacons(EchoKey::new(&[1; 32]));
    let now = world.instant();
    world.rooms.receive(beacon(), &question(1)[..LENGTH - 1], now);
    assert!(
        world.rooms.take_datagrams(Datagrams::default()).is_empty(),
        "what is cut is none"
    );
    assert_eq!(world.counts.strangers.load(Relaxed), 3);
}
