//! Data sets that the owner named: a fence that asks for their agreement, and a server that shows what suits it.
use crate::world::{Meeting, World, public};
use ringfence_charter::Admits;
use ringfence_fence::evidence::Kind;
use ringfence_fence::{Policy, Statement, preset};
use ringfence_geo::{Cover, DataSet, Hints, read};
use ringfence_signed::{cose, to_text};
use serde_json::{Value, json};

pub const HERE: &str = "203.0.113.7";

fn set(kind: Kind, name: &str, country: &str) -> DataSet {
    let hints = Hints {
        kind: Some(kind),
        name: Some(name.into()),
        date: Some(1_790_000_000),
    };
    let lines = format!("1.0.0.0,1.255.255.255,US\n203.0.113.0,203.0.113.255,{country}\n");
    read(lines.as_bytes(), &hints).unwrap()
}

fn located(set: &DataSet, address: &str) -> String {
    to_text(&Cover::of(set).locate(address.parse().unwrap()))
}

/// What is said of the address by a registry, and by whom they asked where it is.
pub struct Sets {
    registry: DataSet,
    geoip: DataSet,
}

impl Sets {
    pub fn of(registry: &str, geoip: &str) -> Self {
        Self {
            registry: set(Kind::Registry, "arin", registry),
            geoip: set(Kind::Geoip, "some", geoip),
        }
    }

    pub fn shown(&self) -> Vec<String> {
        vec![located(&self.registry, HERE), located(&self.geoip, HERE)]
    }
}

/// A node of which its operator says that it is in Canada, at a public address; the owner named both sets.
pub fn placed(meeting: &mut Meeting, sets: &Sets, fence: Policy) {
    let inner = cose::unverified_payload(&meeting.statement).unwrap();
    let mut said = Statement::decode(&cose::unverified_payload(&inner).unwrap()).unwrap();
    meeting.address = HERE;
    said.addresses = vec![HERE.into()];
    said.country = Some("CA".into());
    said.law = vec!["CA".into()];
    let inner = cose::sign(cose::label::NODE, &said.encode(), &meeting.node);
    meeting.statement = cose::sign(cose::label::STATEMENT, &inner, &meeting.operator);
    meeting.route = meeting.route("start");
    meeting.charter_fields.trust.data = [sets.registry.digest(), sets.geoip.digest()].into();
    meeting.charter_fields.fence = fence;
    meeting.charter = cose::sign(
        cose::label::CHARTER,
        &meeting.charter_fields.encode(),
        &meeting.owner,
    );
}

/// A meeting whose server shows this of the data sets.
fn world(sets: &Sets, fence: &str, shown: Vec<String>) -> World {
    let mut world = World::new(Admits::Link);
    let fence = preset::policy(fence, &public(&world.meeting.node)).unwrap();
    placed(&mut world.meeting, sets, fence);
    world.lie = Some(Box::new(move |_, mut message| {
        if message["t"] == "hello" && !shown.is_empty() {
            message["located"] = json!(shown);
        }
        vec![message]
    }));
    world
}

/// Somebody asks to come in.
fn asked(sets: &Sets, fence: &str, shown: Vec<String>) -> (World, usize) {
    let mut world = world(sets, fence, shown);
    let ann = world.person("Ann", true);
    world.connect(ann);
    world.run(100);
    (world, ann)
}

fn node(world: &World, who: usize) -> &Value {
    &world.people[who].last("place").unwrap()["nodes"][0]
}

fn refused(sets: &Sets, shown: Vec<String>, code: &str) -> World {
    let (world, ann) = asked(sets, "ca", shown);
    let person = &world.people[ann];
    assert_eq!(person.problems(), [code]);
    assert_eq!(person.phase(), "stopped");
    world
}

#[test]
fn a_fence_that_asks_for_agreement_is_satisfied_by_two_sets_that_the_owner_named() {
    let sets = Sets::of("CA", "CA");
    let (mut world, ann) = asked(&sets, "ca", sets.shown());
    assert_eq!(world.people[ann].phase(), "ready");
    assert_eq!(node(&world, ann)["standing"], "consistent");
    let word = |kind: &str, name: &str| json!({ "kind": kind, "name": name, "date": "2026-09-21", "address": HERE, "country": "CA" });
    assert_eq!(
        node(&world, ann)["sources"],
        json!([word("registry", "arin"), word("geoip", "some")])
    );
    world.input(ann, json!({ "t": "join", "name": "Ann" }));
    world.run(100);
    assert_eq!(world.people[ann].phase(), "in");
}

