//! Responsible for: what it costs to forward a stream, by its layers, as measured.
//! Not responsible for: what anybody gets of it (`allocate`).

use crate::allocate::{Rates, TEMPORAL, UNMEASURED};
use crate::stream::{Form, Layer};
use ringfence_bandwidth::Bitrate;
use std::time::{Duration, Instant};

/// The average of the last two seconds: a key frame is as large as a second of other frames.
const BUCKET: Duration = Duration::from_millis(100);
const BUCKETS: usize = 20;
/// A layer that began more lately is taken to cost what the first, second or third one of a stream does.
const ENOUGH: Duration = Duration::from_millis(400);
/// Beside the payload: headers with extensions, and the tag.
const HEADERS: usize = 50;

type Bytes = [[u32; TEMPORAL]; 3];

/// Of one stream of one participant.
#[derive(Debug, Default)]
pub struct Costs {
    /// The one that is being filled, and when it began.
    at: usize,
    began: Option<Instant>,
    buckets: Box<[Bytes; BUCKETS]>,
    /// How long each layer has been coming, up to all buckets.
    since: [Option<Instant>; 3],
}

impl Costs {
    /// Notes a packet with so much payload.
    pub fn note(&mut self, layer: Layer, temporal: u8, payload: usize, now: Instant) {
        self.pass(now);
        self.since[layer as usize].get_or_insert(now);
        let temporal = usize::from(temporal).min(TEMPORAL - 1);
        let bytes = &mut self.buckets[self.at][layer as usize][temporal];
        *bytes = bytes.saturating_add((payload + HEADERS) as u32);
    }

    /// What each layer costs with all that it needs, up to each temporal layer; nothing for what is not alive.
    pub fn rates(&mut self, alive: [bool; 3], form: Form, now: Instant) -> Rates {
        self.pass(now);
        let mut rates = Rates::default();
        let mut below = [Bitrate::ZERO; TEMPORAL];
        for layer in Layer::ALL {
            let at = layer as usize;
            if !alive[at] {
                self.since[at] = None;
                continue;
            }
            let lower = Layer::ALL
                .iter()
                .filter(|lower| **lower < layer && alive[**lower as usize]);
            rates[at] = self.layer(layer, UNMEASURED[lower.count()], now);
            if form == Form::Stacked {
                below = Self::on_top(&mut rates[at], below);
            }
        }
        rates
    }

    /// Adds what the layers below cost up to each temporal layer; gives back the same for the layer above.
    fn on_top(rates: &mut [Bitrate; TEMPORAL], below: [Bitrate; TEMPORAL]) -> [Bitrate; TEMPORAL] {
        let mut all = below;
        let mut highest = Bitrate::ZERO;
        for (temporal, rate) in rates.iter_mut().enumerate() {
            if *rate > Bitrate::ZERO {
                highest = *rate;
                *rate = *rate + below[temporal];
            }
            all[temporal] = below[temporal] + highest;
        }
        all
    }

    /// All of it.
    pub fn whole(&mut self, now: Instant) -> Bitrate {
        self.pass(now);
        let bytes = self.buckets.iter().flatten().flatten();
        let bytes: u64 = bytes.map(|bytes| u64::from(*bytes)).sum();
        Bitrate::of(
            bytes,
            self.covered(self.since.iter().flatten().min().copied(), now),
        )
    }

    /// `unmeasured` while it is not known.
    fn layer(&self, layer: Layer, unmeasured: Bitrate, now: Instant) -> [Bitrate; TEMPORAL] {
        let covered = self.covered(self.since[layer as usize], now);
        if covered < ENOUGH {
            return [unmeasured, Bitrate::ZERO, Bitrate::ZERO];
        }
        let mut sum = 0;
        let mut rates = [Bitrate::ZERO; TEMPORAL];
        for (temporal, rate) in rates.iter_mut().enumerate() {
            let bytes = self
                .buckets
                .iter()
                .map(|bytes| u64::from(bytes[layer as usize][temporal]));
            let bytes: u64 = bytes.sum();
            sum += bytes;
            // A temporal layer that there is not is none to choose.
            if bytes > 0 {
                *rate = Bitrate::of(sum, covered);
            }
        }
        rates
    }

    /// How much time is in the buckets since then.
    fn covered(&self, since: Option<Instant>, now: Instant) -> Duration {
        let (Some(since), Some(began)) = (since, self.began) else {
            return Duration::ZERO;
        };
        let here = now.saturating_duration_since(began);
        let all = BUCKET * (BUCKETS as u32 - 1) + here;
        now.saturating_duration_since(since).min(all)
    }

