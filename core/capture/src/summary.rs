//! Responsible for: what a scan says, as it is handed on: flows, counts, interfaces.
//! Not responsible for: what it means.
use crate::file::{Format, Interface};
use crate::found::Shown;
use crate::ip::{TCP, UDP};
use crate::observation::Protocol;
use crate::tcp::About;
use crate::timeline::{Steps, Timeline};
use crate::{Counts, Observation};
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use std::net::IpAddr;

/// What went one way of a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    pub packets: u64,
    /// Of whole frames, as they were on the wire.
    pub bytes: u64,
    /// Of what TCP or UDP carried.
    pub payload: u64,
    /// Packets of which the capture has only the beginning.
    pub cut: u64,
}

/// A flow: all packets between two peers, or of one TCP connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub ip_protocol: u8,
    /// Who sent the first packet, and to whom.
    pub a: (IpAddr, u16),
    pub b: (IpAddr, u16),
    pub first_ns: i64,
    pub last_ns: i64,
    /// Its number, from 1.
    pub first_packet: u64,
    pub forth: Totals,
    pub back: Totals,
    pub tcp: Option<About>,
    pub observations: Vec<Shown>,
    /// Observations beyond the bounds.
    pub dropped: u64,
    pub timeline: Option<Box<Timeline>>,
}

impl Summary {
    pub fn transport(&self) -> &'static str {
        match self.ip_protocol {
            TCP => "tcp",
            UDP => "udp",
            _ => "other",
        }
    }

    /// What it carries, in the order in which that was seen.
    pub fn protocols(&self) -> Vec<Protocol> {
        let carried = |shown: &Shown| match shown.observation {
            Observation::Carries { protocol } => Some((shown.evidence.first, protocol)),
            _ => None,
        };
        let mut carried: Vec<_> = self.observations.iter().filter_map(carried).collect();
        carried.sort_by_key(|(first, _)| *first);
        carried.into_iter().map(|(_, protocol)| protocol).collect()
    }

    pub fn steps(&self) -> Option<Steps<'_>> {
        self.timeline.as_ref().map(|timeline| timeline.steps())
    }
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut flow = to.serialize_struct("Flow", 14)?;
        flow.serialize_field("transport", self.transport())?;
        flow.serialize_field("ip_protocol", &self.ip_protocol)?;
        flow.serialize_field("a", &self.a)?;
        flow.serialize_field("b", &self.b)?;
        flow.serialize_field("first_ns", &self.first_ns)?;
        flow.serialize_field("last_ns", &self.last_ns)?;
        flow.serialize_field("first_packet", &self.first_packet)?;
        flow.serialize_field("forth", &self.forth)?;
        flow.serialize_field("back", &self.back)?;
        flow.serialize_field("tcp", &self.tcp)?;
        flow.serialize_field("protocols", &self.protocols())?;
        flow.serialize_field("observations", &self.observations)?;
        flow.serialize_field("dropped", &self.dropped)?;
        flow.serialize_field("timeline", &self.steps())?;
        flow.end()
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'a> {
            #[serde(flatten)]
            observation: &'a Observation,
            count: u64,
            first_ns: i64,
            last_ns: i64,
            packets: &'a [u64],
        }
        let evidence = &self.evidence;
        Flat {
            observation: &self.observation,
            count: evidence.count,
            first_ns: evidence.first,
            last_ns: evidence.last,
            packets: evidence.packets(),
        }
        .serialize(to)
    }
}

/// What a capture shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scan {
    pub format: Format,
    pub compressed: bool,
    pub interfaces: Vec<Interface>,
    pub counts: Counts,
    /// In the order of their first packets.
    pub flows: Vec<Summary>,
}
