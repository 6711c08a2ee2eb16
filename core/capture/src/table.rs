//! Responsible for: the table of flows, in shards that share nothing.
//! Not responsible for: a flow, or which thread has which shard.
use crate::Counts;
use crate::flow::{Budget, Flow};
use crate::key::{Key, SHARDS};
use crate::packet::Packet;
use crate::summary::Summary;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Flows that are kept in all.
const FLOWS: usize = 1 << 22;
/// Bytes of observations for each flow, and for all whatever their number.
const OBSERVED: usize = 512;
const OBSERVED_IN_ALL: usize = 32 << 20;
/// Bytes of streams that are kept in all.
const STREAMS: usize = 64 << 20;
/// Bytes that detectors hold in all.
const DETECTORS: usize = 128 << 20;
/// Flows lie together in blocks, so that none is ever moved.
const BLOCK: usize = 256;

/// Flows of a shard that are found again without the table: most packets are of few flows.
const RECENT: usize = 256;

pub struct Shard {
    /// Where the flows are that had a packet last. What is here is only a guess.
    recent: Box<[u32; RECENT]>,
    places: HashTable<u32>,
    blocks: Vec<Vec<Flow>>,
    hasher: RandomState,
    budget: Budget,
    not_kept: u64,
}

impl Default for Shard {
    fn default() -> Self {
        Self {
            recent: Box::new([0; RECENT]),
            places: HashTable::new(),
            blocks: Vec::new(),
            hasher: RandomState::default(),
            budget: Budget {
                observations: OBSERVED_IN_ALL / SHARDS,
                streams: STREAMS / SHARDS,
                detectors: DETECTORS / SHARDS,
            },
            not_kept: 0,
        }
    }
}

#[inline]
fn flow_at(blocks: &[Vec<Flow>], place: u32) -> Option<&Flow> {
    blocks.get(place as usize / BLOCK)?.get(place as usize % BLOCK)
}

impl Shard {
    /// Takes a packet of a flow of this shard, with its payload and its number.
    pub fn take(&mut self, packet: &Packet, number: u64, payload: &[u8]) {
        let recent = packet.key.recent::<RECENT>();
        let guess = self.recent[recent];
        let is_it = |flow: &Flow| flow.key == packet.key;
        // What opens a connection may begin another flow with the same key.
        let place = if !packet.segment.opens() && flow_at(&self.blocks, guess).is_some_and(is_it) {
            guess
        } else {
            let Some(place) = self.place(packet, number) else {
                self.not_kept += 1;
                return;
            };
            self.recent[recent] = place;
            place
        };
        let flow = &mut self.blocks[place as usize / BLOCK][place as usize % BLOCK];
        flow.take(packet, number, payload, &mut self.budget);
    }

    /// Where the flow of a packet is, which is put there if it is the first. None where there are too many flows.
    #[inline(never)]
    fn place(&mut self, packet: &Packet, number: u64) -> Option<u32> {
        let hash = self.hasher.hash_one(packet.key);
        let blocks = &self.blocks;
        let is_it = |place: &u32| flow_at(blocks, *place).is_some_and(|flow| flow.key == packet.key);
        let known = self.places.find_mut(hash, is_it);
        let is_another = |place: u32| flow_at(blocks, place).is_some_and(|flow| flow.is_another(packet));
        match known {
            Some(place) if is_another(*place) => {
                let next = next_place(&self.blocks)?;
                // The former one is finished: nothing of it follows.
                let former = std::mem::replace(place, next);
                self.blocks[former as usize / BLOCK][former as usize % BLOCK].finish(&mut self.budget);
                self.add(packet, number);
                Some(next)
            }
            Some(place) => Some(*place),
            None => {
                let next = next_place(&self.blocks)?;
                self.add(packet, number);
                let (blocks, hasher) = (&self.blocks, &self.hasher);
                let rehash =
                    |&place: &u32| flow_at(blocks, place).map_or(0, |flow| hasher.hash_one(flow.key));
                self.places.insert_unique(hash, next, rehash);
                Some(next)
            }
        }
    }

    fn add(&mut self, packet: &Packet, number: u64) {
        if self.blocks.last().is_none_or(|block| block.len() == BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        let block = self.blocks.last_mut().expect("one was just put there");
        block.push(Flow::new(packet, number));
        self.budget.observations += OBSERVED;
    }

    /// What there is so far.
    pub fn look(&self, counts: &mut Counts) -> Vec<Summary> {
        let flows = self.blocks.iter().flatten();
        let flows: Vec<_> = flows.map(|flow| flow.summary(self.budget.observations)).collect();
        self.count(&flows, counts);
        flows
    }

    /// Nothing follows any more.
    pub fn finish(mut self, counts: &mut Counts) -> Vec<Summary> {
        let mut flows = Vec::with_capacity(self.blocks.iter().map(Vec::len).sum());
        for block in std::mem::take(&mut self.blocks) {
            for mut flow in block {
                flow.finish(&mut self.budget);
                flows.push(flow.into_summary());
            }
        }
        self.count(&flows, counts);
        flows
    }

    fn count(&self, flows: &[Summary], counts: &mut Counts) {
        counts.flows_not_kept += self.not_kept;
        counts.observations_dropped += flows.iter().map(|flow| flow.dropped).sum::<u64>();
    }
}

/// Where the next flow goes; nowhere when there are too many.
fn next_place(blocks: &[Vec<Flow>]) -> Option<u32> {
    let flows = blocks
        .last()
        .map_or(0, |last| (blocks.len() - 1) * BLOCK + last.len());
    (flows < FLOWS / SHARDS).then_some(flows as u32)
}

// A flow with what it says and what its table holds of it stays below 1 kB.
const _: () = assert!(size_of::<Flow>() <= 320 && size_of::<Key>() <= 64);
