//! Responsible for: how each WebRTC connection is set up: ICE-lite, codecs, header extensions, certificate.
//! Not responsible for: what is done with a connection.

use crate::dtls::{self, Handshake, Identity};
use crate::stream::Error;
use ringfence_packet::dependency;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use str0m::format::{Codec, CodecConfig, FormatParams};
use str0m::media::Frequency;
use str0m::rtp::{Extension, ExtensionMap, ExtensionSerializer, ExtensionValues};
use str0m::{Candidate, IceCreds, Rtc};

/// What all connections of a shard share.
#[derive(Clone)]
pub struct Connections {
    identity: Identity,
    address: SocketAddr,
    extensions: ExtensionMap,
    way: Way,
    frames: Frames,
}

/// What comes in all rooms of a forwarder: one has rooms of one sort only, so that none is taken for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Frames {
    /// Of a meeting: what they hold is not known here.
    #[default]
    Sealed,
    /// Of programs that put load on the forwarder, in whatever form they have them (`plain`).
    Plain,
}

impl Frames {
    /// How many connections a room takes.
    pub fn most_peers(self) -> usize {
        match self {
            Frames::Sealed => 64,
            Frames::Plain => 1024,
        }
    }
}

/// How media leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// Sealed and sent here (`fast`).
    #[default]
    Fast,
    /// Through the library: the way that the other is held against.
    Reference,
}

/// Of data channels, in bytes: what measures the way is far shorter, and nothing of it has to wait.
const LARGEST_MESSAGE: u32 = 1024;
const MOST_BUFFERED: usize = 4096;
/// Packets kept to answer a receiver's losses.
const KEPT_VIDEO: usize = 600;
const KEPT_AUDIO: usize = 50;

impl Connections {
    pub fn new(identity: Identity, address: SocketAddr, way: Way) -> Self {
        let extensions = extensions();
        Self {
            identity,
            address,
            extensions,
            way,
            frames: Frames::Sealed,
        }
    }

    /// The same for rooms of another sort.
    pub fn of(self, frames: Frames) -> Self {
        Self { frames, ..self }
    }

    pub fn frames(&self) -> Frames {
        self.frames
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn fingerprint(&self) -> &str {
        self.identity.fingerprint()
    }

    /// With the handshake's outcome, for the fast way out.
    pub fn build(&self, now: Instant) -> Result<(Rtc, Option<Handshake>), Error> {
        let mut config = Rtc::builder()
            .set_crypto_provider(dtls::provider())
            .set_dtls_cert(self.identity.certificate())
            .set_local_ice_credentials(credentials()?)
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .set_sctp_max_message_size(LARGEST_MESSAGE)
            .set_sctp_max_buffered_amount(MOST_BUFFERED)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_extension_map(self.extensions.clone())
            .set_send_buffer_video(KEPT_VIDEO)
            .set_send_buffer_audio(KEPT_AUDIO);
        if self.frames == Frames::Sealed {
            enable_vp9(config.codec_config());
        }
        let mut rtc = config.build(now);
        let handshake = dtls::take_latest().filter(|_| self.way == Way::Fast);
        let candidate =
            Candidate::host(self.address, "udp").map_err(|error| Error::new("RF4202", error.to_string()))?;
        rtc.add_local_candidate(candidate);
        Ok((rtc, handshake))
    }

    /// Empties what is kept of a slot for answering losses: it belongs to a sender that the slot no longer shows.
    pub fn forget_sent(stream: &mut str0m::rtp::StreamTx) {
        stream.set_rtx_cache(KEPT_VIDEO, std::time::Duration::from_secs(3), Some(0.15));
    }
}

/// VP9 with 8 bits a sample, which is profile 0 and what cameras are sent in (RFC 9628 section 6).
pub fn enable_vp9(codecs: &mut CodecConfig) {
    let (number, resend) = (98.into(), Some(99.into()));
    let format = FormatParams {
        profile_id: Some(0),
        ..Default::default()
    };
    codecs.add_config(number, resend, Codec::Vp9, Frequency::NINETY_KHZ, None, format);
}

/// The header extensions that are negotiated. Offers choose the numbers; these only have to differ.
pub fn extensions() -> ExtensionMap {
    let mut extensions = ExtensionMap::empty();
    extensions.set(1, Extension::AudioLevel);
    extensions.set(3, Extension::TransportSequenceNumber);
    extensions.set(4, Extension::RtpMid);
    extensions.set(10, Extension::RtpStreamId);
    extensions.set(11, Extension::RepairedRtpStreamId);
    extensions.set(
        12,
        Extension::with_serializer(dependency::URI, DescriptorSerializer),
    );
    extensions.set(13, Extension::VideoOrientation);
    extensions
}

/// A user fragment and a password from the system's randomness (RFC 8445 section 5.3).
fn credentials() -> Result<IceCreds, Error> {
    let mut random = [0; 24];
    getrandom::fill(&mut random).map_err(|error| Error::new("RF4205", error.to_string()))?;
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let (fragment, password) = hex.split_at(16);
    Ok(IceCreds {
        ufrag: fragment.to_owned(),
        pass: password.to_owned(),
    })
}

/// A Dependency Descriptor as it came, and the frame number that it leaves with.
#[derive(Debug, Clone)]
pub struct DescriptorValue {
    pub bytes: Arc<[u8]>,
    pub frame_number: u16,
}

#[derive(Debug)]
struct DescriptorSerializer;

impl ExtensionSerializer for DescriptorSerializer {
    fn write_to(&self, buffer: &mut [u8], values: &ExtensionValues) -> usize {
        let Some(value) = values.user_values.get::<DescriptorValue>() else {
            return 0;
        };
        let Some(out) = buffer.get_mut(..value.bytes.len()) else {
            return 0;
        };
        out.copy_from_slice(&value.bytes);
        dependency::write_frame_number(out, value.frame_number);
        out.len()
    }

    fn parse_value(&self, bytes: &[u8], values: &mut ExtensionValues) -> bool {
        let Some(descriptor) = dependency::read(bytes) else {
            return false;
        };
        let frame_number = descriptor.frame_number;
        values.user_values.set(DescriptorValue {
            bytes: bytes.into(),
            frame_number,
        });
        true
    }

    fn is_video(&self) -> bool {
        true
    }

    fn is_audio(&self) -> bool {
        false
    }

    /// One-byte headers end at 16 bytes (RFC 8285 section 4.2).
    fn requires_two_byte_form(&self, values: &ExtensionValues) -> bool {
        values
            .user_values
            .get::<DescriptorValue>()
            .is_some_and(|value| value.bytes.len() > 16)
    }
}
