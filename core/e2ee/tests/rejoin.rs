//! Coming back without the group's state, and being taken for lost: nobody has to click, and nobody slips in.
use crate::world::World;
use ringfence_charter::Admits;
use serde_json::{Value, json};

fn meeting(admission: Admits, names: &[&str]) -> (World, Vec<usize>) {
    let mut world = World::new(admission);
    let mut people: Vec<usize> = vec![];
    for (index, name) in names.iter().enumerate() {
        let who = world.enter(name, index == 0);
        world.run(600);
        if index > 0 && admission == Admits::Lobby {
            let knocks = world.people[people[0]].last("knocks").unwrap()["knocks"].clone();
            world.input(people[0], json!({ "t": "admit", "knock": knocks[0]["id"] }));
            world.run(1_000);
        }
        people.push(who);
    }
    world.run(2_000);
    world.agree(&people);
    (world, people)
}

/// The page is loaded anew, and its person presses Join.
fn reload(world: &mut World, who: usize, name: &str) -> usize {
    let again = world.reload(who);
    world.run(100);
    world.input(again, json!({ "t": "join", "name": name }));
    again
}

fn told(world: &World, who: usize) -> Vec<String> {
    let to = world.server.transcript.iter().filter(|(w, _)| *w == who);
    to.map(|(_, m)| m["t"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_reload_comes_back_to_a_lobby_without_anybodys_click() {
    let (mut world, people) = meeting(Admits::Lobby, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    let again = reload(&mut world, ben, "Ben");
    world.run(2_000);
    world.agree(&[ann, again, cat]);
    assert_eq!(
        world.people[ann].names(),
        ["Ann", "Cat", "Ben"],
        "on another leaf"
    );
    assert_eq!(
        world.server.group.as_ref().unwrap().members().len(),
        3,
        "the old leaf is gone"
    );
    let knocks = told(&world, ann).iter().filter(|t| *t == "knock").count();
    assert_eq!(knocks, 2, "Ben's first and Cat's");
    let knocks = world.people[ann].last("knocks").unwrap();
    assert_eq!(knocks["knocks"], json!([]));
    assert_eq!(world.people[again].problems(), Vec::<String>::new());
}

#[test]
fn who_is_alone_comes_back_to_the_same_group() {
    let (mut world, people) = meeting(Admits::Lobby, &["Ann"]);
    let again = reload(&mut world, people[0], "Ann");
    world.run(1_000);
    world.agree(&[again]);
    assert_eq!(world.server.generation, Some(1));
    assert_eq!(world.server.group.as_ref().unwrap().members().len(), 1);
    let ben = world.enter("Ben", false);
    world.run(2_000);
    let knocks = world.people[again].last("knocks").unwrap()["knocks"].clone();
    world.input(again, json!({ "t": "admit", "knock": knocks[0]["id"] }));
    world.run(1_000);
    world.agree(&[again, ben]);
}

#[test]
fn all_at_once_come_back() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben", "Cat", "Dan", "Eli"]);
    let names = ["Ann", "Ben", "Cat", "Dan", "Eli"];
    for who in &people {
        world.close(*who);
    }
    let again: Vec<usize> = people.iter().map(|who| world.reload(*who)).collect();
    world.run(100);
    for (who, name) in again.iter().zip(names) {
        world.input(*who, json!({ "t": "join", "name": name }));
    }
    world.run(5_000);
    world.agree(&again);
    assert_eq!(world.server.group.as_ref().unwrap().members().len(), 5);
}

#[test]
fn who_missed_too_many_commits_comes_back_and_says_what_was_unsaid() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    world.cut(ben);
    world.input(ben, json!({ "t": "chat", "text": "unsaid" }));
    for round in 0..33 {
        let name = format!("guest {round}");
        let guest = world.enter(&name, false);
        world.run(600);
        world.input(guest, json!({ "t": "leave" }));
        world.run(2_300);
    }
    world.connect(ben);
    world.run(4_000);
    world.agree(&[ann, ben, cat]);
    assert!(told(&world, ben).contains(&"rejoined".to_owned()));
    assert_eq!(world.people[ann].chats(), ["unsaid"]);
}

#[test]
fn who_merely_knows_the_link_learns_nothing_by_coming_back() {
    let (mut world, people) = meeting(Admits::Lobby, &["Ann", "Ben"]);
    let eve = world.person("Eve", false);
    // She says that she was here.
    world.people[eve].seen = json!({ "version": 1, "charter": world.people[people[1]].seen["charter"],
        "generation": 1, "serials": {} });
    let again = reload(&mut world, eve, "Eve");
    world.run(6_000);
    assert_eq!(world.people[again].phase(), "waiting");
    let heard = told(&world, again);
    assert!(
        heard
            .iter()
            .all(|t| ["hello", "waiting", "error"].contains(&t.as_str())),
        "{heard:?}"
    );
}

#[test]
fn the_removed_do_not_come_back_by_themselves() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    let member = world.member_text(ben);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.run(1_000);
    let again = reload(&mut world, ben, "Ben");
    world.run(6_000);
    assert_ne!(world.people[again].phase(), "in");
    world.agree(&[ann, cat]);
}

#[test]
fn a_removal_takes_all_leaves_of_who_has_just_come_back() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    let member = world.member_text(ben);
    let again = reload(&mut world, ben, "Ben");
    world.run(50); // back, and the earlier leaf still there
    assert_eq!(world.server.group.as_ref().unwrap().members().len(), 4);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.run(1_000);
    assert_eq!(world.people[again].phase(), "removed");
    world.agree(&[ann, cat]);
    assert_eq!(world.server.group.as_ref().unwrap().members().len(), 2);
}

