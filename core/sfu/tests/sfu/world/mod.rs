//! Responsible for: a seeded world for tests: rooms, participants and the network between them, in virtual time.
//! Not responsible for: what any test expects.

mod participant;

pub use participant::{Participant, Seen};

use ringfence_netem::{Conditions, Link};
use ringfence_sfu::connection::{Connections, Way};
use ringfence_sfu::datagrams::Datagrams;
use ringfence_sfu::dtls::{self, Identity};
use ringfence_sfu::rooms::{Counts, Event, Rooms};
use ringfence_sfu::slot::Announcement;
use ringfence_sfu::stream::{Codec, Context, Leaf};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use str0m::config::CryptoProvider;

pub const ROOM: &[u8] = b"a meeting";
pub const SERVER: &str = "192.0.2.1:4000";

pub type Tap = Box<dyn FnMut(SocketAddr, &[u8])>;

pub struct World {
    pub rooms: Rooms,
    pub counts: Arc<Counts>,
    pub server: SocketAddr,
    pub people: BTreeMap<Leaf, Person>,
    /// All events, in order, with their time.
    pub events: Vec<(Duration, Event)>,
    pub now: Duration,
    start: Instant,
    seed: u64,
    requests: u64,
    /// Datagrams that the server sent to where nobody is.
    pub astray: u64,
    /// The room that who joins next goes to.
    pub room: &'static [u8],
    /// Whether who joins next offers VP9.
    pub vp9: bool,
    /// Whether who joins next says what arrives, and when: then what their path carries is known.
    pub tells: bool,
    /// The cryptography of who joins next.
    pub provider: Arc<CryptoProvider>,
    /// Sees every datagram that the server sends.
    pub tap: Option<Tap>,
    /// RTP packets that have reached the server: when, and how long they were.
    pub reached: Vec<(Duration, usize)>,
}

/// A participant and both directions of their link.
pub struct Person {
    pub participant: Participant,
    pub up: Link<Vec<u8>>,
    pub down: Link<Vec<u8>>,
    /// Datagrams that the server has sent here.
    pub sent_here: u64,
}

impl World {
    pub fn new(seed: u64) -> World {
        World::by(super::WAY, seed)
    }

    pub fn by(way: Way, seed: u64) -> World {
        let server: SocketAddr = SERVER.parse().expect("an address");
        let counts = Arc::new(Counts::default());
        let identity = Identity::generate().expect("a certificate");
        let mut rooms = Rooms::new(Connections::new(identity, server, way), counts.clone());
        rooms.open(ROOM);
        let start = Instant::now();
        let (people, events) = Default::default();
        World {
            rooms,
            counts,
            server,
            people,
            events,
            now: Duration::ZERO,
            start,
            seed,
            requests: 0,
            astray: 0,
            room: ROOM,
            vp9: false,
            tells: false,
            provider: dtls::provider(),
            tap: None,
            reached: Vec::new(),
        }
    }

    pub fn instant(&self) -> Instant {
        self.start + self.now
    }

    /// A participant with a microphone, a camera and `pool` pairs of slots offers and waits to be connected.
    pub fn join(&mut self, leaf: u32, pool: usize) {
        self.join_over(leaf, pool, Conditions::default());
    }

    pub fn join_over(&mut self, leaf: u32, pool: usize, conditions: Conditions) {
        self.enter(leaf, pool, conditions);
        let leaf = Leaf(leaf);
        self.run_until(ms(5000), |world| world.people[&leaf].participant.is_connected());
        assert!(
            self.people[&leaf].participant.is_connected(),
            "{leaf:?} did not connect, seed {}",
            self.seed
        );
    }

    /// The same without waiting.
    pub fn enter(&mut self, leaf: u32, pool: usize, conditions: Conditions) {
        self.enter_with(leaf, pool, conditions, &[]);
    }

    /// The same with data channels.
    pub fn enter_with(&mut self, leaf: u32, pool: usize, conditions: Conditions, labels: &[&str]) {
        let address = SocketAddr::from(([198, 51, 100, leaf as u8], 5000));
        let mut participant = Participant::new(
            address,
            self.server,
            pool,
            self.vp9,
            self.tells,
            self.provider.clone(),
            self.instant(),
        );
        participant.labels = labels.iter().map(|label| (*label).to_owned()).collect();
        let seed = self.seed * 1000 + u64::from(leaf) * 2;
        let (up, down) = (Link::new(seed, conditions), Link::new(seed + 1, conditions));
        self.people.insert(
            Leaf(leaf),
            Person {
                participant,
                up,
                down,
                sent_here: 0,
            },
        );
        self.negotiate(leaf);
    }

