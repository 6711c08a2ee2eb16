//! Responsible for: the packets of a pcapng file (draft-ietf-opsawg-pcapng): sections in either byte order, interfaces with
//! their link types and units of time.
//! Not responsible for: other blocks (names, statistics, secrets): they are passed over.
use super::unit::Unit;
use super::{Interface, Looks, Order, Record, Search, Walked, search};
use crate::Counts;
use crate::link::Link;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
/// Bytes of a block that is believed.
const LONGEST_BLOCK: usize = 16 << 20;
/// So many interfaces are kept of a file.
const INTERFACES: usize = 4096;

#[derive(Clone, Copy)]
struct Source {
    link: Link,
    snaplen: u32,
    unit: Unit,
    /// if_tsoffset, in nanoseconds.
    offset: i64,
}

#[derive(Clone, Default)]
pub struct Pcapng {
    order: Order,
    /// The interfaces of this section.
    sources: Vec<Source>,
    /// Those of all sections.
    pub(super) interfaces: Vec<Interface>,
    pub(super) lost: bool,
    /// When the last packet was captured: a simple packet does not say.
    last: i64,
    /// Sections, interfaces and packets without a time: what follows one of them cannot be read without it.
    pub(super) changes: u32,
}

impl Pcapng {
    pub(super) fn begins(head: &[u8]) -> bool {
        let little = Order { big: false };
        head.len() >= 12
            && little.u32(head, 0) == SECTION
            && [BYTE_ORDER, BYTE_ORDER.swap_bytes()].contains(&little.u32(head, 8))
    }

    /// A block begins where the walk goes on.
    pub(super) fn begin(&mut self) {
        self.lost = false;
    }

    /// The byte order of the block there; a section says its own.
    fn order_at(&self, bytes: &[u8], at: usize) -> Order {
        let little = Order { big: false };
        match (little.u32(bytes, at), little.u32(bytes, at + 8)) {
            (SECTION, BYTE_ORDER) => little,
            (SECTION, magic) if magic.swap_bytes() == BYTE_ORDER => Order { big: true },
            _ => self.order,
        }
    }

    pub(super) fn looks(&self, bytes: &[u8], at: usize, last: bool) -> Looks {
        let short = |wants| if last { Looks::Unlike } else { Looks::Wants(wants) };
        if bytes.len() < at + 12 {
            return short(at + 12);
        }
        let order = self.order_at(bytes, at);
        let kind = order.u32(bytes, at);
        let length = order.u32(bytes, at + 4) as usize;
        if !(matches!(kind, 1..=6 | SECTION) && length.is_multiple_of(4) && is_length(length)) {
            return Looks::Unlike;
        }
        let end = at + length;
        if bytes.len() < end {
            return short(end);
        }
        if order.u32(bytes, end - 4) as usize == length {
            Looks::Like
        } else {
            Looks::Unlike
        }
    }

    pub(super) fn walk(
        &mut self,
        bytes: &[u8],
        until: usize,
        last: bool,
        room: usize,
        out: &mut Vec<Record>,
        counts: &mut Counts,
    ) -> Walked {
        let mut at = 0;
        let full = out.len() + room;
        while out.len() < full && at < until {
            if self.lost {
                match search(at, bytes.len(), |place| self.looks(bytes, place, last)) {
                    Search::Found(place) => {
                        counts.skipped_bytes += (place - at) as u64;
                        self.lost = false;
                        at = place;
                    }
                    Search::Wants(wants) => {
                        return Walked {
                            used: at,
                            wants: wants - at,
                        };
                    }
                    Search::None(place) => {
                        counts.skipped_bytes += (place - at) as u64;
                        if place == bytes.len() {
                            return Walked {
                                used: place,
                                wants: 12,
                            };
                        }
                        at = place;
                    }
                }
                continue;
            }
            if bytes.len() < at + 12 {
                if last && at < bytes.len() {
                    counts.ended_early = true;
                    counts.skipped_bytes += (bytes.len() - at) as u64;
                    at = bytes.len();
                }
                return Walked { used: at, wants: 12 };
            }
            let order = self.order_at(bytes, at);
            let length = order.u32(bytes, at + 4) as usize;
            let end = at + length;
            if is_length(length) && end > bytes.len() {
                if !last {
                    return Walked {
                        used: at,
                        wants: length,
                    };
                }
                let Search::Found(place) =
                    search(at + 4, bytes.len(), |place| self.looks(bytes, place, last))
                else {
                    counts.ended_early = true;
                    counts.skipped_bytes += (bytes.len() - at) as u64;
                    return Walked {
                        used: bytes.len(),
                        wants: 12,
                    };
                };
                counts.damaged += 1;
                counts.skipped_bytes += (place - at) as u64;
                at = place;
                continue;
            }
            if !is_length(length) || order.u32(bytes, end - 4) as usize != length {
                counts.damaged += 1;
                counts.skipped_bytes += 4;
                self.lost = true;
                at += 4;
                continue;
            }
            self.block(&bytes[..end - 4], at, order, out, counts);
            at = end;
        }
        Walked { used: at, wants: 0 }
    }

