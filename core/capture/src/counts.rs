//! Responsible for: how much of a capture could be read.
//! Not responsible for: reading it.
use serde::Serialize;

/// What was read, and what could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All packets that the capture holds, and their bytes on the wire.
    pub packets: u64,
    pub bytes: u64,
    pub first_ns: Option<i64>,
    pub last_ns: Option<i64>,
    /// Packets of which the capture has only the beginning (snaplen).
    pub truncated: u64,
    /// Records or blocks of the file that make no sense.
    pub damaged: u64,
    /// Bytes that were passed over to find the next that do.
    pub skipped_bytes: u64,
    /// The file ends inside a record.
    pub ended_early: bool,
    pub unknown_link: u64,
    pub not_ip: u64,
    pub bad_ip: u64,
    pub bad_transport: u64,
    pub fragments: u64,
    /// Datagrams of which not every fragment was there.
    pub incomplete_datagrams: u64,
    /// Packets of flows beyond the bound on flows.
    pub flows_not_kept: u64,
    pub observations_dropped: u64,
}

impl Counts {
    /// Both together.
    pub fn add(&mut self, other: &Self) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.first_ns = [self.first_ns, other.first_ns].into_iter().flatten().min();
        self.last_ns = [self.last_ns, other.last_ns].into_iter().flatten().max();
        self.truncated += other.truncated;
        self.damaged += other.damaged;
        self.skipped_bytes += other.skipped_bytes;
        self.ended_early |= other.ended_early;
        self.unknown_link += other.unknown_link;
        self.not_ip += other.not_ip;
        self.bad_ip += other.bad_ip;
        self.bad_transport += other.bad_transport;
        self.fragments += other.fragments;
        self.incomplete_datagrams += other.incomplete_datagrams;
        self.flows_not_kept += other.flows_not_kept;
        self.observations_dropped += other.observations_dropped;
    }
}
