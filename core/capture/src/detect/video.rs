//! Responsible for: whether payload follows the syntax of a codec for pictures, so that whoever recorded it can watch.
//! Not responsible for: what H.264 and H.265 have in units (`units`), putting frames together, or decoding them.
//!
//! Headers that a sender leaves in clear in front of sealed frames are not enough: something of the frame itself has to make sense.
use super::bytes::Reader;
use super::codec::{ENOUGH, Sureness, all};
use super::sample::Piece;
use super::units::{h264, h265};
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
pub struct Tally {
    pub certain: usize,
    pub fitting: usize,
    pub others: usize,
}

pub fn tally(starts: &[Piece<'_>], of: impl Fn(&[u8]) -> Option<bool>) -> Tally {
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
    pub fn sureness(&self) -> Option<Sureness> {
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
