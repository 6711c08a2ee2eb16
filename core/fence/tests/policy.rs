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
            "line 4: `XX`",
        ),
        (
            "a country in small letters",
            "name=\"x\"\nversion=1\n[allow]\ncountries=[\"ca\"]",
            "line 4: `ca`",
        ),
        (
            "an unknown group",
            "name=\"x\"\nversion=1\n[allow]\ncountries=[\"eu@1999-01\"]",
            "line 4: `eu@1999-01`",
        ),
        (
            "a star for countries",
            "name=\"x\"\nversion=1\n[allow]\ncountries=[\"*\"]",
            "line 4: \"*\"",
        ),
        (
            "an unknown role",
            "name=\"x\"\nversion=1\n[roles.cook]\ncountries=[]",
            "line 3: `cook`",
        ),
        ("an unknown version", "name=\"x\"\nversion=2", "line 2: version 2"),
        ("no version", "name=\"x\"", "version"),
        (
            "an unknown standing",
            "name=\"x\"\nversion=1\n[evidence]\nminimum=\"sure\"",
            "line 4",
        ),
        (
            "a node that is no key",
            "name=\"x\"\nversion=1\n[allow]\nnodes=[\"abc\"]",
            "line 4: `abc`",
        ),
    ];
    for (what, text, says) in table {
        let error = Policy::from_toml(text).unwrap_err();
        assert_eq!(error.code, "RF2001", "{what}");
        assert!(error.detail.contains(says), "{what}: {}", error.detail);
    }
}

#[test]
fn every_mistake_is_named_with_its_line() {
    let text = "name=\"x\"\nversion=3\n[allow]\ncountries=[\"CA\", \"XX\"]\n[evidence]\nexclude=[\"ZZ\"]\nsources=[\"guess\"]";
    let detail = Policy::from_toml(text).unwrap_err().detail;
    let starts: Vec<_> = detail
        .lines()
        .map(|line| line.split('`').next().unwrap())
        .collect();
    assert_eq!(
        starts,
        [
            "line 2: version 3 is not known; this is version 1",
            "line 4: ",
            "line 6: ",
            "line 7: "
        ]
    );
}

#[test]
fn a_role_that_allows_more_is_refused_with_its_line() {
    let text = "name=\"x\"\nversion=1\n[allow]\ncountries=[\"CA\"]\n\n[roles.media]\ncountries=[\"US\"]";
    let detail = Policy::from_toml(text).unwrap_err().detail;
    assert!(
        detail.starts_with("line 6: roles.media.countries allows more"),
        "{detail}"
    );
}

#[test]
fn every_rule_that_says_something_is_explained() {
    let text = "name=\"x\"\nversion=1\n[allow]\ncountries=[\"CA\",\"US\"]\noperators=[\"coop\"]\n[evidence]\nexclude=[\"CN\"]\nsources=[\"registry\"]\n[roles.storage]\ncountries=[\"CA\"]";
    let said = Policy::from_toml(text).unwrap().explain().join("\n");
    for word in ["CA, US", "coop", "CN", "registry", "storage", "countries CA"] {
        assert!(said.contains(word), "{word}: {said}");
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
