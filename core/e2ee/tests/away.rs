//! Lost connections: the group is kept, what was missed comes in order, and nothing is said twice or lost.
use crate::world::World;
use crate::world::net::Net;
use ringfence_charter::Admits;
use serde_json::{Value, json};

fn three() -> (World, [usize; 3]) {
    let mut world = World::new(Admits::Link);
    let ann = world.enter("Ann", true);
    world.run(200);
    let ben = world.enter("Ben", false);
    let cat = world.enter("Cat", false);
    world.run(3_000);
    (world, [ann, ben, cat])
}

fn chat(world: &mut World, who: usize, text: &str) {
    world.input(who, json!({ "t": "chat", "text": text }));
}

#[test]
fn a_lost_connection_comes_back_on_the_same_leaf_without_a_commit() {
    let (mut world, [ann, ben, cat]) = three();
    let (epoch, leaf) = (world.people[ben].epoch(), world.people[ben].leaf());
    world.cut(ben);
    assert_eq!(world.people[ben].phase(), "lost");
    world.run(2_000);
    world.connect(ben);
    assert_eq!(world.people[ben].phase(), "in", "at once");
    world.run(3_000);
    world.agree(&[ann, ben, cat]);
    assert_eq!(
        (world.people[ben].epoch(), world.people[ben].leaf()),
        (epoch, leaf)
    );
    assert_eq!(world.people[ben].problems(), Vec::<String>::new());
}

#[test]
fn what_was_said_and_done_meanwhile_arrives_once_and_in_order() {
    let (mut world, [ann, ben, cat]) = three();
    chat(&mut world, ann, "one");
    world.cut(ben);
    chat(&mut world, ann, "two");
    let dan = world.enter("Dan", false);
    world.run(2_000);
    chat(&mut world, dan, "three");
    let eli = world.enter("Eli", false);
    world.run(2_000);
    chat(&mut world, cat, "four");
    world.input(eli, json!({ "t": "leave" }));
    world.run(2_000);
    world.connect(ben);
    world.run(1_000);
    world.agree(&[ann, ben, cat, dan]);
    assert_eq!(world.people[ben].chats(), ["one", "two", "three", "four"]);
    assert_eq!(world.people[ben].names(), ["Ann", "Ben", "Cat", "Dan"]);
    assert_eq!(world.people[ben].problems(), Vec::<String>::new());
}

#[test]
fn what_is_said_without_a_connection_is_said_when_it_is_there() {
    let (mut world, [ann, ben, cat]) = three();
    world.cut(ben);
    for text in ["a", "b"] {
        chat(&mut world, ben, text);
    }
    world.enter("Dan", false);
    world.run(2_000);
    world.connect(ben);
    chat(&mut world, ben, "c");
    world.run(1_000);
    for who in [ann, cat] {
        assert_eq!(world.people[who].chats(), ["a", "b", "c"]);
    }
}

#[test]
fn until_the_server_knows_us_again_nothing_is_asked_of_it_as_a_member() {
    let (mut world, [_, ben, cat]) = three();
    world.cut(ben);
    // The greeting is on its way.
    world.lie = Some(Box::new(|_, message| match message["t"].as_str() {
        Some("hello") => vec![],
        _ => vec![message],
    }));
    world.connect(ben);
    world.input(ben, json!({ "t": "view", "wants": [] }));
    world.input(ben, json!({ "t": "offer", "sdp": "v=0\r\n" }));
    world.input(ben, json!({ "t": "chat", "text": "soon" }));
    assert_eq!(world.people[ben].problems(), Vec::<String>::new());
    world.input(ben, json!({ "t": "deny", "knock": "any" }));
    assert_eq!(world.people[ben].problems(), ["RF3251"], "a person is told");
    world.lie = None;
    world.cut(ben);
    world.connect(ben);
    world.run(1_000);
    world.cut(ben);
    world.input(ben, json!({ "t": "leave" }));
    world.connect(ben);
    world.run(3_000);
    assert_eq!(world.people[ben].problems(), ["RF3251"], "and of nothing else");
    assert_eq!(world.people[ben].phase(), "left");
    assert_eq!(world.people[cat].chats(), ["soon"]);
}

