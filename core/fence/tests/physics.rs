//! What round trips say of nodes on a simulated earth, over ten thousand placements: what is true is never called a
//! violation, and lies are found out where physics can. A failing seed is printed and makes the same case again.
mod networks;
mod placements;

use fastrand::Rng;
use networks::{decision, geodesic_km, says, within};
use placements::{
    anywhere, beacons_next_door, codes, holders, honest, honest_observers, liars, misplaced, one,
};
use ringfence_fence::borders::{is_surely_in, may_be_in};
use ringfence_fence::geometry::{LIGHT_KM_PER_MS, Place};
use ringfence_fence::{Decision, Observer, Standing, Trip};
use std::collections::BTreeMap;

const PLACEMENTS: u64 = 10_000;

/// How often something was decided, so that no test here can be about nothing.
#[derive(Default)]
struct Counts(BTreeMap<&'static str, u64>);

impl Counts {
    fn add(&mut self, what: &'static str, times: usize) {
        *self.0.entry(what).or_default() += times as u64;
    }

    fn take(&mut self, decision: &Decision) {
        self.add(decision.standing.name(), 1);
        self.add("ruled out", decision.excluded.len());
        self.add("asked", says(decision, "RF2116").into());
    }

    /// Fails where something happened less often than that.
    fn at_least(&self, asked: &[(&str, u64)]) {
        println!("{:?}", self.0);
        for (what, least) in asked {
            let count = self.0.get(what).copied().unwrap_or(0);
            assert!(count >= *least, "{what}: {count} of at least {least}");
        }
    }
}

/// A node that is truly somewhere.
struct Node {
    country: String,
    at: Place,
    /// Every country that it may be in as far as cells tell.
    holders: Vec<String>,
}

impl Node {
    fn draw(rng: &mut Rng) -> Node {
        let (country, at) = anywhere(rng);
        let holders = holders(&at);
        assert!(holders.contains(&country));
        Node { country, at, holders }
    }

    /// Places to rule out: those that hold it, where it would be false to, and others, most of which it would be true of.
    fn exclude(&self, rng: &mut Rng) -> Vec<String> {
        let mut exclude = self.holders.clone();
        exclude.extend((0..3).map(|_| one(rng, codes())));
        exclude.extend(["CN".into(), "RU".into()]);
        exclude
    }

    /// The decision when its operator tells the truth. A statement says "Toronto" of a machine that is anywhere in it.
    fn honestly(&self, rng: &mut Rng, may_lie: u64, trips: &[Trip]) -> Decision {
        let stated = match rng.bool() {
            true => within(rng, 9.9, &self.at),
            false => self.at,
        };
        let exclude = self.exclude(rng);
        decision(&self.country, &stated, &exclude, may_lie, trips.to_vec())
    }

    /// What honest observers measured, among whom now and then are beacons next door.
    fn observed(&self, rng: &mut Rng) -> Vec<Trip> {
        let mut trips = honest_observers(rng, 10, &self.at);
        if rng.u8(..5) == 0 {
            trips.extend(beacons_next_door(rng, 30, &self.at));
        }
        trips
    }

    fn is_never_ruled_out(&self, decision: &Decision) -> bool {
        !decision
            .excluded
            .iter()
            .any(|country| may_be_in(country, &self.at))
    }
}

fn for_each(holds: &mut dyn FnMut(&mut Rng, &Node) -> Result<(), Decision>) {
    for seed in 0..PLACEMENTS {
        let mut rng = Rng::with_seed(seed);
        let node = Node::draw(&mut rng);
        if let Err(decision) = holds(&mut rng, &node) {
            panic!("seed {seed}: {} at {:?}: {decision:#?}", node.country, node.at);
        }
    }
}

fn held(holds: bool, decision: Decision) -> Result<(), Decision> {
    if holds { Ok(()) } else { Err(decision) }
}

fn place(lat: f64, lon: f64) -> Place {
    Place::new(lat, lon).unwrap()
}

#[test]
fn the_simulated_earth_is_the_real_one_and_never_smaller_than_the_fences() {
    for (from, to, km) in [
        // Vincenty's own example, and a quarter of a meridian and of the equator.
        (
            (-37.951_033_42, 144.424_867_89),
            (-37.652_821_14, 143.926_495_53),
            54.972_271,
        ),
        ((0.0, 10.0), (90.0, 0.0), 10_001.966),
        ((0.0, 179.0), (0.0, -91.0), 10_018.754),
        ((51.5, 0.0), (51.5, 0.0), 0.0),
    ] {
        let found = geodesic_km(&place(from.0, from.1), &place(to.0, to.1));
        assert!((found - km).abs() < 0.001, "{from:?} {to:?}: {found}");
    }
    let mut rng = Rng::with_seed(1);
    for _ in 0..PLACEMENTS {
        let (one, other) = (anywhere(&mut rng).1, anywhere(&mut rng).1);
        let (least, km) = (one.least_km_to(&other), geodesic_km(&one, &other));
        assert!(
            least <= km && km < least * 1.012 + 0.001,
            "{one:?} {other:?}: {least} {km}"
        );
        assert!(geodesic_km(&one, &within(&mut rng, 50.0, &one)) < 50.001);
    }
}

#[test]
fn what_is_true_is_never_contradicted_when_observers_are_where_they_say() {
    let mut counts = Counts::default();
    for_each(&mut |rng, node| {
        let trips = node.observed(rng);
        let may_lie = one(rng, &[0, 0, 1]);
        let decision = node.honestly(rng, may_lie, &trips);
        counts.take(&decision);
        let holds = decision.standing >= Standing::Consistent
            && !says(&decision, "RF2115")
            && !says(&decision, "RF2116")
            && node.is_never_ruled_out(&decision);
        held(holds, decision)
    });
    counts.at_least(&[("proven", 500), ("consistent", 5000), ("ruled out", 20_000)]);
}

#[test]
fn one_false_place_of_a_participant_accuses_nobody_and_that_person_is_asked() {
    let mut counts = Counts::default();
    for_each(&mut |rng, node| {
        let mut trips = node.observed(rng);
        for _ in 0..rng.u8(1..3) {
            trips.push(misplaced(rng, Observer::Participant, 9, &node.at));
        }
        let decision = node.honestly(rng, 0, &trips);
        counts.take(&decision);
        let is_asked = says(&decision, "RF2116");
        let holds = decision.standing > Standing::Violation
            && !says(&decision, "RF2115")
            && is_asked == (decision.standing == Standing::Stated)
            && !(is_asked && decision.allowed);
        held(holds, decision)
    });
    counts.at_least(&[("asked", 2000), ("consistent", 2000), ("proven", 200)]);
}

#[test]
fn as_many_liars_as_the_fence_withstands_accuse_nobody_and_rule_out_nothing_that_is_possible() {
    let mut counts = Counts::default();
    for_each(&mut |rng, node| {
        let many = rng.u8(1..4);
        let mut trips = node.observed(rng);
        // With more who are honest than who lie, something can be said in spite of them.
        trips.extend(honest_observers(rng, 20, &node.at));
        trips.extend(liars(rng, 1..1 + many, &node.at));
        rng.shuffle(&mut trips);
        let decision = node.honestly(rng, many.into(), &trips);
        counts.take(&decision);
        let holds = decision.standing > Standing::Violation
            && !says(&decision, "RF2115")
            && node.is_never_ruled_out(&decision);
        held(holds, decision)
    });
    counts.at_least(&[("asked", 2000), ("ruled out", 15_000), ("proven", 50)]);
}

/// A country that a node is not in, or not surely, as liars would state it: any, or one that is next door.
fn false_country(rng: &mut Rng, node: &Node) -> Option<(String, Place)> {
    let beside = within(rng, 300.0, &node.at);
    let next = holders(&beside);
    let (country, at) = match next.is_empty() || rng.u8(..3) == 0 {
        true => anywhere(rng),
        false => (one(rng, &next), beside),
    };
    (!is_surely_in(&country, &node.at)).then_some((country, at))
}

#[test]
fn no_false_country_is_ever_proven_and_lies_are_found_out() {
    let (mut counts, mut lies) = (Counts::default(), 0);
    for_each(&mut |rng, node| {
        let Some((country, at)) = false_country(rng, node) else {
            return Ok(());
        };
        lies += 1;
        let many = rng.u8(..3);
        let mut trips = node.observed(rng);
        trips.extend(liars(rng, 1..1 + many, &node.at));
        let exclude = node.exclude(rng);
        let decision = decision(&country, &at, &exclude, many.into(), trips);
        counts.take(&decision);
        // It may be in several, of which one is stated: only what is proven would be false.
        let holds = decision.standing != Standing::Proven && node.is_never_ruled_out(&decision);
        held(holds, decision)
    });
    println!("{lies} lies");
    counts.at_least(&[("violation", 1000), ("asked", 500), ("ruled out", 5000)]);
}

/// Where several states may say that it is theirs: none of them is ever ruled out, and none is proven.
const DISPUTED: [(&str, f64, f64, &str); 12] = [
    ("Simferopol", 44.952, 34.1024, "UA RU"),
    ("Sevastopol", 44.6, 33.53, "UA RU"),
    ("Donetsk", 48.0159, 37.8029, "UA RU"),
    ("Taipei", 25.033, 121.5654, "TW CN"),
    ("Leh", 34.1526, 77.5771, "IN PK CN"),
    ("Itanagar", 27.0844, 93.6053, "IN CN"),
    ("Laayoune", 27.1253, -13.1625, "EH MA"),
    ("Sukhumi", 43.0015, 41.0234, "GE RU"),
    ("Yuzhno-Kurilsk", 44.03, 145.86, "RU JP"),
    ("Gibraltar", 36.1408, -5.3536, "GI GB ES"),
    ("Stanley", -51.6977, -57.8517, "FK GB AR"),
    ("Old City of Jerusalem", 31.7767, 35.2345, "PS IL"),
];
/// A territory with a code of its own, and its state: neither is ever ruled out.
const OVERSEAS: [(&str, f64, f64, &str); 12] = [
    ("Cayenne", 4.9224, -52.3135, "GF FR"),
    ("Saint-Denis", -20.8789, 55.4481, "RE FR"),
    ("Papeete", -17.5516, -149.5585, "PF FR"),
    ("Noumea", -22.2758, 166.458, "NC FR"),
    ("Hong Kong", 22.3193, 114.1694, "HK CN"),
    ("Macao", 22.1987, 113.5439, "MO CN"),
    ("Nuuk", 64.1814, -51.6941, "GL DK"),
    ("Longyearbyen", 78.2232, 15.6267, "SJ NO"),
    ("Hagatna", 13.4757, 144.7489, "GU US"),
    ("San Juan", 18.4655, -66.1057, "PR US"),
    ("Willemstad", 12.1091, -68.9317, "CW NL"),
    ("Avarua", -21.2075, -159.7708, "CK NZ"),
];

#[test]
fn land_that_several_may_hold_is_ruled_out_for_none_of_them() {
    let (mut counts, world) = (Counts::default(), codes().to_vec());
    for (is_disputed, (name, lat, lon, listed)) in DISPUTED
        .map(|row| (true, row))
        .into_iter()
        .chain(OVERSEAS.map(|row| (false, row)))
    {
        for seed in 0..15 {
            let mut rng = Rng::with_seed(seed);
            let at = place(lat, lon);
            let mut trips = honest_observers(&mut rng, 10, &at);
            trips.extend(beacons_next_door(&mut rng, 30, &at));
            for country in listed.split(' ') {
                let decision = decision(country, &at, &world, 0, trips.clone());
                counts.take(&decision);
                for holder in listed.split(' ') {
                    let ruled_out = decision.excluded.iter().any(|code| code == holder);
                    assert!(!ruled_out, "{name} {holder} seed {seed}");
                }
                assert!(
                    decision.standing == Standing::Consistent
                        || (decision.standing == Standing::Proven && !is_disputed),
                    "{name} {country} seed {seed}: {:?}",
                    decision.standing
                );
            }
        }
    }
    counts.at_least(&[("consistent", 300), ("proven", 30), ("ruled out", 100_000)]);
}

#[test]
fn a_beacon_that_is_honest_next_door_to_a_lie_is_enough() {
    let (mut lies, mut found) = (0, 0);
    for_each(&mut |rng, node| {
        let (country, at) = anywhere(rng);
        let mut trip = honest(rng, Observer::Beacon, 1, &node.at);
        trip.place = within(rng, 100.0, &node.at);
        trip.min_ms = 2.0 * geodesic_km(&trip.place, &node.at) * 2.0 / LIGHT_KM_PER_MS + 1.0;
        // Out of reach by far more than the town and the geometry's margins.
        if geodesic_km(&trip.place, &at) < 1.01 * trip.min_ms * LIGHT_KM_PER_MS / 2.0 + 10.0 {
            return Ok(());
        }
        lies += 1;
        let decision = decision(&country, &at, &[], 0, vec![trip]);
        found += u64::from(decision.standing == Standing::Violation);
        held(says(&decision, "RF2115") && !decision.allowed, decision)
    });
    println!("{found} of {lies} lies found out");
    assert!(lies > 7000 && found == lies);
}

#[test]
fn a_liar_who_waits_is_never_contradicted_and_is_not_ruled_out_where_it_is() {
    let (mut counts, mut lies) = (Counts::default(), 0);
    for_each(&mut |rng, node| {
        let (country, at) = anywhere(rng);
        let wait = 2.0 * geodesic_km(&node.at, &at) / LIGHT_KM_PER_MS;
        let mut trips = node.observed(rng);
        trips.iter_mut().for_each(|trip| trip.min_ms += wait);
        let exclude = node.exclude(rng);
        let decision = decision(&country, &at, &exclude, 0, trips);
        lies += u64::from(!node.holders.contains(&country));
        counts.take(&decision);
        let is_accused = says(&decision, "RF2115") || says(&decision, "RF2116");
        let holds = !is_accused && node.is_never_ruled_out(&decision) && !decision.allowed;
        held(holds, decision)
    });
    assert!(lies * 10 > PLACEMENTS * 9);
    counts.at_least(&[("consistent", 9000), ("ruled out", 3000)]);
}

#[test]
fn as_many_beacons_as_the_fence_withstands_prove_nothing_false_together_and_one_more_does() {
    let mut counts = Counts::default();
    for_each(&mut |rng, node| {
        let Some((country, at)) = false_country(rng, node) else {
            return Ok(());
        };
        // The node waits, so that nobody honest contradicts it, and its friends say that it is next door to them.
        let wait = 2.0 * geodesic_km(&node.at, &at) / LIGHT_KM_PER_MS;
        let mut trips = node.observed(rng);
        trips.iter_mut().for_each(|trip| trip.min_ms += wait);
        let many = rng.u8(1..4);
        trips.extend(beacons_next_door(rng, 1, &at).into_iter().take(many.into()));
        let exclude = node.exclude(rng);
        let more = decision(&country, &at, &exclude, u64::from(many) - 1, trips.clone());
        counts.add("proven by more", (more.standing == Standing::Proven).into());
        let decision = decision(&country, &at, &exclude, many.into(), trips);
        counts.take(&decision);
        let holds = decision.standing == Standing::Consistent && node.is_never_ruled_out(&decision);
        held(holds, decision)
    });
    counts.at_least(&[("proven by more", 1000), ("consistent", 8000)]);
}

#[test]
fn who_is_no_beacon_of_the_owners_proves_nothing() {
    let mut counts = Counts::default();
    for_each(&mut |rng, node| {
        let mut trips = beacons_next_door(rng, 1, &node.at);
        let decided = |trips| decision(&node.country, &node.at, &[], 0, trips);
        counts.take(&decided(trips.clone()));
        let by = one(
            rng,
            &[Observer::Participant, Observer::Confirmed, Observer::Stranger],
        );
        trips.iter_mut().for_each(|trip| trip.by = by);
        let decision = decided(trips);
        held(decision.standing == Standing::Consistent, decision)
    });
    counts.at_least(&[("proven", 3000)]);
}
