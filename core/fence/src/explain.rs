//! A policy in plain sentences. Not here: what it decides (`decide`).
use crate::Policy;
use crate::policy::Minimum;

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
        if !self.sources.is_empty() {
            let kinds: Vec<_> = self.sources.iter().map(|kind| kind.name().to_owned()).collect();
            says.push(format!(
                "Among the data sets that agree there has to be: {}.",
                list(&kinds)
            ));
        }
        for (role, rule) in &self.roles {
            let lists = [
                ("countries", &rule.countries),
                ("law", &rule.law),
                ("operators", &rule.operators),
            ];
            let said = lists
                .iter()
                .filter_map(|(what, items)| Some((what, items.as_ref()?)));
            let said: Vec<_> = said
                .map(|(what, items)| format!("{what} {}", only(items)))
                .collect();
            if !said.is_empty() {
                says.push(format!(
                    "For {}, also of servers that are named: {}.",
                    role.name(),
                    said.join("; ")
                ));
            }
        }
        says
    }
}

fn only(items: &[String]) -> String {
    match items {
        [] => "none".into(),
        [any] if any == "*" => "any".into(),
        items => items.join(", "),
    }
}
