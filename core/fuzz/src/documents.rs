//! Everything that is signed: the encoding, the envelope, each kind of document, ledgers, grounds, links.
use crate::meeting::world::START;
use crate::meeting::{FIXED, GROUP, NONCE};
use crate::{plant, rare};
use ed25519_dalek::SigningKey;
use ringfence_charter::ledger::{Entry, Grounds, Remover};
use ringfence_charter::{
    Admission, Channel, Charter, Genesis, Hello, Knock, Leaf, Ledger, Link, PersonRole, Rejoin, Removal,
    Route,
};
use ringfence_fence::StatementSource;
use ringfence_signed::cbor::{Value, decode, encode};
use ringfence_signed::cose::{self, label};

/// What the seeds of `cose` are signed as, and by whom.
pub fn key() -> SigningKey {
    SigningKey::from_bytes(&[12; 32])
}

pub fn cbor(bytes: &[u8], planted: bool) {
    if let Ok(value) = decode(bytes) {
        assert_eq!(
            encode(&value),
            bytes,
            "one value, one encoding (RFC 8949 section 4.2.1)"
        );
        let found = |items: &Vec<Value>| items.contains(&Value::Integer((-12).into()));
        plant(planted, value.as_array().is_some_and(found));
    }
}

pub fn cose(bytes: &[u8], planted: bool) {
    let payload = cose::unverified_payload(bytes);
    let verified = cose::verify(label::KNOCK, bytes, &key().verifying_key().to_bytes());
    if let Ok(signed) = verified {
        assert_eq!(payload.as_ref().expect("it was opened"), &signed.payload);
        assert_eq!(cose::sign(label::KNOCK, &signed.payload, &key()), bytes);
    }
    plant(planted, payload.is_ok() && rare(bytes));
}

/// The first byte is the kind; the rest is a payload, which the right key signs: so mistakes in it are reached.
pub fn payloads(bytes: &[u8], planted: bool) {
    let Some((kind, payload)) = bytes.split_first() else {
        return;
    };
    let signers = FIXED.signers();
    let (name, key) = &signers[usize::from(*kind) % signers.len()];
    let named = label::named(name).expect("a label of ours");
    let mut document = cose::sign(named, payload, key);
    if named == label::NODE {
        document = cose::sign(label::STATEMENT, &document, &FIXED.meeting.operator);
    }
    if let Some(again) = accepted(named, &document) {
        assert_eq!(again, payload, "a `{name}` is what we would have written");
        plant(planted, rare(payload));
    }
}

/// The payload that we would write for a document that is accepted.
fn accepted(kind: cose::Label, document: &[u8]) -> Option<Vec<u8>> {
    let (fixed, now) = (&*FIXED, START / 1000);
    let (charter, node) = (&fixed.charter, &fixed.statement.statement().node);
    Some(match kind {
        label::NODE => StatementSource::verify(document, &fixed.trust)
            .ok()?
            .statement()
            .encode(),
        label::CHARTER => Charter::verify(document, &fixed.meeting.link, None, now)
            .ok()?
            .0
            .encode(),
        label::GENESIS => Genesis::verify(document, charter, &fixed.charter.hash)
            .ok()?
            .encode(),
        label::ADMISSION => Admission::verify(document, charter, &fixed.charter.hash, &GROUP, true)
            .ok()?
            .encode(),
        label::REMOVAL => Removal::verify(document, charter, &GROUP).ok()?.encode(),
        label::LEAF => Leaf::verify(document, &charter.meeting, &GROUP, &[1; 32])
            .ok()?
            .encode(),
        label::KNOCK => Knock::verify(document, charter, &GROUP, &[1; 32]).ok()?.encode(),
        label::ROUTE => Route::verify(document, charter, &fixed.statement)
            .ok()?
            .0
            .encode(),
        label::HELLO => Hello::verify(document, node, &charter.meeting, &NONCE)
            .ok()?
            .encode(),
        label::REJOIN => Rejoin::verify(document, &charter.meeting, &GROUP, &NONCE)
            .ok()?
            .encode(),
        label::CHANNEL => Channel::verify(document, node, &GROUP, &NONCE).ok()?.encode(),
        _ => return None,
    })
}

/// After a 0 a ledger as bytes; after anything else one whose documents are signed as they should be, from five bytes an
/// entry: the member, both epochs (the second 0: still in), who removed them, and whether a host admitted them.
pub fn ledger(bytes: &[u8], planted: bool) {
    match bytes.split_first() {
        Some((0, bytes)) => {
            read_ledger(bytes);
        }
        Some((_, entries)) => {
            let mut made = FIXED.ledger();
            made.entries.extend(entries.chunks_exact(5).take(20).map(entry));
            let accepted = read_ledger(&made.encode());
            plant(planted, accepted && made.entries.len() > 2 && rare(entries));
        }
        None => {}
    }
}

fn entry(from: &[u8]) -> Entry {
    let signer = match from[4] & 1 {
        0 => FIXED.meeting.link.signing_key(),
        _ => FIXED.meeting.host.clone(),
    };
    let admission = Admission {
        meeting: FIXED.charter.meeting,
        group: GROUP,
        member: [from[0]; 32],
        role: PersonRole::Guest,
        charter: FIXED.charter.hash,
        nonce: [from[4]; 16],
        by: signer.verifying_key().to_bytes(),
    };
    let remover = match from[3] {
        0 => Remover::Host(FIXED.meeting.host.verifying_key().to_bytes()),
        1 => Remover::Host([1; 32]),
        _ => Remover::Oneself,
    };
    Entry {
        member: admission.member,
        admission: cose::sign(label::ADMISSION, &admission.encode(), &signer),
        role: admission.role,
        by: admission.by,
        added: from[1].into(),
        removed: (from[2] != 0).then_some((from[2].into(), remover)),
    }
}

/// Whether it is accepted.
fn read_ledger(bytes: &[u8]) -> bool {
    let read = Ledger::verify(bytes, &FIXED.charter).or_else(|_| Ledger::verify(bytes, &FIXED.next));
    let Ok((ledger, _)) = read else {
        return false;
    };
    assert_eq!(ledger.encode(), bytes, "one ledger, one encoding");
    let mut members: Vec<_> = ledger.members().map(|entry| entry.member).collect();
    let count = members.len();
    members.sort_unstable();
    members.dedup();
    assert_eq!(members.len(), count, "somebody is in twice");
    true
}

pub fn grounds(bytes: &[u8], planted: bool) {
    if let Ok(grounds) = Grounds::decode(bytes) {
        assert!(bytes.is_empty() || grounds.encode() == bytes, "one encoding");
        plant(planted, rare(bytes));
    }
}

/// The part of a link after `#`, and a title that is said to be sealed under it.
pub fn link(bytes: &[u8], planted: bool) {
    let (fragment, title) = bytes.split_at(bytes.len().min(43));
    let _ = FIXED.meeting.link.open_title(title);
    let Ok(fragment) = std::str::from_utf8(fragment) else {
        return;
    };
    if let Ok(link) = Link::parse(FIXED.charter.meeting, fragment) {
        assert_eq!(link.fragment(), fragment, "one link, one text");
        assert!(!link.names_owner(&[0; 32]));
        plant(planted, fragment.starts_with("__"));
    }
}
