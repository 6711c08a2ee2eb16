//! Responsible for: who is due next, of many whose times change often.
//! Not responsible for: what they do then.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::Hash;
use std::time::Instant;

/// One time for each key. A later time for a key costs nothing until the earlier one has passed.
#[derive(Debug)]
pub struct Timers<K> {
    times: HashMap<K, Times>,
    heap: BinaryHeap<Reverse<(Instant, K)>>,
}

#[derive(Debug)]
struct Times {
    wanted: Instant,
    /// The time under which the heap has this key; other entries of it are stale.
    queued: Instant,
}

impl<K: Ord> Default for Timers<K> {
    fn default() -> Self {
        Self {
            times: HashMap::new(),
            heap: BinaryHeap::new(),
        }
    }
}

impl<K: Copy + Eq + Hash + Ord> Timers<K> {
    pub fn set(&mut self, key: K, at: Instant) {
        if let Some(times) = self.times.get_mut(&key) {
            times.wanted = at;
            if at >= times.queued {
                return;
            }
            times.queued = at;
        } else {
            self.times.insert(
                key,
                Times {
                    wanted: at,
                    queued: at,
                },
            );
        }
        self.heap.push(Reverse((at, key)));
    }

    pub fn remove(&mut self, key: K) {
        self.times.remove(&key);
        self.prune();
    }

    /// Nobody is woken for a key that is gone: the first entry is never stale.
    fn prune(&mut self) {
        let queued = |key: &K| self.times.get(key).map(|times| times.queued);
        while let Some(Reverse((at, key))) = self.heap.peek()
            && queued(key) != Some(*at)
        {
            self.heap.pop();
        }
    }

    /// No key is due before this. It may be too early, never too late.
    pub fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes a key whose time has come; its time must be set again.
    pub fn due(&mut self, now: Instant) -> Option<K> {
        while let Some(Reverse((at, key))) = self.heap.peek().copied().filter(|Reverse((at, _))| *at <= now) {
            self.heap.pop();
            let Some(times) = self.times.get_mut(&key).filter(|times| times.queued == at) else {
                continue;
            };
            if times.wanted <= now {
                self.times.remove(&key);
                self.prune();
                return Some(key);
            }
            times.queued = times.wanted;
            self.heap.push(Reverse((times.wanted, key)));
        }
        self.prune();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_key_is_due_at_the_time_set_last_and_once() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut timers = Timers::default();
        timers.set('a', at(10));
        timers.set('b', at(20));
        timers.set('a', at(30)); // later
        timers.set('b', at(5)); // earlier
        timers.set('c', at(7));
        timers.remove('c');
        assert_eq!(timers.due(at(4)), None);
        assert_eq!(timers.due(at(5)), Some('b'));
        assert_eq!(timers.due(at(29)), None);
        assert_eq!(timers.next(), Some(at(30)));
        assert_eq!(timers.due(at(30)), Some('a'));
        assert_eq!((timers.due(at(99)), timers.next()), (None, None));
    }

    #[test]
    fn nobody_is_woken_for_a_key_that_is_gone() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut timers = Timers::default();
        timers.set('a', at(10));
        timers.set('a', at(5));
        timers.set('b', at(7));
        assert_eq!(timers.due(at(5)), Some('a'));
        timers.remove('b');
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn a_thousand_changes_keep_order() {
        let mut random = fastrand::Rng::with_seed(11);
        let start = Instant::now();
        let mut timers = Timers::default();
        let mut truth = HashMap::new();
        for _ in 0..1000 {
            let (key, at) = (random.u8(..50), start + Duration::from_millis(random.u64(..500)));
            timers.set(key, at);
            truth.insert(key, at);
        }
        for step in 0..500 {
            let now = start + Duration::from_millis(step);
            while let Some(key) = timers.due(now) {
                assert_eq!(truth.remove(&key), Some(now), "key {key}");
            }
        }
        assert!(truth.is_empty());
    }
}
