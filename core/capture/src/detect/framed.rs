//! Responsible for: datagrams in a stream: each after its length (RFC 4571), or as TURN sends them over TCP (RFC 8656 section 12.5).
//! Not responsible for: what they are.
use super::bytes::{Reader, u16_at};
use super::datagrams::Datagrams;
use super::rtp::Header;
use super::stun::{self, Message};
use super::{Detector, Next, Seen, Taken, Way, dtls};
use crate::Found;

/// No datagram is longer in what a stream begins with.
const LONGEST: usize = 2048;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Lengths,
    Turn,
}

pub struct Framed {
    form: Form,
    inside: Datagrams,
}

/// What a stream's start says.
pub enum Start {
    Is(Framed),
    /// Too little came to tell.
    Wait,
    No,
}

/// Whether a stream begins with datagrams.
pub fn begins(bytes: &[u8]) -> Start {
    let is = |form| {
        Start::Is(Framed {
            form,
            inside: Datagrams::default(),
        })
    };
    if Message::read(bytes, usize::MAX).is_some_and(|message| message.length < LONGEST) {
        return is(Form::Turn);
    }
    let mut reader = Reader::new(bytes);
    let Some(length) = u16_at(bytes, 0).map(usize::from) else {
        return Start::Wait;
    };
    if !(12..LONGEST).contains(&length) {
        return Start::No;
    }
    let Some(first) = reader.prefixed(2).map(|first| first.rest()) else {
        return Start::Wait;
    };
    if Message::read(first, first.len()).is_some() || dtls::begins(first) {
        return is(Form::Lengths);
    }
    let Some(one) = Header::read(first, first.len()) else {
        return Start::No;
    };
    // Any two bytes may look like a header of RTP: that another one follows behind the right number of bytes is a sign.
    let Some(next) = reader.prefixed(2).map(|next| next.rest()) else {
        return if reader.len() < LONGEST {
            Start::Wait
        } else {
            Start::No
        };
    };
    let follows = |other: Header| other.ssrc == one.ssrc && other.sequence.wrapping_sub(one.sequence) == 1;
    match Header::read(next, next.len()) {
        Some(other) if follows(other) => is(Form::Lengths),
        _ => Start::No,
    }
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
        let padded = length.next_multiple_of(4);
        Some((&bytes.get(..padded)?[..length], padded))
    }
}
