//! Responsible for: a rate over the last half second of some clock.
//! Not responsible for: whose clock it is.

use crate::units::{Bitrate, Moment};
use std::time::Duration;

/// In microseconds.
const BIN: u64 = 50_000;
const BINS: u64 = 10;
/// Before this much time has been seen there is no rate.
const LEAST: i64 = 150_000;

#[derive(Debug, Default)]
pub struct Meter {
    bytes: [u64; BINS as usize],
    /// The first and the last bin of which something is known, counted from the clock's zero.
    bins: Option<(u64, u64)>,
    last: Moment,
}

impl Meter {
    pub fn add(&mut self, at: Moment, bytes: u64) {
        let bin = at.as_micros() / BIN;
        let (first, last) = self.bins.unwrap_or((bin, bin));
        if self.bins.is_none() || bin >= last + BINS {
            self.bytes = [0; BINS as usize];
        } else if bin > last {
            (last + 1..=bin).for_each(|bin| self.bytes[slot(bin)] = 0);
        } else if bin + BINS <= last {
            return;
        }
        let last = last.max(bin);
        self.bins = Some((first.min(bin).max((last + 1).saturating_sub(BINS)), last));
        self.last = self.last.max(at);
        self.bytes[slot(bin)] = self.bytes[slot(bin)].saturating_add(bytes);
    }

    /// The rate up to the last that was added.
    pub fn rate(&self) -> Option<Bitrate> {
        let (first, last) = self.bins?;
        let time = Moment::from_micros(first * BIN).until(self.last);
        let bytes = (first..=last).fold(0, |sum: u64, bin| sum.saturating_add(self.bytes[slot(bin)]));
        (time >= LEAST).then(|| Bitrate::of(bytes, Duration::from_micros(time as u64)))
    }

    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

fn slot(bin: u64) -> usize {
    (bin % BINS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Moment {
        Moment::from_micros(milliseconds * 1000)
    }

    #[test]
    fn a_steady_stream_has_its_rate_within_a_few_percent() {
        let mut meter = Meter::default();
        assert_eq!(meter.rate(), None);
        for packet in 0..1000_u64 {
            meter.add(ms(7_000_123 + packet * 8), 1000);
            if packet > 100 {
                let rate = meter.rate().expect("enough was seen").as_bps();
                assert!((970_000..=1_030_000).contains(&rate), "{rate}");
            }
        }
    }

    #[test]
    fn what_is_older_than_half_a_second_does_not_count() {
        let mut meter = Meter::default();
        (0..100).for_each(|at| meter.add(ms(at * 10), 1000));
        meter.add(ms(1800), 0);
        assert_eq!(meter.rate(), Some(Bitrate::ZERO));
    }
}
