//! One person's membership of a meeting as a state machine: JSON in, JSON out, time as an argument.
//! Not here: sockets, WebCrypto, frames. Whatever a server sends ends in a problem with a code, never a panic.
mod amending;
mod away;
mod beacons;
mod candidates;
mod chat;
mod committing;
mod comparing;
pub mod config;
mod core;
mod deadline;
mod history;
mod inside;
pub mod io;
mod joining;
mod journal;
mod knocking;
mod lobby;
pub mod logged;
mod media;
mod merging;
mod messages;
mod observing;
pub mod place;
mod proposing;
mod rejoining;
pub mod rules;
mod welcome;

use self::core::{Core, Purpose};
use crate::keys::BaseKey;
use beacons::Beacons;
use config::{Config, key_of};
use inside::Inside;
use io::{Bytes, Event, Input, Output, Phase};
use joining::Entering;
use messages::ServerMessage;
use place::Place;
use ringfence_fence::borders;
use ringfence_signed::{Error, Result};

/// A timer that is so late ran on a device that slept, or whose clock was set: nobody kept anything back meanwhile.
const SLEPT_MS: u64 = 5_000;

/// A refusal, and whether the meeting can go on after it.
#[derive(Debug)]
pub struct Problem {
    pub error: Error,
    pub fatal: bool,
}

/// Errors of checks are fatal unless said otherwise: what is not understood is not gone along with.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self { error, fatal: true }
    }
}

pub(crate) fn minor(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem {
        error: Error::new(code, detail),
        fatal: false,
    }
}

pub(crate) fn fatal(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem {
        error: Error::new(code, detail),
        fatal: true,
    }
}

pub(crate) type Outcome<T = ()> = std::result::Result<T, Problem>;

/// How a membership ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Left,
    Removed,
    /// Taken for lost: we come back.
    Lost,
}

enum Stage {
    /// No verified greeting yet.
    Connecting,
    /// The place is verified; the person has not asked to join.
    Ready,
    Entering(Box<Entering>),
    In(Box<Inside>),
    Over,
}

pub struct Participant {
    core: Core,
    place: Option<Place>,
    stage: Stage,
    /// Come back by ourselves when the connection does.
    resume: bool,
    /// What was said in a group that we lost.
    unsaid: Vec<chat::Said>,
    /// What is to be said once we are back in.
    later: Vec<String>,
}

impl Participant {
    /// Errors: `RF3240`, `RF3110` for a configuration or link that cannot be read.
    pub fn new(config_json: &str, now_ms: u64) -> Result<Self> {
        let core = Core::new(Config::read(config_json)?, now_ms);
        Ok(Self {
            core,
            place: None,
            stage: Stage::Connecting,
            resume: false,
            unsaid: vec![],
            later: vec![],
        })
    }

    /// Takes one input. Never fails: what is wrong becomes a `problem` event.
    pub fn handle(&mut self, input_json: &str, now_ms: u64) {
        let late = (self.next_timeout()).is_some_and(|due| now_ms > due + SLEPT_MS);
        self.core.now = now_ms.max(self.core.now);
        if let (true, Stage::In(inside)) = (late, &mut self.stage) {
            inside.slept(self.core.now);
        }
        let input = serde_json::from_str(input_json)
            .map_err(|error| minor("RF3240", format!("an input cannot be read: {error}")));
        let asked = input.as_ref().is_ok_and(Input::is_wish);
        let outcome = input.and_then(|input| self.input(input));
        if let Err(problem) = outcome.and_then(|()| self.tick()) {
            if asked {
                self.core.told.remove(problem.error.code); // an answer is never left out
            }
            self.report(problem);
        }
        self.settle();
    }

