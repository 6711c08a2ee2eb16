//! Responsible for: how long the way to the address of media and back takes: nonces over a data channel, timed here
//! (docs/protocol/media.md, "The way there and back").
//! Not responsible for: what follows from it (core/e2ee).

use std::collections::HashMap;
use std::time::{Duration, Instant};

pub const LABEL: &str = "ringfence-trip";
/// Many at first: the least of them counts. Then some for as long as the call lasts.
const FIRST: u32 = 20;
const LATER: u32 = 5;
const SPACED: Duration = Duration::from_millis(60);
const EVERY: Duration = Duration::from_secs(30);
/// What has not come back by then is lost.
const PATIENCE: Duration = Duration::from_secs(3);

/// The least of so many round trips.
pub type Measured = (Duration, u32);

pub struct Trips {
    asked: HashMap<[u8; 16], Instant>,
    found: Vec<Duration>,
    left: u32,
    at: Instant,
    /// The last answers of a round have their time.
    waits: bool,
}

impl Trips {
    /// The channel is open.
    pub fn new(now: Instant) -> Self {
        Self {
            asked: HashMap::new(),
            found: vec![],
            left: FIRST,
            at: now,
            waits: false,
        }
    }

    /// As at first: of what was asked before, nothing counts.
    pub fn again(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    pub fn next_wake(&self) -> Instant {
        self.at
    }

    /// What is to be sent now, and what came of it.
    pub fn tick(&mut self, now: Instant) -> (Option<[u8; 16]>, Option<Measured>) {
        if now < self.at {
            return (None, None);
        }
        if self.left > 0 {
            self.left -= 1;
            self.at = now + SPACED;
            let mut nonce = [0; 16];
            if getrandom::fill(&mut nonce).is_err() {
                return (None, None);
            }
            self.asked.insert(nonce, now);
            return (Some(nonce), None);
        }
        if !self.waits && !self.asked.is_empty() {
            (self.waits, self.at) = (true, now + PATIENCE);
            return (None, None);
        }
        self.asked.clear();
        (self.waits, self.left, self.at) = (false, LATER, now + EVERY);
        (None, self.told())
    }

    /// Who answers before they were asked, or twice, has to guess 16 bytes.
    pub fn answered(&mut self, nonce: &[u8], now: Instant) -> Option<Measured> {
        let asked = self.asked.remove(<&[u8; 16]>::try_from(nonce).ok()?)?;
        self.found.push(now.saturating_duration_since(asked));
        // Soon, so that nobody waits for the others.
        if self.found.len() < LATER as usize {
            return None;
        }
        self.told()
    }

    fn told(&mut self) -> Option<Measured> {
        let found = std::mem::take(&mut self.found);
        Some((*found.iter().min()?, found.len() as u32))
    }
}
