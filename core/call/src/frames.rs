//! Responsible for: what becomes of one frame: sealed, or opened, dropped and counted (docs/protocol/frames.md).
//! Not responsible for: where frames come from (`peer`), or keys (`ring`).

use crate::ring::{EpochKeys, Found, LAST_COUNTER, Ring, context_of, leaf_of};
use ringfence_e2ee::keys::{Header, Stream};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};
use str0m::media::Mid;

/// How long a frame waits for keys, or for the word whose it is.
const PATIENCE: Duration = Duration::from_millis(500);
const MOST_WAITING: usize = 512;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sound,
    Picture,
}

/// Whose stream a line carries, by the server's word; the KID has to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    pub leaf: u32,
    pub context: u8,
}

/// What came of one stream.
#[derive(Debug, Clone)]
pub struct Count {
    pub frames: u64,
    /// Of what was in the frames.
    pub bytes: u64,
    pub keys: u64,
    pub failed: u64,
    /// Sealed with keys that are over, or from before we came.
    pub late: u64,
    last: Option<Instant>,
}

/// The same, as told: `context` 0 microphone, 1 camera, 2 the screen's sound, 3 its picture; `since_ms` the last frame
/// that was opened.
#[derive(Debug, Serialize)]
pub struct Counted {
    pub leaf: u32,
    pub context: u8,
    pub frames: u64,
    pub bytes: u64,
    pub keys: u64,
    pub failed: u64,
    pub late: u64,
    pub since_ms: Option<u64>,
}

struct Waiting {
    line: Mid,
    kind: Kind,
    frame: Vec<u8>,
    until: Instant,
}

enum Outcome {
    Opened {
        bytes: usize,
        key: bool,
    },
    /// It may open yet.
    Wait,
    Failed,
    /// Its keys are over, or were before we came.
    Late,
    /// Media is closed: that is no failure of whoever sent it.
    Closed,
}

/// Closed until it is opened: until then nothing passes, in either direction.
#[derive(Default)]
pub struct Frames {
    ring: Ring,
    slots: HashMap<Mid, Slot>,
    open: bool,
    /// What comes before the first opening, with the connection just made, may wait for it; later nothing does.
    opened: bool,
    waiting: VecDeque<Waiting>,
    counts: BTreeMap<Slot, Count>,
}

/// What packetizers and decoders' fronts read: the frame tag, and start code and size of a key frame (RFC 6386
/// section 9.1). It stays readable and is authenticated.
fn clear_bytes(kind: Kind, frame: &[u8]) -> usize {
    match (kind, is_key(frame)) {
        (Kind::Sound, _) => 0,
        (Kind::Picture, true) => 10.min(frame.len()),
        (Kind::Picture, false) => 1.min(frame.len()),
    }
}

/// Of VP8.
pub fn is_key(frame: &[u8]) -> bool {
    frame.first().is_some_and(|first| first & 1 == 0)
}

impl Frames {
    pub fn is_open(&self) -> bool {
        self.open
    }

    pub fn set_open(&mut self, open: bool, now: Instant) {
        self.open = open;
        self.opened |= open;
        self.reconsider(now);
    }

    pub fn install(&mut self, keys: EpochKeys, now: Instant) {
        self.ring.install(keys, now);
        self.reconsider(now);
    }

    pub fn set_slots(&mut self, slots: HashMap<Mid, Slot>, now: Instant) {
        self.slots = slots;
        self.reconsider(now);
    }

    /// Nothing of the meeting's keys stays.
    pub fn forget(&mut self) {
        self.open = false;
        self.ring.clear();
        self.waiting.clear();
        self.slots.clear();
    }

    /// `None`: nothing goes out.
    pub fn seal(&mut self, stream: Stream, kind: Kind, frame: &[u8], now: Instant) -> Option<Vec<u8>> {
        if !self.open || frame.is_empty() {
            return None;
        }
        let (metadata, plain) = frame.split_at(clear_bytes(kind, frame));
        let sealed = self.ring.seal(stream, metadata, plain, now)?;
        Some([metadata, &sealed].concat())
    }

