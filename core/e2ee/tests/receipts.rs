//! Receipts: what a call leaves in the hands of each participant convinces somebody who was not there, and nothing else does.
use crate::world::log::RouteLog;
use crate::world::{Meeting, World, key};
use ringfence_charter::Admits;
use ringfence_fence::Policy;
use ringfence_receipt::Receipt;
use ringfence_receipt::compare::compare;
use ringfence_receipt::report::{By, Report};
use ringfence_receipt::verify::{Checked, verify};
use ringfence_signed::{cose, to_text};
use serde_json::json;

/// A call of two, with media, for so many minutes.
fn call(minutes: u64) -> (World, usize, usize) {
    let (mut world, ann, ben) = called(World::new(Admits::Link));
    world.run(minutes * 60_000);
    (world, ann, ben)
}

fn called(mut world: World) -> (World, usize, usize) {
    let ann = world.enter("Ann", true);
    world.run(200);
    let ben = world.enter("Ben", false);
    world.run(2_000);
    world.agree(&[ann, ben]);
    for who in [ann, ben] {
        world.media(who);
        assert!(world.people[who].media_open());
    }
    (world, ann, ben)
}

pub fn receipt(world: &mut World, who: usize, place: bool) -> Vec<u8> {
    world.input(who, json!({ "t": "receipt", "place": place }));
    world.run(10);
    world.people[who].receipts.pop().unwrap()
}

/// Signed anew by its member after a change.
pub fn forged(document: &[u8], member: &str, change: impl FnOnce(&mut Receipt)) -> Vec<u8> {
    let mut receipt = Receipt::read(document).unwrap();
    change(&mut receipt);
    cose::sign(cose::label::RECEIPT, &receipt.encode(), &key(member))
}

fn clean(checked: &Checked) -> Report {
    let report = checked.report();
    assert_eq!(report.findings, []);
    assert!(report.clean);
    report
}

pub fn code(document: &[u8]) -> &'static str {
    verify(document).unwrap_err().code
}

#[test]
fn a_call_leaves_a_clean_receipt_with_every_line_under_its_signer() {
    let (mut world, _, ben) = call(10);
    world.input(ben, json!({ "t": "leave" }));
    world.run(3_000);
    assert_eq!(world.people[ben].phase(), "left");
    let document = receipt(&mut world, ben, false);
    let report = clean(&verify(&document).unwrap());
    let texts = |by: By| -> Vec<String> {
        let lines = report.lines.iter().filter(|line| line.by == by);
        lines.map(|line| line.text.clone()).collect()
    };
    assert!(
        texts(By::Owner)[0].starts_with("version 1 of the rules"),
        "{:?}",
        report.lines
    );
    assert!(texts(By::Operator)[0].contains("127.0.0.1"));
    assert_eq!(texts(By::Node), ["chose itself to carry the meeting: start"]);
    let key = RouteLog::signer().verifier().to_string();
    let logged = format!("meet.example/log: this route is entry 3 of 4; the log's key is {key}");
    assert_eq!(texts(By::Log), [logged]);
    assert!(texts(By::Participant).contains(&"sealed media went to 127.0.0.1 port 5000".to_owned()));
    let sent = report
        .lines
        .iter()
        .find(|line| line.text.starts_with("sealed"))
        .unwrap();
    assert!(sent.until.unwrap() - sent.from.unwrap() >= 600);
}

#[test]
fn a_long_call_is_short_on_paper() {
    let (mut world, ann, _) = call(120);
    let document = receipt(&mut world, ann, false);
    assert!(document.len() < 8_000, "{}", document.len());
    clean(&verify(&document).unwrap());
}

#[test]
fn two_receipts_of_one_call_tell_one_story() {
    let (mut world, ann, ben) = call(1);
    let receipts = [receipt(&mut world, ann, false), receipt(&mut world, ben, false)];
    let checked: Vec<_> = receipts
        .iter()
        .map(|document| verify(document).unwrap())
        .collect();
    let comparison = compare(&checked);
    assert!(comparison.clean, "{comparison:?}");
    assert!(comparison.common_epochs >= 1);
    let twice = forged(&receipts[0], "Ann", |r| {
        let last = r.epochs.last().unwrap().clone();
        r.epochs.push(last);
    });
    let alone = compare(&[verify(&twice).unwrap()]);
    assert_eq!(alone.common_epochs, 0, "one alone has nothing in common");
}

