//! Responsible for: what forwarding one packet costs, beside the cost of only sending the same bytes.
//! Not responsible for: the network: receivers are sockets on this machine that nobody reads.
//!
//! `cargo run --release -p ringfence-sfu --example forward -- [receivers] [frames]`
//! Under callgrind (`valgrind --tool=callgrind --toggle-collect='*Rooms*receive*'`) give few frames.

#[allow(dead_code)]
#[path = "../tests/sfu/world/mod.rs"]
mod world;

use ringfence_sfu::stream::Leaf;
use rustix::time::{ClockId, clock_gettime};
use std::net::{SocketAddr, UdpSocket};
use world::{World, ms};

/// CPU time of this thread in nanoseconds.
fn cpu() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Nanoseconds of CPU time, and packets.
#[derive(Default)]
struct Cost {
    forwarding: u64,
    sending: u64,
    floor: u64,
    incoming: u64,
    packets: u64,
}

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .map(|word| word.parse::<u32>().expect("a number"));
    let receivers = numbers.next().unwrap_or(50).min(63);
    let frames = numbers.next().unwrap_or(300);
    let mut world = World::new(1);
    world.join(1, 0);
    world.person(1).participant.level = None;
    world.person(1).participant.layers = [false, false, true];
    for leaf in 2..2 + receivers {
        world.join(leaf, 1);
        let receiver = &mut world.person(leaf).participant;
        (receiver.level, receiver.layers) = (None, [false; 3]);
    }
    world.run(ms(1000));
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let sinks: Vec<UdpSocket> = (0..receivers)
        .map(|_| UdpSocket::bind("127.0.0.1:0").expect("a socket"))
        .collect();
    let addresses: Vec<SocketAddr> = sinks
        .iter()
        .map(|sink| sink.local_addr().expect("it is bound"))
        .collect();

    let mut cost = Cost::default();
    for _ in 0..frames {
        frame(&mut world, &socket, &addresses, &mut cost);
        world.run(ms(10));
        world
            .people
            .values_mut()
            .for_each(|person| person.participant.seen.clear());
    }
    let each = |nanoseconds: u64| nanoseconds as f64 / 1000.0 / cost.packets as f64;
    let whole = each(cost.forwarding + cost.sending);
    println!(
        "1 sender, {receivers} receivers: {} packets in, {} out",
        cost.incoming, cost.packets
    );
    println!(
        "forwarding     {:6.2} µs of CPU per packet out",
        each(cost.forwarding)
    );
    println!("with send_to   {whole:6.2} µs");
    println!(
        "send_to alone  {:6.2} µs, the floor of this run",
        each(cost.floor)
    );
    println!("ratio          {:6.2}", whole / each(cost.floor));
}

/// Lets the sender send one frame, and measures what its packets cost.
fn frame(world: &mut World, socket: &UdpSocket, addresses: &[SocketAddr], cost: &mut Cost) {
    let sender = Leaf(1);
    let due = world.people[&sender].participant.frame_at;
    // Up to the moment before: the world would send the frame itself.
    let moment = std::time::Duration::from_micros(1);
    world.run(
        due.saturating_duration_since(world.instant())
            .saturating_sub(moment),
    );
    world.now += moment;
    let now = world.instant();
    let from = world.people[&sender].participant.address;
    for datagram in world.person(1).participant.wake(now) {
        let start = cpu();
        world.rooms.receive(from, &datagram, now);
        let out = world.rooms.take_datagrams();
        cost.forwarding += cpu() - start;
        cost.incoming += 1;
        cost.packets += out.len() as u64;
        let send = |spent: &mut u64| {
            let start = cpu();
            for ((_, datagram), to) in out.iter().zip(addresses) {
                socket.send_to(datagram, to).expect("loopback takes it");
            }
            *spent += cpu() - start;
        };
        send(&mut cost.sending);
        send(&mut cost.floor);
        for (to, datagram) in &out {
            let person = world
                .people
                .values_mut()
                .find(|person| person.participant.address == *to);
            if let Some(person) = person {
                person.down.send(world.now, datagram.len(), datagram.to_vec());
            }
        }
    }
}
