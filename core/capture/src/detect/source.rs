//! Responsible for: one source of media: its numbers, and a sample of its payload.
//! Not responsible for: reading the sample (`verdict`), or believing that it is media (`rtp`).
use super::rtp::{self, Header};
use super::sample::{Packet, Sample};
use super::verdict::Verdict;
use super::{Seen, Way};
use crate::observation::{Observation, Payload};
use crate::{Evidence, Found};

/// So many payload types of a source are named.
const MOST_TYPES: usize = 8;

pub struct Source {
    pub ssrc: u32,
    pub way: Way,
    /// The highest sequence number, and the first, with how often they went round in the upper bits.
    highest: u64,
    first: u64,
    /// How many packets went on from the one before.
    in_order: u64,
    again: u64,
    bytes: u64,
    payload_types: Vec<u8>,
    evidence: Option<Evidence>,
    sample: Sample,
}

impl Source {
    pub fn new(ssrc: u32, way: Way) -> Self {
        Self {
            ssrc,
            way,
            highest: 0,
            first: 0,
            in_order: 0,
            again: 0,
            bytes: 0,
            payload_types: Vec::new(),
            evidence: None,
            sample: Sample::default(),
        }
    }

    pub fn in_order(&self) -> u64 {
        self.in_order
    }

    /// One more packet of it; a doubted source begins anew when its sequence number goes further than `step`.
    pub fn packet(&mut self, header: &Header, seen: Seen<'_>, step: u16) {
        let ahead = header.sequence.wrapping_sub(self.highest as u16);
        let behind = ahead.wrapping_neg();
        match &mut self.evidence {
            None => self.begin(header, seen),
            Some(evidence) => {
                evidence.also(seen.number, seen.at);
                if ahead == 0 {
                    self.again += 1;
                    return;
                }
                if ahead <= step {
                    self.highest += u64::from(ahead);
                    self.in_order += 1;
                } else if behind <= step {
                    self.first = self.first.min(self.highest - u64::from(behind));
                    self.in_order += 1;
                } else if self.in_order < 4 {
                    self.begin(header, seen);
                } else {
                    // A gap in the capture, or the sender began anew: what is between is not counted as lost.
                    self.first += u64::from(ahead);
                    self.highest += u64::from(ahead);
                }
            }
        }
        let payload = &seen.bytes[header.length..];
        self.bytes += (seen.whole - header.length) as u64;
        if !self.payload_types.contains(&header.payload_type) && self.payload_types.len() < MOST_TYPES {
            self.payload_types.push(header.payload_type);
        }
        self.sample.put(payload, || Packet {
            number: seen.number,
            at: seen.at,
            sequence: header.sequence,
            timestamp: header.timestamp,
            payload_type: header.payload_type,
            whole: seen.whole - header.length,
            end: 0,
        });
    }

    fn begin(&mut self, header: &Header, seen: Seen<'_>) {
        // With room below for what comes out of order.
        self.highest = (1 << 32) + u64::from(header.sequence);
        self.first = self.highest;
        self.in_order = 1;
        self.again = 0;
        self.bytes = 0;
        self.payload_types.clear();
        self.sample = Sample::default();
        self.evidence = Some(Evidence::of(seen.number, seen.at));
    }

    fn packets(&self) -> u64 {
        self.evidence.as_ref().map_or(0, |evidence| evidence.count)
    }

    pub fn sum_up(&self, found: &mut Found<'_>) {
        let Some(evidence) = &self.evidence else { return };
        let verdict = Verdict::of(&self.sample);
        let expected = self.highest - self.first + 1;
        let forth = self.way == Way::Forth;
        found.add(rtp::protocol(verdict.payload == Payload::Sealed), evidence);
        found.add(
            Observation::MediaStream {
                ssrc: self.ssrc,
                payload_types: self.payload_types.clone(),
                forth,
                sent: self.packets(),
                lost: expected.saturating_sub(self.packets() - self.again),
                bytes: self.bytes,
                payload: verdict.payload,
                codec: verdict.codec.map(|codec| crate::Text::new(codec.as_bytes())),
                entropy: verdict.entropy,
                header: verdict.header,
                tag: verdict.tag,
            },
            evidence,
        );
        if let Some(repeats) = verdict.repeats {
            found.add(
                Observation::RepeatedBlocks {
                    ssrc: Some(self.ssrc),
                    forth,
                    header: repeats.header,
                    blocks: repeats.blocks,
                    repeated: repeats.repeated,
                },
                &repeats.evidence,
            );
        }
        if let Some(frames) = verdict.sframe {
            found.add(
                Observation::Sframe {
                    ssrc: Some(self.ssrc),
                    forth,
                    key_ids: frames.key_ids,
                },
                &frames.evidence,
            );
        }
    }

    /// Blocks of one source that come again in another: both are encrypted with one key, block by block.
    pub fn compare(sources: &[Source], found: &mut Found<'_>) {
        let repeating: Vec<_> = sources
            .iter()
            .filter_map(|source| Some((source, Verdict::of(&source.sample).repeats?)))
            .collect();
        for (at, (one, blocks)) in repeating.iter().enumerate() {
            for (other, others) in &repeating[at + 1..] {
                let shared = blocks.shared_with(others);
                if shared > 0 && one.ssrc != other.ssrc {
                    let mut evidence = blocks.evidence.clone();
                    evidence.merge(&others.evidence);
                    found.add(
                        Observation::SharedBlocks {
                            ssrcs: [one.ssrc, other.ssrc],
                            blocks: shared,
                        },
                        &evidence,
                    );
                }
            }
        }
    }

    pub fn held(&self) -> usize {
        self.sample.held() + self.payload_types.capacity()
    }
}