#[test]
fn a_set_that_says_nothing_is_shown_and_agrees_with_nobody() {
    let sets = Sets::of("CA", "??");
    let world = refused(&sets, sets.shown(), "RF2108");
    assert_eq!(node(&world, 0)["standing"], "stated");
    assert_eq!(node(&world, 0)["sources"][1]["country"], Value::Null);
}

#[test]
fn a_set_that_contradicts_refuses_the_node() {
    let sets = Sets::of("CA", "US");
    let world = refused(&sets, sets.shown(), "RF2103");
    assert_eq!(node(&world, 0)["standing"], "violation");
    assert_eq!(node(&world, 0)["sources"][1]["country"], "US");
}

#[test]
fn a_server_that_keeps_a_set_back() {
    let sets = Sets::of("CA", "US");
    refused(&sets, vec![located(&sets.registry, HERE)], "RF2118");
    refused(&sets, vec![], "RF2118");
}

#[test]
fn a_server_that_answers_about_another_address() {
    let sets = Sets::of("CA", "US");
    let elsewhere = vec![located(&sets.registry, HERE), located(&sets.geoip, "203.0.114.1")];
    refused(&sets, elsewhere, "RF2118");
}

#[test]
fn a_server_that_shows_another_set_of_the_same_name() {
    let (sets, other) = (Sets::of("CA", "US"), set(Kind::Geoip, "some", "CA"));
    let swapped = vec![located(&sets.registry, HERE), located(&other, HERE)];
    refused(&sets, swapped, "RF2118");
}

#[test]
fn a_server_that_forges_what_a_set_says() {
    let sets = Sets::of("CA", "US");
    let mut forged = Cover::of(&sets.geoip).locate(HERE.parse().unwrap());
    let at = forged.windows(2).position(|pair| pair == b"US").unwrap();
    forged[at..at + 2].copy_from_slice(b"CA");
    refused(
        &sets,
        vec![located(&sets.registry, HERE), to_text(&forged)],
        "RF2204",
    );
    refused(&sets, vec![to_text(b"")], "RF2204");
    let many = vec![located(&sets.registry, HERE); 513];
    refused(&sets, many, "RF2204");
}

#[test]
fn sets_that_the_owner_did_not_name_raise_nothing_and_can_contradict() {
    let (sets, other) = (Sets::of("CA", "??"), set(Kind::Geoip, "another", "CA"));
    let mut shown = sets.shown();
    shown.push(located(&other, HERE));
    refused(&sets, shown, "RF2108");
    let sets = Sets::of("CA", "CA");
    let mut shown = sets.shown();
    shown.push(located(&set(Kind::Geoip, "another", "US"), HERE));
    refused(&sets, shown, "RF2103");
}

#[test]
fn a_node_that_the_fence_names_needs_no_set() {
    let sets = Sets::of("CA", "CA");
    let (world, ann) = asked(&sets, "only-this-server", vec![]);
    assert_eq!(world.people[ann].phase(), "ready");
    assert_eq!(node(&world, ann)["standing"], "stated");
    assert_eq!(node(&world, ann)["sources"], json!([]));
}

/// What counts is what the charter names; a change of the fence is decided with what the server showed.
#[test]
fn the_owner_asks_for_agreement_during_the_call() {
    for (sets, shows, code) in [
        (Sets::of("CA", "CA"), true, None),
        (Sets::of("CA", "CA"), false, Some("RF2118")),
        (Sets::of("CA", "EU"), true, Some("RF2108")),
    ] {
        let shown = if shows { sets.shown() } else { vec![] };
        let mut world = world(&sets, "only-this-server", shown);
        let ann = world.enter("Ann", true);
        world.run(1_000);
        let canada = preset::policy("ca", &[0; 32]).unwrap();
        world.input(
            ann,
            json!({ "t": "amend", "change": { "policy": to_text(&canada.encode()) } }),
        );
        world.run(2_000);
        let person = &world.people[ann];
        assert_eq!(person.problems(), code.into_iter().collect::<Vec<_>>());
        let version = person.last("meeting").unwrap()["version"].as_u64();
        assert_eq!(version, Some(if code.is_none() { 2 } else { 1 }));
        if code.is_none() {
            assert_eq!(node(&world, ann)["standing"], "consistent");
        }
    }
}
