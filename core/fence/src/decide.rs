//! The decision: may this node do this for a meeting with this fence? The only place that compares a country.
//! Not here: the clock, the network, and what to do about a refusal.
use crate::decision::{Case, Decision, Standing};
use crate::evidence::{Evidence, Kind, is_private};
use crate::policy::{Applied, Minimum};
use crate::sources::agreement;
use crate::terms::{check_excluded, check_shown, check_terms};
use crate::{Policy, Role, Statement, StatementSource, groups, physics};
use ringfence_signed::Error;
use std::collections::BTreeSet;
use std::net::IpAddr;

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
    // One address, one spelling: statements have the shortest.
    let spelt = address.map(|text| {
        text.parse::<IpAddr>()
            .map_or(text.into(), |address| address.to_string())
    });
    let address = spelt.as_deref();
    let (standing, excluded) = match statement {
        Ok(source) => {
            let node = source.statement();
            let standing = judge(&mut case, policy, node, evidence, role, address, time);
            (standing, physics::excluded(policy, node, evidence, address, time))
        }
        Err(error) => {
            case.source("node statement");
            let text = format!(
                "{}; it would need a valid statement of a trusted operator",
                error.detail
            );
            case.refuse("RF2102", "statement", text);
            (Standing::Unknown, BTreeSet::new())
        }
    };
    // Places are to be ruled out for every node that clients reach by media or relay, whatever else it does.
    let reached = |role: &Role| matches!(role, Role::Media | Role::Relay);
    let stated = statement.map_or(&[][..], |source| &source.statement().roles);
    let mut asked = BTreeSet::new();
    if statement.is_err() || reached(&role) || stated.iter().any(reached) {
        asked = groups::expand(&policy.exclude);
        check_excluded(&mut case, &asked, &excluded);
    }
    let places = (&asked & &excluded, &asked - &excluded);
    case.close(role, standing, places, statement.is_ok_and(|source| source.draft))
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
    let operator = format!("statement {} of {}", node.serial, node.operator_name);
    case.source(&*operator);
    let valid = check_terms(case, node, role, address, time);
    let sources = agreement(node, evidence, time);
    for source in &sources.contradict {
        case.source(source.to_string());
        let text = format!(
            "it places {} in {} and the operator does elsewhere: one of them would have to be corrected",
            source.address, source.country
        );
        case.refuse("RF2103", "statement", text);
    }
    let contradictions = physics::contradictions(node, evidence, policy.liars, time);
    for found in &contradictions {
        case.source(&*found.source);
        let code = if found.certain { "RF2115" } else { "RF2116" };
        case.refuse(code, "statement", &*found.text);
    }
    // A named node needs no geography, but then nothing is known of it either.
    let named = policy.nodes.contains(&node.node);
    let shown = if named {
        evidence.withheld.is_empty()
    } else {
        check_shown(case, evidence)
    };
    case.source(operator);
    let proven = || physics::is_proven(node, evidence, address, policy.liars, time);
    let standing = match (sources.agree.len() >= 2, contradictions.first()) {
        _ if !valid => Standing::Unknown,
        _ if !sources.contradict.is_empty() => Standing::Violation,
        (_, Some(contradiction)) if contradiction.certain => Standing::Violation,
        _ if !shown && !named => Standing::Unknown,
        _ if !shown => Standing::Stated,
        (true, None) if proven() => Standing::Proven,
        (true, None) => Standing::Consistent,
        _ => Standing::Stated,
    };
    if named {
        let name = &node.name;
        let text = format!("the fence names this very node, `{name}`, wherever it stands");
        case.ground("RF2100", "allow.nodes", text);
    }
    // A named node needs no geography, but what the fence says of a role holds for it too.
    check_rules(case, &policy.rule(role, named), node);
    if !named && standing > Standing::Unknown {
        check_standing(case, policy, node, evidence, standing, &sources.agree);
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
    evidence: &Evidence,
    standing: Standing,
    agree: &BTreeSet<Kind>,
) {
    let needed = [Standing::Stated, Standing::Consistent, Standing::Proven][policy.minimum as usize];
    if standing < needed {
        let why = match policy.minimum {
            Minimum::Proven if standing == Standing::Consistent => evidence.why_unproven(),
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
            Standing::Proven => "round trips to beacons leave it no place outside the country",
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
