//! Responsible for: which of the latest numbers are in a set, in as many bits.
//! Not responsible for: what the numbers are of.

const WORDS: usize = 16;
/// How many of the latest numbers it knows of.
pub const SPAN: u64 = 64 * WORDS as u64;

#[derive(Debug, Clone, Default)]
pub struct Window {
    /// One above the greatest.
    end: u64,
    bits: [u64; WORDS],
}

impl Window {
    /// A number that is too small to be known of is left out.
    pub fn add(&mut self, number: u64) {
        if number + SPAN < self.end {
            return;
        }
        if number >= self.end {
            let skipped = (number - self.end).min(SPAN);
            (0..=skipped).for_each(|back| {
                let (word, bit) = place(number - back);
                self.bits[word] &= !bit;
            });
            self.end = number + 1;
        }
        let (word, bit) = place(number);
        self.bits[word] |= bit;
    }

    pub fn has(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        number < self.end && number + SPAN >= self.end && self.bits[word] & bit != 0
    }

    pub fn clear(&mut self) {
        *self = Window::default();
    }
}

fn place(number: u64) -> (usize, u64) {
    ((number / 64) as usize % WORDS, 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn it_knows_of_the_latest_numbers_what_a_set_does() {
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..20 {
            let (mut window, mut set, mut number) =
                (Window::default(), BTreeSet::new(), random.u64(..100_000));
            for _ in 0..3000 {
                let most = if random.u8(..50) == 0 { 3000 } else { 12 };
                number = number.saturating_add_signed(random.i64(-9..most));
                window.add(number);
                if set.last().is_none_or(|last| number + SPAN > *last) {
                    set.insert(number);
                }
                let last = *set.last().expect("one was added");
                for asked in last.saturating_sub(SPAN - 1)..last + 20 {
                    assert_eq!(window.has(asked), set.contains(&asked), "{asked} up to {last}");
                }
                assert!(!window.has(last.wrapping_sub(SPAN + 1)));
            }
            window.clear();
            assert!(!window.has(number));
        }
    }
}
