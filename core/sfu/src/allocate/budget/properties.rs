//! Behaviour: what holds of the division for anybody, which a seed makes.

use super::tests::{MUTE, PLENTY, Q, camera, cost, divide, faces, kbps, screen, total};
use super::*;

/// Any receiver's view: what a seed makes.
fn anybody(random: &mut fastrand::Rng) -> Vec<Claim> {
    (0..random.usize(0..20))
        .map(|slot| anything(slot, random))
        .collect()
}

fn anything(slot: usize, random: &mut fastrand::Rng) -> Claim {
    let height = [0, 90, 180, 360, 720][random.usize(0..5)];
    let mut claim = match random.u8(0..5) {
        0 => screen(slot, random.u64(50..2500)),
        _ => camera(slot, height, Rank::Ordinary),
    };
    claim.rank = [Rank::Ordinary, Rank::Ordinary, Rank::Speaker, Rank::Pinned][random.usize(0..4)];
    for (layer, rates) in claim.rates.iter_mut().enumerate() {
        if random.u8(0..6) == 0 {
            *rates = [MUTE; 3];
        } else if claim.source.context == Context::Camera {
            let rate = random.u64(60..400) << (2 * layer);
            let layers = random.u64(1..=3);
            *rates = [0, 1, 2].map(|temporal| match temporal < layers {
                true => kbps(rate * (temporal + 2) / 4),
                false => MUTE,
            });
        }
    }
    claim
}

const SEED: u64 = 11;

#[test]
fn the_budget_is_never_exceeded_whatever_came_before() {
    let mut random = fastrand::Rng::with_seed(SEED);
    for _ in 0..300 {
        let mut budget = Budget::default();
        let mut now = Instant::now();
        let mut claims = anybody(&mut random);
        for _ in 0..30 {
            now += Duration::from_millis(random.u64(0..4000));
            if random.u8(0..4) == 0 {
                claims = anybody(&mut random);
            }
            let (estimate, sound) = (kbps(random.u64(0..6000)), kbps(random.u64(0..200)));
            let all = budget.divide(estimate, sound, &claims, now);
            assert!(total(&claims, &all) <= estimate - sound, "{claims:?} {all:?}");
            for (claim, given) in claims.iter().zip(&all) {
                let is_sent = claim.height > 0 && cost(claim, *given) > MUTE;
                assert!(given.is_none() || is_sent, "{claim:?} {given:?}");
            }
        }
    }
}

#[test]
fn more_never_makes_a_picture_worse() {
    let mut random = fastrand::Rng::with_seed(SEED);
    for _ in 0..50 {
        let claims = anybody(&mut random);
        let mut before = vec![None; claims.len()];
        for estimate in (0..8000).step_by(25) {
            let all = divide(estimate, 0, &claims);
            let no_worse = all.iter().zip(&before).all(|(now, before)| now >= before);
            assert!(no_worse, "{estimate}: {claims:?}");
            before = all;
        }
        let enough = wanted(MUTE, &claims) + Bitrate::bps(2);
        let all = Budget::default().divide(enough, MUTE, &claims, Instant::now());
        let best = Budget::default().divide(PLENTY, MUTE, &claims, Instant::now());
        assert_eq!(all, best, "what is wanted is enough");
    }
}

#[test]
fn an_estimate_that_is_off_by_a_tenth_changes_nothing_once_it_is_settled() {
    let mut random = fastrand::Rng::with_seed(SEED);
    for _ in 0..100 {
        let claims = anybody(&mut random);
        let mut budget = Budget::default();
        let mut now = Instant::now();
        let mean = random.u64(100..6000) as f64;
        let mut divide = |off: f64| {
            now += Duration::from_millis(100);
            budget.divide(kbps((mean * off) as u64), MUTE, &claims, now)
        };
        // The most that it can come to.
        for _ in 0..400 {
            divide(1.1);
        }
        let settled = divide(1.0);
        for _ in 0..300 {
            assert_eq!(divide(0.9 + 0.2 * random.f64()), settled, "{mean}: {claims:?}");
        }
    }
}

#[test]
fn the_order_of_claims_does_not_matter_and_ties_go_by_source() {
    let mut random = fastrand::Rng::with_seed(SEED);
    for _ in 0..200 {
        let mut claims = anybody(&mut random);
        let estimate = random.u64(0..6000);
        let by_slot = |claims: &[Claim]| {
            let slots = claims.iter().map(|claim| claim.slot);
            let mut all: Vec<_> = slots.zip(divide(estimate, 0, claims)).collect();
            all.sort_by_key(|(slot, _)| *slot);
            all
        };
        let all = by_slot(&claims);
        random.shuffle(&mut claims);
        assert_eq!(by_slot(&claims), all);
    }
    assert_eq!(divide(100, 0, &faces(3, 180)), [Q, None, None]);
}
