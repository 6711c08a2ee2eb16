//! Data sets about addresses: as publishers make them, and as they are kept.
use crate::{plant, rare};
use ringfence_geo::{Cover, DataSet, Hints, Kind, Networks, located, published as said, read};
use std::net::IpAddr;

pub fn published(bytes: &[u8], planted: bool) {
    let hints = Hints {
        kind: None,
        name: Some("set".into()),
        date: Some(1),
    };
    let Ok(said) = said(bytes, &hints) else { return };
    if let Some(networks) = said.networks {
        assert_eq!(Networks::decode(&networks.encode()).expect("our own"), networks);
    }
    if let Some(set) = said.countries {
        assert_eq!(read(bytes, &hints).expect("it was read before"), set);
        assert_eq!(DataSet::decode(&set.encode()).expect("our own"), set);
        let ends = set.v4.iter().flat_map(|range| [range.first, range.last]);
        for address in ends.take(100) {
            assert!(set.country_of(IpAddr::V4(address.into())).is_some());
        }
    }
    plant(planted, rare(bytes));
}

pub fn kept(bytes: &[u8], planted: bool) {
    if let Ok(set) = DataSet::decode(bytes) {
        assert_eq!(set.encode(), bytes, "one set, one encoding");
        plant(planted, rare(bytes));
    }
    if let Ok(networks) = Networks::decode(bytes) {
        assert_eq!(networks.encode(), bytes, "one list, one encoding");
        plant(planted, rare(bytes));
    }
}

fn made() -> DataSet {
    let hints = Hints {
        kind: Some(Kind::Geoip),
        name: Some("set".into()),
        date: Some(1_790_000_000),
    };
    let ranges = b"1.0.0.0,1.0.0.255,AU\n203.0.113.0,203.0.113.255,CA\n2001:db8::,2001:db8:ffff::,CA\n";
    read(ranges, &hints).expect("our own")
}

/// What is shown of a set, for the corpus.
pub fn answers() -> Vec<Vec<u8>> {
    let set = made();
    let asked = ["203.0.113.7", "0.0.0.0", "2001:db8::7"];
    asked
        .map(|address| Cover::of(&set).locate(address.parse().expect("an address")))
        .into()
}

/// Whatever is taken for an answer of this set is what the set says. Other sets are made in no time: of those nothing is
/// asked but that their ranges are ranges.
pub fn shown(bytes: &[u8], planted: bool) {
    let Ok(located) = located::read(bytes) else { return };
    assert!(located.first <= located.last && located.first.is_ipv4() == located.last.is_ipv4());
    let set = made();
    if located.digest == set.digest() {
        assert_eq!(
            Cover::of(&set).locate(located.first),
            bytes,
            "one answer, one encoding"
        );
    }
    // Little can differ while the proof holds: the set's name, its date, its kind.
    plant(planted, located.name != "set");
}
