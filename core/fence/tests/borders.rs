//! What round trips rule out and prove, held against what is known of the world without our cells.
use proptest::prelude::*;
use proptest::sample::select;
use ringfence_fence::borders::{
    Strip, fewest_that_exclude, fewest_that_prove, inner_strips, is_clear_of, is_excluded, is_proven,
    is_surely_in, load, may_be_in, outer_strips,
};
use ringfence_fence::geometry::{Disc, GeometryError, LIGHT_KM_PER_MS, Place, reach_km};

/// Cities, with coordinates from elsewhere than the borders.
const CITIES: [(&str, &str, f64, f64); 84] = [
    ("Ottawa", "CA", 45.4215, -75.6972),
    ("Toronto", "CA", 43.65, -79.38),
    ("Vancouver", "CA", 49.2827, -123.1207),
    ("Iqaluit", "CA", 63.7467, -68.517),
    ("Washington", "US", 38.9072, -77.0369),
    ("Honolulu", "US", 21.3069, -157.8583),
    ("Anchorage", "US", 61.2181, -149.9003),
    ("Adak", "US", 51.88, -176.6581),
    ("Mexico City", "MX", 19.4326, -99.1332),
    ("Havana", "CU", 23.1136, -82.3666),
    ("San Juan", "PR", 18.4655, -66.1057),
    ("San Juan", "US", 18.4655, -66.1057),
    ("Bogota", "CO", 4.711, -74.0721),
    ("Georgetown", "GY", 6.8013, -58.1551),
    ("Cayenne", "GF", 4.9224, -52.3135),
    ("Cayenne", "FR", 4.9224, -52.3135),
    ("Brasilia", "BR", -15.7939, -47.8828),
    ("Buenos Aires", "AR", -34.6037, -58.3816),
    ("Ushuaia", "AR", -54.8019, -68.303),
    ("Santiago", "CL", -33.4489, -70.6693),
    ("Stanley", "FK", -51.6977, -57.8517),
    ("Stanley", "AR", -51.6977, -57.8517),
    ("Reykjavik", "IS", 64.1466, -21.9426),
    ("Nuuk", "GL", 64.1814, -51.6941),
    ("Nuuk", "DK", 64.1814, -51.6941),
    ("Dublin", "IE", 53.3498, -6.2603),
    ("London", "GB", 51.5074, -0.1278),
    ("Paris", "FR", 48.8566, 2.3522),
    ("Brussels", "BE", 50.8503, 4.3517),
    ("Amsterdam", "NL", 52.3676, 4.9041),
    ("Kralendijk", "BQ", 12.1443, -68.2655),
    ("Luxembourg", "LU", 49.6116, 6.1319),
    ("Berlin", "DE", 52.52, 13.405),
    ("Frankfurt", "DE", 50.1109, 8.6821),
    ("Bern", "CH", 46.948, 7.4474),
    ("Vaduz", "LI", 47.141, 9.5209),
    ("Vienna", "AT", 48.2082, 16.3738),
    ("Rome", "IT", 41.9028, 12.4964),
    ("Vatican", "VA", 41.9022, 12.4533),
    ("San Marino", "SM", 43.9424, 12.4578),
    ("Monaco", "MC", 43.7384, 7.4246),
    ("Andorra la Vella", "AD", 42.5063, 1.5218),
    ("Madrid", "ES", 40.4168, -3.7038),
    ("Ceuta", "ES", 35.8894, -5.3213),
    ("Lisbon", "PT", 38.7223, -9.1393),
    ("Ponta Delgada", "PT", 37.7394, -25.6687),
    ("Valletta", "MT", 35.8989, 14.5146),
    ("Athens", "GR", 37.9838, 23.7275),
    ("Nicosia", "CY", 35.1856, 33.3823),
    ("Ankara", "TR", 39.9334, 32.8597),
    ("Kyiv", "UA", 50.4501, 30.5234),
    ("Minsk", "BY", 53.9006, 27.559),
    ("Moscow", "RU", 55.7558, 37.6173),
    ("Kaliningrad", "RU", 54.7104, 20.4522),
    ("Anadyr", "RU", 64.7337, 177.5089),
    ("Vilnius", "LT", 54.6872, 25.2797),
    ("Helsinki", "FI", 60.1699, 24.9384),
    ("Stockholm", "SE", 59.3293, 18.0686),
    ("Oslo", "NO", 59.9139, 10.7522),
    ("Longyearbyen", "SJ", 78.2232, 15.6267),
    ("Cairo", "EG", 30.0444, 31.2357),
    ("Nairobi", "KE", -1.2921, 36.8219),
    ("Kinshasa", "CD", -4.4419, 15.2663),
    ("Brazzaville", "CG", -4.2634, 15.2429),
    ("Maseru", "LS", -29.3151, 27.4869),
    ("Pretoria", "ZA", -25.7479, 28.2293),
    ("Port Louis", "MU", -20.1609, 57.5012),
    ("Jerusalem", "IL", 31.7683, 35.2137),
    ("Ramallah", "PS", 31.9038, 35.2034),
    ("Tehran", "IR", 35.6892, 51.389),
    ("Delhi", "IN", 28.6139, 77.209),
    ("Beijing", "CN", 39.9042, 116.4074),
    ("Urumqi", "CN", 43.8256, 87.6168),
    ("Hong Kong", "HK", 22.3193, 114.1694),
    ("Macao", "MO", 22.1987, 113.5439),
    ("Taipei", "TW", 25.033, 121.5654),
    ("Seoul", "KR", 37.5665, 126.978),
    ("Tokyo", "JP", 35.6762, 139.6503),
    ("Singapore", "SG", 1.3521, 103.8198),
    ("Male", "MV", 4.1755, 73.5093),
    ("Funafuti", "TV", -8.5243, 179.1942),
    ("Suva", "FJ", -18.1416, 178.4419),
    ("Wellington", "NZ", -41.2866, 174.7756),
    ("Amundsen-Scott", "AQ", -90.0, 0.0),
];

