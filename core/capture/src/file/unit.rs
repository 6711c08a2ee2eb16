//! Responsible for: the units of time of a pcapng file (draft-ietf-opsawg-pcapng §4.2, if_tsresol).
//! Not responsible for: what is timed.

/// How the times of an interface are written.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    /// A unit is so many nanoseconds.
    Coarse(u64),
    /// So many units are a nanosecond.
    Fine(u64),
    /// The second is divided by two so many times.
    Binary(u32),
}

impl Unit {
    /// if_tsresol: a power of ten, or of two where the highest bit is set.
    pub(super) fn of(resolution: u8) -> Self {
        let power = u32::from(resolution & 0x7f);
        match resolution {
            0x80.. => Self::Binary(power.min(63)),
            0..=9 => Self::Coarse(10u64.pow(9 - power)),
            // Finer than 10^-27 all times of our days are 0.
            _ => Self::Fine(10u64.pow((power - 9).min(18))),
        }
    }

    pub(super) fn nanoseconds(self, units: u64) -> i64 {
        let all = match self {
            Self::Coarse(each) => units.saturating_mul(each),
            Self::Fine(each) => units / each,
            Self::Binary(power) => {
                u64::try_from((u128::from(units) * 1_000_000_000) >> power).unwrap_or(u64::MAX)
            }
        };
        i64::try_from(all).unwrap_or(i64::MAX)
    }
}
