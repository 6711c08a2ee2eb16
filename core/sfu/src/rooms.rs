//! Responsible for: all rooms of a shard as a value: which peer a datagram is from, and a guard around each room.
//! Not responsible for: what happens inside a room, or for sockets, clocks and threads.

use crate::connection::Connections;
use crate::datagrams::Datagrams;
use crate::room::{Outputs, Room, RoomEvent};
use crate::slot::Announcement;
use crate::stream::{Error, Leaf};
use crate::timers::Timers;
use ringfence_echo::{Answerer, EchoKey, is_question};
use ringfence_packet::stun;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// A peer moves between networks; it has no use for more addresses than this at a time.
const MOST_ADDRESSES: usize = 8;

pub struct Rooms {
    connections: Connections,
    names: HashMap<Arc<[u8]>, Key>,
    rooms: HashMap<Key, Named>,
    next_key: Key,
    /// Peers by what connectivity checks call them, and by the addresses that have proved to be theirs.
    fragments: HashMap<String, Peer>,
    addresses: HashMap<SocketAddr, Peer>,
    known: HashMap<Peer, Known>,
    timers: Timers<Key>,
    /// Of beacons' questions; without one nobody is answered.
    answerer: Option<Answerer>,
    outgoing: Datagrams,
    events: Vec<Event>,
    counts: Arc<Counts>,
}

type Key = u64;
type Peer = (Key, Leaf);

struct Named {
    name: Arc<[u8]>,
    room: Room,
}

#[derive(Default)]
struct Known {
    fragment: String,
    addresses: VecDeque<SocketAddr>,
}

/// What went wrong, in numbers.
#[derive(Debug, Default)]
pub struct Counts {
    /// Datagrams that belonged to nobody.
    pub strangers: AtomicU64,
    /// Rooms that were ended because their code failed.
    pub failures: AtomicU64,
    /// Datagrams that the system did not take.
    pub unsent: AtomicU64,
    /// What came on data channels and is nothing that is answered there.
    pub unanswered: AtomicU64,
}

/// What the server is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Answer {
        request: u64,
        sdp: String,
        fingerprint: String,
        address: SocketAddr,
    },
    Failed {
        request: u64,
        error: Error,
    },
    Slots {
        room: Arc<[u8]>,
        leaf: Leaf,
        announcement: Announcement,
    },
    Speaking {
        room: Arc<[u8]>,
        leaves: Vec<Leaf>,
    },
    Connected {
        room: Arc<[u8]>,
        leaf: Leaf,
    },
    Gone {
        room: Arc<[u8]>,
        leaf: Leaf,
    },
}

impl Rooms {
    pub fn new(connections: Connections, counts: Arc<Counts>) -> Self {
        Self {
            connections,
            names: HashMap::new(),
            rooms: HashMap::new(),
            next_key: 0,
            fragments: HashMap::new(),
            addresses: HashMap::new(),
            known: HashMap::new(),
            timers: Timers::default(),
            answerer: None,
            outgoing: Datagrams::default(),
            events: Vec::new(),
            counts,
        }
    }

    /// Beacons that ask are answered from now on, at the address of media.
    pub fn answer_beacons(&mut self, key: EchoKey) {
        self.answerer = Some(Answerer::new(key, self.connections.address()));
    }

    pub fn open(&mut self, name: &[u8]) {
        if self.names.contains_key(name) {
            return;
        }
        let name: Arc<[u8]> = name.into();
        self.names.insert(name.clone(), self.next_key);
        self.rooms.insert(
            self.next_key,
            Named {
                name,
                room: Room::default(),
            },
        );
        self.next_key += 1;
    }

    pub fn close(&mut self, name: &[u8]) {
        let Some(key) = self.names.remove(name) else {
            return;
        };
        self.timers.remove(key);
        if let Some(named) = self.rooms.remove(&key) {
            named.room.leaves().for_each(|leaf| self.forget((key, leaf)));
        }
    }

    pub fn offer(&mut self, name: &[u8], leaf: Leaf, request: u64, sdp: &str, now: Instant) {
        let result = match self.names.get(name).copied() {
            Some(key) => self.offer_to(key, leaf, sdp, now),
            None => Err(Error::new("RF4101", "no such room is open")),
        };
        let event = match result {
            Ok(sdp) => {
                let fingerprint = self.connections.fingerprint().to_owned();
                Event::Answer {
                    request,
                    sdp,
                    fingerprint,
                    address: self.connections.address(),
                }
            }
            Err(error) => Event::Failed { request, error },
        };
        // The answer first: what follows from it names lines that it introduces.
        self.events.push(event);
        if let Some(key) = self.names.get(name).copied() {
            self.collect(key);
        }
    }

    fn offer_to(&mut self, key: Key, leaf: Leaf, sdp: &str, now: Instant) -> Result<String, Error> {
        let connections = self.connections.clone();
        let accepted = self
            .guarded(key, |room| room.offer(&connections, leaf, sdp, now))
            .unwrap_or_else(|| Err(Error::new("RF4104", "the room failed")))?;
        if accepted.is_new {
            self.forget((key, leaf));
        }
        let known = self.known.entry((key, leaf)).or_default();
        self.fragments.remove(&known.fragment);
        known.fragment.clone_from(&accepted.fragment);
        self.fragments.insert(accepted.fragment, (key, leaf));
        Ok(accepted.sdp)
    }

    pub fn close_peer(&mut self, name: &[u8], leaf: Leaf, now: Instant) {
        let Some(key) = self.names.get(name).copied() else {
            return;
        };
        self.forget((key, leaf));
        self.guarded(key, |room| room.close_peer(leaf, now));
        self.collect(key);
    }

