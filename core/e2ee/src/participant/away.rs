//! Without a connection: the group is kept, what is said waits, and the next connection goes on where this one ended.
//! Not here: greetings (`joining.rs`), or coming back without the group.
use super::chat::Said;
use super::core::Core;
use super::deadline::Deadline;
use super::inside::Inside;
use super::io::Bytes;
use super::messages::{ClientMessage, Ticket};
use super::place::Place;
use super::{Outcome, fatal};
use ringfence_signed::{B16, B32};
use std::collections::VecDeque;

/// So much waits to be said; more is refused to the person (`RF3294`).
pub const MOST_UNSAID: usize = 100;
/// So often in a row the server may owe us an answer until the time is over.
const MOST_UNANSWERED: u32 = 3;

/// What was said and has to be kept for who is away, until the server says that it does.
pub struct Unsaid {
    pub id: u64,
    pub said: Said,
}

/// Our place in what the server keeps for this leaf, and what it has not taken of ours.
pub struct Line {
    token: Bytes,
    after: u64,
    pub away: bool,
    pub unsaid: VecDeque<Unsaid>,
    last_id: u64,
    /// Of what was sent over this connection.
    sent: u64,
    /// Something was refused: what is said after it waits until it is taken, or else it would overtake it.
    refused: bool,
    /// The charter that the server goes on under: what we missed has to lead there.
    charter: Option<B32>,
}

impl Line {
    /// Errors: `RF3241` for a ticket that no server by the book gives.
    pub fn new(ticket: Ticket) -> Outcome<Self> {
        if ticket.token.0.len() != 32 {
            return Err(fatal("RF3241", "a token has 32 bytes"));
        }
        Ok(Self {
            token: ticket.token,
            after: ticket.n,
            away: false,
            unsaid: VecDeque::new(),
            last_id: 0,
            sent: 0,
            refused: false,
            charter: None,
        })
    }

    pub fn resume(&self, proof: Vec<u8>) -> ClientMessage {
        ClientMessage::Resume {
            proof: Bytes(proof),
            token: self.token.clone(),
            after: self.after,
        }
    }

    pub fn keep(&mut self, said: Said) {
        self.last_id += 1;
        let id = self.last_id;
        self.unsaid.push_back(Unsaid { id, said });
    }

    /// The server keeps everything up to this one.
    pub fn taken(&mut self, id: u64) {
        self.refused = false;
        self.unsaid.retain(|unsaid| unsaid.id > id);
    }

    /// Whether that is news: all that is on its way is refused with it, and so may be what is said again.
    pub fn refuse(&mut self) -> bool {
        let news = !self.refused;
        if let Some(first) = self.unsaid.front() {
            (self.refused, self.sent) = (true, self.sent.min(first.id - 1));
        }
        news
    }
}

impl Inside {
    pub(super) fn seen_up_to(&mut self, n: u64) {
        self.line.after = self.line.after.max(n);
    }

    /// The connection is gone. What was provisional is told again if it still is.
    pub(super) fn go_away(&mut self, core: &mut Core) {
        core.drop_proofs();
        self.line.away = true;
        // Of those who knock still, the next connection tells.
        self.lobby.all_settled();
        self.tell_knocks(core);
        self.provisional = None;
        self.held_until = None;
        self.comparing.ask_anew();
        self.abandoned = 0;
        if let Some(own) = &mut self.own {
            own.taken = false;
        }
    }

    /// The server, or what is between, is slow, or keeps something back. Media is closed until the group goes on, and
    /// another connection is tried; who still gets no answer then stops, and says why.
    pub(super) fn is_owed(&mut self, core: &mut Core, code: &'static str, what: &'static str) -> Outcome {
        self.unanswered += 1;
        if self.unanswered >= MOST_UNANSWERED {
            return Err(fatal(code, what));
        }
        self.wait_anew(core.now);
        core.renew();
        Ok(())
    }

