//! Writes the first inputs of each corpus, and the group that MLS messages are of: after a change of a format.
//! Not here: inputs that the fuzzer found later (tools/fuzz.py keeps those).
mod captures;
mod packets;
mod receipts;
mod said;

use ringfence_charter::ledger::{Grounds, Remover};
use ringfence_charter::{Admission, Hello, Knock, Leaf, PersonRole, Rejoin, Removal};
use ringfence_e2ee::delivery::{Delivery, Entering};
use ringfence_e2ee::member::{Member, Plan, read_package};
use ringfence_fuzz::meeting::world::{key, public};
use ringfence_fuzz::meeting::{FIXED, GROUP, NONCE};
use ringfence_fuzz::{answers, beacons, documents, geo, group, made, rare};
use ringfence_signed::cbor::{self, Value};
use ringfence_signed::{B32, cose, hash};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

fn put(target: &str, name: &str, bytes: &[u8]) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    fs::create_dir_all(&folder).expect("the folder can be made");
    fs::write(folder.join(name), bytes).expect("the file can be written");
}

fn fix(name: &str, bytes: &[u8]) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    fs::write(folder.join(name), bytes).expect("the fixture can be written");
}

/// Of what is made with randomness, one that holds no planted bug: the fuzzer has to look for it.
fn plain(mut make: impl FnMut() -> Vec<u8>) -> Vec<u8> {
    std::iter::repeat_with(&mut make)
        .find(|bytes| !rare(bytes))
        .expect("endless")
}

fn main() {
    packets::all();
    captures::all();
    signed();
    resting();
    fences();
    let (snapshot, messages) = two_members();
    fix("delivery.snapshot", &snapshot);
    for (name, message) in messages {
        put("delivery", name, &message);
    }
    damages();
    said::words();
    said::by_servers();
    receipts::all();
}

/// Payloads of each kind of document, each after the byte that names its kind.
fn signed() {
    let fixed = &*FIXED;
    let payload = |document: &[u8]| cose::unverified_payload(document).expect("our own");
    let kinds: [(u8, &str, Vec<u8>); 11] = [
        (0, "statement", payload(&payload(&fixed.meeting.statement))),
        (2, "charter", fixed.charter.encode()),
        (3, "genesis", payload(&fixed.genesis)),
        (4, "admission", admission().encode()),
        (5, "removal", removal().encode()),
        (6, "leaf", leaf().encode()),
        (7, "knock", knock().encode()),
        (8, "route", payload(&fixed.meeting.route)),
        (9, "hello", hello().encode()),
        (10, "channel", answers::channel().encode()),
        (11, "rejoin", rejoin().encode()),
    ];
    for (kind, name, payload) in &kinds {
        put("documents", name, &[&[*kind][..], payload].concat());
        put("cbor", name, payload);
    }
    let list = vec![1.into(), Value::Integer((-7).into()), Value::Null, true.into()];
    put("cbor", "list", &cbor::encode(&Value::Array(list)));
    for (name, payload) in [("knock", knock().encode()), ("empty", vec![])] {
        let document = cose::sign(cose::label::KNOCK, &payload, &documents::key());
        put("cose", name, &document);
    }
    let fragment = fixed.meeting.link.fragment();
    put(
        "link",
        "link",
        &[fragment.as_bytes(), &fixed.charter.title].concat(),
    );
}

/// What rests on signed documents: ledgers, and the grounds of a commit.
fn resting() {
    let (admission, removal) = (admission(), removal());
    let link = FIXED.meeting.link.signing_key();
    let admitted = cose::sign(cose::label::ADMISSION, &admission.encode(), &link);
    let removed = cose::sign(cose::label::REMOVAL, &removal.encode(), &FIXED.meeting.host);
    let mut ledger = FIXED.ledger();
    put("ledger", "founder", &[&[0][..], &ledger.encode()].concat());
    put("ledger", "made", &[1, 7, 1, 2, 0, 0, 7, 3, 0, 0, 1]);
    let entered = ledger.enter(&admission, admitted.clone(), 1);
    entered.expect("who is not in yet");
    put("ledger", "two", &[&[0][..], &ledger.encode()].concat());
    let ended = ledger.end(&admission.member, 2, Remover::Host(removal.by));
    ended.expect("who is in");
    let mut amended = ledger.clone();
    let former = Arc::new(FIXED.charter.clone());
    amended.amend(former, 3).expect("the first time");
    put("ledger", "amended", &[&[0][..], &amended.encode()].concat());
    put("ledger", "removed", &[&[0][..], &ledger.encode()].concat());
    let grounds = Grounds {
        charter: None,
        admissions: vec![admitted],
        removals: vec![removed],
        lost: vec![3, 9],
    };
    put("grounds", "both", &grounds.encode());
    let charter = Some(FIXED.meeting.charter.clone());
    let amending = Grounds {
        charter,
        ..Grounds::default()
    };
    put("grounds", "charter", &amending.encode());
    put("grounds", "none", &Grounds::default().encode());
    let context = group::context(&FIXED.ledger());
    for (name, flags, grounds) in [("update", 0, Grounds::default()), ("add", 3, grounds)] {
        let length = u16::try_from(context.len()).expect("it is short").to_be_bytes();
        let parts = [&[flags][..], &length, &context, &grounds.encode()];
        put("gate", name, &parts.concat());
    }
}

