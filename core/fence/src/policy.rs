//! A policy: its rules, and its canonical CBOR that the charter signs.
//! Not here: what owners write (`written`), what it means for a node (`decide`), its words for people (`explain`).
use crate::evidence::Kind;
use crate::{Role, groups};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B32, Error, Result};
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    pub countries: Option<Vec<String>>,
    pub law: Option<Vec<String>>,
    pub operators: Option<Vec<String>>,
}

/// What holds for one node and role; `None` is no condition.
pub(crate) struct Applied<'a> {
    pub countries: Option<&'a [String]>,
    pub law: Option<&'a [String]>,
    pub operators: Option<&'a [String]>,
}

/// The rules of a meeting's owner about servers, whole and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub name: String,
    pub countries: Vec<String>,
    pub law: Vec<String>,
    pub operators: Vec<String>,
    pub nodes: Vec<B32>,
    pub minimum: Minimum,
    pub exclude: Vec<String>,
    /// How many lying observers to withstand: counts once round trips are measured.
    pub liars: u64,
    /// Kinds of data set that have to be among those that agree.
    pub sources: Vec<Kind>,
    pub roles: BTreeMap<Role, Rule>,
}

pub(crate) fn invalid(detail: impl Into<String>) -> Error {
    Error::new("RF2001", detail)
}

impl Policy {
    /// The same without what has to be ruled out: before a node can be measured it has to be contacted.
    pub fn before_measuring(&self) -> Policy {
        Policy {
            exclude: vec![],
            ..self.clone()
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
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
        for (role, rule) in &self.roles {
            self.check_role(*role, rule)?;
        }
        Ok(())
    }

    pub(crate) fn check_role(&self, role: Role, rule: &Rule) -> Result<()> {
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

    /// What holds for a role: its own words, and `[allow]` where it is silent. For a node that the fence names,
    /// `[allow]` says nothing about its place, but the role's own words still hold.
    pub(crate) fn rule(&self, role: Role, named: bool) -> Applied<'_> {
        fn unless(named: bool, list: &[String]) -> Option<&[String]> {
            (!named).then_some(list)
        }
        let own = self.roles.get(&role);
        Applied {
            countries: own
                .and_then(|rule| rule.countries.as_deref())
                .or(unless(named, &self.countries)),
            law: own
                .and_then(|rule| rule.law.as_deref())
                .or(unless(named, &self.law)),
            operators: own
                .and_then(|rule| rule.operators.as_deref())
                .or(unless(named, &self.operators)),
        }
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
            (
                "sources",
                Value::Array(self.sources.iter().map(|kind| kind.name().into()).collect()),
            ),
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
        let sources = list("sources")?.into_iter().map(|kind| {
            Kind::named(&kind).ok_or_else(|| invalid(format!("`{kind}` is not a kind of source")))
        });
        let policy = Self {
            countries: list("countries")?,
            law: list("law")?,
            operators: list("operators")?,
            exclude: list("exclude")?,
            sources: sources.collect::<Result<_>>()?,
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
        Some(entry) => Err(invalid(format!("{key}: {}", place_mistake(entry)))),
    }
}

pub(crate) fn place_mistake(entry: &str) -> String {
    match entry {
        "*" => "\"*\" is not accepted here; write a group such as world-except-cn@2026-01".into(),
        _ => format!("`{entry}` is neither a country (ISO 3166-1, two capitals) nor a known group"),
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
