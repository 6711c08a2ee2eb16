//! Responsible for: a client for tests: sends numbered packets as a browser would, and notes what arrives.
//! Not responsible for: the network, or rooms.

use ringfence_packet::{dependency, vp8};
use ringfence_sfu::connection::{DescriptorValue, enable_vp9, extensions};
use ringfence_sfu::stream::{Context, Kind, Layer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelData, ChannelId, Reliability};
use str0m::config::CryptoProvider;
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{Extension, ExtensionMap, ExtensionValues, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};

const FRAME: Duration = Duration::from_millis(33);
const SOUND: Duration = Duration::from_millis(20);
const PACKETS_PER_FRAME: u8 = 3;
/// Ahead of the tag that tests read: a VP8 payload descriptor with a picture id and TL0PICIDX.
const DESCRIPTOR: usize = 6;
/// Of a key frame of VP9 in three spatial and three temporal layers.
const STRUCTURE: &[u8] = include_bytes!("../../../../packet/tests/chromium-l3t3.descriptor");
/// Its templates for the lowest temporal layer of each spatial layer, in a key frame and after it.
const TEMPLATES: [(u8, u8); 3] = [(1, 0), (6, 5), (11, 10)];
/// The temporal layers of four pictures in a row, and the templates of those after the first, less that of the lowest.
const SMOOTH: [(u8, u8); 4] = [(0, 0), (2, 3), (1, 2), (2, 4)];
/// Where the screen's state is, after those of the camera's layers.
const SCREEN: usize = 3;

pub struct Participant {
    pub address: SocketAddr,
    server: SocketAddr,
    pub came: Instant,
    rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    /// Microphone and camera, once they have been offered.
    sends: Option<(Mid, Mid)>,
    /// Whether the screen is shared, and its lines, once they have been offered.
    pub shares: bool,
    screen: Option<(Mid, Mid)>,
    /// How many pairs of lines the pool should have.
    pub pairs: usize,
    pub pool: Vec<(Mid, Kind)>,
    /// What the next offer makes of lines of the pool.
    pub turned: Vec<(Mid, Direction)>,
    /// Which layers are being sent; none of them: the camera is off.
    pub layers: [bool; 3],
    /// The camera is sent in VP9, with its layers in one stream: that of the first rid.
    pub stacked: bool,
    /// A camera in VP9 has three temporal layers.
    pub smooth: bool,
    /// The payload of each packet of a camera's layer, in bytes.
    pub sizes: [usize; 3],
    /// The level of the sound in dBov; `None`: no sound is sent.
    pub level: Option<i8>,
    /// The number that this participant writes into each packet.
    pub tag: u8,
    /// Of the camera's layers, and of the screen.
    frames: [LayerState; 4],
    pub frame_at: Instant,
    sound_at: Instant,
    sound: u64,
    wake_at: Instant,
    out: Vec<Vec<u8>>,
    pub seen: Vec<Seen>,
    /// The numbers of packets that held nothing.
    pub empty: Vec<u64>,
    pub key_frames_asked: Vec<(Layer, Instant)>,
    /// The last one that was sent with all layers in it.
    key_frame: u16,
    pub closed: bool,
    moved: bool,
    /// The data channels that are open, by their labels, and what came on them and when.
    /// What the next offer opens.
    pub labels: Vec<String>,
    pub channels: Vec<(ChannelId, String)>,
    pub messages: Vec<(ChannelData, Instant)>,
}

#[derive(Clone, Copy)]
struct LayerState {
    sequence: u64,
    frame: u16,
    wants_key: bool,
}

/// A packet that has arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub mid: String,
    pub context: Context,
    pub sender: u32,
    pub layer: Layer,
    pub sequence: u64,
    pub timestamp: u32,
    pub frame_number: Option<u16>,
    pub key: bool,
    /// Of a camera in VP9.
    pub temporal: u8,
    pub vp9: bool,
    pub marker: bool,
    pub picture_id: Option<u16>,
    pub tl0_pic_idx: Option<u8>,
    /// The sender's own frame and packet.
    pub frame: u16,
    pub part: u8,
    pub level: Option<i8>,
    /// When it arrived, since the participant came.
    pub at: Duration,
    /// When the sender's reports say that it was captured, in milliseconds since 1970.
    pub captured: Option<f64>,
}

fn captured(packet: &RtpPacket, kind: Kind) -> Option<f64> {
    let report = packet.last_sender_info?;
    let since = report.ntp_time.duration_since(UNIX_EPOCH).ok()?;
    let ticks = packet
        .header
        .timestamp
        .wrapping_sub(report.rtp_time.numer() as u32) as i32;
    Some(since.as_secs_f64() * 1000.0 + f64::from(ticks) * 1000.0 / f64::from(kind.clock_rate()))
}

