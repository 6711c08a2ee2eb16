//! Responsible for: a simulated network link as a value: what is sent comes out late, twice, elsewhere or never.
//! Not responsible for: real sockets and real time: time is virtual, and randomness comes from a seed.

mod conditions;

pub use conditions::{Bursts, Change, Conditions, Queue, Scenario, Step};

use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

/// One direction of a link. Time is the duration since the start of the simulation, and never goes back.
#[derive(Debug, Clone)]
pub struct Link<T> {
    scenario: Scenario,
    random: fastrand::Rng,
    in_flight: BinaryHeap<InFlight<T>>,
    sent: u64,
    /// The bad state of `Bursts`.
    bad: bool,
    bottleneck: Bottleneck,
    /// When the last arrives of those that nothing overtakes.
    last_arrival: Duration,
}

impl<T: Clone> Link<T> {
    /// `scenario` may be plain `Conditions`, which then hold for good.
    pub fn new(seed: u64, scenario: impl Into<Scenario>) -> Self {
        Self {
            scenario: scenario.into(),
            random: fastrand::Rng::with_seed(seed),
            in_flight: BinaryHeap::new(),
            sent: 0,
            bad: false,
            bottleneck: Bottleneck::default(),
            last_arrival: Duration::ZERO,
        }
    }

    /// Changes what happens to datagrams that are sent from now on.
    pub fn set_conditions(&mut self, conditions: Conditions) {
        self.scenario = conditions.into();
    }

    /// Puts a datagram of `size` bytes on the link.
    pub fn send(&mut self, now: Duration, size: usize, datagram: T) {
        let conditions = self.scenario.at(now);
        if self.is_lost(&conditions) {
            return;
        }
        let Some(leaves) = self.bottleneck.pass(now, size, &self.scenario) else {
            return;
        };
        let copies = if self.chance(conditions.duplicate) { 2 } else { 1 };
        for _ in 0..copies {
            let arrives = if self.chance(conditions.reorder) {
                leaves
            } else {
                self.arrival(leaves, &conditions)
            };
            self.in_flight.push(InFlight {
                arrives,
                order: self.sent,
                datagram: datagram.clone(),
            });
            self.sent += 1;
        }
    }

    /// When the next datagram arrives.
    pub fn next_arrival(&self) -> Option<Duration> {
        self.in_flight.peek().map(|next| next.arrives)
    }

    /// The next datagram that has arrived by `now`.
    pub fn receive(&mut self, now: Duration) -> Option<T> {
        if self.next_arrival()? > now {
            return None;
        }
        self.in_flight.pop().map(|next| next.datagram)
    }

    /// How long a datagram that is sent now waits in the queue, if there is room for it.
    pub fn wait(&self, now: Duration) -> Duration {
        self.bottleneck.busy_until.saturating_sub(now)
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.random.f64() < probability
    }

    fn is_lost(&mut self, conditions: &Conditions) -> bool {
        let alone = self.chance(conditions.loss);
        let Some(bursts) = conditions.bursts else {
            return alone;
        };
        let changes = if self.bad { bursts.end } else { bursts.begin };
        self.bad ^= self.chance(changes);
        alone | (self.bad && self.chance(bursts.loss))
    }

    fn arrival(&mut self, leaves: Duration, conditions: &Conditions) -> Duration {
        let arrives = leaves + conditions.delay + conditions.jitter.mul_f64(self.random.f64());
        if !conditions.ordered {
            return arrives;
        }
        self.last_arrival = self.last_arrival.max(arrives);
        self.last_arrival
    }
}

/// Where datagrams wait for each other.
#[derive(Debug, Clone, Default)]
struct Bottleneck {
    /// When all that was accepted has left.
    busy_until: Duration,
    /// What waits: when it has left, and its size.
    waiting: VecDeque<(Duration, usize)>,
    bytes: usize,
}

impl Bottleneck {
    /// When a datagram has left; `None`: there is no room for it, or it never leaves.
    fn pass(&mut self, now: Duration, size: usize, scenario: &Scenario) -> Option<Duration> {
        while let Some((_, size)) = self.waiting.front().filter(|(left, _)| *left <= now) {
            self.bytes -= size;
            self.waiting.pop_front();
        }
        let conditions = scenario.at(now);
        if conditions.rate.is_none() && self.busy_until <= now {
            return Some(now);
        }
        let begins = now.max(self.busy_until);
        let is_full = match conditions.queue {
            Queue::Time(longest) => begins - now > longest,
            Queue::Bytes(most) => begins > now && self.bytes + size > most,
        };
        if is_full {
            return None;
        }
        self.busy_until = leaving(begins, size, scenario)?;
        self.waiting.push_back((self.busy_until, size));
        self.bytes += size;
        Some(self.busy_until)
    }
}

/// When a datagram has left that begins to leave at this time.
fn leaving(begins: Duration, size: usize, scenario: &Scenario) -> Option<Duration> {
    // An outage longer than this is the end.
    const LONGEST: Duration = Duration::from_secs(60);
    let (mut at, mut bits) = (begins, size as f64 * 8.0);
    while at < begins + LONGEST {
        let Some(rate) = scenario.at(at).rate else {
            return Some(at);
        };
        let needs = (rate > 0).then(|| at + Duration::from_secs_f64(bits / rate as f64));
        match (scenario.steady_until(at), needs) {
            (Some(until), Some(needs)) if needs > until => {
                bits -= (until - at).as_secs_f64() * rate as f64;
                at = until;
            }
            (_, Some(needs)) => return Some(needs),
            (until, None) => at = until?,
        }
    }
    None
}

#[derive(Debug, Clone)]
struct InFlight<T> {
    arrives: Duration,
    order: u64,
    datagram: T,
}

// The heap gives its greatest first: the earliest arrival is the greatest, then the first sent.
impl<T> Ord for InFlight<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.arrives, other.order).cmp(&(self.arrives, self.order))
    }
}
impl<T> PartialOrd for InFlight<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> PartialEq for InFlight<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl<T> Eq for InFlight<T> {}
