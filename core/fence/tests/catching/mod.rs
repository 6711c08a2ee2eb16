//! How often a node that lies about its place is found out by the round trips of a meeting's participants, and what false
//! places do to an honest one: two tables of docs/physics.md.
//! Not here: what a round trip takes (`networks`), and which are short enough (`reaching`).
use crate::cities::*;
use crate::networks::{Path, decision, geodesic_km, says, trip, within};
use fastrand::Rng;
use ringfence_fence::geometry::Place;
use ringfence_fence::{Observer, Standing, Trip};

const DRAWS: u32 = 1000;
/// Who measures: so many participants, or one beacon in the stated city.
const OBSERVERS: [&str; 4] = [
    "1 participant",
    "3 participants",
    "5 participants",
    "a beacon in the city",
];
const PEOPLE: [usize; 3] = [1, 3, 5];
/// How often each participant asks, of which the shortest counts.
const SAMPLES: u32 = 20;

/// Stated, true, and the continent of the stated one.
const LIES: [(City, City, &[(f64, f64)]); 8] = [
    (TORONTO, BEIJING, &NORTH_AMERICA),
    (SINGAPORE, SHENZHEN, &ASIA),
    (FRANKFURT, MOSCOW, &EUROPE),
    (HELSINKI, PETERSBURG, &EUROPE),
    (TORONTO, NEW_YORK, &NORTH_AMERICA),
    (LONDON, DUBLIN, &EUROPE),
    (FRANKFURT, ZURICH, &EUROPE),
    (PARIS, LYON, &EUROPE),
];

/// What became of so many draws of one lie, with so many participants.
#[derive(Debug, Default, Clone, Copy)]
pub struct Power {
    /// The lie is a violation, or a question to a participant.
    pub violation: u32,
    pub asked: u32,
    /// The lie is refused because the true country is not ruled out, as the fence asks for.
    pub refused: u32,
    /// An honest node where the lie states it, which meets the same demand.
    pub met: u32,
    /// That honest node, contradicted: never.
    pub wronged: u32,
}

impl Power {
    fn take(&mut self, stated: &City, exclude: &[String], lying: Vec<Trip>, honest: Vec<Trip>) {
        let lie = decision(stated.1, &at(stated), exclude, 0, lying);
        let truth = decision(stated.1, &at(stated), exclude, 0, honest);
        let is_violation = lie.standing == Standing::Violation;
        self.violation += u32::from(is_violation);
        self.asked += u32::from(!is_violation && says(&lie, "RF2116"));
        self.refused += u32::from(says(&lie, "RF2109"));
        self.met += u32::from(!says(&truth, "RF2109"));
        self.wronged += u32::from(says(&truth, "RF2115") || says(&truth, "RF2116"));
    }
}

/// A participant of a meeting for which somebody chose that city: with even chance within 300 km of it, or within 30 km
/// of a large city of the continent.
fn participant(rng: &mut Rng, stated: &City, continent: &[(f64, f64)]) -> Place {
    match rng.bool() {
        true => within(rng, 300.0, &at(stated)),
        false => {
            let (lat, lon) = continent[rng.usize(..continent.len())];
            within(rng, 30.0, &place(lat, lon))
        }
    }
}

/// A round trip over a participant's own line at home or in an office.
fn access_ms(rng: &mut Rng) -> f64 {
    1.0 + 14.0 * rng.f64()
}

/// What an observer whose own line costs `access_ms` measures of a node there.
fn measured(rng: &mut Rng, by: Observer, number: u8, from: &Place, node: &City, access_ms: f64) -> Trip {
    let path = Path::fibre(rng, geodesic_km(from, &at(node)));
    let min_ms = path.least_ms(rng, SAMPLES) + access_ms;
    trip(by, number, *from, min_ms)
}

fn power(which: usize) -> [Power; 4] {
    let (stated, truth, continent) = &LIES[which];
    // Of one country there is nothing to rule out.
    let exclude = match stated.1 == truth.1 {
        true => vec![],
        false => vec![truth.1.to_owned()],
    };
    let mut found = [Power::default(); 4];
    for draw in 0..u64::from(DRAWS) {
        let mut rng = Rng::with_seed(which as u64 * 1_000_000 + draw);
        let (mut lying, mut honest) = (vec![], vec![]);
        let mut observe = |rng: &mut Rng, by, number, from: &Place, access_ms| {
            lying.push(measured(rng, by, number, from, truth, access_ms));
            honest.push(measured(rng, by, number, from, stated, access_ms));
        };
        for number in 1..=5 {
            let from = participant(&mut rng, stated, continent);
            let access_ms = access_ms(&mut rng);
            observe(&mut rng, Observer::Participant, number, &from, access_ms);
        }
        // A beacon is a machine in a data centre: its line is a patch cable.
        let from = within(&mut rng, 30.0, &at(stated));
        observe(&mut rng, Observer::Beacon, 6, &from, 0.2);
        for (power, people) in found.iter_mut().zip(PEOPLE) {
            power.take(
                stated,
                &exclude,
                lying[..people].to_vec(),
                honest[..people].to_vec(),
            );
        }
        found[3].take(stated, &exclude, lying[5..].to_vec(), honest[5..].to_vec());
    }
    found
}

