//! Keys to which nothing can be sealed: whoever tried would fail, and with them the commit that lets in others.
use ringfence_charter::Admission;
use ringfence_charter::PersonRole;
use ringfence_charter::ledger::Grounds;
use ringfence_e2ee::delivery::Entering;
use ringfence_e2ee::knock::is_sealable;
use ringfence_e2ee::member::{Plan, read_package};
use ringfence_e2ee::provider::Suite1;
use ringfence_fuzz::meeting::world::{key, public};
use ringfence_fuzz::meeting::{FIXED, GROUP, NONCE};
use ringfence_fuzz::{group, made};
use ringfence_signed::{cose, hash};
use x25519_dalek::StaticSecret;

/// Ben's package with this key at this place of its head, or of its leaf.
fn package(of_leaf: bool, key_bytes: &[u8; 32]) -> Vec<u8> {
    let change = [&[0, if of_leaf { 1 } else { 5 }, 32, 32][..], key_bytes].concat();
    let head: &[u8] = if of_leaf { &[0] } else { &[] };
    let leaf = made::leaf(&key("ben"), FIXED.charter.meeting, GROUP);
    made::package(&leaf, &[head, &[36], &change].concat())
}

/// The code by which a server refuses the commit of a member who lets anybody in.
fn taken(package: &[u8]) -> Result<(), &'static str> {
    let (mut ann, mut server) = group::founded();
    let link = FIXED.meeting.link.signing_key();
    let admission = Admission {
        meeting: FIXED.charter.meeting,
        group: GROUP,
        member: public(&key("ben")),
        role: PersonRole::Guest,
        charter: FIXED.charter.hash,
        nonce: NONCE,
        by: public(&link),
    };
    let document = cose::sign(cose::label::ADMISSION, &admission.encode(), &link);
    let mut ledger = server.state().ledger.clone();
    ledger
        .enter(&admission, document.clone(), 1)
        .expect("who is not in yet");
    let grounds = Grounds {
        admissions: vec![document],
        ..Grounds::default()
    };
    let plan = Plan {
        adds: vec![read_package(&Suite1, package).expect("a key package")],
        ringfence: Some(group::context(&ledger)),
        psk: true,
        data: grounds.encode(),
        ..Plan::default()
    };
    let out = ann.commit(plan).expect("a commit");
    let entering = [hash(package)];
    let taken = server.take_commit(&out.commit, &out.group_info, Entering::Knocked(&entering));
    taken.map(|_| ()).map_err(|error| error.code)
}

#[test]
fn a_key_of_low_order_is_none() {
    // Those of the curve and of its twist; the last two are 0 and 1 with p added.
    let low = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    for written in low {
        let mut key = [0; 32];
        for (byte, hex) in key.iter_mut().zip(written.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap();
        }
        assert!(!is_sealable(&key), "{written}");
        key[31] |= 0x80; // which X25519 ignores
        assert!(!is_sealable(&key), "{written}, and the highest bit");
    }
    assert!(!is_sealable(&[9; 31]));
}

#[test]
fn every_other_key_is_one() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..200 {
        let mut key = [0; 32];
        random.fill(&mut key);
        let shared = StaticSecret::from([1; 32]).diffie_hellman(&key.into());
        assert!(is_sealable(&key) && shared.was_contributory());
    }
}

#[test]
fn who_can_be_sent_no_welcome_does_not_knock() {
    assert!(read_package(&Suite1, &package(false, &[7; 32])).is_ok());
    let refused = read_package(&Suite1, &package(false, &[0; 32])).map(|_| ());
    assert_eq!(refused.map_err(|error| error.code), Err("RF3201"));
}

#[test]
fn nobody_comes_in_to_whom_no_commit_can_be_sealed() {
    assert_eq!(taken(&package(true, &[7; 32])), Ok(()));
    assert_eq!(taken(&package(true, &[0; 32])), Err("RF3233"));
}
