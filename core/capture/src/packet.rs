//! Responsible for: from a record to whose flow it is of: every header down to TCP's or UDP's.
//! Not responsible for: state of any kind: records are read in any order, by any thread.
use crate::Counts;
use crate::file::Record;
use crate::ip::{self, Addresses, Carried};
use crate::link::Inside;
use std::hash::{Hash, Hasher};

/// Shards of the table of flows. The number is fixed, so that bounds do not depend on how many threads there are.
pub const SHARDS: usize = 16;

/// A flow, whichever way a packet of it goes: the lower address (and port) first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub addresses: [u128; 2],
    pub ports: [u16; 2],
    pub protocol: u8,
    pub v6: bool,
}

/// In three words: this is done for every packet.
impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, to: &mut H) {
        let [low, high] = self.ports.map(u64::from);
        let rest = (low << 48) | (high << 32) | (u64::from(self.protocol) << 1) | u64::from(self.v6);
        to.write_u128(self.addresses[0]);
        to.write_u128(self.addresses[1]);
        to.write_u64(rest);
    }
}

impl Key {
    /// The key, and whether the packet goes from the lower to the higher.
    #[inline]
    fn of(addresses: &Addresses, ports: [u16; 2], protocol: u8) -> (Self, bool) {
        let Addresses {
            source,
            destination,
            v6,
        } = *addresses;
        let forth = (source, ports[0]) <= (destination, ports[1]);
        let (addresses, ports) = if forth {
            ([source, destination], ports)
        } else {
            ([destination, source], [ports[1], ports[0]])
        };
        (
            Self {
                addresses,
                ports,
                protocol,
                v6,
            },
            forth,
        )
    }

    /// The same for both ways, and in every run. Not a defence: who sends all to one shard only slows the scan down.
    #[inline]
    pub fn shard(&self) -> usize {
        (self.mixed() >> 60) as usize
    }

    /// One of so many places, where few of the flows of one shard are at the same. No defence either.
    #[inline]
    pub fn recent<const PLACES: usize>(&self) -> usize {
        const { assert!(PLACES.is_power_of_two()) };
        (self.mixed() >> 40) as usize & (PLACES - 1)
    }

    #[inline]
    fn mixed(&self) -> u64 {
        let mixed = (self.addresses[0] ^ self.addresses[1].rotate_left(7)) as u64
            ^ u64::from(self.ports[0]) << 16
            ^ u64::from(self.ports[1]);
        mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// What TCP's header says (RFC 9293 §3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    pub sequence: u32,
    pub flags: u8,
}

impl Segment {
    pub fn opens(self) -> bool {
        self.flags & SYN != 0
    }
}

pub const FIN: u8 = 1;
pub const SYN: u8 = 2;
pub const RST: u8 = 4;

/// Where the payload of a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the window, from there.
    Window(u32),
    /// It was put together of fragments: the so-manieth of this round.
    Joined(u32),
}

/// A packet of a flow.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    pub key: Key,
    pub at: i64,
    /// Its place among the records of the chunk.
    pub order: u32,
    /// Bytes and number of its frames on the wire: several where it came in fragments.
    pub wire: u32,
    pub frames: u32,
    pub place: Place,
    /// Bytes of its payload that the capture has, and that were on the wire.
    pub captured: u32,
    pub whole: u32,
    pub segment: Segment,
    /// From the key's first address to its second.
    pub from_low: bool,
    /// The capture has not all of its frame.
    pub cut: bool,
}

/// A fragment of a datagram.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub carried: Carried,
    pub fragment: ip::Fragment,
    pub at: i64,
    pub order: u32,
    pub wire: u32,
    /// In the window.
    pub start: u32,
}

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

/// What a transport's header says.
struct Transport {
    ports: [u16; 2],
    header: usize,
    captured: usize,
    whole: usize,
    segment: Segment,
}

/// None where it is cut inside the header, or its lengths cannot be.
#[inline(always)]
fn transport(carried: &Carried, payload: &[u8]) -> Option<Transport> {
    let ports = |header: &[u8]| {
        [
            u16::from_be_bytes([header[0], header[1]]),
            u16::from_be_bytes([header[2], header[3]]),
        ]
    };
    match carried.protocol {
        ip::UDP => {
            let header: &[u8; 8] = payload.get(..8)?.try_into().ok()?;
            let whole = match usize::from(u16::from_be_bytes([header[4], header[5]])) {
                // A jumbogram (RFC 2675), or a network card was to fill it in.
                0 => carried.whole,
                length => length,
            };
            if whole < 8 || whole > carried.whole {
                return None;
            }
            Some(Transport {
                ports: ports(header),
                header: 8,
                captured: whole.min(payload.len()) - 8,
                whole: whole - 8,
                segment: Segment::default(),
            })
        }
        ip::TCP => {
            // Enough for ports, sequence number and flags, also where the capture cut the options.
            let header: &[u8; 14] = payload.get(..14)?.try_into().ok()?;
            let length = usize::from(header[12] >> 4) * 4;
            if length < 20 || length > carried.whole {
                return None;
            }
            Some(Transport {
                ports: ports(header),
                header: length.min(payload.len()),
                captured: payload.len().saturating_sub(length),
                whole: carried.whole - length,
                segment: Segment {
                    sequence: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
                    flags: header[13],
                },
            })
        }
        _ => Some(Transport {
            ports: [0; 2],
            header: 0,
            captured: payload.len(),
            whole: carried.whole,
            segment: Segment::default(),
        }),
    }
}

/// A datagram that was put together, as a packet of its flow. `payload` is what IP carried.
pub fn joined(carried: &Carried, payload: &[u8], packet: Packet) -> Option<Packet> {
    let inside = transport(carried, payload)?;
    let (key, from_low) = Key::of(&carried.addresses, inside.ports, carried.protocol);
    Some(Packet {
        key,
        from_low,
        captured: inside.captured as u32,
        whole: inside.whole as u32,
        segment: inside.segment,
        ..packet
    })
}

/// Of a datagram whose fragments are not all there: only counted, by the ports where its first one says them.
pub fn incomplete(carried: &Carried, first: &[u8], packet: Packet) -> Packet {
    let ports = match (carried.protocol, first) {
        (ip::TCP | ip::UDP, [a, b, c, d, ..]) => [u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])],
        _ => [0; 2],
    };
    let (key, from_low) = Key::of(&carried.addresses, ports, carried.protocol);
    Packet {
        key,
        from_low,
        captured: 0,
        whole: 0,
        ..packet
    }
}
