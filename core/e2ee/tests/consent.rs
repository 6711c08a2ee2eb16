//! What a host has said yes to holds until the person is in, whoever's connection breaks meanwhile, and for no other.
use crate::world::{World, public};
use ringfence_charter::Admits;
use ringfence_fence::preset;
use ringfence_signed::to_text;
use serde_json::{Value, json};

/// The host is in a lobby meeting, and somebody knocks.
fn asked_for() -> (World, [usize; 2]) {
    let mut world = World::new(Admits::Lobby);
    let ann = world.enter("Ann", true);
    world.run(1_000);
    let cleo = world.enter("Cleo", false);
    world.run(500);
    (world, [ann, cleo])
}

/// Somebody knocks and is let in, and the server can write nothing down.
fn let_in_and_not_yet_in() -> (World, [usize; 2]) {
    let (mut world, [ann, cleo]) = asked_for();
    world.server.is_full = true;
    admit(&mut world, ann);
    world.run(1_000);
    assert_eq!(world.people[cleo].phase(), "waiting");
    (world, [ann, cleo])
}

fn asked(world: &World, host: usize) -> Vec<Value> {
    let knocks = &world.people[host].last("knocks").unwrap()["knocks"];
    knocks.as_array().unwrap().clone()
}

fn admit(world: &mut World, host: usize) {
    let id = asked(world, host)[0]["id"].clone();
    world.input(host, json!({ "t": "admit", "knock": id }));
}

#[test]
fn whom_a_host_let_in_comes_in_when_the_hosts_connection_broke_before_it_counted() {
    let (mut world, [ann, cleo]) = let_in_and_not_yet_in();
    world.cut(ann);
    world.connect(ann);
    world.server.is_full = false;
    world.run(6_000);
    world.agree(&[ann, cleo]);
}

#[test]
fn whom_a_host_let_in_comes_in_when_their_own_connection_broke_before_it_counted() {
    let (mut world, [ann, cleo]) = let_in_and_not_yet_in();
    world.cut(cleo);
    world.run(1_000);
    world.connect(cleo);
    world.run(1_000);
    assert_eq!(asked(&world, ann), Vec::<Value>::new(), "nobody is asked twice");
    world.server.is_full = false;
    world.run(6_000);
    world.agree(&[ann, cleo]);
}

#[test]
fn whom_a_host_let_in_comes_in_when_both_connections_broke_at_once() {
    let (mut world, [ann, cleo]) = asked_for();
    world.server.is_full = true;
    admit(&mut world, ann);
    world.cut(cleo);
    world.cut(ann);
    world.server.is_full = false;
    world.connect(ann);
    world.connect(cleo);
    world.run(2_000);
    world.agree(&[ann, cleo]);
}

/// The host has said yes, and their key has not signed it yet.
fn let_in_and_not_yet_signed() -> (World, [usize; 2]) {
    let (mut world, [ann, cleo]) = asked_for();
    world.people[ann].signs_late = true;
    admit(&mut world, ann);
    world.run(500);
    assert_eq!(world.people[cleo].phase(), "waiting");
    (world, [ann, cleo])
}

#[test]
fn whom_a_host_let_in_comes_in_when_their_connection_broke_before_the_yes_was_signed() {
    let (mut world, [ann, cleo]) = let_in_and_not_yet_signed();
    world.cut(cleo);
    world.run(1_000);
    world.sign(ann);
    world.run(1_000);
    world.connect(cleo);
    world.run(2_000);
    world.agree(&[ann, cleo]);
}

#[test]
fn whom_a_host_let_in_comes_in_when_the_yes_is_signed_after_they_knocked_again() {
    let (mut world, [ann, cleo]) = let_in_and_not_yet_signed();
    world.cut(cleo);
    world.run(1_000);
    world.connect(cleo);
    world.run(1_000);
    assert_eq!(asked(&world, ann), Vec::<Value>::new(), "nobody is asked twice");
    world.sign(ann);
    world.run(2_000);
    world.agree(&[ann, cleo]);
}

#[test]
fn whom_a_host_let_in_comes_in_when_the_yes_was_signed_while_the_host_was_away() {
    let (mut world, [ann, cleo]) = let_in_and_not_yet_signed();
    world.cut(ann);
    world.sign(ann);
    world.people[ann].signs_late = false;
    world.connect(ann);
    world.run(2_000);
    world.agree(&[ann, cleo]);
}

#[test]
fn under_another_name_they_ask_anew() {
    let (mut world, [ann, cleo]) = let_in_and_not_yet_in();
    let again = world.reload(cleo);
    world.run(100);
    world.server.is_full = false;
    world.input(again, json!({ "t": "join", "name": "The headmaster" }));
    world.run(6_000);
    assert_eq!(asked(&world, ann)[0]["name"], "The headmaster");
    assert_eq!(world.people[again].phase(), "waiting");
    admit(&mut world, ann);
    world.run(1_000);
    world.agree(&[ann, again]);
}

#[test]
fn who_comes_back_long_after_the_yes_asks_anew() {
    let (mut world, [ann, cleo]) = let_in_and_not_yet_in();
    world.cut(cleo);
    world.server.is_full = false;
    world.run(119_000);
    let dan = world.enter("Dan", false);
    world.run(2_000);
    world.connect(cleo);
    world.run(2_000);
    let names: Vec<Value> = asked(&world, ann).iter().map(|k| k["name"].clone()).collect();
    assert_eq!(names, ["Dan", "Cleo"]);
    assert_eq!(world.people[dan].phase(), "waiting");
}

#[test]
fn who_is_sent_away_after_all_asks_anew() {
    let (mut world, [ann, cleo]) = let_in_and_not_yet_in();
    // Asked about once, it is not shown any more: a page that is slow may still say so.
    let told = world.server.transcript.iter();
    let knock = told.rev().find(|(_, message)| message["t"] == "knock").unwrap().1["id"].clone();
    world.input(ann, json!({ "t": "deny", "knock": knock }));
    world.server.is_full = false;
    world.run(500);
    let again = world.reload(cleo);
    world.run(100);
    world.input(again, json!({ "t": "join", "name": "Cleo" }));
    world.run(6_000);
    assert_eq!(asked(&world, ann)[0]["name"], "Cleo");
    assert_eq!(world.people[again].phase(), "waiting");
}

#[test]
fn under_other_rules_a_host_is_asked_anew() {
    let (mut world, [ann, cleo]) = let_in_and_not_yet_in();
    let mut policy = preset::policy("only-this-server", &public(&world.meeting.node)).unwrap();
    policy.name = "Ours alone".into();
    let change = json!({ "policy": to_text(&policy.encode()) });
    world.input(ann, json!({ "t": "amend", "change": change }));
    world.server.is_full = false;
    world.run(6_000);
    assert_eq!(asked(&world, ann)[0]["name"], "Cleo");
    assert_eq!(world.people[cleo].phase(), "waiting");
    admit(&mut world, ann);
    world.run(1_000);
    world.agree(&[ann, cleo]);
}
