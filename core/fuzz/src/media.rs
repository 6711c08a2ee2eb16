//! Sealed frames (RFC 9605).
use crate::plant;
use ringfence_e2ee::keys::{BaseKey, Header, open};

/// The key that the seeds are sealed with: a frame that opens is one of them.
pub const KEY: [u8; 16] = [11; 16];

pub fn sframe(bytes: &[u8], planted: bool) {
    let opened = open(&BaseKey::from_bytes(KEY), b"", bytes);
    let Ok((header, length)) = Header::decode(bytes) else {
        assert!(opened.is_err());
        return;
    };
    assert!((1..=17).contains(&length) && length <= bytes.len());
    let shortest = header.encode();
    assert!(
        shortest.len() <= length,
        "nothing is written longer than it was read"
    );
    assert_eq!(
        Header::decode(&shortest).expect("our own"),
        (header, shortest.len())
    );
    plant(planted, header.kid > 0xff && header.counter > 1 << 40);
}
