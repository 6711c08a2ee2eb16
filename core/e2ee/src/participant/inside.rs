//! Life in the group: commits are judged and merged, the roster follows, silence is noticed.
//! Not here: making commits (`committing.rs`), words (`chat.rs`), media (`media.rs`).
use super::away::Line;
use super::committing::{GONE_MS, LOST_MS, OwnCommit};
use super::comparing::Comparing;
use super::core::Core;
use super::deadline::Deadline;
use super::history::{Recall, Told};
use super::io::{Bytes, Event, RosterMember};
use super::lobby::Lobby;
use super::media::Media;
use super::merging::Provisional;
use super::messages::{ClientMessage, ServerMessage};
use super::place::Place;
use super::{End, Outcome, fatal, minor};
use crate::context::{Mode, Session, State};
use crate::knock::Name;
use crate::member::{Member, Taken, read_message};
use ringfence_signed::B32;
use std::collections::{BTreeMap, BTreeSet};

/// Heartbeats this often; silence this long is being cut off (protocol: "Delivery service").
pub(super) const BEAT_MS: u64 = 5_000;
const SILENCE_MS: u64 = 10_000;
/// A message of a later epoch waits this long for the commits that lead there.
pub(super) const WITHHELD_MS: u64 = 2_000;
const LEAVE_MS: u64 = 2_000;
const MOST_HELD: usize = 64;

#[derive(Default)]
pub struct Person {
    pub name: Option<Name>,
    pub hpke: Option<B32>,
    pub muted: bool,
    pub camera: bool,
    /// They came while we were here, and nobody was told yet.
    pub new: bool,
}

/// What we know of whether somebody on a leaf is there.
#[derive(Clone, Copy)]
pub struct Ear {
    /// Since when they could have been heard: silence is counted from here.
    pub since: u64,
    /// When they were heard last.
    pub word: Option<u64>,
}

impl Ear {
    pub fn open(now: u64) -> Self {
        Self {
            since: now,
            word: None,
        }
    }

    pub fn heard(now: u64) -> Self {
        Self {
            since: now,
            word: Some(now),
        }
    }
}

pub struct Inside {
    pub(super) member: Member,
    pub(super) state: State,
    pub(super) host: Option<B32>,
    pub(super) ended: Option<End>,
    pub(super) people: BTreeMap<B32, Person>,
    pub(super) present: BTreeSet<u32>,
    pub(super) media: Media,
    pub(super) lobby: Lobby,
    pub(super) removals: BTreeMap<B32, Vec<u8>>,
    /// Who is to be host no more, before their removal.
    pub(super) unlisting: Vec<B32>,
    /// The charter that the owner has signed and that no commit has brought yet.
    pub(super) amendment: Option<Vec<u8>>,
    pub(super) own: Option<OwnCommit>,
    /// Commits of ours that are over, and that the server has not refused yet.
    pub(super) abandoned: u32,
    pub(super) provisional: Option<Provisional>,
    pub(super) line: Line,
    pub(super) commit_at: Option<u64>,
    /// When the last commit was merged, or one of ours was lost.
    pub(super) tick_from: u64,
    pub(super) losses: u32,
    /// When somebody's current word was heard last.
    pub(super) heard_at: u64,
    pub(super) cutoff: bool,
    pub(super) leaving: Option<u64>,
    /// Leaves that have not yet shown that they merged our removal.
    pub(super) unconfirmed: BTreeSet<u32>,
    pub(super) ears: BTreeMap<u32, Ear>,
    pub(super) past_seats: BTreeMap<u64, BTreeMap<u32, Session>>,
    pub(super) beat_at: u64,
    pub(super) recall: Option<Recall>,
    pub(super) told: Told,
    /// The time that everything told so far has taken: later than now, and nothing more is told.
    pub(super) tells_after: u64,
    /// How often in a row the server owed us an answer until the time was over.
    pub(super) unanswered: u32,
    held: Vec<Vec<u8>>,
    pub(super) held_until: Option<Deadline>,
    pub(super) comparing: Comparing,
}

impl Inside {
    pub fn new(member: Member, state: State, host: Option<B32>, line: Line, now: u64) -> Self {
        Self {
            present: [member.own_leaf()].into(),
            ears: state.seats.keys().map(|leaf| (*leaf, Ear::open(now))).collect(),
            member,
            state,
            host,
            ended: None,
            people: BTreeMap::new(),
            media: Media::default(),
            lobby: Lobby::default(),
            removals: BTreeMap::new(),
            unlisting: vec![],
            amendment: None,
            own: None,
            abandoned: 0,
            provisional: None,
            line,
            commit_at: None,
            tick_from: now,
            losses: 0,
            heard_at: now,
            cutoff: false,
            leaving: None,
            unconfirmed: BTreeSet::new(),
            past_seats: BTreeMap::new(),
            beat_at: now,
            recall: None,
            told: Told::default(),
            tells_after: 0,
            unanswered: 0,
            held: vec![],
            held_until: None,
            comparing: Comparing::default(),
        }
    }

