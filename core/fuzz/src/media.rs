//! Sealed frames (RFC 9605), and what a client without a browser puts together or sends.
use crate::plant;
use ringfence_call::source::{self, Source};
use ringfence_call::vp8::Assembler;
use ringfence_e2ee::keys::{BaseKey, Header, open};
use std::time::{Duration, Instant};

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

/// What a client takes from its connection and from its disk: packets of a line, and files that are sent.
pub fn pieces(bytes: &[u8], planted: bool) {
    let (mut assembler, mut now) = (Assembler::default(), Instant::now());
    let (mut number, mut at, mut frames) = (1000u64, 0, 0);
    while let Some([step, timestamp, flags, length]) = bytes.get(at..at + 4) {
        // Back by one at most, so that packets overtake each other.
        number = (number + u64::from(*step & 7)).saturating_sub(1);
        now += Duration::from_millis(u64::from(*flags >> 1));
        let end = bytes.len().min(at + 4 + usize::from(*length));
        let payload = &bytes[at + 4..end];
        for frame in assembler.take(number, (*timestamp).into(), flags & 1 == 1, payload, now) {
            assert!(!frame.is_empty() && frame.len() < bytes.len());
            frames += 1;
        }
        at = end;
    }
    plant(planted, frames > 2 && assembler.lost > 0);
}

pub fn source(bytes: &[u8], planted: bool) {
    let Ok(read) = source::read(bytes) else { return };
    let (Source::Sound(content) | Source::Picture(content)) = read;
    assert!(!content.frames.is_empty());
    for (frame, lasts) in &content.frames {
        assert!(!frame.is_empty() && !lasts.is_zero() && *lasts <= Duration::from_secs(60));
    }
    let longest = content.frames.iter().map(|(_, lasts)| *lasts).max();
    plant(planted, longest > Some(Duration::from_millis(200)));
}
