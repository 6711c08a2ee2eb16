//! Responsible for: one receiver's path: how much it carries, what is sent to find out, and when the bandwidth is divided anew.
//! Not responsible for: the estimate itself (`ringfence_bandwidth`), how it is divided (`allocate`), or any byte that is sent.

use crate::allocate::{Budget, Claim, Given, wanted};
use ringfence_bandwidth::{Bitrate, Estimator, Insight, Limits, Probe};
use ringfence_packet::feedback::Arrivals;
use std::time::{Duration, Instant};

/// Between two divisions because of what was heard.
const DIVIDE_EVERY: Duration = Duration::from_millis(100);
/// A probe goes out in pieces, this far apart: a queue that is short does not lose one half of it.
const PIECES: u64 = 4;
const PIECE_EVERY: Duration = Duration::from_millis(5);
/// Who has said nothing of what was sent to them for so long will never: their bandwidth is not known.
const SAYS_NOTHING: Duration = Duration::from_secs(3);
/// Reference times have 24 bits of 64 ms.
const REFERENCE_BITS: u32 = 24;
const REFERENCE: i64 = 64_000;
/// What the receiver's clock is taken to show at its first word, in microseconds: also what it says of before is after zero.
const FIRST_ARRIVAL: i64 = 1 << 40;

#[derive(Debug)]
pub struct Path {
    estimator: Estimator,
    budget: Budget,
    /// The receiver's last reference time, as it was said and in microseconds.
    reference: Option<(u32, i64)>,
    probe: Option<Pieces>,
    /// When something was first sent, and whether anything has been heard of it.
    began: Option<Instant>,
    heard: bool,
    divided: Option<Instant>,
    /// Something was heard since.
    told: bool,
}

/// What is left of a probe.
#[derive(Debug)]
struct Pieces {
    left: u64,
    each: u64,
    next: Instant,
}

impl Path {
    pub fn new(now: Instant) -> Path {
        Path {
            estimator: Estimator::new(Limits::default(), now),
            budget: Budget::default(),
            reference: None,
            probe: None,
            began: None,
            heard: false,
            divided: None,
            told: false,
        }
    }

    /// The transport-wide sequence number of the packet that is sent next.
    pub fn next_sequence(&self) -> u16 {
        self.estimator.next_sequence()
    }

    /// Notes that a packet of so many bytes was sent, with that number.
    pub fn sent(&mut self, size: usize, now: Instant) {
        self.began.get_or_insert(now);
        self.estimator.send(size, now);
        if let Some(pieces) = &mut self.probe {
            pieces.left = pieces.left.saturating_sub(size as u64);
        }
    }

    /// Takes in which packets arrived, and when.
    pub fn arrived(&mut self, arrivals: Arrivals, now: Instant) {
        let since = self.unwrapped(arrivals.reference);
        let packets = arrivals.packets().map(|(number, arrived)| {
            let arrived = arrived.map(|micros| Duration::from_micros((since + micros).max(0) as u64));
            (number, arrived)
        });
        self.estimator.feedback(packets, now);
        (self.heard, self.told) = (true, true);
        self.wake(now);
    }

    /// Takes in the receiver's own estimate, in bits per second.
    pub fn says(&mut self, rate: u64) {
        self.estimator.remb(Bitrate::bps(rate));
        (self.heard, self.told) = (true, true);
    }

    /// Does what is due. Nothing is tried before something was sent.
    pub fn wake(&mut self, now: Instant) {
        if self.began.is_some()
            && let Some(Probe { bytes, .. }) = self.estimator.poll(now)
        {
            let (left, next) = (bytes, now);
            let each = bytes.div_ceil(PIECES);
            self.probe = Some(Pieces { left, each, next });
        }
    }

    /// How many bytes of nothing should be sent now, because a probe wants them.
    pub fn padding(&mut self, now: Instant) -> Option<u64> {
        let pieces = self.probe.as_mut()?;
        if pieces.left == 0 {
            self.probe = None;
            return None;
        }
        let due = pieces.next <= now;
        due.then(|| {
            pieces.next = now + PIECE_EVERY;
            pieces.each.min(pieces.left)
        })
    }

    /// Gives up what is left of a probe: there is nothing to send it on.
    pub fn ends_probe(&mut self) {
        self.probe = None;
    }

    /// Whether the bandwidth has to be divided now.
    pub fn must_divide(&self, now: Instant) -> bool {
        self.divide_at(now).is_some_and(|at| at <= now)
    }

