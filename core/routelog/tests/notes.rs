//! What is true of signed notes and checkpoints: notes of other programs are read, one spelling each, no byte to spare.
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use ringfence_routelog::checkpoint::{Checkpoint, Issuer, Signed};
use ringfence_routelog::cosigned::Witnesses;
use ringfence_routelog::key::{Kind, Signer, Verifier};
use ringfence_routelog::note::{MAX_BYTES, MAX_SIGNATURES, Note, SignatureLine};

/// The example of Go's package sumdb/note: key, text and signatures.
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_SEED: &[u8; 32] = b"\x81\x0a\x14\x02\xd5\x14\x6c\x8d\x84\xf2\x44\x33\x30\xf5\x40\x80\xeb\xf9\x8e\xe1\x7d\x9c\x74\xf6\x25\x2f\xc5\xd5\xc7\x28\x31\x73";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETERS: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCHS: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

/// The key of Go's checksum database, and a checkpoint that it gave out.
const SUMDB: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
const SUMDB_NOTE: &str = "go.sum database tree\n65209736\n5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=\n\n— sum.golang.org Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=\n";

const ORIGIN: &str = "route.example/log";

fn signer(name: &str, kind: Kind, seed: u8) -> Signer {
    Signer::new(name, kind, SigningKey::from_bytes(&[seed; 32])).unwrap()
}

fn log() -> Signer {
    signer(ORIGIN, Kind::Log, 1)
}

fn issuer() -> Issuer {
    Issuer::new(ORIGIN, log().verifier().clone()).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: ORIGIN.into(),
        size: 70_000,
        root: [7; 32],
        extensions: vec![],
    }
}

fn code<T: std::fmt::Debug>(result: ringfence_routelog::Result<T>) -> &'static str {
    result.unwrap_err().code
}

#[test]
fn a_note_of_gos_package_is_read_and_verified() {
    let note = Note::parse(format!("{TEXT}\n{PETERS}{ENOCHS}").as_bytes()).unwrap();
    assert_eq!(note.text(), TEXT);
    for key in [PETER, ENOCH] {
        let key = Verifier::parse(key).unwrap();
        note.verify(&key).unwrap();
    }
    let one = Note::parse(format!("{TEXT}\n{PETERS}").as_bytes()).unwrap();
    one.verify(&Verifier::parse(PETER).unwrap()).unwrap();
    assert_eq!(code(one.verify(&Verifier::parse(ENOCH).unwrap())), "RF2305");
}

#[test]
fn our_signature_is_the_one_that_gos_package_makes() {
    let peter = Signer::new("PeterNeumann", Kind::Log, SigningKey::from_bytes(PETER_SEED)).unwrap();
    assert_eq!(peter.verifier().to_string(), PETER);
    let mut note = Note::new(TEXT.into()).unwrap();
    note.add(peter.sign(TEXT, 0)).unwrap();
    assert_eq!(note.encode(), format!("{TEXT}\n{PETERS}"));
}

#[test]
fn a_checkpoint_of_gos_checksum_database_is_read_and_verified() {
    let issuer = Issuer::new("go.sum database tree", Verifier::parse(SUMDB).unwrap()).unwrap();
    let signed = Signed::open(SUMDB_NOTE.as_bytes(), &issuer).unwrap();
    assert_eq!(signed.size(), 65_209_736);
    assert_eq!(signed.encode(), SUMDB_NOTE);
}

#[test]
fn a_key_has_one_spelling() {
    for at in 0..PETER.len() {
        for other in (0..128u8).filter(|other| *other != PETER.as_bytes()[at]) {
            let mut bytes = PETER.as_bytes().to_vec();
            bytes[at] = other;
            let text = String::from_utf8(bytes).unwrap();
            assert_eq!(code(Verifier::parse(&text)), "RF2307", "{text}");
        }
        for to in at..=PETER.len() {
            let part = &PETER[at..to];
            assert!(part == PETER || Verifier::parse(part).is_err(), "{part}");
        }
    }
    // The wrong length, and a type that is not known, each with an id that would fit: from Go's tests.
    for other in [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert_eq!(code(Verifier::parse(other)), "RF2307");
    }
    for name in ["", "two words", "a+b", "a\u{a0}b", "line\n", &"x".repeat(256)] {
        assert_eq!(
            code(Verifier::new(name, Kind::Log, &[9; 32])),
            "RF2307",
            "{name:?}"
        );
    }
    // A point of small order: signatures under it fit many texts.
    let mut weak = [0; 32];
    weak[0] = 1;
    assert_eq!(code(Verifier::new("weak", Kind::Log, &weak)), "RF2307");
}