fn channel(label: &str) -> ChannelConfig {
    ChannelConfig {
        label: label.to_owned(),
        ordered: false,
        reliability: Reliability::MaxRetransmits { retransmits: 0 },
        ..ChannelConfig::default()
    }
}

impl Participant {
    pub fn new(
        address: SocketAddr,
        server: SocketAddr,
        pairs: usize,
        vp9: bool,
        tells: bool,
        provider: Arc<CryptoProvider>,
        now: Instant,
    ) -> Participant {
        let mut map = ExtensionMap::empty();
        let wide = Extension::TransportSequenceNumber;
        let offered = extensions();
        let offered = offered
            .iter()
            .filter(|(_, extension)| tells || **extension != wide);
        offered.for_each(|(id, extension)| map.set(id, extension.clone()));
        let mut config = Rtc::builder()
            .set_crypto_provider(provider)
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_extension_map(map);
        if vp9 {
            enable_vp9(config.codec_config());
        }
        let mut rtc = config.build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").expect("an address"));
        let state = |layer: u64| LayerState {
            sequence: 1000 * (layer + 1),
            frame: 0,
            wants_key: true,
        };
        Participant {
            address,
            server,
            came: now,
            rtc,
            pending: None,
            sends: None,
            shares: false,
            screen: None,
            pool: Vec::new(),
            turned: Vec::new(),
            pairs,
            layers: [true; 3],
            stacked: false,
            smooth: false,
            sizes: [600; 3],
            level: Some(-60),
            tag: match address {
                SocketAddr::V4(address) => address.ip().octets()[3],
                SocketAddr::V6(_) => 0,
            },
            frames: [state(0), state(1), state(2), state(3)],
            frame_at: now,
            sound_at: now,
            sound: 0,
            wake_at: now,
            out: Vec::new(),
            seen: Vec::new(),
            empty: Vec::new(),
            key_frames_asked: Vec::new(),
            key_frame: 0,
            closed: false,
            moved: false,
            labels: Vec::new(),
            channels: Vec::new(),
            messages: Vec::new(),
        }
    }

