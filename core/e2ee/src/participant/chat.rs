//! What members say to each other, sealed by MLS: names, chat, states, heartbeats, refusals.
//! Not here: whose word it is (`inside.rs` knows the seats).
use super::away::MOST_UNSAID;
use super::core::Core;
use super::history::{Message, Past};
use super::inside::Inside;
use super::io::{Bytes, Event};
use super::messages::ClientMessage;
use super::{Outcome, fatal, minor};
use crate::code::verification_code;
use crate::knock::{Name, is_sealable};
use crate::member::random;
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B32, Error, Result, to_text};

/// Longest chat message, in characters.
pub const LONGEST_TEXT: usize = 4_000;

pub enum Said {
    /// `hpke`: names of knocks are sealed to it, should this member become a host.
    Profile {
        name: Name,
        hpke: B32,
    },
    Chat {
        id: String,
        text: String,
    },
    State {
        muted: bool,
        camera: bool,
    },
    Seen {
        epoch: u64,
        ledger: B32,
        /// The checkpoint that the log showed; said to who has just come, and by them.
        log: Option<String>,
    },
    Refused {
        code: String,
    },
    /// Who came back asks what was said; the answer is to be sealed to this key.
    Recall {
        key: B32,
    },
    Past(Past),
}

impl Said {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&match self {
            Said::Profile { name, hpke } => cbor::map([
                ("t", "profile".into()),
                ("name", name.as_str().into()),
                ("hpke", cbor::bytes(hpke)),
            ]),
            Said::Chat { id, text } => cbor::map([
                ("t", "chat".into()),
                ("id", id.as_str().into()),
                ("text", text.as_str().into()),
            ]),
            Said::State { muted, camera } => cbor::map([
                ("t", "state".into()),
                ("muted", (*muted).into()),
                ("camera", (*camera).into()),
            ]),
            Said::Seen { epoch, ledger, log } => cbor::map([
                ("t", "seen".into()),
                ("epoch", (*epoch).into()),
                ("ledger", cbor::bytes(ledger)),
                ("log", cbor::nullable(log.as_deref())),
            ]),
            Said::Refused { code } => cbor::map([("t", "refused".into()), ("code", code.as_str().into())]),
            Said::Recall { key } => cbor::map([("t", "recall".into()), ("key", cbor::bytes(key))]),
            Said::Past(past) => cbor::map([
                ("t", "past".into()),
                ("sealed", cbor::bytes(&past.sealed)),
                ("more", past.more.into()),
                ("whole", past.whole.into()),
            ]),
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let unreadable = |what: &str| Error::new("RF3205", what);
        let mut map = Map::decode(bytes)?;
        let yes = |value: Value| {
            value
                .as_bool()
                .ok_or_else(|| unreadable("neither true nor false"))
        };
        let said = match map.text("t")?.as_str() {
            "profile" => Said::Profile {
                name: Name::new(&map.text("name")?)?,
                hpke: map.fixed("hpke")?,
            },
            "chat" => Said::Chat {
                id: map.text("id")?,
                text: map.text("text")?,
            },
            "state" => Said::State {
                muted: yes(map.take("muted")?)?,
                camera: yes(map.take("camera")?)?,
            },
            "seen" => Said::Seen {
                epoch: map.uint("epoch")?,
                ledger: map.fixed("ledger")?,
                log: map.nullable("log", cbor::as_text)?,
            },
            "refused" => Said::Refused {
                code: map.text("code")?,
            },
            "recall" => Said::Recall {
                key: map.fixed("key")?,
            },
            "past" => Said::Past(Past {
                sealed: map.bytes("sealed")?,
                more: yes(map.take("more")?)?,
                whole: yes(map.take("whole")?)?,
            }),
            _ => return Err(unreadable("words of a kind that this version does not know")),
        };
        map.finish()?;
        match &said {
            Said::Chat { id, text } if id.len() > 64 || text.chars().count() > LONGEST_TEXT => {
                Err(unreadable("a message that is too long"))
            }
            // A host with such a key would keep everybody from knocking.
            Said::Profile { hpke, .. } if !is_sealable(hpke) => {
                Err(unreadable("a key that nothing can be sealed to"))
            }
            _ => Ok(said),
        }
    }
}

impl Inside {
    pub(super) fn send_sealed(
        &mut self,
        core: &mut Core,
        content: &[u8],
        to: Option<u32>,
        id: Option<u64>,
    ) -> Outcome {
        let message = Bytes(self.member.seal(content)?);
        core.send(ClientMessage::Sealed { message, to, id });
        Ok(())
    }

    /// Words for who is here now; who is away or alone says nothing.
    fn seal(&mut self, core: &mut Core, said: &Said, to: Option<u32>) -> Outcome {
        if self.line.away || !self.state.is_shared() {
            return Ok(());
        }
        self.send_sealed(core, &said.encode(), to, None)
    }

    pub(super) fn beat(&mut self, core: &mut Core) -> Outcome {
        self.say_seen(core, None, None)
    }

