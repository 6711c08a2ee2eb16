//! Behaviour: one estimator at its edges: little to send, nobody who answers, another kind of feedback.

use crate::world::{App, World, ms, steady};
use ringfence_bandwidth::{Bitrate, Estimator, Limits};
use ringfence_netem::{Conditions, Scenario};
use std::time::{Duration, Instant};

const SEED: u64 = 7;
const KBPS_300: Bitrate = Bitrate::kbps(300);

/// Sends packets of 1,000 bytes every 10 ms over a path that takes 20 ms, for so long.
fn play(estimator: &mut Estimator, start: Instant, from: Duration, span: Duration) {
    for tick in 0..span.as_millis() as u32 / 10 {
        let sent = from + ms(10) * tick;
        let sequence = estimator.send(1000, start + sent);
        let arrived = sent + ms(20);
        estimator.feedback([(sequence, Some(arrived))], start + arrived + ms(5));
    }
}

#[test]
fn what_is_not_used_does_not_grow_and_is_not_probed_for() {
    let mut world = World::new(SEED, steady(3000, 30).into(), &[(App::Fixed(KBPS_300), ms(0))]);
    world.run(ms(60_000));
    let flow = &world.flows[0];
    assert!(flow.samples.iter().all(|sample| sample.padding == 0));
    assert!(
        flow.samples
            .iter()
            .all(|sample| sample.estimate <= Bitrate::kbps(520))
    );
    assert_eq!(flow.estimator.insight().usage, ringfence_bandwidth::Usage::Normal);
}

#[test]
fn what_is_wanted_beyond_the_estimate_is_found_within_a_second_of_a_call() {
    let layers = App::Layers(&[100, 2000]);
    let mut world = World::new(SEED, steady(5000, 30).into(), &[(layers, ms(0))]);
    world.run(ms(10_000));
    let enough = |estimate| estimate >= Bitrate::kbps(2000);
    let took = world.flows[0].until(ms(0), enough).expect("it is found");
    assert!(took <= ms(1000), "{took:?}");
}

#[test]
fn an_outage_is_noticed_and_what_was_before_comes_back() {
    let gone = Conditions {
        loss: 1.0,
        ..steady(2000, 30)
    };
    let (from, to) = (ms(20_000), ms(24_000));
    let scenario = Scenario::steps(steady(2000, 30), &[(from, gone), (to, steady(2000, 30))]);
    let mut world = World::new(SEED, scenario, &[(App::Greedy(Bitrate::kbps(20_000)), ms(0))]);
    world.run(to);
    assert!(
        world.flows[0].estimator.estimate() < Bitrate::kbps(800),
        "{}",
        world.flows[0].estimator.estimate()
    );
    world.run(ms(20_000));
    let took = world.flows[0].until(to, |estimate| estimate >= Bitrate::kbps(1500));
    assert!(took.is_some_and(|took| took <= ms(4000)), "{took:?}");
}

#[test]
fn a_longer_path_is_no_queue() {
    let scenario = Scenario::steps(steady(2000, 30), &[(ms(20_000), steady(2000, 250))]);
    let mut world = World::new(SEED, scenario, &[(App::Greedy(Bitrate::kbps(20_000)), ms(0))]);
    world.run(ms(40_000));
    let flow = &world.flows[0];
    let least = flow
        .between(ms(20_000), ms(40_000))
        .iter()
        .map(|sample| sample.estimate)
        .min();
    assert!(
        least.is_some_and(|least| least >= Bitrate::kbps(500)),
        "{least:?}"
    );
    assert!(flow.arrived(ms(25_000), ms(40_000)) >= Bitrate::kbps(1500));
}

#[test]
fn silence_of_who_was_sent_nothing_means_nothing() {
    let start = Instant::now();
    let mut estimator = Estimator::new(Limits::default(), start);
    play(&mut estimator, start, ms(0), ms(3000));
    let before = estimator.estimate();
    assert_eq!(estimator.next_poll(), None, "an idle receiver needs no timer");
    assert_eq!(estimator.poll(start + ms(600_000)), None);
    assert_eq!(estimator.estimate(), before);
    estimator.send(1000, start + ms(600_000));
    let next = estimator.next_poll().expect("an answer is due");
    assert!((ms(1000)..ms(1200)).contains(&(next - start - ms(600_000))));
    estimator.poll(next);
    assert_eq!(estimator.estimate(), before.scaled(0.8));
}

#[test]
fn remb_is_a_ceiling_or_all_there_is() {
    let start = Instant::now();
    let mut estimator = Estimator::new(Limits::default(), start);
    estimator.want(Bitrate::kbps(5000));
    estimator.remb(Bitrate::kbps(1200));
    assert_eq!(
        estimator.estimate(),
        Bitrate::kbps(1200),
        "of who says nothing else"
    );
    assert_eq!(estimator.poll(start), None, "nobody would tell of a probe");
    play(&mut estimator, start, ms(0), ms(1000));
    assert!(estimator.estimate() < Bitrate::kbps(600), "what was measured");
    estimator.remb(KBPS_300);
    assert_eq!(estimator.estimate(), KBPS_300);
    estimator.remb(Bitrate::ZERO);
    assert_eq!(estimator.estimate(), Limits::default().least);
}

#[test]
fn round_trip_and_loss_are_told() {
    let start = Instant::now();
    let mut estimator = Estimator::new(Limits::default(), start);
    assert_eq!(estimator.insight().round_trip, None);
    for tick in 0..2000_u32 {
        let sent = ms(10) * tick;
        let sequence = estimator.send(1000, start + sent);
        let arrived = (!tick.is_multiple_of(10)).then_some(sent + ms(20));
        estimator.feedback([(sequence, arrived)], start + sent + ms(25));
    }
    let insight = estimator.insight();
    assert_eq!(insight.round_trip, Some(ms(25)));
    assert!((0.08..0.12).contains(&insight.loss), "{}", insight.loss);
    let arrives = insight.arrives.expect("it was measured").as_bps();
    assert!((650_000..780_000).contains(&arrives), "{arrives}");
}

#[test]
fn probes_that_come_to_nothing_become_rare_and_stop_when_nothing_more_is_wanted() {
    let start = Instant::now();
    let mut estimator = Estimator::new(Limits::default(), start);
    estimator.want(Bitrate::kbps(5000));
    let mut probes = Vec::new();
    for tick in 0..6000_u32 {
        let at = ms(10) * tick;
        // Packets leave one each 10 ms whatever is asked for, and come out as they went in.
        if let Some(probe) = estimator.poll(start + at) {
            assert!(probe.rate > estimator.estimate() && probe.packets >= 5);
            probes.push(tick / 100);
        }
        play(&mut estimator, start, at, ms(10));
    }
    assert!((6..=12).contains(&probes.len()), "at seconds {probes:?}");
    estimator.want(estimator.estimate());
    assert_eq!(estimator.next_poll(), None);
    assert_eq!(estimator.poll(start + ms(90_000)), None);
}
