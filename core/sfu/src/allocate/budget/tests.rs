//! Behaviour: a receiver's bandwidth goes where people look, is never exceeded, and changes what they see as seldom as can be.

use super::*;
use crate::stream::Leaf;

pub const MUTE: Bitrate = Bitrate::ZERO;
pub const PLENTY: Bitrate = Bitrate::kbps(1_000_000);

pub fn kbps(rate: u64) -> Bitrate {
    Bitrate::kbps(rate)
}

const fn given(layer: Layer, temporal: u8) -> Option<Given> {
    Some(Given { layer, temporal })
}

pub const Q: Option<Given> = given(Layer::Quarter, 0);
const H: Option<Given> = given(Layer::Half, 0);
const F: Option<Given> = given(Layer::Full, 0);

/// A stream without temporal layers, in kbit/s by layer.
fn plain(rates: [u64; 3]) -> Rates {
    rates.map(|rate| [kbps(rate), MUTE, MUTE])
}

pub fn camera(slot: usize, height: u32, rank: Rank) -> Claim {
    let source = Source {
        leaf: Leaf(slot as u32),
        context: Context::Camera,
    };
    Claim {
        slot,
        source,
        height,
        rank,
        rates: plain([100, 400, 1500]),
    }
}

pub fn faces(count: usize, height: u32) -> Vec<Claim> {
    (0..count)
        .map(|slot| camera(slot, height, Rank::Ordinary))
        .collect()
}

pub fn screen(slot: usize, rate: u64) -> Claim {
    let mut claim = camera(slot, 1080, Rank::Ordinary);
    claim.source.context = Context::ScreenPicture;
    claim.rates = plain([0, 0, rate]);
    claim
}

/// What a receiver is given that has just come, of so much that may be used for something better.
pub fn divide(estimate: u64, sound: u64, claims: &[Claim]) -> Vec<Option<Given>> {
    let sound = kbps(sound);
    let estimate = sound + (kbps(estimate) - sound).scaled(1.0 / USED_FOR_BETTER) + Bitrate::bps(2);
    Budget::default().divide(estimate, sound, claims, Instant::now())
}

pub fn cost(claim: &Claim, given: Option<Given>) -> Bitrate {
    given.map_or(MUTE, |given| {
        claim.rates[given.layer as usize][usize::from(given.temporal)]
    })
}

pub fn total(claims: &[Claim], all: &[Option<Given>]) -> Bitrate {
    claims
        .iter()
        .zip(all)
        .map(|(claim, given)| cost(claim, *given))
        .sum()
}

#[test]
fn each_picture_gets_the_layer_that_its_size_needs_where_there_is_plenty() {
    let mut claims = faces(3, 90);
    (claims[1].height, claims[2].height) = (360, 720);
    claims.push(screen(3, 800));
    let all = Budget::default().divide(PLENTY, MUTE, &claims, Instant::now());
    assert_eq!(all, [Q, H, F, F]);
}

#[test]
fn sound_is_taken_off_first() {
    let face = faces(1, 180);
    assert_eq!(divide(140, 40, &face), [Q]);
    assert_eq!(divide(139, 40, &face), [None]);
    assert_eq!(divide(20, 40, &face), [None], "not even enough for sound");
}

#[test]
fn at_300_kbit_a_second_there_are_small_faces() {
    assert_eq!(divide(300, 40, &faces(1, 720)), [Q]);
    assert_eq!(divide(300, 40, &faces(5, 720)), [Q, Q, None, None, None]);
    let mut speaker = faces(3, 720);
    speaker[2].rank = Rank::Speaker;
    assert_eq!(divide(150, 40, &speaker), [None, None, Q], "the speaker's first");
    let with_screen = [screen(0, 1500), camera(1, 180, Rank::Speaker)];
    assert_eq!(
        divide(300, 40, &with_screen),
        [None, Q],
        "where a screen does not fit"
    );
}

#[test]
pub fn screens_come_first_then_who_is_pinned_then_speakers_then_by_size() {
    let claims = [
        camera(0, 180, Rank::Ordinary),
        camera(1, 360, Rank::Ordinary),
        camera(2, 180, Rank::Speaker),
        camera(3, 180, Rank::Pinned),
        screen(4, 200),
    ];
    let fits = |estimate| {
        divide(estimate, 0, &claims)
            .iter()
            .map(Option::is_some)
            .collect::<Vec<_>>()
    };
    assert_eq!(fits(200), [false, false, false, false, true]);
    assert_eq!(fits(300), [false, false, false, true, true]);
    assert_eq!(fits(400), [false, false, true, true, true]);
    assert_eq!(fits(500), [false, true, true, true, true]);
    assert_eq!(fits(600), [true, true, true, true, true]);
}

#[test]
fn all_have_a_face_before_one_has_a_larger_one_and_the_speaker_is_first_in_each_layer() {
    let mut claims = faces(3, 720);
    claims[2].rank = Rank::Speaker;
    assert_eq!(divide(300, 0, &claims), [Q, Q, Q]);
    assert_eq!(divide(600, 0, &claims), [Q, Q, H]);
    assert_eq!(divide(1200, 0, &claims), [H, H, H]);
    assert_eq!(divide(2300, 0, &claims), [H, H, F]);
}

