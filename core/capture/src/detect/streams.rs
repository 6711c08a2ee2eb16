//! Responsible for: whose a stream is, by the first bytes of either way.
//! Not responsible for: any protocol.
use super::bytes::u16_at;
use super::framed::{self, Start};
use super::http::Http;
use super::http_head;
use super::sip::{self, Sip};
use super::tls::{self, Tls};
use super::{Detector, Next, Seen, Taken, Way, dns};
use crate::Found;

/// A stream that was looked at so often is nobody's: more than once only where its beginning was not captured.
const PATIENCE: u8 = 8;
/// So many bytes are enough to tell.
const ENOUGH: usize = 512;

#[derive(Default)]
pub struct Streams {
    here: Option<Box<dyn Detector>>,
    looked: u8,
}

enum Look {
    Is(Box<dyn Detector>),
    Wait,
    No,
}

fn look(bytes: &[u8]) -> Look {
    let says = [tls::begins(bytes), http_head::begins(bytes), sip::begins(bytes)];
    if says[0] == Some(true) {
        return Look::Is(Box::<Tls>::default());
    }
    if says[1] == Some(true) {
        return Look::Is(Box::<Http>::default());
    }
    if says[2] == Some(true) {
        return Look::Is(Box::<Sip>::default());
    }
    let length = u16_at(bytes, 0).map(usize::from);
    let first = length.and_then(|length| bytes.get(2..2 + length));
    if first.is_some_and(dns::begins) {
        return Look::Is(Box::<dns::Dns>::default());
    }
    match framed::begins(bytes) {
        Start::Is(framed) => Look::Is(Box::new(framed)),
        Start::Wait => Look::Wait,
        Start::No if says.contains(&None) && bytes.len() < ENOUGH => Look::Wait,
        Start::No => Look::No,
    }
}

impl Detector for Streams {
    fn stream(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Taken {
        if self.here.is_none() {
            match look(seen.bytes) {
                Look::Is(detector) => self.here = Some(detector),
                Look::Wait => {
                    return Taken {
                        bytes: 0,
                        next: Next::More,
                    };
                }
                Look::No => {
                    self.looked += 1;
                    return Taken {
                        bytes: seen.bytes.len(),
                        next: if self.looked >= PATIENCE {
                            Next::Over
                        } else {
                            Next::More
                        },
                    };
                }
            }
        }
        match &mut self.here {
            Some(detector) => detector.stream(seen, found),
            None => Taken {
                bytes: 0,
                next: Next::More,
            },
        }
    }

    fn gap(&mut self, way: Way, found: &mut Found<'_>) -> Next {
        match &mut self.here {
            Some(detector) => detector.gap(way, found),
            None => Next::More,
        }
    }

    fn sum_up(&self, found: &mut Found<'_>) {
        if let Some(detector) = &self.here {
            detector.sum_up(found);
        }
    }

    fn held(&self) -> usize {
        self.here
            .as_ref()
            .map_or(0, |detector| detector.held() + size_of_val(&**detector))
    }
}
