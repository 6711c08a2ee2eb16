//! What the decision asks before anything is compared: a valid statement for the leg, places ruled out, and of a node that
//! is not named, that nothing is kept back. Not here: countries, laws and operators (`decide`).
use crate::decision::Case;
use crate::{Evidence, Role, Statement};
use std::collections::BTreeSet;

/// Round trips alone rule a place out, and missing ones rule out nothing.
pub(crate) fn check_excluded(case: &mut Case, asked: &BTreeSet<String>, excluded: &BTreeSet<String>) {
    case.source("round trips");
    let list = |places: &BTreeSet<String>| places.iter().cloned().collect::<Vec<_>>().join(", ");
    let open = asked - excluded;
    if !open.is_empty() {
        let text = format!(
            "none is short enough to rule out that the node is in {}: one measured from nearer would have to",
            list(&open)
        );
        case.refuse("RF2109", "evidence.exclude", text);
    } else if !asked.is_empty() {
        let text = format!("they are too short for the node to be in {}", list(asked));
        case.ground("RF2117", "evidence.exclude", text);
    }
}

/// Dates, role and address: they hold for every node. Returns whether the statement says anything about it now.
pub(crate) fn check_terms(
    case: &mut Case,
    node: &Statement,
    role: Role,
    address: Option<&str>,
    time: u64,
) -> bool {
    if time < node.from {
        let text = "the operator's statement is not valid yet: it would need one for today";
        case.refuse("RF2105", "statement.from", text);
    }
    if time >= node.until {
        let text = "the operator's statement has ended: it would need a new one";
        case.refuse("RF2105", "statement.until", text);
    }
    if !node.roles.contains(&role) {
        let text = format!(
            "the operator does not state that the node does `{}`, and would have to",
            role.name()
        );
        case.refuse("RF2106", "statement.roles", text);
    }
    let unlisted = address.filter(|address| !node.addresses.iter().any(|known| known == address));
    if let Some(address) = unlisted {
        let text =
            format!("the address {address} is not in the statement: the operator would have to list it");
        case.refuse("RF2107", "statement.addresses", text);
    }
    (node.from..node.until).contains(&time) && unlisted.is_none()
}

/// Who shows what data sets say may leave out the one that contradicts: what the owner pinned has to be there, whatever it
/// says. Returns whether it is.
pub(crate) fn check_shown(case: &mut Case, evidence: &Evidence) -> bool {
    let withheld = evidence.withheld.iter().map(String::as_str).collect::<Vec<_>>();
    if !withheld.is_empty() {
        case.source("data sets");
        let text = format!(
            "the server does not show what every data set that the owner named says about {}, and would have to",
            withheld.join(", ")
        );
        case.refuse("RF2118", "evidence.sources", text);
    }
    withheld.is_empty()
}
