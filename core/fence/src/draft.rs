//! What somebody wrote as JSON for the command line: a statement that nobody signed, evidence, and whose word counts.
//! Not here: deciding (`decide`). Clients are built without this file.
use crate::evidence::{Kind, Observer, Source, Trip};
use crate::geometry::Place;
use crate::{Coordinates, Evidence, Parent, Role, Statement, StatementSource, Trust};
use ringfence_signed::{B32, Error, Result, from_text_exact, to_text};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Longest text that is read (bytes) and most entries of one list.
const MAX_BYTES: usize = 4 << 20;
const MAX_ENTRIES: usize = 10_000;
/// Longest name of a data set (bytes).
const MAX_NAME: usize = 200;

/// Of a structure, serde also takes its values in a row, without their names: nobody means that.
type Object = serde_json::Map<String, Value>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStatement {
    node: Option<String>,
    name: Option<String>,
    #[serde(default)]
    serial: u64,
    operator: Option<Object>,
    country: Option<String>,
    place: Option<String>,
    lat: Option<f64>,
    lon: Option<f64>,
    roles: Option<Vec<String>>,
    addresses: Option<Vec<String>>,
    from: Option<String>,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOperator {
    id: Option<String>,
    name: Option<String>,
    law: Option<Vec<String>>,
    parents: Option<Vec<Object>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenParent {
    name: Option<String>,
    law: Option<Vec<String>>,
}

/// What is missing of a statement, or what is wrong with it.
pub enum Unusable {
    /// It says too little for anything to be decided: the node is `unknown`.
    Incomplete(Error),
    /// It cannot be read at all.
    Malformed(Error),
}

fn invalid(detail: impl Into<String>) -> Unusable {
    Unusable::Malformed(Error::new("RF2011", detail))
}

fn within<T: DeserializeOwned>(object: Object) -> std::result::Result<T, Unusable> {
    serde_json::from_value(Value::Object(object)).map_err(|error| invalid(error.to_string()))
}

fn needed<T>(field: Option<T>, name: &str) -> std::result::Result<T, Unusable> {
    field.ok_or_else(|| {
        Unusable::Incomplete(Error::new(
            "RF2011",
            format!("`{name}` is missing, and silence is unknown"),
        ))
    })
}

/// Reads a statement as its operator would write it; `serial`, `country`, `place`, `lat` and `lon` may be left out.
pub fn statement(text: &str) -> std::result::Result<StatementSource, Unusable> {
    let written: WrittenStatement = read(text, "RF2011").map_err(Unusable::Malformed)?;
    let operator: WrittenOperator = within(needed(written.operator, "operator")?)?;
    let roles = needed(written.roles, "roles")?;
    let roles = roles
        .iter()
        .map(|role| Role::named(role).ok_or_else(|| invalid(format!("`{role}` is not a role"))));
    let coordinates = match (written.lat, written.lon) {
        (None, None) => None,
        (Some(lat), Some(lon)) => Some(Coordinates::new(lat, lon).map_err(Unusable::Malformed)?),
        _ => return Err(invalid("one of `lat` and `lon` is missing")),
    };
    let parents = needed(operator.parents, "operator.parents")?
        .into_iter()
        .map(|parent| {
            let parent: WrittenParent = within(parent)?;
            Ok(Parent {
                name: needed(parent.name, "name of a parent")?,
                law: needed(parent.law, "law of a parent")?,
            })
        });
    let addresses = needed(written.addresses, "addresses")?.into_iter();
    let addresses = addresses.map(|text| address(text).map_err(invalid));
    let node = needed(written.node, "node")?;
    let time = |field: Option<String>, name| {
        moment(&needed(field, name)?).map_err(|what| invalid(format!("`{name}`: {what}")))
    };
    let statement = Statement {
        node: from_text_exact(&node)
            .map_err(|_| invalid(format!("`{node}` is not a node's key (43 letters of base64url)")))?,
        name: needed(written.name, "name")?,
        serial: written.serial,
        operator: needed(operator.id, "operator.id")?,
        operator_name: needed(operator.name, "operator.name")?,
        law: needed(operator.law, "operator.law")?,
        parents: parents.collect::<std::result::Result<_, _>>()?,
        country: written.country,
        place: written.place,
        coordinates,
        roles: roles.collect::<std::result::Result<_, _>>()?,
        addresses: addresses.collect::<std::result::Result<_, _>>()?,
        from: time(written.from, "from")?,
        until: time(written.until, "until")?,
    };
    unsigned(statement).map_err(Unusable::Malformed)
}

/// A statement that nobody signed. Errors: `RF2011` where it could not be signed, either.
pub fn unsigned(statement: Statement) -> Result<StatementSource> {
    statement.check()?;
    // Of what is signed, the hash is of the document; a draft is known by what it says.
    let hash = ringfence_signed::hash(&statement.encode());
    Ok(StatementSource {
        statement,
        hash,
        draft: true,
    })
}

/// A statement as [`statement`] reads it.
pub fn written(statement: &Statement) -> Value {
    let parents = statement.parents.iter();
    let degrees = statement.coordinates.map(Coordinates::degrees);
    json!({
        "node": to_text(&statement.node),
        "name": statement.name,
        "serial": statement.serial,
        "operator": {
            "id": statement.operator,
            "name": statement.operator_name,
            "law": statement.law,
            "parents": parents.map(|p| json!({"name": p.name, "law": p.law})).collect::<Vec<_>>(),
        },
        "country": statement.country,
        "place": statement.place,
        "lat": degrees.map(|(lat, _)| lat),
        "lon": degrees.map(|(_, lon)| lon),
        "roles": statement.roles,
        "addresses": statement.addresses,
        "from": told(statement.from),
        "until": told(statement.until),
    })
}

/// Whose word counts, as an owner would write it: keys in base64url, data sets by the SHA-256 of their file in hex.
#[derive(Debug, Clone, Default)]
pub struct Trusted {
    pub operators: Trust,
    beacons: BTreeSet<B32>,
    datasets: BTreeSet<String>,
}

impl Trusted {
    /// Whether the data set of this SHA-256, in hexadecimal digits, counts.
    pub fn pins(&self, digest: &str) -> bool {
        self.datasets.contains(digest)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTrust {
    #[serde(default)]
    operators: BTreeMap<String, String>,
    #[serde(default)]
    beacons: Vec<String>,
    #[serde(default)]
    datasets: Vec<String>,
}

/// Errors: `RF2004`.
pub fn trusted(text: &str) -> Result<Trusted> {
    let bad = |what: String| Error::new("RF2004", what);
    let written: WrittenTrust = read(text, "RF2004")?;
    let key = |text: &String| {
        from_text_exact(text).map_err(|_| bad(format!("`{text}` is not a key (43 letters of base64url)")))
    };
    let operators = written
        .operators
        .iter()
        .map(|(id, text)| Ok((id.clone(), key(text)?)));
    let is_digest =
        |text: &&String| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if let Some(digest) = written.datasets.iter().find(|text| !is_digest(text)) {
        return Err(bad(format!(
            "`{digest}` is not a SHA-256 in 64 hexadecimal digits"
        )));
    }
    Ok(Trusted {
        operators: Trust {
            operators: operators.collect::<Result<_>>()?,
            ..Trust::default()
        },
        beacons: written.beacons.iter().map(key).collect::<Result<_>>()?,
        datasets: written.datasets.into_iter().collect(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEvidence {
    sources: Vec<Object>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "lowercase")]
enum WrittenSource {
    Registry(WrittenDataSet),
    Geoip(WrittenDataSet),
    Rtt(WrittenTrip),
    Beacon(WrittenTrip),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDataSet {
    name: String,
    date: String,
    address: String,
    country: String,
    digest: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTrip {
    observer: String,
    lat: f64,
    lon: f64,
    min_ms: f64,
    samples: u32,
    at: String,
    address: String,
    #[serde(default)]
    confirmed: bool,
}

/// Without `trusted`, every beacon and data set counts. Errors: `RF2003` with the entry that is wrong.
pub fn evidence(text: &str, trusted: Option<&Trusted>) -> Result<Evidence> {
    let written: WrittenEvidence = read(text, "RF2003")?;
    if written.sources.len() > MAX_ENTRIES {
        return Err(Error::new("RF2003", format!("more than {MAX_ENTRIES} sources")));
    }
    let mut evidence = Evidence::default();
    for (at, entry) in written.sources.into_iter().enumerate() {
        let bad = |what: String| Error::new("RF2003", format!("source {}: {what}", at + 1));
        match serde_json::from_value(Value::Object(entry)).map_err(|error| bad(error.to_string()))? {
            WrittenSource::Registry(set) => evidence
                .sources
                .push(set.read(Kind::Registry, trusted).map_err(bad)?),
            WrittenSource::Geoip(set) => evidence
                .sources
                .push(set.read(Kind::Geoip, trusted).map_err(bad)?),
            WrittenSource::Rtt(trip) => evidence.trips.push(trip.read(false, trusted).map_err(bad)?),
            WrittenSource::Beacon(trip) => evidence.trips.push(trip.read(true, trusted).map_err(bad)?),
        }
    }
    Ok(evidence)
}

impl WrittenDataSet {
    fn read(self, kind: Kind, trusted: Option<&Trusted>) -> std::result::Result<Source, String> {
        self.digest.iter().try_for_each(digest)?;
        let digest = self.digest.as_deref();
        if self.name.len() > MAX_NAME || self.name.chars().any(char::is_control) {
            return Err(format!(
                "`name` is longer than {MAX_NAME} bytes or holds control characters"
            ));
        }
        Ok(Source {
            kind,
            date: moment(&format!("{}T00:00:00Z", self.date))
                .map_err(|_| format!("`{}` is not a date", self.date))?,
            address: address(self.address)?,
            pinned: trusted
                .is_none_or(|trusted| digest.is_some_and(|digest| trusted.datasets.contains(digest))),
            country: country(self.country)?,
            name: self.name,
        })
    }
}

impl WrittenTrip {
    fn read(self, beacon: bool, trusted: Option<&Trusted>) -> std::result::Result<Trip, String> {
        let observer: B32 = from_text_exact(&self.observer).map_err(|_| {
            format!(
                "`{}` is not an observer's key (43 letters of base64url)",
                self.observer
            )
        })?;
        if !(self.min_ms.is_finite() && self.min_ms >= 0.0) {
            return Err("`min_ms` is not a time".into());
        }
        if self.samples == 0 {
            return Err("`samples` is 0: nothing was measured".into());
        }
        let is_pinned = trusted.is_none_or(|trusted| trusted.beacons.contains(&observer));
        Ok(Trip {
            by: match (beacon, self.confirmed) {
                (true, true) => {
                    return Err("a beacon is pinned or is not: nobody confirms where it is".into());
                }
                (true, false) if is_pinned => Observer::Beacon,
                (true, false) => Observer::Stranger,
                (false, true) => Observer::Confirmed,
                (false, false) => Observer::Participant,
            },
            observer,
            place: Place::new(self.lat, self.lon).map_err(|_| "`lat` and `lon` are no place on Earth")?,
            min_ms: self.min_ms,
            at: moment(&self.at).map_err(|what| format!("`at`: {what}"))?,
            address: address(self.address)?,
        })
    }
}

fn digest(text: &String) -> std::result::Result<(), String> {
    match text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        true => Ok(()),
        false => Err(format!("`{text}` is not a SHA-256 in 64 hexadecimal digits")),
    }
}

/// In its shortest form, as statements have to have it, so that spellings of one address are one.
fn address(text: String) -> std::result::Result<String, String> {
    let address: std::net::IpAddr = text.parse().map_err(|_| format!("`{text}` is not an address"))?;
    Ok(address.to_string())
}

/// Registries also write `EU`, and databases `XX`: two capitals that are no country say nothing.
fn country(text: String) -> std::result::Result<String, String> {
    if text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(format!("`{text}` is not a country (ISO 3166-1, two capitals)"));
    }
    Ok(text)
}

/// Unix seconds of a time as RFC 3339 writes it.
fn moment(text: &str) -> std::result::Result<u64, String> {
    let moment = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| format!("`{text}` is not a time such as 2026-11-24T02:00:00Z"))?;
    u64::try_from(moment.unix_timestamp()).map_err(|_| format!("`{text}` is before 1970"))
}

/// The other way round; what is after the year 9999 cannot be written, and is said as the end of it.
fn told(time: u64) -> String {
    const LAST: i64 = 253_402_300_799;
    let seconds = i64::try_from(time).unwrap_or(LAST).min(LAST);
    let moment = OffsetDateTime::from_unix_timestamp(seconds).expect("before the year 10000");
    moment.format(&Rfc3339).expect("a year of four digits")
}

fn read<T: DeserializeOwned>(text: &str, code: &'static str) -> Result<T> {
    if text.len() > MAX_BYTES {
        return Err(Error::new(code, format!("longer than {MAX_BYTES} bytes")));
    }
    if !text.trim_ascii_start().starts_with('{') {
        return Err(Error::new(code, "it is not a JSON object"));
    }
    serde_json::from_str(text).map_err(|error| Error::new(code, error.to_string()))
}
