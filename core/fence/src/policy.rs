//! A policy: what an owner writes (TOML), and what the charter signs (canonical CBOR).
//! Not here: what it means for a node (`decide`), or its words for people (`explain`).
use crate::{Role, groups};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B32, Error, Result, from_text_exact};
use serde::Deserialize;
use std::collections::BTreeMap;

const MAX_ENTRIES: usize = 300;
const MAX_NAME: usize = 120;

/// How much a claim about a node has to be worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Minimum {
    Stated,
    Consistent,
    Proven,
}

impl Minimum {
    pub fn name(self) -> &'static str {
        ["stated", "consistent", "proven"][self as usize]
    }
}

/// Who may carry a leg. Lists hold ISO codes or named groups; `["*"]` in `law` and `operators` is any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub countries: Option<Vec<String>>,
    pub law: Option<Vec<String>>,
    pub operators: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub name: String,
    pub countries: Vec<String>,
    pub law: Vec<String>,
    pub operators: Vec<String>,
    pub nodes: Vec<B32>,
    pub minimum: Minimum,
    pub exclude: Vec<String>,
    pub liars: u64,
    pub sources: Vec<String>,
    pub roles: BTreeMap<Role, Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    version: u64,
    #[serde(default)]
    allow: Allow,
    #[serde(default)]
    evidence: Evidence,
    #[serde(default)]
    roles: BTreeMap<String, Rule>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Allow {
    #[serde(default)]
    countries: Vec<String>,
    law: Option<Vec<String>>,
    operators: Option<Vec<String>>,
    #[serde(default)]
    nodes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Evidence {
    minimum: Minimum,
    exclude: Vec<String>,
    liars: u64,
    sources: Vec<String>,
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            minimum: Minimum::Consistent,
            exclude: vec![],
            liars: 0,
            sources: vec![],
        }
    }
}

fn invalid(detail: impl Into<String>) -> Error {
    Error::new("RF2001", detail)
}

