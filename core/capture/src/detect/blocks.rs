//! Responsible for: blocks of 16 bytes that come again: the sign of a cipher that is used block by block (ECB).
//! Not responsible for: which part of a payload is a header in clear, or whether a codec can be read: whoever asks knows.
//!
//! In any other mode of a cipher no block ever comes again. What comes again and is no sign of ECB is left out: blocks with
//! fewer than 12 distinct bytes (padding, silence), whole payloads that came before, and blocks that do not look random,
//! since they were never encrypted.
use super::sample::{Histogram, Piece};
use crate::Evidence;
use foldhash::{HashMap, HashSet, HashSetExt};

const BLOCK: usize = 16;
/// Random blocks have 15.5 distinct bytes on average; three in a million have fewer than 12.
const DISTINCT: u32 = 12;
/// Fewer repeats than that are no finding.
const ENOUGH: u64 = 4;
/// So much of a sample is looked at, for every place where blocks may begin.
const MOST_BYTES: usize = 64 << 10;
/// So many bytes of the blocks must be there to say that they look random by how often each byte comes.
const ENOUGH_BYTES: u32 = 1024;
/// Random bytes have a chi-square above that once in ten million samples.
const RANDOM: f64 = 255.0 + 6.4 * 22.6;

#[derive(Clone)]
pub struct Repeats {
    /// Where the blocks begin in a payload.
    pub header: u16,
    /// All that were counted, and those of them that had come before.
    pub blocks: u64,
    pub repeated: u64,
    /// The packets that have blocks which had come before.
    pub evidence: Evidence,
    /// The blocks that came more than once.
    again: HashSet<[u8; BLOCK]>,
}

impl Repeats {
    /// How many blocks came again in both.
    pub fn shared_with(&self, other: &Repeats) -> u64 {
        self.again.intersection(&other.again).count() as u64
    }

    /// About how many bytes it has on the heap.
    pub fn held(&self) -> usize {
        self.again.capacity() * (BLOCK + 1)
    }
}

/// Whether some block may be followed by its like: eight bytes that are the same sixteen bytes later. It is cheap, and random
/// bytes never are.
pub fn may_repeat(bytes: &[u8]) -> bool {
    let halves = bytes.as_chunks::<8>().0;
    let pairs = || halves.iter().zip(halves.get(2..).unwrap_or_default());
    // First whether there is any, without a branch for each.
    let same = |(one, other): (&[u8; 8], &[u8; 8])| u64::from_ne_bytes(*one) == u64::from_ne_bytes(*other);
    pairs().fold(false, |any, pair| any | same(pair))
        && pairs().any(|pair| same(pair) && pair.0.iter().any(|byte| *byte != pair.0[0]))
}

