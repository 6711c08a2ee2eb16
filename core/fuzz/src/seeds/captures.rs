//! First inputs of captures and of what is said in them.
use crate::{plain, put};
use ringfence_fuzz::captures::{header, record};

/// Files, streams and conversations.
pub fn all() {
    files();
    for (name, segments) in [
        ("ordered", &[0, 0, 30, 16, 10, 30, 16, 20, 60, 16][..]),
        ("early", &[1, 0, 30, 16, 20, 30, 16, 10, 30, 16, 40, 9, 0xf0]),
        (
            "again",
            &[2, 0, 0, 2, 5, 60, 16, 5, 60, 16, 90, 200, 17, 80, 30, 16],
        ),
    ] {
        put("capture-stream", name, &lasting(segments));
    }
    let stun = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12]].concat();
    let answer = [
        &[1, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42][..],
        &[7; 12],
        &[0, 0x20, 0, 8, 0, 1, 1, 2, 3, 4, 5, 6],
    ]
    .concat();
    let rtp = |number: u8| [&[0x80, 96, 0, number, 0, 0, 0, 1, 0, 0, 0, 9][..], &[number; 40]].concat();
    let dns = b"\0\x07\x81\x80\0\x01\0\x01\0\0\0\0\x04meet\x07example\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x07";
    let http =
        b"GET /call HTTP/1.1\r\nHost: meet.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    let upgraded = b"HTTP/1.1 101 Switching Protocols\r\nServer: x\r\n\r\n\x81\x05hello";
    let sip = b"INVITE sip:bob@example SIP/2.0\r\nContent-Type: application/sdp\r\nContent-Length: 99\r\n\r\nv=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAA\r\n";
    let dtls = [
        &[
            22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 54, 1, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 42, 0xfe, 0xfd,
        ][..],
        &[5; 32],
        &[0, 0, 0, 2, 0xc0, 0x2b, 1, 0],
    ]
    .concat();
    let tls = [
        &[22, 3, 1, 0, 47, 1, 0, 0, 43, 3, 3][..],
        &[5; 32],
        &[0, 0, 2, 0x13, 1, 1, 0, 0, 0],
    ]
    .concat();
    let quic = [
        &[0xc0, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x44, 0xd0][..],
        &[9; 180],
    ]
    .concat();
    put(
        "capture-said",
        "stun",
        &lasting(&said(0, &[(0, &stun), (1, &answer)])),
    );
    put(
        "capture-said",
        "rtp",
        &lasting(&said(
            0,
            &[(0, &rtp(1)), (0, &rtp(2)), (1, &rtp(3)), (0, &rtp(4))],
        )),
    );
    put("capture-said", "dns", &lasting(&said(0, &[(1, dns)])));
    put("capture-said", "dtls", &lasting(&said(0, &[(0, &dtls)])));
    put("capture-said", "quic", &lasting(&said(0, &[(0, &quic)])));
    put("capture-said", "sip", &lasting(&said(0, &[(0, sip)])));
    put("capture-said", "tls", &lasting(&said(1, &[(0, &tls)])));
    put(
        "capture-said",
        "http",
        &lasting(&said(1, &[(0, http), (1, upgraded)])),
    );
}

/// With a byte after it, if need be, so that it holds no planted bug.
fn lasting(bytes: &[u8]) -> Vec<u8> {
    let mut last = None;
    plain(|| {
        let all = bytes.iter().copied().chain(last);
        last = Some(last.map_or(0, |last: u8| last + 1));
        all.collect()
    })
}

fn said(transport: u8, pieces: &[(u8, &[u8])]) -> Vec<u8> {
    let mut all = vec![transport];
    for (way, piece) in pieces {
        all.push(*way);
        all.extend((piece.len() as u16).to_be_bytes());
        all.extend(*piece);
    }
    all
}

fn files() {
    let packets = [
        record(false, 0, 0, b"hello"),
        record(false, 1, 0, b"there"),
        record(true, 0, 9, b"abc"),
    ];
    let file = [header(), packets.concat()].concat();
    put("capture", "pcap", &lasting(&file));
    // The same for a big-endian machine would be another header; of pcapng it is one with a section in front.
    let block = |kind: u32, body: &[u8]| {
        let length = (12 + body.len().next_multiple_of(4)) as u32;
        let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
        [
            &kind.to_le_bytes()[..],
            &length.to_le_bytes(),
            body,
            &padding,
            &length.to_le_bytes(),
        ]
        .concat()
    };
    let mut file = block(
        0x0a0d_0d0a,
        &[&[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..], &[0xff; 8]].concat(),
    );
    file.extend(block(
        1,
        &[101, 0, 0, 0, 0xff, 0xff, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0],
    ));
    for packet in &packets {
        let ip = &packet[16..];
        let length = (ip.len() as u32).to_le_bytes();
        file.extend(block(6, &[&[0; 12][..], &length, &length, ip].concat()));
    }
    put("capture", "pcapng", &lasting(&file));
    let mut fragments = header();
    for (offset, more) in [(0u16, true), (8, false)] {
        let packet = record(false, 0, 0, &[5; 8]);
        let mut part = packet.clone();
        let place = (offset / 8) | if more { 0x2000 } else { 0 };
        part[16 + 6..16 + 8].copy_from_slice(&place.to_be_bytes());
        fragments.extend(part);
    }
    put("capture", "fragments", &lasting(&fragments));
}
