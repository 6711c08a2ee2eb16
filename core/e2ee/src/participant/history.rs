//! What was said, for who comes back without it: every member keeps it in memory, one of them tells it, sealed to one.
//! Not here: new words (`chat.rs`), or the way back (`rejoining.rs`).
use super::chat::{LONGEST_TEXT, Said};
use super::core::Core;
use super::inside::Inside;
use super::io::{Bytes, Event};
use super::{Outcome, minor};
use crate::knock::{Name, new_host_hpke, open_from, seal_to};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B32, Result};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use zeroize::Zeroizing;

/// As many as a server keeps for who is away.
const MOST_KEPT: usize = 1_000;
const MOST_BYTES: usize = 1 << 20;
/// What is told at a time: well below what a server takes for one message.
const CHUNK_BYTES: usize = 24 << 10;
/// Who is asked answers in this time, or the next one is asked.
const ANSWER_MS: u64 = 3_000;
/// So many are asked; nobody is told more often than `ANSWER_MS`.
const MOST_ASKED: usize = 4;
/// So many parts may be told at once, to all together, and one more each `PART_MS`: a server ends a connection that says
/// too much. Who gets no answer asks the next.
const MOST_PARTS: u64 = 80;
const PART_MS: u64 = 100;
const INFO: &[u8] = b"ringfence history v1";

pub struct Message {
    pub group: B32,
    /// In which it was sealed.
    pub epoch: u64,
    pub id: String,
    pub from: B32,
    pub name: Option<String>,
    pub text: String,
    pub at: u64,
}

impl Message {
    fn size(&self) -> usize {
        self.text.len() + 200
    }

    fn encode(&self) -> Value {
        cbor::map([
            ("epoch", self.epoch.into()),
            ("id", self.id.as_str().into()),
            ("from", cbor::bytes(&self.from)),
            ("name", self.name.as_deref().map_or(Value::Null, Into::into)),
            ("text", self.text.as_str().into()),
            ("at", self.at.into()),
        ])
    }

    fn decode(value: Value, group: B32) -> Result<Self> {
        let mut map = Map::from_value(value)?;
        let name = map.take("name")?;
        let message = Self {
            group,
            epoch: map.uint("epoch")?,
            id: map.text("id")?,
            from: map.fixed("from")?,
            // Who tells it may not make it unreadable either.
            name: name
                .as_text()
                .and_then(|name| Name::new(name).ok())
                .map(|name| name.as_str().to_owned()),
            text: map.text("text")?,
            at: map.uint("at")?,
        };
        map.finish()?;
        Ok(message)
    }

    fn is_readable(&self) -> bool {
        self.id.len() <= 64 && !self.text.is_empty() && self.text.chars().count() <= LONGEST_TEXT
    }
}

/// In the order in which it was heard.
#[derive(Default)]
pub struct History {
    messages: VecDeque<Message>,
    bytes: usize,
    /// Everything that was said in this group, sealed in this epoch or later, is here.
    whole: Option<(B32, u64)>,
}

impl History {
    fn position(&self, from: &B32, id: &str) -> Option<usize> {
        self.messages.iter().position(|m| m.from == *from && m.id == id)
    }

    /// At the end. False for what is known: nothing is shown twice.
    pub fn keep(&mut self, message: Message) -> bool {
        let fresh = self.position(&message.from, &message.id).is_none();
        if fresh {
            self.bytes += message.size();
            self.messages.push_back(message);
            while self.messages.len() > MOST_KEPT || self.bytes > MOST_BYTES {
                let Some(oldest) = self.messages.pop_front() else {
                    break;
                };
                self.bytes -= oldest.size();
                let gone = |(group, _): &&mut (B32, u64)| *group == oldest.group;
                if let Some((_, epoch)) = self.whole.as_mut().filter(gone) {
                    *epoch = (*epoch).max(oldest.epoch + 1);
                }
            }
        }
        fresh
    }

    /// From now on, or from then on as we know now, nothing of this group is missing.
    pub fn whole_since(&mut self, group: B32, epoch: u64) {
        self.whole = Some((group, epoch));
    }

    fn is_whole_since(&self, group: &B32, epoch: u64) -> bool {
        self.whole
            .is_some_and(|(of, since)| of == *group && since <= epoch)
    }

    fn has_room(&self, message: &Message) -> bool {
        self.messages.len() < MOST_KEPT && self.bytes + message.size() <= MOST_BYTES
    }

