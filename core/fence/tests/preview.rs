//! What a page is told about a fence before anybody signs it.
use ed25519_dalek::SigningKey;
use ringfence_fence::preview::{Choice, Preview, preview};
use ringfence_fence::{Policy, Role, Statement, Trust, preset};
use ringfence_signed::cose::{self, label};

const NOW: u64 = 1_800_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// The statement of one node, by the operator of that seed.
fn stated(node: u8, operator: u8, country: Option<&str>, roles: &[Role]) -> Vec<u8> {
    let statement = Statement {
        node: key(node).verifying_key().to_bytes(),
        name: "here".into(),
        serial: 1,
        operator: "me".into(),
        operator_name: "Me".into(),
        law: country.into_iter().map(str::to_owned).collect(),
        parents: vec![],
        country: country.map(str::to_owned),
        place: None,
        coordinates: None,
        roles: roles.to_vec(),
        addresses: vec!["127.0.0.1".into()],
        from: NOW - 1,
        until: NOW + 1,
    };
    let inner = cose::sign(label::NODE, &statement.encode(), &key(node));
    cose::sign(label::STATEMENT, &inner, &key(operator))
}

fn trust() -> Trust {
    Trust {
        operators: [("me".to_owned(), key(2).verifying_key().to_bytes())].into(),
        ..Trust::default()
    }
}

fn shown(choice: Choice, word: bool, country: Option<&str>, roles: &[Role]) -> Preview {
    let document = stated(1, 2, country, roles);
    preview(choice, word, &[&document], &trust(), &[], &[], NOW).unwrap()
}

#[test]
fn what_has_to_be_ruled_out_is_no_reason_against_a_server_that_nobody_has_measured() {
    let fence = "name = \"x\"\nversion = 1\n[allow]\ncountries = [\"CA\"]\n[evidence]\nminimum = \"stated\"\nexclude = [\"CN\"]\n";
    let seen = shown(Choice::Toml(fence), false, Some("CA"), &[Role::Media]);
    assert_eq!((seen.allowed(), seen.policy.exclude), (1, vec!["CN".to_owned()]));
    assert!(seen.sentences.join(" ").contains("CN"));
}

fn codes(preview: &Preview) -> Vec<&str> {
    let all = preview.nodes.iter().flat_map(|node| &node.decisions);
    let all = all.flat_map(|decision| &decision.reasons);
    all.map(|reason| reason.code).collect()
}

#[test]
fn a_server_on_a_private_address_satisfies_no_geography_except_by_its_operators_word() {
    for shown_preset in preset::presets().iter().filter(|preset| !preset.default) {
        let id = shown_preset.id;
        let country = match id {
            "uk" => "GB",
            "ch" => "CH",
            "ca" | "bc-fippa-2019" => "CA",
            "us" => "US",
            _ => "DE",
        };
        let at = |word| shown(Choice::Preset(id), word, Some(country), &[Role::Media]);
        assert_eq!(
            (at(false).allowed(), codes(&at(false))),
            (0, vec!["RF2108", "RF2113"]),
            "{id}"
        );
        assert_eq!(at(true).allowed(), 1, "{id}");
    }
}

#[test]
fn an_operator_who_says_no_country_can_only_be_named() {
    let by_country = shown(Choice::Preset("ca"), true, None, &[Role::Media]);
    assert_eq!(by_country.allowed(), 0);
    let named = shown(Choice::Preset("only-this-server"), false, None, &[Role::Media]);
    assert_eq!(
        (named.allowed(), named.nodes.len(), codes(&named)),
        (1, 1, vec!["RF2100"])
    );
}

#[test]
fn a_node_whose_operator_is_silent_about_media_is_refused() {
    let silent = shown(Choice::Preset("only-this-server"), false, None, &[Role::Web]);
    assert_eq!((silent.allowed(), codes(&silent)), (0, vec!["RF2100", "RF2106"]));
}

#[test]
fn an_owner_may_write_their_own() {
    let text = "name = \"x\"\nversion = 1\n[allow]\ncountries = [\"CA\"]";
    let own = shown(Choice::Toml(text), true, Some("CA"), &[Role::Media]);
    assert_eq!(own.allowed(), 1);
    assert!(own.sentences.iter().any(|sentence| sentence.contains("CA")));
}

#[test]
fn each_node_of_a_server_is_decided_about_and_the_first_is_the_one_that_is_named() {
    let documents = [
        stated(1, 2, Some("CA"), &[Role::Media]),
        stated(3, 2, Some("CN"), &[Role::Media]),
        stated(4, 9, Some("CA"), &[Role::Media]), // by somebody whom nobody trusts
        vec![0],
    ];
    let documents: Vec<_> = documents.iter().map(Vec::as_slice).collect();
    let canada =
        "name = \"x\"\nversion = 1\n[allow]\ncountries = [\"CA\"]\n[evidence]\nminimum = \"stated\"\n";
    let seen = preview(Choice::Toml(canada), false, &documents, &trust(), &[], &[], NOW).unwrap();
    let allowed: Vec<_> = seen.nodes.iter().map(|node| node.allowed()).collect();
    assert_eq!((allowed, seen.allowed()), (vec![true, false, false, false], 1));
    let first = |at: usize| seen.nodes[at].decisions[0].reasons[0].code;
    assert_eq!((first(1), first(2), first(3)), ("RF2104", "RF2102", "RF2102"));
    let here = preview(
        Choice::Preset("only-this-server"),
        false,
        &documents,
        &trust(),
        &[],
        &[],
        NOW,
    )
    .unwrap();
    assert!(here.nodes[0].allowed() && here.allowed() == 1);
    // Of the server that is asked something has to be known.
    for without in [&documents[2..], &documents[3..], &[]] {
        let refused = preview(Choice::Preset("ca"), false, without, &trust(), &[], &[], NOW);
        assert!(matches!(refused.err().unwrap().code, "RF2010" | "RF2011"));
    }
}

#[test]
fn a_role_may_name_what_the_fence_allows_and_nothing_wider() {
    let within = |allow: &str| {
        let text = format!("name = \"x\"\nversion = 1\n[allow]\n{allow}");
        let seen = shown(Choice::Toml(&text), false, None, &[Role::Media]).within;
        (seen.countries, seen.law)
    };
    assert_eq!(within("countries = []"), (vec![], vec![]));
    let two = vec!["CA".to_owned(), "US".to_owned()];
    assert_eq!(within("countries = [\"US\", \"CA\"]"), (two.clone(), two));
    let (countries, law) = within("countries = [\"eea@2026-01\"]\nlaw = [\"*\"]");
    for (place, in_countries) in [
        ("DE", true),
        ("eu@2026-01", true),
        ("CH", false),
        ("world@2026-01", false),
    ] {
        let has = |list: &[String]| list.iter().any(|one| one == place);
        assert_eq!((has(&countries), has(&law)), (in_countries, true), "{place}");
        // It is the same that reading a policy says.
        let role = format!(
            "name = \"x\"\nversion = 1\n[allow]\ncountries = [\"eea@2026-01\"]\n[roles.storage]\ncountries = [\"{place}\"]"
        );
        assert_eq!(Policy::from_toml(&role).is_ok(), in_countries, "{place}");
    }
}
