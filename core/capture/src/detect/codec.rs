//! Responsible for: whether payload follows the syntax of a codec for sound, packet after packet, so that whoever recorded it can listen.
//! Not responsible for: pictures (`video`), or payload that follows no syntax.
//!
//! One packet proves nothing: random bytes follow many a syntax. What is asked is what random bytes do not do over many packets.
use super::bytes::u16_at;
use super::sample::{Histogram, Piece};
use super::video;

/// How sure it is that it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sureness {
    /// Its syntax goes down to what a decoder needs.
    Certain,
    /// Headers make sense throughout; what they head was not decoded.
    Likely,
}

/// Fewer packets are not judged.
pub const ENOUGH: usize = 16;
/// A chi-square that random bytes do not have.
const NOT_RANDOM: f64 = 600.0;

/// The codec of the payload type that most packets have; `random` says that their bytes cannot be told from random ones.
pub fn read(pieces: &[Piece<'_>], random: bool) -> Option<(&'static str, Sureness)> {
    let pieces = &main(pieces);
    if pieces.len() < ENOUGH {
        return None;
    }
    let certain = |name| Some((name, Sureness::Certain));
    // What is smooth by one law is nearly as smooth by the other: the fixed types say which it is, or the smoother one.
    let laws = [roughness(pieces, ulaw), roughness(pieces, alaw)];
    if laws
        .iter()
        .any(|roughness| roughness.is_some_and(|value| value < 0.7))
    {
        let by_alaw = match pieces[0].packet.payload_type {
            0 => false,
            8 => true,
            _ => laws[1] < laws[0],
        };
        return certain(if by_alaw { "G.711 A-law" } else { "G.711 mu-law" });
    }
    if is_linear(pieces) {
        return certain("L16");
    }
    if all(pieces, |piece| {
        piece.packet.whole.is_multiple_of(188) && piece.bytes.chunks(188).all(|packet| packet[0] == 0x47)
    }) {
        return certain("MPEG transport stream");
    }
    // RFC 3551 sections 4.5.8 and 4.5.13: each frame of GSM begins with a signature; MPEG audio with a sync word behind four bytes.
    if all(pieces, |piece| {
        piece.packet.whole.is_multiple_of(33) && piece.bytes.chunks(33).all(|frame| frame[0] >> 4 == 0xd)
    }) {
        return certain("GSM");
    }
    if all(pieces, |piece| {
        piece.bytes.starts_with(&[0, 0, 0, 0, 0xff]) && piece.bytes.get(5).is_some_and(|next| next >> 5 == 7)
    }) {
        return certain("MPEG audio");
    }
    if all(pieces, is_aac) {
        return certain("AAC");
    }
    if let Some(found) = video::read(pieces) {
        return Some(found);
    }
    if is_opus(pieces, random) {
        return certain("Opus");
    }
    let skewed = || {
        let mut bytes = Histogram::default();
        pieces.iter().for_each(|piece| bytes.put(piece.bytes));
        bytes.all() >= 1024 && bytes.chi_square() > NOT_RANDOM
    };
    let main_type = pieces[0].packet.payload_type;
    // RFC 3551 section 6: fixed types, fixed sizes, and bytes that are not random.
    if main_type == 9 && ticks(pieces, |piece| piece.packet.whole) && skewed() {
        return Some(("G.722", Sureness::Likely));
    }
    if main_type == 18 && ticks(pieces, |piece| piece.packet.whole * 8) && skewed() {
        return Some(("G.729", Sureness::Likely));
    }
    None
}

/// Bytes behind what a codec of 64 kbit/s sends in 10, 20, 30 or 40 ms: the tag of SRTP (RFC 3711, RFC 7714).
pub fn tag(pieces: &[Piece<'_>]) -> Option<u8> {
    let pieces = &main(pieces);
    if pieces.len() < ENOUGH || !matches!(pieces[0].packet.payload_type, 0 | 8 | 9) {
        return None;
    }
    [4u8, 10, 16].into_iter().find(|tag| {
        all(pieces, |piece| {
            piece
                .packet
                .whole
                .checked_sub(usize::from(*tag))
                .is_some_and(|rest| rest > 0 && rest.is_multiple_of(80))
        })
    })
}

/// The packets of the payload type that most have.
fn main<'a>(pieces: &[Piece<'a>]) -> Vec<Piece<'a>> {
    // It has seven bits.
    let mut counts = [0; 128];
    for piece in pieces {
        counts[usize::from(piece.packet.payload_type & 0x7f)] += 1;
    }
    let most = (0..128u8).max_by_key(|kind| counts[usize::from(*kind)]);
    pieces
        .iter()
        .filter(|piece| Some(piece.packet.payload_type) == most && !piece.bytes.is_empty())
        .copied()
        .collect()
}

/// Of all packets but a few: some are cut, damaged, or of something else.
pub fn all(pieces: &[Piece<'_>], holds: impl Fn(&Piece<'_>) -> bool) -> bool {
    let count = pieces.iter().filter(|piece| holds(piece)).count();
    count * 50 >= pieces.len() * 49
}

/// Whether timestamps go on, from packet to next packet, by what the first of them says that it lasts.
fn ticks(pieces: &[Piece<'_>], lasts: impl Fn(&Piece<'_>) -> usize) -> bool {
    let (mut right, mut pairs) = (0usize, 0usize);
    for pair in pieces.windows(2) {
        let [one, next] = pair else { continue };
        if next.packet.sequence.wrapping_sub(one.packet.sequence) == 1 {
            pairs += 1;
            right +=
                usize::from(next.packet.timestamp.wrapping_sub(one.packet.timestamp) as usize == lasts(one));
        }
    }
    pairs * 2 >= ENOUGH && right * 10 >= pairs * 8
}

