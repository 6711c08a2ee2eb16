//! What a receiver says about the packets that were sent to it: any feedback, in any order, at any time.
//! Not here: how feedback looks on the wire (rtcp.rs).
use crate::{plant, rare};
use ringfence_bandwidth::{Bitrate, Estimator, Limits};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// The same for all inputs, so that nothing of a run depends on when it was.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Steps of eight bytes each: what happens, what it is about (a), how much of it (b), and how far apart (c).
/// 0: b packets of a bytes are sent; 1: of b packets, the first a before the last that was sent, the receiver says that they
/// arrived c microseconds apart, from a time on that only step 2 changes; 3: the same of packets from number a on, each
/// other one lost; 4: its own estimate; 5: more is wanted; 6 and 7: time passes.
pub fn feedback(bytes: &[u8], planted: bool) {
    let limits = Limits::default();
    let (mut now, mut arrives) = (*START, Duration::from_secs(100));
    let mut estimator = Estimator::new(limits, now);
    let mut last = 0_u16;
    for step in bytes.as_chunks::<8>().0 {
        let [kind, high, low, count, c @ ..] = *step;
        let a = u16::from_be_bytes([high, low]);
        let c = u32::from_be_bytes(c);
        match kind % 8 {
            0 => (0..count).for_each(|_| last = estimator.send(a.into(), now)),
            1 | 3 => {
                let (first, half) = match kind % 8 {
                    1 => (last.wrapping_sub(a), false),
                    _ => (a, true),
                };
                let told = (0..u16::from(count)).map(|at| {
                    let arrived = arrives.saturating_add(Duration::from_micros(c.into()) * at.into());
                    let is_lost = half && at % 2 == 1;
                    (first.wrapping_add(at), (!is_lost).then_some(arrived))
                });
                estimator.feedback(told, now);
            }
            // Also far ahead and back again, as a clock that is set.
            2 => arrives = Duration::from_micros(u64::from(c) << (a % 40)),
            4 => estimator.remb(Bitrate::bps(u64::from(c) << (a % 32))),
            5 => estimator.want(Bitrate::bps(u64::from(c) << (a % 32))),
            _ => now += Duration::from_millis(a.into()),
        }
        if let Some(probe) = estimator.poll(now) {
            assert!(probe.rate <= limits.most.scaled(1.2) && probe.bytes > 0);
        }
        let estimate = estimator.estimate();
        assert!(limits.least <= estimate && estimate <= limits.most, "{estimate}");
        assert!(
            estimator.next_poll().is_none_or(|next| next > now),
            "polled for ever"
        );
        let insight = estimator.insight();
        assert!((0.0..=1.0).contains(&insight.loss), "{insight:?}");
        plant(
            planted,
            insight.loss > 0.1 && estimate < limits.start && rare(bytes),
        );
    }
}
