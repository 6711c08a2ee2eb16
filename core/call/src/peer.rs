//! Responsible for: one WebRTC connection of a client: its lines, its offers, packets in and out.
//! Not responsible for: what is in the frames, or which connection there should be (`call`).

use crate::descriptor;
use crate::frames::Kind;
use crate::sending::Due;
use crate::trips::LABEL;
use crate::vp8::{self, Assembler};
use ringfence_sfu::connection::{DescriptorValue, extensions};
use ringfence_sfu::dtls;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc};

/// What is sent is as loud as speech (RFC 6464, in dBov): nobody here decodes it to know.
const LEVEL: i8 = -30;

/// What comes of a connection.
pub enum Happened {
    Datagram(Vec<u8>),
    Frame(Mid, Kind, Vec<u8>),
    KeyFrameAsked,
    Connected,
    ChannelOpen,
    Answered(Vec<u8>),
    /// It leads nowhere any more.
    Broken,
}

pub struct Peer {
    rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    lines: Option<Lines>,
    pool: Vec<(Mid, Kind)>,
    assemblers: HashMap<Mid, Assembler>,
    channel: Option<ChannelId>,
    /// Here and there, once an answer named it.
    way: Option<(SocketAddr, SocketAddr)>,
    wake_at: Instant,
    happened: Vec<Happened>,
    sound: u64,
    picture: u64,
    frame: u16,
}

#[derive(Clone, Copy)]
struct Lines {
    microphone: Mid,
    camera: Mid,
}

impl Peer {
    pub fn new(now: Instant) -> Self {
        let config = Rtc::builder()
            .set_crypto_provider(dtls::provider())
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_extension_map(extensions());
        Self {
            rtc: config.build(now),
            pending: None,
            lines: None,
            pool: vec![],
            assemblers: HashMap::new(),
            channel: None,
            way: None,
            wake_at: now,
            happened: vec![],
            sound: 1,
            picture: 1,
            frame: 0,
        }
    }

    /// An offer of the lines that there are, and more of the pool where it is smaller than that.
    pub fn offer(&mut self, pairs: usize, restart: bool, now: Instant) -> Option<String> {
        self.rtc.handle_input(Input::Timeout(now)).ok()?;
        self.poll(now);
        let mut changes = self.rtc.sdp_api();
        if restart {
            changes.ice_restart(true);
        }
        if self.lines.is_none() {
            let mut add = |kind| changes.add_media(kind, Direction::SendOnly, None, None, None);
            let (microphone, camera) = (add(MediaKind::Audio), add(MediaKind::Video));
            self.lines = Some(Lines { microphone, camera });
        }
        while self.pool.len() < pairs * 2 {
            for (media, kind) in [(MediaKind::Audio, Kind::Sound), (MediaKind::Video, Kind::Picture)] {
                let mid = changes.add_media(media, Direction::RecvOnly, None, None, None);
                self.pool.push((mid, kind));
            }
        }
        if self.channel.is_none() {
            self.channel = Some(changes.add_channel_with_config(ChannelConfig {
                label: LABEL.to_owned(),
                ordered: false,
                // What is lost is not sent again: it would have been on its way for longer than the way is.
                reliability: Reliability::MaxRetransmits { retransmits: 0 },
                ..ChannelConfig::default()
            }));
        }
        let (offer, pending) = changes.apply()?;
        self.pending = Some(pending);
        Some(offer.to_sdp_string())
    }

    pub fn pairs(&self) -> usize {
        self.pool.len() / 2
    }

    pub fn is_busy(&self) -> bool {
        self.pending.is_some()
    }

    /// Only for answers that the participant has checked. `here` is the address that leads `there`.
    pub fn answered(
        &mut self,
        sdp: &str,
        here: SocketAddr,
        there: SocketAddr,
        now: Instant,
    ) -> Result<(), String> {
        let pending = self.pending.take().ok_or("nothing was offered")?;
        let answer = SdpAnswer::from_sdp_string(sdp).map_err(|error| error.to_string())?;
        let accepted = self.rtc.sdp_api().accept_answer(pending, answer);
        accepted.map_err(|error| error.to_string())?;
        if self.way != Some((here, there)) {
            let candidate = Candidate::host(here, "udp").map_err(|error| error.to_string())?;
            self.rtc.add_local_candidate(candidate);
            self.way = Some((here, there));
        }
        self.wake_at = now;
        Ok(())
    }

    pub fn is_connected(&self) -> bool {
        self.rtc.is_connected()
    }

    pub fn next_wake(&self) -> Instant {
        self.wake_at
    }

    pub fn take(&mut self) -> Vec<Happened> {
        std::mem::take(&mut self.happened)
    }

    pub fn receive(&mut self, datagram: &[u8], now: Instant) {
        let Some((here, there)) = self.way else { return };
        // What is nothing of WebRTC (RFC 7983) is dropped, as browsers do.
        let Ok(contents) = datagram.try_into() else { return };
        let receive = Receive {
            proto: Protocol::Udp,
            source: there,
            destination: here,
            contents,
        };
        if self.rtc.handle_input(Input::Receive(now, receive)).is_err() {
            self.happened.push(Happened::Broken);
            return;
        }
        self.poll(now);
    }

