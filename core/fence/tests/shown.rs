//! What follows from what a server shows of data sets, and from what it does not.
use ed25519_dalek::SigningKey;
use ringfence_fence::evidence::{Kind, Located};
use ringfence_fence::{
    Decision, Evidence, Policy, Role, Standing, Statement, StatementSource, Trust, decide,
};
use ringfence_signed::{B32, cose, to_text};
use std::net::IpAddr;

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 86_400;
const REGISTRY: B32 = [1; 32];
const GEOIP: B32 = [2; 32];
const NAMED_BY_NOBODY: B32 = [3; 32];

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn node(addresses: &[&str]) -> StatementSource {
    let statement = Statement {
        node: key(1).verifying_key().to_bytes(),
        name: "tor1".into(),
        serial: 1,
        operator: "coop".into(),
        operator_name: "Example Co-op".into(),
        law: vec!["CA".into()],
        parents: vec![],
        country: Some("CA".into()),
        place: None,
        coordinates: None,
        roles: vec![Role::Media],
        addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
        from: NOW - DAY,
        until: NOW + DAY,
    };
    let inner = cose::sign(cose::label::NODE, &statement.encode(), &key(1));
    let document = cose::sign(cose::label::STATEMENT, &inner, &key(2));
    StatementSource::verify(&document, &trust()).unwrap()
}

/// An owner who named one data set of each kind.
fn trust() -> Trust {
    Trust {
        operators: [("coop".to_owned(), key(2).verifying_key().to_bytes())].into(),
        data: [REGISTRY, GEOIP].into(),
        ..Trust::default()
    }
}

fn says(digest: B32, first: &str, last: &str, country: &str) -> Located {
    Located {
        digest,
        kind: if digest == REGISTRY {
            Kind::Registry
        } else {
            Kind::Geoip
        },
        name: "set".into(),
        date: NOW - DAY,
        first: first.parse::<IpAddr>().unwrap(),
        last: last.parse::<IpAddr>().unwrap(),
        country: (!country.is_empty()).then(|| country.to_owned()),
    }
}

fn about(digest: B32, country: &str) -> Located {
    says(digest, "203.0.113.0", "203.0.113.255", country)
}

fn decided(policy: &str, addresses: &[&str], located: &[Located]) -> Decision {
    let policy = Policy::from_toml(&format!("name = \"test\"\nversion = 1\n{policy}")).unwrap();
    let node = node(addresses);
    let evidence = Evidence::shown(located, &trust(), node.statement());
    decide(&policy, Ok(&node), &evidence, Role::Media, None, NOW)
}

fn outcome(decision: &Decision) -> (bool, Standing, Vec<&str>) {
    let codes = decision.reasons.iter().map(|reason| reason.code).collect();
    (decision.allowed, decision.standing, codes)
}

const CANADA: &str = "[allow]\ncountries = [\"CA\"]";
const WORD: &str = "[allow]\ncountries = [\"CA\"]\n[evidence]\nminimum = \"stated\"";

#[test]
fn what_both_kinds_say_is_enough() {
    let decision = decided(
        CANADA,
        &["203.0.113.7"],
        &[about(REGISTRY, "CA"), about(GEOIP, "CA")],
    );
    assert_eq!(
        outcome(&decision),
        (true, Standing::Consistent, vec!["RF2101", "RF2114"])
    );
}

#[test]
fn what_one_of_them_says_of_other_addresses_is_no_answer() {
    let beside = [
        says(GEOIP, "203.0.113.8", "203.0.113.255", "CA"),
        says(GEOIP, "::", "ffff::", "CA"),
        about(NAMED_BY_NOBODY, "CA"),
    ];
    for other in beside {
        let decision = decided(CANADA, &["203.0.113.7"], &[about(REGISTRY, "CA"), other.clone()]);
        assert_eq!(
            outcome(&decision),
            (false, Standing::Unknown, vec!["RF2118"]),
            "{other:?}"
        );
        assert!(decision.reasons[0].text.contains("203.0.113.7"));
    }
}

