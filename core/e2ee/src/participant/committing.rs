//! Making commits: whom a host lets in or removes, who wants to leave; batched, in turn, and rebuilt when lost.
//! Not here: whether a commit is allowed (`admit.rs` judges ours too, before anybody sees it), or who knocks (`lobby.rs`).
use super::core::{Core, Purpose};
use super::deadline::Deadline;
use super::inside::Inside;
use super::io::Bytes;
use super::lobby::Lobby;
use super::messages::{Admitting, ClientMessage};
use super::place::Place;
use super::{Outcome, minor};
use crate::admit::{admit, mode_after};
use crate::context::{Admitted, Context};
use crate::member::Plan;
use ringfence_charter::ledger::Grounds;
use ringfence_charter::{Admission, CharterSource, Ledger, Removal, Remover};
use ringfence_signed::{B32, cose};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A tick begins with each commit: what comes within it is one more commit, and what comes after it is one at once.
const TICK_MS: u64 = 250;
/// The member of rank r waits r times this long, so that mostly one commits.
const RANK_MS: u64 = 300;
pub(super) const ECHO_MS: u64 = 5_000;
/// A server that can write nothing down is asked again this much later.
const STORE_MS: u64 = 5_000;
const MOST_ADDS: usize = 128;
/// Who is not connected and was not heard for so long is taken for lost.
pub(super) const LOST_MS: u64 = 15_000;
/// Whose connection ended just now gets so long for another, however long they were silent before: a device wakes up so.
pub(super) const GONE_MS: u64 = 5_000;
/// Who was heard so lately is not lost, whoever says so.
const HEARD_MS: u64 = 10_000;

pub struct OwnCommit {
    pub commit: Vec<u8>,
    pub admitted: Admitted,
    pub deadline: Deadline,
    /// The server took it; whether it counts is not said yet.
    pub taken: bool,
}

/// What one commit will do, and what says that it may.
#[derive(Default)]
struct Draft {
    plan: Plan,
    grounds: Grounds,
    welcomes: Vec<Admitting>,
}

impl Draft {
    fn is_empty(&self) -> bool {
        self.plan.adds.is_empty() && self.plan.removes.is_empty() && self.plan.ringfence.is_none()
    }
}

impl Inside {
    pub(super) fn remove(&mut self, core: &mut Core, place: &Place, member: B32) -> Outcome {
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
        // Whom the charter names as host could let themselves in again: the owner takes that from them first.
        let listed = core.is_owner(&self.state.charter) && self.state.charter.host(&member).is_some();
        if listed && !self.unlisting.contains(&member) {
            self.unlisting.push(member);
            self.unlist(core, place);
        }
        core.ask_host(
            host,
            cose::label::REMOVAL,
            removal.encode(),
            Purpose::Removal { member },
        );
        Ok(())
    }

    pub(super) fn removal_signed(&mut self, core: &mut Core, member: B32, document: Vec<u8>) -> Outcome {
        // Asked for under a charter that is not in force any more.
        Removal::verify(&document, &self.state.charter, &self.state.group)
            .map_err(|error| minor(error.code, error.detail))?;
        self.removals.insert(member, document);
        self.commit_at = Some(core.now);
        Ok(())
    }

    pub(super) fn has_work(&self, now: u64) -> bool {
        self.removals_due().next().is_some()
            || self.amendment.is_some()
            || !self.member.leaving().is_empty()
            || self.lobby.admitted().next().is_some()
            || self.replaced().next().is_some()
            || !self.lost(now).is_empty()
    }

    /// What hosts have signed, apart from removals before which something else comes. Who is lost has no leaf to
    /// remove: they are removed as soon as they are back.
    pub(super) fn removals_due(&self) -> impl Iterator<Item = (&B32, &Vec<u8>)> {
        let can = |member: &B32| !self.unlisting.contains(member) && !self.state.leaves_of(member).is_empty();
        let host = self.host.is_some();
        self.removals
            .iter()
            .filter(move |(member, _)| host && can(member))
    }

    /// Earlier leaves of members who came back.
    fn replaced(&self) -> impl Iterator<Item = u32> {
        let own = self.member.own_leaf();
        let leaves = self.state.seats.keys().copied();
        leaves.filter(move |leaf| *leaf != own && self.state.is_replaced(*leaf))
    }

