//! First inputs of what is said: by members to each other, and by servers.
use crate::put;
use ringfence_fuzz::{made, said};
use ringfence_signed::cbor::{self, Value};

/// What members say to each other, one of each kind, as it is before it is sealed.
pub fn words() {
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
        (
            "seen",
            vec![("epoch", 1.into()), ("ledger", key()), ("log", Value::Null)],
        ),
        (
            "seen-log",
            vec![
                ("epoch", 1.into()),
                ("ledger", key()),
                ("log", text("meet.example/log\n5\n")),
            ],
        ),
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

/// One message of each kind, to who listens at which moment.
pub fn by_servers() {
    let hello = r#"{"t":"hello","charter":"$hello.charter","route":"$hello.route","statement":"$hello.statement","proof":"$hello.proof","knock_nonce":"$hello.knock_nonce","generation":1,"group":null,"epoch":0,"alive":true,"candidates":[{"node":"$hello.candidates.0.node","refused":null,"statement":null},{"node":"$hello.candidates.1.node","refused":"RF2104","statement":"$hello.candidates.1.statement"}],"logged":{"salt":"$hello.logged.salt","index":3,"proof":["$hello.logged.proof.0","$hello.logged.proof.1"],"checkpoint":"$hello.logged.checkpoint"}}"#;
    let unlike = |one: &str, other: &str| hello.replace(one, other);
    let messages = [
        ("hello", b'0', hello),
        ("hello-waiting", b'1', hello),
        (
            "hello-log-key",
            b'0',
            &*unlike("$hello.logged.checkpoint", "$hello.logged.checkpoint!80"),
        ),
        (
            "hello-log-root",
            b'0',
            &unlike("$hello.logged.checkpoint", "$hello.logged.checkpoint!30"),
        ),
        ("hello-log-proof", b'0', &unlike("proof.0", "proof.0!3")),
        (
            "hello-log-long-proof",
            b'0',
            &unlike("logged.proof.1\"", "logged.proof.1\",\"AA\""),
        ),
        ("hello-log-index", b'1', &unlike("\"index\":3", "\"index\":4")),
        ("hello-log-none", b'0', &unlike("\"logged\"", "\"unknown\"")),
        (
            "hello-log-continues",
            b'1',
            &unlike(
                "\"checkpoint\":",
                "\"continues\":[\"$hello.logged.proof.0\"],\"checkpoint\":",
            ),
        ),
        (
            "log",
            b'2',
            r#"{"t":"log","old":4,"new":5,"proof":["$hello.logged.salt"]}"#,
        ),
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
        (
            "transcripts",
            b'2',
            r#"{"t":"transcripts","transcripts":["$beacon.transcript"]}"#,
        ),
        (
            "transcripts-changed",
            b'2',
            r#"{"t":"transcripts","transcripts":["$beacon.transcript!99"]}"#,
        ),
    ];
    for (name, who, text) in messages {
        put("participant", name, &[&[who][..], text.as_bytes()].concat());
    }
}