#[test]
fn hidden_pictures_and_what_is_not_sent_cost_nothing() {
    let mut claims = faces(3, 180);
    claims[0].height = 0;
    claims[1].rates = plain([0; 3]);
    assert_eq!(divide(100, 0, &claims), [None, None, Q]);
    // What such a face mostly costs, with room above it.
    let face = UNMEASURED[Layer::Quarter as usize].scaled(1.0 / USED_FOR_BETTER);
    assert_eq!(wanted(kbps(40), &claims), kbps(40) + face);
}

#[test]
fn frames_are_left_out_before_a_picture_becomes_smaller() {
    let mut face = camera(0, 360, Rank::Ordinary);
    face.rates = [[60, 80, 100], [240, 320, 400], [900, 1200, 1500]].map(|rates| rates.map(kbps));
    use Layer::{Half, Quarter};
    for (estimate, expected) in [
        (59, None),
        (60, given(Quarter, 0)),
        (80, given(Quarter, 1)),
        (239, given(Quarter, 2)),
        (240, given(Half, 0)),
        (399, given(Half, 1)),
        (5000, given(Half, 2)),
    ] {
        assert_eq!(divide(estimate, 0, &[face]), [expected], "{estimate}");
    }
}

#[test]
fn what_costs_as_much_as_something_better_is_not_given() {
    let mut face = camera(0, 360, Rank::Ordinary);
    face.rates = plain([300, 200, 0]);
    assert_eq!(divide(250, 0, &[face]), [H]);
    assert_eq!(divide(199, 0, &[face]), [None]);
}

#[test]
fn a_step_down_is_at_once_and_a_step_up_waits_until_it_has_fitted_for_a_while() {
    let start = Instant::now();
    let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
    let claims = faces(1, 360);
    let mut budget = Budget::default();
    for (seconds, estimate, expected, why) in [
        (0.0, 550, H, "who comes is given at once what fits"),
        (20.0, 399, Q, "down at once"),
        (21.0, 450, Q, "barely enough"),
        (22.0, 600, Q, "not yet"),
        (23.0, 450, Q, "not for long enough"),
        (24.0, 600, Q, "not yet"),
        (25.9, 600, Q, "not yet"),
        (26.0, 600, H, "for two seconds"),
        (27.0, 401, H, "kept while it fits"),
    ] {
        let all = budget.divide(kbps(estimate), MUTE, &claims, at(seconds));
        assert_eq!(all, [expected], "{why}, at {seconds} s");
        let due = (why == "not yet").then(|| at(if seconds < 23.0 { 24.0 } else { 26.0 }));
        assert_eq!(budget.next_change(at(seconds)), due, "{why}, at {seconds} s");
    }
}

#[test]
fn what_had_to_be_taken_back_soon_is_given_later_each_time() {
    let start = Instant::now();
    let claims = faces(1, 360);
    let mut budget = Budget::default();
    let (mut raises, mut before) = (Vec::new(), None);
    // Four and a half seconds of much, half a second of little, and again.
    for tick in 0..2400_u32 {
        let now = start + Duration::from_millis(50) * tick;
        let estimate = if tick % 100 < 90 { 600 } else { 200 };
        let all = budget.divide(kbps(estimate), MUTE, &claims, now);
        if before == Some(Q) && all == [H] {
            raises.push(tick / 20);
        }
        before = Some(all[0]);
    }
    assert!(raises.len() <= 6, "of 24 times: {raises:?}");
}

#[test]
fn who_asks_for_more_gets_it_at_once() {
    let start = Instant::now();
    let mut claims = faces(2, 90);
    let mut budget = Budget::default();
    assert_eq!(budget.divide(kbps(1000), MUTE, &claims, start), [Q, Q]);
    claims[1].height = 360;
    assert_eq!(
        budget.divide(kbps(1000), MUTE, &claims, start),
        [Q, H],
        "enlarged"
    );
    claims[0].height = 0;
    assert_eq!(
        budget.divide(kbps(1000), MUTE, &claims, start),
        [None, H],
        "hidden"
    );
    claims[0].height = 90;
    assert_eq!(
        budget.divide(kbps(1000), MUTE, &claims, start),
        [Q, H],
        "shown again"
    );
}

#[test]
fn a_layer_that_ends_is_followed_by_the_best_that_is_there() {
    let start = Instant::now();
    let mut claims = faces(1, 360);
    let mut budget = Budget::default();
    assert_eq!(budget.divide(PLENTY, MUTE, &claims, start), [H]);
    claims[0].rates = plain([100, 0, 1500]);
    assert_eq!(budget.divide(PLENTY, MUTE, &claims, start), [Q]);
    claims[0].rates = plain([0, 0, 1500]);
    assert_eq!(
        budget.divide(PLENTY, MUTE, &claims, start),
        [F],
        "in place of none"
    );
}
