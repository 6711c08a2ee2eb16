//! Responsible for: one receive-only line of a client's pool, and what the client is told of it.
//! Not responsible for: what it shows (`allocate`, `route`).

use crate::egress::Exit;
use crate::offer::Line;
use crate::rewrite::Rewriter;
use crate::route::Subscription;
use crate::stream::{Codec, Context, Kind, Leaf};
use str0m::Rtc;
use str0m::format;
use str0m::media::{Mid, Pt};

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
        }
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

/// The SSRC that the answer gave a line, and the numbers that the offer gave its codecs.
pub fn exit(rtc: &mut Rtc, line: &Line) -> Option<Exit> {
    let video = line.kind == Kind::Picture;
    let number = |rtc: &Rtc, codec: format::Codec| {
        let params = rtc.codec_config().params();
        Some(params.iter().find(|params| params.spec().codec == codec)?.pt())
    };
    let codec = if video {
        format::Codec::Vp8
    } else {
        format::Codec::Opus
    };
    let payload_type: Pt = number(rtc, codec)?;
    let vp9 = number(rtc, format::Codec::Vp9).filter(|_| video && line.vp9);
    let mid = Mid::from(&*line.mid);
    let ssrc = rtc.direct_api().stream_tx_by_mid(mid, None)?.ssrc();
    Some(Exit {
        ssrc,
        payload_type,
        vp9,
        video,
    })
}
