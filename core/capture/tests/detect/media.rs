//! Media is told from other datagrams by its sequence, and sealed media from what can be read.
use crate::made::{Flow, random, rtp};
use ringfence_capture::{Observation, Payload, Protocol};

struct Stream {
    payload: Payload,
    codec: Option<String>,
    sent: u64,
    lost: u64,
    tag: Option<u8>,
}

fn streams(flow: &mut Flow) -> Vec<Stream> {
    let streams = flow
        .observed()
        .into_iter()
        .filter_map(|observation| match observation {
            Observation::MediaStream {
                payload,
                codec,
                sent,
                lost,
                tag,
                ..
            } => Some(Stream {
                payload,
                codec: codec.map(|codec| codec.as_str().to_owned()),
                sent,
                lost,
                tag,
            }),
            _ => None,
        });
    streams.collect()
}

fn repeats(flow: &mut Flow) -> Vec<(u16, u64, u64)> {
    let found = flow
        .observed()
        .into_iter()
        .filter_map(|observation| match observation {
            Observation::RepeatedBlocks {
                header,
                blocks,
                repeated,
                ..
            } => Some((header, blocks, repeated)),
            _ => None,
        });
    found.collect()
}

/// A call whose payloads are made one by one; each lasts 20 ms.
fn call(kind: u8, ticks: u32, count: u16, mut payload: impl FnMut(u16) -> Vec<u8>) -> Flow {
    let mut flow = Flow::udp();
    for at in 0..count {
        flow.forth(&rtp(
            kind,
            65_500u16.wrapping_add(at),
            u32::from(at) * ticks,
            0xfeed_0001,
            &payload(at),
        ));
    }
    flow
}

#[test]
fn sealed_sound_is_srtp_and_no_block_of_it_repeats() {
    let mut seed = fastrand::Rng::with_seed(1);
    let mut flow = call(111, 960, 200, |_| {
        let length = 60 + seed.usize(..60);
        random(&mut seed, length)
    });
    assert_eq!(flow.carries(), [Protocol::Srtp]);
    let streams = streams(&mut flow);
    assert_eq!(
        (streams[0].payload, streams[0].sent, streams[0].lost),
        (Payload::Sealed, 200, 0)
    );
    assert!(repeats(&mut flow).is_empty());
}

/// A captured message that the system cuts up later, or has put together: equal packets one behind the other, the last one
/// shorter. Each sender's numbers go on.
#[test]
fn packets_that_were_captured_as_one_message_are_told_apart() {
    for senders in [1, 2] {
        let mut seed = fastrand::Rng::with_seed(7);
        let mut flow = Flow::udp();
        for message in 0..60_u16 {
            let mut together = vec![];
            for at in 0..4_u16 {
                let length = if at == 3 { 500 } else { 900 };
                let (sender, number) = (at % senders, (4 * message + at) / senders);
                let payload = random(&mut seed, length);
                let ssrc = 0xfeed_0001 + u32::from(sender);
                together.extend(rtp(96, 9000 + number, u32::from(message) * 3000, ssrc, &payload));
            }
            flow.forth(&together);
        }
        let streams = streams(&mut flow);
        assert_eq!(streams.len(), usize::from(senders));
        for stream in &streams {
            let sent = 240 / u64::from(senders);
            assert_eq!(
                (stream.payload, stream.sent, stream.lost),
                (Payload::Sealed, sent, 0)
            );
        }
        assert!(repeats(&mut flow).is_empty(), "headers are no payload");
    }
}

#[test]
fn random_datagrams_are_no_media() {
    let mut seed = fastrand::Rng::with_seed(2);
    let mut flow = Flow::udp();
    for _ in 0..2000 {
        let mut datagram = random(&mut seed, 200);
        datagram[0] = 0x80 | datagram[0] & 0x3f;
        flow.forth(&datagram);
    }
    assert!(flow.observed().is_empty());
    assert!(flow.is_over());
}

/// A tone as G.711 sends it, in mu-law.
fn tone(at: u16) -> Vec<u8> {
    let sample = |tick: u32| ((f64::from(tick) * 0.3).sin() * 8000.0) as i32;
    (0..160)
        .map(|tick| ulaw(sample(u32::from(at) * 160 + tick)))
        .collect()
}

fn ulaw(sample: i32) -> u8 {
    let size = sample.abs().min(32635) + 0x84;
    let segment = (31 - size.leading_zeros()) as i32 - 7;
    let byte = segment << 4 | (size >> (segment + 3) & 0xf) | if sample < 0 { 0x80 } else { 0 };
    !(byte as u8)
}

#[test]
fn a_tone_in_g711_can_be_read() {
    let mut flow = call(0, 160, 60, tone);
    assert_eq!(flow.carries(), [Protocol::Rtp]);
    assert_eq!(streams(&mut flow)[0].codec.as_deref(), Some("G.711 mu-law"));
    assert!(repeats(&mut flow).is_empty());
}

#[test]
fn silence_in_g711_can_be_read_and_is_no_ecb() {
    let mut flow = call(8, 160, 60, |_| vec![0xd5; 160]);
    assert_eq!(streams(&mut flow)[0].payload, Payload::Readable);
    assert!(repeats(&mut flow).is_empty());
}

