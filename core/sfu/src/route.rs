//! Responsible for: to whom a packet goes, and as which layer. The only place that decides it.
//! Not responsible for: which stream and layer a receiver should have (`allocate`), or numbering (`rewrite`).

use crate::heading::{Heading, begins_at};
use crate::stream::{Form, Layer, Leaf, Source};
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
    current: Option<Current>,
    /// The layer that should be; `None` while the slot is hidden, or there is no bandwidth for it.
    target: Option<Layer>,
    /// Of that layer the highest temporal layer that should be.
    smoothness: u8,
    /// How the source sends its layers now.
    form: Form,
}

/// What is being forwarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Current {
    ssrc: u32,
    form: Form,
    /// The layer; of a stacked stream the highest one, with all below it.
    layer: Layer,
    /// Of a stacked stream: since which picture that is so, what was the highest before, and the last picture.
    since: u32,
    before: Layer,
    last: u32,
    /// The highest temporal layer that goes on.
    temporal: u8,
}

impl Current {
    fn begin(packet: &Heading, target: Layer, smoothness: u8) -> Current {
        // A stream whose lowest layer is above the target has nothing lower to give.
        let layer = target.max(packet.layer);
        Current {
            ssrc: packet.ssrc,
            form: packet.form,
            layer,
            since: packet.picture,
            before: layer,
            last: packet.picture,
            temporal: smoothness,
        }
    }

    /// At a new picture of a stacked stream the highest layer may change: up where decoding can start, since only
    /// there no layer needs earlier pictures; down anywhere, since no layer needs a higher one. The highest temporal layer
    /// goes down anywhere as well, and up where the sender says, of any layer, that decoding of more can begin.
    fn picture(&mut self, packet: &Heading, target: Layer, smoothness: u8) {
        if is_after(packet.picture, self.last) {
            self.last = packet.picture;
            self.temporal = match packet.can_start {
                true => smoothness,
                false => self.temporal.min(smoothness),
            };
            let next = target.max(packet.layer);
            let next = if packet.can_start {
                next
            } else {
                next.min(self.layer)
            };
            if packet.form == Form::Stacked && next != self.layer {
                (self.before, self.layer, self.since) = (self.layer, next, packet.picture);
            }
        }
        let begins = |temporal: &u8| packet.begins & begins_at(self.layer, *temporal) != 0;
        let higher = (self.temporal + 1..=smoothness).rev().find(begins);
        self.temporal = higher
            .filter(|_| packet.picture == self.last)
            .unwrap_or(self.temporal);
    }

    /// The highest layer of a picture. One of before the last change may still have packets to come.
    fn highest(&self, picture: u32) -> Layer {
        if is_after(self.since, picture) {
            self.before
        } else {
            self.layer
        }
    }
}

/// Of two RTP timestamps, less than half of their range apart.
fn is_after(one: u32, other: u32) -> bool {
    one != other && one.wrapping_sub(other) < 1 << 31
}

