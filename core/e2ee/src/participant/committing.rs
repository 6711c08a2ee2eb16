//! Making commits: who knocks, whom a host removes, who wants to leave; batched, in turn, and rebuilt when lost.
//! Not here: whether a commit is allowed (`admit.rs` judges ours too, before anybody sees it).
use super::core::{Core, Purpose};
use super::inside::Inside;
use super::io::{Admitting, Bytes, ClientMessage, Event, KnockItem, KnockMessage};
use super::{Outcome, minor};
use crate::admit::{admit, check_leaf, mode_after};
use crate::context::{Admitted, Context, Mode};
use crate::facts::Leaf;
use crate::knock::{Name, open_name};
use crate::member::{Plan, random, read_package};
use openmls::prelude::KeyPackage;
use ringfence_charter::charter::host_id;
use ringfence_charter::ledger::Grounds;
use ringfence_charter::{Admission, Knock, PersonRole, Removal, Remover};
use ringfence_signed::{B32, Error, Result, cose, hash};

/// Joins within this time are one commit.
const BATCH_MS: u64 = 250;
/// The member of rank r waits r times this long, so that mostly one commits.
const RANK_MS: u64 = 300;
const ECHO_MS: u64 = 5_000;
const MOST_ADDS: usize = 128;
const MOST_KNOCKS: usize = 512;

pub struct Knocker {
    pub member: B32,
    package: KeyPackage,
    admission: Option<Vec<u8>>,
    /// Known to hosts only.
    name: Option<Name>,
    /// A host said yes and signs.
    signing: bool,
}

pub struct OwnCommit {
    pub commit: Vec<u8>,
    pub admitted: Admitted,
    pub deadline: u64,
}

/// What one commit will do, and what says that it may.
#[derive(Default)]
struct Draft {
    plan: Plan,
    grounds: Grounds,
    welcomes: Vec<Admitting>,
}

impl Inside {
    pub(super) fn on_knock(&mut self, core: &mut Core, message: KnockMessage) -> Outcome {
        let refused = |error: Error| minor(error.code, error.detail);
        let (charter, group) = (&self.state.charter, &self.state.group);
        let knock =
            Knock::verify(&message.proof.0, charter, group, &hash(&message.package.0)).map_err(refused)?;
        if knock.member == core.config.member || self.knocks.len() >= MOST_KNOCKS {
            return Ok(());
        }
        let package = read_package(self.member.crypto(), &message.package.0).map_err(refused)?;
        let certified = check_leaf(&self.state, 0, &Leaf::of(package.leaf_node())).map_err(refused)?;
        if certified != knock.member {
            return Err(minor(
                "RF3226",
                "the key package is of another member than the knock",
            ));
        }
        let mut name = None;
        if let (Some(host), Some(secret)) = (self.host, &core.config.host_hpke) {
            let id = host_id(&charter.meeting, &host);
            let ours = message.names.iter().find(|sealed| sealed.host.0 == id);
            name = ours.and_then(|n| open_name(secret, group, &knock.member, &n.sealed.0).ok());
        }
        let admission = message.admission.map(|admission| admission.0);
        let unfit = match &admission {
            Some(document) => self.check_admission(document, &knock.member).err(),
            None if self.state.ledger.current(&knock.member).is_some() => None,
            None => Some(Error::new("RF3227", "no admission at all")),
        };
        self.knocks.retain(|_, other| other.member != knock.member);
        let knocker = Knocker {
            member: knock.member,
            package,
            admission: admission.filter(|_| unfit.is_none()),
            name,
            signing: false,
        };
        self.knocks.insert(message.id, knocker);
        self.tell_knocks(core);
        self.schedule(core);
        // Who comes by the link into what is a lobby by now is no lie; that nobody need be asked would be.
        match unfit.filter(|_| message.auto) {
            Some(error) => Err(minor("RF3263", format!("{}: {}", error.code, error.detail))),
            None => Ok(()),
        }
    }

    fn check_admission(&self, document: &[u8], member: &B32) -> Result<()> {
        let (state, link_admits) = (&self.state, self.mode() == Mode::Link);
        let (charter, hash) = (&state.charter, &state.charter_hash);
        let admission = Admission::verify(document, charter, hash, &state.group, link_admits)?;
        match admission.member == *member {
            true => Ok(()),
            false => Err(Error::new("RF3132", "the admission is somebody else's")),
        }
    }

    /// After the way in has changed, admissions that no longer count are forgotten: a host is asked.
    pub(super) fn reconsider_knocks(&mut self) {
        let mut knocks = std::mem::take(&mut self.knocks);
        for knocker in knocks.values_mut() {
            let admission = knocker.admission.take();
            knocker.admission =
                admission.filter(|document| self.check_admission(document, &knocker.member).is_ok());
        }
        self.knocks = knocks;
    }

