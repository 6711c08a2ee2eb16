//! Responsible for: whose each datagram of a flow is, by its content: the first byte, and then the protocol's own syntax (RFC 7983, RFC 9443).
//! Not responsible for: any protocol.
use super::dtls::{self, Dtls};
use super::quic::{self, Quic};
use super::rtp::Media;
use super::stun::{self, Message};
use super::{Detector, Next, Seen, dns, encapsulations, sip};
use crate::Found;
use crate::observation::{Observation, Protocol, Text};

/// A flow of which so many datagrams are nobody's is nobody's.
const PATIENCE: u8 = 48;
/// So many datagrams in an application's own headers are put down.
const WRAPPED: u8 = 64;
/// Relays within relays are not looked into further than that.
const DEEPEST: u8 = 2;

/// What was recognised in a flow of datagrams. Each is there once one of its datagrams came.
#[derive(Default)]
pub struct Datagrams {
    dtls: Option<Box<Dtls>>,
    media: Option<Box<Media>>,
    quic: Option<Box<Quic>>,
    /// What a TURN server passes on.
    relayed: Option<Box<Datagrams>>,
    /// A TURN server, or its client, has spoken.
    turn: bool,
    /// Something was recognised.
    known: bool,
    strange: u8,
    depth: u8,
    /// So many datagrams in an application's own headers were put down.
    wrapped: u8,
}

fn here<T: Default>(place: &mut Option<Box<T>>) -> &mut T {
    place.get_or_insert_default()
}

impl Detector for Datagrams {
    fn datagram(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Next {
        let next = self.one(seen, found);
        match next {
            Next::Mine => self.known = true,
            Next::More if !self.known => {
                self.strange += 1;
                if self.strange == PATIENCE {
                    return Next::Over;
                }
            }
            _ => {}
        }
        next
    }

    fn sum_up(&self, found: &mut Found<'_>) {
        if let Some(media) = &self.media {
            media.observe(self.dtls.as_ref().is_some_and(|dtls| dtls.srtp), found);
        }
        if let Some(relayed) = &self.relayed {
            relayed.sum_up(found);
        }
    }

    fn held(&self) -> usize {
        fn of<T: Detector>(place: &Option<Box<T>>) -> usize {
            place.as_ref().map_or(0, |here| here.held() + size_of::<T>())
        }
        of(&self.dtls) + of(&self.media) + of(&self.quic) + of(&self.relayed)
    }
}

impl Datagrams {
    fn one(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Next {
        let Some(&first) = seen.bytes.first() else {
            return Next::More;
        };
        let claimed = match first {
            0..=0x3f if stun::may_be(seen.bytes) => self.stun(seen, found),
            20..=63 if dtls::begins(seen.bytes) || (self.dtls.is_some() && dtls::is_unified(seen.bytes)) => {
                here(&mut self.dtls).datagram(seen, found) == Next::Mine
            }
            0x40..=0x7f if self.quic.is_some() => return here(&mut self.quic).datagram(seen, found),
            0x40..=0x4f => self.channel(seen, found),
            0x80..=0xbf => here(&mut self.media).datagram(seen, found) == Next::Mine,
            0xc0..=0xff if self.quic.is_some() || quic::begins(seen.bytes) => {
                match here(&mut self.quic).datagram(seen, found) {
                    Next::Mine => true,
                    Next::More => false,
                    Next::Over => {
                        self.quic = None;
                        return Next::Over;
                    }
                }
            }
            _ => false,
        };
        if claimed {
            return Next::Mine;
        }
        if self.text(seen, found) || self.wrapped(seen, found) {
            Next::Mine
        } else {
            Next::More
        }
    }

    fn stun(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> bool {
        let Some(message) = Message::read(seen.bytes, seen.whole) else {
            return false;
        };
        message.observe(seen, found);
        self.turn |= message.is_turn();
        if let Some(data) = message.data() {
            self.relay(data, data.len(), seen, found);
        }
        true
    }

    fn channel(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> bool {
        let Some((data, length)) = stun::channel_data(seen.bytes, seen.whole) else {
            return false;
        };
        // Over UDP nothing has to follow but padding (RFC 8656 section 12.5).
        if seen.whole - length > 3 {
            return false;
        }
        let mine = self.relay(data, length - 4, seen, found);
        // Of a call that was already running nobody was seen asking for a channel: then what is in it tells.
        if self.turn || mine {
            self.turn = true;
            found.see(
                seen.number,
                seen.at,
                Observation::Carries {
                    protocol: Protocol::Turn,
                },
            );
        }
        self.turn
    }

    /// Whether what a relay passes on was recognised.
    fn relay(&mut self, data: &[u8], whole: usize, seen: Seen<'_>, found: &mut Found<'_>) -> bool {
        if self.depth == DEEPEST {
            return false;
        }
        let depth = self.depth + 1;
        let relayed = here(&mut self.relayed);
        relayed.depth = depth;
        let seen = Seen {
            bytes: data,
            whole,
            ..seen
        };
        relayed.one(seen, found) == Next::Mine
    }

    fn text(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> bool {
        // Payload of a known call is not asked whether it looks like a question about names.
        if self.media.as_ref().is_some_and(|media| media.is_known()) {
            return false;
        }
        sip::datagram(seen, found) || dns::Dns.datagram(seen, found) == Next::Mine
    }

    fn wrapped(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> bool {
        let mut shown = false;
        for wrapping in encapsulations::of(seen.bytes, seen.whole) {
            if let Some(at) = wrapping.media_at {
                let inside = Seen {
                    bytes: seen.bytes.get(at..).unwrap_or_default(),
                    whole: seen.whole.saturating_sub(at),
                    ..seen
                };
                // A packet is looked at once: where one form has a header of RTP, no other has.
                if shown || inside.bytes.first().is_none_or(|first| first >> 6 != 2) {
                    continue;
                }
                shown = true;
                if here(&mut self.media).datagram(inside, found) != Next::Mine {
                    continue;
                }
            }
            // A call has many of them: the first ones are evidence enough.
            if self.wrapped < WRAPPED {
                self.wrapped += 1;
                let name = Text::new(wrapping.name.as_bytes());
                found.see(seen.number, seen.at, Observation::Encapsulation { name });
                if let Some(protocol) = wrapping.protocol {
                    found.see(seen.number, seen.at, Observation::Carries { protocol });
                }
            }
            return true;
        }
        false
    }
}
