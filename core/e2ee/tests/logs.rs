//! The log of routes: a route that is not written down, a log that takes back, forks, or shows two members two stories.
use crate::lies::stopped;
use crate::world::log::RouteLog;
use crate::world::{Meeting, World};
use ringfence_charter::Admits;
use ringfence_signed::to_text;
use serde_json::{Value, json};

/// Somebody is greeted, and what the greeting says of the log is changed on its way.
fn greeted(change: impl Fn(&Meeting, &mut Value) + 'static) -> (World, usize) {
    let mut world = World::new(Admits::Link);
    let meeting = Meeting::new(Admits::Link);
    let ben = world.person("Ben", false);
    world.lie = Some(Box::new(move |who, mut message| {
        if who == ben && message["t"] == "hello" {
            change(&meeting, &mut message["logged"]);
        }
        vec![message]
    }));
    world.connect(ben);
    world.run(100);
    (world, ben)
}

fn two() -> (World, usize, usize) {
    let mut world = World::new(Admits::Link);
    let ann = world.enter("Ann", true);
    world.run(200);
    let ben = world.enter("Ben", false);
    world.run(2_000);
    world.agree(&[ann, ben]);
    (world, ann, ben)
}

/// The next person is shown the log of another story, of as many entries and so many more.
fn shows_another_log(world: &mut World, more: usize) -> usize {
    let other = RouteLog::new("another");
    let cat = world.person("Cat", false);
    world.lie = Some(Box::new(move |who, mut message| {
        let route =
            |message: &Value| ringfence_signed::from_text(message["route"].as_str().unwrap()).unwrap();
        if who == cat && message["t"] == "hello" {
            message["logged"] = other.shown(&route(&message), &json!({}));
            if other.size() < 4 + more as u64 {
                (0..more).for_each(|_| other.grow());
                message["logged"] = other.shown(&route(&message), &json!({}));
            }
        }
        vec![message]
    }));
    world.connect(cat);
    world.run(100);
    world.input(cat, json!({ "t": "join", "name": "Cat" }));
    cat
}

#[test]
fn a_route_that_is_not_shown_in_the_log() {
    let (world, ben) = greeted(|_, logged| *logged = Value::Null);
    stopped(&world, ben, "RF3163");
}

#[test]
fn a_route_at_another_place_of_the_log() {
    let (world, ben) = greeted(|_, logged| logged["index"] = json!(0));
    stopped(&world, ben, "RF2302");
}

#[test]
fn a_route_with_the_salt_of_another() {
    let (world, ben) = greeted(|_, logged| logged["salt"] = json!(to_text(&[1; 32])));
    stopped(&world, ben, "RF2302");
}

#[test]
fn a_proof_with_one_hash_changed_or_too_many() {
    let (world, ben) = greeted(|_, logged| logged["proof"][0] = json!(to_text(&[1; 32])));
    stopped(&world, ben, "RF2302");
    let (world, ben) = greeted(|_, logged| logged["proof"] = json!(vec![to_text(&[1; 32]); 65]));
    stopped(&world, ben, "RF2302");
    let (world, ben) = greeted(|_, logged| logged["proof"][0] = json!(to_text(&[1; 31])));
    stopped(&world, ben, "RF2302");
}

#[test]
fn a_checkpoint_that_the_log_has_not_signed() {
    let forged = |text: &str, from: &str, to: &str| text.replacen(from, to, 1);
    let (world, ben) = greeted(move |_, logged| {
        let note = logged["checkpoint"].as_str().unwrap();
        logged["checkpoint"] = json!(forged(note, "\n4\n", "\n5\n"));
    });
    stopped(&world, ben, "RF2306");
    let (world, ben) = greeted(|_, logged| logged["checkpoint"] = json!("x".repeat(5_000)));
    stopped(&world, ben, "RF2304");
}