    pub fn arrived(&mut self, line: Mid, kind: Kind, frame: Vec<u8>, now: Instant) {
        let until = now + PATIENCE;
        let waiting = Waiting {
            line,
            kind,
            frame,
            until,
        };
        self.consider(waiting, now);
    }

    pub fn tick(&mut self, now: Instant) {
        if self.waiting.front().is_some_and(|first| first.until <= now) {
            self.reconsider(now);
        }
        self.ring.expire(now);
    }

    pub fn next_wake(&self) -> Option<Instant> {
        self.waiting.front().map(|first| first.until)
    }

    pub fn counted(&self, now: Instant) -> Vec<Counted> {
        let counts = self.counts.iter();
        let told = counts.map(|(slot, count)| Counted {
            leaf: slot.leaf,
            context: slot.context,
            frames: count.frames,
            bytes: count.bytes,
            keys: count.keys,
            failed: count.failed,
            late: count.late,
            since_ms: count
                .last
                .map(|last| now.saturating_duration_since(last).as_millis() as u64),
        });
        told.collect()
    }

    fn reconsider(&mut self, now: Instant) {
        for waiting in std::mem::take(&mut self.waiting) {
            self.consider(waiting, now);
        }
    }

    fn consider(&mut self, waiting: Waiting, now: Instant) {
        let outcome = self.open(&waiting, now);
        let slot = self.slots.get(&waiting.line).copied();
        match outcome {
            Outcome::Wait if waiting.until > now && self.waiting.len() < MOST_WAITING => {
                self.waiting.push_back(waiting);
            }
            Outcome::Opened { bytes, key } => self.count(slot, |count| {
                count.frames += 1;
                count.bytes += bytes as u64;
                count.keys += u64::from(key);
                count.last = Some(now);
            }),
            Outcome::Late => self.count(slot, |count| count.late += 1),
            Outcome::Failed | Outcome::Wait if self.open => self.count(slot, |count| count.failed += 1),
            _ => {}
        }
    }

    fn count(&mut self, slot: Option<Slot>, change: impl FnOnce(&mut Count)) {
        let Some(slot) = slot else { return };
        change(self.counts.entry(slot).or_insert(Count {
            frames: 0,
            bytes: 0,
            keys: 0,
            failed: 0,
            late: 0,
            last: None,
        }));
    }

    fn open(&mut self, waiting: &Waiting, now: Instant) -> Outcome {
        let (metadata, sealed) = waiting.frame.split_at(clear_bytes(waiting.kind, &waiting.frame));
        let Ok((header, length)) = Header::decode(sealed) else {
            return Outcome::Failed;
        };
        // A longer form than the shortest would be another frame with the same counter.
        if header.encode() != sealed[..length] || header.counter > LAST_COUNTER {
            return Outcome::Failed;
        }
        if !self.open {
            return if self.opened {
                Outcome::Closed
            } else {
                Outcome::Wait
            };
        }
        let named = Slot {
            leaf: leaf_of(header.kid),
            context: context_of(header.kid),
        };
        if self.slots.get(&waiting.line) != Some(&named) {
            return Outcome::Wait;
        }
        let opener = match self.ring.opener(header.kid, now) {
            Found::Opener(opener) => opener,
            Found::Unknown => return Outcome::Wait,
            Found::Over => return Outcome::Late,
            Found::None => return Outcome::Failed,
        };
        if !opener.window.is_fresh(header.counter) {
            return Outcome::Failed;
        }
        let Ok(plain) = opener.key.open(metadata, sealed) else {
            return Outcome::Failed;
        };
        opener.window.mark(header.counter);
        Outcome::Opened {
            bytes: metadata.len() + plain.len(),
            key: waiting.kind == Kind::Picture && is_key(&waiting.frame),
        }
    }
}
