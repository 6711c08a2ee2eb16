//! MMDB databases, as MaxMind, DB-IP, IPinfo and others publish them: the country where somebody thinks that an address is,
//! the network that it is in, or both.
//! Not here: other files (`read`).
use crate::country::Country;
use crate::networks::Table;
use crate::read::{Said, unreadable};
use maxminddb::{MaxMindDbError, Reader, WithinOptions};
use ringfence_fence::evidence::Kind;
use ringfence_signed::{Error, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What stands before the metadata at the end of every such file.
const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";
/// The metadata is in the last 128 KiB.
const WITHIN: usize = 128 * 1024;
/// More networks than any database has. A tree of some nodes that refer to each other can pretend to have 2^127.
const MAX_NETWORKS: usize = 30_000_000;

pub(crate) fn is_database(bytes: &[u8]) -> bool {
    let end = &bytes[bytes.len().saturating_sub(WITHIN)..];
    end.windows(MARKER.len()).any(|window| window == MARKER)
}

/// Where publishers put it: `country.iso_code`, or `country_code`, or `country` itself.
#[derive(Deserialize)]
struct Record {
    country: Option<Place>,
    country_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Place {
    Map { iso_code: Option<String> },
    Text(String),
}

impl Record {
    fn country(self) -> Option<Country> {
        let said = match self.country {
            Some(Place::Map { iso_code }) => iso_code,
            Some(Place::Text(text)) => Some(text),
            None => None,
        };
        // Some write a name under `country`, and the code beside it.
        let codes = [self.country_code, said];
        codes.iter().flatten().find_map(|text| Country::new(text))
    }
}

/// The network, as publishers put it: `autonomous_system_number` and `autonomous_system_organization`, or `asn` and
/// `as_name` (or `name`). Whatever else is there under these names is none.
#[derive(Deserialize)]
struct Announced {
    #[serde(alias = "asn")]
    autonomous_system_number: Option<Field>,
    autonomous_system_organization: Option<Field>,
    as_name: Option<Field>,
    name: Option<Field>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Field {
    Number(u64),
    Text(String),
    Other(IgnoredAny),
}

impl Field {
    /// A number, or text that is one, with or without `AS` before it.
    fn number(self) -> Option<u32> {
        match self {
            Self::Number(number) => u32::try_from(number).ok(),
            Self::Text(text) => {
                let digits = text.strip_prefix("AS").unwrap_or(&text);
                digits.parse().ok()
            }
            Self::Other(_) => None,
        }
    }

    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Announced {
    fn network(self, table: &mut Table) -> Option<u32> {
        let number = self.autonomous_system_number.and_then(Field::number)?;
        let names = [self.autonomous_system_organization, self.as_name, self.name];
        let name = names.into_iter().flatten().find_map(Field::text);
        Some(table.number_of(number, &name.unwrap_or_default()))
    }
}

fn damaged(error: MaxMindDbError) -> Error {
    unreadable(format!("the database is damaged: {error}"))
}

/// Errors: `RF2201`.
pub(crate) fn read(bytes: &[u8]) -> Result<Said> {
    let reader = Reader::from_source(bytes).map_err(damaged)?;
    let mut said = Said {
        kind: Some(Kind::Geoip),
        name: Some(reader.metadata().database_type.clone()),
        date: Some(reader.metadata().build_epoch),
        ..Said::default()
    };
    // Networks without a record are asked for, too: so that they are counted.
    let options = WithinOptions::default().include_networks_without_data();
    let mut known: HashMap<usize, (Option<Country>, Option<u32>)> = HashMap::new();
    for (count, network) in reader.networks(options).map_err(damaged)?.enumerate() {
        if count > MAX_NETWORKS {
            return Err(unreadable(
                "the database is damaged: it has more networks than there can be",
            ));
        }
        let network = network.map_err(damaged)?;
        let Some(offset) = network.offset() else { continue };
        let (country, announced) = match known.get(&offset) {
            Some(both) => *both,
            None => {
                let record: Option<Record> = network.decode().map_err(damaged)?;
                let announced: Option<Announced> = network.decode().map_err(damaged)?;
                let announced = announced.and_then(|announced| announced.network(&mut said.table));
                let both = (record.and_then(Record::country), announced);
                known.insert(offset, both);
                both
            }
        };
        if country.is_none() && announced.is_none() {
            continue;
        }
        let network = network.network().map_err(damaged)?;
        let (first, last) = ends(network.network(), network.prefix());
        if let Some(country) = country {
            said.countries.add(first, last, country);
        }
        if let Some(announced) = announced {
            said.networks.add(first, last, announced);
        }
    }
    Ok(said)
}

/// The first and the last address of a network.
fn ends(address: IpAddr, prefix: u8) -> (IpAddr, IpAddr) {
    match address {
        IpAddr::V4(first) => {
            let hosts = u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
            (first.into(), Ipv4Addr::from(u32::from(first) | hosts).into())
        }
        IpAddr::V6(first) => {
            let hosts = u128::MAX.checked_shr(prefix.into()).unwrap_or(0);
            (first.into(), Ipv6Addr::from(u128::from(first) | hosts).into())
        }
    }
}
