//! In place of `physics` where there are no borders: evidence holds no round trips there, and so nothing follows.
use crate::{Evidence, Policy, Statement};
use std::collections::BTreeSet;

/// There are none.
pub(crate) struct Contradiction {
    pub certain: bool,
    pub source: String,
    pub text: String,
}

pub(crate) fn contradictions(_: &Statement, _: &Evidence, _liars: u64, _time: u64) -> Vec<Contradiction> {
    vec![]
}

pub(crate) fn excluded(
    _: &Policy,
    _: &Statement,
    _: &Evidence,
    _address: Option<&str>,
    _time: u64,
) -> BTreeSet<String> {
    BTreeSet::new()
}

pub(crate) fn is_proven(
    _: &Statement,
    _: &Evidence,
    _address: Option<&str>,
    _liars: u64,
    _time: u64,
) -> bool {
    false
}
