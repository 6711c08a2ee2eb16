//! The test vectors of docs/protocol: made here, and checked against the committed file byte for byte, so that
//! another implementation can be written from the page. `WRITE_VECTORS=1` writes the file anew.
use ed25519_dalek::{Signer as _, SigningKey};
use ringfence_charter::charter::host_id;
use ringfence_charter::ledger::Grounds;
use ringfence_charter::route::{Used, candidates_hash};
use ringfence_charter::*;
use ringfence_echo::Question;
use ringfence_fence::{Coordinates, Parent, Role, Statement, StatementSource, Transcript, preset};
use ringfence_signed::cbor::{self, Value};
use ringfence_signed::cose::{self, Label, label};
use ringfence_signed::{hash, to_text};
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::sync::Arc;

const MEETING: B16 = [0x11; 16];
const GROUP: B32 = [0x22; 32];
const NOW: u64 = 1_800_000_000;
const NONCE: B16 = [0x33; 16];

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}
fn public(seed: u8) -> B32 {
    key(seed).verifying_key().to_bytes()
}
const OWNER: u8 = 1;
const NODE: u8 = 2;
const OPERATOR: u8 = 3;
const MEMBER: u8 = 4;
const LEAF: u8 = 5;
const LOG: u8 = 6;
const BEACON: u8 = 7;

fn link() -> Link {
    Link::new(MEETING, [0x44; 16], &public(OWNER))
}

fn charter() -> Charter {
    Charter {
        meeting: MEETING,
        version: 1,
        previous: None,
        owner: public(OWNER),
        hosts: vec![Host {
            id: host_id(&MEETING, &public(OWNER)),
            hpke: [0x55; 32],
        }],
        link: link().signing_key().verifying_key().to_bytes(),
        trust: ringfence_fence::Trust {
            operators: [("example-coop".to_owned(), public(OPERATOR))].into(),
            log: Some(ringfence_fence::Log {
                origin: "meet.example/log".into(),
                key: public(LOG),
            }),
            beacons: [public(BEACON)].into(),
            data: [[1; 32], [2; 32]].into(),
        },
        fence: preset::policy("ca", &public(NODE)).unwrap(),
        admission: Admits::Link,
        founders: Founders::Link,
        participants: 25,
        from: None,
        until: Some(NOW + 3600),
        retention_days: None,
        suite: 1,
        title: link().seal_title("Budget", [0x66; 12]),
    }
}

fn statement() -> Statement {
    Statement {
        node: public(NODE),
        name: "tor1".into(),
        serial: 3,
        operator: "example-coop".into(),
        operator_name: "Example Co-op".into(),
        law: vec!["CA".into()],
        parents: vec![Parent {
            name: "Example Holdings".into(),
            law: vec!["CA".into()],
        }],
        country: Some("CA".into()),
        place: Some("Toronto".into()),
        coordinates: Some(Coordinates::new(43.65, -79.38).unwrap()),
        roles: vec![Role::Web, Role::Signalling, Role::Keys, Role::Media],
        addresses: vec!["203.0.113.7".into(), "2001:db8::7".into()],
        from: NOW - 1000,
        until: NOW + 1000,
    }
}

fn question() -> Question {
    Question {
        nonce: [0x88; 32],
        asker: public(BEACON),
    }
}

/// The node answered the beacon at its media address.
fn transcript() -> Transcript {
    let asked = question().to_be_signed("203.0.113.7:40000".parse().unwrap());
    Transcript {
        beacon: public(BEACON),
        name: "tor2".into(),
        place: Coordinates::new(43.64, -79.40).unwrap(),
        node: public(NODE),
        address: "203.0.113.7".into(),
        port: 40000,
        samples: 20,
        least_us: 412,
        at: NOW,
        nonce: question().nonce,
        answer: key(NODE).sign(&asked).to_bytes(),
    }
}