fn place(lat: f64, lon: f64) -> Place {
    Place::new(lat, lon).unwrap()
}

fn disc(lat: f64, lon: f64, min_ms: f64) -> Disc {
    Disc::new(place(lat, lon), min_ms).unwrap()
}

fn codes() -> Vec<String> {
    let groups: serde_json::Value = serde_json::from_str(include_str!("../groups.json")).unwrap();
    let world = groups["world@2026-01"]["countries"].as_str().unwrap();
    world.split_whitespace().map(str::to_owned).collect()
}

/// The fastest round trip over `km`, in ms.
fn fastest(km: f64) -> f64 {
    2.0 * km / LIGHT_KM_PER_MS
}

#[test]
fn no_other_file_is_taken_for_the_borders() {
    let file = include_bytes!("../borders.bin");
    assert!(load(file).is_ok());
    let mut other = file.to_vec();
    other[file.len() / 2] ^= 1;
    for wrong in [&other[..], &file[1..], b""] {
        assert_eq!(load(wrong).unwrap_err().code, "RF2005");
    }
}

#[test]
fn a_place_is_on_the_earth() {
    assert!(Place::new(90.0, -180.0).is_ok());
    assert_eq!(Place::new(90.1, 0.0), Err(GeometryError::Latitude(90.1)));
    assert_eq!(Place::new(0.0, -180.5), Err(GeometryError::Longitude(-180.5)));
    assert!(Place::new(f64::NAN, 0.0).is_err() && Place::new(0.0, f64::INFINITY).is_err());
    for wrong in [-0.1, f64::NAN, f64::INFINITY] {
        assert!(Disc::new(place(0.0, 0.0), wrong).is_err());
    }
}

/// Geodesics that follow from WGS84's definition: along the equator, and quarters of a meridian.
#[test]
fn the_bound_is_below_the_geodesic_and_not_far() {
    for (from, to, km) in [
        ((0.0, 0.0), (0.0, 90.0), 10_018.754),
        ((0.0, 30.0), (90.0, 0.0), 10_001.966),
        ((-90.0, 0.0), (90.0, 0.0), 20_003.931),
        ((0.0, 179.5), (0.0, -179.5), 111.319),
        ((43.65, -79.38), (43.65, -79.38), 0.0),
    ] {
        let least = place(from.0, from.1).least_km_to(&place(to.0, to.1));
        assert!(
            least <= km && least >= km * 0.993 - 0.001,
            "{from:?} {to:?}: {least} and {km}"
        );
    }
    assert_eq!(reach_km(1.0), 149.896229);
}

