//! Choosing the node that carries a leg: the decision comes first, and load is asked only of what is inside.
//! Not here: the decision itself (`decide`), or where load comes from. There is one list: what is second choice, a backup or
//! an overflow stands in it, and is decided about like all others each time.
use crate::{Decision, Evidence, InFence, Policy, Reason, Role, StatementSource, decide};
use ringfence_signed::Error;

/// What is known of a node when one has to be chosen.
pub struct Candidate<'a, T> {
    pub node: T,
    /// What reading its statement gave.
    pub statement: Result<&'a StatementSource, &'a Error>,
    pub evidence: &'a Evidence,
    /// By which it would be used.
    pub address: &'a str,
}

/// Which one was chosen, and why not those that were refused, in the order of the list.
pub struct Placement<T> {
    pub chosen: Option<InFence<T>>,
    pub refused: Vec<(T, Reason)>,
}

/// The node inside the fence that has the least load; of equals the first. None where the fence leaves none.
///
/// What round trips have to rule out has to be ruled out by the evidence: who decides before anybody has measured gives
/// [`Policy::before_measuring`], and then gets a node that may be contacted.
pub fn place<'a, T>(
    policy: &Policy,
    role: Role,
    candidates: impl IntoIterator<Item = Candidate<'a, T>>,
    load: impl Fn(&T) -> u64,
    time: u64,
) -> Placement<T> {
    let mut refused = vec![];
    let mut inside: Vec<InFence<T>> = vec![];
    for candidate in candidates {
        let Candidate {
            node,
            statement,
            evidence,
            address,
        } = candidate;
        let decision = decide(policy, statement, evidence, role, Some(address), time);
        match decision.enclose(node) {
            Ok(node) => inside.push(node),
            Err(node) => refused.push((node, first_reason(decision))),
        }
    }
    Placement {
        chosen: inside.into_iter().min_by_key(|node| load(node.get())),
        refused,
    }
}

/// Nothing comes out of the fence without one: a refusal has reasons, and a draft that would be allowed is one of nobody's.
fn first_reason(decision: Decision) -> Reason {
    let refusal = decision.reasons.into_iter().next().filter(|_| !decision.allowed);
    refusal.unwrap_or(Reason {
        code: "RF2102",
        rule: "statement",
        source: "node statement".into(),
        text: "it is a draft, which no operator signed".into(),
    })
}
