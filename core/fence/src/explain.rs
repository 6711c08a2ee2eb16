//! A policy in plain sentences. Not here: what it decides (`decide`).
use crate::policy::Minimum;
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
            let plural = if self.nodes.len() == 1 {
                "The one server that it names is"
            } else {
                "The servers that it names are"
            };
            says.push(
                format!("{plural} allowed, wherever they stand and whoever runs them.").replace(
                    "is allowed, wherever they stand and whoever runs them",
                    "is allowed, wherever it stands and whoever runs it",
                ),
            );
        }
        if !self.countries.is_empty() {
            says.push(format!("Servers are allowed in: {}.", list(&self.countries)));
            says.push(match self.law.as_slice() {
                [any] if any == "*" => "Operators and their parent companies may answer to any law.".into(),
                law => format!(
                    "Operators and every parent company may answer only to the law of: {}.",
                    list(law)
                ),
            });
            if self.operators != ["*"] {
                says.push(format!("Only these operators: {}.", list(&self.operators)));
            }
            says.push(match self.minimum {
                Minimum::Stated => "The operator's signed word about the place is enough.".into(),
                Minimum::Consistent => {
                    "Two independent data sets have to agree with the operator about the place.".into()
                }
                Minimum::Proven => "Measured round trips have to prove the place.".into(),
            });
        }
        if !self.exclude.is_empty() {
            says.push(format!(
                "Measured round trips have to rule out: {}.",
                list(&self.exclude)
            ));
        }
        for role in Role::ALL.into_iter().filter(|role| self.roles.contains_key(role)) {
            says.push(format!("For {} the rules are stricter.", role.name()));
        }
        says
    }
}