#[test]
fn every_country_has_cells_and_nothing_else_has() {
    for code in codes() {
        let strips = outer_strips(&code);
        assert!(!strips.is_empty(), "{code}");
        for Strip {
            south,
            north,
            west,
            east,
        } in strips.into_iter().chain(inner_strips(&code))
        {
            assert!(
                -90.0 <= south && south < north && north <= 90.0,
                "{code} {south} {north}"
            );
            assert!(
                -180.0 <= west && west < east && east <= 180.0,
                "{code} {west} {east}"
            );
        }
    }
    for none in ["XX", "", "ca", "EU", "eu@2026-01"] {
        let near = disc(0.0, 0.0, 0.0);
        assert!(
            !is_clear_of(none, &near) && !is_proven(none, &[near], 0),
            "{none}"
        );
        assert_eq!(outer_strips(none), []);
    }
}

#[test]
fn inner_cells_are_outer_ones_and_nobody_elses() {
    let middle = |strip: &Strip| {
        let east = (strip.east - 0.001).max(strip.west);
        [strip.west + 0.001, (strip.west + strip.east) / 2.0, east].map(|lon| place(strip.south + 0.001, lon))
    };
    let states = [
        ("AX", "FI"),
        ("HK", "CN"),
        ("SJ", "NO"),
        ("GF", "FR"),
        ("PR", "US"),
        ("GL", "DK"),
        ("RE", "FR"),
    ];
    for (code, state) in states {
        assert!(
            inner_strips(code)
                .iter()
                .flat_map(middle)
                .all(|at| may_be_in(state, &at) && !is_surely_in(state, &at))
        );
    }
    let all = [
        "CA", "US", "MX", "GB", "IE", "FR", "DE", "CH", "AT", "LI", "IT", "CN", "RU", "FI", "NO", "UA", "RS",
        "PL",
    ];
    for code in all {
        for at in inner_strips(code).iter().flat_map(middle) {
            assert!(may_be_in(code, &at), "{code} {at:?}");
            for other in all.into_iter().filter(|other| *other != code) {
                assert!(!may_be_in(other, &at), "{code} {other} {at:?}");
            }
        }
    }
}

#[test]
fn from_toronto_china_is_ruled_out_below_59_ms() {
    for (min_ms, clear) in [
        (1.0, true),
        (58.0, true),
        (59.0, true),
        (60.5, false),
        (70.0, false),
        (500.0, false),
    ] {
        assert_eq!(is_clear_of("CN", &disc(43.65, -79.38, min_ms)), clear, "{min_ms}");
    }
}

#[test]
fn russia_is_ruled_out_from_close_by_only() {
    for (lat, lon, clear, reached) in [
        (50.11, 8.68, 5.8, 5.95),     // Frankfurt; the nearest is Kaliningrad's shore
        (60.17, 24.94, 0.68, 0.78),   // Helsinki; Hogland
        (54.6872, 25.2797, 0.9, 1.2), // Vilnius; Kaliningrad's border at Vistytis
        (43.65, -79.38, 37.4, 38.0),  // Toronto; the east end of Chukotka
        (64.5, -165.4, 1.2, 2.2),     // Nome; the antimeridian is between
    ] {
        assert!(is_clear_of("RU", &disc(lat, lon, clear)), "{lat} {lon} {clear}");
        assert!(
            !is_clear_of("RU", &disc(lat, lon, reached)),
            "{lat} {lon} {reached}"
        );
    }
}

