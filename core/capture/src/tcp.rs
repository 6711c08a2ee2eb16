//! Responsible for: the bytes of a TCP connection in order, each way, within bounds (RFC 9293 §3.4).
//! Not responsible for: what they say, or which packets belong to the connection.
use crate::detect::Way;
use crate::packet::{FIN, RST};
use serde::Serialize;

pub use crate::packet::Segment;

/// Segments, and bytes of them, that came too early and are kept for one way of a connection.
const EARLY: usize = 32;
const EARLY_BYTES: usize = 64 << 10;
/// Bytes in order that nobody has taken yet.
const HELD: usize = 32 << 10;

/// Who is shown the bytes.
pub trait Reader {
    /// All bytes of one way that are in order and were not taken before; how many are done with.
    fn bytes(&mut self, way: Way, number: u64, at: i64, bytes: &[u8]) -> usize;
    /// What follows does not follow what came before.
    fn gap(&mut self, way: Way);
    /// Nobody looks any more.
    fn is_over(&self) -> bool;
}

/// A piece of a stream as a packet brought it.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    pub number: u64,
    pub at: i64,
    pub segment: Segment,
    pub bytes: &'a [u8],
    /// Its length on the wire.
    pub whole: u32,
}

/// What there is to say of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct About {
    /// Its first packet was captured.
    pub opened: bool,
    /// Somebody ended it.
    pub closed: bool,
    /// Bytes that were sent and not captured.
    pub missing: u64,
    /// Packets that brought nothing new.
    pub again: u64,
}

struct Early {
    sequence: u32,
    number: u64,
    at: i64,
    bytes: Vec<u8>,
    whole: u32,
}

#[derive(Default)]
struct Half {
    /// The sequence number that comes next, once one was seen.
    next: Option<u32>,
    early: Vec<Early>,
    held: Vec<u8>,
    /// The last bytes that were given up: from where, and how many. They may still come.
    hole: (u32, u32),
}

#[derive(Default)]
pub struct Tcp {
    halves: [Half; 2],
    pub about: About,
}

impl Tcp {
    /// A packet that opens a connection other than this one: the ports are used again.
    pub fn is_another(&self, way: Way, segment: Segment) -> bool {
        let behind = |next: u32| next.wrapping_sub(segment.sequence.wrapping_add(1));
        // The same SYN once more is a retransmission: what came since is less than any window.
        segment.opens()
            && self.halves[way.index()]
                .next
                .is_some_and(|next| behind(next) > 1 << 30 || self.about.closed)
    }

    /// Takes a segment. `budget`: how many more bytes may be kept, over all connections.
    pub fn take(&mut self, way: Way, piece: Piece<'_>, reader: &mut impl Reader, budget: &mut usize) {
        let Segment { sequence, flags } = piece.segment;
        let half = &mut self.halves[way.index()];
        let syn = piece.segment.opens();
        self.about.opened |= syn;
        self.about.closed |= flags & (FIN | RST) != 0;
        let sequence = sequence.wrapping_add(syn.into());
        if syn && half.next.is_none() {
            half.next = Some(sequence);
        }
        // What comes with a reset is words for people (RFC 9293 §3.5.2).
        if piece.whole == 0 || flags & RST != 0 {
            return;
        }
        if half.next.is_none() {
            half.next = Some(sequence);
            reader.gap(way);
        }
        let mut early = Early {
            sequence,
            number: piece.number,
            at: piece.at,
            bytes: Vec::new(),
            whole: piece.whole,
        };
        let about = &mut self.about;
        if half.ahead(sequence) > 0 {
            if reader.is_over() {
                half.give_up(sequence, about);
            } else if half.has_room(piece.bytes.len(), *budget) {
                *budget -= piece.bytes.len();
                early.bytes = piece.bytes.to_vec();
                half.early.push(early);
                return;
            } else {
                // The oldest bytes that are missing will not come any more.
                half.flush(way, about, reader, budget);
                if half.ahead(sequence) > 0 {
                    half.give_up(sequence, about);
                    half.drop_held(way, reader, budget);
                }
            }
        }
        half.put(way, &early, piece.bytes, about, reader, budget);
        half.catch_up(way, about, reader, budget);
    }

    /// Nothing follows any more: what came early is shown as far as it goes.
    pub fn finish(&mut self, reader: &mut impl Reader, budget: &mut usize) {
        for way in [Way::Forth, Way::Back] {
            self.halves[way.index()].flush(way, &mut self.about, reader, budget);
        }
    }