#[test]
fn a_commit_that_another_overtook_while_we_were_away_is_not_waited_for() {
    let (mut world, [ann, ben, cat]) = three();
    // Ann's commit never arrives.
    world.people[ann].connected = false;
    let member = world.member_text(cat);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.cut(ann);
    world.input(cat, json!({ "t": "leave" }));
    world.run(2_000);
    world.connect(ann);
    world.run(1_000);
    world.agree(&[ann, ben]);
    // The next one that the server cannot take is refused to her, and tried again.
    world.server.is_full = true;
    let dan = world.enter("Dan", false);
    world.run(6_000);
    world.server.is_full = false;
    world.run(20_000);
    world.agree(&[ann, ben, dan]);
    assert_eq!(world.people[ann].phase(), "in");
}

#[test]
fn who_knocked_and_went_while_we_were_away_is_not_waited_for_nor_shown() {
    let mut world = World::new(Admits::Lobby);
    let ann = world.enter("Ann", true);
    world.run(1_000);
    let ben = world.enter("Ben", false);
    world.run(500);
    let asked = |world: &World| {
        let knocks = world.people[ann].last("knocks").unwrap()["knocks"].clone();
        knocks
            .as_array()
            .unwrap()
            .iter()
            .map(|k| k["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(asked(&world), ["Ben"]);
    world.cut(ann);
    assert_eq!(asked(&world), Vec::<Value>::new(), "nothing to press meanwhile");
    world.close(ben);
    let cat = world.enter("Cat", false);
    world.run(500);
    world.connect(ann);
    world.run(500);
    assert_eq!(asked(&world), ["Cat"]);
    let knocks = world.people[ann].last("knocks").unwrap()["knocks"].clone();
    world.input(ann, json!({ "t": "admit", "knock": knocks[0]["id"] }));
    world.run(1_000);
    world.agree(&[ann, cat]);
    assert_eq!(world.people[ann].problems(), Vec::<String>::new());
}

#[test]
fn what_the_server_refuses_is_said_once_and_neither_lost_nor_overtaken() {
    let (mut world, [ann, ben, cat]) = three();
    world.server.is_full = true;
    chat(&mut world, ben, "a");
    chat(&mut world, ben, "b");
    world.run(11_000);
    chat(&mut world, ben, "c");
    assert_eq!(world.people[ben].problems(), ["RF1009"], "told once");
    world.server.is_full = false;
    chat(&mut world, ben, "d");
    world.run(5_000);
    for who in [ann, cat] {
        assert_eq!(world.people[who].chats(), ["a", "b", "c", "d"]);
    }
    chat(&mut world, ben, "e");
    assert_eq!(world.people[ann].chats().last().unwrap(), "e", "at once again");
}

#[test]
fn what_the_server_took_before_the_connection_broke_is_not_said_twice() {
    let (mut world, [ann, ben, cat]) = three();
    // The server's word that it took it never arrives.
    world.lie = Some(Box::new(|_, message| match message["t"].as_str() {
        Some("taken") => vec![],
        _ => vec![message],
    }));
    chat(&mut world, ben, "once");
    world.cut(ben);
    world.lie = None;
    world.connect(ben);
    world.run(6_000);
    for who in [ann, cat] {
        assert_eq!(world.people[who].chats(), ["once"]);
    }
}

#[test]
fn states_that_changed_meanwhile_are_known_again() {
    let (mut world, [_, ben, cat]) = three();
    world.cut(ben);
    world.input(cat, json!({ "t": "state", "muted": true, "camera": true }));
    world.input(ben, json!({ "t": "state", "muted": false, "camera": true }));
    world.connect(ben);
    world.run(100);
    let state = |world: &World, who: usize, of: usize| {
        let roster = world.people[who].last("roster").unwrap()["members"].clone();
        (roster[of]["muted"].clone(), roster[of]["camera"].clone())
    };
    assert_eq!(state(&world, ben, 2), (json!(true), json!(true)));
    assert_eq!(state(&world, cat, 1), (json!(false), json!(true)));
}

#[test]
fn media_stays_open_over_a_short_loss_and_closes_by_the_rule_of_ten_seconds() {
    let (mut world, [_, ben, _]) = three();
    world.media(ben);
    assert!(world.people[ben].media_open());
    world.cut(ben);
    world.run(4_000);
    assert!(
        world.people[ben].media_open(),
        "the others still have the same keys"
    );
    world.connect(ben);
    world.run(4_000);
    assert!(world.people[ben].media_open());
    world.cut(ben);
    world.run(10_500);
    assert!(!world.people[ben].media_open());
    assert!(world.people[ben].last("cutoff").unwrap()["since"].is_u64());
    world.connect(ben);
    world.run(6_000);
    assert!(world.people[ben].media_open());
}

/// The committer's connection breaks at each step of a commit.
#[test]
fn a_commit_survives_the_committers_connection_at_each_step() {
    for stop in ["commit", "confirmed", "welcome"] {
        let (mut world, [ann, ben, cat]) = three();
        world.enter("Eli", false); // a tick begins
        let dan = world.enter("Dan", false);
        let mut broken = false;
        world.lie = Some(Box::new(move |who, message| {
            broken |= message["t"] == stop;
            if broken && who == ann {
                vec![]
            } else {
                vec![message]
            }
        }));
        world.run(260);
        world.cut(ann);
        world.lie = None;
        world.run(1_000);
        world.connect(ann);
        world.run(3_000);
        world.agree(&[ann, ben, cat, dan]);
        assert_eq!(world.people[ann].problems(), Vec::<String>::new(), "{stop}");
    }
}

#[test]
fn a_commit_that_others_cannot_use_does_not_stall_the_group() {
    let (mut world, [ann, ben, cat]) = three();
    // Ann's commits are damaged where only members can see it.
    world.lie = Some(Box::new(move |who, message| {
        let mut told = message.clone();
        if message["t"] == "commit" && who != ann {
            let mut bytes = ringfence_signed::from_text(message["commit"].as_str().unwrap()).unwrap();
            let last = bytes.len() - 40; // in the confirmation tag
            bytes[last] ^= 1;
            told["commit"] = json!(ringfence_signed::to_text(&bytes));
        }
        vec![told]
    }));
    let dan = world.enter("Dan", false);
    world.run(250); // before anybody else takes their turn
    assert_eq!(world.people[ben].epoch(), world.people[cat].epoch());
    for who in [ben, cat] {
        assert_eq!(world.people[who].phase(), "in");
        assert!(!world.people[who].problems().is_empty());
    }
    world.lie = None;
    world.run(4_000);
    world.agree(&[ann, ben, cat, dan]);
}

#[test]
fn who_hears_nothing_holds_up_a_commit_once_and_no_longer() {
    let (mut world, [ann, ben, _]) = three();
    let cat = 2;
    world.input(cat, json!({ "t": "leave" }));
    world.run(2_500);
    // Ben's connection is dead, and neither he nor the server has noticed.
    world.people[ben].connected = false;
    let dan = world.enter("Dan", false);
    world.run(2_500);
    world.agree(&[ann, dan]);
}

#[test]
fn a_token_of_nobody_resumes_nothing() {
    let (mut world, [ann, ben, cat]) = three();
    world.cut(ben);
    for seat in world.server.tickets.values_mut() {
        seat.token = vec![0; 32];
    }
    world.connect(ben);
    world.run(3_000);
    let mut told = world.server.transcript.iter().filter(|(who, _)| *who == ben);
    assert!(told.all(|(_, message)| message["t"] != "resumed"));
    world.agree(&[ann, ben, cat]);
}

#[test]
fn a_charter_that_changes_between_greeting_and_coming_back_is_no_obstacle() {
    let (mut world, [ann, ben, cat]) = three();
    world.cut(ben);
    world.net = Some(Net::new(1, 20, 21));
    world.input(ann, json!({ "t": "amend", "change": { "admission": "lobby" } }));
    world.run(30); // its commit is provisional
    world.connect(ben);
    world.run(3_000);
    let told = world.server.transcript.iter().filter(|(who, _)| *who == ben);
    let told: Vec<&str> = told.map(|(_, message)| message["t"].as_str().unwrap()).collect();
    assert!(told.contains(&"amended"), "{told:?}");
    assert!(
        told.contains(&"resumed") && !told.contains(&"rejoined"),
        "{told:?}"
    );
    world.agree(&[ann, ben, cat]);
    assert!(!world.lost_group("Ben"));
}

#[test]
fn who_left_as_the_connection_broke_does_not_come_in_again() {
    let (mut world, [ann, ben, cat]) = three();
    world.input(ben, json!({ "t": "leave" }));
    world.cut(ben); // the wish has arrived, and its commit will not
    world.run(1_000);
    assert_eq!(world.people[ann].names(), ["Ann", "Cat"]);
    world.connect(ben);
    world.run(3_000);
    assert_eq!(world.people[ben].phase(), "left");
    assert_eq!(world.people[ann].names(), ["Ann", "Cat"]);
    world.agree(&[ann, cat]);
}

/// The lid is closed while a commit is under way: `at` is the last message that is heard before.
#[test]
fn a_device_that_slept_comes_back_whatever_it_waited_for() {
    for (sleeper, last) in [(1, "commit"), (0, "knock"), (0, "commit")] {
        let (mut world, people) = three();
        world.enter("Eli", false); // a tick begins
        let dan = world.enter("Dan", false);
        let who = people[sleeper];
        let mut asleep = false;
        world.lie = Some(Box::new(move |to, message| {
            let heard = !asleep;
            asleep |= to == who && message["t"] == last;
            if to == who && !heard {
                vec![]
            } else {
                vec![message]
            }
        }));
        world.run(300);
        world.people[who].open = false;
        world.run(60_000);
        world.people[who].open = true;
        world.lie = None;
        world.input(who, json!({ "t": "tick" }));
        assert_ne!(
            world.people[who].phase(),
            "stopped",
            "{last}: {:?}",
            world.people[who].problems()
        );
        world.cut(who);
        world.connect(who);
        world.run(4_000);
        world.agree(&[people[0], people[1], people[2], dan]);
    }
}

/// Less than a device that sleeps is told by, while a commit is under way: `at` is what arrived last.
#[test]
fn a_clock_that_is_set_ahead_stops_nobody() {
    for ahead in (500..15_000).step_by(500) {
        for (of, at) in [(0, "up commit"), (1, "down commit")] {
            let (mut world, people) = three();
            world.net = Some(Net::new(1, 100, 100));
            let dan = world.person("Dan", false);
            world.connect(dan);
            world.input(dan, json!({ "t": "join", "name": "Dan" }));
            let under_way = |world: &World| {
                world
                    .arrived
                    .iter()
                    .any(|(_, who, t)| *who == people[of] && t == at)
            };
            while !under_way(&world) {
                world.run(10);
            }
            world.set_clock(people[of], ahead);
            world.run(4_000);
            let problems = world.people[people[of]].problems();
            assert_eq!(
                world.people[people[of]].phase(),
                "in",
                "{at}, {ahead} ms: {problems:?}"
            );
            world.agree(&[people[0], people[1], people[2], dan]);
        }
    }
}

#[test]
fn a_wish_to_leave_that_a_commit_overtakes_is_heard_all_the_same_and_nothing_is_said_of_it() {
    let (mut world, [ann, ben, cat]) = three();
    world.net = Some(Net::new(1, 400, 400));
    let member = world.member_text(cat);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.run(1_000); // the others are asked, and one is about to answer
    world.input(ben, json!({ "t": "leave" }));
    world.run(6_000);
    let refused = |(who, message): &(usize, Value)| *who == ben && message["re"] == "proposal";
    assert!(world.server.transcript.iter().any(refused), "nothing overtook it");
    assert_eq!(world.people[ben].phase(), "left");
    assert_eq!(world.people[ben].problems(), Vec::<String>::new());
}

#[test]
fn what_several_commits_overtake_on_a_slow_line_is_said_again_and_nothing_is_said_of_it() {
    let (mut world, [ann, ben, _]) = three();
    world.net = Some(Net::new(1, 20, 20));
    let until = world.now + 4_500;
    world.net.as_mut().unwrap().stall(Some(ben), until);
    world.input(ben, json!({ "t": "chat", "text": "on its way for long" }));
    for name in ["Dan", "Eve", "Fay", "Gus", "Hal"] {
        world.enter(name, false);
        world.run(500);
    }
    world.run(12_000);
    let refused = |(who, message): &(usize, Value)| *who == ben && message["code"] == "RF3205";
    assert!(world.server.transcript.iter().any(refused), "nothing overtook it");
    assert_eq!(world.people[ben].problems(), Vec::<String>::new());
    assert_eq!(world.people[ann].chats(), ["on its way for long"]);
}
