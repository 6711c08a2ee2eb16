//! The decision: may this node do this for a meeting with this fence? The only place that compares a country.
//! Not here: the clock, the network, and what to do about a refusal.
use crate::evidence::{Evidence, MAX_AGE};
use crate::policy::Minimum;
use crate::{Policy, Role, Statement, StatementSource, groups};
use ringfence_signed::Error;
use serde::Serialize;
use std::collections::BTreeSet;

/// What a claim about a node is worth, weakest first (fence documentation, "Standing").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    Violation,
    Unknown,
    Stated,
    Consistent,
    Proven,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    pub code: &'static str,
    pub rule: &'static str,
    pub source: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    pub role: Role,
    pub allowed: bool,
    pub standing: Standing,
    pub excluded: Vec<String>,
    pub not_excluded: Vec<String>,
    /// Why, in words. Of a refusal: everything that would have to change.
    pub reasons: Vec<Reason>,
}

/// Something that belongs to a node which was decided to be inside the fence. Only [`Decision::inside`] makes one.
#[derive(Debug, Clone)]
pub struct InFence<T>(T);

impl<T> InFence<T> {
    pub fn get(&self) -> &T {
        &self.0
    }
}

impl Decision {
    pub fn inside<T>(&self, node: T) -> Option<InFence<T>> {
        self.allowed.then_some(InFence(node))
    }
}

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
    let mut case = Case {
        refusals: vec![],
        grounds: vec![],
    };
    let standing = match statement {
        Err(error) => {
            case.refuse("RF2102", "statement", "node statement", error.detail.clone());
            Standing::Unknown
        }
        Ok(source) => case.judge(policy, source.statement(), evidence, role, address, time),
    };
    // Round trips alone rule a place out, and this version measures none (fence documentation, "Physics").
    let not_excluded: Vec<String> = groups::expand(&policy.exclude).into_iter().collect();
    if let Some(country) = not_excluded.first() {
        let text =
            format!("nothing rules out that the node is in {country}; this version measures no round trips");
        case.refuse("RF2109", "evidence.exclude", "no measurement", text);
    }
    let allowed = case.refusals.is_empty();
    let reasons = if allowed { case.grounds } else { case.refusals };
    Decision {
        role,
        allowed,
        standing,
        excluded: vec![],
        not_excluded,
        reasons,
    }
}

struct Case {
    refusals: Vec<Reason>,
    grounds: Vec<Reason>,
}

impl Case {
    fn refuse(&mut self, code: &'static str, rule: &'static str, source: &str, text: impl Into<String>) {
        self.refusals.push(Reason {
            code,
            rule,
            source: source.into(),
            text: text.into(),
        });
    }

    fn ground(&mut self, code: &'static str, rule: &'static str, source: &str, text: impl Into<String>) {
        self.grounds.push(Reason {
            code,
            rule,
            source: source.into(),
            text: text.into(),
        });
    }

    fn judge(
        &mut self,
        policy: &Policy,
        node: &Statement,
        evidence: &Evidence,
        role: Role,
        address: Option<&str>,
        time: u64,
    ) -> Standing {
        let word = format!("statement {} of {}", node.serial, node.operator_name);
        self.check_terms(node, role, address, time, &word);
        let current = (node.from..node.until).contains(&time);
        let listed = address.is_none_or(|address| node.addresses.iter().any(|known| known == address));
        let standing = if current && listed {
            self.standing(node, evidence, time)
        } else {
            Standing::Unknown
        };
        if standing == Standing::Violation {
            self.refuse(
                "RF2103",
                "statement",
                &word,
                "a source contradicts the country that the operator states",
            );
        }
        if policy.nodes.contains(&node.node) {
            self.ground(
                "RF2100",
                "allow.nodes",
                &word,
                format!("the fence names this very node, `{}`", node.name),
            );
            // Roles stay binding for named nodes too, but a place is what naming a node does without.
            return standing;
        }
        self.check_place(policy, node, role, &word);
        let needed = [Standing::Stated, Standing::Consistent, Standing::Proven][policy.minimum as usize];
        if standing < needed && standing > Standing::Unknown {
            let private = node.addresses.iter().all(|address| is_private(address));
            let why = match (policy.minimum, private) {
                (Minimum::Proven, _) => "this version measures no round trips, so nothing is proven",
                (_, true) => {
                    "its address is private, which no registry can place: only the operator's word is there"
                }
                (_, false) => "fewer than two independent data sets agree with the operator",
            };
            let text = format!("the fence asks for `{}`: {why}", policy.minimum.name());
            self.refuse("RF2108", "evidence.minimum", &word, text);
        }
        standing
    }

