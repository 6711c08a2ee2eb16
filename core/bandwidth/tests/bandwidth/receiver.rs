//! Responsible for: what an honest receiver says about the packets that it gets, and when.
//! Not responsible for: how that travels.

use std::time::Duration;

/// How often receivers give feedback.
const FEEDBACK: Duration = Duration::from_millis(50);

/// It tells of each packet once, or again when it was late.
#[derive(Default)]
pub struct Receiver {
    next: Option<u64>,
    got: Vec<(u64, Duration)>,
    late: Vec<(u64, Duration)>,
    due: Duration,
}

impl Receiver {
    /// A packet arrives at this time of the simulation.
    pub fn take(&mut self, sequence: u16, at: Duration) {
        let highest = self.got.iter().map(|(number, _)| *number).max();
        let near = highest.or(self.next).unwrap_or(u64::from(sequence));
        let step = sequence.wrapping_sub(near as u16) as i16;
        let Some(number) = near.checked_add_signed(i64::from(step)) else {
            return;
        };
        // Quarters of a millisecond, by a clock of its own.
        let at = Duration::from_micros(at.as_micros() as u64 / 250 * 250) + Duration::from_secs(1000);
        match self.next {
            Some(next) if number < next => self.late.push((number, at)),
            _ => self.got.push((number, at)),
        }
    }

    /// The feedback that is due.
    pub fn say(&mut self, now: Duration) -> Option<Vec<(u16, Option<Duration>)>> {
        if now < self.due || (self.got.is_empty() && self.late.is_empty()) {
            return None;
        }
        self.due = now + FEEDBACK;
        let mut said: Vec<_> = self
            .late
            .drain(..)
            .map(|(number, at)| (number as u16, Some(at)))
            .collect();
        self.got.sort();
        if let Some((last, _)) = self.got.last().copied() {
            let first = self.next.unwrap_or(self.got[0].0);
            let mut got = self.got.drain(..).peekable();
            for number in first..=last {
                let mut at = None;
                while let Some((_, arrived)) = got.next_if(|(other, _)| *other == number) {
                    at = at.or(Some(arrived));
                }
                said.push((number as u16, at));
            }
            drop(got);
            self.next = Some(last + 1);
        }
        Some(said)
    }
}
