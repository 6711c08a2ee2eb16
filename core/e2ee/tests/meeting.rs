//! Whole meetings in simulated time: who comes in, who goes, what they share and what they cannot open.
use crate::world::net::Net;
use crate::world::{self, World};
use ringfence_charter::Admits;
use ringfence_e2ee::keys::{self, BaseKey, Header, Stream, kid};
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

#[test]
fn whoever_has_the_link_is_in_without_a_click_and_all_know_each_others_names() {
    let (world, people) = three();
    world.agree(&people);
    for who in people {
        assert_eq!(world.people[who].names(), ["Ann", "Ben", "Cat"]);
        assert_eq!(world.people[who].problems(), Vec::<String>::new());
    }
    assert_eq!(
        world.people[people[0]].last("roster").unwrap()["members"][0]["role"],
        "host"
    );
}

#[test]
fn in_a_lobby_a_host_hears_the_name_and_admits() {
    let mut world = World::new(Admits::Lobby);
    let ann = world.enter("Ann", true);
    let ben = world.enter("Ben", false);
    world.run(5_000);
    assert_eq!(world.people[ben].phase(), "waiting");
    let knocks = world.people[ann].last("knocks").unwrap()["knocks"].clone();
    assert_eq!(knocks[0]["name"], "Ben");
    world.input(ann, json!({ "t": "admit", "knock": knocks[0]["id"] }));
    world.run(1_000);
    world.agree(&[ann, ben]);
    assert_eq!(world.people[ann].last("knocks").unwrap()["knocks"], json!([]));
}

/// Who waits asks for a greeting every four seconds; the server refuses that to a member.
#[test]
fn who_is_let_in_while_they_ask_for_a_greeting_is_told_nothing() {
    let mut world = World::new(Admits::Lobby);
    let ann = world.enter("Ann", true);
    let ben = world.enter("Ben", false);
    world.run(1_000);
    world.net = Some(Net::new(1, 900, 900));
    world.run(2_200);
    let knocks = world.people[ann].last("knocks").unwrap()["knocks"].clone();
    world.input(ann, json!({ "t": "admit", "knock": knocks[0]["id"] }));
    world.run(9_000);
    world.agree(&[ann, ben]);
    let refused = |(who, message): &(usize, Value)| *who == ben && message["re"] == "hello";
    assert!(
        world.server.transcript.iter().any(refused),
        "they asked too early or too late"
    );
    assert_eq!(world.people[ben].problems(), Vec::<String>::new());
}

#[test]
fn who_waits_in_a_lobby_is_told_nothing_and_who_is_denied_is_told_so() {
    let mut world = World::new(Admits::Lobby);
    let ann = world.enter("Ann", true);
    let ben = world.enter("Ben", false);
    world.run(9_000);
    let heard: Vec<&Value> = world
        .server
        .transcript
        .iter()
        .filter(|(w, _)| *w == ben)
        .map(|(_, m)| m)
        .collect();
    assert!(
        heard
            .iter()
            .all(|m| ["hello", "waiting"].contains(&m["t"].as_str().unwrap()))
    );
    assert!(world.people[ben].keys.is_empty());
    let id = world.people[ann].last("knocks").unwrap()["knocks"][0]["id"].clone();
    world.input(ann, json!({ "t": "deny", "knock": id }));
    assert_eq!(world.people[ben].phase(), "denied");
}

#[test]
fn a_guest_who_comes_before_the_host_of_a_lobby_waits_for_them() {
    let mut world = World::new(Admits::Lobby);
    let ben = world.enter("Ben", false);
    world.run(5_000);
    assert_eq!(world.people[ben].phase(), "waiting");
    let ann = world.enter("Ann", true);
    world.run(2_100);
    let id = world.people[ann].last("knocks").unwrap()["knocks"][0]["id"].clone();
    world.input(ann, json!({ "t": "admit", "knock": id }));
    world.run(1_000);
    world.agree(&[ann, ben]);
}

fn frame(world: &World, who: usize) -> Vec<u8> {
    let (epoch, leaf) = (world.people[who].epoch(), world.people[who].leaf());
    let key = BaseKey::from_bytes(world.media_key(who, epoch, leaf).unwrap());
    keys::seal(
        &key,
        Header {
            kid: kid(Stream::Camera, leaf, epoch),
            counter: 5,
        },
        b"",
        b"a face",
    )
}

/// Everything that this participant holds, tried on a frame.
fn opens(world: &World, who: usize, frame: &[u8]) -> bool {
    (0..50).any(|epoch| {
        (0..5).any(|leaf| {
            let key = world.media_key(who, epoch, leaf).map(BaseKey::from_bytes);
            key.is_some_and(|key| keys::open(&key, b"", frame).is_ok())
        })
    })
}

