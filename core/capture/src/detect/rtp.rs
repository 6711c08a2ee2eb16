//! Responsible for: which datagrams are media: a source whose sequence numbers go on (RFC 3550 section 5.1, RFC 3711).
//! Not responsible for: what its payload shows (`source`), or RTCP.
use super::bytes::u16_at;
use super::rtcp::Control;
use super::source::Source;
use super::{Detector, Next, Seen, Way};
use crate::Found;
use crate::observation::{Observation, Payload, Protocol};

const HEADER: usize = 12;
/// Any random bytes look like one packet of RTP every now and then: so many in a row have to go on from each other.
const ENOUGH: u64 = 4;
/// How far a sequence number may go on, or back, from one packet of a source to the next that was captured.
const STEP: u16 = 64;
/// No source begins a sample while those of others that go the same way have so many bytes: four sizes of pictures.
const SAMPLED: usize = 192 << 10;
/// So many sources of a flow are told apart.
const MOST: usize = 32;
/// No packet is longer: it would not fit into a frame of Ethernet.
const LARGEST: usize = 1500;
/// In a message of several packets, so many of other senders are between two of one.
const MOST_BETWEEN: usize = 8;
/// And so many that are not believed yet.
const MOST_DOUBTED: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    /// Where the payload begins.
    pub length: usize,
}

impl Header {
    /// The header at the start of a datagram, of which `whole` bytes were sent.
    pub fn read(bytes: &[u8], whole: usize) -> Option<Header> {
        let fixed: &[u8; HEADER] = bytes.first_chunk()?;
        let (words, _) = fixed.as_chunks::<4>();
        let word = |place: usize| u32::from_be_bytes(words[place]);
        let [first, second, ..] = *fixed;
        // RFC 5761 section 4: with these payload types it would be RTCP.
        if first >> 6 != 2 || (64..96).contains(&(second & 0x7f)) {
            return None;
        }
        let mut length = HEADER + 4 * usize::from(first & 0x0f);
        if first & 0x10 != 0 {
            length += 4 + 4 * usize::from(u16_at(bytes, length + 2)?);
        }
        (length < whole && length <= bytes.len()).then_some(Header {
            payload_type: second & 0x7f,
            sequence: word(0) as u16,
            timestamp: word(1),
            ssrc: word(2),
            length,
        })
    }
}

/// All media of a flow.
#[derive(Default)]
pub struct Media {
    sources: Vec<Source>,
    /// Of `sources` those that are not believed are at the end.
    believed: usize,
    /// Where the last packet's source is: mostly the next one's too.
    last: usize,
    control: Control,
}

impl Detector for Media {
    fn datagram(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Next {
        let Some(size) = self.cut(seen) else {
            return self.packet(seen, found);
        };
        let mut next = Next::More;
        let pieces = (0..seen.whole).step_by(size);
        for at in pieces.take_while(|at| *at < seen.bytes.len()) {
            let piece = Seen {
                bytes: &seen.bytes[at..seen.bytes.len().min(at + size)],
                whole: size.min(seen.whole - at),
                ..seen
            };
            next = self.packet(piece, found);
        }
        next
    }

    fn held(&self) -> usize {
        self.sources.iter().map(Source::held).sum::<usize>() + self.sources.capacity() * size_of::<Source>()
    }
}

impl Media {
    /// How long each packet is of a message that has several: the system cuts such a one up after it was captured, or has
    /// put it together before (segmentation offload). All are equally long but the last, which may be shorter.
    fn cut(&self, seen: Seen<'_>) -> Option<usize> {
        if seen.whole <= LARGEST {
            return None;
        }
        let ssrc = |at: usize| {
            let bytes = seen.bytes.get(at..)?;
            let ssrc = bytes.get(8..)?.first_chunk().filter(|_| bytes[0] >> 6 == 2)?;
            Some(u32::from_be_bytes(*ssrc))
        };
        let first = ssrc(0)?;
        let period = (HEADER + 1..=2 * LARGEST).find(|at| ssrc(*at) == Some(first))?;
        // Packets of other senders may be between.
        let is_other = |at: usize| {
            let found = ssrc(at);
            let known = self.sources.iter().any(|source| Some(source.ssrc) == found);
            found.is_some() && (known || found == ssrc(at + period))
        };
        let parts = (2..=MOST_BETWEEN)
            .rev()
            .filter(|parts| period.is_multiple_of(*parts));
        let mut sizes = parts.map(|parts| period / parts);
        let size = sizes.find(|size| (1..period / size).all(|part| is_other(part * size)));
        let size = size.unwrap_or(period);
        // Of what was captured of it, all that begins has to look like it.
        let ends = seen.bytes.len().saturating_sub(HEADER);
        let all = (0..)
            .map(|at| at * size)
            .take_while(|at| *at <= ends)
            .all(|at| ssrc(at).is_some());
        (all && size <= LARGEST).then_some(size)
    }