    /// Nobody looks any more: frees all that is kept.
    pub fn forget(&mut self, budget: &mut usize) {
        for half in &mut self.halves {
            *budget += half.held.len() + half.early_bytes();
            half.held = Vec::new();
            half.early = Vec::new();
        }
    }
}

impl Half {
    /// How far behind what comes next it is; negative where it was there before.
    fn ahead(&self, sequence: u32) -> i32 {
        sequence.wrapping_sub(self.next.unwrap_or(sequence)) as i32
    }

    fn early_bytes(&self) -> usize {
        self.early.iter().map(|early| early.bytes.len()).sum()
    }

    fn has_room(&self, bytes: usize, budget: usize) -> bool {
        self.early.len() < EARLY && bytes <= budget && self.early_bytes() + bytes <= EARLY_BYTES
    }

    /// Goes on at that place, without the bytes before it.
    fn give_up(&mut self, sequence: u32, about: &mut About) {
        let missing = self.ahead(sequence).unsigned_abs();
        about.missing += u64::from(missing);
        self.hole = (self.next.unwrap_or(sequence), missing);
        self.next = Some(sequence);
    }

    /// Puts a piece that is not ahead where it belongs.
    fn put(
        &mut self,
        way: Way,
        piece: &Early,
        bytes: &[u8],
        about: &mut About,
        reader: &mut impl Reader,
        budget: &mut usize,
    ) {
        let behind = self.ahead(piece.sequence).min(0).unsigned_abs();
        if behind >= piece.whole {
            let (from, length) = self.hole;
            let into = piece.sequence.wrapping_sub(from);
            if into < length {
                let filled = piece.whole.min(length - into);
                about.missing -= u64::from(filled);
                // Of the hole what is behind it stays.
                self.hole = (piece.sequence.wrapping_add(filled), length - into - filled);
            } else {
                about.again += 1;
            }
            return;
        }
        let bytes = bytes.get(behind as usize..).unwrap_or(&[]);
        let whole = piece.whole - behind;
        self.next = self.next.map(|next| next.wrapping_add(whole));
        if !reader.is_over() && !bytes.is_empty() {
            self.show(way, piece, bytes, reader, budget);
        }
        let cut = u64::from(whole) - bytes.len() as u64;
        if cut > 0 {
            about.missing += cut;
            self.hole = (0, 0);
            self.drop_held(way, reader, budget);
        }
    }

    fn show(&mut self, way: Way, piece: &Early, bytes: &[u8], reader: &mut impl Reader, budget: &mut usize) {
        if self.held.is_empty() {
            let taken = reader.bytes(way, piece.number, piece.at, bytes).min(bytes.len());
            let left = &bytes[taken..];
            if left.is_empty() || reader.is_over() {
                return;
            }
            if left.len() > HELD.min(*budget) {
                return reader.gap(way);
            }
            *budget -= left.len();
            self.held = left.to_vec();
            return;
        }
        if self.held.len() + bytes.len() > 2 * HELD || bytes.len() > *budget {
            self.drop_held(way, reader, budget);
            return;
        }
        *budget -= bytes.len();
        self.held.extend_from_slice(bytes);
        let taken = reader
            .bytes(way, piece.number, piece.at, &self.held)
            .min(self.held.len());
        *budget += taken;
        if taken == self.held.len() {
            self.held = Vec::new();
        } else {
            self.held.drain(..taken);
            if self.held.len() > HELD {
                self.drop_held(way, reader, budget);
            }
        }
    }

    /// What is held will not go on.
    fn drop_held(&mut self, way: Way, reader: &mut impl Reader, budget: &mut usize) {
        *budget += self.held.len();
        self.held = Vec::new();
        if !reader.is_over() {
            reader.gap(way);
        }
    }

    /// Puts what came early and is early no more.
    fn catch_up(&mut self, way: Way, about: &mut About, reader: &mut impl Reader, budget: &mut usize) {
        while let Some(place) = self
            .early
            .iter()
            .position(|early| self.ahead(early.sequence) <= 0)
        {
            let mut early = self.early.remove(place);
            let bytes = std::mem::take(&mut early.bytes);
            *budget += bytes.len();
            self.put(way, &early, &bytes, about, reader, budget);
        }
    }

    /// Puts all that came early, and gives up what is missing between.
    fn flush(&mut self, way: Way, about: &mut About, reader: &mut impl Reader, budget: &mut usize) {
        while let Some(first) = self.early.iter().map(|early| self.ahead(early.sequence)).min() {
            if first > 0 {
                let sequence = self.next.unwrap_or(0).wrapping_add(first.unsigned_abs());
                self.give_up(sequence, about);
                self.drop_held(way, reader, budget);
            }
            self.catch_up(way, about, reader, budget);
        }
    }
}
