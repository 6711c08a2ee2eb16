//! What bench/audit.py measures: makes a capture of calls, or scans one and says how long that took.
//!
//!     cargo run --release -p ringfence-capture --example flows -- make PATH MEGABYTES [FLOWS]
//!     cargo run --release -p ringfence-capture --example flows -- scan PATH [THREADS]
use ringfence_capture::{Ended, scan};
use std::convert::Infallible;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<usize>().expect("a number");
    match given[..] {
        ["make", path, megabytes] => make(path, number(megabytes) << 20, 200),
        ["make", path, megabytes, flows] => make(path, number(megabytes) << 20, number(flows)),
        ["scan", path] => timed(path, 0),
        ["scan", path, threads] => timed(path, number(threads)),
        _ => panic!("make PATH MEGABYTES [FLOWS], or scan PATH [THREADS]"),
    }
}

fn timed(path: &str, threads: usize) {
    let began = Instant::now();
    let scanned = scan(Path::new(path), threads, |_, _| Ok::<(), Infallible>(()));
    let scanned = match scanned {
        Ok(scanned) => scanned,
        Err(Ended::Refused(error)) => panic!("{error}"),
        Err(Ended::Stopped(never)) => match never {},
    };
    let seconds = began.elapsed().as_secs_f64();
    let packets = scanned.counts.packets;
    println!("{packets} packets {} flows {seconds:.4} s", scanned.flows.len());
    println!("{:.0} packets/s", packets as f64 / seconds);
    // What this process had in memory at most; only Linux says so.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("{}", line.replace('\t', " "));
    }
}

/// Of four calls in five packets of media, one in ten of a stream, the others of DNS: as they are in a capture of meetings.
fn make(path: &str, bytes: usize, flows: usize) {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).expect("a file that can be written"));
    let mut random = fastrand::Rng::with_seed(7);
    file.write_all(&[
        0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0,
    ])
    .expect("there is room");
    // Of each flow, what went each way: packets, or bytes of a stream.
    let mut sent = vec![[0u32; 2]; flows];
    let mut written = 24;
    let mut microseconds = 1_600_000_000_000_000u64;
    while written < bytes {
        let flow = random.usize(..flows);
        microseconds += random.u64(1..80);
        let kind = flow % 10;
        let back = random.u8(..) < 90;
        let [turn, heard] = if back {
            [sent[flow][1], sent[flow][0]]
        } else {
            sent[flow]
        };
        let length = match kind {
            0 => random.usize(20..120),
            1..4 => random.usize(60..140),
            4..9 => random.usize(700..1200),
            _ => random.usize(0..1400),
        };
        // Sealed: it looks like noise.
        let mut payload = vec![0; length];
        random.fill(&mut payload);
        if (1..9).contains(&kind) {
            // RTP, RFC 3550 §5.1, of one source each way.
            let head = [0x80, 96 + kind as u8, (turn >> 8) as u8, turn as u8];
            let stamp = turn.wrapping_mul(960).to_be_bytes();
            payload[..4].copy_from_slice(&head);
            payload[4..8].copy_from_slice(&stamp);
            payload[8..12].copy_from_slice(&((flow as u32) << 1 | u32::from(back)).to_be_bytes());
        }
        let stream = (kind == 9).then_some((turn, heard));
        let packet = frame(flow, stream, back, &payload);
        sent[flow][usize::from(back)] = turn.wrapping_add(if kind == 9 { length as u32 } else { 1 });
        let size = packet.len() as u32;
        for word in [
            (microseconds / 1_000_000) as u32,
            (microseconds % 1_000_000) as u32,
            size,
            size,
        ] {
            file.write_all(&word.to_le_bytes()).expect("there is room");
        }
        file.write_all(&packet).expect("there is room");
        written += 16 + packet.len();
    }
    file.flush().expect("there is room");
}

/// A packet of a flow; of a TCP stream with its sequence number, and how much of the other way has come.
fn frame(flow: usize, stream: Option<(u32, u32)>, back: bool, payload: &[u8]) -> Vec<u8> {
    let [high, low] = ((flow % 50_000) as u16 + 10_000).to_be_bytes();
    let client = [10, 0, (flow / 50_000) as u8, 1];
    let server = [192, 0, 2, (flow % 7) as u8];
    let mut inside = if back {
        vec![0x0d, 0x96, high, low]
    } else {
        vec![high, low, 0x0d, 0x96]
    };
    if let Some((sequence, heard)) = stream {
        inside.extend(sequence.to_be_bytes());
        inside.extend(heard.to_be_bytes());
        inside.extend([0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
    } else {
        inside.extend((8 + payload.len() as u16).to_be_bytes());
        inside.extend([0, 0]);
    }
    inside.extend(payload);
    let mut all = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    all.extend((20 + inside.len() as u16).to_be_bytes());
    all.extend([0, 7, 0, 0, 64, if stream.is_some() { 6 } else { 17 }, 0, 0]);
    let addresses = if back { [server, client] } else { [client, server] };
    all.extend(addresses.concat());
    all.extend(inside);
    all
}