    pub fn view(&mut self, name: &[u8], leaf: Leaf, wants: &[(String, u32)], now: Instant) {
        let Some(key) = self.names.get(name).copied() else {
            return;
        };
        self.guarded(key, |room| room.view(leaf, wants, now));
        self.collect(key);
    }

    pub fn receive(&mut self, from: SocketAddr, datagram: &[u8], now: Instant) {
        if is_question(datagram) {
            let answer = self
                .answerer
                .as_mut()
                .and_then(|answerer| answerer.answer(datagram, now));
            match answer {
                Some(answer) => self.outgoing.push(from, &answer),
                None => drop(self.counts.strangers.fetch_add(1, Relaxed)),
            }
            return;
        }
        let checked = stun::receiver_fragment(datagram);
        let named = checked.and_then(|fragment| self.fragments.get(fragment)).copied();
        let held = self.addresses.get(&from).copied();
        let peer = match (checked, named, held) {
            // An address stays with its peer until that peer is gone: nobody else can take its datagrams.
            (Some(_), Some(named), held) if held.is_none_or(|held| held == named) => named,
            (None, _, Some(held)) => held,
            _ => {
                self.counts.strangers.fetch_add(1, Relaxed);
                return;
            }
        };
        let (key, leaf) = peer;
        let to = self.connections.address();
        let accepted = self.guarded(key, |room| room.receive(leaf, from, to, datagram, now)) == Some(true);
        if !accepted {
            self.counts.strangers.fetch_add(1, Relaxed);
        } else if held.is_none() {
            self.learn(peer, from);
        }
        self.collect(key);
    }

    /// Does what has become due in any room.
    pub fn wake(&mut self, now: Instant) {
        while let Some(key) = self.timers.due(now) {
            self.guarded(key, |room| room.wake(now));
            self.collect(key);
        }
    }

    pub fn next_wake(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// What is to be sent; gives `empty` to write the next ones into.
    pub fn take_datagrams(&mut self, empty: Datagrams) -> Datagrams {
        std::mem::replace(&mut self.outgoing, empty)
    }

    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Runs something in a room. Should that fail, everybody in the room is gone, and other rooms go on.
    fn guarded<T>(&mut self, key: Key, run: impl FnOnce(&mut Room) -> T) -> Option<T> {
        let named = self.rooms.get_mut(&key)?;
        named.room.swap_datagrams(&mut self.outgoing);
        let done = catch_unwind(AssertUnwindSafe(|| run(&mut named.room)));
        named.room.swap_datagrams(&mut self.outgoing);
        match done {
            Ok(value) => Some(value),
            Err(_) => {
                self.counts.failures.fetch_add(1, Relaxed);
                let failed = std::mem::take(&mut named.room);
                let room = named.name.clone();
                self.timers.remove(key);
                for leaf in failed.leaves() {
                    self.forget((key, leaf));
                    self.events.push(Event::Gone {
                        room: room.clone(),
                        leaf,
                    });
                }
                None
            }
        }
    }

    fn learn(&mut self, peer: Peer, address: SocketAddr) {
        let Some(known) = self.known.get_mut(&peer) else {
            return;
        };
        known.addresses.push_back(address);
        self.addresses.insert(address, peer);
        if known.addresses.len() > MOST_ADDRESSES
            && let Some(oldest) = known.addresses.pop_front()
        {
            self.addresses.remove(&oldest);
        }
    }

    fn forget(&mut self, peer: Peer) {
        let Some(known) = self.known.remove(&peer) else {
            return;
        };
        self.fragments.remove(&known.fragment);
        for address in known.addresses {
            self.addresses.remove(&address);
        }
    }

    /// Takes what a room wants done, and when it wants to be woken.
    fn collect(&mut self, key: Key) {
        let Some(Named { name, room }) = self.rooms.get_mut(&key) else {
            return;
        };
        let (
            Outputs {
                events, unanswered, ..
            },
            name,
        ) = (room.take(), name.clone());
        match room.next_wake() {
            Some(at) => self.timers.set(key, at),
            None => self.timers.remove(key),
        }
        self.counts.unanswered.fetch_add(unanswered, Relaxed);
        for event in events {
            let room = name.clone();
            let event = match event {
                RoomEvent::Slots { leaf, announcement } => Event::Slots {
                    room,
                    leaf,
                    announcement,
                },
                RoomEvent::Speaking { leaves } => Event::Speaking { room, leaves },
                RoomEvent::Connected { leaf } => Event::Connected { room, leaf },
                RoomEvent::Gone { leaf } => {
                    self.forget((key, leaf));
                    Event::Gone { room, leaf }
                }
            };
            self.events.push(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtls::Identity;

    #[test]
    fn a_room_that_fails_begins_anew_and_others_go_on() {
        let address = SocketAddr::from(([192, 0, 2, 1], 4000));
        let connections = Connections::new(
            Identity::generate().expect("a certificate"),
            address,
            Default::default(),
        );
        let mut rooms = Rooms::new(connections, Arc::default());
        rooms.open(b"one");
        rooms.open(b"other");
        let (key, other) = (rooms.names[&b"one"[..]], rooms.names[&b"other"[..]]);
        let failed: Option<()> = rooms.guarded(key, |_| panic!("as a defect would"));
        assert_eq!(failed, None);
        assert_eq!(rooms.counts.failures.load(Relaxed), 1);
        assert_eq!(
            rooms.guarded(key, |room| room.leaves().count()),
            Some(0),
            "it is there, and empty"
        );
        assert_eq!(rooms.guarded(other, |_| true), Some(true));
    }
}
