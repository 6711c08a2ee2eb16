//! Responsible for: which streams a receiver may have now, and in which layer.
//! Not responsible for: moving packets, or asking senders for the key frames that a change needs.

use crate::stream::{Context, Layer, Leaf, Source};
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

    /// Which layers, by their index, are being sent.
    pub fn alive(&self, now: Instant) -> [bool; 3] {
        self.0
            .map(|seen| seen.is_some_and(|at| now.saturating_duration_since(at) < ALIVE))
    }
}

/// The layer that a slot of this height should show: the smallest that suffices; failing that the best
/// below it that is being sent, else the least above it. A height of 0 shows nothing.
pub fn layer(height: u32, alive: [bool; 3]) -> Option<Layer> {
    let enough = if height == 0 {
        return None;
    } else if height <= QUARTER_HEIGHT {
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
    Some(below.or_else(above).unwrap_or(enough))
}

/// Gives publishers to the slots of one receiver's pool. Who has a slot keeps it; free slots are filled in
/// order. Returns how many pairs of slots, one for sound and one for picture, the pool lacks.
pub fn assign(slots: &mut [(Context, Option<Leaf>)], publishers: &BTreeSet<Source>) -> usize {
    let mut lacking = 0;
    for context in Context::ALL {
        let mut waiting: Vec<Leaf> = publishers
            .iter()
            .filter(|source| source.context == context)
            .map(|source| source.leaf)
            .collect();
        let of_context = || move |slot: &&mut (Context, Option<Leaf>)| slot.0 == context;
        for (_, held) in slots.iter_mut().filter(of_context()) {
            match waiting.iter().position(|leaf| Some(*leaf) == *held) {
                Some(index) => drop(waiting.remove(index)),
                None => *held = None,
            }
        }
        let mut waiting = waiting.into_iter().peekable();
        for (_, held) in slots
            .iter_mut()
            .filter(of_context())
            .filter(|slot| slot.1.is_none())
        {
            *held = waiting.next();
        }
        lacking = lacking.max(waiting.count());
    }
    lacking
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(layer(height, alive), expected, "{height} of {alive:?}");
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

    fn publishers(leaves: &[u32]) -> BTreeSet<Source> {
        let both = |leaf: &u32| {
            Context::ALL.map(|context| Source {
                leaf: Leaf(*leaf),
                context,
            })
        };
        leaves.iter().flat_map(both).collect()
    }

    #[test]
    fn slots_are_kept_freed_and_filled_and_the_lack_is_counted_in_pairs() {
        use Context::{Camera, Microphone};
        let mut slots = [
            (Microphone, None),
            (Camera, None),
            (Microphone, None),
            (Camera, None),
        ];
        assert_eq!(assign(&mut slots, &publishers(&[4, 2])), 0);
        let held =
            |slots: &[(Context, Option<Leaf>)]| slots.iter().map(|s| s.1.map(|l| l.0)).collect::<Vec<_>>();
        assert_eq!(held(&slots), [Some(2), Some(2), Some(4), Some(4)]);
        assert_eq!(assign(&mut slots, &publishers(&[1, 4])), 0);
        assert_eq!(
            held(&slots),
            [Some(1), Some(1), Some(4), Some(4)],
            "4 stays where it was"
        );
        assert_eq!(assign(&mut slots, &publishers(&[1, 4, 5, 6])), 2);
        assert_eq!(held(&slots), [Some(1), Some(1), Some(4), Some(4)]);
        assert_eq!(assign(&mut slots, &publishers(&[])), 0);
        assert_eq!(held(&slots), [None; 4]);
    }
}
