//! A codec that can be read is named; headers in clear before sealed frames are not enough.
use crate::made::{Flow, random, rtp};
use ringfence_capture::{Observation, Payload};

/// Frames of several packets each, all but the timestamp made by `packet` (frame, packet of it, whether it is the last).
fn video(packets: u16, mut packet: impl FnMut(u16, u16, bool) -> Vec<u8>) -> (Payload, Option<String>) {
    let mut flow = Flow::udp();
    for at in 0..40 * packets {
        let (frame, part) = (at / packets, at % packets);
        flow.forth(&rtp(
            96,
            at,
            u32::from(frame) * 3000,
            5,
            &packet(frame, part, part + 1 == packets),
        ));
    }
    verdict(&mut flow)
}

fn verdict(flow: &mut Flow) -> (Payload, Option<String>) {
    let found = flow
        .observed()
        .into_iter()
        .find_map(|observation| match observation {
            Observation::MediaStream { payload, codec, .. } => {
                Some((payload, codec.map(|codec| codec.as_str().to_owned())))
            }
            _ => None,
        });
    found.expect("no media")
}

fn readable(codec: &str) -> (Payload, Option<String>) {
    (Payload::Readable, Some(codec.to_owned()))
}

fn body(seed: &mut fastrand::Rng, head: &[u8]) -> Vec<u8> {
    let mut payload = head.to_vec();
    payload.extend(random(seed, 900));
    payload
}

fn vp8(sealed: bool) -> (Payload, Option<String>) {
    let mut seed = fastrand::Rng::with_seed(1);
    video(3, |frame, part, _| {
        let mut head = vec![
            0x80 | if part == 0 { 0x10 } else { 0 },
            0x80,
            0x80 | (frame >> 8) as u8,
            frame as u8,
        ];
        if part == 0 && !sealed {
            let key: &[u8] = &[0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x80, 2, 0xe0, 1];
            head.extend(if frame % 20 == 0 { key } else { &[0x11, 3, 0] });
        }
        body(&mut seed, &head)
    })
}

#[test]
fn vp8_is_read_by_its_frames() {
    assert_eq!(vp8(false), readable("VP8"));
    assert_eq!(vp8(true), (Payload::Sealed, None));
}

fn vp9(sealed: bool) -> (Payload, Option<String>) {
    let mut seed = fastrand::Rng::with_seed(2);
    video(3, |frame, part, last| {
        let flags = 0x80
            | if part == 0 { 0x08 } else { 0 }
            | if last { 0x04 } else { 0 }
            | if frame % 20 != 0 { 0x40 } else { 0 };
        let mut head = vec![flags, 0x80 | (frame >> 8) as u8, frame as u8];
        if part == 0 && !sealed {
            let key: &[u8] = &[0x82, 0x49, 0x83, 0x42];
            head.extend(if frame % 20 == 0 { key } else { &[0x86, 0] });
        }
        body(&mut seed, &head)
    })
}

#[test]
fn vp9_is_read_by_its_frames() {
    assert_eq!(vp9(false), readable("VP9"));
    assert_eq!(vp9(true), (Payload::Sealed, None));
}

/// The first packet of a key frame brings the parameters; all others are fragments of slices.
fn h264(sealed: bool) -> (Payload, Option<String>) {
    let mut seed = fastrand::Rng::with_seed(3);
    video(3, |frame, part, last| {
        let kind = if frame % 20 == 0 { 5 } else { 1 };
        let head = match part {
            0 if frame % 20 == 0 && !sealed => vec![0x67, 0x42, 0xe0, 0x1f],
            0 => vec![0x7c, 0x80 | kind],
            _ => vec![0x7c, kind | if last { 0x40 } else { 0 }],
        };
        let mut payload = body(&mut seed, &head);
        if part == 0 && !sealed && head.len() == 2 {
            payload[2] = 0x9a;
        }
        payload
    })
}

#[test]
fn h264_is_read_by_its_parameters_and_slices() {
    assert_eq!(h264(false), readable("H.264"));
    assert_eq!(h264(true), (Payload::Sealed, None));
}

#[test]
fn h264_is_read_when_frames_begin_with_several_units_in_a_packet() {
    let mut seed = fastrand::Rng::with_seed(10);
    let found = video(2, |frame, part, _| match part {
        // A description of 120 bytes first, and the parameters behind it; of later packets less than that is kept.
        0 if frame % 20 == 0 => body(&mut seed, &[0x18, 0x00, 0x78, 0x67, 0x64, 0x00, 0x14]),
        0 => body(&mut seed, &[0x18, 0x01, 0x80, 0x41, 0x9a]),
        _ => body(&mut seed, &[0x41, 0x9a]),
    });
    assert_eq!(found, readable("H.264"));
}

#[test]
fn h265_is_read_by_its_parameters() {
    let mut seed = fastrand::Rng::with_seed(4);
    let found = video(3, |frame, part, last| {
        let head: Vec<u8> = match part {
            0 if frame % 20 == 0 => vec![0x40, 0x01, 0x0c, 0x01],
            0 => vec![0x62, 0x01, 0x81, 0xd0],
            _ => vec![0x62, 0x01, 0x01 | if last { 0x40 } else { 0 }],
        };
        body(&mut seed, &head)
    });
    assert_eq!(found, readable("H.265"));
}

