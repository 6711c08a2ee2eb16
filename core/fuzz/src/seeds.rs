//! Writes the first inputs of each corpus, and the group that MLS messages are of: after a change of a format.
//! Not here: inputs that the fuzzer found later (tools/fuzz.py keeps those).
use ringfence_charter::ledger::{Grounds, Remover};
use ringfence_charter::{Admission, Hello, Knock, Leaf, PersonRole, Rejoin, Removal};
use ringfence_e2ee::delivery::{Delivery, Entering};
use ringfence_e2ee::keys::{BaseKey, Header, seal};
use ringfence_e2ee::member::{Member, Plan, read_package};
use ringfence_fuzz::meeting::world::{ADDRESS, PORT, key, public};
use ringfence_fuzz::meeting::{FIXED, GROUP, NONCE};
use ringfence_fuzz::{answers, documents, geo, group, made, media, rare, room, rtcp, said};
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
    packets();
    signed();
    resting();
    fences();
    let (snapshot, messages) = two_members();
    fix("delivery.snapshot", &snapshot);
    for (name, message) in messages {
        put("delivery", name, &message);
    }
    answers();
    reports();
    damages();
    words();
    said_by_servers();
}

fn packets() {
    put("descriptor", "middle", &[0x00, 0x12, 0x34]);
    put("descriptor", "key", &[0xc0, 0x00, 0x01, 0x80, 0x03, 0x1e, 0x9c]);
    put(
        "descriptor",
        "layers",
        include_bytes!("../../packet/tests/chromium-l3t3.descriptor"),
    );
    put("vp8", "none", &[0x10, 0xaa]);
    put("vp8", "wide", &[0x90, 0xe0, 0x81, 0x02, 0x07, 0x20, 0xaa]);
    put("vp8", "narrow", &[0x90, 0xa0, 0x05, 0x20, 0xaa]);
    let offer = plain(|| room::seeds().0.into_bytes());
    put("offer", "browser", &offer);
    let (_, datagrams) = room::seeds();
    let mut stun = vec![0, 1, 0, 16, 0x21, 0x12, 0xa4, 0x42];
    stun.extend([7; 12]);
    stun.extend([0, 6, 0, 9]);
    stun.extend(b"abcd:efgh\0\0\0");
    put("stun", "request", &stun);
    put("room", "stun", &framed(0, &stun));
    put("room", "changed", &framed(2, &[13, 1, 200, 0x80]));
    for (at, datagram) in datagrams.iter().take(3).enumerate() {
        put(
            "room",
            &format!("real-{at}"),
            &framed(1, &datagram[..datagram.len().min(300)]),
        );
    }
    let mut key = vec![0, 24, 0xc0, 0, 1];
    key.extend([0x80; 21]);
    key.extend([0x90, 0xe0, 0x80, 1, 1, 0x20, 2, 0, 0, 1, 0, 0xcc]);
    put("room", "made-up", &framed(3, &key));
    let rtcp = [0x81, 0xce, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    put("room", "rtcp", &framed(1, &rtcp));
    let rtp = [
        0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0, 1, 0x10, 1, 0x20, 2, 0xaa, 0xbb,
    ];
    put("room", "rtp", &framed(1, &rtp));
    put(
        "room",
        "dtls",
        &framed(1, &[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 3, 1, 2, 3]),
    );
    for (name, kid, counter) in [("small", 3, 5), ("large", 0x1f_ffff, 1 << 40)] {
        let sealed = seal(
            &BaseKey::from_bytes(media::KEY),
            Header { kid, counter },
            b"",
            b"a frame",
        );
        put("sframe", name, &sealed);
    }
}

/// A room's answer with a certificate and an address that are the same in every run, and lines to put into one.
fn answers() {
    let made = room::answered();
    let lines = made.lines().map(|line| match line.split_once(':') {
        Some(("a=fingerprint", _)) => format!("a=fingerprint:sha-256 {}\r\n", answers::fingerprint()),
        Some(("a=candidate", said)) => format!("a=candidate:{said}\r\n").replace(
            &room::world::SERVER.replace(':', " "),
            &format!("{ADDRESS} {PORT}"),
        ),
        _ => format!("{line}\r\n"),
    });
    let answer: String = lines.collect();
    fix("answer.sdp", answer.as_bytes());
    put("answer", "whole", &[&[0], answer.as_bytes()].concat());
    let short = format!(
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=fingerprint:sha-256 {}\r\na=candidate:1 1 udp 1 {ADDRESS} {PORT} typ host\r\n",
        answers::fingerprint()
    );
    put("answer", "short", &[&[0], short.as_bytes()].concat());
    let lines = [
        ("fingerprint", "a=fingerprint:sha-256 03\r\n".to_owned()),
        (
            "candidate",
            format!("a=candidate:1 1 udp 1 {ADDRESS} {PORT} typ host\r\n"),
        ),
        ("media", "m=video 9 UDP/TLS/RTP/SAVPF 96 98\r\n".to_owned()),
        ("crypto", "a=crypto:1 x\r\n".to_owned()),
        ("connection", "c=IN IP4 0.0.0.0\r\na=ice-lite\r\n".to_owned()),
    ];
    for (at, (name, line)) in (1..).zip(lines) {
        put("answer", name, &[&[3 * at], line.as_bytes()].concat());
    }
}

/// RTCP of each kind that the forwarder's library reads; the numbers of streams are named.
fn reports() {
    let word = |stream: u8| [&rtcp::NAMED[..], &[stream]].concat();
    let packet = |count: u8, kind: u8, words: &[&[u8]]| {
        let rest = words.concat();
        let length = u16::try_from(rest.len() / 4).expect("it is short").to_be_bytes();
        [&[0x80 | count, kind][..], &length, &rest].concat()
    };
    let (own, other) = (word(0), word(5));
    let report = [&other[..], &[0; 20]].concat();
    let kinds: [(&str, Vec<u8>); 11] = [
        ("sender", packet(1, 200, &[&own, &[0x5a; 20], &report])),
        ("receiver", packet(1, 201, &[&own, &report])),
        ("names", packet(1, 202, &[&own, b"\x01\x04anna\0\0"])),
        ("bye", packet(1, 203, &[&word(1)])),
        ("lost", packet(1, 205, &[&own, &other, &[0, 1, 0, 3]])),
        (
            "all-received",
            packet(
                15,
                205,
                &[&own, &[0; 4], &[0, 1, 0, 2, 0, 0, 1, 1, 0x20, 2, 4, 4]],
            ),
        ),
        ("picture-lost", packet(1, 206, &[&own, &other])),
        (
            "key-frame",
            packet(4, 206, &[&own, &[0; 4], &other, &[7, 0, 0, 0]]),
        ),
        (
            "bandwidth",
            packet(15, 206, &[&own, &[0; 4], b"REMB", &[1, 0x0b, 0xff, 0xff], &other]),
        ),
        (
            "times",
            packet(
                0,
                207,
                &[&own, &[4, 0, 0, 2], &[0x5a; 8], &[5, 0, 0, 3], &other, &[1; 8]],
            ),
        ),
        ("unknown", packet(3, 204, &[&own, b"name"])),
    ];
    for (name, rtcp) in &kinds {
        put("rtcp", name, rtcp);
    }
    let both = [&kinds[1].1[..], &kinds[4].1, &kinds[6].1].concat();
    put("rtcp", "several", &both);
}

fn framed(kind: u8, datagram: &[u8]) -> Vec<u8> {
    let length = u16::try_from(datagram.len()).expect("a datagram").to_be_bytes();
    [&[kind][..], &length, datagram].concat()
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
    put("data-set", "database", include_bytes!("../fixtures/country.mmdb"));
    let hints = ringfence_geo::Hints {
        name: Some("set".into()),
        ..Default::default()
    };
    for (name, text) in [("delegated", delegated), ("ranges", ranges)] {
        let set = ringfence_geo::read(text.as_bytes(), &hints).expect("ours");
        put("addresses", name, &set.encode());
    }
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

/// What members say to each other, one of each kind, as it is before it is sealed.
fn words() {
    let text = |text: &str| Value::Text(text.into());
    let words = |kind: &str, fields: &[(&str, Value)]| {
        let fields = fields.iter().map(|(name, value)| (text(name), value.clone()));
        let mut pairs: Vec<_> = fields.chain([(text("t"), text(kind))]).collect();
        pairs.sort_by_key(|(name, _)| cbor::encode(name));
        cbor::encode(&Value::Map(pairs))
    };
    let key = || cbor::bytes(&[9; 32]);
    let kinds = [
        ("profile", vec![("name", text("Ann")), ("hpke", key())]),
        ("chat", vec![("id", text("x")), ("text", text("good morning"))]),
        ("state", vec![("muted", true.into()), ("camera", false.into())]),
        ("seen", vec![("epoch", 1.into()), ("ledger", key())]),
        ("refused", vec![("code", text("RF3258"))]),
        ("recall", vec![("key", key())]),
        (
            "past",
            vec![("sealed", key()), ("more", true.into()), ("whole", true.into())],
        ),
    ];
    for (kind, fields) in kinds {
        put("said", kind, &[&[0][..], &words(kind, &fields)].concat());
    }
    let list = Value::Array(vec![said::told("y", Value::Null), said::told("z", text("Ben"))]);
    put("said", "history", &[&[1][..], &cbor::encode(&list)].concat());
    put("said", "name", b"\x02Ann\0\0\0\0\0");
    let sealed = [made::vector(&[9; 32]), made::vector(&[8; 40])].concat();
    put("said", "unsealed", &[&[3][..], &sealed].concat());
}

fn said_by_servers() {
    let hello = r#"{"t":"hello","charter":"$hello.charter","route":"$hello.route","statement":"$hello.statement","proof":"$hello.proof","knock_nonce":"$hello.knock_nonce","generation":1,"group":null,"epoch":0,"alive":true}"#;
    let messages: [(&str, u8, &str); 21] = [
        ("hello", b'0', hello),
        ("hello-waiting", b'1', hello),
        (
            "knock",
            b'2',
            r#"{"t":"knock","id":"k9","package":"$knock.package","admission":null,"proof":"$knock.proof","names":[],"member":"","auto":false}"#,
        ),
        (
            "welcome",
            b'1',
            r#"{"t":"welcome","welcome":"$welcome.welcome","tree":"$welcome.tree","ledger":"$welcome.ledger","epoch":1,"token":"$welcome.token","n":2}"#,
        ),
        (
            "commit",
            b'2',
            r#"{"t":"commit","epoch":1,"commit":"$commit.commit!40"}"#,
        ),
        ("sealed", b'2', r#"{"t":"sealed","message":"$sealed.message"}"#),
        (
            "sealed-kept",
            b'2',
            r#"{"t":"sealed","message":"$sealed.message","n":7}"#,
        ),
        ("confirmed", b'2', r#"{"t":"confirmed","epoch":1,"n":3}"#),
        ("reopened", b'2', r#"{"t":"reopened","epoch":1}"#),
        ("taken", b'2', r#"{"t":"taken","id":1}"#),
        ("resumed", b'2', r#"{"t":"resumed","taken":1}"#),
        (
            "rejoined",
            b'1',
            r#"{"t":"rejoined","leaf":1,"token":"$welcome.token","n":2}"#,
        ),
        (
            "group",
            b'1',
            r#"{"t":"group","group_info":"$welcome.welcome","tree":"$welcome.tree","ledger":"$welcome.ledger","epoch":1}"#,
        ),
        (
            "proposal",
            b'2',
            r#"{"t":"proposal","message":"$sealed.message!9"}"#,
        ),
        ("present", b'2', r#"{"t":"present","leaves":[0,1,7]}"#),
        (
            "answer",
            b'2',
            r#"{"t":"answer","sdp":"$answer.sdp","binding":"$answer.binding"}"#,
        ),
        ("settled", b'2', r#"{"t":"settled","id":"k1"}"#),
        (
            "error",
            b'2',
            r#"{"t":"error","code":"RF1203","title":"","detail":"","do":"","re":"commit"}"#,
        ),
        ("denied", b'1', r#"{"t":"denied"}"#),
        ("removed", b'2', r#"{"t":"removed"}"#),
        ("bye", b'2', r#"{"t":"bye","code":"RF1211"}"#),
    ];
    for (name, who, text) in messages {
        put("participant", name, &[&[who][..], text.as_bytes()].concat());
    }
}