#[test]
fn land_that_is_claimed_is_in_each_claimant_and_proof_of_none() {
    for (name, lat, lon, claimants) in [
        ("Taipei", 25.033, 121.5654, "TW CN"),
        ("Kinmen", 24.44, 118.33, "TW CN"),
        ("Simferopol", 44.952, 34.1024, "UA RU"),
        ("Sevastopol", 44.6, 33.53, "UA RU"),
        ("Donetsk", 48.0159, 37.8029, "UA RU"),
        ("Kherson", 46.6354, 32.6169, "UA RU"),
        ("Laayoune", 27.1253, -13.1625, "EH MA"),
        ("Srinagar", 34.0837, 74.7973, "IN PK"),
        ("Leh", 34.1526, 77.5771, "IN PK CN"),
        ("Itanagar", 27.0844, 93.6053, "IN CN"),
        ("Kyrenia", 35.3364, 33.3173, "CY TR"),
        ("Akrotiri", 34.59, 32.98, "CY GB"),
        ("Pristina", 42.6629, 21.1655, "RS"),
        ("Majdal Shams", 33.267, 35.767, "SY IL"),
        ("Gaza", 31.5017, 34.4668, "PS IL"),
        ("Old City of Jerusalem", 31.7767, 35.2345, "PS IL"),
        ("Stanley", -51.6977, -57.8517, "FK GB AR"),
        ("Grytviken", -54.281, -36.5092, "GS GB AR"),
        ("Yuzhno-Kurilsk", 44.03, 145.86, "RU JP"),
        ("Uotsuri-shima", 25.745, 123.475, "JP TW CN"),
        ("Liancourt", 37.2426, 131.8651, "KR JP"),
        ("Itu Aba", 10.3764, 114.3656, "TW CN VN PH"),
        ("Woody Island", 16.834, 112.34, "CN TW VN"),
        ("Sukhumi", 43.0015, 41.0234, "GE RU"),
        ("Tskhinvali", 42.2257, 43.9701, "GE RU"),
        ("Tiraspol", 46.8482, 29.5968, "MD RU"),
        ("Hargeisa", 9.5624, 44.077, "SO"),
        ("Halaib", 22.22, 36.65, "EG SD"),
        ("Abyei", 9.5956, 28.436, "SD SS"),
        ("Lethem", 3.38, -59.8, "GY VE"),
        ("Gibraltar", 36.1408, -5.3536, "GI GB ES"),
        ("Melilla", 35.2923, -2.9381, "ES MA"),
        ("Diego Garcia", -7.3133, 72.4111, "IO GB MU"),
        ("Mamoudzou", -12.7806, 45.2278, "YT FR KM"),
        ("Guantanamo Bay", 19.91, -75.12, "CU US"),
        ("Baikonur", 45.965, 63.305, "KZ RU"),
        ("Navassa", 18.4, -75.012, "UM US HT"),
        ("Vostok", -78.4645, 106.8339, "AQ AU"),
    ] {
        let at = place(lat, lon);
        for claimant in claimants.split(' ') {
            assert!(may_be_in(claimant, &at), "{name} {claimant}");
            assert!(!is_clear_of(claimant, &disc(lat, lon, 0.0)), "{name} {claimant}");
        }
        for code in codes() {
            assert!(!is_surely_in(&code, &at), "{name} {code}");
        }
    }
}

