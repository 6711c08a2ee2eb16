//! What goes over the wire: a question and an answer of the same length, so that who forges the sender of a question
//! makes a node send no more than they sent themselves. Not here: when to ask or to answer.
use ed25519_dalek::{Signature, VerifyingKey};
use ringfence_signed::B32;
use std::net::{IpAddr, SocketAddr};

/// Of a question, and of an answer, in bytes.
pub const LENGTH: usize = 8 + 32 + 64;

// STUN, ZRTP, DTLS, TURN, RTP and QUIC share a port by their first byte, and 4 to 15 is none of theirs (RFC 7983 section 7,
// RFC 9443 section 3).
const QUESTION: [u8; 8] = *b"\x0frf-ask1";
const ANSWER: [u8; 8] = *b"\x0frf-ans1";
/// No other signature of a node begins so: those of documents are over an array of CBOR (RFC 9052 section 4.4).
const LABEL: &[u8] = b"ringfence echo v1";

/// Whether it is meant as a question, even one that is not answered.
pub fn is_question(datagram: &[u8]) -> bool {
    datagram.starts_with(&QUESTION)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    pub nonce: B32,
    /// Who asks: nobody else can use the answer.
    pub asker: B32,
}

impl Question {
    pub fn encode(&self) -> [u8; LENGTH] {
        let mut datagram = [0; LENGTH];
        datagram[..8].copy_from_slice(&QUESTION);
        datagram[8..40].copy_from_slice(&self.nonce);
        datagram[40..72].copy_from_slice(&self.asker);
        datagram
    }

    /// `None`: it is none. What fills it up is zeros, so that there is one way to write it.
    pub fn read(datagram: &[u8]) -> Option<Question> {
        let datagram: &[u8; LENGTH] = datagram.try_into().ok()?;
        let question = Question {
            nonce: datagram[8..40].try_into().ok()?,
            asker: datagram[40..72].try_into().ok()?,
        };
        (question.encode() == *datagram).then_some(question)
    }

    /// What a node signs that is asked at this address.
    pub fn to_be_signed(&self, at: SocketAddr) -> Vec<u8> {
        let address = match at.ip().to_canonical() {
            IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            IpAddr::V6(v6) => v6,
        };
        let port = at.port().to_be_bytes();
        [LABEL, &self.nonce, &self.asker, &address.octets(), &port].concat()
    }
}

/// The signature with which a node answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub nonce: B32,
    pub signature: [u8; 64],
}

impl Answer {
    pub fn encode(&self) -> [u8; LENGTH] {
        let mut datagram = [0; LENGTH];
        datagram[..8].copy_from_slice(&ANSWER);
        datagram[8..40].copy_from_slice(&self.nonce);
        datagram[40..].copy_from_slice(&self.signature);
        datagram
    }

    /// `None`: it is none. Whether the node made it says [`is_answer_of`].
    pub fn read(datagram: &[u8]) -> Option<Answer> {
        let datagram: &[u8; LENGTH] = datagram.try_into().ok()?;
        datagram.starts_with(&ANSWER).then_some(Answer {
            nonce: datagram[8..40].try_into().ok()?,
            signature: datagram[40..].try_into().ok()?,
        })
    }
}

/// Whether the node with this key has so answered the question at this address.
pub fn is_answer_of(node: &B32, question: &Question, at: SocketAddr, signature: &[u8; 64]) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(node) else {
        return false;
    };
    let signature = Signature::from_bytes(signature);
    key.verify_strict(&question.to_be_signed(at), &signature).is_ok()
}
