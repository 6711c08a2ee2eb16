//! Responsible for: which frame of a loop is due when, with what number and time.
//! Not responsible for: sealing and sending it.

use crate::frames::{Kind, is_key};
use crate::source::{Loop, Source};
use std::time::{Duration, Instant};

/// Who is later than this goes on from now, and does not send at once what it missed.
const LATEST: Duration = Duration::from_millis(300);

/// A frame that is due. `timestamp` is in the codec's clock.
pub struct Due<'a> {
    pub frame: &'a [u8],
    pub timestamp: u32,
    pub key: bool,
    pub size: Option<(u16, u16)>,
}

/// One loop, played for as long as somebody takes from it.
pub struct Player {
    pub kind: Kind,
    content: Loop,
    at: usize,
    begun: Instant,
    due: Instant,
    wants_key: bool,
}

impl Player {
    pub fn new(source: Source, now: Instant) -> Self {
        let (kind, content) = match source {
            Source::Sound(content) => (Kind::Sound, content),
            Source::Picture(content) => (Kind::Picture, content),
        };
        Self {
            kind,
            content,
            at: 0,
            begun: now,
            due: now,
            wants_key: true,
        }
    }

    pub fn due(&self) -> Instant {
        self.due
    }

    /// The next frame is a key frame: of a loop that is encoded already the next that there is.
    pub fn want_key(&mut self) {
        self.wants_key = self.kind == Kind::Picture;
    }

    /// The frame that is due now.
    pub fn take(&mut self, now: Instant) -> Option<Due<'_>> {
        if now < self.due {
            return None;
        }
        if now > self.due + LATEST {
            self.due = now;
        }
        if std::mem::take(&mut self.wants_key) {
            let frames = &self.content.frames;
            let next = (self.at..frames.len()).find(|at| is_key(&frames[*at].0));
            self.at = next.unwrap_or(0);
        }
        let since = self.due.saturating_duration_since(self.begun).as_nanos();
        let rate = match self.kind {
            Kind::Sound => 48_000,
            Kind::Picture => 90_000,
        };
        let timestamp = ((since * rate + 500_000_000) / 1_000_000_000) as u32;
        let (frame, lasts) = &self.content.frames[self.at];
        self.due += *lasts;
        self.at = (self.at + 1) % self.content.frames.len();
        Some(Due {
            frame,
            timestamp,
            key: self.kind == Kind::Picture && is_key(frame),
            size: self.content.size,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::pattern;

    #[test]
    fn a_loop_goes_round_in_time_and_jumps_to_a_key_frame_that_is_asked_for() {
        let start = Instant::now();
        let [picture, _] = pattern();
        let mut player = Player::new(picture, start);
        let (mut keys, mut stamps) = (Vec::new(), Vec::new());
        for at in 0..45u32 {
            if at == 20 {
                player.want_key();
            }
            let due = player.take(player.due()).expect("it is due");
            stamps.push(due.timestamp);
            if due.key {
                keys.push(at);
            }
        }
        assert_eq!(
            keys,
            [0, 15, 20, 35],
            "15 frames after each key frame comes the next"
        );
        assert!(stamps.windows(2).all(|two| two[1] - two[0] == 6000), "{stamps:?}");
    }

    #[test]
    fn what_was_missed_is_not_sent_at_once() {
        let start = Instant::now();
        let [_, sound] = pattern();
        let mut player = Player::new(sound, start);
        let late = start + Duration::from_secs(5);
        let sent = std::iter::from_fn(|| player.take(late).map(|due| due.timestamp)).count();
        assert_eq!(sent, 1);
    }
}
