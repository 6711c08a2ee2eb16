//! Responsible for: reports about media, in clear (RFC 3550 section 6) or sealed (RFC 3711 section 3.4, RFC 7714 section 9).
//! Not responsible for: what they report.
use super::Seen;
use super::bytes::{Reader, u16_at, u32_at};
use crate::observation::{Observation, Protocol, Text};
use crate::{Evidence, Found};

const HEADER: usize = 8;
const SOURCE_DESCRIPTION: u8 = 202;
const CNAME: u8 = 1;
/// The sealed ones are believed when so many were of one sender, or their sender's media is there.
const ENOUGH: u64 = 3;
/// So many senders are told apart.
const MOST: usize = 16;
/// Where the index of a sealed packet is, from the end, by the length of the tag behind it. With AES-GCM nothing is.
const INDEX_AT: [(usize, u8); 3] = [(14, 10), (4, 16), (8, 4)];

struct Sender {
    ssrc: u32,
    believed: bool,
    evidence: Evidence,
    /// What the lengths of tags in `INDEX_AT` are each believed by: how many packets.
    fits: [u64; 3],
}

#[derive(Default)]
pub struct Control {
    sealed: Vec<Sender>,
}

impl Control {
    /// Whether the datagram is one; `known` says whose media is in the flow.
    pub fn datagram(&mut self, seen: Seen<'_>, known: impl Fn(u32) -> bool, found: &mut Found<'_>) -> bool {
        let bytes = seen.bytes;
        if !is_head(bytes) || seen.whole < HEADER {
            return false;
        }
        let Some(ssrc) = u32_at(bytes, 4) else {
            return false;
        };
        if is_compound(bytes, seen.whole) {
            found.see(
                seen.number,
                seen.at,
                Observation::Carries {
                    protocol: Protocol::Rtcp,
                },
            );
            found.see(
                seen.number,
                seen.at,
                Observation::Rtcp {
                    readable: true,
                    ssrc,
                    cname: cname(bytes),
                },
            );
            return true;
        }
        let Some(at) = self.sender(ssrc, seen) else {
            return false;
        };
        let sender = &mut self.sealed[at];
        for (fits, (index_at, _)) in sender.fits.iter_mut().zip(INDEX_AT) {
            // RFC 3711 section 3.4: a bit that says "encrypted", and a number that begins low.
            let index = seen
                .whole
                .checked_sub(index_at)
                .filter(|at| *at >= HEADER)
                .and_then(|at| u32_at(bytes, at));
            *fits += u64::from(index.is_some_and(|index| index >> 20 == 0x800));
        }
        let plain = sender.fits.iter().all(|fits| *fits == 0);
        // Behind an identifier of a key (section 3.4) the index is anywhere: then the source of known media is named twice.
        let again = !seen.is_cut() && sender.evidence.count >= 2;
        sender.believed |= if plain {
            again && known(ssrc)
        } else {
            known(ssrc) || sender.evidence.count >= ENOUGH
        };
        sender.believed
    }

    fn sender(&mut self, ssrc: u32, seen: Seen<'_>) -> Option<usize> {
        if let Some(at) = self.sealed.iter().position(|sender| sender.ssrc == ssrc) {
            self.sealed[at].evidence.also(seen.number, seen.at);
            return Some(at);
        }
        if self.sealed.len() == MOST {
            return None;
        }
        self.sealed.push(Sender {
            ssrc,
            believed: false,
            evidence: Evidence::of(seen.number, seen.at),
            fits: [0; 3],
        });
        Some(self.sealed.len() - 1)
    }

    pub fn sum_up(&self, found: &mut Found<'_>) {
        for sender in self.sealed.iter().filter(|sender| sender.believed) {
            let observation = Observation::Rtcp {
                readable: false,
                ssrc: sender.ssrc,
                cname: None,
            };
            found.add(
                Observation::Carries {
                    protocol: Protocol::Srtcp,
                },
                &sender.evidence,
            );
            found.add(observation, &sender.evidence);
        }
    }
}

/// The header that every RTCP packet has in clear: types that are in use (RFC 5761 section 4).
fn is_head(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| first >> 6 == 2)
        && bytes
            .get(1)
            .is_some_and(|kind| matches!(kind, 192..=195 | 200..=213))
}

/// Whether the lengths of packets add up to the datagram's, as they do not when what follows the first is encrypted.
fn is_compound(bytes: &[u8], whole: usize) -> bool {
    let (mut at, mut heads) = (0, 0);
    while at < whole {
        let Some(rest) = bytes.get(at..) else { return false };
        // Of what the capture cut, two headers are enough: the first is in clear even where the rest is sealed.
        if rest.len() < 4 {
            return heads > 1 && bytes.len() < whole;
        }
        if !is_head(rest) {
            return false;
        }
        heads += 1;
        at += 4 + 4 * usize::from(u16_at(rest, 2).unwrap_or(0));
    }
    at == whole
}

/// The name in a source description (RFC 3550 section 6.5).
fn cname(bytes: &[u8]) -> Option<Text> {
    let mut reader = Reader::new(bytes);
    loop {
        let first = reader.u8()?;
        let kind = reader.u8()?;
        let length = 4 * usize::from(reader.u16()?);
        let body = reader.take(length)?;
        if kind != SOURCE_DESCRIPTION || first & 0x1f == 0 {
            continue;
        }
        let mut items = Reader::new(body);
        items.u32()?;
        loop {
            let item = items.u8()?;
            if item == 0 {
                break;
            }
            let text = items.prefixed(1)?;
            if item == CNAME {
                return Some(Text::new(text.rest()));
            }
        }
    }
}
