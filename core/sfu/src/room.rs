//! Responsible for: a meeting's media as a value: peers in, datagrams and events out, time as an argument.
//! Not responsible for: sockets, clocks and threads, or which peer a datagram is from.

use crate::allocate;
use crate::connection::Connections;
use crate::datagrams::Datagrams;
use crate::history::History;
use crate::offer::Offer;
use crate::peer::{Packet, Peer, Step};
use crate::route::{Routes, Taker, Verdict};
use crate::sending::Known;
use crate::slot::{Announcement, Slot, SlotView};
use crate::speaker::Speakers;
use crate::stream::{Codec, Context, Error, Form, Kind, Layer, Leaf, Source};
use crate::timers::Timers;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How often layers that came or went are looked for while packets flow.
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[derive(Default)]
pub struct Room {
    peers: BTreeMap<Leaf, Peer>,
    routes: Routes,
    speakers: Speakers,
    timers: Timers<Leaf>,
    /// Peers that have been given something and must be asked what follows.
    touched: VecDeque<Leaf>,
    looked: Option<Instant>,
    /// What was known of all streams then, or when somebody last came, went or offered anew.
    known: BTreeMap<Source, Known>,
    /// Of each picture's stream, by who sends it and its SSRC.
    histories: HashMap<(Leaf, u32), History>,
    outputs: Outputs,
}

/// What a room wants done.
#[derive(Default)]
pub struct Outputs {
    pub datagrams: Datagrams,
    pub events: Vec<RoomEvent>,
    pub unanswered: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomEvent {
    Slots {
        leaf: Leaf,
        announcement: Announcement,
    },
    Speaking {
        leaves: Vec<Leaf>,
    },
    Connected {
        leaf: Leaf,
    },
    /// It went away by itself.
    Gone {
        leaf: Leaf,
    },
}

/// An accepted offer.
#[derive(Debug)]
pub struct Accepted {
    pub sdp: String,
    /// The user fragment that connectivity checks will name.
    pub fragment: String,
    /// This is another connection than the one the peer had.
    pub is_new: bool,
}

impl Room {
    pub fn leaves(&self) -> impl Iterator<Item = Leaf> {
        self.peers.keys().copied()
    }

    /// Answers an offer: of a new peer, of one that replaces its connection, or with more slots.
    pub fn offer(
        &mut self,
        connections: &Connections,
        leaf: Leaf,
        sdp: &str,
        now: Instant,
    ) -> Result<Accepted, Error> {
        let offer = Offer::read_in(connections.frames(), sdp)?;
        let known = self
            .peers
            .get_mut(&leaf)
            .filter(|peer| peer.connection == offer.connection);
        let accepted = if let Some(peer) = known {
            let sdp = peer.renegotiate(&offer, now)?;
            Accepted {
                sdp,
                fragment: peer.fragment(),
                is_new: false,
            }
        } else {
            let most = connections.frames().most_peers();
            if self.peers.len() >= most && !self.peers.contains_key(&leaf) {
                return Err(Error::new("RF4102", format!("{most} are in it")));
            }
            let (mut peer, sdp) = Peer::accept(connections, &offer, now)?;
            let fragment = peer.fragment();
            self.drop_peer(leaf);
            self.peers.insert(leaf, peer);
            Accepted {
                sdp,
                fragment,
                is_new: true,
            }
        };
        self.arrange(Some(leaf), now);
        self.touched.push_back(leaf);
        self.run(now);
        Ok(accepted)
    }

    /// Ends a peer's media in both directions at once.
    pub fn close_peer(&mut self, leaf: Leaf, now: Instant) {
        if self.drop_peer(leaf) {
            self.arrange(None, now);
            self.run(now);
        }
    }

    fn drop_peer(&mut self, leaf: Leaf) -> bool {
        self.timers.remove(leaf);
        self.speakers.forget(leaf);
        self.histories.retain(|(of, _), _| *of != leaf);
        for taker in Context::ALL
            .map(|context| self.routes.takers(Source { leaf, context }))
            .concat()
        {
            if let Some(peer) = self.peers.get_mut(&taker.leaf) {
                peer.show(taker.slot, None);
            }
        }
        self.peers.remove(&leaf).is_some()
    }

    /// Notes in which height a peer shows its slots.
    pub fn view(&mut self, leaf: Leaf, wants: &[(String, u32)], now: Instant) {
        let Some(peer) = self.peers.get_mut(&leaf) else {
            return;
        };
        for (mid, height) in wants {
            if let Some(slot) = peer.slots.iter_mut().find(|slot| slot.mid == *mid) {
                slot.height = *height;
            }
        }
        self.aim(&[leaf], |_, _| true, now);
        self.run(now);
    }