/// RFC 3711 section 3.1: an identifier of the master key between what is sealed and the tag, the same in each packet.
#[test]
fn sealed_media_with_a_key_identifier_is_sealed() {
    let mut seed = fastrand::Rng::with_seed(21);
    let key_id = random(&mut seed, 16);
    let mut flow = call(111, 960, 60, |_| {
        let length = 60 + seed.usize(..40);
        [random(&mut seed, length), key_id.clone(), random(&mut seed, 10)].concat()
    });
    // Reports of the same source (section 3.4), with the identifier behind their index.
    for index in 0..2u32 {
        let head = [0x80, 200, 0, 6, 0xfe, 0xed, 0, 1];
        let index = (0x8000_0000 | index).to_be_bytes();
        flow.forth(
            &[
                &head,
                &*random(&mut seed, 48),
                &index,
                &key_id,
                &random(&mut seed, 10),
            ]
            .concat(),
        );
    }
    assert_eq!(streams(&mut flow)[0].payload, Payload::Sealed);
    assert_eq!(flow.carries(), [Protocol::Srtp, Protocol::Srtcp]);
}

#[test]
fn the_tag_of_sealed_g711_is_what_is_beyond_its_size() {
    for tag in [4, 10, 16] {
        let mut seed = fastrand::Rng::with_seed(3);
        let mut flow = call(0, 160, 60, |_| random(&mut seed, 160 + tag));
        let stream = &streams(&mut flow)[0];
        assert_eq!((stream.payload, stream.tag), (Payload::Sealed, Some(tag as u8)));
    }
}

#[test]
fn too_few_packets_say_nothing() {
    let mut seed = fastrand::Rng::with_seed(4);
    let mut flow = call(111, 960, 8, |_| random(&mut seed, 80));
    assert_eq!(streams(&mut flow)[0].payload, Payload::Unknown);
}

fn pictures(seed: &mut fastrand::Rng, at: u16, ssrc: u32) -> Vec<u8> {
    rtp(96, at, u32::from(at / 3) * 3000, ssrc, &random(seed, 1000))
}

fn silence(at: u16) -> Vec<u8> {
    rtp(8, at, u32::from(at) * 160, 99, &[0xd5; 160])
}

fn of_silence(flow: &mut Flow) -> Option<Payload> {
    streams(flow)
        .iter()
        .find(|stream| stream.codec.is_some())
        .map(|stream| stream.payload)
}

#[test]
fn a_stream_among_as_many_as_a_call_has_is_judged() {
    let mut seed = fastrand::Rng::with_seed(22);
    let mut flow = Flow::udp();
    for at in 0..100 {
        for ssrc in 1..4 {
            flow.forth(&pictures(&mut seed, at, ssrc));
        }
        if at >= 60 {
            flow.back(&silence(at));
        }
    }
    assert_eq!(of_silence(&mut flow), Some(Payload::Readable));
}

/// What one side sends in many sizes and sends again leaves room for what the other says.
#[test]
fn a_stream_one_way_is_judged_whatever_goes_the_other() {
    let mut seed = fastrand::Rng::with_seed(8);
    let mut flow = Flow::udp();
    for at in 0..200 {
        for ssrc in 0..6 {
            flow.forth(&pictures(&mut seed, at, ssrc));
        }
        if at >= 50 {
            let sound = random(&mut seed, 90);
            flow.back(&rtp(111, at, u32::from(at) * 960, 77, &sound));
        }
    }
    let back: Vec<_> = (flow.observed().into_iter())
        .filter_map(|seen| match seen {
            Observation::MediaStream {
                forth: false,
                payload,
                ..
            } => Some(payload),
            _ => None,
        })
        .collect();
    assert_eq!(back, [Payload::Sealed]);
}

#[test]
fn streams_that_ended_do_not_keep_later_ones_from_being_judged() {
    let mut seed = fastrand::Rng::with_seed(23);
    let mut flow = Flow::udp();
    for ssrc in 1..12 {
        for at in 0..100 {
            flow.forth(&pictures(&mut seed, at, ssrc));
        }
    }
    for at in 0..100 {
        flow.back(&silence(at));
    }
    let all = streams(&mut flow);
    let sealed = all.iter().filter(|stream| stream.payload == Payload::Sealed);
    assert_eq!(sealed.count(), 11);
    assert_eq!(of_silence(&mut flow), Some(Payload::Readable));
}

#[test]
fn what_did_not_come_is_counted_as_lost() {
    let mut seed = fastrand::Rng::with_seed(5);
    let mut flow = Flow::udp();
    for at in (0..100u16).filter(|at| at % 10 != 3) {
        let packet = rtp(111, at, u32::from(at) * 960, 7, &random(&mut seed, 90));
        flow.forth(&packet);
        if at % 10 == 5 {
            flow.forth(&packet);
        }
    }
    let stream = &streams(&mut flow)[0];
    assert_eq!((stream.sent, stream.lost), (100, 10));
}

#[test]
fn a_short_snaplen_still_shows_sealed_media() {
    let mut seed = fastrand::Rng::with_seed(6);
    let mut flow = Flow::udp();
    for at in 0..100 {
        let packet = rtp(96, at, u32::from(at) * 3000, 7, &random(&mut seed, 1000));
        flow.cut(ringfence_capture::detect::Way::Forth, &packet[..54], packet.len());
    }
    assert_eq!(streams(&mut flow)[0].payload, Payload::Sealed);
}

/// RFC 3711 section 3.4: the length of the first packet is in clear, and whatever follows is not.
#[test]
fn a_sealed_report_that_is_cut_where_its_first_packet_ends_is_not_in_clear() {
    let mut seed = fastrand::Rng::with_seed(24);
    let mut report = vec![0x8f, 205, 0, 24, 0xfe, 0xed, 0, 1];
    report.extend(random(&mut seed, 142));
    for kept in 97..104 {
        let mut flow = Flow::udp();
        flow.cut(
            ringfence_capture::detect::Way::Forth,
            &report[..kept],
            report.len(),
        );
        assert!(flow.observed().is_empty(), "{kept}");
    }
}
