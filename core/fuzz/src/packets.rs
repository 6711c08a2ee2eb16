//! What a forwarder reads of packets before anybody has vouched for them.
use crate::plant;
use ringfence_packet::{dependency, stun as readers, vp8 as payload};

pub fn descriptor(bytes: &[u8], planted: bool) {
    let Some(read) = dependency::read(bytes) else {
        let mut same = bytes.to_vec();
        dependency::write_frame_number(&mut same, 7);
        assert_eq!(same, bytes, "what is not read is not written");
        return;
    };
    plant(
        planted,
        read.starts_key_frame() && read.frame_number & 0xff == 0x5a,
    );
    let mut other = bytes.to_vec();
    dependency::write_frame_number(&mut other, !read.frame_number);
    let again = dependency::read(&other).expect("it is as long as before");
    assert_eq!(again.frame_number, !read.frame_number);
    assert_eq!(
        dependency::Descriptor {
            frame_number: read.frame_number,
            ..again
        },
        read
    );
    if let Some(details) = dependency::read_details(bytes, None) {
        let structure = details.structure.as_ref().expect("nothing is known without one");
        assert!((1..=64).contains(&structure.templates.len()) && (1..=32).contains(&structure.targets.len()));
        assert!(details.layers.spatial <= structure.highest_spatial() && structure.highest_spatial() <= 3);
        assert_eq!(structure.layers(read.template), Some(details.layers));
        assert_eq!(
            dependency::read_details(&other, Some(structure)).as_ref(),
            Some(&details)
        );
    }
}

pub fn vp8(bytes: &[u8], planted: bool) {
    let Some(read) = payload::read(bytes) else {
        let mut same = bytes.to_vec();
        payload::write(&mut same, 7, 7);
        assert_eq!(same, bytes, "what is not read is not written");
        return;
    };
    assert!(read.length <= bytes.len());
    let wide = read.picture_id.is_some_and(|id| id.wide);
    plant(planted, wide && read.tl0_pic_idx == Some(0x5a));
    let mut other = bytes.to_vec();
    payload::write(&mut other, 0x2345, 0x67);
    assert_eq!(
        other[read.length..],
        bytes[read.length..],
        "the sealed frame is untouched"
    );
    let again = payload::read(&other).expect("it is as long as before");
    assert_eq!(again.length, read.length);
    assert_eq!(again.tl0_pic_idx, read.tl0_pic_idx.map(|_| 0x67));
    let written = read.picture_id.map(|id| (0x2345 & id.mask(), id.wide));
    assert_eq!(again.picture_id.map(|id| (id.value, id.wide)), written);
}

pub fn stun(bytes: &[u8], planted: bool) {
    if let Some(fragment) = readers::receiver_fragment(bytes) {
        assert!(fragment.len() < bytes.len() && !fragment.contains(':'));
        plant(planted, fragment.len() == 3);
    }
}
