//! A network with delays between the people and the server: each connection keeps its order, as TCP does.
//! Not here: who is connected.
use fastrand::Rng;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

pub enum Packet {
    Up(usize, Value),
    Down(usize, Value),
    /// The server notices that a connection is dead.
    Dead(usize),
}

impl Packet {
    /// For a transcript: when, whose, which way and of which type.
    pub fn entry(&self, now: u64) -> (u64, usize, String) {
        let (way, who, message) = match self {
            Packet::Up(who, message) => ("up", *who, message),
            Packet::Down(who, message) => ("down", *who, message),
            Packet::Dead(who) => ("dead", *who, &Value::Null),
        };
        (
            now,
            who,
            format!("{way} {}", message["t"].as_str().unwrap_or_default()),
        )
    }
}

/// What a server that is not sure whether it arrived may say again over the next connection. Not a commit: an old one is
/// refused (`RF3254`, lies.rs). Not what says how things are now (`present`, `resumed`): the old would contradict the new.
const REPEATED: [&str; 9] = [
    "sealed",
    "proposal",
    "confirmed",
    "taken",
    "welcome",
    "rejoined",
    "founded",
    "waiting",
    "settled",
];
/// So much of what arrived last is remembered, to be repeated.
const REMEMBERED: usize = 16;

pub struct Net {
    random: Rng,
    least: u64,
    most: u64,
    /// By time and order of sending, with the connection that it was sent over.
    queue: BTreeMap<(u64, u64), (u64, Packet)>,
    sent: u64,
    last: BTreeMap<(bool, usize), u64>,
    lives: BTreeMap<usize, u64>,
    stalled: BTreeMap<Option<usize>, u64>,
    /// Whether a message of before is repeated over each new connection.
    pub repeats: bool,
    arrived: BTreeMap<usize, VecDeque<Value>>,
}

impl Net {
    /// Delays of `least` to `most` milliseconds.
    pub fn new(seed: u64, least: u64, most: u64) -> Self {
        Self {
            random: Rng::with_seed(seed),
            least,
            most,
            queue: BTreeMap::new(),
            sent: 0,
            last: BTreeMap::new(),
            lives: BTreeMap::new(),
            stalled: BTreeMap::new(),
            repeats: false,
            arrived: BTreeMap::new(),
        }
    }

    fn life(&self, who: usize) -> u64 {
        self.lives.get(&who).copied().unwrap_or(0)
    }

    fn push(&mut self, at: u64, who: usize, packet: Packet) {
        self.sent += 1;
        let life = self.life(who);
        self.queue.insert((at, self.sent), (life, packet));
    }

    pub fn send(&mut self, now: u64, who: usize, message: Value, up: bool) {
        let delay = self.random.u64(self.least..=self.most);
        let stalled = self.stalled_until(who);
        let last = self.last.entry((up, who)).or_insert(0);
        let at = (now + delay).max(*last).max(stalled);
        *last = at;
        let packet = if up {
            Packet::Up(who, message)
        } else {
            Packet::Down(who, message)
        };
        self.push(at, who, packet);
    }

    /// Until then nothing of theirs arrives, and no connection of theirs is taken: what is between stands still. For
    /// nobody in particular it is the server that does, and everybody whom it concerns.
    pub fn stall(&mut self, who: Option<usize>, until: u64) {
        self.stalled.insert(who, until);
    }

    /// Another server is there in place of the one that stood still.
    pub fn server_moves(&mut self) {
        self.stalled.remove(&None);
    }

    /// Until when nothing of theirs moves.
    pub fn stalled_until(&self, who: usize) -> u64 {
        let of = |who: Option<usize>| self.stalled.get(&who).copied().unwrap_or(0);
        of(None).max(of(Some(who)))
    }

    pub fn notice(&mut self, now: u64, who: usize) {
        let after = self.random.u64(1_000..20_000);
        self.push(now + after, who, Packet::Dead(who));
    }

    /// What is on its way over this connection never arrives.
    pub fn cut(&mut self, who: usize) {
        *self.lives.entry(who).or_insert(0) += 1;
        self.last.retain(|(_, of), _| *of != who);
    }

    /// It came to their page, and may come once more.
    pub fn came(&mut self, who: usize, message: &Value) {
        if self.repeats && REPEATED.iter().any(|t| message["t"] == *t) {
            let arrived = self.arrived.entry(who).or_default();
            arrived.push_back(message.clone());
            if arrived.len() > REMEMBERED {
                arrived.pop_front();
            }
        }
    }

    /// Over a new connection one of the last messages of before comes once more.
    pub fn repeat(&mut self, now: u64, who: usize) {
        let arrived = self.arrived.get(&who).map_or(0, VecDeque::len);
        if arrived > 0 {
            let message = self.arrived[&who][self.random.usize(..arrived)].clone();
            let after = self.random.u64(self.least..1_000);
            self.push(now + after, who, Packet::Down(who, message));
        }
    }

    pub fn next_timeout(&self) -> Option<u64> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// The next packet that is due, unless its connection is gone.
    pub fn pop(&mut self, now: u64) -> Option<Packet> {
        while self.next_timeout().is_some_and(|at| at <= now) {
            let (_, (life, packet)) = self.queue.pop_first()?;
            let (Packet::Up(who, _) | Packet::Down(who, _) | Packet::Dead(who)) = &packet;
            if life == self.life(*who) {
                return Some(packet);
            }
        }
        None
    }
}
