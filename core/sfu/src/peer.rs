//! Responsible for: one participant's connection: its lines, its datagrams, and its time.
//! Not responsible for: what its packets are and what leaves on its slots (`arriving`, `leaving`), or other participants.

mod aiming;
mod arriving;
mod leaving;

use crate::clock::Clock;
use crate::connection::{Connections, Frames};
use crate::egress::Outgoing;
use crate::fast::Fast;
use crate::formats::Formats;
use crate::heading::Heading;
use crate::offer::{Connection, Direction, Line, Offer};
use crate::path::Path;
use crate::sending::Sending;
use crate::slot::{Announcement, Slot, exit};
use crate::stream::{Context, Error, Layer};
use crate::trips::Trips;
use ringfence_packet::dependency::Structure;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::change::SdpOffer;
use str0m::net::{DatagramSend, Protocol, Receive};
use str0m::rtp::Ssrc;
use str0m::{Event, Input, Output, Rtc};

/// Consent to send ends when nothing has been heard for a while (RFC 7675 section 5.1 says 30 s at most).
const SILENT_FOR: Duration = Duration::from_secs(20);
/// With the largest descriptor and a tag this still fits the library's buffer; browsers send up to 1,200.
const LARGEST_PAYLOAD: usize = 1400;
/// Each SSRC that a client invents costs memory; a real one needs six and a few more over a day.
const MOST_SSRCS: u32 = 4096;
/// The library may want to be woken at once a few times in a row, not for ever.
const PROMPT_WAKES: usize = 4;
const SOON: Duration = Duration::from_millis(1);
/// RFC 5761 section 4: the second byte of reports.
const RTCP: std::ops::RangeInclusive<u8> = 192..=223;

/// One participant's connection.
pub struct Peer {
    pub connection: Connection,
    rtc: Rtc,
    /// Its way out, unless that is the library's.
    fast: Option<Fast>,
    clock: Clock,
    frames: Frames,
    /// Of all its offers.
    formats: Formats,
    /// What it has lines to send on.
    pub sends: BTreeMap<Context, Sending>,
    pub slots: Vec<Slot>,
    /// Of lines that were put away: who takes one up again finds its numbers, since its SSRC is the same.
    put_away: Vec<Slot>,
    incoming: HashMap<Ssrc, (Context, Layer)>,
    /// What tells the layers of each stacked stream, since its last key frame.
    structures: HashMap<Ssrc, Structure>,
    /// All of its slots can show VP9.
    pub takes_vp9: bool,
    ssrcs: u32,
    trips: Trips,
    /// How many pairs of slots the pool lacks.
    pub lacking: usize,
    /// What the client was last told of its slots.
    pub announced: Option<Announcement>,
    /// The last connectivity check.
    heard: Instant,
    connected: bool,
    /// What it has said about what was sent to it, and room to read that in.
    said: VecDeque<Step>,
    scratch: Vec<u8>,
}

/// A packet of a participant, with all that deciding about it needs.
pub struct Packet {
    pub context: Context,
    pub heading: Heading,
    pub outgoing: Outgoing,
}

/// What a peer wants done next.
pub enum Step {
    Send(SocketAddr, DatagramSend),
    Packet(Packet),
    /// A receiver's decoder needs a key frame on this slot.
    KeyFrame(usize),
    /// A receiver has not got these, by the lower halves of their numbers, on this slot.
    Lost(usize, Vec<u16>),
    /// So many bytes of nothing should be sent, to find out what the path carries.
    Pad(u64),
    /// What the path carries has to be divided again.
    Divide,
    /// Something on a data channel that is not answered.
    Unanswered,
    Connected,
    Gone,
    /// Nothing until then.
    Sleep(Instant),
}

