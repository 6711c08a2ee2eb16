//! Responsible for: what a description of media says of where media goes, and how it will be encrypted (RFC 8866).
//! Not responsible for: keys in it (`secrets`).
use super::Seen;
use crate::Found;
use crate::observation::{Observation, Text};
use std::net::IpAddr;

/// More lines of media are not kept.
const MOST: usize = 16;

struct Media<'a> {
    kind: &'a [u8],
    port: u16,
    transport: &'a [u8],
    address: Option<IpAddr>,
    fingerprint: bool,
}

/// Reads a description, also within a string of JSON; anything else has none of its lines. `_place` says where it is.
pub fn observe(bytes: &[u8], _place: &str, seen: Seen<'_>, found: &mut Found<'_>) {
    let Some(start) = bytes
        .windows(4)
        .position(|part| part == b"v=0\r" || part == b"v=0\n" || part == b"v=0\\")
    else {
        return;
    };
    let (mut session_address, mut session_fingerprint) = (None, false);
    let mut media: Vec<Media<'_>> = Vec::new();
    for line in lines(&bytes[start..]) {
        if let Some(words) = line.strip_prefix(b"m=") {
            let mut words = words.split(|byte| *byte == b' ');
            let (Some(kind), Some(port), Some(transport)) = (words.next(), words.next(), words.next()) else {
                continue;
            };
            let port = port
                .split(|byte| *byte == b'/')
                .next()
                .and_then(|port| std::str::from_utf8(port).ok()?.parse().ok());
            if let Some(port) = port.filter(|_| media.len() < MOST) {
                media.push(Media {
                    kind,
                    port,
                    transport,
                    address: session_address,
                    fingerprint: session_fingerprint,
                });
            }
        } else if let Some(connection) = line.strip_prefix(b"c=IN IP") {
            let address = connection
                .get(2..)
                .and_then(|text| text.split(|byte| *byte == b'/').next());
            let address = address.and_then(|text| std::str::from_utf8(text).ok()?.trim().parse().ok());
            match media.last_mut() {
                Some(media) => media.address = address,
                None => session_address = address,
            }
        } else if line.starts_with(b"a=fingerprint:") {
            match media.last_mut() {
                Some(media) => media.fingerprint = true,
                None => session_fingerprint = true,
            }
        }
    }
    for media in media {
        found.see(
            seen.number,
            seen.at,
            Observation::SdpMedia {
                media: Text::new(media.kind),
                address: media.address,
                port: media.port,
                transport: Text::new(media.transport),
                fingerprint: media.fingerprint,
            },
        );
    }
}

/// Lines, whose ends may be written as JSON writes them.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let pieces = bytes.split(|byte| matches!(byte, b'\r' | b'\n' | b'\\'));
    pieces.map(|piece| match piece {
        [b'r' | b'n', line @ ..] if line.get(1) == Some(&b'=') => line,
        line => line,
    })
}
