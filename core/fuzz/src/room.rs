//! A room of the forwarder with two people in a call: any datagram from anybody, and any offer.
//! Not here: what a participant's own browser would send (core/sfu/tests).

#[allow(dead_code)]
#[path = "../../sfu/tests/sfu/world/mod.rs"]
pub mod world;

use crate::{plant, rare};
use ringfence_echo::{EchoKey, is_question};
use ringfence_sfu::connection::{Frames, Way};
use ringfence_sfu::datagrams::Datagrams;
use ringfence_sfu::offer::Offer;
use ringfence_sfu::plain::{Plain, Role};
use ringfence_sfu::rooms::Event;
use ringfence_sfu::stream::{Context, Layer, Leaf};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;
use str0m::format::Codec;
use world::{ROOM, World, ms};

pub const SEED: u64 = 46;
pub const WAY: Way = Way::Fast;
/// What fits into a packet beside its headers.
const LONGEST: usize = 1000;

thread_local! {
    static CALL: RefCell<Option<World>> = const { RefCell::new(None) };
    static EMPTY: RefCell<Option<World>> = const { RefCell::new(None) };
}

fn call() -> World {
    let mut world = World::new(SEED);
    world.rooms.answer_beacons(EchoKey::new(&[1; 32]));
    world.vp9 = true;
    world.join(1, 1);
    world.join(2, 1);
    world.run(ms(200));
    world
}

/// Datagrams, each after a byte that says whose it is and two of its length: 0 a stranger's, 1 the second person's, 2 the
/// second person's next real ones, changed by these bytes (position and what to change, in turn), 3 a packet of theirs with
/// this descriptor (after its layer, from 128 on in VP9, and length) and payload, sealed as it should be.
pub fn datagrams(bytes: &[u8], planted: bool) {
    CALL.with_borrow_mut(|kept| {
        let world = kept.get_or_insert_with(call);
        let (mut rest, failed) = (bytes, world.counts.failures.load(Relaxed));
        while let Some(([kind, high, low], after)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
            let (datagram, later) = after.split_at(length);
            rest = later;
            // RFC 3550 section 5.3.1: a header with an extension, of some profile.
            let extended = datagram.first().is_some_and(|first| first & 0xd0 == 0x90);
            plant(
                planted,
                extended && datagram.get(13).is_some_and(|low| low >> 4 == 5),
            );
            send(world, *kind, datagram);
        }
        assert_eq!(world.counts.failures.load(Relaxed), failed, "the room has failed");
        world.run(ms(5));
        assert!(is_connected(world, Leaf(1)), "somebody else is cut off");
        if !is_connected(world, Leaf(2)) || world.now > ms(60_000) {
            *kept = None;
        }
    });
}

pub fn is_connected(world: &World, leaf: Leaf) -> bool {
    world.people[&leaf].participant.is_connected()
}

fn send(world: &mut World, kind: u8, datagram: &[u8]) {
    let now = world.instant();
    let stranger = SocketAddr::from(([203, 0, 113, 9], 4444));
    let address = world.person(2).participant.address;
    match kind % 4 {
        0 => {
            world.rooms.receive(stranger, datagram, now);
            let all = world.rooms.take_datagrams(Datagrams::default());
            let answers = all.iter().filter(|(to, _)| *to == stranger);
            let sent: usize = answers.map(|(_, answer)| answer.len()).sum();
            let may = if is_question(datagram) { datagram.len() } else { 0 };
            assert!(sent <= may, "a stranger gets an answer");
        }
        1 => world.rooms.receive(address, datagram, now),
        3 => {
            let Some(([layer, length], rest)) = datagram.split_first_chunk() else {
                return;
            };
            let (descriptor, payload) = rest.split_at(usize::from(*length).min(rest.len()));
            let codec = if *layer < 128 { Codec::Vp8 } else { Codec::Vp9 };
            let layer = Layer::ALL[usize::from(*layer) % Layer::ALL.len()];
            let mut payload = payload[..payload.len().min(LONGEST)].to_vec();
            // Who receives it reads whose it is from here, behind the longest descriptor.
            payload.resize(payload.len().max(16), 0);
            payload[6..12].copy_from_slice(&[2, layer as u8, 0, 0, 0, Context::Camera as u8]);
            let person = &mut world.person(2).participant;
            person.send_made_up(
                codec,
                layer,
                &descriptor[..descriptor.len().min(200)],
                &payload,
                now,
            );
        }
        _ => {
            for mut real in world.person(2).participant.wake(now) {
                for change in datagram.chunks_exact(2) {
                    let at = usize::from(change[0]) % real.len();
                    real[at] ^= change[1];
                }
                world.rooms.receive(address, &real, now);
            }
        }
    }
}

/// An offer (RFC 8866), to a room in which somebody is already.
pub fn offer(bytes: &[u8], planted: bool) {
    let Ok(sdp) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(offer) = Offer::read(sdp) {
        plant(planted, rare(bytes));
        let candidate = |line: &str| line.starts_with("a=candidate:");
        assert!(
            !offer.sdp.split(['\r', '\n']).any(candidate),
            "an ICE-lite agent is given no addresses"
        );
    }
    for role in [Role::Publisher, Role::Subscriber] {
        if let Ok(plain) = Plain::read(sdp, role) {
            // As if it were the answer, which has the same lines.
            plain.restored(&plain.sdp);
            let _ = Offer::read_in(Frames::Plain, &plain.sdp);
        }
    }
    EMPTY.with_borrow_mut(|kept| {
        let world = kept.get_or_insert_with(|| World::new(SEED));
        let now = world.instant();
        world.rooms.offer(ROOM, Leaf(3), 1, sdp, now);
        let answered = |event: &Event| matches!(event, Event::Answer { .. } | Event::Failed { .. });
        let answers = world
            .rooms
            .take_events()
            .iter()
            .filter(|event| answered(event))
            .count();
        assert_eq!(answers, 1, "an offer is answered or refused, once");
        assert_eq!(world.counts.failures.load(Relaxed), 0, "the room has failed");
        world.rooms.close_peer(ROOM, Leaf(3), now);
        world.rooms.take_datagrams(Datagrams::default());
    });
}

/// Seeds of both: an offer as a browser makes it, and datagrams of a call.
pub fn seeds() -> (String, Vec<Vec<u8>>) {
    let mut world = World::new(SEED);
    world.enter(1, 2, Default::default());
    let now = world.instant();
    world.person(1).participant.pairs = 3;
    let offer = world.person(1).participant.offer(now);
    let mut world = call();
    world.run(ms(40));
    let now = world.instant();
    (offer, world.person(2).participant.wake(now))
}

/// An answer to a browser's offer.
pub fn answered() -> String {
    let mut world = World::new(SEED);
    world.enter(1, 2, Default::default());
    let answer = |(_, event): &(_, Event)| match event {
        Event::Answer { sdp, .. } => Some(sdp.clone()),
        _ => None,
    };
    world
        .events
        .iter()
        .find_map(answer)
        .expect("an offer is answered")
}
