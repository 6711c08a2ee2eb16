//! Responsible for: frames of a WebSocket in clear: whether they can be read, and keys or descriptions of media in them (RFC 6455).
//! Not responsible for: the request that began it (`http`).
use super::bytes::Reader;
use super::messages::Messages;
use super::{Detector, Next, Seen, Taken, Way, sdp, secrets};
use crate::observation::{Observation, Text};
use crate::{Evidence, Found};

/// Longer frames are passed over: what the reassembly of a stream holds has an end.
const LONGEST: u64 = 24 << 10;

pub struct WebSocket {
    host: Option<Text>,
    path: Text,
    evidence: Evidence,
    readable: bool,
    /// Bytes of a long frame that are left, by way.
    passing: [u64; 2],
    lost: [bool; 2],
    messages: [Messages; 2],
}

impl WebSocket {
    pub fn new(host: Option<Text>, path: Text, seen: Seen<'_>) -> Self {
        Self {
            host,
            path,
            evidence: Evidence::of(seen.number, seen.at),
            readable: false,
            passing: [0; 2],
            lost: [false; 2],
            messages: Default::default(),
        }
    }

    /// One frame, and the bytes that are done with; none when more have to come.
    fn frame(&mut self, bytes: &[u8], seen: Seen<'_>, found: &mut Found<'_>) -> Option<usize> {
        let way = seen.way.index();
        if self.lost[way] {
            return Some(bytes.len());
        }
        if self.passing[way] > 0 {
            let here = self.passing[way].min(bytes.len() as u64);
            self.passing[way] -= here;
            return Some(here as usize);
        }
        let mut reader = Reader::new(bytes);
        let (first, second) = (reader.u8()?, reader.u8()?);
        let length = match second & 0x7f {
            126 => u64::from(reader.u16()?),
            127 => reader.number(8)?,
            short => short.into(),
        };
        let mask = if second & 0x80 != 0 {
            reader.take(4)?
        } else {
            &[0; 4]
        };
        let head = bytes.len() - reader.len();
        // RFC 6455 section 5.2: of a frame that is not one nothing that follows can be told apart.
        if !matches!(first & 0x0f, 0..=2 | 8..=10) || length >> 63 != 0 {
            self.lost[way] = true;
            return Some(bytes.len());
        }
        if length > LONGEST {
            self.passing[way] = length;
            self.messages[way].skip();
            return Some(head);
        }
        let body: Vec<u8> = reader
            .take(length as usize)?
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask)
            .collect();
        if let Some(message) = self.messages[way].frame(first, &body) {
            self.readable |= message.text && std::str::from_utf8(&message.bytes).is_ok();
            secrets::scan(&message.bytes, "WebSocket", seen, found);
            sdp::observe(&message.bytes, "WebSocket", seen, found);
        }
        Some(head + length as usize)
    }
}

impl Detector for WebSocket {
    fn stream(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Taken {
        let mut taken = 0;
        while taken < seen.bytes.len() {
            match self.frame(&seen.bytes[taken..], seen, found) {
                Some(count) => taken += count,
                None => break,
            }
        }
        let over = self.lost == [true, true];
        Taken {
            bytes: taken,
            next: if over { Next::Over } else { Next::Mine },
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

    fn held(&self) -> usize {
        self.messages.iter().map(Messages::held).sum()
    }

    fn sum_up(&self, found: &mut Found<'_>) {
        found.add(
            Observation::WebSocket {
                host: self.host.clone(),
                path: self.path.clone(),
                frames_readable: self.readable,
            },
            &self.evidence,
        );
    }
}
