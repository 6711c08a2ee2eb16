//! Responsible for: one participant's connection: its lines, what it sends, and what its slots show.
//! Not responsible for: other participants; a peer does not know of them.

use crate::allocate::Seen;
use crate::connection::{Connections, DescriptorValue};
use crate::egress::{Egress, Exit, Outgoing};
use crate::offer::{Connection, Direction, Line, Offer};
use crate::rewrite::{Numbers, Rewriter};
use crate::route::Subscription;
use crate::stream::{Context, Error, Layer, Leaf, Source};
use ringfence_packet::{dependency, vp8};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::change::SdpOffer;
use str0m::format::Codec;
use str0m::media::{KeyframeRequestKind, MediaKind, Mid, Pt, Rid};
use str0m::net::{DatagramSend, Protocol, Receive};
use str0m::rtp::{RtpPacket, Ssrc};
use str0m::{Event, Input, Output, Rtc};

/// A receiver that says nothing about a slot sees it in this height.
const UNASKED_HEIGHT: u32 = 360;
/// Consent to send ends when nothing has been heard for a while (RFC 7675 section 5.1 says 30 s at most).
const SILENT_FOR: Duration = Duration::from_secs(20);
/// With the largest descriptor and a tag this still fits the library's buffer; browsers send up to 1,200.
const LARGEST_PAYLOAD: usize = 1400;
/// Each SSRC that a client invents costs memory; a real one needs six and a few more over a day.
const MOST_SSRCS: u32 = 4096;
/// A sender is asked for a key frame of one layer at most this often, and again until it comes.
const KEY_FRAME_EVERY: Duration = Duration::from_millis(400);
const KEY_FRAME_TRIES: u32 = 10;
/// The library may want to be woken at once a few times in a row, not for ever.
const PROMPT_WAKES: usize = 4;
const SOON: Duration = Duration::from_millis(1);

/// One participant's connection.
pub struct Peer {
    pub connection: Connection,
    rtc: Rtc,
    microphone: Option<Mid>,
    camera: Option<Mid>,
    /// The camera is sent in layers.
    simulcast: bool,
    pub slots: Vec<Slot>,
    incoming: HashMap<Ssrc, (Context, Layer)>,
    ssrcs: u32,
    pub seen: Seen,
    /// What `seen` said when allocations were last made.
    pub alive: [bool; 3],
    key_frames: [KeyFrame; 3],
    /// How many pairs of slots the pool lacks.
    pub lacking: usize,
    /// What the client was last told of its slots.
    pub announced: (Vec<SlotView>, usize),
    /// The last connectivity check.
    heard: Instant,
    connected: bool,
}

/// One receive-only line of the client's pool.
pub struct Slot {
    pub mid: String,
    pub context: Context,
    pub height: u32,
    pub subscription: Subscription,
    exit: Option<Exit>,
    rewriter: Rewriter,
}

/// What a slot shows, as the client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotView {
    pub mid: String,
    pub leaf: Option<Leaf>,
    pub context: Context,
}

/// A packet of a participant, with all that deciding about it needs.
pub struct Packet {
    pub context: Context,
    pub layer: Layer,
    pub ssrc: u32,
    /// Decoding can begin with it.
    pub can_start: bool,
    pub outgoing: Outgoing,
}

/// What a peer wants done next.
pub enum Step {
    Send(SocketAddr, DatagramSend),
    Packet(Packet),
    /// A receiver's decoder needs a key frame on this slot.
    KeyFrame(usize),
    Connected,
    Gone,
    /// Nothing until then.
    Sleep(Instant),
}

#[derive(Default, Clone, Copy)]
struct KeyFrame {
    tries_left: u32,
    not_before: Option<Instant>,
}

impl Peer {
    /// Answers the first offer of a connection.
    pub fn accept(connections: &Connections, offer: &Offer, now: Instant) -> Result<(Peer, String), Error> {
        let mut peer = Peer {
            connection: offer.connection.clone(),
            rtc: connections.build(now)?,
            microphone: None,
            camera: None,
            simulcast: false,
            slots: Vec::new(),
            incoming: HashMap::new(),
            ssrcs: 0,
            seen: Seen::default(),
            alive: [false; 3],
            key_frames: Default::default(),
            lacking: 0,
            announced: Default::default(),
            heard: now,
            connected: false,
        };
        let answer = peer.renegotiate(offer, now)?;
        Ok((peer, answer))
    }

