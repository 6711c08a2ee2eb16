//! What a page is told about a fence before anybody signs it.
use ed25519_dalek::SigningKey;
use ringfence_fence::preview::{Choice, Preview, preview};
use ringfence_fence::{Role, Statement, Trust, preset};
use ringfence_signed::cose::{self, label};

const NOW: u64 = 1_800_000_000;

fn shown(choice: Choice, word: bool, country: Option<&str>, roles: &[Role]) -> Preview {
    let key = |seed: u8| SigningKey::from_bytes(&[seed; 32]);
    let statement = Statement {
        node: key(1).verifying_key().to_bytes(),
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
    let inner = cose::sign(label::NODE, &statement.encode(), &key(1));
    let document = cose::sign(label::STATEMENT, &inner, &key(2));
    let trust = Trust {
        operators: [("me".to_owned(), key(2).verifying_key().to_bytes())].into(),
        ..Trust::default()
    };
    preview(choice, word, &document, &trust, &[], &[], NOW).unwrap()
}

#[test]
fn what_has_to_be_ruled_out_is_no_reason_against_a_server_that_nobody_has_measured() {
    let fence = "name = \"x\"\nversion = 1\n[allow]\ncountries = [\"CA\"]\n[evidence]\nminimum = \"stated\"\nexclude = [\"CN\"]\n";
    let seen = shown(Choice::Toml(fence), false, Some("CA"), &[Role::Media]);
    assert_eq!((seen.allowed, seen.policy.exclude), (1, vec!["CN".to_owned()]));
    assert!(seen.sentences.join(" ").contains("CN"));
}

fn codes(preview: &Preview) -> Vec<&str> {
    let all = preview.decisions.iter().flat_map(|decision| &decision.reasons);
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
            (at(false).allowed, codes(&at(false))),
            (0, vec!["RF2108", "RF2113"]),
            "{id}"
        );
        assert_eq!(at(true).allowed, 1, "{id}");
    }
}

#[test]
fn an_operator_who_says_no_country_can_only_be_named() {
    let by_country = shown(Choice::Preset("ca"), true, None, &[Role::Media]);
    assert_eq!(by_country.allowed, 0);
    let named = shown(Choice::Preset("only-this-server"), false, None, &[Role::Media]);
    assert_eq!((named.allowed, named.of, codes(&named)), (1, 1, vec!["RF2100"]));
}

#[test]
fn a_node_whose_operator_is_silent_about_media_is_refused() {
    let silent = shown(Choice::Preset("only-this-server"), false, None, &[Role::Web]);
    assert_eq!((silent.allowed, codes(&silent)), (0, vec!["RF2100", "RF2106"]));
}

#[test]
fn an_owner_may_write_their_own() {
    let text = "name = \"x\"\nversion = 1\n[allow]\ncountries = [\"CA\"]";
    let own = shown(Choice::Toml(text), true, Some("CA"), &[Role::Media]);
    assert_eq!(own.allowed, 1);
    assert!(own.sentences.iter().any(|sentence| sentence.contains("CA")));
}