/// ITU-T G.711: the value that a byte of mu-law stands for.
fn ulaw(byte: u8) -> i32 {
    let bits = !byte;
    let size = ((i32::from(bits & 0x0f) << 3) + 0x84) << (bits >> 4 & 7);
    if bits & 0x80 != 0 {
        0x84 - size
    } else {
        size - 0x84
    }
}

/// ITU-T G.711: the value that a byte of A-law stands for.
fn alaw(byte: u8) -> i32 {
    let bits = byte ^ 0x55;
    let step = i32::from(bits & 0x0f) << 4;
    let size = match bits >> 4 & 7 {
        0 => step + 8,
        segment => (step + 0x108) << (segment - 1),
    };
    if bits & 0x80 != 0 { size } else { -size }
}

/// How far one value is from the next, beside how far it is from zero: sound is smooth, silence is near silence, and random
/// bytes differ by more than they measure. `None` where it is not G.711 anyway.
fn roughness(pieces: &[Piece<'_>], value: fn(u8) -> i32) -> Option<f64> {
    // Eight thousand bytes a second, one for each tick of the clock: what is sealed has a tag behind it.
    if !ticks(pieces, |piece| piece.packet.whole) {
        return None;
    }
    let (mut step, mut size, mut samples) = (0i64, 0i64, 0i64);
    for piece in pieces {
        for pair in piece.bytes.windows(2) {
            step += i64::from((value(pair[0]) - value(pair[1])).abs());
            size += i64::from(value(pair[0]).abs());
            samples += 1;
        }
    }
    // The noise of a quiet room. By the other law what means silence measures thousands.
    let quiet = samples > 0 && size / samples < 64;
    Some(if quiet {
        0.0
    } else {
        step as f64 / size.max(1) as f64
    })
}

/// RFC 3551 section 4.5.11: numbers of 16 bits, the higher byte first.
fn is_linear(pieces: &[Piece<'_>]) -> bool {
    let mono = ticks(pieces, |piece| piece.packet.whole / 2);
    let stereo = !mono && ticks(pieces, |piece| piece.packet.whole / 4);
    if !mono && !stereo {
        return false;
    }
    let apart = if mono { 2 } else { 4 };
    let (mut step, mut size) = (0i64, 0i64);
    for piece in pieces {
        let value = |at: usize| i64::from(i16::from_be_bytes([piece.bytes[at], piece.bytes[at + 1]]));
        for at in (0..piece.bytes.len().saturating_sub(apart + 1)).step_by(2) {
            step += (value(at) - value(at + apart)).abs();
            size += value(at).abs();
        }
    }
    step * 10 < size * 7 || size == 0
}

/// How long a packet of Opus lasts, in ticks of 48 kHz; `None` when it breaks a rule of RFC 6716 section 3.4.
fn opus(piece: &Piece<'_>) -> Option<usize> {
    let first = *piece.bytes.first()?;
    let frame = match first >> 3 {
        config @ 0..12 => [480, 960, 1920, 2880][usize::from(config & 3)],
        config @ 12..16 => [480, 960][usize::from(config & 1)],
        config => [120, 240, 480, 960][usize::from(config & 3)],
    };
    let rest = piece.packet.whole - 1;
    let count = match first & 3 {
        0 => 1,
        1 if rest.is_multiple_of(2) => 2,
        2 if rest >= 1 => 2,
        3 => usize::from(*piece.bytes.get(1)? & 0x3f),
        _ => return None,
    };
    (count > 0 && frame * count <= 5760).then_some(frame * count)
}

/// RFC 3640 sections 3.2.1 and 3.3.6: the bits of all headers, for each unit a header of 13 bits of size and 3 of index, and
/// units of these sizes.
fn is_aac(piece: &Piece<'_>) -> bool {
    let Some(bits) = u16_at(piece.bytes, 0).map(usize::from) else {
        return false;
    };
    let Some(headers) = piece.bytes.get(2..2 + bits / 8) else {
        return false;
    };
    let sizes = headers
        .chunks_exact(2)
        .map(|header| usize::from(u16::from_be_bytes([header[0], header[1]]) >> 3));
    bits > 0 && bits.is_multiple_of(16) && sizes.sum::<usize>() + headers.len() + 2 == piece.packet.whole
}

/// The first byte says how long a packet lasts, and its timestamps agree; and what follows does not look random.
fn is_opus(pieces: &[Piece<'_>], random: bool) -> bool {
    if !all(pieces, |piece| opus(piece).is_some()) || !ticks(pieces, |piece| opus(piece).unwrap_or(0)) {
        return false;
    }
    // A packet of a byte or two is one that says "silence". Where a tag had to fit, none is so short.
    let shortest = pieces.iter().any(|piece| piece.packet.whole <= 3);
    let peaks = (1..6).any(|at| {
        let mut here = Histogram::default();
        pieces
            .iter()
            .filter_map(|piece| piece.bytes.get(at))
            .for_each(|byte| here.put(&[*byte]));
        // A range coder's first symbols are skewed; which values that makes depends on the encoder.
        here.is_skewed()
    });
    shortest || peaks || !random
}
