//! What a beacon measured of the way to a node, signed by the beacon, with the node's own answer in it.
//! Not here: measuring (`ringfence-echo`), or what follows from it (`physics`).
use crate::evidence::{Observer, Trip, widened_ms};
use crate::geometry::{Place, reach_km};
use crate::{Coordinates, Statement, Trust};
use ringfence_echo::{Question, is_answer_of};
use ringfence_signed::cbor::{self, Map};
use ringfence_signed::{B32, Error, Result, cose};
use std::net::{IpAddr, SocketAddr};

/// In bytes, signed.
pub const LONGEST: usize = 1 << 10;
/// As many as are shown at once.
pub const MOST: usize = 16;
/// A node can have moved since, or its address can lead elsewhere: in a meeting nothing counts that is older (seconds).
pub const MAX_AGE: u64 = 3600;
/// By which the clocks of a beacon and of who decides may differ (seconds).
pub const MAX_AHEAD: u64 = 120;
const VERSION: u64 = 1;
/// In bytes.
const MAX_NAME: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// Who measured, and signs.
    pub beacon: B32,
    pub name: String,
    /// Where the beacon is, by its own word: what that is worth the owner says who pins its key.
    pub place: Coordinates,
    pub node: B32,
    /// To which was sent, in its shortest form, as statements have it.
    pub address: String,
    pub port: u16,
    pub samples: u64,
    /// Of the fastest, in microseconds.
    pub least_us: u64,
    /// When it was measured, in unix seconds.
    pub at: u64,
    pub nonce: B32,
    /// The node's signature, which the fastest round trip brought.
    pub answer: [u8; 64],
}

fn bad(what: &str) -> Error {
    Error::new("RF2205", what)
}

impl Transcript {
    pub fn encode(&self) -> Vec<u8> {
        let (lat, lon) = self.place.hundred_thousandths();
        cbor::encode(&cbor::map([
            ("version", VERSION.into()),
            ("beacon", cbor::bytes(&self.beacon)),
            ("name", self.name.as_str().into()),
            ("lat", lat.into()),
            ("lon", lon.into()),
            ("node", cbor::bytes(&self.node)),
            ("address", self.address.as_str().into()),
            ("port", u64::from(self.port).into()),
            ("samples", self.samples.into()),
            ("least", self.least_us.into()),
            ("at", self.at.into()),
            ("nonce", cbor::bytes(&self.nonce)),
            ("answer", cbor::bytes(&self.answer)),
        ]))
    }

    /// Reads a transcript that its beacon signed, and whose answer the node signed.
    ///
    /// Errors: `RF2205`.
    pub fn read(document: &[u8]) -> Result<Self> {
        read(document).map_err(|error| bad(&error.detail))
    }

    /// Reads all that are shown at once. Errors: those of [`Transcript::read`]; `RF2205` when they are too many.
    pub fn read_all<'a>(documents: impl ExactSizeIterator<Item = &'a [u8]>) -> Result<Vec<Self>> {
        if documents.len() > MOST {
            return Err(bad("at most 16 are shown at once"));
        }
        documents.map(Self::read).collect()
    }

    fn decode(payload: &[u8]) -> Result<Self> {
        let mut map = Map::decode(payload)?;
        if map.uint("version")? != VERSION {
            return Err(bad("its version is not known"));
        }
        let (lat, lon) = (map.take("lat")?, map.take("lon")?);
        let transcript = Self {
            beacon: map.fixed("beacon")?,
            name: map.text("name")?,
            place: Coordinates::of(cbor::as_int(lat, "lat")?, cbor::as_int(lon, "lon")?)?,
            node: map.fixed("node")?,
            address: map.text("address")?,
            port: u16::try_from(map.uint("port")?).map_err(|_| bad("not a port"))?,
            samples: map.uint("samples")?,
            least_us: map.uint("least")?,
            at: map.uint("at")?,
            nonce: map.fixed("nonce")?,
            answer: map.fixed("answer")?,
        };
        map.finish()?;
        Ok(transcript)
    }

    /// Whether its fields fit together, and the node has answered so. Errors: `RF2205`.
    pub fn check(&self) -> Result<()> {
        let name = &self.name;
        if name.trim().is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(bad("a beacon's name is one line of at most 100 bytes"));
        }
        if self.samples == 0 || self.least_us == 0 {
            return Err(bad("nobody can have measured that"));
        }
        if self.beacon == self.node {
            return Err(bad("a node does not measure itself"));
        }
        let address: IpAddr = self.address.parse().map_err(|_| bad("not an address"))?;
        // One address, one way to write it: IPv4 in the clothes of IPv6 is IPv4.
        if address.to_canonical().to_string() != self.address {
            return Err(bad("an address is written in its shortest form"));
        }
        let question = Question {
            nonce: self.nonce,
            asker: self.beacon,
        };
        let at = SocketAddr::new(address, self.port);
        match is_answer_of(&self.node, &question, at, &self.answer) {
            true => Ok(()),
            false => Err(bad("the node has not answered so at this address")),
        }
    }

    /// It is about this node at an address that the node lists.
    pub fn is_about(&self, node: &Statement) -> bool {
        self.node == node.node && node.addresses.contains(&self.address)
    }

    /// Its time is over.
    pub fn is_stale(&self, time: u64) -> bool {
        time.saturating_sub(self.at) > MAX_AGE
    }

    /// What counts of it for this node at this time.
    pub fn trip(&self, trust: &Trust, node: &Statement, time: u64) -> Option<Trip> {
        if !self.is_about(node) || self.is_stale(time) || self.at > time.saturating_add(MAX_AHEAD) {
            return None;
        }
        let (lat, lon) = self.place.degrees();
        Some(Trip {
            by: match trust.beacons.contains(&self.beacon) {
                true => Observer::Beacon,
                false => Observer::Stranger,
            },
            observer: self.beacon,
            place: Place::new(lat, lon).ok()?,
            // A metre for the rounding of the coordinates is more than half of what a step of them is, both ways.
            min_ms: widened_ms(self.least_us, 0),
            at: self.at.min(time),
            address: self.address.clone(),
        })
    }

    /// Nowhere farther from the beacon can the node be, in whole kilometres.
    pub fn km(&self) -> f64 {
        reach_km(widened_ms(self.least_us, 0)).ceil()
    }
}

fn read(document: &[u8]) -> Result<Transcript> {
    if document.len() > LONGEST {
        return Err(bad("a transcript has at most 1 KiB"));
    }
    let transcript = Transcript::decode(&cose::unverified_payload(document)?)?;
    cose::verify(cose::label::TRANSCRIPT, document, &transcript.beacon)?;
    transcript.check()?;
    Ok(transcript)
}
