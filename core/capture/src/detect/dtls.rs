//! Responsible for: the handshake of a DTLS association as far as it is in clear (RFC 6347, RFC 9147).
//! Not responsible for: what hellos and certificates say, or anything that is encrypted.
use super::bytes::Reader;
use super::hello::{self, Answer};
use super::pieces::Pieces;
use super::{Detector, Next, Seen, certificate};
use crate::Found;
use crate::observation::{Carrier, Observation, Protocol};

const HANDSHAKE: u8 = 22;
const DTLS_1_3: u16 = 0xfefc;
/// A message longer than that is not put together.
const LONGEST: usize = 1 << 15;
/// So many messages of one way are put together at once.
const PARTS: usize = 8;

/// A datagram that begins with a record in clear or of DTLS 1.2 and before (RFC 6347 section 4.1).
pub fn begins(bytes: &[u8]) -> bool {
    matches!(record(&mut Reader::new(bytes)), Some(Record { whole: true, .. }))
}

/// RFC 9147 section 4: records of DTLS 1.3 that are encrypted have a header of their own.
pub fn is_unified(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| first >> 5 == 0b001)
}

struct Record<'a> {
    kind: u8,
    epoch: u16,
    body: &'a [u8],
    /// Its header makes sense.
    whole: bool,
}

/// What the capture cut short is read as far as it goes.
fn record<'a>(reader: &mut Reader<'a>) -> Option<Record<'a>> {
    let kind = reader.u8()?;
    let version = reader.u16()?;
    let epoch = reader.u16()?;
    reader.take(6)?;
    if kind == 25 {
        return None; // with a connection id (RFC 9146), whose length only the peers know
    }
    let length = usize::from(reader.u16()?);
    let body = reader.take(length.min(reader.len()))?;
    // 0x0100 is what OpenSSL called DTLS before it was a standard.
    let whole = (20..=26).contains(&kind) && matches!(version, 0xfeff | 0xfefd | 0x0100) && length > 0;
    Some(Record {
        kind,
        epoch,
        body,
        whole,
    })
}

/// A handshake message whose fragments are put together (RFC 6347 section 4.2.3).
struct Message {
    kind: u8,
    number: u16,
    length: usize,
    pieces: Pieces,
}

#[derive(Default)]
pub struct Dtls {
    ways: [Vec<Message>; 2],
    known: bool,
    offered: bool,
    /// Its peers agreed that media is sealed with keys of this handshake (RFC 5764), or may have agreed where that is
    /// encrypted.
    pub srtp: bool,
}

impl Detector for Dtls {
    fn datagram(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Next {
        if is_unified(seen.bytes) {
            return if self.known { Next::Mine } else { Next::More };
        }
        let mut reader = Reader::new(seen.bytes);
        while let Some(record) = record(&mut reader) {
            if !record.whole {
                break;
            }
            if !self.known {
                self.known = true;
                found.see(
                    seen.number,
                    seen.at,
                    Observation::Carries {
                        protocol: Protocol::Dtls,
                    },
                );
            }
            if record.kind == HANDSHAKE && record.epoch == 0 {
                self.handshake(record.body, seen, found);
            }
        }
        if self.known { Next::Mine } else { Next::More }
    }

    fn held(&self) -> usize {
        let each = |way: &Vec<Message>| {
            way.iter()
                .map(|message| message.pieces.held() + size_of::<Message>())
                .sum::<usize>()
        };
        self.ways.iter().map(each).sum()
    }
}

impl Dtls {
    fn handshake(&mut self, body: &[u8], seen: Seen<'_>, found: &mut Found<'_>) {
        let mut reader = Reader::new(body);
        while let Some((kind, number, length, offset, fragment)) = fragment(&mut reader) {
            if length > LONGEST {
                continue;
            }
            if offset == 0 && fragment.len() == length {
                let said = message_seen(kind, fragment, seen, found);
                self.hears(said);
                continue;
            }
            let way = &mut self.ways[seen.way.index()];
            let same =
                |message: &Message| (message.kind, message.number, message.length) == (kind, number, length);
            let at = way.iter().position(same).unwrap_or_else(|| {
                if way.len() == PARTS {
                    way.remove(0);
                }
                way.push(Message {
                    kind,
                    number,
                    length,
                    pieces: Pieces::default(),
                });
                way.len() - 1
            });
            way[at].pieces.put(offset, fragment, length);
            if way[at].pieces.whole().len() == length {
                let message = way.remove(at);
                let said = message_seen(message.kind, message.pieces.whole(), seen, found);
                self.hears(said);
            }
        }
    }

    fn hears(&mut self, said: OfSrtp) {
        match said {
            OfSrtp::Nothing => {}
            OfSrtp::Offered => self.offered = true,
            OfSrtp::Agreed => self.srtp = true,
            OfSrtp::Encrypted => self.srtp |= self.offered,
        }
    }
}

/// Kind, number and length of the message, where the fragment begins, and the fragment.
fn fragment<'a>(reader: &mut Reader<'a>) -> Option<(u8, u16, usize, usize, &'a [u8])> {
    let kind = reader.u8()?;
    let length = reader.u24()?;
    let number = reader.u16()?;
    let offset = reader.u24()?;
    let fragment = reader.prefixed(3)?.rest();
    (offset + fragment.len() <= length).then_some((kind, number, length, offset, fragment))
}

/// What a message says of SRTP.
enum OfSrtp {
    Nothing,
    Offered,
    Agreed,
    /// With DTLS 1.3 the answer is in a message that is encrypted (RFC 9147 section 5).
    Encrypted,
}

fn message_seen(kind: u8, body: &[u8], seen: Seen<'_>, found: &mut Found<'_>) -> OfSrtp {
    let mut see = |observation| found.see(seen.number, seen.at, observation);
    let hello = match kind {
        hello::CLIENT_HELLO => hello::client(body, Carrier::Dtls),
        hello::SERVER_HELLO => match hello::server(body, Carrier::Dtls) {
            Some(Answer::Hello(hello)) => Some(hello),
            _ => None,
        },
        hello::CERTIFICATE => {
            certificate::chain(body, Carrier::Dtls)
                .into_iter()
                .for_each(&mut see);
            None
        }
        _ => None,
    };
    let Some(hello) = hello else {
        return OfSrtp::Nothing;
    };
    let said = match &hello {
        Observation::ClientHello { srtp_profiles, .. } if !srtp_profiles.is_empty() => OfSrtp::Offered,
        Observation::ServerHello {
            srtp_profile: Some(_),
            ..
        } => OfSrtp::Agreed,
        Observation::ServerHello {
            version: DTLS_1_3, ..
        } => OfSrtp::Encrypted,
        _ => OfSrtp::Nothing,
    };
    see(hello);
    said
}
