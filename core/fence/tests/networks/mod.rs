//! A simulated network on the earth: what a round trip takes between two places, and what an honest observer makes of it.
//! Not here: who is where (`placements`, `catching`), and what has to hold of it (`physics`).
//!
//! Every number comes from `libm` and from exact operations, so that a seed draws the same on every machine.
use fastrand::Rng;
use libm::{asin, atan2, cos, hypot, log, sin, sqrt, tan};
use ringfence_fence::evidence::{Kind, Source};
use ringfence_fence::geometry::{LIGHT_KM_PER_MS, Place};
use ringfence_fence::{
    Coordinates, Decision, Evidence, Observer, Policy, Role, Statement, StatementSource, Trip, decide, draft,
};

pub const NOW: u64 = 1_800_000_000;
pub const DAY: u64 = 86_400;
pub const ADDRESS: &str = "203.0.113.7";
/// WGS84: the equator's radius (km) and the flattening.
const EQUATOR_KM: f64 = 6378.137;
const FLATTENING: f64 = 1.0 / 298.257_223_563;
/// No two places on WGS84 are farther from each other, and no radius of curvature is larger (km).
const FARTHEST_KM: f64 = 20_003.932;
const LARGEST_RADIUS_KM: f64 = 6399.594;
/// Light in glass, as a part of its speed in vacuum.
const GLASS: f64 = 2.0 / 3.0;

fn radians(degrees: f64) -> f64 {
    degrees * (std::f64::consts::PI / 180.0)
}

/// The shortest way over the ground, in km: Vincenty's inverse formula, good to less than a millimetre. Where that does
/// not converge, nearly opposite each other, an upper bound: simulated light is never faster than light.
pub fn geodesic_km(from: &Place, to: &Place) -> f64 {
    let reduced = |lat: f64| {
        let tan = (1.0 - FLATTENING) * tan(radians(lat));
        let cos = 1.0 / sqrt(1.0 + tan * tan);
        (tan * cos, cos)
    };
    let ((sin_1, cos_1), (sin_2, cos_2)) = (reduced(from.lat()), reduced(to.lat()));
    let turn = radians(to.lon() - from.lon());
    let turn = atan2(sin(turn), cos(turn));
    let mut lambda = turn;
    for _ in 0..100 {
        let across = cos_2 * sin(lambda);
        let along = cos_1 * sin_2 - sin_1 * cos_2 * cos(lambda);
        let sin_sigma = hypot(across, along);
        let cos_sigma = sin_1 * sin_2 + cos_1 * cos_2 * cos(lambda);
        if sin_sigma < 1e-14 {
            if cos_sigma > 0.0 {
                return 0.0;
            }
            break;
        }
        let sigma = atan2(sin_sigma, cos_sigma);
        let sin_alpha = cos_1 * cos_2 * sin(lambda) / sin_sigma;
        let cos2_alpha = 1.0 - sin_alpha * sin_alpha;
        // On the equator there is no midpoint to speak of.
        let middle = match cos2_alpha > 1e-14 {
            true => cos_sigma - 2.0 * sin_1 * sin_2 / cos2_alpha,
            false => 0.0,
        };
        let c = FLATTENING / 16.0 * cos2_alpha * (4.0 + FLATTENING * (4.0 - 3.0 * cos2_alpha));
        let inner = middle + c * cos_sigma * (2.0 * middle * middle - 1.0);
        let next = turn + (1.0 - c) * FLATTENING * sin_alpha * (sigma + c * sin_sigma * inner);
        if (next - lambda).abs() > 1e-12 {
            lambda = next;
            if lambda.abs() > std::f64::consts::PI {
                break;
            }
            continue;
        }
        let polar_km = EQUATOR_KM * (1.0 - FLATTENING);
        let u2 = cos2_alpha * (EQUATOR_KM * EQUATOR_KM - polar_km * polar_km) / (polar_km * polar_km);
        let a = 1.0 + u2 / 16384.0 * (4096.0 + u2 * (-768.0 + u2 * (320.0 - 175.0 * u2)));
        let b = u2 / 1024.0 * (256.0 + u2 * (-128.0 + u2 * (74.0 - 47.0 * u2)));
        let twice = 2.0 * middle * middle - 1.0;
        let last = b / 6.0 * middle * (4.0 * sin_sigma * sin_sigma - 3.0) * (4.0 * middle * middle - 3.0);
        let less = b * sin_sigma * (middle + b / 4.0 * (cos_sigma * twice - last));
        return polar_km * a * (sigma - less);
    }
    let (lat_1, lat_2) = (radians(from.lat()), radians(to.lat()));
    let across = cos(lat_2) * sin(turn);
    let along = cos(lat_1) * sin(lat_2) - sin(lat_1) * cos(lat_2) * cos(turn);
    let forward = sin(lat_1) * sin(lat_2) + cos(lat_1) * cos(lat_2) * cos(turn);
    (LARGEST_RADIUS_KM * atan2(hypot(across, along), forward)).min(FARTHEST_KM)
}

