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

    /// The header of the record there; None where the bytes end inside it.
    fn head(&self, bytes: &[u8], at: usize) -> Option<Head> {
        self.head_in(self.order, bytes, at)
    }

    /// In an order of bytes that may be known when this is compiled.
    #[inline(always)]
    fn head_in(&self, order: Order, bytes: &[u8], at: usize) -> Option<Head> {
        let header: &[u8; 16] = bytes.get(at..at + self.header)?.first_chunk()?;
        let (words, _) = header.as_chunks::<4>();
        let word = |place: usize| order.u32_of(words[place]);
        Some(Head {
            seconds: word(0).into(),
            fraction: word(1).into(),
            captured: word(2) as usize,
            original: word(3),
        })
    }

    #[inline]
    fn is_possible(&self, head: &Head) -> bool {
        let fits = head.captured as u64 <= head.original.into();
        let in_second = head.fraction * self.unit < 1_000_000_000;
        let empty = head.seconds == 0 && head.fraction == 0 && head.captured == 0 && head.original == 0;
        head.captured <= self.longest && (fits || in_second) && !empty
    }

    /// Stricter, since anything may lie there: everything fits, the time is near, and another record follows.
    pub(super) fn looks(&self, bytes: &[u8], at: usize, last: bool) -> Looks {
        let short = |wants| if last { Looks::Unlike } else { Looks::Wants(wants) };
        let Some(head) = self.head(bytes, at) else {
            return short(at + self.header);
        };
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
        let Some(follows) = self.head(bytes, next) else {
            return short(next + self.header);
        };
        let near = (follows.seconds - head.seconds).abs() <= NEAR;
        if near && self.is_possible(&follows) {
            Looks::Like
        } else {
            Looks::Unlike
        }
    }

    fn record(&self, head: &Head, start: usize, captured: usize) -> Record {
        Record {
            at: head.seconds * 1_000_000_000 + head.fraction * self.unit,
            start: start as u32,
            captured: captured as u32,
            original: head.original.max(captured as u32),
            link: self.link,
        }
    }

    /// Puts records into `out` as long as they are as nearly all are: whole, and the header of the next is there and
    /// makes sense. Where that ends.
    fn plain(&mut self, bytes: &[u8], at: usize, until: usize, full: usize, out: &mut Vec<Record>) -> usize {
        match self.order.big {
            true => self.plain_in(Order { big: true }, bytes, at, until, full, out),
            false => self.plain_in(Order { big: false }, bytes, at, until, full, out),
        }
    }

    #[inline(always)]
    fn plain_in(
        &mut self,
        order: Order,
        bytes: &[u8],
        mut at: usize,
        until: usize,
        full: usize,
        out: &mut Vec<Record>,
    ) -> usize {
        let head_at = |at| {
            self.head_in(order, bytes, at)
                .filter(|head| self.is_possible(head))
        };
        let Some(mut head) = head_at(at) else { return at };
        let mut seconds = self.seconds;
        while out.len() < full && at < until {
            let body = at + self.header;
            let next = body + head.captured;
            let Some(follows) = head_at(next) else {
                break;
            };
            out.push(self.record(&head, body, head.captured));
            seconds = Some(head.seconds);
            (at, head) = (next, follows);
        }
        self.seconds = seconds;
        at
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
            at = self.plain(bytes, at, until, full, out);
            if out.len() == full || at >= until {
                break;
            }
            let body = at + self.header;
            let Some(head) = self.head(bytes, at) else {
                if last && at < bytes.len() {
                    counts.ended_early = true;
                    counts.skipped_bytes += (bytes.len() - at) as u64;
                    at = bytes.len();
                }
                return Walked {
                    used: at,
                    wants: self.header,
                };
            };
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
            let mut captured = head.captured;
            let mut then = next;
            if self
                .head(bytes, next)
                .is_some_and(|follows| !self.is_possible(&follows))
            {
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
            out.push(self.record(&head, body, captured));
            at = then;
        }
        Walked { used: at, wants: 0 }
    }
}
