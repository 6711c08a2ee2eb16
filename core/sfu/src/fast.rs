//! Responsible for: the fast way out: a packet is written, sealed and done with, in one pass over its bytes; losses are
//! answered and reports sent.
//! Not responsible for: anything that comes in: the library reads that, and keeps the connection (ICE, DTLS).
//!
//! The library knows nothing of the streams that leave here, so it never seals anything for their SSRCs: one key and one
//! SSRC have one writer, or nonces would repeat.

use crate::clock::ntp;
use crate::datagrams::Datagrams;
use crate::dtls::Handshake;
use crate::egress::{Egress, Exit, Outgoing};
use crate::rewrite::Numbers;
use crate::seal::{Sealer, TAG};
use crate::stream::Codec;
use ringfence_packet::rtcp::SenderReport;
use ringfence_packet::rtp::Header;
use ringfence_packet::stun::{self, Transaction};
use ringfence_packet::{dependency, vp8};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::rtp::VideoOrientation;

/// Between two reports about a stream that is being sent.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// Payloads from this length on are of pictures in several packets, whose lengths differ by a byte or so: padded to a
/// multiple of `STEP` they are alike, and leave as one message (`bursts`).
const LARGE: usize = 600;
const STEP: usize = 16;
/// What a receiver may ask for again: so many packets at once, and in the long run one of two.
const MOST_AGAIN: f32 = 300.0;
const AGAIN_EACH: f32 = 0.5;

/// One connection's.
pub struct Fast {
    handshake: Handshake,
    sealer: Option<Sealer>,
    to: Option<SocketAddr>,
    /// The check by which the client last chose its way, until the library has granted it.
    chosen: Option<(Transaction, SocketAddr)>,
    /// In reports (RFC 7022); says nothing about anybody.
    name: String,
}

/// What one exit has sent here.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The receiver has said that it knows the stream: its line need not be named any more.
    pub known: bool,
    packets: u32,
    octets: u32,
    reported: Option<Instant>,
    /// The highest number.
    latest: u64,
    /// Of packets that were sent again.
    again: u64,
    credit: f32,
}

impl Default for Sent {
    fn default() -> Self {
        Sent {
            known: false,
            packets: 0,
            octets: 0,
            reported: None,
            latest: 0,
            again: 0,
            credit: MOST_AGAIN,
        }
    }
}

impl Sent {
    /// Another stream begins on the exit: its times are its own.
    pub fn starts(&mut self) {
        self.reported = None;
    }

    /// The whole number of which a receiver named the lower half.
    pub fn whole(&self, low: u16) -> u64 {
        let back = (self.latest as u16).wrapping_sub(low);
        self.latest.saturating_sub(back.into())
    }
}

impl Fast {
    pub fn new(handshake: Handshake) -> Fast {
        Fast {
            handshake,
            sealer: None,
            to: None,
            chosen: None,
            name: String::new(),
        }
    }

    /// The name that the answer gave the sender of its streams.
    pub fn is_called(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }

    /// Looks at a datagram from the client before the library does.
    pub fn came(&mut self, from: SocketAddr, datagram: &[u8]) {
        if let Some(check) = stun::nomination(datagram) {
            self.chosen = Some((check, from));
        }
    }

    /// Looks at what the library sends: it grants the way that the client chose, or goes there.
    pub fn goes(&mut self, to: SocketAddr, datagram: &[u8]) {
        if let Some(granted) = stun::success(datagram) {
            if self.chosen == Some((granted, to)) {
                self.to = Some(to);
            }
        } else if self.to.is_none() {
            self.to = Some(to);
        }
    }

    /// Where, and with what; `None` while the connection is not there yet.
    fn ready(&mut self) -> Option<(SocketAddr, &mut Sealer)> {
        if self.sealer.is_none() {
            self.sealer = Some(Sealer::of_server(self.handshake.get()?)?);
        }
        self.to.zip(self.sealer.as_mut())
    }

    /// Sends a packet again on the exit's stream of repetitions (RFC 4588 section 4). Says nothing to who asks too much.
    pub fn repeat(&mut self, exit: &mut Exit, packet: &Outgoing, numbers: Numbers, out: &mut Datagrams) {
        let Some((ssrc, payload_type)) = exit.repeats(packet.codec) else {
            return;
        };
        if exit.sent.credit < 1.0 {
            return;
        }
        let Some((to, sealer)) = self.ready() else {
            return;
        };
        exit.sent.credit -= 1.0;
        exit.sent.again += 1;
        let sequence = exit.sent.again;
        let header = Header {
            padded: false,
            marker: packet.marker,
            payload_type,
            sequence: sequence as u16,
            timestamp: numbers.timestamp,
            ssrc,
        };
        out.write(to, |bytes, start| {
            let header = append_header(bytes, header, exit, packet, numbers, true);
            bytes.extend_from_slice(&(numbers.sequence as u16).to_be_bytes());
            append_payload(bytes, packet, numbers);
            sealer.rtp(bytes, start, header, ssrc, sequence)
        });
    }

