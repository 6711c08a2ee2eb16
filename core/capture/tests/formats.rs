//! Files: the same packets say the same in every format, and what is damaged is counted while the scan goes on.
mod made;
use flate2::{Compression, write::GzEncoder};
use made::{
    Kept, Packet, block, enhanced, ethernet, fed, interface, packets, pcap, pcap_as, pcapng, scanned,
};
use made::{section, udp, v4};
use ringfence_capture::{Ended, Scan, scan};
use std::io::Write;

fn call() -> Vec<Packet> {
    let frames = (0..20u8).map(|turn| {
        let (hosts, ports) = if turn % 3 == 0 {
            ((2, 1), (53, 4000))
        } else {
            ((1, 2), (4000, 53))
        };
        ethernet(&v4(hosts, 17, &udp(ports, &[turn; 90])))
    });
    packets(frames)
}

fn check(scan: &Scan) {
    let [flow] = &scan.flows[..] else {
        panic!("one flow, not {:?}", scan.flows)
    };
    assert_eq!((flow.a.0.to_string(), flow.a.1), ("10.0.0.2".to_owned(), 53));
    assert_eq!((flow.forth.packets, flow.back.packets), (7, 13));
    assert_eq!((flow.forth.bytes, flow.forth.payload), (7 * 132, 7 * 90));
    assert_eq!(
        (flow.first_ns, flow.last_ns),
        (made::FIRST, made::FIRST + 19_000_000)
    );
    assert_eq!(
        (scan.counts.packets, scan.counts.damaged, scan.counts.truncated),
        (20, 0, 0)
    );
    assert!(!scan.counts.ended_early);
}

#[test]
fn the_same_packets_say_the_same_in_every_format() {
    let call = call();
    for (big, nano) in [(false, false), (false, true), (true, false), (true, true)] {
        check(&scanned(&pcap_as(1, &call, big, nano)));
    }
    check(&scanned(&pcapng(1, &call)));
    // Units of time: micro-, nano- and picoseconds, and a second halved 30 times, whose ends are counted from an offset.
    for (resolution, offset, units) in [
        (6, 0, |at: i64| at as u64 / 1000),
        (9, 0, |at| at as u64),
        (9, 1_000_000_000, |at| at as u64 - 1_000_000_000_000_000_000),
    ] as [(u8, i64, fn(i64) -> u64); 3]
    {
        for big in [false, true] {
            let mut file = [section(big), interface(big, 1, resolution, offset)].concat();
            file.extend(
                call.iter()
                    .flat_map(|packet| enhanced(big, 0, units(packet.at), packet)),
            );
            check(&scanned(&file));
            check(&fed(&file, 7));
        }
    }
}

#[test]
fn finer_and_binary_units_of_time_are_read() {
    let call = call();
    let mut file = [section(false), interface(false, 1, 12, 1_600_000_000)].concat();
    file.extend(interface(false, 1, 0x80 | 20, 0));
    file.extend(enhanced(false, 0, 2_000_000, &call[0]));
    file.extend(enhanced(false, 1, 3 << 19, &call[1]));
    let scan = scanned(&file);
    assert_eq!(scan.counts.last_ns, Some(1_600_000_000_000_002_000));
    assert_eq!(scan.counts.first_ns, Some(1_500_000_000));
    assert_eq!(scan.interfaces.len(), 2);
    assert_eq!(scan.interfaces[0].name.as_deref(), Some("en0"));
}

#[test]
fn each_interface_has_its_own_link_and_each_section_its_own_interfaces() {
    let call = call();
    let bare = Packet {
        bytes: call[1].bytes[14..].to_vec(),
        original: 118,
        ..call[1].clone()
    };
    let mut file = [
        section(false),
        interface(false, 1, 9, 0),
        interface(false, 101, 9, 0),
    ]
    .concat();
    file.extend(enhanced(false, 0, 1, &call[0]));
    file.extend(enhanced(false, 1, 2, &bare));
    file.extend(block(false, 5, &[0; 12])); // statistics: passed over
    file.extend([section(true), interface(true, 101, 9, 0)].concat());
    file.extend(enhanced(true, 0, 3, &bare));
    file.extend(enhanced(true, 1, 4, &bare)); // there is no such interface in this section
    let scan = scanned(&file);
    assert_eq!(
        (scan.flows.len(), scan.counts.packets, scan.counts.damaged),
        (1, 3, 1)
    );
    assert_eq!(
        scan.interfaces.iter().map(|each| each.number).collect::<Vec<_>>(),
        [1, 101, 101]
    );
}

#[test]
fn simple_packets_and_the_older_block_are_read() {
    let call = call();
    let simple = [&(call[0].bytes.len() as u32).to_le_bytes()[..], &call[0].bytes].concat();
    let mut older = enhanced(false, 0, 5, &call[1]);
    older[0] = 2;
    let file = [
        section(false),
        interface(false, 1, 9, 0),
        block(false, 3, &simple),
        older,
    ]
    .concat();
    let scan = scanned(&file);
    assert_eq!((scan.counts.packets, scan.counts.damaged), (2, 0));
    assert_eq!(scan.flows[0].last_ns, 5);
}

