//! Responsible for: putting IP datagrams together of their fragments, within bounds (RFC 791 §3.2, RFC 8200 §4.5).
//! Not responsible for: anything of a datagram in one piece.
//!
//! Fragments are rare, and their flow shows only when they are together: this is the one part that no threads share.
use crate::Counts;
use crate::ip::{Addresses, Carried, UDP};
use crate::key::{Key, SHARDS};
use crate::packet::{Packet, Part, Place, Segment, incomplete, joined};
use std::collections::{HashMap, VecDeque};

/// Datagrams that are put together at once.
const DATAGRAMS: usize = 1024;
/// Fragments of one datagram.
const PARTS: usize = 128;
/// Longest datagram.
const LONGEST: usize = 65535;
/// After so many nanoseconds of the capture nothing more is waited for: RFC 8200 §4.5.
const PATIENCE: i64 = 60_000_000_000;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Whose {
    addresses: Addresses,
    id: u32,
    protocol: u8,
}

struct Datagram {
    carried: Carried,
    since: i64,
    /// Which of those with the same name it is.
    turn: u64,
    wire: u32,
    frames: u32,
    /// How long it is, once its last fragment was there.
    length: Option<usize>,
    /// What there is: where, and how many bytes; in order of the places.
    ranges: Vec<(u32, u32)>,
    bytes: Vec<u8>,
    /// Bytes are missing that the capture cut, or pieces overlap in a way that RFC 5722 forbids.
    spoilt: bool,
}

/// What came of the fragments of a round.
#[derive(Default)]
pub struct Joined {
    /// Datagrams, whole ones and what there is of others, in the order of the fragment that completed or gave them up.
    pub shards: [Vec<Packet>; SHARDS],
    pub payloads: Vec<Vec<u8>>,
}

#[derive(Default)]
pub struct Fragments {
    waiting: HashMap<Whose, Datagram>,
    /// From the oldest on.
    ages: VecDeque<(Whose, u64)>,
    turns: u64,
}

impl Fragments {
    /// Takes the fragment; puts what it completes, and what is given up for it, into `out`.
    pub fn take(&mut self, window: &[u8], part: &Part, out: &mut Joined, counts: &mut Counts) {
        while let Some(&(oldest, turn)) = self.ages.front() {
            let too_many = self.waiting.len() >= DATAGRAMS;
            match self.waiting.get(&oldest) {
                Some(datagram) if datagram.turn == turn => {
                    let too_old = part.at.saturating_sub(datagram.since) > PATIENCE;
                    if !too_many && !too_old {
                        break;
                    }
                    self.give_up(oldest, part.order, out, counts);
                }
                // It was completed meanwhile.
                _ => {}
            }
            self.ages.pop_front();
        }
        let carried = &part.carried;
        let whose = Whose {
            addresses: carried.addresses,
            id: part.fragment.id,
            protocol: carried.protocol,
        };
        let start = part.start as usize;
        let Some(bytes) = window.get(start..start + carried.captured) else {
            return;
        };
        let turns = &mut self.turns;
        let ages = &mut self.ages;
        let datagram = self.waiting.entry(whose).or_insert_with(|| {
            *turns += 1;
            ages.push_back((whose, *turns));
            Datagram {
                carried: *carried,
                since: part.at,
                turn: *turns,
                wire: 0,
                frames: 0,
                length: None,
                ranges: Vec::new(),
                bytes: Vec::new(),
                spoilt: false,
            }
        });
        datagram.wire = datagram.wire.saturating_add(part.wire);
        datagram.frames += 1;
        datagram.put(part.fragment.offset, part.fragment.more, bytes, carried.whole);
        if datagram.is_whole() {
            self.complete(whose, part, out, counts);
        }
    }

    /// No more fragments will come.
    pub fn finish(&mut self, order: u32, out: &mut Joined, counts: &mut Counts) {
        while let Some((oldest, turn)) = self.ages.pop_front() {
            if self
                .waiting
                .get(&oldest)
                .is_some_and(|datagram| datagram.turn == turn)
            {
                self.give_up(oldest, order, out, counts);
            }
        }
    }

