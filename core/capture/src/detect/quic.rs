//! Responsible for: which version of QUIC a flow speaks, and the hellos in its initial packets (RFC 9000, RFC 9369).
//! Not responsible for: making their keys, or anything that is sent later.
use super::bytes::{Reader, u32_at};
use super::hello::{self, Answer};
use super::pieces::Pieces;
use super::quic_keys::{self, Keys};
use super::{Detector, Next, Seen, Way};
use crate::Found;
use crate::observation::{Carrier, Observation, Protocol};

/// RFC 9000 section 17.2: of the versions there are; an unknown version may have longer ones.
const LONGEST_ID: usize = 20;
/// More of a handshake is not put together.
const LONGEST_HELLO: usize = 1 << 15;
/// After so many datagrams nothing more is expected of the handshake.
const PATIENCE: u16 = 64;

/// What every version says in a long header (RFC 8999 section 5.1).
struct Long<'a> {
    first: u8,
    version: u32,
    to: &'a [u8],
    from: &'a [u8],
    rest: &'a [u8],
}

fn long(bytes: &[u8]) -> Option<Long<'_>> {
    let mut reader = Reader::new(bytes);
    let first = reader.u8().filter(|first| first & 0x80 != 0)?;
    let version = reader.u32()?;
    let to = reader.prefixed(1)?.rest();
    let from = reader.prefixed(1)?.rest();
    (to.len() <= LONGEST_ID && from.len() <= LONGEST_ID).then_some(Long {
        first,
        version,
        to,
        from,
        rest: reader.rest(),
    })
}

/// A datagram that begins with a long header of a version that is known.
pub fn begins(bytes: &[u8]) -> bool {
    // RFC 9443 section 3: with the fixed bit, so that it is no RTP. Google's first QUIC had versions like "Q046".
    long(bytes).is_some_and(|long| {
        long.first & 0x40 != 0 && (quic_keys::version(long.version).is_some() || is_google(long.version))
    })
}

fn is_google(version: u32) -> bool {
    let [kind, digits @ ..] = version.to_be_bytes();
    matches!(kind, b'Q' | b'T') && digits.iter().all(u8::is_ascii_digit)
}

#[derive(Default)]
struct Side {
    crypto: Pieces,
    /// Its hello was read, or cannot be.
    done: bool,
}

#[derive(Default)]
pub struct Quic {
    sides: [Side; 2],
    /// Who sent the first initial packet that opened, and to which connection id: all keys come of it.
    client: Option<(Way, Vec<u8>)>,
    datagrams: u16,
    version: Option<u32>,
}

impl Detector for Quic {
    fn datagram(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Next {
        self.datagrams = self.datagrams.saturating_add(1);
        let mut rest = seen.bytes;
        while let Some(length) = self.packet(rest, seen, found) {
            rest = rest.get(length..).unwrap_or_default();
        }
        if self.sides.iter().all(|side| side.done) || self.datagrams >= PATIENCE {
            return Next::Over;
        }
        if self.version.is_some() {
            Next::Mine
        } else {
            Next::More
        }
    }

    fn held(&self) -> usize {
        self.sides.iter().map(|side| side.crypto.held()).sum()
    }
}

impl Quic {
    /// One of the packets of a datagram (RFC 9000 section 12.2): how long it is, where another may follow.
    fn packet(&mut self, bytes: &[u8], seen: Seen<'_>, found: &mut Found<'_>) -> Option<usize> {
        let long = long(bytes)?;
        if long.version == 0 {
            self.negotiation(long.rest, seen, found);
            return None;
        }
        let known = quic_keys::version(long.version);
        if known.is_some() || is_google(long.version) {
            self.version = Some(long.version);
            found.see(
                seen.number,
                seen.at,
                Observation::Carries {
                    protocol: Protocol::Quic,
                },
            );
            found.see(
                seen.number,
                seen.at,
                Observation::Quic {
                    version: long.version,
                },
            );
        }
        let version = known?;
        if version.is_retry(long.first) {
            // RFC 9001 section 5.2: the keys come of the new connection id from here on.
            if let Some((way, id)) = &mut self.client
                && *way != seen.way
            {
                *id = long.from.to_vec();
            }
            return None;
        }
        let mut reader = Reader::new(long.rest);
        if version.is_initial(long.first) {
            let token = usize::try_from(variable(&mut reader)?).ok()?;
            reader.take(token)?;
        }
        let length = usize::try_from(variable(&mut reader)?).ok()?;
        let number_at = bytes.len() - reader.len();
        let end = number_at.checked_add(length)?;
        let packet = bytes.get(..end)?;
        if version.is_initial(long.first) {
            self.initial(&version, &long, packet, number_at, seen, found);
        }
        Some(end)
    }

