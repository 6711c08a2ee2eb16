//! Responsible for: how far losses limit the rate, and how many of them are not ours: what is lost at any rate says
//! nothing about how much the path carries.
//! Not responsible for: delays.
//!
//! draft-ietf-rmcat-gcc-02 section 6 backs off from any loss above a tenth, and so down to nothing on a path that always
//! loses as much. Here the rates and losses of the last seconds are explained, by what makes them likeliest, by a share
//! that the path loses of everything and a capacity above which it loses the rest.

use crate::register::{News, Told};
use crate::units::{Bitrate, Moment};
use std::time::Duration;

/// So many observations are explained together, each of so many packets in so much time, or of fewer in more.
const WINDOW: usize = 32;
const PACKETS: u32 = 50;
/// What an observation counts against the next one.
const AGES: f64 = 0.95;
const SPAN: Duration = Duration::from_millis(250);
const FEW_PACKETS: u32 = 10;
const LONG_SPAN: Duration = Duration::from_secs(1);
/// A pause in sending, in microseconds, that belongs to no observation.
const PAUSE: i64 = 2_000_000;

/// What an observation adds to what is smoothed.
const RECENT: f64 = 0.3;

/// Less loss than this needs no explanation.
const SLIGHT: f64 = 0.02;
/// Growth of the limit in a second while losses are slight or not ours.
const GROWTH: f64 = 1.4;
/// Losses come together, so that fewer of them are independent: the variance is that of single ones times this much.
const TOGETHER: std::ops::RangeInclusive<f64> = 2.0..=20.0;
/// Of what an observation tells, not more than this share of the rate is given up at once.
const STEP: f64 = 0.85;
/// And in all, whatever was seen, not more than to this share of what was before.
const MOST_STEP: f64 = 0.5;
/// Less than this share of the limit is far below it.
const FAR_BELOW: f64 = 0.6;
/// How much likelier an explanation has to be to count as well as a simpler one: in units of the logarithm, for having
/// a capacity, and for losses that are not ours.
const CAPACITY_PRIOR: f64 = 1.0;
/// Where nothing waits: a path that is full mostly makes packets wait before it loses them.
const CAPACITY_PRIOR_EMPTY: f64 = 5.0;
const INHERENT_PRIOR: f64 = 2.0;
/// No path is taken to lose more than this of everything.
const MOST_INHERENT: f64 = 0.3;
const INHERENT: [f64; 8] = [0.0, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.27];
/// Capacities that are tried: so many, each a little less than the one before.
const CAPACITIES: usize = 12;
const LESS: f64 = 0.93;
/// And no less than this share of the rate that has just arrived.
const ARRIVED: f64 = 0.85;
/// What is more than was to be expected by this share and so many deviations is no accident. Until it is explained half
/// of it is given up, as section 6 has it.
const SURPRISE: f64 = 0.08;
const SURPRISE_DEVIATIONS: f64 = 3.0;
const SURPRISE_RUNS: f64 = 4.0;
/// So many times as much where nothing waits.
const SURPRISE_EMPTY: f64 = 1.2;
/// Where more than this is lost, it is too much whatever the reason.
const TOO_MUCH: f64 = 0.5;
/// Where nearly all is lost, and once, the path was gone, which says nothing about what it carries when it is there.
const OUTAGE: f64 = 0.9;
/// So many observations count after a surprise.
const KEPT: usize = 2;

#[derive(Debug, Default)]
pub struct Losses {
    window: [Observation; WINDOW],
    count: usize,
    /// How many of the last observations count.
    length: usize,
    current: Counting,
    last_sent: Option<Moment>,
    /// The last packet that was told of was lost.
    in_run: bool,
    /// The smoothed length of runs of losses.
    run_length: f64,
    limit: Option<f64>,
    model: Model,
    share: f64,
    /// The last observation was of an outage.
    outage: bool,
    /// Nothing waits.
    empty: bool,
}

/// What became of the packets of some time.
#[derive(Debug, Clone, Copy, Default)]
struct Observation {
    rate: f64,
    packets: f64,
    lost: f64,
    /// In so many runs.
    runs: f64,
}

#[derive(Debug, Default)]
struct Counting {
    packets: u32,
    lost: u32,
    runs: u32,
    bytes: u64,
    sent: Option<(Moment, Moment)>,
}

