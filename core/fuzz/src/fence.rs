//! Policies as people write them and as they are signed; drafts of statements, and evidence with whose word counts.
use crate::{plant, rare};
use ringfence_fence::draft;
use ringfence_fence::{Evidence, Policy, Role, Standing, Statement, decide};
use ringfence_signed::Error;

/// Inside of the dates of the kept drafts (2026-11-24).
const NOW: u64 = 1_795_500_000;
/// The end of the year 9999.
const LAST: u64 = 253_402_300_799;
const POLICY: &str = "name = \"x\"\nversion = 1\n[allow]\ncountries = [\"CA\"]\nlaw = [\"*\"]\n\
    [evidence]\nminimum = \"stated\"\nexclude = [\"CN\"]\n";

pub fn statement(bytes: &[u8], planted: bool) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(statement) = draft::statement(text) {
        let stated = statement.statement();
        let encoded = stated.encode();
        assert_eq!(
            &Statement::decode(&encoded).expect("what can be drafted can be signed"),
            stated
        );
        let written = draft::written(stated).to_string();
        let Ok(again) = draft::statement(&written) else {
            panic!("what is written can be read")
        };
        // Years that no text has are the exception.
        assert!(again.statement() == stated || stated.until > LAST || stated.from > LAST);
        let policy = Policy::from_toml(POLICY).expect("ours");
        let evidence = Evidence::default();
        let decision = decide(&policy, Ok(&statement), &evidence, Role::Media, None, NOW);
        assert!(
            decision.inside(()).is_none(),
            "a draft puts nothing inside a fence"
        );
        plant(planted, rare(bytes));
    }
}

/// Evidence, and after the first NUL whose word counts.
pub fn evidence(bytes: &[u8], planted: bool) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (text, trust) = text
        .split_once('\0')
        .map_or((text, None), |(text, trust)| (text, Some(trust)));
    let Ok(trusted) = trust.map(draft::trusted).transpose() else {
        return;
    };
    if let Ok(evidence) = draft::evidence(text, trusted.as_ref()) {
        let policy = Policy::from_toml(POLICY).expect("ours");
        let node = draft::statement(NODE).unwrap_or_else(|_| panic!("ours"));
        let judged = |statement| decide(&policy, statement, &evidence, Role::Media, None, NOW);
        let none = Error::new("RF2102", "there is none");
        assert!(!judged(Err(&none)).allowed, "evidence is no statement");
        let decision = judged(Ok(&node));
        assert!(!decision.allowed || decision.standing >= Standing::Stated);
        plant(planted, rare(bytes));
    }
}

/// What the evidence is about.
pub const NODE: &str = r#"{"node": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE", "name": "tor1", "serial": 3,
 "operator": {"id": "coop", "name": "Co-op", "law": ["CA"], "parents": [{"name": "Holdings", "law": ["US"]}]},
 "country": "CA", "place": "Toronto", "lat": 43.65, "lon": -79.38, "roles": ["web", "media"],
 "addresses": ["203.0.113.7"], "from": "2026-11-01T00:00:00Z", "until": "2027-02-01T00:00:00Z"}"#;

pub fn toml(bytes: &[u8], planted: bool) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(policy) = Policy::from_toml(text) {
        let encoded = policy.encode();
        assert_eq!(Policy::decode(&encoded).expect("our own"), policy);
        assert!(!policy.explain().is_empty(), "every fence can be said in words");
        plant(planted, rare(bytes));
    }
}

pub fn cbor(bytes: &[u8], planted: bool) {
    if let Ok(policy) = Policy::decode(bytes) {
        assert_eq!(policy.encode(), bytes, "one policy, one encoding");
        assert!(!policy.explain().is_empty(), "every fence can be said in words");
        plant(planted, rare(bytes));
    }
}
