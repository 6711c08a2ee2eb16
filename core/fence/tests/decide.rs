//! What the fence decides: one row, one rule.
use ed25519_dalek::SigningKey;
use ringfence_fence::evidence::{Evidence, Source};
use ringfence_fence::{Decision, Parent, Policy, Role, Standing, Statement, StatementSource, Trust, decide};
use ringfence_signed::{Error, cose, to_text};

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn node() -> Statement {
    Statement {
        node: key(1).verifying_key().to_bytes(),
        name: "tor1".into(),
        serial: 1,
        operator: "coop".into(),
        operator_name: "Example Co-op".into(),
        law: vec!["CA".into()],
        parents: vec![],
        country: Some("CA".into()),
        place: Some("Toronto".into()),
        roles: vec![Role::Web, Role::Media],
        addresses: vec!["203.0.113.7".into()],
        from: NOW - DAY,
        until: NOW + DAY,
    }
}

fn trust() -> Trust {
    Trust {
        operators: [("coop".to_owned(), key(2).verifying_key().to_bytes())].into(),
    }
}

fn signed(statement: &Statement, node: u8, operator: u8) -> Vec<u8> {
    let inner = cose::sign(cose::label::NODE, &statement.encode(), &key(node));
    cose::sign(cose::label::STATEMENT, &inner, &key(operator))
}

fn source(statement: &Statement) -> StatementSource {
    StatementSource::verify(&signed(statement, 1, 2), &trust()).unwrap()
}

fn policy(toml: &str) -> Policy {
    Policy::from_toml(&format!("name = \"test\"\nversion = 1\n{toml}")).unwrap()
}

fn word_of_canada() -> Policy {
    policy("[allow]\ncountries = [\"CA\"]\n[evidence]\nminimum = \"stated\"")
}

fn decided(policy: &Policy, statement: &Statement, address: Option<&str>) -> Decision {
    decide(
        policy,
        Ok(&source(statement)),
        &Evidence::default(),
        Role::Media,
        address,
        NOW,
    )
}

fn codes(decision: &Decision) -> Vec<&str> {
    decision.reasons.iter().map(|reason| reason.code).collect()
}

#[test]
fn what_the_operator_states_can_be_inside() {
    let decision = decided(&word_of_canada(), &node(), Some("203.0.113.7"));
    assert!(decision.allowed, "{decision:?}");
    assert_eq!(
        (decision.standing, codes(&decision)),
        (Standing::Stated, vec!["RF2101"])
    );
    assert!(decision.inside("node").is_some());
}

#[test]
fn every_rule_refuses_by_its_own_code() {
    type Change = fn(&mut Statement);
    let table: [(&str, Change, &str); 9] = [
        ("another country", |n| n.country = Some("CN".into()), "RF2104"),
        ("no country", |n| n.country = None, "RF2104"),
        (
            "another law",
            |n| n.law = vec!["CA".into(), "CN".into()],
            "RF2111",
        ),
        ("no law stated", |n| n.law = vec![], "RF2111"),
        (
            "a parent under another law",
            |n| {
                n.parents = vec![Parent {
                    name: "P".into(),
                    law: vec!["US".into()],
                }]
            },
            "RF2111",
        ),
        (
            "a parent of unknown law",
            |n| {
                n.parents = vec![Parent {
                    name: "P".into(),
                    law: vec![],
                }]
            },
            "RF2111",
        ),
        ("over", |n| n.until = NOW, "RF2105"),
        ("not yet", |n| n.from = NOW + 1, "RF2105"),
        ("a role not stated", |n| n.roles = vec![Role::Web], "RF2106"),
    ];
    for (what, change, code) in table {
        let mut node = node();
        change(&mut node);
        let decision = decided(&word_of_canada(), &node, None);
        assert!(
            !decision.allowed && codes(&decision).contains(&code),
            "{what}: {decision:?}"
        );
        assert!(decision.inside(()).is_none());
    }
}

#[test]
fn an_address_outside_the_statement_is_outside_the_fence() {
    let decision = decided(&word_of_canada(), &node(), Some("198.51.100.1"));
    assert_eq!(
        (decision.allowed, decision.standing, codes(&decision)),
        (false, Standing::Unknown, vec!["RF2107"])
    );
}

#[test]
fn an_empty_fence_allows_nothing() {
    assert!(!decided(&policy(""), &node(), None).allowed);
}

#[test]
fn operators_can_be_listed() {
    let only = |id: &str| {
        policy(&format!(
            "[allow]\ncountries = [\"CA\"]\noperators = [\"{id}\"]\n[evidence]\nminimum = \"stated\""
        ))
    };
    assert!(decided(&only("coop"), &node(), None).allowed);
    assert_eq!(codes(&decided(&only("other"), &node(), None)), ["RF2110"]);
}

