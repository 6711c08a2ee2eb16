//! Responsible for: numbering what a slot sends so that changes of layer or sender are invisible to the decoder.
//! Not responsible for: where those changes happen, or the bytes that carry the numbers.

use crate::stream::Kind;
use crate::window::Window;
use std::collections::VecDeque;
use std::time::Instant;

/// The numbers of one packet that must run on without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbers {
    /// Sequence number, extended over roll-overs.
    pub sequence: u64,
    pub timestamp: u32,
    /// VP8 picture id and TL0PICIDX (RFC 7741 section 4.2); 0 where the packet has none.
    pub picture_id: u16,
    pub tl0_pic_idx: u8,
    /// Frame number of the Dependency Descriptor; 0 where the packet has none.
    pub frame_number: u16,
}

/// The numbering of one slot.
///
/// No two packets get the same sequence number, whatever comes in, as long as the caller passes each packet
/// of a layer once: SRTP's nonce is made of it (RFC 7714 section 8.1).
#[derive(Debug, Clone)]
pub struct Rewriter {
    kind: Kind,
    /// The latest last; none of before the last start.
    segments: VecDeque<Segment>,
    /// The highest number that came, whether it went on or was left out.
    newest: u64,
    last: Option<(Numbers, Instant)>,
    /// The numbers of packets that were sent and not of nothing, since the last start.
    sent: Window,
}

/// A run of packets of one stream with none left out: what is added to each of its numbers.
#[derive(Debug, Clone, Copy)]
struct Segment {
    /// The first one that was sent: where a layer or sender begins, one before `first`.
    begin: u64,
    /// The first one that may be sent.
    first: u64,
    /// The first one that is not of it any more.
    end: u64,
    add: Numbers,
}

/// Each picture of which something is left out takes one: this is about two seconds, and senders repeat what was lost
/// for less.
const MOST_SEGMENTS: usize = 64;

/// A receiver starts at roll-over counter 0 (RFC 3711 section 3.3.1), so the first number is far below 65536.
const FIRST_SEQUENCE: u64 = 1;

impl Rewriter {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            segments: VecDeque::new(),
            newest: 0,
            last: None,
            sent: Window::default(),
        }
    }

    /// Begins with this packet to send another layer or sender.
    pub fn start(&mut self, packet: Numbers, now: Instant) -> Numbers {
        let wanted = match self.last {
            None => Numbers {
                sequence: FIRST_SEQUENCE,
                ..packet
            },
            Some((last, at)) => Numbers {
                sequence: last.sequence + 1,
                timestamp: last.timestamp.wrapping_add(self.ticks(at, now)),
                picture_id: last.picture_id.wrapping_add(1),
                tl0_pic_idx: last.tl0_pic_idx.wrapping_add(1),
                frame_number: last.frame_number.wrapping_add(1),
            },
        };
        self.segments.clear();
        self.sent.clear();
        self.sent.add(wanted.sequence);
        self.segments.push_back(Segment {
            begin: packet.sequence,
            first: packet.sequence.saturating_add(1),
            end: u64::MAX,
            add: wanted.minus(packet),
        });
        self.newest = packet.sequence;
        self.last = Some((wanted, now));
        wanted
    }

    /// Goes on with a packet of the stream that was started. `None` for one from before the start, or from long
    /// ago: it would take a number that another packet has used.
    pub fn follow(&mut self, packet: Numbers, now: Instant) -> Option<Numbers> {
        let out = self.place(packet)?;
        self.sent.add(out.sequence);
        self.newest = self.newest.max(packet.sequence);
        if self.last.is_none_or(|(last, _)| out.sequence > last.sequence) {
            self.last = Some((out, now));
        }
        Some(out)
    }

    /// Leaves a packet of the stream out: those after it are numbered as if it had never been. `Some` when it is too
    /// late for that, because they have their numbers already: the one that was kept for it, which nothing else fills.
    pub fn skip(&mut self, packet: Numbers) -> Option<Numbers> {
        if packet.sequence <= self.newest {
            return self.place(packet);
        }
        self.newest = packet.sequence;
        let mut segment = *self.segments.back()?;
        if segment.begin == packet.sequence {
            self.segments.pop_back();
        } else if let Some(last) = self.segments.back_mut() {
            last.end = packet.sequence;
        }
        segment.first = packet.sequence.saturating_add(1);
        segment.begin = segment.first;
        segment.add.sequence = segment.add.sequence.wrapping_sub(1);
        self.segments.push_back(segment);
        if self.segments.len() > MOST_SEGMENTS {
            self.segments.pop_front();
        }
        None
    }

    /// What was sent under a number since the last start: the sender's number for it. `None` for a packet of nothing.
    pub fn sent_as(&self, sequence: u64) -> Option<u64> {
        if !self.sent.has(sequence) {
            return None;
        }
        self.segments.iter().rev().find_map(|segment| {
            let theirs = sequence.wrapping_sub(segment.add.sequence);
            (segment.begin..segment.end).contains(&theirs).then_some(theirs)
        })
    }

    /// The numbers under which a packet was sent that `sent_as` named.
    pub fn again(&self, packet: Numbers) -> Option<Numbers> {
        let mut segments = self.segments.iter().rev();
        let segment = segments.find(|segment| packet.sequence >= segment.begin)?;
        (packet.sequence < segment.end).then(|| packet.plus(segment.add))
    }

    fn place(&self, packet: Numbers) -> Option<Numbers> {
        let mut segments = self.segments.iter().rev();
        let segment = segments.find(|segment| packet.sequence >= segment.first)?;
        (packet.sequence < segment.end).then(|| packet.plus(segment.add))
    }

    /// The time since the last packet on this stream's clock; at least one tick, so that time moves on.
    fn ticks(&self, since: Instant, now: Instant) -> u32 {
        let elapsed = now.saturating_duration_since(since).as_micros();
        let ticks = elapsed * u128::from(self.kind.clock_rate()) / 1_000_000;
        (ticks as u32).max(1)
    }
}

impl Numbers {
    fn plus(self, add: Numbers) -> Numbers {
        Numbers {
            sequence: self.sequence.wrapping_add(add.sequence),
            timestamp: self.timestamp.wrapping_add(add.timestamp),
            picture_id: self.picture_id.wrapping_add(add.picture_id),
            tl0_pic_idx: self.tl0_pic_idx.wrapping_add(add.tl0_pic_idx),
            frame_number: self.frame_number.wrapping_add(add.frame_number),
        }
    }

    fn minus(self, other: Numbers) -> Numbers {
        Numbers {
            sequence: self.sequence.wrapping_sub(other.sequence),
            timestamp: self.timestamp.wrapping_sub(other.timestamp),
            picture_id: self.picture_id.wrapping_sub(other.picture_id),
            tl0_pic_idx: self.tl0_pic_idx.wrapping_sub(other.tl0_pic_idx),
            frame_number: self.frame_number.wrapping_sub(other.frame_number),
        }
    }
}
