//! Behaviour: whatever a receiver says, the estimator goes on, stays within its limits, and remembers no more than it may.

use proptest::prelude::*;
use ringfence_bandwidth::{Bitrate, Estimator, Limits};
use std::time::{Duration, Instant};

/// What may happen to an estimator.
#[derive(Debug, Clone)]
enum Event {
    Send {
        count: u16,
        size: usize,
    },
    /// So many sequence numbers from one on, each arriving so many microseconds after the one before.
    Feedback {
        first: u16,
        count: u16,
        arrived: Duration,
        step: i64,
        lost: u16,
    },
    Remb(u64),
    Want(u64),
    Wait(Duration),
}

fn time() -> impl Strategy<Value = Duration> {
    prop_oneof![
        8 => (0..100_000_u64).prop_map(Duration::from_micros),
        1 => any::<u64>().prop_map(Duration::from_micros),
        1 => any::<u64>().prop_map(Duration::from_secs),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let send = (0..300_u16, prop_oneof![0..1500_usize, any::<usize>()]);
    let feedback = (any::<u16>(), 0..500_u16, time(), -2000..20_000_i64, any::<u16>());
    let known = (0..400_u16, 0..500_u16, time(), -2000..20_000_i64, any::<u16>());
    let told = |(first, count, arrived, step, lost)| Event::Feedback {
        first,
        count,
        arrived,
        step,
        lost,
    };
    prop_oneof![
        4 => send.prop_map(|(count, size)| Event::Send { count, size }),
        2 => feedback.prop_map(told),
        4 => known.prop_map(told),
        1 => any::<u64>().prop_map(Event::Remb),
        1 => any::<u64>().prop_map(Event::Want),
        3 => (0..2_000_000_u64).prop_map(|micros| Event::Wait(Duration::from_micros(micros))),
    ]
}

fn within(estimator: &Estimator, limits: &Limits) {
    let estimate = estimator.estimate();
    assert!(limits.least <= estimate && estimate <= limits.most, "{estimate}");
    let insight = estimator.insight();
    assert!((0.0..=1.0).contains(&insight.loss), "{insight:?}");
}

proptest! {
    #[test]
    fn any_feedback_is_survived_and_the_limits_are_kept(events in prop::collection::vec(event(), 1..120)) {
        let limits = Limits::default();
        let start = Instant::now();
        let mut now = start;
        let mut estimator = Estimator::new(limits, start);
        for event in events {
            match event {
                Event::Send { count, size } => (0..count).for_each(|_| {
                    estimator.send(size, now);
                }),
                Event::Feedback { first, count, arrived, step, lost } => {
                    let packets = (0..count).map(|at| {
                        let micros = i64::from(at) * step;
                        let later = Duration::from_micros(micros.unsigned_abs());
                        let at_time = if micros < 0 { arrived.saturating_sub(later) } else { arrived.saturating_add(later) };
                        (first.wrapping_add(at), (lost >> (at % 16) & 1 == 0).then_some(at_time))
                    });
                    estimator.feedback(packets, now);
                }
                Event::Remb(rate) => estimator.remb(Bitrate::bps(rate)),
                Event::Want(rate) => estimator.want(Bitrate::bps(rate)),
                Event::Wait(time) => now += time,
            }
            if let Some(probe) = estimator.poll(now) {
                prop_assert!(probe.rate <= limits.most.scaled(1.2) && probe.bytes <= 100_000);
            }
            prop_assert!(estimator.next_poll().is_none_or(|next| next > now), "it would be polled for ever");
            within(&estimator, &limits);
        }
    }
}

/// Sends 100 packets of 1,000 bytes a second for a minute to a receiver that says of them what it likes.
fn lied_to(mut lie: impl FnMut(u16, Duration) -> Option<Duration>) -> Estimator {
    let start = Instant::now();
    let mut estimator = Estimator::new(Limits::default(), start);
    estimator.want(Bitrate::kbps(20_000));
    for tick in 0..6000_u32 {
        let at = Duration::from_millis(10) * tick;
        estimator.poll(start + at);
        let sequence = estimator.send(1000, start + at);
        let said = lie(sequence, at);
        estimator.feedback([(sequence, said)], start + at + Duration::from_millis(40));
        within(&estimator, &Limits::default());
    }
    estimator
}

#[test]
fn a_receiver_that_claims_to_get_all_at_once_is_not_believed_beyond_what_was_sent() {
    let estimator = lied_to(|_, _| Some(Duration::from_secs(5)));
    // Of 800 kbit/s, and what probes of them may show.
    assert!(
        estimator.estimate() <= Bitrate::kbps(2500),
        "{}",
        estimator.estimate()
    );
}

#[test]
fn who_claims_that_everything_is_lost_or_late_gets_the_least() {
    let lost = lied_to(|_, _| None);
    assert!(lost.estimate() <= Bitrate::kbps(100), "{}", lost.estimate());
    let late = lied_to(|_, at| Some(at * 2));
    assert!(late.estimate() <= Bitrate::kbps(600), "{}", late.estimate());
}

#[test]
fn what_is_told_again_changes_nothing() {
    let start = Instant::now();
    let mut estimator = Estimator::new(Limits::default(), start);
    let sent: Vec<u16> = (0..200).map(|_| estimator.send(1000, start)).collect();
    let said = |lost: bool| {
        sent.iter().map(move |sequence| {
            (
                *sequence,
                (!lost).then(|| Duration::from_millis(u64::from(*sequence))),
            )
        })
    };
    let now = start + Duration::from_millis(300);
    estimator.feedback(said(false), now);
    let before = estimator.insight();
    (0..100).for_each(|_| {
        estimator.feedback(said(true), now + Duration::from_secs(1));
        estimator.feedback(said(false), now + Duration::from_secs(1));
    });
    assert_eq!(estimator.insight(), before);
}

#[test]
fn feedback_without_end_ends() {
    let start = Instant::now();
    let mut estimator = Estimator::new(Limits::default(), start);
    estimator.send(1000, start);
    estimator.feedback(std::iter::repeat((0, None)), start);
    within(&estimator, &Limits::default());
}