#[test]
fn the_removed_are_told_and_open_nothing_of_the_next_epoch() {
    let (mut world, [ann, ben, cat]) = three();
    let before = frame(&world, ann);
    assert!(opens(&world, ben, &before), "the search would find it");
    let held: Vec<_> = (0..3)
        .map(|leaf| world.media_key(ben, world.people[ben].epoch(), leaf))
        .collect();
    let member = world.member_text(ben);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.run(1_000);
    assert_eq!(world.people[ben].phase(), "removed");
    world.agree(&[ann, cat]);
    let after = frame(&world, ann);
    assert!(opens(&world, cat, &after));
    assert!(!opens(&world, ben, &after));
    for key in held.into_iter().flatten() {
        assert!(keys::open(&BaseKey::from_bytes(key), b"", &after).is_err());
    }
    let keys = world.people[cat].keys.last().unwrap();
    assert_eq!(
        (
            keys["switch_after_ms"].clone(),
            keys["close_old_after_ms"].clone()
        ),
        (json!(0), json!(2000))
    );
    let roster = world.people[cat].last("roster").unwrap();
    assert_eq!(roster["mode"], "lobby", "who was removed still has the link");
    let kinds: Vec<_> = world.people[ann]
        .events
        .iter()
        .filter(|e| e["t"] == "notice")
        .map(|e| e["kind"].clone())
        .collect();
    assert!(
        kinds.contains(&json!("removed")) && kinds.contains(&json!("removal-confirmed")),
        "{kinds:?}"
    );
}

#[test]
fn the_removed_come_back_only_if_a_host_admits_them() {
    let (mut world, [ann, ben, _]) = three();
    let member = world.member_text(ben);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.run(1_000);
    let again = world.reload(ben);
    world.run(100);
    world.input(again, json!({ "t": "join", "name": "Ben" }));
    world.run(5_000);
    assert_ne!(world.people[again].phase(), "in");
    let id = world.people[ann].last("knocks").unwrap()["knocks"][0]["id"].clone();
    world.input(ann, json!({ "t": "admit", "knock": id }));
    world.run(1_000);
    assert_eq!(world.people[again].phase(), "in");
}

#[test]
fn who_leaves_is_gone_from_the_group_within_two_seconds() {
    let (mut world, [ann, ben, cat]) = three();
    world.input(ben, json!({ "t": "leave" }));
    world.run(1_900);
    assert_eq!(world.people[ben].phase(), "left");
    world.agree(&[ann, cat]);
    assert_eq!(world.people[cat].names(), ["Ann", "Cat"]);
    assert_eq!(world.people[cat].last("roster").unwrap()["mode"], "link");
    assert!(!opens(&world, ben, &frame(&world, cat)));
}

#[test]
fn a_reload_replaces_the_leaf_of_the_same_member_key() {
    let (mut world, [ann, ben, cat]) = three();
    let again = world.reload(ben);
    world.run(100);
    world.input(again, json!({ "t": "join", "name": "Ben" }));
    world.run(3_000);
    world.agree(&[ann, again, cat]);
    assert_eq!(world.people[ann].names(), ["Ann", "Cat", "Ben"]);
}

#[test]
fn who_comes_after_a_quiet_time_is_in_at_once_and_those_who_come_within_a_tick_share_a_commit() {
    let (mut world, [ann, ben, cat]) = three();
    let epoch = world.people[ann].epoch();
    let dan = world.enter("Dan", false);
    assert_eq!(world.people[dan].phase(), "in", "no time has passed");
    let eli = world.enter("Eli", false); // knocks 100 ms later
    let fay = world.enter("Fay", false); // and 100 more
    world.run(49);
    assert_eq!(world.people[eli].phase(), "joining");
    world.run(1);
    world.agree(&[ann, ben, cat, dan, eli, fay]);
    assert_eq!(world.people[ann].epoch(), epoch + 2);
}

#[test]
fn two_who_commit_at_once_both_get_their_way() {
    let (mut world, [ann, ben, cat]) = three();
    let dan = world.enter("Dan", false);
    let eli = world.enter("Eli", false);
    // Each of them has heard of the knock, and each believes that it is their turn when the tick is over.
    for who in [ann, ben, cat] {
        let leaves = [world.people[who].leaf()];
        world.tell(who, json!({ "t": "present", "leaves": leaves }));
    }
    world.run(260);
    let fay = world.enter("Fay", false);
    world.run(4_000);
    world.agree(&[ann, ben, cat, dan, eli, fay]);
}

#[test]
fn when_all_are_gone_the_next_is_a_new_generation() {
    let (mut world, people) = three();
    for who in people {
        world.input(who, json!({ "t": "leave" }));
        world.run(2_500);
    }
    assert!(world.server.seats.is_empty());
    let again = world.reload(people[1]);
    world.run(100);
    world.input(again, json!({ "t": "join", "name": "Ben" }));
    world.run(500);
    assert_eq!(world.people[again].phase(), "in");
    assert_eq!(world.server.generation, Some(2));
    assert_eq!(world.people[again].seen["generation"], 2);
}

