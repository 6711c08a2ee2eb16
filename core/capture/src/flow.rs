//! Responsible for: one flow: how much went which way when, and what its detectors found.
//! Not responsible for: which packets belong to it.
use crate::detect::{Detectors, Seen, Transport, Way};
use crate::found::{Found, Shown};
use crate::ip::{TCP, UDP};
use crate::key::Key;
use crate::looking::{Looking, Nobody, ports_from};
use crate::packet::Packet;
use crate::summary::{Summary, Totals};
use crate::tcp::{Piece, Tcp};
use crate::timeline::Timeline;
use crate::{Evidence, Observation};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Packets after which a flow gets a timeline.
const BUSY: u64 = 16;
/// Bytes that the detectors of one flow may hold.
const HELD: usize = 8 << 20;

/// What all flows of a shard share.
pub struct Budget {
    /// Bytes of observations.
    pub observations: usize,
    /// Bytes of streams that are not in order or not taken.
    pub streams: usize,
    /// Bytes that detectors hold.
    pub detectors: usize,
}

/// Whether anybody looks at the payloads.
enum Talk {
    /// There was none yet.
    Silent,
    Looking(Detectors),
    Over,
}

pub struct Flow {
    pub key: Key,
    /// Whether the first packet came from the key's first address.
    from_low: bool,
    first_packet: u64,
    first: i64,
    last: i64,
    totals: [Totals; 2],
    tcp: Option<Box<Tcp>>,
    talk: Talk,
    shown: Vec<Shown>,
    dropped: u64,
    timeline: Option<Box<Timeline>>,
    /// Bytes that its detectors held when they were asked last.
    held: usize,
}

impl Flow {
    /// The flow of its first packet, which is still to be taken.
    pub fn new(packet: &Packet, number: u64) -> Self {
        Self {
            key: packet.key,
            from_low: packet.from_low,
            first_packet: number,
            first: packet.at,
            last: packet.at,
            totals: Default::default(),
            tcp: (packet.key.protocol == TCP).then(Box::default),
            talk: if matches!(packet.key.protocol, TCP | UDP) {
                Talk::Silent
            } else {
                Talk::Over
            },
            shown: Vec::new(),
            dropped: 0,
            timeline: None,
            held: 0,
        }
    }

    fn way(&self, packet: &Packet) -> Way {
        if packet.from_low == self.from_low {
            Way::Forth
        } else {
            Way::Back
        }
    }

    /// The ports of whoever sent the first packet, and of the other.
    fn ports(&self) -> (u16, u16) {
        let [low, high] = self.key.ports;
        if self.from_low { (low, high) } else { (high, low) }
    }

    /// Whether the packet opens another connection between the same ports.
    pub fn is_another(&self, packet: &Packet) -> bool {
        self.tcp
            .as_ref()
            .is_some_and(|tcp| tcp.is_another(self.way(packet), packet.segment))
    }

    /// Takes a packet, with as much of its payload as there is.
    pub fn take(&mut self, packet: &Packet, number: u64, payload: &[u8], budget: &mut Budget) {
        let way = self.way(packet);
        self.count(packet, way);
        if packet.whole > 0 && matches!(self.talk, Talk::Silent) {
            let transport = if self.tcp.is_some() {
                Transport::Tcp
            } else {
                Transport::Udp
            };
            self.talk = Talk::Looking(Detectors::new(transport, self.ports()));
        }
        let ports = self.ports();
        let Talk::Looking(detectors) = &mut self.talk else {
            if let Some(tcp) = &mut self.tcp {
                let piece = piece(packet, number, payload);
                tcp.take(way, piece, &mut Nobody, &mut budget.streams);
            }
            return;
        };
        let mut found = Found::new(&mut self.shown, &mut self.dropped, &mut budget.observations);
        match &mut self.tcp {
            Some(tcp) => {
                let mut looking = Looking {
                    detectors,
                    found: &mut found,
                    ports,
                };
                tcp.take(
                    way,
                    piece(packet, number, payload),
                    &mut looking,
                    &mut budget.streams,
                );
            }
            None if packet.whole > 0 => {
                let whole = packet.whole as usize;
                let ports = ports_from(ports, way);
                detectors.datagram(
                    Seen {
                        number,
                        at: packet.at,
                        way,
                        ports,
                        bytes: payload,
                        whole,
                    },
                    &mut found,
                );
            }
            None => {}
        }
        // What they hold is asked for often in the beginning, when it grows, and seldom later.
        let packets = self.totals[0].packets + self.totals[1].packets;
        let mut too_much = false;
        if packets < 16 || packets.is_multiple_of(16) {
            let held = detectors.held();
            let free = budget.detectors + self.held;
            too_much = held > HELD.min(free);
            self.held = held.min(free);
            budget.detectors = free - self.held;
        }
        if too_much {
            detectors.sum_up(&mut found);
            found.add(Observation::CutShort, &Evidence::of(number, packet.at));
        }
        if too_much || detectors.is_over() {
            self.stop_looking(budget);
        }
    }