    pub fn arrive(&mut self, core: &mut Core, place: &Place) -> Outcome {
        let owner = core.is_owner(&place.charter);
        core.event(place.meeting_event(self.state.context.mode.name(), self.host.is_some(), owner));
        self.install_keys(core, false, false)?;
        self.present_ourselves(core, None)?;
        self.roster(core);
        Ok(())
    }

    pub fn next_timeout(&self) -> Option<u64> {
        let silence = (self.state.is_shared() && !self.cutoff).then_some(self.heard_at + SILENCE_MS);
        let idle = self.own.is_none() && self.provisional.is_none() && self.commit_at.is_none();
        let times = [silence, self.leaving, self.media.next_timeout()];
        // What the server owes us, and we it, waits while there is no connection.
        let with_server = [
            Some(self.beat_at),
            self.own.as_ref().map(|own| own.deadline.at),
            self.provisional.as_ref().map(|commit| commit.deadline.at),
            self.commit_at,
            self.held_until.map(|until| until.at),
            self.comparing.next_timeout(),
            self.recall.as_ref().and_then(Recall::next_timeout),
            self.lost_at().filter(|_| idle && self.leaving.is_none()),
        ];
        let with_server = with_server.into_iter().filter(|_| !self.line.away);
        times.into_iter().chain(with_server).flatten().min()
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
        if !self.line.away {
            self.tick_with_server(core)?;
        }
        self.compare(core, place)?;
        self.settle_what_is_owed(core.now);
        let silent = self.state.is_shared() && core.now >= self.heard_at + SILENCE_MS;
        if silent && !self.cutoff {
            self.cutoff = true;
            let others = self.present.iter().any(|leaf| *leaf != self.member.own_leaf());
            if others {
                core.event(Event::Cutoff {
                    since: Some(self.heard_at),
                });
                core.renew(); // it may be dead, and another one says what was missed
            }
        }
        self.reconsider(core, place)
    }

    fn tick_with_server(&mut self, core: &mut Core) -> Outcome {
        let now = core.now;
        let due = |at: Option<u64>| at.is_some_and(|at| now >= at);
        if (self.own.as_mut()).is_some_and(|own| own.deadline.has_passed(now)) {
            self.is_owed(core, "RF3256", "the server has not passed our commit on")?;
        }
        if (self.provisional.as_mut()).is_some_and(|commit| commit.deadline.has_passed(now)) {
            self.is_owed(core, "RF3257", "the server does not say whether a commit counts")?;
        }
        if (self.held_until.as_mut()).is_some_and(|until| until.has_passed(now)) {
            return Err(fatal(
                "RF3257",
                "messages of a later epoch came without the commits that lead there",
            ));
        }
        if self.comparing.is_owed(now) {
            self.is_owed(core, "RF2334", "the server does not show that the log is one")?;
        }
        if due(self.lost_at()) {
            self.schedule(core);
        }
        if due(self.commit_at) {
            self.commit(core)?;
        }
        self.recall(core)?;
        if core.now >= self.beat_at {
            self.beat_at = core.now + BEAT_MS;
            self.beat(core)?;
            self.say_again(core)?;
        }
        Ok(())
    }

    /// Somebody's word of the current epoch has come.
    pub(super) fn heard(&mut self, core: &mut Core) {
        self.heard_at = core.now;
        if std::mem::take(&mut self.cutoff) {
            core.event(Event::Cutoff { since: None });
        }
    }