    /// The server owes us nothing any more, or has answered.
    pub(super) fn settle_what_is_owed(&mut self, now: u64) {
        let owed = self.own.is_some()
            || self.provisional.is_some()
            || self.comparing.is_waiting()
            || self.line.away
            || self.has_work(now);
        if !owed {
            self.unanswered = 0;
        }
    }

    /// Time has jumped. What was waited for may lie in the connection still; and nobody could be heard.
    pub(super) fn slept(&mut self, now: u64) {
        self.wait_anew(now);
        self.could_not_hear(now);
    }

    fn wait_anew(&mut self, now: u64) {
        if let Some(own) = &mut self.own {
            own.deadline = Deadline::of(now, super::committing::ECHO_MS);
        }
        if let Some(provisional) = &mut self.provisional {
            provisional.deadline = Deadline::of(now, super::merging::DECIDED_MS);
        }
        if let Some(until) = &mut self.held_until {
            *until = Deadline::of(now, super::inside::WITHHELD_MS);
        }
        self.comparing.wait_anew(now);
    }

    /// Nobody's silence until now says anything of them.
    pub(super) fn could_not_hear(&mut self, now: u64) {
        for ear in self.ears.values_mut() {
            ear.since = now;
        }
    }

    /// The next connection is there, and the group: the server is to know us by our key and token.
    pub(super) fn goes_on_at(&mut self, core: &mut Core, place: &Place, nonce: B16) -> Outcome {
        if place.route_hash != self.state.context.route {
            return Err(fatal("RF3245", "our group goes on under another route"));
        }
        self.line.charter = Some(place.charter.hash);
        core.drop_proofs();
        core.ask_proof(self.state.group, nonce);
        Ok(())
    }

    /// Everything that we missed has come.
    pub(super) fn resumed(&mut self, core: &mut Core, taken: u64) -> Outcome {
        if self
            .line
            .charter
            .is_some_and(|charter| charter != self.state.charter.hash)
        {
            return Err(fatal("RF3245", "our group goes on under another charter"));
        }
        self.line.away = false;
        self.line.taken(taken);
        self.line.sent = taken;
        core.phase(super::Phase::In, None);
        if self.own.as_ref().is_some_and(|own| !own.taken) {
            self.own = None; // it never arrived
            self.member.clear_own()?;
        }
        if let Some(own) = &mut self.own {
            own.deadline = Deadline::of(core.now, super::committing::ECHO_MS);
        }
        if self.leaving.is_some() {
            self.ask_to_leave(core)?;
        }
        self.release(core)?;
        self.could_not_hear(core.now);
        self.beat_at = core.now;
        self.commit_at = None;
        self.schedule(core);
        self.say_again(core)?;
        self.say_state(core)
    }

    /// Says what this connection has not carried yet, sealed for the epoch of now.
    pub(super) fn say_unsaid(&mut self, core: &mut Core) -> Outcome {
        match self.line.refused {
            true => Ok(()), // the first of it is tried again with the next heartbeat
            false => self.say_first(core, MOST_UNSAID),
        }
    }

    /// What the server refused, or lost, is said again.
    pub(super) fn say_again(&mut self, core: &mut Core) -> Outcome {
        if let Some(first) = self.line.unsaid.front() {
            self.line.sent = self.line.sent.min(first.id - 1);
        }
        let most = if self.line.refused { 1 } else { MOST_UNSAID };
        self.say_first(core, most)
    }

    fn say_first(&mut self, core: &mut Core, most: usize) -> Outcome {
        if self.line.away {
            return Ok(());
        }
        let sent = self.line.sent;
        let epoch = self.member.epoch();
        let mut waiting = vec![];
        let unsaid = self.line.unsaid.iter().filter(|unsaid| unsaid.id > sent);
        for unsaid in unsaid.take(most) {
            if let Said::Chat { id, .. } = &unsaid.said {
                core.history
                    .sealed(&core.config.member, id, self.state.group, epoch);
            }
            waiting.push((unsaid.id, unsaid.said.encode()));
        }
        for (id, content) in waiting {
            self.send_sealed(core, &content, None, Some(id))?;
            self.line.sent = id;
        }
        Ok(())
    }
}
