//! Responsible for: reading the records of a part of a file, also where its first one is not known yet.
//! Not responsible for: which thread reads which part, or what becomes of the packets.
//!
//! Where a record begins shows only at the one before. So a part that is read before the one in front of it begins at a
//! guess. That counts only if the other ends exactly there, and if nothing in it asks for what came earlier in the file:
//! damage, or an interface. Otherwise it is read again.
use crate::Counts;
use crate::decoded::Decoded;
use crate::file::{Record, Walker};
use crate::source::{Part, Plain};
use ringfence_signed::Error;

/// Bytes of a chunk: little enough that it stays in a core's cache until its packets are done with.
pub const CHUNK: u64 = 512 << 10;
/// The last record that begins in a chunk mostly ends so soon after it.
const BEYOND: u64 = 4 << 10;
/// Records whose headers are read while they are in the core's cache.
const AT_ONCE: usize = 256;

/// How far the reading of a file is.
#[derive(Clone)]
pub struct Place {
    pub walker: Walker,
    /// In the file.
    pub at: u64,
}

/// A chunk of a file: the records that begin in it.
pub struct Chunk {
    /// Bytes of each chunk, and the so-manieth that it is, from 0.
    size: u64,
    number: u64,
    part: Part,
    pub decoded: Decoded,
    /// What could not be read.
    pub counts: Counts,
    records: Vec<Record>,
}

/// What came of reading a chunk from a place that may not be right.
pub struct Guess {
    from: Place,
    /// It is right.
    known: bool,
    until: Place,
}

impl Chunk {
    pub fn new(size: u64) -> Self {
        Self {
            size,
            number: 0,
            part: Part::default(),
            decoded: Decoded::default(),
            counts: Counts::default(),
            records: Vec::new(),
        }
    }

    pub fn bytes(&self) -> &[u8] {
        self.part.bytes()
    }

    /// Reads the so-manieth chunk as if it began where a record seems to. `known`: where one does. Errors: RF2501.
    pub fn guess(
        &mut self,
        file: &Plain,
        number: u64,
        known: Result<Place, Walker>,
    ) -> Result<Option<Guess>, Error> {
        self.number = number;
        let is_known = known.is_ok();
        let from = match known {
            Ok(place) => {
                self.read(file, place.at)?;
                place
            }
            Err(walker) => {
                let begin = number * self.size;
                self.read(file, begin)?;
                let Some((walker, at)) = walker.elsewhere(self.bytes()) else {
                    return Ok(None);
                };
                let at = begin + at as u64;
                Place { walker, at }
            }
        };
        let until = self.walk(file, from.clone())?;
        Ok(Some(Guess {
            from,
            known: is_known,
            until,
        }))
    }

    /// Reads it from where the one before ends, unless the guess was right; where it ends. Errors: RF2501.
    pub fn settle(&mut self, file: &Plain, guess: Option<Guess>, place: &Place) -> Result<Place, Error> {
        if let Some(guess) = guess
            && (guess.known || self.is_right(&guess, place))
        {
            return Ok(guess.until);
        }
        self.read(file, place.at)?;
        self.walk(file, place.clone())
    }

    fn is_right(&self, guess: &Guess, place: &Place) -> bool {
        let changes = place.walker.changes();
        guess.from.at == place.at
            && !place.walker.is_lost()
            && self.counts == Counts::default()
            && [&guess.from, &guess.until].iter().all(|end| end.walker.changes() == changes)
            // Of an empty one nothing is known of the times of its records.
            && self.decoded.records > 0
    }

    fn end(&self) -> u64 {
        (self.number + 1) * self.size
    }

    fn read(&mut self, file: &Plain, from: u64) -> Result<(), Error> {
        self.part
            .read(file, from, (self.end() + BEYOND).saturating_sub(from) as usize)
    }

    fn walk(&mut self, file: &Plain, mut place: Place) -> Result<Place, Error> {
        self.decoded.clear();
        self.counts = Counts::default();
        let mut at = (place.at - self.part.from()) as usize;
        let until = self.end().saturating_sub(self.part.from()) as usize;
        while at < until {
            let last = self.part.is_last(file);
            let bytes = &self.part.bytes()[at..];
            self.records.clear();
            let walked = place.walker.walk(
                bytes,
                until - at,
                last,
                AT_ONCE,
                &mut self.records,
                &mut self.counts,
            );
            self.decoded.read(bytes, at as u32, &self.records);
            at += walked.used;
            if walked.wants > 0 {
                // With all bytes there, more of them will not help.
                if last {
                    break;
                }
                if at < until {
                    self.part.extend(file, at + walked.wants)?;
                }
            }
        }
        place.at = self.part.from() + at as u64;
        Ok(place)
    }
}
