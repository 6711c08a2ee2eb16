//! A node that is asked: it keeps nothing of who asked, and answers no more than it can afford.
//! Not here: the socket.
use crate::packet::{Answer, LENGTH, Question};
use ed25519_dalek::{Signer as _, SigningKey};
use ringfence_signed::B32;
use std::net::SocketAddr;
use std::time::Instant;

/// Answers a second, and at once: one takes some ten microseconds to sign, so all of them are about a hundredth of a core.
/// Who uses them up keeps beacons from measuring; nothing that they do makes a node seem nearer.
pub const A_SECOND: f64 = 200.0;
pub const AT_ONCE: f64 = 100.0;

/// The node's key, for nothing but answers: no document can be signed with it.
#[derive(Clone)]
pub struct EchoKey(SigningKey);

impl EchoKey {
    pub fn new(seed: &B32) -> Self {
        Self(SigningKey::from_bytes(seed))
    }
}

/// Answers at one address.
pub struct Answerer {
    key: EchoKey,
    address: SocketAddr,
    left: f64,
    counted: Option<Instant>,
}

impl Answerer {
    pub fn new(key: EchoKey, address: SocketAddr) -> Self {
        Self {
            key,
            address,
            left: AT_ONCE,
            counted: None,
        }
    }

    /// `None`: it is no question, or there have been too many. A refusal is silence, which costs nothing.
    pub fn answer(&mut self, datagram: &[u8], now: Instant) -> Option<[u8; LENGTH]> {
        let question = Question::read(datagram)?;
        let passed = now.saturating_duration_since(self.counted.unwrap_or(now));
        self.counted = Some(now);
        self.left = (self.left + passed.as_secs_f64() * A_SECOND).min(AT_ONCE);
        if self.left < 1.0 {
            return None;
        }
        self.left -= 1.0;
        let signature = self.key.0.sign(&question.to_be_signed(self.address));
        let answer = Answer {
            nonce: question.nonce,
            signature: signature.to_bytes(),
        };
        Some(answer.encode())
    }
}