    /// Nobody needs to be asked about who has an admission, or comes back.
    fn is_ready(&self, knocker: &Knocker) -> bool {
        knocker.admission.is_some() || self.state.ledger.current(&knocker.member).is_some()
    }

    pub(super) fn tell_knocks(&mut self, core: &mut Core) {
        if self.host.is_none() {
            return;
        }
        let asking = |(id, knocker): (&String, &Knocker)| {
            let asks = !knocker.signing && !self.is_ready(knocker);
            let name = knocker.name.as_ref().map_or("?", Name::as_str).to_owned();
            asks.then(|| KnockItem { id: id.clone(), name })
        };
        let knocks: Vec<KnockItem> = self.knocks.iter().filter_map(asking).collect();
        let ids: Vec<String> = knocks.iter().map(|k| k.id.clone()).collect();
        if ids != core.knocks_told {
            core.knocks_told = ids;
            core.event(Event::Knocks { knocks });
        }
    }

    pub(super) fn admit(&mut self, core: &mut Core, id: &str) -> Outcome {
        let (Some(host), Some(knocker)) = (self.host, self.knocks.get_mut(id)) else {
            return Err(minor("RF3251", "that knock is gone, or we are no host"));
        };
        knocker.signing = true;
        let admission = Admission {
            meeting: core.config.meeting,
            group: self.state.group,
            member: knocker.member,
            role: PersonRole::Guest,
            charter: self.state.charter_hash,
            nonce: random()?,
            by: host,
        };
        core.ask_host(
            host,
            cose::label::ADMISSION,
            admission.encode(),
            Purpose::Admission { knock: id.into() },
        );
        self.tell_knocks(core);
        Ok(())
    }

    /// The host who admits commits, at once.
    pub(super) fn admitted(&mut self, core: &mut Core, id: &str, document: Vec<u8>) -> Outcome {
        if let Some(knocker) = self.knocks.get_mut(id) {
            knocker.signing = false;
            knocker.admission = Some(document);
            self.commit_at = Some(core.now);
        }
        Ok(())
    }

    pub(super) fn deny(&mut self, core: &mut Core, id: String) -> Outcome {
        if self.host.is_none() || self.knocks.remove(&id).is_none() {
            return Err(minor("RF3251", "that knock is gone, or we are no host"));
        }
        core.send(ClientMessage::Deny { knock: id });
        self.tell_knocks(core);
        Ok(())
    }

    pub(super) fn remove(&mut self, core: &mut Core, member: B32) -> Outcome {
        let entry = self
            .state
            .ledger
            .current(&member)
            .filter(|_| member != core.config.member);
        let (Some(host), Some(entry)) = (self.host, entry) else {
            return Err(minor("RF3251", "they are not in, or we are no host"));
        };
        let (meeting, group) = (core.config.meeting, self.state.group);
        let removal = Removal {
            meeting,
            group,
            member,
            added: entry.added,
            by: host,
        };
        core.ask_host(
            host,
            cose::label::REMOVAL,
            removal.encode(),
            Purpose::Removal { member },
        );
        Ok(())
    }

    pub(super) fn removal_signed(&mut self, core: &mut Core, member: B32, document: Vec<u8>) -> Outcome {
        self.removals.insert(member, document);
        self.commit_at = Some(core.now);
        Ok(())
    }

    fn has_work(&self) -> bool {
        !self.removals.is_empty()
            || !self.member.leaving().is_empty()
            || self.knocks.values().any(|knocker| self.is_ready(knocker))
    }

    /// Sets the time of our next commit, after those whose turn is before ours.
    pub(super) fn schedule(&mut self, core: &Core) {
        if self.own.is_some() || self.commit_at.is_some() || !self.has_work() {
            return;
        }
        let leaving = self.member.leaving();
        let own = self.member.own_leaf();
        let before =
            |leaf: &&u32| **leaf < own && self.state.seats.contains_key(*leaf) && !leaving.contains(*leaf);
        let rank = self.present.iter().filter(before).count() as u64;
        self.commit_at = Some(core.now + BATCH_MS + rank * RANK_MS);
    }

    pub(super) fn lost_race(&mut self, core: &mut Core) -> Outcome {
        if self.own.take().is_some() {
            self.member.clear_own()?;
        }
        self.losses += 1;
        if self.losses > 3 {
            // Not a race: something in it is refused each time. The server tells of knocks anew.
            self.losses = 0;
            self.knocks.clear();
            self.removals.clear();
            self.tell_knocks(core);
            return Err(minor("RF3255", "the server took none of our commits"));
        }
        self.commit_at = None;
        self.schedule(core);
        Ok(())
    }

