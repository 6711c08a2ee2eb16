//! Cities of the tables in docs/physics.md. Not here: what is computed of them (`catching`, `reaching`).
use ringfence_fence::geometry::Place;

/// Its name, its country, degrees north and east.
pub type City = (&'static str, &'static str, f64, f64);

pub const TORONTO: City = ("Toronto", "CA", 43.65, -79.38);
pub const NEW_YORK: City = ("New York", "US", 40.71, -74.01);
pub const BEIJING: City = ("Beijing", "CN", 39.90, 116.41);
pub const FRANKFURT: City = ("Frankfurt", "DE", 50.11, 8.68);
pub const MOSCOW: City = ("Moscow", "RU", 55.76, 37.62);
pub const PARIS: City = ("Paris", "FR", 48.86, 2.35);
pub const LYON: City = ("Lyon", "FR", 45.76, 4.84);
pub const HELSINKI: City = ("Helsinki", "FI", 60.17, 24.94);
pub const PETERSBURG: City = ("St Petersburg", "RU", 59.93, 30.34);
pub const SINGAPORE: City = ("Singapore", "SG", 1.35, 103.82);
pub const SHENZHEN: City = ("Shenzhen", "CN", 22.54, 114.06);
pub const LONDON: City = ("London", "GB", 51.51, -0.13);
pub const DUBLIN: City = ("Dublin", "IE", 53.35, -6.26);
pub const ZURICH: City = ("Zurich", "CH", 47.37, 8.54);
pub const WARSAW: City = ("Warsaw", "PL", 52.23, 21.01);
pub const TOKYO: City = ("Tokyo", "JP", 35.68, 139.65);
pub const REYKJAVIK: City = ("Reykjavik", "IS", 64.15, -21.94);
pub const CALGARY: City = ("Calgary", "CA", 51.05, -114.07);
pub const VANCOUVER: City = ("Vancouver", "CA", 49.28, -123.12);
pub const DALLAS: City = ("Dallas", "US", 32.78, -96.80);
pub const SEATTLE: City = ("Seattle", "US", 47.61, -122.33);
pub const SYDNEY: City = ("Sydney", "AU", -33.87, 151.21);
pub const SAO_PAULO: City = ("São Paulo", "BR", -23.55, -46.63);

/// Twenty of the largest cities of each continent, of which far participants are: north and east.
pub const NORTH_AMERICA: [(f64, f64); 20] = [
    (19.43, -99.13),  // Mexico City
    (40.71, -74.01),  // New York
    (34.05, -118.24), // Los Angeles
    (43.65, -79.38),  // Toronto
    (41.88, -87.63),  // Chicago
    (29.76, -95.37),  // Houston
    (32.78, -96.80),  // Dallas
    (25.76, -80.19),  // Miami
    (33.75, -84.39),  // Atlanta
    (38.91, -77.04),  // Washington
    (42.36, -71.06),  // Boston
    (37.77, -122.42), // San Francisco
    (33.45, -112.07), // Phoenix
    (47.61, -122.33), // Seattle
    (45.50, -73.57),  // Montreal
    (49.28, -123.12), // Vancouver
    (51.05, -114.07), // Calgary
    (39.74, -104.99), // Denver
    (25.69, -100.32), // Monterrey
    (20.66, -103.35), // Guadalajara
];
pub const EUROPE: [(f64, f64); 20] = [
    (41.01, 28.98), // Istanbul
    (55.76, 37.62), // Moscow
    (51.51, -0.13), // London
    (59.93, 30.34), // St Petersburg
    (52.52, 13.40), // Berlin
    (40.42, -3.70), // Madrid
    (50.45, 30.52), // Kyiv
    (41.90, 12.50), // Rome
    (48.86, 2.35),  // Paris
    (44.43, 26.10), // Bucharest
    (48.21, 16.37), // Vienna
    (53.55, 9.99),  // Hamburg
    (52.23, 21.01), // Warsaw
    (47.50, 19.04), // Budapest
    (41.39, 2.17),  // Barcelona
    (48.14, 11.58), // Munich
    (45.46, 9.19),  // Milan
    (50.08, 14.44), // Prague
    (59.33, 18.07), // Stockholm
    (38.72, -9.14), // Lisbon
];
pub const ASIA: [(f64, f64); 20] = [
    (35.68, 139.65), // Tokyo
    (28.61, 77.21),  // Delhi
    (31.23, 121.47), // Shanghai
    (23.81, 90.41),  // Dhaka
    (39.90, 116.41), // Beijing
    (19.08, 72.88),  // Mumbai
    (34.69, 135.50), // Osaka
    (24.86, 67.00),  // Karachi
    (22.57, 88.36),  // Kolkata
    (14.60, 120.98), // Manila
    (23.13, 113.26), // Guangzhou
    (-6.21, 106.85), // Jakarta
    (37.57, 126.98), // Seoul
    (13.76, 100.50), // Bangkok
    (12.97, 77.59),  // Bangalore
    (10.82, 106.63), // Ho Chi Minh City
    (3.15, 101.69),  // Kuala Lumpur
    (22.32, 114.17), // Hong Kong
    (25.03, 121.57), // Taipei
    (1.35, 103.82),  // Singapore
];

pub fn place(lat: f64, lon: f64) -> Place {
    Place::new(lat, lon).expect("on the earth")
}

pub fn at(city: &City) -> Place {
    place(city.2, city.3)
}
