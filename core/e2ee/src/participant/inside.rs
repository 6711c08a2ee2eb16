//! Life in the group: commits are judged and merged, the roster follows, silence is noticed.
//! Not here: making commits (`committing.rs`), words (`chat.rs`), media (`media.rs`).
use super::committing::{Knocker, OwnCommit};
use super::core::Core;
use super::io::{Bytes, ClientMessage, Event, RosterMember, ServerMessage};
use super::media::Media;
use super::place::Place;
use super::{End, Outcome, fatal, minor};
use crate::admit::admit;
use crate::context::{Admitted, Mode, State, Why};
use crate::knock::Name;
use crate::member::{Member, PAST_EPOCHS, Taken, read_message};
use ringfence_charter::PersonRole;
use ringfence_signed::B32;
use std::collections::{BTreeMap, BTreeSet};

/// Heartbeats this often; silence this long is being cut off (protocol: "Delivery service").
const BEAT_MS: u64 = 5_000;
const SILENCE_MS: u64 = 10_000;
/// A message of a later epoch waits this long for the commits that lead there.
const WITHHELD_MS: u64 = 2_000;
const LEAVE_MS: u64 = 2_000;
const MOST_HELD: usize = 64;

#[derive(Default)]
pub struct Person {
    pub name: Option<Name>,
    pub muted: bool,
    pub camera: bool,
    /// They came while we were here, and nobody was told yet.
    pub new: bool,
}

pub struct Inside {
    pub(super) member: Member,
    pub(super) state: State,
    pub(super) host: Option<B32>,
    pub(super) ended: Option<End>,
    pub(super) people: BTreeMap<B32, Person>,
    pub(super) present: BTreeSet<u32>,
    pub(super) media: Media,
    pub(super) knocks: BTreeMap<String, Knocker>,
    pub(super) removals: BTreeMap<B32, Vec<u8>>,
    pub(super) own: Option<OwnCommit>,
    pub(super) commit_at: Option<u64>,
    pub(super) losses: u32,
    /// When somebody's current word was heard last.
    pub(super) heard_at: u64,
    pub(super) cutoff: bool,
    pub(super) leaving: Option<u64>,
    /// Leaves that have not yet shown that they merged our removal.
    pub(super) unconfirmed: BTreeSet<u32>,
    past_seats: BTreeMap<u64, BTreeMap<u32, B32>>,
    beat_at: u64,
    held: Vec<Vec<u8>>,
    held_until: Option<u64>,
}

impl Inside {
    pub fn new(member: Member, state: State, host: Option<B32>, now: u64) -> Self {
        Self {
            present: [member.own_leaf()].into(),
            member,
            state,
            host,
            ended: None,
            people: BTreeMap::new(),
            media: Media::default(),
            knocks: BTreeMap::new(),
            removals: BTreeMap::new(),
            own: None,
            commit_at: None,
            losses: 0,
            heard_at: now,
            cutoff: false,
            leaving: None,
            unconfirmed: BTreeSet::new(),
            past_seats: BTreeMap::new(),
            beat_at: now,
            held: vec![],
            held_until: None,
        }
    }

    pub fn arrive(&mut self, core: &mut Core, place: &Place) -> Outcome {
        core.event(place.meeting_event(self.state.context.mode.name(), self.host.is_some()));
        self.install_keys(core, false, false)?;
        self.present_ourselves(core)?;
        self.roster(core);
        Ok(())
    }

