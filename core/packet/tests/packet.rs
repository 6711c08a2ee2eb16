//! Behaviour: any bytes are read without a panic, and renumbering changes the numbers and nothing else.

use ringfence_packet::{dependency, stun, vp8};

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
        stun::receiver_fragment(&bytes);
        if let Some(descriptor) = vp8::read(&bytes) {
            assert!(descriptor.length <= bytes.len(), "seed {SEED:#x}: {bytes:02x?}");
        }
        dependency::write_frame_number(&mut bytes, random.u16(..));
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
