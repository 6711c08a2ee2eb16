//! The owner changes the charter during the call, in simulated time: what all are told, and what follows from it.
use crate::world::net::Net;
use crate::world::{World, public};
use ringfence_charter::{Admits, Charter};
use ringfence_fence::preset;
use ringfence_signed::to_text;
use serde_json::{Value, json};

pub fn three(admission: Admits) -> (World, [usize; 3]) {
    let mut world = World::new(admission);
    let ann = world.enter("Ann", true);
    world.run(200);
    let guests = ["Ben", "Cat"].map(|name| {
        let who = world.enter(name, false);
        world.run(2_000);
        let_in(&mut world, ann);
        who
    });
    world.run(3_000);
    world.agree(&[ann, guests[0], guests[1]]);
    (world, [ann, guests[0], guests[1]])
}

/// The host lets in everybody who asks.
fn let_in(world: &mut World, host: usize) {
    let knocks = world.people[host].last("knocks").cloned().unwrap_or_default();
    for knock in knocks["knocks"].as_array().unwrap_or(&vec![]) {
        world.input(host, json!({ "t": "admit", "knock": knock["id"] }));
    }
    world.run(1_000);
}

pub fn amend(world: &mut World, who: usize, change: Value) {
    world.input(who, json!({ "t": "amend", "change": change }));
    world.run(1_500);
}

fn host_wish(world: &World, who: usize, host: bool) -> Value {
    json!({ "host": { "member": world.member_text(who), "host": host } })
}

/// A fence of another name that allows the same node.
pub fn another_fence(world: &World) -> Value {
    let mut policy = preset::policy("only-this-server", &public(&world.meeting.node)).unwrap();
    policy.name = "Ours alone".into();
    policy.countries = vec!["CA".into()];
    policy.law = vec!["CA".into()];
    policy.operators = vec!["*".into()];
    json!({ "policy": to_text(&policy.encode()) })
}

pub fn told(world: &World, who: usize) -> Value {
    world.people[who].last("charter").cloned().unwrap_or_default()
}

