//! Behaviour: a link does what its conditions say, and the same again for the same seed.

use ringfence_netem::{Conditions, Link};
use std::time::Duration;

const SEED: u64 = 7;
const COUNT: u32 = 10_000;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Sends one datagram of 1,000 bytes each millisecond, and lists (arrival, number).
fn run(seed: u64, conditions: Conditions) -> Vec<(Duration, u32)> {
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
        queue: ms(100),
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
