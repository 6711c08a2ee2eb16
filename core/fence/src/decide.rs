//! The decision: may this node do this for a meeting with this fence? The only place that compares a country.
//! Not here: the clock, the network, and what to do about a refusal.
use crate::decision::{Case, Decision, Standing};
use crate::evidence::{Evidence, Kind, is_private};
use crate::policy::{Applied, Minimum};
use crate::terms::{check_excluded, check_terms};
use crate::{Policy, Role, Statement, StatementSource, groups};
use ringfence_signed::Error;
use std::collections::BTreeSet;

/// Decides for one node, one role and one moment. Pure and total; silence and doubt count as outside.
///
/// `statement` is what reading the node's statement gave, `address` the one in use if any, `time` unix seconds.
pub fn decide(
    policy: &Policy,
    statement: Result<&StatementSource, &Error>,
    evidence: &Evidence,
    role: Role,
    address: Option<&str>,
    time: u64,
) -> Decision {
    let mut case = Case::default();
    let standing = match statement {
        Ok(source) => judge(
            &mut case,
            policy,
            source.statement(),
            evidence,
            role,
            address,
            time,
        ),
        Err(error) => {
            case.source("node statement");
            let text = format!(
                "{}; it would need a valid statement of a trusted operator",
                error.detail
            );
            case.refuse("RF2102", "statement", text);
            Standing::Unknown
        }
    };
    // Places are to be ruled out for every node that clients reach by media or relay, whatever else it does.
    let reached = |role: &Role| matches!(role, Role::Media | Role::Relay);
    let stated = statement.map_or(&[][..], |source| &source.statement().roles);
    let mut not_excluded = vec![];
    if statement.is_err() || reached(&role) || stated.iter().any(reached) {
        check_excluded(&mut case, policy);
        not_excluded.extend(groups::expand(&policy.exclude));
    }
    case.close(role, standing, not_excluded)
}

fn judge(
    case: &mut Case,
    policy: &Policy,
    node: &Statement,
    evidence: &Evidence,
    role: Role,
    address: Option<&str>,
    time: u64,
) -> Standing {
    case.source(format!("statement {} of {}", node.serial, node.operator_name));
    let valid = check_terms(case, node, role, address, time);
    let agreeing = agreement(node, evidence, time);
    let standing = match &agreeing {
        _ if !valid => Standing::Unknown,
        None => Standing::Violation,
        Some(kinds) if kinds.len() >= 2 => Standing::Consistent,
        Some(_) => Standing::Stated,
    };
    if standing == Standing::Violation {
        let text =
            "a data set places it elsewhere than the operator does: one of them would have to be corrected";
        case.refuse("RF2103", "statement", text);
    }
    let named = policy.nodes.contains(&node.node);
    if named {
        let name = &node.name;
        let text = format!("the fence names this very node, `{name}`, wherever it stands");
        case.ground("RF2100", "allow.nodes", text);
    }
    // A named node needs no geography, but what the fence says of a role holds for it too.
    check_rules(case, &policy.rule(role, named), node);
    if !named && standing > Standing::Unknown {
        check_standing(case, policy, node, standing, &agreeing.unwrap_or_default());
    }
    standing
}

fn check_rules(case: &mut Case, rule: &Applied, node: &Statement) {
    if let Some(countries) = rule.countries {
        match &node.country {
            Some(country) if groups::expand(countries).contains(country) => {
                let text = format!("the operator states that it is in {country}, which the fence allows");
                case.ground("RF2101", "allow.countries", text);
            }
            Some(country) => {
                let text = format!(
                    "{country} is not among the countries of the fence: the fence would have to allow it or name this node"
                );
                case.refuse("RF2104", "allow.countries", text);
            }
            None => {
                let text = "the operator does not say in which country the node is: it would have to, \
                            or the fence would have to name this node";
                case.refuse("RF2104", "allow.countries", text);
            }
        }
    }
    if rule
        .operators
        .is_some_and(|ids| ids != ["*"] && !ids.contains(&node.operator))
    {
        let id = &node.operator;
        let text = format!("the operator `{id}` is not in the fence, and would have to be");
        case.refuse("RF2110", "allow.operators", text);
    }
    if let Some(law) = rule.law.filter(|law| *law != ["*"]) {
        let allowed = groups::expand(law);
        let parents = node.parents.iter().map(|parent| (&parent.name, &parent.law));
        for (who, laws) in std::iter::once((&node.operator_name, &node.law)).chain(parents) {
            check_law(case, who, laws, &allowed);
        }
    }
}

fn check_law(case: &mut Case, who: &str, laws: &[String], allowed: &BTreeSet<String>) {
    if laws.is_empty() {
        let text = format!("it is not stated whose law {who} answers to, and would have to be");
        case.refuse("RF2111", "allow.law", text);
    }
    for law in laws.iter().filter(|law| !allowed.contains(*law)) {
        let text =
            format!("{who} answers to the law of {law}, which the fence does not allow and would have to");
        case.refuse("RF2111", "allow.law", text);
    }
}

fn check_standing(
    case: &mut Case,
    policy: &Policy,
    node: &Statement,
    standing: Standing,
    agree: &BTreeSet<Kind>,
) {
    let needed = [Standing::Stated, Standing::Consistent, Standing::Proven][policy.minimum as usize];
    if standing < needed {
        let why = match policy.minimum {
            Minimum::Proven => "this version measures no round trips, so nothing is proven",
            _ => "fewer than two independent data sets that the owner named agree about every address",
        };
        let (asked, is) = (policy.minimum.name(), standing.name());
        let text = format!("the fence asks for `{asked}` and this is `{is}`: {why}");
        case.refuse("RF2108", "evidence.minimum", text);
        if let Some(address) = node.addresses.iter().find(|address| is_private(address)) {
            let text = format!(
                "the address {address} is private: no data set can place it, so only the operator's word is there, \
                 and the fence would have to accept that or name this node"
            );
            case.refuse("RF2113", "evidence.minimum", text);
        }
    } else {
        let text = match standing {
            Standing::Stated => "only the operator's signed word says so, which the fence accepts",
            _ => "independent data sets agree with the operator about every address",
        };
        case.ground("RF2114", "evidence.minimum", text);
    }
    for kind in policy.sources.iter().filter(|kind| !agree.contains(kind)) {
        let text = format!(
            "no {} that the owner named agrees, and one would have to",
            kind.name()
        );
        case.refuse("RF2112", "evidence.sources", text);
    }
}

/// The kinds of data set that agree with the statement about every address; `None` when one contradicts it.
fn agreement(node: &Statement, evidence: &Evidence, time: u64) -> Option<BTreeSet<Kind>> {
    let Some(country) = &node.country else {
        return Some(BTreeSet::new());
    };
    let mut common: Option<BTreeSet<Kind>> = None;
    for address in &node.addresses {
        let mut agree = BTreeSet::new();
        for source in evidence.about(address, time) {
            if &source.country != country {
                return None;
            }
            // Only what the charter pins can raise a standing, and nothing from the future can.
            if source.pinned && source.date <= time {
                agree.insert(source.kind);
            }
        }
        common = Some(common.map_or(agree.clone(), |common| &common & &agree));
    }
    Some(common.unwrap_or_default())
}
