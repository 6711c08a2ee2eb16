//! Responsible for: messages of SIP in clear, with the description of media in them (RFC 3261).
//! Not responsible for: the description (`sdp`), or keys in it (`secrets`).
use super::http_head::{head_length, value};
use super::{Detector, Next, Seen, Taken, Way, sdp, secrets};
use crate::Found;
use crate::observation::{Observation, Protocol, Text};

const METHODS: [&str; 14] = [
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "REGISTER",
    "OPTIONS",
    "PRACK",
    "SUBSCRIBE",
    "NOTIFY",
    "PUBLISH",
    "INFO",
    "REFER",
    "MESSAGE",
    "UPDATE",
];
/// A message that is longer is not read.
const LONGEST: usize = 24 << 10;

/// Whether a message of SIP begins; `None` while there is too little to tell.
pub fn begins(bytes: &[u8]) -> Option<bool> {
    let starts = |word: &[u8]| bytes.iter().zip(word).all(|(byte, letter)| byte == letter);
    let request = METHODS
        .iter()
        .any(|method| starts(method.as_bytes()) && bytes.get(method.len()).is_none_or(|byte| *byte == b' '));
    if !request && !starts(b"SIP/2.0 ") {
        return Some(false);
    }
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        return if bytes.len() > 2048 { Some(false) } else { None };
    };
    let line = bytes[..end].trim_ascii_end();
    Some(line.starts_with(b"SIP/2.0 ") || line.ends_with(b" SIP/2.0"))
}

/// Whether a datagram is one.
pub fn datagram(seen: Seen<'_>, found: &mut Found<'_>) -> bool {
    let is = begins(seen.bytes) == Some(true);
    if is {
        message(seen.bytes, seen, found);
    }
    is
}

fn message(bytes: &[u8], seen: Seen<'_>, found: &mut Found<'_>) {
    let (head, body) = bytes.split_at(head_length(bytes).unwrap_or(bytes.len()));
    let line = head
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    let mut words = line.split(|byte| *byte == b' ');
    let first = words.next().unwrap_or_default();
    let method = if first == b"SIP/2.0" {
        words.next().unwrap_or_default()
    } else {
        first
    };
    found.see(
        seen.number,
        seen.at,
        Observation::Carries {
            protocol: Protocol::Sip,
        },
    );
    found.see(
        seen.number,
        seen.at,
        Observation::Sip {
            method: Text::new(method),
            // RFC 3261 section 7.3.3: "t" is short for it.
            to: value(head, "to").or_else(|| value(head, "t")).map(Text::new),
        },
    );
    secrets::scan(body, "SIP", seen, found);
    sdp::observe(body, "SIP", seen, found);
}

#[derive(Default)]
pub struct Sip {
    lost: [bool; 2],
}

impl Detector for Sip {
    fn stream(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Taken {
        let mut taken = 0;
        while taken < seen.bytes.len() {
            let rest = &seen.bytes[taken..];
            let way = seen.way.index();
            // RFC 5626 section 3.5.1: empty lines keep a connection alive.
            if rest.starts_with(b"\r\n") {
                taken += 2;
                continue;
            }
            if self.lost[way] || begins(rest) == Some(false) || rest.len() > LONGEST {
                self.lost[way] = true;
                taken = seen.bytes.len();
                break;
            }
            let Some(head) = head_length(rest) else { break };
            let length = value(&rest[..head], "content-length").or_else(|| value(&rest[..head], "l"));
            let length = length
                .and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<usize>().ok())
                .unwrap_or(0);
            let Some(whole) = head.checked_add(length).and_then(|end| rest.get(..end)) else {
                break;
            };
            message(whole, seen, found);
            taken += whole.len();
        }
        Taken {
            bytes: taken,
            next: if self.lost == [true, true] {
                Next::Over
            } else {
                Next::Mine
            },
        }
    }

    fn gap(&mut self, way: Way, _found: &mut Found<'_>) -> Next {
        self.lost[way.index()] = true;
        if self.lost == [true, true] {
            Next::Over
        } else {
            Next::Mine
        }
    }
}
