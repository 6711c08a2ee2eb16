//! Responsible for: the messages of one way of a WebSocket, out of the frames that bring them (RFC 6455 section 5.4) and of their
//! compression, which is no secret to anybody (RFC 7692).
//! Not responsible for: where a frame ends (`websocket`), or what a message says.
use flate2::{Decompress, FlushDecompress};

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
/// Longer messages are not looked at.
const LONGEST: usize = 64 << 10;
/// A connection may inflate to so many bytes for each that it sends, beside the length of one message: what repeats itself more
/// is not meant to be read.
const RATIO: usize = 32;
/// What ends a compressed message, and is not sent (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// About what an inflater holds, its window above all.
const INFLATER: usize = 44 << 10;

#[derive(Default)]
pub struct Messages {
    begun: Vec<u8>,
    open: bool,
    text: bool,
    compressed: bool,
    inflater: Option<Box<Decompress>>,
    /// What is compressed cannot be read any more.
    broken: bool,
    taken: usize,
    made: usize,
}

pub struct Message {
    pub text: bool,
    pub bytes: Vec<u8>,
}

impl Messages {
    /// A frame, by its first byte and unmasked payload. The message that it ends, if it does.
    pub fn frame(&mut self, first: u8, body: &[u8]) -> Option<Message> {
        match first & 0x0f {
            kind @ (TEXT | BINARY) => {
                self.begun.clear();
                (self.open, self.text, self.compressed) = (true, kind == TEXT, first & 0x40 != 0);
            }
            CONTINUATION if self.open => {}
            _ => return None,
        }
        if self.begun.len() + body.len() > LONGEST {
            self.skip();
            return None;
        }
        self.begun.extend_from_slice(body);
        if first & 0x80 == 0 {
            return None;
        }
        self.open = false;
        let sent = std::mem::take(&mut self.begun);
        let bytes = if self.compressed {
            self.inflated(&sent)?
        } else {
            sent
        };
        Some(Message {
            text: self.text,
            bytes,
        })
    }

    /// A frame of data was not kept: neither its message can be read, nor what is compressed in terms of it.
    pub fn skip(&mut self) {
        (self.open, self.broken) = (false, true);
        self.begun = Vec::new();
        self.inflater = None;
    }

    fn inflated(&mut self, sent: &[u8]) -> Option<Vec<u8>> {
        if self.broken {
            return None;
        }
        self.taken += sent.len();
        let room = (LONGEST + RATIO * self.taken)
            .saturating_sub(self.made)
            .min(LONGEST);
        let inflater = self
            .inflater
            .get_or_insert_with(|| Box::new(Decompress::new(false)));
        let Some(made) = inflate(inflater, &[sent, &TAIL].concat(), room) else {
            self.skip();
            return None;
        };
        self.made += made.len();
        Some(made)
    }

    pub fn held(&self) -> usize {
        self.begun.capacity() + self.inflater.as_ref().map_or(0, |_| INFLATER)
    }
}

/// At most `room` bytes; none where there are more, or where it is damaged. Later messages may refer to what earlier ones said.
fn inflate(inflater: &mut Decompress, mut sent: &[u8], room: usize) -> Option<Vec<u8>> {
    let (mut made, mut buffer) = (Vec::new(), [0; 4096]);
    while !sent.is_empty() {
        let (taken, given) = (inflater.total_in(), inflater.total_out());
        let status = inflater
            .decompress(sent, &mut buffer, FlushDecompress::Sync)
            .ok()?;
        let (taken, given) = (
            (inflater.total_in() - taken) as usize,
            (inflater.total_out() - given) as usize,
        );
        if taken == 0 && given == 0 {
            break;
        }
        made.extend_from_slice(&buffer[..given]);
        if made.len() > room {
            return None;
        }
        sent = &sent[taken..];
        // A sender may end a stream and begin another (section 7.2.3.3).
        if status == flate2::Status::StreamEnd {
            inflater.reset(false);
        }
    }
    // What the last bytes stand for may not have fit.
    loop {
        let given = inflater.total_out();
        inflater.decompress(&[], &mut buffer, FlushDecompress::Sync).ok();
        let given = (inflater.total_out() - given) as usize;
        made.extend_from_slice(&buffer[..given]);
        if given == 0 || made.len() > room {
            break;
        }
    }
    (made.len() <= room).then_some(made)
}