#[test]
fn a_disc_proves_a_country_that_holds_all_of_it() {
    for (name, code, lat, lon, min_ms, proven) in [
        ("Paris", "FR", 48.8566, 2.3522, 0.9, true),
        ("Paris", "FR", 48.8566, 2.3522, 1.2, false), // 180 km: the sea off Dieppe
        ("Montreal", "CA", 45.5019, -73.5674, 0.3, true), // the river is no border
        ("London", "GB", 51.5074, -0.1278, 0.4, true),
        ("Dublin", "IE", 53.3498, -6.2603, 0.09, true), // and the water of the bay is no other country's
        ("Toronto", "CA", 43.65, -79.38, 0.1, true),
        ("Toronto", "CA", 43.65, -79.38, 0.2, false), // 30 km: the border in Lake Ontario has a corner 15 km away
        ("Winnipeg", "CA", 49.8951, -97.1384, 0.5, true),
        ("Yellowknife", "CA", 62.454, -114.3718, 3.5, true),
        ("Kansas City", "US", 39.0997, -94.5786, 6.0, true),
        ("Madrid", "ES", 40.4168, -3.7038, 1.5, true),
        ("Moscow", "RU", 55.7558, 37.6173, 2.5, true),
        ("Novosibirsk", "RU", 55.0084, 82.9357, 2.4, true),
        ("Taipei", "TW", 25.033, 121.5654, 0.1, false),
        ("Taipei", "CN", 25.033, 121.5654, 0.1, false),
        ("South Pole", "AQ", -90.0, 0.0, 5.0, false), // claimed by several
        ("Frankfurt", "DE", 50.1109, 8.6821, 0.8, true),
        ("Frankfurt", "DE", 50.1109, 8.6821, 1.3, false),
    ] {
        let near = disc(lat, lon, min_ms);
        assert_eq!(is_proven(code, &[near], 0), proven, "{name} {min_ms}");
        for other in codes().iter().filter(|other| *other != code) {
            assert!(!is_proven(other, &[near], 0), "{name} {other}");
            assert!(!proven || is_clear_of(other, &near), "{name} {other}");
        }
    }
}

#[test]
fn so_many_observers_may_lie() {
    let discs = [
        disc(48.8566, 2.3522, 0.9),
        disc(48.6, 2.5, 0.9),
        disc(48.7, 2.2, 0.9),
        disc(50.11, 8.68, 5.0),
    ];
    assert_eq!(fewest_that_prove("FR", &discs), 3);
    assert_eq!(fewest_that_prove("FR", &discs[..1]), 1);
    assert_eq!(fewest_that_exclude("CN", &discs), 4);
    assert_eq!(fewest_that_exclude("DE", &discs), 3);
    assert_eq!(fewest_that_exclude("FR", &discs), 0);
    assert!(is_excluded("DE", &discs, 2) && !is_excluded("DE", &discs, 3));
    assert_eq!(
        (fewest_that_exclude("CN", &[]), fewest_that_prove("CN", &[])),
        (0, 0)
    );
}

#[test]
fn across_the_antimeridian_and_at_the_poles() {
    // Taveuni and Vanua Levu of Fiji lie on 180 degrees.
    for lon in [180.0, -180.0, 179.99, -179.99] {
        assert!(!is_clear_of("FJ", &disc(-16.85, lon, 0.0)), "{lon}");
        assert!(is_clear_of("NZ", &disc(-16.85, lon, 5.0)), "{lon}");
        assert!(
            !is_clear_of("RU", &disc(67.0, lon, 0.0)) && is_clear_of("US", &disc(67.0, lon, 3.3)),
            "{lon}"
        );
        assert!(is_proven("RU", &[disc(67.5, lon, 0.4)], 0), "{lon}");
    }
    for lon in [-180.0, -100.0, 0.0, 179.0] {
        for pole in [-90.0, 90.0] {
            assert_eq!(is_clear_of("AQ", &disc(pole, lon, 0.0)), pole > 0.0);
            assert!(is_clear_of("SJ", &disc(pole, lon, 6.7)));
        }
        assert!(is_clear_of("CA", &disc(90.0, lon, 4.9)) && !is_clear_of("CA", &disc(90.0, lon, 5.3)));
        assert!(is_clear_of("GL", &disc(90.0, lon, 4.5)) && !is_clear_of("GL", &disc(90.0, lon, 4.9)));
    }
    // Chatham is New Zealand's on the other side; the Aleutians go across.
    assert!(!is_clear_of("NZ", &disc(-43.95, -176.55, 0.01)));
    assert!(!is_clear_of("US", &disc(52.9, 172.9, 0.01)) && !is_clear_of("US", &disc(51.9, -176.6, 0.01)));
    assert!(!is_clear_of("AQ", &disc(-85.0, 180.0, 0.0)) && !is_clear_of("AQ", &disc(-85.0, -180.0, 0.0)));
}