    /// An offer with the lines that it should have and does not have yet.
    pub fn offer(&mut self, now: Instant) -> String {
        self.rtc.handle_input(Input::Timeout(now)).expect("time passes");
        let moved = std::mem::take(&mut self.moved);
        let mut changes = self.rtc.sdp_api();
        if moved {
            changes.ice_restart(false);
        }
        self.sends.get_or_insert_with(|| {
            let mut simulcast = Simulcast::new();
            Layer::ALL
                .iter()
                .for_each(|layer| simulcast.add_send_layer(SimulcastLayer::new(layer.rid())));
            let microphone = changes.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
            let camera =
                changes.add_media(MediaKind::Video, Direction::SendOnly, None, None, Some(simulcast));
            (microphone, camera)
        });
        while self.pool.len() < self.pairs * 2 {
            for (media, kind) in [(MediaKind::Audio, Kind::Sound), (MediaKind::Video, Kind::Picture)] {
                let mid = changes.add_media(media, Direction::RecvOnly, None, None, None);
                self.pool.push((mid, kind));
            }
        }
        for (mid, direction) in self.turned.drain(..) {
            changes.set_direction(mid, direction);
        }
        if let Some((sound, picture)) = self.screen {
            let direction = match self.shares {
                true => Direction::SendOnly,
                false => Direction::Inactive,
            };
            changes.set_direction(sound, direction);
            changes.set_direction(picture, direction);
        } else if self.shares {
            let mut add = |kind| changes.add_media(kind, Direction::SendOnly, None, None, None);
            self.screen = Some((add(MediaKind::Audio), add(MediaKind::Video)));
        }
        for label in self.labels.drain(..) {
            changes.add_channel_with_config(channel(&label));
        }
        let (offer, pending) = changes.apply().expect("there is something to offer");
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    /// A data channel that loses what is lost; the first one needs an offer.
    pub fn open_channel(&mut self, label: &str) {
        let mut changes = self.rtc.sdp_api();
        changes.add_channel_with_config(channel(label));
        if let Some((_, pending)) = changes.apply() {
            self.pending = Some(pending);
        }
    }

    /// Says something on the open channel of that label. `false`: the library takes no more now.
    pub fn say(&mut self, label: &str, binary: bool, bytes: &[u8], now: Instant) -> bool {
        let (id, _) = (self.channels.iter().find(|(_, of)| of == label)).expect("it is open");
        let channel = self.rtc.channel(*id);
        let taken = channel.is_some_and(|mut channel| channel.write(binary, bytes).unwrap_or(false));
        self.wake_at = now;
        taken
    }

    /// Another network: the next offer asks for other connectivity checks, from there.
    pub fn move_to(&mut self, address: SocketAddr) {
        self.address = address;
        self.moved = true;
    }

    pub fn answered(&mut self, sdp: &str, now: Instant) {
        let answer = SdpAnswer::from_sdp_string(sdp).expect("an answer");
        let pending = self.pending.take().expect("an offer was made");
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .expect("the answer fits");
        if !self.rtc.is_connected() {
            let here = Candidate::host(self.address, "udp").expect("an address");
            self.rtc.add_local_candidate(here);
        }
        self.wake_at = now;
    }

    pub fn is_connected(&self) -> bool {
        self.rtc.is_connected()
    }

    pub fn next_wake(&self) -> Instant {
        match self.rtc.is_connected() {
            true => self.wake_at.min(self.sound_at).min(self.frame_at),
            false => self.wake_at,
        }
    }

    /// What answers a beacon's question is nothing of WebRTC (RFC 7983): a browser drops it too.
    pub fn receive(&mut self, datagram: &[u8], now: Instant) {
        if ringfence_echo::Answer::read(datagram).is_some() {
            return;
        }
        let contents = datagram.try_into().expect("a datagram of WebRTC");
        let receive = Receive {
            proto: Protocol::Udp,
            source: self.server,
            destination: self.address,
            contents,
        };
        self.rtc
            .handle_input(Input::Receive(now, receive))
            .expect("it can be taken");
        self.wake_at = now;
        self.poll(now);
    }

    /// Lets time pass, sends what is to be sent, and returns datagrams.
    pub fn wake(&mut self, now: Instant) -> Vec<Vec<u8>> {
        if self.wake_at <= now {
            self.rtc.handle_input(Input::Timeout(now)).expect("time passes");
            self.poll(now);
        }
        if self.rtc.is_connected() && self.sound_at <= now {
            self.sound_at = now + SOUND;
            self.send_sound(now);
        }
        if self.rtc.is_connected() && self.frame_at <= now {
            self.frame_at = now + FRAME;
            let layers = self.layers;
            if self.stacked {
                self.send_stacked(now);
            }
            let apart = !self.stacked;
            for layer in Layer::ALL
                .into_iter()
                .filter(|layer| apart && layers[*layer as usize])
            {
                if let Some((_, camera)) = self.sends {
                    self.send_frame(camera, Context::Camera, layer, now);
                }
            }
            if let Some((_, picture)) = self.screen.filter(|_| self.shares) {
                self.send_frame(picture, Context::ScreenPicture, Layer::Full, now);
            }
        }
        std::mem::take(&mut self.out)
    }

    /// As a decoder that has lost its way would.
    pub fn ask_key_frame(&mut self, mid: &str, now: Instant) {
        let mut api = self.rtc.direct_api();
        let stream = api
            .stream_rx_by_mid(Mid::from(mid), None)
            .expect("something has arrived");
        stream.request_keyframe(KeyframeRequestKind::Pli);
        self.wake_at = now;
    }

    fn poll(&mut self, now: Instant) {
        loop {
            match self.rtc.poll_output().expect("it works") {
                Output::Transmit(transmit) => self.out.push(transmit.contents.to_vec()),
                Output::Timeout(at) => {
                    self.wake_at = at.max(now + Duration::from_micros(100));
                    return;
                }
                Output::Event(Event::RtpPacket(packet)) => self.note(&packet, now),
                Output::Event(Event::KeyframeRequest(request)) => {
                    let Some(rid) = request.rid else {
                        self.frames[SCREEN].wants_key = true;
                        continue;
                    };
                    let layer = Layer::from_rid(&rid).expect("of ours");
                    self.frames[layer as usize].wants_key = true;
                    self.key_frames_asked.push((layer, now));
                }
                Output::Event(Event::Closed) => self.closed = true,
                Output::Event(Event::ChannelOpen(id, label)) => self.channels.push((id, label)),
                Output::Event(Event::ChannelClose(id)) => self.channels.retain(|(of, _)| *of != id),
                Output::Event(Event::ChannelData(data)) => self.messages.push((data, now)),
                Output::Event(_) => {}
            }
        }
    }

    fn note(&mut self, packet: &RtpPacket, now: Instant) {
        let mut api = self.rtc.direct_api();
        let mid = api.stream_rx(&packet.header.ssrc).expect("it came on one").mid();
        let kind = self
            .pool
            .iter()
            .find(|(of, _)| *of == mid)
            .expect("on a line of the pool")
            .1;
        let values = &packet.header.ext_vals;
        let descriptor = values.user_values.get::<DescriptorValue>();
        let descriptor = descriptor.and_then(|value| dependency::read(&value.bytes));
        if packet.payload.is_empty() {
            self.empty.push(*packet.seq_no);
            return;
        }
        let params = self.rtc.codec_config().params();
        let of_packet = params
            .iter()
            .find(|params| params.pt() == packet.header.payload_type);
        let vp9 = of_packet.expect("it was negotiated").spec().codec == Codec::Vp9;
        let (numbers, tag) = match kind {
            Kind::Sound => (None, &packet.payload[..]),
            Kind::Picture if vp9 => (None, &packet.payload[DESCRIPTOR..]),
            Kind::Picture => (vp8::read(&packet.payload), &packet.payload[DESCRIPTOR..]),
        };
        self.seen.push(Seen {
            mid: mid.to_string(),
            context: Context::ALL[usize::from(tag[5])],
            sender: tag[0].into(),
            layer: Layer::ALL[usize::from(tag[1])],
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            frame_number: descriptor.map(|descriptor| descriptor.frame_number),
            key: descriptor.is_some_and(|descriptor| descriptor.starts_key_frame()),
            vp9,
            temporal: if vp9 { tag[6] } else { 0 },
            marker: packet.header.marker,
            picture_id: numbers.and_then(|numbers| numbers.picture_id).map(|id| id.value),
            tl0_pic_idx: numbers.and_then(|numbers| numbers.tl0_pic_idx),
            frame: u16::from_be_bytes([tag[2], tag[3]]),
            part: tag[4],
            level: values.audio_level,
            at: now.saturating_duration_since(self.came),
            captured: captured(packet, kind),
        });
    }

    fn send_sound(&mut self, now: Instant) {
        let (Some(level), Some((microphone, _))) = (self.level, self.sends) else {
            return;
        };
        let [.., high, low] = self.sound.to_be_bytes();
        let tag = |context: Context| vec![self.tag, Layer::Full as u8, high, low, 0, context as u8, 0xbb];
        let (payload, of_screen) = (tag(Context::Microphone), tag(Context::ScreenSound));
        let values = ExtensionValues {
            audio_level: Some(level),
            voice_activity: Some(true),
            ..Default::default()
        };
        let sequence = 30_000 + self.sound;
        let timestamp = (self.sound as u32).wrapping_mul(960);
        self.sound += 1;
        if let Some((sound, _)) = self.screen.filter(|_| self.shares) {
            let (none, values) = (None, ExtensionValues::default());
            self.write(
                sound,
                none,
                Codec::Opus,
                sequence,
                timestamp,
                false,
                values,
                of_screen,
                now,
            );
        }
        self.write(
            microphone,
            None,
            Codec::Opus,
            sequence,
            timestamp,
            false,
            values,
            payload,
            now,
        );
    }

    fn send_frame(&mut self, mid: Mid, context: Context, layer: Layer, now: Instant) {
        let at = match context {
            Context::Camera => layer as usize,
            _ => SCREEN,
        };
        let LayerState { frame, wants_key, .. } = self.frames[at];
        for part in 0..PACKETS_PER_FRAME {
            let (first, last) = (part == 0, part + 1 == PACKETS_PER_FRAME);
            let [high, low] = frame.to_be_bytes();
            let mut bytes = vec![u8::from(first) << 7 | u8::from(last) << 6, high, low];
            if first && wants_key {
                bytes.extend([0x80; 20]);
            }
            let mut values = ExtensionValues::default();
            values.user_values.set(DescriptorValue {
                bytes: bytes.into(),
                frame_number: frame,
            });
            let mut payload = vec![0x90, 0xe0, high | 0x80, low, low, 0x20];
            payload.extend([self.tag, layer as u8, high, low, part, context as u8]);
            payload.resize(self.sizes[layer as usize], 0xcc);
            // Each layer has its own clock and numbers, as browsers have.
            let timestamp = u32::from(frame)
                .wrapping_mul(2970)
                .wrapping_add(1 << (28 + at as u32));
            let sequence = self.frames[at].sequence;
            self.frames[at].sequence += 1;
            let rid = (at != SCREEN).then(|| Rid::from(layer.rid()));
            self.write(
                mid,
                rid,
                Codec::Vp8,
                sequence,
                timestamp,
                last,
                values,
                payload,
                now,
            );
        }
        let state = &mut self.frames[at];
        (state.frame, state.wants_key) = (frame + 1, false);
    }

    /// A picture in one stream: each layer is made of those below it.
    fn send_stacked(&mut self, now: Instant) {
        let Some((_, camera)) = self.sends else { return };
        let LayerState { frame, wants_key, .. } = self.frames[0];
        if wants_key {
            self.key_frame = frame;
        }
        let (temporal, smoother) = match self.smooth {
            true => SMOOTH[usize::from(frame.wrapping_sub(self.key_frame)) % 4],
            false => SMOOTH[0],
        };
        let layers: Vec<Layer> = Layer::ALL
            .into_iter()
            .filter(|layer| self.layers[*layer as usize])
            .collect();
        for layer in &layers {
            for part in 0..PACKETS_PER_FRAME {
                let (first, last) = (part == 0, part + 1 == PACKETS_PER_FRAME);
                let at = *layer as usize;
                let frame_number = frame.wrapping_mul(3).wrapping_add(at as u16);
                let mut bytes = match first && wants_key && at == 0 {
                    true => STRUCTURE.to_vec(),
                    false => vec![0; 3],
                };
                let (in_key, after) = TEMPLATES[at];
                let template = if wants_key { in_key } else { after + smoother };
                bytes[0] = u8::from(first) << 7 | u8::from(last) << 6 | template;
                dependency::write_frame_number(&mut bytes, frame_number);
                let mut values = ExtensionValues::default();
                values.user_values.set(DescriptorValue {
                    bytes: bytes.into(),
                    frame_number,
                });
                let [high, low] = frame.to_be_bytes();
                let mut payload = vec![0xb8, high | 0x80, low, 0, 0, 0];
                payload.extend([
                    self.tag,
                    at as u8,
                    high,
                    low,
                    part,
                    Context::Camera as u8,
                    temporal,
                ]);
                payload.resize(self.sizes[at], 0xcc);
                let sequence = self.frames[0].sequence;
                self.frames[0].sequence += 1;
                let timestamp = u32::from(frame).wrapping_mul(2970).wrapping_add(1 << 28);
                let rid = Some(Rid::from(Layer::Quarter.rid()));
                let marker = last && Some(layer) == layers.last();
                self.write(
                    camera,
                    rid,
                    Codec::Vp9,
                    sequence,
                    timestamp,
                    marker,
                    values,
                    payload,
                    now,
                );
            }
        }
        let state = &mut self.frames[0];
        (state.frame, state.wants_key) = (frame + 1, false);
    }

    /// The encoder of the camera is another one from now on, and begins with key frames.
    pub fn change_codec(&mut self, stacked: bool) {
        self.stacked = stacked;
        self.frames.iter_mut().for_each(|state| state.wants_key = true);
    }

    /// One packet of the camera with whatever descriptor and payload, sealed like any other.
    #[allow(dead_code)] // by the fuzzer (core/fuzz)
    pub fn send_made_up(
        &mut self,
        codec: Codec,
        layer: Layer,
        descriptor: &[u8],
        payload: &[u8],
        now: Instant,
    ) {
        let Some((_, camera)) = self.sends else { return };
        let mut values = ExtensionValues::default();
        values.user_values.set(DescriptorValue {
            bytes: descriptor.to_vec().into(),
            frame_number: 0,
        });
        let state = &mut self.frames[layer as usize];
        let (sequence, timestamp) = (state.sequence, u32::from(state.frame).wrapping_mul(2970));
        state.sequence += 1;
        let rid = Some(Rid::from(layer.rid()));
        let payload = payload.to_vec();
        self.write(
            camera, rid, codec, sequence, timestamp, false, values, payload, now,
        );
    }

    #[allow(clippy::too_many_arguments)]
    fn write(
        &mut self,
        mid: Mid,
        rid: Option<Rid>,
        codec: Codec,
        sequence: u64,
        timestamp: u32,
        marker: bool,
        values: ExtensionValues,
        payload: Vec<u8>,
        now: Instant,
    ) {
        let params = self
            .rtc
            .codec_config()
            .params()
            .iter()
            .find(|params| params.spec().codec == codec);
        let payload_type = params.expect("it was negotiated").pt();
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, rid) else {
            return;
        };
        let write = RtpWrite::new(payload_type, sequence.into(), timestamp, now, payload);
        stream.write_rtp(
            write
                .marker(marker)
                .nackable(codec != Codec::Opus)
                .ext_vals(values),
        );
        self.rtc.handle_input(Input::Timeout(now)).expect("time passes");
        self.poll(now);
    }
}
