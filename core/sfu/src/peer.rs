//! Responsible for: one participant's connection: its lines, what it sends, and what its slots show.
//! Not responsible for: other participants; a peer does not know of them.

use crate::clock::Clock;
use crate::connection::{Connections, DescriptorValue};
use crate::datagrams::Datagrams;
use crate::egress::{Egress, Exit, Outgoing};
use crate::fast::Fast;
use crate::offer::{Connection, Direction, Line, Offer};
use crate::rewrite::{Numbers, Rewriter};
use crate::route::Heading;
use crate::sending::Sending;
use crate::slot::{Announcement, Slot, exit};
use crate::stream::{Codec, Context, Error, Kind, Layer, Leaf, Source};
use crate::trips::Trips;
use ringfence_packet::dependency::{self, Structure};
use ringfence_packet::vp8;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::change::SdpOffer;
use str0m::format;
use str0m::media::Pt;
use str0m::net::{DatagramSend, Protocol, Receive};
use str0m::rtp::rtcp::Rtcp;
use str0m::rtp::{RawPacket, RtpPacket, Ssrc};
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
        };
        let answer = peer.renegotiate(offer, now)?;
        Ok((peer, answer))
    }

    /// Answers an offer of this connection.
    pub fn renegotiate(&mut self, offer: &Offer, now: Instant) -> Result<String, Error> {
        let refused = |error: &dyn std::fmt::Display| Error::new("RF4002", error.to_string());
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
        self.takes_vp9 = self
            .slots
            .iter()
            .filter_map(|slot| slot.exit.as_ref())
            .all(|exit| !exit.video || exit.vp9.is_some());
        Ok(resting(&answer.to_sdp_string(), offer))
    }

    /// Lets the library know the streams that leave on the fast way, for as long as it writes an answer with them.
    fn lend_streams(&mut self) {
        if self.fast.is_some() {
            for exit in exits(&self.slots, &self.put_away) {
                let mut api = self.rtc.direct_api();
                api.declare_stream_tx(exit.ssrc, exit.repeats, exit.mid, None);
            }
        }
    }

    /// The library must not seal anything for them: see `fast`.
    fn take_streams(&mut self) {
        if self.fast.is_some() {
            for exit in exits(&self.slots, &self.put_away) {
                self.rtc.direct_api().remove_stream_tx(exit.ssrc);
            }
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
        if let Some(fast) = &mut self.fast {
            fast.came(from, datagram);
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
                Output::Transmit(out) => {
                    self.goes(out.destination, &out.contents)?;
                    Step::Send(out.destination, out.contents)
                }
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
                Output::Event(Event::RawPacket(raw)) => match *raw {
                    RawPacket::RtcpRx(report) => match self.heard_back(&report) {
                        Some(step) => step,
                        None => continue,
                    },
                    _ => continue,
                },
                Output::Event(Event::Closed) => return None,
                Output::Event(event) => match self.trips.take(&mut self.rtc, &event, now) {
                    true => continue,
                    false => Step::Unanswered,
                },
            });
        }
    }

    /// Looks at what the library sends. `None`: it would seal something for a stream that leaves on the fast way, which one
    /// random number in four billion could make it do.
    fn goes(&mut self, to: SocketAddr, datagram: &[u8]) -> Option<()> {
        let Some(fast) = &mut self.fast else {
            return Some(());
        };
        fast.goes(to, datagram);
        let reports = datagram.get(1).is_some_and(|kind| RTCP.contains(kind)) && datagram[0] >> 6 == 2;
        let ssrc = datagram.get(4..8).filter(|_| reports);
        let is_ours = |exit: &Exit| ssrc == Some(&exit.ssrc.to_be_bytes()[..]);
        (!exits(&self.slots, &self.put_away).any(is_ours)).then_some(())
    }

    /// What a receiver says of streams that left on the fast way.
    fn heard_back(&mut self, report: &Rtcp) -> Option<Step> {
        match report {
            Rtcp::Nack(nack) => {
                let slot = self.slot_of(nack.ssrc)?;
                let named = nack.reports.iter().flat_map(|entry| {
                    let also = (0..16).filter(|bit| entry.blp >> bit & 1 == 1);
                    let also = also.map(|bit| entry.pid.wrapping_add(bit + 1));
                    std::iter::once(entry.pid).chain(also)
                });
                Some(Step::Lost(slot, named.collect()))
            }
            Rtcp::Pli(pli) => self.slot_of(pli.ssrc).map(Step::KeyFrame),
            Rtcp::Fir(fir) => {
                let mut asked = fir.reports.iter();
                asked
                    .find_map(|entry| self.slot_of(entry.ssrc))
                    .map(Step::KeyFrame)
            }
            Rtcp::ReceiverReport(report) => {
                for block in report.reports.iter() {
                    if let Some(slot) = self.slot_of(block.ssrc)
                        && let Some(exit) = &mut self.slots[slot].exit
                    {
                        exit.sent.known = true;
                    }
                }
                None
            }
            _ => None,
        }
    }

    fn slot_of(&self, ssrc: Ssrc) -> Option<usize> {
        let shows = |slot: &Slot| slot.exit.as_ref().is_some_and(|exit| exit.ssrc == ssrc);
        self.slots.iter().position(shows)
    }

    fn deadline(&self, library: Instant) -> Instant {
        let key_frame = self.sends.values().filter_map(Sending::due).min();
        library
            .min(self.heard + SILENT_FOR)
            .min(key_frame.unwrap_or(library))
    }

    /// Finds out what a packet is; `None` for what is not forwarded at all.
    fn classify(&mut self, packet: RtpPacket, now: Instant) -> Option<Packet> {
        if packet.payload.len() > LARGEST_PAYLOAD {
            return None;
        }
        let ssrc = packet.header.ssrc;
        let (context, rid) = self.stream(ssrc)?;
        let codec = self.codec(packet.header.payload_type, context.kind())?;
        let values = &packet.header.ext_vals;
        let descriptor = values.user_values.get::<DescriptorValue>();
        let read = descriptor.and_then(|value| dependency::read(&value.bytes));
        let mut numbers = Numbers {
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            frame_number: read.map_or(0, |read| read.frame_number),
            ..Default::default()
        };
        let mut heading = Heading {
            ssrc: *ssrc,
            form: codec.form(),
            layer: rid,
            can_start: codec == Codec::Opus || read.is_some_and(|read| read.starts_key_frame()),
            picture: packet.header.timestamp,
            ends_layer: false,
        };
        let mut ended_above = None;
        match codec {
            Codec::Opus => {}
            Codec::Vp8 => {
                if let Some(read) = vp8::read(&packet.payload) {
                    numbers.picture_id = read.picture_id.map_or(0, |id| id.value);
                    numbers.tl0_pic_idx = read.tl0_pic_idx.unwrap_or(0);
                }
            }
            Codec::Vp9 => {
                let bytes = descriptor.map_or(&[][..], |value| &value.bytes);
                // What cannot be told is needed by everybody.
                heading.layer = Layer::Quarter;
                if let Some(told) = self.stacked_layer(ssrc, bytes) {
                    (heading.layer, ended_above) = told;
                    heading.ends_layer = read.is_some_and(|read| read.ends_frame);
                }
            }
        }
        if let Some(sending) = self.sends.get_mut(&context) {
            sending.heard(&heading, now);
            if let Some(highest) = ended_above {
                sending.ended_above(highest);
            }
        }
        if let Some(report) = packet.last_sender_info {
            let timestamp = report.rtp_time.numer() as u32;
            self.clock.hear(*ssrc, report.ntp_time, timestamp, now);
        }
        let timestamp = packet.header.timestamp;
        let outgoing = Outgoing {
            numbers,
            codec,
            captured: self.clock.captured(*ssrc, timestamp, codec.clock_rate(), now),
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
            heading,
            outgoing,
        })
    }

    /// Which layer of a stacked stream a packet is of, and above which one none is made any more, if it says so.
    fn stacked_layer(&mut self, ssrc: Ssrc, descriptor: &[u8]) -> Option<(Layer, Option<Option<Layer>>)> {
        let known = self.structures.get(&ssrc);
        let details = dependency::read_details(descriptor, known)?;
        let structure = details.structure.as_ref().or(known)?;
        let highest = structure.highest_spatial();
        if usize::from(highest) >= Layer::ALL.len() {
            return None;
        }
        let found = Layer::from_spatial(details.layers.spatial, highest);
        let ended_above = details.active.map(|active| {
            let made = structure.highest_active(active);
            made.map(|spatial| Layer::from_spatial(spatial, highest))
        });
        if let Some(structure) = details.structure {
            self.structures.insert(ssrc, structure);
        }
        Some((found, ended_above))
    }

    /// What was agreed on for the payload type.
    fn codec(&self, number: Pt, kind: Kind) -> Option<Codec> {
        let params = self.rtc.codec_config().params();
        let spec = params.iter().find(|params| params.pt() == number)?.spec();
        match (spec.codec, kind) {
            (format::Codec::Opus, Kind::Sound) => Some(Codec::Opus),
            (format::Codec::Vp8, Kind::Picture) => Some(Codec::Vp8),
            (format::Codec::Vp9, Kind::Picture) => Some(Codec::Vp9),
            _ => None,
        }
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
        let (context, _) = self.sends.iter().find(|(_, sending)| sending.mid == mid)?;
        let layer = rid.map_or(Some(Layer::Full), |rid| Layer::from_rid(&rid))?;
        let found = (*context, layer);
        self.incoming.insert(ssrc, found);
        Some(found)
    }

    /// Remembers that somebody needs a key frame of a layer, and asks for it as soon as it may.
    pub fn want_key_frame(&mut self, context: Context, layer: Layer, now: Instant) {
        if let Some(sending) = self.sends.get_mut(&context) {
            sending.want_key_frame(layer, now);
            sending.ask_key_frames(&mut self.rtc, now);
        }
    }

    /// Puts a packet on a slot that changes to its layer here; `from` sent it. This and the next two say whether the library
    /// must be asked what follows.
    pub fn start(
        &mut self,
        slot: usize,
        (from, packet): (Leaf, &Outgoing),
        ssrc: u32,
        now: Instant,
        out: &mut Datagrams,
    ) -> bool {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.follows = Some((from, ssrc));
            if let Some(exit) = &mut slot.exit {
                exit.sent.starts();
            }
        }
        self.write(slot, packet, now, out, |rewriter| {
            Some(rewriter.start(packet.numbers, now))
        })
    }

    /// Puts a packet on a slot that shows its layer.
    pub fn follow(&mut self, slot: usize, packet: &Outgoing, now: Instant, out: &mut Datagrams) -> bool {
        self.write(slot, packet, now, out, |rewriter| {
            rewriter.follow(packet.numbers, now)
        })
    }

    /// Leaves a packet of a slot's stream out.
    pub fn skip(&mut self, slot: usize, packet: &Outgoing, now: Instant, out: &mut Datagrams) -> bool {
        self.write(slot, &packet.empty(), now, out, |rewriter| {
            rewriter.skip(packet.numbers)
        })
    }

    /// Whether the client can decode it on this slot.
    pub fn takes(&self, slot: usize, codec: Codec) -> bool {
        let exit = self.slots.get(slot).and_then(|slot| slot.exit.as_ref());
        exit.is_some_and(|exit| exit.payload_type(codec).is_some())
    }

    fn write(
        &mut self,
        slot: usize,
        packet: &Outgoing,
        now: Instant,
        out: &mut Datagrams,
        number: impl FnOnce(&mut Rewriter) -> Option<Numbers>,
    ) -> bool {
        let Some(Slot {
            exit: Some(exit),
            rewriter,
            ..
        }) = self.slots.get_mut(slot)
        else {
            return false;
        };
        let Some(numbers) = number(rewriter) else {
            return false;
        };
        match &mut self.fast {
            Some(fast) => fast.write(exit, packet, numbers, now, out),
            None => self.rtc.write(exit, packet, numbers, now, out),
        }
        self.fast.is_none()
    }

    /// Which packet of its sender a slot sent under a number that the receiver names, if it can be sent again.
    pub fn lost(&self, slot: usize, low: u16) -> Option<(Leaf, u32, u64)> {
        let slot = self.slots.get(slot)?;
        let (leaf, ssrc) = slot.follows?;
        let sequence = slot.exit.as_ref()?.sent.whole(low);
        Some((leaf, ssrc, slot.rewriter.sent_as(sequence)?))
    }

    /// Sends a packet again that `lost` named.
    pub fn repeat(&mut self, slot: usize, packet: &Outgoing, out: &mut Datagrams) {
        if let (Some(fast), Some(slot)) = (&mut self.fast, self.slots.get_mut(slot))
            && let (Some(exit), Some(numbers)) = (&mut slot.exit, slot.rewriter.again(packet.numbers))
        {
            fast.repeat(exit, packet, numbers, out);
        }
    }

    /// Shows another stream on a slot, or none. Of what it showed, nothing can leave any more.
    pub fn show(&mut self, slot: usize, source: Option<Source>) {
        let Some(slot) = self.slots.get_mut(slot) else {
            return;
        };
        slot.show(source);
        if let Some(exit) = &slot.exit {
            match &mut self.fast {
                Some(fast) => fast.forget(exit),
                None => self.rtc.forget(exit),
            }
        }
    }

    pub fn is_connected(&self) -> bool {
        self.connected
    }
}

fn exits<'a>(slots: &'a [Slot], put_away: &'a [Slot]) -> impl Iterator<Item = &'a Exit> {
    slots.iter().chain(put_away).filter_map(|slot| slot.exit.as_ref())
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