/// Every document once, with who signs it and what is signed.
fn payloads() -> Vec<(&'static str, Label, SigningKey, Vec<u8>)> {
    let charter_hash = hash(&signed(label::CHARTER, &charter().encode(), &key(OWNER)));
    let link_key = link().signing_key();
    let by = link_key.verifying_key().to_bytes();
    let member = public(MEMBER);
    let (meeting, group, role) = (MEETING, GROUP, PersonRole::Guest);
    let statement_hash = hash(&statement_document());
    let genesis = Genesis {
        meeting,
        generation: 1,
        group,
        member,
        role,
        charter: charter_hash,
        by,
    };
    let admission = Admission {
        meeting,
        group,
        member,
        role,
        charter: charter_hash,
        nonce: NONCE,
        by,
    };
    let removal = Removal {
        meeting,
        group,
        member,
        added: 7,
        by: public(OWNER),
    };
    let leaf = Leaf {
        meeting,
        group,
        member,
        leaf: public(LEAF),
        serial: 1,
    };
    let knock = Knock {
        meeting,
        group,
        member,
        package: hash(b"key package"),
        nonce: NONCE,
    };
    let rejoin = Rejoin {
        meeting,
        group,
        member,
        nonce: NONCE,
    };
    let route = Route {
        meeting,
        nodes: vec![Used {
            node: public(NODE),
            roles: vec![Role::Media],
            statement: statement_hash,
        }],
        candidates: candidates_hash(&[(public(NODE), None), ([0x77; 32], Some("RF2104".into()))]),
        why: "start".into(),
        previous: None,
        at: NOW,
        by: public(NODE),
    };
    let hello = Hello {
        meeting,
        nonce: NONCE,
        charter: charter_hash,
        route: hash(&signed(label::ROUTE, &route.encode(), &key(NODE))),
        generation: Some(1),
        group: Some(group),
        epoch: Some(7),
    };
    let channel = Channel {
        group,
        nonce: NONCE,
        fingerprint: [0xab; 32],
        address: "203.0.113.7".into(),
        port: 40000,
    };
    let inner = signed(label::NODE, &statement().encode(), &key(NODE));
    vec![
        ("charter", label::CHARTER, key(OWNER), charter().encode()),
        (
            "statement, by the node",
            label::NODE,
            key(NODE),
            statement().encode(),
        ),
        (
            "statement, by the operator",
            label::STATEMENT,
            key(OPERATOR),
            inner,
        ),
        ("genesis", label::GENESIS, link_key.clone(), genesis.encode()),
        (
            "admission",
            label::ADMISSION,
            link_key.clone(),
            admission.encode(),
        ),
        ("removal", label::REMOVAL, key(OWNER), removal.encode()),
        ("leaf", label::LEAF, key(MEMBER), leaf.encode()),
        ("knock", label::KNOCK, link_key, knock.encode()),
        ("rejoin", label::REJOIN, key(MEMBER), rejoin.encode()),
        ("route", label::ROUTE, key(NODE), route.encode()),
        ("hello", label::HELLO, key(NODE), hello.encode()),
        ("channel", label::CHANNEL, key(NODE), channel.encode()),
        (
            "transcript",
            label::TRANSCRIPT,
            key(BEACON),
            transcript().encode(),
        ),
    ]
}

fn signed(label: Label, payload: &[u8], key: &SigningKey) -> Vec<u8> {
    cose::sign(label, payload, key)
}

fn statement_document() -> Vec<u8> {
    let inner = signed(label::NODE, &statement().encode(), &key(NODE));
    signed(label::STATEMENT, &inner, &key(OPERATOR))
}

fn document(name: &str) -> Vec<u8> {
    let found = payloads().into_iter().find(|one| one.0 == name).unwrap();
    signed(found.1, &found.3, &found.2)
}

/// Version 2: people have to be let in.
fn amended() -> CharterSource {
    let before = CharterSource::read(&document("charter")).unwrap();
    let mut next = charter();
    (next.version, next.previous) = (2, Some(before.hash));
    (next.admission, next.founders) = (Admits::Lobby, Founders::Hosts);
    CharterSource::read(&signed(label::CHARTER, &next.encode(), &key(OWNER))).unwrap()
}

/// Under which the group goes on from epoch 4 on.
fn amended_ledger() -> Ledger {
    let mut ledger = ledger();
    let before = CharterSource::read(&document("charter")).unwrap();
    ledger.amend(Arc::new(before), 4).unwrap();
    ledger
}

fn ledger() -> Ledger {
    let (charter, hash) = Charter::read(&document("charter")).unwrap();
    let genesis = Genesis::verify(&document("genesis"), &charter, &hash).unwrap();
    Ledger::found(&genesis, document("genesis"))
}

