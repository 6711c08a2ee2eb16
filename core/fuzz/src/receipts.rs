//! Receipts, as whoever was not there reads them: of a member who signs whatever they like, beside what others signed.
//! Not here: these documents alone (documents.rs), or the log's notes (log.rs).
use crate::beacons;
use crate::meeting::FIXED;
use crate::meeting::world::key;
use crate::meeting::world::log::RouteLog;
use crate::plant;
use ringfence_receipt::Receipt;
use ringfence_receipt::compare::compare;
use ringfence_receipt::report::Finding;
use ringfence_receipt::verify::{Checked, verify};
use ringfence_signed::cose;
use std::sync::LazyLock;

/// The member who signs what the fuzzer makes up.
pub const MEMBER: &str = "Ann";

/// What others signed in the call. Where the fuzzer's receipt has a document of one byte, it means one of these by number.
struct Papers {
    charters: Vec<Vec<u8>>,
    routes: Vec<Vec<u8>>,
    statements: Vec<Vec<u8>>,
    /// Of the node that was not chosen.
    beside: Vec<Vec<u8>>,
    checkpoints: Vec<Vec<u8>>,
    transcripts: Vec<Vec<u8>>,
}

static PAPERS: LazyLock<Papers> = LazyLock::new(|| {
    let made = &FIXED.meeting;
    let log = RouteLog::new("the one");
    log.shown(&made.route, &serde_json::Value::Null);
    log.grow();
    Papers {
        charters: vec![made.charter.clone(), FIXED.next.document.clone()],
        routes: vec![made.route.clone(), made.route("another")],
        statements: vec![made.statement.clone(), made.statement(2)],
        beside: made
            .others
            .iter()
            .filter_map(|other| Some(made.stated_by(&other.key, other.stated?)))
            .collect(),
        checkpoints: [4, 5].map(|size| log.checkpoint(size).into_bytes()).into(),
        transcripts: vec![beacons::signed()],
    }
});

fn fill(document: &mut Vec<u8>, papers: &[Vec<u8>]) {
    if let [number] = document[..] {
        document.clone_from(&papers[usize::from(number) % papers.len()]);
    }
}

fn put_in(receipt: &mut Receipt) {
    for transcript in &mut receipt.transcripts {
        fill(transcript, &PAPERS.transcripts);
    }
    for shown in &mut receipt.shown {
        fill(&mut shown.charter, &PAPERS.charters);
        fill(&mut shown.route, &PAPERS.routes);
        fill(&mut shown.statement, &PAPERS.statements);
        for one in &mut shown.candidates {
            if let Some(statement) = &mut one.statement {
                fill(statement, &PAPERS.beside);
            }
        }
        if let Some(logged) = &mut shown.logged {
            let mut note = std::mem::take(&mut logged.checkpoint).into_bytes();
            fill(&mut note, &PAPERS.checkpoints);
            logged.checkpoint = String::from_utf8(note).expect("it was text, or is a note");
        }
    }
}

/// The reverse: what a receipt says, with numbers for what others signed.
pub fn named(mut receipt: Receipt) -> Vec<u8> {
    let number = |document: &[u8], papers: &[Vec<u8>]| {
        let at = papers.iter().position(|paper| paper == document);
        vec![at.expect("it is of this call") as u8]
    };
    for shown in &mut receipt.shown {
        shown.charter = number(&shown.charter, &PAPERS.charters);
        shown.route = number(&shown.route, &PAPERS.routes);
        shown.statement = number(&shown.statement, &PAPERS.statements);
        for one in &mut shown.candidates {
            one.statement = one
                .statement
                .take()
                .map(|statement| number(&statement, &PAPERS.beside));
        }
        if let Some(logged) = &mut shown.logged {
            let note = number(logged.checkpoint.as_bytes(), &PAPERS.checkpoints);
            logged.checkpoint = String::from_utf8(note).expect("a small number");
        }
    }
    receipt.encode()
}

fn sign(payload: &[u8]) -> Vec<u8> {
    cose::sign(cose::label::RECEIPT, payload, &key(MEMBER))
}

/// After a 0 a receipt that is signed; after anything else what it says, which its member signs.
pub fn document(bytes: &[u8]) -> Option<Vec<u8>> {
    match bytes.split_first()? {
        (0, document) => Some(document.to_vec()),
        (_, payload) => {
            let mut receipt = Receipt::read(&sign(payload)).ok()?;
            put_in(&mut receipt);
            Some(sign(&receipt.encode()))
        }
    }
}

pub fn receipts(bytes: &[u8], planted: bool) {
    let Some(document) = document(bytes) else { return };
    let Ok(checked) = verify(&document) else { return };
    let receipt = &checked.receipt;
    let payload = cose::unverified_payload(&document).expect("it was read");
    assert_eq!(payload, receipt.encode(), "one receipt, one encoding");
    for shown in &receipt.shown {
        assert!(PAPERS.charters.contains(&shown.charter), "a charter of nobody's");
        assert!(PAPERS.routes.contains(&shown.route), "a route of nobody's");
        assert!(
            PAPERS.statements.contains(&shown.statement),
            "a statement of nobody's"
        );
        let note = shown.logged.as_ref().map(|logged| logged.checkpoint.as_bytes());
        let signed = |note: &[u8]| PAPERS.checkpoints.iter().any(|paper| paper == note);
        assert!(note.is_some_and(signed), "a checkpoint of nobody's");
    }
    let report = checked.report();
    assert_eq!(report.clean, report.findings.is_empty());
    if report.clean {
        check_sent(&checked);
        // Four of eight, and no kept one: few inputs make a clean receipt that is another.
        let other = bytes.iter().fold(0, |all, byte| all ^ byte) & 7;
        plant(planted, matches!(other, 2 | 3 | 5 | 7));
    }
    check_beside_others(checked, document);
}

/// Media of a clean receipt went nowhere without a word for it.
fn check_sent(checked: &Checked) {
    let receipt = &checked.receipt;
    for sent in &receipt.sent {
        let allows = receipt.decided.iter().any(|decided| {
            let allowed = decided.words.iter().all(|word| word.allowed);
            allowed && !decided.words.is_empty() && decided.remote.as_ref() == Some(&sent.address)
        });
        assert!(allows, "nothing allowed {}", sent.address);
    }
}

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code).collect()
}

/// The same story once more is one story; in other keys it is another.
fn check_beside_others(checked: Checked, document: Vec<u8>) {
    let mut other = checked.receipt.clone();
    other.epochs.iter_mut().for_each(|epoch| epoch.seal[0] ^= 1);
    let epochs = other.epochs.len();
    let alone = compare(std::slice::from_ref(&checked));
    assert_eq!(alone.common_epochs, 0, "one alone has nothing in common");
    let again = verify(&document).expect("as before");
    let same = [checked, again];
    let twice = compare(&same);
    assert!(twice.common_epochs <= epochs && (twice.common_epochs > 0) == (epochs > 0));
    assert_eq!(codes(&twice.findings), codes(&alone.findings));
    if *MEMBER_KEY != other.member {
        return;
    }
    let [checked, _] = same;
    let both = [
        checked,
        verify(&sign(&other.encode())).expect("only its seals are others"),
    ];
    let found = codes(&compare(&both).findings);
    assert_eq!(found.contains(&"RF3316"), epochs > 0);
}

static MEMBER_KEY: LazyLock<[u8; 32]> = LazyLock::new(|| crate::meeting::world::public(&key(MEMBER)));
