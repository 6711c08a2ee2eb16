//! Behaviour: when a probe is worth its packets, and what it shows.

use super::*;
use crate::register::News;

const ROUND_TRIP: Duration = Duration::from_millis(50);

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn situation(estimate: u64, wanted: u64, now: Duration) -> Situation {
    Situation {
        estimate: Bitrate::kbps(estimate),
        wanted: Bitrate::kbps(wanted),
        calm: true,
        round_trip: ROUND_TRIP,
        now,
    }
}

/// Sends a probe in packets of 500 bytes, `gap` microseconds apart, which arrive `apart` microseconds apart, but for every
/// n-th, which is lost; and what that shows, in kbit/s.
fn send(prober: &mut Prober, probe: Probe, now: Duration, gap: u64, apart: u64, lost: u64) -> Option<u64> {
    let (mut sent, mut all) = (now, Vec::new());
    while prober.send(500, sent) {
        all.push(sent);
        sent += Duration::from_micros(gap);
    }
    assert!(all.len() as u64 * 500 >= probe.bytes && all.len() >= probe.packets.min(3));
    for (number, sent) in (0..).zip(all) {
        let is_lost = lost > 0 && number % lost == lost - 1;
        let told = Told {
            sent: sent.into(),
            size: 500,
            in_probe: true,
            news: if is_lost { News::Lost } else { News::Arrived },
        };
        let arrived = ms(9000) + Duration::from_micros(apart) * number as u32;
        prober.note(&told, (!is_lost).then_some(arrived));
    }
    prober.result(sent).map(|rate| rate.as_bps() / 1000)
}

#[test]
fn it_is_for_what_is_wanted_and_little_more() {
    let mut prober = Prober::default();
    assert_eq!(prober.poll(situation(500, 500, ms(0))), None);
    let nervous = Situation {
        calm: false,
        ..situation(500, 2000, ms(0))
    };
    assert_eq!(prober.poll(nervous), None);
    let probe = prober.poll(situation(500, 600, ms(0))).expect("a small one");
    assert_eq!(probe.rate, Bitrate::kbps(690));
    assert_eq!(prober.poll(situation(500, 600, ms(100))), None, "one at a time");
}

#[test]
fn what_comes_through_as_it_went_in_has_been_carried() {
    let mut prober = Prober::default();
    let probe = prober.poll(situation(500, 9000, ms(0))).expect("the first");
    assert_eq!(probe.rate, Bitrate::kbps(1500), "three times what is known");
    // 500 bytes each 2,667 µs are 1,500 kbit/s.
    let carried = send(&mut prober, probe, ms(0), 2667, 2667, 0);
    assert!(
        carried.is_some_and(|rate| (1490..=1500).contains(&rate)),
        "{carried:?}"
    );
}

#[test]
fn what_comes_out_slower_shows_what_the_path_carries_and_heaps_show_no_more_than_was_tried() {
    for (gap, apart, expected) in [
        (2667, 5000, 740..=780),
        (0, 5000, 740..=780),
        (2667, 0, 1490..=1500),
        (0, 0, 1490..=1500),
    ] {
        let mut prober = Prober::default();
        let probe = prober.poll(situation(500, 9000, ms(0))).expect("the first");
        let carried = send(&mut prober, probe, ms(0), gap, apart, 0);
        assert!(
            carried.is_some_and(|rate| expected.contains(&rate)),
            "{carried:?}"
        );
    }
}

#[test]
fn a_probe_that_is_half_lost_shows_nothing() {
    let mut prober = Prober::default();
    let probe = prober.poll(situation(500, 9000, ms(0))).expect("the first");
    assert_eq!(send(&mut prober, probe, ms(0), 2667, 2667, 2), Some(0));
}

#[test]
fn success_is_followed_soon_and_failure_ever_later() {
    let mut prober = Prober::default();
    let mut waits = |raised: bool, now: Duration| {
        let after = if raised { 600 } else { 500 };
        prober.learn(Bitrate::kbps(500), Bitrate::kbps(after), now);
        prober.next(ROUND_TRIP) - now
    };
    assert_eq!(waits(true, ms(0)), ms(100));
    let failures = [0, 1, 2, 3].map(|second| waits(false, ms(second * 1000)));
    assert_eq!(failures, [4000, 8000, 8000, 8000].map(ms));
    assert_eq!(waits(true, ms(9000)), ms(100));
    assert_eq!(waits(false, ms(9000)), ms(4000));
}

#[test]
fn after_a_fall_what_was_before_is_tried_once_it_is_calm() {
    let mut prober = Prober::default();
    for (from, to, at) in [(2000, 1600, 0), (1600, 1280, 500), (1280, 1000, 1000)] {
        prober.lowered(Bitrate::kbps(from), Bitrate::kbps(to), ms(at));
    }
    assert_eq!(prober.next(ROUND_TRIP), ms(2500));
    assert_eq!(prober.poll(situation(1000, 9000, ms(2499))), None);
    let probe = prober.poll(situation(1000, 9000, ms(2500))).expect("it is calm");
    assert_eq!(probe.rate, Bitrate::kbps(1700));
    let mut prober = Prober::default();
    prober.lowered(Bitrate::kbps(2000), Bitrate::kbps(1700), ms(0));
    assert_eq!(
        prober.poll(situation(1700, 9000, ms(2500))),
        None,
        "that was no fall"
    );
    let probe = prober.poll(situation(1700, 9000, ms(4000))).expect("in its time");
    assert_eq!(probe.rate, Bitrate::kbps(5100));
}

#[test]
fn what_is_never_told_of_is_given_up() {
    let mut prober = Prober::default();
    assert!(prober.poll(situation(500, 9000, ms(0))).is_some());
    assert_eq!(prober.next(ROUND_TRIP), ms(600));
    assert_eq!(prober.poll(situation(500, 9000, ms(600))), None);
    assert_eq!(prober.next(ROUND_TRIP), ms(4600));
    assert!(prober.poll(situation(500, 9000, ms(4600))).is_some());
}
