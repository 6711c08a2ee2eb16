//! The nodes that could have carried the meeting: each participant is shown the whole list, and looks at the others itself.
use crate::beacons::{TOKYO, measured_at, signed};
use crate::lies::stopped;
use crate::receipts::{code, forged, receipt};
use crate::world::{ELSEWHERE, Meeting, Other, START, World, key, public};
use ringfence_charter::Admits;
use ringfence_fence::Coordinates;
use ringfence_receipt::Receipt;
use ringfence_receipt::report::By;
use ringfence_receipt::verify::verify;
use ringfence_signed::to_text;
use serde_json::{Value, json};

fn other(name: &str, stated: Option<&'static str>, refused: Option<&str>) -> Other {
    let refused = refused.map(str::to_owned);
    Other {
        key: key(name),
        refused,
        stated,
    }
}

/// A meeting in Canada by the operator's word, with these nodes beside the one that carries it.
fn beside(others: Vec<Other>) -> Meeting {
    let mut meeting = Meeting::new(Admits::Link);
    meeting.others = others;
    meeting.sign_within(&["CA"]);
    meeting
}

fn shown(meeting: Meeting) -> Value {
    let mut world = World::of(meeting);
    let ann = world.enter("Ann", true);
    world.run(500);
    assert_eq!(
        world.people[ann].phase(),
        "in",
        "{:?}",
        world.people[ann].problems()
    );
    world.people[ann].last("place").unwrap()["candidates"].clone()
}

fn refused(meeting: Meeting) {
    let mut world = World::of(meeting);
    let ann = world.person("Ann", true);
    world.connect(ann);
    world.run(500);
    stopped(&world, ann, "RF3164");
}

#[test]
fn a_list_of_one_has_nothing_besides_what_carries_the_meeting() {
    assert_eq!(shown(beside(vec![])), json!([]));
}

#[test]
fn each_other_node_is_decided_about_by_the_participant_itself() {
    let list = shown(beside(vec![
        other("beijing", Some("CN"), Some("RF2104")),
        other("toronto", Some("CA"), None),
        other("unsaid", None, Some("RF2102")),
    ]));
    let said = |at: usize, what: &str| list[at][what].clone();
    assert_eq!(list.as_array().unwrap().len(), 3);
    for (at, country, reason) in [(0, json!("CN"), json!("RF2104")), (1, json!("CA"), Value::Null)] {
        assert_eq!(said(at, "country"), country);
        assert_eq!(list[at]["reason"]["code"], reason);
        assert_eq!(
            (said(at, "looked"), said(at, "differs")),
            (json!(true), json!(false))
        );
    }
    // Of what nothing is shown, nothing can be said, and nothing is alleged.
    assert_eq!(
        (said(2, "name"), said(2, "refused")),
        (Value::Null, json!("RF2102"))
    );
    assert_eq!(
        (said(2, "looked"), said(2, "differs")),
        (json!(false), json!(false))
    );
}

#[test]
fn a_server_that_says_otherwise_than_the_participant_decides_is_found_out() {
    let list = shown(beside(vec![
        // Left out though the fence allows it; and offered though the fence does not.
        other("toronto", Some("CA"), Some("RF2104")),
        other("beijing", Some("CN"), None),
    ]));
    for (at, own) in [(0, Value::Null), (1, json!("RF2104"))] {
        assert_eq!(
            (&list[at]["differs"], &list[at]["reason"]["code"]),
            (&json!(true), &own)
        );
    }
}

#[test]
fn another_reason_than_the_servers_is_told_beside_it() {
    // Both refuse it: nobody is accused because they look at the rules in another order, or know less.
    let list = shown(beside(vec![other("beijing", Some("CN"), Some("RF2108"))]));
    assert_eq!(
        (
            &list[0]["refused"],
            &list[0]["reason"]["code"],
            &list[0]["differs"]
        ),
        (&json!("RF2108"), &json!("RF2104"), &json!(false))
    );
}

