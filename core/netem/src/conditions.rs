//! Responsible for: what a link does to datagrams, at one moment and over time, as data.
//! Not responsible for: doing it (`Link`).

use std::time::Duration;

/// What a link does to datagrams. The default is a perfect link.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Conditions {
    /// Probability that a datagram is lost, each by itself.
    pub loss: f64,
    /// Losses that come together, beside those.
    pub bursts: Option<Bursts>,
    /// Probability that a datagram arrives twice.
    pub duplicate: f64,
    /// Probability that a datagram skips the delay, and so overtakes others.
    pub reorder: f64,
    /// One-way delay, to which up to `jitter` is added.
    pub delay: Duration,
    pub jitter: Duration,
    /// Jitter lets nothing overtake: who comes too early waits for those ahead.
    pub ordered: bool,
    /// Bits a second; what does not fit waits, and is lost when the queue is full. At zero all waits.
    pub rate: Option<u64>,
    pub queue: Queue,
}

/// How much waits in front of the bottleneck before the next datagram is lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Queue {
    /// What takes this long to leave.
    Time(Duration),
    /// This many bytes.
    Bytes(usize),
}

impl Default for Queue {
    fn default() -> Self {
        Queue::Time(Duration::ZERO)
    }
}

/// The model of Gilbert and Elliott: a good and a bad state, with one step at each datagram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bursts {
    /// Probability that the bad state begins, and that it ends.
    pub begin: f64,
    pub end: f64,
    /// Probability of loss in the bad state.
    pub loss: f64,
}

impl Bursts {
    /// Losses of this share of all datagrams (below 1), on average so many (at least 1) in a row.
    pub fn new(share: f64, mean_length: f64) -> Self {
        let end = 1.0 / mean_length;
        let begin = (end * share / (1.0 - share)).min(1.0);
        Self {
            begin,
            end,
            loss: 1.0,
        }
    }
}

/// Conditions that change with time: a table of steps in order of their time.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// What holds before the first step.
    pub start: Conditions,
    pub steps: Vec<Step>,
    /// The table begins anew this often.
    pub repeat: Option<Duration>,
}

/// What holds from a time on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    pub at: Duration,
    pub to: Conditions,
    pub change: Change,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// All at once.
    Jump,
    /// Loss, delay, jitter and rate move in a straight line from the step before to this one; the rest jumps.
    Ramp,
}

impl From<Conditions> for Scenario {
    fn from(start: Conditions) -> Self {
        Self {
            start,
            steps: Vec::new(),
            repeat: None,
        }
    }
}

impl Scenario {
    /// From `start` to each of these at its time, in order.
    pub fn steps(start: Conditions, steps: &[(Duration, Conditions)]) -> Self {
        let step = |(at, to): &(Duration, Conditions)| Step {
            at: *at,
            to: *to,
            change: Change::Jump,
        };
        Self {
            start,
            steps: steps.iter().map(step).collect(),
            repeat: None,
        }
    }

    /// In a straight line from one to the other within `period`, then back at once and again.
    pub fn sawtooth(from: Conditions, to: Conditions, period: Duration) -> Self {
        let ramp = Step {
            at: period,
            to,
            change: Change::Ramp,
        };
        Self {
            start: from,
            steps: vec![ramp],
            repeat: Some(period),
        }
    }

    /// The first for its time, then the second for its, and again.
    pub fn alternating(first: (Conditions, Duration), second: (Conditions, Duration)) -> Self {
        let repeat = Some(first.1 + second.1);
        Self {
            repeat,
            ..Self::steps(first.0, &[(first.1, second.0)])
        }
    }

    /// What holds at a time since the start of the simulation.
    pub fn at(&self, now: Duration) -> Conditions {
        let now = now - self.turn(now);
        let mut before = (Duration::ZERO, self.start);
        for step in &self.steps {
            if step.at <= now {
                before = (step.at, step.to);
            } else if step.change == Change::Ramp {
                let share = (now - before.0).as_secs_f64() / (step.at - before.0).as_secs_f64();
                return between(&before.1, &step.to, share);
            } else {
                break;
            }
        }
        before.1
    }

    /// Until when at most the rate of this time may be taken as constant; `None`: from here on.
    pub(crate) fn steady_until(&self, now: Duration) -> Option<Duration> {
        // Finer than anything that is measured on a ramp.
        const GRAIN: Duration = Duration::from_millis(5);
        let turn = self.turn(now);
        let next = self.steps.iter().find(|step| turn + step.at > now);
        let begins_anew = self.repeat.map(|period| turn + period);
        let change = next.map(|step| match step.change {
            Change::Jump => turn + step.at,
            Change::Ramp => (now + GRAIN).min(turn + step.at),
        });
        [change, begins_anew].into_iter().flatten().min()
    }

    /// When the table last began.
    fn turn(&self, now: Duration) -> Duration {
        match self.repeat {
            Some(period) if !period.is_zero() => {
                let times = now.as_nanos() / period.as_nanos();
                period * u32::try_from(times).unwrap_or(u32::MAX)
            }
            _ => Duration::ZERO,
        }
    }
}

fn between(from: &Conditions, to: &Conditions, share: f64) -> Conditions {
    let number = |from: f64, to: f64| from + (to - from) * share;
    let time = |from: Duration, to: Duration| {
        Duration::from_secs_f64(number(from.as_secs_f64(), to.as_secs_f64()).max(0.0))
    };
    Conditions {
        loss: number(from.loss, to.loss),
        delay: time(from.delay, to.delay),
        jitter: time(from.jitter, to.jitter),
        rate: match (from.rate, to.rate) {
            (Some(from), Some(to)) => Some(number(from as f64, to as f64) as u64),
            (from, _) => from,
        },
        ..*from
    }
}
