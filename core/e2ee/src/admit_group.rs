//! The gate for who joins or opens a group: they saw none of the commits behind it, so everything is checked.
//! Not here: commits (`admit.rs`).
use crate::admit::{check_leaf, mode_after, refuse};
use crate::context::State;
use crate::facts::{ContextFacts, Leaf};
use ringfence_signed::Result;
use std::collections::BTreeMap;

/// Every leaf has to have its admission in the ledger. A member without a leaf is admitted and away.
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
    for (index, leaf) in leaves {
        let session = check_leaf(&state, *index, leaf)?;
        if state.ledger.current(&session.member).is_none() {
            return refuse("RF3227", format!("nobody admitted leaf {index}"));
        }
        if state.seats.values().any(|other| *other == session) {
            return refuse("RF3235", "one session sits on two leaves");
        }
        state.seats.insert(*index, session);
    }
    Ok(state)
}
