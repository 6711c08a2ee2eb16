//! Behaviour: the handle on the forwarder's threads, with real sockets on this machine.

use ed25519_dalek::SigningKey;
use ringfence_echo::EchoKey;
use ringfence_echo::socket::measure;
use ringfence_sfu::connection::{Frames, Way};
use ringfence_sfu::rooms::Event;
use ringfence_sfu::stream::Leaf;
use ringfence_sfu::{Settings, Sfu};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::net::{IpAddr, Ipv4Addr, UdpSocket};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn started(
    address: IpAddr,
    port: u16,
    shards: usize,
    echo: Option<EchoKey>,
) -> Result<Sfu, ringfence_sfu::stream::Error> {
    Sfu::start(&Settings {
        address,
        port,
        shards,
        way: Way::Fast,
        frames: Frames::Sealed,
        echo,
    })
}

fn start(port: u16, shards: usize) -> Result<Sfu, ringfence_sfu::stream::Error> {
    started(HERE, port, shards, None)
}

/// The next events; waits for the descriptor to be readable.
fn events(sfu: &Sfu) -> Vec<Event> {
    let patience = Timespec {
        tv_sec: 20,
        tv_nsec: 0,
    };
    let readable = sfu.readable();
    let mut sources = [PollFd::from_borrowed_fd(readable, PollFlags::IN)];
    assert_eq!(
        poll(&mut sources, Some(&patience)).expect("it can be waited for"),
        1,
        "no event came"
    );
    sfu.drain().collect()
}

#[test]
fn port_0_is_any_free_port_and_each_shard_has_its_own() {
    let sfu = start(0, 3).expect("it starts");
    let addresses = sfu.addresses();
    assert_eq!(addresses.len(), 3);
    for (at, address) in addresses.iter().enumerate() {
        assert!(address.ip() == HERE && address.port() != 0);
        assert!(!addresses[..at].contains(address));
    }
}

#[test]
fn each_shard_answers_beacons_with_the_nodes_key_at_its_own_address() {
    let node = SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes();
    let sfu = started(HERE, 0, 2, Some(EchoKey::new(&[1; 32]))).expect("it starts");
    for address in sfu.addresses() {
        let measured = measure(address, node, [9; 32], 3).expect("it answers");
        assert_eq!(measured.samples, 3);
    }
    let silent = start(0, 1).expect("it starts");
    let refused = measure(silent.addresses()[0], node, [9; 32], 3);
    assert_eq!(refused.map_err(|error| error.code), Err("RF4206"));
}

#[test]
fn a_port_in_use_a_foreign_address_and_a_wildcard_are_refused_by_code() {
    let taken = UdpSocket::bind((HERE, 0)).expect("a socket");
    let port = taken.local_addr().expect("it is bound").port();
    assert_eq!(start(port, 1).err().map(|error| error.code), Some("RF4201"));
    let foreign = started(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 0, 1, None);
    assert_eq!(foreign.err().map(|error| error.code), Some("RF4202"));
    let wildcard = started(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0, 1, None);
    assert_eq!(wildcard.err().map(|error| error.code), Some("RF4202"));
    assert_eq!(
        start(65_535, 2).err().map(|error| error.code),
        Some("RF4203"),
        "there is no port 65536"
    );
}

#[test]
fn a_stopped_forwarder_gives_its_port_back_and_fails_offers() {
    let sfu = start(0, 1).expect("it starts");
    let port = sfu.addresses()[0].port();
    sfu.open_room(b"room");
    sfu.close();
    sfu.offer(b"room", Leaf(1), 8, String::new());
    assert!(matches!(&events(&sfu)[..], [Event::Failed { request: 8, error }] if error.code == "RF4101"));
    assert!(start(port, 1).is_ok());
}

#[test]
fn an_offer_to_a_closed_room_fails_by_its_request() {
    let sfu = start(0, 2).expect("it starts");
    sfu.open_room(b"room");
    sfu.close_room(b"room");
    sfu.offer(b"room", Leaf(1), 7, String::new());
    assert!(matches!(&events(&sfu)[..], [Event::Failed { request: 7, error }] if error.code == "RF4101"));
}

#[test]
fn rooms_are_spread_over_shards() {
    let sfu = start(0, 2).expect("it starts");
    let offer = include_str!("chromium-offer.sdp");
    let mut ports = Vec::new();
    for room in [b"a", b"b"] {
        sfu.open_room(room);
        sfu.offer(room, Leaf(1), 1, offer.to_owned());
        let answered = events(&sfu).into_iter().find_map(|event| match event {
            Event::Answer { address, .. } => Some(address),
            _ => None,
        });
        ports.push(answered.expect("a browser's offer is accepted"));
    }
    assert_ne!(ports[0], ports[1]);
    assert!(ports.iter().all(|port| sfu.addresses().contains(port)));
}
