//! Responsible for: the header of SFrame where it can be seen, that is where no SRTP is around it (RFC 9605 section 4.3).
//! Not responsible for: whether frames are well encrypted. That none is seen means nothing: SRTP hides it.
use super::bytes::Reader;
use super::sample::Piece;
use crate::Evidence;

/// So many frames in a row have to go on from each other before it is said to be SFrame.
const ENOUGH: u64 = 16;
/// More keys are not named.
const MOST_KEYS: usize = 8;
/// The tag of the shortest cipher suite, which the ciphertext ends with.
const SHORTEST_TAG: usize = 4;

#[derive(Clone)]
pub struct Frames {
    pub key_ids: Vec<u64>,
    pub evidence: Evidence,
}

struct Header {
    key: u64,
    counter: u64,
}

/// Each number is in a few bits, or in as few bytes as it needs.
fn header(bytes: &[u8]) -> Option<Header> {
    let mut reader = Reader::new(bytes);
    let config = reader.u8()?;
    let mut number = |bits: u8| {
        let value = u64::from(bits & 7);
        if bits & 8 == 0 {
            return Some(value);
        }
        let width = value as usize + 1;
        let long = reader.number(width)?;
        (long >= 8 && (width == 1 || long >> (8 * (width - 1)) != 0)).then_some(long)
    };
    let key = number(config >> 4)?;
    let counter = number(config & 0x0f)?;
    (reader.len() >= SHORTEST_TAG).then_some(Header { key, counter })
}

/// Looks for headers of one key whose counter goes on by one from frame to frame: at the start of each packet, or of each
/// first packet of a frame, and behind a byte that packetisation may have put there.
pub fn find(pieces: &[Piece<'_>]) -> Option<Frames> {
    (0..=1)
        .flat_map(|skip| [true, false].map(|each| (skip, each)))
        .find_map(|(skip, each)| look(pieces, skip, each))
}

fn look(pieces: &[Piece<'_>], skip: usize, each: bool) -> Option<Frames> {
    let (mut key_ids, mut evidence): (Vec<u64>, Option<Evidence>) = (Vec::new(), None);
    let (mut before, mut timestamp, mut went_on, mut others): (Option<Header>, _, u64, u64) =
        (None, None, 0, 0);
    for piece in pieces {
        let first_of_frame = timestamp != Some(piece.packet.timestamp);
        timestamp = Some(piece.packet.timestamp);
        if !each && !first_of_frame {
            continue;
        }
        let here = piece.bytes.get(skip..).and_then(header);
        let goes_on = match (&before, &here) {
            (Some(before), Some(here)) => {
                here.key == before.key && here.counter.wrapping_sub(before.counter).wrapping_sub(1) < 8
            }
            _ => false,
        };
        if let Some(here) = here {
            if goes_on {
                went_on += 1;
                if !key_ids.contains(&here.key) && key_ids.len() < MOST_KEYS {
                    key_ids.push(here.key);
                }
                match &mut evidence {
                    Some(evidence) => evidence.also(piece.packet.number, piece.packet.at),
                    None => evidence = Some(Evidence::of(piece.packet.number, piece.packet.at)),
                }
            } else {
                others += 1;
            }
            before = Some(here);
        } else {
            others += 1;
        }
    }
    // Packets that are lost or late break it now and then.
    let enough = went_on >= ENOUGH && others * 4 <= went_on;
    enough.then_some(Frames {
        key_ids,
        evidence: evidence?,
    })
}
