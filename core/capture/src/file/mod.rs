//! Responsible for: where in a capture its packets lie, in either format.
//! Not responsible for: what is in them.
mod pcap;
mod pcapng;
mod unit;

use crate::Counts;
use crate::link::Link;
use pcap::Pcap;
use pcapng::Pcapng;
use ringfence_signed::Error;
use serde::Serialize;

/// No packet is longer than this (libpcap's MAXIMUM_SNAPLEN is 256 KiB; some write what was put together again).
const LONGEST_PACKET: usize = 1 << 20;
/// How far the next record is looked for behind a damaged one before what was passed over is let go.
const SEARCHED: usize = 1 << 20;

/// Where one packet lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// In nanoseconds since 1970.
    pub at: i64,
    /// In the bytes that were walked.
    pub start: u32,
    /// Bytes that the capture has of it.
    pub captured: u32,
    /// Bytes that it had on the wire.
    pub original: u32,
    pub link: Link,
}

/// How far the bytes were walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked {
    /// Bytes that are done with.
    pub used: usize,
    /// Behind them so many have to be there to go on; 0 where there was no room for more records.
    pub wants: usize,
}

/// An interface that packets were captured at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interface {
    pub link: &'static str,
    /// The number of the link type, as the tcpdump group gives them out.
    pub number: u16,
    /// Longest packet that was kept whole; 0 where there was no limit.
    pub snaplen: u32,
    pub name: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Pcap,
    Pcapng,
}

/// A walk over the records of a capture. It keeps its place over the ends of what it is given.
#[derive(Clone)]
pub enum Walker {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// Bytes that have to be there to tell what a file is.
pub const HEAD: usize = 24;

impl Walker {
    /// From the first bytes of a file, HEAD of them where it has so many. Errors: RF2502 where it is no capture.
    pub fn open(head: &[u8]) -> Result<Self, Error> {
        if let Some(pcap) = Pcap::open(head) {
            return Ok(Self::Pcap(pcap));
        }
        if Pcapng::begins(head) {
            return Ok(Self::Pcapng(Pcapng::default()));
        }
        Err(Error::new("RF2502", looks_like(head)))
    }

    pub fn format(&self) -> Format {
        match self {
            Self::Pcap(_) => Format::Pcap,
            Self::Pcapng(_) => Format::Pcapng,
        }
    }

    pub fn interfaces(&self) -> &[Interface] {
        match self {
            Self::Pcap(pcap) => &pcap.interfaces,
            Self::Pcapng(pcapng) => &pcapng.interfaces,
        }
    }

    /// The same walk from another place, where a record seems to begin: the first one of the bytes.
    pub fn elsewhere(mut self, bytes: &[u8]) -> Option<(Self, usize)> {
        let looks = |place| match &self {
            Self::Pcap(pcap) => pcap.looks(bytes, place, false),
            Self::Pcapng(pcapng) => pcapng.looks(bytes, place, false),
        };
        let Search::Found(place) = search(0, bytes.len(), looks) else {
            return None;
        };
        match &mut self {
            Self::Pcap(pcap) => pcap.begin(),
            Self::Pcapng(pcapng) => pcapng.begin(),
        }
        Some((self, place))
    }

    /// It is behind something damaged, and looks for the next record.
    pub fn is_lost(&self) -> bool {
        match self {
            Self::Pcap(pcap) => pcap.lost,
            Self::Pcapng(pcapng) => pcapng.lost,
        }
    }

    /// How often something was read that what follows depends on.
    pub fn changes(&self) -> u32 {
        match self {
            Self::Pcap(_) => 0,
            Self::Pcapng(pcapng) => pcapng.changes,
        }
    }

    /// Puts the records that are whole and begin before `until` into `out`, as many as there is `room` for. `last`: nothing
    /// follows the bytes.
    pub fn walk(
        &mut self,
        bytes: &[u8],
        until: usize,
        last: bool,
        room: usize,
        out: &mut Vec<Record>,
        counts: &mut Counts,
    ) -> Walked {
        match self {
            Self::Pcap(pcap) => pcap.walk(bytes, until, last, room, out, counts),
            Self::Pcapng(pcapng) => pcapng.walk(bytes, until, last, room, out, counts),
        }
    }
}

/// What a file that is no capture looks like.
fn looks_like(head: &[u8]) -> &'static str {
    let text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..);
    match head {
        [] => "the file is empty",
        [b'P', b'K', 3, 4, ..] => "the file is a ZIP archive: unpack it first",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "the file is packed with Zstandard: unpack it first",
        [0xfd, b'7', b'z', b'X', b'Z', ..] => "the file is packed with xz: unpack it first",
        [b'B', b'Z', b'h', ..] => "the file is packed with bzip2: unpack it first",
        [0xa1, 0xb2, ..] | [0xd4, 0xc3, ..] | [0x0a, 0x0d, ..] => "the file ends in the header of a capture",
        _ if head.iter().all(text) => "the file looks like text",
        _ => "the file begins as neither a pcap nor a pcapng file does",
    }
}

/// What a search for the next record finds.
enum Search {
    Found(usize),
    /// It is told only when so many bytes are there.
    Wants(usize),
    /// None before this place.
    None(usize),
}

/// What a place in the file looks like.
enum Looks {
    Like,
    Unlike,
    Wants(usize),
}

/// The first place from `from` on that looks like a record.
fn search(from: usize, end: usize, mut looks: impl FnMut(usize) -> Looks) -> Search {
    let until = end.min(from + SEARCHED);
    for place in from..until {
        match looks(place) {
            Looks::Like => return Search::Found(place),
            Looks::Wants(bytes) => return Search::Wants(bytes),
            Looks::Unlike => {}
        }
    }
    Search::None(until)
}

/// Integers in the byte order of whoever wrote the file.
#[derive(Clone, Copy, Debug, Default)]
struct Order {
    big: bool,
}

impl Order {
    /// The caller has seen that they are there: elsewhere it is 0.
    fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let read = bytes
            .get(at..at + 2)
            .and_then(|part| part.try_into().ok())
            .unwrap_or([0; 2]);
        if self.big {
            u16::from_be_bytes(read)
        } else {
            u16::from_le_bytes(read)
        }
    }

    fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let read = bytes.get(at..).and_then(|rest| rest.first_chunk());
        self.u32_of(*read.unwrap_or(&[0; 4]))
    }

    #[inline(always)]
    fn u32_of(self, bytes: [u8; 4]) -> u32 {
        if self.big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        }
    }
}
