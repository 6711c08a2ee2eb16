//! Responsible for: load on a forwarder from outside: clients that publish and watch over sockets, and what came of it.
//! Not responsible for: how a forwarder is asked for connections: who runs this carries offers and answers (bench/load.py).
//!
//! `load offers|answers|storm video|audio|silent PUBLISHERS SUBSCRIBERS SECONDS ADDRESS`: sockets are bound to the address.
//! Each line on standard output is `publish N OFFER`, or, where subscribers make offers, `subscribe N OFFER`; the next line
//! of standard input is its answer. Where they answer: `subscribe N`, an offer is read, and `answer N ANSWER` is written.
//! In a storm all subscribers offer before the first answer is read. Line ends are written as `\n`. Then come `begin`,
//! `end`, and what was counted in between.

use nix::time::{ClockId, clock_gettime};
use ringfence_sfu::connection::extensions;
use ringfence_sfu::dtls;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{BufRead, Write};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};

/// 30 pictures a second of five packets are 1.3 Mbit/s; sound is a packet every 20 ms.
const PICTURE: Duration = Duration::from_micros(33_333);
const PACKETS: u64 = 5;
const VIDEO_BYTES: usize = 1100;
const SOUND: Duration = Duration::from_millis(20);
const AUDIO_BYTES: usize = 100;
/// Until everybody is connected, until everything flows, and until the last packet has come.
const PATIENCE: Duration = Duration::from_secs(30);
const SETTLING: Duration = Duration::from_secs(3);
const DRAINING: Duration = Duration::from_millis(1000);
/// A VP8 payload descriptor with picture id and TL0PICIDX (RFC 7741 section 4.2), and the payload header of no key frame.
const DESCRIPTOR: [u8; 7] = [0x90, 0xe0, 0x80, 0x01, 0x00, 0x20, 0x01];
const DATAGRAM: usize = 2000;
const QUIET: Duration = Duration::from_millis(20);

struct Client {
    rtc: Rtc,
    socket: UdpSocket,
    address: SocketAddr,
    wake_at: Instant,
    mids: Vec<Mid>,
}

/// What came while it was counted: how long each packet took, in microseconds.
#[derive(Default)]
struct Tally {
    delays: Vec<u32>,
    counted: u64,
}

struct Load {
    clients: Vec<Client>,
    address: IpAddr,
    publishers: usize,
    video: bool,
    /// Nobody sends anything.
    silent: bool,
    /// How long it took until all subscribers were connected.
    joined: Duration,
    start: Instant,
    sequence: u64,
    /// Packets that were sent between these are counted.
    counts: (Duration, Duration),
    sent: u64,
    /// By how much sending came later than it should have, in microseconds.
    late: Vec<u32>,
    tally: Tally,
}

impl Client {
    fn new(address: IpAddr, now: Instant) -> Client {
        let socket = UdpSocket::bind((address, 0)).expect("a socket");
        socket.set_nonblocking(true).expect("it can be");
        let address = socket.local_addr().expect("it is bound");
        let mut rtc = Rtc::builder()
            .set_crypto_provider(dtls::provider())
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_extension_map(extensions())
            .build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").expect("an address"));
        Client {
            rtc,
            socket,
            address,
            wake_at: now,
            mids: Vec::new(),
        }
    }
}

/// Lines that somebody writes, while media goes on.
struct Signalling(Receiver<String>);

impl Signalling {
    fn new() -> Signalling {
        let (give, take) = channel();
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                if give.send(line).is_err() {
                    return;
                }
            }
        });
        Signalling(take)
    }

    fn say(line: &str) {
        println!("{}", line.replace("\r\n", "\\n"));
        std::io::stdout().flush().expect("somebody reads");
    }

    fn hear(&self, load: &mut Load) -> String {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Ok(line) = self.0.try_recv() {
                return line.replace("\\n", "\r\n");
            }
            load.turn(Duration::from_millis(1));
        }
        panic!("nothing was answered");
    }
}

impl Load {
    fn connect(&mut self, signalling: &Signalling, offers: bool, storm: bool, subscribers: usize) {
        for at in 0..self.publishers {
            let pending = self.offer(at, Direction::SendOnly, 1);
            self.answered(at, pending, signalling);
        }
        // Some forwarders know nobody as a publisher before.
        self.all_connected();
        let all = self.publishers..self.publishers + subscribers;
        let began = Instant::now();
        if storm {
            let count = self.publishers;
            let offered: Vec<_> = all
                .map(|at| (at, self.offer(at, Direction::RecvOnly, count)))
                .collect();
            for (at, pending) in offered {
                self.answered(at, pending, signalling);
            }
        } else {
            for at in all {
                self.subscribe(at, offers, signalling);
            }
        }
        self.all_connected();
        self.joined = began.elapsed();
    }