    fn packet(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Next {
        let Some(header) = Header::read(seen.bytes, seen.whole) else {
            let known = |ssrc| {
                self.sources[..self.believed]
                    .iter()
                    .any(|source| source.ssrc == ssrc)
            };
            return match self.control.datagram(seen, known, found) {
                true => Next::Mine,
                false => Next::More,
            };
        };
        let at = self.find(header.ssrc, seen);
        let Some(at) = at else {
            return if self.believed > 0 { Next::Mine } else { Next::More };
        };
        let room = self.sources[at].is_sampled() || self.has_room(seen.at, seen.way);
        let source = &mut self.sources[at];
        source.packet(&header, seen, STEP, room);
        self.last = at;
        if at < self.believed {
            return Next::Mine;
        }
        if source.in_order() < ENOUGH {
            return Next::More;
        }
        self.sources.swap(at, self.believed);
        self.last = self.believed;
        self.believed += 1;
        Next::Mine
    }

    /// Puts down what is known of it; `agreed` says that its flow's peers agreed on SRTP.
    pub fn observe(&self, agreed: bool, found: &mut Found<'_>) {
        Source::sum_up(&self.sources[..self.believed], agreed, found);
        self.control.sum_up(found);
    }

    /// Whether any source is believed.
    pub fn is_known(&self) -> bool {
        self.believed > 0
    }

    /// Whether one more sample may begin that way. If not, those of sources that send no more make room.
    fn has_room(&mut self, now: i64, way: Way) -> bool {
        let held = |sources: &[Source]| {
            let of_way = sources.iter().filter(|source| source.way == way);
            of_way.map(Source::held).sum::<usize>()
        };
        if held(&self.sources) >= SAMPLED {
            self.sources
                .iter_mut()
                .for_each(|source| source.settle_if_silent(now));
        }
        held(&self.sources) < SAMPLED
    }

    /// Where a packet's source is. It is `None` where there are too many.
    fn find(&mut self, ssrc: u32, seen: Seen<'_>) -> Option<usize> {
        let is = |source: &Source| source.ssrc == ssrc && source.way == seen.way;
        if self.sources.get(self.last).is_some_and(is) {
            return Some(self.last);
        }
        if let Some(at) = self.sources.iter().position(is) {
            return Some(at);
        }
        if self.believed == MOST {
            return None;
        }
        if self.sources.len() - self.believed == MOST_DOUBTED {
            self.sources.remove(self.believed);
        }
        self.sources.push(Source::new(ssrc, seen.way));
        Some(self.sources.len() - 1)
    }
}

/// What a source's media is called, given what its payload shows. What cannot be told is what was agreed on.
pub fn protocol(payload: Payload, agreed: bool) -> Observation {
    let sealed = payload == Payload::Sealed || (payload == Payload::Unknown && agreed);
    Observation::Carries {
        protocol: if sealed { Protocol::Srtp } else { Protocol::Rtp },
    }
}