impl Peer {
    /// Answers the first offer of a connection.
    pub fn accept(connections: &Connections, offer: &Offer, now: Instant) -> Result<(Peer, String), Error> {
        let (rtc, handshake) = connections.build(now)?;
        let fast = handshake.map(Fast::new);
        let mut peer = Peer {
            connection: offer.connection.clone(),
            rtc,
            fast,
            clock: Clock::default(),
            frames: connections.frames(),
            formats: Formats::default(),
            sends: BTreeMap::new(),
            slots: Vec::new(),
            put_away: Vec::new(),
            incoming: HashMap::new(),
            structures: HashMap::new(),
            takes_vp9: false,
            ssrcs: 0,
            trips: Trips::default(),
            lacking: 0,
            announced: None,
            heard: now,
            connected: false,
            said: VecDeque::new(),
            scratch: Vec::new(),
        };
        let answer = peer.renegotiate(offer, now)?;
        Ok((peer, answer))
    }

    /// Answers an offer of this connection.
    pub fn renegotiate(&mut self, offer: &Offer, now: Instant) -> Result<String, Error> {
        let refused = |error: &dyn std::fmt::Display| Error::new("RF4002", error.to_string());
        self.formats.join(&offer.formats)?;
        let _ = self.rtc.handle_input(Input::Timeout(now));
        let sdp = SdpOffer::from_sdp_string(&offer.sdp).map_err(|error| refused(&error))?;
        self.lend_streams();
        let answer = self.rtc.sdp_api().accept_offer(sdp);
        let answer = answer.map_err(|error| {
            self.take_streams();
            refused(&error)
        })?;
        let mut before = std::mem::take(&mut self.sends);
        for context in Context::ALL {
            if let Some(line) = offer.line_of(context) {
                let known = before.remove(&context).filter(|known| *known.mid == *line.mid);
                let sending = known.unwrap_or_else(|| Sending::new(line));
                self.sends.insert(context, sending);
            }
        }
        self.incoming.clear();
        let pool = || {
            let receives = |line: &&Line| line.direction == Direction::Receive;
            offer.lines.iter().filter(receives)
        };
        let mut before = std::mem::take(&mut self.slots);
        before.append(&mut self.put_away);
        self.slots = pool()
            .map(|line| match before.iter().position(|slot| slot.mid == line.mid) {
                Some(at) => before.swap_remove(at),
                None => Slot::new(line),
            })
            .collect();
        for slot in &mut before {
            slot.show(None);
        }
        self.put_away = before;
        for (slot, line) in self.slots.iter_mut().zip(pool()) {
            slot.exit = slot.exit.take().or_else(|| exit(&mut self.rtc, line));
        }
        self.take_streams();
        if let Some(fast) = &mut self.fast
            && let Some(exit) = self.slots.iter().find_map(|slot| slot.exit.as_ref())
            && let Some(media) = self.rtc.media(exit.mid)
        {
            fast.is_called(media.cname());
        }
        if let Some(fast) = &mut self.fast {
            let exits = self.slots.iter().filter_map(|slot| slot.exit.as_ref());
            if exits.into_iter().any(|exit| exit.extensions.transport.is_some()) {
                fast.path.get_or_insert_with(|| Path::new(now));
            }
        }
        self.takes_vp9 = self
            .slots
            .iter()
            .filter_map(|slot| slot.exit.as_ref())
            .all(|exit| !exit.video || exit.vp9.is_some());
        Ok(resting(&answer.to_sdp_string(), offer))
    }

    /// The user fragment by which connectivity checks name this connection.
    pub fn fragment(&mut self) -> String {
        self.rtc.direct_api().local_ice_credentials().ufrag
    }

    /// Takes a datagram. `false`: it is not for this connection, and nothing has changed.
    pub fn receive(&mut self, from: SocketAddr, to: SocketAddr, datagram: &[u8], now: Instant) -> bool {
        let Ok(contents) = datagram.try_into() else {
            return false;
        };
        let receive = Receive {
            proto: Protocol::Udp,
            source: from,
            destination: to,
            contents,
        };
        let input = Input::Receive(now, receive);
        if !self.rtc.accepts(&input) {
            return false;
        }
        if let Some(fast) = &mut self.fast {
            fast.came(from, datagram);
        }
        if is_rtcp(datagram) {
            self.heard_back(datagram, now);
        }
        // Of what is accepted only connectivity checks are sure to be the peer's: they are signed.
        if datagram.first().is_some_and(|first| *first < 2) {
            self.heard = now;
        }
        // An error is about this datagram. Anybody can send one that claims to come from this address, so it
        // ends nothing: what is fatal to the connection comes out of `poll`.
        let _ = self.rtc.handle_input(input);
        true
    }