    /// Ours was sealed in this epoch of this group at last.
    pub fn sealed(&mut self, from: &B32, id: &str, group: B32, epoch: u64) {
        if let Some(at) = self.position(from, id) {
            (self.messages[at].group, self.messages[at].epoch) = (group, epoch);
        }
    }

    /// What somebody may be told who was admitted to the group at that epoch: nothing of before.
    fn since(&self, group: &B32, admitted: u64) -> impl Iterator<Item = &Message> {
        let theirs = move |m: &&Message| m.group == *group && m.epoch >= admitted;
        self.messages.iter().filter(theirs)
    }
}

/// Of who has come back, until somebody has told them everything.
pub struct Recall {
    secret: Zeroizing<B32>,
    public: B32,
    asked: BTreeSet<u32>,
    /// Until everybody was heard, or until then: what was sealed before our epoch has reached all of them by then.
    early: Option<u64>,
    /// Who is to answer, and until when.
    waits: Option<(u32, u64)>,
    /// What is told belongs before this message: the first that we heard ourselves since.
    before: Option<(B32, String)>,
    /// What who is telling has told last: the next belongs behind it.
    behind: Option<(B32, String)>,
}

impl Recall {
    pub fn new(now: u64) -> Result<Self> {
        let (secret, public) = new_host_hpke()?;
        Ok(Self {
            secret,
            public,
            asked: BTreeSet::new(),
            early: Some(now + ANSWER_MS),
            waits: None,
            before: None,
            behind: None,
        })
    }

    pub fn next_timeout(&self) -> Option<u64> {
        self.waits.map(|(_, until)| until).or(self.early)
    }

    /// Something new is heard while the old is still to come.
    pub fn heard(&mut self, from: &B32, id: &str) {
        self.before.get_or_insert_with(|| (*from, id.to_owned()));
    }
}

impl Inside {
    fn bound(&self, asker: &B32, teller: &B32) -> Vec<u8> {
        [&self.state.group[..], asker, teller].concat()
    }

    /// Asks the next member who is there and has not been asked.
    pub(super) fn recall(&mut self, core: &mut Core) -> Outcome {
        let (own, now) = (core.config.member, core.now);
        let Some(recall) = &mut self.recall else {
            return Ok(());
        };
        if self.line.away || recall.waits.is_some_and(|(_, until)| now < until) {
            return Ok(());
        }
        recall.waits = None;
        let own_leaf = self.member.own_leaf();
        let unheard =
            |leaf: &u32| *leaf != own_leaf && self.ears.get(leaf).is_some_and(|ear| ear.word.is_none());
        if recall.early.is_some_and(|until| now < until) && self.present.iter().any(unheard) {
            return Ok(());
        }
        recall.early = None;
        let (seats, asked) = (&self.state.seats, &recall.asked);
        let other = |leaf: &&u32| !asked.contains(leaf) && seats.get(leaf).is_some_and(|s| s.member != own);
        let Some(leaf) = self.present.iter().find(other).copied() else {
            return Ok(());
        };
        if recall.asked.len() >= MOST_ASKED {
            self.recall = None;
            return Ok(());
        }
        recall.asked.insert(leaf);
        recall.waits = Some((leaf, now + ANSWER_MS));
        recall.behind = None;
        let key = recall.public;
        self.send_sealed(core, &Said::Recall { key }.encode(), Some(leaf), None)
    }

    /// Tells somebody in the group what was said since they were admitted to it; sealed to them alone, because
    /// whoever was admitted later is in the group too.
    pub(super) fn tell_history(&mut self, core: &mut Core, leaf: u32, asker: B32, key: &B32) -> Outcome {
        let Some(entry) = self.state.ledger.current(&asker) else {
            return Ok(());
        };
        if self.told.get(&leaf).is_some_and(|at| core.now < at + ANSWER_MS) {
            return Ok(());
        }
        let mut chunks: Vec<(usize, Vec<Value>)> = vec![(0, vec![])];
        for message in core.history.since(&self.state.group, entry.added) {
            if chunks
                .last()
                .is_some_and(|(size, _)| size + message.size() > CHUNK_BYTES)
            {
                chunks.push((0, vec![]));
            }
            if let Some((size, values)) = chunks.last_mut() {
                *size += message.size();
                values.push(message.encode());
            }
        }
        let after = self
            .tells_after
            .max(core.now.saturating_sub(MOST_PARTS * PART_MS))
            + PART_MS * chunks.len() as u64;
        if after > core.now {
            return Ok(());
        }
        self.tells_after = after;
        self.told.insert(leaf, core.now);
        let bound = self.bound(&asker, &core.config.member);
        let whole = core.history.is_whole_since(&self.state.group, entry.added);
        let last = chunks.len() - 1;
        for (index, (_, values)) in chunks.into_iter().enumerate() {
            let plain = Zeroizing::new(cbor::encode(&Value::Array(values)));
            // A key that nothing can be sealed to is the asker's fault, and no reason for us to stop.
            let unusable = |_| minor("RF3205", "the key to seal what was said to is none");
            let sealed = seal_to(key, INFO, &bound, &plain).map_err(unusable)?;
            let said = Said::Past(Past {
                sealed,
                more: index < last,
                whole,
            });
            self.send_sealed(core, &said.encode(), Some(leaf), None)?;
        }
        Ok(())
    }