impl Policy {
    /// Reads what an owner wrote.
    ///
    /// Errors: `RF2001` with what is wrong; for a mistake of spelling, with its line.
    pub fn from_toml(text: &str) -> Result<Self> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| {
                text[..span.start.min(text.len())].matches('\n').count() + 1
            });
            invalid(format!(
                "line {line}: {}",
                error.message().lines().next().unwrap_or_default()
            ))
        })?;
        if written.version != 1 {
            return Err(invalid(format!(
                "version {} is not known; this is version 1",
                written.version
            )));
        }
        let mut roles = BTreeMap::new();
        for (name, rule) in written.roles {
            let role = Role::named(&name).ok_or_else(|| invalid(format!("`{name}` is not a role")))?;
            roles.insert(role, rule);
        }
        let nodes = written.allow.nodes.iter().map(|key| {
            from_text_exact(key)
                .map_err(|_| invalid(format!("`{key}` is not a node's key (43 letters of base64url)")))
        });
        let policy = Self {
            name: written.name,
            nodes: nodes.collect::<Result<_>>()?,
            law: written
                .allow
                .law
                .unwrap_or_else(|| written.allow.countries.clone()),
            operators: written.allow.operators.unwrap_or_else(|| vec!["*".into()]),
            countries: written.allow.countries,
            minimum: written.evidence.minimum,
            exclude: written.evidence.exclude,
            liars: written.evidence.liars,
            sources: written.evidence.sources,
            roles,
        };
        policy.check()?;
        Ok(policy)
    }

    fn check(&self) -> Result<()> {
        if self.name.trim().is_empty() || self.name.len() > MAX_NAME {
            return Err(invalid(format!("the name has to have 1 to {MAX_NAME} bytes")));
        }
        check_places(&self.countries, "allow.countries", false)?;
        check_places(&self.law, "allow.law", true)?;
        check_places(&self.exclude, "evidence.exclude", false)?;
        check_operators(&self.operators, "allow.operators")?;
        if self.nodes.len() > MAX_ENTRIES {
            return Err(invalid("too many nodes"));
        }
        if let Some(kind) = self
            .sources
            .iter()
            .find(|kind| !["registry", "geoip"].contains(&kind.as_str()))
        {
            return Err(invalid(format!(
                "`{kind}` is not a kind of source: use registry or geoip"
            )));
        }
        for (role, rule) in &self.roles {
            self.check_role(*role, rule)?;
        }
        Ok(())
    }

    fn check_role(&self, role: Role, rule: &Rule) -> Result<()> {
        let looser = |what| {
            invalid(format!(
                "roles.{}.{what} allows more than [allow] does",
                role.name()
            ))
        };
        if let Some(countries) = &rule.countries {
            check_places(countries, "roles countries", false)?;
            if !groups::expand(countries).is_subset(&groups::expand(&self.countries)) {
                return Err(looser("countries"));
            }
        }
        if let Some(law) = &rule.law {
            check_places(law, "roles law", true)?;
            let any = |list: &[String]| list == ["*"];
            if !any(&self.law) && (any(law) || !groups::expand(law).is_subset(&groups::expand(&self.law))) {
                return Err(looser("law"));
            }
        }
        if let Some(operators) = &rule.operators {
            check_operators(operators, "roles operators")?;
            if self.operators != ["*"] && !operators.iter().all(|id| self.operators.contains(id)) {
                return Err(looser("operators"));
            }
        }
        Ok(())
    }

    /// The rule for a role: its own words, and `[allow]` where it is silent.
    pub(crate) fn rule(&self, role: Role) -> (&[String], &[String], &[String]) {
        let own = self.roles.get(&role);
        (
            own.and_then(|rule| rule.countries.as_deref())
                .unwrap_or(&self.countries),
            own.and_then(|rule| rule.law.as_deref()).unwrap_or(&self.law),
            own.and_then(|rule| rule.operators.as_deref())
                .unwrap_or(&self.operators),
        )
    }

    pub fn to_value(&self) -> Value {
        let nodes = Value::Array(self.nodes.iter().map(|key| cbor::bytes(key)).collect());
        let roles = self.roles.iter().map(|(role, rule)| {
            let lists = [
                ("countries", &rule.countries),
                ("law", &rule.law),
                ("operators", &rule.operators),
            ];
            let fields = lists
                .into_iter()
                .filter_map(|(key, list)| Some((Value::from(key), texts(list.as_ref()?))));
            (Value::from(role.name()), Value::Map(fields.collect()))
        });
        cbor::map([
            ("name", self.name.as_str().into()),
            ("version", 1.into()),
            ("countries", texts(&self.countries)),
            ("law", texts(&self.law)),
            ("operators", texts(&self.operators)),
            ("nodes", nodes),
            ("minimum", self.minimum.name().into()),
            ("exclude", texts(&self.exclude)),
            ("liars", self.liars.into()),
            ("sources", texts(&self.sources)),
            ("roles", Value::Map(roles.collect())),
        ])
    }

    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&self.to_value())
    }

    /// Errors: `RF2001`, and those of [`Map`].
    pub fn from_value(value: Value) -> Result<Self> {
        let mut map = Map::from_value(value)?;
        if map.uint("version")? != 1 {
            return Err(invalid("the policy's version is not known"));
        }
        let minimum = map.text("minimum")?;
        let minimum = [Minimum::Stated, Minimum::Consistent, Minimum::Proven]
            .into_iter()
            .find(|m| m.name() == minimum);
        let nodes = map
            .array("nodes")?
            .into_iter()
            .map(|key| cbor::as_fixed(key, "nodes"));
        let mut roles = BTreeMap::new();
        for (name, rule) in map.map("roles")?.into_pairs() {
            let role = Role::named(&name).ok_or_else(|| invalid("a role is not known"))?;
            let mut rule = Map::from_value(rule)?;
            let mut list = |key: &str| rule.take_optional(key).map(|v| read_texts(v, key)).transpose();
            let read = Rule {
                countries: list("countries")?,
                law: list("law")?,
                operators: list("operators")?,
            };
            rule.finish()?;
            roles.insert(role, read);
        }
        let mut list = |key: &str| read_texts(map.take(key)?, key);
        let policy = Self {
            countries: list("countries")?,
            law: list("law")?,
            operators: list("operators")?,
            exclude: list("exclude")?,
            sources: list("sources")?,
            nodes: nodes.collect::<Result<_>>()?,
            minimum: minimum.ok_or_else(|| invalid("the minimum standing is not known"))?,
            roles,
            name: map.text("name")?,
            liars: map.uint("liars")?,
        };
        map.finish()?;
        policy.check()?;
        Ok(policy)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Self::from_value(cbor::decode(bytes)?)
    }
}

fn texts(list: &[String]) -> Value {
    Value::Array(list.iter().map(|text| text.as_str().into()).collect())
}

fn read_texts(value: Value, key: &str) -> Result<Vec<String>> {
    match value {
        Value::Array(items) => items.into_iter().map(|item| cbor::as_text(item, key)).collect(),
        _ => Err(invalid(format!("`{key}` is not a list"))),
    }
}

fn check_places(list: &[String], key: &str, any: bool) -> Result<()> {
    if list.len() > MAX_ENTRIES {
        return Err(invalid(format!("{key}: too many entries")));
    }
    if any && list == ["*"] {
        return Ok(());
    }
    match list.iter().find(|entry| !groups::is_known(entry)) {
        None => Ok(()),
        Some(star) if star == "*" => Err(invalid(format!(
            "{key}: \"*\" is not accepted here; write a group such as world-except-cn@2026-01"
        ))),
        Some(entry) => Err(invalid(format!(
            "{key}: `{entry}` is neither a country (ISO 3166-1, two capitals) nor a known group"
        ))),
    }
}

fn check_operators(list: &[String], key: &str) -> Result<()> {
    let fine = |id: &String| !id.is_empty() && id.len() <= 64;
    if list.len() > MAX_ENTRIES
        || !list.iter().all(fine)
        || (list.len() > 1 && list.contains(&"*".to_owned()))
    {
        return Err(invalid(format!("{key}: ids of 1 to 64 bytes, or [\"*\"] alone")));
    }
    Ok(())
}
