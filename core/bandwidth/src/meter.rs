//! Responsible for: a rate over the last half second of some clock.
//! Not responsible for: whose clock it is.

use crate::units::{Bitrate, micros};
use std::time::Duration;

const BIN: Duration = Duration::from_millis(50);
const BINS: u64 = 10;
/// Before this much time has been seen there is no rate.
const LEAST: Duration = Duration::from_millis(150);

#[derive(Debug, Default)]
pub struct Meter {
    bytes: [u64; BINS as usize],
    /// The first and the last bin of which something is known, counted from the clock's zero.
    bins: Option<(u64, u64)>,
    last: Duration,
}

impl Meter {
    pub fn add(&mut self, at: Duration, bytes: u64) {
        let bin = bin(at);
        let (first, last) = self.bins.unwrap_or((bin, bin));
        if self.bins.is_none() || bin >= last + BINS {
            self.bytes = [0; BINS as usize];
        } else {
            (last + 1..=bin).for_each(|bin| self.bytes[slot(bin)] = 0);
        }
        if bin + BINS <= last {
            return;
        }
        let last = last.max(bin);
        self.bins = Some((first.min(bin).max((last + 1).saturating_sub(BINS)), last));
        self.last = self.last.max(at);
        self.bytes[slot(bin)] = self.bytes[slot(bin)].saturating_add(bytes);
    }

    /// The rate up to the last that was added.
    pub fn rate(&self) -> Option<Bitrate> {
        self.rate_until(self.last)
    }

    /// The rate up to now.
    pub fn rate_until(&self, now: Duration) -> Option<Bitrate> {
        let (first, _) = self.bins?;
        let first = first.max((bin(now) + 1).saturating_sub(BINS));
        let time = now.saturating_sub(BIN * u32::try_from(first).unwrap_or(u32::MAX));
        let bins = first..=self.bins?.1;
        let bytes = bins
            .take(BINS as usize)
            .fold(0, |sum: u64, bin| sum.saturating_add(self.bytes[slot(bin)]));
        (time >= LEAST).then(|| Bitrate::of(bytes, time))
    }

    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

fn bin(at: Duration) -> u64 {
    // Clocks that have run for longer than 6 years stand still.
    (micros(at) / BIN.as_micros() as u64).min(u32::MAX.into())
}

fn slot(bin: u64) -> usize {
    (bin % BINS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_stream_has_its_rate_within_a_few_percent() {
        let mut meter = Meter::default();
        assert_eq!(meter.rate(), None);
        for packet in 0..1000_u64 {
            meter.add(Duration::from_millis(7_000_123 + packet * 8), 1000);
            if packet > 100 {
                let rate = meter.rate().expect("enough was seen").as_bps();
                assert!((970_000..=1_030_000).contains(&rate), "{rate}");
            }
        }
    }

    #[test]
    fn what_is_older_than_half_a_second_does_not_count() {
        let mut meter = Meter::default();
        (0..100).for_each(|at| meter.add(Duration::from_millis(at * 10), 1000));
        meter.add(Duration::from_millis(1800), 0);
        assert_eq!(meter.rate(), Some(Bitrate::ZERO));
        assert_eq!(meter.rate_until(Duration::from_secs(60)), Some(Bitrate::ZERO));
    }
}
