//! Responsible for: how much longer each burst of packets was under way than the one before it.
//! Not responsible for: what that says about the path (`trend`).
//!
//! draft-ietf-rmcat-gcc-02 sections 5.1 and 5.2.

use crate::units::Moment;

/// All in microseconds. Packets that were sent within this time are one burst (burst_time), and so are those that a queue
/// let out together.
const BURST: i64 = 5_000;
/// However long a queue lets packets out, a burst is over after this.
const LONGEST: i64 = 100_000;
/// A clock that jumps by more than this begins anew.
const JUMP: i64 = 3_000_000;

#[derive(Debug, Default)]
pub struct Groups {
    before: Option<Group>,
    current: Option<Group>,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    first_sent: Moment,
    last_sent: Moment,
    first_arrived: Moment,
    last_arrived: Moment,
}

/// What one packet tells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// Nothing yet.
    None,
    /// A burst is over.
    Variation {
        /// By how many milliseconds it was longer under way than the one before.
        delay: f64,
        arrived: Moment,
    },
    /// The receiver's clock makes no sense beside ours any more: what was learned of delays is void.
    Jump,
}

impl Groups {
    /// `sent` is of our clock, `arrived` of the receiver's.
    pub fn add(&mut self, sent: Moment, arrived: Moment) -> Step {
        let Some(current) = &mut self.current else {
            self.current = Some(Group::begin(sent, arrived));
            return Step::None;
        };
        let took = current.last_arrived.until(arrived) - current.last_sent.until(sent);
        if took.abs() > JUMP {
            *self = Self::default();
            self.current = Some(Group::begin(sent, arrived));
            return Step::Jump;
        }
        if sent < current.first_sent {
            // Of a burst that is over.
            return Step::None;
        }
        if current.takes(sent, arrived) {
            current.last_sent = current.last_sent.max(sent);
            current.last_arrived = current.last_arrived.max(arrived);
            return Step::None;
        }
        let done = std::mem::replace(current, Group::begin(sent, arrived));
        let before = self.before.replace(done);
        match before {
            // A burst that overtook another says nothing.
            Some(before) if done.last_arrived >= before.last_arrived => Step::Variation {
                delay: before.longer(&done),
                arrived: done.last_arrived,
            },
            _ => Step::None,
        }
    }
}

impl Group {
    fn begin(sent: Moment, arrived: Moment) -> Self {
        Self {
            first_sent: sent,
            last_sent: sent,
            first_arrived: arrived,
            last_arrived: arrived,
        }
    }

    fn takes(&self, sent: Moment, arrived: Moment) -> bool {
        let apart = self.last_arrived.until(arrived);
        let closer = apart < self.last_sent.until(sent);
        self.first_sent.until(sent) <= BURST
            || closer && apart <= BURST && self.first_arrived.until(arrived) <= LONGEST
    }

    /// By how many milliseconds the next was longer under way.
    fn longer(&self, next: &Group) -> f64 {
        let (arrived, sent) = (
            self.last_arrived.until(next.last_arrived),
            self.last_sent.until(next.last_sent),
        );
        (arrived - sent) as f64 / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Moment {
        Moment::from_micros(milliseconds * 1000)
    }

    /// The variations that packets (sent, arrived) show.
    fn variations(packets: &[(u64, u64)]) -> Vec<f64> {
        let mut groups = Groups::default();
        let steps = packets
            .iter()
            .map(|(sent, arrived)| groups.add(ms(*sent), ms(*arrived)));
        let delay = |step| match step {
            Step::Variation { delay, .. } => Some(delay.round()),
            _ => None,
        };
        steps.filter_map(delay).collect()
    }

    #[test]
    fn bursts_are_compared_by_their_last_packets() {
        let packets = [(0, 100), (2, 103), (20, 120), (24, 128), (40, 140), (60, 160)];
        // 103 → 128 for 2 → 24, then 128 → 140 for 24 → 40.
        assert_eq!(variations(&packets), [3.0, -4.0]);
    }

    #[test]
    fn what_a_queue_let_out_together_is_one_burst() {
        let packets = [(0, 100), (10, 160), (20, 162), (30, 164), (100, 200), (200, 300)];
        // 100 → 164 for 0 → 30, then 164 → 200 for 30 → 100.
        assert_eq!(variations(&packets), [34.0, -34.0]);
    }

    #[test]
    fn a_packet_of_a_burst_that_is_over_says_nothing_and_who_overtakes_is_of_the_burst() {
        let packets = [(0, 100), (20, 160), (0, 161), (40, 141), (60, 161), (80, 181)];
        // 100 → 161 for 0 → 60.
        assert_eq!(variations(&packets), [1.0]);
    }

    #[test]
    fn a_clock_that_jumps_begins_anew() {
        let mut groups = Groups::default();
        let far = Moment::from_micros(1 << 60);
        for (sent, arrived, step) in [
            (ms(0), ms(5000), Step::None),
            (ms(20), ms(1000), Step::Jump),
            (ms(40), ms(1020), Step::None),
            (ms(60), far, Step::Jump),
            (ms(80), std::time::Duration::MAX.into(), Step::Jump),
            (ms(100), ms(0), Step::Jump),
        ] {
            assert_eq!(groups.add(sent, arrived), step, "{sent:?}");
        }
    }
}