    /// Where the borders of countries are, for what is built without them: then round trips begin to count against them.
    ///
    /// Errors: `RF2005` for any other file.
    pub fn load_borders(&mut self, file: &[u8], now_ms: u64) -> Result<()> {
        borders::load(file)?;
        if let Stage::In(inside) = &mut self.stage {
            inside.decide_soon(now_ms);
        }
        self.handle(r#"{"t":"tick"}"#, now_ms);
        Ok(())
    }

    /// The outputs since the last call, as a JSON array.
    pub fn take(&mut self) -> String {
        serde_json::to_string(&std::mem::take(&mut self.core.out)).unwrap_or_else(|_| "[]".into())
    }

    /// When to call `handle({"t":"tick"})`, on the clock of `now_ms`.
    pub fn next_timeout(&self) -> Option<u64> {
        let of_stage = match &self.stage {
            Stage::Entering(entering) => entering.next_timeout(),
            Stage::In(inside) => inside.next_timeout(),
            Stage::Over => return None,
            _ => None,
        };
        of_stage.into_iter().chain(self.core.greeted_by).min()
    }

    /// The base key of a sender, in the current epoch or one that is still kept.
    pub fn media_key(&self, epoch: u64, leaf: u32) -> Option<BaseKey> {
        match &self.stage {
            Stage::In(inside) => inside.media.key(epoch, leaf),
            _ => None,
        }
    }

    fn report(&mut self, problem: Problem) {
        let Problem { error, fatal } = problem;
        if !self.core.problem(&error, fatal) || !fatal {
            return;
        }
        if let Stage::In(inside) = &mut self.stage {
            inside.refuse(&mut self.core, error.code);
        }
        self.core.bye();
        self.over(Phase::Stopped, Some(error.code));
    }

    fn over(&mut self, phase: Phase, code: Option<&str>) {
        self.core.close_media("stopped");
        self.core.signing.clear();
        self.stage = Stage::Over;
        self.resume = false;
        self.core.phase(phase, code);
    }

    /// Ends the membership if what just happened ended it.
    fn settle(&mut self) {
        let Stage::In(inside) = &mut self.stage else {
            return;
        };
        match inside.ended {
            None => {}
            Some(End::Removed) => self.over(Phase::Removed, None),
            Some(End::Lost) => {
                self.lose_group();
                if !matches!(self.stage, Stage::Over) {
                    self.core.hello();
                }
            }
            Some(End::Left) => {
                self.core.bye();
                self.over(Phase::Left, None);
            }
        }
    }

    fn input(&mut self, input: Input) -> Outcome {
        if let Input::Receipt { place } = input {
            return self.core.ask_receipt(place);
        }
        if matches!(self.stage, Stage::Over) && !matches!(input, Input::Signed { .. }) {
            return Ok(());
        }
        match input {
            Input::Server { message } => {
                let message = serde_json::from_value(message)
                    .map_err(|error| minor("RF3241", format!("a message of the server: {error}")))?;
                self.server(message)
            }
            Input::Online => {
                self.online();
                Ok(())
            }
            Input::Offline => {
                self.offline();
                Ok(())
            }
            Input::Join { name } => self.join(&name),
            Input::Signed { id, signature } => self.signed(id, &signature.0),
            Input::Leave => {
                self.leave();
                Ok(())
            }
            Input::Tick => Ok(()),
            Input::Whereabouts(said) => self.core.locate(&said),
            Input::State { muted, camera } => {
                self.core.own_state = (muted, camera);
                match &mut self.stage {
                    Stage::In(inside) => inside.say_state(&mut self.core),
                    _ => Ok(()),
                }
            }
            Input::Offer { sdp } if matches!(self.stage, Stage::Entering(_)) => {
                self.core.keep_offer(sdp);
                Ok(())
            }
            other => self.inside_input(other),
        }
    }

    /// What only a member can ask for. The page stays while we come back: what is said then is said later, and what
    /// a person asks for is refused, so that they know.
    fn inside_input(&mut self, input: Input) -> Outcome {
        let away = "we are on our way back into the meeting";
        let (Stage::In(inside), Some(place)) = (&mut self.stage, &self.place) else {
            return match input {
                Input::Chat { text } if self.later.len() + self.unsaid.len() < away::MOST_UNSAID => {
                    self.later.push(text);
                    Ok(())
                }
                Input::Chat { .. } => Err(minor("RF3294", "too many messages wait for the connection")),
                Input::Amend { .. } => Err(minor("RF3264", away)),
                Input::Propose { id, .. } => {
                    proposing::answer(&mut self.core, id, Err(minor("RF3264", away)));
                    Ok(())
                }
                Input::Admit { .. } | Input::Deny { .. } | Input::Remove { .. } => Err(minor("RF3251", away)),
                _ => Ok(()),
            };
        };
        let core = &mut self.core;
        match input {
            // The server does not know us yet. What the page says of media, it says again once we are back.
            Input::Admit { .. } | Input::Deny { .. } if inside.line.away => Err(minor("RF3251", away)),
            Input::Offer { .. } | Input::View { .. } if inside.line.away => Ok(()),
            Input::Admit { knock } => inside.admit(core, &knock),
            Input::Deny { knock } => inside.deny(core, knock),
            Input::Remove { member } => match key_of(&member) {
                Some(member) => inside.remove(core, place, member),
                None => Err(minor("RF3240", "a member key has 32 bytes")),
            },
            Input::Amend { change } => inside.amend(core, place, change),
            Input::Propose { id, change } => inside.propose(core, place, id, change),
            Input::Chat { text } => inside.say(core, text),
            Input::Offer { sdp } => inside.offer(core, place, sdp),
            Input::Trip { min_ms, samples } => inside.measured(core, place, min_ms, samples),
            Input::Remote { address, port } => inside.remote(core, place, address, port),
            Input::Code => inside.code(core),
            Input::View { wants } => {
                core.send(messages::ClientMessage::View { wants });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn server(&mut self, message: ServerMessage) -> Outcome {
        if let ServerMessage::Hello(hello) = message {
            return self.greeted(*hello);
        }
        if let ServerMessage::Transcripts { transcripts } = message {
            return self.heard(&transcripts);
        }
        let unexpected = || Err(minor("RF3242", "a message of the server that has no place now"));
        let core = &mut self.core;
        match (&mut self.stage, message) {
            (
                _,
                ServerMessage::Slots | ServerMessage::Speaking | ServerMessage::Pong | ServerMessage::Bye,
            ) => Ok(()),
            // Who is inside learns it from the commit.
            (Stage::In(inside), ServerMessage::Amended) if !inside.line.away => Ok(()),
            (Stage::Over, _) => Ok(()),
            // A greeting that was asked for while we were still outside, and came too late to be given.
            (Stage::In(inside), ServerMessage::Error { re, .. })
                if !inside.line.away && re.as_deref() == Some("hello") =>
            {
                Ok(())
            }
            (Stage::In(inside), ServerMessage::Error { code, re, .. })
                if inside.line.away && re.as_deref() == Some("resume") =>
            {
                if code != "RF1219" {
                    self.lose_group(); // after RF1219 we greet anew as we are
                    self.core.hello();
                }
                Ok(())
            }
            (stage, ServerMessage::Amended) => {
                if let Stage::Entering(entering) = stage {
                    core.signing.clear();
                    entering.amended();
                }
                core.hello();
                Ok(())
            }
            (Stage::In(inside), message) => match &mut self.place {
                Some(place) => inside.server(core, place, message),
                None => unexpected(),
            },
            (Stage::Entering(_), message) => self.entering(message),
            (_, ServerMessage::Error { code, detail, .. }) => {
                core.server_error(&code, &detail);
                Ok(())
            }
            _ => unexpected(),
        }
    }

    fn signed(&mut self, id: u64, signature: &[u8]) -> Outcome {
        let Some((purpose, document)) = self.core.assembled(id, signature)? else {
            return Ok(());
        };
        match (&mut self.stage, purpose) {
            (Stage::In(inside), Purpose::Admission { member }) => {
                inside.admitted(&mut self.core, member, document);
                Ok(())
            }
            (Stage::In(inside), Purpose::Removal { member }) => {
                inside.removal_signed(&mut self.core, member, document)
            }
            (Stage::In(inside), Purpose::Charter) => inside.amendment_signed(&self.core, document),
            (_, Purpose::Receipt) => {
                let document = Bytes(document);
                self.core.out.push(Output::Receipt { document });
                Ok(())
            }
            (Stage::In(inside), Purpose::Rejoin) if inside.line.away => {
                self.core.send(inside.line.resume(document));
                Ok(())
            }
            (Stage::Entering(_), purpose) => self.entry_signed(purpose, document),
            _ => Ok(()),
        }
    }

    /// What beacons measured since: it counts instead of what was shown before.
    fn heard(&mut self, transcripts: &[Bytes]) -> Outcome {
        if let (Some(place), false) = (&mut self.place, matches!(self.stage, Stage::Over)) {
            place.beacons = Beacons::read(transcripts)?;
        }
        if let Stage::In(inside) = &mut self.stage {
            inside.decide_soon(self.core.now);
        }
        Ok(())
    }

    /// What is decided rests on what is known now.
    fn observe(&mut self) {
        let Some(place) = &mut self.place else { return };
        let news = place.observe(&self.core);
        if let (true, Stage::In(inside)) = (news, &mut self.stage) {
            inside.decide_soon(self.core.now);
        }
    }

    fn tick(&mut self) -> Outcome {
        self.observe();
        if self.core.greeted_by.is_some_and(|by| self.core.now >= by) {
            self.core.greeted_by = None;
            self.core.renew(); // it leads nowhere, or to a server that hangs
        }
        match (&mut self.stage, &self.place) {
            (Stage::In(inside), Some(place)) => inside.tick(&mut self.core, place),
            (Stage::Entering(entering), _) => {
                entering.tick(&mut self.core);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn online(&mut self) {
        if !matches!(self.stage, Stage::In(_)) {
            self.core.phase(Phase::Connecting, None);
        }
        self.core.hello();
    }

    /// The connection is gone. The group is kept: the next connection goes on with it.
    fn offline(&mut self) {
        self.core.awaits_no_greeting();
        if let Stage::In(inside) = &mut self.stage {
            inside.go_away(&mut self.core);
        } else {
            self.resume |= matches!(self.stage, Stage::Entering(_));
            self.core.close_media("offline");
            self.core.signing.clear();
            self.stage = Stage::Connecting;
        }
        self.core.phase(Phase::Lost, None);
    }

    fn leave(&mut self) {
        match &mut self.stage {
            Stage::In(inside) => inside.leave(&mut self.core),
            _ => {
                self.core.bye();
                self.over(Phase::Left, None);
            }
        }
    }
}

impl Core {
    fn server_error(&mut self, code: &str, detail: &str) {
        let known =
            code.len() == 6 && code.starts_with("RF") && code[2..].bytes().all(|b| b.is_ascii_digit());
        let code = if known { code } else { "RF3241" };
        self.out.push(Output::Event {
            event: Event::Problem {
                code: code.into(),
                detail: detail.chars().take(300).collect(),
                fatal: false,
            },
        });
    }
}
