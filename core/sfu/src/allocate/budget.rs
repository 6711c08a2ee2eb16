//! Responsible for: how one receiver's bandwidth is divided among the pictures that it shows.
//! Not responsible for: how much there is (`ringfence_bandwidth`), or moving packets (`route`).
//!
//! Everything that could be had is put in one order, which does not depend on how much there is; what is given is all of
//! it until the first that no longer fits. So more bandwidth never makes a picture worse, and nothing is given that is not
//! there. In this order come
//! 1. the least of each picture: screens, then pinned ones and speakers, then the others by their size;
//!    but what costs little beside a large one comes before it, so that a face is seen where a screen does not fit;
//! 2. the rest of screens;
//! 3. layer by layer the rest of the others, pinned ones and speakers first, then by size, and within a layer each first
//!    smoother until it is complete: on the way down frames are left out before the picture becomes smaller.

use super::target;
use crate::stream::{Context, Kind, Layer, Source};
use ringfence_bandwidth::Bitrate;
use std::cmp::Reverse;
use std::time::{Duration, Instant};

/// Only this share of the bandwidth is used for something better than before. An estimate that is off by a tenth either way
/// changes nothing then: 0.8 × 1.1 < 0.9.
const USED_FOR_BETTER: f64 = 0.8;
/// How long something better has to fit before it is given; doubled each time that it had to be taken back soon.
const PATIENCE: Duration = Duration::from_secs(2);
const MOST_PATIENCE: Duration = Duration::from_secs(16);
const SOON: Duration = Duration::from_secs(10);
/// A picture that is not shown at all comes back sooner than one becomes better.
const BACK: Duration = Duration::from_secs(1);
/// Who has just come has seen nothing yet that could change, and waits only so long.
const COMES: Duration = Duration::from_secs(5);
const EAGER: Duration = Duration::from_millis(250);
/// What comes before a picture although it is less important costs together at most this share of it.
const LITTLE: f64 = 0.25;

/// What a layer is taken to cost until it was measured.
pub const UNMEASURED: [Bitrate; 3] = [Bitrate::kbps(150), Bitrate::kbps(500), Bitrate::kbps(1500)];

/// And a screen at most, which costs next to nothing until something moves on it.
const SCREEN: Bitrate = Bitrate::kbps(3000);

/// Temporal layers that are told apart.
pub const TEMPORAL: usize = 3;

/// For each layer what it costs to forward it with all that it needs, up to each temporal layer; zero for what is not sent.
/// A stream without temporal layers has only the first.
pub type Rates = [[Bitrate; TEMPORAL]; 3];

/// One picture that a receiver could be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub slot: usize,
    pub source: Source,
    /// In device pixels; 0 while it is hidden.
    pub height: u32,
    pub rank: Rank,
    pub rates: Rates,
}

/// What a receiver wants more than others of its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Rank {
    #[default]
    Ordinary,
    Speaker,
    Pinned,
}

/// What a picture gets: a layer, and of its frames those up to a temporal layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Given {
    pub layer: Layer,
    pub temporal: u8,
}

/// What one receiver has been given, and since when it could have better.
#[derive(Debug, Default)]
pub struct Budget {
    held: Vec<Held>,
    began: Option<Instant>,
    /// Doublings of the patience.
    burnt: u32,
    raised: Option<Instant>,
    lowered: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    slot: usize,
    source: Source,
    asked: (Rank, u32),
    given: Option<Given>,
    better_since: Option<Instant>,
}

