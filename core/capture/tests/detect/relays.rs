//! STUN and TURN are read: who sees whom where, whose dialect it is, and what a relay passes on.
use crate::made::{Flow, hex, random, rtp};
use ringfence_capture::detect::Way;
use ringfence_capture::{Dialect, Observation, Payload, Protocol};

/// RFC 5769, section 2.2: an answer over IPv4.
const ANSWER: &str = "
0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563
746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f9
2af9ba53f06be7d780280004c07d4c96";
/// Section 2.3: the same over IPv6.
const ANSWER_V6: &str = "
010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563
746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014
a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";

fn message(kind: u16, attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in attributes {
        body.extend(name.to_be_bytes());
        body.extend((value.len() as u16).to_be_bytes());
        body.extend(*value);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let mut message = kind.to_be_bytes().to_vec();
    message.extend((body.len() as u16).to_be_bytes());
    message.extend([0x21, 0x12, 0xa4, 0x42]);
    message.extend([7; 12]);
    message.extend(body);
    message
}

fn address(port: u16, ip: [u8; 4]) -> Vec<u8> {
    let cookie = [0x21, 0x12, 0xa4, 0x42];
    let mut value = vec![0, 1];
    value.extend((port ^ 0x2112).to_be_bytes());
    value.extend(ip.iter().zip(cookie).map(|(byte, mask)| byte ^ mask));
    value
}

fn dialect(flow: &mut Flow) -> Dialect {
    let mut dialects = flow
        .observed()
        .into_iter()
        .filter_map(|observation| match observation {
            Observation::Stun { dialect, .. } => Some(dialect),
            _ => None,
        });
    dialects.next_back().unwrap()
}

#[test]
fn the_answers_of_rfc_5769_are_read() {
    for (bytes, mapped) in [
        (ANSWER, "192.0.2.1:32853"),
        (ANSWER_V6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
    ] {
        let mut flow = Flow::udp();
        flow.back(&hex(bytes));
        let observed = flow.observed();
        assert!(observed.contains(&Observation::Mapped {
            address: mapped.parse().unwrap()
        }));
        assert!(observed.iter().any(|seen| matches!(seen, Observation::Stun { method: 1, class: 2, dialect: Dialect::Standard, software: Some(text), .. } if text.as_str() == "test vector")));
        assert_eq!(flow.carries(), [Protocol::Stun]);
    }
}

#[test]
fn an_allocation_shows_the_relay_and_its_peer() {
    let mut flow = Flow::udp();
    flow.forth(&message(0x0003, &[(0x0019, &[17, 0, 0, 0])]));
    flow.back(&message(
        0x0103,
        &[
            (0x0016, &address(50000, [203, 0, 113, 9])),
            (0x0020, &address(4242, [198, 51, 100, 1])),
        ],
    ));
    flow.forth(&message(0x0008, &[(0x0012, &address(3478, [192, 0, 2, 77]))]));
    let observed = flow.observed();
    let at = |text: &str| text.parse().unwrap();
    assert!(observed.contains(&Observation::Relayed {
        address: at("203.0.113.9:50000")
    }));
    assert!(observed.contains(&Observation::Mapped {
        address: at("198.51.100.1:4242")
    }));
    assert!(observed.contains(&Observation::RelayPeer {
        address: at("192.0.2.77:3478")
    }));
    assert_eq!(flow.carries(), [Protocol::Turn]);
}

#[test]
fn media_in_channels_is_seen_even_when_the_call_was_running() {
    let mut seed = fastrand::Rng::with_seed(1);
    let mut flow = Flow::udp();
    for at in 0..40 {
        let packet = rtp(111, at, u32::from(at) * 960, 9, &random(&mut seed, 100));
        let mut datagram = vec![0x40, 0x01];
        datagram.extend((packet.len() as u16).to_be_bytes());
        datagram.extend(packet);
        flow.forth(&datagram);
    }
    assert!(flow.observed().iter().any(|seen| matches!(
        seen,
        Observation::MediaStream {
            payload: Payload::Sealed,
            sent: 40,
            ..
        }
    )));
    assert_eq!(flow.carries(), [Protocol::Turn, Protocol::Srtp]);
}

#[test]
fn turn_over_tcp_is_put_apart_into_its_messages() {
    let mut seed = fastrand::Rng::with_seed(2);
    let mut bytes = message(0x0003, &[(0x0019, &[17, 0, 0, 0])]);
    bytes.extend(message(
        0x0009,
        &[(0x000c, &[0x40, 0, 0, 0]), (0x0012, &address(9, [192, 0, 2, 1]))],
    ));
    for at in 0..40 {
        let packet = rtp(96, at, u32::from(at) * 3000, 9, &random(&mut seed, 201));
        bytes.extend([0x40, 0x00]);
        bytes.extend((packet.len() as u16).to_be_bytes());
        bytes.extend(&packet);
        bytes.resize(bytes.len() + 3, 0);
    }
    let mut flow = Flow::tcp();
    for piece in bytes.chunks(333) {
        flow.stream(Way::Forth, piece);
    }
    assert!(
        flow.observed()
            .iter()
            .any(|seen| matches!(seen, Observation::MediaStream { sent: 40, .. }))
    );
    assert_eq!(flow.carries(), [Protocol::Turn, Protocol::Srtp]);
}

#[test]
fn datagrams_with_their_lengths_in_a_stream_are_put_apart() {
    let mut seed = fastrand::Rng::with_seed(3);
    let mut flow = Flow::tcp();
    for at in 0..40 {
        let packet = rtp(96, at, u32::from(at) * 3000, 9, &random(&mut seed, 200));
        let mut framed = (packet.len() as u16).to_be_bytes().to_vec();
        framed.extend(packet);
        flow.stream(Way::Forth, &framed);
    }
    assert_eq!(flow.carries(), [Protocol::Srtp]);
}

#[test]
fn dialects_are_told_by_what_no_standard_knows() {
    let plain: &[(u16, &[u8])] = &[(0x0006, b"abcd:efgh")];
    let cases: [(u16, &[(u16, &[u8])], Dialect); 8] = [
        (0x0001, plain, Dialect::Standard),
        (0x0001, &[(0xc057, &[0, 0, 0, 1])], Dialect::Webrtc),
        (0x0001, &[(0x8070, &[0, 0, 0, 2])], Dialect::Teams),
        (0x0001, &[(0xc003, &[0; 4])], Dialect::Webex),
        (0x0801, &[], Dialect::WhatsApp),
        (0x0003, &[(0x4000, &[0; 4])], Dialect::WhatsApp),
        (0x0113, &[(0x0014, b"turn.voip.signal.org")], Dialect::Signal),
        (0x0113, &[(0x0014, b"telegram.org")], Dialect::Telegram),
    ];
    for (kind, attributes, expected) in cases {
        let mut flow = Flow::udp();
        flow.forth(&message(kind, attributes));
        assert_eq!(dialect(&mut flow), expected, "{kind:#x} {attributes:?}");
    }
}

/// RFC 8445 section 7.1: what asks for a way to another participant, and not a server for one's address.
#[test]
fn checks_of_ice_are_told_from_questions_to_a_server() {
    let asked: &[(u16, &[u8])] = &[(0x8022, b"a client")];
    let priority: &[(u16, &[u8])] = &[(0x0006, b"abcd:efgh"), (0x0024, &[0x6e, 0x7f, 0, 1])];
    let controlled: &[(u16, &[u8])] = &[(0x8029, &[0; 8])];
    for (attributes, expected) in [(asked, false), (priority, true), (controlled, true)] {
        let mut flow = Flow::udp();
        flow.forth(&message(1, attributes));
        let told = flow
            .observed()
            .into_iter()
            .find_map(|observation| match observation {
                Observation::Stun { check, .. } => Some(check),
                _ => None,
            });
        assert_eq!(told, Some(expected), "{attributes:?}");
    }
}

#[test]
fn two_bytes_that_look_like_stun_are_not_enough() {
    let mut seed = fastrand::Rng::with_seed(4);
    let mut flow = Flow::udp();
    for _ in 0..20 {
        let mut datagram = random(&mut seed, 120);
        datagram[..4].copy_from_slice(&[0, 1, 0, 100]);
        flow.forth(&datagram);
    }
    assert!(flow.observed().is_empty());
}
