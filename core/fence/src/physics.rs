//! What round trips say of a node: nothing answers faster than light, so each one bounds how far from its observer
//! the machine that holds the session's keys can be.
//! Not here: the geometry (`geometry`, `borders`), and what follows for the decision (`decide`).
use crate::borders;
use crate::evidence::{Evidence, Observer, Trip, is_too_old};
use crate::geometry::{Disc, LIGHT_KM_PER_MS, Place};
use crate::{Policy, Statement, groups};
use ringfence_signed::{B32, to_text};
use std::collections::{BTreeMap, BTreeSet};

/// A statement says "Toronto" of a machine that may be anywhere in it (km).
const TOWN: f64 = 10.0;

/// Round trips that no machine where the operator states it could have answered.
pub(crate) struct Contradiction {
    /// Not certain where it rests on one participant's typed place, or on no more observers than may lie.
    pub certain: bool,
    pub source: String,
    pub text: String,
}

type Voice<'a> = (&'a Trip, Disc);

/// The trips that count, each with the disc that the machine is in.
fn discs<'a>(evidence: &'a Evidence, time: u64, counts: impl Fn(&Trip) -> bool) -> Vec<Voice<'a>> {
    let trips = evidence.trips.iter();
    let trips = trips.filter(|trip| !is_too_old(trip.at, time) && counts(trip));
    trips
        .filter_map(|trip| Some((trip, Disc::new(trip.place, trip.min_ms).ok()?)))
        .collect()
}

