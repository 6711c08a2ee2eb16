//! Responsible for: reading what a receiver says of packets that were sent to it: what it got and when, what it lacks, and
//! what its path carries (RFC 3550 section 6.4, RFC 4585 section 6, RFC 5104 section 4.3.1, and the drafts named below).
//! Not responsible for: what follows from it.

const VERSION: u8 = 2;
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;
/// RFC 4585 sections 6.2.1 and 6.3.1, RFC 5104 section 4.3.1; 15 is of applications (RFC 4585 section 6.4), and as a
/// transport's it is draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1.
const GENERIC_NACK: u8 = 1;
const PICTURE_LOSS: u8 = 1;
const FULL_INTRA: u8 = 4;
const WIDE: u8 = 15;

/// One thing that a receiver says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feedback<'a> {
    /// It gets the stream.
    Report(Report),
    /// It has not got these packets of a stream.
    Lost { ssrc: u32, lost: Lost<'a> },
    /// It needs a key frame of a stream.
    KeyFrame { ssrc: u32 },
    /// Which packets arrived, and when, by transport-wide sequence numbers.
    Arrivals(Arrivals<'a>),
    /// What its path carries, by its own estimate, in bits per second (draft-alvestrand-rmcat-remb-03).
    Estimate(u64),
}

/// RFC 3550 section 6.4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    pub ssrc: u32,
    /// Since the last report, in 256ths.
    pub lost: u8,
    /// In units of the stream's clock.
    pub jitter: u32,
}

/// Calls `say` with all that stands in a compound packet, up to where it makes no sense any more.
pub fn read<'a>(mut compound: &'a [u8], mut say: impl FnMut(Feedback<'a>)) {
    while let Some((packet, rest)) = split(compound) {
        compound = rest;
        packet.read(&mut say);
    }
}

struct Packet<'a> {
    /// A count or a format.
    count: u8,
    kind: u8,
    body: &'a [u8],
}

fn split(compound: &[u8]) -> Option<(Packet<'_>, &[u8])> {
    let [flags, kind, high, low, rest @ ..] = compound else {
        return None;
    };
    if flags >> 6 != VERSION {
        return None;
    }
    let length = 4 * usize::from(u16::from_be_bytes([*high, *low]));
    let (mut body, rest) = rest.split_at_checked(length)?;
    if flags & 0x20 != 0 {
        let padding = usize::from(*body.last()?);
        body = body.get(..body.len().checked_sub(padding)?)?;
    }
    let (count, kind) = (flags & 0x1f, *kind);
    Some((Packet { count, kind, body }, rest))
}