/// How losses come about.
#[derive(Debug, Clone, Copy, Default)]
struct Model {
    capacity: Option<f64>,
    inherent: f64,
}

impl Model {
    /// The share that it expects to be lost.
    fn expects(&self, rate: f64) -> f64 {
        let ours = self
            .capacity
            .map_or(0.0, |capacity| (1.0 - capacity / rate).max(0.0));
        (self.inherent + (1.0 - self.inherent) * ours).clamp(0.005, 0.95)
    }
}

impl Losses {
    pub fn note(&mut self, told: &Told) {
        let current = &mut self.current;
        match told.news {
            News::Arrived => current.packets += 1,
            News::Lost => {
                current.packets += 1;
                current.lost += 1;
                current.runs += u32::from(!self.in_run);
            }
            // It was counted when it was told to be lost, now or before.
            News::ArrivedAfterAll => {
                current.lost = current.lost.saturating_sub(1);
                return;
            }
        }
        self.in_run = told.news == News::Lost;
        current.bytes += u64::from(told.size);
        let (first, last) = current.sent.unwrap_or((told.sent, told.sent));
        current.sent = Some((first.min(told.sent), last.max(told.sent)));
    }

    /// The smoothed share of packets that are lost.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// A probe of this rate came through: what was lost before was not for want of room, or the path is another now.
    pub fn carried(&mut self, rate: Bitrate) {
        let rate = rate.as_bps() as f64;
        if self.limit.is_some_and(|limit| limit < rate) {
            self.limit = Some(rate);
            self.model.capacity = None;
            self.length = 0;
        }
    }

    /// What must not be exceeded because of losses.
    pub fn limit(&self) -> Option<Bitrate> {
        self.limit.map(|limit| Bitrate::bps(limit as u64))
    }

    /// Looks at what was noted, once that is enough. `rate`: the present estimate without this
    /// limit, far above which a limit limits nothing; `empty`: nothing waits on the path.
    pub fn update(&mut self, rate: Bitrate, empty: bool) {
        self.empty = empty;
        let Some((first, last)) = self.current.sent else {
            return;
        };
        let is_near = |before: &Moment| *before < last && before.until(first) < PAUSE;
        let since = self.last_sent.filter(is_near).unwrap_or(first);
        let span = Duration::from_micros(since.until(last).max(0) as u64);
        let packets = self.current.packets;
        if !(packets >= PACKETS && span >= SPAN || packets >= FEW_PACKETS && span >= LONG_SPAN) {
            return;
        }
        self.last_sent = Some(last);
        let counted = std::mem::take(&mut self.current);
        let seen = Observation {
            rate: Bitrate::of(counted.bytes, span).as_bps() as f64,
            packets: f64::from(packets),
            lost: f64::from(counted.lost.min(packets)),
            runs: f64::from(counted.runs),
        };
        self.share += (seen.share() - self.share) * RECENT;
        let was_outage = std::mem::replace(&mut self.outage, seen.share() > OUTAGE);
        if self.outage && !was_outage {
            return;
        }
        self.window[self.count % WINDOW] = seen;
        self.count += 1;
        self.length = (self.length + 1).min(WINDOW);
        if seen.runs > 0.0 {
            self.run_length += (seen.lost / seen.runs - self.run_length) * RECENT;
        }
        let surprise = self.surprise(&seen);
        if surprise.is_some() {
            // The path may be another now.
            self.length = self.length.min(KEPT);
        }
        self.model = self.explain();
        self.decide(&seen, surprise, rate.as_bps() as f64, span.as_secs_f64().min(1.0));
    }

