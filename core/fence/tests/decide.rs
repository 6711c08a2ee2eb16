//! What the fence decides: one row, one rule.
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use ringfence_fence::evidence::{Evidence, Kind, Source};
use ringfence_fence::{
    Coordinates, Decision, Parent, Policy, Role, Standing, Statement, StatementSource, Trust, decide,
};
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
        coordinates: Some(Coordinates::new(43.65, -79.38).unwrap()),
        roles: vec![Role::Web, Role::Media],
        addresses: vec!["203.0.113.7".into()],
        from: NOW - DAY,
        until: NOW + DAY,
    }
}

fn trust() -> Trust {
    Trust {
        operators: [("coop".to_owned(), key(2).verifying_key().to_bytes())].into(),
        ..Trust::default()
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
        (Standing::Stated, vec!["RF2101", "RF2114"])
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
        kind: Kind::named(kind).unwrap(),
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
            &Evidence {
                sources,
                ..Evidence::default()
            },
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
        kind: Kind::Geoip,
        name: "g".into(),
        date: NOW,
        address: "203.0.113.7".into(),
        country: "CN".into(),
        pinned: false,
    };
    let decision = decide(
        &named,
        Ok(&source(&node())),
        &Evidence {
            sources: vec![lie],
            ..Evidence::default()
        },
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
fn a_statement_that_cannot_be_compared_is_refused() {
    type Change = fn(&mut Statement);
    let table: [(&str, Change); 8] = [
        ("a name for an address", |n| {
            n.addresses = vec!["example.org".into()]
        }),
        ("an address written long", |n| {
            n.addresses = vec!["2001:db8:0::7".into()]
        }),
        ("a country that is none", |n| n.country = Some("XX".into())),
        ("a country in small letters", |n| n.country = Some("ca".into())),
        ("a law that is any", |n| n.law = vec!["*".into()]),
        ("an operator that is any", |n| n.operator = "*".into()),
        ("a role twice", |n| n.roles = vec![Role::Web, Role::Web]),
        ("a name that hides a line", |n| n.name = "a\nb".into()),
    ];
    for (what, change) in table {
        let mut node = node();
        change(&mut node);
        let error = StatementSource::verify(&signed(&node, 1, 2), &trust()).unwrap_err();
        assert_eq!(error.code, "RF2011", "{what}");
    }
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

fn only(word: &str) -> Evidence {
    let (kind, country) = word.split_once(' ').unwrap();
    Evidence {
        sources: vec![Source {
            kind: Kind::named(kind).unwrap(),
            name: "set".into(),
            date: NOW,
            address: "203.0.113.7".into(),
            country: country.into(),
            pinned: true,
        }],
        ..Evidence::default()
    }
}

fn judged(policy: &Policy, statement: &Statement, evidence: &Evidence, role: Role) -> Decision {
    decide(policy, Ok(&source(statement)), evidence, role, None, NOW)
}

#[test]
fn what_the_fence_says_of_a_role_holds_for_named_nodes_too() {
    let text = format!(
        "[allow]\ncountries = [\"CA\", \"US\"]\nnodes = [\"{}\"]\n[evidence]\nminimum = \"stated\"\n[roles.media]\ncountries = [\"US\"]",
        to_text(&node().node)
    );
    let named = policy(&text);
    let elsewhere = Statement {
        country: Some("CN".into()),
        ..node()
    };
    assert!(judged(&named, &elsewhere, &Evidence::default(), Role::Web).allowed);
    assert_eq!(
        codes(&judged(&named, &elsewhere, &Evidence::default(), Role::Media)),
        ["RF2104"]
    );
}

#[test]
fn a_kind_of_source_that_is_asked_for_has_to_agree() {
    let asks =
        policy("[allow]\ncountries = [\"CA\"]\n[evidence]\nminimum = \"stated\"\nsources = [\"registry\"]");
    assert!(judged(&asks, &node(), &only("registry CA"), Role::Media).allowed);
    assert_eq!(
        codes(&judged(&asks, &node(), &only("geoip CA"), Role::Media)),
        ["RF2112"]
    );
    assert_eq!(
        codes(&judged(&asks, &node(), &Evidence::default(), Role::Media)),
        ["RF2112"]
    );
}

#[test]
fn a_registry_that_names_no_country_says_nothing() {
    let decision = judged(&word_of_canada(), &node(), &only("registry EU"), Role::Media);
    assert_eq!((decision.allowed, decision.standing), (true, Standing::Stated));
}

#[test]
fn a_private_address_rests_on_the_operators_word_alone() {
    let asks = policy("[allow]\ncountries = [\"CA\"]");
    for address in [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "169.254.1.1",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:10.0.0.1",
    ] {
        let here = Statement {
            addresses: vec![address.into()],
            ..node()
        };
        let mut evidence = only("registry CA");
        evidence.sources.push(Source {
            kind: Kind::Geoip,
            ..evidence.sources[0].clone()
        });
        for source in &mut evidence.sources {
            source.address = address.into();
        }
        let decision = judged(&asks, &here, &evidence, Role::Media);
        assert_eq!(codes(&decision), ["RF2108", "RF2113"], "{address}");
        assert!(
            judged(&word_of_canada(), &here, &evidence, Role::Media).allowed,
            "{address}"
        );
    }
}

#[test]
fn one_unplaced_address_is_enough_to_lower_the_standing() {
    let asks = policy("[allow]\ncountries = [\"CA\"]");
    let two = Statement {
        addresses: vec!["203.0.113.7".into(), "203.0.113.8".into()],
        ..node()
    };
    let mut evidence = only("registry CA");
    evidence.sources.push(Source {
        kind: Kind::Geoip,
        ..evidence.sources[0].clone()
    });
    assert!(judged(&asks, &node(), &evidence, Role::Media).allowed);
    assert_eq!(codes(&judged(&asks, &two, &evidence, Role::Media)), ["RF2108"]);
}

#[test]
fn data_from_the_future_can_lower_and_never_raise() {
    let asks = policy("[allow]\ncountries = [\"CA\"]");
    let later = |country: &str| {
        let mut evidence = only(&format!("registry {country}"));
        evidence.sources.push(Source {
            kind: Kind::Geoip,
            ..evidence.sources[0].clone()
        });
        for source in &mut evidence.sources {
            source.date = NOW + 1;
        }
        judged(&asks, &node(), &evidence, Role::Media).standing
    };
    assert_eq!(
        (later("CA"), later("CN")),
        (Standing::Stated, Standing::Violation)
    );
}

#[test]
fn places_are_ruled_out_for_nodes_that_clients_reach() {
    let excludes =
        policy("[allow]\ncountries = [\"CA\"]\n[evidence]\nminimum = \"stated\"\nexclude = [\"CN\", \"RU\"]");
    let decision = judged(&excludes, &node(), &Evidence::default(), Role::Media);
    assert_eq!(
        (codes(&decision), decision.not_excluded.join(" ")),
        (vec!["RF2109"], "CN RU".to_owned())
    );
    assert_eq!(
        codes(&judged(&excludes, &node(), &Evidence::default(), Role::Web)),
        ["RF2109"],
        "another leg of a node that carries media"
    );
    let store = Statement {
        roles: vec![Role::Storage],
        ..node()
    };
    assert!(judged(&excludes, &store, &Evidence::default(), Role::Storage).allowed);
}

#[test]
fn a_decision_that_is_tampered_with_proves_nothing() {
    let mut decision = decided(&policy(""), &node(), None);
    decision.allowed = true;
    assert!(decision.inside(()).is_none());
}

#[test]
fn every_refusal_says_what_would_have_to_change() {
    let strict =
        policy("[allow]\ncountries = [\"US\"]\noperators = [\"x\"]\n[evidence]\nminimum = \"proven\"");
    let decision = decided(&strict, &node(), Some("198.51.100.1"));
    assert!(decision.reasons.len() >= 3);
    for reason in decision.reasons {
        assert!(
            reason.text.contains("would have to") || reason.text.contains("asks for"),
            "{}",
            reason.text
        );
    }
}

proptest! {
    /// Whatever the fence and the node say: total, and more evidence asked for never allows more.
    #[test]
    fn a_stricter_minimum_never_allows_more(
        countries in prop::collection::vec(prop::sample::select(vec!["CA", "US", "CN", "eu@2026-01"]), 0..3),
        country in prop::option::of(prop::sample::select(vec!["CA", "US", "CN", "DE"])),
        law in prop::collection::vec(prop::sample::select(vec!["CA", "US", "CN", "DE"]), 0..3),
        time in NOW - 2 * DAY..NOW + 2 * DAY,
        named in any::<bool>(),
    ) {
        let text = |minimum: &str| {
            let list: Vec<_> = countries.iter().map(|c| format!("\"{c}\"")).collect();
            let nodes = if named { format!("\"{}\"", to_text(&node().node)) } else { String::new() };
            format!("[allow]\ncountries = [{}]\nnodes = [{nodes}]\n[evidence]\nminimum = \"{minimum}\"", list.join(","))
        };
        let node = Statement {
            country: country.map(str::to_owned),
            law: law.iter().map(|l| l.to_string()).collect(),
            ..node()
        };
        let allowed = |minimum: &str| {
            let decision = decide(
                &policy(&text(minimum)), Ok(&source(&node)), &Evidence::default(), Role::Media, None, time,
            );
            assert!(!decision.reasons.is_empty());
            decision.allowed
        };
        let (stated, consistent, proven) = (allowed("stated"), allowed("consistent"), allowed("proven"));
        prop_assert!(stated >= consistent && consistent >= proven);
        // Outside its dates nothing is inside.
        prop_assert!(!stated || (NOW - DAY..NOW + DAY).contains(&time));
    }
}
