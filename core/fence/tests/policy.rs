//! How policies are read and written.
use proptest::prelude::*;
use ringfence_fence::{Policy, preset};

#[test]
fn every_preset_reads_explains_itself_and_survives_its_canonical_form() {
    let presets = preset::presets();
    assert_eq!(presets.len(), 11);
    assert_eq!(
        presets
            .iter()
            .filter(|p| p.default)
            .map(|p| p.id)
            .collect::<Vec<_>>(),
        ["only-this-server"]
    );
    for shown in presets {
        assert!(
            !shown.caveat.is_empty() && !shown.source.is_empty() && !shown.caveat.contains("is compliant"),
            "{}",
            shown.id
        );
        let policy = preset::policy(shown.id, &[7; 32]).unwrap();
        assert!(!policy.explain().is_empty());
        assert_eq!(Policy::decode(&policy.encode()).unwrap(), policy, "{}", shown.id);
    }
}

#[test]
fn mistakes_are_refused_with_their_place() {
    let table = [
        (
            "an unknown key",
            "name = \"x\"\nversion = 1\ncountry = [\"CA\"]",
            "line 3",
        ),
        (
            "an unknown key in allow",
            "name = \"x\"\nversion = 1\n[allow]\nplaces = []",
            "line 4",
        ),
        (
            "an unknown country",
            "name=\"x\"\nversion=1\n[allow]\ncountries=[\"XX\"]",
            "`XX`",
        ),
        (
            "a country in small letters",
            "name=\"x\"\nversion=1\n[allow]\ncountries=[\"ca\"]",
            "`ca`",
        ),
        (
            "an unknown group",
            "name=\"x\"\nversion=1\n[allow]\ncountries=[\"eu@1999-01\"]",
            "eu@1999-01",
        ),
        (
            "a star for countries",
            "name=\"x\"\nversion=1\n[allow]\ncountries=[\"*\"]",
            "world-except",
        ),
        (
            "an unknown role",
            "name=\"x\"\nversion=1\n[roles.cook]\ncountries=[]",
            "cook",
        ),
        ("an unknown version", "name=\"x\"\nversion=2", "version 2"),
        ("no version", "name=\"x\"", "version"),
        (
            "an unknown standing",
            "name=\"x\"\nversion=1\n[evidence]\nminimum=\"sure\"",
            "line 4",
        ),
        (
            "a node that is no key",
            "name=\"x\"\nversion=1\n[allow]\nnodes=[\"abc\"]",
            "abc",
        ),
    ];
    for (what, text, says) in table {
        let error = Policy::from_toml(text).unwrap_err();
        assert_eq!(error.code, "RF2001", "{what}");
        assert!(error.detail.contains(says), "{what}: {}", error.detail);
    }
}

#[test]
fn law_left_out_means_the_countries() {
    let policy = Policy::from_toml("name=\"x\"\nversion=1\n[allow]\ncountries=[\"CA\"]").unwrap();
    assert_eq!(policy.law, ["CA"]);
}

proptest! {
    #[test]
    fn arbitrary_text_and_bytes_never_panic(text in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Policy::from_toml(&text);
        let _ = Policy::decode(&bytes);
    }
}