    /// When the next of those who are not connected will be taken for lost.
    pub(super) fn lost_at(&self) -> Option<u64> {
        let away = self
            .state
            .seats
            .keys()
            .filter(|leaf| !self.present.contains(leaf));
        let own = self.member.own_leaf();
        let ears = away
            .filter(|leaf| **leaf != own)
            .filter_map(|leaf| self.ears.get(leaf));
        ears.map(|ear| ear.since + LOST_MS).min()
    }

    fn lost(&self, now: u64) -> Vec<u32> {
        let own = self.member.own_leaf();
        let silent = |leaf: &u32| {
            let since = self.ears.get(leaf).map_or(now, |ear| ear.since);
            *leaf != own && !self.present.contains(leaf) && now >= since + LOST_MS
        };
        self.state.seats.keys().copied().filter(silent).collect()
    }

    /// Whether a commit takes somebody for lost whom we hear. That we could not hear them says nothing.
    pub(super) fn hears_any(&self, leaves: &[u32], now: u64) -> bool {
        let word = |leaf: &u32| self.ears.get(leaf).and_then(|ear| ear.word);
        let heard = |leaf: &u32| word(leaf).is_some_and(|at| now < at + HEARD_MS);
        leaves
            .iter()
            .any(|leaf| self.present.contains(leaf) || heard(leaf))
    }

    /// Sets the time of our next commit, after those whose turn is before ours.
    pub(super) fn schedule(&mut self, core: &Core) {
        let busy = self.own.is_some() || self.provisional.is_some() || self.line.away;
        if busy || self.commit_at.is_some() || !self.has_work(core.now) {
            return;
        }
        let leaving = self.member.leaving();
        let own = self.member.own_leaf();
        let before =
            |leaf: &&u32| **leaf < own && self.state.seats.contains_key(*leaf) && !leaving.contains(*leaf);
        let rank = self.present.iter().filter(before).count() as u64;
        self.commit_at = Some(core.now.max(self.tick_from + TICK_MS) + rank * RANK_MS);
    }

    /// The server can write nothing down now. What is to be done is kept, and tried again.
    pub(super) fn wait_for_store(&mut self, core: &mut Core) -> Outcome {
        if self.own.take().is_some() {
            self.member.clear_own()?;
        }
        self.unanswered = 0;
        if self.leaving.is_some() {
            return self.ask_to_leave(core);
        }
        self.commit_at = Some(core.now + STORE_MS);
        Ok(())
    }

    pub(super) fn lost_race(&mut self, core: &mut Core) -> Outcome {
        if self.own.take().is_some() {
            self.member.clear_own()?;
        }
        if self.leaving.is_some() {
            return self.ask_to_leave(core);
        }
        self.losses += 1;
        self.unanswered = 0;
        if self.losses > 3 {
            // Not a race: something in it is refused each time. What a host has signed is not given up; who knocks is
            // let in by others, or when the server tells of them anew.
            self.losses = 0;
            self.lobby = Lobby::default();
            self.forget_work(core);
            self.commit_at = Some(core.now + STORE_MS);
            return Err(minor("RF3255", "the server took none of our commits"));
        }
        self.commit_at = None;
        self.tick_from = core.now;
        self.schedule(core);
        Ok(())
    }

    /// What was to be committed is not: people ask again, and who seems lost gets as long as at first.
    fn forget_work(&mut self, core: &mut Core) {
        if self.give_up_amendment() {
            let lost = minor("RF3264", "the server took none of our commits");
            core.problem(&lost.error, false);
        }
        self.could_not_hear(core.now);
        self.tell_knocks(core);
    }