fn admission() -> Admission {
    Admission {
        meeting: FIXED.charter.meeting,
        group: GROUP,
        member: public(&key("ben")),
        role: PersonRole::Guest,
        charter: FIXED.charter.hash,
        nonce: NONCE,
        by: public(&FIXED.meeting.link.signing_key()),
    }
}

fn removal() -> Removal {
    Removal {
        meeting: FIXED.charter.meeting,
        group: GROUP,
        member: public(&key("ben")),
        added: 1,
        by: public(&FIXED.meeting.host),
    }
}

fn leaf() -> Leaf {
    Leaf {
        meeting: FIXED.charter.meeting,
        group: GROUP,
        member: public(&key("ann")),
        leaf: [1; 32],
        serial: 2,
    }
}

fn rejoin() -> Rejoin {
    Rejoin {
        meeting: FIXED.charter.meeting,
        group: GROUP,
        member: public(&key("ann")),
        nonce: NONCE,
    }
}

fn knock() -> Knock {
    Knock {
        meeting: FIXED.charter.meeting,
        group: GROUP,
        member: public(&key("ann")),
        package: [1; 32],
        nonce: NONCE,
    }
}

fn hello() -> Hello {
    Hello {
        meeting: FIXED.charter.meeting,
        nonce: NONCE,
        charter: FIXED.charter.hash,
        route: FIXED.route(),
        generation: Some(1),
        group: Some(GROUP),
        epoch: Some(0),
    }
}

fn fences() {
    put("policy-cbor", "only", &FIXED.charter.fence.encode());
    let node = ringfence_signed::to_text(&public(&FIXED.meeting.node));
    let only = format!("name = \"Only\"\nversion = 1\n[allow]\nnodes = [\"{node}\"]\n");
    put("policy-toml", "only", only.as_bytes());
    let long = "name = \"Europe\"\nversion = 1\n[allow]\ncountries = [\"DE\", \"FR\"]\nlaw = [\"*\"]\noperators = [\"op\"]\n\
        [evidence]\nminimum = \"confirmed\"\nexclude = [\"US\"]\nliars = 1\n[roles.media]\ncountries = [\"DE\"]\n";
    put("policy-toml", "long", long.as_bytes());
    if let Ok(policy) = ringfence_fence::Policy::from_toml(long) {
        put("policy-cbor", "long", &policy.encode());
    }
    addresses();
    log();
    put("statement-draft", "whole", ringfence_fuzz::fence::NODE.as_bytes());
    let key = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
    let digest = "ab".repeat(32);
    let evidence = format!(
        r#"{{"sources": [
 {{"kind": "registry", "name": "rir", "date": "2026-10-01", "address": "203.0.113.7", "country": "CA", "digest": "{digest}"}},
 {{"kind": "geoip", "name": "mmdb", "date": "2026-11-01", "address": "203.0.113.7", "country": "US"}},
 {{"kind": "rtt", "observer": "{key}", "lat": 45.5, "lon": -73.57, "min_ms": 8.4, "samples": 20,
  "at": "2026-11-24T02:00:00Z", "address": "203.0.113.7", "confirmed": true}},
 {{"kind": "beacon", "observer": "{key}", "lat": 43.64, "lon": -79.4, "min_ms": 0.4, "samples": 50,
  "at": "2026-11-24T02:00:00Z", "address": "203.0.113.7"}}]}}"#
    );
    put("evidence", "each-kind", evidence.as_bytes());
    let trust =
        format!(r#"{{"operators": {{"coop": "{key}"}}, "beacons": ["{key}"], "datasets": ["{digest}"]}}"#);
    put(
        "evidence",
        "with-trust",
        format!("{evidence}\0{trust}").as_bytes(),
    );
}