    /// Answers an offer of this connection.
    pub fn renegotiate(&mut self, offer: &Offer, now: Instant) -> Result<String, Error> {
        let refused = |error: &dyn std::fmt::Display| Error::new("RF4002", error.to_string());
        let _ = self.rtc.handle_input(Input::Timeout(now));
        let sdp = SdpOffer::from_sdp_string(&offer.sdp).map_err(|error| refused(&error))?;
        let answer = self
            .rtc
            .sdp_api()
            .accept_offer(sdp)
            .map_err(|error| refused(&error))?;
        let publishes = |kind| {
            let mut sending = offer
                .lines
                .iter()
                .filter(move |line| line.direction == Direction::Send);
            sending.find(|line| line.kind == kind)
        };
        let mid = |line: &Line| Mid::from(&*line.mid);
        self.microphone = publishes(MediaKind::Audio).map(mid);
        self.camera = publishes(MediaKind::Video).map(mid);
        self.simulcast = publishes(MediaKind::Video).is_some_and(|line| !line.layers.is_empty());
        self.incoming.clear();
        let pool = offer
            .lines
            .iter()
            .filter(|line| line.direction == Direction::Receive);
        let mut before = std::mem::take(&mut self.slots);
        self.slots = pool
            .map(|line| match before.iter().position(|slot| slot.mid == line.mid) {
                Some(at) => before.swap_remove(at),
                None => Slot::new(line),
            })
            .collect();
        for slot in &mut self.slots {
            slot.exit = slot.exit.or_else(|| exit(&mut self.rtc, &slot.mid, slot.context));
        }
        Ok(answer.to_sdp_string())
    }

    /// Whether it has a line to send this on.
    pub fn publishes(&self, context: Context) -> bool {
        match context {
            Context::Microphone => self.microphone.is_some(),
            Context::Camera => self.camera.is_some(),
        }
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
        self.ask_key_frames(now);
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
        loop {
            return Some(match self.rtc.poll_output().ok()? {
                Output::Transmit(out) => Step::Send(out.destination, out.contents),
                Output::Timeout(until) => Step::Sleep(self.deadline(until)),
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
                Output::Event(_) => continue,
            });
        }
    }

    fn deadline(&self, library: Instant) -> Instant {
        let key_frame = self.key_frames.iter().filter_map(KeyFrame::due).min();
        library
            .min(self.heard + SILENT_FOR)
            .min(key_frame.unwrap_or(library))
    }

    /// Finds out what a packet is; `None` for what is not forwarded at all.
    fn classify(&mut self, packet: RtpPacket, now: Instant) -> Option<Packet> {
        if packet.payload.len() > LARGEST_PAYLOAD {
            return None;
        }
        let (context, layer) = self.stream(packet.header.ssrc)?;
        let values = &packet.header.ext_vals;
        let descriptor = values.user_values.get::<DescriptorValue>();
        let read = descriptor.and_then(|value| dependency::read(&value.bytes));
        let mut numbers = Numbers {
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            frame_number: read.map_or(0, |read| read.frame_number),
            ..Default::default()
        };
        let can_start = match context {
            Context::Microphone => true,
            Context::Camera => {
                self.seen.mark(layer, now);
                if let Some(read) = vp8::read(&packet.payload) {
                    numbers.picture_id = read.picture_id.map_or(0, |id| id.value);
                    numbers.tl0_pic_idx = read.tl0_pic_idx.unwrap_or(0);
                }
                read.is_some_and(|read| read.starts_key_frame())
            }
        };
        if can_start && context == Context::Camera {
            self.key_frames[layer as usize].tries_left = 0;
        }
        let outgoing = Outgoing {
            numbers,
            marker: packet.header.marker,
            descriptor: descriptor.map(|value| value.bytes.clone()),
            level: values
                .audio_level
                .map(|level| (level, values.voice_activity.unwrap_or(false))),
            rotation: values.video_orientation,
            payload: packet.payload,
        };
        Some(Packet {
            context,
            layer,
            ssrc: *packet.header.ssrc,
            can_start,
            outgoing,
        })
    }

