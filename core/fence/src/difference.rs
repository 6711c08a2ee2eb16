//! What another policy changes, in plain sentences: what comes, what goes, what is asked now and was not before.
//! Not here: what a policy says by itself (`explain`), and whether it may be changed (the charter's owner).
use crate::explain::{law, minimum, only, role, sources};
use crate::policy::Minimum;
use crate::{Policy, Role, groups};
use ringfence_signed::{B32, to_text};
use std::collections::BTreeSet;

type Names = BTreeSet<String>;

/// A list of countries, laws or operators as it is decided by; `None` is any.
type Among = Option<Names>;

/// What nodes that are not named have to fulfil besides standing in an allowed country.
struct Asked {
    law: Among,
    operators: Among,
    minimum: Minimum,
    sources: Names,
}

/// What a policy comes to: two that decide alike have the same, however they are written.
struct Meaning<'a> {
    policy: &'a Policy,
    countries: Names,
    /// None where no country is allowed: then nobody is asked.
    asked: Option<Asked>,
}

impl<'a> Meaning<'a> {
    fn of(policy: &'a Policy) -> Self {
        let countries = groups::expand(&policy.countries);
        let asked = (!countries.is_empty()).then(|| Asked {
            law: among(&policy.law, groups::expand),
            operators: among(&policy.operators, names),
            minimum: policy.minimum,
            sources: (policy.sources.iter().map(|kind| kind.name().to_owned())).collect(),
        });
        Self {
            policy,
            countries,
            asked,
        }
    }

    /// Whatever else it says.
    fn allows_nothing(&self) -> bool {
        self.countries.is_empty() && self.policy.nodes.is_empty()
    }

    fn exclude(&self) -> &'a [String] {
        if self.allows_nothing() {
            &[]
        } else {
            &self.policy.exclude
        }
    }

    fn liars(&self) -> u64 {
        if self.allows_nothing() {
            0
        } else {
            self.policy.liars
        }
    }

    /// What a role's rule asks beyond `[allow]`. Where no node is named, to say the same once more is to say nothing.
    fn own_words(&self, role: Role) -> [Among; 3] {
        let rule = self.policy.roles.get(&role);
        let Some(rule) = rule.filter(|_| !self.allows_nothing()) else {
            return [None, None, None];
        };
        let asked = self.asked.as_ref();
        let own = |list: &Option<Vec<String>>, read: fn(&[String]) -> Names, same: Option<&Names>| {
            let own = list.as_ref().and_then(|list| among(list, read));
            own.filter(|own| !self.policy.nodes.is_empty() || Some(own) != same)
        };
        [
            own(&rule.countries, groups::expand, Some(&self.countries)),
            own(
                &rule.law,
                groups::expand,
                asked.and_then(|asked| asked.law.as_ref()),
            ),
            own(
                &rule.operators,
                names,
                asked.and_then(|asked| asked.operators.as_ref()),
            ),
        ]
    }
}

fn names(list: &[String]) -> Names {
    list.iter().cloned().collect()
}

fn among(list: &[String], read: fn(&[String]) -> Names) -> Among {
    (list != ["*"]).then(|| read(list))
}

/// What differs, one sentence each; none where both mean the same. Countries and groups are in codes.
pub fn difference(before: &Policy, after: &Policy) -> Vec<String> {
    let (was, is) = (Meaning::of(before), Meaning::of(after));
    let mut says = vec![];
    if is.allows_nothing() && !was.allows_nothing() {
        says.push("No server is allowed any more: this fence names neither a country nor a node.".into());
    }
    let (gone, come) = compared(&before.countries, &after.countries);
    say(&mut says, "Servers are no longer allowed in", gone);
    say(&mut says, "Servers are now allowed in", come);
    compare_nodes(&mut says, &before.nodes, &after.nodes);
    if let Some(asked) = &is.asked {
        compare_asked(&mut says, (before, was.asked.as_ref()), (after, asked));
    }
    // Of a fence that allows nothing, nothing else is to be said.
    if !is.allows_nothing() {
        let (gone, come) = compared(was.exclude(), is.exclude());
        say(&mut says, "Measured round trips need no longer rule out", gone);
        say(&mut says, "Measured round trips now have to rule out", come);
        if was.liars() != is.liars() {
            let (was, is) = (was.liars(), is.liars());
            says.push(format!(
                "What round trips show has to hold though {is} of the observers lie; before: {was}."
            ));
        }
        compare_roles(&mut says, &was, &is);
    }
    says
}

