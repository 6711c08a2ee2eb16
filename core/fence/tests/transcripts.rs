//! What beacons signed: who can make it, when it counts, and what follows from it.
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;
use ringfence_echo::Question;
use ringfence_fence::evidence::{Kind, Source};
use ringfence_fence::geometry::{Place, reach_km};
use ringfence_fence::transcript::{MAX_AGE, MAX_AHEAD, MOST};
use ringfence_fence::{
    Coordinates, Decision, Evidence, Observer, Policy, Role, Standing, Statement, StatementSource,
    Transcript, Trust, decide,
};
use ringfence_signed::{B32, cose};

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;
const ADDRESS: &str = "203.0.113.7";
const NODE: u8 = 1;
const OPERATOR: u8 = 2;
const BEACON: u8 = 3;
const STRANGER: u8 = 4;
const EDMONTON: (f64, f64) = (53.55, -113.49);
const TOKYO: (f64, f64) = (35.68, 139.69);

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> B32 {
    key(seed).verifying_key().to_bytes()
}

fn trust() -> Trust {
    Trust {
        operators: [("coop".to_owned(), public(OPERATOR))].into(),
        beacons: [public(BEACON)].into(),
        ..Trust::default()
    }
}

fn node() -> StatementSource {
    let statement = Statement {
        node: public(NODE),
        name: "edm1".into(),
        serial: 1,
        operator: "coop".into(),
        operator_name: "Example Co-op".into(),
        law: vec!["CA".into()],
        parents: vec![],
        country: Some("CA".into()),
        place: Some("Edmonton".into()),
        coordinates: Some(Coordinates::new(EDMONTON.0, EDMONTON.1).unwrap()),
        roles: vec![Role::Media],
        addresses: vec![ADDRESS.into()],
        from: NOW - DAY,
        until: NOW + DAY,
    };
    let inner = cose::sign(cose::label::NODE, &statement.encode(), &key(NODE));
    let document = cose::sign(cose::label::STATEMENT, &inner, &key(OPERATOR));
    StatementSource::verify(&document, &trust()).unwrap()
}

/// Of a beacon there, to whose question the node has answered.
fn measured(beacon: u8, (lat, lon): (f64, f64), least_us: u64) -> Transcript {
    let asked = Question {
        nonce: [beacon; 32],
        asker: public(beacon),
    };
    let at = format!("{ADDRESS}:40000").parse().unwrap();
    Transcript {
        beacon: public(beacon),
        name: "edm2".into(),
        place: Coordinates::new(lat, lon).unwrap(),
        node: public(NODE),
        address: ADDRESS.into(),
        port: 40000,
        samples: 20,
        least_us,
        at: NOW - 60,
        nonce: asked.nonce,
        answer: key(NODE).sign(&asked.to_be_signed(at)).to_bytes(),
    }
}

fn next_door() -> Transcript {
    measured(BEACON, EDMONTON, 400)
}

fn signed(transcript: &Transcript, by: u8) -> Vec<u8> {
    cose::sign(cose::label::TRANSCRIPT, &transcript.encode(), &key(by))
}

fn code(document: &[u8]) -> &'static str {
    Transcript::read(document).unwrap_err().code
}

#[test]
fn a_transcript_is_read_as_it_was_signed_and_with_no_byte_changed() {
    let document = signed(&next_door(), BEACON);
    assert_eq!(Transcript::read(&document).unwrap(), next_door());
    for at in 0..document.len() {
        for bit in [0x01, 0x80] {
            let mut other = document.clone();
            other[at] ^= bit;
            assert_eq!(code(&other), "RF2205", "byte {at}");
        }
        assert_eq!(code(&document[..at]), "RF2205");
    }
}

/// The beacon signs what it likes, but for what the node has to sign.
#[test]
fn a_beacon_cannot_sign_what_the_node_has_not_answered() {
    let changes: [fn(&mut Transcript); 12] = [
        |t| t.node = public(STRANGER),
        |t| t.address = "203.0.113.8".into(),
        |t| t.address = "::ffff:203.0.113.7".into(),
        |t| t.address = "nowhere".into(),
        |t| t.port = 1,
        |t| t.nonce = [0; 32],
        |t| t.answer = [0; 64],
        |t| t.samples = 0,
        |t| t.least_us = 0,
        |t| t.name = " ".into(),
        |t| t.name = "two\nlines".into(),
        |t| t.name = "a".repeat(101),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut transcript = next_door();
        change(&mut transcript);
        assert_eq!(code(&signed(&transcript, BEACON)), "RF2205", "change {number}");
    }
    let stolen = Transcript {
        beacon: public(STRANGER),
        ..next_door()
    };
    assert_eq!(
        code(&signed(&stolen, STRANGER)),
        "RF2205",
        "the answer to another beacon"
    );
    assert_eq!(
        code(&signed(&next_door(), STRANGER)),
        "RF2205",
        "signed by another one"
    );
    assert_eq!(
        code(&signed(&measured(NODE, EDMONTON, 400), NODE)),
        "RF2205",
        "of itself"
    );
    let other_label = cose::sign(cose::label::NODE, &next_door().encode(), &key(BEACON));
    assert_eq!(code(&other_label), "RF2205");
}

#[test]
fn at_most_16_are_shown_at_once() {
    let document = signed(&next_door(), BEACON);
    let shown = |many: usize| Transcript::read_all(vec![document.as_slice(); many].into_iter());
    assert_eq!(shown(MOST).unwrap().len(), MOST);
    assert_eq!(shown(MOST + 1).unwrap_err().code, "RF2205");
}

