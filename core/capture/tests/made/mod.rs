//! Captures for tests, written byte by byte as the formats have it.
#![allow(dead_code)] // each test uses its part
use ringfence_capture::{Live, Scan, scan, scan_in_chunks, scan_in_memory};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

pub const FIRST: i64 = 1_600_000_000_123_456_000;

/// A packet as an interface saw it, when, and how long it was on the wire.
#[derive(Clone, Debug)]
pub struct Packet {
    pub at: i64,
    pub bytes: Vec<u8>,
    pub original: usize,
}

pub fn packets(frames: impl IntoIterator<Item = Vec<u8>>) -> Vec<Packet> {
    let packet = |(place, bytes): (usize, Vec<u8>)| Packet {
        at: FIRST + place as i64 * 1_000_000,
        original: bytes.len(),
        bytes,
    };
    frames.into_iter().enumerate().map(packet).collect()
}

pub fn udp(ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    let mut all = [ports.0.to_be_bytes(), ports.1.to_be_bytes()].concat();
    all.extend((8 + payload.len() as u16).to_be_bytes());
    all.extend([0, 0]);
    all.extend(payload);
    all
}

pub fn tcp(ports: (u16, u16), sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut all = [ports.0.to_be_bytes(), ports.1.to_be_bytes()].concat();
    all.extend(sequence.to_be_bytes());
    all.extend([0, 0, 0, 0, 5 << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
    all.extend(payload);
    all
}

/// IPv4 between 10.0.0.`from` and 192.0.2.`to`; who answers swaps them by `back`.
pub fn v4(hosts: (u8, u8), protocol: u8, inside: &[u8]) -> Vec<u8> {
    v4_part(hosts, protocol, 7, 0, false, inside)
}

pub fn v4_part(hosts: (u8, u8), protocol: u8, id: u16, offset: u16, more: bool, inside: &[u8]) -> Vec<u8> {
    let mut all = vec![0x45, 0];
    all.extend((20 + inside.len() as u16).to_be_bytes());
    all.extend(id.to_be_bytes());
    all.extend(((offset / 8) | if more { 0x2000 } else { 0 }).to_be_bytes());
    all.extend([64, protocol, 0, 0]);
    all.extend([10, 0, 0, hosts.0, 10, 0, 0, hosts.1]);
    all.extend(inside);
    all
}

pub fn v6(hosts: (u8, u8), protocol: u8, inside: &[u8]) -> Vec<u8> {
    let mut all = vec![0x60, 0, 0, 0];
    all.extend((inside.len() as u16).to_be_bytes());
    all.extend([protocol, 64]);
    for host in [hosts.0, hosts.1] {
        all.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host]);
    }
    all.extend(inside);
    all
}

fn kind_of(ip: &[u8]) -> [u8; 2] {
    if ip[0] >> 4 == 4 { [8, 0] } else { [0x86, 0xdd] }
}

pub fn ethernet(ip: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2][..], &kind_of(ip), ip].concat()
}

/// With the tags given, from the outermost on: the type of each, and its VLAN.
pub fn tagged(tags: &[(u16, u16)], ip: &[u8]) -> Vec<u8> {
    let mut all = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
    for (kind, vlan) in tags {
        all.extend(kind.to_be_bytes());
        all.extend(vlan.to_be_bytes());
    }
    all.extend(kind_of(ip));
    all.extend(ip);
    all
}

pub fn cooked(ip: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0][..], &kind_of(ip), ip].concat()
}