impl<'a> Packet<'a> {
    fn read(&self, say: &mut impl FnMut(Feedback<'a>)) {
        let body = self.body;
        match (self.kind, self.count) {
            (SENDER_REPORT, _) => self.blocks(24, say),
            (RECEIVER_REPORT, _) => self.blocks(4, say),
            (TRANSPORT_FEEDBACK, GENERIC_NACK) => {
                if let (Some(ssrc), Some(entries)) = (number(body, 4), body.get(8..)) {
                    let lost = Lost(entries);
                    say(Feedback::Lost { ssrc, lost });
                }
            }
            (TRANSPORT_FEEDBACK, WIDE) => {
                if let Some(arrivals) = body.get(8..).and_then(Arrivals::read) {
                    say(Feedback::Arrivals(arrivals));
                }
            }
            (PAYLOAD_FEEDBACK, PICTURE_LOSS) => {
                if let Some(ssrc) = number(body, 4) {
                    say(Feedback::KeyFrame { ssrc });
                }
            }
            (PAYLOAD_FEEDBACK, FULL_INTRA) => {
                let entries = body.get(8..).unwrap_or_default().chunks_exact(8);
                entries
                    .filter_map(|entry| number(entry, 0))
                    .for_each(|ssrc| say(Feedback::KeyFrame { ssrc }));
            }
            (PAYLOAD_FEEDBACK, WIDE) if body.get(8..12) == Some(b"REMB") => {
                if let Some(rate) = number(body, 12) {
                    // A count, six bits of exponent, and eighteen of mantissa.
                    let (exponent, mantissa) = (rate >> 18 & 0x3f, u64::from(rate & 0x3_ffff));
                    let rate = u128::from(mantissa) << exponent;
                    say(Feedback::Estimate(u64::try_from(rate).unwrap_or(u64::MAX)));
                }
            }
            _ => {}
        }
    }

    fn blocks(&self, at: usize, say: &mut impl FnMut(Feedback<'a>)) {
        let blocks = self.body.get(at..).unwrap_or_default().chunks_exact(24);
        for block in blocks.take(self.count.into()) {
            if let (Some(ssrc), Some(jitter)) = (number(block, 0), number(block, 12)) {
                let lost = block[4];
                say(Feedback::Report(Report { ssrc, lost, jitter }));
            }
        }
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}

/// Sequence numbers, each with those of the sixteen after it that a receiver lacks as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost<'a>(&'a [u8]);

impl<'a> Lost<'a> {
    pub fn numbers(self) -> impl Iterator<Item = u16> + 'a {
        self.0.chunks_exact(4).flat_map(|entry| {
            let first = u16::from_be_bytes([entry[0], entry[1]]);
            let after = u16::from_be_bytes([entry[2], entry[3]]);
            let after = (0..16).filter(move |bit| after >> bit & 1 == 1);
            std::iter::once(first).chain(after.map(move |bit| first.wrapping_add(bit + 1)))
        })
    }
}

/// When packets arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrivals<'a> {
    first: u16,
    count: u16,
    /// By the receiver's clock, in units of 64 ms, as 24 bits.
    pub reference: u32,
    chunks: &'a [u8],
    /// Time between arrivals, of what arrived.
    deltas: &'a [u8],
}

const SMALL: u8 = 1;
const LARGE: u8 = 2;
/// Of a number of time, in microseconds.
const TICK: i64 = 250;

impl<'a> Arrivals<'a> {
    fn read(bytes: &'a [u8]) -> Option<Arrivals<'a>> {
        let [a, b, c, d, high, middle, low, _, rest @ ..] = bytes else {
            return None;
        };
        let count = u16::from_be_bytes([*c, *d]);
        let (mut told, mut chunks) = (0, 0);
        while told < usize::from(count) {
            let chunk = Chunk::read(rest.get(2 * chunks..)?)?;
            told += usize::from(chunk.count());
            chunks += 1;
        }
        let (chunks, deltas) = rest.split_at_checked(2 * chunks)?;
        Some(Arrivals {
            first: u16::from_be_bytes([*a, *b]),
            count,
            reference: u32::from_be_bytes([0, *high, *middle, *low]),
            chunks,
            deltas,
        })
    }

    /// Each packet that is told of: its number, and when it arrived, if it did, in microseconds since the reference time.
    /// Ends early where times are missing.
    pub fn packets(self) -> impl Iterator<Item = (u16, Option<i64>)> + 'a {
        let chunks = self.chunks.chunks_exact(2).filter_map(Chunk::read);
        let statuses = chunks.flat_map(Chunk::statuses).take(self.count.into());
        let numbers = (0..).map(move |at: u16| self.first.wrapping_add(at));
        let (mut deltas, mut time) = (self.deltas, 0_i64);
        numbers
            .take(self.count.into())
            .zip(statuses)
            .map_while(move |(number, status)| {
                let (delta, rest) = match status {
                    SMALL => {
                        let (delta, rest) = deltas.split_first()?;
                        (i64::from(*delta), rest)
                    }
                    LARGE => {
                        let (delta, rest) = deltas.split_first_chunk()?;
                        (i64::from(i16::from_be_bytes(*delta)), rest)
                    }
                    _ => return Some((number, None)),
                };
                deltas = rest;
                time += delta * TICK;
                Some((number, Some(time)))
            })
    }
}

/// Statuses of packets in two bytes.
#[derive(Clone, Copy)]
enum Chunk {
    Run { status: u8, count: u16 },
    OfOneBit(u16),
    OfTwoBits(u16),
}

impl Chunk {
    /// A run of none would be no chunk.
    fn read(bytes: &[u8]) -> Option<Chunk> {
        let bits = u16::from_be_bytes(*bytes.first_chunk()?);
        let run = Chunk::Run {
            status: (bits >> 13 & 3) as u8,
            count: bits & 0x1fff,
        };
        match bits >> 14 {
            0 | 1 => Some(run).filter(|run| run.count() > 0),
            2 => Some(Chunk::OfOneBit(bits)),
            _ => Some(Chunk::OfTwoBits(bits)),
        }
    }

    fn count(self) -> u16 {
        match self {
            Chunk::Run { count, .. } => count,
            Chunk::OfOneBit(_) => 14,
            Chunk::OfTwoBits(_) => 7,
        }
    }

    fn statuses(self) -> impl Iterator<Item = u8> {
        (0..self.count()).map(move |at| match self {
            Chunk::Run { status, .. } => status,
            Chunk::OfOneBit(bits) => (bits >> (13 - at) & 1) as u8,
            Chunk::OfTwoBits(bits) => (bits >> (12 - 2 * at) & 3) as u8,
        })
    }
}

#[cfg(test)]
mod tests;
