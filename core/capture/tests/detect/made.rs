//! A flow that is made by hand, and what its detectors observe.
use ringfence_capture::detect::{Detectors, Seen, Transport, Way};
use ringfence_capture::{Found, Observation, Protocol, Shown};

pub struct Flow {
    detectors: Detectors,
    shown: Vec<Shown>,
    number: u64,
    waiting: [Vec<u8>; 2],
}

impl Flow {
    pub fn udp() -> Flow {
        Self::of(Transport::Udp)
    }

    pub fn tcp() -> Flow {
        Self::of(Transport::Tcp)
    }

    fn of(transport: Transport) -> Flow {
        Flow {
            detectors: Detectors::new(transport, (40000, 50000)),
            shown: Vec::new(),
            number: 0,
            waiting: [Vec::new(), Vec::new()],
        }
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Detectors, &mut Found<'_>) -> T) -> T {
        let (mut dropped, mut budget) = (0, 1 << 20);
        act(
            &mut self.detectors,
            &mut Found::new(&mut self.shown, &mut dropped, &mut budget),
        )
    }

    pub fn datagram(&mut self, way: Way, bytes: &[u8]) -> &mut Flow {
        self.cut(way, bytes, bytes.len())
    }

    /// A datagram of which the capture has only a part.
    pub fn cut(&mut self, way: Way, bytes: &[u8], whole: usize) -> &mut Flow {
        self.number += 1;
        let seen = Seen {
            number: self.number,
            at: self.number as i64 * 20_000_000,
            way,
            ports: (40000, 50000),
            bytes,
            whole,
        };
        self.with(|detectors, found| detectors.datagram(seen, found));
        self
    }

    pub fn forth(&mut self, bytes: &[u8]) -> &mut Flow {
        self.datagram(Way::Forth, bytes)
    }

    pub fn back(&mut self, bytes: &[u8]) -> &mut Flow {
        self.datagram(Way::Back, bytes)
    }

    /// More bytes of a stream.
    pub fn stream(&mut self, way: Way, bytes: &[u8]) -> &mut Flow {
        self.number += 1;
        let mut waiting = std::mem::take(&mut self.waiting[way.index()]);
        waiting.extend_from_slice(bytes);
        let seen = Seen {
            number: self.number,
            at: self.number as i64 * 1_000_000,
            way,
            ports: (40000, 50000),
            bytes: &waiting,
            whole: waiting.len(),
        };
        let taken = self.with(|detectors, found| detectors.stream(seen, found));
        assert!(taken <= waiting.len());
        waiting.drain(..taken);
        self.waiting[way.index()] = waiting;
        self
    }

    pub fn gap(&mut self, way: Way) -> &mut Flow {
        self.waiting[way.index()].clear();
        self.with(|detectors, found| detectors.gap(way, found));
        self
    }

    /// All that was observed.
    pub fn shown(&mut self) -> Vec<Shown> {
        self.with(|detectors, found| detectors.sum_up(found));
        self.shown.clone()
    }

    pub fn observed(&mut self) -> Vec<Observation> {
        self.shown().into_iter().map(|shown| shown.observation).collect()
    }

    pub fn carries(&mut self) -> Vec<Protocol> {
        let protocols = self
            .observed()
            .into_iter()
            .filter_map(|observation| match observation {
                Observation::Carries { protocol } => Some(protocol),
                _ => None,
            });
        protocols.collect()
    }

    pub fn is_over(&self) -> bool {
        self.detectors.is_over()
    }

    pub fn held(&self) -> usize {
        self.detectors.held()
    }
}

/// Bytes of hexadecimal digits.
pub fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

/// One packet of RTP.
pub fn rtp(kind: u8, sequence: u16, timestamp: u32, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, kind];
    packet.extend(sequence.to_be_bytes());
    packet.extend(timestamp.to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend(payload);
    packet
}

pub fn random(seed: &mut fastrand::Rng, length: usize) -> Vec<u8> {
    (0..length).map(|_| seed.u8(..)).collect()
}