#[test]
fn a_receipt_with_any_byte_changed_is_refused() {
    let (mut world, ann, _) = call(1);
    let document = receipt(&mut world, ann, false);
    verify(&document).unwrap();
    for at in 0..document.len() {
        for bit in [0x01, 0x80] {
            let mut other = document.clone();
            other[at] ^= bit;
            assert!(["RF3310", "RF3311"].contains(&code(&other)), "byte {at}");
        }
    }
    assert_eq!(code(&document[..document.len() - 1]), "RF3310");
    assert_eq!(code(b""), "RF3310");
    assert_eq!(code(&vec![0; (1 << 20) + 1]), "RF3310");
}

/// Its own member may sign what they like: what the others signed, and what follows from it, they cannot change.
#[test]
fn a_participant_cannot_change_what_follows_from_what_others_signed() {
    let (mut world, _, ben) = call(2);
    let document = receipt(&mut world, ben, false);
    let follows = |change: fn(&mut Receipt)| code(&forged(&document, "Ben", change));
    let changes: [fn(&mut Receipt); 17] = [
        |r| r.meeting = [1; 16],
        |r| r.shown.clear(),
        |r| r.made = 5,
        |r| *r.shown[0].charter.last_mut().unwrap() ^= 1,
        |r| *r.shown[0].statement.last_mut().unwrap() ^= 1,
        |r| *r.shown[0].route.last_mut().unwrap() ^= 1,
        |r| r.shown[0].logged = None,
        |r| r.shown[0].logged.as_mut().unwrap().index = 0,
        |r| r.shown[0].logged.as_mut().unwrap().salt = [0; 32],
        |r| r.shown[0].logged.as_mut().unwrap().proof[0] = [0; 32],
        |r| r.shown[0].logged.as_mut().unwrap().checkpoint.push('\n'),
        |r| r.decided[0].words[0].allowed = false,
        |r| r.decided[0].words[0].standing = "proven".into(),
        |r| r.decided[0].words[0].codes.clear(),
        |r| r.decided.last_mut().unwrap().remote = Some("198.51.100.1".into()),
        |r| r.decided[0].shown = 9,
        |r| r.sent[0].from = r.made + 1,
    ];
    for (index, change) in changes.into_iter().enumerate() {
        assert_eq!(follows(change), "RF3311", "change {index}");
    }
}

#[test]
fn media_that_no_decision_allowed_is_found() {
    let (mut world, _, ben) = call(2);
    let document = receipt(&mut world, ben, false);
    let findings = |change: fn(&mut Receipt)| {
        let report = verify(&forged(&document, "Ben", change)).unwrap().report();
        assert!(!report.clean);
        report
            .findings
            .iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        findings(|r| r.sent[0].address = "198.51.100.1".into()),
        ["RF3312"]
    );
    assert_eq!(
        findings(|r| r.decided.retain(|decided| decided.remote.is_none())),
        ["RF3312"]
    );
    assert_eq!(findings(|r| r.whole = false), ["RF3314"]);
}

#[test]
fn a_change_of_the_rules_in_the_call_is_in_the_receipt() {
    let (mut world, ann, ben) = call(1);
    let mut stricter = world.meeting.charter_fields.fence.clone();
    stricter.name = "Stricter".into();
    let policy = to_text(&Policy::encode(&stricter));
    world.input(ann, json!({ "t": "amend", "change": { "policy": policy } }));
    world.run(60_000);
    let document = receipt(&mut world, ben, false);
    let checked = verify(&document).unwrap();
    let owner = clean(&checked)
        .lines
        .into_iter()
        .filter(|line| line.by == By::Owner);
    let texts: Vec<String> = owner.map(|line| line.text).collect();
    assert!(texts.len() == 2 && texts[1].contains("version 2") && texts[1].contains("Stricter"));
    let skipped = forged(&document, "Ben", |r| r.shown.swap(0, 1));
    assert_eq!(code(&skipped), "RF3311");
}

