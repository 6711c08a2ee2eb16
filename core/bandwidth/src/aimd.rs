//! Responsible for: the rate that follows from how the path is used: more while queues stay as they are, less at once
//! when they grow.
//! Not responsible for: losses (`loss`), or finding room that nobody uses (`probe`).
//!
//! draft-ietf-rmcat-gcc-02 section 5.5.

use crate::trend::Usage;
use crate::units::Bitrate;
use std::time::Duration;

/// What remains of the rate that arrives when queues grow (beta).
const BACK_OFF: f64 = 0.85;
/// Growth in a second (eta) where the capacity is not known.
const GROWTH: f64 = 1.08;
/// The rate stays below so many times what arrives: what is not used has not been tried.
const UNTRIED: f64 = 1.5;
const UNTRIED_MORE: Bitrate = Bitrate::kbps(10);
/// Beside the round trip, how long it takes until growth can be felt.
const RESPONSE: Duration = Duration::from_millis(100);
/// Packets are at most so large, in bits, and frames come so often.
const PACKET: f64 = 1200.0 * 8.0;
const FRAMES: f64 = 30.0;
/// What is added in a response time at least, in bits: who has little catches up with those who have more.
const LEAST_ADDED: f64 = 8000.0;

#[derive(Debug)]
pub struct Aimd {
    rate: f64,
    state: State,
    capacity: Capacity,
    updated: Option<Duration>,
    lowered: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Hold,
    Increase,
}

impl Aimd {
    pub fn new(start: Bitrate) -> Self {
        Self {
            rate: start.as_bps() as f64,
            state: State::Increase,
            capacity: Capacity::default(),
            updated: None,
            lowered: None,
        }
    }

    pub fn rate(&self) -> Bitrate {
        Bitrate::bps(self.rate as u64)
    }

    /// Takes another rate, which something else has found out.
    pub fn set(&mut self, rate: Bitrate) {
        self.rate = rate.as_bps() as f64;
    }

    /// `arrives`: the rate that reaches the receiver. True if the rate was lowered.
    pub fn update(
        &mut self,
        usage: Usage,
        arrives: Option<Bitrate>,
        round_trip: Duration,
        now: Duration,
    ) -> bool {
        let passed = now.saturating_sub(self.updated.replace(now).unwrap_or(now));
        match usage {
            Usage::Over => return self.lower(arrives, round_trip, now),
            // Queues are emptying: growth would keep them.
            Usage::Under => self.state = State::Hold,
            Usage::Normal if self.state == State::Hold => self.state = State::Increase,
            Usage::Normal => self.raise(arrives, round_trip, passed.min(Duration::from_secs(1))),
        }
        false
    }

    fn raise(&mut self, arrives: Option<Bitrate>, round_trip: Duration, passed: Duration) {
        let arrives = arrives.map(|rate| rate.as_bps() as f64);
        if arrives.is_some_and(|rate| self.capacity.is_left_behind(rate)) {
            self.capacity = Capacity::default();
        }
        let frame = self.rate / FRAMES;
        let packet = frame / (frame / PACKET).ceil().max(1.0);
        let response = (round_trip + RESPONSE).as_secs_f64();
        let added = self.rate + packet.max(LEAST_ADDED) * passed.as_secs_f64() / response;
        let raised = if self.capacity.is_known() {
            added
        } else {
            (self.rate * GROWTH.powf(passed.as_secs_f64())).max(added)
        };
        let tried = match arrives {
            Some(rate) => rate * UNTRIED + UNTRIED_MORE.as_bps() as f64,
            None => self.rate,
        };
        self.rate = raised.min(tried).max(self.rate);
    }

    fn lower(&mut self, arrives: Option<Bitrate>, round_trip: Duration, now: Duration) -> bool {
        self.state = State::Hold;
        let arrives = arrives.map_or(self.rate, |rate| rate.as_bps() as f64);
        // What was sent before the last step down is still being told of.
        let settles = round_trip.clamp(Duration::from_millis(10), Duration::from_millis(200));
        let settled = self.lowered.is_none_or(|at| now.saturating_sub(at) >= settles);
        if !settled && arrives > self.rate / 2.0 {
            return false;
        }
        self.capacity.add(arrives);
        let lowered = (arrives * BACK_OFF).min(self.rate);
        let is_lower = lowered < self.rate;
        self.rate = lowered;
        self.lowered = Some(now);
        is_lower
    }
}

