//! Hellos and certificates are read from TLS and DTLS as far as they are in clear, in whatever pieces they come.
use crate::made::Flow;
use ringfence_capture::detect::Way;
use ringfence_capture::{Carrier, KeyKind, Observation, Protocol, Text};

const WEAK: &[u8] = include_bytes!("weak.der");

fn prefixed(width: usize, body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes()[4 - width..], body].concat()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &prefixed(2, body)].concat()
}

fn client_hello(dtls: bool) -> Vec<u8> {
    let name = prefixed(2, &[&[0][..], &prefixed(2, b"meet.example.org")].concat());
    let mut extensions = extension(0, &name);
    extensions.extend(extension(
        16,
        &prefixed(2, &[prefixed(1, b"h2"), prefixed(1, b"http/1.1")].concat()),
    ));
    extensions.extend(extension(14, &[prefixed(2, &[0, 2, 0, 7]), vec![0]].concat()));
    let mut body = if dtls { vec![0xfe, 0xfd] } else { vec![3, 3] };
    body.extend([9; 32]);
    body.push(0);
    if dtls {
        body.push(0);
    }
    body.extend(prefixed(2, &[0x0a, 0x0a, 0xc0, 0x2f]));
    body.extend([1, 0]);
    body.extend(prefixed(2, &extensions));
    body
}

fn server_hello(version: [u8; 2], extensions: &[u8]) -> Vec<u8> {
    let mut body = version.to_vec();
    body.extend([8; 32]);
    body.extend([0, 0xc0, 0x2f, 0]);
    body.extend(prefixed(2, extensions));
    body
}

fn certificates() -> Vec<u8> {
    prefixed(3, &prefixed(3, WEAK))
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &prefixed(3, body)].concat()
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3][..], &prefixed(2, body)].concat()
}

fn hello_of(carrier: Carrier, version: u16) -> Observation {
    Observation::ClientHello {
        carrier,
        versions: vec![version],
        server_name: Some(Text::new(b"meet.example.org")),
        alpn: vec![Text::new(b"h2"), Text::new(b"http/1.1")],
        srtp_profiles: vec![2, 7],
        encrypted_hello: false,
    }
}

fn weak(carrier: Carrier) -> Observation {
    Observation::Certificate {
        carrier,
        position: 0,
        subject: Text::new(b"CN=weak.example"),
        issuer: Text::new(b"CN=weak.example"),
        names: vec![Text::new(b"weak.example"), Text::new(b"www.weak.example")],
        key: KeyKind::Rsa,
        bits: 1024,
        signature: Text::new(b"sha1WithRSAEncryption"),
        not_before: 1_796_012_626,
        not_after: 2_111_372_626,
        self_signed: true,
    }
}

#[test]
fn a_handshake_of_tls_is_read_byte_by_byte() {
    let mut flow = Flow::tcp();
    for byte in record(22, &message(1, &client_hello(false))) {
        flow.stream(Way::Forth, &[byte]);
    }
    let answer = [
        message(
            2,
            &server_hello([3, 1], &extension(16, &prefixed(2, &prefixed(1, b"h2")))),
        ),
        message(11, &certificates()),
    ]
    .concat();
    // The messages go over the edges of records.
    for piece in answer.chunks(100) {
        for byte in record(22, piece) {
            flow.stream(Way::Back, &[byte]);
        }
    }
    let server = Observation::ServerHello {
        carrier: Carrier::Tls,
        version: 0x0301,
        cipher: 0xc02f,
        alpn: Some(Text::new(b"h2")),
        srtp_profile: None,
    };
    let carries = Observation::Carries {
        protocol: Protocol::Tls,
    };
    assert_eq!(
        flow.observed(),
        [
            carries,
            hello_of(Carrier::Tls, 0x0303),
            server,
            weak(Carrier::Tls)
        ]
    );
    flow.stream(Way::Forth, &record(20, &[1]))
        .stream(Way::Back, &record(20, &[1]));
    assert!(flow.is_over());
}

#[test]
fn tls_1_3_is_told_by_its_extension() {
    let mut flow = Flow::tcp();
    flow.stream(Way::Forth, &record(22, &message(1, &client_hello(false))));
    flow.stream(
        Way::Back,
        &record(22, &message(2, &server_hello([3, 3], &extension(43, &[3, 4])))),
    );
    assert!(
        flow.observed()
            .iter()
            .any(|seen| matches!(seen, Observation::ServerHello { version: 0x0304, .. }))
    );
}

#[test]
fn a_connection_that_was_already_open_is_known_by_its_records() {
    let mut flow = Flow::tcp();
    flow.gap(Way::Forth).stream(Way::Forth, &record(23, &[5; 300]));
    assert_eq!(flow.carries(), [Protocol::Tls]);
}

/// A record of DTLS with one fragment of a handshake message.
fn fragment(kind: u8, body: &[u8], from: usize, to: usize) -> Vec<u8> {
    let mut header = vec![kind];
    header.extend(&(body.len() as u32).to_be_bytes()[1..]);
    header.extend([0, kind]);
    header.extend(&(from as u32).to_be_bytes()[1..]);
    header.extend(prefixed(3, &body[from..to]));
    let mut record = vec![22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, kind];
    record.extend(prefixed(2, &header));
    record
}

#[test]
fn a_handshake_of_dtls_is_put_together_in_any_order() {
    let (hello, chain) = (client_hello(true), certificates());
    let server = server_hello([0xfe, 0xff], &extension(14, &[0, 2, 0, 2, 0]));
    let mut flow = Flow::udp();
    flow.forth(&fragment(1, &hello, 0, hello.len()));
    flow.back(
        &[
            fragment(2, &server, 40, server.len()),
            fragment(2, &server, 0, 40),
        ]
        .concat(),
    );
    flow.back(&fragment(11, &chain, 300, chain.len()))
        .back(&fragment(11, &chain, 0, 100));
    flow.back(&fragment(11, &chain, 50, 300));
    let server = Observation::ServerHello {
        carrier: Carrier::Dtls,
        version: 0xfeff,
        cipher: 0xc02f,
        alpn: None,
        srtp_profile: Some(2),
    };
    let carries = Observation::Carries {
        protocol: Protocol::Dtls,
    };
    assert_eq!(
        flow.observed(),
        [
            carries,
            hello_of(Carrier::Dtls, 0xfefd),
            server,
            weak(Carrier::Dtls)
        ]
    );
}

fn little_media(flow: &mut Flow) {
    for at in 0..6 {
        flow.forth(&crate::made::rtp(
            111,
            at,
            u32::from(at) * 960,
            5,
            &[at as u8; 20],
        ));
    }
}

#[test]
fn media_that_is_too_little_to_tell_is_what_was_agreed_on() {
    let server = server_hello([0xfe, 0xfd], &extension(14, &[0, 2, 0, 7, 0]));
    let mut flow = Flow::udp();
    flow.back(&fragment(2, &server, 0, server.len()));
    little_media(&mut flow);
    assert_eq!(flow.carries(), [Protocol::Dtls, Protocol::Srtp]);
}

/// RFC 9147 section 5: what the server chose of it is encrypted.
#[test]
fn with_dtls_1_3_media_that_is_too_little_to_tell_is_what_was_offered() {
    let client = client_hello(true);
    let server = server_hello([0xfe, 0xfd], &extension(43, &[0xfe, 0xfc]));
    let mut flow = Flow::udp();
    flow.forth(&fragment(1, &client, 0, client.len()));
    flow.back(&fragment(2, &server, 0, server.len()));
    little_media(&mut flow);
    assert_eq!(flow.carries(), [Protocol::Dtls, Protocol::Srtp]);
}
