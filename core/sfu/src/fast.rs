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
use crate::path::Path;
use crate::rewrite::Numbers;
use crate::seal::{Opener, Sealer, TAG};
use crate::stream::Codec;
use crate::window::Window;
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
/// In one packet (RFC 3550 section 5.1).
const MOST_PADDING: usize = 255;

/// One connection's.
pub struct Fast {
    handshake: Handshake,
    sealer: Option<Sealer>,
    opener: Option<Opener>,
    /// What the receiver's path carries, if they say what arrives.
    pub path: Option<Path>,
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
    /// The highest number, and the last time of the stream.
    latest: u64,
    timestamp: u32,
    /// Numbers of those that ended a picture for this receiver, who may have fewer layers than others.
    ends: Window,
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
            timestamp: 0,
            ends: Window::default(),
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

    /// How many packets.
    pub fn count(&self) -> u32 {
        self.packets
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
            opener: None,
            path: None,
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

    /// Opens what the receiver says of the streams that leave here, in place. `None`: it is not theirs.
    pub fn opened<'a>(&mut self, datagram: &'a mut [u8]) -> Option<&'a [u8]> {
        if self.opener.is_none() {
            self.opener = Some(Opener::of_client(self.handshake.get()?)?);
        }
        self.opener.as_mut()?.rtcp(datagram)
    }

    /// The next packet's transport-wide sequence number, where the receiver says what arrives of it.
    fn number(&self, exit: &Exit) -> Option<(u8, [u8; 2])> {
        let path = self.path.as_ref()?;
        Some((exit.extensions.transport?, path.next_sequence().to_be_bytes()))
    }

    /// Notes a packet that was sealed with that number.
    fn sent(&mut self, number: Option<(u8, [u8; 2])>, size: usize, now: Instant) {
        if let Some(path) = &mut self.path
            && number.is_some()
            && size > 0
        {
            path.sent(size, now);
        }
    }

    /// Sends so many bytes of nothing on the exit's stream of repetitions, for what becomes of them: decoders pass them over
    /// (RFC 3550 section 5.1, RFC 4588 section 4). `None`: there is no such stream.
    pub fn pad(&mut self, exit: &mut Exit, bytes: u64, now: Instant, out: &mut Datagrams) -> Option<()> {
        let (ssrc, payload_type) = exit.repeats(Codec::Vp8)?;
        exit.extensions.transport?;
        for _ in 0..bytes.div_ceil(MOST_PADDING as u64) {
            let number = self.number(exit);
            let (to, sealer) = self.ready()?;
            exit.sent.again += 1;
            let sequence = exit.sent.again;
            let header = Header {
                padded: true,
                marker: false,
                payload_type,
                sequence: sequence as u16,
                timestamp: exit.sent.timestamp,
                ssrc,
            };
            let mut size = 0;
            out.write(to, |bytes, start| {
                let header = append_header(bytes, header, exit, &Extras::default(), true, number);
                bytes.resize(bytes.len() + MOST_PADDING, 0);
                *bytes.last_mut()? = MOST_PADDING as u8;
                sealer.rtp(bytes, start, header, ssrc, sequence)?;
                size = bytes.len() - start;
                Some(())
            });
            self.sent(number, size, now);
        }
        Some(())
    }

    /// Sends a packet again on the exit's stream of repetitions (RFC 4588 section 4). Says nothing to who asks too much.
    pub fn repeat(
        &mut self,
        exit: &mut Exit,
        packet: &Outgoing,
        numbers: Numbers,
        now: Instant,
        out: &mut Datagrams,
    ) {
        let Some((ssrc, payload_type)) = exit.repeats(packet.codec) else {
            return;
        };
        if exit.sent.credit < 1.0 {
            return;
        }
        let number = self.number(exit);
        let Some((to, sealer)) = self.ready() else {
            return;
        };
        exit.sent.credit -= 1.0;
        exit.sent.again += 1;
        let sequence = exit.sent.again;
        let header = Header {
            padded: false,
            marker: exit.sent.ends.has(numbers.sequence),
            payload_type,
            sequence: sequence as u16,
            timestamp: numbers.timestamp,
            ssrc,
        };
        let mut size = 0;
        out.write(to, |bytes, start| {
            let extras = Extras::of(packet, numbers);
            let header = append_header(bytes, header, exit, &extras, true, number);
            bytes.extend_from_slice(&(numbers.sequence as u16).to_be_bytes());
            append_payload(bytes, packet, numbers);
            sealer.rtp(bytes, start, header, ssrc, sequence)?;
            size = bytes.len() - start;
            Some(())
        });
        self.sent(number, size, now);
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
        let number = self.number(exit);
        let Some((to, sealer)) = self.ready() else {
            return;
        };
        let ssrc = *exit.ssrc;
        let large = exit.video && packet.payload.len() >= LARGE;
        let mut size = 0;
        out.write(to, |bytes, start| {
            let header = Header {
                padded: false,
                marker: packet.marker,
                payload_type: *payload_type,
                sequence: numbers.sequence as u16,
                timestamp: numbers.timestamp,
                ssrc,
            };
            let extras = Extras::of(packet, numbers);
            let header = append_header(bytes, header, exit, &extras, !exit.sent.known, number);
            append_payload(bytes, packet, numbers);
            if large {
                pad(bytes, start);
            }
            sealer.rtp(bytes, start, header, ssrc, numbers.sequence)?;
            size = bytes.len() - start;
            Some(())
        });
        self.sent(number, size, now);
        let sent = &mut exit.sent;
        (sent.latest, sent.timestamp) = (sent.latest.max(numbers.sequence), numbers.timestamp);
        if packet.marker {
            sent.ends.add(numbers.sequence);
        }
        sent.packets = sent.packets.wrapping_add(1);
        sent.octets = sent.octets.wrapping_add(packet.payload.len() as u32);
        sent.credit = (sent.credit + AGAIN_EACH).min(MOST_AGAIN);
        self.report(exit, packet, numbers, now, out);
    }

    fn forget(&mut self, _: &Exit) {
        // What was sent is kept with who sent it.
    }
}

