//! Where simulated nodes and their observers are, and by what ways they reach each other: from easy to the physical limit.
//! Not here: how far it is and what a round trip takes (`networks`), and what has to hold (`physics`).
use crate::networks::{Path, geodesic_km, trip, within};
use fastrand::Rng;
use ringfence_fence::borders::{Strip, inner_strips, may_be_in, outer_strips};
use ringfence_fence::geometry::{LIGHT_KM_PER_MS, Place};
use ringfence_fence::{Observer, Trip};
use std::sync::OnceLock;

/// Up to a satellite over the equator and down again (km).
const HOP_KM: f64 = 2.0 * 35_786.0;
/// Countries at the poles, across the antimeridian, of the least size, of many islands, disputed, or with land overseas.
const PECULIAR: [&str; 28] = [
    "AQ", "GL", "SJ", "NO", "FJ", "KI", "NZ", "RU", "US", "TV", "UM", "WS", "VA", "MC", "SM", "LI", "SG",
    "NR", "MV", "MH", "UA", "CN", "HK", "TW", "EH", "FR", "GB", "RE",
];
const KINDS: [Observer; 4] = [
    Observer::Participant,
    Observer::Confirmed,
    Observer::Beacon,
    Observer::Stranger,
];

pub fn codes() -> &'static [String] {
    static CODES: OnceLock<Vec<String>> = OnceLock::new();
    CODES.get_or_init(|| {
        let groups: serde_json::Value = serde_json::from_str(include_str!("../../groups.json")).unwrap();
        let world = groups["world@2026-01"]["countries"].as_str().unwrap();
        world.split_whitespace().map(str::to_owned).collect()
    })
}

/// Each country with its cells: all that may be its land, and what is nobody else's.
fn land() -> &'static [(String, [Vec<Strip>; 2])] {
    static LAND: OnceLock<Vec<(String, [Vec<Strip>; 2])>> = OnceLock::new();
    LAND.get_or_init(|| {
        let of = |code: &String| (code.clone(), [outer_strips(code), inner_strips(code)]);
        codes().iter().map(of).collect()
    })
}

pub fn one<T: Clone>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())].clone()
}

/// A country and a place that may be in it as far as cells tell; every other one is in it alone, if it has such land.
pub fn anywhere(rng: &mut Rng) -> (String, Place) {
    let (code, [outer, inner]) = match rng.u8(..3) {
        0 => {
            let code = one(rng, &PECULIAR);
            land().iter().find(|(known, _)| known == code).expect("known")
        }
        _ => &land()[rng.usize(..land().len())],
    };
    let strips = if inner.is_empty() || rng.bool() {
        outer
    } else {
        inner
    };
    let strip = &strips[rng.usize(..strips.len())];
    let lat = strip.south + rng.f64() * (strip.north - strip.south);
    let lon = strip.west + rng.f64() * (strip.east - strip.west);
    let place = Place::new(lat.min(strip.north), lon.min(strip.east)).expect("on the earth");
    (code.clone(), place)
}

/// All countries that a machine there may be in.
pub fn holders(at: &Place) -> Vec<String> {
    let codes = codes().iter();
    codes.filter(|code| may_be_in(code, at)).cloned().collect()
}

/// Somewhere to observe a node from: next door, in the region, or anywhere on land.
fn vantage(rng: &mut Rng, node: &Place) -> Place {
    match rng.u8(..10) {
        0..3 => within(rng, 30.0, node),
        3..5 => within(rng, 600.0, node),
        _ => anywhere(rng).1,
    }
}

/// A way of one of the kinds that there are: fibre, radio or lasers at the speed of light on the shortest way there is,
/// which is the hardest case that is honest, a satellite over the equator, or one thing there and another back.
fn path(rng: &mut Rng, km: f64) -> Path {
    let fibre = Path::fibre(rng, km);
    let (light, hop) = (km / LIGHT_KM_PER_MS, HOP_KM / LIGHT_KM_PER_MS);
    let still = Path {
        queue_ms: 0.0,
        jitter_ms: 0.0,
        ..fibre
    };
    match rng.u8(..10) {
        0..4 => fibre,
        4..8 => Path {
            there_ms: light,
            back_ms: light,
            ..still
        },
        8 => Path {
            there_ms: light,
            ..fibre
        },
        _ => Path {
            there_ms: hop + fibre.there_ms / 4.0,
            back_ms: if rng.bool() { light } else { hop },
            ..fibre
        },
    }
}

/// What an honest observer of that kind and number measures of the node. No clock shows less than has passed, and some
/// show tenths of a millisecond.
pub fn honest(rng: &mut Rng, by: Observer, number: u8, node: &Place) -> Trip {
    let place = vantage(rng, node);
    let path = path(rng, geodesic_km(&place, node));
    let samples = rng.u32(1..30);
    let least = path.least_ms(rng, samples);
    let min_ms = if rng.u8(..4) == 0 {
        (least * 10.0).ceil() / 10.0
    } else {
        least
    };
    trip(by, number, place, min_ms)
}

/// One to six honest observers of all kinds, numbered from `first`; now and then one measured twice.
pub fn honest_observers(rng: &mut Rng, first: u8, node: &Place) -> Vec<Trip> {
    let mut trips = vec![];
    for number in first..first + rng.u8(1..=6) {
        let by = one(rng, &KINDS);
        for _ in 0..if rng.u8(..8) == 0 { 2 } else { 1 } {
            trips.push(honest(rng, by, number, node));
        }
    }
    trips
}

/// Four beacons a few kilometres away, at the physical limit: of these a proof can be made.
pub fn beacons_next_door(rng: &mut Rng, first: u8, node: &Place) -> Vec<Trip> {
    let mut beacon = |number| {
        let place = within(rng, 5.0, node);
        let light = 2.0 * geodesic_km(&place, node) / LIGHT_KM_PER_MS;
        trip(Observer::Beacon, number, place, light * (1.0 + rng.f64()))
    };
    (first..first + 4).map(&mut beacon).collect()
}

/// Somebody whose place is not where they say, by much or by little. What they measured is true.
pub fn misplaced(rng: &mut Rng, by: Observer, number: u8, node: &Place) -> Trip {
    let mut trip = honest(rng, by, number, node);
    trip.place = match rng.bool() {
        true => within(rng, 1500.0, &trip.place),
        false => anywhere(rng).1,
    };
    trip
}

/// Observers with these numbers who say what they like: times that are too short, places that are false, and both.
pub fn liars(rng: &mut Rng, numbers: std::ops::Range<u8>, node: &Place) -> Vec<Trip> {
    let mut trips = vec![];
    for number in numbers {
        let by = one(rng, &KINDS);
        for _ in 0..rng.u8(1..3) {
            let mut trip = misplaced(rng, by, number, node);
            match rng.u8(..4) {
                0 => trip.place = vantage(rng, node),
                1 => {}
                _ => trip.min_ms *= rng.f64() * rng.f64(),
            }
            if rng.u8(..10) == 0 {
                trip.min_ms = one(rng, &[0.0, -1.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE]);
            }
            trips.push(trip);
        }
    }
    trips
}