/// What arrived when queues grew: its smoothed mean, and its variance as a share of that (sections 5.5).
#[derive(Debug, Default)]
struct Capacity {
    mean: Option<f64>,
    variance: f64,
}

impl Capacity {
    const SHARE: f64 = 0.05;
    const VARIANCE: (f64, f64) = (0.4, 2.5);

    fn is_known(&self) -> bool {
        self.mean.is_some()
    }

    /// In kbit/s, as what its variance is measured in.
    fn deviation(&self, mean: f64) -> f64 {
        (self.variance * mean).sqrt()
    }

    fn add(&mut self, rate: f64) {
        let rate = rate / 1000.0;
        if self
            .mean
            .is_some_and(|mean| rate < mean - 3.0 * self.deviation(mean))
        {
            *self = Self::default();
        }
        let mean = match self.mean {
            None => rate,
            Some(mean) => mean + (rate - mean) * Self::SHARE,
        };
        let square = (rate - mean).powi(2) / mean.max(1.0);
        let variance = self.variance * (1.0 - Self::SHARE) + square * Self::SHARE;
        self.variance = variance.clamp(Self::VARIANCE.0, Self::VARIANCE.1);
        self.mean = Some(mean);
    }

    /// More arrives than ever could.
    fn is_left_behind(&self, rate: f64) -> bool {
        self.mean
            .is_some_and(|mean| rate / 1000.0 > mean + 3.0 * self.deviation(mean))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND_TRIP: Duration = Duration::from_millis(50);

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn it_grows_by_8_percent_a_second_but_not_beyond_what_was_tried() {
        let mut aimd = Aimd::new(Bitrate::kbps(1000));
        for at in 0..=10 {
            aimd.update(Usage::Normal, Some(Bitrate::kbps(1000)), ROUND_TRIP, ms(at * 100));
        }
        assert_eq!(aimd.rate().as_bps() / 1000, 1079);
        for at in 10..=200 {
            aimd.update(Usage::Normal, Some(Bitrate::kbps(1000)), ROUND_TRIP, ms(at * 100));
        }
        assert_eq!(aimd.rate(), Bitrate::kbps(1510));
        aimd.update(Usage::Normal, Some(Bitrate::kbps(10)), ROUND_TRIP, ms(20_100));
        assert_eq!(aimd.rate(), Bitrate::kbps(1510), "what is not used is kept");
    }

    #[test]
    fn over_use_leaves_85_percent_of_what_arrives_and_then_growth_is_by_addition() {
        let mut aimd = Aimd::new(Bitrate::kbps(1000));
        assert!(aimd.update(Usage::Over, Some(Bitrate::kbps(800)), ROUND_TRIP, ms(0)));
        assert_eq!(aimd.rate(), Bitrate::kbps(680));
        assert!(!aimd.update(Usage::Over, Some(Bitrate::kbps(700)), ROUND_TRIP, ms(20)));
        assert_eq!(aimd.rate(), Bitrate::kbps(680), "once in a round trip");
        aimd.update(Usage::Normal, Some(Bitrate::kbps(680)), ROUND_TRIP, ms(100));
        for at in 1..=11 {
            aimd.update(Usage::Normal, Some(Bitrate::kbps(680)), ROUND_TRIP, ms(at * 100));
        }
        let grown = aimd.rate().as_bps() / 1000 - 680;
        assert!((40..60).contains(&grown), "{grown}");
    }

    #[test]
    fn it_waits_while_queues_empty_and_follows_a_fall_at_once() {
        let mut aimd = Aimd::new(Bitrate::kbps(1000));
        aimd.update(Usage::Over, Some(Bitrate::kbps(1000)), ROUND_TRIP, ms(0));
        for at in 1..50 {
            aimd.update(Usage::Under, Some(Bitrate::kbps(850)), ROUND_TRIP, ms(at * 100));
        }
        assert_eq!(aimd.rate(), Bitrate::kbps(850));
        aimd.update(Usage::Over, Some(Bitrate::kbps(900)), ROUND_TRIP, ms(5000));
        aimd.update(Usage::Over, Some(Bitrate::kbps(100)), ROUND_TRIP, ms(5010));
        assert_eq!(aimd.rate(), Bitrate::kbps(85), "far less arrives");
    }
}
