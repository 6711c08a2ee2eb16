//! A node that is asked: what it answers, what it does not, and how much.
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use ringfence_echo::answering::{A_SECOND, AT_ONCE};
use ringfence_echo::socket::measure;
use ringfence_echo::{Answer, Answerer, EchoKey, LENGTH, Question, is_answer_of, is_question};
use ringfence_signed::B32;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

const NODE: B32 = [1; 32];

fn public(seed: &B32) -> B32 {
    SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

fn here() -> SocketAddr {
    "[2001:db8::7]:40000".parse().unwrap()
}

fn question(number: u8) -> Question {
    Question {
        nonce: [number; 32],
        asker: [9; 32],
    }
}

#[test]
fn nobody_gets_more_bytes_sent_than_they_sent() {
    let mut answerer = Answerer::new(EchoKey::new(&NODE), here());
    let asked = question(1).encode();
    let answer = answerer.answer(&asked, Instant::now()).unwrap();
    assert_eq!((asked.len(), answer.len()), (LENGTH, LENGTH));
    // RFC 7983 section 7: below 4 is STUN, from 16 on ZRTP, DTLS and others.
    assert!((4..16).contains(&asked[0]) && (4..16).contains(&answer[0]));
    assert!(is_question(&asked) && !is_question(&answer));
    for cut in 0..LENGTH {
        assert_eq!(answerer.answer(&asked[..cut], Instant::now()), None);
    }
    let longer = [&asked[..], &[0]].concat();
    assert_eq!(answerer.answer(&longer, Instant::now()), None);
    assert_eq!(
        answerer.answer(&answer, Instant::now()),
        None,
        "nodes do not go on answering each other"
    );
}

#[test]
fn who_asks_too_much_gets_silence_for_a_while() {
    let mut answerer = Answerer::new(EchoKey::new(&NODE), here());
    let begin = Instant::now();
    let mut answered = |after: Duration, many: usize| {
        let asked = (0..many).filter(|n| {
            answerer
                .answer(&question(*n as u8).encode(), begin + after)
                .is_some()
        });
        asked.count()
    };
    assert_eq!(answered(Duration::ZERO, 250), AT_ONCE as usize);
    assert_eq!(answered(Duration::ZERO, 10), 0);
    assert_eq!(answered(Duration::from_millis(100), 250), A_SECOND as usize / 10);
    assert_eq!(answered(Duration::from_secs(60), 250), AT_ONCE as usize);
}

#[test]
fn an_ipv4_address_in_the_clothes_of_ipv6_is_ipv4() {
    let (plain, mapped) = (
        "203.0.113.7:1".parse().unwrap(),
        "[::ffff:203.0.113.7]:1".parse().unwrap(),
    );
    assert_eq!(question(1).to_be_signed(plain), question(1).to_be_signed(mapped));
}

/// Over sockets of this machine, as fast as it goes.
#[test]
fn a_beacon_measures_a_node_that_is_there_and_none_that_is_not() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let node = std::thread::spawn(move || {
        let mut answerer = Answerer::new(EchoKey::new(&NODE), address);
        let mut buffer = [0; 200];
        for _ in 0..5 {
            let (length, from) = socket.recv_from(&mut buffer).unwrap();
            let answer = answerer.answer(&buffer[..length], Instant::now()).unwrap();
            socket.send_to(&answer, from).unwrap();
        }
    });
    let measured = measure(address, public(&NODE), [9; 32], 5).unwrap();
    node.join().unwrap();
    assert_eq!(measured.samples, 5);
    let asked = Question {
        nonce: measured.nonce,
        asker: [9; 32],
    };
    assert!(is_answer_of(&public(&NODE), &asked, address, &measured.answer));
    let gone = measure(address, public(&NODE), [9; 32], 5);
    assert_eq!(gone.unwrap_err().code, "RF4206");
}

proptest! {
    #[test]
    fn what_is_read_is_the_one_way_to_write_it(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Some(question) = Question::read(&bytes) {
            prop_assert_eq!(&question.encode()[..], &bytes[..]);
        }
        if let Some(answer) = Answer::read(&bytes) {
            prop_assert_eq!(&answer.encode()[..], &bytes[..]);
        }
    }

    #[test]
    fn an_answer_with_any_bit_changed_is_none(nonce: B32, asker: B32, bit in 0..LENGTH * 8) {
        let asked = Question { nonce, asker };
        let mut answerer = Answerer::new(EchoKey::new(&NODE), here());
        let mut answer = answerer.answer(&asked.encode(), Instant::now()).unwrap();
        answer[bit / 8] ^= 1 << (bit % 8);
        let holds = Answer::read(&answer).is_some_and(|answer| {
            answer.nonce == nonce && is_answer_of(&public(&NODE), &asked, here(), &answer.signature)
        });
        prop_assert!(!holds);
    }
}
