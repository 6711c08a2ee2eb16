//! The owner changes the charter while the group lives: asked for here, committed like a removal, told to all in words.
//! Not here: whether the commit that brings it is allowed (`admit.rs`).
use super::core::Core;
use super::inside::Inside;
use super::io::Event;
use super::place::Place;
use super::rules::{Change, Rule, RuleKind};
use super::{Outcome, minor};
use crate::context::{Mode, State};
use crate::knock::seal_to;
use ringfence_charter::charter::{Host, host_id};
use ringfence_charter::{Admits, Charter, CharterSource, Founders, PersonRole, Removal};
use ringfence_fence::{Policy, difference};
use ringfence_signed::{B32, Result};

/// What is different in words that a page can say; who is host is told apart, because it has names.
pub(super) fn rules_changed(before: &Charter, after: &Charter, mode: Mode, title: &str) -> Vec<Rule> {
    let rule = |kind| Rule {
        name: match kind {
            RuleKind::Fence => Some(after.fence.name.clone()),
            RuleKind::Title => Some(title.to_owned()),
            _ => None,
        },
        details: match kind {
            RuleKind::Fence => difference(&before.fence, &after.fence),
            _ => vec![],
        },
        ..Rule::plain(kind)
    };
    let limits = |c: &Charter| (c.participants, c.from, c.until, c.retention_days);
    let admission = match RuleKind::of(after.admission) {
        // After a removal a host has to let people in, whatever the charter says of the link.
        RuleKind::Link if mode == Mode::Lobby => RuleKind::Unless,
        kind => kind,
    };
    let table = [
        (before.fence != after.fence, RuleKind::Fence),
        (before.admission != after.admission, admission),
        (before.title != after.title, RuleKind::Title),
        (
            before.trust != after.trust || limits(before) != limits(after),
            RuleKind::Others,
        ),
    ];
    let differing = table.into_iter().filter(|(differs, _)| *differs);
    differing.map(|(_, kind)| rule(kind)).collect()
}

impl Inside {
    /// Takes the role of host from those who are to be removed, one change after the other.
    pub(super) fn unlist(&mut self, core: &mut Core, place: &Place) {
        while let Some(member) = self.unlisting.first().copied() {
            if self.amendment.is_some() || core.asks_owner() {
                return; // then after that change
            }
            match self.amend(core, place, Change::no_host(&member)) {
                Ok(()) => return,
                Err(problem) => {
                    self.unlisting.remove(0);
                    core.problem(&problem.error, false); // they are removed all the same
                }
            }
        }
    }

    /// Nothing is changed before the owner's key has signed it and a commit has carried it.
    pub(super) fn amend(&mut self, core: &mut Core, place: &Place, change: Change) -> Outcome {
        let next = self.next_charter(core, change)?;
        if let Some(reason) = place.verdict_under(&next, core.time()).barred {
            return Err(minor(reason.code, reason.text));
        }
        core.ask_owner(next.owner, next.encode());
        Ok(())
    }

    /// The charter as it would be. Errors: `RF3264` where this device cannot change it, or not now.
    pub(super) fn next_charter(&self, core: &Core, change: Change) -> Outcome<Charter> {
        let refused = |what: &str| Err(minor("RF3264", what));
        let now = &self.state.charter;
        if core.config.owner != Some(now.owner) {
            return refused("this device does not have the owner's key");
        }
        if self.amendment.is_some() || core.asks_owner() {
            return refused("another change is under way: wait until all have it");
        }
        if change.version.is_some_and(|version| version != now.version) {
            return refused("the rules were changed meanwhile: look again at what would be different");
        }
        let mut ledger = self.state.ledger.clone();
        if ledger.amend(now.clone(), self.member.epoch() + 1).is_err() {
            return refused("this meeting has changed too often: end it and begin it anew");
        }
        let before: &Charter = now;
        let mut next = before.clone();
        self.change(core, &mut next, change)
            .and_then(|()| next.check())
            .map_err(|error| minor(error.code, error.detail))?;
        if next == *before {
            return refused("that is how it is already");
        }
        (next.version, next.previous) = (now.version + 1, Some(now.hash));
        Ok(next)
    }