    fn subscribe(&mut self, at: usize, offers: bool, signalling: &Signalling) {
        if offers {
            let pending = self.offer(at, Direction::RecvOnly, self.publishers);
            return self.answered(at, pending, signalling);
        }
        Signalling::say(&format!("subscribe {at}"));
        let offer = SdpOffer::from_sdp_string(&signalling.hear(self)).expect("an offer");
        let mut client = Client::new(self.address, Instant::now());
        let answer = client
            .rtc
            .sdp_api()
            .accept_offer(offer)
            .expect("it can be answered");
        Signalling::say(&format!("answer {at} {}", answer.to_sdp_string()));
        self.clients.push(client);
    }

    /// A client that offers so many lines.
    fn offer(&mut self, at: usize, direction: Direction, lines: usize) -> SdpPendingOffer {
        let kind = if self.video {
            MediaKind::Video
        } else {
            MediaKind::Audio
        };
        let mut client = Client::new(self.address, Instant::now());
        let mut changes = client.rtc.sdp_api();
        let mids = (0..lines).map(|_| changes.add_media(kind, direction, None, None, None));
        client.mids = mids.collect();
        let (offer, pending) = changes.apply().expect("there is something to offer");
        let verb = if direction == Direction::SendOnly {
            "publish"
        } else {
            "subscribe"
        };
        Signalling::say(&format!("{verb} {at} {}", offer.to_sdp_string()));
        self.clients.push(client);
        pending
    }

    fn answered(&mut self, at: usize, pending: SdpPendingOffer, signalling: &Signalling) {
        let answer = SdpAnswer::from_sdp_string(&signalling.hear(self)).expect("an answer");
        let client = &mut self.clients[at];
        client
            .rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .expect("it fits");
        client.wake_at = Instant::now();
    }

    fn all_connected(&mut self) {
        let until = Instant::now() + PATIENCE;
        while !self.clients.iter().all(|client| client.rtc.is_connected()) {
            assert!(Instant::now() < until, "not everybody was connected");
            self.turn(Duration::from_millis(5));
        }
    }

    /// Takes what has come, and does what is due; sleeps for so long at most.
    fn turn(&mut self, patience: Duration) {
        let due = self.clients.iter().map(|client| client.wake_at).min();
        let left = due.map_or(patience, |at| at.saturating_duration_since(Instant::now()));
        let left = left.min(patience);
        let left = Timespec {
            tv_sec: left.as_secs() as i64,
            tv_nsec: left.subsec_nanos().into(),
        };
        let mut sources: Vec<_> = self
            .clients
            .iter()
            .map(|client| PollFd::new(&client.socket, PollFlags::IN))
            .collect();
        let _ = poll(&mut sources, Some(&left));
        let ready: Vec<bool> = sources
            .iter()
            .map(|source| !source.revents().is_empty())
            .collect();
        let mut buffer = [0; DATAGRAM];
        for (at, ready) in ready.into_iter().enumerate() {
            if ready {
                while let Ok((length, from)) = self.clients[at].socket.recv_from(&mut buffer) {
                    self.receive(at, from, &buffer[..length]);
                }
            }
            let now = Instant::now();
            if self.clients[at].wake_at <= now {
                self.clients[at]
                    .rtc
                    .handle_input(Input::Timeout(now))
                    .expect("time passes");
                self.drain(at, now);
            }
        }
    }

    fn receive(&mut self, at: usize, from: SocketAddr, datagram: &[u8]) {
        let now = Instant::now();
        let Ok(contents) = datagram.try_into() else { return };
        let client = &mut self.clients[at];
        let receive = Receive {
            proto: Protocol::Udp,
            source: from,
            destination: client.address,
            contents,
        };
        let input = Input::Receive(now, receive);
        if client.rtc.accepts(&input) {
            // What cannot be used is the sender's affair: it will be missed.
            let _ = client.rtc.handle_input(input);
            self.drain(at, now);
        }
    }

    fn drain(&mut self, at: usize, now: Instant) {
        loop {
            let client = &mut self.clients[at];
            match client.rtc.poll_output().expect("it works") {
                Output::Transmit(out) => {
                    let _ = client.socket.send_to(&out.contents, out.destination);
                }
                Output::Timeout(until) => {
                    client.wake_at = until.max(now + Duration::from_micros(200));
                    return;
                }
                Output::Event(Event::RtpPacket(packet)) => self.count(&packet),
                Output::Event(_) => {}
            }
        }
    }

    /// Its payload says when it was sent.
    fn count(&mut self, packet: &RtpPacket) {
        let from = if self.video { DESCRIPTOR.len() } else { 0 };
        let Some(Ok(stamp)) = packet.payload.get(from..from + 8).map(<[u8; 8]>::try_from) else {
            return;
        };
        let sent = Duration::from_nanos(u64::from_be_bytes(stamp));
        if self.counts.0 <= sent && sent < self.counts.1 {
            self.tally.counted += 1;
            let delay = self.start.elapsed().saturating_sub(sent);
            self.tally.delays.push(delay.as_micros() as u32);
        }
    }

