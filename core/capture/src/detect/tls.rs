//! Responsible for: the handshake of a TLS connection as far as it is in clear (RFC 8446, RFC 5246).
//! Not responsible for: what hellos and certificates say, or anything that is encrypted.
use super::bytes::{Reader, u16_at};
use super::hello::{self, Answer};
use super::{Detector, Next, Seen, Taken, Way, certificate};
use crate::Found;
use crate::observation::{Carrier, Observation, Protocol};

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const HEADER: usize = 5;
/// RFC 5246 section 6.2.3: what a record may have at most, encrypted and compressed.
const LONGEST_RECORD: usize = (1 << 14) + 2048;
/// A handshake longer than that is not followed.
const LONGEST_HANDSHAKE: usize = 1 << 16;

/// Whether a stream goes on with a record of TLS; `None` while there is too little to tell.
fn goes_on(bytes: &[u8]) -> Option<bool> {
    let is = |at: usize, good: fn(u8) -> bool| bytes.get(at).is_none_or(|byte| good(*byte));
    let kind = is(0, |kind| (CHANGE_CIPHER_SPEC..=24).contains(&kind));
    if !kind || !is(1, |major| major == 3) || !is(2, |minor| minor <= 4) {
        return Some(false);
    }
    let length = usize::from(u16_at(bytes, 3)?);
    Some(length > 0 && length <= LONGEST_RECORD)
}

/// Whether a stream begins as TLS does, or is in the midst of it; `None` while there is too little to tell.
pub fn begins(bytes: &[u8]) -> Option<bool> {
    let length = match goes_on(bytes) {
        Some(true) => usize::from(u16_at(bytes, 3)?),
        other => return other,
    };
    match bytes[0] {
        HANDSHAKE => Some(bytes.get(HEADER).is_none_or(|kind| *kind <= 25)),
        CHANGE_CIPHER_SPEC => Some(length == 1),
        ALERT => Some(length == 2 || length > 16),
        _ => Some(length > 16),
    }
}

#[derive(Default)]
struct Side {
    /// What came of handshake messages that are not complete.
    handshake: Vec<u8>,
    /// Nothing more can be read of this way.
    closed: bool,
}

#[derive(Default)]
pub struct Tls {
    sides: [Side; 2],
    records: u8,
}

impl Detector for Tls {
    fn stream(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Taken {
        let mut taken = 0;
        while !self.sides[seen.way.index()].closed {
            let rest = &seen.bytes[taken..];
            if goes_on(rest) == Some(false) {
                self.sides[seen.way.index()] = Side {
                    closed: true,
                    ..Side::default()
                };
                break;
            }
            let Some(length) = u16_at(rest, 3).map(usize::from) else {
                break;
            };
            let Some(body) = rest.get(HEADER..HEADER + length) else {
                break;
            };
            taken += HEADER + length;
            if self.records == 0 {
                found.see(
                    seen.number,
                    seen.at,
                    Observation::Carries {
                        protocol: Protocol::Tls,
                    },
                );
            }
            self.records = self.records.saturating_add(1);
            self.record(rest[0], body, seen, found);
        }
        if self.sides[seen.way.index()].closed {
            taken = seen.bytes.len();
        }
        Taken {
            bytes: taken,
            next: self.next(),
        }
    }

    fn gap(&mut self, way: Way, _found: &mut Found<'_>) -> Next {
        self.sides[way.index()] = Side {
            closed: true,
            ..Side::default()
        };
        self.next()
    }

    fn held(&self) -> usize {
        self.sides.iter().map(|side| side.handshake.capacity()).sum()
    }
}

impl Tls {
    fn next(&self) -> Next {
        if self.sides.iter().all(|side| side.closed) {
            Next::Over
        } else {
            Next::Mine
        }
    }

    fn record(&mut self, kind: u8, body: &[u8], seen: Seen<'_>, found: &mut Found<'_>) {
        let side = &mut self.sides[seen.way.index()];
        match kind {
            HANDSHAKE if side.handshake.len() + body.len() <= LONGEST_HANDSHAKE => {
                side.handshake.extend_from_slice(body);
                let mut reader = Reader::new(&side.handshake);
                let mut done = 0;
                while let (Some(kind), Some(message)) = (reader.u8(), reader.prefixed(3)) {
                    done = side.handshake.len() - reader.len();
                    if !message_seen(kind, message.rest(), seen, found) {
                        side.closed = true;
                    }
                }
                side.handshake.drain(..done);
            }
            // TLS 1.3 sends the first of these only so that it looks like TLS 1.2; what follows is encrypted in both.
            CHANGE_CIPHER_SPEC | APPLICATION_DATA => side.closed = true,
            HANDSHAKE => side.closed = true,
            _ => {}
        }
        if side.closed {
            side.handshake = Vec::new();
        }
    }
}

/// Whether more of this way can be read.
fn message_seen(kind: u8, body: &[u8], seen: Seen<'_>, found: &mut Found<'_>) -> bool {
    match kind {
        hello::CLIENT_HELLO => {
            if let Some(hello) = hello::client(body, Carrier::Tls) {
                found.see(seen.number, seen.at, hello);
            }
        }
        hello::SERVER_HELLO => match hello::server(body, Carrier::Tls) {
            Some(Answer::Hello(hello)) => {
                // From TLS 1.3 on, all that follows is encrypted.
                let goes_on = matches!(&hello, Observation::ServerHello { version, .. } if *version < 0x0304);
                found.see(seen.number, seen.at, hello);
                return goes_on;
            }
            Some(Answer::Retry) => {}
            None => return false,
        },
        hello::CERTIFICATE => {
            for certificate in certificate::chain(body, Carrier::Tls) {
                found.see(seen.number, seen.at, certificate);
            }
        }
        0 | 4 | 12..=16 | 20..=22 => {}
        _ => return false,
    }
    true
}
