//! The gate for who joins or opens a group: they saw none of the commits behind it, so everything is checked.
//! Not here: commits (`admit.rs`).
use crate::admit::{check_leaf, mode_after, refuse};
use crate::context::State;
use crate::facts::{ContextFacts, Leaf};
use ringfence_signed::{B32, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Every leaf has to have its admission in the ledger, and every current entry its leaf.
///
/// Fills in what follows from the ledger and the leaves: the context's ledger and mode, and the seats.
pub fn admit_group(
    mut state: State,
    epoch: u64,
    leaves: &BTreeMap<u32, Leaf>,
    context: &ContextFacts,
) -> Result<State> {
    state.context.ledger = state.ledger.hash();
    state.context.mode = mode_after(&state, epoch);
    state.context.check(context)?;
    let mut missing: BTreeSet<B32> = state.ledger.members().map(|entry| entry.member).collect();
    for (index, leaf) in leaves {
        let member = check_leaf(&state, *index, leaf)?;
        if !missing.remove(&member) {
            return refuse("RF3227", format!("nobody admitted leaf {index}"));
        }
        state.seats.insert(*index, member);
    }
    match missing.is_empty() {
        true => Ok(state),
        false => refuse("RF3220", "the ledger names a member who has no leaf"),
    }
}