    fn publish(&mut self, due: Instant) {
        let packets = if self.video { PACKETS } else { 1 };
        for at in 0..self.publishers {
            for part in 0..packets {
                let now = Instant::now();
                let sent = now.saturating_duration_since(self.start);
                let payload = self.payload(sent);
                if self.counts.0 <= sent && sent < self.counts.1 {
                    self.sent += 1;
                    self.late
                        .push(now.saturating_duration_since(due).as_micros() as u32);
                }
                let sequence = self.sequence * packets + part + 1;
                let (codec, ticks) = match self.video {
                    true => (Codec::Vp8, 3000),
                    false => (Codec::Opus, 960),
                };
                let client = &mut self.clients[at];
                let mut params = client.rtc.codec_config().params().iter();
                let number = params
                    .find(|params| params.spec().codec == codec)
                    .expect("it is there")
                    .pt();
                let timestamp = (self.sequence as u32).wrapping_mul(ticks);
                let values = ExtensionValues {
                    audio_level: (!self.video).then_some(-20),
                    voice_activity: (!self.video).then_some(true),
                    ..Default::default()
                };
                let mut api = client.rtc.direct_api();
                let stream = api.stream_tx_by_mid(client.mids[0], None).expect("it sends");
                let write = RtpWrite::new(number, sequence.into(), timestamp, now, payload);
                stream.write_rtp(
                    write
                        .marker(self.video && part + 1 == packets)
                        .nackable(self.video)
                        .ext_vals(values),
                );
                client.rtc.handle_input(Input::Timeout(now)).expect("time passes");
                self.drain(at, now);
            }
        }
        self.sequence += 1;
    }

    fn payload(&self, sent: Duration) -> Vec<u8> {
        let mut payload = Vec::with_capacity(VIDEO_BYTES);
        if self.video {
            payload.extend(DESCRIPTOR);
        }
        payload.extend((sent.as_nanos() as u64).to_be_bytes());
        payload.resize(if self.video { VIDEO_BYTES } else { AUDIO_BYTES }, 0x5a);
        payload
    }

    /// Sends and takes until then.
    fn flow(&mut self, until: Instant, next: &mut Instant) {
        let every = if self.video { PICTURE } else { SOUND };
        while Instant::now() < until {
            if self.silent {
                // There is nothing to be quick for, and there may be thousands.
                std::thread::sleep(QUIET);
                *next = Instant::now() + QUIET;
            } else if *next <= Instant::now() {
                self.publish(*next);
                *next += every;
            }
            self.turn(next.saturating_duration_since(Instant::now()));
        }
    }
}

/// CPU time of this process, in seconds.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("Linux has it");
    time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9
}

fn percentile(values: &mut [u32], part: f64) -> f64 {
    values.sort_unstable();
    let at = (values.len() as f64 * part).ceil() as usize;
    values
        .get(at.saturating_sub(1))
        .map_or(0.0, |value| f64::from(*value) / 1000.0)
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| words[at].parse::<usize>().expect("a number");
    let (publishers, subscribers, seconds) = (number(2), number(3), number(4) as u64);
    let start = Instant::now();
    let mut load = Load {
        clients: Vec::new(),
        address: words[5].parse().expect("an address"),
        publishers,
        video: words[1] == "video",
        silent: words[1] == "silent",
        joined: Duration::ZERO,
        start,
        sequence: 0,
        counts: (Duration::MAX, Duration::MAX),
        sent: 0,
        late: Vec::new(),
        tally: Tally::default(),
    };
    let (offers, storm) = (words[0] != "answers", words[0] == "storm");
    load.connect(&Signalling::new(), offers, storm, subscribers);
    let mut next = Instant::now();
    load.flow(next + SETTLING, &mut next);
    Signalling::say("begin");
    let (begun, busy) = (Instant::now(), cpu());
    let end = begun + Duration::from_secs(seconds);
    load.counts = (begun - start, end - start);
    load.flow(end, &mut next);
    let busy = (cpu() - busy) / begun.elapsed().as_secs_f64();
    Signalling::say("end");
    load.flow(end + DRAINING, &mut next);
    let expected = load.sent * subscribers as u64;
    println!(
        "sent={} received={} expected={expected} busy={busy:.3} late_ms={:.3} joined_ms={} p99_ms={:.3}",
        load.sent,
        load.tally.counted,
        percentile(&mut load.late, 0.99),
        load.joined.as_millis(),
        percentile(&mut load.tally.delays, 0.99),
    );
}
