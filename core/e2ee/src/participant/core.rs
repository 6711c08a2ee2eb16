//! What every stage of a membership needs: configuration, time, outputs, signatures asked for.
//! Not here: any stage.
use super::config::Config;
use super::history::History;
use super::io::{Bytes, Event, Output, Phase, Seen, Signer};
use super::joining::Greeting;
use super::journal::Journal;
use super::logged::LogView;
use super::messages::{ClientMessage, KnownLog};
use super::observing::{Observing, Said};
use super::{Outcome, fatal};
use crate::knock::{Name, new_host_hpke, public_hpke};
use crate::member::random;
use ringfence_charter::{Charter, Rejoin};
use ringfence_signed::{B16, B32, Error, Label, Result, cose};
use std::collections::BTreeMap;

/// The same minor problem is told at most this often: a server could otherwise drown the page in them.
const REPEAT_MS: u64 = 10_000;
/// A server greets in a moment, or this connection leads nowhere.
const GREETING_MS: u64 = 10_000;
const NONCES: usize = 4;

/// What a signature was asked for.
pub enum Purpose {
    Leaf,
    Rejoin,
    Genesis,
    OwnAdmission,
    Admission { member: B32 },
    Removal { member: B32 },
    Charter,
    Receipt,
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
    /// When this connection is given up unless a greeting has come.
    pub greeted_by: Option<u64>,
    pub(super) greeting: Option<Greeting>,
    phase: Option<Phase>,
    media_open: Option<bool>,
    /// Of a connection that was made ready while we come in: the first thing to say there.
    pub offer: Option<String>,
    pub told: BTreeMap<&'static str, u64>,
    /// The knocks that the page shows now.
    pub knocks_told: Vec<String>,
    pub(super) history: History,
    /// The newest of the meeting's log, for the other members.
    pub checkpoint: Option<String>,
    pub(super) observing: Observing,
    pub(super) journal: Journal,
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
            greeted_by: None,
            greeting: None,
            phase: None,
            media_open: None,
            offer: None,
            told: BTreeMap::new(),
            knocks_told: vec![],
            history: History::default(),
            checkpoint: None,
            observing: Observing::default(),
            journal: Journal::default(),
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
            if !matches!(phase, Phase::Joining | Phase::In) {
                self.offer = None; // the page gives that connection up
            }
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

    /// The page makes a connection ready only while nobody has to be asked.
    pub fn keep_offer(&mut self, sdp: String) {
        self.offer = Some(sdp).filter(|_| self.phase == Some(Phase::Joining));
    }

    pub fn media(&mut self, open: bool, why: &'static str) {
        if self.media_open != Some(open) {
            self.media_open = Some(open);
            self.journal.media(open, self.time());
            self.out.push(Output::Media { open, why });
        }
    }

    pub fn close_media(&mut self, why: &'static str) {
        self.media(false, why);
    }

    /// The page is to give this connection up for another.
    pub fn renew(&mut self) {
        self.out.push(Output::Renew);
    }

    /// Takes where the person says they are.
    pub fn locate(&mut self, said: &Said) -> Outcome {
        if self.observing.locate(said)? {
            self.out.push(Output::Measure);
        }
        Ok(())
    }

    pub fn hello(&mut self) {
        let Ok(nonce) = random() else { return };
        if self.nonces.len() >= NONCES {
            self.nonces.remove(0);
        }
        self.nonces.push(nonce);
        self.greeted_by.get_or_insert(self.now + GREETING_MS);
        let size = |(log, note): (&String, &String)| {
            let size = note.split('\n').nth(1)?.parse().ok()?;
            let log = log.clone();
            Some(KnownLog { log, size })
        };
        let logs = self.config.logs.iter().filter_map(size).collect();
        self.send(ClientMessage::Hello {
            v: 1,
            nonce: Bytes::of(&nonce),
            logs,
        });
    }

    /// No greeting is on its way any more: all have come, or none will over this connection.
    pub fn awaits_no_greeting(&mut self) {
        self.nonces.clear();
        self.greeted_by = None;
    }

    /// Asks for a greeting unless one is on its way already.
    pub fn hello_again(&mut self) {
        if self.nonces.is_empty() {
            self.hello();
        }
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

    pub fn remember_log(&mut self, view: &LogView) {
        let (log, newest) = (view.issuer().key().to_string(), view.newest());
        let checkpoint = newest.encode();
        self.checkpoint = Some(checkpoint.clone());
        if self.config.logs.get(&log) != Some(&checkpoint) {
            self.config.logs.insert(log.clone(), checkpoint.clone());
            self.out.push(Output::RememberLog {
                log,
                size: newest.size(),
                checkpoint,
            });
        }
    }

    /// The key by which this device is a host of this meeting: one of its own, or its member key.
    pub fn host_key(&self, charter: &Charter) -> Option<B32> {
        let keys = [self.config.host, Some(self.config.member)];
        keys.into_iter().flatten().find(|key| charter.host(key).is_some())
    }

    pub fn is_owner(&self, charter: &Charter) -> bool {
        self.config.owner == Some(charter.owner)
    }

    /// The public half of the key that opens the names of knocks; made and kept when there is none yet.
    pub fn host_hpke(&mut self) -> Result<B32> {
        if let Some(secret) = &self.config.host_hpke {
            return Ok(public_hpke(secret));
        }
        let (secret, public) = new_host_hpke()?;
        let host_hpke = Bytes::of(&*secret);
        self.config.host_hpke = Some(secret);
        self.out.push(Output::Keep { host_hpke });
        Ok(public)
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

    /// The proof, over the server's nonce, that we hold our member key.
    pub fn ask_proof(&mut self, group: B32, nonce: B16) {
        let proof = Rejoin {
            meeting: self.config.meeting,
            group,
            member: self.config.member,
            nonce,
        };
        self.ask_member(cose::label::REJOIN, proof.encode(), Purpose::Rejoin);
    }

    /// Proofs for a connection that is gone are of no use any more.
    pub fn drop_proofs(&mut self) {
        self.signing
            .retain(|_, asked| !matches!(asked.purpose, Purpose::Rejoin));
    }

    pub fn ask_host(&mut self, host: B32, label: Label, payload: Vec<u8>, purpose: Purpose) {
        let signer = match host == self.config.member {
            true => Signer::Member,
            false => Signer::Host,
        };
        self.ask(host, signer, label, payload, purpose);
    }

    /// A charter waits for the owner's signature.
    pub fn asks_owner(&self) -> bool {
        let mut asked = self.signing.values();
        asked.any(|asked| matches!(asked.purpose, Purpose::Charter))
    }

    pub fn ask_owner(&mut self, owner: B32, charter: Vec<u8>) {
        self.ask(
            owner,
            Signer::Owner,
            cose::label::CHARTER,
            charter,
            Purpose::Charter,
        );
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
