//! The gate for who joins or opens a group: they saw none of the commits behind it, so everything is checked.
//! Not here: commits (`admit.rs`).
use crate::admit::{check_leaf, mode_after, refuse};
use crate::context::{Context, State};
use crate::facts::{ContextFacts, Leaf};
use ringfence_signed::{B32, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Every leaf has to have its admission in the ledger, and every current entry its leaf.
///
/// Returns the context as it has to be: its ledger and mode follow from the ledger.
pub fn admit_group(
    state: &State,
    epoch: u64,
    leaves: &BTreeMap<u32, Leaf>,
    context: &ContextFacts,
) -> Result<Context> {
    let mut expected = state.context.clone();
    expected.ledger = state.ledger.hash();
    expected.mode = mode_after(state, epoch);
    expected.check(context)?;
    let mut missing: BTreeSet<B32> = state.ledger.members().map(|entry| entry.member).collect();
    for (index, leaf) in leaves {
        if !missing.remove(&check_leaf(state, *index, leaf)?) {
            return refuse("RF3227", format!("nobody admitted leaf {index}"));
        }
    }
    match missing.is_empty() {
        true => Ok(expected),
        false => refuse("RF3220", "the ledger names a member who has no leaf"),
    }
}
