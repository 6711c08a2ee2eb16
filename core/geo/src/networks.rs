//! Whose network an address is in: the autonomous system that announces it to the internet, by number and name (RFC 1930).
//! It is shown to people. Nothing is decided by it: who announces an address need not be who runs the machine.
//! Not here: the files of others (`announced`, `databases`), or its own form on disk (`stored`).
use crate::dataset::{Range, find};
use crate::read::Ranges;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Longest name of a network (bytes); what is longer is cut.
pub(crate) const MAX_NETWORK: usize = 200;

/// An autonomous system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    pub number: u32,
    /// As the publisher calls whoever holds the number: words of others, which may hold anything. Empty where it has none.
    pub name: String,
}

/// What one publisher says of networks. Ranges are in order, do not touch where they say the same, and never overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Networks {
    /// As the publisher calls the list.
    pub name: String,
    /// When the publisher made it, in unix seconds.
    pub date: u64,
    /// In order, each once.
    pub(crate) networks: Vec<Network>,
    /// The values are places in `networks`.
    pub(crate) v4: Vec<Range<u32, u32>>,
    pub(crate) v6: Vec<Range<u128, u32>>,
}

impl Networks {
    /// Whose network an address is in; IPv4 in IPv6's clothes is IPv4.
    pub fn network_of(&self, address: IpAddr) -> Option<&Network> {
        let at = match address.to_canonical() {
            IpAddr::V4(address) => find(&self.v4, u32::from(address)),
            IpAddr::V6(address) => find(&self.v6, u128::from(address)),
        };
        self.networks.get(at? as usize)
    }

    /// How many ranges of IPv4 and of IPv6 it has.
    pub fn ranges(&self) -> (usize, usize) {
        (self.v4.len(), self.v6.len())
    }

    /// How many networks it names.
    pub fn count(&self) -> usize {
        self.networks.len()
    }
}

/// Networks as they come up in a file.
#[derive(Default)]
pub(crate) struct Table(BTreeMap<Network, u32>);

impl Table {
    /// What stands for a network in ranges until all are known.
    pub(crate) fn number_of(&mut self, number: u32, name: &str) -> u32 {
        let name = name[..name.floor_char_boundary(MAX_NETWORK)].to_owned();
        let next = u32::try_from(self.0.len()).expect("fewer than there are addresses of IPv4");
        *self.0.entry(Network { number, name }).or_insert(next)
    }

    /// `ranges` are in order, and say what `number_of` said.
    pub(crate) fn networks(&self, name: String, date: u64, ranges: Ranges<u32>) -> Networks {
        let mut places = vec![0; self.0.len()];
        for (place, came) in (0..).zip(self.0.values()) {
            places[*came as usize] = place;
        }
        let Ranges { mut v4, mut v6 } = ranges;
        v4.iter_mut()
            .for_each(|range| range.value = places[range.value as usize]);
        v6.iter_mut()
            .for_each(|range| range.value = places[range.value as usize]);
        Networks {
            name,
            date,
            networks: self.0.keys().cloned().collect(),
            v4,
            v6,
        }
    }
}