    fn stream(&mut self, ssrc: Ssrc) -> Option<(Context, Layer)> {
        if let Some(known) = self.incoming.get(&ssrc) {
            return Some(*known);
        }
        self.ssrcs += 1;
        if self.ssrcs > MOST_SSRCS {
            self.rtc.disconnect();
            return None;
        }
        let mut api = self.rtc.direct_api();
        let stream = api.stream_rx(&ssrc)?;
        let (mid, rid) = (stream.mid(), stream.rid());
        let found = if Some(mid) == self.microphone {
            (Context::Microphone, Layer::Full)
        } else if Some(mid) == self.camera {
            (
                Context::Camera,
                rid.map_or(Some(Layer::Full), |rid| Layer::from_rid(&rid))?,
            )
        } else {
            return None;
        };
        self.incoming.insert(ssrc, found);
        Some(found)
    }

    /// Remembers that somebody needs a key frame of a layer, and asks for it as soon as it may.
    pub fn want_key_frame(&mut self, layer: Layer, now: Instant) {
        let wanted = &mut self.key_frames[layer as usize];
        wanted.tries_left = KEY_FRAME_TRIES;
        wanted.not_before.get_or_insert(now);
        self.ask_key_frames(now);
    }

    fn ask_key_frames(&mut self, now: Instant) {
        let Some(camera) = self.camera else { return };
        for layer in Layer::ALL {
            let wanted = &mut self.key_frames[layer as usize];
            if wanted.due().is_none_or(|due| due > now) {
                continue;
            }
            wanted.tries_left -= 1;
            wanted.not_before = Some(now + KEY_FRAME_EVERY);
            // Without a rid the library would take any stream of the line.
            let rid = self.simulcast.then(|| Rid::from(layer.rid()));
            if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(camera, rid) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
    }

    /// Puts a packet on a slot that changes to its layer here.
    pub fn start(&mut self, slot: usize, packet: &Outgoing, now: Instant) {
        self.write(slot, packet, now, |rewriter| {
            Some(rewriter.start(packet.numbers, now))
        });
    }

    /// Puts a packet on a slot that shows its layer.
    pub fn follow(&mut self, slot: usize, packet: &Outgoing, now: Instant) {
        self.write(slot, packet, now, |rewriter| rewriter.follow(packet.numbers, now));
    }

    fn write(
        &mut self,
        slot: usize,
        packet: &Outgoing,
        now: Instant,
        number: impl FnOnce(&mut Rewriter) -> Option<Numbers>,
    ) {
        let Some(Slot {
            exit: Some(exit),
            rewriter,
            ..
        }) = self.slots.get_mut(slot)
        else {
            return;
        };
        if let Some(numbers) = number(rewriter) {
            self.rtc.write(
                *exit,
                Outgoing {
                    numbers,
                    ..packet.clone()
                },
                now,
            );
        }
    }

    /// Shows another stream on a slot, or none. Of what it showed, nothing can leave any more.
    pub fn show(&mut self, slot: usize, source: Option<Source>) {
        let Some(slot) = self.slots.get_mut(slot) else {
            return;
        };
        slot.subscription.set_source(source);
        if let Some(exit) = slot.exit {
            self.rtc.forget(exit);
        }
    }

    pub fn is_connected(&self) -> bool {
        self.connected
    }
}

impl KeyFrame {
    /// When the next request may go out.
    fn due(&self) -> Option<Instant> {
        self.not_before.filter(|_| self.tries_left > 0)
    }
}

impl Slot {
    fn new(line: &Line) -> Self {
        let context = match line.kind {
            MediaKind::Audio => Context::Microphone,
            MediaKind::Video => Context::Camera,
        };
        Slot {
            mid: line.mid.clone(),
            context,
            height: UNASKED_HEIGHT,
            subscription: Subscription::default(),
            exit: None,
            rewriter: Rewriter::new(context),
        }
    }
}

impl SlotView {
    pub fn of(slot: &Slot) -> Self {
        let leaf = slot.subscription.source.map(|source| source.leaf);
        SlotView {
            mid: slot.mid.clone(),
            leaf,
            context: slot.context,
        }
    }
}

/// The SSRC that the answer gave a line, and the number that the offer gave its codec.
fn exit(rtc: &mut Rtc, mid: &str, context: Context) -> Option<Exit> {
    let video = context == Context::Camera;
    let codec = if video { Codec::Vp8 } else { Codec::Opus };
    let of_codec = |params: &&str0m::format::PayloadParams| params.spec().codec == codec;
    let payload_type: Pt = rtc.codec_config().params().iter().find(of_codec)?.pt();
    let ssrc = rtc.direct_api().stream_tx_by_mid(Mid::from(mid), None)?.ssrc();
    Some(Exit {
        ssrc,
        payload_type,
        video,
    })
}
