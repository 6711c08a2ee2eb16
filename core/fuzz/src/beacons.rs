//! What beacons ask, what nodes answer them, and what beacons sign of it.
//! Not here: the socket of media, at which they ask (room.rs).
use crate::meeting::FIXED;
use crate::meeting::world::{ADDRESS, PORT, START, key, public};
use crate::{plant, rare};
use ed25519_dalek::Signer as _;
use ringfence_echo::{
    Answer, Answerer, EchoKey, LENGTH, Measuring, Question, Step, is_answer_of, is_question,
};
use ringfence_fence::{Coordinates, Evidence, Observer, Transcript, Trust};
use ringfence_signed::{B32, cose};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const NONCE: B32 = [5; 32];

fn here() -> SocketAddr {
    SocketAddr::new(ADDRESS.parse().expect("an address"), PORT)
}

/// The beacon whose transcripts the fuzzer makes up.
pub fn beacon() -> ed25519_dalek::SigningKey {
    key("beacon")
}

fn asked() -> Question {
    Question {
        nonce: NONCE,
        asker: public(&beacon()),
    }
}

fn signature() -> [u8; 64] {
    FIXED.meeting.node.sign(&asked().to_be_signed(here())).to_bytes()
}

/// A question, and the node's answer to it.
pub fn datagrams() -> [[u8; LENGTH]; 2] {
    let answer = Answer {
        nonce: NONCE,
        signature: signature(),
    };
    [asked().encode(), answer.encode()]
}

/// A datagram that a node gets, and that a beacon gets that waits for an answer.
pub fn echo(bytes: &[u8], planted: bool) {
    let mut answerer = Answerer::new(EchoKey::new(&FIXED.meeting.node.to_bytes()), here());
    let node = public(&FIXED.meeting.node);
    if let Some(answer) = answerer.answer(bytes, Instant::now()) {
        assert!(
            is_question(bytes) && answer.len() <= bytes.len(),
            "more comes out than went in"
        );
        let question = Question::read(bytes).expect("it was answered");
        assert_eq!(&question.encode()[..], bytes, "one question, one encoding");
        let answer = Answer::read(&answer).expect("ours");
        assert!(is_answer_of(&node, &question, here(), &answer.signature));
        plant(planted, rare(bytes));
    }
    let mut measuring = Measuring::new(node, public(&beacon()), here(), 1);
    let Step::Send(question) = measuring.step(Duration::ZERO, NONCE) else {
        panic!("it asks at once");
    };
    assert_eq!(question, asked().encode());
    measuring.receive(Duration::from_millis(1), bytes);
    let is_ours = bytes == datagrams()[1];
    assert_eq!(
        measuring.measured().is_some(),
        is_ours,
        "an answer that the node did not make"
    );
}

/// What a transcript says that the node has answered.
pub fn transcript() -> Transcript {
    Transcript {
        beacon: public(&beacon()),
        name: "near".into(),
        place: Coordinates::new(53.55, -113.49).expect("a place"),
        node: public(&FIXED.meeting.node),
        address: ADDRESS.into(),
        port: PORT,
        samples: 20,
        least_us: 412,
        at: START / 1000,
        nonce: NONCE,
        answer: signature(),
    }
}

/// The same, signed.
pub fn signed() -> Vec<u8> {
    cose::sign(cose::label::TRANSCRIPT, &transcript().encode(), &beacon())
}

/// After a 0 a document as it came; after anything else a payload, which the beacon signs.
pub fn transcripts(bytes: &[u8], planted: bool) {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let document = match kind {
        0 => rest.to_vec(),
        _ => cose::sign(cose::label::TRANSCRIPT, rest, &beacon()),
    };
    let Ok(read) = Transcript::read(&document) else {
        return;
    };
    if *kind != 0 {
        assert_eq!(read.encode(), rest, "one transcript, one encoding");
    }
    let trust = Trust {
        beacons: [read.beacon].into(),
        ..Trust::default()
    };
    let (node, mut evidence) = (FIXED.statement.statement(), Evidence::default());
    let now = START / 1000;
    evidence.hear(std::slice::from_ref(&read), &trust, node, now);
    for trip in &evidence.trips {
        assert!(read.node == node.node && node.addresses.contains(&read.address));
        assert!(trip.by == Observer::Beacon && trip.at <= now && trip.min_ms * 1e3 >= read.least_us as f64);
    }
    // Most of it is answered for by the node's signature: few inputs come as far as here.
    plant(planted, planted && read != transcript());
}
