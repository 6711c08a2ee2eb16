//! Whatever bytes come, in whatever pieces: no panic, and no memory beyond its bounds.
use crate::made::{Flow, hex, random, rtp};
use proptest::prelude::*;
use ringfence_capture::detect::Way;

/// More than that a flow never holds, whatever it is fed with: 32 sources with full samples are the most.
const BOUND: usize = 32 << 20;

/// First bytes that lead to each of the detectors.
fn lead() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<Vec<u8>> = vec![
        vec![],
        hex("000100002112a442"),
        hex("0113002c2112a442000102030405060708090a0b"),
        hex("40010010"),
        hex("16fefd0000000000000000"),
        hex("16030100"),
        hex("80600001000003e8feed0001"),
        hex("90600001000003e8feed0001bede0001"),
        hex("81c90007feed0001"),
        hex("c000000001088394c8f03e515708"),
        hex("c06b3343cf08"),
        hex("05000000000000040f"),
        hex("abcd01000001000000000000"),
        b"GET / HTTP/1.1\r\n".to_vec(),
        b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n".to_vec(),
        b"INVITE sip:x SIP/2.0\r\n".to_vec(),
        b"SIP/2.0 200 OK\r\n\r\nv=0\r\nm=audio 1 RTP/SAVP 0\r\na=crypto:1 x inline:aaaaaaaaaaaa\r\n".to_vec(),
        b"{\"aKey\":\"".to_vec(),
    ];
    (
        prop::sample::select(known),
        prop::collection::vec(any::<u8>(), 0..300),
    )
        .prop_map(|(mut bytes, rest)| {
            bytes.extend(rest);
            bytes
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_datagrams_are_taken_quietly(datagrams in prop::collection::vec((lead(), any::<bool>(), 0usize..50), 1..40)) {
        let mut flow = Flow::udp();
        for (bytes, forth, beyond) in datagrams {
            let way = if forth { Way::Forth } else { Way::Back };
            flow.cut(way, &bytes, bytes.len() + beyond);
        }
        flow.observed();
        prop_assert!(flow.held() < BOUND);
    }

    #[test]
    fn any_stream_is_taken_quietly(pieces in prop::collection::vec((lead(), any::<bool>(), 0u8..20), 1..40)) {
        let mut flow = Flow::tcp();
        for (bytes, forth, gap) in pieces {
            let way = if forth { Way::Forth } else { Way::Back };
            if gap == 0 {
                flow.gap(way);
            }
            flow.stream(way, &bytes);
        }
        flow.observed();
        prop_assert!(flow.held() < BOUND);
    }
}

#[test]
fn a_flood_of_sources_is_bounded() {
    let mut seed = fastrand::Rng::with_seed(1);
    let mut flow = Flow::udp();
    for ssrc in 0..300 {
        for at in 0..8 {
            flow.forth(&rtp(96, at, 0, ssrc, &random(&mut seed, 1200)));
        }
    }
    assert!(flow.held() < 4 << 20, "{}", flow.held());
    assert!(flow.observed().len() <= 64);
}

#[test]
fn a_summary_changes_nothing() {
    let mut seed = fastrand::Rng::with_seed(2);
    let mut flow = Flow::udp();
    for at in 0..50 {
        flow.forth(&rtp(96, at, u32::from(at) * 3000, 1, &random(&mut seed, 500)));
    }
    let held = flow.held();
    let observed = flow.observed();
    assert_eq!((flow.held(), flow.observed()), (held, observed));
}
