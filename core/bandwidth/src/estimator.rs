//! Responsible for: the estimate of one receiver's path, made of what delays, losses, probes and the receiver say.
//! Not responsible for: the bytes of RTCP, sending, or who gets the bandwidth.

use crate::aimd::Aimd;
use crate::groups::{Groups, Step};
use crate::limits::Limits;
use crate::loss::Losses;
use crate::meter::Meter;
use crate::probe::{Probe, Prober, Situation};
use crate::register::{News, Register, Told};
use crate::standing::Standing;
use crate::trend::{Trend, Usage};
use crate::units::{Bitrate, Moment};
use std::time::{Duration, Instant};

/// Without a word for this long and two round trips, although something was sent, the estimate falls this often by this
/// factor.
const SILENCE: Duration = Duration::from_secs(1);
const SILENCE_STEP: Duration = Duration::from_millis(500);
const SILENCE_FACTOR: f64 = 0.8;
/// Before the first is measured.
const ROUND_TRIP: Duration = Duration::from_millis(200);
/// Packets that one feedback may tell of.
const MOST_TOLD: usize = 1 << 15;
/// After a step down there is no probe for this long.
const CALM_AFTER: Duration = Duration::from_secs(1);

/// What is known of a path, for metrics and for the client's network view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Insight {
    pub estimate: Bitrate,
    /// What reaches the receiver, once that has been measured.
    pub arrives: Option<Bitrate>,
    /// Smoothed; of feedback, so that it has in it how long the receiver waits with that.
    pub round_trip: Option<Duration>,
    /// The smoothed share of packets that are lost.
    pub loss: f64,
    pub usage: Usage,
}

/// Send-side bandwidth estimation for one receiver. All that is sent to it goes through `send`, what it says of that
/// through `feedback`.
#[derive(Debug)]
pub struct Estimator {
    start: Instant,
    limits: Limits,
    wanted: Bitrate,
    ceiling: Option<Bitrate>,
    register: Register,
    groups: Groups,
    trend: Trend,
    standing: Standing,
    arrivals: Meter,
    aimd: Aimd,
    losses: Losses,
    prober: Prober,
    round_trip: Option<Duration>,
    lowered: Option<Duration>,
    /// When the first packet was sent since the last feedback, and when the estimate fell because of that.
    waits_since: Option<Duration>,
    silent: Option<Duration>,
    heard: bool,
    estimate: Bitrate,
}

impl Estimator {
    pub fn new(limits: Limits, now: Instant) -> Self {
        Self {
            start: now,
            limits,
            wanted: Bitrate::ZERO,
            ceiling: None,
            register: Register::default(),
            groups: Groups::default(),
            trend: Trend::default(),
            standing: Standing::default(),
            arrivals: Meter::default(),
            aimd: Aimd::new(limits.start),
            losses: Losses::default(),
            prober: Prober::default(),
            round_trip: None,
            lowered: None,
            waits_since: None,
            silent: None,
            heard: false,
            estimate: limits.start,
        }
    }

    /// What the path is taken to carry.
    pub fn estimate(&self) -> Bitrate {
        self.estimate
    }

    pub fn insight(&self) -> Insight {
        Insight {
            estimate: self.estimate,
            arrives: self.arrivals.rate(),
            round_trip: self.round_trip,
            loss: self.losses.share(),
            usage: self.trend.usage(),
        }
    }

    /// How much the receiver would get if there were no limit. Probes look for that much and no more.
    pub fn want(&mut self, wanted: Bitrate) {
        self.wanted = wanted.min(self.limits.most);
    }

    /// The number that `send` gives next.
    pub fn next_sequence(&self) -> u16 {
        self.register.next_sequence()
    }

    /// Notes a packet of `size` bytes, with its headers, that is sent now; returns its transport-wide sequence number.
    pub fn send(&mut self, size: usize, now: Instant) -> u16 {
        let moment = Moment::from(now.saturating_duration_since(self.start));
        // For each packet that is sent: nothing is converted that is not needed.
        let whole = || Duration::from_micros(moment.as_micros());
        self.waits_since.get_or_insert_with(whole);
        let in_probe = self.prober.is_running() && self.prober.send(size, whole());
        self.register.send(size, in_probe, moment)
    }

    /// Bytes that were sent and not told of.
    pub fn in_flight(&self) -> u64 {
        self.register.in_flight()
    }

    /// Takes in feedback: sequence numbers in the order of sending, each with its time of arrival by the receiver's clock, or
    /// none for what has not arrived. Packets that are not known and what was told before are passed over.
    pub fn feedback(&mut self, packets: impl IntoIterator<Item = (u16, Option<Duration>)>, now: Instant) {
        let now = self.since_start(now);
        let mut newest = None;
        for (sequence, arrived) in packets.into_iter().take(MOST_TOLD) {
            let Some(told) = self.register.tell(sequence, arrived.is_some()) else {
                continue;
            };
            self.losses.note(&told);
            if told.in_probe {
                self.prober.note(&told, arrived);
            }
            newest = newest.max(Some(arrived.map(|_| told.sent)));
            if let Some(arrived) = arrived {
                self.note_arrival(&told, arrived.into());
            }
        }
        let Some(newest) = newest else {
            return;
        };
        (self.heard, self.waits_since, self.silent) = (true, None, None);
        if let Some(sent) = newest {
            let sample = now.saturating_sub(Duration::from_micros(sent.as_micros()));
            self.round_trip = Some((self.round_trip.unwrap_or(sample) * 7 + sample) / 8);
        }
        self.conclude(now);
    }

