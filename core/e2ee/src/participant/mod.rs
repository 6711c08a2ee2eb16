//! One person's membership of a meeting as a state machine: JSON in, JSON out, time as an argument.
//! Not here: sockets, WebCrypto, frames. Whatever a server sends ends in a problem with a code, never a panic.
mod chat;
mod committing;
pub mod config;
mod core;
mod inside;
pub mod io;
mod joining;
mod media;
pub mod place;

use self::core::{Core, Purpose};
use crate::keys::BaseKey;
use config::{Config, key_of};
use inside::Inside;
use io::{Event, Input, Output, Phase, ServerMessage};
use joining::Entering;
use place::Place;
use ringfence_signed::{Error, Result};

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
        })
    }

    /// Takes one input. Never fails: what is wrong becomes a `problem` event.
    pub fn handle(&mut self, input_json: &str, now_ms: u64) {
        self.core.now = now_ms.max(self.core.now);
        let outcome = serde_json::from_str(input_json)
            .map_err(|error| minor("RF3240", format!("an input cannot be read: {error}")))
            .and_then(|input| self.input(input));
        if let Err(problem) = outcome.and_then(|()| self.tick()) {
            self.report(problem);
        }
        self.settle();
    }

    /// The outputs since the last call, as a JSON array.
    pub fn take(&mut self) -> String {
        serde_json::to_string(&std::mem::take(&mut self.core.out)).unwrap_or_else(|_| "[]".into())
    }

    /// When to call `handle({"t":"tick"})`, on the clock of `now_ms`.
    pub fn next_timeout(&self) -> Option<u64> {
        match &self.stage {
            Stage::Entering(entering) => entering.next_timeout(),
            Stage::In(inside) => inside.next_timeout(),
            _ => None,
        }
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
            Some(End::Left) => {
                self.core.bye();
                self.over(Phase::Left, None);
            }
        }
    }

    fn input(&mut self, input: Input) -> Outcome {
        if matches!(self.stage, Stage::Over) {
            return Ok(());
        }
        match input {
            Input::Server { message } => {
                let message = serde_json::from_value(message)
                    .map_err(|error| minor("RF3241", format!("a message of the server: {error}")))?;
                self.server(message)
            }
            Input::Online => {
                self.core.phase(Phase::Connecting, None);
                self.core.hello();
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
            Input::State { muted, camera } => {
                self.core.own_state = (muted, camera);
                match &mut self.stage {
                    Stage::In(inside) => inside.say_state(&mut self.core),
                    _ => Ok(()),
                }
            }
            other => self.inside_input(other),
        }
    }

    /// What only a member can ask for; before and after it is not an error, only too early or too late.
    fn inside_input(&mut self, input: Input) -> Outcome {
        let (Stage::In(inside), Some(place)) = (&mut self.stage, &self.place) else {
            return Ok(());
        };
        let core = &mut self.core;
        match input {
            Input::Admit { knock } => inside.admit(core, &knock),
            Input::Deny { knock } => inside.deny(core, knock),
            Input::Remove { member } => match key_of(&member) {
                Some(member) => inside.remove(core, member),
                None => Err(minor("RF3240", "a member key has 32 bytes")),
            },
            Input::Chat { text } => inside.say(core, text),
            Input::Offer { sdp } => inside.offer(core, place, sdp),
            Input::Remote { address, port } => inside.remote(core, place, address, port),
            Input::Code => inside.code(core),
            Input::View { wants } => {
                core.send(io::ClientMessage::View { wants });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn server(&mut self, message: ServerMessage) -> Outcome {
        if let ServerMessage::Hello(hello) = message {
            return self.greeted(*hello);
        }
        let unexpected = || Err(minor("RF3242", "a message of the server that has no place now"));
        let core = &mut self.core;
        match (&mut self.stage, message) {
            (_, ServerMessage::Slots | ServerMessage::Speaking | ServerMessage::Bye { .. }) => Ok(()),
            (Stage::In(inside), message) => match &self.place {
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
            (Stage::In(inside), Purpose::Admission { knock }) => {
                inside.admitted(&mut self.core, &knock, document)
            }
            (Stage::In(inside), Purpose::Removal { member }) => {
                inside.removal_signed(&mut self.core, member, document)
            }
            (Stage::Entering(_), purpose @ (Purpose::Leaf | Purpose::Genesis | Purpose::OwnAdmission)) => {
                self.entry_signed(purpose, document)
            }
            _ => Ok(()),
        }
    }

    fn tick(&mut self) -> Outcome {
        match (&mut self.stage, &self.place) {
            (Stage::In(inside), Some(place)) => inside.tick(&mut self.core, place),
            (Stage::Entering(entering), _) => {
                entering.tick(&mut self.core);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The connection is gone, and with it the group: MLS state is not kept, coming back is a new leaf.
    fn offline(&mut self) {
        self.resume |= matches!(self.stage, Stage::In(_) | Stage::Entering(_));
        self.core.close_media("offline");
        self.core.signing.clear();
        self.stage = Stage::Connecting;
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