/// Also where the operator's word would do: what is not shown may be what contradicts it.
#[test]
fn whoever_keeps_back_what_contradicts_is_refused_as_if_it_did() {
    let all = [about(REGISTRY, "CA"), about(GEOIP, "US")];
    let decision = decided(WORD, &["203.0.113.7"], &all);
    assert_eq!(outcome(&decision), (false, Standing::Violation, vec!["RF2103"]));
    let decision = decided(WORD, &["203.0.113.7"], &all[..1]);
    assert_eq!(outcome(&decision), (false, Standing::Unknown, vec!["RF2118"]));
    assert_eq!(outcome(&decided(WORD, &["203.0.113.7"], &[])).2, ["RF2118"]);
}

#[test]
fn every_address_of_the_node_has_to_be_answered_for() {
    let both = [about(REGISTRY, "CA"), about(GEOIP, "CA")];
    let decision = decided(CANADA, &["203.0.113.7", "2001:db8::7"], &both);
    assert_eq!(outcome(&decision), (false, Standing::Unknown, vec!["RF2118"]));
    assert!(decision.reasons[0].text.contains("2001:db8::7"));
    assert!(!decision.reasons[0].text.contains("203.0.113.7"));
}

#[test]
fn a_data_set_that_says_nothing_has_answered() {
    let decision = decided(WORD, &["203.0.113.7"], &[about(REGISTRY, "CA"), about(GEOIP, "")]);
    assert_eq!(
        outcome(&decision),
        (true, Standing::Stated, vec!["RF2101", "RF2114"])
    );
    assert_eq!(
        outcome(&decided(
            CANADA,
            &["203.0.113.7"],
            &[about(REGISTRY, "CA"), about(GEOIP, "")]
        ))
        .2,
        ["RF2108"]
    );
}

#[test]
fn a_data_set_that_is_too_old_has_answered_and_counts_as_absent() {
    let mut old = about(GEOIP, "US");
    old.date = NOW - 401 * DAY;
    let decision = decided(WORD, &["203.0.113.7"], &[about(REGISTRY, "CA"), old]);
    assert_eq!(
        outcome(&decision),
        (true, Standing::Stated, vec!["RF2101", "RF2114"])
    );
}

#[test]
fn of_a_private_address_nothing_has_to_be_shown() {
    let decision = decided(WORD, &["192.168.1.2", "fe80::1"], &[]);
    assert_eq!(
        outcome(&decision),
        (true, Standing::Stated, vec!["RF2101", "RF2114"])
    );
}

#[test]
fn a_node_that_is_named_needs_no_data_set_and_one_that_contradicts_refuses_it_all_the_same() {
    let named = format!(
        "[allow]\nnodes = [\"{}\"]",
        to_text(&key(1).verifying_key().to_bytes())
    );
    assert_eq!(
        outcome(&decided(&named, &["203.0.113.7"], &[])),
        (true, Standing::Stated, vec!["RF2100"])
    );
    // It is not called more than that, either.
    let decision = decided(&named, &["203.0.113.7"], &[about(REGISTRY, "CA")]);
    assert_eq!(decision.standing, Standing::Stated);
    let decision = decided(&named, &["203.0.113.7"], &[about(REGISTRY, "US")]);
    assert_eq!(outcome(&decision), (false, Standing::Violation, vec!["RF2103"]));
}

#[test]
fn a_data_set_that_the_owner_did_not_name_lowers_and_never_raises() {
    let both = [about(REGISTRY, "CA"), about(GEOIP, "CA")];
    let against = [both[0].clone(), both[1].clone(), about(NAMED_BY_NOBODY, "US")];
    assert_eq!(
        outcome(&decided(CANADA, &["203.0.113.7"], &against)).1,
        Standing::Violation
    );
    let trust = Trust {
        data: [REGISTRY].into(),
        ..trust()
    };
    let node = node(&["203.0.113.7"]);
    let evidence = Evidence::shown(
        &[both[0].clone(), about(NAMED_BY_NOBODY, "CA")],
        &trust,
        node.statement(),
    );
    assert!(evidence.withheld.is_empty());
    assert_eq!(
        evidence
            .sources
            .iter()
            .map(|source| source.pinned)
            .collect::<Vec<_>>(),
        [true, false]
    );
}
