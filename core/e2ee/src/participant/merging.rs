//! Commits, from provisional to merged: judged when they come, merged when the server says that another member could.
//! Not here: making them (`committing.rs`), or whether one is allowed (`admit.rs`).
use super::core::Core;
use super::deadline::Deadline;
use super::inside::{BEAT_MS, Ear, Inside};
use super::io::Event;
use super::messages::ClientMessage;
use super::place::Place;
use super::{End, Outcome, fatal, minor};
use crate::admit::admit;
use crate::context::{Admitted, Why};
use crate::member::{PAST_EPOCHS, Taken};
use openmls::prelude::StagedCommit;
use ringfence_signed::B32;

/// A provisional commit is confirmed or given up by then: the server waits one second (`RF3257` after this).
pub(super) const DECIDED_MS: u64 = 5_000;

/// Somebody else's commit of this epoch, judged and not merged yet.
pub struct Provisional {
    admitted: Admitted,
    staged: Box<StagedCommit>,
    pub deadline: Deadline,
}

impl Inside {
    /// A commit that the server took. Nothing changes before it is confirmed, and we say whether we could follow:
    /// the server cannot check what only the group's secrets show, so another member's word has to do.
    pub(super) fn on_commit(&mut self, core: &mut Core, epoch: u64, bytes: &[u8]) -> Outcome {
        let now = self.member.epoch();
        if epoch < now {
            return Err(fatal("RF3254", "a commit of an epoch that is over"));
        }
        if epoch > now {
            return Err(fatal("RF3257", "a commit came before the ones that lead to it"));
        }
        if let Some(own) = self.own.as_mut().filter(|own| own.commit == bytes) {
            own.taken = true;
            return Ok(());
        }
        // Ours stays: if this one is given up, the server may still take it.
        self.provisional = None;
        let (facts, staged) = match self.member.take(bytes) {
            Ok(Taken::Commit { facts, staged }) => (facts, staged),
            Ok(_) => return Err(fatal("RF3201", "not a commit")),
            Err(error) if error.code == "RF3206" => {
                core.send(ClientMessage::Checked { epoch, ok: false });
                return Err(minor(error.code, error.detail));
            }
            Err(error) => return Err(error.into()),
        };
        let admitted = admit(&self.state, &facts)?;
        let lost: Vec<u32> = (admitted.gone.iter())
            .filter(|gone| gone.why == Why::Lost)
            .map(|gone| gone.leaf)
            .collect();
        let ok = !self.hears_any(&lost, core.now);
        let deadline = Deadline::of(core.now, DECIDED_MS);
        self.provisional = Some(Provisional {
            admitted,
            staged,
            deadline,
        });
        core.send(ClientMessage::Checked { epoch, ok });
        match ok {
            true => Ok(()),
            // If the others do not hear them it counts all the same: they come back by themselves.
            false => Err(minor("RF3238", "somebody is taken for lost whom we hear")),
        }
    }

    /// The commit of this epoch counts.
    pub(super) fn on_confirmed(&mut self, core: &mut Core, place: &mut Place, epoch: u64, n: u64) -> Outcome {
        if epoch < self.member.epoch() {
            return Err(minor("RF3242", "a commit is confirmed again"));
        }
        if let Some(own) = self.own.take_if(|own| own.taken) {
            self.seen_up_to(n);
            self.member.merge_own()?;
            self.losses = 0;
            return self.apply(core, place, own.admitted, true);
        }
        let provisional = self.provisional.take().filter(|_| epoch == self.member.epoch());
        let Some(Provisional { admitted, staged, .. }) = provisional else {
            if self.own.is_some() && self.abandoned == 0 {
                return Err(fatal(
                    "RF3256",
                    "a commit counts, and the server shows us none, not ours either",
                ));
            }
            return Err(fatal(
                "RF3257",
                "a commit counts that we were not shown, or cannot use",
            ));
        };
        self.seen_up_to(n);
        self.losses = 0; // another was faster: a race, and one that ends
        if self.own.take().is_some() {
            // It was for an epoch that is over: the server will say so, if it was sent over this connection.
            self.member.clear_own()?;
            self.abandoned += u32::from(!self.line.away);
        }
        self.member.merge(*staged)?;
        self.heard(core);
        self.apply(core, place, admitted, false)
    }