    fn change(&self, core: &Core, next: &mut Charter, change: Change) -> Result<()> {
        let refused = |what: &str| Err(ringfence_signed::Error::new("RF3264", what));
        if let Some(policy) = change.policy {
            next.fence = Policy::decode(&policy.0)?;
        }
        if let Some(admission) = change.admission {
            let admission = Admits::named(&admission)?;
            if admission != next.admission {
                next.admission = admission;
                next.founders = match admission {
                    Admits::Link => Founders::Link,
                    Admits::Lobby => Founders::Hosts,
                };
            }
        }
        let Some(wish) = change.host else { return Ok(()) };
        let other = |key: &B32| *key != core.config.member;
        let Some(member) = super::key_of(&wish.member).filter(other) else {
            return refused("who is to be host, or no more, is somebody else");
        };
        let id = host_id(&next.meeting, &member);
        let entry = self.state.ledger.current(&member);
        if !wish.host {
            // Who was let in as host is one by the key that let them in; a guest is not by their host's.
            let by = entry.filter(|entry| entry.role == PersonRole::Host);
            let by = by.map(|entry| entry.by).filter(|key| Some(*key) != self.host);
            let by = by.map(|key| host_id(&next.meeting, &key));
            next.hosts.retain(|host| host.id != id && Some(host.id) != by);
            return match self.state.ledger.is_host(&member, next) {
                true => refused("they are host by a key of the owner's"),
                false => Ok(()),
            };
        }
        if entry.is_none() {
            return refused("who is to be host is not in");
        }
        if self.state.is_host(&member) {
            return Ok(());
        }
        let Some(hpke) = self.people.get(&member).and_then(|person| person.hpke) else {
            return refused("their page has not said yet by which key it can be a host");
        };
        // Everybody who knocks will seal to it: a key that is none would shut all of them out.
        seal_to(&hpke, b"ringfence host v1", &id, b"")?;
        next.hosts.push(Host { id, hpke });
        Ok(())
    }

    pub(super) fn amendment_signed(&mut self, core: &Core, document: Vec<u8>) -> Outcome {
        let next = CharterSource::read(&document)?;
        self.unlisting.retain(|member| next.host(member).is_some());
        self.amendment = Some(document);
        self.commit_at = Some(core.now);
        Ok(())
    }

    /// Our commit is refused. If that is because of the charter that it brings, another without it may be taken.
    pub(super) fn drop_amendment(&mut self, code: &str) -> bool {
        if code != "RF1103" && code != "RF1104" && code != "RF3239" && !code.starts_with("RF31") {
            return false;
        }
        let ours = self.own.as_ref();
        let brings = ours.is_some_and(|own| own.admitted.state.charter.hash != self.state.charter.hash);
        brings && self.give_up_amendment()
    }

    /// Whether there was one. Whom it was to make host no more is removed all the same.
    pub(super) fn give_up_amendment(&mut self) -> bool {
        let was = self.amendment.take().is_some();
        if was {
            self.unlisting.clear();
        }
        was
    }

    /// Another charter is in force: everything that rests on it is looked at again.
    pub(super) fn amended(&mut self, core: &mut Core, place: &mut Place, before: &State, by: u32) -> Outcome {
        place.amend(&core.config, self.state.charter.clone())?;
        let generation = self.state.context.generation;
        let seen = place.remember(core.config.seen.as_ref(), generation);
        core.remember(seen);
        self.host = core.host_key(&self.state.charter);
        self.decide_soon(core.now);
        self.reconsider_knocks();
        let (charter, group) = (self.state.charter.clone(), self.state.group);
        self.removals
            .retain(|_, document| Removal::verify(document, &charter, &group).is_ok());
        if self.host.is_none() && !std::mem::take(&mut core.knocks_told).is_empty() {
            core.event(Event::Knocks { knocks: vec![] });
        }
        let role = self.host.is_some();
        let owner = core.is_owner(&self.state.charter);
        core.event(place.meeting_event(self.state.context.mode.name(), role, owner));
        let mode = self.state.context.mode;
        let mut rules = rules_changed(&before.charter, &self.state.charter, mode, &place.title);
        rules.extend(self.hosts_changed(core, before));
        let you = by == self.member.own_leaf();
        let by = self
            .state
            .member(by)
            .and_then(|member| self.name_of(core, &member));
        core.event(Event::Charter {
            version: self.state.charter.version,
            by,
            you,
            rules,
        });
        self.unlist(core, place);
        Ok(())
    }

    fn hosts_changed(&self, core: &Core, before: &State) -> Vec<Rule> {
        let mut rules = vec![];
        let meeting = &self.state.charter.meeting;
        let here: Vec<B32> = (self.state.ledger.members())
            .flat_map(|entry| [host_id(meeting, &entry.member), host_id(meeting, &entry.by)])
            .collect();
        let others = |state: &State| -> Vec<Host> {
            let hosts = state.charter.hosts.iter();
            hosts.filter(|host| !here.contains(&host.id)).cloned().collect()
        };
        for entry in self.state.ledger.members() {
            let (was, is) = (before.is_host(&entry.member), self.state.is_host(&entry.member));
            if was != is {
                rules.push(Rule {
                    kind: if is { RuleKind::Host } else { RuleKind::Guest },
                    name: self.name_of(core, &entry.member),
                    you: entry.member == core.config.member,
                    details: vec![],
                });
            }
        }
        if others(before) != others(&self.state) {
            rules.push(Rule::plain(RuleKind::Hosts));
        }
        rules
    }

    fn name_of(&self, core: &Core, member: &B32) -> Option<String> {
        let name = match *member == core.config.member {
            true => core.name.as_ref(),
            false => self.people.get(member).and_then(|person| person.name.as_ref()),
        };
        name.map(|name| name.as_str().to_owned())
    }
}