    /// Lets time pass.
    pub fn wake(&mut self, now: Instant) {
        for sending in self.sends.values_mut() {
            sending.ask_key_frames(&mut self.rtc, now);
        }
        if let Some(path) = self.path() {
            path.wake(now);
        }
        if self.rtc.handle_input(Input::Timeout(now)).is_err() {
            self.rtc.disconnect();
        }
    }

    /// The next thing to do; to be called until it sleeps.
    pub fn next_step(&mut self, now: Instant) -> Step {
        for _ in 0..PROMPT_WAKES {
            match self.poll(now) {
                Some(Step::Sleep(until)) if until <= now => self.wake(now),
                Some(step) => return step,
                None => return Step::Gone,
            }
        }
        Step::Sleep(now + SOON)
    }

    fn poll(&mut self, now: Instant) -> Option<Step> {
        if !self.rtc.is_alive() || now.saturating_duration_since(self.heard) >= SILENT_FOR {
            return None;
        }
        if !self.connected && self.rtc.is_connected() {
            self.connected = true;
            return Some(Step::Connected);
        }
        if let Some(step) = self.said.pop_front() {
            return Some(step);
        }
        if self.connected
            && let Some(path) = self.path()
        {
            if let Some(bytes) = path.padding(now) {
                return Some(Step::Pad(bytes));
            }
            if path.must_divide(now) {
                return Some(Step::Divide);
            }
        }
        loop {
            return Some(match self.rtc.poll_output().ok()? {
                Output::Transmit(out) => {
                    self.goes(out.destination, &out.contents)?;
                    Step::Send(out.destination, out.contents)
                }
                Output::Timeout(until) => Step::Sleep(self.deadline(until, now)),
                Output::Event(Event::RtpPacket(packet)) => match self.classify(packet, now) {
                    Some(packet) => Step::Packet(packet),
                    None => continue,
                },
                Output::Event(Event::KeyframeRequest(request)) => {
                    match self.slots.iter().position(|slot| *slot.mid == *request.mid) {
                        Some(slot) => Step::KeyFrame(slot),
                        None => continue,
                    }
                }
                Output::Event(Event::Closed) => return None,
                Output::Event(event) => match self.trips.take(&mut self.rtc, &event, now) {
                    true => continue,
                    false => Step::Unanswered,
                },
            });
        }
    }

    fn deadline(&self, library: Instant, now: Instant) -> Instant {
        let key_frame = self.sends.values().filter_map(Sending::due).min();
        let path = self.fast.as_ref().and_then(|fast| fast.path.as_ref());
        let path = path.filter(|_| self.connected).and_then(|path| path.due(now));
        let own = [key_frame, path, Some(self.heard + SILENT_FOR)];
        own.into_iter().flatten().fold(library, Instant::min)
    }

    /// Remembers that somebody needs a key frame of a layer, and asks for it as soon as it may.
    pub fn want_key_frame(&mut self, context: Context, layer: Layer, now: Instant) {
        if let Some(sending) = self.sends.get_mut(&context) {
            sending.want_key_frame(layer, now);
            sending.ask_key_frames(&mut self.rtc, now);
        }
    }

    pub fn is_connected(&self) -> bool {
        self.connected
    }
}

/// RFC 5761 section 4, RFC 7983 section 7.
fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram, [128..192, kind, ..] if RTCP.contains(kind))
}

/// The answer with the layers at rest that rest in the offer. The library lists all that were ever offered, and that
/// wakes them up.
fn resting(answer: &str, offer: &Offer) -> String {
    let lines = answer.split_inclusive("\r\n").map(|line| match &offer.simulcast {
        Some(layers) if line.starts_with("a=simulcast:recv ") => format!("a=simulcast:recv {layers}\r\n"),
        _ => line.to_owned(),
    });
    lines.collect()
}
