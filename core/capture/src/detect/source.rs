//! Responsible for: one source of media: its numbers, and a sample of its payload.
//! Not responsible for: reading the sample (`verdict`), or believing that it is media (`rtp`).
use super::rtp::{self, Header};
use super::sample::{Packet, Sample};
use super::verdict::Verdict;
use super::{Seen, Way, blocks};
use crate::observation::{Observation, Payload};
use crate::{Evidence, Found};

/// Of the packets that come once a source was judged, one in so many is looked at.
const LOOKOUT: u16 = 8;
/// Nanoseconds without a packet after which a source is judged by what there is, where others need the room.
const SILENT: i64 = 2_000_000_000;
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
    /// The payload types that it had, and how many.
    payload_types: [u8; MOST_TYPES],
    types: usize,
    evidence: Option<Evidence>,
    sample: Sample,
    /// What the sample showed once there was enough of it; it is not kept after that.
    settled: Option<Box<Verdict>>,
    /// Packets that came later, and look as if blocks repeated in them.
    late: Sample,
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
            payload_types: [0; MOST_TYPES],
            types: 0,
            evidence: None,
            sample: Sample::default(),
            settled: None,
            late: Sample::default(),
        }
    }

    pub fn in_order(&self) -> u64 {
        self.in_order
    }

    /// One more packet of it; a doubted source begins anew when its sequence number goes further than `step`.
    /// While there is no `room`, no sample is begun.
    pub fn packet(&mut self, header: &Header, seen: Seen<'_>, step: u16, room: bool) {
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
        if !self.payload_types[..self.types].contains(&header.payload_type) && self.types < MOST_TYPES {
            self.payload_types[self.types] = header.payload_type;
            self.types += 1;
        }
        let packet = Packet {
            number: seen.number,
            at: seen.at,
            sequence: header.sequence,
            timestamp: header.timestamp,
            payload_type: header.payload_type,
            whole: seen.whole - header.length,
            end: 0,
        };
        if self.settled.is_some() {
            let looked_at = header.sequence.is_multiple_of(LOOKOUT) && self.late.has_room();
            if looked_at && blocks::may_repeat(payload) {
                self.late.put(payload, packet);
            }
            return;
        }
        if room || !self.sample.is_empty() {
            self.sample.put(payload, packet);
        }
        if self.sample.is_enough() {
            self.settled = Some(Box::new(Verdict::of(&std::mem::take(&mut self.sample))));
        }
    }

    /// A source that has sent nothing for a while is judged by what there is. Where that is too little, it begins a new
    /// sample when it sends again.
    pub fn settle_if_silent(&mut self, now: i64) {
        let last = self.evidence.as_ref().map_or(now, |evidence| evidence.last);
        if self.settled.is_none() && !self.sample.is_empty() && now.saturating_sub(last) > SILENT {
            let verdict = Verdict::of(&std::mem::take(&mut self.sample));
            self.settled = (verdict.payload != Payload::Unknown).then(|| Box::new(verdict));
        }
    }

    /// Whether it goes on with a sample, or needs none, whatever room there is.
    pub fn is_sampled(&self) -> bool {
        self.settled.is_some() || !self.sample.is_empty()
    }

    /// What all that was kept shows.
    fn verdict(&self) -> Verdict {
        let mut verdict = match &self.settled {
            Some(settled) => Verdict::clone(settled),
            None => Verdict::of(&self.sample),
        };
        if verdict.repeats.is_none() && !self.late.is_empty() {
            verdict.repeats_later(&self.late);
        }
        verdict
    }

    fn begin(&mut self, header: &Header, seen: Seen<'_>) {
        // With room below for what comes out of order.
        self.highest = (1 << 32) + u64::from(header.sequence);
        self.first = self.highest;
        self.in_order = 1;
        self.again = 0;
        self.bytes = 0;
        self.types = 0;
        self.sample = Sample::default();
        self.settled = None;
        self.evidence = Some(Evidence::of(seen.number, seen.at));
    }

    fn packets(&self) -> u64 {
        self.evidence.as_ref().map_or(0, |evidence| evidence.count)
    }

    /// Puts down what is known of all sources of a flow; `agreed` says that its peers agreed on SRTP.
    pub fn sum_up(sources: &[Source], agreed: bool, found: &mut Found<'_>) {
        let verdicts: Vec<_> = sources.iter().map(|source| (source, source.verdict())).collect();
        for (source, verdict) in &verdicts {
            source.put_down(verdict, agreed, found);
        }
        compare(&verdicts, found);
    }

    fn put_down(&self, verdict: &Verdict, agreed: bool, found: &mut Found<'_>) {
        let Some(evidence) = &self.evidence else { return };
        let expected = self.highest - self.first + 1;
        let forth = self.way == Way::Forth;
        found.add(rtp::protocol(verdict.payload, agreed), evidence);
        found.add(
            Observation::MediaStream {
                ssrc: self.ssrc,
                payload_types: self.payload_types[..self.types].to_vec(),
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
        if let Some(repeats) = &verdict.repeats {
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
        if let Some(frames) = &verdict.sframe {
            found.add(
                Observation::Sframe {
                    ssrc: Some(self.ssrc),
                    forth,
                    key_ids: frames.key_ids.clone(),
                },
                &frames.evidence,
            );
        }
    }

    pub fn held(&self) -> usize {
        let settled = self.settled.as_ref().map_or(0, |settled| settled.held());
        self.sample.held() + self.late.held() + settled
    }
}

/// Blocks of one source that come again in another: both are encrypted with one key, block by block.
fn compare(verdicts: &[(&Source, Verdict)], found: &mut Found<'_>) {
    let repeating: Vec<_> = verdicts
        .iter()
        .filter_map(|(source, verdict)| Some((source.ssrc, verdict.repeats.as_ref()?)))
        .collect();
    for (at, (one, blocks)) in repeating.iter().enumerate() {
        for (other, others) in &repeating[at + 1..] {
            let shared = blocks.shared_with(others);
            if shared > 0 && one != other {
                let mut evidence = blocks.evidence.clone();
                evidence.merge(&others.evidence);
                found.add(
                    Observation::SharedBlocks {
                        ssrcs: [*one, *other],
                        blocks: shared,
                    },
                    &evidence,
                );
            }
        }
    }
}