pub fn cooked2(ip: &[u8]) -> Vec<u8> {
    let head = [0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
    [&kind_of(ip)[..], &head, ip].concat()
}

fn number(big: bool, value: u32) -> [u8; 4] {
    if big {
        value.to_be_bytes()
    } else {
        value.to_le_bytes()
    }
}

fn short(big: bool, value: u16) -> [u8; 2] {
    if big {
        value.to_be_bytes()
    } else {
        value.to_le_bytes()
    }
}

/// A pcap file of link type `link`.
pub fn pcap(link: u32, packets: &[Packet]) -> Vec<u8> {
    pcap_as(link, packets, false, false)
}

pub fn pcap_as(link: u32, packets: &[Packet], big: bool, nano: bool) -> Vec<u8> {
    let mut file = number(big, if nano { 0xa1b2_3c4d } else { 0xa1b2_c3d4 }).to_vec();
    file.extend([short(big, 2), short(big, 4)].concat());
    for word in [0, 0, 65535, link] {
        file.extend(number(big, word));
    }
    for packet in packets {
        let fraction = packet.at % 1_000_000_000 / if nano { 1 } else { 1000 };
        let words = [
            packet.at / 1_000_000_000,
            fraction,
            packet.bytes.len() as i64,
            packet.original as i64,
        ];
        for word in words {
            file.extend(number(big, word as u32));
        }
        file.extend(&packet.bytes);
    }
    file
}

pub fn block(big: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let padding = body.len().next_multiple_of(4) - body.len();
    let length = number(big, (12 + body.len() + padding) as u32);
    [&number(big, kind)[..], &length, body, &vec![0; padding], &length].concat()
}

pub fn section(big: bool) -> Vec<u8> {
    let version = [short(big, 1), short(big, 0)].concat();
    block(
        big,
        0x0a0d_0d0a,
        &[&number(big, 0x1a2b_3c4d)[..], &version, &[0xff; 8]].concat(),
    )
}

/// An interface whose unit of time is `resolution` (if_tsresol), `offset` seconds late.
pub fn interface(big: bool, link: u16, resolution: u8, offset: i64) -> Vec<u8> {
    let mut body = [&short(big, link)[..], &[0, 0], &number(big, 65535)].concat();
    body.extend([short(big, 2), short(big, 3)].concat());
    body.extend(b"en0\0");
    body.extend([short(big, 9), short(big, 1)].concat());
    body.extend([resolution, 0, 0, 0]);
    body.extend([short(big, 14), short(big, 8)].concat());
    body.extend(if big {
        offset.to_be_bytes()
    } else {
        offset.to_le_bytes()
    });
    body.extend([0; 4]);
    block(big, 1, &body)
}

pub fn enhanced(big: bool, interface: u32, units: u64, packet: &Packet) -> Vec<u8> {
    let words = [
        interface,
        (units >> 32) as u32,
        units as u32,
        packet.bytes.len() as u32,
        packet.original as u32,
    ];
    let head: Vec<u8> = words.iter().flat_map(|word| number(big, *word)).collect();
    block(big, 6, &[head, packet.bytes.clone()].concat())
}

pub fn pcapng(link: u16, packets: &[Packet]) -> Vec<u8> {
    let mut file = [section(false), interface(false, link, 9, 0)].concat();
    for packet in packets {
        file.extend(enhanced(false, 0, packet.at as u64, packet));
    }
    file
}

/// A file that is gone when the test is over.
pub struct Kept(pub PathBuf);

impl Kept {
    pub fn new(bytes: &[u8]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "capture-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).expect("it can be written");
        Self(path)
    }

    pub fn scan(&self, threads: usize) -> Scan {
        scan(&self.0, threads, |_, _| Ok::<(), ()>(())).expect("it is a capture")
    }

    /// By several threads, each of which takes little at a time.
    pub fn scan_in_chunks(&self, bytes: u64) -> Scan {
        scan_in_chunks(&self.0, 3, bytes, |_, _| Ok::<(), ()>(())).expect("it is a capture")
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A scan of a file with these bytes.
pub fn scanned(bytes: &[u8]) -> Scan {
    Kept::new(bytes).scan(1)
}

/// A scan of them in memory, in chunks of that length.
pub fn scanned_in_memory(bytes: &[u8], chunk: u64) -> Scan {
    scan_in_memory(bytes, chunk).expect("it is a capture")
}

/// A scan of them as they come, in pieces of that length.
pub fn fed(bytes: &[u8], pieces: usize) -> Scan {
    let mut live = Live::default();
    for piece in bytes.chunks(pieces) {
        live.feed(piece).expect("it is a capture");
    }
    live.finish().expect("it is a capture")
}
