//! Responsible for: whether payload follows the syntax of a codec for pictures, so that whoever recorded it can watch.
//! Not responsible for: putting frames together, or decoding them.
//!
//! Headers that a sender leaves in clear in front of sealed frames are not enough: something of the frame itself has to make sense.
use super::bytes::{Reader, u16_at};
use super::codec::{ENOUGH, Sureness, all};
use super::sample::Piece;
use ringfence_packet::vp8;

pub fn read(pieces: &[Piece<'_>]) -> Option<(&'static str, Sureness)> {
    let starts = &starts(pieces);
    let readers: [(&str, fn(&[Piece<'_>], &[Piece<'_>]) -> Option<Sureness>); 7] = [
        ("MPEG video", mpeg),
        ("MPEG-4 video", mpeg4),
        ("VP8", vp8),
        ("VP9", vp9),
        ("H.264", h264),
        ("H.265", h265),
        ("AV1", av1),
    ];
    readers
        .iter()
        .find_map(|(name, read)| Some((*name, read(pieces, starts)?)))
}

/// The packets that begin a frame: the timestamp differs from that of the packet just before.
fn starts<'a>(pieces: &[Piece<'a>]) -> Vec<Piece<'a>> {
    let begins = |pair: &[Piece<'a>]| {
        let (before, here) = (pair[0].packet, pair[1].packet);
        let next = here.sequence.wrapping_sub(before.sequence) == 1;
        (next && here.timestamp != before.timestamp).then_some(pair[1])
    };
    pieces.windows(2).filter_map(begins).collect()
}

/// What makes sense of the starts of frames: how many say in full what they are, and how many fit at least.
struct Tally {
    certain: usize,
    fitting: usize,
    others: usize,
}

fn tally(starts: &[Piece<'_>], of: impl Fn(&[u8]) -> Option<bool>) -> Tally {
    let mut tally = Tally {
        certain: 0,
        fitting: 0,
        others: 0,
    };
    for start in starts {
        match of(start.bytes) {
            Some(true) => tally.certain += 1,
            Some(false) => tally.fitting += 1,
            None => tally.others += 1,
        }
    }
    tally
}

impl Tally {
    fn sureness(&self) -> Option<Sureness> {
        let good = self.certain + self.fitting;
        if self.others * 20 > good {
            return None;
        }
        match (self.certain > 0, good >= ENOUGH) {
            (true, _) => Some(Sureness::Certain),
            (false, true) => Some(Sureness::Likely),
            _ => None,
        }
    }
}

/// RFC 2250 section 3.4: payload type 32, and behind a header of four bytes a start code where the header announces one.
fn mpeg(pieces: &[Piece<'_>], starts: &[Piece<'_>]) -> Option<Sureness> {
    let announced = |piece: &Piece<'_>| piece.bytes[0] >> 3 == 0 && piece.bytes.get(4..7) == Some(&[0, 0, 1]);
    let good = starts.len() >= ENOUGH && pieces[0].packet.payload_type == 32 && all(starts, announced);
    good.then_some(Sureness::Certain)
}

/// RFC 6416 section 5: each frame begins with a start code.
fn mpeg4(_pieces: &[Piece<'_>], starts: &[Piece<'_>]) -> Option<Sureness> {
    let good = starts.len() >= ENOUGH && all(starts, |piece| piece.bytes.starts_with(&[0, 0, 1]));
    good.then_some(Sureness::Certain)
}

/// RFC 7741 section 4.2 and RFC 6386 section 9.1: a key frame has a start code, any other says that it is none.
fn vp8(pieces: &[Piece<'_>], starts: &[Piece<'_>]) -> Option<Sureness> {
    let reserved = |piece: &Piece<'_>| piece.bytes[0] & 0x48 == 0 && vp8::read(piece.bytes).is_some();
    if !all(pieces, reserved) || !all(starts, |piece| piece.bytes[0] & 0x17 == 0x10) {
        return None;
    }
    tally(starts, |payload| {
        let frame = payload.get(vp8::read(payload)?.length..)?;
        let first = *frame.first()?;
        let key = first & 1 == 0;
        // Versions 0 to 3 are defined, and a frame that is not shown is rare.
        if first >> 1 & 7 > 3 || (key && frame.get(3..6)? != [0x9d, 0x01, 0x2a]) {
            return None;
        }
        Some(key)
    })
    .sureness()
}

/// RFC 9628 section 4.2, and section 6.2 of the VP9 bitstream specification.
fn vp9(pieces: &[Piece<'_>], starts: &[Piece<'_>]) -> Option<Sureness> {
    if !all(pieces, |piece| vp9_descriptor(piece.bytes).is_some())
        || !all(starts, |piece| piece.bytes[0] & 0x08 != 0)
    {
        return None;
    }
    tally(starts, |payload| {
        let frame = vp9_descriptor(payload)?;
        let first = *frame.first()?;
        if first >> 6 != 0b10 {
            return None;
        }
        Some(frame.get(1..4) == Some(&[0x49, 0x83, 0x42]) && first & 0x0c == 0)
    })
    .sureness()
}

/// What is behind the payload descriptor.
fn vp9_descriptor(payload: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(payload);
    let first = reader.u8()?;
    let has = |bit: u8| first & bit != 0;
    if has(0x80) && reader.rest().first()? & 0x80 != 0 {
        reader.u16()?;
    } else if has(0x80) {
        reader.u8()?;
    }
    if has(0x20) {
        reader.u8()?;
        if !has(0x10) {
            reader.u8()?;
        }
    }
    if has(0x10) && has(0x40) {
        for _ in 0..3 {
            if reader.u8()? & 1 == 0 {
                break;
            }
        }
    }
    if has(0x02) {
        let structure = reader.u8()?;
        if structure & 0x10 != 0 {
            reader.take(4 * usize::from((structure >> 5) + 1))?;
        }
        if structure & 0x08 != 0 {
            for _ in 0..reader.u8()? {
                let references = reader.u8()? >> 2 & 3;
                reader.take(references.into())?;
            }
        }
    }
    Some(reader.rest())
}

/// RFC 6184 section 5.2 to 5.8, and ITU-T H.264 section 7.3.
fn h264(pieces: &[Piece<'_>], starts: &[Piece<'_>]) -> Option<Sureness> {
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
fn h265(pieces: &[Piece<'_>], starts: &[Piece<'_>]) -> Option<Sureness> {
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

/// Section 4.4 of the RTP payload format for AV1, and section 5.3 of the AV1 bitstream specification.
fn av1(pieces: &[Piece<'_>], starts: &[Piece<'_>]) -> Option<Sureness> {
    if !all(pieces, |piece| {
        piece.bytes[0] & 0x07 == 0 && piece.bytes[0] & 0x88 != 0x88
    }) || !all(starts, |piece| piece.bytes[0] & 0x80 == 0)
    {
        return None;
    }
    let unit = |payload: &[u8]| {
        let (first, rest) = payload.split_first()?;
        // With W at 1 the only element has no length before it.
        let unit = if first >> 4 & 3 == 1 {
            rest
        } else {
            let width = rest.iter().position(|byte| byte & 0x80 == 0)? + 1;
            rest.get(width..)?
        };
        let header = *unit.first()?;
        let kind = header >> 3 & 0x0f;
        if header & 0x81 != 0 || !matches!(kind, 1 | 3 | 4 | 5 | 6) {
            return None;
        }
        // A new coded video sequence begins with its header (a profile, of three, in the upper bits).
        Some(first & 0x08 != 0 && kind == 1 && unit.get(1)? >> 5 <= 2)
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