impl Budget {
    /// Gives each claim its part, in their order. `sound` is taken off first: it is always sent.
    pub fn divide(
        &mut self,
        estimate: Bitrate,
        sound: Bitrate,
        claims: &[Claim],
        now: Instant,
    ) -> Vec<Option<Given>> {
        let pictures = estimate - sound;
        self.began.get_or_insert(now);
        let ladders: Vec<_> = claims.iter().map(ladder).collect();
        let order = order(claims, &ladders);
        let most = fit(&ladders, &order, pictures);
        let better = fit(&ladders, &order, pictures.scaled(USED_FOR_BETTER));
        let patience = self.patience(now);
        let before = std::mem::take(&mut self.held);
        let (mut raised, mut lowered) = (false, false);
        for (at, claim) in claims.iter().enumerate() {
            let held = before
                .iter()
                .find(|held| (held.slot, held.source) == (claim.slot, claim.source));
            // The best that is still to be had of what it had.
            let kept = held.and_then(|held| held.given.min(most[at]));
            let kept = ladders[at]
                .iter()
                .rev()
                .map(|rung| rung.given)
                .find(|given| Some(*given) <= kept);
            let next = Held::next(held, claim, kept, better[at], patience, now);
            if let Some(held) = held {
                raised |= held.given.is_some() && next.given > held.given;
                lowered |= next.given < held.given && next.asked >= held.asked;
            }
            self.held.push(next);
        }
        self.learn(raised, lowered, now);
        self.held.iter().map(|held| held.given).collect()
    }

    /// When a picture may become better although nothing else changes.
    pub fn next_change(&self, now: Instant) -> Option<Instant> {
        let patience = self.patience(now);
        let at = |held: &Held| Some(held.better_since? + waits(held.given, patience));
        self.held.iter().filter_map(at).min()
    }

    fn patience(&self, now: Instant) -> Duration {
        let within =
            |at: Option<Instant>, span| at.is_some_and(|at| now.saturating_duration_since(at) < span);
        match (within(self.began, COMES), within(self.lowered, MOST_PATIENCE * 2)) {
            (true, _) => EAGER,
            (false, false) => PATIENCE,
            (false, true) => (PATIENCE * (1 << self.burnt)).min(MOST_PATIENCE),
        }
    }

    fn learn(&mut self, raised: bool, lowered: bool, now: Instant) {
        if lowered {
            let patience = self.patience(now);
            let soon = |at: Instant| now.saturating_duration_since(at) < SOON;
            let doubled = self.raised.is_some_and(soon) && patience < MOST_PATIENCE;
            self.burnt = if patience <= PATIENCE { 0 } else { self.burnt } + u32::from(doubled);
            self.lowered = Some(now);
        }
        if raised {
            self.raised = Some(now);
        }
    }
}

/// How long what is given stays as it is although better would fit.
fn waits(given: Option<Given>, patience: Duration) -> Duration {
    if given.is_none() {
        patience.min(BACK)
    } else {
        patience
    }
}

/// What everything would cost together that is shown, as large as it is shown, and not less than such layers mostly do: the
/// bandwidth to look for, before it is needed. It has room for the share that is not used for something better.
pub fn wanted(sound: Bitrate, claims: &[Claim]) -> Bitrate {
    let best = |claim: &Claim| {
        let ladder = ladder(claim);
        let mostly = |rung: &Rung| match claim.source.context {
            Context::ScreenPicture => SCREEN,
            _ => UNMEASURED[rung.given.layer as usize],
        };
        ladder
            .last()
            .map_or(Bitrate::ZERO, |rung| rung.cost.max(mostly(rung)))
    };
    let pictures: Bitrate = claims.iter().map(best).sum();
    sound + pictures.scaled(1.0 / USED_FOR_BETTER)
}

impl Held {
    /// `kept` at once, and more only when `better` has been more for a while, or if the receiver asks for more than before.
    fn next(
        held: Option<&Held>,
        claim: &Claim,
        kept: Option<Given>,
        better: Option<Given>,
        patience: Duration,
        now: Instant,
    ) -> Held {
        let asked = (claim.rank, claim.height);
        // Nothing of what it had, or less, is there any more.
        let is_gone = |held: &Held| held.given.is_some() && kept.is_none();
        let at_once = held.is_none_or(|held| asked > held.asked || is_gone(held));
        let since = held.and_then(|held| held.better_since).unwrap_or(now);
        let (given, better_since) = if better <= kept {
            (kept, None)
        } else if at_once || now.saturating_duration_since(since) >= waits(kept, patience) {
            (better, None)
        } else {
            (kept, Some(since))
        };
        Held {
            slot: claim.slot,
            source: claim.source,
            asked,
            given,
            better_since,
        }
    }
}