    /// What another member tells of before. It is their word who said what: the page says so.
    pub(super) fn on_past(&mut self, core: &mut Core, leaf: u32, teller: B32, past: Past) -> Outcome {
        let (me, group) = (core.config.member, self.state.group);
        let bound = self.bound(&me, &teller);
        let Some(recall) = self
            .recall
            .as_mut()
            .filter(|r| r.waits.is_some_and(|(from, _)| from == leaf))
        else {
            return Ok(()); // nobody asked, or not them
        };
        let unreadable = |_| minor("RF3205", "what was said before cannot be read");
        let plain = open_from(&recall.secret, INFO, &bound, &past.sealed).map_err(unreadable)?;
        let Value::Array(values) = cbor::decode(&Zeroizing::new(plain)).map_err(unreadable)? else {
            return Err(minor("RF3205", "what was said before is no list"));
        };
        let mut messages = vec![];
        for value in values.into_iter().take(MOST_KEPT) {
            let message = Message::decode(value, group).map_err(unreadable)?;
            if message.is_readable() {
                messages.push(message);
            }
        }
        recall.waits = Some((leaf, if past.more { core.now + ANSWER_MS } else { core.now }));
        let by = self.people.get(&teller).and_then(|person| person.name.as_ref());
        let by = by.map_or("?", Name::as_str).to_owned();
        let fits = core.past(messages, recall, &by);
        let admitted = self.state.ledger.current(&me).map(|entry| entry.added);
        match (past.more, fits, admitted) {
            (true, true, _) => {}
            (false, true, Some(epoch)) if past.whole => {
                core.history.whole_since(group, epoch);
                self.recall = None;
            }
            (_, false, _) => self.recall = None, // more is kept by nobody
            (false, true, _) => {}
        }
        self.recall(core)
    }
}

impl Core {
    /// Keeps and shows what was told and is not known, in its place. False when no more fits.
    fn past(&mut self, messages: Vec<Message>, recall: &mut Recall, by: &str) -> bool {
        let mut messages = VecDeque::from(messages);
        while let Some(message) = messages.pop_front() {
            let place = |of: &(B32, String)| self.history.position(&of.0, &of.1);
            let key = (message.from, message.id.clone());
            let behind = recall.behind.replace(key.clone());
            if place(&key).is_some() {
                continue;
            }
            if !self.history.has_room(&message) {
                return false;
            }
            // Others may have told what was before, or after.
            let behind = behind.as_ref().and_then(place).map(|at| at + 1);
            let next = || {
                messages
                    .iter()
                    .find_map(|m| self.history.position(&m.from, &m.id))
            };
            let at = behind
                .or_else(next)
                .or_else(|| recall.before.as_ref().and_then(place))
                .unwrap_or(self.history.messages.len());
            self.event(Event::Chat {
                id: message.id.clone(),
                from_member: Bytes::of(&message.from),
                name: message.name.clone(),
                you: message.from == self.config.member,
                text: message.text.clone(),
                at: message.at,
                told_by: Some(by.to_owned()),
                before: self.history.messages.get(at).map(|next| next.id.clone()),
            });
            self.history.bytes += message.size();
            self.history.messages.insert(at, message);
        }
        true
    }
}

/// Part of an answer, as it was sealed for all; `whole`: the teller misses nothing of it.
pub struct Past {
    pub sealed: Vec<u8>,
    pub more: bool,
    pub whole: bool,
}

/// When each leaf was told.
pub type Told = BTreeMap<u32, u64>;
