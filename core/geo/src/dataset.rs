//! A data set: ranges of addresses, each with the country that it says.
//! Not here: the files of others (`delegated`, `ranges`, `databases`), or its own form on disk (`stored`).
use crate::country::Country;
use ringfence_fence::evidence::{Kind, Source};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// All addresses from `first` to `last`, both included, and what is said of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range<A, V = Country> {
    pub first: A,
    pub last: A,
    pub value: V,
}

/// What one publisher says about addresses. Ranges are in order, do not touch where they say the same, and never overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSet {
    pub kind: Kind,
    /// As the publisher calls it.
    pub name: String,
    /// When the publisher made it, in unix seconds.
    pub date: u64,
    pub v4: Vec<Range<u32>>,
    pub v6: Vec<Range<u128>>,
}

impl DataSet {
    /// What the set says about an address; IPv4 in IPv6's clothes is IPv4.
    pub fn country_of(&self, address: IpAddr) -> Option<Country> {
        match address.to_canonical() {
            IpAddr::V4(address) => find(&self.v4, u32::from(address)),
            IpAddr::V6(address) => find(&self.v6, u128::from(address)),
        }
    }
}

impl DataSet {
    /// What the set says about an address, as evidence; `pinned`: whether the owner named this very set.
    pub fn source(&self, address: &str, pinned: bool) -> Option<Source> {
        let country = self.country_of(address.parse().ok()?)?;
        Some(Source {
            kind: self.kind,
            name: self.name.clone(),
            date: self.date,
            address: address.to_owned(),
            country: country.as_str().to_owned(),
            pinned,
        })
    }
}

pub(crate) fn find<A: Copy + Ord, V: Copy>(ranges: &[Range<A, V>], address: A) -> Option<V> {
    let after = ranges.partition_point(|range| range.first <= address);
    let range = ranges.get(after.checked_sub(1)?)?;
    (address <= range.last).then_some(range.value)
}

/// A number that addresses are counted by.
pub(crate) trait Counted: Copy + Ord {
    const FIRST: Self;
    const LAST: Self;

    fn next(self) -> Option<Self>;
    fn before(self) -> Option<Self>;
}

impl Counted for u32 {
    const FIRST: Self = 0;
    const LAST: Self = Self::MAX;

    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }

    fn before(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

impl Counted for u128 {
    const FIRST: Self = 0;
    const LAST: Self = Self::MAX;

    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }

    fn before(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

/// Puts ranges in order. Where several overlap and disagree, the set says nothing; where they agree they are one.
///
/// A range whose `last` is before its `first` is none.
pub(crate) fn ordered<A: Counted, V: Copy + Ord>(ranges: &[Range<A, V>]) -> Vec<Range<A, V>> {
    // Where something begins (0: with the address) or has ended (1: with the one before the next).
    let mut edges: Vec<(A, u8, V)> = vec![];
    for range in ranges.iter().filter(|range| range.first <= range.last) {
        edges.push((range.first, 0, range.value));
        edges.push((range.last, 1, range.value));
    }
    edges.sort_unstable_by_key(|(address, ended, _)| (*address, *ended));
    let mut said: BTreeMap<V, u32> = BTreeMap::new();
    let mut ordered: Vec<Range<A, V>> = vec![];
    let mut from: Option<A> = None;
    for (address, ended, value) in edges {
        let until = if ended == 1 {
            Some(address)
        } else {
            address.before()
        };
        if let (Some(first), Some(last), [(one, _)]) = (from, until, &said.iter().collect::<Vec<_>>()[..])
            && first <= last
        {
            push(
                &mut ordered,
                Range {
                    first,
                    last,
                    value: **one,
                },
            );
        }
        if ended == 0 {
            *said.entry(value).or_default() += 1;
            from = Some(address);
        } else {
            if said.get(&value) == Some(&1) {
                said.remove(&value);
            } else if let Some(count) = said.get_mut(&value) {
                *count -= 1;
            }
            from = address.next();
        }
    }
    ordered
}

fn push<A: Counted, V: Copy + Eq>(ordered: &mut Vec<Range<A, V>>, range: Range<A, V>) {
    match ordered.last_mut() {
        Some(before) if before.value == range.value && before.last.next() == Some(range.first) => {
            before.last = range.last;
        }
        _ => ordered.push(range),
    }
}
