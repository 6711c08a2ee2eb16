//! Responsible for: keeping a part of a source's payload, within bounds, and counting bytes in it.
//! Not responsible for: what the counts mean.

/// So many packets of a source are enough to judge it.
const ENOUGH: usize = 256;
/// Of so many bytes packets are kept whole, and after them only how they begin.
const WHOLE: usize = 32 << 10;
const BEGINNING: usize = 64;
/// A sample grows by so many bytes.
const STEP: usize = 8 << 10;
/// No more of one packet is kept.
const MOST_OF_ONE: usize = 1600;

/// A chi-square that random bytes do not have, even if they are few.
const SKEWED: f64 = 600.0;

/// What is known of a packet whose payload is kept.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    pub number: u64,
    pub at: i64,
    pub sequence: u16,
    pub timestamp: u32,
    pub payload_type: u8,
    /// How long the payload was on the wire.
    pub whole: usize,
    /// Where it ends in the bytes of the sample.
    pub end: usize,
}

#[derive(Clone, Default)]
pub struct Sample {
    bytes: Vec<u8>,
    packets: Vec<Packet>,
}

/// A packet with as much of its payload as is kept.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    pub packet: &'a Packet,
    pub bytes: &'a [u8],
}

impl Sample {
    pub fn put(&mut self, payload: &[u8], packet: Packet) {
        let room = if self.bytes.len() < WHOLE {
            MOST_OF_ONE
        } else {
            BEGINNING
        };
        let kept = &payload[..payload.len().min(room)];
        // Not twice as much as there is, each time: samples are most of what a flow holds.
        if self.bytes.capacity() - self.bytes.len() < kept.len() {
            self.bytes.reserve_exact(STEP.max(kept.len()));
        }
        self.bytes.extend_from_slice(kept);
        self.packets.push(Packet {
            end: self.bytes.len(),
            ..packet
        });
    }

    pub fn is_enough(&self) -> bool {
        self.packets.len() >= ENOUGH
    }

    /// Whether packets are still kept whole.
    pub fn has_room(&self) -> bool {
        self.bytes.len() < WHOLE
    }

    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    pub fn pieces(&self) -> impl ExactSizeIterator<Item = Piece<'_>> {
        let mut from = 0;
        self.packets.iter().map(move |packet| {
            let bytes = &self.bytes[from..packet.end];
            from = packet.end;
            Piece { packet, bytes }
        })
    }

    pub fn held(&self) -> usize {
        self.bytes.capacity() + self.packets.capacity() * size_of::<Packet>()
    }
}

/// How often each byte came.
pub struct Histogram {
    counts: [u32; 256],
    all: u32,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: [0; 256],
            all: 0,
        }
    }
}

impl Histogram {
    pub fn put(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.counts[usize::from(*byte)] += 1;
        }
        self.all += bytes.len() as u32;
    }

    pub fn all(&self) -> u32 {
        self.all
    }

    /// How often the most frequent byte came.
    pub fn most(&self) -> u32 {
        self.counts.iter().max().copied().unwrap_or(0)
    }

    /// Shannon's entropy in thousandths of a bit a byte.
    pub fn entropy(&self) -> Option<u16> {
        let all = f64::from(self.all);
        let part = |count: &u32| {
            let share = f64::from(*count) / all;
            if *count == 0 { 0.0 } else { -share * share.log2() }
        };
        (self.all > 0).then(|| (self.counts.iter().map(part).sum::<f64>() * 1000.0).round() as u16)
    }

    /// Pearson's chi-square against bytes that are all as likely: of random bytes it is 255 with a deviation of 22.6.
    pub fn chi_square(&self) -> f64 {
        let expected = f64::from(self.all) / 256.0;
        if self.all == 0 {
            return 0.0;
        }
        self.counts
            .iter()
            .map(|count| (f64::from(*count) - expected).powi(2) / expected)
            .sum()
    }

    /// Whether bytes that are few would be that far from all being as likely once in a million such histograms at most: one value
    /// comes too often, or several do.
    pub fn is_skewed(&self) -> bool {
        self.has_peak() || self.chi_square() > SKEWED
    }

    /// Whether one byte comes more often than it would of random ones, once in a million such histograms at most.
    pub fn has_peak(&self) -> bool {
        let mean = f64::from(self.all) / 256.0;
        f64::from(self.most()) >= mean + 6.0 * mean.sqrt() + 6.0
    }
}