    /// Takes in a receiver's own estimate (REMB), which is then never exceeded. Of a receiver that gives no other feedback it
    /// is the estimate.
    pub fn remb(&mut self, ceiling: Bitrate) {
        self.ceiling = Some(ceiling);
        self.settle();
    }

    /// Does what time brings about, and says whether to begin a probe now. To be called after feedback and at `next_poll`.
    pub fn poll(&mut self, now: Instant) -> Option<Probe> {
        let now = self.since_start(now);
        if self.silence_ends().is_some_and(|at| now >= at) {
            self.silent = Some(now);
            self.aimd
                .set(self.estimate.scaled(SILENCE_FACTOR).max(self.limits.least));
            self.settle_at(now);
        }
        let situation = Situation {
            estimate: self.estimate,
            wanted: self.wanted,
            calm: self.may_probe() && now >= self.calm_from(),
            round_trip: self.waits(),
            now,
        };
        self.prober.poll(situation)
    }

    /// When to poll again, if nothing happens until then; `None` if there is nothing to wait for.
    pub fn next_poll(&self) -> Option<Instant> {
        let probes = (self.wanted > self.estimate && self.may_probe()).then(|| {
            let calm = self.lowered.map_or(Duration::ZERO, |at| at + CALM_AFTER);
            self.prober.next(self.waits()).max(calm)
        });
        let next = [probes, self.silence_ends()].into_iter().flatten().min()?;
        self.start.checked_add(next)
    }

    /// In whole microseconds, as everything is kept.
    fn since_start(&self, now: Instant) -> Duration {
        let moment = Moment::from(now.saturating_duration_since(self.start));
        Duration::from_micros(moment.as_micros())
    }

    fn note_arrival(&mut self, told: &Told, arrived: Moment) {
        self.arrivals.add(arrived, u64::from(told.size));
        if told.news == News::ArrivedAfterAll {
            return;
        }
        if self.standing.add(told.sent, arrived) {
            return;
        }
        match self.groups.add(told.sent, arrived) {
            Step::None => {}
            Step::Variation { delay, arrived } => self.trend.add(delay, arrived),
            Step::Jump => {
                self.trend = Trend::default();
                self.standing = Standing::default();
                self.arrivals.reset();
            }
        }
    }

    /// When the estimate falls next because nothing is heard.
    fn silence_ends(&self) -> Option<Duration> {
        let since = self.waits_since.filter(|_| self.heard)?;
        if self.estimate <= self.limits.least {
            return None;
        }
        Some(match self.silent {
            Some(at) => at + SILENCE_STEP,
            None => since + SILENCE + self.waits() * 2,
        })
    }

    /// Queues that grow and silence end with feedback alone, and a receiver that only sends its own estimate tells nothing of
    /// probes.
    fn may_probe(&self) -> bool {
        let is_told = self.heard || self.ceiling.is_none();
        is_told && self.trend.usage() != Usage::Over && self.silent.is_none()
    }

    /// The round trip, or before it was measured what it may be.
    fn waits(&self) -> Duration {
        self.round_trip.unwrap_or(ROUND_TRIP)
    }

    fn calm_from(&self) -> Duration {
        self.lowered.map_or(Duration::ZERO, |at| at + CALM_AFTER)
    }

    fn conclude(&mut self, now: Duration) {
        let before = self.estimate;
        let stands = self.standing.stands();
        let usage = match self.trend.usage() {
            // What a probe does to the queue was wanted, and is over soon.
            Usage::Over if self.prober.is_felt(now) && self.standing.is_short() => Usage::Under,
            Usage::Normal if stands => Usage::Over,
            usage => usage,
        };
        let lowered = self.aimd.update(usage, self.arrivals.rate(), self.waits(), now);
        if stands && lowered {
            self.standing.lowered();
        }
        let carried = self.prober.result(now);
        if let Some(carried) = carried.filter(|_| self.standing.is_short()) {
            self.losses.carried(carried);
            self.aimd.set(self.aimd.rate().max(carried));
        }
        self.aimd
            .set(self.aimd.rate().clamp(self.limits.least, self.limits.most));
        self.losses.update(self.aimd.rate(), self.standing.is_empty());
        self.settle_at(now);
        if carried.is_some() {
            self.prober.learn(before, self.estimate, now);
        }
    }

    /// Makes the estimate of what is known.
    fn settle(&mut self) {
        let found = match self.losses.limit() {
            Some(limit) => self.aimd.rate().min(limit),
            None => self.aimd.rate(),
        };
        let estimate = match self.ceiling {
            Some(ceiling) if !self.heard => ceiling,
            Some(ceiling) => found.min(ceiling),
            None => found,
        };
        self.estimate = estimate.clamp(self.limits.least, self.limits.most);
    }

    /// The same, and remembers when it was a step down.
    fn settle_at(&mut self, now: Duration) {
        let before = self.estimate;
        self.settle();
        if self.estimate < before {
            self.lowered = Some(now);
            self.prober.lowered(before, self.estimate, now);
        }
    }
}
