//! Responsible for: scanning a file by as many threads as there are, with the result of one.
//! Not responsible for: what a chunk of it holds, or what becomes of a packet.
//!
//! A thread takes the next chunk of the file and does all that is to be done for it: reads it, finds whose each packet is,
//! and gives the packets to the shards of their flows. The last it does in turns, behind the thread that has the chunk
//! before: while one is at a shard, others are at the shards before it, or read. So no packet goes from core to core.
use crate::Counts;
use crate::chunk::{Chunk, Place};
use crate::engine::{Engine, Order, Taken};
use crate::scan::Ended;
use crate::source::Plain;
use crate::turns::Turns;
use ringfence_signed::Error;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// How a file is scanned.
#[derive(Clone, Copy)]
pub struct Manner {
    pub threads: usize,
    /// Bytes of a chunk.
    pub chunk: u64,
    /// Each chunk begins at a guess, also where it is known where its first record is.
    pub guesses: bool,
}

/// Scans the file from its beginning, where `place` is; where its walk ends, and what it counted.
///
/// `progress` is told how many bytes are done, of how many; an error of its own ends the scan.
pub fn scan<E>(
    file: &Plain,
    place: Place,
    engine: &mut Engine,
    manner: Manner,
    mut progress: impl FnMut(u64, u64) -> Result<(), E>,
) -> Result<(Place, Counts), Ended<E>> {
    let chunks = file.length.div_ceil(manner.chunk);
    let order = std::mem::take(&mut engine.order);
    let work = Work {
        file,
        guesses: manner.guesses,
        chunks,
        claimed: AtomicU64::new(0),
        front: Turns::new(Front {
            place,
            counts: Counts::default(),
            order,
        }),
        engine,
        failed: Mutex::new(None),
    };
    let stopped = thread::scope(|scope| {
        let end = End(&work);
        let mut chunk = Chunk::new(manner.chunk);
        // Whoever is told of the progress is told once at least, however fast the others are.
        if let Some(done) = work.next(&mut chunk) {
            progress(done.min(file.length), file.length)?;
        }
        for _ in 1..chunks.min(manner.threads as u64) {
            scope.spawn(|| {
                let end = End(&work);
                let mut chunk = Chunk::new(manner.chunk);
                while work.next(&mut chunk).is_some() {}
                end.of_file();
            });
        }
        while let Some(done) = work.next(&mut chunk) {
            progress(done.min(file.length), file.length)?;
        }
        end.of_file();
        Ok(())
    });
    if let Some(error) = work.failed.into_inner().ok().flatten() {
        return Err(Ended::Refused(error));
    }
    stopped.map_err(Ended::Stopped)?;
    let Front { place, counts, order } = work.front.into_inner();
    engine.order = order;
    Ok((place, counts))
}

/// How far all chunks before some are read.
struct Front {
    place: Place,
    counts: Counts,
    order: Order,
}

struct Work<'a> {
    file: &'a Plain,
    guesses: bool,
    chunks: u64,
    claimed: AtomicU64,
    front: Turns<Front>,
    engine: &'a Engine,
    failed: Mutex<Option<Error>>,
}

impl Work<'_> {
    /// Does all for the next chunk that nobody has; where it ends. None: there is none, or the scan is over.
    fn next(&self, chunk: &mut Chunk) -> Option<u64> {
        let number = self.claimed.fetch_add(1, Ordering::Relaxed);
        if number >= self.chunks {
            return None;
        }
        let known = self.front.look(|turn, front| {
            let place = &front.place;
            if turn == number && !self.guesses {
                Ok(place.clone())
            } else {
                Err(place.walker.clone())
            }
        })?;
        let guess = self.or_fail(chunk.guess(self.file, number, known))?;
        let settled = self.front.take(number, |front| {
            front.place = chunk.settle(self.file, guess, &front.place)?;
            front.counts.add(&chunk.counts);
            Ok((front.order.take(chunk.bytes(), &chunk.decoded), front.place.at))
        })?;
        let ((joined, before), done) = self.or_fail(settled)?;
        let taken = Taken {
            window: chunk.bytes(),
            joined: &joined,
            before,
        };
        for (index, shard) in self.engine.shards.iter().enumerate() {
            shard.take(number, |shard| {
                taken.put(&chunk.decoded.shards[index], index, shard)
            })?;
        }
        Some(done)
    }

    fn or_fail<T>(&self, result: Result<T, Error>) -> Option<T> {
        let error = match result {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        if let Ok(mut failed) = self.failed.lock() {
            failed.get_or_insert(error);
        }
        self.stop();
        None
    }

    /// Nobody waits any longer for a turn that will not come.
    fn stop(&self) {
        self.claimed.store(self.chunks, Ordering::Relaxed);
        self.front.stop();
        self.engine.shards.iter().for_each(Turns::stop);
    }
}

/// Whoever leaves before the end of the file, be it by a panic, stops all.
struct End<'a>(&'a Work<'a>);

impl End<'_> {
    fn of_file(self) {
        std::mem::forget(self);
    }
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}
