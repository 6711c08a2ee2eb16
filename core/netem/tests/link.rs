//! Behaviour: a link does what its conditions say, and the same again for the same seed.

use ringfence_netem::{Bursts, Change, Conditions, Link, Queue, Scenario, Step};
use std::time::Duration;

const SEED: u64 = 7;
const COUNT: u32 = 10_000;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Sends one datagram of 1,000 bytes each millisecond, and lists (arrival, number).
fn run(seed: u64, conditions: impl Into<Scenario>) -> Vec<(Duration, u32)> {
    let mut link = Link::new(seed, conditions);
    let mut arrived = Vec::new();
    for number in 0..COUNT {
        link.send(ms(number.into()), 1000, number);
    }
    while let Some(at) = link.next_arrival() {
        arrived.push((at, link.receive(at).expect("it has arrived")));
    }
    arrived
}

#[test]
fn a_perfect_link_delivers_all_in_order_and_at_once() {
    let arrived = run(SEED, Conditions::default());
    assert!(
        arrived
            .iter()
            .copied()
            .eq((0..COUNT).map(|number| (ms(number.into()), number)))
    );
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let rough = Conditions {
        loss: 0.1,
        duplicate: 0.1,
        reorder: 0.1,
        jitter: ms(20),
        ..Default::default()
    };
    assert_eq!(run(SEED, rough), run(SEED, rough));
    assert_ne!(run(SEED, rough), run(SEED + 1, rough));
}

#[test]
fn loss_and_duplication_happen_as_often_as_asked() {
    let lost = COUNT as usize
        - run(
            SEED,
            Conditions {
                loss: 0.2,
                ..Default::default()
            },
        )
        .len();
    assert!((1800..2200).contains(&lost), "{lost} lost");
    let twice = run(
        SEED,
        Conditions {
            duplicate: 0.2,
            ..Default::default()
        },
    )
    .len()
        - COUNT as usize;
    assert!((1800..2200).contains(&twice), "{twice} doubled");
}

#[test]
fn delay_and_jitter_bound_the_arrival() {
    let arrived = run(
        SEED,
        Conditions {
            delay: ms(50),
            jitter: ms(10),
            ..Default::default()
        },
    );
    for (at, number) in arrived {
        let late = at - ms(number.into());
        assert!((ms(50)..ms(60)).contains(&late), "{number} was {late:?} late");
    }
}

#[test]
fn a_reordered_datagram_overtakes() {
    let arrived = run(
        SEED,
        Conditions {
            delay: ms(50),
            reorder: 0.1,
            ..Default::default()
        },
    );
    let overtaken = arrived.windows(2).filter(|pair| pair[0].1 > pair[1].1).count();
    assert!(overtaken > 500, "{overtaken} times");
}

#[test]
fn a_rate_spaces_datagrams_and_a_full_queue_drops() {
    // 4 Mbit/s carries half of the 8 Mbit/s that are offered.
    let slow = Conditions {
        rate: Some(4_000_000),
        queue: Queue::Time(ms(100)),
        ..Default::default()
    };
    let arrived = run(SEED, slow);
    assert!((4900..5200).contains(&arrived.len()), "{} arrived", arrived.len());
    for pair in arrived.windows(2) {
        assert!(pair[1].0 - pair[0].0 >= ms(2) - Duration::from_micros(1));
    }
    for (at, number) in arrived {
        assert!(
            at - ms(number.into()) <= ms(103),
            "{number} waited longer than the queue"
        );
    }
}

#[test]
fn nothing_arrives_before_its_time() {
    let mut link = Link::new(
        SEED,
        Conditions {
            delay: ms(10),
            ..Default::default()
        },
    );
    link.send(ms(0), 1, 'a');
    assert_eq!(link.receive(ms(9)), None);
    assert_eq!(link.receive(ms(10)), Some('a'));
    assert_eq!(link.receive(ms(11)), None);
}

#[test]
fn a_queue_may_be_so_many_bytes_deep() {
    let slow = Conditions {
        rate: Some(4_000_000),
        queue: Queue::Bytes(10_000),
        ..Default::default()
    };
    let arrived = run(SEED, slow);
    let longest = arrived.iter().map(|(at, number)| *at - ms(u64::from(*number)));
    // Ten datagrams at two milliseconds each.
    assert_eq!(longest.max(), Some(ms(20)));
    assert!((4900..5200).contains(&arrived.len()), "{} arrived", arrived.len());
}

#[test]
fn losses_come_in_bursts_of_the_length_and_share_asked_for() {
    for (share, length) in [(0.05, 4.0), (0.1, 10.0), (0.3, 3.0)] {
        let bursts = Some(Bursts::new(share, length));
        let arrived = run(
            SEED,
            Conditions {
                bursts,
                ..Default::default()
            },
        );
        let lost = f64::from(COUNT) - arrived.len() as f64;
        let gaps = arrived
            .windows(2)
            .filter(|pair| pair[1].1 > pair[0].1 + 1)
            .count();
        let (share_seen, length_seen) = (lost / f64::from(COUNT), lost / gaps as f64);
        assert!((share_seen / share - 1.0).abs() < 0.25, "{share_seen} of {share}");
        assert!(
            (length_seen / length - 1.0).abs() < 0.15,
            "{length_seen} of {length}"
        );
    }
}

