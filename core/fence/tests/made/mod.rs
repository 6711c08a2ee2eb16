//! Policies, nodes and evidence made at random from a seed: few enough names that they meet each other often.
//! Not here: what has to hold of them (`properties`, and the comparison with the browser's core).
use fastrand::Rng;
use ringfence_fence::evidence::{Kind, Source};
use ringfence_fence::geometry::Place;
use ringfence_fence::policy::{Minimum, Rule};
use ringfence_fence::{Coordinates, Evidence, Observer, Parent, Policy, Role, Statement, Trip};

pub const NOW: u64 = 1_800_000_000;
pub const DAY: u64 = 86_400;
const NODES: [u8; 3] = [1, 2, 3];
const OPERATORS: [&str; 3] = ["coop", "carrier", "cloud"];
const ADDRESSES: [&str; 4] = ["203.0.113.7", "2001:db8::7", "198.51.100.9", "192.168.1.7"];
const GROUPS: [&str; 3] = [
    "eu@2026-01",
    "world-except-cn@2026-01",
    "world-except-cn-ru-by@2026-01",
];
/// Cities far from borders and near to them: country, north, east.
pub const CITIES: [(&str, f64, f64); 12] = [
    ("CA", 43.65, -79.38),
    ("CA", 53.55, -113.49),
    ("US", 39.10, -94.58),
    ("US", 47.61, -122.33),
    ("DE", 50.11, 8.68),
    ("FR", 48.86, 2.35),
    ("FR", 45.76, 4.84),
    ("CN", 39.90, 116.40),
    ("RU", 55.75, 37.62),
    ("FI", 60.17, 24.94),
    ("JP", 35.68, 139.69),
    ("BR", -15.79, -47.88),
];

pub struct Case {
    pub policy: Policy,
    pub statement: Option<Statement>,
    pub evidence: Evidence,
    pub role: Role,
    pub address: Option<String>,
    pub time: u64,
}

pub fn one<T: Clone>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.u32(..from.len() as u32) as usize].clone()
}

fn some<T: Clone>(rng: &mut Rng, from: &[T], chance: f64) -> Vec<T> {
    from.iter().filter(|_| rng.f64() < chance).cloned().collect()
}

pub fn country(rng: &mut Rng) -> String {
    one(rng, &CITIES).0.into()
}

fn places(rng: &mut Rng) -> Vec<String> {
    let mut places: Vec<String> = (0..rng.u32(1..5)).map(|_| country(rng)).collect();
    if rng.f64() < 0.6 {
        places.push(one(rng, &GROUPS).into());
    }
    places
}

fn operators(rng: &mut Rng) -> Vec<String> {
    match rng.f64() < 0.8 {
        true => vec!["*".into()],
        false => some(rng, &OPERATORS, 0.7)
            .into_iter()
            .map(str::to_owned)
            .collect(),
    }
}

/// A rule that allows no more than `policy` does.
pub fn stricter(rng: &mut Rng, policy: &Policy) -> Rule {
    let half = |rng: &mut Rng, list: &[String]| (rng.f64() < 0.3).then(|| some(rng, list, 0.7));
    Rule {
        countries: half(rng, &policy.countries),
        law: half(rng, &policy.law).filter(|law| !law.is_empty()),
        operators: half(rng, &policy.operators).filter(|ids| !ids.is_empty()),
    }
}

pub fn policy(rng: &mut Rng) -> Policy {
    let mut policy = Policy {
        name: "made".into(),
        countries: places(rng),
        law: match rng.f64() < 0.6 {
            true => vec!["*".into()],
            false => places(rng),
        },
        operators: operators(rng),
        nodes: some(rng, &NODES, 0.1)
            .into_iter()
            .map(|seed| [seed; 32])
            .collect(),
        minimum: one(
            rng,
            &[
                Minimum::Stated,
                Minimum::Stated,
                Minimum::Consistent,
                Minimum::Proven,
            ],
        ),
        exclude: match rng.f64() < 0.6 {
            true => vec![],
            false => some(rng, &["CN", "RU", "US", "BR"], 0.3)
                .into_iter()
                .map(str::to_owned)
                .collect(),
        },
        liars: one(rng, &[0, 0, 0, 1, 2]),
        sources: some(rng, &Kind::ALL, 0.1),
        roles: Default::default(),
    };
    for role in some(rng, &[Role::Media, Role::Storage], 0.2) {
        let rule = stricter(rng, &policy);
        policy.roles.insert(role, rule);
    }
    policy
}