/// Reads any document by its label, as a receiver would, with the keys and ids of this page.
fn read(label: Label, document: &[u8]) -> Result<()> {
    let (charter, hash) = Charter::read(&self::document("charter"))?;
    let source = StatementSource::verify(&statement_document(), &charter.trust)?;
    match label {
        label::CHARTER => Charter::verify(document, &link(), None, NOW).map(drop),
        label::NODE => cose::verify(label, document, &public(NODE)).map(drop),
        label::STATEMENT => StatementSource::verify(document, &charter.trust).map(drop),
        label::GENESIS => Genesis::verify(document, &charter, &hash).map(drop),
        label::ADMISSION => Admission::verify(document, &charter, &hash, &GROUP, true).map(drop),
        label::REMOVAL => Removal::verify(document, &charter, &GROUP).map(drop),
        label::LEAF => Leaf::verify(document, &MEETING, &GROUP, &public(LEAF)).map(drop),
        label::KNOCK => Knock::verify(
            document,
            &charter,
            &GROUP,
            &ringfence_signed::hash(b"key package"),
        )
        .map(drop),
        label::REJOIN => Rejoin::verify(document, &MEETING, &GROUP, &NONCE).map(drop),
        label::ROUTE => Route::verify(document, &charter, &source).map(drop),
        label::HELLO => Hello::verify(document, &public(NODE), &MEETING, &NONCE).map(drop),
        label::CHANNEL => Channel::verify(document, &public(NODE), &GROUP, &NONCE).map(drop),
        label::TRANSCRIPT => Transcript::read(document).map(drop),
        other => panic!("no such label: {other:?}"),
    }
}

/// The payload of a document with one thing changed, signed again by its rightful signer.
fn changed(name: &str, change: impl FnOnce(&mut Vec<(Value, Value)>)) -> (Label, Vec<u8>) {
    let (_, label, key, payload) = payloads().into_iter().find(|one| one.0 == name).unwrap();
    let Value::Map(mut pairs) = cbor::decode(&payload).unwrap() else {
        panic!("a payload is a map")
    };
    change(&mut pairs);
    (label, signed(label, &cbor::encode(&Value::Map(pairs)), &key))
}

fn set(key: &'static str, value: Value) -> impl FnOnce(&mut Vec<(Value, Value)>) {
    move |pairs| {
        pairs.retain(|(known, _)| known.as_text() != Some(key));
        pairs.push((key.into(), value));
    }
}

fn refused() -> Vec<(&'static str, Label, Vec<u8>)> {
    let mut flipped = document("charter");
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    let swapped = cose::sign(
        label::HELLO,
        &cose::unverified_payload(&document("channel")).unwrap(),
        &key(NODE),
    );
    let one = |what, (label, bytes)| (what, label, bytes);
    vec![
        (
            "a charter with one bit of its signature changed",
            label::CHARTER,
            flipped,
        ),
        (
            "a channel signed under the label of a hello",
            label::CHANNEL,
            swapped,
        ),
        one(
            "a charter with a field that nobody knows",
            changed("charter", set("colour", "red".into())),
        ),
        one(
            "a charter without its suite",
            changed("charter", |pairs| {
                pairs.retain(|(key, _)| key.as_text() != Some("suite"))
            }),
        ),
        one(
            "a charter that admits by name",
            changed("charter", set("admission", "named".into())),
        ),
        one(
            "a charter that names a beacon twice",
            changed(
                "charter",
                set(
                    "trust",
                    cbor::map([
                        ("operators", Value::Map(vec![])),
                        ("log", Value::Null),
                        ("beacons", Value::Array(vec![cbor::bytes(&[1; 32]); 2])),
                        ("data", Value::Array(vec![])),
                    ]),
                ),
            ),
        ),
        one(
            "an admission of a host by the link",
            changed("admission", set("role", "host".into())),
        ),
        one(
            "an admission to another group",
            changed("admission", set("group", cbor::bytes(&[0; 32]))),
        ),
        one(
            "a genesis under another charter",
            changed("genesis", set("charter", cbor::bytes(&[0; 32]))),
        ),
        one(
            "a removal from another group",
            changed("removal", set("group", cbor::bytes(&[0; 32]))),
        ),
        one(
            "a certificate of another leaf",
            changed("leaf", set("leaf", cbor::bytes(&[0; 32]))),
        ),
        one(
            "a knock with another key package",
            changed("knock", set("package", cbor::bytes(&[0; 32]))),
        ),
        one(
            "a proof to another nonce",
            changed("rejoin", set("nonce", cbor::bytes(&[0; 16]))),
        ),
        one(
            "a route of another meeting",
            changed("route", set("meeting", cbor::bytes(&[0; 16]))),
        ),
        one(
            "a greeting to another nonce",
            changed("hello", set("nonce", cbor::bytes(&[0; 16]))),
        ),
        one(
            "a channel of another offer",
            changed("channel", set("nonce", cbor::bytes(&[0; 16]))),
        ),
        one(
            "a transcript of an answer at another address",
            changed("transcript", set("address", "2001:db8::7".into())),
        ),
        one(
            "a transcript of an answer to another question",
            changed("transcript", set("nonce", cbor::bytes(&[0; 32]))),
        ),
        one(
            "a transcript of another node",
            changed("transcript", set("node", cbor::bytes(&public(LEAF)))),
        ),
        one(
            "a transcript signed by another beacon than it names",
            changed("transcript", set("beacon", cbor::bytes(&public(LEAF)))),
        ),
    ]
}