#[test]
fn the_bad_state_may_let_some_through() {
    let bursts = Some(Bursts {
        begin: 1.0,
        end: 0.0,
        loss: 0.5,
    });
    let arrived = run(
        SEED,
        Conditions {
            bursts,
            ..Default::default()
        },
    );
    assert!((4800..5200).contains(&arrived.len()), "{} arrived", arrived.len());
}

#[test]
fn ordered_jitter_lets_nothing_overtake() {
    let rough = |ordered| Conditions {
        jitter: ms(30),
        ordered,
        ..Default::default()
    };
    let overtaken = |ordered| {
        let arrived = run(SEED, rough(ordered));
        assert!(
            arrived
                .iter()
                .all(|(at, number)| *at - ms(u64::from(*number)) <= ms(30))
        );
        arrived.windows(2).filter(|pair| pair[0].1 > pair[1].1).count()
    };
    assert_eq!(overtaken(true), 0);
    assert!(overtaken(false) > 1000);
}

fn rate(rate: u64) -> Conditions {
    Conditions {
        rate: Some(rate),
        queue: Queue::Time(ms(1000)),
        ..Default::default()
    }
}

/// How many arrive in each second.
fn each_second(arrived: &[(Duration, u32)]) -> Vec<usize> {
    let count = |second| arrived.iter().filter(|(at, _)| at.as_secs() == second).count();
    (0..10).map(count).collect()
}

#[test]
fn steps_change_conditions_at_their_time() {
    let lossy = Conditions {
        loss: 1.0,
        ..Default::default()
    };
    let scenario = Scenario::steps(
        Conditions::default(),
        &[(ms(2000), lossy), (ms(3000), Conditions::default())],
    );
    assert_eq!(
        each_second(&run(SEED, scenario)),
        [1000, 1000, 0, 1000, 1000, 1000, 1000, 1000, 1000, 1000]
    );
}

#[test]
fn what_waits_leaves_at_the_rate_of_its_time() {
    // 25,000 bytes: half of them in 100 ms, the others in 12.5 ms.
    let scenario = Scenario::steps(rate(1_000_000), &[(ms(100), rate(8_000_000))]);
    let mut link = Link::new(SEED, scenario);
    (0..25).for_each(|number| link.send(ms(0), 1000, number));
    assert_eq!(link.wait(ms(0)), Duration::from_micros(112_500));
}

#[test]
fn a_sawtooth_of_rates_carries_their_mean() {
    let scenario = Scenario::sawtooth(rate(8_000_000), rate(0), ms(1000));
    let arrived = run(SEED, scenario);
    for count in each_second(&arrived) {
        assert!((490..=510).contains(&count), "{:?}", each_second(&arrived));
    }
}

#[test]
fn an_outage_holds_what_was_sent_and_lets_it_out_in_a_heap() {
    let scenario = Scenario::alternating((rate(80_000_000), ms(900)), (rate(0), ms(100)));
    let arrived = run(SEED, scenario);
    assert_eq!(arrived.len(), COUNT as usize, "all arrive");
    let during = |at: &Duration| at.as_millis() % 1000 > 900;
    assert!(!arrived.iter().any(|(at, _)| during(at)));
    let latest = arrived.iter().map(|(at, number)| *at - ms(u64::from(*number)));
    assert_eq!(latest.max(), Some(ms(100) + Duration::from_micros(100)));
}

#[test]
fn an_outage_without_end_loses_what_is_sent() {
    let mut link = Link::new(SEED, rate(0));
    link.send(ms(0), 1000, ());
    assert_eq!(link.next_arrival(), None);
}

#[test]
fn a_ramp_moves_loss_delay_jitter_and_rate_in_a_straight_line() {
    let end = Conditions {
        loss: 0.4,
        delay: ms(100),
        jitter: ms(20),
        rate: Some(0),
        ..rate(1000)
    };
    let scenario = Scenario {
        start: rate(1000),
        steps: vec![Step {
            at: ms(1000),
            to: end,
            change: Change::Ramp,
        }],
        repeat: None,
    };
    let half = Conditions {
        loss: 0.2,
        delay: ms(50),
        jitter: ms(10),
        rate: Some(500),
        ..rate(1000)
    };
    assert_eq!(scenario.at(ms(0)), rate(1000));
    assert_eq!(scenario.at(ms(500)), half);
    assert_eq!(scenario.at(ms(1000)), end);
    assert_eq!(scenario.at(ms(9000)), end);
}
