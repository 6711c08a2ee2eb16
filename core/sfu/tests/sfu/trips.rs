//! Behaviour: who measures the way to the forwarder gets an answer at once, and nothing else is answered.

use crate::world::{World, ms};
use ringfence_netem::Conditions;
use ringfence_sfu::trips::{LABEL, NONCE};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

const SEED: u64 = 46;

/// One participant, 30 ms away, whose channels are open.
fn measuring(labels: &[&str]) -> World {
    let mut world = World::new(SEED);
    let conditions = Conditions {
        delay: ms(30),
        ..Conditions::default()
    };
    world.enter_with(1, 1, conditions, labels);
    let wanted: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
    world.run_until(ms(5000), |world| {
        let open = &world.people[&ringfence_sfu::stream::Leaf(1)].participant.channels;
        wanted.iter().all(|label| open.iter().any(|(_, of)| of == label))
    });
    world
}

fn say(world: &mut World, label: &str, binary: bool, bytes: &[u8]) {
    let now = world.instant();
    let participant = &mut world.person(1).participant;
    participant.messages.clear();
    participant.say(label, binary, bytes, now);
}

fn heard(world: &mut World) -> usize {
    world.person(1).participant.messages.len()
}

#[test]
fn a_nonce_comes_back_as_it_was_and_at_once() {
    let mut world = measuring(&[LABEL]);
    for round in 0..20 {
        let nonce = [round; NONCE];
        say(&mut world, LABEL, true, &nonce);
        let asked = world.instant();
        world.run(ms(100));
        let messages = &world.person(1).participant.messages;
        let [(answer, at)] = &messages[..] else {
            panic!("{} answers in round {round}", messages.len());
        };
        assert_eq!((&answer.data[..], answer.binary), (&nonce[..], true));
        let took = at.saturating_duration_since(asked);
        assert!((ms(60)..ms(62)).contains(&took), "{took:?}");
    }
    assert_eq!(world.counts.unanswered.load(Relaxed), 0);
}

#[test]
fn what_is_no_nonce_is_counted_and_not_answered() {
    let mut world = measuring(&[LABEL]);
    let wrong: [(bool, &[u8]); 4] = [
        (true, &[1; NONCE - 1]),
        (true, &[1; NONCE + 1]),
        (true, &[1; 900]),
        (false, &[b'a'; NONCE]),
    ];
    for (binary, bytes) in wrong {
        say(&mut world, LABEL, binary, bytes);
        world.run(ms(100));
        assert_eq!(heard(&mut world), 0, "{} bytes", bytes.len());
    }
    assert_eq!(world.counts.unanswered.load(Relaxed), wrong.len() as u64);
    say(&mut world, LABEL, true, &[7; NONCE]);
    world.run(ms(100));
    assert_eq!(heard(&mut world), 1, "what is one is still answered");
}

#[test]
fn a_flood_is_answered_no_faster_than_anybody_measures() {
    let mut world = measuring(&[LABEL]);
    let now = world.instant();
    world.person(1).participant.messages.clear();
    let mut asked = 0;
    for _ in 0..1000 {
        asked += u64::from(world.person(1).participant.say(LABEL, true, &[1; NONCE], now));
        world.run(Duration::from_micros(1000));
    }
    world.run(ms(500));
    let answered = heard(&mut world) as u64;
    assert!(asked > 500, "{asked} were asked");
    assert!(
        (40..=40 + 25 + 2).contains(&answered),
        "{answered} of {asked} in a second"
    );
    assert_eq!(world.counts.unanswered.load(Relaxed), asked - answered);
    // And after a while again.
    world.run(ms(2000));
    say(&mut world, LABEL, true, &[2; NONCE]);
    world.run(ms(100));
    assert_eq!(heard(&mut world), 1);
}

#[test]
fn another_label_and_a_second_channel_are_closed() {
    let mut world = measuring(&["chat"]);
    world.run(ms(1000));
    assert!(world.person(1).participant.channels.is_empty());
    assert_eq!(world.counts.unanswered.load(Relaxed), 1);
    world.person(1).participant.open_channel(LABEL);
    world.run(ms(1000));
    world.person(1).participant.open_channel(LABEL);
    world.run(ms(1000));
    assert_eq!(
        world.person(1).participant.channels.len(),
        1,
        "of two of the right label one is"
    );
    assert_eq!(world.counts.unanswered.load(Relaxed), 2);
    say(&mut world, LABEL, true, &[1; NONCE]);
    world.run(ms(100));
    assert_eq!(heard(&mut world), 1);
}

#[test]
fn who_opens_channel_after_channel_is_gone() {
    let mut world = measuring(&[LABEL]);
    for round in 0..40 {
        world.person(1).participant.open_channel(&format!("{round}"));
        world.run(ms(200));
    }
    assert!(world.person(1).participant.closed || world.rooms.next_wake().is_none());
    assert_eq!(world.counts.failures.load(Relaxed), 0);
}
