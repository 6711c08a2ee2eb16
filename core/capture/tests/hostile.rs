//! Hostile captures: no prefix and no mutation stops the scan or makes it panic, and threads change nothing.
mod made;
use flate2::{Compression, write::GzEncoder};
use made::{
    Kept, cooked2, ethernet, fed, packets, pcap, pcap_as, pcapng, scanned, scanned_in_memory, tcp, udp, v4,
    v4_part, v6,
};
use proptest::prelude::*;
use ringfence_capture::{Ended, scan_in_chunks};
use std::io::Write;

/// Frames of everything at once, of `count` packets: streams that lose and overtake, fragments, both versions of IP.
fn crowd(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut sent = [0u32; 8];
    let frame = |turn: usize| {
        let (one, other) = (random.u8(1..9), random.u8(9..14));
        let hosts = if random.bool() { (one, other) } else { (other, one) };
        let bytes: Vec<u8> = (0..random.usize(0..300)).map(|_| random.u8(..)).collect();
        match random.u8(0..8) {
            0..3 => ethernet(&v4(hosts, 17, &udp((4000, 4000), &bytes))),
            3 => ethernet(&v6(hosts, 17, &udp((4000, 53), &bytes))),
            4 => {
                let (id, part) = (turn as u16 / 64, random.u16(0..4));
                let bytes = [&udp((9, 9), &[1; 24])[..], &[2; 96]].concat();
                let from = usize::from(part) * 32;
                ethernet(&v4_part(
                    hosts,
                    17,
                    id,
                    part * 32,
                    part < 3,
                    &bytes[from..from + 32],
                ))
            }
            5 => ethernet(&v4(hosts, random.u8(..), &bytes)),
            _ => {
                let stream = usize::from(one % 8);
                let place = sent[stream].wrapping_add(random.u32(0..200));
                sent[stream] = sent[stream].wrapping_add(bytes.len() as u32);
                let flags = if random.u8(..) < 4 { 2 } else { 16 };
                ethernet(&v4((one, 20), 6, &tcp((4000, 443), place, flags, &bytes)))
            }
        }
    };
    (0..count).map(frame).collect()
}

#[test]
fn threads_change_nothing() {
    for (seed, file) in [
        (1, pcap(1, &packets(crowd(1, 60_000)))),
        (2, pcapng(1, &packets(crowd(2, 60_000)))),
    ] {
        let kept = Kept::new(&file);
        let serial = kept.scan(1);
        assert!(
            serial.counts.packets == 60_000 && serial.counts.fragments > 1000,
            "seed {seed}"
        );
        for threads in [2, 3, 7, 0] {
            assert!(kept.scan(threads) == serial, "seed {seed}, {threads} threads");
        }
        for bytes in [100, 4099, 1 << 20] {
            assert!(
                kept.scan_in_chunks(bytes) == serial,
                "seed {seed}, chunks of {bytes} bytes"
            );
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&file).expect("memory");
        let unpacked = scanned(&packed.finish().expect("memory"));
        assert!(
            unpacked.flows == serial.flows && unpacked.counts == serial.counts,
            "seed {seed}, packed"
        );
        let live = fed(&file, 4099);
        assert!(
            live.flows == serial.flows && live.counts == serial.counts,
            "seed {seed}, live"
        );
    }
}

#[test]
fn a_file_that_becomes_shorter_meanwhile_is_refused() {
    let file = pcap(1, &packets(crowd(5, 20_000)));
    for threads in [1, 3] {
        let kept = Kept::new(&file);
        let cut_off = |_, _| {
            let kept = std::fs::OpenOptions::new().write(true).open(&kept.0);
            kept.and_then(|kept| kept.set_len(1000))
        };
        let ended = scan_in_chunks(&kept.0, threads, 4096, cut_off);
        let Err(Ended::Refused(error)) = ended else {
            panic!("{ended:?}")
        };
        assert!(
            error.code == "RF2501" && error.detail.contains("shorter"),
            "{error}"
        );
    }
}

