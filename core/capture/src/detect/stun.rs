//! Responsible for: messages of STUN and TURN: addresses, who speaks which dialect, and what is wrapped in them (RFC 8489, RFC 8656).
//! Not responsible for: which dialect is whose (`dialects`), or what it is that was wrapped.
use super::bytes::{Reader, u16_at, u32_at};
use super::dialects;
use crate::Found;
use crate::observation::{Observation, Protocol, Text};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::Seen;

pub const HEADER: usize = 20;
const COOKIE: u32 = 0x2112_a442;

const MAPPED_ADDRESS: u16 = 0x0001;
const USERNAME: u16 = 0x0006;
const XOR_PEER_ADDRESS: u16 = 0x0012;
const DATA: u16 = 0x0013;
const REALM: u16 = 0x0014;
const XOR_RELAYED_ADDRESS: u16 = 0x0016;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const SOFTWARE: u16 = 0x8022;
/// PRIORITY, USE-CANDIDATE, ICE-CONTROLLED, ICE-CONTROLLING (RFC 8445 section 16.1).
const OF_ICE: [u16; 4] = [0x0024, 0x0025, 0x8029, 0x802a];

/// RFC 8656 section 17, RFC 6062 section 6.1: the methods that only TURN has.
const TURN_METHODS: [u16; 9] = [3, 4, 6, 7, 8, 9, 10, 11, 12];

/// A message that fits its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The first two bytes as they are.
    pub kind: u16,
    id: &'a [u8],
    attributes: &'a [u8],
    /// Bytes that it takes in all.
    pub length: usize,
}

impl<'a> Message<'a> {
    /// The message at the start of some bytes; what the capture cut off of `whole` bytes is not missed.
    pub fn read(bytes: &'a [u8], whole: usize) -> Option<Message<'a>> {
        let kind = u16_at(bytes, 0).filter(|kind| kind & 0xc000 == 0)?;
        let length = HEADER + usize::from(u16_at(bytes, 2)?);
        let id = bytes.get(4..HEADER)?;
        let message = Message {
            kind,
            id,
            attributes: &bytes[HEADER..length.min(bytes.len())],
            length,
        };
        if u32_at(bytes, 4)? == COOKIE {
            return (length.is_multiple_of(4) && length <= whole).then_some(message);
        }
        // RFC 3489 had no cookie: only its few messages, of the right length, are believed.
        let old = matches!(kind, 0x0001 | 0x0101 | 0x0111) && length == whole && bytes.len() == whole;
        (old && message.is_well_made()).then_some(message)
    }

    fn is_well_made(&self) -> bool {
        let all: usize = self
            .attributes()
            .map(|(_, value)| 4 + value.len().next_multiple_of(4))
            .sum();
        all == self.attributes.len()
    }

    /// RFC 8489 section 5: two bits of the class lie within the method.
    pub fn method(&self) -> u16 {
        self.kind & 0x000f | self.kind >> 1 & 0x0070 | self.kind >> 2 & 0x0f80
    }

    pub fn class(&self) -> u8 {
        (self.kind >> 4 & 1 | self.kind >> 7 & 2) as u8
    }

    pub fn is_turn(&self) -> bool {
        TURN_METHODS.contains(&self.method())
    }

    pub fn attributes(&self) -> impl Iterator<Item = (u16, &'a [u8])> + use<'a> {
        let mut reader = Reader::new(self.attributes);
        std::iter::from_fn(move || {
            let kind = reader.u16()?;
            let value = reader.prefixed(2)?.rest();
            let padding = value.len().next_multiple_of(4) - value.len();
            reader.take(padding.min(reader.len()));
            Some((kind, value))
        })
    }

    /// What a Send or Data indication passes on.
    pub fn data(&self) -> Option<&'a [u8]> {
        self.attributes()
            .find(|(kind, _)| *kind == DATA)
            .map(|(_, value)| value)
    }

    fn address(&self, value: &[u8], xored: bool) -> Option<SocketAddr> {
        let mut reader = Reader::new(value);
        let family = reader.u16()? & 0xff;
        let mask = |at: usize| if xored { self.id[at] } else { 0 };
        let port = reader.u16()? ^ u16::from_be_bytes([mask(0), mask(1)]);
        let address: IpAddr = match family {
            1 => {
                let bytes: [u8; 4] = reader.take(4)?.try_into().ok()?;
                Ipv4Addr::from(std::array::from_fn(|at| bytes[at] ^ mask(at))).into()
            }
            2 => {
                let bytes: [u8; 16] = reader.take(16)?.try_into().ok()?;
                Ipv6Addr::from(std::array::from_fn::<u8, 16, _>(|at| bytes[at] ^ mask(at))).into()
            }
            _ => return None,
        };
        Some(SocketAddr::new(address, port))
    }

    /// Puts down all that it says.
    pub fn observe(&self, seen: Seen<'_>, found: &mut Found<'_>) {
        let mut see = |observation| found.see(seen.number, seen.at, observation);
        let protocol = if self.is_turn() {
            Protocol::Turn
        } else {
            Protocol::Stun
        };
        see(Observation::Carries { protocol });
        let (mut software, mut realm, mut words, mut kinds) = (None, None, Vec::new(), Vec::new());
        for (kind, value) in self.attributes() {
            match kind {
                SOFTWARE => software = Some(Text::new(value)),
                REALM => realm = Some(Text::new(value)),
                _ => {}
            }
            kinds.push(kind);
            if matches!(kind, SOFTWARE | REALM | USERNAME) {
                words.push(value);
            }
        }
        see(Observation::Stun {
            method: self.method(),
            class: self.class(),
            check: kinds.iter().any(|kind| OF_ICE.contains(kind)),
            dialect: dialects::of(self.kind, &kinds, &words),
            software,
            realm,
        });
        for (kind, value) in self.attributes() {
            let address = self.address(value, kind != MAPPED_ADDRESS);
            let Some(address) = address else { continue };
            match kind {
                MAPPED_ADDRESS | XOR_MAPPED_ADDRESS => see(Observation::Mapped { address }),
                XOR_RELAYED_ADDRESS => see(Observation::Relayed { address }),
                XOR_PEER_ADDRESS => see(Observation::RelayPeer { address }),
                _ => {}
            }
        }
    }
}

/// Whether a datagram may be a message: three first bytes (RFC 7983), or the cookie, which dialects with types of their own have too.
pub fn may_be(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| *first < 4) || u32_at(bytes, 4) == Some(COOKIE)
}

/// What a ChannelData message carries (RFC 8656 section 12.4), and the bytes that it takes without padding.
pub fn channel_data(bytes: &[u8], whole: usize) -> Option<(&[u8], usize)> {
    u16_at(bytes, 0).filter(|channel| (0x4000..=0x4fff).contains(channel))?;
    let length = 4 + usize::from(u16_at(bytes, 2)?);
    (length <= whole).then(|| (&bytes[4..length.min(bytes.len())], length))
}
