//! Names that were asked for, and the addresses they were said to have, are read from DNS.
use crate::made::Flow;
use ringfence_capture::detect::Way;
use ringfence_capture::{Observation, Protocol, Text};

fn query(name: &str) -> Vec<u8> {
    let mut message = vec![0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        message.push(label.len() as u8);
        message.extend(label.bytes());
    }
    message.extend([0, 0, 1, 0, 1]);
    message
}

fn answer(name: &str) -> Vec<u8> {
    let mut message = query(name);
    message[2] = 0x81;
    message[3] = 0x80;
    message[7] = 3;
    // An alias, and two addresses.
    message.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, b'x', 0xc0, 12]);
    message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 5]);
    message.extend([
        0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 60, 0, 16, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
    ]);
    message
}

fn expected() -> Vec<Observation> {
    let name = Text::new(b"call.example.org");
    vec![
        Observation::Carries {
            protocol: Protocol::Dns,
        },
        Observation::DnsQuery { name: name.clone() },
        Observation::DnsAnswer {
            name,
            addresses: vec!["192.0.2.5".parse().unwrap(), "2001:db8::9".parse().unwrap()],
        },
    ]
}

#[test]
fn a_question_and_its_answer_are_read() {
    let mut flow = Flow::udp();
    flow.forth(&query("call.example.org"))
        .back(&answer("call.example.org"));
    assert_eq!(flow.observed(), expected());
}

/// RFC 1002 section 4.2: the same message, of a name in half bytes, and another kind.
#[test]
fn names_of_netbios_are_not_names_of_dns() {
    let coded = "FEEFFDFECACACACACACACACACACACAAA";
    for kind in [0x20, 0x21] {
        let mut message = query(coded);
        let at = message.len() - 3;
        message[at] = kind;
        let mut flow = Flow::udp();
        flow.forth(&message);
        assert_eq!(flow.observed(), []);
    }
    // A name that is as long, asked for its address, is one.
    assert_eq!(Flow::udp().forth(&query(coded)).observed().len(), 2);
}

#[test]
fn over_tcp_each_follows_its_length() {
    let framed = |message: Vec<u8>| [&(message.len() as u16).to_be_bytes()[..], &message].concat();
    let mut flow = Flow::tcp();
    flow.stream(Way::Forth, &framed(query("call.example.org")));
    for byte in framed(answer("call.example.org")) {
        flow.stream(Way::Back, &[byte]);
    }
    assert_eq!(flow.observed(), expected());
}

#[test]
fn a_name_that_points_in_a_circle_is_no_name() {
    let mut message = query("a.example");
    message[12..14].copy_from_slice(&[0xc0, 12]);
    let mut flow = Flow::udp();
    flow.forth(&message);
    assert!(flow.observed().is_empty());
}