#[test]
fn what_is_no_note_is_refused() {
    let cases = [
        TEXT.to_owned(),
        format!("{TEXT}\n"),
        format!("{TEXT}\n{}", PETERS.trim_end()),
        format!("\u{1}{TEXT}\n{PETERS}"),
        format!("\t{TEXT}\n{PETERS}"),
        format!("\r{TEXT}\n{PETERS}"),
        format!("{TEXT}\n{PETERS}Unexpected line.\n"),
        format!("{TEXT}\n{PETERS}\n"),
        format!("{TEXT}\n{}", PETERS.replace("PeterNeumann", "Bad Name")),
        format!("{TEXT}\n{}", PETERS.replace("PeterNeumann", "")),
        format!("{TEXT}\n{}", PETERS.replace("PeterNeumann", "Peter+Neumann")),
        format!("{TEXT}\n{}", PETERS.replace('—', "-")),
        format!("{TEXT}\n{}", PETERS.replace("AM=", "AM")),
        // The same bytes, with a bit set that the last digit does not use.
        format!("{TEXT}\n{}", PETERS.replace("AM=", "AN=")),
        format!("{TEXT}\n— short AAAAAA==\n"),
        format!("{TEXT}\n{}", PETERS.repeat(MAX_SIGNATURES + 1)),
        format!("{}\n{PETERS}", "line\n".repeat(MAX_BYTES / 5)),
        "\n".into(),
        "\n\n".into(),
        String::new(),
    ];
    for case in cases {
        assert_eq!(code(Note::parse(case.as_bytes())), "RF2304", "{case:.80}");
    }
    let mut bytes = format!("{TEXT}\n{PETERS}").into_bytes();
    bytes[0] = 0xff;
    assert_eq!(code(Note::parse(&bytes)), "RF2304");
}

#[test]
fn a_text_may_have_empty_lines() {
    let signer = log();
    for text in ["a\n\nb\n", "a\n\n", "\n", "\n\n\n", "— looks like one\n"] {
        let mut note = Note::new(text.into()).unwrap();
        note.add(signer.sign(text, 0)).unwrap();
        let read = Note::parse(note.encode().as_bytes()).unwrap();
        assert_eq!(read, note, "{text:?}");
        read.verify(signer.verifier()).unwrap();
    }
}

#[test]
fn one_wrong_signature_of_a_known_key_refuses_the_note() {
    let (log, other) = (log(), signer(ORIGIN, Kind::Log, 2));
    let text = checkpoint().encode();
    let mut note = Note::new(text.clone()).unwrap();
    note.add(log.sign(&text, 0)).unwrap();
    note.add(log.sign("another text\n", 0)).unwrap();
    assert_eq!(code(note.verify(log.verifier())), "RF2306");
    // The same name with another key is an unknown key, and passed over.
    let mut note = Note::new(text.clone()).unwrap();
    note.add(other.sign("another text\n", 0)).unwrap();
    note.add(log.sign(&text, 0)).unwrap();
    note.verify(log.verifier()).unwrap();
}

#[test]
fn a_signed_checkpoint_with_any_bit_changed_is_refused() {
    let signed = Signed::sign(checkpoint(), &log()).unwrap();
    let bytes = signed.encode().into_bytes();
    assert_eq!(Signed::open(&bytes, &issuer()).unwrap(), signed);
    for at in 0..bytes.len() * 8 {
        let mut lie = bytes.clone();
        lie[at / 8] ^= 1 << (at % 8);
        assert!(Signed::open(&lie, &issuer()).is_err(), "bit {at}");
    }
    for at in 0..bytes.len() {
        assert!(Signed::open(&bytes[..at], &issuer()).is_err());
        let mut lie = bytes.clone();
        lie.remove(at);
        assert!(Signed::open(&lie, &issuer()).is_err());
    }
}

#[test]
fn a_checkpoint_has_one_spelling() {
    let root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    Checkpoint::parse(&format!("o\n1\n{root}\n")).unwrap();
    let more = Checkpoint::parse(&format!("o\n1\n{root}\nmore\n")).unwrap();
    assert_eq!(more.extensions, ["more"]);
    let cases = [
        String::new(),
        "\n".into(),
        "o\n1\n".into(),
        format!("o\n1\n{root}"),
        format!("\n1\n{root}\n"),
        format!("o\n01\n{root}\n"),
        format!("o\n+1\n{root}\n"),
        format!("o\n-1\n{root}\n"),
        format!("o\n 1\n{root}\n"),
        format!("o\n\n{root}\n"),
        format!("o\n1x\n{root}\n"),
        format!("o\n18446744073709551616\n{root}\n"),
        format!("o\n1\n{}\n", &root[..43]),
        format!("o\n1\n{root}=\n"),
        format!("o\n1\n{}B=\n", &root[..42]),
        format!("o\n1\nAAAA{root}\n"),
        format!("o\n1\n{root}\n\n"),
        format!("o\n1\n{root}\n\nmore\n"),
        // The empty tree with a root that is not SHA-256 of nothing.
        format!("o\n0\n{root}\n"),
    ];
    for case in cases {
        assert_eq!(code(Checkpoint::parse(&case)), "RF2308", "{case:?}");
    }
}

#[test]
fn a_checkpoint_of_another_log_is_refused() {
    let mut other = checkpoint();
    other.origin = "route.example/other".into();
    let signed = Signed::sign(other, &log()).unwrap();
    assert_eq!(
        code(Signed::open(signed.encode().as_bytes(), &issuer())),
        "RF2309"
    );
    let stranger = Signed::sign(checkpoint(), &signer(ORIGIN, Kind::Log, 2)).unwrap();
    assert_eq!(
        code(Signed::open(stranger.encode().as_bytes(), &issuer())),
        "RF2305"
    );
}

