//! The receipt of a call of two hours, in which people come and go and round trips get shorter.
use ed25519_dalek::SigningKey;
use ringfence_charter::candidates::Candidate;
use ringfence_charter::charter::host_id;
use ringfence_charter::route::{Used, candidates_hash, decide_route};
use ringfence_charter::{Admits, Charter, CharterSource, Founders, Host, Link, Route};
use ringfence_fence::evidence::widened_ms;
use ringfence_fence::geometry::Place;
use ringfence_fence::{Evidence, Log, Observer, Policy, Role, StatementSource, Trust};
use ringfence_receipt::Receipt;
use ringfence_receipt::document::{Decided, Epoch, Logged, Sent, Shown, Trip, Whereabouts, Word};
use ringfence_routelog::checkpoint::{Checkpoint, Signed};
use ringfence_routelog::entry;
use ringfence_routelog::key::{Kind, Signer};
use ringfence_routelog::merkle::{leaf_hash, node_hash};
use ringfence_signed::{B16, B32, cose, hash};
use std::sync::LazyLock;

const BEGIN: u64 = 1_800_000_000;
const DECISIONS: u64 = 240;
const EPOCHS: u64 = 500;
const END: u64 = BEGIN + 30 * DECISIONS;
const MEETING: B16 = [7; 16];
const ADDRESS: &str = "192.0.2.1";
const ORIGIN: &str = "meet.example/log";
const FENCE: &str = "name = \"Germany\"\nversion = 1\n[allow]\ncountries = [\"DE\"]\n[evidence]\nminimum = \"stated\"\nexclude = [\"CN\"]\n";

/// Signed by its member.
pub static RECEIPT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let receipt = receipt();
    cose::sign(cose::label::RECEIPT, &receipt.encode(), &key(4))
});

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(key: &SigningKey) -> B32 {
    key.verifying_key().to_bytes()
}

/// `trust`: with the operator of the node.
fn charter(trust: Trust) -> Vec<u8> {
    let owner = key(3);
    let link = Link::new(MEETING, [9; 16], &public(&owner));
    let charter = Charter {
        meeting: MEETING,
        version: 1,
        previous: None,
        owner: public(&owner),
        hosts: vec![Host {
            id: host_id(&MEETING, &public(&owner)),
            hpke: [6; 32],
        }],
        link: public(&link.signing_key()),
        trust: Trust {
            log: Some(Log {
                origin: ORIGIN.into(),
                key: public(&key(5)),
            }),
            ..trust
        },
        fence: Policy::from_toml(FENCE).expect("a policy"),
        admission: Admits::Link,
        founders: Founders::Link,
        participants: 60,
        from: None,
        until: None,
        retention_days: None,
        suite: 1,
        title: link.seal_title("Parish council", [3; 12]),
    };
    cose::sign(cose::label::CHARTER, &charter.encode(), &owner)
}

fn route(statement: &[u8]) -> Vec<u8> {
    let node = public(&key(1));
    let route = Route {
        meeting: MEETING,
        nodes: vec![Used {
            node,
            roles: vec![
                Role::Web,
                Role::Signalling,
                Role::Keys,
                Role::Media,
                Role::Storage,
            ],
            statement: hash(statement),
        }],
        candidates: candidates_hash(&[(node, None)]),
        why: "start".into(),
        previous: None,
        at: BEGIN,
        by: node,
    };
    cose::sign(cose::label::ROUTE, &route.encode(), &key(1))
}

/// The second of two entries.
fn logged(route: &[u8]) -> Logged {
    let (salt, other) = ([1; 32], leaf_hash(b"another"));
    let checkpoint = Checkpoint {
        origin: ORIGIN.into(),
        size: 2,
        root: node_hash(&other, &leaf_hash(&entry::make(&salt, route))),
        extensions: vec![],
    };
    let signer = Signer::new(ORIGIN, Kind::Log, key(5)).expect("a name");
    Logged {
        salt,
        index: 1,
        proof: vec![other],
        checkpoint: Signed::sign(checkpoint, &signer).expect("its own").encode(),
    }
}

fn receipt() -> Receipt {
    let (statement, trust) = crate::still::stated(BEGIN);
    let (charter, route) = (charter(trust), route(&statement));
    let whereabouts = Whereabouts {
        lat: 4_886_000,
        lon: 235_000,
        radius_m: 5_000,
        confirmed: false,
    };
    let epoch = |number: u64| Epoch {
        group: [5; 32],
        epoch: number,
        at: BEGIN + number * (END - BEGIN) / EPOCHS,
        people: 2 + number % 30,
        seal: hash(&number.to_be_bytes()),
    };
    Receipt {
        meeting: MEETING,
        member: public(&key(4)),
        made: END,
        decided: decided(&charter, &statement, whereabouts),
        sent: vec![Sent {
            address: ADDRESS.into(),
            port: 5000,
            from: BEGIN,
            until: None,
        }],
        epochs: (0..EPOCHS).map(epoch).collect(),
        transcripts: vec![],
        whereabouts: Some(whereabouts),
        whole: true,
        shown: vec![Shown {
            at: BEGIN,
            logged: Some(logged(&route)),
            candidates: vec![Candidate {
                node: public(&key(1)),
                refused: None,
                statement: None,
            }],
            located: vec![],
            charter,
            route,
            statement,
        }],
    }
}

/// Each rests on a round trip that is shorter than the one before it.
fn decided(charter: &[u8], statement: &[u8], whereabouts: Whereabouts) -> Vec<Decided> {
    let charter = CharterSource::read(charter).expect("ours");
    let statement = StatementSource::verify(statement, &charter.trust).expect("ours");
    let mut evidence = Evidence::shown(&[], &charter.trust, statement.statement());
    let one = |number: u64| {
        let (at, least_us) = (BEGIN + 30 * number, 20_000 - 10 * number);
        evidence.trips = vec![ringfence_fence::Trip {
            by: Observer::Participant,
            observer: public(&key(4)),
            place: Place::new(48.86, 2.35).expect("a place"),
            min_ms: widened_ms(least_us, whereabouts.radius_m),
            at,
            address: ADDRESS.into(),
        }];
        let verdict = decide_route(&charter, Ok(&statement), &evidence, Some(ADDRESS), at);
        assert!(verdict.may_send, "the node is inside");
        Decided {
            shown: 0,
            from: at,
            until: at,
            remote: Some(ADDRESS.into()),
            trip: Some(Trip {
                at,
                address: ADDRESS.into(),
                least_us,
                samples: 20,
            }),
            transcripts: vec![],
            words: verdict.decisions.iter().map(Word::of).collect(),
        }
    };
    (0..DECISIONS).map(one).collect()
}