    /// A whole block: `bytes` end with its body.
    fn block(&mut self, bytes: &[u8], at: usize, order: Order, out: &mut Vec<Record>, counts: &mut Counts) {
        let body = at + 8;
        let kind = order.u32(bytes, at);
        self.changes += u32::from(matches!(kind, SECTION | INTERFACE | SIMPLE_PACKET));
        let record = match kind {
            SECTION => {
                self.order = order;
                self.sources.clear();
                return;
            }
            INTERFACE => return self.interface(bytes, body, counts),
            ENHANCED_PACKET => self.enhanced(bytes, body, order.u32(bytes, body) as usize),
            OLD_PACKET => self.enhanced(bytes, body, order.u16(bytes, body).into()),
            SIMPLE_PACKET => self.simple(bytes, body),
            _ => return,
        };
        match record {
            Some(record) => {
                self.last = record.at;
                out.push(record);
            }
            None => counts.damaged += 1,
        }
    }

    /// §4.3; the older Packet Block (§A) differs in its first word alone.
    fn enhanced(&self, bytes: &[u8], body: usize, interface: usize) -> Option<Record> {
        let order = self.order;
        let source = self.sources.get(interface)?;
        let start = body + 20;
        let captured = order.u32(bytes, body + 12);
        if bytes.len() < start || bytes.len() - start < captured as usize {
            return None;
        }
        let units = u64::from(order.u32(bytes, body + 4)) << 32 | u64::from(order.u32(bytes, body + 8));
        Some(Record {
            at: source.unit.nanoseconds(units).saturating_add(source.offset),
            start: start as u32,
            captured,
            original: order.u32(bytes, body + 16).max(captured),
            link: source.link,
        })
    }

    /// §4.4: of the first interface, as much as its snaplen allows, at no time of its own.
    fn simple(&self, bytes: &[u8], body: usize) -> Option<Record> {
        let source = self.sources.first()?;
        let original = self.order.u32(bytes, body);
        let limit = if source.snaplen == 0 {
            u32::MAX
        } else {
            source.snaplen
        };
        let start = body + 4;
        let there = bytes.len().checked_sub(start)? as u32;
        let captured = original.min(limit);
        (captured <= there).then_some(Record {
            at: self.last,
            start: start as u32,
            captured,
            original,
            link: source.link,
        })
    }

    /// §4.2.
    fn interface(&mut self, bytes: &[u8], body: usize, counts: &mut Counts) {
        let order = self.order;
        if bytes.len() < body + 8 || self.interfaces.len() >= INTERFACES {
            counts.damaged += 1;
            return;
        }
        let number = order.u16(bytes, body);
        let link = Link::of(number);
        let snaplen = order.u32(bytes, body + 4);
        let mut source = Source {
            link,
            snaplen,
            unit: Unit::of(6),
            offset: 0,
        };
        let mut name = None;
        let mut at = body + 8;
        while at + 4 <= bytes.len() {
            let (code, length) = (order.u16(bytes, at), order.u16(bytes, at + 2) as usize);
            let Some(value) = bytes.get(at + 4..at + 4 + length) else {
                break;
            };
            match (code, value) {
                (0, _) => break,
                (2, name_of) => {
                    let name_of = &name_of[..length.min(64)];
                    name = Some(String::from_utf8_lossy(name_of).trim_end_matches('\0').to_owned());
                }
                (9, &[resolution, ..]) => source.unit = Unit::of(resolution),
                (14, value) if length == 8 => {
                    let (first, second) = (order.u32(value, 0).into(), order.u32(value, 4).into());
                    let (high, low): (u64, u64) = if order.big {
                        (first, second)
                    } else {
                        (second, first)
                    };
                    source.offset = ((high << 32 | low) as i64).saturating_mul(1_000_000_000);
                }
                _ => {}
            }
            at += 4 + length.next_multiple_of(4);
        }
        self.sources.push(source);
        self.interfaces.push(Interface {
            link: link.name(),
            number,
            snaplen,
            name,
        });
    }
}

fn is_length(length: usize) -> bool {
    (12..=LONGEST_BLOCK).contains(&length)
}
