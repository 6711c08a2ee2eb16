//! Responsible for: whether payload has the units of H.264 or H.265, and packets of them as RTP has it.
//! Not responsible for: which other codec it might be of (`video`).
use super::bytes::u16_at;
use super::codec::{Sureness, all};
use super::sample::Piece;
use super::video::tally;

/// RFC 6184 section 5.2 to 5.8, and ITU-T H.264 section 7.3.
pub fn h264(pieces: &[Piece<'_>], starts: &[Piece<'_>]) -> Option<Sureness> {
    let header = |piece: &Piece<'_>| {
        piece.bytes[0] & 0x80 == 0 && matches!(piece.bytes[0] & 0x1f, 1..=9 | 12 | 24 | 28)
    };
    let in_order = |piece: &Piece<'_>| {
        piece.bytes[0] & 0x1f != 28 || piece.bytes.get(1).is_some_and(|second| second & 0xa0 == 0x80)
    };
    let fragments = |piece: &Piece<'_>| {
        piece.bytes[0] & 0x1f != 28
            || piece
                .bytes
                .get(1)
                .is_some_and(|second| second & 0xc0 != 0xc0 && second & 0x20 == 0)
    };
    if !all(pieces, header) || !all(pieces, fragments) || !all(starts, in_order) {
        return None;
    }
    // A parameter set says in full what is coming, wherever it is.
    let described = pieces.iter().any(|piece| h264_unit(piece.bytes) == Some(true));
    let tally = tally(starts, h264_unit);
    if described && tally.others * 20 <= starts.len() {
        return Some(Sureness::Certain);
    }
    tally.sureness()
}

/// The first of several units in a payload, as far as it was kept.
fn aggregated(units: &[u8]) -> Option<&[u8]> {
    let length = usize::from(u16_at(units, 0)?);
    Some(&units[2..units.len().min(2 + length)])
}

/// Whether the first unit in a payload is a parameter set (`true`) or begins as a slice does.
fn h264_unit(payload: &[u8]) -> Option<bool> {
    let kind = *payload.first()? & 0x1f;
    let unit = match kind {
        24 => aggregated(payload.get(1..)?)?,
        28 => {
            let body = payload.get(2..)?;
            return slice(payload[1] & 0x1f, body);
        }
        _ => payload,
    };
    let (first, body) = unit.split_first()?;
    slice(first & 0x1f, body)
}

fn slice(kind: u8, body: &[u8]) -> Option<bool> {
    match kind {
        1 | 5 => {
            // first_mb_in_slice is 0 at the start of a frame, and there are ten types of slices.
            let mut bits = Bits { bytes: body, at: 0 };
            (bits.golomb()? == 0 && bits.golomb()? <= 9 && bits.golomb()? <= 31).then_some(false)
        }
        7 => {
            let known = matches!(
                body.first()?,
                66 | 77 | 88 | 100 | 110 | 118 | 122 | 128 | 144 | 244
            );
            // Two reserved bits, and the levels that there are (table A-1).
            let level = *body.get(2)?;
            (known
                && body.get(1)? & 3 == 0
                && matches!(level, 9..=13 | 20..=22 | 30..=32 | 40..=42 | 50..=52 | 60..=62))
            .then_some(true)
        }
        6 | 8 | 9 | 12 => Some(false),
        _ => None,
    }
}

/// RFC 7798 section 4.4, and ITU-T H.265 section 7.3.
pub fn h265(pieces: &[Piece<'_>], starts: &[Piece<'_>]) -> Option<Sureness> {
    let header = |piece: &Piece<'_>| {
        let [first, second, ..] = *piece.bytes else {
            return false;
        };
        first & 0x81 == 0
            && second >> 3 == 0
            && second & 7 != 0
            && matches!(first >> 1, 0..=9 | 16..=21 | 32..=40 | 48 | 49)
    };
    if !all(pieces, header) {
        return None;
    }
    let unit = |payload: &[u8]| {
        let (kind, body) = match payload.first()? >> 1 {
            48 => {
                let unit = aggregated(payload.get(2..)?)?;
                (unit.first()? >> 1 & 0x3f, unit.get(2..)?)
            }
            49 => (
                payload.get(2).filter(|header| **header & 0x80 != 0)? & 0x3f,
                payload.get(3..)?,
            ),
            kind => (kind, payload.get(2..)?),
        };
        match kind {
            0..=9 | 16..=21 => (*body.first()? & 0x80 != 0).then_some(false),
            32 | 33 => Some(true),
            34..=40 => Some(false),
            _ => None,
        }
    };
    tally(starts, unit).sureness()
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        let bit = self.bytes.get(self.at / 8)? >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit.into())
    }

    /// ITU-T H.264 section 9.1.
    fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > 16 {
                return None;
            }
        }
        let mut value = 1;
        for _ in 0..zeros {
            value = value << 1 | self.bit()?;
        }
        Some(value - 1)
    }
}