#[test]
fn a_named_node_needs_no_geography_but_keeps_its_terms() {
    let named = policy(&format!("[allow]\nnodes = [\"{}\"]", to_text(&node().node)));
    let mut quiet = Statement {
        country: None,
        addresses: vec!["127.0.0.1".into()],
        ..node()
    };
    assert!(decided(&named, &quiet, Some("127.0.0.1")).allowed);
    assert_eq!(codes(&decided(&named, &quiet, Some("10.0.0.1"))), ["RF2107"]);
    quiet.until = NOW;
    assert_eq!(codes(&decided(&named, &quiet, None)), ["RF2105"]);
    let excludes = Policy {
        exclude: vec!["CN".into()],
        ..named
    };
    assert_eq!(codes(&decided(&excludes, &node(), None)), ["RF2109"]);
}

#[test]
fn two_kinds_of_pinned_sources_that_agree_make_it_consistent() {
    let asks = policy("[allow]\ncountries = [\"CA\"]");
    let say = |kind: &str, country: &str, pinned, age| Source {
        kind: kind.into(),
        name: kind.into(),
        date: NOW - age,
        address: "203.0.113.7".into(),
        country: country.into(),
        pinned,
    };
    let standing = |sources: Vec<Source>| {
        let decision = decide(
            &asks,
            Ok(&source(&node())),
            &Evidence { sources },
            Role::Media,
            None,
            NOW,
        );
        (decision.allowed, decision.standing)
    };
    use Standing::*;
    assert_eq!(
        standing(vec![say("registry", "CA", true, 0), say("geoip", "CA", true, 0)]),
        (true, Consistent)
    );
    assert_eq!(
        standing(vec![say("geoip", "CA", true, 0), say("geoip", "CA", true, 0)]),
        (false, Stated)
    );
    assert_eq!(
        standing(vec![say("registry", "CA", false, 0), say("geoip", "CA", true, 0)]),
        (false, Stated)
    );
    assert_eq!(
        standing(vec![
            say("registry", "CA", true, 401 * DAY),
            say("geoip", "CA", true, 0)
        ]),
        (false, Stated)
    );
    assert_eq!(
        standing(vec![say("registry", "CN", false, 0)]),
        (false, Violation)
    );
    assert_eq!(standing(vec![]), (false, Stated));
}

#[test]
fn a_contradicted_node_is_refused_even_when_named() {
    let named = policy(&format!("[allow]\nnodes = [\"{}\"]", to_text(&node().node)));
    let lie = Source {
        kind: "geoip".into(),
        name: "g".into(),
        date: NOW,
        address: "203.0.113.7".into(),
        country: "CN".into(),
        pinned: false,
    };
    let decision = decide(
        &named,
        Ok(&source(&node())),
        &Evidence { sources: vec![lie] },
        Role::Media,
        None,
        NOW,
    );
    assert_eq!((decision.allowed, codes(&decision)), (false, vec!["RF2103"]));
}

#[test]
fn proof_is_never_met_without_measurements() {
    let asks = policy("[allow]\ncountries = [\"CA\"]\n[evidence]\nminimum = \"proven\"");
    assert_eq!(codes(&decided(&asks, &node(), None)), ["RF2108"]);
}

#[test]
fn a_statement_counts_only_with_both_signatures_and_a_trusted_operator() {
    let verify = |document: &[u8], trust: &Trust| {
        StatementSource::verify(document, trust)
            .map(|_| ())
            .map_err(|e| e.code)
    };
    assert_eq!(verify(&signed(&node(), 1, 2), &trust()), Ok(()));
    assert_eq!(
        verify(&signed(&node(), 3, 2), &trust()),
        Err("RF2011"),
        "another node's signature"
    );
    assert_eq!(
        verify(&signed(&node(), 1, 3), &trust()),
        Err("RF2011"),
        "another operator's signature"
    );
    assert_eq!(verify(&signed(&node(), 1, 2), &Trust::default()), Err("RF2010"));
    let error = Error::new("RF2011", "forged");
    let decision = decide(
        &word_of_canada(),
        Err(&error),
        &Evidence::default(),
        Role::Media,
        None,
        NOW,
    );
    assert_eq!(
        (decision.allowed, decision.standing, codes(&decision)),
        (false, Standing::Unknown, vec!["RF2102"])
    );
}

#[test]
fn a_role_may_be_stricter_and_never_looser() {
    let strict = "[allow]\ncountries = [\"CA\", \"US\"]\n[evidence]\nminimum = \"stated\"\n[roles.media]\ncountries = [\"US\"]";
    assert_eq!(codes(&decided(&policy(strict), &node(), None)), ["RF2104"]);
    let web = decide(
        &policy(strict),
        Ok(&source(&node())),
        &Evidence::default(),
        Role::Web,
        None,
        NOW,
    );
    assert!(web.allowed, "{web:?}");
    let loose = "name=\"x\"\nversion=1\n[allow]\ncountries=[\"CA\"]\n[roles.media]\ncountries=[\"US\"]";
    assert_eq!(Policy::from_toml(loose).unwrap_err().code, "RF2001");
}
