//! What an operator signs of a node, read and written; and whose signatures count.
//! Not here: whether the node may be used (`decide`).
use crate::{Role, groups};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B32, Error, Result, cose, hash, to_text};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

const MAX_ENTRIES: usize = 100;
const MAX_TEXT: usize = 200;

/// Operator id → the key that the owner takes for that operator's.
pub type Operators = BTreeMap<String, B32>;

/// Whose word counts: part of the charter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    pub operators: Operators,
    /// Where each route has to be written down; without one, nobody is held to it.
    pub log: Option<Log>,
    /// Keys of the beacons whose places are known, and so prove.
    pub beacons: BTreeSet<B32>,
    /// Digests of the data sets whose agreement counts.
    pub data: BTreeSet<B32>,
}

/// A log of routes, as its checkpoints name it, and the key that signs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    pub origin: String,
    pub key: B32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    pub name: String,
    pub law: Vec<String>,
}

/// Where a node is said to be, in hundred-thousandths of a degree (about a metre).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coordinates {
    lat: i32,
    lon: i32,
}

impl Coordinates {
    /// Of degrees north and east. Errors: `RF2011` when it is no place on Earth.
    pub fn new(lat: f64, lon: f64) -> Result<Self> {
        // What is no number is in no range.
        if !(-90.0..=90.0).contains(&lat) || !(-180.0..=180.0).contains(&lon) {
            return Err(Error::new("RF2011", "`lat` and `lon` are no place on Earth"));
        }
        let whole = |degrees: f64| (degrees * 1e5).round() as i32;
        Ok(Self {
            lat: whole(lat),
            lon: whole(lon),
        })
    }

    /// Latitude and longitude in degrees.
    pub fn degrees(self) -> (f64, f64) {
        (f64::from(self.lat) / 1e5, f64::from(self.lon) / 1e5)
    }

    /// Latitude and longitude as a signed document has them.
    pub fn hundred_thousandths(self) -> (i64, i64) {
        (self.lat.into(), self.lon.into())
    }

    /// Of what a signed document has. Errors: `RF2011` when it is no place on Earth.
    pub fn of(lat: i64, lon: i64) -> Result<Self> {
        let none = || Error::new("RF2011", "`lat` and `lon` are no place on Earth");
        Self::read(Some(lat), Some(lon))?.ok_or_else(none)
    }

    fn read(lat: Option<i64>, lon: Option<i64>) -> Result<Option<Self>> {
        match (lat, lon) {
            (None, None) => Ok(None),
            (Some(lat @ -9_000_000..=9_000_000), Some(lon @ -18_000_000..=18_000_000)) => Ok(Some(Self {
                lat: lat as i32,
                lon: lon as i32,
            })),
            _ => Err(Error::new("RF2011", "`lat` and `lon` are no place on Earth")),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub node: B32,
    pub name: String,
    pub serial: u64,
    pub operator: String,
    pub operator_name: String,
    pub law: Vec<String>,
    /// Has to be present, even if empty: silence is unknown.
    pub parents: Vec<Parent>,
    /// `None`: the operator will not say. Such a node can be used only by being named.
    pub country: Option<String>,
    pub place: Option<String>,
    pub coordinates: Option<Coordinates>,
    pub roles: Vec<Role>,
    pub addresses: Vec<String>,
    /// Unix seconds.
    pub from: u64,
    pub until: u64,
}

/// A statement together with how much it is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementSource {
    pub(crate) statement: Statement,
    pub(crate) hash: B32,
    /// Nobody signed it: what is decided of it is a rehearsal, and puts nothing inside a fence.
    pub(crate) draft: bool,
}

impl StatementSource {
    /// Reads a statement that the operator and the node have both signed.
    ///
    /// Errors: `RF2010` when the operator is not one that the owner trusts, `RF2011` when a signature or a
    /// field is wrong.
    pub fn verify(document: &[u8], trust: &Trust) -> Result<Self> {
        let bad = |what: &str| Error::new("RF2011", what);
        let inner = cose::unverified_payload(document).map_err(|_| bad("not a signed statement"))?;
        let payload =
            cose::unverified_payload(&inner).map_err(|_| bad("the node's own signature is missing"))?;
        let statement = Statement::decode(&payload)?;
        let key = trust.operators.get(&statement.operator).ok_or_else(|| {
            Error::new(
                "RF2010",
                format!("the owner does not trust an operator `{}`", statement.operator),
            )
        })?;
        cose::verify(cose::label::STATEMENT, document, key)
            .map_err(|_| bad("the operator's signature does not match the key that the owner trusts"))?;
        cose::verify(cose::label::NODE, &inner, &statement.node)
            .map_err(|_| bad("the node's own signature does not match"))?;
        Ok(Self {
            statement,
            hash: hash(document),
            draft: false,
        })
    }

    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    pub fn hash(&self) -> B32 {
        self.hash
    }
}

impl Statement {
    pub fn encode(&self) -> Vec<u8> {
        let texts = |list: &[String]| Value::Array(list.iter().map(|t| t.as_str().into()).collect());
        let parents = self.parents.iter();
        let parents = parents.map(|p| cbor::map([("name", p.name.as_str().into()), ("law", texts(&p.law))]));
        cbor::encode(&cbor::map([
            ("node", cbor::bytes(&self.node)),
            ("name", self.name.as_str().into()),
            ("serial", self.serial.into()),
            ("operator", self.operator.as_str().into()),
            ("operator_name", self.operator_name.as_str().into()),
            ("law", texts(&self.law)),
            ("parents", Value::Array(parents.collect())),
            ("country", cbor::nullable(self.country.clone())),
            ("place", cbor::nullable(self.place.clone())),
            (
                "lat",
                cbor::nullable(self.coordinates.map(|at| i64::from(at.lat))),
            ),
            (
                "lon",
                cbor::nullable(self.coordinates.map(|at| i64::from(at.lon))),
            ),
            (
                "roles",
                Value::Array(self.roles.iter().map(|r| r.name().into()).collect()),
            ),
            ("addresses", texts(&self.addresses)),
            ("from", self.from.into()),
            ("until", self.until.into()),
        ]))
    }

