//! Places on the earth, and how far from one a machine can be that answered in a given time.
//! Not here: which countries that reaches (`borders`), and who measured, when, and whether to believe it (`evidence`).
//!
//! Every number comes from `libm` and from IEEE 754's exact operations, never from the platform's `sin` or `acos`: the
//! server, the page and the auditor get the same bits, and so the same decision.
//!
//! Distances are lower bounds. On WGS84 a step along the ground is ds² = M² dφ² + N² cos²φ dλ², with geodetic latitude φ,
//! the radius of the meridian M ≥ a(1-e²) = 6335.439 km and that of the prime vertical N ≥ a = 6378.137 km. So no way on
//! the ellipsoid is shorter than 6335.439 km times the angle between the two places on a sphere that has their geodetic
//! latitudes. What is above the ellipsoid only has farther to go; the deepest sea floor is nearer by a third of what the
//! bound leaves on average.
use libm::{atan2, cos, hypot, sin};

/// Light in vacuum, km per ms.
pub const LIGHT_KM_PER_MS: f64 = 299.792458;
/// The smallest radius of curvature of WGS84, in km, rounded down.
pub const LEAST_RADIUS_KM: f64 = 6335.439;
/// Taken off every angle for what may have been rounded: 6 mm on the ground, a million times what doubles lose.
const ROUNDED_RAD: f64 = 1e-9;
/// The same for the cosine of an angle. It is what counts near 0 and π, where it is up to 3 m.
const ROUNDED_COS: f64 = 1e-13;

#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum GeometryError {
    #[error("a latitude is from -90 to 90 degrees, not {0}")]
    Latitude(f64),
    #[error("a longitude is from -180 to 180 degrees, not {0}")]
    Longitude(f64),
    #[error("a round trip takes some milliseconds, not {0}")]
    RoundTrip(f64),
}

/// A place on the ground: geodetic latitude and longitude on WGS84, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    lat: f64,
    lon: f64,
}

impl Place {
    /// From degrees north and degrees east.
    ///
    /// Errors: what is not a number from -90 to 90, or from -180 to 180.
    pub fn new(lat: f64, lon: f64) -> Result<Place, GeometryError> {
        if !(-90.0..=90.0).contains(&lat) {
            return Err(GeometryError::Latitude(lat));
        }
        if !(-180.0..=180.0).contains(&lon) {
            return Err(GeometryError::Longitude(lon));
        }
        Ok(Place { lat, lon })
    }

    /// Degrees north of the equator.
    pub fn lat(&self) -> f64 {
        self.lat
    }

    /// Degrees east of Greenwich.
    pub fn lon(&self) -> f64 {
        self.lon
    }

    /// No way over the ground between the two is shorter, in km. At most 0.56 % below the geodesic.
    pub fn least_km_to(&self, other: &Place) -> f64 {
        let (here, there) = (Parallel::at(self.lat), Parallel::at(other.lat));
        let turn = radians(other.lon - self.lon);
        let across = there.cos * sin(turn);
        let along = here.cos * there.sin - here.sin * there.cos * cos(turn);
        let forward = here.sin * there.sin + here.cos * there.cos * cos(turn);
        let angle = atan2(hypot(across, along), forward);
        (angle - ROUNDED_RAD).max(0.0) * LEAST_RADIUS_KM
    }
}

/// How far from the asker the responder can be, in km, whose answer took `min_ms` milliseconds there and back.
pub fn reach_km(min_ms: f64) -> f64 {
    LIGHT_KM_PER_MS * min_ms / 2.0
}

fn radians(degrees: f64) -> f64 {
    degrees * (std::f64::consts::PI / 180.0)
}

/// A circle of latitude, as the sine and cosine of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parallel {
    sin: f64,
    cos: f64,
}

impl Parallel {
    pub(crate) fn at(lat: f64) -> Parallel {
        Parallel {
            sin: sin(radians(lat)),
            cos: cos(radians(lat)).max(0.0),
        }
    }

    /// How long it is, as a part of the equator.
    pub(crate) fn length(&self) -> f64 {
        self.cos
    }
}

/// What two parallels and two meridians enclose. It does not cross the antimeridian; its edges belong to it.
pub(crate) struct Patch {
    pub south: Parallel,
    pub north: Parallel,
    /// Degrees east.
    pub west: f64,
    pub east: f64,
}

/// Where a machine can be at most: no farther from `place` than light gets there and back in the time that was measured.
#[derive(Debug, Clone, Copy)]
pub struct Disc {
    place: Place,
    reach_km: f64,
    parallel: Parallel,
    /// Of the largest angle at which it may be; below every cosine if it may be anywhere.
    least_cos: f64,
}

impl Disc {
    /// Of the responder to an asker at `place` whose fastest round trip took `min_ms` milliseconds.
    ///
    /// Errors: a round trip that is negative or not a number.
    pub fn new(place: Place, min_ms: f64) -> Result<Disc, GeometryError> {
        if !(min_ms.is_finite() && min_ms >= 0.0) {
            return Err(GeometryError::RoundTrip(min_ms));
        }
        let reach_km = reach_km(min_ms);
        let angle = reach_km / LEAST_RADIUS_KM + ROUNDED_RAD;
        let anywhere = angle >= std::f64::consts::PI;
        Ok(Disc {
            place,
            reach_km,
            parallel: Parallel::at(place.lat),
            least_cos: if anywhere { -2.0 } else { cos(angle) - ROUNDED_COS },
        })
    }

    pub fn place(&self) -> Place {
        self.place
    }

    /// In km.
    pub fn reach_km(&self) -> f64 {
        self.reach_km
    }

    /// Whether the machine can be at that place. In doubt it can.
    pub fn reaches(&self, place: &Place) -> bool {
        let parallel = Parallel::at(place.lat);
        !self.is_clear_of(&Patch {
            south: parallel,
            north: parallel,
            west: place.lon,
            east: place.lon,
        })
    }

    /// Whether no point of the patch, edges included, is in the disc. In doubt it is not clear.
    pub(crate) fn is_clear_of(&self, patch: &Patch) -> bool {
        self.greatest_cos(patch) < self.least_cos
    }

    /// The cosine of the angle to the nearest point of the patch. At every latitude that is on the nearest meridian, and
    /// along this one the cosine is a sin φ + b cos φ: one hill, whose top is between the two parallels, or it is
    /// greatest on one of them.
    pub(crate) fn greatest_cos(&self, patch: &Patch) -> f64 {
        let away = |lon: f64| {
            let turn = (lon - self.place.lon).abs();
            turn.min(360.0 - turn)
        };
        let inside = patch.west <= self.place.lon && self.place.lon <= patch.east;
        let turn = if inside {
            0.0
        } else {
            away(patch.west).min(away(patch.east))
        };
        let (a, b) = (self.parallel.sin, self.parallel.cos * cos(radians(turn)));
        let height = |at: &Parallel| a * at.sin + b * at.cos;
        let rise = |at: &Parallel| a * at.cos - b * at.sin;
        if rise(&patch.south) > 0.0 && rise(&patch.north) < 0.0 {
            return (a * a + b * b).sqrt();
        }
        height(&patch.south).max(height(&patch.north))
    }
}