#[test]
fn a_gzip_file_is_read_and_one_that_breaks_off_as_far_as_it_goes() {
    let plain = pcap(1, &call());
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&plain).expect("memory");
    let packed = packed.finish().expect("memory");
    let scan = scanned(&packed);
    check(&scan);
    assert!(scan.compressed);
    // Not a word of the end of it is needed for what came before.
    let scan = scanned(&packed[..packed.len() - 9]);
    assert!(scan.counts.packets > 0);
}

#[test]
fn a_truncated_packet_is_counted_and_the_scan_goes_on() {
    let mut call = call();
    for packet in &mut call {
        packet.bytes.truncate(96);
    }
    let scan = scanned(&pcap(1, &call));
    let flow = &scan.flows[0];
    assert_eq!(
        (scan.counts.truncated, flow.forth.cut, flow.back.cut),
        (20, 7, 13)
    );
    assert_eq!(
        (flow.forth.bytes, flow.forth.payload),
        (7 * 132, 7 * 90),
        "as on the wire"
    );
}

#[test]
fn a_file_that_ends_inside_a_record_says_so() {
    for file in [pcap(1, &call()), pcapng(1, &call())] {
        let scan = scanned(&file[..file.len() - 5]);
        assert!(scan.counts.ended_early);
        assert_eq!((scan.counts.packets, scan.counts.damaged), (19, 0));
    }
}

#[test]
fn behind_a_damaged_record_the_next_is_found() {
    let call = call();
    let step = 16 + 132;
    // The length of record 4: too large for anything, a little too large, too small, nothing.
    for length in [0xffff_ffffu32, 160, 100, 0] {
        let mut file = pcap(1, &call);
        let at = 24 + 4 * step + 8;
        file[at..at + 4].copy_from_slice(&length.to_le_bytes());
        for scan in [scanned(&file), fed(&file, 11)] {
            assert_eq!(scan.counts.damaged, 1, "{length}");
            assert!(
                (19..=20).contains(&scan.counts.packets),
                "{length}: {:?}",
                scan.counts
            );
            assert_eq!(scan.flows[0].last_ns, made::FIRST + 19_000_000);
        }
    }
    // Bytes were lost, or came in between.
    let mut file = pcap(1, &call);
    file.drain(24 + 5 * step + 40..24 + 6 * step + 8);
    assert!(scanned(&file).counts.packets >= 17);
    let mut file = pcap(1, &call);
    file.splice(24 + 5 * step..24 + 5 * step, [0xee; 1001]);
    let scan = scanned(&file);
    assert_eq!(
        (
            scan.counts.packets,
            scan.counts.damaged,
            scan.counts.skipped_bytes
        ),
        (20, 1, 1001)
    );
}

#[test]
fn behind_a_damaged_block_the_next_is_found() {
    let call = call();
    let step = enhanced(false, 0, 0, &call[0]).len();
    let before = pcapng(1, &[]).len();
    for (word, value) in [(4, 0xffff_fff0u32), (4, 8), (4, step as u32 + 4), (step - 4, 0)] {
        let mut file = pcapng(1, &call);
        let at = before + 4 * step + word;
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
        let scan = scanned(&file);
        assert_eq!(
            (scan.counts.packets, scan.counts.damaged),
            (19, 1),
            "{word} {value}"
        );
    }
    // More bytes of a packet than its block has.
    let mut file = pcapng(1, &call);
    let at = before + 4 * step + 8 + 12;
    file[at..at + 4].copy_from_slice(&5000u32.to_le_bytes());
    let scan = scanned(&file);
    assert_eq!((scan.counts.packets, scan.counts.damaged), (19, 1));
}

#[test]
fn what_is_no_capture_is_refused_in_words() {
    let refused = |path: &std::path::Path| match scan(path, 1, |_, _| Ok::<(), ()>(())) {
        Err(Ended::Refused(error)) => (error.code, error.detail),
        other => panic!("{other:?}"),
    };
    for (bytes, words) in [
        (&b""[..], "empty"),
        (b"Dear diary, today I", "text"),
        (b"PK\x03\x04...", "ZIP"),
        (b"\xd4\xc3\xb2\xa1\x02\x00", "header"),
        (b"\x7fELF\x02\x01\x01\x00", "neither"),
    ] {
        let (code, detail) = refused(&Kept::new(bytes).0);
        assert_eq!(code, "RF2502");
        assert!(detail.contains(words), "{detail}");
    }
    assert_eq!(refused(&std::env::temp_dir()).0, "RF2501");
    assert_eq!(
        refused(&std::env::temp_dir().join("there is no such file")).0,
        "RF2501"
    );
    assert!(
        scanned(&pcap(1, &[])).flows.is_empty(),
        "a capture of nothing is one"
    );
}
