//! Responsible for: the records of a pcap file (draft-ietf-opsawg-pcap), in both byte orders, with micro- and nanoseconds.
//! Not responsible for: pcapng.
use super::{Interface, LONGEST_PACKET, Looks, Order, Record, Search, Walked, search};
use crate::Counts;
use crate::link::Link;

/// Seconds between two records that may follow each other when the place of the next one has to be guessed.
const NEAR: i64 = 7 * 24 * 3600;

#[derive(Clone)]
pub struct Pcap {
    order: Order,
    /// Nanoseconds of a unit of the second word of a time.
    unit: i64,
    /// Bytes of the header of a record: 16, or 24 as a patched libpcap wrote them once.
    header: usize,
    link: Link,
    longest: usize,
    pub(super) interfaces: Vec<Interface>,
    /// The header of the file, which is passed over first.
    to_pass: usize,
    /// Behind a damaged record, looking for the next.
    pub(super) lost: bool,
    /// Seconds of the last record that was read.
    seconds: Option<i64>,
}

/// The header of a record.
struct Head {
    seconds: i64,
    fraction: i64,
    captured: usize,
    original: u32,
}

impl Pcap {
    pub(super) fn open(head: &[u8]) -> Option<Self> {
        if head.len() < 24 {
            return None;
        }
        let read = |big| (Order { big }, Order { big }.u32(head, 0));
        let known = |(order, magic)| match magic {
            0xa1b2_c3d4 => Some((order, 1000, 16)),
            0xa1b2_3c4d => Some((order, 1, 16)),
            0xa1b2_cd34 => Some((order, 1000, 24)),
            _ => None,
        };
        let (order, unit, header) = known(read(false)).or_else(|| known(read(true)))?;
        let snaplen = order.u32(head, 16);
        // The upper bits say whether frames end with a check sum.
        let number = (order.u32(head, 20) & 0xffff) as u16;
        let link = Link::of(number);
        Some(Self {
            order,
            unit,
            header,
            link,
            longest: (snaplen as usize).clamp(1 << 18, LONGEST_PACKET),
            interfaces: vec![Interface {
                link: link.name(),
                number,
                snaplen,
                name: None,
            }],
            to_pass: 24,
            lost: false,
            seconds: None,
        })
    }

    /// A record begins where the walk goes on.
    pub(super) fn begin(&mut self) {
        self.to_pass = 0;
        self.lost = false;
    }

    fn head(&self, bytes: &[u8], at: usize) -> Head {
        Head {
            seconds: self.order.u32(bytes, at).into(),
            fraction: self.order.u32(bytes, at + 4).into(),
            captured: self.order.u32(bytes, at + 8) as usize,
            original: self.order.u32(bytes, at + 12),
        }
    }

    fn is_possible(&self, head: &Head) -> bool {
        let fits = head.captured as u64 <= head.original.into();
        let in_second = head.fraction * self.unit < 1_000_000_000;
        let empty = head.seconds == 0 && head.fraction == 0 && head.captured == 0 && head.original == 0;
        head.captured <= self.longest && (fits || in_second) && !empty
    }

    /// Stricter, since anything may lie there: everything fits, the time is near, and another record follows.
    pub(super) fn looks(&self, bytes: &[u8], at: usize, last: bool) -> Looks {
        let short = |wants| if last { Looks::Unlike } else { Looks::Wants(wants) };
        if bytes.len() < at + self.header {
            return short(at + self.header);
        }
        let head = self.head(bytes, at);
        let near = self
            .seconds
            .is_none_or(|seconds| (head.seconds - seconds).abs() <= NEAR);
        let fits = head.captured as u64 <= head.original.into() && head.original as usize <= LONGEST_PACKET;
        let in_second = head.fraction * self.unit < 1_000_000_000;
        if !(near && fits && in_second && head.seconds != 0 && head.captured > 0 && self.is_possible(&head)) {
            return Looks::Unlike;
        }
        let next = at + self.header + head.captured;
        if last && next == bytes.len() {
            return Looks::Like;
        }
        if bytes.len() < next + self.header {
            return short(next + self.header);
        }
        let follows = self.head(bytes, next);
        let near = (follows.seconds - head.seconds).abs() <= NEAR;
        if near && self.is_possible(&follows) {
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
        let mut at = self.to_pass.min(bytes.len());
        self.to_pass -= at;
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
                                wants: self.header,
                            };
                        }
                        at = place;
                    }
                }
                continue;
            }
            let body = at + self.header;
            if bytes.len() < body {
                if last && at < bytes.len() {
                    counts.ended_early = true;
                    counts.skipped_bytes += (bytes.len() - at) as u64;
                    at = bytes.len();
                }
                return Walked {
                    used: at,
                    wants: self.header,
                };
            }
            let head = self.head(bytes, at);
            if !self.is_possible(&head) {
                counts.damaged += 1;
                counts.skipped_bytes += 1;
                self.lost = true;
                at += 1;
                continue;
            }
            let next = body + head.captured;
            // Whether its length is right shows only in what follows it.
            if !last && bytes.len() < next + self.header {
                return Walked {
                    used: at,
                    wants: next + self.header - at,
                };
            }
            if next > bytes.len() {
                // The file ends here, or the length is wrong: then there is another near the time of this one.
                self.seconds.get_or_insert(head.seconds);
                if let Search::Found(place) =
                    search(body, bytes.len(), |place| self.looks(bytes, place, last))
                {
                    counts.damaged += 1;
                    counts.skipped_bytes += (place - at) as u64;
                    at = place;
                    continue;
                }
                counts.ended_early = true;
                counts.skipped_bytes += (bytes.len() - at) as u64;
                return Walked {
                    used: bytes.len(),
                    wants: self.header,
                };
            }
            let ends = bytes.len() < next + self.header;
            let mut captured = head.captured;
            let mut then = next;
            if !ends && !self.is_possible(&self.head(bytes, next)) {
                match search(body, bytes.len(), |place| self.looks(bytes, place, last)) {
                    Search::Wants(wants) => {
                        return Walked {
                            used: at,
                            wants: wants - at,
                        };
                    }
                    Search::Found(place) => {
                        // Where the next is found inside this one, this one's length is the damage.
                        captured = captured.min(place - body);
                        then = place;
                        counts.skipped_bytes += place.saturating_sub(next) as u64;
                    }
                    Search::None(_) => self.lost = true,
                }
                counts.damaged += 1;
            }
            self.seconds = Some(head.seconds);
            out.push(Record {
                at: head.seconds * 1_000_000_000 + head.fraction * self.unit,
                start: body as u32,
                captured: captured as u32,
                original: head.original.max(captured as u32),
                link: self.link,
            });
            at = then;
        }
        Walked { used: at, wants: 0 }
    }
}
