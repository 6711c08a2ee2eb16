//! Which countries there are, and the named, dated groups of them (`groups.json`): a group never changes, a new list gets a
//! new date, and `except` starts from all countries and leaves out those that it names.
//! Not here: comparing a node's country with anything (`decide`).
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

const WORLD: &str = "world@2026-01";

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(rename = "source")]
    _source: String,
    #[serde(default)]
    countries: String,
    #[serde(default)]
    except: String,
}

type Groups = BTreeMap<String, BTreeSet<String>>;

fn all() -> &'static Groups {
    static GROUPS: OnceLock<Groups> = OnceLock::new();
    GROUPS.get_or_init(|| {
        let entries: BTreeMap<String, Entry> =
            serde_json::from_str(include_str!("../groups.json")).expect("the groups we ship are valid");
        let words = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<BTreeSet<_>>()
        };
        let world = words(&entries[WORLD].countries);
        let expand = |entry: &Entry| match entry.except.as_str() {
            "" => words(&entry.countries),
            except => &world - &words(except),
        };
        entries
            .iter()
            .map(|(name, entry)| (name.clone(), expand(entry)))
            .collect()
    })
}

/// Whether it is an officially assigned ISO 3166-1 alpha-2 code.
pub fn is_country(code: &str) -> bool {
    all()[WORLD].contains(code)
}

/// Whether `entry` is a country code or a group that is known.
pub fn is_known(entry: &str) -> bool {
    is_country(entry) || all().contains_key(entry)
}

/// All countries that a list of codes and groups stands for. Unknown entries stand for none.
pub fn expand(entries: &[String]) -> BTreeSet<String> {
    let mut countries = BTreeSet::new();
    for entry in entries {
        match all().get(entry) {
            Some(group) => countries.extend(group.iter().cloned()),
            None if is_country(entry) => drop(countries.insert(entry.clone())),
            None => {}
        }
    }
    countries
}

/// Every country and group that stands for nothing beyond `entries`: what a stricter list may have in it. `["*"]` is any.
#[cfg(feature = "written")]
pub fn within(entries: &[String]) -> Vec<String> {
    let allowed = match entries {
        [any] if any == "*" => all()[WORLD].clone(),
        entries => expand(entries),
    };
    let groups = all().iter().filter(|(_, group)| group.is_subset(&allowed));
    groups.map(|(name, _)| name).chain(&allowed).cloned().collect()
}
