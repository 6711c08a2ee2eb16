//! Responsible for: the media of one participant as a state machine: which connection there is, built anew when it
//! breaks, what is sent over it, and what came of what arrived.
//! Not responsible for: sockets and the clock (`thread`), or whether media may flow (core/e2ee).

use crate::frames::{Counted, Frames, Kind, Slot};
use crate::peer::{Happened, Peer};
use crate::ring::EpochKeys;
use crate::sending::Player;
use crate::source::Source;
use crate::trips::{Measured, Trips};
use ringfence_e2ee::keys::Stream;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::media::Mid;

/// A connection that broke is built anew after this, and twice as long after each failure.
const REBUILD: Duration = Duration::from_millis(500);
const LONGEST_REBUILD: Duration = Duration::from_secs(30);
/// An offer is answered in a moment, or not at all.
const ANSWER: Duration = Duration::from_secs(10);
/// So long a connection may take to be one.
const CONNECTING: Duration = Duration::from_secs(15);
/// Pairs of lines, so that a join needs no negotiation.
const POOL: usize = 8;
/// docs/protocol/media.md: no page shows more at once, whatever the server says that it needs.
const LARGEST: usize = 32;

/// What is asked of it.
#[derive(Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Command {
    /// In the meeting, or back in it.
    Resume,
    /// The server is lost: what flows flows on, and nothing is agreed on anew.
    Hold,
    Disconnect,
    /// The participant has checked this answer.
    Answered {
        sdp: String,
    },
    /// The server refused the offer.
    Refused,
    Slots {
        slots: Vec<SlotWord>,
        need: usize,
    },
    Media {
        open: bool,
    },
    /// What was measured of the way counts no more.
    Measure,
    /// Nothing of the meeting's keys stays.
    Forget,
}

#[derive(Deserialize)]
pub struct SlotWord {
    mid: String,
    leaf: Option<u32>,
    context: u8,
}

/// What it tells.
#[derive(Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Told {
    Offer {
        sdp: String,
    },
    /// Where media goes, over DTLS with an AEAD profile.
    Remote {
        address: String,
        port: u16,
    },
    Trip {
        min_ms: f64,
        samples: u32,
    },
    Problem {
        code: &'static str,
        detail: String,
    },
}

pub struct Call {
    frames: Frames,
    players: Vec<Player>,
    receives: bool,
    peer: Option<Peer>,
    trips: Option<Trips>,
    held: bool,
    wanted: bool,
    /// How many pairs of lines there should be.
    pairs: usize,
    remote: Option<SocketAddr>,
    rebuild_at: Option<Instant>,
    wait: Duration,
    /// An offer is answered by then, or a connection is one.
    patience: Option<Instant>,
    told: Vec<Told>,
    datagrams: Vec<Vec<u8>>,
}

impl Call {
    pub fn new(sources: impl IntoIterator<Item = Source>, receives: bool, now: Instant) -> Self {
        Self {
            frames: Frames::default(),
            players: sources
                .into_iter()
                .map(|source| Player::new(source, now))
                .collect(),
            receives,
            peer: None,
            trips: None,
            held: false,
            wanted: false,
            pairs: if receives { POOL } else { 0 },
            remote: None,
            rebuild_at: None,
            wait: REBUILD,
            patience: None,
            told: vec![],
            datagrams: vec![],
        }
    }

    pub fn sends(&self, kind: Kind) -> bool {
        self.players.iter().any(|player| player.kind == kind)
    }

    pub fn install(&mut self, keys: EpochKeys, now: Instant) {
        self.frames.install(keys, now);
    }

    /// `Answered` goes to `answered`, with the way there.
    pub fn handle(&mut self, command: Command, now: Instant) {
        match command {
            Command::Resume => self.resume(now),
            Command::Hold => (self.held, self.patience) = (true, None),
            Command::Disconnect => self.disconnect(now),
            Command::Answered { .. } => {}
            Command::Refused => self.broken("the server refused the offer", now),
            Command::Slots { slots, need } => self.slots(slots, need, now),
            Command::Media { open } => {
                if open && !self.frames.is_open() {
                    self.players.iter_mut().for_each(Player::want_key);
                }
                self.frames.set_open(open, now);
            }
            Command::Measure => {
                if let Some(trips) = &mut self.trips {
                    trips.again(now);
                }
            }
            Command::Forget => self.frames.forget(),
        }
    }

    pub fn answered(&mut self, sdp: &str, here: SocketAddr, there: SocketAddr, now: Instant) {
        let Some(peer) = self.peer.as_mut().filter(|peer| peer.is_busy()) else {
            return;
        };
        self.remote = Some(there);
        match peer.answered(sdp, here, there, now) {
            Ok(()) => {
                self.patience = (!peer.is_connected()).then(|| now + CONNECTING);
                self.offer_if_short(now);
            }
            Err(_) => self.unusable("the answer does not fit", now),
        }
    }

    pub fn receive(&mut self, datagram: &[u8], now: Instant) {
        if let Some(peer) = &mut self.peer {
            peer.receive(datagram, now);
        }
        self.happen(now);
    }

    /// Lets time pass, and sends what is due.
    pub fn wake(&mut self, now: Instant) {
        self.frames.tick(now);
        if self.rebuild_at.is_some_and(|at| at <= now) {
            self.rebuild_at = None;
            self.connect(now);
        }
        if self.patience.is_some_and(|at| at <= now) {
            self.broken("nothing came through", now);
        }
        if let Some(peer) = &mut self.peer {
            peer.wake(now);
        }
        self.happen(now);
        self.measure(now);
        self.play(now);
        self.happen(now);
    }

