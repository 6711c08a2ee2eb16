//! The decisions about all that one node does for a meeting.
//! Not here: the decision itself (`decide`).
use crate::{Decision, Evidence, Policy, Role, StatementSource, decide};
use ringfence_signed::Error;

/// One decision for each role that the node states, and for media; for media and relay with the address in use, if known.
pub fn decide_all(
    policy: &Policy,
    statement: Result<&StatementSource, &Error>,
    evidence: &Evidence,
    address: Option<&str>,
    time: u64,
) -> Vec<Decision> {
    // Every node of this version carries media, so it is decided about even where the operator is silent.
    let mut roles = statement.map_or(vec![], |source| source.statement().roles.clone());
    if !roles.contains(&Role::Media) {
        roles.push(Role::Media);
    }
    let at = |role| {
        if matches!(role, Role::Media | Role::Relay) {
            address
        } else {
            None
        }
    };
    roles
        .into_iter()
        .map(|role| decide(policy, statement, evidence, role, at(role), time))
        .collect()
}

/// The decisions on which a node may be contacted, and measured: those of [`decide_all`], but for places that only round
/// trips rule out. Whoever is allowed by these alone gets no media.
pub fn decide_probe(
    policy: &Policy,
    statement: Result<&StatementSource, &Error>,
    evidence: &Evidence,
    address: Option<&str>,
    time: u64,
) -> Vec<Decision> {
    decide_all(&policy.before_measuring(), statement, evidence, address, time)
}
