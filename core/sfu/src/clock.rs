//! Responsible for: when what a participant sends was captured, on this machine's clock, so that sound and picture that
//! belong together still do when others get them.
//! Not responsible for: telling anybody (`fast`, `egress`).

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What clocks drift apart at most between two reports.
const DRIFT: Duration = Duration::from_micros(500);
/// What is said to have been captured longer ago is not believed.
const OLDEST: Duration = Duration::from_secs(2);

/// The clock of one participant, by their sender reports (RFC 3550 section 6.4.1).
#[derive(Debug, Default)]
pub struct Clock {
    /// What is added to their time, in nanoseconds since 1970, to have this machine's since `origin`.
    add: Option<i128>,
    origin: Option<Instant>,
    /// By SSRC: their time, and the stream's at that moment.
    reports: HashMap<u32, (SystemTime, u32)>,
}

impl Clock {
    /// Takes the latest report about a stream; the same again says nothing.
    pub fn hear(&mut self, ssrc: u32, theirs: SystemTime, timestamp: u32, now: Instant) {
        if self
            .reports
            .get(&ssrc)
            .is_some_and(|known| *known == (theirs, timestamp))
        {
            return;
        }
        self.reports.insert(ssrc, (theirs, timestamp));
        let Ok(since) = theirs.duration_since(UNIX_EPOCH) else {
            return;
        };
        let origin = *self.origin.get_or_insert(now);
        let sample = now.saturating_duration_since(origin).as_nanos() as i128 - since.as_nanos() as i128;
        // The shortest way that a report took is the nearest to none at all.
        let drifted = self.add.map_or(sample, |add| add + DRIFT.as_nanos() as i128);
        self.add = Some(sample.min(drifted));
    }

    /// When a packet with this timestamp was captured; `now` where that is not known.
    pub fn captured(&self, ssrc: u32, timestamp: u32, rate: u32, now: Instant) -> Instant {
        self.known(ssrc, timestamp, rate)
            .filter(|at| *at <= now && now.saturating_duration_since(*at) <= OLDEST)
            .unwrap_or(now)
    }

    fn known(&self, ssrc: u32, timestamp: u32, rate: u32) -> Option<Instant> {
        let (theirs, reported) = self.reports.get(&ssrc)?;
        let since = theirs.duration_since(UNIX_EPOCH).ok()?.as_nanos() as i128;
        // Of a moment shortly before the report, or after it.
        let ticks = i128::from(timestamp.wrapping_sub(*reported) as i32);
        let nanoseconds = since + ticks * 1_000_000_000 / i128::from(rate) + self.add?;
        let after = Duration::from_nanos(u64::try_from(nanoseconds).ok()?);
        self.origin?.checked_add(after)
    }
}

/// Between 1900, where the network's time begins (RFC 3550 section 4), and 1970.
const NTP_EPOCH: u64 = 2_208_988_800;

/// A moment as seconds since 1900 and their fraction. It runs on when somebody sets this machine's clock.
pub fn ntp(moment: Instant) -> u64 {
    static START: OnceLock<(Instant, SystemTime)> = OnceLock::new();
    let (start, time) = START.get_or_init(|| (Instant::now(), SystemTime::now()));
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let since = (since + moment.saturating_duration_since(*start))
        .saturating_sub(start.saturating_duration_since(moment));
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    (since.as_secs() + NTP_EPOCH) << 32 | fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: u32 = 1;
    const PICTURE: u32 = 2;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn what_was_captured_together_is_known_to_be_however_late_either_comes() {
        let (start, theirs) = (Instant::now(), UNIX_EPOCH + ms(1_700_000_000_000));
        let mut clock = Clock::default();
        clock.hear(SOUND, theirs, 480, start + ms(40));
        clock.hear(PICTURE, theirs + ms(500), u32::MAX - 89, start + ms(560));
        let now = start + ms(900);
        let sound = clock.captured(SOUND, 480 + 48 * 600, 48_000, now);
        let picture = clock.captured(PICTURE, 90 * 99, 90_000, now);
        assert_eq!(sound, picture, "600 ms after their beginning, both");
        assert_eq!(
            sound,
            start + ms(640) + DRIFT,
            "less the shortest way of a report"
        );
    }

    #[test]
    fn a_report_that_came_quicker_moves_all_streams_and_a_slower_one_hardly_any() {
        let (start, theirs) = (Instant::now(), UNIX_EPOCH + ms(1_700_000_000_000));
        let mut clock = Clock::default();
        clock.hear(SOUND, theirs, 0, start + ms(100));
        clock.hear(SOUND, theirs + ms(1000), 48_000, start + ms(1030));
        let now = start + ms(1500);
        assert_eq!(clock.captured(SOUND, 48_000, 48_000, now), start + ms(1030));
        clock.hear(SOUND, theirs + ms(2000), 96_000, start + ms(2400));
        let moved = clock.captured(SOUND, 96_000, 48_000, start + ms(2500)) - start;
        assert_eq!(moved, ms(2030) + DRIFT);
    }

    #[test]
    fn the_networks_time_runs_as_this_machines_does() {
        let now = Instant::now();
        let second = (ntp(now + ms(1500)) - ntp(now)) as f64 / f64::from(u32::MAX);
        assert!((second - 1.5).abs() < 1e-6, "{second}");
        let year = (ntp(now) >> 32) / 31_556_952 + 1900;
        assert!((2025..2036).contains(&year), "{year}");
    }

    #[test]
    fn what_is_not_known_or_cannot_be_was_captured_now() {
        let now = Instant::now();
        let mut clock = Clock::default();
        assert_eq!(clock.captured(SOUND, 7, 48_000, now), now);
        clock.hear(SOUND, UNIX_EPOCH, 0, now);
        assert_eq!(clock.captured(SOUND, 480, 48_000, now), now, "in the future");
        let later = now + ms(2001);
        assert_eq!(clock.captured(SOUND, 0, 48_000, later), later, "long ago");
        assert_eq!(clock.captured(PICTURE, 0, 90_000, now), now);
        clock.hear(PICTURE, SystemTime::UNIX_EPOCH - ms(1), 0, now);
        assert_eq!(clock.captured(PICTURE, 0, 90_000, now), now);
    }
}
