//! Responsible for: from records to the table of flows, by as many threads as there are, with the result of one.
//! Not responsible for: where records come from.
//!
//! In each round the threads read the headers of one chunk of the file each (`chunk`), and each packet goes to the shard
//! of its flow. Then each shard takes its packets, in the order of the capture. Between the two one thread puts fragments
//! together.
use crate::Counts;
use crate::chunk;
use crate::file::{Format, Interface, Walked, Walker};
use crate::fragments::{Fragments, Joined};
use crate::packet::{Decoded, Packet, Place, SHARDS};
use crate::summary::Scan;
use crate::table::Shard;
use std::sync::Mutex;
use std::thread;

/// Fewer records than this are not worth another thread.
const WORTH: usize = 2048;

pub struct Engine {
    shards: Vec<Shard>,
    fragments: Fragments,
    /// One for each thread, kept for what is allocated in them.
    chunks: Vec<Decoded>,
    counts: Counts,
    /// Packets that were taken.
    taken: u64,
}

impl Engine {
    pub fn new(threads: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            fragments: Fragments::default(),
            chunks: (0..threads.max(1)).map(|_| Decoded::default()).collect(),
            counts: Counts::default(),
            taken: 0,
        }
    }

    /// Takes what it can of a window in which the walk goes on; `last`: nothing follows it. Says how far that was.
    pub fn round(&mut self, walker: &mut Walker, window: &[u8], last: bool, counts: &mut Counts) -> Walked {
        let read = chunk::read(walker, window, last, &mut self.chunks, counts);
        let chunks = &self.chunks[..read.chunks];
        let mut joined = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            self.counts.add(&chunk.counts);
            let mut whole = Joined::default();
            for part in &chunk.parts {
                self.fragments.take(window, part, &mut whole, &mut self.counts);
            }
            joined.push(whole);
        }
        let records: usize = chunks.iter().map(|chunk| chunk.records).sum();
        let threads = chunks.len().min(records / WORTH).max(1);
        let waiting = Mutex::new(self.shards.iter_mut().enumerate());
        let before = self.taken;
        let work = || {
            // A lock that was poisoned by a panic elsewhere: that panic ends the scope.
            while let Some((index, shard)) = waiting.lock().ok().and_then(|mut waiting| waiting.next()) {
                let mut before = before;
                for (chunk, joined) in chunks.iter().zip(&joined) {
                    let packets = &chunk.shards[index];
                    Taken {
                        window,
                        packets,
                        joined,
                        before,
                    }
                    .put(index, shard);
                    before += chunk.records as u64;
                }
            }
        };
        thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
        self.taken += records as u64;
        read.walked
    }

    /// What there is so far; `read` is what the walk over the file counted.
    pub fn look(&self, read: &Counts, about: About) -> Scan {
        let mut counts = self.counts.clone();
        counts.add(read);
        let flows = self
            .shards
            .iter()
            .flat_map(|shard| shard.look(&mut counts))
            .collect();
        about.scan(flows, counts)
    }

    /// Nothing follows any more.
    pub fn finish(mut self, read: &Counts, about: About) -> Scan {
        let mut joined = Joined::default();
        self.fragments.finish(0, &mut joined, &mut self.counts);
        // They are given up with the last packet.
        let before = self.taken.saturating_sub(1);
        let mut counts = self.counts.clone();
        counts.add(read);
        let shards = std::mem::take(&mut self.shards);
        let waiting = Mutex::new(shards.into_iter().enumerate());
        let finished = Mutex::new(Vec::new());
        let work = || {
            while let Some((index, mut shard)) = waiting.lock().ok().and_then(|mut waiting| waiting.next()) {
                let given_up = Taken {
                    window: &[],
                    packets: &[],
                    joined: &joined,
                    before,
                };
                given_up.put(index, &mut shard);
                let mut counts = Counts::default();
                let flows = shard.finish(&mut counts);
                if let Ok(mut finished) = finished.lock() {
                    finished.push((index, flows, counts));
                }
            }
        };
        thread::scope(|scope| {
            for _ in 1..self.chunks.len() {
                scope.spawn(work);
            }
            work();
        });
        let mut finished = finished.into_inner().unwrap_or_default();
        finished.sort_by_key(|(index, ..)| *index);
        let mut flows = Vec::with_capacity(finished.iter().map(|(_, flows, _)| flows.len()).sum());
        for (_, of_shard, counted) in finished {
            flows.extend(of_shard);
            counts.add(&counted);
        }
        about.scan(flows, counts)
    }
}

/// What a capture is, beside what it holds.
pub struct About {
    pub format: Format,
    pub compressed: bool,
    pub interfaces: Vec<Interface>,
}

impl About {
    fn scan(self, mut flows: Vec<crate::Summary>, counts: Counts) -> Scan {
        flows.sort_by_key(|flow| flow.first_packet);
        let Self {
            format,
            compressed,
            interfaces,
        } = self;
        Scan {
            format,
            compressed,
            interfaces,
            counts,
            flows,
        }
    }
}

/// Packets of a chunk, for one shard.
struct Taken<'a> {
    window: &'a [u8],
    packets: &'a [Packet],
    joined: &'a Joined,
    /// Packets before this chunk.
    before: u64,
}

impl Taken<'_> {
    /// Gives a shard its packets, in the order of the capture.
    fn put(&self, index: usize, shard: &mut Shard) {
        let mut joined = self.joined.shards[index].iter().peekable();
        for packet in self.packets {
            while let Some(earlier) = joined.next_if(|joined| joined.order < packet.order) {
                self.give(earlier, shard);
            }
            self.give(packet, shard);
        }
        for packet in joined {
            self.give(packet, shard);
        }
    }

    #[inline]
    fn give(&self, packet: &Packet, shard: &mut Shard) {
        let captured = packet.captured as usize;
        let payload = match packet.place {
            Place::Window(start) => self.window.get(start as usize..start as usize + captured),
            Place::Joined(place) => self
                .joined
                .payloads
                .get(place as usize)
                .and_then(|bytes| bytes.get(..captured)),
        };
        let number = self.before + u64::from(packet.order) + 1;
        shard.take(packet, number, payload.unwrap_or(&[]));
    }
}