/// What a slot does with one packet of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Drop,
    /// The slot shows its stream and needs no such layer: what follows is numbered as if it had never been.
    Skip,
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

    /// Aims at another layer, with its frames up to a temporal layer; what is shown goes on until that layer can start.
    /// `None` ends it at once.
    pub fn set_target(&mut self, target: Option<Layer>, smoothness: u8, form: Form) {
        (self.target, self.smoothness, self.form) = (target, smoothness, form);
        if target.is_none() {
            self.current = None;
        }
    }

    /// The layer that must send a key frame before this slot shows what it should.
    pub fn waits_for(&self) -> Option<Layer> {
        let target = self.target?;
        let shown = self.current.is_some_and(|current| match current.form {
            form if form != self.form => false,
            Form::Apart => current.layer == target,
            // What is too high goes down by itself.
            Form::Stacked => current.layer >= target,
        });
        (!shown).then_some(target)
    }

    /// The layer that is being forwarded.
    pub fn current(&self) -> Option<Layer> {
        self.current.map(|current| current.layer)
    }

    /// A layer that comes with another SSRC is numbered anew by its sender, so it has to start again.
    pub fn verdict(&mut self, packet: &Heading) -> Verdict {
        let Some(target) = self.target else {
            return Verdict::Drop;
        };
        let known = |current: &&mut Current| (current.ssrc, current.form) == (packet.ssrc, packet.form);
        let smoothness = self.smoothness;
        match self.current.as_mut().filter(known) {
            Some(current) if packet.form == Form::Stacked || current.layer == packet.layer => {
                current.picture(packet, target, smoothness);
                let shown = packet.layer <= current.highest(packet.picture);
                match shown && packet.temporal <= current.temporal {
                    true => Verdict::Follow,
                    false => Verdict::Skip,
                }
            }
            _ if packet.can_start && (packet.form == Form::Stacked || packet.layer == target) => {
                self.current = Some(Current::begin(packet, target, smoothness));
                Verdict::Start
            }
            _ => Verdict::Drop,
        }
    }

    /// Nothing that this slot shows follows in the packet's picture: decoders wait for the packet that says so.
    pub fn ends_picture(&self, packet: &Heading) -> bool {
        packet.form == Form::Stacked
            && packet.ends_layer
            && self
                .current
                .is_some_and(|current| current.highest(packet.picture) == packet.layer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heading::SMOOTHEST;
    use crate::stream::Context;
    use Layer::{Full, Half, Quarter};
    use Verdict::{Drop, Follow, Skip, Start};

    const ANN: Source = Source {
        leaf: Leaf(1),
        context: Context::Camera,
    };

    fn apart(layer: Layer, ssrc: u32, can_start: bool) -> Heading {
        Heading {
            ssrc,
            form: Form::Apart,
            layer,
            can_start,
            picture: 0,
            ends_layer: true,
            temporal: 0,
            begins: 0,
        }
    }

    /// The only packet of a layer of a picture of a stacked stream.
    fn stacked(layer: Layer, picture: u32) -> Heading {
        Heading {
            form: Form::Stacked,
            picture,
            ..apart(layer, 7, false)
        }
    }

    fn key(layer: Layer, picture: u32) -> Heading {
        Heading {
            can_start: true,
            ..stacked(layer, picture)
        }
    }

    /// Which layers of a picture go on, and after which of them it ends.
    fn pass(slot: &mut Subscription, key_frame: bool, picture: u32) -> (Vec<Layer>, Vec<Layer>) {
        let (mut passed, mut ends) = (Vec::new(), Vec::new());
        for layer in Layer::ALL {
            let packet = Heading {
                can_start: key_frame && layer == Quarter,
                ..stacked(layer, picture)
            };
            if matches!(slot.verdict(&packet), Start | Follow) {
                passed.push(layer);
                ends.extend(slot.ends_picture(&packet).then_some(layer));
            }
        }
        (passed, ends)
    }

    fn showing(target: Layer) -> Subscription {
        let mut slot = Subscription::default();
        slot.set_source(Some(ANN));
        slot.set_target(Some(target), SMOOTHEST, Form::Stacked);
        slot
    }

    #[test]
    fn of_a_stacked_stream_the_layers_up_to_the_target_go_on_and_the_highest_ends_the_picture() {
        let cases = [
            (Quarter, vec![Quarter]),
            (Half, vec![Quarter, Half]),
            (Full, vec![Quarter, Half, Full]),
        ];
        for (target, layers) in cases {
            let mut slot = showing(target);
            assert_eq!(
                pass(&mut slot, false, 1),
                (vec![], vec![]),
                "nothing before a key frame"
            );
            assert_eq!(slot.waits_for(), Some(target));
            for picture in 2..5 {
                let passed = pass(&mut slot, picture == 2, picture);
                assert_eq!(passed, (layers.clone(), vec![target]));
            }
            assert_eq!(slot.waits_for(), None);
        }
    }

    #[test]
    fn a_stacked_stream_goes_down_with_the_next_picture_and_up_with_a_key_frame() {
        let mut slot = showing(Full);
        pass(&mut slot, true, 1);
        assert_eq!(slot.verdict(&stacked(Quarter, 2)), Follow);
        slot.set_target(Some(Quarter), SMOOTHEST, Form::Stacked);
        assert_eq!(slot.waits_for(), None, "down needs no key frame");
        assert_eq!(slot.verdict(&stacked(Half, 2)), Follow, "a picture is not cut");
        assert_eq!(slot.verdict(&stacked(Full, 2)), Follow);
        assert_eq!(pass(&mut slot, false, 3), (vec![Quarter], vec![Quarter]));
        assert_eq!(
            slot.verdict(&stacked(Full, 2)),
            Follow,
            "late, and its picture needs it"
        );
        assert!(slot.ends_picture(&stacked(Full, 2)));
        slot.set_target(Some(Half), SMOOTHEST, Form::Stacked);
        assert_eq!(slot.waits_for(), Some(Half));
        assert_eq!(pass(&mut slot, false, 4).0, [Quarter]);
        assert_eq!(pass(&mut slot, true, 5), (vec![Quarter, Half], vec![Half]));
        assert_eq!(
            slot.verdict(&stacked(Half, 4)),
            Skip,
            "late, and its picture goes without"
        );
        assert_eq!(slot.waits_for(), None);
    }

    /// Which of eight pictures go on, whose temporal layers are 0 2 1 2 and again; each first of four says of its highest
    /// layer, as Chromium does, that all may begin.
    fn smoothly(slot: &mut Subscription, from: u32) -> Vec<u32> {
        let goes_on = |at: &u32| {
            let temporal = [0, 2, 1, 2][(from + at) as usize % 4];
            let all = [0, 1, 2].map(|temporal| begins_at(Full, temporal)).iter().sum();
            let layers = Layer::ALL.map(|layer| {
                let begins = if temporal == 0 && layer == Full { all } else { 0 };
                slot.verdict(&Heading {
                    temporal,
                    begins,
                    ..stacked(layer, from + at)
                })
            });
            let all_follow = layers == [Follow; 3];
            assert!(
                all_follow || layers == [Skip; 3],
                "a picture goes on whole or not at all"
            );
            all_follow
        };
        (0..8).filter(goes_on).collect()
    }

    #[test]
    fn temporal_layers_go_down_with_a_picture_and_up_where_the_sender_says_so() {
        let mut slot = showing(Full);
        pass(&mut slot, true, 1);
        assert_eq!(smoothly(&mut slot, 4), [0, 1, 2, 3, 4, 5, 6, 7]);
        slot.set_target(Some(Full), 0, Form::Stacked);
        assert_eq!(smoothly(&mut slot, 12), [0, 4]);
        slot.set_target(Some(Full), 1, Form::Stacked);
        assert_eq!(smoothly(&mut slot, 20), [0, 2, 4, 6]);
        // In the middle of four it has to wait for the next first one.
        slot.set_target(Some(Full), 0, Form::Stacked);
        smoothly(&mut slot, 28);
        slot.set_target(Some(Full), SMOOTHEST, Form::Stacked);
        assert_eq!(
            smoothly(&mut slot, 38),
            [2, 3, 4, 5, 6, 7],
            "these begin with the third of four"
        );
    }

    #[test]
    fn a_key_frame_whose_beginning_comes_late_takes_nothing_up() {
        let mut slot = showing(Quarter);
        pass(&mut slot, true, 1);
        slot.set_target(Some(Full), SMOOTHEST, Form::Stacked);
        assert_eq!(slot.verdict(&stacked(Half, 2)), Skip);
        assert_eq!(slot.verdict(&key(Quarter, 2)), Follow);
        assert_eq!(slot.verdict(&stacked(Full, 2)), Skip);
        assert_eq!(
            slot.waits_for(),
            Some(Full),
            "another key frame has to be asked for"
        );
    }

    #[test]
    fn what_has_no_layer_as_low_as_the_target_is_shown_from_its_lowest() {
        let mut slot = showing(Quarter);
        assert_eq!(slot.verdict(&key(Half, 1)), Start);
        assert_eq!(slot.verdict(&stacked(Full, 1)), Skip);
        assert_eq!(slot.verdict(&stacked(Half, 2)), Follow);
        assert_eq!(slot.verdict(&stacked(Full, 2)), Skip);
        assert_eq!(slot.waits_for(), None);
    }

    #[test]
    fn a_sender_who_changes_form_starts_again_on_the_same_ssrc() {
        let mut slot = showing(Quarter);
        pass(&mut slot, true, u32::MAX - 1);
        assert_eq!(
            pass(&mut slot, false, 5).0,
            [Quarter],
            "time runs on past its end"
        );
        slot.set_target(Some(Quarter), SMOOTHEST, Form::Apart);
        assert_eq!(slot.waits_for(), Some(Quarter));
        assert_eq!(slot.verdict(&apart(Quarter, 7, false)), Drop);
        assert_eq!(slot.verdict(&apart(Quarter, 7, true)), Start);
        assert_eq!(slot.verdict(&stacked(Quarter, 6)), Drop, "of before");
        assert_eq!(slot.waits_for(), None);
        slot.set_target(Some(Half), SMOOTHEST, Form::Stacked);
        assert_eq!(
            slot.verdict(&apart(Quarter, 7, false)),
            Follow,
            "until the other form begins"
        );
        assert_eq!(slot.verdict(&key(Quarter, 8)), Start);
        assert_eq!(slot.verdict(&stacked(Half, 8)), Follow);
    }

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
        assert_eq!(
            slot.verdict(&apart(Half, 7, true)),
            Drop,
            "hidden until it has a target"
        );
        slot.set_target(Some(Half), SMOOTHEST, Form::Apart);
        assert_eq!(slot.waits_for(), Some(Half));
        assert_eq!(slot.verdict(&apart(Half, 7, false)), Drop);
        assert_eq!(slot.verdict(&apart(Full, 7, true)), Drop, "another layer");
        assert_eq!(slot.verdict(&apart(Half, 7, true)), Start);
        assert_eq!(slot.verdict(&apart(Half, 7, false)), Follow);
        assert_eq!(
            slot.verdict(&apart(Half, 7, true)),
            Follow,
            "a key frame of the same layer changes nothing"
        );
        assert_eq!(slot.waits_for(), None);
        slot.set_target(Some(Quarter), SMOOTHEST, Form::Apart);
        assert_eq!(
            slot.verdict(&apart(Half, 7, false)),
            Follow,
            "goes on until the other layer can start"
        );
        assert_eq!(slot.waits_for(), Some(Quarter));
        assert_eq!(slot.verdict(&apart(Quarter, 7, true)), Start);
        assert_eq!(slot.verdict(&apart(Half, 7, true)), Drop);
    }

    #[test]
    fn hiding_ends_at_once_and_showing_again_needs_a_start() {
        let mut slot = Subscription::default();
        slot.set_source(Some(ANN));
        slot.set_target(Some(Half), SMOOTHEST, Form::Apart);
        slot.verdict(&apart(Half, 7, true));
        slot.set_target(None, SMOOTHEST, Form::Apart);
        assert_eq!(slot.verdict(&apart(Half, 7, true)), Drop);
        assert_eq!(slot.waits_for(), None, "costs nothing, not even key frames");
        slot.set_target(Some(Half), SMOOTHEST, Form::Apart);
        assert_eq!(slot.verdict(&apart(Half, 7, false)), Drop);
        assert_eq!(slot.verdict(&apart(Half, 7, true)), Start);
    }

    #[test]
    fn another_ssrc_of_the_same_layer_needs_a_start() {
        let mut slot = Subscription::default();
        slot.set_source(Some(ANN));
        slot.set_target(Some(Half), SMOOTHEST, Form::Apart);
        assert_eq!(slot.verdict(&apart(Half, 7, true)), Start);
        assert_eq!(slot.verdict(&apart(Half, 8, false)), Drop);
        assert_eq!(slot.verdict(&apart(Half, 8, true)), Start);
        assert_eq!(slot.verdict(&apart(Half, 7, false)), Drop);
    }

    #[test]
    fn another_sender_needs_a_start() {
        let mut slot = Subscription::default();
        slot.set_source(Some(ANN));
        slot.set_target(Some(Half), SMOOTHEST, Form::Apart);
        slot.verdict(&apart(Half, 7, true));
        slot.set_source(Some(Source { leaf: Leaf(9), ..ANN }));
        slot.set_target(Some(Half), SMOOTHEST, Form::Apart);
        assert_eq!(slot.verdict(&apart(Half, 7, false)), Drop);
        assert_eq!(slot.verdict(&apart(Half, 7, true)), Start);
    }
}