    pub fn server(&mut self, core: &mut Core, place: &mut Place, message: ServerMessage) -> Outcome {
        match message {
            ServerMessage::Commit { epoch, commit } => self.on_commit(core, epoch, &commit.0),
            ServerMessage::Confirmed { epoch, n } => self.on_confirmed(core, place, epoch, n),
            ServerMessage::Reopened { epoch } => self.on_reopened(core, epoch),
            ServerMessage::Resumed { taken } => self.resumed(core, taken),
            ServerMessage::Proposal { message, n } => {
                self.seen_up_to(n);
                self.on_proposal(core, &message.0)
            }
            ServerMessage::Sealed { message, n } => {
                self.seen_up_to(n.unwrap_or(0));
                self.on_sealed(core, message.0)
            }
            ServerMessage::Taken { id } => {
                self.line.taken(id);
                self.say_unsaid(core)
            }
            ServerMessage::Present { leaves } => self.on_present(core, leaves.into_iter().collect()),
            ServerMessage::Knock(knock) => self.on_knock(core, *knock),
            ServerMessage::Settled { id } => {
                self.lobby.settled(&id);
                self.tell_knocks(core);
                Ok(())
            }
            ServerMessage::Log { old, new, proof } => self.on_log_proof(core, place, (old, new), &proof),
            ServerMessage::Error {
                re: Some(re), detail, ..
            } if re == "log" => Err(fatal("RF2334", detail)),
            ServerMessage::Answer { sdp, binding } => self.answer(core, place, sdp, &binding.0),
            ServerMessage::Error {
                re: Some(re),
                code,
                detail,
            } if re == "commit" => match self.abandoned {
                0 if code == "RF1009" => {
                    core.problem(&ringfence_signed::Error::new("RF1009", detail), false);
                    self.wait_for_store(core)
                }
                0 => {
                    if self.drop_amendment(&code) {
                        core.server_error(&code, &detail);
                    }
                    self.lost_race(core)
                }
                _ => {
                    self.abandoned -= 1;
                    Ok(())
                }
            },
            ServerMessage::Error { code, detail, re } => {
                // What was overtaken by a commit is said again in its epoch: a wish to leave when the commit comes, and
                // what is sealed with the next heartbeat.
                let re = re.as_deref();
                let overtaken = matches!(
                    (re, code.as_str()),
                    (Some("proposal"), "RF3202") | (Some("sealed"), "RF3205")
                );
                let news = re != Some("sealed") || self.line.refuse();
                if news && !overtaken {
                    core.server_error(&code, &detail);
                }
                Ok(())
            }
            ServerMessage::Removed => Err(fatal(
                "RF3252",
                "the server says that we were removed, and shows no commit",
            )),
            _ => Err(minor("RF3242", "a message that is not for who is in")),
        }
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
            self.held_until.get_or_insert(Deadline::of(core.now, WITHHELD_MS));
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
        let Some(session) = seats.and_then(|seats| seats.get(&leaf)).copied() else {
            return Err(minor("RF3205", "a message of nobody whom we know"));
        };
        if current {
            self.heard(core);
            self.ears.insert(leaf, Ear::heard(core.now));
        }
        self.said(core, leaf, session.member, epoch, &content)?;
        self.recall(core)
    }

    /// Who comes back has missed what is not kept: names and states.
    fn on_present(&mut self, core: &mut Core, leaves: BTreeSet<u32>) -> Outcome {
        let own = self.member.own_leaf();
        let back: Vec<u32> = leaves.difference(&self.present).copied().collect();
        for leaf in self.present.difference(&leaves) {
            if let Some(ear) = self.ears.get_mut(leaf) {
                ear.since = ear.since.max((core.now + GONE_MS).saturating_sub(LOST_MS));
            }
        }
        self.present = leaves;
        self.roster(core);
        for leaf in back.into_iter().filter(|leaf| *leaf != own) {
            if self.state.seats.contains_key(&leaf) {
                self.present_ourselves(core, Some(leaf))?;
            }
        }
        self.recall(core)
    }

    /// Messages that came before the commits that lead to their epoch.
    pub(super) fn release(&mut self, core: &mut Core) -> Outcome {
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
        self.leaving = Some(core.now + LEAVE_MS);
        let alone = self.present.iter().all(|leaf| *leaf == self.member.own_leaf());
        // A commit of ours is decided first; then the wish is of the epoch of then.
        let asked = !alone && (self.own.is_some() || self.ask_to_leave(core).is_ok());
        if !asked {
            self.ended = Some(End::Left);
        }
    }

    pub(super) fn ask_to_leave(&mut self, core: &mut Core) -> Outcome {
        if self.line.away {
            return Ok(()); // once we are back
        }
        let message = Bytes(self.member.leave()?);
        core.send(ClientMessage::Proposal { message });
        Ok(())
    }

    pub fn roster(&self, core: &mut Core) {
        let member = |(leaf, Session { member: key, .. }): (&u32, &Session)| {
            let person = self.people.get(key);
            let you = *key == core.config.member;
            let host = self.state.is_host(key);
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
        let seats = self.state.seats.iter();
        let members = seats
            .filter(|(leaf, _)| !self.state.is_replaced(**leaf))
            .map(member)
            .collect();
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
