//! Streams: whatever the order of the segments, each byte is shown once and in order, or it is said that it is missing.
use ringfence_capture::detect::Way;
use ringfence_capture::tcp::{Piece, Reader, Segment, Tcp};

const BUDGET: usize = 1 << 20;

/// Takes what it is shown in pieces of `each` bytes; a gap is a `|`.
#[derive(Default)]
struct Heard {
    text: Vec<u8>,
    each: usize,
    over: bool,
}

impl Reader for Heard {
    fn bytes(&mut self, _: Way, _: u64, _: i64, bytes: &[u8]) -> usize {
        let taken = bytes.len() - bytes.len() % self.each;
        self.text.extend(&bytes[..taken]);
        taken
    }

    fn gap(&mut self, _: Way) {
        self.text.push(b'|');
    }

    fn is_over(&self) -> bool {
        self.over
    }
}

struct Talk {
    tcp: Tcp,
    heard: Heard,
    budget: usize,
}

impl Talk {
    fn begin(each: usize) -> Self {
        let heard = Heard {
            each,
            ..Heard::default()
        };
        let mut talk = Self {
            tcp: Tcp::default(),
            heard,
            budget: BUDGET,
        };
        talk.say(u32::MAX - 4, 2, b"", 0);
        talk
    }

    fn say(&mut self, sequence: u32, flags: u8, bytes: &[u8], cut: u32) {
        let whole = bytes.len() as u32 + cut;
        let piece = Piece {
            number: 1,
            at: 0,
            segment: Segment { sequence, flags },
            bytes,
            whole,
        };
        self.tcp
            .take(Way::Forth, piece, &mut self.heard, &mut self.budget);
    }

    /// Bytes of the stream from that place on: numbers wrap around soon after the beginning.
    fn part(&mut self, from: usize, bytes: &[u8]) {
        self.say((u32::MAX - 3).wrapping_add(from as u32), 16, bytes, 0);
    }

    fn end(mut self) -> (Vec<u8>, Tcp) {
        self.tcp.finish(&mut self.heard, &mut self.budget);
        self.tcp.forget(&mut self.budget);
        assert_eq!(self.budget, BUDGET, "what was kept is given back");
        (self.heard.text, self.tcp)
    }
}

#[test]
fn each_byte_is_shown_once_and_in_order_whatever_the_order_of_segments() {
    for seed in 0..300 {
        let mut random = fastrand::Rng::with_seed(seed);
        let text: Vec<u8> = (0..random.usize(1..2000))
            .map(|_| random.alphanumeric() as u8)
            .collect();
        let mut parts = Vec::new();
        let mut from = 0;
        while from < text.len() {
            let to = text.len().min(from + random.usize(1..200));
            parts.push((from, to));
            if random.f32() < 0.2 {
                parts.push((from.saturating_sub(random.usize(0..50)), to)); // again, and some more
            }
            from = to;
        }
        // Nobody is overtaken by more than a few.
        for place in 1..parts.len() {
            if random.bool() {
                parts.swap(place, place - 1);
            }
        }
        let mut talk = Talk::begin(random.usize(1..3));
        let each = talk.heard.each;
        for (from, to) in parts {
            talk.part(from, &text[from..to]);
        }
        let (heard, tcp) = talk.end();
        let all = text.len() - text.len() % each;
        assert_eq!(heard, &text[..all], "seed {seed}");
        assert_eq!(tcp.about.missing, 0, "seed {seed}");
    }
}

#[test]
fn bytes_that_are_missing_are_told_of_and_counted() {
    let mut talk = Talk::begin(1);
    talk.part(0, b"abc");
    talk.part(5, b"fgh"); // d and e are not there
    talk.part(8, b"ij");
    let (heard, tcp) = talk.end();
    assert_eq!(heard, b"abc|fghij");
    assert_eq!(tcp.about.missing, 2);
}

#[test]
fn what_the_capture_cut_is_missing() {
    let mut talk = Talk::begin(1);
    talk.say(u32::MAX - 3, 16, b"abc", 7);
    talk.part(10, b"kl");
    let (heard, tcp) = talk.end();
    assert_eq!((heard.as_slice(), tcp.about.missing), (&b"abc|kl"[..], 7));
}

#[test]
fn a_stream_whose_beginning_is_missing_begins_with_a_gap() {
    let mut talk = Talk {
        tcp: Tcp::default(),
        heard: Heard {
            each: 1,
            ..Heard::default()
        },
        budget: BUDGET,
    };
    talk.say(77, 16, b"abc", 0);
    assert_eq!(talk.end().0, b"|abc");
}

#[test]
fn memory_for_what_comes_early_or_is_not_taken_is_bounded() {
    let mut talk = Talk::begin(usize::MAX);
    for place in 0..1000 {
        talk.part(place * 1000, &[7; 1000]); // nobody takes it
        assert!(BUDGET - talk.budget <= 70_000);
    }
    let mut talk = Talk::begin(1);
    for place in 0..1000 {
        talk.part(1 + place * 2000, &[7; 1000]); // each comes early
        assert!(BUDGET - talk.budget <= 70_000);
    }
    let (heard, tcp) = talk.end();
    assert_eq!(
        heard.iter().filter(|byte| **byte == 7).count(),
        1_000_000,
        "all is shown in the end"
    );
    assert_eq!(tcp.about.missing, 1 + 999 * 1000);
    // With nothing to keep it in, what is early is shown after a gap.
    let mut talk = Talk::begin(1);
    talk.budget = 0;
    talk.part(10, b"abc");
    assert_eq!(talk.heard.text, b"|abc");
}

#[test]
fn when_nobody_looks_bytes_are_only_counted() {
    let mut talk = Talk::begin(1);
    talk.heard.over = true;
    talk.part(0, b"abc");
    talk.part(6, b"ghi");
    assert_eq!(talk.tcp.about.missing, 3);
    talk.part(3, b"def"); // it was only late
    talk.part(3, b"def");
    assert_eq!((talk.tcp.about.missing, talk.tcp.about.again), (0, 1));
    assert!(talk.heard.text.is_empty() && talk.budget == BUDGET);
}
