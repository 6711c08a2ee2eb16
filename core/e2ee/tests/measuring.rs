//! Round trips that this device measured, in simulated time: media waits for them where the fence has places to rule out,
//! and what contradicts a node asks the person first.
use crate::world::{ADDRESS, Meeting, PORT, World};
use serde_json::{Value, json};

const TORONTO: (&str, f64, f64) = ("CA", 43.65, -79.38);
const TOKYO: (&str, f64, f64) = ("JP", 35.68, 139.69);
/// The longest round trip from Toronto that rules mainland China out (docs/physics.md).
const RULES_CHINA_OUT: f64 = 59.57;
const ROLE: usize = 3; // media, of the roles that the node states

/// Ann and Ben are in, the node answers both, and nothing was measured.
fn two(stated: (&'static str, f64, f64), exclude: &[&str]) -> (World, usize, usize) {
    let mut world = World::of(Meeting::fenced(stated, exclude));
    let ann = world.enter("Ann", true);
    world.run(200);
    let ben = world.enter("Ben", false);
    world.run(2_000);
    for who in [ann, ben] {
        assert_eq!(
            world.people[who].phase(),
            "in",
            "{:?}",
            world.people[who].problems()
        );
        connect(&mut world, who);
    }
    (world, ann, ben)
}

/// The page offers, takes the answer, and says where media goes.
fn connect(world: &mut World, who: usize) {
    let before = world.people[who].answers.len();
    world.input(who, json!({ "t": "offer", "sdp": "v=0\r\n" }));
    assert_eq!(world.people[who].answers.len(), before + 1, "it may be measured");
    world.input(who, json!({ "t": "remote", "address": ADDRESS, "port": PORT }));
}

fn locate(world: &mut World, who: usize, at: (&str, f64, f64), radius: f64, confirmed: bool) {
    let mut said = json!({ "lat": at.1, "lon": at.2, "radius_km": radius, "confirmed": confirmed });
    said["t"] = json!("whereabouts");
    world.input(who, said);
}

fn measure(world: &mut World, who: usize, min_ms: f64) {
    world.input(who, json!({ "t": "trip", "min_ms": min_ms, "samples": 20 }));
}

fn place(world: &World, who: usize) -> Value {
    world.people[who].last("place").unwrap().clone()
}

fn codes(world: &World, who: usize) -> Vec<String> {
    let place = place(world, who);
    let reasons = place["nodes"][0]["decisions"][ROLE]["reasons"]
        .as_array()
        .unwrap();
    reasons
        .iter()
        .map(|reason| reason["code"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn media_waits_until_round_trips_have_ruled_the_places_out() {
    let (mut world, ann, ben) = two(TORONTO, &["CN"]);
    let before = place(&world, ben);
    assert_eq!(
        (&before["may_probe"], &before["may_send"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(before["nodes"][0]["not_excluded"], json!(["CN"]));
    assert_eq!(before["nodes"][0]["trips"], json!([]));
    assert_eq!(
        before["nodes"][0]["coordinates"],
        json!({ "lat": 43.65, "lon": -79.38 })
    );
    assert_eq!(codes(&world, ben), ["RF2109"]);
    // Neither a place alone nor a round trip alone rules anything out.
    measure(&mut world, ben, 20.0);
    locate(&mut world, ann, TORONTO, 10.0, false);
    for who in [ann, ben] {
        assert!(!world.people[who].media_open());
    }
    locate(&mut world, ben, TORONTO, 10.0, false);
    assert!(world.people[ben].media_open(), "{:?}", codes(&world, ben));
    assert!(!world.people[ann].media_open());
    let after = place(&world, ben);
    assert_eq!(after["nodes"][0]["excluded"], json!(["CN"]));
    let trip = &after["nodes"][0]["trips"][0];
    assert_eq!(
        (&trip["observer"], &trip["min_ms"], &trip["samples"]),
        (&json!("you"), &json!(20.0), &json!(20))
    );
    assert_eq!(
        trip["km"],
        json!(3008.0),
        "light goes 2997.9 km and back in 20 ms, and the place is known to 10 km"
    );
    // Nobody was accused, and nothing was told to anybody.
    assert!(world.people[ben].problems().is_empty() && world.people[ann].problems().is_empty());
    let told = world
        .server
        .transcript
        .iter()
        .map(|(_, message)| message.to_string());
    assert!(!told.into_iter().any(|text| text.contains("43.65")));
}

#[test]
fn what_a_round_trip_cannot_rule_out_keeps_media_closed() {
    for (exclude, ms, radius, open) in [
        ("CN", RULES_CHINA_OUT - 0.1, 10.0, true),
        ("CN", RULES_CHINA_OUT - 0.1, 20.0, false),
        ("CN", RULES_CHINA_OUT + 0.1, 0.0, false),
        ("US", 0.2, 0.0, false),
    ] {
        let (mut world, _, ben) = two(TORONTO, &[exclude]);
        locate(&mut world, ben, TORONTO, radius, false);
        measure(&mut world, ben, ms);
        world.run(31_000);
        assert_eq!(
            world.people[ben].media_open(),
            open,
            "{exclude} in {ms} ms from within {radius} km"
        );
        assert_eq!(world.people[ben].phase(), "in");
    }
}

#[test]
fn the_shortest_of_many_counts_and_only_from_where_it_was_measured() {
    let (mut world, _, ben) = two(TORONTO, &["CN"]);
    locate(&mut world, ben, TORONTO, 10.0, false);
    for ms in [80.0, 40.0, 120.0] {
        measure(&mut world, ben, ms);
    }
    let trip = place(&world, ben)["nodes"][0]["trips"][0].clone();
    assert_eq!((&trip["min_ms"], &trip["samples"]), (&json!(40.0), &json!(60)));
    assert!(world.people[ben].media_open());
    assert_eq!(world.people[ben].measurements, 0);
    // Who says to be elsewhere now was perhaps never where they said, or has travelled: the page is to measure again,
    // at once.
    locate(&mut world, ben, ("CA", 45.42, -75.70), 10.0, false);
    assert!(!world.people[ben].media_open());
    assert_eq!(world.people[ben].measurements, 1);
    measure(&mut world, ben, 45.0);
    assert!(world.people[ben].media_open());
    world.input(
        ben,
        json!({ "t": "whereabouts", "lat": null, "lon": null, "radius_km": null, "confirmed": false }),
    );
    assert!(!world.people[ben].media_open());
    assert_eq!(place(&world, ben)["nodes"][0]["trips"], json!([]));
    assert_eq!(world.people[ben].measurements, 2);
    // Nothing was dropped: what was measured since counts for the place that is said then.
    measure(&mut world, ben, 45.0);
    locate(&mut world, ben, TORONTO, 10.0, false);
    locate(&mut world, ben, TORONTO, 10.0, true);
    assert!(world.people[ben].media_open());
    assert_eq!(world.people[ben].measurements, 2);
}

#[test]
fn a_round_trip_to_nowhere_that_is_known_counts_for_nothing() {
    let mut world = World::of(Meeting::fenced(TORONTO, &["CN"]));
    let ann = world.enter("Ann", true);
    world.run(200);
    locate(&mut world, ann, TORONTO, 10.0, false);
    measure(&mut world, ann, 1.0);
    connect(&mut world, ann);
    assert!(
        !world.people[ann].media_open(),
        "it was measured over another connection"
    );
    measure(&mut world, ann, 1.0);
    assert!(world.people[ann].media_open());
}

#[test]
fn what_contradicts_a_node_asks_the_person_first() {
    let (mut world, ann, ben) = two(TOKYO, &[]);
    assert!(world.people[ben].media_open());
    locate(&mut world, ben, TORONTO, 10.0, false);
    measure(&mut world, ben, 5.0);
    assert!(!world.people[ben].media_open());
    assert_eq!(codes(&world, ben), ["RF2116", "RF2116"]); // its country, and its coordinates
    assert_eq!(place(&world, ben)["nodes"][0]["standing"], "stated");
    assert_eq!(world.people[ben].problems(), ["RF2116"]);
    world.run(1_000);
    assert!(world.people[ann].media_open());
    assert!(
        world.people[ann].last("refused").is_none(),
        "nobody is accused yet"
    );
    // They had typed another place than they meant.
    locate(&mut world, ben, TOKYO, 10.0, false);
    measure(&mut world, ben, 5.0);
    assert!(world.people[ben].media_open());
    // Or they had not.
    locate(&mut world, ben, TORONTO, 10.0, true);
    measure(&mut world, ben, 5.0);
    world.run(1_000);
    assert!(!world.people[ben].media_open());
    assert_eq!(codes(&world, ben), ["RF2115", "RF2115"]);
    assert_eq!(place(&world, ben)["nodes"][0]["standing"], "violation");
}

#[test]
fn who_confirms_where_they_are_need_not_measure_again() {
    let (mut world, ann, ben) = two(TOKYO, &[]);
    locate(&mut world, ben, TORONTO, 10.0, false);
    measure(&mut world, ben, 5.0);
    locate(&mut world, ben, TORONTO, 10.0, true);
    assert_eq!(world.people[ben].problems(), ["RF2116", "RF2115"]);
    world.run(1_000);
    let told = world.people[ann]
        .events
        .iter()
        .filter(|event| event.to_string().contains("RF2115"));
    assert_eq!(
        told.count(),
        1,
        "now the others are told: {:?}",
        world.people[ann].events
    );
}

#[test]
fn what_was_measured_lasts_over_a_lost_connection() {
    let (mut world, _, ben) = two(TORONTO, &["CN"]);
    locate(&mut world, ben, TORONTO, 10.0, false);
    measure(&mut world, ben, 20.0);
    world.cut(ben);
    world.run(500);
    world.connect(ben);
    world.run(2_000);
    assert_eq!(world.people[ben].phase(), "in");
    assert!(world.people[ben].media_open());
}

#[test]
fn the_owner_may_have_more_ruled_out_during_the_call() {
    let (mut world, ann, ben) = two(TORONTO, &[]);
    locate(&mut world, ben, TORONTO, 10.0, false);
    measure(&mut world, ben, 20.0);
    let mut fence = world.meeting.charter_fields.fence.clone();
    fence.exclude = vec!["CN".into()];
    let policy = ringfence_signed::to_text(&fence.encode());
    world.input(ann, json!({ "t": "amend", "change": { "policy": policy } }));
    world.run(1_500);
    assert!(world.people[ben].media_open());
    assert!(
        !world.people[ann].media_open(),
        "who owns the meeting has not measured"
    );
    assert_eq!(world.people[ann].phase(), "in");
}

#[test]
fn what_nobody_can_have_measured_is_refused() {
    let (mut world, _, ben) = two(TORONTO, &["CN"]);
    locate(&mut world, ben, TORONTO, 10.0, false);
    let places = [
        (91.0, 0.0, 1.0),
        (0.0, 181.0, 1.0),
        (0.0, 0.0, -1.0),
        (0.0, 0.0, 30_000.0),
    ];
    let mut wrong: Vec<Value> = vec![
        json!({ "t": "trip", "min_ms": 0.0, "samples": 1 }),
        json!({ "t": "trip", "min_ms": -1.0, "samples": 1 }),
        json!({ "t": "trip", "min_ms": 1.0, "samples": 0 }),
        json!({ "t": "trip", "min_ms": null, "samples": 1 }),
    ];
    for (lat, lon, radius_km) in places {
        wrong.push(
            json!({ "t": "whereabouts", "lat": lat, "lon": lon, "radius_km": radius_km, "confirmed": true }),
        );
    }
    wrong.push(json!({ "t": "whereabouts", "lat": 1.0, "lon": null, "radius_km": 1.0, "confirmed": true }));
    for input in wrong {
        world.run(11_000);
        let before = world.people[ben].problems().len();
        world.input(ben, input.clone());
        assert_eq!(world.people[ben].problems()[before..], ["RF3240"], "{input}");
        assert!(!world.people[ben].media_open());
    }
}