#[test]
fn what_a_beacon_measured_of_another_node_counts() {
    let (beacon, node) = (key("beacon"), key("toronto"));
    let mut meeting = beside(vec![other("toronto", Some("CA"), None)]);
    meeting.charter_fields.trust.beacons = [public(&beacon)].into();
    meeting.sign_within(&["CA"]);
    let mut transcript = measured_at(ELSEWHERE, &beacon, &node, START / 1000);
    transcript.place = Coordinates::new(TOKYO.0, TOKYO.1).unwrap();
    let document = to_text(&signed(&transcript, &beacon));
    let mut world = World::of(meeting);
    world.lie = Some(Box::new(move |_, mut message| {
        if message["t"] == "hello" {
            message["transcripts"] = json!([document]);
        }
        vec![message]
    }));
    let ann = world.enter("Ann", true);
    world.run(500);
    let one = world.people[ann].last("place").unwrap()["candidates"][0].clone();
    assert_eq!(
        (&one["reason"]["code"], &one["differs"]),
        (&json!("RF2115"), &json!(true)),
        "{one}"
    );
    let report = verify(&receipt(&mut world, ann, false)).unwrap().report();
    let again = report.lines.iter().find(|line| line.by == By::Reader).unwrap();
    assert!(
        again.text.contains("RF2115") && again.text.contains("RF3165"),
        "{again:?}"
    );
}

#[test]
fn a_list_has_each_node_once_and_a_code_against_it_and_at_most_a_hundred() {
    let many = |count: u32| (0..count).map(|number| other(&format!("node {number}"), None, None));
    assert_eq!(shown(beside(many(99).collect())).as_array().unwrap().len(), 99);
    let once = || other("beijing", None, Some("RF2104"));
    for others in [
        many(100).collect(),
        vec![once(), once()],
        vec![other("beijing", None, Some("it is full"))],
        vec![other("beijing", None, Some("RF21045"))],
    ] {
        refused(beside(others));
    }
}

#[test]
fn a_list_that_is_not_the_one_that_was_signed_gets_no_media() {
    let lies: [fn(&mut Value); 6] = [
        |list| *list = json!([]),
        // A refused one is not shown.
        |list| drop(list.as_array_mut().unwrap().pop()),
        |list| list[1]["refused"] = json!("RF2108"),
        |list| list[1]["refused"] = Value::Null,
        |list| list.as_array_mut().unwrap().swap(0, 1),
        |list| list[1]["node"] = json!("AA"),
    ];
    for lie in lies {
        let mut world = World::of(beside(vec![other("beijing", Some("CN"), Some("RF2104"))]));
        world.lie = Some(Box::new(move |_, mut message| {
            if message["t"] == "hello" {
                lie(&mut message["candidates"]);
            }
            vec![message]
        }));
        let ann = world.person("Ann", true);
        world.connect(ann);
        world.run(500);
        stopped(&world, ann, "RF3164");
    }
}

#[test]
fn a_node_in_use_that_the_list_does_not_have_as_allowed_gets_no_media() {
    for here in [vec![Some("RF2104".to_owned())], vec![]] {
        let mut meeting = Meeting::new(Admits::Link);
        meeting.here = here;
        meeting.sign_within(&["CA"]);
        refused(meeting);
    }
}

#[test]
fn the_statement_of_one_node_says_nothing_of_another() {
    let meeting = beside(vec![
        other("beijing", Some("CN"), Some("RF2104")),
        other("toronto", Some("CA"), None),
    ]);
    let mut world = World::of(meeting);
    world.lie = Some(Box::new(|_, mut message| {
        if message["t"] == "hello" {
            message["candidates"][1]["statement"] = message["candidates"][2]["statement"].clone();
        }
        vec![message]
    }));
    let ann = world.enter("Ann", true);
    world.run(500);
    let one = &world.people[ann].last("place").unwrap()["candidates"][0];
    assert_eq!(
        (&one["country"], &one["reason"]["code"]),
        (&Value::Null, &json!("RF2102"))
    );
}

