//! Responsible for: all headers of a record, from the link layer down, for very many records.
//! Not responsible for: what a transport's header says (`packet`), or state of any kind: records are read in any order, by any
//! thread.
use crate::Counts;
use crate::file::Record;
use crate::ip::{self, Carried};
use crate::key::{Key, SHARDS};
use crate::link::Inside;
use crate::packet::{Packet, Part, Place, transport};

/// What a chunk of a file holds.
#[derive(Default)]
pub struct Decoded {
    pub shards: [Vec<Packet>; SHARDS],
    pub parts: Vec<Part>,
    /// How many records were read.
    pub records: usize,
    pub counts: Counts,
}

impl Decoded {
    /// Keeps what is allocated, and nothing of what is in it.
    pub fn clear(&mut self) {
        self.shards.iter_mut().for_each(Vec::clear);
        self.parts.clear();
        self.records = 0;
        self.counts = Counts::default();
    }

    /// Reads the headers of the next records. They lie in `bytes`, which begin at that place of the window.
    pub fn read(&mut self, bytes: &[u8], place: u32, records: &[Record]) {
        let counts = &mut self.counts;
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for record in records {
            counts.bytes += u64::from(record.original);
            counts.truncated += u64::from(record.captured < record.original);
            (first, last) = (first.min(record.at), last.max(record.at));
        }
        counts.packets += records.len() as u64;
        if !records.is_empty() {
            counts.first_ns = counts.first_ns.into_iter().chain([first]).min();
            counts.last_ns = counts.last_ns.into_iter().chain([last]).max();
        }
        for record in records {
            let order = self.records as u32;
            self.records += 1;
            self.one(bytes, place, record, order);
        }
    }

    #[inline]
    fn one(&mut self, bytes: &[u8], place: u32, record: &Record, order: u32) {
        let start = record.start as usize;
        let Some(frame) = bytes.get(start..start + record.captured as usize) else {
            return;
        };
        let at = match record.link.inside(frame) {
            Inside::Ip(at) => at,
            Inside::NotIp => return self.counts.not_ip += 1,
            Inside::Unknown => return self.counts.unknown_link += 1,
        };
        let missing = (record.original - record.captured) as usize;
        // Each version goes its own way down: put together, one would cost a packet what only the other has.
        match frame[at] >> 4 {
            4 => self.packet(frame, place, record, order, ip::v4(frame, at, missing)),
            6 => self.packet(frame, place, record, order, ip::v6(frame, at, missing)),
            _ => self.counts.bad_ip += 1,
        }
    }

    #[inline(always)]
    fn packet(&mut self, frame: &[u8], place: u32, record: &Record, order: u32, carried: Option<Carried>) {
        match carried {
            Some(carried) if ip::is_nested(&carried) => {
                self.nested(frame, place, record, order, carried);
            }
            Some(carried) => self.carried(frame, place, record, order, carried),
            None => self.counts.bad_ip += 1,
        }
    }

    #[cold]
    fn nested(&mut self, frame: &[u8], place: u32, record: &Record, order: u32, carried: Carried) {
        self.carried(frame, place, record, order, ip::innermost(frame, carried));
    }

    #[inline(always)]
    fn carried(&mut self, frame: &[u8], place: u32, record: &Record, order: u32, carried: Carried) {
        let counts = &mut self.counts;
        let start = place + record.start + carried.start as u32;
        if let Some(fragment) = carried.fragment {
            counts.fragments += 1;
            let part = Part {
                carried,
                fragment,
                at: record.at,
                order,
                wire: record.original,
                start,
            };
            return self.parts.push(part);
        }
        let payload = &frame[carried.start..carried.start + carried.captured];
        let Some(inside) = transport(&carried, payload) else {
            counts.bad_transport += 1;
            return;
        };
        let (key, from_low) = Key::of(&carried.addresses, inside.ports, carried.protocol);
        self.shards[key.shard()].push(Packet {
            key,
            at: record.at,
            order,
            wire: record.original,
            frames: 1,
            place: Place::Window(start + inside.header as u32),
            captured: inside.captured as u32,
            whole: inside.whole as u32,
            segment: inside.segment,
            from_low,
            cut: record.captured < record.original,
        });
    }
}