#[test]
fn who_is_not_heard_is_taken_out_and_comes_back_without_consent() {
    let (mut world, people) = meeting(Admits::Lobby, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    world.cut(ben);
    world.run(9_000); // his last heartbeat was up to five seconds before
    assert_eq!(world.server.group.as_ref().unwrap().members().len(), 3);
    world.run(8_000);
    assert_eq!(world.server.group.as_ref().unwrap().members().len(), 2);
    world.agree(&[ann, cat]);
    let notices = world.people[ann].events.iter().filter(|e| e["t"] == "notice");
    let kinds: Vec<Value> = notices.map(|e| e["kind"].clone()).collect();
    assert!(!kinds.contains(&json!("removed")), "{kinds:?}");
    world.connect(ben);
    world.run(2_000);
    world.agree(&[ann, ben, cat]);
    assert_eq!(world.people[ann].last("roster").unwrap()["mode"], "lobby");
    assert_eq!(world.people[ann].names(), ["Ann", "Ben", "Cat"].map(String::from));
}

#[test]
fn a_device_that_slept_longer_and_takes_another_connection_is_not_taken_for_lost() {
    let (mut world, people) = meeting(Admits::Lobby, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    let epoch = world.people[ann].epoch();
    // Nothing runs there, and the connection is as it was.
    world.people[ben].open = false;
    world.lie = Some(Box::new(
        move |who, message| if who == ben { vec![] } else { vec![message] },
    ));
    world.run(25_000);
    world.people[ben].open = true;
    world.lie = None;
    world.cut(ben);
    world.run(4_000);
    world.connect(ben);
    world.run(2_000);
    world.agree(&[ann, ben, cat]);
    assert_eq!(world.people[ann].epoch(), epoch);
}

#[test]
fn who_has_just_come_in_does_not_say_that_they_hear_the_lost() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    world.cut(ben);
    world.run(8_000);
    let dan = world.enter("Dan", false);
    world.run(9_000);
    world.agree(&[ann, cat, dan]);
    assert_eq!(world.people[dan].names(), ["Ann", "Cat", "Dan"].map(String::from));
    assert_eq!(world.people[dan].problems(), Vec::<String>::new());
}

#[test]
fn who_was_away_themselves_does_not_say_that_they_hear_the_lost() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    world.cut(ben);
    world.run(11_000);
    world.cut(cat);
    world.run(500);
    world.connect(cat);
    world.run(6_000);
    world.agree(&[ann, cat]);
    assert_eq!(world.people[cat].problems(), Vec::<String>::new());
}