/// A place no farther than `km` from another, all that are equally likely. Across the antimeridian and the poles, too.
pub fn within(rng: &mut Rng, km: f64, of: &Place) -> Place {
    // By the largest radius: where the ground curves more, an angle spans less of it.
    let angle = km * sqrt(rng.f64()) / LARGEST_RADIUS_KM;
    let bearing = rng.f64() * std::f64::consts::TAU;
    let lat = radians(of.lat());
    let up = sin(lat) * cos(angle) + cos(lat) * sin(angle) * cos(bearing);
    let across = sin(bearing) * sin(angle) * cos(lat);
    let lon = of.lon() + atan2(across, cos(angle) - sin(lat) * up).to_degrees();
    let lon = lon - 360.0 * ((lon + 180.0) / 360.0).floor();
    let lat = asin(up.clamp(-1.0, 1.0)).to_degrees();
    Place::new(lat.clamp(-90.0, 90.0), lon.clamp(-180.0, 180.0)).expect("on the earth")
}

/// One way there and one way back, which may differ, and how long what is sent waits in queues.
#[derive(Debug, Clone, Copy)]
pub struct Path {
    pub there_ms: f64,
    pub back_ms: f64,
    /// On average, in all queues of a round trip.
    pub queue_ms: f64,
    /// Each sample takes up to this much longer, besides.
    pub jitter_ms: f64,
}

impl Path {
    /// Through glass fibre that takes 1.2 to 2 times the shortest way, each direction its own.
    pub fn fibre(rng: &mut Rng, km: f64) -> Path {
        let mut way = || km * (1.2 + 0.8 * rng.f64()) / (GLASS * LIGHT_KM_PER_MS);
        Path {
            there_ms: way(),
            back_ms: way(),
            queue_ms: 5.0 * rng.f64(),
            jitter_ms: 2.0 * rng.f64(),
        }
    }

    /// The least of so many round trips.
    pub fn least_ms(&self, rng: &mut Rng, samples: u32) -> f64 {
        let mut sample = || {
            let queue = -self.queue_ms * log(1.0 - rng.f64());
            self.there_ms + self.back_ms + queue + self.jitter_ms * rng.f64()
        };
        (0..samples).map(|_| sample()).fold(f64::INFINITY, f64::min)
    }
}

/// What an observer says that it measured. Its key is made of its number.
pub fn trip(by: Observer, number: u8, place: Place, min_ms: f64) -> Trip {
    Trip {
        by,
        observer: [number; 32],
        place,
        min_ms,
        at: NOW - DAY,
        address: ADDRESS.into(),
    }
}

/// A statement with that country and those coordinates, about which nothing else is amiss.
pub fn stated(country: &str, at: &Place) -> StatementSource {
    draft::unsigned(Statement {
        node: [1; 32],
        name: "node".into(),
        serial: 1,
        operator: "operator".into(),
        operator_name: "Operator".into(),
        law: vec![country.into()],
        parents: vec![],
        country: Some(country.into()),
        place: None,
        coordinates: Some(Coordinates::new(at.lat(), at.lon()).expect("on the earth")),
        roles: vec![Role::Media],
        addresses: vec![ADDRESS.into()],
        from: NOW - 30 * DAY,
        until: NOW + 30 * DAY,
    })
    .expect("made to hold")
}

/// Two pinned data sets that agree with the statement whether it is true or not, and these round trips.
pub fn evidence(country: &str, trips: Vec<Trip>) -> Evidence {
    let source = |kind: Kind| Source {
        kind,
        name: "set".into(),
        date: NOW - DAY,
        address: ADDRESS.into(),
        country: country.into(),
        pinned: true,
    };
    Evidence {
        sources: Kind::ALL.map(source).into(),
        trips,
        ..Evidence::default()
    }
}

/// What the fence decides about a node that states this country and this place, when it asks to rule out `exclude`.
pub fn decision(country: &str, at: &Place, exclude: &[String], liars: u64, trips: Vec<Trip>) -> Decision {
    let policy = Policy {
        name: "simulated".into(),
        countries: vec![country.into()],
        law: vec!["*".into()],
        operators: vec!["*".into()],
        nodes: Default::default(),
        minimum: ringfence_fence::policy::Minimum::Stated,
        exclude: exclude.to_vec(),
        liars,
        sources: vec![],
        roles: Default::default(),
    };
    let (statement, evidence) = (stated(country, at), evidence(country, trips));
    decide(&policy, Ok(&statement), &evidence, Role::Media, None, NOW)
}

/// Whether the decision has a reason with this code.
pub fn says(decision: &Decision, code: &str) -> bool {
    decision.reasons.iter().any(|reason| reason.code == code)
}