/// Of somebody who was shown three other nodes, and was in a call.
fn taken_home() -> Vec<u8> {
    let meeting = beside(vec![
        other("beijing", Some("CN"), Some("RF2104")),
        other("toronto", Some("CA"), Some("RF2104")),
        other("unsaid", None, Some("RF2102")),
    ]);
    let mut world = World::of(meeting);
    let ann = world.enter("Ann", true);
    world.run(500);
    receipt(&mut world, ann, false)
}

#[test]
fn a_receipt_tells_of_every_node_what_the_server_said_and_what_comes_out_again() {
    let report = verify(&taken_home()).unwrap().report();
    assert!(report.clean, "{:?}", report.findings);
    let texts = |by: By| -> Vec<&str> {
        let lines = report.lines.iter().filter(|line| line.by == by);
        lines.map(|line| line.text.as_str()).collect()
    };
    let node = |name: &str| to_text(&public(&key(name)));
    let said = |name: &str, code: &str| format!("refused {}, which it could have chosen: {code}", node(name));
    assert_eq!(
        texts(By::Node)[1..],
        [
            said("beijing", "RF2104"),
            said("toronto", "RF2104"),
            said("unsaid", "RF2102")
        ]
    );
    let [beijing, toronto] = texts(By::Reader)[..] else {
        panic!("of what nothing is shown nothing is said: {:?}", report.lines)
    };
    assert!(beijing.starts_with(&format!("candidate in CN ({}): RF2104", node("beijing"))));
    assert!(!beijing.contains("RF3165"));
    assert!(toronto.contains("the fence has nothing against it") && toronto.ends_with("(RF3165)"));
}

#[test]
fn a_participant_cannot_change_the_list_that_the_server_signed() {
    let document = taken_home();
    let changes: [fn(&mut Receipt); 7] = [
        |r| r.shown[0].candidates.clear(),
        |r| drop(r.shown[0].candidates.pop()),
        |r| r.shown[0].candidates[0].refused = Some("RF2104".into()),
        |r| r.shown[0].candidates[1].refused = None,
        |r| r.shown[0].candidates[1].node = [7; 32],
        |r| r.shown[0].candidates.swap(1, 2),
        |r| {
            let again = r.shown[0].candidates[1].clone();
            r.shown[0].candidates.push(again);
        },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        assert_eq!(
            code(&forged(&document, "Ann", change)),
            "RF3311",
            "change {index}"
        );
    }
    // A statement stands for itself: another node's says nothing of this one.
    let other = forged(&document, "Ann", |r| {
        r.shown[0].candidates[2].statement = r.shown[0].candidates[1].statement.clone();
    });
    let report = verify(&other).unwrap().report();
    let last = report.lines.iter().rfind(|line| line.by == By::Reader).unwrap();
    assert!(last.text.contains("no name that counts") && last.text.contains("RF2102"));
}

#[test]
fn a_server_that_states_at_length_does_not_keep_a_receipt_from_being_made() {
    let others = (0..40).map(|number| other(&format!("node {number}"), Some("CA"), None));
    let mut world = World::of(beside(others.collect()));
    world.lie = Some(Box::new(|_, mut message| {
        if message["t"] == "hello" {
            for one in message["candidates"].as_array_mut().unwrap() {
                one["statement"] = json!(to_text(&[0; 60 << 10]));
            }
        }
        vec![message]
    }));
    let ann = world.enter("Ann", true);
    world.run(500);
    let checked = verify(&receipt(&mut world, ann, false)).unwrap();
    assert!(checked.receipt.whole);
    let list = &checked.receipt.shown[0].candidates;
    let stated = list.iter().filter(|one| one.statement.is_some()).count();
    assert_eq!((list.len(), stated), (41, 2));
}