    fn negotiation(&mut self, list: &[u8], seen: Seen<'_>, found: &mut Found<'_>) {
        // RFC 9000 section 17.2.1: an answer, so that it means something only after a question.
        if self.version.is_none() || !list.len().is_multiple_of(4) {
            return;
        }
        for at in (0..list.len().min(32)).step_by(4) {
            if let Some(version) = u32_at(list, at).filter(|version| quic_keys::version(*version).is_some()) {
                found.see(seen.number, seen.at, Observation::Quic { version });
            }
        }
    }

    fn initial(
        &mut self,
        version: &quic_keys::Version,
        long: &Long<'_>,
        packet: &[u8],
        number_at: usize,
        seen: Seen<'_>,
        found: &mut Found<'_>,
    ) {
        if self.sides[seen.way.index()].done {
            return;
        }
        let open = |id: &[u8], client| Keys::of(version, id, client)?.open(packet, number_at);
        let known = self
            .client
            .as_ref()
            .and_then(|(way, id)| open(id, *way == seen.way));
        let payload = match known {
            Some(payload) => payload,
            None => {
                // The first that is seen of a client; after a retry that was not seen, it has another id.
                let Some(payload) = open(long.to, true) else {
                    return;
                };
                self.client = Some((seen.way, long.to.to_vec()));
                payload
            }
        };
        let client = self.client.as_ref().is_some_and(|(way, _)| *way == seen.way);
        let side = &mut self.sides[seen.way.index()];
        frames(&payload, &mut side.crypto);
        let mut reader = Reader::new(side.crypto.whole());
        let (Some(kind), Some(body)) = (reader.u8(), reader.prefixed(3)) else {
            return;
        };
        let hello = match (client, kind) {
            (true, hello::CLIENT_HELLO) => hello::client(body.rest(), Carrier::Quic),
            (false, hello::SERVER_HELLO) => match hello::server(body.rest(), Carrier::Quic) {
                Some(Answer::Hello(hello)) => Some(hello),
                _ => None,
            },
            _ => None,
        };
        if let Some(hello) = hello {
            found.see(seen.number, seen.at, hello);
        }
        *side = Side {
            done: true,
            ..Side::default()
        };
    }
}

/// Keeps what the CRYPTO frames of an initial packet bring; others say nothing here (RFC 9000 section 17.2.2).
fn frames(payload: &[u8], crypto: &mut Pieces) {
    let mut reader = Reader::new(payload);
    while let Some(kind) = reader.u8() {
        let done = match kind {
            0 | 1 => Some(()),
            2 | 3 => acknowledgement(&mut reader, kind == 3),
            6 => piece(&mut reader, crypto),
            _ => None,
        };
        if done.is_none() {
            return;
        }
    }
}

fn piece(reader: &mut Reader<'_>, crypto: &mut Pieces) -> Option<()> {
    let offset = usize::try_from(variable(reader)?).ok()?;
    let length = usize::try_from(variable(reader)?).ok()?;
    crypto.put(offset, reader.take(length)?, LONGEST_HELLO);
    Some(())
}

fn acknowledgement(reader: &mut Reader<'_>, with_counts: bool) -> Option<()> {
    variable(reader)?;
    variable(reader)?;
    let ranges = variable(reader)?;
    variable(reader)?;
    for _ in 0..ranges {
        variable(reader)?;
        variable(reader)?;
    }
    for _ in 0..if with_counts { 3 } else { 0 } {
        variable(reader)?;
    }
    Some(())
}

/// RFC 9000 section 16.
fn variable(reader: &mut Reader<'_>) -> Option<u64> {
    let width = 1 << (reader.rest().first()? >> 6);
    let value = reader.number(width)?;
    Some(value & (u64::MAX >> (66 - 8 * width as u32)))
}