#[test]
fn cities_are_never_cleared_of_their_country() {
    for (name, code, lat, lon) in CITIES {
        assert!(may_be_in(code, &place(lat, lon)), "{name} {code}");
        for (other, _, from_lat, from_lon) in CITIES {
            let from = place(from_lat, from_lon);
            // The tightest disc that still has the city in it.
            let min_ms = fastest(from.least_km_to(&place(lat, lon)) + 0.001);
            assert!(
                !is_clear_of(code, &Disc::new(from, min_ms).unwrap()),
                "{name} {code} from {other}"
            );
        }
    }
}

/// The platform's functions differ in the last bit, and then so would two people's decisions.
#[test]
fn no_transcendental_function_of_the_platform_is_called() {
    let calls = [
        "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sin_cos", "exp", "ln", "log10", "powf", "powi",
    ];
    for text in [
        include_str!("../src/geometry.rs"),
        include_str!("../src/borders.rs"),
        include_str!("../src/cells.rs"),
    ] {
        for call in calls.into_iter().chain([
            "hypot", "cbrt", "sinh", "cosh", "tanh", "mul_add", "log2", "exp2", "log",
        ]) {
            assert!(!text.contains(&format!(".{call}(")), "{call}");
            assert!(!text.contains(&format!("f64::{call}")), "{call}");
        }
    }
}

fn anywhere() -> impl Strategy<Value = Place> {
    let degrees = (-90.0..=90.0, -180.0..=180.0);
    let special = (
        select(vec![-90.0, -0.05, 0.0, 60.0, 90.0]),
        select(vec![-180.0, -179.99, 0.0, 30.05, 180.0]),
    );
    prop_oneof![4 => degrees, 1 => special].prop_map(|(lat, lon)| place(lat, lon))
}

fn discs() -> impl Strategy<Value = Vec<Disc>> {
    let one = (anywhere(), prop_oneof![0.0..3.0, 0.0..140.0]).prop_map(|(at, ms)| Disc::new(at, ms).unwrap());
    proptest::collection::vec(one, 1..5)
}

