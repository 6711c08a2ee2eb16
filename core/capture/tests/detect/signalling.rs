//! Signalling in clear is read, and keys in it are pointed at without being kept.
use crate::made::Flow;
use ringfence_capture::detect::Way;
use ringfence_capture::{Observation, Protocol, Text};

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 49170 RTP/SAVP 0\r\n\
a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4\r\nm=video 49172 UDP/TLS/RTP/SAVPF 96\r\n\
c=IN IP6 2001:db8::7\r\na=fingerprint:sha-256 AA:BB\r\n";

fn keys(observed: &[Observation]) -> Vec<(&str, Option<&str>, u32)> {
    let found = observed.iter().filter_map(|seen| match seen {
        Observation::KeyInClear {
            place,
            suite,
            fingerprint,
            ..
        } => Some((place.as_str(), suite.as_ref().map(Text::as_str), *fingerprint)),
        _ => None,
    });
    found.collect()
}

fn invite() -> String {
    format!(
        "INVITE sip:bob@example.org SIP/2.0\r\nVia: SIP/2.0/UDP host\r\nTo: <sip:bob@example.org>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{SDP}",
        SDP.len()
    )
}

fn check_invite(flow: &mut Flow) {
    let observed = flow.observed();
    assert_eq!(
        observed[0],
        Observation::Carries {
            protocol: Protocol::Sip
        }
    );
    assert_eq!(
        observed[1],
        Observation::Sip {
            method: Text::new(b"INVITE"),
            to: Some(Text::new(b"<sip:bob@example.org>"))
        }
    );
    let keys = keys(&observed);
    assert_eq!(keys.len(), 1);
    assert_eq!(
        (keys[0].0, keys[0].1),
        ("a=crypto in SIP", Some("AES_CM_128_HMAC_SHA1_32"))
    );
    let media = |name: &str, ip: &str, port, transport: &str, fingerprint| Observation::SdpMedia {
        media: Text::new(name.as_bytes()),
        address: ip.parse().ok(),
        port,
        transport: Text::new(transport.as_bytes()),
        fingerprint,
    };
    assert!(observed.contains(&media("audio", "192.0.2.1", 49170, "RTP/SAVP", false)));
    assert!(observed.contains(&media("video", "2001:db8::7", 49172, "UDP/TLS/RTP/SAVPF", true)));
    assert!(!format!("{observed:?}").contains("WVNfX19zZW1jdGwg"));
}

#[test]
fn an_invitation_shows_where_media_goes_and_its_key() {
    let mut flow = Flow::udp();
    flow.forth(invite().as_bytes());
    check_invite(&mut flow);
    let mut flow = Flow::tcp();
    for piece in invite().as_bytes().chunks(7) {
        flow.stream(Way::Forth, piece);
    }
    check_invite(&mut flow);
}

