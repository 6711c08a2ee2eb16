//! Responsible for: how far losses limit the rate, and how many of them are not ours: what is lost at any rate says
//! nothing about how much the path carries.
//! Not responsible for: delays.
//!
//! draft-ietf-rmcat-gcc-02 section 6 backs off from any loss above a tenth, and so down to nothing on a path that always
//! loses as much. Here the rates and losses of the last seconds are explained, by what makes them likeliest, by a share
//! that the path loses of everything and a capacity above which it loses the rest.

use crate::register::{News, Told};
use crate::units::Bitrate;
use std::time::Duration;

/// So many observations are explained together, each of so many packets in so much time, or of fewer in more.
const WINDOW: usize = 20;
const PACKETS: u32 = 40;
const SPAN: Duration = Duration::from_millis(250);
const FEW_PACKETS: u32 = 10;
const LONG_SPAN: Duration = Duration::from_secs(1);
/// A pause in sending that belongs to no observation.
const PAUSE: Duration = Duration::from_secs(2);

/// Less loss than this needs no explanation.
const SLIGHT: f64 = 0.02;
/// Growth of the limit in a second while losses are slight or not ours.
const GROWTH: f64 = 1.08;
/// Losses come together, so that fewer of them are independent.
const TOGETHER: f64 = 3.0;
/// How much likelier an explanation has to be to count as well as a simpler one: in units of the logarithm, for having
/// a capacity, and for losses that are not ours.
const CAPACITY_PRIOR: f64 = 1.0;
const INHERENT_PRIOR: f64 = 2.0;
/// No path is taken to lose more than this of everything.
const MOST_INHERENT: f64 = 0.3;
const INHERENT: [f64; 8] = [0.0, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.27];
/// Capacities that are tried: so many, each a little less than the one before.
const CAPACITIES: i32 = 12;
const LESS: f64 = 0.93;
/// What is this much more than was explained (as a share, and in deviations) is a new path.
const NEW_SHARE: f64 = 0.05;
const NEW_DEVIATIONS: f64 = 3.0;

#[derive(Debug, Default)]
pub struct Losses {
    window: [Observation; WINDOW],
    count: usize,
    current: Counting,
    last_sent: Option<Duration>,
    limit: Option<f64>,
    model: Model,
    share: f64,
}

/// What became of the packets of some time.
#[derive(Debug, Clone, Copy, Default)]
struct Observation {
    rate: f64,
    packets: f64,
    lost: f64,
}

#[derive(Debug, Default)]
struct Counting {
    packets: u32,
    lost: u32,
    bytes: u64,
    sent: Option<(Duration, Duration)>,
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
            }
            // It was counted when it was told to be lost, now or before.
            News::ArrivedAfterAll => {
                current.lost = current.lost.saturating_sub(1);
                return;
            }
        }
        current.bytes += u64::from(told.size);
        let (first, last) = current.sent.unwrap_or((told.sent, told.sent));
        current.sent = Some((first.min(told.sent), last.max(told.sent)));
    }

    /// The smoothed share of packets that are lost.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// What must not be exceeded because of losses.
    pub fn limit(&self) -> Option<Bitrate> {
        self.limit.map(|limit| Bitrate::bps(limit as u64))
    }

    /// Looks at what was noted, once that is enough. `rate`: the present estimate, above which a limit limits nothing.
    pub fn update(&mut self, rate: Bitrate) {
        let Some((first, last)) = self.current.sent else {
            return;
        };
        let since = self
            .last_sent
            .filter(|before| *before < last && first.saturating_sub(*before) < PAUSE);
        let span = last - since.unwrap_or(first).min(last);
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
        };
        self.share += (seen.share() - self.share) * 0.3;
        if self.is_new(&seen) {
            self.count = 0;
        }
        self.window[self.count % WINDOW] = seen;
        self.count += 1;
        self.decide(&seen, rate.as_bps() as f64, span.as_secs_f64().min(1.0));
    }

    fn decide(&mut self, seen: &Observation, rate: f64, passed: f64) {
        self.model = self.explain();
        let grown = self.limit.map(|limit| limit * GROWTH.powf(passed));
        self.limit = match self.model.capacity {
            Some(capacity) if seen.share() >= SLIGHT => {
                Some(self.limit.unwrap_or(f64::INFINITY).min(capacity))
            }
            Some(capacity) => grown.map(|grown| grown.min(capacity.max(seen.rate))),
            None => grown,
        };
        self.limit = self.limit.filter(|limit| *limit < rate * 1.5);
    }

    /// Whether more is lost than could be explained until now.
    fn is_new(&self, seen: &Observation) -> bool {
        let expected = self.model.expects(seen.rate);
        let deviation = (TOGETHER * seen.packets * expected * (1.0 - expected)).sqrt();
        let more = seen.lost - seen.packets * expected;
        more > NEW_SHARE * seen.packets && more > NEW_DEVIATIONS * deviation
    }

    fn seen(&self) -> &[Observation] {
        &self.window[..self.count.min(WINDOW)]
    }

    /// The likeliest model.
    fn explain(&self) -> Model {
        let (mut packets, mut lost, mut highest) = (0.0, 0.0, 0.0_f64);
        for seen in self.seen() {
            packets += seen.packets;
            lost += seen.lost;
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
        for step in 1..=CAPACITIES {
            for inherent in INHERENT {
                let model = Model {
                    capacity: Some(highest * LESS.powi(step)),
                    inherent,
                };
                let prior = if inherent > 0.0 { INHERENT_PRIOR } else { 0.0 } + CAPACITY_PRIOR;
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
        self.seen().iter().map(of).sum::<f64>() / TOGETHER
    }
}

impl Observation {
    fn share(&self) -> f64 {
        self.lost / self.packets
    }
}