/// Repeats past a header, where blocks may begin at any of the 16 next bytes: which of them is learnt.
pub fn find(pieces: &[Piece<'_>], header: usize) -> Option<Repeats> {
    let (mut bodies, mut bytes) = (HashSet::with_capacity(pieces.len()), 0);
    let mut kept = Vec::new();
    for piece in pieces {
        let body = piece.bytes.get(header..).unwrap_or_default();
        bytes += body.len();
        if bytes > MOST_BYTES {
            break;
        }
        if body.len() >= BLOCK && bodies.insert(body) {
            kept.push(*piece);
        }
    }
    let shifts = shifts(&kept, header);
    if shifts.len() > 1 && !any_again(&kept, header) {
        return None;
    }
    let best = shifts
        .into_iter()
        .map(|at| (repeats_at(&kept, at), at))
        .max_by_key(|(count, at)| (*count, usize::MAX - at))?;
    if best.0 < ENOUGH {
        return None;
    }
    count(&kept, best.1).filter(|repeats| repeats.repeated >= ENOUGH)
}

/// Whether any block may come again, wherever blocks begin: of most media none does, and that is all that has to be known
/// of it. Any 16 bytes have 8 in them that begin at a multiple of 8, and where blocks are the same those are. A table
/// that forgets is enough: where a few come again, many do.
fn any_again(pieces: &[Piece<'_>], header: usize) -> bool {
    let mut table = vec![0u32; 1 << 14];
    for piece in pieces {
        let body = piece.bytes.get(header..).unwrap_or_default();
        for half in body.as_chunks::<{ BLOCK / 2 }>().0 {
            let mixed = u64::from_le_bytes(*half).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let slot = &mut table[(mixed >> 50) as usize];
            let tag = (mixed >> 18) as u32 | 1;
            // The other half has BLOCK / 2 distinct bytes at most.
            if *slot == tag && distinct(half) + BLOCK as u32 / 2 >= DISTINCT {
                return true;
            }
            *slot = tag;
        }
    }
    false
}

/// Where blocks may begin. Padded to whole blocks, the lengths of payloads tell.
fn shifts(pieces: &[Piece<'_>], header: usize) -> Vec<usize> {
    let mut rests = [0usize; BLOCK];
    for piece in pieces {
        rests[piece.packet.whole % BLOCK] += 1;
    }
    let told = (0..BLOCK).find(|rest| rests[*rest] * 10 >= pieces.len() * 9 && pieces.len() >= 16);
    match told {
        Some(rest) => vec![header + (rest + BLOCK - header % BLOCK) % BLOCK],
        None => (header..header + BLOCK).collect(),
    }
}

fn blocks_at<'a>(piece: &Piece<'a>, at: usize) -> impl Iterator<Item = &'a [u8; BLOCK]> + use<'a> {
    piece
        .bytes
        .get(at..)
        .unwrap_or_default()
        .as_chunks::<BLOCK>()
        .0
        .iter()
}

/// A number that is the same for the same block, and hardly ever for others.
fn mixed(block: &[u8; BLOCK]) -> u64 {
    let value = u128::from_le_bytes(*block);
    let (low, high) = (value as u64, (value >> 64) as u64);
    (low ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9)
        ^ high.wrapping_mul(0x94d0_49bb_1331_11eb).rotate_left(31)
}

fn counts(block: &[u8; BLOCK]) -> bool {
    distinct(block) >= DISTINCT
}

fn distinct(bytes: &[u8]) -> u32 {
    let mut there = [0u64; 4];
    for byte in bytes {
        there[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
    there.iter().map(|bits| bits.count_ones()).sum()
}

/// About how many blocks had come before. It is asked for every place where blocks may begin, so that what differs from
/// all before it, which is nearly all, has to be cheap.
fn repeats_at(pieces: &[Piece<'_>], at: usize) -> u64 {
    let blocks: usize = pieces
        .iter()
        .map(|piece| piece.bytes.len().saturating_sub(at) / BLOCK)
        .sum();
    let mut numbers = vec![0u64; (2 * blocks).next_power_of_two().max(2)];
    let last = numbers.len() - 1;
    let mut repeated = 0;
    for block in pieces.iter().flat_map(|piece| blocks_at(piece, at)) {
        // No number is 0: that is an empty place.
        let number = mixed(block) | 1;
        let mut place = (number >> 20) as usize & last;
        while numbers[place] != 0 && numbers[place] != number {
            place = (place + 1) & last;
        }
        if numbers[place] == number {
            repeated += u64::from(counts(block));
        }
        numbers[place] = number;
    }
    repeated
}

fn count(pieces: &[Piece<'_>], at: usize) -> Option<Repeats> {
    let mut times: HashMap<[u8; BLOCK], u32> = HashMap::default();
    let (mut blocks, mut repeated, mut evidence) = (0, 0, None::<Evidence>);
    let mut distinct = Histogram::default();
    for piece in pieces {
        let mut shows = false;
        for block in blocks_at(piece, at).filter(|block| counts(block)) {
            blocks += 1;
            let came = times.entry(*block).or_insert(0);
            if *came == 0 {
                distinct.put(block);
            } else {
                repeated += 1;
                shows = true;
            }
            *came += 1;
        }
        if shows {
            match &mut evidence {
                Some(evidence) => evidence.also(piece.packet.number, piece.packet.at),
                None => evidence = Some(Evidence::of(piece.packet.number, piece.packet.at)),
            }
        }
    }
    let again: HashSet<_> = times
        .into_iter()
        .filter(|(_, came)| *came > 1)
        .map(|(block, _)| block)
        .collect();
    let random = match distinct.all() >= ENOUGH_BYTES {
        true => distinct.chi_square() < RANDOM && look_random(again.iter().flatten()),
        // Of so few nearly each has to look random alone.
        false => again.iter().filter(|block| look_random(block.iter())).count() * 4 >= again.len() * 3,
    };
    if !random {
        return None;
    }
    Some(Repeats {
        header: at as u16,
        blocks,
        repeated,
        evidence: evidence?,
        again,
    })
}

/// Whether about half of the bits are set, and about half of the highest ones: in text none of those is.
fn look_random<'a>(bytes: impl Iterator<Item = &'a u8>) -> bool {
    let (mut set, mut high, mut all) = (0u32, 0u32, 0u32);
    for byte in bytes {
        set += byte.count_ones();
        high += u32::from(byte >> 7);
        all += 1;
    }
    let near_half = |part: u32, all: u32| {
        let (part, all) = (f64::from(part), f64::from(all));
        (part - all / 2.0).abs() <= 3.9 * all.sqrt() / 2.0
    };
    near_half(set, all * 8) && near_half(high, all)
}
