//! What beacons measured, in a meeting: a fence that asks for proof, and a server that shows what suits it.
use crate::data_sets::{HERE, Sets, placed};
use crate::world::{PORT, START, World, key, public};
use ed25519_dalek::{Signer as _, SigningKey};
use ringfence_charter::Admits;
use ringfence_echo::Question;
use ringfence_fence::policy::Minimum;
use ringfence_fence::{Coordinates, Transcript, preset};
use ringfence_receipt::Receipt;
use ringfence_receipt::report::By;
use ringfence_receipt::verify::verify;
use ringfence_signed::{cose, to_text};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;

const EDMONTON: (f64, f64) = (53.55, -113.49);
pub const TOKYO: (f64, f64) = (35.68, 139.69);
/// Unix seconds at which meetings begin here.
const BEGIN: u64 = START / 1000;
const HOUR: u64 = 3600;

/// What the server shows, and may show otherwise later.
type Shown = Rc<RefCell<Vec<Vec<u8>>>>;

/// Which a node with that key answered to this beacon's question.
fn measured(beacon: &SigningKey, node: &SigningKey, at: u64) -> Transcript {
    measured_at(HERE, beacon, node, at)
}

pub fn measured_at(address: &str, beacon: &SigningKey, node: &SigningKey, at: u64) -> Transcript {
    let question = Question {
        nonce: [at as u8; 32],
        asker: public(beacon),
    };
    let asked = question.to_be_signed(format!("{address}:{PORT}").parse().unwrap());
    Transcript {
        beacon: public(beacon),
        name: "edm2".into(),
        place: Coordinates::new(EDMONTON.0, EDMONTON.1).unwrap(),
        node: public(node),
        address: address.into(),
        port: PORT,
        samples: 20,
        least_us: 412,
        at,
        nonce: question.nonce,
        answer: node.sign(&asked).to_bytes(),
    }
}

pub fn signed(transcript: &Transcript, by: &SigningKey) -> Vec<u8> {
    cose::sign(cose::label::TRANSCRIPT, &transcript.encode(), by)
}

/// Of the beacon that the owner pinned.
fn pinned(at: u64) -> Vec<u8> {
    let beacon = key("beacon");
    signed(&measured(&beacon, &key("node"), at), &beacon)
}

/// A meeting in whose fence round trips of beacons have to prove where the node is; or one that asks for less.
fn world(minimum: Minimum, transcripts: Vec<Vec<u8>>) -> (World, Shown) {
    let mut world = World::new(Admits::Link);
    let mut fence = preset::policy("ca", &public(&world.meeting.node)).unwrap();
    fence.minimum = minimum;
    let sets = Sets::of("CA", "CA");
    world.meeting.charter_fields.trust.beacons = [public(&key("beacon"))].into();
    placed(&mut world.meeting, &sets, fence);
    let shown = Rc::new(RefCell::new(transcripts));
    let (shows, located) = (shown.clone(), sets.shown());
    world.lie = Some(Box::new(move |_, mut message| {
        if message["t"] == "hello" {
            message["located"] = json!(located);
            message["transcripts"] = json!(texts(&shows.borrow()));
        }
        vec![message]
    }));
    (world, shown)
}

fn texts(documents: &[Vec<u8>]) -> Vec<String> {
    documents.iter().map(|document| to_text(document)).collect()
}

/// Somebody asks to come in.
fn asked(minimum: Minimum, transcripts: Vec<Vec<u8>>) -> World {
    let (mut world, _) = world(minimum, transcripts);
    let ann = world.person("Ann", true);
    world.connect(ann);
    world.run(100);
    world
}

fn refused(transcripts: Vec<Vec<u8>>, code: &str) -> World {
    let world = asked(Minimum::Proven, transcripts);
    assert_eq!(world.people[0].problems(), [code]);
    assert_eq!(world.people[0].phase(), "stopped");
    world
}

/// Two are in, and send media, because it is proven where it goes.
fn call() -> (World, Shown) {
    let (mut world, shown) = world(Minimum::Proven, vec![pinned(BEGIN)]);
    let ann = world.enter("Ann", true);
    world.run(200);
    let ben = world.enter("Ben", false);
    world.run(2_000);
    for who in [ann, ben] {
        world.media(who);
        assert!(
            world.people[who].media_open(),
            "{:?}",
            world.people[who].problems()
        );
    }
    (world, shown)
}

