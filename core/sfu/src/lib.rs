//! Responsible for: the forwarder of sealed frames, as a handle on the threads that run it.
//! Not responsible for: what the frames hold: there is no key of theirs in this process.

pub mod allocate;
pub mod bursts;
pub mod clock;
pub mod connection;
pub mod costs;
pub mod datagrams;
pub mod dtls;
pub mod egress;
pub mod fast;
pub mod formats;
pub mod heading;
pub mod history;
pub mod offer;
pub mod path;
pub mod peer;
pub mod plain;
pub mod rewrite;
pub mod room;
pub mod rooms;
pub mod route;
pub mod seal;
pub mod sending;
pub mod shard;
pub mod slot;
pub mod socket;
pub mod speaker;
pub mod stream;
pub mod timers;
pub mod trips;
pub mod window;

use crate::connection::{Frames, Way};
use crate::dtls::Identity;
use crate::rooms::{Counts, Event};
use crate::shard::{Command, Outbox, Shard};
use crate::stream::{Error, Leaf};
use ringfence_echo::EchoKey;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};

/// The forwarder. Every method returns at once; what comes of it is an event.
pub struct Sfu {
    shards: Vec<Shard>,
    /// Which shard runs a room: a room is never split.
    homes: Mutex<HashMap<Vec<u8>, usize>>,
    outbox: Arc<Outbox>,
    counts: Arc<Counts>,
    fingerprint: String,
}

/// With what the forwarder starts.
pub struct Settings {
    /// The one address of this machine that media is received on.
    pub address: IpAddr,
    /// Of the first thread; the others have the next ones. 0: any free ones.
    pub port: u16,
    /// Threads; 0 is one.
    pub shards: usize,
    pub way: Way,
    pub frames: Frames,
    /// The key of the node, with which each thread answers beacons.
    pub echo: Option<EchoKey>,
}

impl Sfu {
    pub fn start(settings: &Settings) -> Result<Sfu, Error> {
        let identity = Identity::generate()?;
        let outbox = Arc::new(Outbox::new().map_err(|error| Error::new("RF4203", error.to_string()))?);
        let counts = Arc::new(Counts::default());
        let start = |index: usize| {
            let offset = u16::try_from(index).unwrap_or(u16::MAX);
            let port = match settings.port {
                0 => 0,
                port => port
                    .checked_add(offset)
                    .ok_or_else(|| Error::new("RF4203", "ports end at 65535"))?,
            };
            let name = format!("sfu-{index}");
            let (outbox, counts) = (outbox.clone(), counts.clone());
            Shard::start(name, &identity, settings, port, outbox, counts)
        };
        let shards = (0..settings.shards.max(1))
            .map(start)
            .collect::<Result<Vec<_>, _>>()?;
        let fingerprint = identity.fingerprint().to_owned();
        Ok(Sfu {
            shards,
            homes: Mutex::default(),
            outbox,
            counts,
            fingerprint,
        })
    }

    /// The addresses on which media is received: those, and no others, are candidates in answers.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.shards.iter().map(|shard| shard.address).collect()
    }

    /// SHA-256 of the DTLS certificate in lower-case hexadecimal.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Readable when `drain` would give something.
    pub fn readable(&self) -> BorrowedFd<'_> {
        self.outbox.alarm.as_fd()
    }

    pub fn drain(&self) -> impl Iterator<Item = Event> {
        self.outbox.take().into_iter()
    }

    /// Opens a room on the shard that has the fewest.
    pub fn open_room(&self, room: &[u8]) {
        let mut homes = self.homes.lock().unwrap_or_else(PoisonError::into_inner);
        if homes.contains_key(room) {
            return;
        }
        let rooms_of = |shard: usize| homes.values().filter(|home| **home == shard).count();
        let Some(shard) = (0..self.shards.len()).min_by_key(|shard| rooms_of(*shard)) else {
            return;
        };
        homes.insert(room.to_vec(), shard);
        self.shards[shard].send(Command::Open(room.to_vec()));
    }

    pub fn close_room(&self, room: &[u8]) {
        let home = self
            .homes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(room);
        if let Some(shard) = home {
            self.shards[shard].send(Command::Close(room.to_vec()));
        }
    }

    /// Answered by `Event::Answer` or `Event::Failed` with the same `request`.
    pub fn offer(&self, room: &[u8], leaf: Leaf, request: u64, sdp: String) {
        let command = Command::Offer {
            room: room.to_vec(),
            leaf,
            request,
            sdp,
        };
        if !self.send(room, command) {
            let error = Error::new("RF4101", "no such room is open");
            self.outbox.post(vec![Event::Failed { request, error }]);
        }
    }

    /// Ends the media of a peer in both directions.
    pub fn close_peer(&self, room: &[u8], leaf: Leaf) {
        self.send(
            room,
            Command::ClosePeer {
                room: room.to_vec(),
                leaf,
            },
        );
    }

    /// In which height, in device pixels, a peer shows its slots; 0 is not at all.
    pub fn view(&self, room: &[u8], leaf: Leaf, wants: Vec<(String, u32)>) {
        self.send(
            room,
            Command::View {
                room: room.to_vec(),
                leaf,
                wants,
            },
        );
    }

    fn send(&self, room: &[u8], command: Command) -> bool {
        let home = self
            .homes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(room)
            .copied();
        home.is_some_and(|shard| self.shards[shard].send(command))
    }

    /// What has gone wrong so far, by name.
    pub fn counts(&self) -> [(&'static str, u64); 5] {
        [
            ("strangers", self.counts.strangers.load(Relaxed)),
            ("failures", self.counts.failures.load(Relaxed)),
            ("unsent", self.counts.unsent.load(Relaxed)),
            ("unanswered", self.counts.unanswered.load(Relaxed)),
            ("refused_profiles", dtls::refused_profiles()),
        ]
    }

    /// Stops all threads and waits for them.
    pub fn close(&self) {
        self.shards.iter().for_each(Shard::stop);
    }
}

impl Drop for Sfu {
    fn drop(&mut self) {
        self.close();
    }
}
