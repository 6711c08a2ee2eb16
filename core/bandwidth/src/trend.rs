//! Responsible for: whether the path is being filled faster than it empties, from the variations of delay.
//! Not responsible for: what is done about it (`aimd`).
//!
//! The over-use detector with its adaptive threshold is that of draft-ietf-rmcat-gcc-02 section 5.4. Where the draft
//! filters by Kalman's method this takes the slope of a line through the last bursts, as browsers do now.

use crate::units::Moment;

/// The line goes through so many bursts.
const POINTS: usize = 20;
/// Share of what was known in the smoothed delay.
const SMOOTHING: f64 = 0.9;
/// The slope, which has no unit, is made comparable to the threshold in milliseconds by this and the bursts seen.
const GAIN: f64 = 4.0;
const MOST_BURSTS: f64 = 60.0;

/// The threshold (del_var_th) in milliseconds: its start and its bounds.
const THRESHOLD: f64 = 12.5;
const LEAST_THRESHOLD: f64 = 6.0;
const MOST_THRESHOLD: f64 = 600.0;
/// How fast it follows what is above it (K_u) and below it (K_d), for each millisecond.
const FOLLOWS_UP: f64 = 0.0087;
const FOLLOWS_DOWN: f64 = 0.039;
/// What is further above than this is an accident, and moves the threshold not at all.
const ACCIDENT: f64 = 15.0;
/// Over-use has to last for so many milliseconds (overuse_time_th).
const LASTS: f64 = 10.0;

/// How the path is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Usage {
    #[default]
    Normal,
    /// Queues grow.
    Over,
    /// Queues empty.
    Under,
}

#[derive(Debug)]
pub struct Trend {
    /// When bursts arrived, and the smoothed sum of all variations until then, both in milliseconds.
    points: [(f64, f64); POINTS],
    count: usize,
    began: Option<Moment>,
    last: f64,
    sum: f64,
    smoothed: f64,
    threshold: f64,
    slope: f64,
    /// For how many milliseconds, and for how many bursts, the slope has been above the threshold.
    above: Option<(f64, u32)>,
    usage: Usage,
}

impl Default for Trend {
    fn default() -> Self {
        Self {
            points: [(0.0, 0.0); POINTS],
            count: 0,
            began: None,
            last: 0.0,
            sum: 0.0,
            smoothed: 0.0,
            threshold: THRESHOLD,
            slope: 0.0,
            above: None,
            usage: Usage::Normal,
        }
    }
}

impl Trend {
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Takes in that a burst was by `delay` milliseconds longer under way than the one before.
    pub fn add(&mut self, delay: f64, arrived: Moment) {
        let began = *self.began.get_or_insert(arrived);
        let at = began.until(arrived).max(0) as f64 / 1000.0;
        let passed = (at - self.last).max(0.0);
        self.last = at;
        self.sum += delay;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.sum;
        self.points[self.count % POINTS] = (at, self.smoothed);
        self.count += 1;
        if self.count < POINTS {
            return;
        }
        let slope = slope(&self.points).unwrap_or(self.slope);
        let compared = slope * (self.count as f64).min(MOST_BURSTS) * GAIN;
        self.detect(compared, slope, passed);
        self.adapt(compared, passed);
    }

    fn detect(&mut self, compared: f64, slope: f64, passed: f64) {
        if compared > self.threshold {
            // Of the first burst above only half of its time is known to have been so.
            let (lasted, bursts) = self.above.map_or((passed / 2.0, 1), |(lasted, bursts)| {
                (lasted + passed, bursts.saturating_add(1))
            });
            self.above = Some((lasted, bursts));
            if lasted > LASTS && bursts > 1 && slope >= self.slope {
                self.above = Some((0.0, 0));
                self.usage = Usage::Over;
            }
        } else {
            self.above = None;
            self.usage = match compared < -self.threshold {
                true => Usage::Under,
                false => Usage::Normal,
            };
        }
        self.slope = slope;
    }

    fn adapt(&mut self, compared: f64, passed: f64) {
        let above = compared.abs() - self.threshold;
        if above > ACCIDENT {
            return;
        }
        let follows = if above > 0.0 { FOLLOWS_UP } else { FOLLOWS_DOWN };
        let threshold = self.threshold + follows * above * passed.min(100.0);
        self.threshold = threshold.clamp(LEAST_THRESHOLD, MOST_THRESHOLD);
    }
}

/// Of the line with the least squares.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let above: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let below: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bursts of 10 ms with these variations, and the usage after each.
    fn play(delays: impl IntoIterator<Item = f64>) -> Vec<Usage> {
        let mut trend = Trend::default();
        let mut arrived = 5000.0;
        let mut usage = Vec::new();
        for delay in delays {
            arrived += (10.0 + delay).max(0.0);
            trend.add(delay, Moment::from_micros((arrived * 1000.0) as u64));
            usage.push(trend.usage());
        }
        usage
    }

    #[test]
    fn a_queue_that_grows_is_seen_within_a_third_of_a_second_and_one_that_empties_too() {
        let steady = std::iter::repeat_n(0.0, 60);
        let usage = play(
            steady
                .clone()
                .chain(std::iter::repeat_n(2.0, 40))
                .chain(std::iter::repeat_n(-2.0, 40)),
        );
        assert!(usage[..60].iter().all(|usage| *usage == Usage::Normal));
        let over = usage.iter().position(|usage| *usage == Usage::Over);
        assert!(over.is_some_and(|at| at < 90), "{over:?}");
        assert!(usage[100..].contains(&Usage::Under));
    }

    #[test]
    fn noise_without_a_trend_is_no_use_and_no_over_use() {
        let mut random = fastrand::Rng::with_seed(4);
        let mut late = 0.0;
        let noise = (0..2000).map(|_| {
            let next = random.f64() * 4.0;
            let delay = next - late;
            late = next;
            delay
        });
        let usage = play(noise);
        let over = usage.iter().filter(|usage| **usage == Usage::Over).count();
        assert!(over < 20, "{over} of 2000");
    }

    #[test]
    fn the_slope_is_that_of_the_line() {
        let line: Vec<_> = (0..20)
            .map(|x| (f64::from(x), 3.0 + f64::from(x) * 0.5))
            .collect();
        assert!((slope(&line).expect("it has one") - 0.5).abs() < 1e-9);
        assert_eq!(slope(&[(1.0, 1.0), (1.0, 5.0)]), None);
    }
}