    /// Takes a datagram for a peer. `false`: it is not for that peer.
    pub fn receive(
        &mut self,
        leaf: Leaf,
        from: SocketAddr,
        to: SocketAddr,
        datagram: &[u8],
        now: Instant,
    ) -> bool {
        let Some(peer) = self.peers.get_mut(&leaf) else {
            return false;
        };
        if !peer.receive(from, to, datagram, now) {
            return false;
        }
        self.touched.push_back(leaf);
        self.run(now);
        true
    }

    /// Does what has become due.
    pub fn wake(&mut self, now: Instant) {
        while let Some(leaf) = self.timers.due(now) {
            if let Some(peer) = self.peers.get_mut(&leaf) {
                peer.wake(now);
                self.touched.push_back(leaf);
            }
        }
        self.run(now);
    }

    pub fn next_wake(&self) -> Option<Instant> {
        self.timers
            .next()
            .into_iter()
            .chain(self.speakers.next_change())
            .min()
    }

    pub fn take(&mut self) -> Outputs {
        std::mem::take(&mut self.outputs)
    }

    /// Writes datagrams behind these from now on, and gives back those that it had. To be done twice.
    pub fn swap_datagrams(&mut self, with: &mut Datagrams) {
        std::mem::swap(&mut self.outputs.datagrams, with);
    }

    /// Asks every touched peer what follows, until nothing does.
    fn run(&mut self, now: Instant) {
        while let Some(leaf) = self.touched.pop_front() {
            while let Some(peer) = self.peers.get_mut(&leaf) {
                match peer.next_step(now) {
                    Step::Send(to, datagram) => self.outputs.datagrams.push(to, &datagram),
                    Step::Packet(packet) => self.forward(leaf, packet, now),
                    Step::KeyFrame(slot) => self.refresh(leaf, slot, now),
                    Step::Lost(slot, numbers) => self.repeat(leaf, slot, &numbers, now),
                    Step::Pad(bytes) => peer.pad(bytes, now, &mut self.outputs.datagrams),
                    Step::Divide => self.aim(&[leaf], |_, _| true, now),
                    Step::Unanswered => self.outputs.unanswered += 1,
                    Step::Connected => {
                        self.outputs.events.push(RoomEvent::Connected { leaf });
                        self.aim(&[leaf], |_, _| true, now);
                    }
                    Step::Gone => {
                        self.drop_peer(leaf);
                        self.outputs.events.push(RoomEvent::Gone { leaf });
                        self.arrange(None, now);
                    }
                    Step::Sleep(until) => {
                        self.timers.set(leaf, until);
                        break;
                    }
                }
            }
        }
        if let Some(leaves) = self.speakers.changed(now) {
            self.outputs.events.push(RoomEvent::Speaking { leaves });
            // Who speaks comes first where not everybody can be seen.
            self.aim_all(|_| true, now);
        }
    }

    /// Gives a packet to everybody whose slot shows its stream.
    fn forward(&mut self, from: Leaf, packet: Packet, now: Instant) {
        if packet.context == Context::Microphone
            && let Some((level, _)) = packet.outgoing.level
        {
            self.speakers.hear(from, level, now);
        }
        self.look(now);
        let source = Source {
            leaf: from,
            context: packet.context,
        };
        let (heading, mut outgoing) = (packet.heading, packet.outgoing);
        let takers = self.routes.takers(source);
        if packet.context.kind() == Kind::Picture && !takers.is_empty() {
            let history = self.histories.entry((from, heading.ssrc)).or_default();
            history.keep(&outgoing, now);
        }
        let (marker, mut missed) = (outgoing.marker, None);
        let out = &mut self.outputs.datagrams;
        for taker in takers {
            let Some(peer) = self.peers.get_mut(&taker.leaf).filter(|peer| peer.is_connected()) else {
                continue;
            };
            if !peer.takes(taker.slot, outgoing.codec) {
                continue;
            }
            let subscription = &mut peer.slots[taker.slot].subscription;
            let verdict = subscription.verdict(&heading);
            outgoing.marker = marker || subscription.ends_picture(&heading);
            if heading.form == Form::Stacked && heading.can_start {
                missed = missed.or(subscription.waits_for());
            }
            let waits = match verdict {
                Verdict::Drop => continue,
                Verdict::Skip => peer.skip(taker.slot, &outgoing, now, out),
                Verdict::Follow => peer.follow(taker.slot, &outgoing, now, out),
                Verdict::Start => peer.start(taker.slot, (from, &outgoing), heading.ssrc, now, out),
            };
            if waits {
                peer.wake(now);
                self.touched.push_back(taker.leaf);
            }
        }
        // Its beginning came too late, behind other packets of the same picture: there has to be another one.
        if let Some(layer) = missed {
            self.want_key_frame(source, layer, now);
        }
    }

    /// Sends again what a receiver has not got.
    fn repeat(&mut self, leaf: Leaf, slot: usize, numbers: &[u16], now: Instant) {
        let Some(peer) = self.peers.get_mut(&leaf) else {
            return;
        };
        for low in numbers {
            if let Some((from, ssrc, sequence)) = peer.lost(slot, *low)
                && let Some(packet) = self
                    .histories
                    .get(&(from, ssrc))
                    .and_then(|kept| kept.find(sequence))
            {
                peer.repeat(slot, packet, now, &mut self.outputs.datagrams);
            }
        }
    }

