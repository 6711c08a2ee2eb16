//! Responsible for: who speaks, from the audio levels of RFC 6464, smoothed and with hysteresis.
//! Not responsible for: what is done with it.

use crate::stream::Leaf;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Levels in dBov: -127 is silence, 0 the loudest. A voice starts to count above one and stops below the other.
const STARTS: f32 = -50.0;
const STOPS: f32 = -58.0;
const SILENCE: f32 = -127.0;

/// Share of the way to the new level that each packet moves the smoothed one: fast up, slow down.
const ATTACK: f32 = 0.4;
const RELEASE: f32 = 0.1;

/// A pause in speech that does not end it; the same holds when no packets come at all.
const PAUSE: Duration = Duration::from_millis(700);

/// The voices of a room.
#[derive(Debug, Default)]
pub struct Speakers {
    voices: BTreeMap<Leaf, Voice>,
    reported: Vec<Leaf>,
}

#[derive(Debug)]
struct Voice {
    smoothed: f32,
    /// When it was last loud enough to go on speaking; while speaking only.
    speaking: Option<Instant>,
}

impl Speakers {
    /// Notes the level of one packet, in dBov.
    pub fn hear(&mut self, leaf: Leaf, level: i8, now: Instant) {
        let voice = self.voices.entry(leaf).or_insert(Voice {
            smoothed: SILENCE,
            speaking: None,
        });
        let level = f32::from(level).clamp(SILENCE, 0.0);
        let share = if level > voice.smoothed { ATTACK } else { RELEASE };
        voice.smoothed += (level - voice.smoothed) * share;
        let threshold = if voice.speaking.is_some() { STOPS } else { STARTS };
        if voice.smoothed > threshold {
            voice.speaking = Some(now);
        }
    }

    pub fn forget(&mut self, leaf: Leaf) {
        self.voices.remove(&leaf);
    }

    /// Who speaks, if that has changed since the last answer.
    pub fn changed(&mut self, now: Instant) -> Option<Vec<Leaf>> {
        for voice in self.voices.values_mut() {
            if voice
                .speaking
                .is_some_and(|loud| now.saturating_duration_since(loud) >= PAUSE)
            {
                *voice = Voice {
                    smoothed: SILENCE,
                    speaking: None,
                };
            }
        }
        let speaking = |(leaf, voice): (&Leaf, &Voice)| voice.speaking.map(|_| *leaf);
        let speaking: Vec<Leaf> = self.voices.iter().filter_map(speaking).collect();
        if speaking == self.reported {
            return None;
        }
        self.reported = speaking.clone();
        Some(speaking)
    }

    /// Whether somebody spoke when that was last asked.
    pub fn speaks(&self, leaf: Leaf) -> bool {
        self.reported.contains(&leaf)
    }

    /// When somebody may have stopped although no packet came.
    pub fn next_change(&self) -> Option<Instant> {
        self.voices
            .values()
            .filter_map(|voice| voice.speaking)
            .min()
            .map(|loud| loud + PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: Duration = Duration::from_millis(20);
    const ANN: Leaf = Leaf(3);

    /// Plays levels at one packet each 20 ms and lists the changes with their time in milliseconds.
    fn play(levels: impl IntoIterator<Item = i8>) -> Vec<(u128, Vec<Leaf>)> {
        let start = Instant::now();
        let (mut speakers, mut now, mut changes) = (Speakers::default(), start, vec![]);
        for level in levels {
            speakers.hear(ANN, level, now);
            changes.extend(speakers.changed(now).map(|who| ((now - start).as_millis(), who)));
            now += PACKET;
        }
        while let Some(next) = speakers.next_change() {
            changes.extend(
                speakers
                    .changed(next)
                    .map(|who| ((next - start).as_millis(), who)),
            );
        }
        changes
    }

    #[test]
    fn a_voice_starts_within_100_ms_and_ends_after_a_pause() {
        let changes = play(std::iter::repeat_n(-30, 50).chain(std::iter::repeat_n(-127, 100)));
        let [(start, on), (end, off)] = &changes[..] else {
            panic!("{changes:?}")
        };
        assert_eq!((on, off), (&vec![ANN], &vec![]));
        assert!(*start <= 100, "started at {start}");
        assert!((1600..2000).contains(end), "ended at {end}");
    }

    #[test]
    fn a_click_is_nobody_speaking() {
        assert_eq!(play([-127, -127, 0, -127, -127]), []);
    }

    #[test]
    fn pauses_between_words_do_not_flicker() {
        let words = (0..20).flat_map(|_| std::iter::repeat_n(-28, 20).chain(std::iter::repeat_n(-70, 15)));
        assert_eq!(play(words).len(), 2, "one start and one end");
    }

    #[test]
    fn a_level_between_the_thresholds_neither_starts_nor_stops() {
        assert_eq!(play(std::iter::repeat_n(-54, 200)), []);
        let changes = play(std::iter::repeat_n(-30, 20).chain(std::iter::repeat_n(-54, 200)));
        assert_eq!(changes.len(), 2);
        assert!(
            changes[1].0 > 4000,
            "went on for as long as it lasted: {changes:?}"
        );
    }

    #[test]
    fn who_stops_sending_stops_speaking() {
        let changes = play(std::iter::repeat_n(-30, 10));
        assert_eq!(changes.len(), 2, "{changes:?}");
        assert_eq!(changes[1].0, 180 + PAUSE.as_millis());
    }

    #[test]
    fn who_is_forgotten_no_longer_speaks() {
        let now = Instant::now();
        let mut speakers = Speakers::default();
        (0..10).for_each(|_| speakers.hear(ANN, -20, now));
        assert_eq!(speakers.changed(now), Some(vec![ANN]));
        speakers.forget(ANN);
        assert_eq!(speakers.changed(now), Some(vec![]));
        assert_eq!(speakers.next_change(), None);
    }
}