    fn report(
        &mut self,
        exit: &mut Exit,
        packet: &Outgoing,
        numbers: Numbers,
        now: Instant,
        out: &mut Datagrams,
    ) {
        let fresh = |at: Instant| now.saturating_duration_since(at) < REPORT_EVERY;
        if exit.sent.reported.is_some_and(fresh) {
            return;
        }
        let name = std::mem::take(&mut self.name);
        if let Some((to, sealer)) = self.ready() {
            exit.sent.reported = Some(now);
            let since = now.saturating_duration_since(packet.captured).as_nanos();
            let ticks = since * u128::from(packet.codec.clock_rate()) / 1_000_000_000;
            let report = SenderReport {
                ssrc: *exit.ssrc,
                ntp: ntp(now),
                timestamp: numbers.timestamp.wrapping_add(ticks as u32),
                packets: exit.sent.packets,
                octets: exit.sent.octets,
                name: &name,
            };
            out.write(to, |bytes, start| {
                report.append(bytes);
                sealer.rtcp(bytes, start)
            });
        }
        self.name = name;
    }
}

impl Egress for Fast {
    fn write(
        &mut self,
        exit: &mut Exit,
        packet: &Outgoing,
        numbers: Numbers,
        now: Instant,
        out: &mut Datagrams,
    ) {
        let Some(payload_type) = exit.payload_type(packet.codec) else {
            return;
        };
        let Some((to, sealer)) = self.ready() else {
            return;
        };
        let ssrc = *exit.ssrc;
        let large = exit.video && packet.payload.len() >= LARGE;
        out.write(to, |bytes, start| {
            let header = Header {
                padded: false,
                marker: packet.marker,
                payload_type: *payload_type,
                sequence: numbers.sequence as u16,
                timestamp: numbers.timestamp,
                ssrc,
            };
            let header = append_header(bytes, header, exit, packet, numbers, !exit.sent.known);
            append_payload(bytes, packet, numbers);
            if large {
                pad(bytes, start);
            }
            sealer.rtp(bytes, start, header, ssrc, numbers.sequence)
        });
        let sent = &mut exit.sent;
        sent.latest = sent.latest.max(numbers.sequence);
        sent.packets = sent.packets.wrapping_add(1);
        sent.octets = sent.octets.wrapping_add(packet.payload.len() as u32);
        sent.credit = (sent.credit + AGAIN_EACH).min(MOST_AGAIN);
        self.report(exit, packet, numbers, now, out);
    }

    fn forget(&mut self, _: &Exit) {
        // What was sent is kept with who sent it.
    }
}

/// Appends the header with the extensions that the receiver's line has; says how long it is.
fn append_header(
    out: &mut Vec<u8>,
    header: Header,
    exit: &Exit,
    packet: &Outgoing,
    numbers: Numbers,
    names_line: bool,
) -> usize {
    let ids = exit.extensions;
    let level = packet.level.map(|(level, voice)| level_byte(level, voice));
    let rotation = packet.rotation.map(rotation_byte);
    let mut descriptor = [0; 255];
    let descriptor = packet.descriptor.as_ref().and_then(|bytes| {
        let copy = descriptor.get_mut(..bytes.len())?;
        copy.copy_from_slice(bytes);
        dependency::write_frame_number(copy, numbers.frame_number);
        Some(&*copy)
    });
    let wanted = [
        (ids.line, Some(exit.mid.as_bytes()).filter(|_| names_line)),
        (ids.level, level.as_ref().map(|byte| &byte[..])),
        (ids.rotation, rotation.as_ref().map(|byte| &byte[..])),
        (ids.descriptor, descriptor),
    ];
    let mut extensions: [(u8, &[u8]); 4] = [(0, &[]); 4];
    let mut count = 0;
    for (id, value) in wanted {
        if let Some(extension) = id.zip(value) {
            extensions[count] = extension;
            count += 1;
        }
    }
    header.append(out, &extensions[..count])
}

/// RFC 6464 section 3: whether it is a voice, and how far below the loudest.
fn level_byte(level: i8, voice: bool) -> [u8; 1] {
    [u8::from(voice) << 7 | (level.unsigned_abs() & 0x7f)]
}

/// 3GPP TS 26.114 section 7.4.5.
fn rotation_byte(rotation: VideoOrientation) -> [u8; 1] {
    [rotation as u8]
}

fn append_payload(out: &mut Vec<u8>, packet: &Outgoing, numbers: Numbers) {
    let start = out.len();
    out.extend_from_slice(&packet.payload);
    // Decoders of VP9 go by the frame numbers of the Dependency Descriptor.
    if packet.codec == Codec::Vp8 {
        vp8::write(&mut out[start..], numbers.picture_id, numbers.tl0_pic_idx);
    }
}

/// RFC 3550 section 5.1: as much as the last byte says is padding.
fn pad(packet: &mut Vec<u8>, start: usize) {
    let length = packet.len() - start;
    let padding = (length + TAG).next_multiple_of(STEP) - TAG - length;
    if padding > 0 {
        packet[start] |= 1 << 5;
        packet.resize(packet.len() + padding, 0);
        if let Some(last) = packet.last_mut() {
            *last = padding as u8;
        }
    }
}
