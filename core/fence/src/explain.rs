//! A policy in plain sentences. Not here: what it decides (`decide`).
use crate::evidence::Kind;
use crate::policy::{Minimum, Rule};
use crate::{Policy, Role};

impl Policy {
    /// What the policy says, one short sentence for each rule that says something.
    pub fn explain(&self) -> Vec<String> {
        let mut says = vec![];
        let list = |items: &[String]| items.join(", ");
        if self.countries.is_empty() && self.nodes.is_empty() {
            says.push("No server is allowed: this fence names neither a country nor a node.".into());
        }
        if !self.nodes.is_empty() {
            says.push(match self.nodes.len() {
                1 => {
                    "The one server that it names is allowed, wherever it stands and whoever runs it.".into()
                }
                many => format!(
                    "The {many} servers that it names are allowed, wherever they stand and whoever runs them."
                ),
            });
        }
        if !self.countries.is_empty() {
            says.push(format!("Servers are allowed in: {}.", list(&self.countries)));
            says.push(law(&self.law));
            if self.operators != ["*"] {
                says.push(format!("Only these operators: {}.", list(&self.operators)));
            }
            says.push(minimum(self.minimum).into());
        }
        if !self.exclude.is_empty() {
            says.push(format!(
                "Measured round trips have to rule out: {}.",
                list(&self.exclude)
            ));
        }
        if !self.sources.is_empty() {
            says.push(sources(&self.sources));
        }
        let rules = self.roles.iter();
        let rules = rules.filter(|(_, rule)| **rule != Rule::default());
        says.extend(rules.map(|(name, rule)| role(*name, rule)));
        says
    }
}

pub(crate) fn law(list: &[String]) -> String {
    match list {
        [any] if any == "*" => "Operators and their parent companies may answer to any law.".into(),
        law => format!(
            "Operators and every parent company may answer only to the law of: {}.",
            only(law)
        ),
    }
}

pub(crate) fn minimum(minimum: Minimum) -> &'static str {
    match minimum {
        Minimum::Stated => "The operator's signed word about the place is enough.",
        Minimum::Consistent => "Two independent data sets have to agree with the operator about the place.",
        Minimum::Proven => "Measured round trips have to prove the place.",
    }
}

pub(crate) fn sources(kinds: &[Kind]) -> String {
    let kinds: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    format!(
        "Among the data sets that agree there has to be: {}.",
        kinds.join(", ")
    )
}

pub(crate) fn role(role: Role, rule: &Rule) -> String {
    let lists = [
        ("countries", &rule.countries),
        ("law", &rule.law),
        ("operators", &rule.operators),
    ];
    let said = lists
        .iter()
        .filter_map(|(what, items)| Some(format!("{what} {}", only(items.as_ref()?))));
    let said: Vec<_> = said.collect();
    format!(
        "For {}, also of servers that are named: {}.",
        role.name(),
        said.join("; ")
    )
}

pub(crate) fn only(items: &[String]) -> String {
    match items {
        [] => "none".into(),
        [any] if any == "*" => "any".into(),
        items => items.join(", "),
    }
}
