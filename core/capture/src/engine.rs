//! Responsible for: from records to the table of flows: each packet goes to the shard of its flow, in the order of the
//! capture, and one thread at a time puts fragments together.
//! Not responsible for: where records come from, or threads (`parallel`).
use crate::Counts;
use crate::decoded::Decoded;
use crate::file::{Format, Interface, Record, Walked, Walker};
use crate::fragments::{Fragments, Joined};
use crate::key::SHARDS;
use crate::packet::{Packet, Place};
use crate::summary::Scan;
use crate::table::Shard;
use crate::turns::Turns;
use std::sync::Mutex;
use std::thread;

/// Records of a round at most.
const RECORDS: usize = 1 << 16;

pub struct Engine {
    pub shards: Vec<Turns<Shard>>,
    pub order: Order,
    /// Kept for what is allocated in it.
    decoded: Decoded,
}

/// What takes the packets of all flows in their order.
#[derive(Default)]
pub struct Order {
    fragments: Fragments,
    counts: Counts,
    /// Packets that were taken.
    taken: u64,
}

impl Order {
    /// Takes what was read of a window: the datagrams that it completes, and how many packets were before.
    pub fn take(&mut self, window: &[u8], decoded: &Decoded) -> (Joined, u64) {
        self.counts.add(&decoded.counts);
        let mut joined = Joined::default();
        for part in &decoded.parts {
            self.fragments.take(window, part, &mut joined, &mut self.counts);
        }
        let before = self.taken;
        self.taken += decoded.records as u64;
        (joined, before)
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Turns::new(Shard::default())).collect(),
            order: Order::default(),
            decoded: Decoded::default(),
        }
    }
}

impl Engine {
    /// Takes what it can of a window in which the walk goes on; `last`: nothing follows it. Says how far that was.
    pub fn round(&mut self, walker: &mut Walker, window: &[u8], last: bool, counts: &mut Counts) -> Walked {
        let mut records: Vec<Record> = Vec::new();
        let walked = walker.walk(window, usize::MAX, last, RECORDS, &mut records, counts);
        self.decoded.clear();
        self.decoded.read(window, 0, &records);
        let (joined, before) = self.order.take(window, &self.decoded);
        let taken = Taken {
            window,
            joined: &joined,
            before,
        };
        for (index, shard) in self.shards.iter_mut().enumerate() {
            taken.put(&self.decoded.shards[index], index, shard.alone());
        }
        walked
    }

    /// What there is so far; `read` is what the walk over the file counted.
    pub fn look(&self, read: &Counts, about: About) -> Scan {
        let mut counts = self.order.counts.clone();
        counts.add(read);
        let looked = |shard: &Turns<Shard>| shard.look(|_, shard| shard.look(&mut counts));
        let flows = self.shards.iter().filter_map(looked).flatten().collect();
        about.scan(flows, counts)
    }

    /// Nothing follows any more. By so many threads.
    pub fn finish(mut self, threads: usize, read: &Counts, about: About) -> Scan {
        let mut joined = Joined::default();
        self.order
            .fragments
            .finish(0, &mut joined, &mut self.order.counts);
        let mut counts = self.order.counts.clone();
        counts.add(read);
        let given_up = Taken {
            window: &[],
            joined: &joined,
            // They are given up with the last packet.
            before: self.order.taken.saturating_sub(1),
        };
        let waiting = Mutex::new(self.shards.into_iter().enumerate());
        let finished = Mutex::new(Vec::new());
        let work = || {
            while let Some((index, shard)) = waiting.lock().ok().and_then(|mut waiting| waiting.next()) {
                let mut shard = shard.into_inner();
                given_up.put(&[], index, &mut shard);
                let mut counts = Counts::default();
                let flows = shard.finish(&mut counts);
                if let Ok(mut finished) = finished.lock() {
                    finished.push((index, flows, counts));
                }
            }
        };
        thread::scope(|scope| {
            for _ in 1..threads {
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
    pub fn of(walker: &Walker, compressed: bool) -> Self {
        Self {
            format: walker.format(),
            compressed,
            interfaces: walker.interfaces().to_vec(),
        }
    }

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

/// Packets that were read of a window.
pub struct Taken<'a> {
    pub window: &'a [u8],
    pub joined: &'a Joined,
    /// Packets before its first.
    pub before: u64,
}

impl Taken<'_> {
    /// Gives a shard its packets, in the order of the capture.
    pub fn put(&self, packets: &[Packet], index: usize, shard: &mut Shard) {
        let mut joined = self.joined.shards[index].iter().peekable();
        for packet in packets {
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