fn tell_all(world: &mut World, transcripts: &[Vec<u8>]) {
    for who in [0, 1] {
        world.tell(
            who,
            json!({ "t": "transcripts", "transcripts": texts(transcripts) }),
        );
        world.run(10);
    }
}

fn node(world: &World, who: usize) -> &Value {
    &world.people[who].last("place").unwrap()["nodes"][0]
}

/// Beside that another member's own decision refused, too.
fn own_problems(world: &World, who: usize) -> Vec<String> {
    let mut problems = world.people[who].problems();
    problems.retain(|code| code != "RF3259");
    problems
}

fn receipt(world: &mut World, who: usize) -> Vec<u8> {
    world.input(who, json!({ "t": "receipt", "place": false }));
    world.run(10);
    world.people[who].receipts.pop().unwrap()
}

#[test]
fn a_fence_that_asks_for_proof_is_satisfied_by_a_beacon_that_the_owner_pinned() {
    let (world, _) = call();
    for who in [0, 1] {
        let node = node(&world, who);
        assert_eq!(node["standing"], "proven");
        let trip = &node["trips"][0];
        assert_eq!(
            (&trip["name"], &trip["beacon"]),
            (&json!("edm2"), &json!("pinned"))
        );
        assert_eq!((&trip["min_ms"], &trip["stale"]), (&json!(0.412), &json!(false)));
        assert_eq!(trip["observer"], json!(to_text(&public(&key("beacon")))));
        assert_eq!(
            trip["km"],
            json!(62.0),
            "light goes 61.76 km and back in 0.412 ms"
        );
    }
}

#[test]
fn without_one_it_is_refused() {
    let world = refused(vec![], "RF2108");
    assert_eq!(node(&world, 0)["standing"], "consistent");
}

#[test]
fn a_server_that_shows_what_no_beacon_signed_or_no_node_answered() {
    let (beacon, here) = (key("beacon"), key("node"));
    let mut edited = pinned(BEGIN);
    let at = edited.windows(4).position(|part| part == b"edm2").unwrap();
    edited[at] ^= 1;
    let mut faster = measured(&beacon, &here, BEGIN);
    faster.least_us = 1;
    let invented = Transcript {
        answer: [0; 64],
        ..measured(&beacon, &here, BEGIN)
    };
    // The node's answer at one address is none at another.
    let moved = Transcript {
        address: "203.0.113.8".into(),
        ..measured(&beacon, &here, BEGIN)
    };
    let lies = [
        vec![edited],
        vec![signed(&faster, &key("somebody"))],
        vec![signed(&invented, &beacon)],
        vec![signed(&moved, &beacon)],
        vec![vec![]],
        vec![pinned(BEGIN); 17],
    ];
    for lie in lies {
        refused(lie, "RF2205");
    }
}

#[test]
fn a_server_that_shows_what_is_about_something_else() {
    let (beacon, stranger) = (key("beacon"), key("stranger"));
    let another_node = signed(&measured(&beacon, &key("another node"), BEGIN), &beacon);
    let unpinned = signed(&measured(&stranger, &key("node"), BEGIN), &stranger);
    let lies = [
        another_node,
        unpinned,
        pinned(BEGIN - HOUR - 10),
        pinned(BEGIN + 600),
    ];
    for lie in lies {
        let world = refused(vec![lie], "RF2108");
        assert_eq!(node(&world, 0)["standing"], "consistent");
    }
}

#[test]
fn what_is_measured_from_elsewhere_contradicts_and_of_a_stranger_makes_people_ask() {
    for (name, code) in [("beacon", "RF2115"), ("stranger", "RF2116")] {
        let by = key(name);
        let far = Transcript {
            place: Coordinates::new(TOKYO.0, TOKYO.1).unwrap(),
            least_us: 5_000,
            ..measured(&by, &key("node"), BEGIN)
        };
        let world = asked(Minimum::Stated, vec![signed(&far, &by)]);
        assert_eq!(world.people[0].problems(), [code], "{name}");
    }
}

#[test]
fn when_the_server_brings_nothing_new_media_stops_after_an_hour_and_goes_on_when_it_does() {
    let (mut world, _) = call();
    world.run(HOUR * 1_000 - 60_000);
    assert!(world.people[0].media_open() && world.people[1].media_open());
    world.run(120_000);
    for who in [0, 1] {
        assert!(!world.people[who].media_open());
        assert_eq!(own_problems(&world, who), ["RF2108"]);
        let mut problems = world.people[who].events.iter();
        let problem = problems.find(|event| event["code"] == "RF2108").unwrap();
        let detail = problem["detail"].to_string();
        assert!(detail.contains("more than an hour old"), "{detail}");
        assert_eq!(node(&world, who)["trips"][0]["stale"], json!(true));
    }
    let now = world.now / 1000;
    tell_all(&mut world, &[pinned(now)]);
    for who in [0, 1] {
        assert!(
            world.people[who].media_open(),
            "{:?}",
            world.people[who].problems()
        );
        assert_eq!(node(&world, who)["standing"], "proven");
    }
}

