//! Responsible for: which names were asked for, and which addresses they were said to have (RFC 1035, RFC 3596, RFC 6762).
//! Not responsible for: whether the answer is true.
use super::bytes::{Reader, u16_at};
use super::{Detector, Next, Seen, Taken};
use crate::Found;
use crate::observation::{Observation, Protocol, Text};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const HEADER: usize = 12;
const A: u16 = 1;
const AAAA: u16 = 28;
/// RFC 1035 section 2.3.4.
const LONGEST_NAME: usize = 255;
/// A name that is pointed to in so many steps is a trap.
const MOST_STEPS: usize = 32;
/// More addresses of a name are not kept.
const MOST_ADDRESSES: usize = 16;
/// More records of a message are not read.
const MOST_RECORDS: u16 = 64;

/// A message about one question, or an answer of multicast DNS that repeats none.
pub fn begins(bytes: &[u8]) -> bool {
    Message::read(bytes).is_some()
}

struct Message {
    is_answer: bool,
    name: Option<Vec<u8>>,
    addresses: Vec<IpAddr>,
}

impl Message {
    fn read(bytes: &[u8]) -> Option<Message> {
        let flags = u16_at(bytes, 2)?;
        let [questions, answers, authorities, others] = [4, 6, 8, 10].map(|at| u16_at(bytes, at));
        let (questions, answers) = (questions?, answers?);
        let is_answer = flags & 0x8000 != 0;
        let opcode = flags >> 11 & 0xf;
        let makes_sense = flags & 0x0040 == 0
            && matches!(opcode, 0 | 4 | 5)
            && (is_answer || (flags & 0x000f == 0 && answers <= MOST_RECORDS))
            && questions <= 4
            && (questions > 0 || (is_answer && answers > 0))
            && answers <= MOST_RECORDS
            && authorities? <= MOST_RECORDS
            && others? <= MOST_RECORDS;
        if !makes_sense {
            return None;
        }
        let mut at = HEADER;
        let mut first = None;
        for _ in 0..questions {
            let (name, end) = name(bytes, at)?;
            let (kind, class) = (u16_at(bytes, end)?, u16_at(bytes, end + 2)?);
            // The top bit of a class asks for an answer to one alone (RFC 6762 section 5.4).
            if kind == 0 || !matches!(class & 0x7fff, 1 | 3 | 254 | 255) || is_netbios(kind, &name) {
                return None;
            }
            at = end + 4;
            first.get_or_insert(name);
        }
        let mut addresses = Vec::new();
        for _ in 0..if is_answer { answers } else { 0 } {
            // What the capture cut off is not missed.
            let Some((name, kind, data, end)) = record(bytes, at) else {
                if questions == 0 {
                    return None;
                }
                break;
            };
            if questions == 0 && first.is_none() {
                first = Some(name);
            }
            at = end;
            let address = match kind {
                A => <[u8; 4]>::try_from(data)
                    .ok()
                    .map(|ip| IpAddr::from(Ipv4Addr::from(ip))),
                AAAA => <[u8; 16]>::try_from(data)
                    .ok()
                    .map(|ip| IpAddr::from(Ipv6Addr::from(ip))),
                _ => None,
            };
            if let Some(address) = address
                && addresses.len() < MOST_ADDRESSES
                && !addresses.contains(&address)
            {
                addresses.push(address);
            }
        }
        Some(Message {
            is_answer,
            name: first,
            addresses,
        })
    }
}

/// NetBIOS asks in messages of the same form, for names in half bytes from A to P (RFC 1001 section 14.1, RFC 1002 section
/// 4.2.1.3).
fn is_netbios(kind: u16, name: &[u8]) -> bool {
    let coded = name.split(|byte| *byte == b'.').next().unwrap_or_default();
    matches!(kind, 0x20 | 0x21) && coded.len() == 32 && coded.iter().all(|byte| matches!(byte, b'A'..=b'P'))
}

/// A name, whose first label is at `at`, and where what follows it begins.
fn name(bytes: &[u8], mut at: usize) -> Option<(Vec<u8>, usize)> {
    let (mut name, mut end) = (Vec::new(), None);
    for _ in 0..MOST_STEPS + LONGEST_NAME / 2 {
        let length = usize::from(*bytes.get(at)?);
        match length {
            0 => return Some((name, end.unwrap_or(at + 1))),
            1..=63 => {
                let label = bytes.get(at + 1..at + 1 + length)?;
                if !name.is_empty() {
                    name.push(b'.');
                }
                name.extend_from_slice(label);
                if name.len() > LONGEST_NAME {
                    return None;
                }
                at += 1 + length;
            }
            192.. => {
                let to = usize::from(u16_at(bytes, at)? & 0x3fff);
                end.get_or_insert(at + 2);
                // RFC 1035 section 4.1.4: to a prior occurrence, so that there is no circle.
                if to >= at || to < HEADER {
                    return None;
                }
                at = to;
            }
            _ => return None,
        }
    }
    None
}

/// Name, kind and data of a resource record, and where it ends.
fn record(bytes: &[u8], at: usize) -> Option<(Vec<u8>, u16, &[u8], usize)> {
    let (name, end) = name(bytes, at)?;
    let mut reader = Reader::new(bytes.get(end..)?);
    let kind = reader.u16()?;
    reader.take(6)?;
    let data = reader.prefixed(2)?.rest();
    Some((name, kind, data, bytes.len() - reader.len()))
}

#[derive(Default)]
pub struct Dns;

impl Dns {
    fn message(bytes: &[u8], seen: Seen<'_>, found: &mut Found<'_>) -> Next {
        let Some(message) = Message::read(bytes) else {
            return Next::More;
        };
        found.see(
            seen.number,
            seen.at,
            Observation::Carries {
                protocol: Protocol::Dns,
            },
        );
        if let Some(name) = message.name {
            let name = Text::new(&name);
            let observation = if message.is_answer {
                Observation::DnsAnswer {
                    name,
                    addresses: message.addresses,
                }
            } else {
                Observation::DnsQuery { name }
            };
            found.see(seen.number, seen.at, observation);
        }
        Next::Mine
    }
}

impl Detector for Dns {
    fn datagram(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Next {
        Self::message(seen.bytes, seen, found)
    }

    /// RFC 1035 section 4.2.2: each message after its length.
    fn stream(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Taken {
        let mut reader = Reader::new(seen.bytes);
        while let Some(message) = reader.prefixed(2) {
            Self::message(message.rest(), seen, found);
        }
        Taken {
            bytes: seen.bytes.len() - reader.len(),
            next: Next::Mine,
        }
    }
}
