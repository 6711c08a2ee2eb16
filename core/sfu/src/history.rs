//! Responsible for: the packets of one stream that came lately, once for all who may ask for them again.
//! Not responsible for: who got which, and under which number (`rewrite`).

use crate::egress::Outgoing;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A receiver asks within a round trip or two; what is older than this would come too late to be shown.
const KEPT: Duration = Duration::from_millis(1000);
const MOST: usize = 2000;

#[derive(Debug, Default)]
pub struct History {
    /// By the sender's sequence number, each with the time at which it came.
    packets: VecDeque<(Instant, Outgoing)>,
}

impl History {
    pub fn keep(&mut self, packet: &Outgoing, now: Instant) {
        while self.packets.len() >= MOST {
            self.packets.pop_front();
        }
        self.forget_old(now);
        let at = self.place(packet.numbers.sequence);
        self.packets.insert(at, (now, packet.clone()));
    }

    /// `false`: nothing is left.
    pub fn forget_old(&mut self, now: Instant) -> bool {
        let old = |(at, _): &(Instant, Outgoing)| now.saturating_duration_since(*at) > KEPT;
        while self.packets.front().is_some_and(old) {
            self.packets.pop_front();
        }
        !self.packets.is_empty()
    }

    /// What has the sender's sequence number.
    pub fn find(&self, sequence: u64) -> Option<&Outgoing> {
        let (_, packet) = self.packets.get(self.place(sequence))?;
        Some(packet).filter(|packet| packet.numbers.sequence == sequence)
    }

    /// Before everything that has this number or a later one. Packets come nearly in order: looked for from the end.
    fn place(&self, sequence: u64) -> usize {
        let newer = |(_, packet): &&(Instant, Outgoing)| packet.numbers.sequence >= sequence;
        match self.packets.back().is_some_and(|last| newer(&last)) {
            false => self.packets.len(),
            true => self
                .packets
                .partition_point(|(_, packet)| packet.numbers.sequence < sequence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rewrite::Numbers;
    use crate::stream::Codec;
    use std::sync::Arc;

    fn packet(sequence: u64, now: Instant) -> Outgoing {
        Outgoing {
            numbers: Numbers {
                sequence,
                ..Default::default()
            },
            codec: Codec::Vp8,
            marker: false,
            payload: Arc::from(sequence.to_be_bytes()),
            descriptor: None,
            level: None,
            rotation: None,
            captured: now,
        }
    }

    #[test]
    fn packets_are_found_by_their_numbers_in_whatever_order_they_came_for_a_second() {
        let start = Instant::now();
        let mut history = History::default();
        for sequence in [65_535, 65_537, 65_536, 70_000, 65_540] {
            history.keep(&packet(sequence, start), start);
        }
        let found =
            |history: &History, sequence: u64| history.find(sequence).map(|found| found.numbers.sequence);
        for sequence in [65_535, 65_536, 65_537, 65_540, 70_000] {
            assert_eq!(found(&history, sequence), Some(sequence));
        }
        for sequence in [0, 65_538, 70_001] {
            assert_eq!(found(&history, sequence), None);
        }
        history.keep(&packet(70_001, start), start + KEPT + Duration::from_millis(1));
        assert_eq!(found(&history, 70_000), None);
        assert_eq!(found(&history, 70_001), Some(70_001));
        assert!(!history.forget_old(start + 2 * KEPT + Duration::from_millis(2)));
    }

    #[test]
    fn no_more_than_a_bound_is_kept() {
        let start = Instant::now();
        let mut history = History::default();
        (0..5000).for_each(|sequence| history.keep(&packet(sequence, start), start));
        assert_eq!(history.packets.len(), MOST);
        assert!(history.find(4999).is_some());
    }
}