#[test]
fn commits_that_the_server_never_takes_are_tried_again_later() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben"]);
    let [ann, ben] = people[..] else { panic!() };
    world.lie = Some(Box::new(|_, message| match message["t"].as_str() {
        Some("commit") => vec![json!({ "t": "error", "re": "commit", "code": "RF3202", "detail": "" })],
        Some("confirmed") => vec![],
        _ => vec![message],
    }));
    world.cut(ben);
    let refused = |world: &World| {
        world.people[ann]
            .problems()
            .iter()
            .filter(|p| *p == "RF3255")
            .count()
    };
    world.run(20_000);
    assert_eq!(refused(&world), 1);
    world.run(4_000);
    assert_eq!(refused(&world), 1, "not at once");
    world.run(12_000);
    assert_eq!(refused(&world), 2);
}

#[test]
fn what_is_said_on_the_way_back_is_said_then_and_what_is_asked_for_is_refused() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    world.cut(ann);
    world.run(20_000);
    assert_eq!(
        world.server.group.as_ref().unwrap().members().len(),
        2,
        "Ann is lost"
    );
    world.lie = Some(Box::new(move |who, message| {
        let late = who == ann && message["t"] == "group";
        if late { vec![] } else { vec![message] }
    }));
    world.connect(ann);
    world.run(100);
    assert_eq!(world.people[ann].phase(), "joining");
    let member = world.member_text(cat);
    world.input(ann, json!({ "t": "chat", "text": "nearly there" }));
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.input(ann, json!({ "t": "amend", "change": { "admission": "lobby" } }));
    assert_eq!(world.people[ann].problems(), ["RF3251", "RF3264"]);
    world.lie = None;
    world.cut(ann);
    world.connect(ann);
    world.run(3_000);
    world.agree(&[ann, ben, cat]);
    for who in [ann, ben, cat] {
        assert_eq!(world.people[who].chats(), ["nearly there"]);
    }
}

#[test]
fn a_connection_over_which_no_greeting_comes_is_given_up_for_another() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben"]);
    let [ann, ben] = people[..] else { panic!() };
    let cat = world.person("Cat", false);
    let hangs = std::rc::Rc::new(std::cell::Cell::new(true));
    let still = hangs.clone();
    world.lie = Some(Box::new(move |who, message| match who != ann && still.get() {
        true => vec![],
        false => vec![message],
    }));
    world.connect(cat);
    world.cut(ben);
    world.connect(ben);
    world.run(9_000);
    hangs.set(false);
    world.run(11_000);
    assert_eq!(world.people[ben].phase(), "in");
    assert_eq!(world.people[cat].phase(), "ready");
    world.input(cat, json!({ "t": "join", "name": "Cat" }));
    world.run(1_000);
    world.agree(&[ann, ben, cat]);
}

#[test]
fn what_cannot_be_said_keeps_nobody_out() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    world.cut(ann);
    world.run(20_000);
    world.lie = Some(Box::new(move |who, message| {
        let late = who == ann && message["t"] == "group";
        if late { vec![] } else { vec![message] }
    }));
    world.connect(ann);
    world.run(100);
    for text in ["", "said", &"x".repeat(4_001), "too"] {
        world.input(ann, json!({ "t": "chat", "text": text }));
    }
    world.lie = None;
    world.cut(ann);
    world.connect(ann);
    world.run(3_000);
    world.agree(&[ann, ben, cat]);
    assert_eq!(world.people[ben].chats(), ["said", "too"]);
    assert_eq!(world.people[ann].problems(), ["RF3294"]);
}

#[test]
fn what_was_said_into_another_generation_is_told_to_who_comes_back_there() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    world.cut(ann);
    world.input(ann, json!({ "t": "chat", "text": "said without a connection" }));
    world.input(ben, json!({ "t": "leave" }));
    world.run(3_000);
    world.input(cat, json!({ "t": "leave" }));
    world.run(130_000);
    let dan = world.enter("Dan", false);
    world.run(1_000);
    world.connect(ann);
    world.run(3_000);
    world.agree(&[ann, dan]);
    assert_eq!(world.people[dan].chats(), ["said without a connection"]);
    let again = reload(&mut world, dan, "Dan");
    world.run(3_000);
    assert_eq!(shown(&world, again), ["said without a connection"]);
}

