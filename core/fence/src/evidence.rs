//! What the decision is given besides the operator's word: data sets and round trips. The caller gathers it.
//! Not here: what follows from data sets (`sources`) and from round trips (`physics`).
use crate::geometry::{LIGHT_KM_PER_MS, Place};
use crate::{Statement, Transcript, Trust, groups};
use ringfence_signed::B32;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use time::OffsetDateTime;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub kind: Kind,
    pub name: String,
    /// When the data set was made, in unix seconds.
    pub date: u64,
    pub address: String,
    pub country: String,
    /// Whether the owner pinned this data set. An unpinned one can lower a standing and never raise it.
    pub pinned: bool,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.kind.name(), self.name, day(self.date))
    }
}

/// What one data set says about a range of addresses, shown to be in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// What names the data set.
    pub digest: B32,
    pub kind: Kind,
    pub name: String,
    /// When the data set was made, in unix seconds.
    pub date: u64,
    /// All addresses from `first` to `last`, of one family.
    pub first: IpAddr,
    pub last: IpAddr,
    /// `None`: the data set says nothing about them.
    pub country: Option<String>,
}

impl Located {
    /// IPv4 in IPv6's clothes is IPv4.
    pub fn covers(&self, address: &str) -> bool {
        let address = address.parse().map(|address: IpAddr| address.to_canonical());
        // Of `IpAddr`, every IPv4 is before every IPv6.
        address.is_ok_and(|address| self.first <= address && address <= self.last)
    }

    /// The day on which the data set was made.
    pub fn day(&self) -> String {
        day(self.date)
    }

    fn source(&self, address: &str, trust: &Trust) -> Option<Source> {
        Some(Source {
            kind: self.kind,
            name: self.name.clone(),
            date: self.date,
            address: address.to_owned(),
            country: self.country.clone()?,
            pinned: trust.data.contains(&self.digest),
        })
    }
}

/// Whose round trip it is, and so how much the observer's own place is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Observer {
    /// Calls itself a beacon, and the owner did not pin its key: what it says can contradict and nothing else.
    Stranger,
    /// Somebody in the call who typed where they are, or whose browser said so.
    Participant,
    /// A participant who was asked about it and said that it is right.
    Confirmed,
    /// A beacon whose key the owner pinned: its place is known.
    Beacon,
}

/// The shortest round trip that one observer measured to one address.
#[derive(Debug, Clone, PartialEq)]
pub struct Trip {
    pub by: Observer,
    /// The observer's key: several trips of one observer are one voice.
    pub observer: B32,
    pub place: Place,
    /// Milliseconds there and back, the least of all that were measured.
    pub min_ms: f64,
    /// When it was measured, in unix seconds.
    pub at: u64,
    pub address: String,
}

/// The round trip that counts for somebody who may be up to `radius_m` metres nearer to the node than they say, from the
/// one that they measured (microseconds): milliseconds. A metre is for the rounding of their coordinates.
pub fn widened_ms(least_us: u64, radius_m: u64) -> f64 {
    least_us as f64 / 1e3 + 2.0 * (radius_m as f64 / 1e3 + 1e-3) / LIGHT_KM_PER_MS
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    pub sources: Vec<Source>,
    pub trips: Vec<Trip>,
    /// Addresses about which a data set that the owner pinned was not shown. It may be the one that contradicts.
    pub withheld: BTreeSet<String>,
    /// Of the beacons that the owner pinned, one is shown whose time is over.
    pub stale: bool,
}

impl Evidence {
    /// What data sets say about a node's addresses, as somebody showed it who may have left out what does not suit them.
    pub fn shown(located: &[Located], trust: &Trust, node: &Statement) -> Self {
        let mut evidence = Self::default();
        for address in &node.addresses {
            let said: Vec<&Located> = located.iter().filter(|located| located.covers(address)).collect();
            let sources = said.iter().filter_map(|located| located.source(address, trust));
            evidence.sources.extend(sources);
            let shown = |digest: &B32| said.iter().any(|located| located.digest == *digest);
            if !is_private(address) && !trust.data.iter().all(shown) {
                evidence.withheld.insert(address.clone());
            }
        }
        evidence
    }

    /// Adds what beacons measured of the node, as far as it counts at this time.
    pub fn hear(&mut self, transcripts: &[Transcript], trust: &Trust, node: &Statement, time: u64) {
        let heard = transcripts.iter().filter_map(|said| said.trip(trust, node, time));
        self.trips.extend(heard);
        let is_pinned = |said: &&Transcript| said.is_about(node) && trust.beacons.contains(&said.beacon);
        let mut pinned = transcripts.iter().filter(is_pinned);
        self.stale |= pinned.any(|said| said.is_stale(time));
    }

    pub(crate) fn why_unproven(&self) -> &'static str {
        match self.stale {
            true => {
                "what beacons that the owner named measured is more than an hour old, \
                 and the server would have to show something newer"
            }
            false => "no round trips of beacons that the owner named leave it no other place",
        }
    }

    /// What counts about an address: not too old, and naming a country at all (registries also write `EU`).
    pub(crate) fn about(&self, address: &str, time: u64) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(move |source| {
            source.address == address
                && !is_private(address)
                && !is_too_old(source.date, time)
                && groups::is_country(&source.country)
        })
    }
}

pub(crate) fn is_too_old(date: u64, time: u64) -> bool {
    time.saturating_sub(date) > MAX_AGE
}

/// The day of a moment (unix seconds) in UTC, as ISO 8601 has it.
fn day(time: u64) -> String {
    let moment = i64::try_from(time).ok().map(OffsetDateTime::from_unix_timestamp);
    match moment {
        Some(Ok(moment)) => moment.date().to_string(),
        _ => "a day that no calendar has".into(),
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
