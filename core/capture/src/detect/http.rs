//! Responsible for: requests and answers of HTTP/1 in clear, and what a connection becomes by them (RFC 9112, RFC 6455).
//! Not responsible for: what a head says (`http_head`), the frames of a WebSocket, keys in a body (`secrets`), or what is in
//! a tunnel.
use super::coding::Coding;
use super::http_head::{Framing, begins, framing, head_length, value};
use super::streams::Streams;
use super::websocket::WebSocket;
use super::{Detector, Next, Seen, Taken, Way, sdp, secrets};
use crate::Found;
use crate::observation::{Observation, Protocol, Text};

/// A head that is longer is not read.
const LONGEST_HEAD: usize = 16 << 10;
/// So much of a body is looked at in one piece.
const PIECE: u64 = 16 << 10;

#[derive(Clone, Copy, Default)]
enum Part {
    #[default]
    Head,
    /// So many bytes of a body are left.
    Body(u64),
    Chunks,
    /// Nothing more can be told apart.
    Rest,
}

impl Part {
    /// Behind a head that says this of its body.
    fn of(framing: Framing) -> Self {
        match framing {
            Framing::Chunks => Self::Chunks,
            Framing::Length(0) => Self::Head,
            Framing::Length(length) => Self::Body(length),
        }
    }
}

#[derive(Default)]
pub struct Http {
    parts: [Part; 2],
    host: Option<Text>,
    path: Option<Text>,
    /// What the last request asks for that changes how its answer is read.
    head_only: bool,
    connect: bool,
    web_socket: Option<Box<WebSocket>>,
    tunnel: Option<Box<Streams>>,
    /// Of the body that is being read each way, where it was packed.
    codings: [Option<Box<Coding>>; 2],
}