fn role(world: &World, who: usize) -> String {
    world.people[who].last("meeting").unwrap()["role"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn asking(world: &World, host: usize) -> Vec<Value> {
    let knocks = world.people[host].last("knocks").cloned().unwrap_or_default();
    knocks["knocks"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_new_fence_is_told_to_all_in_words_and_every_key_is_another() {
    let (mut world, people) = three(Admits::Link);
    let [ann, ben, cat] = people;
    let before = world.people[ben].epoch();
    let old = world.media_key(ben, before, 0);
    let change = another_fence(&world);
    amend(&mut world, ann, change);
    world.agree(&people);
    assert_eq!(world.people[ben].epoch(), before + 1);
    assert_ne!(world.media_key(ben, before + 1, 0), old);
    for who in people {
        let event = told(&world, who);
        assert_eq!(
            (&event["version"], &event["by"], &event["you"]),
            (&json!(2), &json!("Ann"), &json!(who == ann))
        );
        assert_eq!(
            event["rules"],
            json!([{ "kind": "fence", "name": "Ours alone", "you": false, "details": [
                "Servers are now allowed in: CA.",
                "Operators and every parent company may answer only to the law of: CA.",
                "The operator's signed word about the place is enough.",
            ] }])
        );
        assert_eq!(
            world.people[who].last("place").unwrap()["fence_name"],
            "Ours alone"
        );
        assert_eq!(world.people[who].last("meeting").unwrap()["version"], 2);
        assert_eq!(
            world.people[who].seen["version"], 2,
            "and no older one is believed again"
        );
        assert_eq!(world.people[who].problems(), Vec::<String>::new());
    }
    let dan = world.enter("Dan", false);
    world.run(3_000);
    world.agree(&[ann, ben, cat, dan]);
}

#[test]
fn a_link_meeting_becomes_a_lobby_and_a_link_meeting_again() {
    let (mut world, people) = three(Admits::Link);
    let ann = people[0];
    amend(&mut world, ann, json!({ "admission": "lobby" }));
    assert_eq!(told(&world, people[1])["rules"][0]["kind"], "lobby");
    let dan = world.enter("Dan", false);
    world.run(5_000);
    assert_eq!(world.people[dan].phase(), "waiting");
    assert_eq!(asking(&world, ann)[0]["name"], "Dan");
    amend(&mut world, ann, json!({ "admission": "link" }));
    world.run(3_000);
    world.agree(&[ann, people[1], people[2], dan]);
    assert_eq!(
        told(&world, dan)["rules"][0]["kind"],
        "unless",
        "while they waited"
    );
    assert_eq!(told(&world, people[2])["version"], 3);
}

#[test]
fn who_is_made_a_host_admits_and_removes_and_can_do_neither_after_it_is_taken_back() {
    let (mut world, people) = three(Admits::Lobby);
    let [ann, ben, cat] = people;
    let wish = host_wish(&world, ben, true);
    amend(&mut world, ann, wish);
    assert_eq!([role(&world, ben), role(&world, cat)], ["host", "guest"]);
    assert_eq!(
        told(&world, cat)["rules"],
        json!([{ "kind": "host", "name": "Ben", "you": false }])
    );
    assert_eq!(told(&world, ben)["rules"][0]["you"], true);
    assert_eq!(
        world.people[cat].last("roster").unwrap()["members"][1]["role"],
        "host"
    );
    world.cut(ann);
    let dan = world.enter("Dan", false);
    world.run(5_000);
    assert_eq!(
        asking(&world, ben)[0]["name"],
        "Dan",
        "names are sealed to the new host, too"
    );
    let_in(&mut world, ben);
    world.agree(&[ben, cat, dan]);
    let member = world.member_text(cat);
    world.input(ben, json!({ "t": "remove", "member": member }));
    world.run(2_000);
    assert_eq!(world.people[cat].phase(), "removed");
    world.connect(ann);
    world.run(3_000);
    world.agree(&[ann, ben, dan]);

    let wish = host_wish(&world, ben, false);
    amend(&mut world, ann, wish);
    assert_eq!(role(&world, ben), "guest");
    let member = world.member_text(dan);
    world.input(ben, json!({ "t": "remove", "member": member }));
    world.run(2_000);
    assert_eq!(world.people[ben].problems(), ["RF3251"]);
    let eve = world.enter("Eve", false);
    world.run(5_000);
    assert_eq!(asking(&world, ben), Vec::<Value>::new());
    let_in(&mut world, ann);
    world.agree(&[ann, ben, dan, eve]);
}

#[test]
fn a_new_host_is_host_after_a_reload_and_starts_the_next_group() {
    let (mut world, people) = three(Admits::Lobby);
    let [ann, ben, cat] = people;
    let wish = host_wish(&world, ben, true);
    amend(&mut world, ann, wish);
    let ben = world.reload(ben);
    world.input(ben, json!({ "t": "join", "name": "Ben" }));
    world.run(3_000);
    world.agree(&[ann, ben, cat]);
    assert_eq!(role(&world, ben), "host");
    for who in [ann, cat, ben] {
        world.input(who, json!({ "t": "leave" }));
        world.run(3_000);
    }
    let ben = world.reload(ben);
    world.input(ben, json!({ "t": "join", "name": "Ben" }));
    world.run(15_000);
    assert_eq!(world.people[ben].phase(), "in");
    assert_eq!(world.server.generation, Some(2));
    let cat = world.reload(cat);
    world.input(cat, json!({ "t": "join", "name": "Cat" }));
    world.run(5_000);
    let_in(&mut world, ben);
    world.agree(&[ben, cat]);
}

#[test]
fn who_is_away_while_the_charter_changes_is_back_under_the_new_one() {
    let (mut world, people) = three(Admits::Link);
    let [ann, ben, cat] = people;
    world.cut(ben);
    world.close(cat);
    let change = another_fence(&world);
    amend(&mut world, ann, change);
    world.connect(ben);
    let cat = world.reload(cat);
    world.input(cat, json!({ "t": "join", "name": "Cat" }));
    world.run(3_000);
    world.agree(&[ann, ben, cat]);
    assert_eq!(told(&world, ben)["rules"][0]["kind"], "fence");
    assert_eq!(told(&world, ben)["by"], "Ann");
    assert_eq!(
        (&told(&world, cat)["version"], &told(&world, cat)["by"]),
        (&json!(2), &Value::Null),
        "they know that it is another, and not what it was"
    );
}

#[test]
fn whoever_has_no_owner_key_changes_nothing() {
    let (mut world, people) = three(Admits::Link);
    amend(&mut world, people[1], json!({ "admission": "lobby" }));
    assert_eq!(world.people[people[1]].problems(), ["RF3264"]);
    assert_eq!(told(&world, people[0]), Value::Null);
}

#[test]
fn a_fence_that_refuses_this_server_is_refused_before_anything_is_signed() {
    let (mut world, people) = three(Admits::Link);
    let elsewhere = preset::policy("only-this-server", &[9; 32]).unwrap();
    let change = json!({ "policy": to_text(&elsewhere.encode()) });
    amend(&mut world, people[0], change);
    let problems = world.people[people[0]].problems();
    assert!(
        problems.len() == 1 && problems[0].starts_with("RF2"),
        "{problems:?}"
    );
    assert_eq!(told(&world, people[0]), Value::Null);
    world.agree(&people);
}

#[test]
fn what_cannot_be_changed_is_said_and_the_meeting_goes_on() {
    let (mut world, people) = three(Admits::Link);
    let ann = people[0];
    let nobody = json!({ "host": { "member": to_text(&[1; 32]), "host": true } });
    let own = host_wish(&world, ann, false);
    for change in [
        json!({}),
        json!({ "admission": "link" }),
        json!({ "admission": "nobody" }),
        json!({ "policy": "AAAA" }),
        nobody,
        own,
    ] {
        let before = world.people[ann].problems().len();
        world.run(20_000); // the same problem is told once in a while
        amend(&mut world, ann, change.clone());
        assert_eq!(world.people[ann].problems().len(), before + 1, "{change}");
        assert_eq!(told(&world, ann), Value::Null, "{change}");
    }
    world.agree(&people);
}

#[test]
fn what_the_server_refuses_for_its_charter_is_dropped_and_other_commits_go_on() {
    let (mut world, people) = three(Admits::Link);
    let ann = people[0];
    world.server.refuses_charters = true;
    amend(&mut world, ann, json!({ "admission": "lobby" }));
    world.run(10_000);
    assert_eq!(world.people[ann].problems(), ["RF1103"]);
    let member = world.member_text(people[2]);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.run(2_000);
    assert_eq!(world.people[people[2]].phase(), "removed");
    world.agree(&people[..2]);
    assert_eq!(told(&world, ann), Value::Null);
}

#[test]
fn two_devices_of_the_owner_at_once_make_one_version_and_the_other_is_told() {
    let (mut world, people) = three(Admits::Link);
    let ann = people[0];
    let too = world.enter("Ann at home", true);
    world.run(3_000);
    let fence = another_fence(&world);
    world.net = Some(Net::new(1, 20, 40));
    world.input(too, json!({ "t": "amend", "change": fence }));
    world.input(ann, json!({ "t": "amend", "change": { "admission": "lobby" } }));
    world.run(6_000);
    world.agree(&[ann, people[1], people[2], too]);
    assert_eq!(world.people[people[1]].last("meeting").unwrap()["version"], 2);
    let both = [world.people[ann].problems(), world.people[too].problems()].concat();
    assert_eq!(both, ["RF3128"]);
}

#[test]
fn a_killed_server_keeps_the_charter_that_counts() {
    let (mut world, people) = three(Admits::Link);
    let [ann, ben, cat] = people;
    amend(&mut world, ann, json!({ "admission": "lobby" }));
    world.kill_server();
    for who in people {
        world.connect(who);
    }
    world.run(3_000);
    world.agree(&[ann, ben, cat]);
    let charter = Charter::read(world.server.charter.as_ref().unwrap()).unwrap().0;
    assert_eq!((charter.version, charter.admission), (2, Admits::Lobby));
    amend(&mut world, ann, json!({ "admission": "link" }));
    assert_eq!(told(&world, cat)["version"], 3);
}

#[test]
fn somebody_who_leaves_as_the_charter_changes_is_gone_and_all_agree() {
    let (mut world, people) = three(Admits::Link);
    let [ann, ben, cat] = people;
    world.input(ben, json!({ "t": "leave" }));
    amend(&mut world, ann, json!({ "admission": "lobby" }));
    world.run(2_000);
    world.agree(&[ann, cat]);
    assert_eq!(world.people[ben].phase(), "left");
    assert_eq!(told(&world, cat)["version"], 2);
}

#[test]
fn a_member_is_shown_an_older_charter_at_no_time() {
    let (mut world, people) = three(Admits::Link);
    let ann = people[0];
    amend(&mut world, ann, json!({ "admission": "lobby" }));
    world.server.charter = None;
    let ben = world.reload(people[1]);
    world.run(1_000);
    assert_eq!(world.people[ben].problems(), ["RF3124"]);
    assert_eq!(world.people[ben].phase(), "stopped");
}

#[test]
fn whose_role_is_taken_back_does_not_take_it_from_who_let_them_in() {
    let (mut world, people) = three(Admits::Lobby);
    let [ann, ben, cat] = people;
    let wish = host_wish(&world, ben, true);
    amend(&mut world, ann, wish);
    let dan = world.enter("Dan", false);
    world.run(2_000);
    let_in(&mut world, ben);
    for host in [true, false] {
        let wish = host_wish(&world, dan, host);
        amend(&mut world, ann, wish);
    }
    world.agree(&[ann, ben, cat, dan]);
    assert_eq!([role(&world, ben), role(&world, dan)], ["host", "guest"]);
}

#[test]
fn a_host_whom_the_owner_removes_cannot_let_themselves_in_again() {
    let (mut world, people) = three(Admits::Link);
    let [ann, ben, cat] = people;
    let wish = host_wish(&world, ben, true);
    amend(&mut world, ann, wish);
    let member = world.member_text(ben);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.run(2_000);
    assert_eq!(world.people[ben].phase(), "removed");
    world.agree(&[ann, cat]);
    assert_eq!(world.people[ann].problems(), Vec::<String>::new());
    let ben = world.reload(ben);
    world.input(ben, json!({ "t": "join", "name": "Ben" }));
    world.run(5_000);
    assert_eq!(world.people[ben].phase(), "waiting");
    assert_eq!(asking(&world, ann)[0]["name"], "Ben");
}

#[test]
fn a_host_who_is_one_no_more_makes_no_empty_commits_and_sees_no_knocks() {
    let (mut world, people) = three(Admits::Lobby);
    let [ann, ben, cat] = people;
    let wish = host_wish(&world, ben, true);
    amend(&mut world, ann, wish);
    world.enter("Dan", false);
    world.run(3_000);
    assert_eq!(asking(&world, ben).len(), 1);
    // Both at once, and the owner's is first.
    world.net = Some(Net::new(1, 20, 21));
    let wish = host_wish(&world, ben, false);
    world.input(ann, json!({ "t": "amend", "change": wish }));
    world.run(10);
    let member = world.member_text(cat);
    world.input(ben, json!({ "t": "remove", "member": member }));
    world.run(1_000);
    let epoch = world.people[ann].epoch();
    assert_eq!(role(&world, ben), "guest");
    assert_eq!(asking(&world, ben), Vec::<Value>::new());
    world.run(10_000);
    world.agree(&[ann, ben, cat]);
    assert_eq!(world.people[ann].epoch(), epoch, "nothing was left to commit");
}

#[test]
fn one_change_at_a_time() {
    let (mut world, people) = three(Admits::Link);
    let [ann, ben, cat] = people;
    world.cut(ann);
    for who in [ben, cat] {
        let wish = host_wish(&world, who, true);
        world.input(ann, json!({ "t": "amend", "change": wish }));
    }
    let wish = host_wish(&world, cat, true);
    world.input(ann, json!({ "t": "amend", "change": wish }));
    assert_eq!(
        world.people[ann].problems(),
        ["RF3264", "RF3264"],
        "each wish has its answer"
    );
    world.connect(ann);
    world.run(3_000);
    world.agree(&people);
    assert_eq!([role(&world, ben), role(&world, cat)], ["host", "guest"]);
}

#[test]
fn a_link_that_is_given_back_after_a_removal_is_no_way_in_and_nobody_says_so() {
    let (mut world, people) = three(Admits::Lobby);
    let [ann, ben, cat] = people;
    let member = world.member_text(cat);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.run(2_000);
    amend(&mut world, ann, json!({ "admission": "link" }));
    assert_eq!(told(&world, ben)["rules"][0]["kind"], "unless");
    assert_eq!(world.people[ben].last("meeting").unwrap()["mode"], "lobby");
}

#[test]
fn who_is_outside_is_not_promised_that_the_link_lets_them_in() {
    let (mut world, people) = three(Admits::Lobby);
    let dan = world.person("Dan", false);
    world.connect(dan);
    world.run(100);
    amend(&mut world, people[0], json!({ "admission": "link" }));
    assert_eq!(told(&world, dan)["rules"][0]["kind"], "unless");
}

#[test]
fn a_host_whose_role_cannot_be_taken_back_is_removed_all_the_same() {
    let (mut world, people) = three(Admits::Lobby);
    let [ann, ben, cat] = people;
    let wish = host_wish(&world, ben, true);
    amend(&mut world, ann, wish);
    world.server.refuses_once = Some("RF1103");
    let member = world.member_text(ben);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.run(3_000);
    assert_eq!(world.people[ann].problems(), ["RF1103"]);
    assert_eq!(world.people[ben].phase(), "removed");
    world.agree(&[ann, cat]);
}

#[test]
fn two_hosts_who_are_removed_at_once_are_both_hosts_no_more() {
    let (mut world, people) = three(Admits::Lobby);
    let [ann, ben, cat] = people;
    for who in [ben, cat] {
        let wish = host_wish(&world, who, true);
        amend(&mut world, ann, wish);
    }
    assert_eq!([role(&world, ben), role(&world, cat)], ["host", "host"]);
    for who in [ben, cat] {
        let member = world.member_text(who);
        world.input(ann, json!({ "t": "remove", "member": member }));
    }
    world.run(3_000);
    for who in [ben, cat] {
        assert_eq!(world.people[who].phase(), "removed");
        let again = world.reload(who);
        world.run(100);
        world.input(again, json!({ "t": "join", "name": "Somebody" }));
        world.run(3_000);
        assert_eq!(
            world.people[again].phase(),
            "waiting",
            "they are asked for like anybody"
        );
    }
    assert_eq!(world.people[ann].problems(), Vec::<String>::new());
}

#[test]
fn a_store_that_takes_nothing_for_a_moment_delays_a_change_and_does_not_lose_it() {
    let (mut world, people) = three(Admits::Link);
    let ann = people[0];
    world.server.refuses_once = Some("RF1009");
    amend(&mut world, ann, json!({ "admission": "lobby" }));
    assert_eq!(world.people[ann].problems(), ["RF1009"]);
    world.run(5_000);
    world.agree(&people);
    assert_eq!(told(&world, people[1])["version"], 2);
    assert_eq!(world.people[ann].problems(), ["RF1009"]);
}

#[test]
fn after_a_hundred_changes_the_owner_is_told_that_there_is_an_end() {
    let mut world = World::new(Admits::Link);
    let ann = world.enter("Ann", true);
    world.run(500);
    for change in 0..100 {
        let admission = if change % 2 == 0 { "lobby" } else { "link" };
        world.input(ann, json!({ "t": "amend", "change": { "admission": admission } }));
        world.run(300);
    }
    assert_eq!(told(&world, ann)["version"], 101);
    amend(&mut world, ann, json!({ "admission": "lobby" }));
    assert_eq!(world.people[ann].problems(), ["RF3264"]);
    assert_eq!(world.people[ann].phase(), "in");
    let ben = world.enter("Ben", false);
    world.run(3_000);
    world.agree(&[ann, ben]);
}

/// Whenever they press Join while the rules change: one knock of theirs is asked about, and who is let in is in.
#[test]
fn who_joins_while_a_lobby_begins_is_asked_about_and_let_in() {
    for later in (0..160).step_by(4) {
        let (mut world, people) = three(Admits::Link);
        world.net = Some(Net::new(later, 20, 40));
        let dan = world.person("Dan", false);
        world.connect(dan);
        world.run(300);
        world.input(
            people[0],
            json!({ "t": "amend", "change": { "admission": "lobby" } }),
        );
        world.run(later);
        world.input(dan, json!({ "t": "join", "name": "Dan" }));
        let asked = |world: &World| asking(world, people[0]).first().cloned();
        let mut waited = 0;
        while asked(&world).is_none() && world.people[dan].phase() != "in" {
            world.run(5);
            waited += 5;
            assert!(waited < 6_000, "joined after {later} ms: nobody is asked");
        }
        if let Some(knock) = asked(&world) {
            world.input(people[0], json!({ "t": "admit", "knock": knock["id"] }));
        }
        world.run(3_000);
        assert_eq!(world.people[dan].phase(), "in", "joined after {later} ms");
        assert_eq!(
            world.people[dan].problems(),
            Vec::<String>::new(),
            "joined after {later} ms"
        );
    }
}
