//! Responsible for: to whom a packet goes, and as which layer. The only place that decides it.
//! Not responsible for: which stream and layer a receiver should have (`allocate`), or numbering (`rewrite`).

use crate::stream::{Layer, Leaf, Source};
use std::collections::BTreeMap;

/// Who takes each stream: a receiver, and the slot of its pool that shows the stream.
#[derive(Debug, Default)]
pub struct Routes(BTreeMap<Source, Vec<Taker>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taker {
    pub leaf: Leaf,
    pub slot: usize,
}

impl Routes {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn add(&mut self, source: Source, taker: Taker) {
        // A stream never goes back to where it came from.
        if source.leaf != taker.leaf {
            self.0.entry(source).or_default().push(taker);
        }
    }

    pub fn takers(&self, source: Source) -> &[Taker] {
        self.0.get(&source).map_or(&[], Vec::as_slice)
    }
}

/// What one slot shows, and what it should show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Subscription {
    pub source: Option<Source>,
    /// The layer that is being forwarded, and the SSRC that carries it.
    current: Option<(Layer, u32)>,
    /// The layer that should be; `None` while the slot is hidden.
    target: Option<Layer>,
}

/// What a slot does with one packet of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Drop,
    /// It goes on as what is already being shown.
    Follow,
    /// The slot changes to this packet's layer here.
    Start,
}

impl Subscription {
    /// Shows another stream, or none. What was being shown ends at once.
    pub fn set_source(&mut self, source: Option<Source>) {
        *self = Subscription {
            source,
            ..Default::default()
        };
    }

    /// Aims at another layer; what is shown goes on until that layer can start. `None` ends it at once.
    pub fn set_target(&mut self, target: Option<Layer>) {
        self.target = target;
        if target.is_none() {
            self.current = None;
        }
    }

    /// The layer that must send a key frame before this slot shows what it should.
    pub fn waits_for(&self) -> Option<Layer> {
        self.target.filter(|_| self.target != self.current())
    }

    /// The layer that is being forwarded.
    pub fn current(&self) -> Option<Layer> {
        self.current.map(|(layer, _)| layer)
    }

    /// `can_start`: decoding can begin with this packet. A layer that comes with another SSRC is numbered
    /// anew by its sender, so it has to start again.
    pub fn verdict(&mut self, layer: Layer, ssrc: u32, can_start: bool) -> Verdict {
        if self.target.is_none() {
            Verdict::Drop
        } else if self.current == Some((layer, ssrc)) {
            Verdict::Follow
        } else if self.target == Some(layer) && can_start {
            self.current = Some((layer, ssrc));
            Verdict::Start
        } else {
            Verdict::Drop
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Context;
    use Layer::{Full, Half, Quarter};
    use Verdict::{Drop, Follow, Start};

    const ANN: Source = Source {
        leaf: Leaf(1),
        context: Context::Camera,
    };

    #[test]
    fn a_stream_goes_to_its_takers_and_never_back() {
        let mut routes = Routes::default();
        let bob = Taker {
            leaf: Leaf(2),
            slot: 4,
        };
        routes.add(ANN, bob);
        routes.add(
            ANN,
            Taker {
                leaf: ANN.leaf,
                slot: 0,
            },
        );
        assert_eq!(routes.takers(ANN), [bob]);
        assert_eq!(
            routes.takers(Source {
                context: Context::Microphone,
                ..ANN
            }),
            []
        );
        routes.clear();
        assert_eq!(routes.takers(ANN), []);
    }

    #[test]
    fn a_slot_changes_layer_only_where_decoding_can_start() {
        let mut slot = Subscription::default();
        slot.set_source(Some(ANN));
        assert_eq!(slot.verdict(Half, 7, true), Drop, "hidden until it has a target");
        slot.set_target(Some(Half));
        assert_eq!(slot.waits_for(), Some(Half));
        assert_eq!(slot.verdict(Half, 7, false), Drop);
        assert_eq!(slot.verdict(Full, 7, true), Drop, "another layer");
        assert_eq!(slot.verdict(Half, 7, true), Start);
        assert_eq!(slot.verdict(Half, 7, false), Follow);
        assert_eq!(
            slot.verdict(Half, 7, true),
            Follow,
            "a key frame of the same layer changes nothing"
        );
        assert_eq!(slot.waits_for(), None);
        slot.set_target(Some(Quarter));
        assert_eq!(
            slot.verdict(Half, 7, false),
            Follow,
            "goes on until the other layer can start"
        );
        assert_eq!(slot.waits_for(), Some(Quarter));
        assert_eq!(slot.verdict(Quarter, 7, true), Start);
        assert_eq!(slot.verdict(Half, 7, true), Drop);
    }

    #[test]
    fn hiding_ends_at_once_and_showing_again_needs_a_start() {
        let mut slot = Subscription::default();
        slot.set_source(Some(ANN));
        slot.set_target(Some(Half));
        slot.verdict(Half, 7, true);
        slot.set_target(None);
        assert_eq!(slot.verdict(Half, 7, true), Drop);
        assert_eq!(slot.waits_for(), None, "costs nothing, not even key frames");
        slot.set_target(Some(Half));
        assert_eq!(slot.verdict(Half, 7, false), Drop);
        assert_eq!(slot.verdict(Half, 7, true), Start);
    }

    #[test]
    fn another_ssrc_of_the_same_layer_needs_a_start() {
        let mut slot = Subscription::default();
        slot.set_source(Some(ANN));
        slot.set_target(Some(Half));
        assert_eq!(slot.verdict(Half, 7, true), Start);
        assert_eq!(slot.verdict(Half, 8, false), Drop);
        assert_eq!(slot.verdict(Half, 8, true), Start);
        assert_eq!(slot.verdict(Half, 7, false), Drop);
    }

    #[test]
    fn another_sender_needs_a_start() {
        let mut slot = Subscription::default();
        slot.set_source(Some(ANN));
        slot.set_target(Some(Half));
        slot.verdict(Half, 7, true);
        slot.set_source(Some(Source { leaf: Leaf(9), ..ANN }));
        slot.set_target(Some(Half));
        assert_eq!(slot.verdict(Half, 7, false), Drop);
        assert_eq!(slot.verdict(Half, 7, true), Start);
    }
}
