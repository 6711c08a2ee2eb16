//! Responsible for: headers of IPv4 (RFC 791) and IPv6 (RFC 8200) down to what they carry, also one inside another.
//! Not responsible for: putting fragments together, or what is carried.

/// More extension headers than anybody sends.
const EXTENSIONS: usize = 16;
/// IP inside IP is followed so deep.
const NESTED: usize = 3;

pub const TCP: u8 = 6;
pub const UDP: u8 = 17;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Addresses {
    pub source: u128,
    pub destination: u128,
    pub v6: bool,
}

/// Which part of a datagram a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    pub id: u32,
    /// In bytes.
    pub offset: u32,
    pub more: bool,
}

/// What an IP packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    pub addresses: Addresses,
    pub protocol: u8,
    /// Where it is in the frame, and how much of it the capture has.
    pub start: usize,
    pub captured: usize,
    /// How much of it there was on the wire.
    pub whole: usize,
    pub fragment: Option<Fragment>,
}

#[inline]
fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?).into())
}

/// The packet inside another: 4 and 41 are IPv4 and IPv6 (RFC 2003, RFC 4213).
#[inline(always)]
pub fn is_nested(carried: &Carried) -> bool {
    matches!(carried.protocol, 4 | 41) && carried.fragment.is_none()
}

/// The innermost packet in one that has another inside.
#[cold]
pub fn innermost(frame: &[u8], mut carried: Carried) -> Carried {
    for _ in 0..NESTED {
        if !is_nested(&carried) {
            break;
        }
        let frame = &frame[..carried.start + carried.captured];
        match once(frame, carried.start, carried.whole - carried.captured) {
            Some(inner) => carried = inner,
            None => break,
        }
    }
    carried
}

fn once(frame: &[u8], at: usize, missing: usize) -> Option<Carried> {
    match frame.get(at)? >> 4 {
        4 => v4(frame, at, missing),
        6 => v6(frame, at, missing),
        _ => None,
    }
}

/// The IPv4 packet at that place of a frame which had `missing` more bytes on the wire than the capture has.
///
/// None where it cannot be read: cut inside its header, or lengths that contradict each other.
#[inline(always)]
pub fn v4(frame: &[u8], at: usize, missing: usize) -> Option<Carried> {
    let header: &[u8; 20] = frame.get(at..at + 20)?.try_into().ok()?;
    let length = usize::from(header[0] & 15) * 4;
    let left = frame.len() - at;
    let total = match usize::from(u16::from_be_bytes([header[2], header[3]])) {
        // The network card was to fill it in when it cut the packet up.
        0 => left + missing,
        total => total,
    };
    if length < 20 || total < length || left < length || total > left + missing {
        return None;
    }
    let address = |from: usize| {
        let four = [header[from], header[from + 1], header[from + 2], header[from + 3]];
        u128::from(u32::from_be_bytes(four))
    };
    let flags = u32::from(u16::from_be_bytes([header[6], header[7]]));
    let (more, offset) = (flags & 0x2000 != 0, (flags & 0x1fff) * 8);
    let whole = total - length;
    Some(Carried {
        addresses: Addresses {
            source: address(12),
            destination: address(16),
            v6: false,
        },
        protocol: header[9],
        start: at + length,
        // Behind its end there may be padding of the frame.
        captured: whole.min(left - length),
        whole,
        fragment: (more || offset > 0).then(|| Fragment {
            id: u32::from(u16::from_be_bytes([header[4], header[5]])),
            offset,
            more,
        }),
    })
}

/// The same of IPv6.
pub fn v6(frame: &[u8], at: usize, missing: usize) -> Option<Carried> {
    let header: &[u8; 40] = frame.get(at..at + 40)?.try_into().ok()?;
    let left = frame.len() - at - 40;
    let mut whole = match usize::from(u16::from_be_bytes([header[4], header[5]])) {
        0 => left + missing,
        length => length,
    };
    if whole > left + missing {
        return None;
    }
    let frame = &frame[..at + 40 + whole.min(left)];
    let address = |from: usize| u128::from_be_bytes(header[from..from + 16].try_into().unwrap_or([0; 16]));
    let mut protocol = header[6];
    let mut start = at + 40;
    let mut fragment = None;
    for _ in 0..EXTENSIONS {
        let length = match protocol {
            // Hop by hop, routing, destination, mobility, HIP, shim6: in units of 8 bytes after the first.
            0 | 43 | 60 | 135 | 139 | 140 => 8 + 8 * usize::from(*frame.get(start + 1)?),
            // The authentication header counts in words, and from 2 (RFC 4302 §2.2).
            51 => 8 + 4 * usize::from(*frame.get(start + 1)?),
            44 => {
                let place = be16(frame, start + 2)? as u32;
                let id = frame.get(start + 4..start + 8)?;
                let part = Fragment {
                    id: u32::from_be_bytes(id.try_into().ok()?),
                    offset: place & 0xfff8,
                    more: place & 1 == 1,
                };
                // A datagram in one fragment is whole (RFC 6946).
                fragment = (part.more || part.offset > 0).then_some(part);
                8
            }
            _ => break,
        };
        protocol = *frame.get(start)?;
        start += length;
        whole = whole.checked_sub(length)?;
        if start > frame.len() {
            return None;
        }
        if fragment.is_some() {
            break;
        }
    }
    Some(Carried {
        addresses: Addresses {
            source: address(8),
            destination: address(24),
            v6: true,
        },
        protocol,
        start,
        captured: frame.len() - start,
        whole,
        fragment,
    })
}