fn say(says: &mut Vec<String>, what: &str, list: Vec<String>) {
    if !list.is_empty() {
        says.push(format!("{what}: {}.", list.join(", ")));
    }
}

/// Which places go and which come, by group where a whole group does.
fn compared(before: &[String], after: &[String]) -> (Vec<String>, Vec<String>) {
    let (was, is) = (groups::expand(before), groups::expand(after));
    (gone(before, &is, &was - &is), come(after, &is - &was))
}

fn groups_in(list: &[String]) -> impl Iterator<Item = (&String, Names)> {
    let groups = list.iter().filter(|entry| !groups::is_country(entry));
    groups.map(|group| (group, groups::expand(std::slice::from_ref(group))))
}

fn gone(before: &[String], is: &Names, mut lost: Names) -> Vec<String> {
    let mut list = vec![];
    for (group, members) in groups_in(before) {
        let (left, here) = (&members & &lost, &members & is);
        if left.is_empty() || here.len() >= left.len() {
            continue; // it is shorter to name those that go
        }
        let but: Vec<String> = here.into_iter().collect();
        list.push(match but.as_slice() {
            [] => format!("the group {group}"),
            but => format!("the group {group} (but still in {})", but.join(", ")),
        });
        lost = &lost - &members;
    }
    list.extend(lost);
    list
}

/// A group that came is allowed as a whole, also where some of it was allowed before.
fn come(after: &[String], mut won: Names) -> Vec<String> {
    let mut list = vec![];
    for (group, members) in groups_in(after) {
        if (&members & &won).len() > 1 {
            list.push(format!("the group {group}"));
            won = &won - &members;
        }
    }
    list.extend(won);
    list
}

fn compare_nodes(says: &mut Vec<String>, was: &[B32], is: &[B32]) {
    let only = |these: &[B32], those: &[B32]| {
        let mut keys = vec![];
        for key in these {
            let text = to_text(key);
            if !those.contains(key) && !keys.contains(&text) {
                keys.push(text);
            }
        }
        keys
    };
    say(says, "No longer allowed by name, by their keys", only(was, is));
    let what = "Allowed by name, wherever they stand and whoever runs them, by their keys";
    say(says, what, only(is, was));
}

fn compare_asked(
    says: &mut Vec<String>,
    (before, was): (&Policy, Option<&Asked>),
    (after, is): (&Policy, &Asked),
) {
    let who = "Operators and their parent companies may";
    match (was.map(|was| &was.law), &is.law) {
        (Some(was), is) if was == is => {}
        (Some(Some(_)), Some(_)) => {
            let (gone, come) = compared(&before.law, &after.law);
            say(says, &format!("{who} no longer answer to the law of"), gone);
            say(says, &format!("{who} now also answer to the law of"), come);
        }
        _ => says.push(law(&after.law)),
    }
    match (was.map(|was| &was.operators), &is.operators) {
        (Some(was), is) if was == is => {}
        (None, None) => {}
        (Some(Some(was)), Some(is)) => {
            let list = |set: Names| set.into_iter().collect();
            say(says, "These operators are no longer allowed", list(was - is));
            say(says, "These operators are allowed now", list(is - was));
        }
        (_, None) => says.push("Any operator is allowed now.".into()),
        (_, Some(is)) => {
            let ids: Vec<String> = is.iter().cloned().collect();
            says.push(format!("Only these operators: {}.", only(&ids)));
        }
    }
    let asks = minimum(is.minimum);
    match was.map(|was| was.minimum.cmp(&is.minimum)) {
        Some(std::cmp::Ordering::Equal) => {}
        Some(std::cmp::Ordering::Less) => says.push(format!("More is asked than before. {asks}")),
        Some(std::cmp::Ordering::Greater) => says.push(format!("Less is asked than before. {asks}")),
        None => says.push(asks.into()),
    }
    let none = Names::new();
    if was.map_or(&none, |was| &was.sources) != &is.sources {
        says.push(match is.sources.is_empty() {
            true => "No kind of data set has to be among those that agree any more.".into(),
            false => sources(&after.sources),
        });
    }
}

fn compare_roles(says: &mut Vec<String>, was: &Meaning, is: &Meaning) {
    for one in Role::ALL {
        let own = is.own_words(one);
        if was.own_words(one) == own {
            continue;
        }
        let rule = is.policy.roles.get(&one);
        says.push(match rule.filter(|_| own.iter().any(Option::is_some)) {
            Some(rule) => format!("This is another rule than before. {}", role(one, rule)),
            None => format!(
                "For {} nothing else is asked any more than for every role.",
                one.name()
            ),
        });
    }
}