fn log() {
    use ringfence_routelog::checkpoint::{Checkpoint, Signed};
    use ringfence_routelog::key::{Kind, Signer};
    use ringfence_routelog::{entry, merkle};
    let seed = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let signer = Signer::new("log.example.org", Kind::Log, seed).expect("a name");
    let root = merkle::leaf_hash(&entry::make(&[1; 32], b"a record"));
    let checkpoint = Checkpoint {
        origin: "log.example.org".into(),
        size: 1,
        root,
        extensions: vec!["more".into()],
    };
    let signed = Signed::sign(checkpoint, &signer).expect("a checkpoint");
    put("log-note", "checkpoint", signed.encode().as_bytes());
    let key = format!("{}\n", signer.verifier());
    put("log-note", "key", key.as_bytes());
    let mut bundle = b"tile/entries/x001/234.p/2\n".to_vec();
    for document in [&b"a record"[..], b"another"] {
        entry::push(&mut bundle, &entry::make(&[1; 32], document)).expect("it is short");
    }
    put("log-tile", "bundle", &bundle);
    put("log-tile", "hashes", &[b"tile/1/003.p/1\n", &root[..]].concat());
}

fn addresses() {
    let delegated = "2|arin|1764370799|2|19830705|20261101|-0500\narin|*|ipv4|*|1|summary\n\
        arin|CA|ipv4|203.0.113.0|256|20100712|allocated|a\narin|US|ipv6|2001:db8::|32|19990812|assigned|b\n\
        arin||ipv4|198.51.100.0|256||available|\n";
    let ranges = "# Generated: Thu, 25 Jun 2026 04:33:59 GMT\n16777216,16777471,AU\n16777472,16778239,??\n\
        2001:2::,2001:2:0:ffff:ffff:ffff:ffff:ffff,JP\n";
    put("data-set", "delegated", delegated.as_bytes());
    put("data-set", "ranges", ranges.as_bytes());
    put(
        "data-set",
        "database",
        include_bytes!("../../fixtures/country.mmdb"),
    );
    let networks = "0.0.0.0\t0.255.255.255\t0\tNone\tNot routed\n\
        203.0.113.0\t203.0.113.255\t64500\tCA\tEXAMPLE-HOSTING\n2001:db8::\t2001:db8::ffff\t64501\tDE\tOther\n";
    put("data-set", "networks", networks.as_bytes());
    put(
        "data-set",
        "networks-database",
        include_bytes!("../../fixtures/networks.mmdb"),
    );
    let hints = ringfence_geo::Hints {
        name: Some("set".into()),
        ..Default::default()
    };
    for (name, text) in [("delegated", delegated), ("ranges", ranges)] {
        let set = ringfence_geo::read(text.as_bytes(), &hints).expect("ours");
        put("addresses", name, &set.encode());
    }
    let hints = ringfence_geo::Hints {
        date: Some(1),
        ..hints
    };
    let list = ringfence_geo::published(networks.as_bytes(), &hints)
        .expect("ours")
        .networks;
    put("addresses", "networks", &list.expect("it says some").encode());
    measured();
    for (name, shown) in ["v4", "none", "v6"].into_iter().zip(geo::answers()) {
        put("located", name, &shown);
    }
}