/// Something that a picture may be given, and what that costs.
#[derive(Debug, Clone, Copy)]
struct Rung {
    given: Given,
    cost: Bitrate,
}

/// What a picture may be given, each better and dearer than the one before.
fn ladder(claim: &Claim) -> Vec<Rung> {
    let alive = claim.rates.map(|rates| rates[0] > Bitrate::ZERO);
    let highest = target(claim.source.context, claim.height, alive);
    let Some(highest) = highest.filter(|_| claim.source.context.kind() == Kind::Picture) else {
        return Vec::new();
    };
    let mut rungs: Vec<Rung> = Vec::new();
    for layer in Layer::ALL.into_iter().filter(|layer| *layer <= highest) {
        for (temporal, cost) in (0..).zip(claim.rates[layer as usize]) {
            let given = Given { layer, temporal };
            if cost > Bitrate::ZERO {
                // What costs as much or more and shows less is nobody's choice.
                rungs.retain(|below| below.cost < cost);
                rungs.push(Rung { given, cost });
            }
        }
    }
    rungs
}

/// All steps that could be made, as (claim, rung), in the order in which they are made.
fn order(claims: &[Claim], ladders: &[Vec<Rung>]) -> Vec<(usize, usize)> {
    let is_screen = |at: usize| claims[at].source.context == Context::ScreenPicture;
    let mut shown: Vec<usize> = (0..claims.len()).filter(|at| !ladders[*at].is_empty()).collect();
    shown.sort_by_key(|at| {
        let claim = &claims[*at];
        (
            Reverse((is_screen(*at), claim.rank, claim.height)),
            claim.source,
            claim.slot,
        )
    });
    let mut steps: Vec<_> = least_first(&shown, ladders)
        .into_iter()
        .map(|at| (at, 0))
        .collect();
    let mut rest: Vec<_> = (0..)
        .zip(&shown)
        .flat_map(|(place, at)| (1..ladders[*at].len()).map(move |rung| (place, *at, rung)))
        .collect();
    rest.sort_by_key(|(place, at, rung)| {
        let layer = ladders[*at][*rung].given.layer;
        (!is_screen(*at), layer, *place, *rung)
    });
    steps.extend(rest.into_iter().map(|(_, at, rung)| (at, rung)));
    steps
}

/// The order of the least that each could be given: theirs, but before each comes of the later ones what costs little beside
/// it.
fn least_first(shown: &[usize], ladders: &[Vec<Rung>]) -> Vec<usize> {
    let cost = |at: usize| ladders[at][0].cost;
    let mut order: Vec<usize> = Vec::new();
    for (place, at) in shown.iter().enumerate() {
        if order.contains(at) {
            continue;
        }
        let mut little = cost(*at).scaled(LITTLE);
        for later in &shown[place + 1..] {
            if !order.contains(later) && cost(*later) <= little {
                little = little - cost(*later);
                order.push(*later);
            }
        }
        order.push(*at);
    }
    order
}

/// What is given when steps are made until the first that does not fit.
fn fit(ladders: &[Vec<Rung>], order: &[(usize, usize)], budget: Bitrate) -> Vec<Option<Given>> {
    let mut given = vec![None; ladders.len()];
    let mut left = budget;
    for (at, rung) in order {
        let below = rung
            .checked_sub(1)
            .map_or(Bitrate::ZERO, |below| ladders[*at][below].cost);
        let step = ladders[*at][*rung].cost - below;
        if step > left {
            break;
        }
        left = left - step;
        given[*at] = Some(ladders[*at][*rung].given);
    }
    given
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
