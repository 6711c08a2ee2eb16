//! Responsible for: reading a window of a file by several threads at once, with the result of one.
//! Not responsible for: where windows come from, or what becomes of the packets.
//!
//! Where a record begins shows only at the one before. So each thread but the first begins at a guess, and a chunk counts
//! only if the one before ends exactly there, and if nothing in either asks for what came earlier in the file: damage, or an
//! interface. From where that is not so, the next round begins, with the walk of whoever got there.
use crate::Counts;
use crate::file::{Record, Walked, Walker};
use crate::packet::Decoded;
use std::thread;

/// Records of a chunk at most.
const RECORDS: usize = 1 << 16;
/// Records whose headers are read while they are in the core's cache.
const AT_ONCE: usize = 512;
/// A chunk has so many bytes at least.
const SMALLEST: usize = 4 << 10;

/// A chunk of a window, as one thread reads it.
struct Chunk {
    walker: Walker,
    /// Where it begins, and behind which byte nothing of it is looked at.
    from: usize,
    until: usize,
    counts: Counts,
    walked: Walked,
}

/// What was read of a window.
pub struct Read {
    /// Chunks that count, of those that were given.
    pub chunks: usize,
    pub walked: Walked,
}

/// Reads a window into `decoded`, one chunk each. `last`: nothing follows it. The walk goes on from where it was left.
pub fn read(
    walker: &mut Walker,
    window: &[u8],
    last: bool,
    decoded: &mut [Decoded],
    counts: &mut Counts,
) -> Read {
    let mut chunks = cut(walker, window, decoded.len());
    let count = chunks.len();
    let end = |place: usize| last && place + 1 == count;
    thread::scope(|scope| {
        let mut work = chunks.iter_mut().zip(decoded.iter_mut()).enumerate();
        let first = work.next();
        for (place, (chunk, decoded)) in work {
            scope.spawn(move || chunk.read(window, end(place), decoded));
        }
        if let Some((place, (chunk, decoded))) = first {
            chunk.read(window, end(place), decoded);
        }
    });
    let changes = walker.changes();
    let mut taken = 0;
    for place in 0..count {
        let chunk = &chunks[place];
        let plain = chunk.counts == Counts::default() && chunk.walker.changes() == changes;
        // Of an empty one nothing is known of the times of its records.
        if place > 0 && (!plain || decoded[place].records == 0) {
            break;
        }
        taken = place + 1;
        let used = chunk.from + chunk.walked.used;
        if !plain || chunks.get(place + 1).is_none_or(|next| next.from != used) {
            break;
        }
    }
    let lost = taken < count;
    if lost && chunks[taken - 1].walked.used == 0 {
        // What it needs lies behind the cut.
        return read(walker, window, last, &mut decoded[..1], counts);
    }
    let chunk = chunks.swap_remove(taken - 1);
    counts.add(&chunk.counts);
    *walker = chunk.walker;
    // Where others follow, more bytes are there already.
    let wants = if lost { 0 } else { chunk.walked.wants };
    let used = chunk.from + chunk.walked.used;
    Read {
        chunks: taken,
        walked: Walked { used, wants },
    }
}

/// Chunks of about one length; the first begins where the walk is.
fn cut(walker: &Walker, window: &[u8], most: usize) -> Vec<Chunk> {
    let chunk = |walker: Walker, from| Chunk {
        walker,
        from,
        until: window.len(),
        counts: Counts::default(),
        walked: Walked { used: 0, wants: 0 },
    };
    let count = most.min(window.len() / SMALLEST).max(1);
    let mut chunks = vec![chunk(walker.clone(), 0)];
    for place in 1..count {
        let Some((walker, from)) = walker.elsewhere(window, window.len() / count * place) else {
            break;
        };
        let before = chunks.last_mut().expect("the first is there");
        if from <= before.from {
            break;
        }
        // It sees the header of the next one's first record, and no more.
        before.until = window.len().min(from + walker.header());
        chunks.push(chunk(walker, from));
    }
    chunks
}

impl Chunk {
    fn read(&mut self, window: &[u8], last: bool, decoded: &mut Decoded) {
        decoded.clear();
        let bytes = &window[..self.until];
        let mut records: Vec<Record> = Vec::with_capacity(AT_ONCE);
        while decoded.records < RECORDS {
            records.clear();
            let at = self.from + self.walked.used;
            let walked = self
                .walker
                .walk(&bytes[at..], last, AT_ONCE, &mut records, &mut self.counts);
            for record in &records {
                decoded.read(&bytes[at..], at as u32, record);
            }
            self.walked = Walked {
                used: self.walked.used + walked.used,
                wants: walked.wants,
            };
            if walked.wants > 0 {
                break;
            }
        }
    }
}
