//! Data sets about addresses: as publishers make them, and as they are kept.
use crate::{plant, rare};
use ringfence_geo::{DataSet, Hints, read};
use std::net::IpAddr;

pub fn published(bytes: &[u8], planted: bool) {
    let hints = Hints {
        kind: None,
        name: Some("set".into()),
        date: Some(1),
    };
    if let Ok(set) = read(bytes, &hints) {
        assert_eq!(DataSet::decode(&set.encode()).expect("our own"), set);
        let ends = set.v4.iter().flat_map(|range| [range.first, range.last]);
        for address in ends.take(100) {
            assert!(set.country_of(IpAddr::V4(address.into())).is_some());
        }
        plant(planted, rare(bytes));
    }
}

pub fn kept(bytes: &[u8], planted: bool) {
    if let Ok(set) = DataSet::decode(bytes) {
        assert_eq!(set.encode(), bytes, "one set, one encoding");
        plant(planted, rare(bytes));
    }
}
