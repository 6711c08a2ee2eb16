//! What the members of an epoch agree on, and the group context extension `ringfence` that says so.
//! Not here: who may change it (`admit.rs`).
use crate::facts::ContextFacts;
use ringfence_charter::{CharterSource, Ledger};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B32, Error, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How people come in now: a host's removal turns a link meeting into a lobby.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Link,
    Lobby,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Mode::Link => "link",
            Mode::Lobby => "lobby",
        }
    }
}

/// What every member of an epoch agrees on beside the keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    pub charter: B32,
    pub route: B32,
    /// The key of the log of routes that the charter names.
    pub log: Option<B32>,
    pub generation: u64,
    pub ledger: B32,
    pub mode: Mode,
}

impl Context {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&cbor::map([
            ("charter", cbor::bytes(&self.charter)),
            ("route", cbor::bytes(&self.route)),
            ("log", self.log.map_or(Value::Null, |log| cbor::bytes(&log))),
            ("generation", self.generation.into()),
            ("ledger", cbor::bytes(&self.ledger)),
            ("mode", self.mode.name().into()),
        ]))
    }

    /// Errors: `RF3216` when it is not what [`Context::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Self::read(bytes).map_err(|error| Error::new("RF3216", error.detail))
    }

    /// Whether the context that a commit leads to, or a group has, is exactly this one.
    pub fn check(&self, facts: &ContextFacts) -> Result<()> {
        let refuse = |code, what: &str| Err(Error::new(code, what));
        if facts.external_senders {
            return refuse("RF3214", "outsiders are to be allowed to send into the group");
        }
        if facts.others > 0 || !facts.requires_all {
            return refuse(
                "RF3215",
                "the required capabilities are not those of this version",
            );
        }
        let Some(bytes) = &facts.ringfence else {
            return refuse("RF3216", "the extension `ringfence` is missing");
        };
        let is = Self::decode(bytes)?;
        match () {
            () if is.charter != self.charter => refuse("RF3217", "another charter"),
            () if is.route != self.route => refuse("RF3218", "another route"),
            () if (is.log, is.generation) != (self.log, self.generation) => {
                refuse("RF3219", "another route log or generation")
            }
            () if is.ledger != self.ledger => {
                refuse("RF3220", "the ledger does not say what the commits did")
            }
            () if is.mode != self.mode => refuse("RF3221", "the way in does not follow from the ledger"),
            () => Ok(()),
        }
    }

    fn read(bytes: &[u8]) -> Result<Self> {
        let mut map = Map::decode(bytes)?;
        let context = Self {
            charter: map.fixed("charter")?,
            route: map.fixed("route")?,
            log: map.nullable("log", cbor::as_fixed)?,
            generation: map.uint("generation")?,
            ledger: map.fixed("ledger")?,
            mode: match map.text("mode")?.as_str() {
                "link" => Mode::Link,
                "lobby" => Mode::Lobby,
                _ => return Err(Error::new("RF3216", "a mode that is neither link nor lobby")),
            },
        };
        map.finish()?;
        Ok(context)
    }
}

/// Who sits on a leaf. A member key that came back has two, until the next commit takes the earlier one away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub member: B32,
    /// Higher is later.
    pub serial: u64,
}

/// What the members of an epoch know and agree on.
#[derive(Clone)]
pub struct State {
    pub charter: Arc<CharterSource>,
    pub group: B32,
    pub context: Context,
    pub ledger: Ledger,
    pub seats: BTreeMap<u32, Session>,
}

impl State {
    pub fn member(&self, leaf: u32) -> Option<B32> {
        self.seats.get(&leaf).map(|session| session.member)
    }

    /// The member's leaves, the latest first.
    pub fn leaves_of(&self, member: &B32) -> Vec<u32> {
        let theirs = self.seats.iter().filter(|(_, session)| session.member == *member);
        let mut leaves: Vec<(u64, u32)> = theirs.map(|(leaf, session)| (session.serial, *leaf)).collect();
        leaves.sort_unstable_by(|a, b| b.cmp(a));
        leaves.into_iter().map(|(_, leaf)| leaf).collect()
    }

    /// Whether the same member has a later leaf.
    pub fn is_replaced(&self, leaf: u32) -> bool {
        self.seats.get(&leaf).is_some_and(|session| {
            let later = |(other, theirs): (&u32, &Session)| {
                (theirs.serial, *other) > (session.serial, leaf) && theirs.member == session.member
            };
            self.seats.iter().any(later)
        })
    }

    /// Whether that member acts as host now.
    pub fn is_host(&self, member: &B32) -> bool {
        self.ledger.is_host(member, &self.charter)
    }

    /// How many people there are: not how many leaves.
    pub fn people(&self) -> usize {
        let members: BTreeSet<&B32> = self.seats.values().map(|session| &session.member).collect();
        members.len()
    }

    /// Whether there is anybody else.
    pub fn is_shared(&self) -> bool {
        let mut members = self.seats.values().map(|session| &session.member);
        let first = members.next();
        members.any(|member| Some(member) != first)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Oneself,
    Host(B32),
    /// The same member key came back with another leaf.
    Replaced,
    /// Nobody heard them any more. Their admission stays: they come back by themselves.
    Lost,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    pub leaf: u32,
    pub member: B32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Gone {
    pub leaf: u32,
    pub member: B32,
    pub why: Why,
}

/// The state that an admitted commit leads to, and who came and went.
pub struct Admitted {
    pub state: State,
    pub epoch: u64,
    /// The leaf that committed.
    pub by: u32,
    pub joined: Vec<Joined>,
    pub gone: Vec<Gone>,
}