/// One voice for each observer: of its trips the one that stands first, and of equals the shortest.
fn voices<'a>(discs: Vec<Voice<'a>>, stands: impl Fn(&Voice<'a>) -> bool) -> Vec<Voice<'a>> {
    let mut voices: BTreeMap<B32, (bool, Voice<'a>)> = BTreeMap::new();
    for voice in discs {
        // The order in which trips are given changes nothing, so equals are told apart by all that they hold.
        let order = |(stands, (trip, _)): &(bool, Voice<'a>)| {
            (!stands, trip.min_ms, trip.place.lat(), trip.place.lon(), trip.by)
        };
        let voice = (stands(&voice), voice);
        let first = voices.entry(voice.1.0.observer).or_insert(voice);
        if order(&voice) < order(first) {
            *first = voice;
        }
    }
    voices.into_values().map(|(_, voice)| voice).collect()
}

/// What an operator states of a node's place.
enum Claim<'a> {
    Country(&'a str),
    Coordinates(Place),
}

impl Claim<'_> {
    /// Whether more than `k` observers make it impossible.
    fn is_refuted(&self, voices: &[Voice], k: u64) -> bool {
        let k = usize::try_from(k).unwrap_or(usize::MAX);
        match self {
            Claim::Country(country) => {
                let discs: Vec<Disc> = voices.iter().map(|(_, disc)| *disc).collect();
                borders::is_excluded(country, &discs, k)
            }
            Claim::Coordinates(place) => {
                let town = 2.0 * TOWN / LIGHT_KM_PER_MS;
                let is_far = |(trip, _): &&Voice| {
                    Disc::new(trip.place, trip.min_ms + town).is_ok_and(|disc| !disc.reaches(place))
                };
                voices.iter().filter(is_far).count() > k
            }
        }
    }
}

/// The contradictions in the statement of a node, those that are certain first.
pub(crate) fn contradictions(
    node: &Statement,
    evidence: &Evidence,
    liars: u64,
    time: u64,
) -> Vec<Contradiction> {
    let place = node.coordinates.and_then(|at| {
        let (lat, lon) = at.degrees();
        Place::new(lat, lon).ok()
    });
    let claims = [
        node.country.as_deref().map(Claim::Country),
        place.map(Claim::Coordinates),
    ];
    // All that the statement lists is one machine, so what is said of one address is said of it.
    let discs = discs(evidence, time, |trip| node.addresses.contains(&trip.address));
    let mut found: Vec<_> = claims
        .iter()
        .flatten()
        .filter_map(|claim| {
            // Of one observer, what contradicts alone counts before what does not.
            let alone = |voice: &Voice| claim.is_refuted(&[*voice], 0);
            let all = voices(discs.clone(), alone);
            claim.is_refuted(&all, 0).then(|| {
                let is_sure = |trip: &Trip| matches!(trip.by, Observer::Confirmed | Observer::Beacon);
                let (sure, typed): (Vec<_>, Vec<_>) =
                    all.iter().copied().partition(|(trip, _)| is_sure(trip));
                // A participant's typed place can be wrong: alone it accuses nobody.
                let certain = claim.is_refuted(&all, liars)
                    && (claim.is_refuted(&sure, 0) || claim.is_refuted(&all, 1));
                let named = sure.iter().chain(&typed).find(|voice| alone(voice));
                contradiction(node, claim, named.map(|(trip, _)| *trip), certain)
            })
        })
        .collect();
    found.sort_by_key(|contradiction| !contradiction.certain);
    found
}

fn contradiction(node: &Statement, claim: &Claim, trip: Option<&Trip>, certain: bool) -> Contradiction {
    let stated = match (claim, &node.place) {
        (Claim::Country(country), _) => (*country).to_owned(),
        (Claim::Coordinates(_), Some(place)) => place.clone(),
        (Claim::Coordinates(_), None) => "the coordinates that are stated".into(),
    };
    let (source, what) = match trip {
        Some(trip) => (
            format!("round trip of {}", name(trip)),
            format!(
                "{} answered in {} ms: light cannot come from {stated} and back in that time",
                trip.address,
                milliseconds(trip.min_ms)
            ),
        ),
        None => (
            "round trips".into(),
            format!(
                "it answered several observers so fast that light cannot have come from {stated} to all of them"
            ),
        ),
    };
    let text = match certain {
        true => format!("{what}, so the operator would have to explain it"),
        false => format!(
            "{what}; it rests on a place that somebody typed, or on no more observers than the fence takes for liars, \
             so they would have to confirm where they are"
        ),
    };
    Contradiction {
        certain,
        source,
        text,
    }
}

/// In tenths, rounded up: what is said is no faster than what was measured.
fn milliseconds(ms: f64) -> String {
    let tenths = (ms * 10.0).ceil() as u64;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn name(trip: &Trip) -> String {
    let who = match trip.by {
        Observer::Participant => "participant",
        Observer::Stranger => "unknown beacon",
        Observer::Confirmed => "confirmed participant",
        Observer::Beacon => "beacon",
    };
    format!("{who} {}", &to_text(&trip.observer)[..8])
}

/// Whether `holds` for the address in use, or for all that the statement lists where none is known.
fn for_addresses(node: &Statement, address: Option<&str>, holds: impl FnMut(&str) -> bool) -> bool {
    match address {
        Some(address) => [address].into_iter().all(holds),
        None => !node.addresses.is_empty() && node.addresses.iter().map(String::as_str).all(holds),
    }
}

/// Of the places that the fence asks to rule out, those that round trips do, whichever `liars` observers are left out.
pub(crate) fn excluded(
    policy: &Policy,
    node: &Statement,
    evidence: &Evidence,
    address: Option<&str>,
    time: u64,
) -> BTreeSet<String> {
    let mut places = groups::expand(&policy.exclude);
    if evidence.trips.is_empty() {
        places.clear();
    }
    places.retain(|country| {
        for_addresses(node, address, |address| {
            let usable = discs(evidence, time, |trip| {
                trip.address == address && trip.by != Observer::Stranger && trip.at <= time
            });
            let usable = voices(usable, |_| true);
            Claim::Country(country).is_refuted(&usable, policy.liars)
        })
    });
    places
}

/// Whether beacons prove that the node is inside the country that is stated, whichever `liars` of them are left out.
pub(crate) fn is_proven(
    node: &Statement,
    evidence: &Evidence,
    address: Option<&str>,
    liars: u64,
    time: u64,
) -> bool {
    let Some(country) = &node.country else {
        return false;
    };
    let k = usize::try_from(liars).unwrap_or(usize::MAX);
    for_addresses(node, address, |address| {
        let beacons = discs(evidence, time, |trip| {
            trip.address == address && trip.by == Observer::Beacon && trip.at <= time
        });
        let discs: Vec<Disc> = voices(beacons, |_| true).iter().map(|(_, disc)| *disc).collect();
        borders::is_proven(country, &discs, k)
    })
}