    fn complete(&mut self, whose: Whose, part: &Part, out: &mut Joined, counts: &mut Counts) {
        let Some(mut datagram) = self.waiting.remove(&whose) else {
            return;
        };
        let length = datagram.length.unwrap_or(0);
        datagram.bytes.truncate(length);
        let carried = Carried {
            whole: length,
            captured: length,
            start: 0,
            ..datagram.carried
        };
        let header = if carried.protocol == UDP { 8 } else { 0 };
        let packet = Packet {
            at: part.at,
            ..datagram.packet(part.order, out.payloads.len())
        };
        match joined(&carried, &datagram.bytes, packet) {
            Some(packet) => {
                // Of the others the header's length varies: they are shown from where their payload begins.
                let header = if header > 0 {
                    header
                } else {
                    length - packet.captured as usize
                };
                datagram.bytes.drain(..header.min(length));
                out.payloads.push(datagram.bytes);
                out.shards[packet.key.shard()].push(packet);
            }
            None => {
                counts.bad_transport += 1;
                self.count_only(&datagram, part.order, out);
            }
        }
    }

    fn give_up(&mut self, whose: Whose, order: u32, out: &mut Joined, counts: &mut Counts) {
        let Some(datagram) = self.waiting.remove(&whose) else {
            return;
        };
        counts.incomplete_datagrams += 1;
        self.count_only(&datagram, order, out);
    }

    fn count_only(&self, datagram: &Datagram, order: u32, out: &mut Joined) {
        let has_first = datagram
            .ranges
            .first()
            .is_some_and(|&(from, length)| from == 0 && length >= 4);
        let first = if has_first { &datagram.bytes[..4] } else { &[][..] };
        let packet = incomplete(&datagram.carried, first, datagram.packet(order, 0));
        out.shards[packet.key.shard()].push(packet);
    }
}

impl Datagram {
    fn put(&mut self, offset: u32, more: bool, bytes: &[u8], whole: usize) {
        let start = offset as usize;
        let end = start + whole;
        if end > LONGEST
            || self.ranges.len() >= PARTS
            || bytes.len() < whole
            || (more && !whole.is_multiple_of(8))
        {
            self.spoilt = true;
            // The ports are there all the same.
            if offset != 0 || bytes.len() < 4 || end > LONGEST {
                return;
            }
        }
        if !more {
            // Two ends contradict each other.
            self.spoilt |= self.length.is_some_and(|length| length != end);
            self.length = Some(end);
        }
        let place = self.ranges.partition_point(|range| range.0 < offset);
        let overlaps_before = place
            .checked_sub(1)
            .is_some_and(|before| self.ranges[before].0 + self.ranges[before].1 > offset);
        let overlaps_after = self
            .ranges
            .get(place)
            .is_some_and(|range| (range.0 as usize) < end);
        if overlaps_before || overlaps_after {
            // The same fragment once more is harmless; anything else is how somebody hides from who looks on.
            let same = self.ranges.get(place) == Some(&(offset, bytes.len() as u32))
                && self.bytes.get(start..start + bytes.len()) == Some(bytes);
            self.spoilt |= !same;
            return;
        }
        let there = start + bytes.len();
        if self.bytes.len() < there {
            self.bytes.resize(there, 0);
        }
        self.bytes[start..there].copy_from_slice(bytes);
        self.ranges.insert(place, (offset, bytes.len() as u32));
    }

    fn is_whole(&self) -> bool {
        let Some(length) = self.length else { return false };
        let there: usize = self.ranges.iter().map(|range| range.1 as usize).sum();
        !self.spoilt && there == length && self.bytes.len() == length
    }

    fn packet(&self, order: u32, joined: usize) -> Packet {
        Packet {
            key: Key {
                addresses: [0; 2],
                ports: [0; 2],
                protocol: 0,
                v6: false,
            },
            at: self.since,
            order,
            wire: self.wire,
            frames: self.frames,
            place: Place::Joined(joined as u32),
            captured: 0,
            whole: 0,
            segment: Segment::default(),
            from_low: true,
            cut: false,
        }
    }
}