/// What a packet says beside its payload.
#[derive(Default)]
struct Extras<'a> {
    level: Option<[u8; 1]>,
    rotation: Option<[u8; 1]>,
    /// With the frame number that it leaves with.
    descriptor: Option<(&'a [u8], u16)>,
}

impl<'a> Extras<'a> {
    fn of(packet: &'a Outgoing, numbers: Numbers) -> Self {
        Extras {
            level: packet.level.map(|(level, voice)| level_byte(level, voice)),
            rotation: packet.rotation.map(rotation_byte),
            descriptor: packet
                .descriptor
                .as_deref()
                .map(|bytes| (bytes, numbers.frame_number)),
        }
    }
}

/// Appends the header with the extensions that the receiver's line has; says how long it is.
fn append_header(
    out: &mut Vec<u8>,
    header: Header,
    exit: &Exit,
    extras: &Extras,
    names_line: bool,
    number: Option<(u8, [u8; 2])>,
) -> usize {
    let ids = exit.extensions;
    let mut descriptor = [0; 255];
    let descriptor = extras.descriptor.and_then(|(bytes, frame_number)| {
        let copy = descriptor.get_mut(..bytes.len())?;
        copy.copy_from_slice(bytes);
        dependency::write_frame_number(copy, frame_number);
        Some(&*copy)
    });
    let wanted = [
        (ids.line, Some(exit.line.as_bytes()).filter(|_| names_line)),
        (ids.level, extras.level.as_ref().map(|byte| &byte[..])),
        (ids.rotation, extras.rotation.as_ref().map(|byte| &byte[..])),
        (ids.descriptor, descriptor),
        (
            number.map(|(id, _)| id),
            number.as_ref().map(|(_, number)| &number[..]),
        ),
    ];
    let mut extensions: [(u8, &[u8]); 5] = [(0, &[]); 5];
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::{Extensions, Format};
    use crate::seal::Agreed;
    use dimpl::SrtpProfile;
    use std::sync::Arc;
    use zeroize::Zeroizing;

    const NUMBERS: Numbers = Numbers {
        sequence: 7,
        timestamp: 9,
        picture_id: 0,
        tl0_pic_idx: 0,
        frame_number: 0,
    };

    fn to() -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], 5000))
    }

    fn agreed() -> Handshake {
        let handshake = Handshake::default();
        let material = Zeroizing::new(vec![1; 88]);
        let profile = SrtpProfile::AEAD_AES_256_GCM;
        handshake.get_or_init(|| Agreed { profile, material });
        handshake
    }

    fn ready() -> Fast {
        let mut fast = Fast::new(agreed());
        fast.goes(to(), &[22; 20]);
        fast
    }

    fn exit(video: bool) -> Exit {
        Exit {
            mid: "4".into(),
            line: "4".into(),
            ssrc: 5.into(),
            repeats: Some(6.into()),
            first: Format {
                payload_type: 96.into(),
                repeats: Some(97.into()),
            },
            vp9: None,
            extensions: Extensions {
                line: Some(4),
                ..Default::default()
            },
            video,
            sent: Sent::default(),
        }
    }

    fn packet(codec: Codec, length: usize, now: Instant) -> Outgoing {
        Outgoing {
            numbers: NUMBERS,
            codec,
            marker: true,
            payload: Arc::from(vec![3; length]),
            descriptor: None,
            level: None,
            rotation: None,
            captured: now,
        }
    }

    fn all(out: &Datagrams) -> Vec<(SocketAddr, Vec<u8>)> {
        out.iter().map(|(to, bytes)| (to, bytes.to_vec())).collect()
    }

    #[test]
    fn nothing_leaves_before_there_are_keys_and_an_address() {
        let (mut out, now) = (Datagrams::default(), Instant::now());
        let packet = packet(Codec::Vp8, 9, now);
        Fast::new(agreed()).write(&mut exit(true), &packet, NUMBERS, now, &mut out);
        let mut without_keys = Fast::new(Handshake::default());
        without_keys.goes(to(), &[22; 20]);
        without_keys.write(&mut exit(true), &packet, NUMBERS, now, &mut out);
        assert!(out.is_empty());
        ready().write(&mut exit(true), &packet, NUMBERS, now, &mut out);
        let kinds: Vec<_> = all(&out).iter().map(|(_, bytes)| bytes[1]).collect();
        assert_eq!(kinds, [0x80 | 96, 200], "a packet, and the first report");
    }

    #[test]
    fn media_goes_where_the_client_chose_once_the_library_has_granted_it() {
        let check = |chooses: bool, number: u8| {
            let mut check = vec![0, 1, 0, 4, 0x21, 0x12, 0xa4, 0x42];
            check.extend([number; 12]);
            check.extend(if chooses {
                [0, 0x25, 0, 0]
            } else {
                [0x80, 0x28, 0, 0]
            });
            check
        };
        let granted = |number: u8| [&[1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[number; 12]].concat();
        let elsewhere = SocketAddr::from(([198, 51, 100, 1], 6000));
        let mut fast = ready();
        fast.came(elsewhere, &check(false, 1));
        fast.goes(elsewhere, &granted(1));
        assert_eq!(fast.to, Some(to()), "it only asked");
        fast.came(elsewhere, &check(true, 2));
        fast.goes(elsewhere, &granted(1));
        fast.goes(to(), &granted(2));
        assert_eq!(fast.to, Some(to()), "another question was granted, or elsewhere");
        fast.goes(elsewhere, &granted(2));
        assert_eq!(fast.to, Some(elsewhere));
        fast.goes(to(), &[22; 20]);
        assert_eq!(fast.to, Some(elsewhere), "until it chooses again");
    }

    #[test]
    fn a_line_is_named_until_the_receiver_knows_it_and_reports_are_a_second_apart() {
        let (mut fast, mut exit, start) = (ready(), exit(false), Instant::now());
        let packet = packet(Codec::Opus, 9, start);
        let mut lengths = vec![];
        for (after, known) in [(0, false), (999, false), (1000, true), (1001, true)] {
            exit.sent.known = known;
            let mut out = Datagrams::default();
            fast.write(
                &mut exit,
                &packet,
                NUMBERS,
                start + Duration::from_millis(after),
                &mut out,
            );
            lengths.push((out.len(), all(&out)[0].1.len()));
        }
        assert_eq!(
            lengths,
            [
                (2, 12 + 8 + 9 + TAG),
                (1, 12 + 8 + 9 + TAG),
                (2, 12 + 9 + TAG),
                (1, 12 + 9 + TAG)
            ]
        );
        exit.sent.starts();
        let mut out = Datagrams::default();
        fast.write(
            &mut exit,
            &packet,
            NUMBERS,
            start + Duration::from_millis(1002),
            &mut out,
        );
        assert_eq!(out.len(), 2, "another stream has its own times");
    }

    #[test]
    fn large_packets_of_pictures_that_differ_by_little_are_of_one_length() {
        let now = Instant::now();
        let length = |video: bool, codec: Codec, payload: usize| {
            let mut out = Datagrams::default();
            ready().write(
                &mut exit(video),
                &packet(codec, payload, now),
                NUMBERS,
                now,
                &mut out,
            );
            all(&out)[0].1.len()
        };
        assert_eq!(length(true, Codec::Vp8, 1161), length(true, Codec::Vp8, 1163));
        assert_eq!(length(true, Codec::Vp8, 1163) % STEP, 0);
        assert_ne!(length(true, Codec::Vp8, 301), length(true, Codec::Vp8, 302));
        assert_ne!(length(false, Codec::Opus, 1161), length(false, Codec::Opus, 1163));
    }

    #[test]
    fn who_asks_for_everything_again_gets_so_much_and_no_more() {
        let (mut fast, mut exit, now) = (ready(), exit(true), Instant::now());
        let (packet, mut out) = (packet(Codec::Vp8, 100, now), Datagrams::default());
        (0..10_000).for_each(|_| fast.repeat(&mut exit, &packet, NUMBERS, now, &mut out));
        assert_eq!(out.len(), MOST_AGAIN as usize);
        let numbers: std::collections::HashSet<_> =
            all(&out).iter().map(|(_, bytes)| bytes[2..4].to_vec()).collect();
        assert_eq!(numbers.len(), out.len(), "each with a number of its own");
        out.clear();
        (0..10).for_each(|_| fast.write(&mut exit, &packet, NUMBERS, now, &mut out));
        out.clear();
        (0..100).for_each(|_| fast.repeat(&mut exit, &packet, NUMBERS, now, &mut out));
        assert_eq!(out.len(), 5, "one of two in the long run");
    }

    #[test]
    fn the_whole_of_a_number_is_the_latest_that_can_be_meant() {
        let sent = Sent {
            latest: 0x2_0005,
            ..Sent::default()
        };
        assert_eq!(sent.whole(5), 0x2_0005);
        assert_eq!(sent.whole(4), 0x2_0004);
        assert_eq!(sent.whole(6), 0x1_0006);
        assert_eq!(Sent::default().whole(6), 0, "before there was any");
    }
}
