//! That the towns which the pages offer to choose from are in their countries. Not here: how the pages offer them.
use ringfence_fence::borders;
use ringfence_fence::geometry::{Disc, Place};

/// They are rounded to a tenth of a degree, so within 30 km of it (0.2 ms there and back).
const NEAR_MS: f64 = 0.2;

#[test]
fn every_town_is_in_its_country_by_the_borders_that_decide() {
    let text = include_str!("../../../web/src/views/where/towns.ts");
    let list = text.split('`').nth(1).unwrap().trim();
    borders::load(include_bytes!("../borders.bin")).unwrap();
    let beijing = Disc::new(Place::new(39.9, 116.4).unwrap(), NEAR_MS).unwrap();
    assert!(borders::is_excluded("CA", &[beijing], 0), "and not everything is");
    let mut count = 0;
    for line in list.lines() {
        let (country, towns) = line.split_at(2);
        for town in towns.split(';') {
            let mut words = town.split_whitespace().rev();
            let mut number = || words.next().unwrap().parse::<f64>().unwrap();
            let (lon, lat) = (number(), number());
            let disc = Disc::new(Place::new(lat, lon).unwrap(), NEAR_MS).unwrap();
            assert!(!borders::is_excluded(country, &[disc], 0), "{country}{town}");
            count += 1;
        }
    }
    assert!(count > 300, "{count}");
}