    /// Errors: `RF2011` and those of reading canonical CBOR.
    pub fn decode(payload: &[u8]) -> Result<Self> {
        let mut map = Map::decode(payload)?;
        let list = |map: &mut Map, key: &str| -> Result<Vec<String>> {
            map.array(key)?
                .into_iter()
                .map(|item| cbor::as_text(item, key))
                .collect()
        };
        let mut parents = vec![];
        for parent in map.array("parents")? {
            let mut parent = Map::from_value(parent)?;
            parents.push(Parent {
                name: parent.text("name")?,
                law: list(&mut parent, "law")?,
            });
            parent.finish()?;
        }
        let roles = list(&mut map, "roles")?.into_iter().map(|name| {
            Role::named(&name).ok_or_else(|| Error::new("RF2011", format!("`{name}` is not a role")))
        });
        let statement = Self {
            roles: roles.collect::<Result<_>>()?,
            node: map.fixed("node")?,
            name: map.text("name")?,
            serial: map.uint("serial")?,
            operator: map.text("operator")?,
            operator_name: map.text("operator_name")?,
            law: list(&mut map, "law")?,
            parents,
            country: map.nullable("country", cbor::as_text)?,
            place: map.nullable("place", cbor::as_text)?,
            coordinates: Coordinates::read(
                map.nullable("lat", cbor::as_int)?,
                map.nullable("lon", cbor::as_int)?,
            )?,
            addresses: list(&mut map, "addresses")?,
            from: map.uint("from")?,
            until: map.uint("until")?,
        };
        map.finish()?;
        statement.check()?;
        Ok(statement)
    }

    /// Whether what it says can be compared at all. Errors: `RF2011`.
    pub(crate) fn check(&self) -> Result<()> {
        let bad = |what: String| Err(Error::new("RF2011", what));
        let is_address = |text: &&String| text.parse::<IpAddr>().is_ok_and(|ip| ip.to_string() == **text);
        if let Some(address) = self.addresses.iter().find(|text| !is_address(text)) {
            return bad(format!("`{address}` is not an address in its shortest form"));
        }
        let laws = self
            .law
            .iter()
            .chain(self.parents.iter().flat_map(|parent| &parent.law));
        if let Some(code) = laws.chain(&self.country).find(|code| !groups::is_country(code)) {
            return bad(format!("`{code}` is not a country (ISO 3166-1, two capitals)"));
        }
        if self.operator.is_empty() || self.operator == "*" {
            return bad("the operator has no id".into());
        }
        let twice = |(at, role): (usize, &Role)| self.roles[..at].contains(role);
        if self.roles.iter().enumerate().any(twice) {
            return bad("a role is listed twice".into());
        }
        let longest = [self.addresses.len(), self.law.len(), self.parents.len()];
        if longest.into_iter().any(|length| length > MAX_ENTRIES) {
            return bad(format!("a list is longer than {MAX_ENTRIES}"));
        }
        let texts = [&self.name, &self.operator, &self.operator_name];
        let texts = texts
            .into_iter()
            .chain(&self.place)
            .chain(self.parents.iter().map(|p| &p.name));
        if texts
            .into_iter()
            .any(|text| text.len() > MAX_TEXT || text.chars().any(char::is_control))
        {
            return bad(format!(
                "a name is longer than {MAX_TEXT} bytes or holds control characters"
            ));
        }
        Ok(())
    }

    /// The node's key, as people and programs write it.
    pub fn node_text(&self) -> String {
        to_text(&self.node)
    }
}
