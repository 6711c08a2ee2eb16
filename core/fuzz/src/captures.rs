//! Captures, as files and as what their packets carry. Whoever records a call records also what strangers send.
use crate::{plant, rare};
use ringfence_capture::detect::Way;
use ringfence_capture::tcp::{Piece, Reader, Segment, Tcp};
use ringfence_capture::{Live, Scan, scan_in_memory};

/// Scans bytes as a file, in chunks, and as they might come from a running capture.
fn scan(bytes: &[u8]) -> Option<Scan> {
    let mut live = Live::default();
    live.feed(bytes).ok()?;
    let scan = live.finish().ok()?;
    let mut pieces = Live::default();
    for piece in bytes.chunks(97) {
        pieces.feed(piece).expect("it was taken before");
        pieces.look();
    }
    assert_eq!(
        pieces.finish().expect("it was taken before"),
        scan,
        "the cuts change nothing"
    );
    if let Ok(file) = scan_in_memory(bytes, 200) {
        assert!(
            file.flows == scan.flows && file.counts == scan.counts,
            "where a chunk's first record is guessed, too"
        );
    }
    serde_json::to_string(&scan).expect("it can be told");
    Some(scan)
}

/// A whole file, of either format.
pub fn file(bytes: &[u8], planted: bool) {
    let Some(scan) = scan(bytes) else { return };
    let counts = &scan.counts;
    let flows: u64 = scan
        .flows
        .iter()
        .map(|flow| flow.forth.packets + flow.back.packets)
        .sum();
    let unread = counts.not_ip + counts.unknown_link + counts.bad_ip + counts.bad_transport;
    assert!(
        flows <= counts.packets && flows + unread >= counts.packets,
        "no packet is forgotten"
    );
    plant(planted, scan.flows.len() > 1 && rare(bytes));
}

/// What peers say to each other, in packets around it that are always right: a byte for the transport, and pieces, each
/// after a byte for its way and two for its length.
pub fn said(bytes: &[u8], planted: bool) {
    let Some((transport, mut rest)) = bytes.split_first() else {
        return;
    };
    let tcp = transport & 1 == 1;
    let mut file = header();
    let mut next = [1u32; 2];
    while let [way, high, low, said @ ..] = rest {
        let length = said.len().min(usize::from(u16::from_be_bytes([*high, *low])));
        let (piece, others) = said.split_at(length);
        rest = others;
        let way = usize::from(way & 1);
        file.extend(record(tcp, way, next[way], piece));
        next[way] = next[way].wrapping_add(length as u32);
    }
    let scan = scan(&file).expect("it is a capture");
    assert!(scan.flows.len() <= 1 && scan.counts.bad_ip + scan.counts.bad_transport == 0);
    let shown = scan.flows.first().map_or(0, |flow| flow.observations.len());
    assert!(shown <= 64, "what is kept of a flow is bounded");
    plant(planted, shown > 1 && rare(bytes));
}

/// A pcap file of IP packets, without any.
pub fn header() -> Vec<u8> {
    let mut file = 0xa1b2_c3d4u32.to_le_bytes().to_vec();
    file.extend([2, 0, 4, 0]);
    for word in [0u32, 0, 65535, 101] {
        file.extend(word.to_le_bytes());
    }
    file
}

/// A packet of a flow between two hosts, with its record.
pub fn record(tcp: bool, way: usize, sequence: u32, said: &[u8]) -> Vec<u8> {
    let ports = [[0x9c, 0x40, 0x01, 0xbb], [0x01, 0xbb, 0x9c, 0x40]][way];
    let said = &said[..said.len().min(60_000)];
    let mut inside = ports.to_vec();
    if tcp {
        inside.extend(sequence.to_be_bytes());
        inside.extend([0, 0, 0, 0, 0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0]);
    } else {
        inside.extend((8 + said.len() as u16).to_be_bytes());
        inside.extend([0, 0]);
    }
    inside.extend(said);
    let length = 20 + inside.len();
    let mut ip = vec![0x45, 0];
    ip.extend((length as u16).to_be_bytes());
    ip.extend([0, 7, 0, 0, 64, if tcp { 6 } else { 17 }, 0, 0]);
    ip.extend([[10, 0, 0, 1, 192, 0, 2, 7], [192, 0, 2, 7, 10, 0, 0, 1]][way]);
    let mut record = Vec::new();
    for word in [1_600_000_000u32, 7, length as u32, length as u32] {
        record.extend(word.to_le_bytes());
    }
    [record, ip, inside].concat()
}

/// Hears a stream of which byte n is n, and notes where something was missing.
struct Heard {
    next: Option<u8>,
    bytes: usize,
    gaps: usize,
    each: usize,
}

impl Reader for Heard {
    fn bytes(&mut self, _: Way, _: u64, _: i64, bytes: &[u8]) -> usize {
        let taken = bytes.len() - bytes.len() % self.each;
        for byte in &bytes[..taken] {
            assert!(self.next.is_none_or(|next| next == *byte), "bytes are in order");
            self.next = Some(byte.wrapping_add(1));
        }
        self.bytes += taken;
        taken
    }

    fn gap(&mut self, _: Way) {
        self.next = None;
        self.gaps += 1;
    }

    fn is_over(&self) -> bool {
        false
    }
}

/// Segments of one stream in any order, cut or not: three bytes each, for its place, its length and its flags.
pub fn segments(bytes: &[u8], planted: bool) {
    const BUDGET: usize = 4096;
    let Some((each, rest)) = bytes.split_first() else {
        return;
    };
    let text: Vec<u8> = (0..1024u32).map(|place| place as u8).collect();
    let mut heard = Heard {
        next: None,
        bytes: 0,
        gaps: 0,
        each: usize::from(each % 4) + 1,
    };
    let (mut tcp, mut budget) = (Tcp::default(), BUDGET);
    for segment in rest.as_chunks::<3>().0 {
        let place = usize::from(segment[0]) * 3;
        let whole = usize::from(segment[1]);
        let cut = if segment[2] & 0xe0 == 0xe0 {
            whole / 2
        } else {
            whole
        };
        let sequence = 0xffff_ff00u32.wrapping_add(place as u32);
        let piece = Piece {
            number: 1,
            at: 0,
            segment: Segment {
                sequence,
                flags: segment[2] & 0x1d,
            },
            bytes: &text[place..(place + cut).min(text.len())],
            whole: whole.min(text.len() - place) as u32,
        };
        tcp.take(Way::Forth, piece, &mut heard, &mut budget);
        assert!(budget <= BUDGET);
    }
    tcp.finish(&mut heard, &mut budget);
    tcp.forget(&mut budget);
    assert_eq!(budget, BUDGET, "what was kept is given back");
    plant(planted, heard.gaps > 1 && heard.bytes > 64 && rare(bytes));
}
