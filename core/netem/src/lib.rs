//! Responsible for: a simulated network link as a value: what is sent comes out late, twice, elsewhere or never.
//! Not responsible for: real sockets and real time: time is virtual, and randomness comes from a seed.

use std::collections::BinaryHeap;
use std::time::Duration;

/// What a link does to datagrams. The default is a perfect link.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Conditions {
    /// Probability that a datagram is lost.
    pub loss: f64,
    /// Probability that a datagram arrives twice.
    pub duplicate: f64,
    /// Probability that a datagram skips the delay, and so overtakes others.
    pub reorder: f64,
    /// One-way delay, to which up to `jitter` is added.
    pub delay: Duration,
    pub jitter: Duration,
    /// Bits a second; what does not fit waits, and is lost once the wait would be longer than `queue`.
    pub rate: Option<u64>,
    pub queue: Duration,
}

/// One direction of a link. Time is the duration since the start of the simulation.
#[derive(Debug, Clone)]
pub struct Link<T> {
    conditions: Conditions,
    random: fastrand::Rng,
    in_flight: BinaryHeap<InFlight<T>>,
    sent: u64,
    /// When the bottleneck has sent all that it accepted.
    busy_until: Duration,
}

impl<T: Clone> Link<T> {
    pub fn new(seed: u64, conditions: Conditions) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        Self {
            conditions,
            random,
            in_flight: BinaryHeap::new(),
            sent: 0,
            busy_until: Duration::ZERO,
        }
    }

    /// Changes what happens to datagrams that are sent from now on.
    pub fn set_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
    }

    /// Puts a datagram of `size` bytes on the link.
    pub fn send(&mut self, now: Duration, size: usize, datagram: T) {
        let Conditions {
            loss,
            duplicate,
            reorder,
            delay,
            jitter,
            rate,
            queue,
        } = self.conditions;
        if self.random.f64() < loss {
            return;
        }
        let mut leaves = now;
        if let Some(rate) = rate {
            leaves = leaves.max(self.busy_until);
            if leaves - now > queue {
                return;
            }
            leaves += Duration::from_secs_f64(size as f64 * 8.0 / rate as f64);
            self.busy_until = leaves;
        }
        let copies = if self.random.f64() < duplicate { 2 } else { 1 };
        for _ in 0..copies {
            let overtakes = self.random.f64() < reorder;
            let arrives = if overtakes {
                leaves
            } else {
                leaves + delay + jitter.mul_f64(self.random.f64())
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