    /// Sends the participant's offer and gives them the answer.
    pub fn negotiate(&mut self, leaf: u32) {
        let now = self.instant();
        let leaf = Leaf(leaf);
        let offer = self
            .people
            .get_mut(&leaf)
            .expect("in the world")
            .participant
            .offer(now);
        self.requests += 1;
        self.rooms.offer(self.room, leaf, self.requests, &offer, now);
        let before = self.events.len();
        self.settle();
        let answer = self.events[before..].iter().find_map(|(_, event)| match event {
            Event::Answer { sdp, .. } => Some(sdp.clone()),
            _ => None,
        });
        let answer = answer.unwrap_or_else(|| panic!("no answer: {:?}", self.events.last()));
        self.people
            .get_mut(&leaf)
            .expect("in the world")
            .participant
            .answered(&answer, now);
    }

    pub fn run(&mut self, span: Duration) {
        self.run_until(span, |_| false);
    }

    /// Lets time pass until something holds, or for `span` at most.
    pub fn run_until(&mut self, span: Duration, done: impl Fn(&World) -> bool) {
        let end = self.now + span;
        loop {
            self.settle();
            if done(self) {
                return;
            }
            let next = self.next_event().max(self.now + Duration::from_micros(1));
            if next > end {
                self.now = end;
                return;
            }
            self.now = next;
        }
    }

    fn next_event(&self) -> Duration {
        let since = |at: Instant| at.saturating_duration_since(self.start);
        let people = self.people.values().flat_map(|person| {
            let links = [person.up.next_arrival(), person.down.next_arrival()];
            links
                .into_iter()
                .flatten()
                .chain([since(person.participant.next_wake())])
        });
        people
            .chain(self.rooms.next_wake().map(since))
            .min()
            .unwrap_or(self.now + ms(1000))
    }

    /// Does all that can happen at this moment.
    fn settle(&mut self) {
        let now = self.instant();
        for person in self.people.values_mut() {
            while let Some(datagram) = person.down.receive(self.now) {
                person.participant.receive(&datagram, now);
            }
            for datagram in person.participant.wake(now) {
                person.up.send(self.now, datagram.len(), datagram);
            }
            while let Some(datagram) = person.up.receive(self.now) {
                if let [128..192, kind, ..] = datagram[..]
                    && !(192..224).contains(&kind)
                {
                    self.reached.push((self.now, datagram.len()));
                }
                self.rooms.receive(person.participant.address, &datagram, now);
            }
        }
        self.rooms.wake(now);
        let all = self.rooms.take_datagrams(Datagrams::default());
        for (to, datagram) in all.iter() {
            if let Some(tap) = &mut self.tap {
                tap(to, datagram);
            }
            let person = self
                .people
                .values_mut()
                .find(|person| person.participant.address == to);
            let Some(person) = person else {
                self.astray += 1;
                continue;
            };
            person.sent_here += 1;
            person.down.send(self.now, datagram.len(), datagram.to_vec());
        }
        let events = self.rooms.take_events();
        self.events
            .extend(events.into_iter().map(|event| (self.now, event)));
    }

    pub fn person(&mut self, leaf: u32) -> &mut Person {
        self.people.get_mut(&Leaf(leaf)).expect("in the world")
    }

    /// What a participant has received of another one's stream, by the slots that the server last announced.
    pub fn seen(&self, receiver: u32, sender: u32, context: Context) -> Vec<Seen> {
        let all = &self.people[&Leaf(receiver)].participant.seen;
        all.iter()
            .filter(|seen| seen.sender == sender && seen.context == context)
            .cloned()
            .collect()
    }

    /// The last announcement of a participant's slots: what each shows, and the lack.
    pub fn slots(&self, receiver: u32) -> (Vec<(String, Option<u32>, Context)>, usize) {
        let mut found = None;
        for (_, event) in &self.events {
            if let Event::Slots {
                leaf, announcement, ..
            } = event
                && *leaf == Leaf(receiver)
            {
                let Announcement { slots, need, .. } = announcement;
                let view = |slot: &ringfence_sfu::slot::SlotView| {
                    (slot.mid.clone(), slot.leaf.map(|leaf| leaf.0), slot.context)
                };
                found = Some((slots.iter().map(view).collect(), *need));
            }
        }
        found.expect("announced at the answer")
    }

    /// What a participant was last told that everybody can decode.
    pub fn codec(&self, receiver: u32) -> Codec {
        let told = self.events.iter().rev().find_map(|(_, event)| match event {
            Event::Slots {
                leaf, announcement, ..
            } if *leaf == Leaf(receiver) => Some(announcement.codec),
            _ => None,
        });
        told.expect("announced at the answer")
    }

    /// The slot on which a participant is shown another one's camera.
    pub fn slot_of(&self, receiver: u32, sender: u32) -> String {
        let (slots, _) = self.slots(receiver);
        let shows =
            |slot: &&(String, Option<u32>, Context)| slot.1 == Some(sender) && slot.2 == Context::Camera;
        slots.iter().find(shows).expect("is shown").0.clone()
    }

    pub fn view(&mut self, receiver: u32, sender: u32, height: u32) {
        let mid = self.slot_of(receiver, sender);
        let now = self.instant();
        self.rooms.view(ROOM, Leaf(receiver), &[(mid, height)], now);
    }
}

pub const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