    pub(super) fn commit(&mut self, core: &mut Core) -> Outcome {
        self.commit_at = None;
        let busy = self.own.is_some() || self.provisional.is_some() || self.line.away;
        if busy || self.leaving.is_some() || !self.has_work(core.now) {
            return Ok(());
        }
        let draft = self.draft(core)?;
        if draft.is_empty() && self.member.leaving().is_empty() {
            self.unanswered = 0;
            return Ok(());
        }
        let (epoch, data) = (self.member.epoch(), draft.plan.data.clone());
        let made = self.member.commit(draft.plan).and_then(|outgoing| {
            let facts = self.member.own_facts(data)?;
            Ok((outgoing, admit(&self.state, &facts)?))
        });
        let (outgoing, admitted) = match made {
            Ok(made) => made,
            // Ours is at fault, or somebody's whom it would let in: the group goes on without it.
            Err(error) => {
                self.member.clear_own()?;
                for welcome in &draft.welcomes {
                    self.lobby.forget(&welcome.knock);
                }
                self.removals.clear();
                self.unlisting.clear();
                self.forget_work(core);
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
            deadline: Deadline::of(core.now, ECHO_MS),
            taken: false,
        });
        Ok(())
    }

    fn draft(&mut self, core: &mut Core) -> Outcome<Draft> {
        let mut draft = Draft::default();
        let mut next = self.state.clone();
        let epoch = self.member.epoch() + 1;
        self.draft_removals(&mut draft, &mut next.ledger, epoch, core.now)?;
        // A commit that brings a charter admits and removes nobody by the one before.
        match self.amendment.clone() {
            None => self.draft_adds(core, &mut draft, &mut next.ledger, epoch),
            Some(document) => {
                let charter = Arc::new(CharterSource::read(&document)?);
                next.context.charter = charter.hash;
                next.ledger
                    .amend(std::mem::replace(&mut next.charter, charter), epoch)?;
                draft.grounds.charter = Some(document);
            }
        }
        next.context.ledger = next.ledger.hash();
        next.context.mode = mode_after(&next, epoch);
        draft.plan.ringfence = (next.context != self.state.context).then(|| Context::encode(&next.context));
        draft.plan.psk = !draft.plan.adds.is_empty();
        draft.plan.data = draft.grounds.encode();
        Ok(draft)
    }

    /// Who is ended goes with all their leaves; of who came back, the earlier ones; of who is lost, the leaf.
    fn draft_removals(&self, draft: &mut Draft, ledger: &mut Ledger, epoch: u64, now: u64) -> Outcome {
        let state = &self.state;
        let wishes = self.member.leaving();
        let leaving = wishes.iter().filter(|leaf| !state.is_replaced(**leaf));
        let mut ended: BTreeMap<B32, Remover> = leaving
            .filter_map(|leaf| Some((state.member(*leaf)?, Remover::Oneself)))
            .collect();
        // The owner may have taken the role of host from whom they remove: that comes first.
        let removals = self.removals_due().filter(|_| self.amendment.is_none());
        for (member, document) in removals {
            if let Some(host) = self.host {
                ended.insert(*member, Remover::Host(host));
                draft.grounds.removals.push(document.clone());
            }
        }
        let mut removes: BTreeSet<u32> = self.replaced().collect();
        for (member, by) in ended {
            ledger.end(&member, epoch, by)?;
            removes.extend(state.leaves_of(&member));
        }
        for leaf in self.lost(now) {
            if removes.insert(leaf) && !wishes.contains(&leaf) {
                draft.grounds.lost.push(leaf);
            }
        }
        draft.plan.removes = removes
            .into_iter()
            .filter(|leaf| !wishes.contains(leaf))
            .collect();
        Ok(())
    }

    fn draft_adds(&self, core: &mut Core, draft: &mut Draft, ledger: &mut Ledger, epoch: u64) {
        let state = &self.state;
        let link_admits = ledger.link_admits(&state.charter, epoch);
        let mut people = state.people() as u64;
        for (id, knocker, document) in self.lobby.admitted() {
            if draft.plan.adds.len() >= MOST_ADDS {
                break;
            }
            if people >= state.charter.participants {
                let full = minor("RF3232", "somebody knocks, and the meeting is full");
                core.problem(&full.error, false);
                continue;
            }
            let read = Admission::verify(
                document,
                &state.charter,
                &state.charter.hash,
                &state.group,
                link_admits,
            );
            if let Err(error) = read.and_then(|admission| ledger.enter(&admission, document.to_vec(), epoch))
            {
                if error.code == "RF3141" {
                    core.problem(&error, false);
                }
                continue;
            }
            people += 1;
            draft.grounds.admissions.push(document.to_vec());
            draft.plan.adds.push(knocker.package.clone());
            draft.welcomes.push(Admitting { knock: id.clone() });
        }
    }
}