impl Detector for Http {
    fn stream(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> Taken {
        let mut taken = 0;
        loop {
            let rest = Seen {
                bytes: &seen.bytes[taken..],
                ..seen
            };
            if rest.bytes.is_empty() {
                break;
            }
            if let Some(tunnel) = &mut self.tunnel {
                let inside = tunnel.stream(rest, found);
                return Taken {
                    bytes: taken + inside.bytes,
                    next: inside.next,
                };
            }
            if let Some(web_socket) = &mut self.web_socket {
                let inside = web_socket.stream(rest, found);
                return Taken {
                    bytes: taken + inside.bytes,
                    next: inside.next,
                };
            }
            match self.part(rest, found) {
                0 => break,
                count => taken += count,
            }
        }
        let over = self.parts.iter().all(|part| matches!(part, Part::Rest));
        Taken {
            bytes: taken,
            next: if over { Next::Over } else { Next::Mine },
        }
    }

    fn gap(&mut self, way: Way, found: &mut Found<'_>) -> Next {
        if let Some(tunnel) = &mut self.tunnel {
            return tunnel.gap(way, found);
        }
        if let Some(web_socket) = &mut self.web_socket {
            return web_socket.gap(way, found);
        }
        self.parts[way.index()] = Part::Rest;
        Next::Mine
    }

    fn sum_up(&self, found: &mut Found<'_>) {
        if let Some(tunnel) = &self.tunnel {
            tunnel.sum_up(found);
        }
        if let Some(web_socket) = &self.web_socket {
            web_socket.sum_up(found);
        }
    }

    fn held(&self) -> usize {
        let tunnel = self.tunnel.as_ref();
        let web_socket = self.web_socket.as_ref();
        let codings = self.codings.iter().flatten();
        tunnel.map_or(0, |inside| inside.held() + size_of::<Streams>())
            + web_socket.map_or(0, |inside| inside.held() + size_of::<WebSocket>())
            + codings.map(|one| one.held() + size_of::<Coding>()).sum::<usize>()
    }
}

impl Http {
    /// How many bytes are done with; none when more have to come.
    fn part(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> usize {
        match self.parts[seen.way.index()] {
            Part::Head => self.head(seen, found),
            Part::Body(left) => {
                let here = left.min(seen.bytes.len() as u64).min(PIECE);
                if here < left.min(PIECE) {
                    return 0;
                }
                self.body(&seen.bytes[..here as usize], seen, found);
                self.parts[seen.way.index()] = if here == left {
                    Part::Head
                } else {
                    Part::Body(left - here)
                };
                here as usize
            }
            Part::Chunks => self.chunk(seen, found),
            Part::Rest => seen.bytes.len(),
        }
    }

    fn chunk(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> usize {
        let Some(end) = seen.bytes.iter().position(|byte| *byte == b'\n') else {
            return self.unless_too_long(seen, 64);
        };
        let line = seen.bytes[..end].trim_ascii();
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let size = std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| usize::from_str_radix(digits.trim(), 16).ok());
        match size {
            // What trails is read as a head that says nothing.
            Some(0) => {
                self.parts[seen.way.index()] = Part::Head;
                let trailer = &seen.bytes[end + 1..];
                end + 1 + if trailer.starts_with(b"\r\n") { 2 } else { 0 }
            }
            Some(size) if size <= PIECE as usize => match seen.bytes.get(end + 1..end + 1 + size + 2) {
                Some(chunk) => {
                    self.body(&chunk[..size], seen, found);
                    end + 1 + size + 2
                }
                None => 0,
            },
            _ => self.give_up(seen),
        }
    }

    fn unless_too_long(&mut self, seen: Seen<'_>, longest: usize) -> usize {
        if seen.bytes.len() > longest {
            self.give_up(seen)
        } else {
            0
        }
    }

    fn give_up(&mut self, seen: Seen<'_>) -> usize {
        self.parts[seen.way.index()] = Part::Rest;
        seen.bytes.len()
    }

    fn head(&mut self, seen: Seen<'_>, found: &mut Found<'_>) -> usize {
        let Some(length) = head_length(seen.bytes) else {
            return self.unless_too_long(seen, LONGEST_HEAD);
        };
        if begins(seen.bytes) != Some(true) {
            return self.give_up(seen);
        }
        let head = &seen.bytes[..length];
        let mut words = head
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default()
            .trim_ascii()
            .splitn(3, |byte| *byte == b' ');
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        found.see(
            seen.number,
            seen.at,
            Observation::Carries {
                protocol: Protocol::Http,
            },
        );
        let body = if first.starts_with(b"HTTP/") {
            self.answer(second, head, seen, found)
        } else {
            self.request(first, second, head, seen, found)
        };
        self.parts[seen.way.index()] = body;
        let coding = match body {
            Part::Body(_) | Part::Chunks => value(head, "content-encoding").and_then(Coding::named),
            Part::Head | Part::Rest => None,
        };
        self.codings[seen.way.index()] = coding.map(Box::new);
        length
    }

    fn body(&mut self, bytes: &[u8], seen: Seen<'_>, found: &mut Found<'_>) {
        match &mut self.codings[seen.way.index()] {
            Some(coding) => look_into(&coding.unpack(bytes), seen, found),
            None => look_into(bytes, seen, found),
        }
    }

    fn request(
        &mut self,
        method: &[u8],
        path: &[u8],
        head: &[u8],
        seen: Seen<'_>,
        found: &mut Found<'_>,
    ) -> Part {
        let host = value(head, "host").map(Text::new);
        self.head_only = method == b"HEAD";
        self.connect = method == b"CONNECT";
        (self.host, self.path) = (host.clone(), Some(Text::new(path)));
        found.see(
            seen.number,
            seen.at,
            Observation::HttpRequest {
                method: Text::new(method),
                host,
                path: Text::new(path),
            },
        );
        if method == b"PRI" {
            return Part::Rest; // HTTP/2 in clear: its frames are not read
        }
        framing(head).map_or(Part::Head, Part::of)
    }

    fn answer(&mut self, status: &[u8], head: &[u8], seen: Seen<'_>, found: &mut Found<'_>) -> Part {
        let status = std::str::from_utf8(status)
            .ok()
            .and_then(|digits| digits.parse().ok())
            .unwrap_or(0u16);
        found.see(
            seen.number,
            seen.at,
            Observation::HttpResponse {
                status,
                server: value(head, "server").map(Text::new),
            },
        );
        let becomes = value(head, "upgrade").unwrap_or_default();
        if status == 101 && becomes.eq_ignore_ascii_case(b"websocket") {
            found.see(
                seen.number,
                seen.at,
                Observation::Carries {
                    protocol: Protocol::WebSocket,
                },
            );
            let path = self.path.clone().unwrap_or_else(|| Text::new(b""));
            self.web_socket = Some(Box::new(WebSocket::new(self.host.clone(), path, seen)));
            return Part::Rest;
        }
        if self.connect && (200..300).contains(&status) {
            self.tunnel = Some(Box::default());
            return Part::Rest;
        }
        if status < 200 || status == 204 || status == 304 || self.head_only {
            return Part::Head;
        }
        framing(head).map_or(Part::Body(u64::MAX), Part::of)
    }
}

fn look_into(bytes: &[u8], seen: Seen<'_>, found: &mut Found<'_>) {
    secrets::scan(bytes, "HTTP", seen, found);
    sdp::observe(bytes, "HTTP", seen, found);
}
