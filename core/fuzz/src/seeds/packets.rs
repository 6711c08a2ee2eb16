//! First inputs of what arrives as packets, and of what says where they go.
use crate::{fix, plain, put};
use ringfence_e2ee::keys::{BaseKey, Header, seal};
use ringfence_fuzz::meeting::world::{ADDRESS, PORT};
use ringfence_fuzz::{answers, media, room, rtcp};

/// Datagrams, offers and answers.
pub fn all() {
    answers();
    reports();
    feedback();
    put("descriptor", "middle", &[0x00, 0x12, 0x34]);
    put("descriptor", "key", &[0xc0, 0x00, 0x01, 0x80, 0x03, 0x1e, 0x9c]);
    put(
        "descriptor",
        "layers",
        include_bytes!("../../../packet/tests/chromium-l3t3.descriptor"),
    );
    put("vp8", "none", &[0x10, 0xaa]);
    put("vp8", "wide", &[0x90, 0xe0, 0x81, 0x02, 0x07, 0x20, 0xaa]);
    put("vp8", "narrow", &[0x90, 0xa0, 0x05, 0x20, 0xaa]);
    let offer = plain(|| room::seeds().0.into_bytes());
    put("offer", "browser", &offer);
    let (_, datagrams) = room::seeds();
    let mut stun = vec![0, 1, 0, 16, 0x21, 0x12, 0xa4, 0x42];
    stun.extend([7; 12]);
    stun.extend([0, 6, 0, 9]);
    stun.extend(b"abcd:efgh\0\0\0");
    put("stun", "request", &stun);
    put("room", "stun", &framed(0, &stun));
    put("room", "changed", &framed(2, &[13, 1, 200, 0x80]));
    for (at, datagram) in datagrams.iter().take(3).enumerate() {
        put(
            "room",
            &format!("real-{at}"),
            &framed(1, &datagram[..datagram.len().min(300)]),
        );
    }
    let mut key = vec![0, 24, 0xc0, 0, 1];
    key.extend([0x80; 21]);
    key.extend([0x90, 0xe0, 0x80, 1, 1, 0x20, 2, 0, 0, 1, 0, 0xcc]);
    put("room", "made-up", &framed(3, &key));
    let rtcp = [0x81, 0xce, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    put("room", "rtcp", &framed(1, &rtcp));
    let rtp = [
        0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0, 1, 0x10, 1, 0x20, 2, 0xaa, 0xbb,
    ];
    put("room", "rtp", &framed(1, &rtp));
    put(
        "room",
        "dtls",
        &framed(1, &[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 3, 1, 2, 3]),
    );
    for (name, kid, counter) in [("small", 3, 5), ("large", 0x1f_ffff, 1 << 40)] {
        let sealed = seal(
            &BaseKey::from_bytes(media::KEY),
            Header { kid, counter },
            b"",
            b"a frame",
        );
        put("sframe", name, &sealed);
    }
    calls();
}

/// Two frames of three packets each, of which one overtakes another, and small files of each kind.
fn calls() {
    let mut pieces = vec![];
    for (at, [step, timestamp, flags]) in [[2, 1, 0], [3, 1, 1], [1, 1, 0], [3, 2, 0], [2, 2, 0], [2, 2, 1]]
        .into_iter()
        .enumerate()
    {
        let start = if [0, 3].contains(&at) { 0x90 } else { 0x80 };
        pieces.extend([
            step, timestamp, flags, 6, start, 0x80, 0x80, timestamp, 7, at as u8,
        ]);
    }
    put("pieces", "overtaken", &pieces);
    let mut ivf = b"DKIF\0\0\x20\0VP80\x40\0\x30\0\x0f\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0".to_vec();
    for (time, frame) in [
        (0u64, &[0x10u8, 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0][..]),
        (1, &[0x11, 8]),
        (2, &[0x11, 9]),
    ] {
        ivf.extend((frame.len() as u32).to_le_bytes());
        ivf.extend(time.to_le_bytes());
        ivf.extend(frame);
    }
    put("source", "ivf", &ivf);
    let mut ogg = vec![];
    for packets in [
        &[&b"OpusHead\x01\x01"[..]][..],
        &[b"OpusTags"],
        &[&[0x98, 1, 2], &[0x98, 3]],
    ] {
        ogg.extend(b"OggS\0\0");
        ogg.extend([0; 8]);
        ogg.extend([5, 0, 0, 0]);
        ogg.extend([0; 8]);
        ogg.push(packets.len() as u8);
        ogg.extend(packets.iter().map(|packet| packet.len() as u8));
        ogg.extend(packets.concat());
    }
    put("source", "ogg", &ogg);
}

/// A room's answer with a certificate and an address that are the same in every run, and lines to put into one.
fn answers() {
    let made = room::answered();
    let lines = made.lines().map(|line| match line.split_once(':') {
        Some(("a=fingerprint", _)) => format!("a=fingerprint:sha-256 {}\r\n", answers::fingerprint()),
        Some(("a=candidate", said)) => format!("a=candidate:{said}\r\n").replace(
            &room::world::SERVER.replace(':', " "),
            &format!("{ADDRESS} {PORT}"),
        ),
        _ => format!("{line}\r\n"),
    });
    let answer: String = lines.collect();
    fix("answer.sdp", answer.as_bytes());
    put("answer", "whole", &[&[0], answer.as_bytes()].concat());
    let short = format!(
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=fingerprint:sha-256 {}\r\na=candidate:1 1 udp 1 {ADDRESS} {PORT} typ host\r\n",
        answers::fingerprint()
    );
    put("answer", "short", &[&[0], short.as_bytes()].concat());
    let lines = [
        ("fingerprint", "a=fingerprint:sha-256 03\r\n".to_owned()),
        (
            "candidate",
            format!("a=candidate:1 1 udp 1 {ADDRESS} {PORT} typ host\r\n"),
        ),
        ("media", "m=video 9 UDP/TLS/RTP/SAVPF 96 98\r\n".to_owned()),
        ("crypto", "a=crypto:1 x\r\n".to_owned()),
        ("connection", "c=IN IP4 0.0.0.0\r\na=ice-lite\r\n".to_owned()),
    ];
    for (at, (name, line)) in (1..).zip(lines) {
        put("answer", name, &[&[3 * at], line.as_bytes()].concat());
    }
}

/// RTCP of each kind that the forwarder's library reads; the numbers of streams are named.
fn reports() {
    let word = |stream: u8| [&rtcp::NAMED[..], &[stream]].concat();
    let packet = |count: u8, kind: u8, words: &[&[u8]]| {
        let rest = words.concat();
        let length = u16::try_from(rest.len() / 4).expect("it is short").to_be_bytes();
        [&[0x80 | count, kind][..], &length, &rest].concat()
    };
    let (own, other) = (word(0), word(5));
    let report = [&other[..], &[0; 20]].concat();
    let kinds: [(&str, Vec<u8>); 11] = [
        ("sender", packet(1, 200, &[&own, &[0x5a; 20], &report])),
        ("receiver", packet(1, 201, &[&own, &report])),
        ("names", packet(1, 202, &[&own, b"\x01\x04anna\0\0"])),
        ("bye", packet(1, 203, &[&word(1)])),
        ("lost", packet(1, 205, &[&own, &other, &[0, 1, 0, 3]])),
        (
            "all-received",
            packet(
                15,
                205,
                &[&own, &[0; 4], &[0, 1, 0, 2, 0, 0, 1, 1, 0x20, 2, 4, 4]],
            ),
        ),
        ("picture-lost", packet(1, 206, &[&own, &other])),
        (
            "key-frame",
            packet(4, 206, &[&own, &[0; 4], &other, &[7, 0, 0, 0]]),
        ),
        (
            "bandwidth",
            packet(15, 206, &[&own, &[0; 4], b"REMB", &[1, 0x0b, 0xff, 0xff], &other]),
        ),
        (
            "times",
            packet(
                0,
                207,
                &[&own, &[4, 0, 0, 2], &[0x5a; 8], &[5, 0, 0, 3], &other, &[1; 8]],
            ),
        ),
        ("unknown", packet(3, 204, &[&own, b"name"])),
    ];
    for (name, rtcp) in &kinds {
        put("rtcp", name, rtcp);
    }
    let both = [&kinds[1].1[..], &kinds[4].1, &kinds[6].1].concat();
    put("rtcp", "several", &both);
}

fn framed(kind: u8, datagram: &[u8]) -> Vec<u8> {
    let length = u16::try_from(datagram.len()).expect("a datagram").to_be_bytes();
    [&[kind][..], &length, datagram].concat()
}

/// What receivers say about packets, in the steps of `bandwidth::feedback`.
fn feedback() {
    let step = |kind: u8, a: u16, count: u8, c: u32| {
        let [high, low] = a.to_be_bytes();
        let [c0, c1, c2, c3] = c.to_be_bytes();
        [kind, high, low, count, c0, c1, c2, c3]
    };
    let sent = |count: u8| step(0, 1200, count, 0);
    let passed = |milliseconds: u16| step(6, milliseconds, 0, 0);
    let arrived = |count: u8, apart: u32| step(1, u16::from(count) - 1, count, apart);
    let clock = |seconds: u32| step(2, 0, 0, seconds * 1_000_000);
    let wanted = step(5, 0, 0, 5_000_000);
    let steady: Vec<_> = (0..6)
        .flat_map(|round| [sent(20), passed(200), clock(100 + round), arrived(20, 10_000)])
        .collect();
    let named: [(&str, Vec<[u8; 8]>); 5] = [
        ("steady", steady.clone()),
        ("wanted", [&[wanted][..], &steady].concat()),
        (
            "lossy",
            vec![
                sent(200),
                passed(400),
                step(3, 0, 200, 5000),
                sent(100),
                passed(300),
                step(3, 200, 100, 5000),
            ],
        ),
        (
            "jumping",
            vec![
                sent(20),
                arrived(20, 10),
                step(2, 39, 0, u32::MAX),
                sent(20),
                arrived(20, 10),
                clock(0),
                sent(9),
                arrived(9, 10),
            ],
        ),
        (
            "silent",
            vec![
                sent(2),
                arrived(2, 10),
                sent(9),
                passed(5000),
                step(4, 0, 0, 300_000),
                passed(60_000),
            ],
        ),
    ];
    for (name, steps) in named {
        // The last step only makes it an input that holds no planted bug.
        put("bandwidth", name, &plain_after(steps.concat()));
    }
}

/// With a step of waiting at its end of such a length that it is not rare.
fn plain_after(steps: Vec<u8>) -> Vec<u8> {
    let with = |wait: u8| [&steps[..], &[6, 0, wait, 0, 0, 0, 0, 0]].concat();
    let mut waits = 0..u8::MAX;
    plain(|| with(waits.next().expect("one of a few")))
}
