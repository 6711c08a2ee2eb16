//! Responsible for: what a packet of a participant is: of which stream, which layer, in which codec.
//! Not responsible for: who gets it.

use super::{LARGEST_PAYLOAD, MOST_SSRCS, Packet, Peer};
use crate::connection::{DescriptorValue, Frames};
use crate::egress::Outgoing;
use crate::heading::{Heading, SMOOTHEST, begins_at};
use crate::rewrite::Numbers;
use crate::stream::{Codec, Context, Kind, Layer};
use ringfence_packet::{dependency, vp8};
use std::time::Instant;
use str0m::format;
use str0m::media::Pt;
use str0m::rtp::{RtpPacket, Ssrc};

/// What the descriptor says of a packet.
struct Told {
    layer: Layer,
    temporal: u8,
    /// As in a heading.
    begins: u16,
    /// Above which layer none is made any more, if it says so.
    ended_above: Option<Option<Layer>>,
}

impl Peer {
    /// Finds out what a packet is; `None` for what is not forwarded at all.
    pub(super) fn classify(&mut self, packet: RtpPacket, now: Instant) -> Option<Packet> {
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
            temporal: 0,
            begins: 0,
        };
        let mut ended_above = None;
        match codec {
            Codec::Opus => {}
            Codec::Vp8 => {
                if let Some(value) = descriptor
                    && let Some(told) = self.told_layers(ssrc, &value.bytes)
                {
                    // Each of its streams has one spatial layer.
                    heading.temporal = told.temporal;
                    let alone = told.begins / begins_at(Layer::Full, 0);
                    heading.begins = Layer::ALL.map(|layer| alone * begins_at(layer, 0)).iter().sum();
                }
                if let Some(read) = vp8::read(&packet.payload) {
                    numbers.picture_id = read.picture_id.map_or(0, |id| id.value);
                    numbers.tl0_pic_idx = read.tl0_pic_idx.unwrap_or(0);
                }
                heading.can_start |= self.frames == Frames::Plain && vp8::starts_key_frame(&packet.payload);
            }
            Codec::Vp9 => {
                let bytes = descriptor.map_or(&[][..], |value| &value.bytes);
                // What cannot be told is needed by everybody.
                heading.layer = Layer::Quarter;
                if let Some(told) = self.told_layers(ssrc, bytes) {
                    (heading.layer, ended_above) = (told.layer, told.ended_above);
                    (heading.temporal, heading.begins) = (told.temporal, told.begins);
                    heading.ends_layer = read.is_some_and(|read| read.ends_frame);
                }
            }
        }
        if let Some(sending) = self.sends.get_mut(&context) {
            sending.heard(&heading, packet.payload.len(), now);
            if let Some(highest) = ended_above {
                sending.ended_above(highest);
            }
            // What some of those programs send is no picture, and never begins. Who decodes it waits by itself.
            heading.can_start |= self.frames == Frames::Plain && !sending.simulcast;
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

    /// What a descriptor says of a packet's layers, and remembers what it says of all that follow.
    fn told_layers(&mut self, ssrc: Ssrc, descriptor: &[u8]) -> Option<Told> {
        let known = self.structures.get(&ssrc);
        let details = dependency::read_details(descriptor, known)?;
        let structure = details.structure.as_ref().or(known)?;
        let highest = structure.highest_spatial();
        if usize::from(highest) >= Layer::ALL.len() {
            return None;
        }
        let layer = Layer::from_spatial(details.layers.spatial, highest);
        let targets = (0..).zip(&structure.targets);
        let begins = targets
            .filter(|(at, _)| details.switches >> at & 1 == 1)
            .map(|(_, target)| {
                let layer = Layer::from_spatial(target.spatial, highest);
                begins_at(layer, target.temporal)
            });
        let begins = begins.fold(0, |bits, bit| bits | bit);
        let ended_above = details.active.map(|active| {
            let made = structure.highest_active(active);
            made.map(|spatial| Layer::from_spatial(spatial, highest))
        });
        if let Some(structure) = details.structure {
            self.structures.insert(ssrc, structure);
        }
        Some(Told {
            layer,
            temporal: details.layers.temporal.min(SMOOTHEST),
            begins,
            ended_above,
        })
    }

    /// What was agreed on for the payload type.
    pub(super) fn codec(&self, number: Pt, kind: Kind) -> Option<Codec> {
        let params = self.rtc.codec_config().params();
        let spec = params.iter().find(|params| params.pt() == number)?.spec();
        match (spec.codec, kind) {
            (format::Codec::Opus, Kind::Sound) => Some(Codec::Opus),
            (format::Codec::Vp8, Kind::Picture) => Some(Codec::Vp8),
            (format::Codec::Vp9, Kind::Picture) => Some(Codec::Vp9),
            _ => None,
        }
    }

    pub(super) fn stream(&mut self, ssrc: Ssrc) -> Option<(Context, Layer)> {
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
}