    fn check_terms(&mut self, node: &Statement, role: Role, address: Option<&str>, time: u64, word: &str) {
        if time < node.from {
            self.refuse(
                "RF2105",
                "statement.from",
                word,
                "the operator's statement is not valid yet",
            );
        }
        if time >= node.until {
            self.refuse(
                "RF2105",
                "statement.until",
                word,
                "the operator's statement has ended",
            );
        }
        if !node.roles.contains(&role) {
            let text = format!("the operator does not state that the node does `{}`", role.name());
            self.refuse("RF2106", "statement.roles", word, text);
        }
        if let Some(address) = address.filter(|address| !node.addresses.iter().any(|known| known == address))
        {
            self.refuse(
                "RF2107",
                "statement.addresses",
                word,
                format!("the address {address} is not in the statement"),
            );
        }
    }

    fn check_place(&mut self, policy: &Policy, node: &Statement, role: Role, word: &str) {
        let (countries, law, operators) = policy.rule(role);
        let allowed = groups::expand(countries);
        match &node.country {
            None => self.refuse(
                "RF2104",
                "allow.countries",
                word,
                "the operator does not say in which country the node is",
            ),
            Some(country) if allowed.contains(country) => {
                self.ground(
                    "RF2101",
                    "allow.countries",
                    word,
                    format!("the operator states that it is in {country}, which the fence allows"),
                );
            }
            Some(country) if allowed.is_empty() => {
                self.refuse(
                    "RF2104",
                    "allow.countries",
                    word,
                    format!("the fence allows no country, and does not name this node (in {country})"),
                );
            }
            Some(country) => self.refuse(
                "RF2104",
                "allow.countries",
                word,
                format!("{country} is not among the countries of the fence"),
            ),
        }
        if !(operators == ["*"] || operators.contains(&node.operator)) {
            self.refuse(
                "RF2110",
                "allow.operators",
                word,
                format!("the operator `{}` is not in the fence", node.operator),
            );
        }
        if law != ["*"] {
            let allowed = groups::expand(law);
            let answers_to = std::iter::once((&node.operator_name, &node.law));
            for (who, laws) in answers_to.chain(node.parents.iter().map(|p| (&p.name, &p.law))) {
                self.check_law(who, laws, &allowed, word);
            }
        }
    }

    fn check_law(&mut self, who: &str, laws: &[String], allowed: &BTreeSet<String>, word: &str) {
        if laws.is_empty() {
            self.refuse(
                "RF2111",
                "allow.law",
                word,
                format!("it is not stated whose law {who} answers to"),
            );
        }
        for law in laws.iter().filter(|law| !allowed.contains(*law)) {
            self.refuse(
                "RF2111",
                "allow.law",
                word,
                format!("{who} answers to the law of {law}, which the fence does not allow"),
            );
        }
    }

    fn standing(&mut self, node: &Statement, evidence: &Evidence, time: u64) -> Standing {
        let Some(country) = &node.country else {
            return Standing::Stated;
        };
        let mut standing = Standing::Consistent;
        for address in &node.addresses {
            let fresh = evidence
                .sources
                .iter()
                .filter(|s| &s.address == address && s.date <= time && time - s.date <= MAX_AGE);
            let fresh: Vec<_> = fresh.collect();
            if fresh.iter().any(|source| &source.country != country) {
                return Standing::Violation;
            }
            let kinds: BTreeSet<_> = fresh.iter().filter(|s| s.pinned).map(|s| &s.kind).collect();
            if kinds.len() < 2 {
                standing = Standing::Stated;
            }
        }
        if node.addresses.is_empty() {
            Standing::Stated
        } else {
            standing
        }
    }
}

/// Whether no registry can place the address: private, loopback, link-local or not an address.
pub fn is_private(address: &str) -> bool {
    match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(v4)) => {
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified()
        }
        Ok(std::net::IpAddr::V6(v6)) => {
            v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local()
        }
        Err(_) => true,
    }
}
