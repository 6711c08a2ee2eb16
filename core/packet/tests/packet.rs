//! Behaviour: any bytes are read without a panic, and renumbering changes the numbers and nothing else.

use ringfence_packet::dependency::{self, Layers};
use ringfence_packet::{stun, vp8};

const SEED: u64 = 0x52_46_50;

fn noise(random: &mut fastrand::Rng, longest: usize) -> Vec<u8> {
    let length = random.usize(..=longest);
    std::iter::repeat_with(|| random.u8(..)).take(length).collect()
}

#[test]
fn arbitrary_bytes_are_read_or_refused() {
    let mut random = fastrand::Rng::with_seed(SEED);
    for _ in 0..200_000 {
        let mut bytes = noise(&mut random, 40);
        dependency::read(&bytes);
        if let Some(details) = dependency::read_details(&bytes, None) {
            assert_coherent(&bytes, &details);
        }
        stun::receiver_fragment(&bytes);
        if let Some(descriptor) = vp8::read(&bytes) {
            assert!(descriptor.length <= bytes.len(), "seed {SEED:#x}: {bytes:02x?}");
        }
        dependency::write_frame_number(&mut bytes, random.u16(..));
        vp8::starts_key_frame(&bytes);
        vp8::write(&mut bytes, random.u16(..), random.u8(..));
    }
}

#[test]
fn a_vp8_renumbering_is_read_back_and_touches_no_other_byte() {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut renumbered = 0;
    for _ in 0..100_000 {
        let before = noise(&mut random, 24);
        let Some(old) = vp8::read(&before) else { continue };
        let (picture_id, tl0) = (random.u16(..), random.u8(..));
        let mut after = before.clone();
        vp8::write(&mut after, picture_id, tl0);
        let new = vp8::read(&after).expect("still readable");
        assert_eq!(new.length, old.length);
        assert_eq!(
            new.picture_id.map(|id| id.value),
            old.picture_id.map(|id| picture_id & id.mask())
        );
        assert_eq!(new.picture_id.map(|id| id.wide), old.picture_id.map(|id| id.wide));
        assert_eq!(new.tl0_pic_idx, old.tl0_pic_idx.map(|_| tl0));
        assert_eq!(
            after[new.length..],
            before[old.length..],
            "the frame is not ours to touch"
        );
        if let (Some(id), Some(idx)) = (old.picture_id, old.tl0_pic_idx) {
            vp8::write(&mut after, id.value, idx);
            assert_eq!(after, before, "seed {SEED:#x}");
            renumbered += 1;
        }
    }
    assert!(
        renumbered > 1000,
        "the sample reached {renumbered} full descriptors"
    );
}

#[test]
fn a_key_frame_in_the_clear_begins_at_the_first_partition_of_one_that_needs_no_other() {
    let cases: [(&[u8], bool); 7] = [
        (&[0x10, 0x00], true),
        (&[0x10, 0x01], false), // needs others
        (&[0x00, 0x00], false), // not the start of a partition
        (&[0x11, 0x00], false), // of the second one
        (&[0x90, 0xe0, 0x81, 0x02, 3, 4, 0x50], true),
        (&[0x90, 0xe0, 0x81, 0x02, 3, 4, 0x51], false),
        (&[0x90, 0xe0, 0x81, 0x02, 3, 4], false), // nothing behind the descriptor
    ];
    for (payload, starts) in cases {
        assert_eq!(vp8::starts_key_frame(payload), starts, "{payload:02x?}");
    }
}

#[test]
fn the_descriptors_that_chromium_sends_for_vp8_are_understood() {
    let cases: [(&[u8], Option<(u16, bool)>, Option<u8>, usize); 5] = [
        (
            &[0x90, 0xe0, 0x92, 0x34, 0x07, 0x20, 0xaa],
            Some((0x1234, true)),
            Some(7),
            6,
        ),
        (&[0x90, 0x80, 0x81, 0x01, 0xaa], Some((0x0101, true)), None, 4),
        (&[0x90, 0x80, 0x11, 0xaa], Some((0x11, false)), None, 3),
        (&[0x80, 0x00, 0xaa], None, None, 2),
        (&[0x10, 0xaa], None, None, 1),
    ];
    for (payload, picture_id, tl0, length) in cases {
        let read = vp8::read(payload).expect("complete");
        assert_eq!(
            read.picture_id.map(|id| (id.value, id.wide)),
            picture_id,
            "{payload:02x?}"
        );
        assert_eq!((read.tl0_pic_idx, read.length), (tl0, length), "{payload:02x?}");
    }
    for cut in [
        &[0x90u8][..],
        &[0x90, 0x80],
        &[0x90, 0x80, 0x81],
        &[0x90, 0xc0, 0x01],
    ] {
        assert_eq!(vp8::read(cut), None, "{cut:02x?} ends inside the descriptor");
    }
}