/// A frame of text as a client sends it (RFC 6455 section 5.3).
fn frame(text: &str) -> Vec<u8> {
    let mask = [1, 2, 3, 4];
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend((text.len() as u16).to_be_bytes());
    frame.extend(mask);
    frame.extend(
        text.bytes()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    frame
}

fn web_socket(text: &str) -> Vec<Observation> {
    let mut flow = Flow::tcp();
    flow.stream(Way::Forth, b"GET /ws HTTP/1.1\r\nHost: call.example\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    flow.stream(
        Way::Back,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    );
    for piece in frame(text).chunks(11) {
        flow.stream(Way::Forth, piece);
    }
    assert_eq!(flow.carries(), [Protocol::Http, Protocol::WebSocket]);
    flow.observed()
}

#[test]
fn a_web_socket_in_clear_is_read() {
    let observed = web_socket("{\"type\":\"hello\",\"keyId\":\"00112233445566778899aabbccddeeff\"}");
    assert!(keys(&observed).is_empty());
    assert!(observed.contains(&Observation::WebSocket {
        host: Some(Text::new(b"call.example")),
        path: Text::new(b"/ws"),
        frames_readable: true
    }));
}

/// RFC 8032 section 5.1.5, RFC 7748 section 5: public keys are 32 bytes too, and say nothing of a cipher.
#[test]
fn a_key_that_may_as_well_be_public_is_one_only_beside_its_cipher() {
    let key = "7CFxNrTuSyKebNkRYgKEBrbJUiE2G0EEnOO1jlFh2R8";
    let public = web_socket(&format!("{{\"operator\":{{\"name\":\"x\",\"key\":\"{key}\"}}}}"));
    assert!(keys(&public).is_empty());
    let secret = web_socket(&format!("{{\"cipher\":\"aes-256-gcm\",\"key\":\"{key}\"}}"));
    assert_eq!(keys(&secret).len(), 1);
    let short = web_socket("{\"id\": 1, \"key\": \"00112233445566778899aabbccddeeff\"}");
    assert_eq!(keys(&short).len(), 1);
}

#[test]
fn keys_in_json_are_pointed_at() {
    let one = web_socket("{\"meeting\": 1, \"aesKey\": \"00112233445566778899aabbccddeeff\"}");
    let other = web_socket("{\"encryption_key\":\"00112233445566778899aabbccddeeff\", \"note\":\"key\"}");
    assert_eq!(keys(&one).len(), 1);
    assert_eq!(keys(&one)[0].0, "a field of JSON in WebSocket");
    assert_eq!(keys(&one)[0].2, keys(&other)[0].2);
    let described = web_socket(&format!("{{\"sdp\":\"{}\"}}", SDP.replace("\r\n", "\\r\\n")));
    assert_eq!(keys(&described)[0].0, "a=crypto in WebSocket");
    assert_eq!(
        described
            .iter()
            .filter(|seen| matches!(seen, Observation::SdpMedia { .. }))
            .count(),
        2
    );
}

/// Frames of a server, each with its first byte.
fn open_web_socket(frames: &[(u8, &[u8])]) -> Vec<Observation> {
    let mut flow = Flow::tcp();
    flow.stream(
        Way::Forth,
        b"GET /ws HTTP/1.1\r\nHost: call.example\r\nUpgrade: websocket\r\n\r\n",
    );
    flow.stream(
        Way::Back,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    );
    for (first, body) in frames {
        let mut frame = vec![*first, 126];
        frame.extend((body.len() as u16).to_be_bytes());
        frame.extend(*body);
        flow.stream(Way::Back, &frame);
    }
    flow.observed()
}

#[test]
fn a_message_in_several_frames_is_read_as_one() {
    let (one, two) = SDP.as_bytes().split_at(SDP.find("inline:").unwrap() + 9);
    let observed = open_web_socket(&[(0x01, one), (0x89, b"still there?"), (0x80, two)]);
    assert_eq!(keys(&observed)[0].0, "a=crypto in WebSocket");
}

#[test]
fn compressed_messages_are_read_the_later_ones_by_what_the_earlier_said() {
    let mut deflate = flate2::Compress::new(flate2::Compression::default(), false);
    let mut squeezed = |text: &str| {
        let mut made = Vec::with_capacity(4096);
        deflate
            .compress_vec(text.as_bytes(), &mut made, flate2::FlushCompress::Sync)
            .unwrap();
        made.truncate(made.len() - 4);
        made
    };
    let (hello, described, again) = (squeezed("hello"), squeezed(SDP), squeezed(SDP));
    assert!(again.len() * 4 < described.len());
    let observed = open_web_socket(&[(0xc1, &hello), (0xc1, &described)]);
    assert_eq!(keys(&observed).len(), 1);
    let (one, two) = again.split_at(5);
    let twice = [
        (0xc1, &*hello),
        (0xc1, &*described),
        (0x41, one),
        (0x80, two),
        (0x81, SDP.as_bytes()),
    ];
    assert_eq!(keys(&open_web_socket(&twice)).len(), 1);
    // Without what it refers to, or cut short, it says nothing, and what is not compressed is still read.
    assert!(keys(&open_web_socket(&[(0xc1, &*again)])).is_empty());
    assert_eq!(
        keys(&open_web_socket(&[(0xc1, &*again), (0x81, SDP.as_bytes())])).len(),
        1
    );
}

#[test]
fn what_inflates_without_end_is_left_alone() {
    let mut deflate = flate2::Compress::new(flate2::Compression::best(), false);
    let mut bomb = Vec::with_capacity(64 << 10);
    deflate
        .compress_vec(&vec![b'a'; 8 << 20], &mut bomb, flate2::FlushCompress::Sync)
        .unwrap();
    let observed = open_web_socket(&[(0xc1, &bomb), (0x81, SDP.as_bytes())]);
    assert_eq!(keys(&observed).len(), 1);
}

/// The same text as gzip, as zlib (which HTTP calls deflate), and as deflate without a header.
fn packed(text: &[u8]) -> [(&'static str, Vec<u8>); 3] {
    use std::io::Write;
    let level = flate2::Compression::default;
    let mut gzip = flate2::write::GzEncoder::new(vec![], level());
    let mut zlib = flate2::write::ZlibEncoder::new(vec![], level());
    let mut raw = flate2::write::DeflateEncoder::new(vec![], level());
    gzip.write_all(text).unwrap();
    zlib.write_all(text).unwrap();
    raw.write_all(text).unwrap();
    [
        ("gzip", gzip.finish().unwrap()),
        ("deflate", zlib.finish().unwrap()),
        ("Deflate", raw.finish().unwrap()),
    ]
}

fn answered(coding: &str, body: &[u8]) -> Vec<Observation> {
    let mut flow = Flow::tcp();
    flow.stream(Way::Forth, b"GET /call HTTP/1.1\r\nHost: a.example\r\n\r\n");
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    flow.stream(Way::Back, &[head.as_bytes(), body].concat());
    // Whatever the body was, the next answer is read.
    flow.stream(Way::Back, b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    let observed = flow.observed();
    let next = |one: &Observation| matches!(one, Observation::HttpResponse { status: 404, .. });
    assert!(observed.iter().any(next));
    observed
}

#[test]
fn bodies_of_http_are_unpacked_before_keys_are_looked_for() {
    for (coding, body) in packed(SDP.as_bytes()) {
        assert_eq!(
            keys(&answered(coding, &body))[0].0,
            "a=crypto in HTTP",
            "{coding}"
        );
        // Of what is cut short, what is there is read.
        let cut = &body[..body.len() - 2];
        assert_eq!(keys(&answered(coding, cut)).len(), 1, "{coding}");
        // Named as something else it is not guessed at.
        assert!(keys(&answered("br", &body)).is_empty(), "{coding}");
        let mut damaged = body.clone();
        damaged[body.len() / 4] ^= 0x55;
        answered(coding, &damaged);
        answered(coding, &[&body[..], b"and more"].concat());
    }
    assert_eq!(keys(&answered("identity", SDP.as_bytes())).len(), 1);
}

#[test]
fn a_packed_body_in_chunks_is_unpacked() {
    let [(_, body), ..] = packed(SDP.as_bytes());
    let mut flow = Flow::tcp();
    let mut request = b"POST /call HTTP/1.1\r\nHost: a.example\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let (one, two) = body.split_at(7);
    for chunk in [one, two, b""] {
        request.extend(format!("{:x}\r\n", chunk.len()).as_bytes());
        request.extend([chunk, b"\r\n"].concat());
    }
    request.extend(b"GET /next HTTP/1.1\r\nHost: a.example\r\n\r\n");
    flow.stream(Way::Forth, &request);
    let observed = flow.observed();
    assert_eq!(keys(&observed).len(), 1);
    let next = |one: &Observation| matches!(one, Observation::HttpRequest { path, .. } if *path == Text::new(b"/next"));
    assert!(observed.iter().any(next));
}

#[test]
fn a_body_that_unpacks_without_end_is_left_alone() {
    let mut text = vec![b'a'; 8 << 20];
    text.extend(SDP.as_bytes());
    for (coding, body) in packed(&text) {
        assert!(keys(&answered(coding, &body)).is_empty(), "{coding}");
    }
}

#[test]
fn requests_and_answers_of_http_follow_each_other() {
    let mut flow = Flow::tcp();
    flow.stream(Way::Forth, b"POST /join HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhelloGET /next HTTP/1.1\r\nHost: a.example\r\n\r\n");
    flow.stream(Way::Back, b"HTTP/1.1 200 OK\r\nServer: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    let observed = flow.observed();
    let request = |method: &str, path: &str| Observation::HttpRequest {
        method: Text::new(method.as_bytes()),
        host: Some(Text::new(b"a.example")),
        path: Text::new(path.as_bytes()),
    };
    assert!(observed.contains(&request("POST", "/join")) && observed.contains(&request("GET", "/next")));
    assert!(observed.contains(&Observation::HttpResponse {
        status: 200,
        server: Some(Text::new(b"x"))
    }));
    assert!(observed.contains(&Observation::HttpResponse {
        status: 404,
        server: None
    }));
}

#[test]
fn what_goes_through_a_proxy_is_looked_at() {
    let mut flow = Flow::tcp();
    flow.stream(
        Way::Forth,
        b"CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\n\r\n",
    );
    flow.stream(Way::Back, b"HTTP/1.1 200 Connection established\r\n\r\n");
    flow.stream(
        Way::Forth,
        &[&[22, 3, 1, 0, 50, 1, 0, 0, 46][..], &[0; 46]].concat(),
    );
    assert_eq!(flow.carries(), [Protocol::Http, Protocol::Tls]);
}
