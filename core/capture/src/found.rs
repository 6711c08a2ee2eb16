//! Responsible for: keeping what was observed of a flow, within bounds.
//! Not responsible for: observing.
use crate::Observation;

/// So many packets are named for an observation: the first ones that show it.
pub const NAMED: usize = 4;
/// So many observations are kept of one flow.
pub const KEPT: usize = 64;

/// Which packets show something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// How many packets show it.
    pub count: u64,
    /// When it was first and last seen, in nanoseconds since 1970.
    pub first: i64,
    pub last: i64,
    numbers: [u64; NAMED],
}

impl Evidence {
    /// One packet by its number (from 1) and time.
    pub fn of(number: u64, at: i64) -> Self {
        let mut numbers = [0; NAMED];
        numbers[0] = number;
        Self {
            count: 1,
            first: at,
            last: at,
            numbers,
        }
    }

    /// The numbers of the first packets that show it.
    pub fn packets(&self) -> &[u64] {
        let named = self.numbers.iter().take_while(|number| **number != 0).count();
        &self.numbers[..named]
    }

    /// One more packet that shows it.
    #[inline]
    pub fn also(&mut self, number: u64, at: i64) {
        // After the first ones it is only counted.
        if self.numbers[NAMED - 1] == 0 {
            return self.merge(&Self::of(number, at));
        }
        self.count += 1;
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }

    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        for &number in other.packets() {
            let named = self.packets().len();
            if named < NAMED && !self.packets().contains(&number) {
                self.numbers[named] = number;
            }
        }
    }
}

/// An observation with the packets that show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub observation: Observation,
    pub evidence: Evidence,
}

/// Where detectors put what they observe of one flow.
pub struct Found<'a> {
    shown: &'a mut Vec<Shown>,
    dropped: &'a mut u64,
    budget: &'a mut usize,
}

impl<'a> Found<'a> {
    /// `budget` is how many more bytes of observations may be kept; what is beyond it is counted in `dropped`.
    pub fn new(shown: &'a mut Vec<Shown>, dropped: &'a mut u64, budget: &'a mut usize) -> Self {
        Self {
            shown,
            dropped,
            budget,
        }
    }

    /// One packet shows it. The same observation again only adds to its evidence.
    pub fn see(&mut self, number: u64, at: i64, observation: Observation) {
        self.add(observation, &Evidence::of(number, at));
    }

    /// With evidence that was gathered before.
    pub fn add(&mut self, observation: Observation, evidence: &Evidence) {
        if let Some(known) = self
            .shown
            .iter_mut()
            .find(|known| known.observation == observation)
        {
            known.evidence.merge(evidence);
            return;
        }
        let weight = size_of::<Shown>() + observation.weight();
        if self.shown.len() >= KEPT || *self.budget < weight {
            *self.dropped += 1;
            return;
        }
        *self.budget -= weight;
        self.shown.push(Shown {
            observation,
            evidence: evidence.clone(),
        });
    }
}