#[test]
fn one_counts_for_an_hour_for_this_node_at_an_address_that_it_lists() {
    let node = node();
    let trip = |transcript: &Transcript, time| transcript.trip(&trust(), node.statement(), time);
    let (transcript, at) = (next_door(), NOW - 60);
    let counted = trip(&transcript, NOW).unwrap();
    assert_eq!(
        (counted.by, counted.observer, counted.at),
        (Observer::Beacon, public(BEACON), at)
    );
    assert!(trip(&transcript, at + MAX_AGE).is_some());
    assert_eq!(trip(&transcript, at + MAX_AGE + 1), None);
    assert_eq!(
        trip(&transcript, at - MAX_AHEAD).unwrap().at,
        at - MAX_AHEAD,
        "as if it were now"
    );
    assert_eq!(trip(&transcript, at - MAX_AHEAD - 1), None);
    let stranger = measured(STRANGER, EDMONTON, 400);
    assert_eq!(trip(&stranger, NOW).unwrap().by, Observer::Stranger);
    for other in [
        Transcript {
            node: public(9),
            ..next_door()
        },
        Transcript {
            address: "203.0.113.8".into(),
            ..next_door()
        },
    ] {
        assert_eq!(trip(&other, NOW), None);
    }
}

fn decided(minimum: &str, transcripts: &[Transcript], time: u64) -> Decision {
    let policy = format!(
        "name = \"test\"\nversion = 1\n[allow]\ncountries = [\"CA\"]\n[evidence]\nminimum = \"{minimum}\""
    );
    let node = node();
    let mut evidence = Evidence::default();
    for kind in Kind::ALL {
        evidence.sources.push(Source {
            kind,
            name: "set".into(),
            date: NOW - DAY,
            address: ADDRESS.into(),
            country: "CA".into(),
            pinned: true,
        });
    }
    evidence.hear(transcripts, &trust(), node.statement(), time);
    let policy = Policy::from_toml(&policy).unwrap();
    decide(&policy, Ok(&node), &evidence, Role::Media, Some(ADDRESS), time)
}

fn text(decision: &Decision, code: &str) -> String {
    let reason = decision.reasons.iter().find(|reason| reason.code == code);
    reason
        .unwrap_or_else(|| panic!("{:?}", decision.reasons))
        .text
        .clone()
}

#[test]
fn a_pinned_beacon_next_door_proves_what_data_sets_agree_about() {
    let decision = decided("proven", &[next_door()], NOW);
    assert!(decision.allowed, "{:?}", decision.reasons);
    assert_eq!(decision.standing, Standing::Proven);
}

#[test]
fn without_one_that_counts_nothing_is_proven() {
    let far = measured(BEACON, EDMONTON, 40_000);
    for shown in [vec![], vec![measured(STRANGER, EDMONTON, 400)], vec![far]] {
        let decision = decided("proven", &shown, NOW);
        assert!(!decision.allowed);
        assert_eq!(decision.standing, Standing::Consistent);
        assert!(text(&decision, "RF2108").contains("no round trips of beacons"));
    }
}

#[test]
fn when_the_hour_is_over_the_decision_says_so() {
    let decision = decided("proven", &[next_door()], NOW - 60 + MAX_AGE + 1);
    assert!(!decision.allowed);
    assert!(text(&decision, "RF2108").contains("more than an hour old"));
    let renewed = Transcript {
        at: NOW + MAX_AGE,
        ..next_door()
    };
    let decision = decided("proven", &[next_door(), renewed], NOW + MAX_AGE);
    assert!(decision.allowed, "{:?}", decision.reasons);
}

#[test]
fn a_beacon_contradicts_and_a_stranger_makes_people_ask() {
    let decision = decided("stated", &[measured(BEACON, TOKYO, 5_000)], NOW);
    assert_eq!(
        (decision.allowed, decision.standing),
        (false, Standing::Violation)
    );
    let decision = decided("stated", &[measured(STRANGER, TOKYO, 5_000)], NOW);
    assert!(!decision.allowed);
    assert!(text(&decision, "RF2116").contains("would have to confirm"));
}

proptest! {
    /// Where the beacon really is, is not farther from where the transcript has it than the round trip was widened by.
    #[test]
    fn what_rounding_moves_the_round_trip_makes_up_for(
        lat in -90.0..=90.0f64, lon in -180.0..=180.0f64, least in 1..400_000u64
    ) {
        let transcript = measured(BEACON, (lat, lon), least);
        let trip = transcript.trip(&trust(), node().statement(), NOW).unwrap();
        let moved = Place::new(lat, lon).unwrap().least_km_to(&trip.place) * 1.006;
        prop_assert!(reach_km(trip.min_ms) >= reach_km(least as f64 / 1e3) + moved);
        prop_assert!(transcript.km() >= reach_km(trip.min_ms));
    }

    #[test]
    fn what_is_read_is_what_was_signed(
        lat in -90.0..=90.0f64, lon in -180.0..=180.0f64, least in 1..u64::MAX, samples in 1..u64::MAX, at: u64
    ) {
        let transcript = Transcript { samples, at, ..measured(BEACON, (lat, lon), least) };
        let read = Transcript::read(&signed(&transcript, BEACON));
        prop_assert_eq!(read.unwrap(), transcript.clone());
        // Whatever the clocks: it is decided about, and nobody is proved by what is to come.
        let trip = transcript.trip(&trust(), node().statement(), NOW);
        prop_assert!(trip.is_none_or(|trip| trip.at <= NOW && NOW - trip.at <= MAX_AGE));
    }
}
