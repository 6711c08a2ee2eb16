//! Responsible for: what a sample of payload shows: a codec, something sealed, or neither.
//! Not responsible for: reading a codec (`codec`, `video`), counting blocks (`blocks`), frames of SFrame (`sframe`).
//!
//! The order is what keeps the answers honest. Codecs compress so well that their bytes look nearly random, so that syntax over
//! many packets is asked first. Only what follows no syntax, and cannot be told from random bytes, is called sealed.
use super::blocks::{self, Repeats};
use super::codec::{self, Sureness};
use super::sample::{Histogram, Piece, Sample};
use super::sframe::{self, Frames};
use crate::observation::Payload;
use foldhash::HashSetExt;
use std::ops::Range;

/// Fewer bytes than that say nothing about randomness.
const ENOUGH_BYTES: u32 = 1024;
const ENOUGH_PACKETS: usize = 16;
/// Random bytes have a chi-square above that once in ten million samples.
const RANDOM: f64 = 255.0 + 6.4 * 22.6;
/// A header in clear is looked for in so many bytes.
const LONGEST_HEADER: usize = 48;
/// Bytes of the longest tag, and of the longest identifier of a key that is looked for in front of it.
const LONGEST_TAG: usize = 16;
const LONGEST_KEY_ID: usize = 32;
/// So many bytes within a header may look random: a length, a number that nobody can guess.
const HOLE: usize = 4;

#[derive(Clone)]
pub struct Verdict {
    pub payload: Payload,
    pub codec: Option<&'static str>,
    /// Of the bytes past the header, in thousandths of a bit a byte.
    pub entropy: Option<u16>,
    /// So many bytes at the start of each payload are in clear.
    pub header: u16,
    /// Bytes that follow what a codec of fixed size would have.
    pub tag: Option<u8>,
    pub repeats: Option<Repeats>,
    pub sframe: Option<Frames>,
}

impl Verdict {
    pub fn of(sample: &Sample) -> Verdict {
        let pieces = distinct(sample);
        let header = header(&pieces);
        let mut past = Histogram::default();
        let still = still(&pieces);
        for piece in &pieces {
            let past_header = piece.bytes.get(header..).unwrap_or_default();
            let (before, behind) = match &still {
                // What is cut short, or kept in part, has none of it.
                Some(still) if piece.bytes.len() == piece.packet.whole => {
                    let [end, begin] =
                        [still.start, still.end].map(|at| past_header.len().saturating_sub(at));
                    (&past_header[..begin], &past_header[end..])
                }
                _ => (past_header, &[][..]),
            };
            past.put(before);
            past.put(behind);
        }
        let enough = past.all() >= ENOUGH_BYTES && pieces.len() >= ENOUGH_PACKETS;
        let random = past.chi_square() < RANDOM;
        let all: Vec<Piece<'_>> = sample.pieces().collect();
        let (mut read, sframe) = (
            codec::read(&all, random),
            sframe::find(&all).filter(|_| enough && random),
        );
        // A codec that is told by its headers has something in them that is neither a constant nor a count.
        let by_headers =
            matches!(read, Some((name, sureness)) if sureness == Sureness::Likely || name == "Opus");
        if sframe.is_some() || (by_headers && random && is_label(&pieces, header)) {
            read = None;
        }
        let certain = matches!(read, Some((_, Sureness::Certain)));
        let repeats = if certain {
            None
        } else {
            blocks::find(&pieces, header)
        };
        if repeats.is_some() {
            read = None;
        }
        let sealed = repeats.is_some() || sframe.is_some() || (enough && random);
        let payload = match read {
            Some(_) => Payload::Readable,
            None if sealed => Payload::Sealed,
            None => Payload::Unknown,
        };
        Verdict {
            payload,
            codec: read.map(|(codec, _)| codec),
            entropy: past.entropy(),
            header: header as u16,
            tag: if payload == Payload::Sealed {
                codec::tag(&all)
            } else {
                None
            },
            repeats,
            sframe,
        }
    }
}

impl Verdict {
    /// Looks for repeated blocks in packets that came later, unless they can be read.
    pub fn repeats_later(&mut self, late: &Sample) {
        if self.payload != Payload::Readable {
            self.repeats = blocks::find(&distinct(late), self.header.into());
        }
        if self.repeats.is_some() {
            self.payload = Payload::Sealed;
        }
    }

    pub fn held(&self) -> usize {
        size_of::<Self>() + self.repeats.as_ref().map_or(0, Repeats::held)
    }
}

/// Without payloads that came before: a packet sent twice, or a frame of silence, says nothing new.
fn distinct(sample: &Sample) -> Vec<Piece<'_>> {
    let pieces = sample.pieces();
    let mut seen = foldhash::HashSet::with_capacity(pieces.len());
    pieces.filter(|piece| seen.insert(piece.bytes)).collect()
}

/// How many bytes at the start of payloads are in clear: at their places some bytes, or some steps from one packet to
/// the next, come too often.
fn header(pieces: &[Piece<'_>]) -> usize {
    let mut length = 0;
    for at in 0..LONGEST_HEADER {
        if at > length + HOLE {
            break;
        }
        let (mut here, mut steps) = (Histogram::default(), Histogram::default());
        let mut before: Option<u8> = None;
        for piece in pieces {
            if let Some(byte) = piece.bytes.get(at) {
                here.put(&[*byte]);
                if let Some(before) = before {
                    steps.put(&[byte.wrapping_sub(before)]);
                }
                before = Some(*byte);
            }
        }
        if here.is_skewed() || steps.is_skewed() {
            length = at + 1;
        }
    }
    length
}

/// Bytes near the end of payloads, counted from there, that are the same in all: the identifier of a master key, in front of a
/// tag or without one (RFC 3711 section 3.1).
fn still(pieces: &[Piece<'_>]) -> Option<Range<usize>> {
    let is_still = |at: usize| {
        let mut here = Histogram::default();
        for piece in pieces
            .iter()
            .filter(|piece| piece.bytes.len() == piece.packet.whole)
        {
            if let Some(byte) = piece.bytes.len().checked_sub(at + 1).map(|at| piece.bytes[at]) {
                here.put(&[byte]);
            }
        }
        here.all() >= ENOUGH_PACKETS as u32 && here.most() * 50 >= here.all() * 49
    };
    let begin = (0..=LONGEST_TAG).find(|at| is_still(*at))?;
    let end = (begin..begin + LONGEST_KEY_ID)
        .take_while(|at| is_still(*at))
        .last()?
        + 1;
    Some(begin..end)
}

/// Whether a header in clear has only bytes that stay the same, or count, from packet to packet: a label in front of
/// something sealed, whatever codec's header it happens to look like.
fn is_label(pieces: &[Piece<'_>], header: usize) -> bool {
    let mostly = |histogram: &Histogram| histogram.most() * 50 >= histogram.all() * 49;
    (0..header).all(|at| {
        let (mut here, mut steps) = (Histogram::default(), Histogram::default());
        for pair in pieces.windows(2) {
            if let (Some(before), Some(byte)) = (pair[0].bytes.get(at), pair[1].bytes.get(at)) {
                here.put(&[*byte]);
                steps.put(&[byte.wrapping_sub(*before)]);
            }
        }
        mostly(&here) || mostly(&steps)
    })
}
