//! What the decision is given besides the operator's word. The caller gathers it.
//! Not here: round trips and beacons; they come with the physics, and until then nothing is proven or ruled out.
use crate::groups;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};

/// Evidence older than this counts as absent (seconds).
pub const MAX_AGE: u64 = 400 * 86_400;

/// How a data set came about: two of one kind are not independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Who holds the address, by the registries' own lists.
    Registry,
    /// Where somebody thinks that the address is.
    Geoip,
}

impl Kind {
    pub const ALL: [Kind; 2] = [Kind::Registry, Kind::Geoip];

    pub fn name(self) -> &'static str {
        ["registry", "geoip"][self as usize]
    }

    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One offline data set's word about one address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub kind: Kind,
    pub name: String,
    /// When the data set was made, in unix seconds.
    pub date: u64,
    pub address: String,
    pub country: String,
    /// Whether the charter pins this data set. An unpinned one can lower a standing and never raise it.
    #[serde(default)]
    pub pinned: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    #[serde(default)]
    pub sources: Vec<Source>,
}

impl Evidence {
    /// What counts about an address: not too old, and naming a country at all (registries also write `EU`).
    pub(crate) fn about(&self, address: &str, time: u64) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(move |source| {
            source.address == address
                && !is_private(address)
                && time.saturating_sub(source.date) <= MAX_AGE
                && groups::is_country(&source.country)
        })
    }
}

/// Whether no data set can place the address: private, shared, loopback, link-local or not an address.
pub fn is_private(address: &str) -> bool {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(v4)) => {
            // 100.64.0.0/10 is shared by carriers (RFC 6598).
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4 == Ipv4Addr::UNSPECIFIED
                || v4 == Ipv4Addr::BROADCAST
                || shared
        }
        Ok(IpAddr::V6(v6)) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_multicast()
        }
        Err(_) => true,
    }
}