#[test]
fn a_log_that_grew_is_taken_and_remembered() {
    let (mut world, _, ben) = two();
    for _ in 0..5 {
        world.meeting.log.grow();
    }
    let again = world.reload(ben);
    world.run(3_000);
    assert_eq!(world.people[again].phase(), "ready");
    let logs = world.people[again].logs.as_object().unwrap();
    let note = logs.values().next().unwrap().as_str().unwrap();
    assert_eq!(note.split('\n').nth(1), Some("9"));
    let place = world.people[again].last("place").unwrap();
    assert_eq!(place["log"], json!({ "origin": "meet.example/log", "size": 9 }));
}

#[test]
fn a_log_that_takes_entries_back() {
    let (mut world, _, ben) = two();
    world.meeting.log.grow();
    let again = world.reload(ben);
    world.run(100);
    assert_eq!(world.people[again].phase(), "ready");
    world.meeting.log = RouteLog::new("the one");
    let back = world.reload(again);
    world.run(100);
    stopped(&world, back, "RF2330");
}

#[test]
fn a_log_that_was_rewritten() {
    let (mut world, _, ben) = two();
    world.meeting.log = RouteLog::new("another");
    let again = world.reload(ben);
    world.run(100);
    stopped(&world, again, "RF2331");
    let (mut world, _, ben) = two();
    world.meeting.log = RouteLog::new("another");
    (0..4).for_each(|_| world.meeting.log.grow());
    let again = world.reload(ben);
    world.run(100);
    stopped(&world, again, "RF2332");
}

#[test]
fn two_members_who_are_shown_two_logs_of_one_size_both_stop_within_one_commit() {
    let (mut world, ann, ben) = two();
    let cat = shows_another_log(&mut world, 0);
    world.run(2_000);
    for who in [ann, ben, cat] {
        stopped(&world, who, "RF2331");
    }
}

#[test]
fn two_members_who_are_shown_two_logs_of_two_sizes_stop_when_no_proof_joins_them() {
    let (mut world, ann, ben) = two();
    world.meeting.log.grow();
    world.meeting.log.grow();
    let cat = shows_another_log(&mut world, 2);
    world.run(2_000);
    for who in [ann, ben, cat] {
        stopped(&world, who, "RF2332");
    }
}

#[test]
fn members_who_came_at_different_sizes_of_one_log_go_on_and_know_the_latest() {
    let (mut world, ann, ben) = two();
    world.meeting.log.grow();
    let cat = world.enter("Cat", false);
    world.run(2_000);
    world.meeting.log.grow();
    let dan = world.enter("Dan", false);
    world.run(2_000);
    world.agree(&[ann, ben, cat, dan]);
    for who in [ann, ben, cat, dan] {
        assert_eq!(world.people[who].problems(), [""; 0]);
        let note = world.people[who]
            .logs
            .as_object()
            .unwrap()
            .values()
            .next()
            .unwrap();
        assert_eq!(note.as_str().unwrap().split('\n').nth(1), Some("6"), "{who}");
    }
}

#[test]
fn a_server_that_keeps_the_proof_back_stops_nobody_at_once_and_whoever_waits_in_the_end() {
    let (mut world, ann, _) = two();
    world.meeting.log.grow();
    world.lie = Some(Box::new(move |who, message| {
        let kept_back = who == ann && message["t"] == "log";
        if kept_back { vec![] } else { vec![message] }
    }));
    world.enter("Cat", false);
    world.run(5_000);
    assert_eq!(world.people[ann].phase(), "in");
    world.run(120_000);
    stopped(&world, ann, "RF2334");
}

#[test]
fn a_proof_that_nobody_asked_for_changes_nothing() {
    let (mut world, ann, ben) = two();
    world.tell(ann, json!({ "t": "log", "old": 1, "new": 2, "proof": [] }));
    assert_eq!(world.people[ann].problems(), ["RF3242"]);
    world.run(1_000);
    world.agree(&[ann, ben]);
}
