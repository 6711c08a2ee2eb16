//! Responsible for: which media keys there are now, of which epochs and until when, and which one seals.
//! Not responsible for: how a key is made (core/e2ee), or what frames it opens (`frames`).

use crate::replay::Window;
use ringfence_e2ee::keys::{BaseKey, FrameKey, Header, Stream, kid};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Of an epoch a KID tells the last 11 bits.
const EPOCHS: u64 = 1 << 11;
/// docs/protocol/frames.md: no browser counts further.
pub const LAST_COUNTER: u64 = (1 << 53) - 1;

/// The participant's word that an epoch's keys can be had.
pub struct EpochKeys {
    pub epoch: u64,
    pub own_leaf: u32,
    pub keys: Vec<(u32, BaseKey)>,
    /// How long keys of older epochs still open.
    pub keep: Duration,
    /// How long the older epoch's key may still seal; 0 after a removal.
    pub switch: Duration,
}

/// Opens the frames of one KID.
pub struct Opener {
    pub key: FrameKey,
    pub window: Window,
}

struct Epoch {
    keys: HashMap<u32, BaseKey>,
    openers: HashMap<u64, Opener>,
    until: Option<Instant>,
}

struct Sender {
    key: BaseKey,
    epoch: u64,
    leaf: u32,
    sealers: HashMap<u64, FrameKey>,
}

/// What there is for a KID.
pub enum Found<'a> {
    Opener(&'a mut Opener),
    /// It may come yet.
    Unknown,
    /// Of an epoch before ours, or whose time is over.
    Over,
    /// There is none, and none will come.
    None,
}

#[derive(Default)]
pub struct Ring {
    epochs: HashMap<u64, Epoch>,
    /// By base key and KID, for as long as the participant lives: no counter is begun twice.
    counters: HashMap<([u8; 32], u64), u64>,
    newest: Option<u64>,
    own_leaf: Option<u32>,
    current: Option<Sender>,
    next: Option<(Sender, Instant)>,
}

impl Ring {
    pub fn install(&mut self, given: EpochKeys, now: Instant) {
        let until = now + given.keep;
        for epoch in self.epochs.values_mut() {
            epoch.until = Some(epoch.until.map_or(until, |before| before.min(until)));
        }
        let own = given.keys.iter().find(|(leaf, _)| *leaf == given.own_leaf);
        let sender = own.map(|(_, key)| Sender {
            key: key.clone(),
            epoch: given.epoch,
            leaf: given.own_leaf,
            sealers: HashMap::new(),
        });
        let others = given.keys.into_iter().filter(|(leaf, _)| *leaf != given.own_leaf);
        let keys: HashMap<u32, BaseKey> = others.collect();
        let slot = given.epoch % EPOCHS;
        // The same keys, given again, do not forget what they opened.
        let mut openers = HashMap::new();
        if let Some(before) = self.epochs.remove(&slot) {
            let same = |leaf| match (before.keys.get(&leaf), keys.get(&leaf)) {
                (Some(before), Some(now)) => before.as_bytes() == now.as_bytes(),
                _ => false,
            };
            openers.extend(before.openers.into_iter().filter(|(kid, _)| same(leaf_of(*kid))));
        }
        let until = None;
        self.epochs.insert(slot, Epoch { keys, openers, until });
        self.newest = Some(slot);
        self.own_leaf = Some(given.own_leaf);
        self.change_sender(sender, now, given.switch);
        self.expire(now);
    }

    fn change_sender(&mut self, sender: Option<Sender>, now: Instant, switch: Duration) {
        // Nothing to wait for without an older key; and a second change never delays the first.
        match sender {
            Some(sender) if self.current.is_some() && !switch.is_zero() => {
                let at = now + switch;
                let at = self.next.as_ref().map_or(at, |(_, before)| at.min(*before));
                self.next = Some((sender, at));
            }
            sender => (self.current, self.next) = (sender, None),
        }
    }

    /// The sealed frame without its clear bytes; `None` without a key.
    pub fn seal(&mut self, stream: Stream, metadata: &[u8], plain: &[u8], now: Instant) -> Option<Vec<u8>> {
        if self.next.as_ref().is_some_and(|(_, at)| *at <= now) {
            self.current = self.next.take().map(|(sender, _)| sender);
        }
        let sender = self.current.as_mut()?;
        let kid = kid(stream, sender.leaf, sender.epoch);
        let name = (Sha256::digest(sender.key.as_bytes()).into(), kid);
        let counter = self.counters.entry(name).or_default();
        let header = Header {
            kid,
            counter: *counter,
        };
        *counter = counter.checked_add(1).filter(|next| *next <= LAST_COUNTER)?;
        let sealer = (sender.sealers.entry(kid)).or_insert_with(|| FrameKey::derive(&sender.key, kid));
        Some(sealer.seal(header, metadata, plain))
    }

    pub fn opener(&mut self, kid: u64, now: Instant) -> Found<'_> {
        self.expire(now);
        if kid >> 24 != 0 || self.own_leaf == Some(leaf_of(kid)) {
            return Found::None;
        }
        let slot = kid % EPOCHS;
        // Epochs are merged in order: of those before the newest, none is still to come.
        let ahead = |newest: u64| (slot + EPOCHS - newest) % EPOCHS < EPOCHS / 2;
        let is_ahead = self.newest.is_none_or(ahead);
        let Some(epoch) = self.epochs.get_mut(&slot) else {
            return if is_ahead { Found::Unknown } else { Found::Over };
        };
        let Some(base) = epoch.keys.get(&leaf_of(kid)) else {
            return Found::None;
        };
        Found::Opener(epoch.openers.entry(kid).or_insert_with(|| Opener {
            key: FrameKey::derive(base, kid),
            window: Window::default(),
        }))
    }

    /// Forgets the keys whose time is over.
    pub fn expire(&mut self, now: Instant) {
        let over = |epoch: &Epoch| epoch.until.is_some_and(|until| until <= now);
        self.epochs.retain(|_, epoch| !over(epoch));
    }

    /// All keys; the counters stay.
    pub fn clear(&mut self) {
        self.epochs.clear();
        (self.newest, self.current, self.next) = (None, None, None);
    }
}

/// context (3 bits) ‖ leaf (10) ‖ epoch (11).
pub fn leaf_of(kid: u64) -> u32 {
    (kid >> 11) as u32 & 0x3ff
}

pub fn context_of(kid: u64) -> u8 {
    (kid >> 21) as u8 & 7
}
