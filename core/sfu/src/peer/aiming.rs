//! Responsible for: which layers a participant is shown on their slots, by what they look at and what their path carries.
//! Not responsible for: how bandwidth is divided (`allocate`), or moving packets (`route`).

use super::Peer;
use crate::allocate::{self, Claim, Given, Rank, Rates, TEMPORAL};
use crate::heading::SMOOTHEST;
use crate::sending::Known;
use crate::slot::Slot;
use crate::stream::{Kind, Layer, Leaf, Source};
use ringfence_bandwidth::Bitrate;
use std::collections::BTreeMap;
use std::time::Instant;

impl Peer {
    /// Decides again what the slots show; where bandwidth is not known, only of the streams that `which` picks. Says what
    /// has to send a key frame before that can be shown.
    pub fn aim(
        &mut self,
        known: &BTreeMap<Source, Known>,
        speaks: impl Fn(Leaf) -> bool,
        which: impl Fn(Source) -> bool,
        now: Instant,
    ) -> Vec<(Source, Layer)> {
        let known = |source: Source| known.get(&source).copied().unwrap_or_default();
        let slots = || (0..).zip(&self.slots);
        let shown = |(at, slot): (usize, &Slot)| Some((at, slot.subscription.source?, slot.height));
        let claims: Vec<Claim> = slots()
            .filter_map(shown)
            .filter(|(_, source, _)| source.context.kind() == Kind::Picture)
            .map(|(slot, source, height)| Claim {
                slot,
                source,
                height,
                rank: if speaks(source.leaf) {
                    Rank::Speaker
                } else {
                    Rank::Ordinary
                },
                rates: expected(known(source).rates),
            })
            .collect();
        let sounds = slots().filter_map(shown).map(|(_, source, _)| source);
        let sounds = sounds.filter(|source| source.context.kind() == Kind::Sound);
        let sound: Bitrate = sounds.map(|source| known(source).whole).sum();
        let divided = self.path().and_then(|path| path.divide(sound, &claims, now));
        let mut waits = Vec::new();
        for (at, slot) in self.slots.iter_mut().enumerate() {
            let Some(source) = slot.subscription.source else {
                continue;
            };
            let Known { alive, form, .. } = known(source);
            let claim = claims.iter().position(|claim| claim.slot == at);
            let (target, smoothness) = match (&divided, claim) {
                (Some(given), Some(claim)) => match given[claim] {
                    Some(given) => (Some(given.layer), smoothness(given, &claims[claim].rates)),
                    None => (None, SMOOTHEST),
                },
                _ if !which(source) => continue,
                _ => (allocate::target(source.context, slot.height, alive), SMOOTHEST),
            };
            slot.subscription.set_target(target, smoothness, form);
            waits.extend(slot.subscription.waits_for().map(|layer| (source, layer)));
        }
        waits
    }
}

/// Of a stream of which nothing has come yet, what it may cost.
fn expected(rates: Rates) -> Rates {
    match rates.iter().flatten().all(|rate| *rate == Bitrate::ZERO) {
        true => allocate::UNMEASURED.map(|rate| [rate, Bitrate::ZERO, Bitrate::ZERO]),
        false => rates,
    }
}

/// The highest temporal layer of what is given. With the last one that is known, all go on.
fn smoothness(given: Given, rates: &Rates) -> u8 {
    let above = usize::from(given.temporal) + 1..TEMPORAL;
    let more = above
        .into_iter()
        .any(|at| rates[given.layer as usize][at] > Bitrate::ZERO);
    if more { given.temporal } else { SMOOTHEST }
}
