//! Responsible for: when how many bytes went which way, in a fixed number of steps however long it lasts.
//! Not responsible for: drawing it.
use crate::detect::Way;
use serde::Serialize;

const STEPS: usize = 32;
const FIRST_STEP: i64 = 125_000_000;

/// Bytes on the wire in each step of a flow's time. When it is full, steps are put together by pairs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    start: i64,
    step: i64,
    /// The step of the last packet, which is mostly the next one's too, and when it begins after the start.
    now: usize,
    since: i64,
    bytes: [[u64; STEPS]; 2],
}

/// As it is shown: without the steps after the last byte.
#[derive(Serialize)]
pub struct Steps<'a> {
    pub start_ns: i64,
    pub step_ns: i64,
    pub forth: &'a [u64],
    pub back: &'a [u64],
}

impl Timeline {
    /// From a time on, with what went each way before.
    pub fn new(start: i64, before: [u64; 2]) -> Self {
        let mut bytes = [[0; STEPS]; 2];
        bytes[0][0] = before[0];
        bytes[1][0] = before[1];
        Self {
            start,
            step: FIRST_STEP,
            now: 0,
            since: 0,
            bytes,
        }
    }

    /// A packet from before the start counts to the first step.
    #[inline]
    pub fn add(&mut self, way: Way, at: i64, bytes: u64) {
        let since = at.saturating_sub(self.start).max(0);
        if !(0..self.step).contains(&(since - self.since)) {
            self.find(since);
        }
        self.bytes[way.index()][self.now] += bytes;
    }

    fn find(&mut self, since: i64) {
        while since / self.step >= STEPS as i64 {
            self.step *= 2;
            for way in &mut self.bytes {
                for step in 0..STEPS {
                    let pair = way.get(2 * step..2 * step + 2);
                    way[step] = pair.map_or(0, |pair| pair[0] + pair[1]);
                }
            }
        }
        self.now = (since / self.step) as usize;
        self.since = self.now as i64 * self.step;
    }

    pub fn steps(&self) -> Steps<'_> {
        let used = (0..STEPS)
            .rev()
            .find(|&step| self.bytes.iter().any(|way| way[step] > 0));
        let used = used.map_or(0, |step| step + 1);
        Steps {
            start_ns: self.start,
            step_ns: self.step,
            forth: &self.bytes[0][..used],
            back: &self.bytes[1][..used],
        }
    }
}