#[test]
fn whoever_is_told_of_the_progress_can_end_it() {
    let kept = Kept::new(&pcap(1, &packets(crowd(6, 2000))));
    for threads in [1, 3] {
        let ended = scan_in_chunks(&kept.0, threads, 4096, |done, all| Err((done, all)));
        assert!(
            matches!(ended, Err(Ended::Stopped((done, all))) if 0 < done && done < all),
            "{ended:?}"
        );
    }
}

#[test]
fn every_prefix_is_read_as_far_as_it_goes() {
    let frames = packets(crowd(3, 40));
    let linked = frames.iter().map(|packet| made::Packet {
        bytes: cooked2(&packet.bytes[14..]),
        ..packet.clone()
    });
    for file in [
        pcap(1, &frames),
        pcap_as(276, &linked.collect::<Vec<_>>(), true, true),
        pcapng(1, &frames),
    ] {
        let mut before = 0;
        for end in 28..file.len() {
            let scan = fed(&file[..end], end);
            assert!(scan.counts.packets >= before && scan.counts.damaged == 0, "{end}");
            before = scan.counts.packets;
            for chunk in [100, 1000, 1 << 20] {
                assert!(
                    scanned_in_memory(&file[..end], chunk) == scan,
                    "{end} in chunks of {chunk}"
                );
            }
        }
        assert_eq!(fed(&file, file.len()).counts.packets, 40);
    }
}

#[test]
fn looking_on_changes_nothing() {
    let file = pcap(1, &packets(crowd(4, 500)));
    let mut looked = ringfence_capture::Live::default();
    for piece in file.chunks(1000) {
        looked.feed(piece).expect("it is a capture");
        assert!(looked.look().flows.len() <= 500);
        assert_eq!(looked.look(), looked.look());
    }
    assert_eq!(looked.finish().expect("it is a capture"), fed(&file, 777));
}

/// A slice of what was tried: 100,000 with CAPTURE_MUTATIONS=100000.
fn mutations() -> u32 {
    let asked = std::env::var("CAPTURE_MUTATIONS").ok();
    asked.and_then(|count| count.parse().ok()).unwrap_or(400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: mutations(), ..ProptestConfig::default() })]

    #[test]
    fn no_mutation_stops_it(seed in 0u64..8, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 1..12)) {
        let frames = packets(crowd(seed, 60));
        let mut file = if seed % 2 == 0 { pcap(1, &frames) } else { pcapng(1, &frames) };
        for (place, byte, how) in changes {
            let place = 28 + place.index(file.len() - 28);
            match how {
                0 => file[place] = byte,
                1 => file[place] ^= 1 << (byte & 7),
                2 => { file.drain(place..(place + usize::from(byte)).min(file.len())); }
                _ => { file.splice(place..place, vec![byte; usize::from(byte)]); }
            }
            file.resize(file.len().max(64), 0);
        }
        let scan = scanned_in_memory(&file, 1 << 20);
        prop_assert_eq!(&scan, &scanned_in_memory(&file, 100 + seed * 700));
        let counts = &scan.counts;
        let flows: u64 = scan.flows.iter().map(|flow| flow.forth.packets + flow.back.packets).sum();
        let unread = counts.not_ip + counts.unknown_link + counts.bad_ip + counts.bad_transport;
        // Each packet is of a flow, or it is said why not (a datagram of fragments that makes no sense is both).
        prop_assert!(flows + unread >= counts.packets && flows <= counts.packets, "{:?} {}", counts, flows);
        let live = fed(&file, 501);
        prop_assert_eq!(live.flows, scan.flows);
    }

    #[test]
    fn no_bytes_stop_it(bytes in prop::collection::vec(any::<u8>(), 0..600), link in 0u32..300) {
        let mut frames = packets([bytes.clone()]);
        frames[0].original += 7;
        scanned(&pcap(link, &frames));
        scanned(&[pcapng(link as u16, &frames), bytes].concat());
    }
}
