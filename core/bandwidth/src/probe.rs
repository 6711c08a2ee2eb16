//! Responsible for: when it is worth trying whether the path carries more, how much to try, and what came of it.
//! Not responsible for: sending, or what the estimate becomes.

mod running;

use crate::register::Told;
use crate::units::Bitrate;
use running::Running;
use std::time::Duration;

/// A probe is sent in this time, in at least so many packets, of at least this many bytes in all.
const LASTS: Duration = Duration::from_millis(20);
const PACKETS: usize = 5;
const LEAST_BYTES: u64 = 1500;
/// When nothing more is to be heard of one, beside two round trips.
const PATIENCE: Duration = Duration::from_millis(500);

/// So many times the estimate is tried, the first time and later.
const FIRST_TIMES: f64 = 3.0;
const TIMES: f64 = 1.6;
/// More than is wanted by so much: an estimate has to stand a little above what is sent.
const BEYOND_WANTED: f64 = 1.15;
/// When the estimate has become so many times what it was, a further one follows soon.
const RAISED: f64 = 1.1;
const SOON: Duration = Duration::from_millis(100);
/// Until the next, doubled each time that nothing came of it.
const EVERY: Duration = Duration::from_secs(4);
const RAREST: Duration = Duration::from_secs(8);
/// For how long after its result the queue may still be that of a probe.
const FELT: Duration = Duration::from_millis(200);
/// After a fall to less than this share, this share of what was before is tried after a while.
const FALL: f64 = 0.66;
const AFTER_FALL: f64 = 0.85;
const FALL_SETTLES: Duration = Duration::from_millis(1500);
const FALL_FORGOTTEN: Duration = Duration::from_secs(15);

/// Something to send beside what is sent anyway: padding or repeated packets. What is sent meanwhile counts as part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// How fast everything should go out together, and how much of it.
    pub rate: Bitrate,
    pub bytes: u64,
    /// In at least so many packets.
    pub packets: usize,
}

#[derive(Debug)]
pub struct Prober {
    /// The next regular one is not due before this.
    due: Duration,
    every: Duration,
    tried: bool,
    fall: Option<Fall>,
    running: Option<Running>,
    ended: Option<Duration>,
}

#[derive(Debug)]
struct Fall {
    from: Bitrate,
    to: Bitrate,
    at: Duration,
}

/// How things stand when it is asked for a probe.
#[derive(Debug, Clone, Copy)]
pub struct Situation {
    pub estimate: Bitrate,
    pub wanted: Bitrate,
    /// Nothing speaks against more.
    pub calm: bool,
    pub round_trip: Duration,
    pub now: Duration,
}

impl Default for Prober {
    fn default() -> Self {
        Self {
            due: Duration::ZERO,
            every: EVERY,
            tried: false,
            fall: None,
            running: None,
            ended: None,
        }
    }
}

impl Prober {
    /// The probe to begin now, if one is useful.
    pub fn poll(&mut self, situation: Situation) -> Option<Probe> {
        let Situation { estimate, now, .. } = situation;
        if let Some(running) = &self.running {
            if now < running.began + PATIENCE + situation.round_trip * 2 {
                return None;
            }
            self.running = None;
            self.came_to_nothing(now);
        }
        if situation.wanted <= estimate || !situation.calm {
            return None;
        }
        let rate = self.rate(estimate, now)?;
        let rate = rate.min(situation.wanted.scaled(BEYOND_WANTED));
        if rate <= estimate.scaled(1.05) {
            return None;
        }
        self.tried = true;
        let bytes = rate.bytes_in(LASTS).max(LEAST_BYTES);
        self.running = Some(Running::begin(rate, bytes, now));
        Some(Probe {
            rate,
            bytes,
            packets: PACKETS,
        })
    }

    fn rate(&mut self, estimate: Bitrate, now: Duration) -> Option<Bitrate> {
        if let Some(fall) = self.fall.take_if(|fall| now >= fall.at + FALL_SETTLES) {
            let rate = fall.from.scaled(AFTER_FALL);
            let is_far = fall.to < fall.from.scaled(FALL);
            if is_far && now < fall.at + FALL_FORGOTTEN && rate > estimate.scaled(1.05) {
                return Some(rate);
            }
        } else if self.fall.is_some() {
            return None;
        }
        let times = if self.tried { TIMES } else { FIRST_TIMES };
        (now >= self.due).then(|| estimate.scaled(times))
    }

    /// When the next may be due, if more is wanted.
    pub fn next(&self, round_trip: Duration) -> Duration {
        match (&self.running, &self.fall) {
            (Some(running), _) => running.began + PATIENCE + round_trip * 2,
            (None, Some(fall)) => fall.at + FALL_SETTLES,
            (None, None) => self.due,
        }
    }

    /// The estimate has been lowered.
    pub fn lowered(&mut self, from: Bitrate, to: Bitrate, now: Duration) {
        self.due = self.due.max(now + EVERY);
        // Steps that follow each other are one fall.
        let from = self.fall.as_ref().map_or(from, |fall| from.max(fall.from));
        self.fall = Some(Fall { from, to, at: now });
    }

    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Whether a packet that is sent now belongs to a probe.
    pub fn send(&mut self, size: usize, now: Duration) -> bool {
        let Some(running) = &mut self.running else {
            return false;
        };
        running.send(size as u64, now)
    }

    /// A packet of a probe is told of.
    pub fn note(&mut self, told: &Told, arrived: Option<Duration>) {
        // One of an earlier probe says nothing of this one.
        if let Some(running) = self
            .running
            .as_mut()
            .filter(|running| told.sent >= running.began.into())
        {
            running.note(told, arrived);
        }
    }

    /// Whether a probe may be why queues grow.
    pub fn is_felt(&self, now: Duration) -> bool {
        self.running.as_ref().is_some_and(|running| running.told() > 0)
            || self.ended.is_some_and(|at| now < at + FELT)
    }

    /// What a probe has shown that the path carries, once all or enough of it is told of.
    pub fn result(&mut self, now: Duration) -> Option<Bitrate> {
        let running = self.running.as_ref()?;
        if !running.is_told(now) {
            return None;
        }
        let carried = running.carried();
        self.running = None;
        self.ended = Some(now);
        Some(carried.unwrap_or_default())
    }

    /// What became of the estimate with a result.
    pub fn learn(&mut self, before: Bitrate, after: Bitrate, now: Duration) {
        if after >= before.scaled(RAISED) {
            self.every = EVERY;
            self.due = now + SOON;
        } else {
            self.came_to_nothing(now);
        }
    }

    fn came_to_nothing(&mut self, now: Duration) {
        self.due = now + self.every;
        self.every = (self.every * 2).min(RAREST);
    }
}

#[cfg(test)]
mod tests;