    pub(super) fn commit(&mut self, core: &mut Core) -> Outcome {
        self.commit_at = None;
        if self.own.is_some() || self.leaving.is_some() || !self.has_work() {
            return Ok(());
        }
        let draft = self.draft(core)?;
        let (epoch, data) = (self.member.epoch(), draft.plan.data.clone());
        let outgoing = self.member.commit(draft.plan)?;
        let judged = self
            .member
            .own_facts(data)
            .and_then(|facts| admit(&self.state, &facts));
        let admitted = match judged {
            Ok(admitted) => admitted,
            Err(error) => {
                self.member.clear_own()?;
                self.knocks
                    .retain(|id, _| !draft.welcomes.iter().any(|w| w.knock == *id));
                self.removals.clear();
                self.tell_knocks(core);
                return Err(minor(error.code, error.detail));
            }
        };
        core.send(ClientMessage::Commit {
            epoch,
            commit: Bytes(outgoing.commit.clone()),
            group_info: Bytes(outgoing.group_info),
            welcome: outgoing.welcome.map(Bytes),
            welcomes: draft.welcomes,
        });
        self.own = Some(OwnCommit {
            commit: outgoing.commit,
            admitted,
            deadline: core.now + ECHO_MS,
        });
        Ok(())
    }

    fn draft(&mut self, core: &mut Core) -> Outcome<Draft> {
        let mut draft = Draft::default();
        let mut next = self.state.clone();
        let epoch = self.member.epoch() + 1;
        let leaving = self.member.leaving();
        for (member, document) in &self.removals {
            let seat = self
                .state
                .seats
                .iter()
                .find(|(_, key)| *key == member)
                .map(|(leaf, _)| *leaf);
            let Some(leaf) = seat.filter(|leaf| !leaving.contains(leaf)) else {
                continue;
            };
            let by = self.host.map_or(Remover::Oneself, Remover::Host);
            next.ledger.end(member, epoch, by)?;
            draft.plan.removes.push(leaf);
            draft.grounds.removals.push(document.clone());
        }
        for leaf in &leaving {
            let Some(member) = self.state.seats.get(leaf) else {
                continue;
            };
            if !self.knocks.values().any(|knocker| knocker.member == *member) {
                next.ledger.end(member, epoch, Remover::Oneself)?;
            }
        }
        self.draft_adds(core, &mut draft, &mut next.ledger, epoch, &leaving);
        next.context.ledger = next.ledger.hash();
        next.context.mode = mode_after(&next, epoch);
        draft.plan.ringfence = (next.context != self.state.context).then(|| Context::encode(&next.context));
        draft.plan.psk = !draft.plan.adds.is_empty();
        draft.plan.data = draft.grounds.encode();
        Ok(draft)
    }

    fn draft_adds(
        &self,
        core: &mut Core,
        draft: &mut Draft,
        ledger: &mut ringfence_charter::Ledger,
        epoch: u64,
        leaving: &[u32],
    ) {
        let state = &self.state;
        let link_admits = ledger.link_admits(&state.charter, epoch);
        for (id, knocker) in &self.knocks {
            if draft.plan.adds.len() >= MOST_ADDS {
                break;
            }
            let seat = state
                .seats
                .iter()
                .find(|(_, key)| **key == knocker.member)
                .map(|(leaf, _)| *leaf);
            match seat {
                // Being removed in this very commit: their next knock counts.
                Some(_) if ledger.current(&knocker.member).is_none() => continue,
                Some(leaf) if leaving.contains(&leaf) => {}
                Some(leaf) => draft.plan.removes.push(leaf),
                None => {
                    let Some(document) = &knocker.admission else {
                        continue;
                    };
                    if ledger.members().count() as u64 >= state.charter.participants {
                        let full = minor("RF3232", "somebody knocks, and the meeting is full");
                        core.problem(&full.error, false);
                        continue;
                    }
                    let read = Admission::verify(
                        document,
                        &state.charter,
                        &state.charter_hash,
                        &state.group,
                        link_admits,
                    );
                    let entered =
                        read.and_then(|admission| ledger.enter(&admission, document.clone(), epoch));
                    if entered.is_err() {
                        continue;
                    }
                    draft.grounds.admissions.push(document.clone());
                }
            }
            draft.plan.adds.push(knocker.package.clone());
            draft.welcomes.push(Admitting { knock: id.clone() });
        }
    }
}