    pub fn next_timeout(&self) -> Option<u64> {
        let silence = (self.state.seats.len() > 1 && !self.cutoff).then_some(self.heard_at + SILENCE_MS);
        let own = self.own.as_ref().map(|own| own.deadline);
        [
            Some(self.beat_at),
            silence,
            own,
            self.commit_at,
            self.held_until,
            self.leaving,
            self.media.next_timeout(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    pub fn tick(&mut self, core: &mut Core, place: &Place) -> Outcome {
        let due = |at: Option<u64>| at.is_some_and(|at| core.now >= at);
        if self.ended.is_some() {
            return Ok(());
        }
        if due(self.leaving) {
            self.ended = Some(End::Left);
            return Ok(());
        }
        if due(self.own.as_ref().map(|own| own.deadline)) {
            return Err(fatal("RF3256", "the server has not passed our commit on"));
        }
        if due(self.held_until) {
            return Err(fatal(
                "RF3257",
                "messages of a later epoch came without the commits that lead there",
            ));
        }
        if due(self.commit_at) {
            self.commit(core)?;
        }
        if core.now >= self.beat_at {
            self.beat_at = core.now + BEAT_MS;
            self.beat(core)?;
        }
        let silent = self.state.seats.len() > 1 && core.now >= self.heard_at + SILENCE_MS;
        if silent && !self.cutoff {
            self.cutoff = true;
            let others = self.present.iter().any(|leaf| *leaf != self.member.own_leaf());
            if others {
                core.event(Event::Cutoff {
                    since: Some(self.heard_at),
                });
            }
        }
        self.reconsider(core, place)
    }

    /// Somebody's word of the current epoch has come.
    fn heard(&mut self, core: &mut Core) {
        self.heard_at = core.now;
        if std::mem::take(&mut self.cutoff) {
            core.event(Event::Cutoff { since: None });
        }
    }

    pub fn server(&mut self, core: &mut Core, place: &Place, message: ServerMessage) -> Outcome {
        match message {
            ServerMessage::Commit { epoch, commit } => self.on_commit(core, place, epoch, &commit.0),
            ServerMessage::Proposal { message } => self.on_proposal(core, &message.0),
            ServerMessage::Sealed { message } => self.on_sealed(core, message.0),
            ServerMessage::Present { leaves } => {
                self.present = leaves.into_iter().collect();
                self.roster(core);
                Ok(())
            }
            ServerMessage::Knock(knock) => self.on_knock(core, *knock),
            ServerMessage::Settled { id } => {
                self.knocks.remove(&id);
                self.tell_knocks(core);
                Ok(())
            }
            ServerMessage::Answer { sdp, binding } => self.answer(core, place, sdp, &binding.0),
            ServerMessage::Error { re: Some(re), .. } if re == "commit" => self.lost_race(core),
            ServerMessage::Error { code, detail, .. } => {
                core.server_error(&code, &detail);
                Ok(())
            }
            ServerMessage::Removed => Err(fatal(
                "RF3252",
                "the server says that we were removed, and shows no commit",
            )),
            _ => Err(minor("RF3242", "a message that is not for who is in")),
        }
    }

    fn on_commit(&mut self, core: &mut Core, place: &Place, epoch: u64, bytes: &[u8]) -> Outcome {
        let now = self.member.epoch();
        if epoch < now {
            return Err(fatal("RF3254", "a commit of an epoch that is over"));
        }
        if epoch > now {
            return Err(fatal("RF3257", "a commit came before the ones that lead to it"));
        }
        if let Some(own) = self.own.take() {
            if own.commit == bytes {
                self.member.merge_own()?;
                self.losses = 0;
                return self.apply(core, place, own.admitted, true);
            }
            self.member.clear_own()?;
        }
        let Taken::Commit { facts, staged } = self.member.take(bytes)? else {
            return Err(fatal("RF3201", "not a commit"));
        };
        let admitted = admit(&self.state, &facts)?;
        self.member.merge(*staged)?;
        self.heard(core);
        self.apply(core, place, admitted, false)
    }

    /// The commit is merged: everything else follows.
    fn apply(&mut self, core: &mut Core, place: &Place, admitted: Admitted, own: bool) -> Outcome {
        let Admitted {
            state,
            epoch,
            joined,
            gone,
        } = admitted;
        if !self.member.is_active() {
            return self.gone_ourselves(core, &gone.iter().map(|g| (g.member, g.why)).collect::<Vec<_>>());
        }
        let before = std::mem::replace(&mut self.state, state);
        self.past_seats.insert(epoch - 1, before.seats);
        self.past_seats.retain(|old, _| old + PAST_EPOCHS as u64 >= epoch);
        self.heard_at = core.now; // a new epoch: its first silence begins now
        let mut removal = false;
        for g in gone.iter().filter(|g| g.why != Why::Replaced) {
            removal = true;
            self.notice_gone(core, g.member, g.why);
        }
        for j in &joined {
            self.knocks.retain(|_, knocker| knocker.member != j.member);
            let back = gone.iter().any(|g| g.member == j.member);
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
        if before.context.mode != self.state.context.mode {
            core.event(Event::Notice {
                kind: "mode",
                name: None,
                by: None,
            });
            core.event(place.meeting_event(self.state.context.mode.name(), self.host.is_some()));
            self.reconsider_knocks();
        }
        self.install_keys(core, removal, !joined.is_empty())?;
        if joined.is_empty() {
            self.beat(core)?;
        } else {
            self.present_ourselves(core)?;
        }
        self.beat_at = core.now + BEAT_MS;
        if self.leaving.is_some() {
            self.ask_to_leave(core)?; // the wish was of the epoch before
        }
        self.roster(core);
        self.tell_knocks(core);
        self.commit_at = None;
        self.schedule(core);
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
            _ => {
                self.ended = Some(End::Removed);
                Ok(())
            }
        }
    }

    fn notice_gone(&mut self, core: &mut Core, member: B32, why: Why) {
        let name = self.people.remove(&member).and_then(|person| person.name);
        let name = name.map(|name| name.as_str().to_owned());
        let kind = if why == Why::Oneself { "left" } else { "removed" };
        core.event(Event::Notice { kind, name, by: None });
    }

    fn on_proposal(&mut self, core: &mut Core, bytes: &[u8]) -> Outcome {
        if read_message(bytes)?.epoch().as_u64() != self.member.epoch() {
            return Err(minor("RF3202", "a proposal of another epoch"));
        }
        match self.member.take(bytes).map_err(|e| minor(e.code, e.detail))? {
            Taken::Leaving { leaf, proposal } if leaf != self.member.own_leaf() => {
                self.member.remember(*proposal)?;
                self.schedule(core);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn on_sealed(&mut self, core: &mut Core, bytes: Vec<u8>) -> Outcome {
        let unreadable = |error: ringfence_signed::Error| minor("RF3205", error.detail);
        let epoch = read_message(&bytes).map_err(unreadable)?.epoch().as_u64();
        if epoch > self.member.epoch() {
            if self.held.len() < MOST_HELD {
                self.held.push(bytes);
            }
            self.held_until.get_or_insert(core.now + WITHHELD_MS);
            return Ok(());
        }
        let Taken::Sealed { leaf, epoch, content } = self.member.take(&bytes).map_err(unreadable)? else {
            return Ok(()); // our own, come back
        };
        let current = epoch == self.member.epoch();
        let seats = if current {
            Some(&self.state.seats)
        } else {
            self.past_seats.get(&epoch)
        };
        let Some(from) = seats.and_then(|seats| seats.get(&leaf)).copied() else {
            return Err(minor("RF3205", "a message of nobody whom we know"));
        };
        if current {
            self.heard(core);
        }
        self.said(core, leaf, from, current, &content)
    }

    /// Messages that came before the commits that lead to their epoch.
    fn release(&mut self, core: &mut Core) -> Outcome {
        self.held_until = None;
        for bytes in std::mem::take(&mut self.held) {
            if let Err(problem) = self.on_sealed(core, bytes) {
                if problem.fatal {
                    return Err(problem);
                }
                core.problem(&problem.error, false);
            }
        }
        Ok(())
    }

    pub fn leave(&mut self, core: &mut Core) {
        core.close_media("left");
        self.own = None;
        self.leaving = Some(core.now + LEAVE_MS);
        let alone = self.present.iter().all(|leaf| *leaf == self.member.own_leaf());
        let asked = !alone && self.member.clear_own().is_ok() && self.ask_to_leave(core).is_ok();
        if !asked {
            self.ended = Some(End::Left);
        }
    }

    fn ask_to_leave(&mut self, core: &mut Core) -> Outcome {
        let message = Bytes(self.member.leave()?);
        core.send(ClientMessage::Proposal { message });
        Ok(())
    }

    pub fn roster(&self, core: &mut Core) {
        let member = |(leaf, key): (&u32, &B32)| {
            let person = self.people.get(key);
            let you = *key == core.config.member;
            let entry = self.state.ledger.current(key);
            let host = entry.is_some_and(|entry| entry.role == PersonRole::Host);
            let name = if you {
                core.name.as_ref()
            } else {
                person.and_then(|p| p.name.as_ref())
            };
            let said = person.map_or((false, false), |p| (p.muted, p.camera));
            let (muted, camera) = if you { core.own_state } else { said };
            RosterMember {
                leaf: *leaf,
                member: Bytes::of(key),
                name: name.map(|name| name.as_str().to_owned()),
                role: if host { "host" } else { "guest" },
                you,
                present: you || self.present.contains(leaf),
                muted,
                camera,
            }
        };
        let members = self.state.seats.iter().map(member).collect();
        let mode = self.state.context.mode.name();
        core.event(Event::Roster {
            epoch: self.member.epoch(),
            mode,
            members,
        });
    }

    pub fn mode(&self) -> Mode {
        self.state.context.mode
    }
}