#[test]
fn who_joins_cannot_open_what_was_sent_before() {
    let (mut world, [ann, ben, _]) = three();
    let earlier = frame(&world, ann);
    assert!(opens(&world, ben, &earlier));
    let dan = world.enter("Dan", false);
    world.run(3_000);
    assert_eq!(world.people[dan].phase(), "in");
    assert!(!opens(&world, dan, &earlier));
    assert!(opens(&world, dan, &frame(&world, ann)));
}

#[test]
fn chat_that_crosses_a_commit_arrives() {
    let (mut world, [ann, ben, cat]) = three();
    // Cat's word is held up until after the commit that lets Dan in.
    let held = std::rc::Rc::new(std::cell::RefCell::new(vec![]));
    let keep = held.clone();
    world.lie = Some(Box::new(move |who, message| {
        if message["t"] == "sealed" && who != cat {
            keep.borrow_mut().push((who, message));
            return vec![];
        }
        vec![message]
    }));
    world.input(cat, json!({ "t": "chat", "text": "across" }));
    world.enter("Dan", false);
    world.run(1_000);
    world.lie = None;
    let late: Vec<(usize, Value)> = held.borrow_mut().drain(..).collect();
    for (who, message) in late {
        world.tell(who, message);
    }
    for who in [ann, ben, cat] {
        assert_eq!(
            world.people[who].chats(),
            ["across"],
            "{}",
            world.people[who].name
        );
    }
}

#[test]
fn everybody_sees_one_verification_code_and_another_group_another() {
    let (mut world, people) = three();
    let mut codes = vec![];
    for who in people {
        world.input(who, json!({ "t": "code" }));
        codes.push(world.people[who].last("code").unwrap().clone());
    }
    assert!(codes.iter().all(|code| *code == codes[0]));
    let text = codes[0]["code"].as_str().unwrap();
    assert_eq!(text.split(' ').map(str::len).collect::<Vec<_>>(), [5; 4]);
    let mut other = World::new(Admits::Link);
    let ann = other.enter("Ann", true);
    other.input(ann, json!({ "t": "code" }));
    assert_ne!(other.people[ann].last("code").unwrap()["code"], codes[0]["code"]);
}

#[test]
fn media_opens_only_after_the_signed_channel_and_its_own_address() {
    let (mut world, [ann, ..]) = three();
    assert!(!world.people[ann].media_open());
    world.input(ann, json!({ "t": "offer", "sdp": "v=0\r\n" }));
    assert_eq!(world.people[ann].answers.len(), 1);
    assert!(!world.people[ann].media_open());
    world.input(
        ann,
        json!({ "t": "remote", "address": world::ADDRESS, "port": world::PORT }),
    );
    assert!(world.people[ann].media_open());
    let place = world.people[ann].last("place").unwrap();
    assert_eq!(
        (place["may_send"].clone(), place["nodes"][0]["standing"].clone()),
        (json!(true), json!("stated"))
    );
}

fn answered(world: &World, who: usize) -> usize {
    let told = world.server.transcript.iter();
    told.filter(|(to, message)| *to == who && message["t"] == "answer")
        .count()
}

#[test]
fn an_offer_made_on_the_way_in_is_said_once_in_and_never_from_a_lobby() {
    let (mut world, [ann, ben, _]) = three();
    let dan = world.person("Dan", false);
    world.connect(dan);
    world.run(100);
    world.lie = Some(Box::new(move |who, message| match message["t"].as_str() {
        Some("knock") if who == ann => vec![],
        _ => vec![message],
    }));
    world.input(dan, json!({ "t": "join", "name": "Dan" }));
    world.input(dan, json!({ "t": "offer", "sdp": "v=0" }));
    assert_eq!(
        (world.people[dan].phase().as_str(), answered(&world, dan)),
        ("joining", 0)
    );
    world.run(1_000); // Ben lets him in
    assert_eq!(
        (world.people[dan].phase().as_str(), answered(&world, dan)),
        ("in", 1)
    );
    world.lie = None;
    let member = world.member_text(ben);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.run(1_000);
    let eli = world.enter("Eli", false); // the link alone lets nobody in any more
    world.input(eli, json!({ "t": "offer", "sdp": "v=0" }));
    world.run(1_000);
    assert_eq!(world.people[eli].phase(), "waiting");
    let id = world.people[ann].last("knocks").unwrap()["knocks"][0]["id"].clone();
    world.input(ann, json!({ "t": "admit", "knock": id }));
    world.run(1_000);
    assert_eq!(
        (world.people[eli].phase().as_str(), answered(&world, eli)),
        ("in", 0)
    );
}

#[test]
fn what_is_rehearsed_can_be_done() {
    ringfence_e2ee::rehearsal::rehearse().unwrap();
}