#[test]
fn a_frame_number_is_read_back_and_touches_no_other_byte() {
    let mut random = fastrand::Rng::with_seed(SEED);
    for _ in 0..20_000 {
        let before = noise(&mut random, 60);
        let number = random.u16(..);
        let mut after = before.clone();
        dependency::write_frame_number(&mut after, number);
        let Some(old) = dependency::read(&before) else {
            assert_eq!(after, before);
            continue;
        };
        let new = dependency::read(&after).expect("still readable");
        assert_eq!(
            new,
            dependency::Descriptor {
                frame_number: number,
                ..old
            }
        );
        assert_eq!((&after[..1], &after[3..]), (&before[..1], &before[3..]));
    }
}

#[test]
fn only_the_first_packet_of_a_key_frame_starts_one() {
    let cases: [(&[u8], bool); 5] = [
        (&[0x80, 0, 1, 0x80, 0x01], true),  // start of frame, structure present
        (&[0x00, 0, 1, 0x80, 0x01], false), // structure, but not the start
        (&[0x80, 0, 1, 0x40], false),       // extended fields without a structure
        (&[0xc0, 0, 1], false),             // a delta frame in one packet
        (&[0x80, 0], false),                // cut
    ];
    for (bytes, starts) in cases {
        assert_eq!(
            dependency::read(bytes).is_some_and(|read| read.starts_key_frame()),
            starts,
            "{bytes:02x?}"
        );
    }
}

#[test]
fn a_binding_request_names_its_receiver() {
    let request = |username: &[u8]| {
        let mut bytes = vec![0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42];
        bytes.extend([7; 12]);
        bytes.extend([0x80, 0x22, 0x00, 0x03, b'a', b'b', b'c', 0x00]); // SOFTWARE, padded
        bytes.extend([0x00, 0x06, 0x00, username.len() as u8]);
        bytes.extend(username);
        bytes
    };
    assert_eq!(stun::receiver_fragment(&request(b"here:there")), Some("here"));
    assert_eq!(stun::receiver_fragment(&request(b"nobody")), None);
    assert_eq!(stun::receiver_fragment(&request(b"\xff:x")), None);
    let mut response = request(b"here:there");
    response[0] = 0x01;
    assert_eq!(
        stun::receiver_fragment(&response),
        None,
        "a response is for nobody"
    );
    let whole = request(b"here:there");
    assert_eq!(
        stun::receiver_fragment(&whole[..whole.len() - 1]),
        None,
        "a cut attribute"
    );
}

/// The first packet of a key frame of Chromium's VP9 in three spatial and three temporal layers.
const L3T3: &[u8] = include_bytes!("chromium-l3t3.descriptor");

const fn layers(spatial: u8, temporal: u8) -> Layers {
    Layers { spatial, temporal }
}

/// What whoever forwards may rely on, whatever the bytes.
fn assert_coherent(bytes: &[u8], details: &dependency::Details) {
    assert!(
        details.layers.spatial <= 3 && details.layers.temporal <= 7,
        "{bytes:02x?}"
    );
    if let Some(structure) = &details.structure {
        assert!((1..=64).contains(&structure.templates.len()), "{bytes:02x?}");
        assert!((1..=32).contains(&structure.targets.len()), "{bytes:02x?}");
        assert!(structure.chains.is_empty() || structure.chains.len() == structure.targets.len());
        assert!(
            details.layers.spatial <= structure.highest_spatial(),
            "{bytes:02x?}"
        );
        let active = details.active.expect("all targets, unless it says otherwise");
        assert!(structure.highest_active(active) <= Some(structure.highest_spatial()));
    }
}

