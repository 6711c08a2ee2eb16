//! What this device itself knows of where a node can be: how long the way there takes, and where the person says they are.
//! Not here: measuring (the page), or what follows from it (`ringfence-fence`). The person's place goes to nobody.
use super::{Outcome, minor};
use ringfence_fence::evidence::widened_ms;
use ringfence_fence::geometry::{Place, reach_km};
use ringfence_fence::{Coordinates, Observer, Transcript, Trip};
use ringfence_receipt::document;
use ringfence_signed::{B32, to_text};
use serde::{Deserialize, Serialize};

/// No place on earth is farther from another (km).
const ANYWHERE_KM: f64 = 20_040.0;

/// As a page says it.
#[derive(Deserialize)]
pub struct Said {
    lat: Option<f64>,
    lon: Option<f64>,
    radius_km: Option<f64>,
    /// They were asked about it, and said that it is right.
    confirmed: bool,
}

/// Where the person says they are: within `radius_m` metres of a place. In whole numbers, as a receipt can say it.
#[derive(Clone, Copy, PartialEq)]
struct Whereabouts {
    at: Coordinates,
    place: Place,
    radius_m: u64,
    confirmed: bool,
}

/// The fastest round trip to the node so far.
#[derive(Clone, PartialEq)]
struct Fastest {
    node: B32,
    address: String,
    /// Microseconds.
    least_us: u64,
    samples: u64,
    /// When it was measured, in unix seconds.
    at: u64,
}

/// What is known in this session, over all its connections.
#[derive(Default)]
pub struct Observing {
    whereabouts: Option<Whereabouts>,
    fastest: Option<Fastest>,
}

/// A round trip of somebody who said where they are.
#[derive(Clone, PartialEq)]
pub struct Observed {
    whereabouts: Whereabouts,
    fastest: Fastest,
}

/// The same as a page shows it. `km`: nowhere farther from the place can the node be.
#[derive(Serialize, PartialEq)]
pub struct TripWord {
    /// `you`, or the key of a beacon.
    observer: String,
    /// Of a beacon.
    name: Option<String>,
    beacon: Option<&'static str>,
    /// Its time is over: it counts for nothing.
    stale: bool,
    address: String,
    lat: f64,
    lon: f64,
    radius_km: f64,
    min_ms: f64,
    km: f64,
    samples: u64,
    /// Milliseconds since 1970.
    at: u64,
}

impl TripWord {
    /// What a beacon measured, whose key the owner has pinned or has not.
    pub fn heard(said: &Transcript, pinned: bool, stale: bool) -> Self {
        let (lat, lon) = said.place.degrees();
        Self {
            observer: to_text(&said.beacon),
            name: Some(said.name.clone()),
            beacon: Some(if pinned { "pinned" } else { "stranger" }),
            stale,
            address: said.address.clone(),
            lat,
            lon,
            radius_km: 0.0,
            min_ms: said.least_us as f64 / 1e3,
            km: said.km(),
            samples: said.samples,
            at: said.at.saturating_mul(1000),
        }
    }
}

impl Said {
    fn read(&self) -> Outcome<Option<Whereabouts>> {
        let unusable = |what: &str| minor("RF3240", format!("a place: {what}"));
        let (lat, lon, radius_km) = match (self.lat, self.lon, self.radius_km) {
            (None, None, None) => return Ok(None),
            (Some(lat), Some(lon), Some(radius)) => (lat, lon, radius),
            _ => return Err(unusable("a part of it is missing")),
        };
        let at = Coordinates::new(lat, lon).map_err(|error| unusable(&error.detail))?;
        let (lat, lon) = at.degrees();
        let place = Place::new(lat, lon).map_err(|error| unusable(&error.to_string()))?;
        match (0.0..=ANYWHERE_KM).contains(&radius_km) {
            true => Ok(Some(Whereabouts {
                at,
                place,
                radius_m: (radius_km * 1e3).ceil() as u64,
                confirmed: self.confirmed,
            })),
            false => Err(unusable("its radius is no distance")),
        }
    }
}

impl Observing {
    /// Who says another place than before may have travelled: what was measured from there counts no more. Returns whether
    /// something is to be measured anew.
    pub fn locate(&mut self, said: &Said) -> Outcome<bool> {
        let now = said.read()?;
        let before = self.whereabouts.map(|before| before.place);
        let elsewhere = before.is_some_and(|before| now.is_none_or(|now| now.place != before));
        let dropped = elsewhere && self.fastest.take().is_some();
        self.whereabouts = now;
        Ok(dropped)
    }

    pub fn measured(
        &mut self,
        (node, address): (B32, &str),
        min_ms: f64,
        samples: u32,
        time: u64,
    ) -> Outcome {
        // No clock of a browser shows nothing: what is added for its steps is more.
        if !(min_ms.is_finite() && min_ms > 0.0) || samples == 0 {
            return Err(minor("RF3240", "a round trip that nobody can have measured"));
        }
        let least_us = (min_ms * 1e3).ceil() as u64;
        let known = self.fastest.take();
        let known = known.filter(|known| known.node == node && known.address == address);
        let samples = known.as_ref().map_or(0, |known| known.samples) + u64::from(samples);
        self.fastest = Some(match known {
            Some(known) if known.least_us <= least_us => Fastest { samples, ..known },
            _ => Fastest {
                node,
                address: address.to_owned(),
                least_us,
                samples,
                at: time,
            },
        });
        Ok(())
    }

    /// For a receipt of somebody who chooses to say it.
    pub fn whereabouts(&self) -> Option<document::Whereabouts> {
        let said = self.whereabouts?;
        let (lat, lon) = said.at.hundred_thousandths();
        Some(document::Whereabouts {
            lat,
            lon,
            radius_m: said.radius_m,
            confirmed: said.confirmed,
        })
    }

    pub fn of(&self, node: &B32) -> Option<Observed> {
        let whereabouts = self.whereabouts?;
        let fastest = self.fastest.clone().filter(|fastest| fastest.node == *node)?;
        Some(Observed { whereabouts, fastest })
    }
}

impl Observed {
    /// `observer`: our key. Who is somewhere within a radius may be as much nearer to the node than the place that they say.
    pub fn trip(&self, observer: B32) -> Trip {
        Trip {
            by: match self.whereabouts.confirmed {
                true => Observer::Confirmed,
                false => Observer::Participant,
            },
            observer,
            place: self.whereabouts.place,
            min_ms: widened_ms(self.fastest.least_us, self.whereabouts.radius_m),
            at: self.fastest.at,
            address: self.fastest.address.clone(),
        }
    }

    /// For a receipt: what was measured, and where the person was, if they choose to say it.
    pub fn testimony(&self) -> document::Trip {
        document::Trip {
            at: self.fastest.at,
            address: self.fastest.address.clone(),
            least_us: self.fastest.least_us,
            samples: self.fastest.samples,
        }
    }

    pub fn word(&self) -> TripWord {
        let Whereabouts { place, radius_m, .. } = self.whereabouts;
        let (radius_km, min_ms) = (radius_m as f64 / 1e3, self.fastest.least_us as f64 / 1e3);
        TripWord {
            observer: "you".into(),
            name: None,
            beacon: None,
            stale: false,
            address: self.fastest.address.clone(),
            lat: place.lat(),
            lon: place.lon(),
            radius_km,
            min_ms,
            // A metre more than what doubles lose, and then whole kilometres.
            km: (reach_km(min_ms) + radius_km + 0.001).ceil(),
            samples: self.fastest.samples,
            at: self.fastest.at * 1000,
        }
    }
}
