use super::*;

/// Owned, so that lists can be compared.
#[derive(Debug, PartialEq)]
enum Said {
    Report(u32, u8, u32),
    Lost(u32, Vec<u16>),
    KeyFrame(u32),
    Arrivals(u32, Vec<(u16, Option<i64>)>),
    Estimate(u64),
}

fn said(compound: &[u8]) -> Vec<Said> {
    let mut all = vec![];
    read(compound, |feedback| {
        all.push(match feedback {
            Feedback::Report(Report { ssrc, lost, jitter }) => Said::Report(ssrc, lost, jitter),
            Feedback::Lost { ssrc, lost } => Said::Lost(ssrc, lost.numbers().collect()),
            Feedback::KeyFrame { ssrc } => Said::KeyFrame(ssrc),
            Feedback::Arrivals(arrivals) => Said::Arrivals(arrivals.reference, arrivals.packets().collect()),
            Feedback::Estimate(rate) => Said::Estimate(rate),
        });
    });
    all
}

/// A packet of this kind and count, its body made whole.
fn packet(kind: u8, count: u8, body: &[u8]) -> Vec<u8> {
    assert!(body.len().is_multiple_of(4));
    let words = (body.len() / 4) as u16;
    [&[0x80 | count, kind][..], &words.to_be_bytes(), body].concat()
}

const SENDER: [u8; 4] = [9; 4];
const STREAM: [u8; 4] = [0, 0, 0, 7];

fn wide(first: u16, count: u16, chunks: &[u16], deltas: &[u8]) -> Vec<u8> {
    let mut body = [&SENDER[..], &STREAM, &first.to_be_bytes(), &count.to_be_bytes()].concat();
    body.extend([0x12, 0x34, 0x56, 3]);
    chunks.iter().for_each(|chunk| body.extend(chunk.to_be_bytes()));
    body.extend(deltas);
    let padding = body.len().next_multiple_of(4) - body.len();
    body.resize(body.len() + padding, 0);
    let mut whole = packet(205, 15, &body);
    if padding > 0 {
        whole[0] |= 0x20;
        *whole.last_mut().expect("it has bytes") = padding as u8;
    }
    whole
}

#[test]
fn everything_in_a_compound_packet_is_read_in_order() {
    let block = |ssrc: u8| [&[0, 0, 0, ssrc, 25][..], &[0; 10], &[90], &[0; 8]].concat();
    let reports = [&SENDER[..], &block(5), &block(6)].concat();
    let lost = [&SENDER[..], &STREAM, &[0xff, 0xff, 0x80, 0x01], &[0, 9, 0, 0]].concat();
    let pictures = [
        &SENDER[..],
        &[0; 4],
        &STREAM,
        &[1, 0, 0, 0],
        &[0, 0, 0, 8],
        &[1, 0, 0, 0],
    ]
    .concat();
    let estimate = [&SENDER[..], &[0; 4], b"REMB", &[1, 0x0b, 0x11, 0x22], &STREAM].concat();
    let compound = [
        packet(201, 2, &reports),
        packet(205, 1, &lost),
        packet(204, 0, b"else"),
        packet(206, 1, &[SENDER, STREAM].concat()),
        packet(206, 4, &pictures),
        packet(206, 15, &estimate),
        wide(65_534, 3, &[0x8000 | 0b10_1000_0000_0000], &[4, 8]),
    ];
    let expected = [
        Said::Report(5, 25, 90),
        Said::Report(6, 25, 90),
        Said::Lost(7, vec![65_535, 0, 15]),
        Said::KeyFrame(7),
        Said::KeyFrame(7),
        Said::KeyFrame(8),
        Said::Estimate(0x3_1122 << 2),
        Said::Arrivals(
            0x12_3456,
            vec![(65_534, Some(1000)), (65_535, None), (0, Some(3000))],
        ),
    ];
    let all = said(&compound.concat());
    assert_eq!(all[..2], expected[..2]);
    assert_eq!(all[2], Said::Lost(7, vec![65_535, 0, 15, 9]));
    assert_eq!(all[3..], expected[3..]);
    let with_sender = [&SENDER[..], &[0; 20], &block(5)].concat();
    assert_eq!(said(&packet(200, 1, &with_sender)), [Said::Report(5, 25, 90)]);
}

#[test]
fn arrivals_are_read_from_runs_and_from_lists_of_one_and_two_bits() {
    let run = |status: u16, count: u16| status << 13 | count;
    let all = said(&wide(
        100,
        14,
        &[run(1, 3), run(0, 2), 0xc000 | 0b01_10_00_01_10_00_00, run(2, 2)],
        &[1, 2, 3, 4, 0xff, 0xff, 5, 0x01, 0x00, 0, 1, 0xff, 0xfe],
    ));
    let ticks = [
        Some(1),
        Some(3),
        Some(6),
        None,
        None,
        Some(10),
        Some(9),
        None,
        Some(14),
        Some(270),
        None,
        None,
        Some(271),
        Some(269),
    ];
    let expected = (100..).zip(ticks.map(|ticks| ticks.map(|ticks: i64| ticks * 250)));
    assert_eq!(all, [Said::Arrivals(0x12_3456, expected.collect())]);
}

#[test]
fn a_rate_that_no_number_holds_is_the_largest() {
    let body = [&SENDER[..], &[0; 4], b"REMB", &[0, 0xff, 0xff, 0xff]].concat();
    assert_eq!(said(&packet(206, 15, &body)), [Said::Estimate(u64::MAX)]);
}

#[test]
fn what_is_cut_or_makes_no_sense_ends_the_reading_and_what_came_before_it_counts() {
    let good = packet(206, 1, &[SENDER, STREAM].concat());
    let mut padded = good.clone();
    padded[0] |= 0x20;
    *padded.last_mut().expect("it has bytes") = 200;
    let bad: [&[u8]; 7] = [
        &[0x40, 206, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7],
        &[0x81, 206, 0, 9, 0, 0, 0, 0],
        &[0x81, 206],
        &packet(206, 1, &SENDER),
        &packet(205, 1, &SENDER),
        // A run of nothing, and of fewer than are said to be told of.
        &wide(1, 9, &[1 << 13], &[]),
        &padded,
    ];
    for bad in bad {
        assert_eq!(said(&[&good, bad].concat()), [Said::KeyFrame(7)], "{bad:?}");
        assert_eq!(said(&[bad, &good[..4]].concat()), [], "{bad:?}");
    }
    let cut = said(&wide(1, 3, &[1 << 13 | 3], &[8]));
    assert_eq!(
        cut,
        [Said::Arrivals(0x12_3456, vec![(1, Some(2000))])],
        "times are missing"
    );
}

#[test]
fn bytes_of_any_kind_are_read_to_an_end() {
    let mut random = fastrand::Rng::with_seed(3);
    for round in 0..50_000 {
        let mut bytes = vec![0; random.usize(..200)];
        random.fill(&mut bytes);
        if round % 2 == 0 && bytes.len() > 24 {
            let words = ((bytes.len() / 4 - 1) as u16).to_be_bytes();
            bytes[..4].copy_from_slice(&[0x8f, 205, words[0], words[1]]);
        }
        for said in said(&bytes) {
            if let Said::Arrivals(_, packets) = said {
                assert!(packets.len() <= usize::from(u16::MAX));
            }
        }
    }
}