/// Ann lets Ben in; then one message of each kind. Returns the server's view of the group before them.
fn two_members() -> (Vec<u8>, Vec<(&'static str, Vec<u8>)>) {
    let (mut ann, mut server) = group::founded();
    let ben = group::candidate("ben");
    let package = ben.key_package().expect("a key package");
    let (plan, packages) = adding(&ann, &server, &package);
    let out = ann.commit(plan).expect("an honest commit");
    server
        .take_commit(&out.commit, &out.group_info, Entering::Knocked(&packages))
        .expect("it is taken");
    server.confirm().expect("it counts");
    ann.merge_own().expect("it is ours");
    let staged = ben.open(&out.welcome.expect("for Ben"), &server.tree().expect("a tree"));
    let mut ben = Member::enter(ben, staged.expect("it opens")).expect("Ben is in");
    let snapshot = server.snapshot().expect("it can be kept");
    let sealed = plain(|| ann.seal(b"good morning").expect("Ann is in"));
    let leaving = ben.leave().expect("Ben is in");
    let ringfence = Some(group::context(&server.state().ledger));
    let data = Grounds::default().encode();
    let update = ann
        .commit(Plan {
            ringfence,
            data,
            ..Plan::default()
        })
        .expect("an honest commit");
    let length = u16::try_from(update.commit.len())
        .expect("it is short")
        .to_be_bytes();
    let commit = [&[0][..], &length, &update.commit, &update.group_info].concat();
    let messages = vec![
        ("commit", commit),
        ("proposal", [&[1][..], &leaving].concat()),
        ("sealed", [&[2][..], &sealed].concat()),
    ];
    (snapshot, messages)
}

fn adding(ann: &Member, server: &Delivery, package: &[u8]) -> (Plan, Vec<B32>) {
    let (admission, link) = (admission(), FIXED.meeting.link.signing_key());
    let document = cose::sign(cose::label::ADMISSION, &admission.encode(), &link);
    let mut ledger = server.state().ledger.clone();
    let entered = ledger.enter(&admission, document.clone(), 1);
    entered.expect("who is not in yet");
    let grounds = Grounds {
        charter: None,
        admissions: vec![document],
        removals: vec![],
        lost: vec![],
    };
    let plan = Plan {
        adds: vec![read_package(ann.crypto(), package).expect("a key package")],
        ringfence: Some(group::context(&ledger)),
        psk: true,
        data: grounds.encode(),
        ..Plan::default()
    };
    (plan, vec![hash(package)])
}

/// Of what is valid until bytes of it are others: which part, how many bytes, where, how many go, how many come.
fn damages() {
    let leaf = made::leaf(&key("Ben"), FIXED.charter.meeting, GROUP);
    put(
        "package",
        "bytes",
        &[&[0][..], &made::package(&leaf, &[])].concat(),
    );
    let packages: [(&str, &[u8]); 8] = [
        ("whole", &[1, 0, 0]),
        ("knock", &[2, 0, 0]),
        ("version", &[1, 5, 0, 1, 1, 1, 2, 0]),
        ("init-key", &[2, 5, 0, 20, 1, 1, 9, 0]),
        ("encryption-key", &[2, 0, 6, 0, 3, 2, 2, 7, 7]),
        ("key-used-twice", &[1, 5, 0, 5, 1, 1, 9, 6, 0, 2, 0, 2, 9, 8]),
        ("leaf-extension", &[1, 0, 8, 0xff, 0xff, 0, 4, 3, 0xf0, 0xf0, 0]),
        ("extension", &[2, 0, 0, 0, 0, 1, 4, 3, 0xf0, 0xf0, 0]),
    ];
    for (name, input) in packages {
        put("package", name, input);
    }
    // Points of low order, to which nothing can be sealed (RFC 7748 section 6.1).
    let none = |at: u8| [&[36, 0, at, 32, 32][..], &[0; 32]].concat();
    put("package", "no-init-key", &[&[2][..], &none(5), &[0]].concat());
    put("package", "no-encryption-key", &[&[2, 0][..], &none(1)].concat());
    let groups: [(&str, &[u8]); 11] = [
        ("kept", &[0, 0, 0]),
        ("kept-info", &[0, 5, 0, 12, 1, 1, 7, 0]),
        ("kept-tree", &[0, 0, 6, 0, 90, 2, 2, 3, 3]),
        ("kept-ledger", &[0, 0, 0, 0, 60, 1, 1, 9]),
        ("shown", &[1, 0, 0, 0, 0, 0]),
        ("founded", &[2, 0, 0, 0, 0, 0]),
        ("leaf", &[1, 5, 0, 1, 1, 1, 8, 0, 0, 0, 0]),
        ("tree", &[1, 0, 4, 0, 3, 9, 0, 0, 0, 0]),
        ("epoch", &[1, 0, 0, 5, 0, 44, 1, 1, 1, 0, 0]),
        ("ringfence", &[2, 0, 0, 0, 5, 0, 40, 1, 1, 1, 0]),
        ("external-key", &[1, 0, 0, 0, 0, 6, 0, 5, 2, 2, 1, 2]),
    ];
    for (name, input) in groups {
        put("group-shown", name, input);
    }
}

/// What beacons ask, are answered, and sign.
fn measured() {
    let [question, answer] = beacons::datagrams();
    put("echo", "question", &question);
    put("echo", "answer", &answer);
    for (whose, name) in [(0, "question"), (1, "question-of-somebody")] {
        let header = [whose, 0, question.len() as u8];
        put("room", name, &[&header[..], &question].concat());
    }
    let payload = beacons::transcript().encode();
    put("transcript", "payload", &[&[1][..], &payload].concat());
    put("transcript", "signed", &[&[0][..], &beacons::signed()].concat());
}
