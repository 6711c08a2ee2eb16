//! The gate for who goes: oneself, by a host's word, an earlier leaf of who came back, or whose connection is lost.
//! Not here: who comes (`admit.rs`).
use crate::admit::refuse;
use crate::context::{Gone, State, Why};
use crate::facts::{Facts, Wish};
use ringfence_charter::ledger::Grounds;
use ringfence_charter::{Removal, Remover};
use ringfence_signed::{B32, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Ends the admissions that end, in `next`'s ledger; its seats are those of before.
pub(crate) fn check_removals(next: &mut State, facts: &Facts, grounds: &Grounds) -> Result<Vec<Gone>> {
    let mut ends = hosts_removals(next, grounds)?;
    let mut unused: BTreeSet<B32> = ends.keys().copied().collect();
    for removal in &facts.removes {
        // Who asks to leave, on their latest leaf, ends their stay; an earlier leaf of theirs goes with it.
        let leaves = removal.wish == Wish::Own && !next.is_replaced(removal.index);
        if let Some(member) = next.member(removal.index).filter(|_| leaves) {
            ends.entry(member).or_insert(Why::Oneself);
        }
    }
    let removed: BTreeSet<u32> = facts.removes.iter().map(|removal| removal.index).collect();
    let mut lost: BTreeSet<u32> = grounds.lost.iter().copied().collect();
    if lost.len() != grounds.lost.len() {
        return refuse("RF3231", "a leaf is said to be lost twice");
    }
    let mut gone = vec![];
    for leaf in removed {
        let Some(member) = next.member(leaf) else {
            return refuse("RF3229", format!("leaf {leaf} is removed, and nobody sits there"));
        };
        let listed = lost.remove(&leaf);
        let why = match ends.get(&member) {
            Some(why) => *why,
            None if facts.external || next.is_replaced(leaf) => Why::Replaced,
            None if listed => Why::Lost,
            None => {
                return refuse("RF3229", format!("leaf {leaf} is removed without a host's word"));
            }
        };
        unused.remove(&member);
        gone.push(Gone { leaf, member, why });
    }
    if !unused.is_empty() || !lost.is_empty() {
        return refuse("RF3231", "a removal that the commit does not carry out");
    }
    for (member, why) in ends {
        match why {
            Why::Host(by) => next.ledger.end(&member, facts.epoch, Remover::Host(by))?,
            _ => next.ledger.end(&member, facts.epoch, Remover::Oneself)?,
        }
    }
    Ok(gone)
}

fn hosts_removals(state: &State, grounds: &Grounds) -> Result<BTreeMap<B32, Why>> {
    let mut ends = BTreeMap::new();
    for document in &grounds.removals {
        let removal = Removal::verify(document, &state.charter, &state.group)?;
        let entry = state.ledger.current(&removal.member);
        if entry.is_none_or(|entry| entry.added != removal.added) {
            return refuse("RF3230", "a removal of somebody who is not in by that admission");
        }
        if ends.insert(removal.member, Why::Host(removal.by)).is_some() {
            return refuse("RF3231", "two removals of one member");
        }
    }
    Ok(ends)
}
