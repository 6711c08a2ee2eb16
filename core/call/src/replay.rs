//! Responsible for: whether a counter of one KID was seen before.
//! Not responsible for: whether the frame is genuine; only genuine frames may be marked as seen.

const WORDS: u64 = 16;
const WIDTH: u64 = WORDS * 64;

/// A sliding window: what is older than it counts as seen (RFC 9605 section 9.3).
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// One more than the highest counter that was seen.
    next: u64,
    bits: [u64; WORDS as usize],
}

impl Window {
    pub fn is_fresh(&self, counter: u64) -> bool {
        match counter {
            ahead if ahead >= self.next => true,
            old if old + WIDTH < self.next => false,
            other => self.bits[word(other)] & bit(other) == 0,
        }
    }

    pub fn mark(&mut self, counter: u64) {
        if counter >= self.next {
            if counter - self.next >= WIDTH {
                self.bits = [0; WORDS as usize];
            } else {
                for gone in self.next..=counter {
                    self.bits[word(gone)] &= !bit(gone);
                }
            }
            self.next = counter + 1;
        }
        self.bits[word(counter)] |= bit(counter);
    }
}

fn word(counter: u64) -> usize {
    (counter % WIDTH / 64) as usize
}

fn bit(counter: u64) -> u64 {
    1 << (counter % 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_was_seen_or_is_too_old_is_not_fresh_and_all_else_is() {
        for seed in 0..50 {
            let mut random = fastrand::Rng::with_seed(seed);
            let (mut window, mut seen, mut highest) = (Window::default(), BTreeSet::new(), 0u64);
            for _ in 0..3000 {
                let spread = [3, 900, 1100, 5000][random.usize(..4)];
                let counter = (highest + random.u64(..=spread)).saturating_sub(spread / 2);
                let old = !seen.is_empty() && counter + WIDTH <= highest;
                assert_eq!(
                    window.is_fresh(counter),
                    !old && !seen.contains(&counter),
                    "seed {seed}"
                );
                if window.is_fresh(counter) {
                    window.mark(counter);
                    seen.insert(counter);
                    highest = highest.max(counter);
                }
            }
        }
    }
}