    fn decide(&mut self, seen: &Observation, surprise: Option<f64>, rate: f64, passed: f64) {
        let before = self.limit.unwrap_or(f64::INFINITY).min(rate);
        // Who has more to send than may be sent is limited by what may be sent.
        let used = seen.rate.min(rate).min(self.limit.unwrap_or(f64::INFINITY));
        let grown = self.limit.map(|limit| limit * GROWTH.powf(passed));
        // What was lost of far less than the limit was lost for other reasons.
        let far_below = self.limit.is_some_and(|limit| seen.rate < limit * FAR_BELOW);
        self.limit = match self.model.capacity {
            _ if far_below => grown,
            Some(capacity) if seen.share() >= SLIGHT => {
                Some(self.limit.unwrap_or(f64::INFINITY).min(capacity.max(used * STEP)))
            }
            Some(capacity) => grown.map(|grown| grown.min(capacity.max(used))),
            None => grown,
        };
        let too_much = Some(seen.share()).filter(|share| *share > TOO_MUCH);
        if let Some(share) = too_much.or(surprise) {
            let lowered = used * (1.0 - share / 2.0);
            self.limit = Some(self.limit.map_or(lowered, |limit| limit.min(lowered)));
        }
        // What is lost of little says little of how much there is room for: one step is a half at most.
        let least = if too_much.is_some() {
            0.0
        } else {
            before * MOST_STEP
        };
        self.limit = self
            .limit
            .map(|limit| limit.max(least))
            .filter(|limit| *limit < rate * 1.5);
    }

    /// The share that was lost beyond what was to be expected, if it is no accident.
    fn surprise(&self, seen: &Observation) -> Option<f64> {
        let expected = self.model.expects(seen.rate);
        let deviation = (self.together() * expected * (1.0 - expected) / seen.packets).sqrt();
        let more = seen.share() - expected;
        let times = if self.empty { SURPRISE_EMPTY } else { 1.0 };
        let is_clear = more > SURPRISE * times && more > SURPRISE_DEVIATIONS * times * deviation;
        (seen.runs >= SURPRISE_RUNS && is_clear).then_some(more)
    }

    /// What was seen, the newest first, which count the less the older.
    fn aged(&self) -> impl Iterator<Item = (&Observation, f64)> {
        let weights = std::iter::successors(Some(1.0), |weight| Some(weight * AGES));
        let newest_first = (self.count - self.length..self.count).rev();
        newest_first
            .map(|number| &self.window[number % WINDOW])
            .zip(weights)
    }

    /// The likeliest model.
    fn explain(&self) -> Model {
        let (mut packets, mut lost, mut highest) = (0.0, 0.0, 0.0_f64);
        for (seen, weight) in self.aged() {
            packets += seen.packets * weight;
            lost += seen.lost * weight;
            highest = highest.max(seen.rate);
        }
        let inherent = (lost / packets).min(MOST_INHERENT);
        let mut best = Model {
            capacity: None,
            inherent,
        };
        if inherent < SLIGHT && self.share < SLIGHT {
            return best;
        }
        let mut likelihood = self.likelihood(&best) - INHERENT_PRIOR;
        // What has just come through was no accident.
        let least = self.aged().next().map_or(0.0, |(newest, _)| newest.arrived()) * ARRIVED;
        let lower = |capacity: &f64| Some(capacity * LESS);
        let capacities = std::iter::successors(Some(highest * LESS), lower).take(CAPACITIES);
        for capacity in capacities.take_while(|capacity| *capacity >= least) {
            for inherent in INHERENT {
                let model = Model {
                    capacity: Some(capacity),
                    inherent,
                };
                let capacity_prior = if self.empty {
                    CAPACITY_PRIOR_EMPTY
                } else {
                    CAPACITY_PRIOR
                };
                let prior = if inherent > 0.0 { INHERENT_PRIOR } else { 0.0 } + capacity_prior;
                let this = self.likelihood(&model) - prior;
                if this > likelihood {
                    (best, likelihood) = (model, this);
                }
            }
        }
        best
    }

    /// The logarithm of how likely a model makes what was seen.
    fn likelihood(&self, model: &Model) -> f64 {
        let of = |seen: &Observation| {
            let expected = model.expects(seen.rate);
            seen.lost * expected.ln() + (seen.packets - seen.lost) * (1.0 - expected).ln()
        };
        self.aged().map(|(seen, weight)| of(seen) * weight).sum::<f64>() / self.together()
    }

    /// For runs of losses of a mean length, which are over at each packet with the same probability.
    fn together(&self) -> f64 {
        (2.0 * self.run_length - 1.0).clamp(*TOGETHER.start(), *TOGETHER.end())
    }
}

impl Observation {
    fn share(&self) -> f64 {
        self.lost / self.packets
    }

    fn arrived(&self) -> f64 {
        self.rate * (1.0 - self.share())
    }
}

#[cfg(test)]
mod tests;