#[test]
fn the_structure_that_chromium_sends_for_vp9_in_layers_is_understood() {
    let details = dependency::read_details(L3T3, None).expect("complete");
    assert_eq!(details.layers, layers(0, 0));
    assert_eq!(details.active, Some(0b1_1111_1111));
    let structure = details.structure.expect("it comes with one");
    assert_eq!(structure.highest_spatial(), 2);
    let every: Vec<Layers> = (0..3)
        .flat_map(|spatial| (0..3).map(move |temporal| layers(spatial, temporal)))
        .collect();
    assert_eq!(structure.targets, every);
    assert_eq!(structure.chains, [0, 0, 0, 1, 1, 1, 2, 2, 2]);
    assert_eq!(structure.highest_active(0b1_1111_1111), Some(2));
    assert_eq!(structure.highest_active(0b0_0011_1111), Some(1));
    assert_eq!(structure.highest_active(0), None);
    // What follows it in the same stream, in three bytes each.
    let packets: [([u8; 3], Layers); 8] = [
        ([0x86, 0x01, 0x63], layers(1, 0)),
        ([0x0b, 0x01, 0x64], layers(2, 0)),
        ([0xc3, 0x01, 0x65], layers(0, 2)),
        ([0xc8, 0x01, 0x66], layers(1, 2)),
        ([0xcd, 0x01, 0x67], layers(2, 2)),
        ([0xc2, 0x01, 0x68], layers(0, 1)),
        ([0x85, 0x01, 0x6f], layers(1, 0)),
        ([0x4a, 0x01, 0x70], layers(2, 0)),
    ];
    for (bytes, expected) in packets {
        let details = dependency::read_details(&bytes, Some(&structure)).expect("known");
        assert_eq!((details.layers, details.active), (expected, None), "{bytes:02x?}");
        assert_eq!(
            dependency::read_details(&bytes, None),
            None,
            "without its structure nothing is known"
        );
    }
    let unknown = [0x8f, 0x01, 0x70]; // the sixteenth of fifteen templates
    assert_eq!(dependency::read_details(&unknown, Some(&structure)), None);
    // Extended fields without a structure: the third spatial layer ends.
    let ends = [0xc3, 0x01, 0x65, 0x40, 0b0111_1110];
    let details = dependency::read_details(&ends, Some(&structure)).expect("complete");
    assert_eq!(
        details.active.and_then(|active| structure.highest_active(active)),
        Some(1)
    );
}

#[test]
fn a_structure_that_is_cut_or_changed_anywhere_is_refused_or_coherent() {
    for end in 0..L3T3.len() {
        assert_eq!(dependency::read_details(&L3T3[..end], None), None, "{end} bytes");
    }
    let mut random = fastrand::Rng::with_seed(SEED);
    let known = dependency::read_details(L3T3, None).and_then(|details| details.structure);
    let mut understood = 0;
    for _ in 0..50_000 {
        let mut bytes = L3T3.to_vec();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(..bytes.len());
            bytes[at] = random.u8(..);
        }
        if let Some(details) = dependency::read_details(&bytes, known.as_ref()) {
            assert_coherent(&bytes, &details);
            understood += 1;
        }
    }
    assert!(
        understood > 1000,
        "the sample reached {understood} that can be read"
    );
}

#[test]
fn template_ids_run_on_past_their_end() {
    // One spatial and two temporal layers, ids from 63 on: 63, then 0. One target, no chain, no resolutions.
    let mut bits = String::new();
    bits += "1 0 000001 0000000000000000"; // starts the frame, template 1: there is none
    bits += "1 0 0 0 0"; // a structure
    bits += "111111 00000 01 11"; // ids from 63, one target, two templates of rising temporal layer
    bits += "10 10 0 0 0 0"; // indications, no dependencies, no chain, no resolutions
    let bits: Vec<u8> = bits
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|bit| bit - b'0')
        .collect();
    let mut bytes: Vec<u8> = bits
        .chunks(8)
        .map(|byte| byte.iter().rev().enumerate().map(|(at, bit)| bit << at).sum())
        .collect();
    assert_eq!(dependency::read_details(&bytes, None), None);
    for (template, temporal) in [(63, 0), (0, 1)] {
        bytes[0] = 0x80 | template;
        let details = dependency::read_details(&bytes, None).expect("complete");
        assert_eq!(details.layers, layers(0, temporal));
    }
}