#[test]
fn av1_is_read_by_its_units() {
    let mut seed = fastrand::Rng::with_seed(5);
    let found = video(3, |frame, part, last| {
        let z = if part > 0 { 0x80 } else { 0 };
        let y = if last { 0 } else { 0x40 };
        let head: Vec<u8> = match part {
            0 if frame % 20 == 0 => vec![0x08 | y | 0x10, 0x08, 0x00],
            0 => vec![y | 0x10, 0x30],
            _ => vec![z | y | 0x10],
        };
        body(&mut seed, &head)
    });
    assert_eq!(found, readable("AV1"));
}

/// Sound whose packets last 20 ms.
fn sound(kind: u8, ticks: u32, mut packet: impl FnMut(u16) -> Vec<u8>) -> (Payload, Option<String>) {
    let mut flow = Flow::udp();
    for at in 0..200 {
        flow.forth(&rtp(kind, at, u32::from(at) * ticks, 5, &packet(at)));
    }
    verdict(&mut flow)
}

#[test]
fn opus_is_read_by_how_long_its_packets_last_and_what_follows() {
    let mut seed = fastrand::Rng::with_seed(6);
    let found = sound(111, 960, |_| {
        let length = 60 + seed.usize(..40);
        let mut packet = random(&mut seed, length);
        packet[0] = 0x78;
        packet[1] = [0x0b, 0x83, 0x07][seed.usize(..3)];
        packet
    });
    assert_eq!(found, readable("Opus"));
}

#[test]
fn first_symbols_of_opus_that_prefer_no_single_value_are_enough() {
    let mut seed = fastrand::Rng::with_seed(9);
    let found = sound(111, 960, |_| {
        let length = 60 + seed.usize(..40);
        let mut packet = random(&mut seed, length);
        packet[0] = 0x78;
        packet[1] = 0x80 | packet[1] & 0x1f;
        packet
    });
    assert_eq!(found, readable("Opus"));
}

#[test]
fn a_first_byte_in_clear_alone_is_not_opus() {
    let mut seed = fastrand::Rng::with_seed(7);
    let found = sound(111, 960, |_| {
        let length = 60 + seed.usize(..40);
        let mut packet = random(&mut seed, length);
        packet[0] = 0x78;
        packet
    });
    assert_eq!(found, (Payload::Sealed, None));
}

#[test]
fn frames_of_sframe_are_found_by_counters_that_go_on() {
    let mut seed = fastrand::Rng::with_seed(8);
    let mut flow = Flow::udp();
    for at in 0..300u16 {
        // Key 5, and a counter in as few bytes as it needs (RFC 9605 section 4.3).
        let mut payload = match at {
            0..8 => vec![0x50 | at as u8],
            8..256 => vec![0x58, at as u8],
            _ => vec![0x59, (at >> 8) as u8, at as u8],
        };
        payload.extend(random(&mut seed, 90));
        flow.forth(&rtp(111, at, u32::from(at) * 960, 5, &payload));
    }
    let observed = flow.observed();
    let found = observed.iter().find_map(|seen| match seen {
        Observation::Sframe { key_ids, .. } => Some(key_ids.clone()),
        _ => None,
    });
    assert_eq!(found, Some(vec![5]));
    assert_eq!(verdict(&mut flow).0, Payload::Sealed);
}

#[test]
fn sealed_packets_have_no_header_of_sframe() {
    let mut seed = fastrand::Rng::with_seed(9);
    let mut flow = Flow::udp();
    for at in 0..500u16 {
        flow.forth(&rtp(111, at, u32::from(at) * 960, 5, &random(&mut seed, 90)));
    }
    assert!(
        !flow
            .observed()
            .iter()
            .any(|seen| matches!(seen, Observation::Sframe { .. }))
    );
}

#[test]
fn a_label_that_looks_like_a_codecs_header_does_not_make_sealed_packets_readable() {
    let labels: [&[u8]; 5] = [
        &[0x65, 0xaf, 0x97],
        &[0x48, 0x78, 0x94],
        &[0x78, 0xb4, 0xe6],
        &[0x08, 0xb4, 0xeb],
        &[0xd6, 0xec, 0x44, 0xa3],
    ];
    for label in labels {
        for ticks in [960, 3000] {
            let mut seed = fastrand::Rng::with_seed(11);
            let mut flow = Flow::udp();
            for at in 0..300 {
                let payload = [label, &random(&mut seed, 200)].concat();
                flow.forth(&rtp(98, at, u32::from(at) * ticks, 5, &payload));
            }
            assert_eq!(verdict(&mut flow), (Payload::Sealed, None), "{label:x?}");
        }
    }
}

#[test]
fn aac_is_read_with_several_units_in_a_packet() {
    let mut seed = fastrand::Rng::with_seed(12);
    // RFC 3640 section 3.2.1: the bits of all headers, the headers (13 bits of size, 3 of index), the units.
    let found = sound(97, 4096, |_| {
        let sizes: Vec<u16> = (0..4).map(|_| seed.u16(100..300)).collect();
        let mut packet = 64u16.to_be_bytes().to_vec();
        sizes
            .iter()
            .for_each(|size| packet.extend((size << 3).to_be_bytes()));
        packet.extend(random(&mut seed, usize::from(sizes.iter().sum::<u16>())));
        packet
    });
    assert_eq!(found, readable("AAC"));
}
