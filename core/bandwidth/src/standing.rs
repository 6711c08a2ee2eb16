//! Responsible for: a queue that stands: full, it shows no trend, and everything that is sent comes late.
//! Not responsible for: queues that grow (`trend`).
//!
//! Not in the draft, whose filter sees changes of delay alone: on slow paths their noise hides slow growth.

use crate::units::Moment;

/// All in microseconds. The least delay of this time is what everything waits at least.
const RECENT: i64 = 300_000;
/// The least delay of the last one or two of these is that of the empty path.
const BASE: i64 = 10_000_000;
/// More than this above that is a queue that stands.
const STANDS: i64 = 80_000;
/// Less than this is none.
const SHORT: i64 = 25_000;
/// And less than this is not even a short one.
const EMPTY: i64 = 10_000;
/// After so many steps down it is not ours: the path has become longer, or somebody else fills it.
const TRIES: u32 = 4;

/// Who comes so much earlier than the middle one took another way.
const EARLY: i64 = 20_000;
/// Of so many delays the middle one counts: a packet that took another way, and came early, says nothing of the queue.
const MEDIAN: usize = 5;

#[derive(Debug)]
pub struct Standing {
    latest: [i64; MEDIAN],
    added: usize,
    base: Least,
    recent: Least,
    /// Steps down since it stands.
    tries: u32,
}

/// The least of the current span of time and of the one before.
#[derive(Debug)]
struct Least {
    span: i64,
    began: Option<Moment>,
    before: i64,
    current: i64,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            latest: [0; MEDIAN],
            added: 0,
            base: Least::new(BASE),
            recent: Least::new(RECENT),
            tries: 0,
        }
    }
}

impl Standing {
    /// A packet was sent and arrived then, by two clocks that have nothing to do with each other. Says whether it came much
    /// earlier than those around it, and so by another way.
    pub fn add(&mut self, sent: Moment, arrived: Moment) -> bool {
        let this = sent.until(arrived);
        self.latest[self.added % MEDIAN] = this;
        self.added += 1;
        if self.added < MEDIAN {
            return false;
        }
        let mut latest = self.latest;
        latest.sort_unstable();
        let delay = latest[MEDIAN / 2];
        self.base.add(delay, sent);
        self.recent.add(delay, sent);
        this.saturating_add(EARLY) < delay
    }

    /// Whether everything waits for too long.
    pub fn stands(&mut self) -> bool {
        let stands = self.waits() > STANDS;
        if !stands {
            self.tries = 0;
        }
        stands
    }

    /// Whether nearly nothing waits, at least some of the time.
    pub fn is_short(&self) -> bool {
        self.waits() < SHORT
    }

    /// Whether nothing waits, at least some of the time.
    pub fn is_empty(&self) -> bool {
        self.waits() < EMPTY
    }

    fn waits(&self) -> i64 {
        self.recent.least().saturating_sub(self.base.least())
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
    fn new(span: i64) -> Self {
        Self {
            span,
            began: None,
            before: i64::MAX,
            current: i64::MAX,
        }
    }

    fn add(&mut self, value: i64, now: Moment) {
        let began = *self.began.get_or_insert(now);
        if began.until(now) >= self.span {
            self.began = Some(now);
            self.before = std::mem::replace(&mut self.current, i64::MAX);
        }
        self.current = self.current.min(value);
    }

    fn least(&self) -> i64 {
        self.current.min(self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet each 10 ms from `from` on, each under way for so long.
    fn play(standing: &mut Standing, from: u64, delays: &[u64]) {
        for (number, delay) in (0..).zip(delays) {
            let sent = (from + number * 10) * 1000;
            let arrived = sent + (5_000 + delay) * 1000;
            standing.add(Moment::from_micros(sent), Moment::from_micros(arrived));
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
        assert_eq!(standing.waits(), 370_000);
        play(&mut standing, 1750, &[100; 3]);
        assert!(!standing.stands());
    }

    #[test]
    fn a_packet_that_came_another_way_does_not_make_all_others_late() {
        let mut standing = Standing::default();
        let delays: Vec<u64> = (0..1000).map(|at| if at % 7 == 3 { 0 } else { 120 }).collect();
        play(&mut standing, 0, &delays);
        assert!(!standing.stands() && standing.is_short());
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
