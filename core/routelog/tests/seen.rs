//! What is true of a client's memory: a log that goes back, branches off or is another one is refused, and two members
//! who compare find out.
mod naive;
use ed25519_dalek::SigningKey;
use naive::Leaves;
use ringfence_routelog::checkpoint::{Checkpoint, Issuer, Signed};
use ringfence_routelog::key::{Kind, Signer};
use ringfence_routelog::merkle::root;
use ringfence_routelog::seen::{Fork, News, Seen, Story, same_story};
use ringfence_routelog::{B32, consistency};

const ORIGIN: &str = "route.example/log";

fn signer(seed: u8) -> Signer {
    Signer::new(ORIGIN, Kind::Log, SigningKey::from_bytes(&[seed; 32])).unwrap()
}

fn issuer() -> Issuer {
    Issuer::new(ORIGIN, signer(1).verifier().clone()).unwrap()
}

fn signed_by(seed: u8, origin: &str, leaves: &Leaves, size: u64) -> Vec<u8> {
    let checkpoint = Checkpoint {
        origin: origin.into(),
        size,
        root: root(size, leaves).unwrap(),
        extensions: vec![],
    };
    Signed::sign(checkpoint, &signer(seed))
        .unwrap()
        .encode()
        .into_bytes()
}

fn note(leaves: &Leaves, size: u64) -> Vec<u8> {
    signed_by(1, ORIGIN, leaves, size)
}

fn proof(leaves: &Leaves, old: u64, new: u64) -> Vec<B32> {
    consistency::prove(old, new, leaves).unwrap()
}

/// The log, and one that is the same up to its leaf 10.
fn stories() -> (Leaves, Leaves) {
    let honest = Leaves::numbered(40);
    let mut other = Leaves::numbered(40);
    other.0[10] = [0; 32];
    (honest, other)
}

#[test]
fn a_log_that_grows_is_followed() {
    let (log, _) = stories();
    let mut seen = Seen::new(issuer());
    assert_eq!(seen.update(&note(&log, 0), &[]).unwrap(), News::First);
    assert_eq!(seen.update(&note(&log, 5), &[]).unwrap(), News::Grown(5));
    assert_eq!(seen.update(&note(&log, 5), &[]).unwrap(), News::Same);
    for (old, new) in (5..40).zip(6..) {
        let news = seen.update(&note(&log, new), &proof(&log, old, new)).unwrap();
        assert_eq!(news, News::Grown(1));
    }
    assert_eq!(seen.newest().unwrap().size(), 40);
}

#[test]
fn what_is_refused_changes_nothing() {
    let (log, other) = stories();
    let mut seen = Seen::new(issuer());
    seen.update(&note(&log, 20), &[]).unwrap();
    let good = proof(&log, 20, 30);
    let mut changed = good.clone();
    changed[0][0] ^= 1;
    let cases = [
        (note(&log, 19), vec![], "RF2330"),
        (note(&log, 0), vec![], "RF2330"),
        (note(&other, 20), vec![], "RF2331"),
        (note(&other, 30), proof(&other, 20, 30), "RF2332"),
        (note(&other, 30), good.clone(), "RF2332"),
        (note(&log, 30), vec![], "RF2332"),
        (note(&log, 30), changed, "RF2332"),
        (note(&log, 30), proof(&log, 19, 30), "RF2332"),
        (
            signed_by(1, "route.example/other", &log, 30),
            good.clone(),
            "RF2309",
        ),
        (signed_by(2, ORIGIN, &log, 30), good.clone(), "RF2305"),
        (b"not a note".to_vec(), good.clone(), "RF2304"),
    ];
    for (note, proof, code) in cases {
        assert_eq!(seen.update(&note, &proof).unwrap_err().code, code);
        assert_eq!(seen.newest().unwrap().size(), 20);
    }
    let good_note = note(&log, 30);
    for at in 0..good_note.len() {
        let mut lie = good_note.clone();
        lie[at] ^= 1;
        assert!(seen.update(&lie, &good).is_err());
        assert_eq!(seen.newest().unwrap().size(), 20);
    }
    seen.update(&good_note, &good).unwrap();
}

#[test]
fn memory_survives_being_stored() {
    let (log, other) = stories();
    let mut seen = Seen::new(issuer());
    seen.update(&note(&log, 20), &[]).unwrap();
    let stored = seen.newest().unwrap().encode();
    let mut again = Seen::resume(issuer(), stored.as_bytes()).unwrap();
    assert_eq!(again.update(&note(&other, 20), &[]).unwrap_err().code, "RF2331");
    assert_eq!(
        again.update(&note(&log, 30), &proof(&log, 20, 30)).unwrap(),
        News::Grown(10)
    );
    assert!(Seen::resume(issuer(), &stored.as_bytes()[1..]).is_err());
}

#[test]
fn members_who_compare_learn_who_is_ahead() {
    let (log, _) = stories();
    let (old, new, good) = (note(&log, 12), note(&log, 33), proof(&log, 12, 33));
    assert_eq!(same_story(&issuer(), &old, &old, &[]).unwrap(), Story::Same);
    assert_eq!(
        same_story(&issuer(), &old, &new, &good).unwrap(),
        Story::SecondAhead
    );
    assert_eq!(
        same_story(&issuer(), &new, &old, &good).unwrap(),
        Story::FirstAhead
    );
    assert_eq!(same_story(&issuer(), &new, &old, &[]).unwrap_err().code, "RF2332");
    let foreign = signed_by(2, ORIGIN, &log, 12);
    assert_eq!(
        same_story(&issuer(), &foreign, &new, &good).unwrap_err().code,
        "RF2305"
    );
}

#[test]
fn a_fork_is_evidence_that_anybody_can_check() {
    let (log, other) = stories();
    let Story::Fork(fork) = same_story(&issuer(), &note(&log, 20), &note(&other, 20), &[]).unwrap() else {
        panic!("two trees of one size are a fork");
    };
    fork.check(&issuer()).unwrap();
    let stranger = Issuer::new(ORIGIN, signer(2).verifier().clone()).unwrap();
    assert_eq!(fork.check(&stranger).unwrap_err().code, "RF2305");
    // Before they part, and at different sizes, the two are no evidence.
    let text = |note: Vec<u8>| String::from_utf8(note).unwrap();
    for notes in [
        [text(note(&log, 10)), text(note(&other, 10))],
        [text(note(&log, 20)), text(note(&other, 21))],
    ] {
        assert_eq!(Fork { notes }.check(&issuer()).unwrap_err().code, "RF2333");
    }
}
