//! Responsible for: one stream that a participant sends: its line, its layers, and when key frames are asked for.
//! Not responsible for: its packets, or who gets them.

use crate::allocate::{Rates, Seen};
use crate::costs::Costs;
use crate::heading::Heading;
use crate::offer::Line;
use crate::stream::{Form, Layer};
use ringfence_bandwidth::Bitrate;
use std::time::{Duration, Instant};
use str0m::Rtc;
use str0m::media::{KeyframeRequestKind, Mid, Rid};
use str0m::rtp::Ssrc;

/// A sender is asked for a key frame of one layer at most this often, and again until it comes.
const KEY_FRAME_EVERY: Duration = Duration::from_millis(400);
const KEY_FRAME_TRIES: u32 = 10;

pub struct Sending {
    pub mid: Mid,
    /// It is sent in layers.
    pub simulcast: bool,
    seen: Seen,
    costs: Costs,
    /// The stream that has all layers in it, while there is one.
    stacked: Option<Ssrc>,
    /// What held when allocations were last made.
    pub known: Known,
    key_frames: [KeyFrame; 3],
}

/// What is being sent.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    pub alive: [bool; 3],
    pub form: Form,
    /// What it costs to forward, by layers, and in all.
    pub rates: Rates,
    pub whole: Bitrate,
}

#[derive(Default, Clone, Copy)]
struct KeyFrame {
    tries_left: u32,
    not_before: Option<Instant>,
}

impl Sending {
    pub fn new(line: &Line) -> Self {
        Sending {
            mid: Mid::from(&*line.mid),
            simulcast: !line.layers.is_empty(),
            seen: Seen::default(),
            costs: Costs::default(),
            stacked: None,
            known: Known::default(),
            key_frames: Default::default(),
        }
    }

    /// A packet of it has come, with so much payload.
    pub fn heard(&mut self, packet: &Heading, payload: usize, now: Instant) {
        self.seen.mark(packet.layer, now);
        self.costs.note(packet.layer, packet.temporal, payload, now);
        self.stacked = (packet.form == Form::Stacked).then(|| packet.ssrc.into());
        if packet.can_start && self.stacked.is_some() {
            // Of all layers, and also what was asked for before they came in one stream.
            self.key_frames
                .iter_mut()
                .for_each(|wanted| wanted.tries_left = 0);
        } else if packet.can_start {
            self.key_frame(packet.layer).tries_left = 0;
        }
    }

    /// The sender says that it makes no layer above this one from here on.
    pub fn ended_above(&mut self, highest: Option<Layer>) {
        self.seen.end_above(highest);
    }

    /// Measures it. Whether layers began or ended since this was last asked, or come in another form.
    pub fn changed(&mut self, now: Instant) -> bool {
        let form = match self.stacked {
            Some(_) => Form::Stacked,
            None => Form::Apart,
        };
        let alive = self.seen.alive(now);
        let (rates, whole) = (self.costs.rates(alive, form, now), self.costs.whole(now));
        let known = Known {
            alive,
            form,
            rates,
            whole,
        };
        let before = std::mem::replace(&mut self.known, known);
        (before.alive, before.form) != (alive, form)
    }

    /// One that is asked for as a layer's; stacked layers have theirs together.
    fn key_frame(&mut self, layer: Layer) -> &mut KeyFrame {
        let at = if self.stacked.is_some() {
            Layer::Quarter
        } else {
            layer
        };
        &mut self.key_frames[at as usize]
    }

    /// Remembers that somebody needs a key frame of a layer.
    pub fn want_key_frame(&mut self, layer: Layer, now: Instant) {
        let wanted = self.key_frame(layer);
        wanted.tries_left = KEY_FRAME_TRIES;
        wanted.not_before.get_or_insert(now);
    }

    /// When the next request may go out.
    pub fn due(&self) -> Option<Instant> {
        self.key_frames.iter().filter_map(KeyFrame::due).min()
    }

    /// Asks for the key frames that are due.
    pub fn ask_key_frames(&mut self, rtc: &mut Rtc, now: Instant) {
        for layer in Layer::ALL {
            let wanted = &mut self.key_frames[layer as usize];
            if wanted.due().is_none_or(|due| due > now) {
                continue;
            }
            wanted.tries_left -= 1;
            wanted.not_before = Some(now + KEY_FRAME_EVERY);
            // Without a rid the library would take any stream of the line.
            let rid = self.simulcast.then(|| Rid::from(layer.rid()));
            let mut api = rtc.direct_api();
            let stream = match self.stacked {
                Some(ssrc) => api.stream_rx(&ssrc),
                None => api.stream_rx_by_mid(self.mid, rid),
            };
            if let Some(stream) = stream {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
    }
}

impl KeyFrame {
    fn due(&self) -> Option<Instant> {
        self.not_before.filter(|_| self.tries_left > 0)
    }
}
