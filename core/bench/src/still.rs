//! What depends on no group: frames, the fence, receipts, the verification code.
use crate::call::RECEIPT;
use aes_gcm::aead::Aead as _;
use aes_gcm::{Aes128Gcm, KeyInit as _};
use ed25519_dalek::SigningKey;
use ringfence_charter::Link;
use ringfence_e2ee::code::verification_code;
use ringfence_e2ee::keys::{BaseKey, Header, open, seal};
use ringfence_fence::evidence::{Kind, Source};
use ringfence_fence::geometry::Place;
use ringfence_fence::place::{Candidate, place};
use ringfence_fence::{
    Coordinates, Evidence, Observer, Policy, Role, Statement, StatementSource, Trip, Trust, decide,
    decide_all,
};
use ringfence_receipt::verify::verify;
use ringfence_signed::cose;
use std::hint::black_box;

const NOW: u64 = 1_800_000_000;
/// A key frame of a small picture.
const FRAME: usize = 20_000;
const POLICY: &str = "name = \"Europe\"\nversion = 1\n[allow]\ncountries = [\"DE\", \"FR\", \"AT\"]\nlaw = [\"DE\"]\noperators = [\"op\"]\n\
    [evidence]\nminimum = \"stated\"\n";

/// What asks for all that there is: sources, round trips and borders.
const BORDERS: &str = "name = \"Germany\"\nversion = 1\n[allow]\ncountries = [\"DE\"]\n\
    [evidence]\nminimum = \"proven\"\nexclude = [\"CN\", \"RU\"]\nsources = [\"registry\"]\n";

pub struct Still {
    base: BaseKey,
    plain: Vec<u8>,
    sealed: Vec<u8>,
    policy: Policy,
    borders: Policy,
    evidence: Evidence,
    statement: StatementSource,
}

impl Still {
    pub const NAMES: [&str; 9] = [
        "aes-gcm-20kB",
        "seal-20kB",
        "open-20kB",
        "decide-fence",
        "decide-borders",
        "place-1000",
        "read-fence",
        "verify-receipt",
        "verification-code",
    ];

    #[allow(clippy::new_without_default)]
    pub fn new() -> Still {
        let (document, trust) = stated(NOW - 100);
        let (base, plain) = (BaseKey::from_bytes([3; 16]), vec![7; FRAME]);
        let sealed = seal(&base, header(), b"", &plain);
        Still {
            base,
            plain,
            sealed,
            policy: Policy::from_toml(POLICY).expect("a policy"),
            borders: Policy::from_toml(BORDERS).expect("a policy"),
            evidence: evidence(),
            statement: StatementSource::verify(&document, &trust).expect("a statement"),
        }
    }

    pub fn run(&self, name: &str) {
        match name {
            // What the two after it cannot be cheaper than.
            "aes-gcm-20kB" => {
                let cipher = Aes128Gcm::new(&[3; 16].into());
                drop(black_box(
                    cipher
                        .encrypt(&[0; 12].into(), &self.plain[..])
                        .expect("it is short"),
                ));
            }
            "seal-20kB" => drop(black_box(seal(&self.base, header(), b"", black_box(&self.plain)))),
            "open-20kB" => drop(black_box(
                open(&self.base, b"", black_box(&self.sealed)).expect("ours"),
            )),
            "decide-fence" => {
                let (policy, statement) = (black_box(&self.policy), black_box(&self.statement));
                drop(black_box(decide_all(
                    policy,
                    Ok(statement),
                    &Evidence::default(),
                    Some("192.0.2.1"),
                    NOW,
                )));
            }
            "decide-borders" => {
                let decision = decide(
                    black_box(&self.borders),
                    Ok(black_box(&self.statement)),
                    black_box(&self.evidence),
                    Role::Media,
                    Some("192.0.2.1"),
                    NOW,
                );
                assert!(black_box(decision).allowed, "it is all looked at");
            }
            "place-1000" => {
                let candidates = (0..1000u64).map(|node| Candidate {
                    node,
                    statement: Ok(black_box(&self.statement)),
                    evidence: &self.evidence,
                    address: "192.0.2.1",
                });
                let placement = place(&self.borders, Role::Media, candidates, |node| 1000 - node, NOW);
                assert_eq!(placement.chosen.map(|node| *node.get()), Some(999));
            }
            "read-fence" => drop(black_box(Policy::from_toml(black_box(POLICY)).expect("a policy"))),
            "verify-receipt" => {
                let checked = verify(black_box(&RECEIPT)).expect("it follows");
                assert!(black_box(checked.report()).clean);
            }
            "verification-code" => {
                let link = Link::new([1; 16], [2; 16], &[3; 32]);
                drop(black_box(
                    verification_code(&[5; 32], &*link.psk()).expect("memory"),
                ));
            }
            other => panic!("{other} is no operation"),
        }
    }
}

/// The statement of a node in Berlin, and whom to believe it.
pub fn stated(from: u64) -> (Vec<u8>, Trust) {
    let (node, operator) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
    let stated = Statement {
        node: node.verifying_key().to_bytes(),
        name: "here".into(),
        serial: 1,
        operator: "op".into(),
        operator_name: "Operator".into(),
        law: vec!["DE".into()],
        parents: vec![],
        country: Some("DE".into()),
        place: Some("Berlin".into()),
        coordinates: Some(Coordinates::new(52.52, 13.4).expect("a place")),
        roles: vec![
            Role::Web,
            Role::Signalling,
            Role::Keys,
            Role::Media,
            Role::Storage,
        ],
        addresses: vec!["192.0.2.1".into()],
        from,
        until: from + 86_400,
    };
    let inner = cose::sign(cose::label::NODE, &stated.encode(), &node);
    let document = cose::sign(cose::label::STATEMENT, &inner, &operator);
    let trust = Trust {
        operators: [("op".to_owned(), operator.verifying_key().to_bytes())].into(),
        ..Trust::default()
    };
    (document, trust)
}

/// Two data sets and three observers, two of them beacons next door.
fn evidence() -> Evidence {
    let source = |kind| Source {
        kind,
        name: "set".into(),
        date: NOW,
        address: "192.0.2.1".into(),
        country: "DE".into(),
        pinned: true,
    };
    let trip = |by, seed, lat, lon, min_ms| Trip {
        by,
        observer: [seed; 32],
        place: Place::new(lat, lon).expect("a place"),
        min_ms,
        at: NOW,
        address: "192.0.2.1".into(),
    };
    Evidence {
        sources: vec![source(Kind::Registry), source(Kind::Geoip)],
        trips: vec![
            trip(Observer::Beacon, 5, 52.5, 13.3, 0.4),
            trip(Observer::Beacon, 6, 50.1, 8.7, 6.5),
            trip(Observer::Participant, 7, 48.86, 2.35, 14.0),
        ],
        ..Evidence::default()
    }
}

fn header() -> Header {
    Header {
        kid: 0x1234,
        counter: 1 << 20,
    }
}