fn vectors() -> Json {
    let link = link();
    let documents: Vec<_> = payloads()
        .into_iter()
        .map(|(name, label, key, payload)| {
            let document = signed(label, &payload, &key);
            json!({
                "name": name,
                "label": label.0,
                "signer": to_text(key.verifying_key().as_bytes()),
                "payload": to_text(&payload),
                "to_be_signed": to_text(&cose::to_be_signed(label, &payload)),
                "document": to_text(&document),
                "hash": to_text(&hash(&document)),
            })
        })
        .collect();
    let refused: Vec<_> = refused()
        .into_iter()
        .map(|(name, label, document)| {
            let code = read(label, &document).expect_err(name).code;
            json!({"name": name, "label": label.0, "document": to_text(&document), "code": code})
        })
        .collect();
    let seeds = [
        ("owner", OWNER),
        ("node", NODE),
        ("operator", OPERATOR),
        ("member", MEMBER),
        ("leaf", LEAF),
    ];
    let keys = seeds.map(
        |(name, seed)| json!({"name": name, "seed": to_text(&[seed; 32]), "public": to_text(&public(seed))}),
    );
    let grounds = Grounds {
        admissions: vec![document("admission")],
        removals: vec![document("removal")],
        lost: vec![3],
        charter: None,
    };
    let next = amended();
    let amending = Grounds {
        charter: Some(next.document.clone()),
        ..Grounds::default()
    };
    json!({
        "note": "Bytes are base64url without padding. Made and checked by core/charter/tests/vectors.rs.",
        "now": NOW,
        "keys": keys,
        "link": {
            "meeting": to_text(&MEETING),
            "secret": to_text(&[0x44; 16]),
            "fragment": link.fragment(),
            "link_key_seed": to_text(link.signing_key().as_bytes()),
            "link_key_public": to_text(link.signing_key().verifying_key().as_bytes()),
            "psk": to_text(&*link.psk()),
            "title": "Budget",
            "title_sealed": to_text(&charter().title),
        },
        "host_id": to_text(&host_id(&MEETING, &public(OWNER))),
        "documents": documents,
        "refused": refused,
        "echo": {
            "question": to_text(&question().encode()),
            "to_be_signed": to_text(&question().to_be_signed("203.0.113.7:40000".parse().unwrap())),
            "answer": to_text(&ringfence_echo::Answer { nonce: question().nonce, signature: transcript().answer }.encode()),
        },
        "ledger": {"encoded": to_text(&ledger().encode()), "hash": to_text(&ledger().hash())},
        "authenticated_data": to_text(&grounds.encode()),
        "amended": {
            "charter": to_text(&next.document),
            "from_epoch": 4,
            "ledger": {"encoded": to_text(&amended_ledger().encode()), "hash": to_text(&amended_ledger().hash())},
            "authenticated_data": to_text(&amending.encode()),
        },
    })
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol/vectors/documents.json")
}

#[test]
fn the_published_vectors_are_what_this_code_makes() {
    let made = serde_json::to_string_pretty(&vectors()).unwrap() + "\n";
    if std::env::var_os("WRITE_VECTORS").is_some() {
        std::fs::write(file(), &made).unwrap();
    }
    let published = std::fs::read_to_string(file()).unwrap();
    assert!(
        made == published,
        "docs/protocol/vectors/documents.json differs from what the code makes"
    );
}

#[test]
fn every_published_document_is_accepted_by_whom_it_is_for() {
    for (name, label, key, payload) in payloads() {
        let document = signed(label, &payload, &key);
        assert_eq!(read(label, &document), Ok(()), "{name}");
    }
}

#[test]
fn every_published_refusal_has_a_code_of_its_own_kind() {
    for (name, label, document) in refused() {
        let code = read(label, &document).expect_err(name).code;
        let own = if label == label::TRANSCRIPT {
            "RF2205"
        } else {
            "RF3"
        };
        assert!(code.starts_with(own), "{name}: {code}");
    }
    assert_eq!(
        Ledger::verify(
            &ledger().encode(),
            &CharterSource::read(&document("charter")).unwrap()
        )
        .unwrap()
        .0,
        ledger()
    );
    let (read, _) = Ledger::verify(&amended_ledger().encode(), &amended()).unwrap();
    assert_eq!(read, amended_ledger());
}