    /// A receiver's decoder has lost its way.
    fn refresh(&mut self, leaf: Leaf, slot: usize, now: Instant) {
        let Some(peer) = self.peers.get(&leaf) else { return };
        let subscription = peer.slots[slot].subscription;
        if let (Some(source), Some(layer)) = (subscription.source, subscription.current()) {
            self.want_key_frame(source, layer, now);
        }
    }

    fn want_key_frame(&mut self, source: Source, layer: Layer, now: Instant) {
        if let Some(peer) = self
            .peers
            .get_mut(&source.leaf)
            .filter(|_| source.context.kind() == Kind::Picture)
        {
            peer.want_key_frame(source.context, layer, now);
            peer.wake(now);
            self.touched.push_back(source.leaf);
        }
    }

    /// Notices layers that began or ended, and aims the slots that show their streams anew.
    fn look(&mut self, now: Instant) {
        if self
            .looked
            .is_some_and(|at| now.saturating_duration_since(at) < LOOK_EVERY)
        {
            return;
        }
        self.looked = Some(now);
        // Whoever invents streams is remembered for a second of each.
        self.histories.retain(|_, history| history.forget_old(now));
        let mut changed = BTreeSet::new();
        for (leaf, peer) in &mut self.peers {
            for (context, sending) in &mut peer.sends {
                if sending.changed(now) && context.kind() == Kind::Picture {
                    let (leaf, context) = (*leaf, *context);
                    changed.insert(Source { leaf, context });
                }
            }
        }
        self.learn();
        if !changed.is_empty() {
            self.aim_all(|source| changed.contains(&source), now);
        }
    }

    fn learn(&mut self) {
        self.known.clear();
        for (leaf, peer) in &self.peers {
            for (context, sending) in &peer.sends {
                let (leaf, context) = (*leaf, *context);
                self.known.insert(Source { leaf, context }, sending.known);
            }
        }
    }

    fn aim_all(&mut self, which: impl Fn(Source) -> bool, now: Instant) {
        let all: Vec<Leaf> = self.leaves().collect();
        self.aim(&all, |_, source| which(source), now);
    }

    /// Decides again which layers these receivers are shown of the streams that `which` picks; where their bandwidth is
    /// known, of all.
    fn aim(&mut self, receivers: &[Leaf], which: impl Fn(Leaf, Source) -> bool, now: Instant) {
        let speaks = |leaf: Leaf| self.speakers.speaks(leaf);
        let mut waits = BTreeSet::new();
        for leaf in receivers {
            if let Some(peer) = self.peers.get_mut(leaf) {
                let wants = peer.aim(&self.known, speaks, |source| which(*leaf, source), now);
                waits.extend(wants.into_iter().filter(|_| peer.is_connected()));
            }
        }
        for (source, layer) in waits {
            self.want_key_frame(source, layer, now);
        }
    }

    /// Maps publishers onto slots again, and tells whoever sees a change; `tell` is told in any case.
    fn arrange(&mut self, tell: Option<Leaf>, now: Instant) {
        self.learn();
        let publishers: BTreeSet<Source> = self.known.keys().copied().collect();
        self.routes.clear();
        for (leaf, peer) in &mut self.peers {
            let others = publishers
                .iter()
                .filter(|source| source.leaf != *leaf)
                .copied()
                .collect();
            assign(peer, &others, &mut self.routes, *leaf);
        }
        self.aim_all(|_| true, now);
        let codec = match self.peers.values().all(|peer| peer.takes_vp9) {
            true => Codec::Vp9,
            false => Codec::Vp8,
        };
        for (leaf, peer) in &mut self.peers {
            let announcement = Announcement {
                slots: peer.slots.iter().map(SlotView::of).collect(),
                need: peer.lacking,
                codec,
            };
            if tell == Some(*leaf) || peer.announced.as_ref() != Some(&announcement) {
                peer.announced = Some(announcement.clone());
                let leaf = *leaf;
                self.outputs.events.push(RoomEvent::Slots { leaf, announcement });
            }
        }
    }
}

/// Maps publishers onto one peer's slots.
fn assign(peer: &mut Peer, publishers: &BTreeSet<Source>, routes: &mut Routes, leaf: Leaf) {
    let shows = |slot: &Slot| (slot.kind, slot.subscription.source);
    let before: Vec<_> = peer.slots.iter().map(shows).collect();
    let mut after = before.clone();
    peer.lacking = allocate::assign(&mut after, publishers);
    for (at, (_, source)) in after.into_iter().enumerate() {
        if before[at].1 != source {
            peer.show(at, source);
        }
        if let Some(source) = source {
            routes.add(source, Taker { leaf, slot: at });
        }
    }
}
