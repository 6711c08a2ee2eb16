//! What every stage of a membership needs: configuration, time, outputs, signatures asked for.
//! Not here: any stage.
use super::config::Config;
use super::io::{Bytes, ClientMessage, Event, Output, Phase, Seen, Signer};
use super::joining::Greeting;
use super::{Outcome, fatal};
use crate::knock::Name;
use crate::member::random;
use ringfence_charter::Charter;
use ringfence_signed::{B16, B32, Error, Label, cose};
use std::collections::BTreeMap;

/// The same minor problem is told at most this often: a server could otherwise drown the page in them.
const REPEAT_MS: u64 = 10_000;
const NONCES: usize = 4;

/// What a signature was asked for.
pub enum Purpose {
    Leaf,
    Genesis,
    OwnAdmission,
    Admission { knock: String },
    Removal { member: B32 },
}

pub struct Asked {
    purpose: Purpose,
    label: Label,
    payload: Vec<u8>,
    key: B32,
}

pub struct Core {
    pub config: Config,
    pub name: Option<Name>,
    /// Muted, camera.
    pub own_state: (bool, bool),
    pub now: u64,
    pub out: Vec<Output>,
    pub signing: BTreeMap<u64, Asked>,
    next_id: u64,
    /// Of greetings that are not answered yet.
    pub nonces: Vec<B16>,
    pub(super) greeting: Option<Greeting>,
    phase: Option<Phase>,
    media_open: Option<bool>,
    told: BTreeMap<&'static str, u64>,
    /// The knocks that the page shows now.
    pub knocks_told: Vec<String>,
}

impl Core {
    pub fn new(config: Config, now: u64) -> Self {
        Self {
            config,
            name: None,
            own_state: (false, false),
            now,
            out: vec![],
            signing: BTreeMap::new(),
            next_id: 1,
            nonces: vec![],
            greeting: None,
            phase: None,
            media_open: None,
            told: BTreeMap::new(),
            knocks_told: vec![],
        }
    }

    /// Unix seconds.
    pub fn time(&self) -> u64 {
        self.now / 1000
    }

    pub fn send(&mut self, message: ClientMessage) {
        self.out.push(Output::Send { message });
    }

    pub fn event(&mut self, event: Event) {
        self.out.push(Output::Event { event });
    }

    pub fn phase(&mut self, phase: Phase, code: Option<&str>) {
        if self.phase != Some(phase) {
            self.phase = Some(phase);
            self.event(Event::Phase {
                phase,
                code: code.map(Into::into),
            });
        }
    }

    /// Tells a problem; false when it is minor and was told a moment ago.
    pub fn problem(&mut self, error: &Error, fatal: bool) -> bool {
        let recent = self
            .told
            .get(error.code)
            .is_some_and(|at| self.now < at + REPEAT_MS);
        if recent && !fatal {
            return false;
        }
        self.told.insert(error.code, self.now);
        self.event(Event::Problem {
            code: error.code.into(),
            detail: error.detail.clone(),
            fatal,
        });
        true
    }

    pub fn media(&mut self, open: bool, why: &'static str) {
        if self.media_open != Some(open) {
            self.media_open = Some(open);
            self.out.push(Output::Media { open, why });
        }
    }

    pub fn close_media(&mut self, why: &'static str) {
        self.media(false, why);
    }

    pub fn hello(&mut self) {
        let Ok(nonce) = random() else { return };
        if self.nonces.len() >= NONCES {
            self.nonces.remove(0);
        }
        self.nonces.push(nonce);
        self.send(ClientMessage::Hello {
            v: 1,
            nonce: Bytes::of(&nonce),
        });
    }

    pub fn bye(&mut self) {
        self.send(ClientMessage::Bye);
    }

    pub fn remember(&mut self, seen: Seen) {
        if self.config.seen.as_ref() != Some(&seen) {
            self.config.seen = Some(seen.clone());
            self.out.push(Output::Remember { seen });
        }
    }

    /// The host key, if it is one of a host of this meeting.
    pub fn host_key(&self, charter: &Charter) -> Option<B32> {
        self.config.host.filter(|key| charter.host(key).is_some())
    }

    fn ask(&mut self, key: B32, signer: Signer, label: Label, payload: Vec<u8>, purpose: Purpose) {
        let id = self.next_id;
        self.next_id += 1;
        let tbs = Bytes(cose::to_be_signed(label, &payload));
        self.signing.insert(
            id,
            Asked {
                purpose,
                label,
                payload,
                key,
            },
        );
        self.out.push(Output::Sign { id, key: signer, tbs });
    }

    pub fn ask_member(&mut self, label: Label, payload: Vec<u8>, purpose: Purpose) {
        self.ask(self.config.member, Signer::Member, label, payload, purpose);
    }

    pub fn ask_host(&mut self, host: B32, label: Label, payload: Vec<u8>, purpose: Purpose) {
        self.ask(host, Signer::Host, label, payload, purpose);
    }

    /// The document of a signature that was asked for; `None` for one that nobody waits for any more.
    pub fn assembled(&mut self, id: u64, signature: &[u8]) -> Outcome<Option<(Purpose, Vec<u8>)>> {
        let Some(asked) = self.signing.remove(&id) else {
            return Ok(None);
        };
        let signature = signature
            .try_into()
            .map_err(|_| fatal("RF3106", "a signature has 64 bytes"))?;
        let document = cose::assemble(&asked.payload, signature);
        cose::verify(asked.label, &document, &asked.key)?;
        Ok(Some((asked.purpose, document)))
    }
}
