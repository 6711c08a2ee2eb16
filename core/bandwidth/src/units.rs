//! Responsible for: rates with their unit, and time as it is kept here.
//! Not responsible for: estimating anything.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::time::Duration;

/// Bits a second, headers and padding included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bitrate(u64);

impl Bitrate {
    pub const ZERO: Bitrate = Bitrate(0);

    pub const fn bps(bits: u64) -> Self {
        Bitrate(bits)
    }

    pub const fn kbps(kilobits: u64) -> Self {
        Bitrate(kilobits.saturating_mul(1000))
    }

    pub const fn as_bps(self) -> u64 {
        self.0
    }

    /// So many bytes in so much time; none in no time.
    pub fn of(bytes: u64, time: Duration) -> Self {
        match time.as_micros() {
            0 => Bitrate::ZERO,
            micros => Bitrate((u128::from(bytes) * 8_000_000 / micros).min(u128::from(u64::MAX)) as u64),
        }
    }

    /// How many bytes it carries in a time.
    pub fn bytes_in(self, time: Duration) -> u64 {
        (u128::from(self.0) * time.as_micros() / 8_000_000).min(u128::from(u64::MAX)) as u64
    }

    /// A multiple of it; `factor` is not negative.
    pub fn scaled(self, factor: f64) -> Self {
        Bitrate((self.0 as f64 * factor) as u64)
    }
}

impl Add for Bitrate {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Bitrate(self.0.saturating_add(other.0))
    }
}

/// What is left, which is never less than nothing.
impl Sub for Bitrate {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Bitrate(self.0.saturating_sub(other.0))
    }
}

impl Sum for Bitrate {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Bitrate::ZERO, Add::add)
    }
}

impl fmt::Display for Bitrate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} kbit/s", self.0 / 1000)
    }
}

/// A time by some clock, in whole microseconds: what is done for each packet is done with these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(u64);

impl Moment {
    /// Clocks that have run for longer stand still. Differences fit into an `i64`.
    const LAST: u64 = 1 << 61;

    pub const fn from_micros(micros: u64) -> Self {
        Moment(micros)
    }

    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Microseconds until another time by the same clock, which may be the earlier one.
    pub const fn until(self, other: Moment) -> i64 {
        other.0 as i64 - self.0 as i64
    }
}

impl From<Duration> for Moment {
    fn from(time: Duration) -> Self {
        let seconds = time.as_secs().saturating_mul(1_000_000);
        Moment(
            seconds
                .saturating_add(time.subsec_micros().into())
                .min(Self::LAST),
        )
    }
}
