//! The gate for a commit that brings another charter.
//! Not here: who comes and goes (`admit.rs`), or the charter itself (`ringfence-charter`).
use crate::admit::refuse;
use crate::context::State;
use crate::facts::Facts;
use ringfence_charter::CharterSource;
use ringfence_charter::ledger::Grounds;
use ringfence_signed::Result;
use std::sync::Arc;

/// The owner's next charter. The commit that brings it admits and removes nobody, so that of each commit it is plain by
/// which charter it is judged; who wants to leave, or was lost, may go with it.
pub(crate) fn check_charter(
    next: &mut State,
    facts: &Facts,
    grounds: &Grounds,
    document: &[u8],
) -> Result<()> {
    if facts.external || !facts.adds.is_empty() || !grounds.removals.is_empty() {
        return refuse(
            "RF3239",
            "a new charter comes with somebody who is let in or removed",
        );
    }
    let charter = CharterSource::read(document)?;
    charter.follows(&next.charter)?;
    let before = std::mem::replace(&mut next.charter, Arc::new(charter));
    next.ledger.amend(before, facts.epoch)?;
    next.context.charter = next.charter.hash;
    Ok(())
}
