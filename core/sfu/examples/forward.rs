//! Responsible for: what forwarding one packet costs either way out, beside the cost of only sending the same bytes.
//! Not responsible for: the network: receivers are sockets on this machine that nobody reads.
//!
//! `cargo run --release -p ringfence-sfu --example forward -- [receivers] [frames] [fast|reference]`
//! Under callgrind (`valgrind --tool=callgrind --toggle-collect='*forward_frame*'`) give few frames and one way.

#[allow(dead_code)]
#[path = "../tests/sfu/world/mod.rs"]
mod world;

use nix::time::{ClockId, clock_gettime};
use ringfence_sfu::connection::Way;
use ringfence_sfu::datagrams::Datagrams;
use ringfence_sfu::rooms::Rooms;
use ringfence_sfu::socket::Socket;
use ringfence_sfu::stream::Leaf;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use world::{World, ms};

pub const WAY: Way = Way::Fast;

/// CPU time of this thread in nanoseconds.
fn cpu() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("Linux has it");
    time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64
}

/// Nanoseconds of CPU time, and packets.
#[derive(Default)]
struct Cost {
    forwarding: u64,
    sending: u64,
    together: u64,
    apart: u64,
    incoming: u64,
    packets: u64,
}

/// Sockets that nobody reads, by the address that a receiver has in the world.
struct Sinks {
    sockets: Vec<UdpSocket>,
    own: Socket,
    spare: Datagrams,
    together: Socket,
    apart: Socket,
}

impl Sinks {
    fn new(way: Way, receivers: u32) -> Sinks {
        let bound = || Socket::bind(Ipv4Addr::LOCALHOST.into(), 0).expect("a socket");
        let (mut own, together, mut apart) = (bound(), bound(), bound());
        apart.send_apart();
        if way == Way::Reference {
            own.send_apart();
        }
        let sink = |_| UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let sockets = (0..receivers).map(sink).collect();
        Sinks {
            sockets,
            own,
            spare: Datagrams::default(),
            together,
            apart,
        }
    }

    /// The same datagrams to sockets of this machine.
    fn addressed(&self, out: &Datagrams) -> Datagrams {
        let mut addressed = Datagrams::default();
        for (to, datagram) in out.iter() {
            let SocketAddr::V4(v4) = to else { continue };
            let at = usize::from(v4.ip().octets()[3]).saturating_sub(2) % self.sockets.len();
            addressed.push(self.sockets[at].local_addr().expect("it is bound"), datagram);
        }
        addressed
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: u32| {
        words
            .get(at)
            .map_or(default, |word| word.parse().expect("a number"))
    };
    let (receivers, frames) = (number(0, 50).min(60), number(1, 300));
    let named = |name: &str| words.get(2).is_none_or(|word| word == name);
    for (way, name) in [(Way::Reference, "reference"), (Way::Fast, "fast")] {
        if named(name) {
            measure(way, name, receivers, frames);
        }
    }
}

fn measure(way: Way, name: &str, receivers: u32, frames: u32) {
    let mut world = World::by(way, 1);
    // As browsers do: their bandwidth is estimated.
    world.tells = true;
    world.join(1, 0);
    world.person(1).participant.level = None;
    world.person(1).participant.layers = [false, false, true];
    for leaf in 2..2 + receivers {
        world.join(leaf, 1);
        let receiver = &mut world.person(leaf).participant;
        (receiver.level, receiver.layers) = (None, [false; 3]);
    }
    world.run(ms(1000));
    let mut sinks = Sinks::new(way, receivers);
    let mut cost = Cost::default();
    for _ in 0..frames {
        frame(&mut world, &mut sinks, &mut cost);
        world.run(ms(10));
        world
            .people
            .values_mut()
            .for_each(|person| person.participant.seen.clear());
    }
    let each = |nanoseconds: u64| nanoseconds as f64 / 1000.0 / cost.packets as f64;
    let whole = each(cost.forwarding + cost.sending);
    let (incoming, packets) = (cost.incoming, cost.packets);
    println!("{name}: 1 sender, {receivers} receivers, {incoming} packets in, {packets} out");
    let print = |what: &str, microseconds: f64| {
        println!("{name} {what:14} {microseconds:6.2} µs of CPU per packet out")
    };
    print("forwarding", each(cost.forwarding));
    print("with sending", whole);
    print("apart", each(cost.apart));
    print("floor", each(cost.together));
    println!(
        "{name} {:14} {:6.2} times the floor",
        "ratio",
        whole / each(cost.together)
    );
}

/// What is counted under callgrind, by this name.
#[inline(never)]
fn forward_frame(rooms: &mut Rooms, from: SocketAddr, datagrams: &[Vec<u8>], now: Instant) {
    for datagram in datagrams {
        rooms.receive(from, datagram, now);
    }
}

/// Lets the sender send one frame, and measures what its packets cost.
fn frame(world: &mut World, sinks: &mut Sinks, cost: &mut Cost) {
    let sender = Leaf(1);
    let due = world.people[&sender].participant.frame_at;
    // Up to the moment before: the world would send the frame itself.
    let moment = Duration::from_micros(1);
    world.run(
        due.saturating_duration_since(world.instant())
            .saturating_sub(moment),
    );
    world.now += moment;
    let now = world.instant();
    let from = world.people[&sender].participant.address;
    let datagrams = world.person(1).participant.wake(now);
    world.rooms.take_datagrams(std::mem::take(&mut sinks.spare));
    let start = cpu();
    forward_frame(&mut world.rooms, from, &datagrams, now);
    let mut out = world.rooms.take_datagrams(Datagrams::default());
    cost.forwarding += cpu() - start;
    cost.incoming += datagrams.len() as u64;
    cost.packets += out.len() as u64;
    let addressed = sinks.addressed(&out);
    let send = |socket: &mut Socket, spent: &mut u64| {
        let start = cpu();
        socket.send(&addressed);
        *spent += cpu() - start;
    };
    send(&mut sinks.own, &mut cost.sending);
    send(&mut sinks.together, &mut cost.together);
    send(&mut sinks.apart, &mut cost.apart);
    for (to, datagram) in out.iter() {
        let person = world
            .people
            .values_mut()
            .find(|person| person.participant.address == to);
        if let Some(person) = person {
            person.down.send(world.now, datagram.len(), datagram.to_vec());
        }
    }
    out.clear();
    sinks.spare = out;
}
