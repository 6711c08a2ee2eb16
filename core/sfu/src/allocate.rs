//! Responsible for: which streams a receiver may have now, and in which layer.
//! Not responsible for: moving packets, or asking senders for the key frames that a change needs.

mod budget;

pub use budget::{Budget, Claim, Given, Rank, Rates, TEMPORAL, UNMEASURED, wanted};

use crate::stream::{Context, Kind, Layer, Source};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// A layer counts as sent while its last packet is younger than this.
const ALIVE: Duration = Duration::from_millis(600);

/// The largest height, in device pixels, for which a layer is enough.
const QUARTER_HEIGHT: u32 = 180;
const HALF_HEIGHT: u32 = 360;

/// When each layer of a stream was last seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen([Option<Instant>; 3]);

impl Seen {
    pub fn mark(&mut self, layer: Layer, now: Instant) {
        self.0[layer as usize] = Some(now);
    }

    /// The sender says that it makes no layer above this one any more; `None`: none at all.
    pub fn end_above(&mut self, highest: Option<Layer>) {
        for layer in Layer::ALL.into_iter().filter(|layer| Some(*layer) > highest) {
            self.0[layer as usize] = None;
        }
    }

    /// Which layers, by their index, are being sent.
    pub fn alive(&self, now: Instant) -> [bool; 3] {
        self.0
            .map(|seen| seen.is_some_and(|at| now.saturating_duration_since(at) < ALIVE))
    }
}

/// The layer that a slot of this height should show of a stream; nothing when it is not shown at all.
pub fn target(context: Context, height: u32, alive: [bool; 3]) -> Option<Layer> {
    match context {
        _ if height == 0 => None,
        Context::Camera => Some(layer(height, alive)),
        // One layer: a screen that is made smaller cannot be read.
        Context::Microphone | Context::ScreenSound | Context::ScreenPicture => Some(Layer::Full),
    }
}

/// The smallest layer that suffices; failing that the best below it that is being sent, else the least
/// above it.
fn layer(height: u32, alive: [bool; 3]) -> Layer {
    let enough = if height <= QUARTER_HEIGHT {
        Layer::Quarter
    } else if height <= HALF_HEIGHT {
        Layer::Half
    } else {
        Layer::Full
    };
    let is_alive = |layer: &Layer| alive[*layer as usize];
    let below = Layer::ALL
        .into_iter()
        .rev()
        .filter(|layer| *layer <= enough)
        .find(is_alive);
    let above = || Layer::ALL.into_iter().find(is_alive);
    below.or_else(above).unwrap_or(enough)
}

