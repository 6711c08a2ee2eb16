//! Responsible for: a packet of a flow, and what TCP's or UDP's header says of it.
//! Not responsible for: the headers around that (`decoded`), or whose the flow is (`key`).
use crate::ip::{self, Carried};
use crate::key::Key;

/// What TCP's header says (RFC 9293 §3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    pub sequence: u32,
    pub flags: u8,
}

impl Segment {
    pub fn opens(self) -> bool {
        self.flags & SYN != 0
    }
}

pub const FIN: u8 = 1;
pub const SYN: u8 = 2;
pub const RST: u8 = 4;

/// Where the payload of a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the window, from there.
    Window(u32),
    /// It was put together of fragments: the so-manieth of this round.
    Joined(u32),
}

/// A packet of a flow.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    pub key: Key,
    pub at: i64,
    /// Its place among the records of the chunk.
    pub order: u32,
    /// Bytes and number of its frames on the wire: several where it came in fragments.
    pub wire: u32,
    pub frames: u32,
    pub place: Place,
    /// Bytes of its payload that the capture has, and that were on the wire.
    pub captured: u32,
    pub whole: u32,
    pub segment: Segment,
    /// From the key's first address to its second.
    pub from_low: bool,
    /// The capture has not all of its frame.
    pub cut: bool,
}

/// A fragment of a datagram.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub carried: Carried,
    pub fragment: ip::Fragment,
    pub at: i64,
    pub order: u32,
    pub wire: u32,
    /// In the window.
    pub start: u32,
}

/// What a transport's header says.
pub struct Transport {
    pub ports: [u16; 2],
    pub header: usize,
    pub captured: usize,
    pub whole: usize,
    pub segment: Segment,
}

/// None where it is cut inside the header, or its lengths cannot be.
#[inline(always)]
pub fn transport(carried: &Carried, payload: &[u8]) -> Option<Transport> {
    let ports = |header: &[u8]| {
        [
            u16::from_be_bytes([header[0], header[1]]),
            u16::from_be_bytes([header[2], header[3]]),
        ]
    };
    match carried.protocol {
        ip::UDP => {
            let header: &[u8; 8] = payload.get(..8)?.try_into().ok()?;
            let whole = match usize::from(u16::from_be_bytes([header[4], header[5]])) {
                // A jumbogram (RFC 2675), or a network card was to fill it in.
                0 => carried.whole,
                length => length,
            };
            if whole < 8 || whole > carried.whole {
                return None;
            }
            Some(Transport {
                ports: ports(header),
                header: 8,
                captured: whole.min(payload.len()) - 8,
                whole: whole - 8,
                segment: Segment::default(),
            })
        }
        ip::TCP => {
            // Enough for ports, sequence number and flags, also where the capture cut the options.
            let header: &[u8; 14] = payload.get(..14)?.try_into().ok()?;
            let length = usize::from(header[12] >> 4) * 4;
            if length < 20 || length > carried.whole {
                return None;
            }
            Some(Transport {
                ports: ports(header),
                header: length.min(payload.len()),
                captured: payload.len().saturating_sub(length),
                whole: carried.whole - length,
                segment: Segment {
                    sequence: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
                    flags: header[13],
                },
            })
        }
        _ => Some(Transport {
            ports: [0; 2],
            header: 0,
            captured: payload.len(),
            whole: carried.whole,
            segment: Segment::default(),
        }),
    }
}

/// A datagram that was put together, as a packet of its flow. `payload` is what IP carried.
pub fn joined(carried: &Carried, payload: &[u8], packet: Packet) -> Option<Packet> {
    let inside = transport(carried, payload)?;
    let (key, from_low) = Key::of(&carried.addresses, inside.ports, carried.protocol);
    Some(Packet {
        key,
        from_low,
        captured: inside.captured as u32,
        whole: inside.whole as u32,
        segment: inside.segment,
        ..packet
    })
}

/// Of a datagram whose fragments are not all there: only counted, by the ports where its first one says them.
pub fn incomplete(carried: &Carried, first: &[u8], packet: Packet) -> Packet {
    let ports = match (carried.protocol, first) {
        (ip::TCP | ip::UDP, [a, b, c, d, ..]) => [u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])],
        _ => [0; 2],
    };
    let (key, from_low) = Key::of(&carried.addresses, ports, carried.protocol);
    Packet {
        key,
        from_low,
        captured: 0,
        whole: 0,
        ..packet
    }
}
