//! Responsible for: from the link layer to the IP packet inside. Numbers are those of the tcpdump group's list of link
//! types, and IEEE's Ethernet types.
//! Not responsible for: IP.

/// What packets of an interface begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Ethernet,
    /// IP at once, of either version.
    Raw,
    /// The `any` device of Linux, in both of its versions.
    Cooked,
    Cooked2,
    /// BSD's loopback: the family in the byte order of whoever captured.
    Null,
    /// PPP, with or without HDLC's framing.
    Ppp,
    /// A PPPoE session.
    Pppoe,
    /// Apple's: a header of its own in front of another link type.
    Pktap,
    Unknown,
}

/// What is behind the link layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// An IP packet from this byte on.
    Ip(usize),
    NotIp,
    Unknown,
}

impl Link {
    pub fn of(number: u16) -> Self {
        match number {
            1 => Self::Ethernet,
            12 | 14 | 101 | 228 | 229 => Self::Raw,
            113 => Self::Cooked,
            276 => Self::Cooked2,
            0 | 108 => Self::Null,
            9 | 50 => Self::Ppp,
            51 => Self::Pppoe,
            258 => Self::Pktap,
            _ => Self::Unknown,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Ethernet => "ethernet",
            Self::Raw => "raw",
            Self::Cooked => "linux_cooked",
            Self::Cooked2 => "linux_cooked_v2",
            Self::Null => "loopback",
            Self::Ppp => "ppp",
            Self::Pppoe => "pppoe",
            Self::Pktap => "pktap",
            Self::Unknown => "unknown",
        }
    }

    /// Where the IP packet begins in a frame.
    #[inline(always)]
    pub fn inside(self, frame: &[u8]) -> Inside {
        // As nearly all are.
        if self == Self::Ethernet && frame.get(12..14) == Some(&[8, 0]) {
            return version(frame, 14);
        }
        self.inside_of_any(frame)
    }

    fn inside_of_any(self, frame: &[u8]) -> Inside {
        match self {
            Self::Ethernet => ethertype(frame, 12),
            Self::Raw => version(frame, 0),
            Self::Cooked => ethertype(frame, 14),
            Self::Cooked2 => match be16(frame, 0) {
                // The type comes first, and 18 other bytes are between it and what it is of.
                Some(kind) => by_type(frame, kind, 20),
                None => Inside::NotIp,
            },
            Self::Null => match frame {
                // AF_INET, and AF_INET6 of the BSDs, macOS and Linux, in whichever order.
                [2 | 10 | 24 | 28 | 30, 0, 0, 0, ..] | [0, 0, 0, 2 | 10 | 24 | 28 | 30, ..] => {
                    version(frame, 4)
                }
                _ => Inside::NotIp,
            },
            Self::Ppp => ppp(frame, if frame.starts_with(&[0xff, 3]) { 2 } else { 0 }),
            Self::Pppoe => ppp(frame, 6),
            Self::Pktap => pktap(frame),
            Self::Unknown => Inside::Unknown,
        }
    }
}

#[inline]
fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// The Ethernet type at that place, and behind it what it is of.
#[inline]
fn ethertype(frame: &[u8], at: usize) -> Inside {
    match be16(frame, at) {
        Some(kind) => by_type(frame, kind, at + 2),
        None => Inside::NotIp,
    }
}

#[inline]
fn by_type(frame: &[u8], mut kind: u16, mut at: usize) -> Inside {
    // A tag for a VLAN (IEEE 802.1Q), and those around it: more than a few are nobody's network.
    for _ in 0..8 {
        match kind {
            0x0800 | 0x86dd => return version(frame, at),
            0x8100 | 0x88a8 | 0x9100 | 0x9200 => {
                let Some(next) = be16(frame, at + 2) else {
                    return Inside::NotIp;
                };
                kind = next;
                at += 4;
            }
            0x8864 => return ppp(frame, at + 6),
            0x8847 | 0x8848 => return labels(frame, at),
            _ => return Inside::NotIp,
        }
    }
    Inside::NotIp
}

/// IP by its own word for its version.
#[inline]
fn version(frame: &[u8], at: usize) -> Inside {
    match frame.get(at).map(|byte| byte >> 4) {
        Some(4 | 6) => Inside::Ip(at),
        _ => Inside::NotIp,
    }
}

/// RFC 1661 §2, with the protocol in one byte or two; IPv4 is 0x21, IPv6 0x57.
fn ppp(frame: &[u8], at: usize) -> Inside {
    match frame.get(at..) {
        Some([0, 0x21 | 0x57, ..]) => version(frame, at + 2),
        Some([0x21 | 0x57, ..]) => version(frame, at + 1),
        _ => Inside::NotIp,
    }
}

/// RFC 3032 §2.1: labels until the one that says it is the last.
fn labels(frame: &[u8], at: usize) -> Inside {
    for label in 0..16 {
        match frame.get(at + 4 * label + 2) {
            Some(byte) if byte & 1 == 1 => return version(frame, at + 4 * (label + 1)),
            Some(_) => {}
            None => break,
        }
    }
    Inside::NotIp
}

/// Its length, what comes next, and the link type of what follows, in little endian.
fn pktap(frame: &[u8]) -> Inside {
    let word = |at: usize| {
        let four = frame.get(at..at + 4).and_then(|part| part.try_into().ok());
        four.map_or(0, u32::from_le_bytes)
    };
    let (length, link) = (word(0) as usize, word(8));
    let link = Link::of(u16::try_from(link).unwrap_or(u16::MAX));
    if length < 12 || length > frame.len() || link == Link::Pktap {
        return Inside::NotIp;
    }
    match link.inside(&frame[length..]) {
        Inside::Ip(at) => Inside::Ip(length + at),
        other => other,
    }
}
