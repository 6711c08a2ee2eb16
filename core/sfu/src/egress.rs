//! Responsible for: how a packet leaves on a slot.
//! Not responsible for: whether it does, and with which numbers.

use crate::connection::{Connections, DescriptorValue};
use crate::datagrams::Datagrams;
use crate::fast::Sent;
use crate::rewrite::Numbers;
use crate::stream::Codec;
use ringfence_packet::vp8;
use std::sync::Arc;
use std::time::Instant;
use str0m::Rtc;
use str0m::media::{Mid, Pt};
use str0m::rtp::{ExtensionValues, RtpWrite, Ssrc, VideoOrientation};

/// A packet as it leaves, the same for all receivers but for its numbers.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// As its sender gave them.
    pub numbers: Numbers,
    pub codec: Codec,
    pub marker: bool,
    /// Sealed by the sender; only the payload descriptor of VP8 or VP9 in front of it is not.
    pub payload: Arc<[u8]>,
    pub descriptor: Option<Arc<[u8]>>,
    /// RFC 6464: level in dBov, and whether it is a voice.
    pub level: Option<(i8, bool)>,
    pub rotation: Option<VideoOrientation>,
    pub captured: Instant,
}

impl Outgoing {
    /// What takes the number that was kept for a packet when it is left out: a packet of nothing.
    pub fn empty(&self) -> Outgoing {
        Outgoing {
            marker: false,
            payload: Arc::from([]),
            descriptor: None,
            ..self.clone()
        }
    }
}

/// The way out of one slot: what the receiver expects on its line.
#[derive(Debug, Clone)]
pub struct Exit {
    pub mid: Mid,
    /// The same, as packets name it.
    pub line: Box<str>,
    pub ssrc: Ssrc,
    /// The stream of repetitions (RFC 4588).
    pub repeats: Option<Ssrc>,
    /// Of Opus or VP8, which everybody has.
    pub first: Format,
    /// Of VP9, where the receiver has that.
    pub vp9: Option<Format>,
    pub extensions: Extensions,
    /// Losses are answered: for video.
    pub video: bool,
    pub sent: Sent,
}

/// The payload types of a codec, and of its repetitions.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    pub payload_type: Pt,
    pub repeats: Option<Pt>,
}

/// The numbers that a line has for its header extensions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extensions {
    pub line: Option<u8>,
    pub level: Option<u8>,
    pub rotation: Option<u8>,
    pub descriptor: Option<u8>,
    /// Of transport-wide sequence numbers.
    pub transport: Option<u8>,
}

impl Exit {
    /// `None`: the receiver cannot decode it.
    fn format(&self, codec: Codec) -> Option<Format> {
        match codec {
            Codec::Opus => Some(self.first).filter(|_| !self.video),
            Codec::Vp8 => Some(self.first).filter(|_| self.video),
            Codec::Vp9 => self.vp9,
        }
    }

    pub fn payload_type(&self, codec: Codec) -> Option<Pt> {
        Some(self.format(codec)?.payload_type)
    }

    /// The SSRC and payload type of repetitions.
    pub fn repeats(&self, codec: Codec) -> Option<(u32, u8)> {
        let number = self.format(codec)?.repeats?;
        Some((*self.repeats?, *number))
    }
}

pub trait Egress {
    /// Sends a packet with these numbers, at once into `out` or when the library is next asked.
    fn write(
        &mut self,
        exit: &mut Exit,
        packet: &Outgoing,
        numbers: Numbers,
        now: Instant,
        out: &mut Datagrams,
    );
    /// Keeps nothing more of what was sent on this slot.
    fn forget(&mut self, exit: &Exit);
}

impl Egress for Rtc {
    fn write(&mut self, exit: &mut Exit, packet: &Outgoing, numbers: Numbers, _: Instant, _: &mut Datagrams) {
        let mut values = ExtensionValues {
            video_orientation: packet.rotation,
            ..Default::default()
        };
        if let Some((level, voice)) = packet.level {
            values.audio_level = Some(level);
            values.voice_activity = Some(voice);
        }
        if let Some(bytes) = packet.descriptor.clone() {
            values.user_values.set(DescriptorValue {
                bytes,
                frame_number: numbers.frame_number,
            });
        }
        let Some(payload_type) = exit.payload_type(packet.codec) else {
            return;
        };
        let payload = match packet.codec {
            Codec::Vp8 => renumbered(packet.payload.clone(), numbers),
            // Decoders of VP9 go by the frame numbers of the Dependency Descriptor.
            Codec::Opus | Codec::Vp9 => packet.payload.clone(),
        };
        let mut api = self.direct_api();
        let Some(stream) = api.stream_tx(&exit.ssrc) else {
            return;
        };
        let sequence = numbers.sequence.into();
        // Its reports go by the time of capture.
        let write = RtpWrite::new(
            payload_type,
            sequence,
            numbers.timestamp,
            packet.captured,
            payload,
        );
        stream.write_rtp(write.marker(packet.marker).nackable(exit.video).ext_vals(values));
    }

    fn forget(&mut self, exit: &Exit) {
        if exit.video
            && let Some(stream) = self.direct_api().stream_tx(&exit.ssrc)
        {
            Connections::forget_sent(stream);
        }
    }
}

/// The payload with the slot's picture id and TL0PICIDX; copied only where they differ from the sender's.
fn renumbered(payload: Arc<[u8]>, numbers: Numbers) -> Arc<[u8]> {
    let Some(descriptor) = vp8::read(&payload) else {
        return payload;
    };
    let same_id = descriptor
        .picture_id
        .is_none_or(|id| id.value == numbers.picture_id & id.mask());
    if same_id
        && descriptor
            .tl0_pic_idx
            .is_none_or(|idx| idx == numbers.tl0_pic_idx)
    {
        return payload;
    }
    let mut copy: Arc<[u8]> = Arc::from(&*payload);
    if let Some(bytes) = Arc::get_mut(&mut copy) {
        vp8::write(bytes, numbers.picture_id, numbers.tl0_pic_idx);
    }
    copy
}