    /// Frees what the detectors, and the streams for them, hold.
    fn stop_looking(&mut self, budget: &mut Budget) {
        self.talk = Talk::Over;
        budget.detectors += std::mem::take(&mut self.held);
        if let Some(tcp) = &mut self.tcp {
            tcp.forget(&mut budget.streams);
        }
    }

    fn count(&mut self, packet: &Packet, way: Way) {
        let totals = &mut self.totals[way.index()];
        totals.packets += u64::from(packet.frames);
        totals.bytes += u64::from(packet.wire);
        totals.payload += u64::from(packet.whole);
        totals.cut += u64::from(packet.cut);
        self.first = self.first.min(packet.at);
        self.last = self.last.max(packet.at);
        if let Some(timeline) = &mut self.timeline {
            timeline.add(way, packet.at, packet.wire.into());
        } else if self.totals[0].packets + self.totals[1].packets >= BUSY {
            // What came before was little: it stands at the beginning.
            let [forth, back] = &self.totals;
            self.timeline = Some(Box::new(Timeline::new(self.first, [forth.bytes, back.bytes])));
        }
    }

    /// Nothing follows any more.
    pub fn finish(&mut self, budget: &mut Budget) {
        if let Talk::Looking(detectors) = &mut self.talk {
            let ports = {
                let [low, high] = self.key.ports;
                if self.from_low { (low, high) } else { (high, low) }
            };
            let mut found = Found::new(&mut self.shown, &mut self.dropped, &mut budget.observations);
            if let Some(tcp) = &mut self.tcp {
                tcp.finish(
                    &mut Looking {
                        detectors,
                        found: &mut found,
                        ports,
                    },
                    &mut budget.streams,
                );
            }
            detectors.sum_up(&mut found);
            self.stop_looking(budget);
        }
    }

    /// What there is to say of it so far.
    pub fn summary(&self, mut observations: usize) -> Summary {
        let mut shown = self.shown.clone();
        let mut dropped = self.dropped;
        if let Talk::Looking(detectors) = &self.talk {
            detectors.sum_up(&mut Found::new(&mut shown, &mut dropped, &mut observations));
        }
        self.summarised(shown, dropped)
    }

    /// What there is to say of it when it is finished.
    pub fn into_summary(mut self) -> Summary {
        let shown = std::mem::take(&mut self.shown);
        self.summarised(shown, self.dropped)
    }

    fn summarised(&self, observations: Vec<Shown>, dropped: u64) -> Summary {
        let (a, b) = if self.from_low { (0, 1) } else { (1, 0) };
        let peer = |end: usize| (address(self.key.addresses[end], self.key.v6), self.key.ports[end]);
        Summary {
            ip_protocol: self.key.protocol,
            a: peer(a),
            b: peer(b),
            first_ns: self.first,
            last_ns: self.last,
            first_packet: self.first_packet,
            forth: self.totals[0],
            back: self.totals[1],
            tcp: self.tcp.as_ref().map(|tcp| tcp.about),
            observations,
            dropped,
            timeline: self.timeline.clone(),
        }
    }
}

fn address(bits: u128, v6: bool) -> IpAddr {
    if v6 {
        Ipv6Addr::from_bits(bits).into()
    } else {
        Ipv4Addr::from_bits(bits as u32).into()
    }
}

fn piece<'a>(packet: &Packet, number: u64, bytes: &'a [u8]) -> Piece<'a> {
    Piece {
        number,
        at: packet.at,
        segment: packet.segment,
        bytes,
        whole: packet.whole,
    }
}