    /// When `wake`, `padding` or `must_divide` have something new to say.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        let probe = self.probe.as_ref().map(|pieces| pieces.next);
        let poll = self.estimator.next_poll().filter(|_| self.began.is_some());
        let all = [poll, probe, self.divide_at(now)];
        all.into_iter().flatten().min()
    }

    fn divide_at(&self, now: Instant) -> Option<Instant> {
        let (divided, budget) = (self.divided?, self.budget.next_change(now));
        let told = self.told.then_some(divided);
        let silent = self
            .began
            .filter(|_| !self.heard)
            .map(|began| began + SAYS_NOTHING)
            .filter(|at| *at > divided);
        let next = [budget, told].into_iter().flatten().min();
        let next = next.map(|at| at.max(divided + DIVIDE_EVERY));
        [next, silent].into_iter().flatten().min()
    }

    /// What each claim gets; `None`: what the path carries is not known, so everybody gets what they ask for.
    pub fn divide(&mut self, sound: Bitrate, claims: &[Claim], now: Instant) -> Option<Vec<Option<Given>>> {
        (self.divided, self.told) = (Some(now), false);
        let since = |began: Instant| now.saturating_duration_since(began);
        self.estimator.want(wanted(sound, claims));
        // Before anything was sent nothing can be heard of it.
        if !self.heard && self.began.is_none_or(|began| since(began) >= SAYS_NOTHING) {
            return None;
        }
        let given = self.budget.divide(self.estimator.estimate(), sound, claims, now);
        self.wake(now);
        Some(given)
    }

    /// `None` while nothing has been heard.
    pub fn insight(&self) -> Option<Insight> {
        self.heard.then(|| self.estimator.insight())
    }

    /// A reference time by the receiver's clock, in microseconds. It may run backwards.
    fn unwrapped(&mut self, reference: u32) -> i64 {
        let (last, at) = self.reference.unwrap_or((reference, FIRST_ARRIVAL));
        // The difference of two numbers of 24 bits, with its sign.
        let steps = (reference.wrapping_sub(last) << (32 - REFERENCE_BITS)) as i32 >> (32 - REFERENCE_BITS);
        let at = at.saturating_add(i64::from(steps) * REFERENCE).max(0);
        self.reference = Some((reference, at));
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_times_run_on_past_their_end_and_back() {
        let mut path = Path::new(Instant::now());
        let all = [0xff_fffe, 0xff_ffff, 1, 0xff_ffff, 3];
        let times = all.map(|reference| (path.unwrapped(reference) - FIRST_ARRIVAL) / REFERENCE);
        assert_eq!(times, [0, 1, 3, 1, 5]);
    }

    #[test]
    fn a_clock_that_jumps_back_and_back_stops_at_its_beginning() {
        let mut path = Path::new(Instant::now());
        for step in 0..1000_u32 {
            assert!(path.unwrapped(step.wrapping_mul(0x80_0001) & 0xff_ffff) >= 0);
        }
    }

    #[test]
    fn a_probe_goes_out_in_pieces_less_what_is_sent_anyway() {
        let mut now = Instant::now();
        let mut path = Path::new(now);
        assert_eq!(path.padding(now), None);
        path.probe = Some(Pieces {
            left: 4000,
            each: 1000,
            next: now,
        });
        assert_eq!(path.padding(now), Some(1000));
        path.sent(1000, now);
        assert_eq!(path.padding(now), None, "the next is 5 ms later");
        assert_eq!(path.due(now), Some(now + PIECE_EVERY));
        now += PIECE_EVERY;
        path.sent(2500, now);
        assert_eq!(path.padding(now), Some(500), "what is left of it");
        path.sent(500, now);
        now += PIECE_EVERY;
        assert_eq!(path.padding(now), None);
        assert!(path.probe.is_none());
    }

    #[test]
    fn of_who_says_nothing_no_bandwidth_is_known() {
        let start = Instant::now();
        let mut path = Path::new(start);
        assert!(
            path.divide(Bitrate::ZERO, &[], start).is_none(),
            "nothing was sent"
        );
        path.sent(100, start);
        assert!(path.divide(Bitrate::ZERO, &[], start).is_some());
        let later = start + SAYS_NOTHING;
        assert_eq!(path.due(start), Some(later));
        assert!(!path.must_divide(start) && path.must_divide(later));
        assert!(path.divide(Bitrate::ZERO, &[], later).is_none());
        assert!(!path.must_divide(later), "that is said once");
        path.says(300_000);
        let heard = later + DIVIDE_EVERY;
        assert!(path.must_divide(heard));
        assert!(path.divide(Bitrate::ZERO, &[], heard).is_some());
    }
}