/// A country, and a point of a cell of it; which set the cell is of.
fn true_place(inner: bool) -> impl Strategy<Value = (String, Place)> {
    let code = select(codes());
    (code, 0.0..1.0, 0.0..=1.0, 0.0..=1.0).prop_filter_map(
        "no inner cell",
        move |(code, which, up, along)| {
            let strips = if inner {
                inner_strips(&code)
            } else {
                outer_strips(&code)
            };
            let strip = strips.get((which * strips.len() as f64) as usize)?;
            let lat: f64 = strip.south + up * (strip.north - strip.south);
            let lon: f64 = strip.west + along * (strip.east - strip.west);
            Some((
                code,
                place(
                    lat.clamp(strip.south, strip.north),
                    lon.clamp(strip.west, strip.east),
                ),
            ))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn where_the_machine_is_is_never_excluded((code, at) in true_place(false), from in proptest::collection::vec((anywhere(), 1.0..1.5), 1..5)) {
        let discs: Vec<Disc> = from.iter().map(|(from, slow)| Disc::new(*from, fastest(from.least_km_to(&at)) * slow).unwrap()).collect();
        prop_assert!(discs.iter().all(|disc| disc.reaches(&at)));
        prop_assert_eq!(fewest_that_exclude(&code, &discs), 0);
    }

    #[test]
    fn what_one_country_has_alone_proves_no_other((code, at) in true_place(true), other in select(codes()), from in anywhere(), near in 0.0..0.3) {
        let near = Disc::new(at, near).unwrap();
        let far = Disc::new(from, fastest(from.least_km_to(&at))).unwrap();
        if other != code {
            prop_assert!(!is_proven(&other, &[near], 0) && !is_proven(&other, &[near, far], 0));
        }
    }

    #[test]
    fn what_is_proven_excludes_the_others((code, at) in true_place(true), other in select(codes()), ms in 0.0..4.0) {
        let near = [Disc::new(at, ms).unwrap()];
        if is_proven(&code, &near, 0) {
            prop_assert!(!is_excluded(&code, &near, 0));
            prop_assert!(other == code || is_excluded(&other, &near, 0) || may_be_in(&other, &at), "{}", other);
        }
    }

    #[test]
    fn a_larger_disc_never_says_more(code in select(codes()), discs in discs(), which in 0usize..5, more in 0.0..20.0) {
        let mut larger = discs.clone();
        let which = which % discs.len();
        let ms = 2.0 * discs[which].reach_km() / LIGHT_KM_PER_MS;
        larger[which] = Disc::new(discs[which].place(), ms + 0.001 + more).unwrap();
        prop_assert!(fewest_that_exclude(&code, &larger) <= fewest_that_exclude(&code, &discs));
        prop_assert!(fewest_that_prove(&code, &larger) <= fewest_that_prove(&code, &discs));
    }

    #[test]
    fn another_disc_never_says_less(code in select(codes()), discs in discs()) {
        let (fewer, most) = (&discs[1..], discs.len());
        let (one, all) = (fewest_that_exclude(&code, fewer), fewest_that_exclude(&code, &discs));
        prop_assert!(one <= all && all <= one + 1 && all <= most);
        prop_assert!(fewest_that_prove(&code, fewer) <= fewest_that_prove(&code, &discs));
    }

    #[test]
    fn the_order_of_the_discs_is_of_no_matter(code in select(codes()), discs in discs()) {
        let turned: Vec<Disc> = discs.iter().rev().copied().collect();
        prop_assert_eq!(fewest_that_exclude(&code, &turned), fewest_that_exclude(&code, &discs));
        prop_assert_eq!(fewest_that_prove(&code, &turned), fewest_that_prove(&code, &discs));
    }

    /// Against cells one by one, through corners and middles: what the search calls clear has no such point in all discs.
    #[test]
    fn the_search_misses_no_cell(code in select(codes()), discs in discs()) {
        let excluded = is_excluded(&code, &discs, 0);
        for strip in outer_strips(&code).iter().step_by(7) {
            for along in [0.0, 0.5, 1.0] {
                let east = strip.west + along * (strip.east - strip.west);
                let at = place(strip.south, east.min(strip.east));
                prop_assert!(!(excluded && discs.iter().all(|disc| disc.reaches(&at))), "{:?}", at);
            }
        }
    }
}

/// `cargo test --release -p ringfence-fence --test borders -- --ignored --nocapture`
#[test]
#[ignore = "it measures time"]
fn how_long_a_question_takes() {
    let observers = [
        (43.65, -79.38),
        (45.5, -73.57),
        (49.28, -123.12),
        (40.71, -74.0),
        (41.88, -87.63),
    ];
    for target in [
        (45.42, -75.7),
        (50.11, 8.68),
        (55.75, 37.61),
        (47.14, 9.52),
        (39.1, -94.58),
    ] {
        let at = place(target.0, target.1);
        let mut discs = vec![Disc::new(at, 0.3).unwrap()];
        discs.extend(observers.map(|(lat, lon)| {
            let from = place(lat, lon);
            Disc::new(from, fastest(from.least_km_to(&at)) * 1.3 + 0.5).unwrap()
        }));
        for (name, used) in [
            ("1 far", &discs[1..2]),
            ("5 far", &discs[1..6]),
            ("1 near", &discs[..1]),
            ("5 with a near one", &discs[..5]),
        ] {
            let mut line = format!("{target:?} {name}:");
            for code in ["RU", "CA", "US", "LI", "CN", "FR"] {
                for liars in [0, 1] {
                    let time = |question: &dyn Fn() -> bool| {
                        let said = question();
                        let start = std::time::Instant::now();
                        for _ in 0..200 {
                            std::hint::black_box(question());
                        }
                        (said, start.elapsed().as_secs_f64() * 1e6 / 200.0)
                    };
                    let (out, excluding) = time(&|| is_excluded(code, used, liars));
                    let (inside, proving) = time(&|| is_proven(code, used, liars));
                    let mark = |said: bool| if said { '+' } else { '-' };
                    line += &format!(
                        "  {code}/{liars} {}{excluding:.1} {}{proving:.1}",
                        mark(out),
                        mark(inside)
                    );
                }
            }
            println!("{line}");
        }
    }
}
