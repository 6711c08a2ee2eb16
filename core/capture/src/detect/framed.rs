//! Responsible for: datagrams in a stream: each after its length (RFC 4571), or as TURN sends them over TCP (RFC 8656 section 12.5).
//! Not responsible for: what they are.
use super::bytes::Reader;
use super::datagrams::Datagrams;
use super::rtp::Header;
use super::stun::{self, Message};
use super::{Detector, Next, Seen, Taken, Way, dtls};
use crate::Found;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Lengths,
    Turn,
}

pub struct Framed {
    form: Form,
    inside: Datagrams,
}

/// What datagrams in a stream look like at its start; `None` where it is something else, or too little came.
pub fn begins(bytes: &[u8]) -> Option<Framed> {
    let form = if bytes.len() >= stun::HEADER
        && Message::read(bytes, usize::MAX).is_some_and(|message| message.length < 2048)
    {
        Form::Turn
    } else {
        let mut reader = Reader::new(bytes);
        let first = reader.prefixed(2)?.rest();
        let known = Message::read(first, first.len()).is_some() || dtls::begins(first);
        // Any two bytes may look like a header of RTP; that another one follows behind the right number of bytes is a sign.
        let mut media = || {
            let next = reader.prefixed(2)?.rest();
            let (one, other) = (Header::read(first, first.len())?, Header::read(next, next.len())?);
            (one.ssrc == other.ssrc && other.sequence.wrapping_sub(one.sequence) == 1).then_some(())
        };
        (known || media().is_some()).then_some(Form::Lengths)?
    };
    Some(Framed {
        form,
        inside: Datagrams::default(),
    })
}

impl Detector for Framed {
    fn stream(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Taken {
        let mut taken = 0;
        let mut next = Next::Mine;
        while let Some((datagram, length)) = self.frame(&seen.bytes[taken..]) {
            taken += length;
            let inside = Seen {
                bytes: datagram,
                whole: datagram.len(),
                ..seen
            };
            if !datagram.is_empty() && self.inside.datagram(inside, found) == Next::Over {
                next = Next::Over;
                break;
            }
        }
        Taken { bytes: taken, next }
    }

    fn gap(&mut self, _way: Way, _found: &mut Found<'_>) -> Next {
        Next::Over
    }

    fn sum_up(&self, found: &mut Found<'_>) {
        self.inside.sum_up(found);
    }

    fn held(&self) -> usize {
        self.inside.held()
    }
}

impl Framed {
    /// The first datagram, and how many bytes it takes in the stream.
    fn frame<'a>(&self, bytes: &'a [u8]) -> Option<(&'a [u8], usize)> {
        if self.form == Form::Lengths {
            let datagram = Reader::new(bytes).prefixed(2)?.rest();
            return Some((datagram, 2 + datagram.len()));
        }
        let length = match stun::channel_data(bytes, usize::MAX) {
            Some((_, length)) => length,
            None => Message::read(bytes, usize::MAX)?.length,
        };
        Some((bytes.get(..length)?, length.next_multiple_of(4)))
    }
}
