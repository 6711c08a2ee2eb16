//! The presets that ship with the product. Not here: which of them a server can satisfy (`preview`).
use crate::Policy;
use ringfence_signed::{B32, Error, Result, to_text};
use serde::{Deserialize, Serialize};

/// The preset that is chosen when nobody chooses.
pub const DEFAULT: &str = "only-this-server";

const FILES: [(&str, &str); 11] = [
    (
        "only-this-server",
        include_str!("../presets/only-this-server.toml"),
    ),
    ("eu", include_str!("../presets/eu.toml")),
    ("eea", include_str!("../presets/eea.toml")),
    ("eea-adequate", include_str!("../presets/eea-adequate.toml")),
    ("uk", include_str!("../presets/uk.toml")),
    ("ch", include_str!("../presets/ch.toml")),
    ("ca", include_str!("../presets/ca.toml")),
    ("bc-fippa-2019", include_str!("../presets/bc-fippa-2019.toml")),
    ("us", include_str!("../presets/us.toml")),
    ("world-except-cn", include_str!("../presets/world-except-cn.toml")),
    (
        "world-except-cn-ru-by",
        include_str!("../presets/world-except-cn-ru-by.toml"),
    ),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    date: String,
    source: String,
    caveat: String,
    sentence: String,
    policy: toml::Table,
}

/// A dated starting point for a fence, with what it is not.
#[derive(Debug, Clone, Serialize)]
pub struct Preset {
    pub id: &'static str,
    pub title: String,
    pub date: String,
    pub source: String,
    pub caveat: String,
    pub sentence: String,
    pub default: bool,
}

fn read(text: &str) -> File {
    toml::from_str(text).expect("the presets we ship are valid")
}

pub fn presets() -> Vec<Preset> {
    let preset = |(id, text): &(&'static str, &str)| {
        let File {
            title,
            date,
            source,
            caveat,
            sentence,
            ..
        } = read(text);
        Preset {
            id,
            title,
            date,
            source,
            caveat,
            sentence,
            default: *id == DEFAULT,
        }
    };
    FILES.iter().map(preset).collect()
}

/// The policy of a preset; `this` is the key that `only-this-server` names.
///
/// Errors: `RF2002` for an id that is not among [`presets`].
pub fn policy(id: &str, this: &B32) -> Result<Policy> {
    let (_, text) = FILES
        .iter()
        .find(|(known, _)| *known == id)
        .ok_or_else(|| Error::new("RF2002", format!("there is no preset `{id}`")))?;
    let policy = toml::to_string(&read(text).policy).expect("a table that was read can be written");
    Policy::from_toml(&policy.replace("\"THIS\"", &format!("\"{}\"", to_text(this))))
}