    pub fn next_wake(&self) -> Option<Instant> {
        let players = (self.players.iter())
            .filter(|_| self.is_sending())
            .map(Player::due);
        let others = [
            self.rebuild_at,
            self.patience,
            self.peer.as_ref().map(Peer::next_wake),
            self.trips.as_ref().map(Trips::next_wake),
            self.frames.next_wake(),
        ];
        others.into_iter().flatten().chain(players).min()
    }

    pub fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    pub fn has_told(&self) -> bool {
        !self.told.is_empty()
    }

    pub fn take_datagrams(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.datagrams)
    }

    pub fn counted(&self, now: Instant) -> Vec<Counted> {
        self.frames.counted(now)
    }

    fn is_sending(&self) -> bool {
        self.frames.is_open() && self.peer.as_ref().is_some_and(Peer::is_connected)
    }

    fn resume(&mut self, now: Instant) {
        self.held = false;
        if self.peer.as_ref().is_some_and(Peer::is_connected) {
            // The signalling was gone, and with it perhaps an offer or its answer; and the network may be another one.
            return self.offer(true, now);
        }
        self.connect(now);
    }

    fn connect(&mut self, now: Instant) {
        self.disconnect(now);
        (self.wanted, self.peer) = (true, Some(Peer::new(now)));
        self.offer(false, now);
    }

    fn disconnect(&mut self, now: Instant) {
        (self.peer, self.trips, self.remote, self.wanted) = (None, None, None, false);
        (self.rebuild_at, self.patience) = (None, None);
        self.frames.set_slots(HashMap::new(), now);
    }

    /// Another connection may do better, after a while.
    fn broken(&mut self, why: &str, now: Instant) {
        if self.peer.is_none() || !self.wanted {
            return;
        }
        self.problem("RF6304", why);
        self.rebuild(now);
    }

    fn unusable(&mut self, why: &str, now: Instant) {
        self.problem("RF6302", why);
        self.rebuild(now);
    }

    fn rebuild(&mut self, now: Instant) {
        self.disconnect(now);
        // While the server is lost nobody answers; `resume` connects.
        if !self.held {
            self.rebuild_at = Some(now + self.wait);
            self.wait = (self.wait * 2).min(LONGEST_REBUILD);
        }
    }

    fn problem(&mut self, code: &'static str, detail: &str) {
        let detail = detail.to_owned();
        self.told.push(Told::Problem { code, detail });
    }

    fn offer(&mut self, restart: bool, now: Instant) {
        let Some(peer) = self.peer.as_mut().filter(|_| !self.held) else {
            return;
        };
        if let Some(sdp) = peer.offer(self.pairs, restart, now) {
            self.patience = Some(now + ANSWER);
            self.told.push(Told::Offer { sdp });
        }
    }

    /// The server has more to show than there are lines for.
    fn offer_if_short(&mut self, now: Instant) {
        let short = self
            .peer
            .as_ref()
            .is_some_and(|peer| !peer.is_busy() && peer.pairs() < self.pairs);
        if short {
            self.offer(false, now);
        }
    }

    fn slots(&mut self, slots: Vec<SlotWord>, need: usize, now: Instant) {
        let named = slots.into_iter().filter_map(|slot| {
            let (leaf, context) = (slot.leaf?, slot.context);
            Some((Mid::from(slot.mid.as_str()), Slot { leaf, context }))
        });
        self.frames.set_slots(named.collect(), now);
        if self.receives && need > 0 {
            let there = self.peer.as_ref().map_or(0, Peer::pairs);
            self.pairs = (there + need.min(LARGEST)).min(LARGEST);
            self.offer_if_short(now);
        }
    }

    fn measure(&mut self, now: Instant) {
        let (Some(trips), Some(peer)) = (&mut self.trips, &mut self.peer) else {
            return;
        };
        let (nonce, measured) = trips.tick(now);
        if let Some(nonce) = nonce {
            peer.ask_trip(&nonce, now);
        }
        self.tell_trip(measured);
    }

    fn tell_trip(&mut self, measured: Option<Measured>) {
        if let Some((least, samples)) = measured {
            let min_ms = least.as_secs_f64() * 1000.0;
            self.told.push(Told::Trip { min_ms, samples });
        }
    }

    /// Sends what is due.
    fn play(&mut self, now: Instant) {
        if !self.is_sending() {
            return;
        }
        let Some(peer) = &mut self.peer else { return };
        for player in &mut self.players {
            let kind = player.kind;
            let stream = match kind {
                Kind::Sound => Stream::Microphone,
                Kind::Picture => Stream::Camera,
            };
            while let Some(due) = player.take(now) {
                if let Some(sealed) = self.frames.seal(stream, kind, due.frame, now) {
                    peer.send(kind, &due, &sealed, now);
                }
            }
        }
    }

    fn happen(&mut self, now: Instant) {
        let happened = self.peer.as_mut().map(Peer::take).unwrap_or_default();
        for one in happened {
            match one {
                Happened::Datagram(datagram) => self.datagrams.push(datagram),
                Happened::Frame(line, kind, frame) => self.frames.arrived(line, kind, frame, now),
                Happened::KeyFrameAsked => self.players.iter_mut().for_each(Player::want_key),
                Happened::Connected => {
                    (self.wait, self.patience) = (REBUILD, None);
                    if let Some(remote) = self.remote {
                        let (address, port) = (remote.ip().to_string(), remote.port());
                        self.told.push(Told::Remote { address, port });
                    }
                }
                Happened::ChannelOpen => self.trips = Some(Trips::new(now)),
                Happened::Answered(nonce) => {
                    let measured = self.trips.as_mut().and_then(|trips| trips.answered(&nonce, now));
                    self.tell_trip(measured);
                }
                Happened::Broken => return self.broken("it broke", now),
            }
        }
    }
}