#[test]
fn two_groups_and_two_logs_are_found_when_receipts_are_compared() {
    let (mut world, ann, ben) = call(1);
    let (one, two) = (receipt(&mut world, ann, false), receipt(&mut world, ben, false));
    let findings = |other: &[u8]| {
        let comparison = compare(&[verify(&one).unwrap(), verify(other).unwrap()]);
        assert!(!comparison.clean);
        comparison
            .findings
            .iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>()
    };
    let other_keys = forged(&two, "Ben", |r| {
        r.epochs.iter_mut().for_each(|epoch| epoch.seal = [0; 32])
    });
    assert_eq!(findings(&other_keys), ["RF3316"]);
    let forked = forged(&two, "Ben", |r| {
        let shown = &mut r.shown[0];
        let logged = RouteLog::new("another").shown(&shown.route, &json!([]));
        let text = |field: &str| ringfence_signed::from_text(logged[field].as_str().unwrap()).unwrap();
        let proof = logged["proof"].as_array().unwrap().iter();
        let hash = |hash: &serde_json::Value| {
            ringfence_signed::from_text(hash.as_str().unwrap())
                .unwrap()
                .try_into()
                .unwrap()
        };
        shown.logged = Some(ringfence_receipt::document::Logged {
            salt: text("salt").try_into().unwrap(),
            index: logged["index"].as_u64().unwrap(),
            proof: proof.map(hash).collect(),
            checkpoint: logged["checkpoint"].as_str().unwrap().into(),
        });
    });
    assert_eq!(findings(&forked), ["RF2331"]);
    let (mut elsewhere, cat, _) = called(World::of(Meeting::in_another_room()));
    // Rules of two meetings contradict nothing; logs of one key do, whatever the meeting.
    assert_eq!(
        findings(&receipt(&mut elsewhere, cat, false)),
        ["RF3315", "RF2331"]
    );
}

#[test]
fn a_server_whose_statement_was_refused_leaves_no_clean_receipt() {
    let mut world = World::new(Admits::Link);
    world.meeting.charter_fields.fence = ringfence_fence::preset::policy("ca", &[0; 32]).unwrap();
    let charter = &world.meeting.charter_fields;
    world.meeting.charter = cose::sign(cose::label::CHARTER, &charter.encode(), &world.meeting.owner);
    let ann = world.person("Ann", true);
    world.connect(ann);
    world.run(100);
    assert_eq!(world.people[ann].phase(), "stopped");
    let report = verify(&receipt(&mut world, ann, false)).unwrap().report();
    assert!(!report.clean);
    assert!(report.findings.iter().all(|finding| finding.code == "RF3313"));
    assert!(!report.lines.iter().any(|line| line.text.contains("media went")));
}

#[test]
fn before_anything_was_shown_there_is_no_receipt() {
    let mut world = World::new(Admits::Link);
    let ann = world.person("Ann", true);
    world.input(ann, json!({ "t": "receipt", "place": false }));
    assert_eq!(world.people[ann].problems(), ["RF3317"]);
}

#[test]
fn where_the_person_was_is_in_it_only_when_they_choose_so() {
    let (mut world, ann, _) = call(0);
    let place =
        json!({ "t": "whereabouts", "lat": 43.65, "lon": -79.38, "radius_km": 30.0, "confirmed": false });
    world.input(ann, place);
    world.input(ann, json!({ "t": "trip", "min_ms": 8.4, "samples": 20 }));
    world.run(60_000);
    let without = receipt(&mut world, ann, false);
    let with = receipt(&mut world, ann, true);
    assert_eq!(Receipt::read(&without).unwrap().whereabouts, None);
    let there = Receipt::read(&with).unwrap().whereabouts.unwrap();
    assert_eq!(
        (there.lat, there.lon, there.radius_m),
        (4_365_000, -7_938_000, 30_000)
    );
    for document in [&without, &with] {
        clean(&verify(document).unwrap());
    }
    // What was measured from a place that is given is made again; without it, it is the participant's word.
    let lie = |r: &mut Receipt| r.decided.last_mut().unwrap().words[0].standing = "proven".into();
    assert_eq!(code(&forged(&with, "Ann", lie)), "RF3311");
    let report = verify(&forged(&without, "Ann", lie)).unwrap().report();
    assert!(
        report
            .lines
            .iter()
            .any(|line| line.text.ends_with("not made again here"))
    );
}

#[test]
fn more_than_a_receipt_takes_is_left_out_and_said() {
    let (mut world, ann, _) = call(0);
    let place =
        json!({ "t": "whereabouts", "lat": 43.65, "lon": -79.38, "radius_km": 30.0, "confirmed": false });
    world.input(ann, place);
    // Each round trip that is shorter than all before is another decision.
    for step in 0..2_500 {
        world.input(
            ann,
            json!({ "t": "trip", "min_ms": 60.0 - 0.01 * f64::from(step), "samples": 1 }),
        );
        world.run(30_000);
    }
    let document = receipt(&mut world, ann, true);
    let report = verify(&document).unwrap().report();
    let codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["RF3314"]);
}