#[test]
fn those_who_come_back_at_once_are_told_by_several_and_nobody_says_too_much() {
    let (mut world, mut people) = meeting(Admits::Link, &["Ann", "Ben", "Cat", "Dan", "Eli", "Fay"]);
    let text = "x".repeat(4_000);
    for number in 0..200 {
        world.input(
            people[0],
            json!({ "t": "chat", "text": format!("{number:03} {}", &text[..3_990]) }),
        );
        world.run(50);
    }
    world.server.transcript.clear();
    let mut back = people.split_off(2);
    for who in &mut back {
        *who = reload(&mut world, *who, "Somebody");
    }
    world.run(1_000);
    let parts = |world: &World| {
        let passed = world.server.transcript.iter();
        passed
            .filter(|(_, m)| m["t"] == "sealed" && m["n"].is_null() && m.to_string().len() > 10_000)
            .count()
    };
    // Each is told 40 parts; all four ask the same one first, who tells two of them.
    assert!((40..=90).contains(&parts(&world)), "{} at once", parts(&world));
    world.run(20_000);
    for who in back {
        assert_eq!(shown(&world, who).len(), 200);
    }
}

#[test]
fn who_is_removed_while_they_are_lost_is_removed_when_they_are_back() {
    let (mut world, people) = meeting(Admits::Lobby, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    world.cut(cat);
    // The host decides while another's commit, by which the leaf is lost, is on its way.
    world.run(14_900);
    world.people[ann].connected = false;
    let member = world.member_text(cat);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.cut(ann);
    world.run(2_000);
    world.connect(ann);
    world.run(2_000);
    world.agree(&[ann, ben]);
    assert_eq!(world.people[ann].names(), ["Ann", "Ben"]);
    world.connect(cat);
    world.run(3_000);
    assert_eq!(world.people[cat].phase(), "removed");
    world.agree(&[ann, ben]);
    assert_eq!(world.people[ann].names(), ["Ann", "Ben"]);
}

#[test]
fn two_pages_of_one_member_leave_the_later_one() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben"]);
    let [ann, ben] = people[..] else { panic!() };
    let (connected, open) = (world.people[ben].connected, world.people[ben].open);
    let again = reload(&mut world, ben, "Ben");
    (world.people[ben].connected, world.people[ben].open) = (connected, open);
    world.run(2_000);
    world.agree(&[ann, again]);
}

fn say(world: &mut World, who: usize, text: &str) {
    world.input(who, json!({ "t": "chat", "text": text }));
    world.run(100);
}

/// The chat as the page has it, from the first line to the last.
fn shown(world: &World, who: usize) -> Vec<String> {
    let mut shown: Vec<(&str, &str)> = vec![];
    for event in world.people[who].events.iter().filter(|e| e["t"] == "chat") {
        let text = |key: &str| event[key].as_str();
        let before = text("before").and_then(|id| shown.iter().position(|(other, _)| *other == id));
        let line = (text("id").unwrap(), text("text").unwrap());
        shown.insert(before.unwrap_or(shown.len()), line);
    }
    shown.iter().map(|(_, text)| text.to_string()).collect()
}

#[test]
fn who_reloads_is_told_what_was_said_since_they_were_admitted_and_nothing_before() {
    let (mut world, people) = meeting(Admits::Lobby, &["Ann", "Ben"]);
    let [ann, ben] = people[..] else { panic!() };
    say(&mut world, ann, "before Cat");
    let cat = world.enter("Cat", false);
    world.run(600);
    let knocks = world.people[ann].last("knocks").unwrap()["knocks"].clone();
    world.input(ann, json!({ "t": "admit", "knock": knocks[0]["id"] }));
    world.run(1_000);
    for (who, text) in [(ben, "one"), (cat, "two"), (ann, "three")] {
        say(&mut world, who, text);
    }
    let again = reload(&mut world, cat, "Cat");
    world.run(2_000);
    assert_eq!(world.people[again].chats(), ["one", "two", "three"]);
    let told: Vec<&Value> = world.people[again]
        .events
        .iter()
        .filter(|e| e["t"] == "chat")
        .collect();
    assert_eq!(
        told.iter().map(|e| e["you"] == true).collect::<Vec<_>>(),
        [false, true, false]
    );
    assert_eq!(told[0]["name"], "Ben");
    assert!(told.iter().all(|e| e["told_by"] == "Ann"), "{told:?}");
    let again = reload(&mut world, ben, "Ben");
    world.run(2_000);
    assert_eq!(world.people[again].chats(), ["before Cat", "one", "two", "three"]);
}

