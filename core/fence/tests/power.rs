//! What docs/physics.md says of how far round trips reach is what a simulation finds.
mod catching;
mod cities;
mod networks;
mod reaching;

use catching::{Lie, misled, powers, table_of_false_places, table_of_power};
use cities::{FRANKFURT, MOSCOW, at};
use networks::{decision, geodesic_km, trip};
use reaching::{table_of_presets, table_of_reach};
use ringfence_fence::Observer;
use ringfence_fence::geometry::LIGHT_KM_PER_MS;
use ringfence_fence::preset::presets;
use std::sync::OnceLock;

const DOC: &str = include_str!("../../../docs/physics.md");

fn lies() -> &'static [Lie] {
    static LIES: OnceLock<Vec<Lie>> = OnceLock::new();
    LIES.get_or_init(powers)
}

fn is_documented(table: &str) {
    assert!(
        DOC.contains(table),
        "docs/physics.md does not have this table, which examples/power.rs prints:\n{table}"
    );
}

#[test]
fn the_tables_of_the_documentation_are_what_is_computed() {
    is_documented(&table_of_power(lies()));
    is_documented(&table_of_false_places());
    is_documented(&table_of_reach());
    is_documented(&table_of_presets());
}

#[test]
fn each_preset_is_told_how_far_round_trips_reach() {
    let table = table_of_presets();
    for preset in presets() {
        assert!(table.contains(&format!("| `{}` |", preset.id)), "{}", preset.id);
    }
}

#[test]
fn every_lie_about_the_country_is_refused_by_exclude_and_no_honest_node_is_accused() {
    for (stated, truth, is_abroad, powers) in lies() {
        for power in powers {
            assert_eq!(power.wronged, 0, "{stated} {truth}");
            if *is_abroad {
                assert_eq!(power.refused, 1000, "{stated} {truth}");
            }
        }
        assert_eq!(powers[0].violation, 0, "one typed place accuses nobody");
        assert!(powers[0].met <= powers[1].met && powers[1].met <= powers[2].met);
    }
}

#[test]
fn the_words_beside_the_tables_hold() {
    let row = |stated: &str, truth: &str| {
        let found = lies().iter().find(|lie| (lie.0, lie.1) == (stated, truth));
        found.expect("in the table").3
    };
    let [alone, three, _, _] = row("Toronto", "Beijing");
    assert!(
        alone.met.abs_diff(875) < 20 && three.met > 990,
        "one of eight, hardly any"
    );
    assert_eq!(three.violation + three.asked, 0, "nobody can contradict it");
    let [_, _, five, beacon] = row("Frankfurt", "Moscow");
    assert!(
        five.met.abs_diff(250) < 20 && beacon.met > 990,
        "three of four are refused"
    );
    let [_, _, five, beacon] = row("Helsinki", "St Petersburg");
    assert!(
        five.met == 0 && beacon.met.abs_diff(333) < 20,
        "a third of the time"
    );
    assert_eq!(
        row("Toronto", "New York").map(|power| power.met),
        [0; 4],
        "nobody"
    );
    let waiting = 2.0 * geodesic_km(&at(&MOSCOW), &at(&FRANKFURT)) / LIGHT_KM_PER_MS;
    assert!(13.0 < waiting && waiting < 14.0, "14 ms of waiting are enough");
    let (one, two) = (misled(1, 0), misled(2, 0));
    assert_eq!(one.violation, 0, "one alone never accuses the honest node");
    assert!(one.wrong.abs_diff(5) < 3, "one of two hundred is let in");
    assert!(two.violation.abs_diff(3) < 2, "three of a thousand are accused");
    let (none, withstood) = (misled(0, 0), misled(0, 1));
    assert!(none.wrong == 0 && none.right.abs_diff(240) < 20, "a quarter");
    assert!(withstood.right.abs_diff(30) < 5, "one of thirty");
    for many in 1..=3 {
        let found = misled(many, many as u64);
        assert_eq!((found.violation, found.wrong), (0, 0), "{many}");
    }
    let liar = [trip(Observer::Participant, 1, at(&FRANKFURT), 1.0)];
    let on_purpose = |may_lie| decision("DE", &at(&FRANKFURT), &["RU".into()], may_lie, liar.to_vec());
    assert!(on_purpose(0).allowed && !on_purpose(1).allowed);
}