/// Returns the statement, and where its machine truly is.
pub fn statement(rng: &mut Rng) -> (Statement, (&'static str, f64, f64)) {
    let truth = one(rng, &CITIES);
    let stated = if rng.f64() < 0.8 { truth } else { one(rng, &CITIES) };
    let law = |rng: &mut Rng| match rng.f64() < 0.9 {
        true => vec![stated.0.to_owned()],
        false => (0..rng.u32(..3)).map(|_| country(rng)).collect(),
    };
    let statement = Statement {
        node: [one(rng, &NODES); 32],
        name: "node".into(),
        serial: rng.u64(..9),
        operator: one(rng, &OPERATORS).into(),
        operator_name: "Operator".into(),
        law: law(rng),
        parents: (0..rng.u32(..2))
            .map(|_| Parent {
                name: "Parent".into(),
                law: law(rng),
            })
            .collect(),
        country: (rng.f64() < 0.95).then(|| stated.0.into()),
        place: None,
        coordinates: (rng.f64() < 0.5).then(|| Coordinates::new(stated.1, stated.2).unwrap()),
        roles: match rng.f64() < 0.9 {
            true => vec![Role::Web, Role::Media, Role::Relay, Role::Storage],
            false => some(rng, &Role::ALL, 0.5),
        },
        addresses: match rng.f64() < 0.7 {
            true => vec![ADDRESSES[0].into()],
            false => some(rng, &ADDRESSES, 0.5)
                .into_iter()
                .map(str::to_owned)
                .collect(),
        },
        from: NOW - rng.u64(1..100 * DAY),
        until: if rng.f64() < 0.93 {
            NOW + DAY
        } else {
            NOW - rng.u64(..2)
        },
    };
    (statement, truth)
}

fn when(rng: &mut Rng) -> u64 {
    match rng.u32(..20) {
        0 => NOW - 401 * DAY,
        1 => NOW + DAY,
        _ => NOW - rng.u64(..300 * DAY),
    }
}

fn source(rng: &mut Rng, kind: Kind, address: &str, country: &str) -> Source {
    Source {
        kind,
        name: one(rng, &["one", "other"]).into(),
        date: when(rng),
        address: address.into(),
        country: country.into(),
        pinned: rng.f64() < 0.95,
    }
}

/// A round trip to where the machine truly is, by an observer who is truly somewhere, or says so.
pub fn trip(rng: &mut Rng, address: &str, truth: (f64, f64)) -> Trip {
    let near = |rng: &mut Rng, (lat, lon): (f64, f64)| (lat + rng.f64() - 0.5, lon + rng.f64() - 0.5);
    let (_, lat, lon) = one(rng, &CITIES);
    let at = if rng.f64() < 0.4 {
        near(rng, truth)
    } else {
        (lat, lon)
    };
    let told = if rng.f64() < 0.9 {
        at
    } else {
        (one(rng, &CITIES).1, one(rng, &CITIES).2)
    };
    let km = way(at, truth);
    Trip {
        by: one(
            rng,
            &[
                Observer::Participant,
                Observer::Stranger,
                Observer::Confirmed,
                Observer::Beacon,
                Observer::Beacon,
            ],
        ),
        observer: [rng.u8(10..16); 32],
        place: Place::new(told.0, told.1.clamp(-180.0, 180.0)).unwrap(),
        min_ms: 2.0 * km / 299.792_458 * (1.02 + rng.f64()) + rng.f64() * 0.2,
        at: when(rng),
        address: address.into(),
    }
}

/// At least the way over the ground, in km: what is measured is never faster than light. The same bits everywhere.
fn way(a: (f64, f64), b: (f64, f64)) -> f64 {
    let [a, b] = [a, b].map(|(lat, lon)| Place::new(lat, lon.clamp(-180.0, 180.0)).unwrap());
    // By the largest radius of curvature there is, and not by the least.
    a.least_km_to(&b) * 6399.6 / 6335.4
}

pub fn evidence(rng: &mut Rng, addresses: &[String], truth: (&str, f64, f64)) -> Evidence {
    let mut evidence = Evidence::default();
    if rng.f64() < 0.3 {
        return beyond_doubt(rng, addresses, truth);
    }
    let agreeing = rng.f64();
    for address in addresses {
        for kind in Kind::ALL {
            if agreeing < 0.75 || rng.f64() < 0.3 {
                let said = if rng.f64() < 0.97 {
                    truth.0.into()
                } else {
                    country(rng)
                };
                evidence.sources.push(source(rng, kind, address, &said));
            }
        }
        if rng.f64() < 0.7 {
            let trips = rng.u32(..6);
            evidence
                .trips
                .extend((0..trips).map(|_| trip(rng, address, (truth.1, truth.2))));
        }
    }
    evidence
}

/// All that is asked for: fresh data sets of both kinds, and beacons next door.
fn beyond_doubt(rng: &mut Rng, addresses: &[String], truth: (&str, f64, f64)) -> Evidence {
    let mut evidence = Evidence::default();
    for address in addresses {
        for kind in Kind::ALL {
            let mut source = source(rng, kind, address, truth.0);
            (source.date, source.pinned) = (NOW - DAY, true);
            evidence.sources.push(source);
        }
        for seed in 20..20 + rng.u8(1..4) {
            let mut trip = trip(rng, address, (truth.1, truth.2));
            trip.place = Place::new(truth.1 + rng.f64() / 10.0, truth.2).unwrap();
            trip.by = Observer::Beacon;
            trip.observer = [seed; 32];
            trip.min_ms = 0.2 + rng.f64() / 10.0;
            trip.at = NOW - rng.u64(..DAY);
            evidence.trips.push(trip);
        }
    }
    evidence
}

pub fn case(rng: &mut Rng) -> Case {
    let (statement, truth) = statement(rng);
    let address = match rng.u32(..20) {
        0 => Some(one(rng, &ADDRESSES).to_owned()),
        1..10 => None,
        _ => statement.addresses.first().cloned(),
    };
    Case {
        policy: policy(rng),
        evidence: evidence(rng, &statement.addresses, truth),
        statement: (rng.f64() < 0.95).then_some(statement),
        role: one(
            rng,
            &[
                Role::Media,
                Role::Media,
                Role::Media,
                Role::Relay,
                Role::Storage,
                Role::Log,
            ],
        ),
        address,
        time: NOW,
    }
}