    fn say_seen(&mut self, core: &mut Core, log: Option<String>, to: Option<u32>) -> Outcome {
        let (epoch, ledger) = (self.member.epoch(), self.state.context.ledger);
        self.seal(core, &Said::Seen { epoch, ledger, log }, to)
    }

    /// For who has just come: names and states are sealed and kept by nobody.
    pub(super) fn present_ourselves(&mut self, core: &mut Core, to: Option<u32>) -> Outcome {
        if let Some(name) = core.name.clone() {
            let hpke = core.host_hpke()?;
            self.seal(core, &Said::Profile { name, hpke }, to)?;
        }
        let (muted, camera) = core.own_state;
        self.seal(core, &Said::State { muted, camera }, to)?;
        self.say_seen(core, core.checkpoint.clone(), to)
    }

    pub(super) fn say_state(&mut self, core: &mut Core) -> Outcome {
        let (muted, camera) = core.own_state;
        self.roster(core);
        self.seal(core, &Said::State { muted, camera }, None)
    }

    pub(super) fn say(&mut self, core: &mut Core, text: String) -> Outcome {
        let text = text.trim().to_owned();
        if text.is_empty() || text.chars().count() > LONGEST_TEXT {
            return Err(minor("RF3294", "a message has 1 to 4000 characters"));
        }
        if self.line.unsaid.len() >= MOST_UNSAID {
            return Err(minor("RF3294", "too many messages wait for the connection"));
        }
        let id = to_text(&random::<16>()?);
        self.line.keep(Said::Chat {
            id: id.clone(),
            text: text.clone(),
        });
        let name = core.name.as_ref().map(|name| name.as_str().to_owned());
        self.show(core, core.config.member, self.member.epoch(), name, id, text);
        self.say_unsaid(core)
    }

    /// A message that is new here: kept for who comes back, and shown.
    fn show(
        &mut self,
        core: &mut Core,
        from: B32,
        epoch: u64,
        name: Option<String>,
        id: String,
        text: String,
    ) {
        let message = Message {
            group: self.state.group,
            epoch,
            id: id.clone(),
            from,
            name: name.clone(),
            text: text.clone(),
            at: core.now,
        };
        if !core.history.keep(message) {
            return;
        }
        if let Some(recall) = &mut self.recall {
            recall.heard(&from, &id);
        }
        core.event(Event::Chat {
            id,
            from_member: Bytes::of(&from),
            name,
            you: from == core.config.member,
            text,
            at: core.now,
            told_by: None,
            before: None,
        });
    }

    /// Tells the others, sealed, why we take no part any more. Best effort: we are refusing already.
    pub(super) fn refuse(&mut self, core: &mut Core, code: &str) {
        let _ = self.seal(core, &Said::Refused { code: code.into() }, None);
    }

    pub(super) fn said(
        &mut self,
        core: &mut Core,
        leaf: u32,
        from: B32,
        epoch: u64,
        bytes: &[u8],
    ) -> Outcome {
        let current = epoch == self.member.epoch();
        let said = Said::decode(bytes).map_err(|error| minor("RF3205", error.detail))?;
        let known = self.state.seats.values().any(|session| session.member == from);
        match said {
            Said::Chat { id, text } => {
                let name = self.people.get(&from).and_then(|p| p.name.as_ref());
                let name = name.map(|name| name.as_str().to_owned());
                self.show(core, from, epoch, name, id, text);
            }
            Said::Recall { key } if known => self.tell_history(core, leaf, from, &key)?,
            Said::Past(past) if known => self.on_past(core, leaf, from, past)?,
            Said::Profile { name, hpke } if known => {
                let person = self.people.entry(from).or_default();
                let (text, news) = (name.as_str().to_owned(), std::mem::take(&mut person.new));
                (person.name, person.hpke) = (Some(name), Some(hpke));
                if news {
                    core.event(Event::Notice {
                        kind: "joined",
                        name: Some(text),
                        by: None,
                    });
                }
                self.roster(core);
            }
            Said::State { muted, camera } if known => {
                let person = self.people.entry(from).or_default();
                (person.muted, person.camera) = (muted, camera);
                self.roster(core);
            }
            Said::Seen { epoch, ledger, log } if current => {
                if let Some(note) = log {
                    self.comparing.hear(note);
                }
                if epoch != self.member.epoch() || ledger != self.state.context.ledger {
                    return Err(fatal("RF3258", "a member of this epoch knows another history"));
                }
                if self.unconfirmed.remove(&leaf) && self.unconfirmed.is_empty() {
                    core.event(Event::Notice {
                        kind: "removal-confirmed",
                        name: None,
                        by: None,
                    });
                }
            }
            Said::Refused { code } if known => {
                let code: String = code.chars().take(6).collect();
                return Err(minor(
                    "RF3259",
                    format!("a participant's page refuses the meeting: {code}"),
                ));
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn code(&mut self, core: &mut Core) -> Outcome {
        let code = verification_code(&self.state.group, &self.member.epoch_authenticator())?;
        core.event(Event::Code {
            code,
            epoch: self.member.epoch(),
        });
        Ok(())
    }
}