#[test]
fn a_long_history_arrives_whole_and_before_what_is_said_meanwhile() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben"]);
    let [ann, ben] = people[..] else { panic!() };
    let long = "\u{1F600}".repeat(4_000);
    for number in 0..20 {
        say(&mut world, ann, &format!("{number} {}", &long[..4 * 3_900]));
    }
    // Ben is told late.
    let mut held = vec![];
    let again = reload(&mut world, ben, "Ben");
    world.lie = Some(Box::new(move |who, message| {
        let old = who == again && message["t"] == "sealed" && message["n"].is_null();
        if old && message["message"].as_str().unwrap().len() > 20_000 {
            held.push(message);
            return vec![];
        }
        if who == again && message["t"] == "sealed" && !message["n"].is_null() {
            return [vec![message], std::mem::take(&mut held)].concat();
        }
        vec![message]
    }));
    world.run(2_000);
    say(&mut world, ann, "meanwhile");
    world.run(4_000);
    let first = |text: &String| text.split(' ').next().unwrap().to_owned();
    let shown: Vec<String> = shown(&world, again).iter().map(first).collect();
    let expected: Vec<String> = (0..20)
        .map(|n| n.to_string())
        .chain(["meanwhile".into()])
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn another_is_asked_when_the_first_does_not_answer() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben", "Cat"]);
    let [ann, _, cat] = people[..] else { panic!() };
    say(&mut world, ann, "kept by all");
    world.lie = Some(Box::new(move |who, message| {
        let asked = who == ann && message["t"] == "sealed";
        if asked { vec![] } else { vec![message] }
    }));
    let again = reload(&mut world, cat, "Cat");
    world.run(2_000);
    assert_eq!(world.people[again].chats(), Vec::<String>::new());
    world.run(3_000);
    assert_eq!(world.people[again].chats(), ["kept by all"]);
    assert_eq!(world.people[again].last("chat").unwrap()["told_by"], "Ben");
}

#[test]
fn who_reloads_is_told_also_what_the_first_who_is_asked_has_missed() {
    let (mut world, people) = meeting(Admits::Link, &["Ann", "Ben", "Cat"]);
    let [ann, ben, cat] = people[..] else { panic!() };
    say(&mut world, ben, "one");
    world.cut(ann);
    world.run(17_000);
    say(&mut world, ben, "two");
    world.lie = Some(Box::new(move |who, message| {
        let told = who == ann && message["t"] == "sealed" && message["n"].is_null();
        if told { vec![] } else { vec![message] }
    }));
    world.connect(ann);
    world.run(14_000);
    world.lie = None;
    say(&mut world, cat, "three");
    assert_eq!(world.people[ann].chats(), ["one", "three"], "Ann lacks one");
    let again = reload(&mut world, cat, "Cat");
    world.run(3_000);
    assert_eq!(shown(&world, again), ["one", "two", "three"]);
    let told_by = |text: &str| {
        let chats = world.people[again].events.iter().filter(|e| e["t"] == "chat");
        let said: Vec<&Value> = chats.filter(|e| e["text"] == text).collect();
        said[0]["told_by"].clone()
    };
    assert_eq!((told_by("one"), told_by("two")), (json!("Ann"), json!("Ben")));
}

#[test]
fn who_was_taken_for_lost_is_told_what_was_said_meanwhile_once() {
    let (mut world, people) = meeting(Admits::Lobby, &["Ann", "Ben", "Cat"]);
    let [ann, ben, _] = people[..] else { panic!() };
    say(&mut world, ann, "together");
    world.cut(ben);
    world.run(17_000);
    say(&mut world, ann, "alone");
    world.connect(ben);
    world.run(3_000);
    assert_eq!(world.people[ben].chats(), ["together", "alone"]);
    say(&mut world, ann, "together again");
    assert_eq!(world.people[ben].chats(), ["together", "alone", "together again"]);
}