#[test]
fn what_could_not_be_read_is_not_signed() {
    for origin in ["", "two\nlines", "tab\t"] {
        let mut wrong = checkpoint();
        wrong.origin = origin.into();
        assert!(Signed::sign(wrong, &log()).is_err(), "{origin:?}");
    }
    let mut wrong = checkpoint();
    wrong.extensions = vec![String::new()];
    assert_eq!(code(Signed::sign(wrong, &log())), "RF2308");
    assert_eq!(
        code(Signed::sign(checkpoint(), &signer("w", Kind::Witness, 1))),
        "RF2307"
    );
}

#[test]
fn witnesses_are_counted_once_each_and_only_those_that_are_trusted() {
    let seeds = [("w1", 11), ("w2", 12), ("stranger", 13)];
    let [first, second, stranger] = seeds.map(|(name, seed)| signer(name, Kind::Witness, seed));
    let trusted = vec![first.verifier().clone(), second.verifier().clone()];
    let witnesses = Witnesses::new(trusted.clone(), 2).unwrap();
    let text = checkpoint().encode();
    let mut note = Signed::sign(checkpoint(), &log()).unwrap().note().clone();
    note.add(stranger.sign(&text, 1_700_000_000)).unwrap();
    note.add(first.sign(&text, 1_700_000_000)).unwrap();
    note.add(first.sign(&text, 1_700_000_900)).unwrap();
    let counted = witnesses.of(&note).unwrap();
    assert_eq!(counted.len(), 1);
    assert_eq!(
        (counted[0].witness.as_str(), counted[0].time),
        ("w1", 1_700_000_900)
    );
    assert_eq!(code(witnesses.require(&note)), "RF2310");
    note.add(second.sign(&text, 1)).unwrap();
    assert_eq!(witnesses.require(&note).unwrap().len(), 2);
    // It is still the log's checkpoint.
    Signed::open(note.encode().as_bytes(), &issuer()).unwrap();
    // A time that the witness did not sign.
    let mut moved = note.clone();
    moved.add(first.sign("another\n", 5)).unwrap();
    assert_eq!(code(witnesses.of(&moved)), "RF2306");
    let mut late = Note::new(text.clone()).unwrap();
    late.add(first.sign(&text, 1 << 63)).unwrap();
    assert_eq!(code(witnesses.of(&late)), "RF2306");
}

#[test]
fn one_witness_under_two_names_is_refused() {
    let [one, again] = ["w1", "w2"].map(|name| signer(name, Kind::Witness, 11).verifier().clone());
    assert_eq!(code(Witnesses::new(vec![one.clone(), again], 1)), "RF2311");
    assert_eq!(code(Witnesses::new(vec![one.clone()], 2)), "RF2311");
    assert_eq!(code(Witnesses::new(vec![log().verifier().clone()], 1)), "RF2311");
    assert_eq!(code(Issuer::new(ORIGIN, one)), "RF2307");
}

#[test]
fn a_logs_signature_is_no_cosignature_and_the_other_way_round() {
    let key = SigningKey::from_bytes(&[1; 32]);
    let witness = Signer::new(ORIGIN, Kind::Witness, key).unwrap();
    assert_ne!(witness.verifier().id(), log().verifier().id());
    let text = checkpoint().encode();
    let mut note = Note::new(text.clone()).unwrap();
    note.add(witness.sign(&text, 1)).unwrap();
    assert_eq!(code(note.verify(log().verifier())), "RF2305");
    let parsed = Verifier::parse(&witness.verifier().to_string()).unwrap();
    assert_eq!((parsed.kind(), parsed.name()), (Kind::Witness, ORIGIN));
    assert_eq!(note.signed_by(&parsed).unwrap(), Some(1));
}

/// Bytes near a note, which chance alone would not make.
fn near_a_note() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just("— ".to_owned()),
        Just("\n".to_owned()),
        Just("\n\n".to_owned()),
        Just(" ".to_owned()),
        Just(PETERS.to_owned()),
        Just(ORIGIN.to_owned()),
        Just("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned()),
        any::<u64>().prop_map(|n| n.to_string()),
        ".{0,8}",
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat().into_bytes())
}

proptest! {
    #[test]
    fn reading_is_total_and_what_is_read_is_written_the_same(bytes in prop_oneof![near_a_note(), prop::collection::vec(any::<u8>(), 0..200)]) {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.encode().into_bytes(), bytes.clone());
        }
        let _ = Signed::open(&bytes, &issuer());
        if let Ok(text) = std::str::from_utf8(&bytes) {
            if let Ok(read) = Checkpoint::parse(text) {
                prop_assert_eq!(read.encode(), text);
            }
            if let Ok(key) = Verifier::parse(text) {
                prop_assert_eq!(key.to_string(), text);
            }
            if let Ok(line) = SignatureLine::parse(text) {
                prop_assert_eq!(line.encode(), text);
            }
        }
    }
}
