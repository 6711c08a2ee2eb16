//! Responsible for: which detectors look at a flow, and what each is shown.
//! Not responsible for: any protocol: each has a file of its own here.
mod blocks;
mod bytes;
mod certificate;
mod codec;
mod coding;
mod datagrams;
mod dialects;
mod dns;
mod dtls;
mod encapsulations;
mod framed;
mod hello;
mod http;
mod http_head;
mod messages;
mod pieces;
mod quic;
mod quic_keys;
mod rtcp;
mod rtp;
mod sample;
mod sdp;
mod secrets;
mod sframe;
mod sip;
mod source;
mod streams;
mod stun;
mod tls;
mod units;
mod verdict;
mod video;
mod websocket;

use crate::Found;
use datagrams::Datagrams;
use streams::Streams;

/// Which way of a flow: forth from whoever sent its first packet, back to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    Forth,
    Back,
}

impl Way {
    /// 0 or 1, for an array of both.
    pub fn index(self) -> usize {
        self as usize
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    Udp,
    Tcp,
}

/// Bytes of a flow, as they are shown to a detector.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The packet that brought (the last of) them: from 1, as Wireshark counts.
    pub number: u64,
    /// When, in nanoseconds since 1970.
    pub at: i64,
    pub way: Way,
    /// From the flow's port and address for `way`: the sender's port first.
    pub ports: (u16, u16),
    /// A datagram's payload; of a stream all that is in order and was not taken yet.
    pub bytes: &'a [u8],
    /// How long the datagram's payload was on the wire: more than `bytes` has where the capture cut it short.
    pub whole: usize,
}

impl Seen<'_> {
    pub fn is_cut(&self) -> bool {
        self.bytes.len() < self.whole
    }
}

/// What a detector says after it was shown something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It cannot tell yet, or this was none of its own: it goes on looking.
    More,
    /// This was its own.
    Mine,
    /// It need not be shown anything any more.
    Over,
}

/// What a detector did with what a stream showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How many of the shown bytes are done with. The others are shown again, with what follows them.
    pub bytes: usize,
    pub next: Next,
}

/// One protocol in one flow: a pure state machine on bytes. It has no clock, no file and no other flow.
pub trait Detector: Send {
    /// A datagram of the flow, in the order of the capture.
    fn datagram(&mut self, _seen: Seen<'_>, _found: &mut Found<'_>) -> Next {
        Next::Over
    }

    /// The bytes of one way of a stream that are in order.
    fn stream(&mut self, _seen: Seen<'_>, _found: &mut Found<'_>) -> Taken {
        Taken {
            bytes: 0,
            next: Next::Over,
        }
    }

    /// Bytes of a stream are missing and will not come: what is shown next does not follow what was shown before.
    fn gap(&mut self, _way: Way, _found: &mut Found<'_>) -> Next {
        Next::Over
    }

    /// What is known only when all was seen. It is asked for when the detector is over, when the capture ends, and each
    /// time somebody looks at a running call: so it changes nothing.
    fn sum_up(&self, _found: &mut Found<'_>) {}

    /// Bytes on the heap that it holds.
    fn held(&self) -> usize {
        0
    }
}

/// The detectors of one flow. It is made when the flow first carries a payload.
pub struct Detectors {
    /// `None` once nobody looks any more.
    here: Option<Box<dyn Detector>>,
}

impl Detectors {
    /// Ports are not asked: what a flow carries is told by its content.
    pub fn new(transport: Transport, _ports: (u16, u16)) -> Self {
        let here: Box<dyn Detector> = match transport {
            Transport::Udp => Box::<Datagrams>::default(),
            Transport::Tcp => Box::<Streams>::default(),
        };
        Self { here: Some(here) }
    }

    /// Nobody looks any more: the flow is only counted from here on.
    pub fn is_over(&self) -> bool {
        self.here.is_none()
    }

    pub fn datagram(&mut self, seen: Seen<'_>, found: &mut Found<'_>) {
        if let Some(detector) = &mut self.here
            && detector.datagram(seen, found) == Next::Over
        {
            self.end(found);
        }
    }

    /// How many of the bytes are done with.
    pub fn stream(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> usize {
        let Some(detector) = &mut self.here else {
            return seen.bytes.len();
        };
        let taken = detector.stream(seen, found);
        if taken.next == Next::Over {
            self.end(found);
            return seen.bytes.len();
        }
        taken.bytes.min(seen.bytes.len())
    }

    pub fn gap(&mut self, way: Way, found: &mut Found<'_>) {
        if let Some(detector) = &mut self.here
            && detector.gap(way, found) == Next::Over
        {
            self.end(found);
        }
    }

    fn end(&mut self, found: &mut Found<'_>) {
        self.sum_up(found);
        self.here = None;
    }

    pub fn sum_up(&self, found: &mut Found<'_>) {
        if let Some(detector) = &self.here {
            detector.sum_up(found);
        }
    }

    pub fn held(&self) -> usize {
        self.here
            .as_ref()
            .map_or(0, |detector| detector.held() + size_of_val(&**detector))
    }
}