    /// Nobody could use the commit of this epoch: it is as if it had never been.
    pub(super) fn on_reopened(&mut self, core: &mut Core, epoch: u64) -> Outcome {
        if epoch != self.member.epoch() {
            return Err(minor("RF3242", "an epoch that is not ours is open again"));
        }
        if self.provisional.take().is_some() {
            self.unanswered = 0;
        }
        match self.own.as_ref().is_some_and(|own| own.taken) {
            true => self.lost_race(core),
            false => {
                self.schedule(core);
                Ok(())
            }
        }
    }

    /// The commit is merged: everything else follows.
    fn apply(&mut self, core: &mut Core, place: &mut Place, admitted: Admitted, own: bool) -> Outcome {
        let Admitted {
            state,
            epoch,
            by,
            joined,
            gone,
        } = admitted;
        if !self.member.is_active() {
            return self.gone_ourselves(core, &gone.iter().map(|g| (g.member, g.why)).collect::<Vec<_>>());
        }
        let before = std::mem::replace(&mut self.state, state);
        self.past_seats.insert(epoch - 1, before.seats.clone());
        self.past_seats.retain(|old, _| old + PAST_EPOCHS as u64 >= epoch);
        self.heard_at = core.now; // a new epoch: its first silence begins now
        let mut removal = false;
        for g in &gone {
            self.ears.remove(&g.leaf);
            if self.state.ledger.current(&g.member).is_none() {
                removal = true;
                self.notice_gone(core, g.member, g.why);
            }
        }
        for j in &joined {
            self.ears.insert(j.leaf, Ear::heard(core.now));
            self.lobby.is_in(&j.member);
            let back = before.ledger.current(&j.member).is_some();
            self.people.entry(j.member).or_default().new = !back;
        }
        let ended: Vec<B32> = self
            .removals
            .keys()
            .filter(|m| self.state.ledger.current(m).is_none())
            .copied()
            .collect();
        if own && !ended.is_empty() {
            let own_leaf = self.member.own_leaf();
            let here = self
                .present
                .iter()
                .filter(|leaf| self.state.seats.contains_key(leaf));
            self.unconfirmed = here.copied().filter(|leaf| *leaf != own_leaf).collect();
        }
        self.removals.retain(|member, _| !ended.contains(member));
        self.unanswered = 0;
        if before.charter.hash != self.state.charter.hash {
            let waiting = self.amendment.take();
            if waiting.is_some_and(|document| document != self.state.charter.document) {
                let late = minor("RF3128", "another change was faster");
                core.problem(&late.error, false);
            }
            self.amended(core, place, &before, by)?;
        } else if before.context.mode != self.state.context.mode {
            core.event(Event::Notice {
                kind: "mode",
                name: None,
                by: None,
            });
            let owner = core.is_owner(&place.charter);
            core.event(place.meeting_event(self.state.context.mode.name(), self.host.is_some(), owner));
            self.reconsider_knocks();
        }
        self.install_keys(core, removal, !joined.is_empty())?;
        if joined.is_empty() {
            self.beat(core)?;
        } else {
            self.present_ourselves(core, None)?;
        }
        self.beat_at = core.now + BEAT_MS;
        if self.leaving.is_some() {
            self.ask_to_leave(core)?; // the wish was of the epoch before
        }
        self.roster(core);
        self.tell_knocks(core);
        self.commit_at = None;
        self.tick_from = core.now;
        self.schedule(core);
        if self.removals_due().next().is_some() {
            self.commit_at = Some(core.now);
        }
        self.release(core)
    }

    fn gone_ourselves(&mut self, core: &mut Core, gone: &[(B32, Why)]) -> Outcome {
        core.close_media("removed");
        let own = gone
            .iter()
            .find(|(member, _)| *member == core.config.member)
            .map(|(_, why)| *why);
        match own {
            Some(Why::Replaced) => Err(fatal(
                "RF3253",
                "this member has come in from another page or device",
            )),
            Some(Why::Oneself) => {
                self.ended = Some(End::Left);
                Ok(())
            }
            Some(Why::Lost) => {
                self.ended = Some(End::Lost);
                Ok(())
            }
            _ => {
                self.ended = Some(End::Removed);
                Ok(())
            }
        }
    }

    fn notice_gone(&mut self, core: &mut Core, member: B32, why: Why) {
        let Some(person) = self.people.remove(&member) else {
            return; // another leaf of theirs, told already
        };
        let name = person.name;
        let name = name.map(|name| name.as_str().to_owned());
        let kind = if why == Why::Oneself { "left" } else { "removed" };
        core.event(Event::Notice { kind, name, by: None });
    }
}
