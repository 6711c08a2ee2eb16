//! Responsible for: one receive-only line of a client's pool, and what the client is told of it.
//! Not responsible for: what it shows (`allocate`, `route`).

use crate::egress::{Exit, Extensions, Format};
use crate::fast::Sent;
use crate::offer::Line;
use crate::rewrite::Rewriter;
use crate::route::Subscription;
use crate::stream::{Codec, Context, Kind, Leaf, Source};
use ringfence_packet::dependency;
use str0m::Rtc;
use str0m::format;
use str0m::media::Mid;
use str0m::rtp::Extension;

/// A receiver that says nothing about a slot sees it in this height.
const UNASKED_HEIGHT: u32 = 360;

/// One receive-only line of the client's pool.
pub struct Slot {
    pub mid: String,
    pub kind: Kind,
    pub height: u32,
    pub subscription: Subscription,
    pub exit: Option<Exit>,
    pub rewriter: Rewriter,
    /// The sender and SSRC of what it has sent since it last changed.
    pub follows: Option<(Leaf, u32)>,
}

/// What a client is told of media.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    pub slots: Vec<SlotView>,
    /// How many pairs of slots its pool lacks.
    pub need: usize,
    /// The best that everybody can decode a camera in.
    pub codec: Codec,
}

/// What a slot shows, as the client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotView {
    pub mid: String,
    pub leaf: Option<Leaf>,
    pub context: Context,
}

impl Slot {
    pub fn new(line: &Line) -> Self {
        Slot {
            mid: line.mid.clone(),
            kind: line.kind,
            height: UNASKED_HEIGHT,
            subscription: Subscription::default(),
            exit: None,
            rewriter: Rewriter::new(line.kind),
            follows: None,
        }
    }

    /// Nothing of what it showed can leave any more.
    pub fn show(&mut self, source: Option<Source>) {
        self.subscription.set_source(source);
        self.follows = None;
    }
}

impl SlotView {
    pub fn of(slot: &Slot) -> Self {
        let source = slot.subscription.source;
        // Of a slot that shows nothing there is only the kind to tell.
        let context = match slot.kind {
            Kind::Sound => Context::Microphone,
            Kind::Picture => Context::Camera,
        };
        SlotView {
            mid: slot.mid.clone(),
            leaf: source.map(|source| source.leaf),
            context: source.map_or(context, |source| source.context),
        }
    }
}

/// What the answer gave a line, and the numbers that the offer gave its codecs and extensions.
pub fn exit(rtc: &mut Rtc, line: &Line) -> Option<Exit> {
    let video = line.kind == Kind::Picture;
    let format = |rtc: &Rtc, codec: format::Codec| {
        let params = rtc.codec_config().params();
        let found = params.iter().find(|params| params.spec().codec == codec)?;
        Some(Format {
            payload_type: found.pt(),
            repeats: found.resend(),
        })
    };
    let codec = if video {
        format::Codec::Vp8
    } else {
        format::Codec::Opus
    };
    let first = format(rtc, codec)?;
    let vp9 = format(rtc, format::Codec::Vp9).filter(|_| video && line.vp9);
    let mid = Mid::from(&*line.mid);
    let map = rtc.media(mid)?.remote_extmap();
    let number = |wanted: &Extension| {
        map.iter()
            .find_map(|(id, extension)| (extension == wanted).then_some(id))
    };
    let extensions = Extensions {
        line: number(&Extension::RtpMid),
        level: number(&Extension::AudioLevel),
        rotation: number(&Extension::VideoOrientation),
        descriptor: map
            .iter()
            .find_map(|(id, extension)| (extension.as_uri() == dependency::URI).then_some(id)),
        transport: number(&Extension::TransportSequenceNumber),
    };
    let mut api = rtc.direct_api();
    let stream = api.stream_tx_by_mid(mid, None)?;
    Some(Exit {
        mid,
        line: line.mid.as_str().into(),
        ssrc: stream.ssrc(),
        repeats: stream.rtx(),
        first,
        vp9,
        extensions,
        video,
        sent: Sent::default(),
    })
}