    /// Begins the buckets whose time has come.
    fn pass(&mut self, now: Instant) {
        let began = *self.began.get_or_insert(now);
        let passed = now.saturating_duration_since(began).as_millis() / BUCKET.as_millis();
        for _ in 0..passed.min(BUCKETS as u128) {
            self.at = (self.at + 1) % BUCKETS;
            self.buckets[self.at] = Bytes::default();
        }
        if passed > 0 {
            let passed = u32::try_from(passed).unwrap_or(u32::MAX);
            self.began = began.checked_add(BUCKET.saturating_mul(passed)).or(Some(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [bool; 3] = [true; 3];

    fn kbps(rates: Rates) -> [[u64; TEMPORAL]; 3] {
        rates.map(|layer| layer.map(|rate| rate.as_bps() / 1000))
    }

    /// A second of packets of 950 bytes and headers every 20 ms in each of these layers: 400 kbit/s each.
    fn second(costs: &mut Costs, layers: &[(Layer, u8)], start: Instant) -> Instant {
        for at in 0..50 {
            let now = start + Duration::from_millis(20 * at);
            layers
                .iter()
                .for_each(|(layer, temporal)| costs.note(*layer, *temporal, 950, now));
        }
        start + Duration::from_secs(1)
    }

    fn about(found: u64, expected: u64) -> bool {
        found.abs_diff(expected) * 20 <= expected
    }

    #[test]
    fn what_a_layer_costs_is_what_came_of_it_up_to_each_temporal_layer() {
        let (mut costs, start) = (Costs::default(), Instant::now());
        let layers = [
            (Layer::Quarter, 0),
            (Layer::Half, 0),
            (Layer::Half, 1),
            (Layer::Half, 2),
        ];
        let mut now = start;
        (0..4).for_each(|_| now = second(&mut costs, &layers, now));
        let [quarter, half, full] = kbps(costs.rates(ALL, Form::Apart, now));
        assert!(about(quarter[0], 400) && quarter[1..] == [0, 0], "{quarter:?}");
        assert!(
            about(half[0], 400) && about(half[1], 800) && about(half[2], 1200),
            "{half:?}"
        );
        assert_eq!(
            full,
            [UNMEASURED[2].as_bps() / 1000, 0, 0],
            "alive, and not seen yet"
        );
        let [_, half, _] = kbps(costs.rates([true, true, false], Form::Stacked, now));
        assert!(
            about(half[0], 800) && about(half[1], 1200) && about(half[2], 1600),
            "{half:?}"
        );
        assert!(about(costs.whole(now).as_bps() / 1000, 1600));
    }

    #[test]
    fn a_layer_that_began_a_moment_ago_is_not_measured_yet_and_then_over_the_time_that_it_has_come() {
        let (mut costs, start) = (Costs::default(), Instant::now());
        let now = second(&mut costs, &[(Layer::Quarter, 0)], start);
        assert!(about(kbps(costs.rates(ALL, Form::Apart, now))[0][0], 400));
        for at in 0..10 {
            costs.note(Layer::Half, 0, 950, now + Duration::from_millis(20 * at));
        }
        let early = now + Duration::from_millis(200);
        let unmeasured = kbps(costs.rates(ALL, Form::Apart, early))[1];
        assert_eq!(unmeasured, [500, 0, 0]);
        let now = second(&mut costs, &[(Layer::Half, 0)], early);
        assert!(about(kbps(costs.rates(ALL, Form::Apart, now))[1][0], 400));
        let gone = costs.rates([true, false, false], Form::Apart, now);
        assert_eq!(gone[1], [Bitrate::ZERO; TEMPORAL]);
        let again = kbps(costs.rates(ALL, Form::Apart, now))[1];
        assert_eq!(again, [500, 0, 0], "it begins anew");
    }

    #[test]
    fn what_is_over_is_forgotten_after_two_seconds() {
        let (mut costs, start) = (Costs::default(), Instant::now());
        let now = second(&mut costs, &[(Layer::Full, 0)], start);
        let later = now + Duration::from_secs(3);
        assert_eq!(costs.whole(later), Bitrate::ZERO);
        let much_later = now + Duration::from_secs(1 << 33);
        assert_eq!(costs.whole(much_later), Bitrate::ZERO);
    }
}