/// What is stated, what is true, whether that is another country, and what became of it with each kind of observers.
pub type Lie = (&'static str, &'static str, bool, [Power; 4]);

pub fn powers() -> Vec<Lie> {
    let row = |which: usize| {
        let (stated, truth, _) = LIES[which];
        (stated.0, truth.0, stated.1 != truth.1, power(which))
    };
    (0..LIES.len()).map(row).collect()
}

fn percent(count: u32) -> String {
    format!("{:.1} %", f64::from(count) * 100.0 / f64::from(DRAWS))
}

/// As a table in Markdown.
pub fn table_of_power(lies: &[Lie]) -> String {
    let mut table = "| stated | truly | who measures | violation | asked | refused by `exclude` | honest node passes `exclude` |\n\
                     | --- | --- | --- | --: | --: | --: | --: |\n"
        .to_owned();
    for (stated, truth, is_abroad, powers) in lies {
        for (power, who) in powers.iter().zip(OBSERVERS) {
            let of_exclude = |count| if *is_abroad { percent(count) } else { "–".into() };
            table += &format!(
                "| {stated} | {truth} | {who} | {} | {} | {} | {} |\n",
                percent(power.violation),
                percent(power.asked),
                of_exclude(power.refused),
                of_exclude(power.met),
            );
        }
    }
    table
}

/// What became of so many draws in which some participants say false places.
#[derive(Debug, Default, Clone, Copy)]
pub struct Misled {
    /// The honest node in Frankfurt is called a violation, or somebody is asked, or it is let in.
    pub violation: u32,
    pub asked: u32,
    pub right: u32,
    /// A node in Moscow that states Frankfurt is let in.
    pub wrong: u32,
}

/// Five participants measure an honest node in Frankfurt and one that is in Moscow, where Russia is to be ruled out. The
/// first `false_places` of them say another place of the same draw than theirs.
pub fn misled(false_places: usize, may_lie: u64) -> Misled {
    let mut found = Misled::default();
    for draw in 0..u64::from(DRAWS) {
        let mut rng = Rng::with_seed(100_000_000 + draw);
        let (mut lying, mut honest) = (vec![], vec![]);
        for number in 1..=5 {
            let from = participant(&mut rng, &FRANKFURT, &EUROPE);
            let said = participant(&mut rng, &FRANKFURT, &EUROPE);
            let access_ms = access_ms(&mut rng);
            for (trips, node) in [(&mut honest, FRANKFURT), (&mut lying, MOSCOW)] {
                let mut trip = measured(&mut rng, Observer::Participant, number, &from, &node, access_ms);
                if usize::from(number) <= false_places {
                    trip.place = said;
                }
                trips.push(trip);
            }
        }
        let judge = |trips| decision(FRANKFURT.1, &at(&FRANKFURT), &["RU".to_owned()], may_lie, trips);
        let (truth, lie) = (judge(honest), judge(lying));
        let is_violation = truth.standing == Standing::Violation;
        found.violation += u32::from(is_violation);
        found.asked += u32::from(!is_violation && says(&truth, "RF2116"));
        found.right += u32::from(truth.allowed);
        found.wrong += u32::from(lie.allowed);
    }
    found
}

/// What false places of participants do, by how many liars the fence withstands.
pub fn table_of_false_places() -> String {
    let mut table = "| false places among five | `liars` | honest: violation | honest: asked | honest: let in | from Moscow: let in |\n\
                     | --: | --: | --: | --: | --: | --: |\n"
        .to_owned();
    for false_places in 0..=3 {
        for may_lie in 0..=2 {
            let found = misled(false_places, may_lie);
            let figures = [found.violation, found.asked, found.right, found.wrong].map(percent);
            table += &format!("| {false_places} | {may_lie} | {} |\n", figures.join(" | "));
        }
    }
    table
}
