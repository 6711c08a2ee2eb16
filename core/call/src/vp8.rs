//! Responsible for: frames of VP8 as RTP payloads, and payloads as frames again (RFC 7741).
//! Not responsible for: what is in a frame: it is sealed.

use ringfence_packet::vp8;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What of a frame goes into one packet: with all headers it stays below what any path carries.
const LARGEST: usize = 1100;
/// What is lost is asked for again for so long.
const PATIENCE: Duration = Duration::from_millis(400);
const MOST_WAITING: usize = 1024;

/// The payloads of one frame, with their descriptor (section 4.2): a picture id of 15 bits, and where it starts.
pub fn packets(frame: &[u8], picture_id: u16) -> Vec<Vec<u8>> {
    let [high, low] = (picture_id & 0x7fff | 0x8000).to_be_bytes();
    let pieces = frame.chunks(LARGEST).enumerate();
    let with_descriptor = |(at, piece): (usize, &[u8])| {
        let start = if at == 0 { 0x10 } else { 0 };
        [&[0x80 | start, 0x80, high, low], piece].concat()
    };
    pieces.map(with_descriptor).collect()
}

struct Packet {
    starts: bool,
    ends: bool,
    timestamp: u32,
    piece: Vec<u8>,
    at: Instant,
}

/// Puts the frames of one line together, whatever order their packets come in.
#[derive(Default)]
pub struct Assembler {
    waiting: BTreeMap<u64, Packet>,
    /// What comes next; `None` before the first frame.
    next: Option<u64>,
    /// Frames of which packets never came.
    pub lost: u64,
}

impl Assembler {
    /// Takes one packet, and returns the frames that are whole now.
    pub fn take(
        &mut self,
        number: u64,
        timestamp: u32,
        ends: bool,
        payload: &[u8],
        now: Instant,
    ) -> Vec<Vec<u8>> {
        if self.next.is_some_and(|next| number < next) || self.waiting.len() >= MOST_WAITING {
            return self.whole(now);
        }
        // What holds nothing only has a number.
        let length = vp8::read(payload).map_or(payload.len(), |descriptor| descriptor.length);
        let packet = Packet {
            starts: payload.first().is_some_and(|first| first & 0x17 == 0x10),
            ends,
            timestamp,
            piece: payload[length..].to_vec(),
            at: now,
        };
        self.waiting.insert(number, packet);
        self.whole(now)
    }

    fn whole(&mut self, now: Instant) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        loop {
            while let Some(frame) = self.first() {
                frames.extend(Some(frame).filter(|frame| !frame.is_empty()));
            }
            let Some((_, oldest)) = self.waiting.first_key_value() else {
                break;
            };
            if now < oldest.at + PATIENCE && self.waiting.len() < MOST_WAITING {
                break;
            }
            // Nobody waits any longer for what is missing before the oldest, or in its frame.
            self.lost += 1;
            self.skip();
        }
        frames
    }

    /// The next frame, if it is whole.
    fn first(&mut self) -> Option<Vec<u8>> {
        let (&number, packet) = self.waiting.first_key_value()?;
        if self.next.is_some_and(|next| next != number) || (self.next.is_none() && !packet.starts) {
            return None;
        }
        if packet.piece.is_empty() {
            self.waiting.remove(&number);
            self.next = Some(number + 1);
            return Some(Vec::new());
        }
        let timestamp = packet.timestamp;
        let mut last = number;
        loop {
            let packet = self.waiting.get(&last)?;
            if packet.timestamp != timestamp || (packet.starts && last != number) {
                return None; // its end is missing
            }
            if packet.ends {
                break;
            }
            last += 1;
        }
        let pieces = (number..=last).filter_map(|at| self.waiting.remove(&at));
        let frame = pieces.flat_map(|packet| packet.piece).collect();
        self.next = Some(last + 1);
        Some(frame)
    }

    /// Goes on at the next beginning of a frame.
    fn skip(&mut self) {
        self.waiting.pop_first();
        while self
            .waiting
            .first_key_value()
            .is_some_and(|(_, packet)| !packet.starts)
        {
            self.waiting.pop_first();
        }
        self.next = self.waiting.first_key_value().map(|(number, _)| *number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(at: u8) -> Vec<u8> {
        vec![at; 50 + usize::from(at) * 700 % 5000]
    }

    fn stream(frames: u8) -> Vec<(u64, u32, bool, Vec<u8>)> {
        let mut out = Vec::new();
        for at in 0..frames {
            let packets = packets(&frame(at), at.into());
            let last = packets.len() - 1;
            for (part, payload) in packets.into_iter().enumerate() {
                out.push((out.len() as u64 + 7, u32::from(at) * 6000, part == last, payload));
            }
        }
        out
    }

    #[test]
    fn frames_come_out_as_they_went_in_however_packets_are_turned_around() {
        for seed in 0..50 {
            let mut random = fastrand::Rng::with_seed(seed);
            let (now, mut assembler, mut out) = (Instant::now(), Assembler::default(), Vec::new());
            let mut packets = stream(30);
            for at in 1..packets.len() - 6 {
                packets.swap(at, at + random.usize(..5));
            }
            for (number, timestamp, ends, payload) in packets {
                out.extend(assembler.take(number, timestamp, ends, &payload, now));
            }
            let wanted: Vec<_> = (0..30).map(frame).collect();
            assert_eq!(out, wanted, "seed {seed}");
        }
    }

    #[test]
    fn a_frame_of_which_a_packet_never_comes_is_left_out_and_no_other() {
        let (mut now, mut assembler, mut out) = (Instant::now(), Assembler::default(), Vec::new());
        let packets = stream(30);
        let lost = packets
            .iter()
            .position(|(_, timestamp, _, _)| *timestamp == 7 * 6000);
        for (number, timestamp, ends, payload) in packets {
            now += Duration::from_millis(20);
            if number - 7 != lost.expect("it is there") as u64 {
                out.extend(assembler.take(number, timestamp, ends, &payload, now));
            }
        }
        now += PATIENCE;
        out.extend(assembler.whole(now));
        let wanted: Vec<_> = (0..30).filter(|at| *at != 7).map(frame).collect();
        assert_eq!(out, wanted);
        assert_eq!(assembler.lost, 1);
    }
}
