//! Responsible for: one stream that a participant sends: its line, its layers, and when key frames are asked for.
//! Not responsible for: its packets, or who gets them.

use crate::allocate::Seen;
use crate::offer::Line;
use crate::stream::Layer;
use std::time::{Duration, Instant};
use str0m::Rtc;
use str0m::media::{KeyframeRequestKind, Mid, Rid};

/// A sender is asked for a key frame of one layer at most this often, and again until it comes.
const KEY_FRAME_EVERY: Duration = Duration::from_millis(400);
const KEY_FRAME_TRIES: u32 = 10;

pub struct Sending {
    pub mid: Mid,
    /// It is sent in layers.
    simulcast: bool,
    seen: Seen,
    /// What `seen` said when allocations were last made.
    pub alive: [bool; 3],
    key_frames: [KeyFrame; 3],
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
            alive: [false; 3],
            key_frames: Default::default(),
        }
    }

    /// A packet of it has come.
    pub fn heard(&mut self, layer: Layer, can_start: bool, now: Instant) {
        self.seen.mark(layer, now);
        if can_start {
            self.key_frames[layer as usize].tries_left = 0;
        }
    }

    /// Whether layers began or ended since this was last asked.
    pub fn changed(&mut self, now: Instant) -> bool {
        let before = std::mem::replace(&mut self.alive, self.seen.alive(now));
        before != self.alive
    }

    /// Remembers that somebody needs a key frame of a layer.
    pub fn want_key_frame(&mut self, layer: Layer, now: Instant) {
        let wanted = &mut self.key_frames[layer as usize];
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
            if let Some(stream) = rtc.direct_api().stream_rx_by_mid(self.mid, rid) {
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