/// Gives streams to the slots of one receiver's pool. What has a slot keeps it; free slots are filled in
/// order, screens first: they are what people have come to look at. Returns how many pairs of slots, one for
/// sound and one for picture, the pool lacks.
pub fn assign(slots: &mut [(Kind, Option<Source>)], streams: &BTreeSet<Source>) -> usize {
    let mut lacking = 0;
    for kind in Kind::ALL {
        let mut waiting: Vec<Source> = streams
            .iter()
            .filter(|source| source.context.kind() == kind)
            .copied()
            .collect();
        waiting.sort_by_key(|source| (Reverse(source.context), source.leaf));
        let of_kind = || move |slot: &&mut (Kind, Option<Source>)| slot.0 == kind;
        for (_, held) in slots.iter_mut().filter(of_kind()) {
            match waiting.iter().position(|source| Some(*source) == *held) {
                Some(index) => drop(waiting.remove(index)),
                None => *held = None,
            }
        }
        let mut waiting = waiting.into_iter().peekable();
        for (_, held) in slots.iter_mut().filter(of_kind()).filter(|slot| slot.1.is_none()) {
            *held = waiting.next();
        }
        lacking = lacking.max(waiting.count());
    }
    lacking
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Leaf;

    const Q: Option<Layer> = Some(Layer::Quarter);
    const H: Option<Layer> = Some(Layer::Half);
    const F: Option<Layer> = Some(Layer::Full);

    #[test]
    fn the_smallest_layer_that_suffices_is_shown_or_the_nearest_that_is_sent() {
        let all = [true, true, true];
        let cases = [
            (0, all, None),
            (1, all, Q),
            (180, all, Q),
            (181, all, H),
            (360, all, H),
            (361, all, F),
            (u32::MAX, all, F),
            (720, [true, true, false], H),
            (720, [true, false, false], Q),
            (360, [true, false, true], Q),
            (100, [false, true, true], H),
            (100, [false, false, true], F),
            (720, [false, false, false], F),
            (0, [false, false, true], None),
        ];
        for (height, alive, expected) in cases {
            assert_eq!(
                target(Context::Camera, height, alive),
                expected,
                "{height} of {alive:?}"
            );
        }
    }

    #[test]
    fn a_screen_has_one_layer_whatever_its_size_and_is_not_sent_when_it_is_hidden() {
        for (height, expected) in [(0, None), (90, F), (2160, F)] {
            for context in [Context::ScreenPicture, Context::ScreenSound, Context::Microphone] {
                assert_eq!(target(context, height, [false; 3]), expected);
            }
        }
    }

    #[test]
    fn a_layer_is_alive_for_600_ms_after_its_last_packet() {
        let start = Instant::now();
        let mut seen = Seen::default();
        seen.mark(Layer::Half, start);
        assert_eq!(
            seen.alive(start + Duration::from_millis(599)),
            [false, true, false]
        );
        assert_eq!(seen.alive(start + Duration::from_millis(600)), [false; 3]);
    }

    #[test]
    fn a_layer_that_the_sender_ends_is_not_alive_until_it_comes_again() {
        let now = Instant::now();
        let mut seen = Seen::default();
        Layer::ALL.into_iter().for_each(|layer| seen.mark(layer, now));
        seen.end_above(Some(Layer::Full));
        assert_eq!(seen.alive(now), [true; 3]);
        seen.end_above(Some(Layer::Quarter));
        assert_eq!(seen.alive(now), [true, false, false]);
        seen.mark(Layer::Half, now);
        assert_eq!(seen.alive(now), [true, true, false]);
        seen.end_above(None);
        assert_eq!(seen.alive(now), [false; 3]);
    }

    /// Streams by leaf and context.
    fn streams(all: &[(u32, Context)]) -> BTreeSet<Source> {
        let source = |(leaf, context): &(u32, Context)| Source {
            leaf: Leaf(*leaf),
            context: *context,
        };
        all.iter().map(source).collect()
    }

    fn people(leaves: &[u32]) -> BTreeSet<Source> {
        let both = |leaf: &u32| [(*leaf, Context::Microphone), (*leaf, Context::Camera)];
        streams(&leaves.iter().flat_map(both).collect::<Vec<_>>())
    }

    fn held(slots: &[(Kind, Option<Source>)]) -> Vec<Option<u32>> {
        slots
            .iter()
            .map(|slot| slot.1.map(|source| source.leaf.0))
            .collect()
    }

    const PAIR: [(Kind, Option<Source>); 2] = [(Kind::Sound, None), (Kind::Picture, None)];

    #[test]
    fn slots_are_kept_freed_and_filled_and_the_lack_is_counted_in_pairs() {
        let mut slots = [PAIR, PAIR].concat();
        assert_eq!(assign(&mut slots, &people(&[4, 2])), 0);
        assert_eq!(held(&slots), [Some(2), Some(2), Some(4), Some(4)]);
        assert_eq!(assign(&mut slots, &people(&[1, 4])), 0);
        assert_eq!(
            held(&slots),
            [Some(1), Some(1), Some(4), Some(4)],
            "4 stays where it was"
        );
        assert_eq!(assign(&mut slots, &people(&[1, 4, 5, 6])), 2);
        assert_eq!(held(&slots), [Some(1), Some(1), Some(4), Some(4)]);
        assert_eq!(assign(&mut slots, &people(&[])), 0);
        assert_eq!(held(&slots), [None; 4]);
    }

    #[test]
    fn a_screen_has_slots_of_its_own_before_faces_that_wait_and_takes_none_away() {
        use Context::{Camera, Microphone, ScreenPicture, ScreenSound};
        let mut slots = [PAIR, PAIR].concat();
        let shared = streams(&[
            (1, Microphone),
            (1, Camera),
            (2, Microphone),
            (2, Camera),
            (2, ScreenPicture),
            (2, ScreenSound),
        ]);
        assert_eq!(assign(&mut slots, &people(&[1])), 0);
        assert_eq!(assign(&mut slots, &shared), 1);
        let contexts = slots.iter().map(|slot| slot.1.map(|source| source.context));
        assert_eq!(
            contexts.collect::<Vec<_>>(),
            [
                Some(Microphone),
                Some(Camera),
                Some(ScreenSound),
                Some(ScreenPicture)
            ]
        );
        let ended = streams(&[(1, Microphone), (1, Camera), (2, Microphone), (2, Camera)]);
        assert_eq!(assign(&mut slots, &ended), 0);
        assert_eq!(held(&slots), [Some(1), Some(1), Some(2), Some(2)]);
    }
}
