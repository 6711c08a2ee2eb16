//! What round trips are short enough to rule countries out, and to prove one: two tables of docs/physics.md.
//! Not here: how often that happens (`catching`).
use crate::cities::*;
use ringfence_fence::borders::{is_clear_of, is_proven};
use ringfence_fence::geometry::Disc;

/// The longest round trip, in whole hundredths of a millisecond, of which that holds; nothing below 0.01 ms.
fn longest(holds: impl Fn(f64) -> bool) -> String {
    let (mut yes, mut no) = (0_u32, 20_000);
    while no - yes > 1 {
        let middle = (yes + no) / 2;
        match holds(f64::from(middle) / 100.0) {
            true => yes = middle,
            false => no = middle,
        }
    }
    match yes {
        0 => "never".into(),
        _ => format!("{}.{:02}", yes / 100, yes % 100),
    }
}

/// From typical cities: the round trip that rules each country out, and the one to a beacon there that proves its own.
pub fn table_of_reach() -> String {
    const AWAY: [&str; 5] = ["CN", "HK", "RU", "BY", "US"];
    let mut table = format!(
        "| from | {} | proves its own |\n| --- |{}\n",
        AWAY.join(" | "),
        " --: |".repeat(6)
    );
    for city in [
        TORONTO, NEW_YORK, DALLAS, SEATTLE, LONDON, PARIS, FRANKFURT, ZURICH, WARSAW, HELSINKI, SINGAPORE,
        TOKYO, SYDNEY, SAO_PAULO,
    ] {
        let disc = |ms: f64| Disc::new(at(&city), ms).expect("a time");
        let away = AWAY.map(|country| longest(|ms| is_clear_of(country, &disc(ms))));
        let own = longest(|ms| is_proven(city.1, &[disc(ms)], 0));
        table += &format!("| {} | {} | {own} |\n", city.0, away.join(" | "));
    }
    table
}

/// Of each preset a list that an owner might add to `exclude`, and cities from which somebody might measure.
const PRESETS: [(&str, &str, &[City]); 14] = [
    ("only-this-server", "", &[]),
    ("eu", "CN HK MO", &[PARIS, WARSAW]),
    ("eu", "RU BY", &[PARIS, FRANKFURT, WARSAW, HELSINKI]),
    ("eea", "RU BY", &[REYKJAVIK, FRANKFURT]),
    ("eea-adequate", "CN HK MO RU BY", &[PARIS, TOKYO]),
    ("uk", "RU BY", &[LONDON]),
    ("uk", "US", &[LONDON]),
    ("ch", "RU BY", &[ZURICH]),
    ("ca", "CN HK MO RU BY", &[TORONTO, CALGARY]),
    ("ca", "US", &[TORONTO, CALGARY]),
    ("bc-fippa-2019", "CN HK MO RU BY", &[VANCOUVER]),
    ("us", "CN HK MO RU BY", &[NEW_YORK, DALLAS, SEATTLE]),
    (
        "world-except-cn",
        "CN HK MO",
        &[TORONTO, FRANKFURT, SYDNEY, SINGAPORE, TOKYO],
    ),
    (
        "world-except-cn-ru-by",
        "CN HK MO RU BY",
        &[SAO_PAULO, TORONTO, LONDON, FRANKFURT, WARSAW, HELSINKI],
    ),
];

/// For each preset, the round trip below which one observer rules out all of a list.
pub fn table_of_presets() -> String {
    let mut table =
        "| preset | with `exclude` | one round trip rules all of it out below (ms) |\n| --- | --- | --- |\n"
            .to_owned();
    for (preset, exclude, cities) in PRESETS {
        if cities.is_empty() {
            table += &format!("| `{preset}` | – | the node is known by its key, wherever it is |\n");
            continue;
        }
        let from = |city: &City| {
            let disc = |ms: f64| Disc::new(at(city), ms).expect("a time");
            let all = |ms: f64| exclude.split(' ').all(|country| is_clear_of(country, &disc(ms)));
            format!("{} {}", city.0, longest(all))
        };
        let from: Vec<String> = cities.iter().map(from).collect();
        table += &format!("| `{preset}` | {exclude} | {} |\n", from.join(", "));
    }
    table
}
