//! A beacon that asks: one question at a time, and the least time of those that the node itself has answered.
//! Not here: clock, socket and randomness (`socket`).
use crate::packet::{Answer, LENGTH, Question, is_answer_of};
use ringfence_signed::B32;
use std::net::SocketAddr;
use std::time::Duration;

/// Light needs 67 ms to the other side of the earth; of what took longer than this nothing follows.
pub const PATIENCE: Duration = Duration::from_millis(500);
/// All of it.
pub const LONGEST: Duration = Duration::from_secs(3);
/// So many questions in a row without an answer, and no more is asked.
pub const MOST_SILENT: u32 = 3;
pub const MOST_SAMPLES: u32 = 100;
/// Between a question and the next: a node answers a limited number a second.
const PAUSE: Duration = Duration::from_millis(10);

/// The least of so many round trips, and the answer that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Microseconds, rounded up.
    pub least_us: u64,
    pub samples: u64,
    pub nonce: B32,
    pub answer: [u8; 64],
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Send([u8; LENGTH]),
    /// Nothing before then, unless something comes.
    Wait(Duration),
    Done,
}

/// Times are since the start.
pub struct Measuring {
    node: B32,
    asker: B32,
    address: SocketAddr,
    wanted: u64,
    /// The question that is open, and when it was asked.
    open: Option<(Question, Duration)>,
    next: Duration,
    silent: u32,
    best: Option<Measured>,
}

impl Measuring {
    /// `asker`: the key of who will use the answers.
    pub fn new(node: B32, asker: B32, address: SocketAddr, samples: u32) -> Self {
        Self {
            node,
            asker,
            address,
            wanted: samples.clamp(1, MOST_SAMPLES).into(),
            open: None,
            next: Duration::ZERO,
            silent: 0,
            best: None,
        }
    }

    /// `fresh`: a number that nobody can guess; another one each time.
    pub fn step(&mut self, now: Duration, fresh: B32) -> Step {
        if let Some((_, asked)) = self.open
            && now >= asked + PATIENCE
        {
            self.open = None;
            self.silent += 1;
        }
        let enough = self.best.is_some_and(|best| best.samples >= self.wanted);
        if enough || self.silent >= MOST_SILENT || now >= LONGEST {
            return Step::Done;
        }
        match self.open {
            Some((_, asked)) => Step::Wait((asked + PATIENCE).min(LONGEST)),
            None if now < self.next => Step::Wait(self.next.min(LONGEST)),
            None => {
                let question = Question {
                    nonce: fresh,
                    asker: self.asker,
                };
                // From before it is sent to after it was received: what this machine takes is counted in.
                self.open = Some((question, now));
                self.next = now + PAUSE;
                Step::Send(question.encode())
            }
        }
    }

    /// Takes what came. What is not the node's answer to the open question changes nothing.
    pub fn receive(&mut self, now: Duration, datagram: &[u8]) {
        let (Some((question, asked)), Some(answer)) = (self.open, Answer::read(datagram)) else {
            return;
        };
        let took = now.saturating_sub(asked);
        if answer.nonce != question.nonce
            || took >= PATIENCE
            || !is_answer_of(&self.node, &question, self.address, &answer.signature)
        {
            return;
        }
        (self.open, self.silent) = (None, 0);
        let took = u64::try_from(took.as_nanos().div_ceil(1000)).unwrap_or(u64::MAX);
        let now = Measured {
            least_us: took.max(1),
            samples: self.best.map_or(1, |best| best.samples + 1),
            nonce: question.nonce,
            answer: answer.signature,
        };
        self.best = Some(match self.best {
            Some(best) if best.least_us <= now.least_us => Measured {
                samples: now.samples,
                ..best
            },
            _ => now,
        });
    }

    /// `None`: nothing that the node had signed came in time.
    pub fn measured(&self) -> Option<Measured> {
        self.best
    }
}