#[test]
fn in_a_call_too_what_does_not_hold_is_not_gone_along_with() {
    let (mut world, _) = call();
    tell_all(&mut world, &[pinned(BEGIN)[1..].to_vec()]);
    for who in [0, 1] {
        assert_eq!(own_problems(&world, who), ["RF2205"]);
        assert_eq!(world.people[who].phase(), "stopped");
    }
}

#[test]
fn what_contradicts_in_a_call_stops_media() {
    let (mut world, _) = call();
    let by = key("beacon");
    let far = Transcript {
        place: Coordinates::new(TOKYO.0, TOKYO.1).unwrap(),
        least_us: 5_000,
        ..measured(&by, &key("node"), BEGIN)
    };
    tell_all(&mut world, &[pinned(BEGIN), signed(&far, &by)]);
    for who in [0, 1] {
        assert!(!world.people[who].media_open());
        assert_eq!(node(&world, who)["standing"], "violation");
    }
}

#[test]
fn a_server_that_began_anew_need_not_have_heard_its_beacons_yet() {
    let (mut world, shown) = call();
    shown.borrow_mut().clear();
    world.kill_server();
    world.run(100);
    for who in [0, 1] {
        world.connect(who);
    }
    world.run(5_000);
    for who in [0, 1] {
        assert_eq!(world.people[who].phase(), "in");
        assert_eq!(node(&world, who)["standing"], "proven");
        assert_eq!(world.people[who].problems(), [""; 0]);
    }
    let cat = world.person("Cat", false);
    world.connect(cat);
    world.run(100);
    assert_eq!(
        world.people[cat].problems(),
        ["RF2108"],
        "who is new has seen none"
    );
}

#[test]
fn a_receipt_holds_what_beacons_measured_and_who_reads_it_decides_again() {
    let (mut world, _) = call();
    world.run(60_000);
    let document = receipt(&mut world, 1);
    let report = verify(&document).unwrap().report();
    assert!(report.clean, "{:?}", report.findings);
    let beacons: Vec<_> = report.lines.iter().filter(|line| line.by == By::Beacon).collect();
    assert_eq!(beacons.len(), 1);
    let text = &beacons[0].text;
    assert!(
        text.starts_with("edm2 (") && text.contains("0.412 ms to 203.0.113.7"),
        "{text}"
    );
    assert!(text.contains("no farther than 62 km"), "{text}");
    let changes: [fn(&mut Receipt); 7] = [
        |r| r.transcripts.clear(),
        |r| *r.transcripts[0].last_mut().unwrap() ^= 1,
        |r| {
            r.decided
                .iter_mut()
                .for_each(|decided| decided.transcripts.clear())
        },
        |r| r.decided[0].transcripts = vec![1],
        |r| r.decided[0].transcripts = vec![0, 0],
        |r| r.decided[0].transcripts = (0..17).collect(),
        |r| r.transcripts[0] = vec![],
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut other = Receipt::read(&document).unwrap();
        change(&mut other);
        let forged = cose::sign(cose::label::RECEIPT, &other.encode(), &key("Ben"));
        let code = verify(&forged).unwrap_err().code;
        assert!(["RF3310", "RF3311"].contains(&code), "change {index}: {code}");
    }
}

#[test]
fn a_call_of_a_day_whose_beacons_measure_every_ten_minutes_fits_into_a_receipt() {
    let (mut world, _) = call();
    for _ in 0..6 * 24 {
        world.run(600_000);
        let now = world.now / 1000;
        tell_all(&mut world, &[pinned(now), pinned(now - 1)]);
        assert!(world.people[0].media_open());
    }
    let document = receipt(&mut world, 0);
    assert!(document.len() < 400_000, "{}", document.len());
    let report = verify(&document).unwrap().report();
    assert!(report.clean, "{:?}", report.findings);
    let beacons: Vec<_> = report.lines.iter().filter(|line| line.by == By::Beacon).collect();
    assert_eq!(beacons.len(), 1, "one line for each beacon and address");
}