    pub fn wake(&mut self, now: Instant) {
        if self.wake_at <= now {
            self.pass(now);
        }
    }

    fn pass(&mut self, now: Instant) {
        match self.rtc.handle_input(Input::Timeout(now)) {
            Ok(()) => self.poll(now),
            Err(_) => self.happened.push(Happened::Broken),
        }
    }

    pub fn ask_trip(&mut self, nonce: &[u8], now: Instant) {
        if let Some(mut channel) = self.channel.and_then(|id| self.rtc.channel(id)) {
            let _ = channel.write(true, nonce); // what is not taken now is lost, like what is lost on the way
        }
        self.pass(now);
    }

    /// Sends one sealed frame.
    pub fn send(&mut self, kind: Kind, due: &Due<'_>, sealed: &[u8], now: Instant) {
        let Some(lines) = self.lines.filter(|_| self.rtc.is_connected()) else {
            return;
        };
        match kind {
            Kind::Sound => {
                let values = ExtensionValues {
                    audio_level: Some(LEVEL),
                    voice_activity: Some(true),
                    ..Default::default()
                };
                let number = self.sound;
                self.sound += 1;
                let write = (Codec::Opus, number, due.timestamp, false, sealed.to_vec());
                self.write(lines.microphone, write, values, now);
            }
            Kind::Picture => {
                let frame = self.frame;
                self.frame = frame.wrapping_add(1);
                let packets = vp8::packets(sealed, frame);
                let last = packets.len() - 1;
                for (part, payload) in packets.into_iter().enumerate() {
                    let mut values = ExtensionValues::default();
                    let bytes = descriptor::write(part == 0, part == last, due.key, frame, due.size).into();
                    let frame_number = frame;
                    values.user_values.set(DescriptorValue { bytes, frame_number });
                    let number = self.picture;
                    self.picture += 1;
                    let write = (Codec::Vp8, number, due.timestamp, part == last, payload);
                    self.write(lines.camera, write, values, now);
                }
            }
        }
        self.pass(now);
    }

    fn write(
        &mut self,
        mid: Mid,
        (codec, number, timestamp, marker, payload): (Codec, u64, u32, bool, Vec<u8>),
        values: ExtensionValues,
        now: Instant,
    ) {
        let mut params = self.rtc.codec_config().params().iter();
        let Some(payload_type) = params
            .find(|params| params.spec().codec == codec)
            .map(|params| params.pt())
        else {
            return;
        };
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, None) else {
            return;
        };
        let write = RtpWrite::new(payload_type, number.into(), timestamp, now, payload);
        stream.write_rtp(
            write
                .marker(marker)
                .nackable(codec != Codec::Opus)
                .ext_vals(values),
        );
    }

    fn poll(&mut self, now: Instant) {
        loop {
            match self.rtc.poll_output() {
                // Nowhere else, whatever candidates there are.
                Ok(Output::Transmit(transmit)) => {
                    if self.way.is_some_and(|(_, there)| there == transmit.destination) {
                        self.happened.push(Happened::Datagram(transmit.contents.to_vec()));
                    }
                }
                Ok(Output::Timeout(at)) => {
                    self.wake_at = at.max(now + Duration::from_micros(100));
                    return;
                }
                Ok(Output::Event(event)) => self.event(event, now),
                Err(_) => return self.happened.push(Happened::Broken),
            }
        }
    }

    fn event(&mut self, event: Event, now: Instant) {
        let happened = match event {
            Event::RtpPacket(packet) => return self.packet(&packet, now),
            Event::Connected => Happened::Connected,
            Event::KeyframeRequest(_) => Happened::KeyFrameAsked,
            Event::ChannelOpen(id, _) if self.channel == Some(id) => Happened::ChannelOpen,
            Event::ChannelData(data) if self.channel == Some(data.id) => Happened::Answered(data.data),
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) | Event::Closed => {
                Happened::Broken
            }
            _ => return,
        };
        self.happened.push(happened);
    }

    fn packet(&mut self, packet: &RtpPacket, now: Instant) {
        let mut api = self.rtc.direct_api();
        let Some(mid) = api.stream_rx(&packet.header.ssrc).map(|stream| stream.mid()) else {
            return;
        };
        match self.pool.iter().find(|(of, _)| *of == mid) {
            Some((_, Kind::Sound)) => {
                let frame = Happened::Frame(mid, Kind::Sound, packet.payload.to_vec());
                self.happened.push(frame);
            }
            Some((_, Kind::Picture)) => {
                let (number, header) = (*packet.seq_no, &packet.header);
                let assembler = self.assemblers.entry(mid).or_default();
                let whole = assembler.take(number, header.timestamp, header.marker, &packet.payload, now);
                let frames = whole
                    .into_iter()
                    .map(|frame| Happened::Frame(mid, Kind::Picture, frame));
                self.happened.extend(frames);
            }
            None => {}
        }
    }
}
