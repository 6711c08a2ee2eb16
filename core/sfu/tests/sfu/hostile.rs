//! Behaviour: nothing that anybody sends stops the forwarder, or changes what others get.

use crate::world::{ROOM, World, ms};
use ringfence_sfu::datagrams::Datagrams;
use ringfence_sfu::offer::Offer;
use ringfence_sfu::stream::{Context, Leaf};
use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;

const SEED: u64 = 45;

fn talking() -> World {
    let mut world = World::new(SEED);
    world.join(1, 2);
    world.join(2, 2);
    world.run(ms(500));
    world
}

/// Two people still see each other, and no room has failed.
fn assert_unharmed(mut world: World) {
    let before = world.seen(1, 2, Context::Camera).len();
    world.run(ms(1500));
    assert!(
        world.seen(1, 2, Context::Camera).len() > before + 60,
        "seed {SEED}"
    );
    assert_eq!(world.counts.failures.load(Relaxed), 0);
}

fn noise(random: &mut fastrand::Rng) -> Vec<u8> {
    let length = random.usize(..1600);
    let mut bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(length).collect();
    // Most begin as something that WebRTC knows: STUN, DTLS, RTP, RTCP.
    if let Some(first) = bytes.first_mut() {
        *first = *random
            .choice(&[0, 1, 22, 20, 23, 63, 128, 144, 191, *first])
            .expect("one of them");
    }
    bytes
}

/// A well-formed DTLS 1.2 record (RFC 6347 section 4.1) of any type and either epoch.
fn forged_dtls(random: &mut fastrand::Rng) -> Vec<u8> {
    let length = random.usize(..200);
    let mut body: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(length).collect();
    let kind = random.u8(20..26);
    if kind == 21 {
        body = vec![
            random.u8(1..3),
            *random.choice(&[0, 10, 20, 40, 80]).expect("one of them"),
        ];
    }
    let mut record = vec![kind, 0xfe, 0xfd, 0, random.u8(..2), 0, 0, 0, 0, 0, random.u8(..)];
    record.extend((body.len() as u16).to_be_bytes());
    record.extend(body);
    record
}

#[test]
fn noise_from_strangers_is_counted_and_dropped() {
    let mut world = talking();
    let mut random = fastrand::Rng::with_seed(SEED);
    let now = world.instant();
    for _ in 0..20_000 {
        let from = SocketAddr::from(([203, 0, 113, random.u8(..)], random.u16(1..)));
        world.rooms.receive(from, &noise(&mut random), now);
    }
    assert!(
        world.rooms.take_datagrams(Datagrams::default()).is_empty(),
        "strangers get no answer"
    );
    assert_eq!(world.counts.strangers.load(Relaxed), 20_000);
    assert_unharmed(world);
}

#[test]
fn noise_from_a_participants_address_harms_nobody() {
    let mut world = talking();
    let mut random = fastrand::Rng::with_seed(SEED);
    let from = world.person(2).participant.address;
    for _ in 0..200 {
        let now = world.instant();
        for _ in 0..50 {
            world.rooms.receive(from, &noise(&mut random), now);
            world.rooms.receive(from, &forged_dtls(&mut random), now);
        }
        world.run(ms(5));
    }
    assert_unharmed(world);
}

#[test]
fn damaged_datagrams_of_a_call_harm_nobody_else() {
    let mut world = talking();
    world.join(3, 2);
    let mut random = fastrand::Rng::with_seed(SEED);
    let from = world.person(3).participant.address;
    for _ in 0..500 {
        let now = world.instant();
        for mut datagram in world.person(3).participant.wake(now) {
            for _ in 0..random.usize(..8) {
                let at = random.usize(..datagram.len());
                datagram[at] ^= 1 << random.u8(..8);
            }
            datagram.truncate(random.usize(1..=datagram.len()));
            world.rooms.receive(from, &datagram, now);
        }
        world.run(ms(4));
    }
    assert_unharmed(world);
}

#[test]
fn damaged_offers_are_answered_or_refused() {
    let mut world = World::new(SEED);
    world.enter(1, 2, Default::default());
    let now = world.instant();
    world.person(1).participant.pairs = 3;
    let good = world.person(1).participant.offer(now);
    let mut random = fastrand::Rng::with_seed(SEED);
    for round in 0..1500u64 {
        let mut lines: Vec<&str> = good.lines().collect();
        for _ in 0..random.usize(..4) {
            let (from, to) = (random.usize(..lines.len()), random.usize(..lines.len()));
            match random.u8(..3) {
                0 => drop(lines.remove(from)),
                1 => lines.insert(to, lines[from]),
                _ => lines.swap(from, to),
            }
        }
        let mut sdp = lines.join("\r\n").into_bytes();
        for _ in 0..random.usize(..3) {
            let at = random.usize(..sdp.len());
            sdp[at] = random.u8(32..127);
        }
        let sdp = String::from_utf8_lossy(&sdp).into_owned();
        let _ = Offer::read(&sdp);
        world.rooms.offer(ROOM, Leaf(2), round, &sdp, now);
        world.rooms.close_peer(ROOM, Leaf(2), now);
    }
    assert_eq!(
        world.counts.failures.load(Relaxed),
        0,
        "no offer makes the library fail, seed {SEED}"
    );
}

#[test]
fn an_address_is_not_taken_over_by_another_participant() {
    let mut world = talking();
    let victim = world.person(1).participant.address;
    // The third sends its own, valid, connectivity checks from the victim's address.
    world.enter(3, 2, Default::default());
    let now = world.instant();
    for datagram in world.person(3).participant.wake(now) {
        world.rooms.receive(victim, &datagram, now);
    }
    world.people.remove(&Leaf(3));
    let before = world.seen(2, 1, Context::Camera).len();
    world.run(ms(1500));
    assert!(
        world.seen(2, 1, Context::Camera).len() > before + 60,
        "the victim's packets still count as theirs"
    );
}
