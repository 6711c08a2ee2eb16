//! Responsible for: a queue that stands: full, it shows no trend, and everything that is sent comes late.
//! Not responsible for: queues that grow (`trend`).
//!
//! Not in the draft, whose filter sees changes of delay alone: on slow paths their noise hides slow growth.

use crate::units::milliseconds;
use std::time::Duration;

/// The least delay of this time is what everything waits at least.
const RECENT: Duration = Duration::from_millis(300);
/// The least delay of the last one or two of these is that of the empty path.
const BASE: Duration = Duration::from_secs(10);
/// More than this many milliseconds above that is a queue that stands.
const STANDS: f64 = 80.0;
/// Less than this is none.
const SHORT: f64 = 25.0;
/// After so many steps down it is not ours: the path has become longer, or somebody else fills it.
const TRIES: u32 = 4;

#[derive(Debug)]
pub struct Standing {
    base: Least,
    recent: Least,
    /// Steps down since it stands.
    tries: u32,
}

/// The least of the current span of time and of the one before.
#[derive(Debug)]
struct Least {
    span: Duration,
    began: Option<Duration>,
    before: f64,
    current: f64,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            base: Least::new(BASE),
            recent: Least::new(RECENT),
            tries: 0,
        }
    }
}

impl Standing {
    /// A packet was sent and arrived then, by two clocks that have nothing to do with each other.
    pub fn add(&mut self, sent: Duration, arrived: Duration) {
        let delay = milliseconds(sent, arrived);
        self.base.add(delay, sent);
        self.recent.add(delay, sent);
        if self.waits() <= STANDS {
            self.tries = 0;
        }
    }

    /// Whether everything waits for too long.
    pub fn stands(&self) -> bool {
        self.waits() > STANDS
    }

    /// Whether nearly nothing waits, at least some of the time.
    pub fn is_short(&self) -> bool {
        self.waits() < SHORT
    }

    /// How many milliseconds everything waits.
    fn waits(&self) -> f64 {
        let waits = self.recent.least() - self.base.least();
        if waits.is_finite() { waits } else { 0.0 }
    }

    /// The rate was lowered because of that.
    pub fn lowered(&mut self) {
        self.tries += 1;
        if self.tries >= TRIES {
            self.base = Least::new(BASE);
            self.base.current = self.recent.least();
        }
    }
}

impl Least {
    fn new(span: Duration) -> Self {
        Self {
            span,
            began: None,
            before: f64::INFINITY,
            current: f64::INFINITY,
        }
    }

    fn add(&mut self, value: f64, now: Duration) {
        let began = *self.began.get_or_insert(now);
        if now.saturating_sub(began) >= self.span {
            self.began = Some(now);
            self.before = std::mem::replace(&mut self.current, f64::INFINITY);
        }
        self.current = self.current.min(value);
    }

    fn least(&self) -> f64 {
        self.current.min(self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// A packet each 10 ms from `from` on, each under way for so long.
    fn play(standing: &mut Standing, from: u64, delays: &[u64]) {
        for (number, delay) in (0..).zip(delays) {
            let sent = ms(from + number * 10);
            standing.add(sent, sent + ms(5_000 + delay));
        }
    }

    #[test]
    fn what_waits_a_moment_does_not_stand_and_what_waits_longer_does() {
        let mut standing = Standing::default();
        play(&mut standing, 0, &[30; 100]);
        play(&mut standing, 1000, &[400; 25]);
        assert!(!standing.stands());
        play(&mut standing, 1250, &[400; 50]);
        assert!(standing.stands());
        assert_eq!(standing.waits().round(), 370.0);
        play(&mut standing, 1750, &[100; 1]);
        assert!(!standing.stands());
    }

    #[test]
    fn a_path_that_has_become_longer_is_taken_as_it_is_after_a_few_steps_down() {
        let mut standing = Standing::default();
        play(&mut standing, 0, &[30; 100]);
        play(&mut standing, 1000, &[300; 100]);
        for _ in 0..TRIES {
            assert!(standing.stands(), "it looks like one");
            standing.lowered();
        }
        assert!(!standing.stands());
    }
}
