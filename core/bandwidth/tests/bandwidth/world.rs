//! Responsible for: flows over one simulated bottleneck: what they send, what their receivers say, and how they fared.
//! Not responsible for: what is expected of that.

use crate::receiver::Receiver;
use ringfence_bandwidth::{Bitrate, Estimator, Limits, Probe};
use ringfence_netem::{Conditions, Link, Queue, Scenario};
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(1);
const FRAME: Duration = Duration::from_millis(33);
const AUDIO: Duration = Duration::from_millis(20);
const AUDIO_BYTES: usize = 140;
const PACKET: usize = 1200;
/// The publisher paces its frames at so many times their rate.
const PACE: f64 = 2.5;

/// What a flow has to send.
#[derive(Debug, Clone, PartialEq)]
pub enum App {
    /// As much as the estimate, up to this.
    Greedy(Bitrate),
    /// The highest of these rates that the estimate allows, as an allocator does; the lowest in any case.
    Layers(&'static [u64]),
    /// Only so much, whatever the estimate.
    Fixed(Bitrate),
}

#[derive(Clone)]
struct Packet {
    flow: usize,
    sequence: u16,
    size: usize,
    sent: Duration,
}

/// What was seen of a flow in 100 ms.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sample {
    pub estimate: Bitrate,
    pub sent: u64,
    pub arrived: u64,
    pub padding: u64,
    /// The longest that a packet of this time was under way.
    pub longest: Duration,
}

/// Of an estimate at a time: what is sent, and what would be if there were no limit.
pub type Divide = Box<dyn FnMut(Bitrate, Duration) -> (Bitrate, Bitrate)>;

pub struct Flow {
    pub estimator: Estimator,
    /// Decides in place of `app`.
    pub divide: Option<Divide>,
    pub begins: Duration,
    pub ends: Duration,
    app: App,
    random: fastrand::Rng,
    next_frame: Duration,
    next_audio: Duration,
    backlog: usize,
    budget: f64,
    probe: Option<(Probe, u64, f64)>,
    receiver: Receiver,
    back: Link<Vec<(u16, Option<Duration>)>>,
    pub samples: Vec<Sample>,
    current: Sample,
}

pub struct World {
    packets: Link<Packet>,
    scenario: Scenario,
    pub flows: Vec<Flow>,
    pub now: Duration,
    start: Instant,
}

impl World {
    pub fn new(seed: u64, scenario: Scenario, apps: &[(App, Duration)]) -> Self {
        let start = Instant::now();
        let flow = |(index, (app, begins)): (usize, &(App, Duration))| {
            let mut back = scenario.at(Duration::ZERO);
            (back.rate, back.bursts, back.loss) = (None, None, back.loss / 2.0);
            Flow {
                estimator: Estimator::new(Limits::default(), start + *begins),
                divide: None,
                begins: *begins,
                ends: Duration::MAX,
                app: app.clone(),
                random: fastrand::Rng::with_seed(seed * 100 + index as u64),
                next_frame: *begins + TICK * index as u32 * 7,
                next_audio: *begins,
                backlog: 0,
                budget: 0.0,
                probe: None,
                receiver: Receiver::default(),
                back: Link::new(seed * 100 + 50 + index as u64, back),
                samples: Vec::new(),
                current: Sample::default(),
            }
        };
        Self {
            packets: Link::new(seed, scenario.clone()),
            flows: apps.iter().enumerate().map(flow).collect(),
            scenario,
            now: Duration::ZERO,
            start,
        }
    }

    pub fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            self.now += TICK;
            self.tick();
        }
    }

    fn tick(&mut self) {
        let (now, instant) = (self.now, self.start + self.now);
        for (index, flow) in self.flows.iter_mut().enumerate() {
            if now < flow.begins || now > flow.ends {
                continue;
            }
            flow.send(index, now, instant, &mut self.packets);
        }
        while let Some(packet) = self.packets.next_arrival().filter(|at| *at <= now) {
            let arrived = packet;
            let packet = self.packets.receive(now).expect("it has arrived");
            let flow = &mut self.flows[packet.flow];
            flow.current.arrived += packet.size as u64;
            flow.current.longest = flow.current.longest.max(arrived - packet.sent);
            flow.receiver.take(packet.sequence, arrived);
        }
        for flow in &mut self.flows {
            if let Some(said) = flow.receiver.say(now) {
                flow.back.send(now, 100, said);
            }
            while let Some(said) = flow.back.receive(now) {
                flow.estimator.feedback(said, instant);
            }
            if now.as_millis().is_multiple_of(100) {
                flow.current.estimate = flow.estimator.estimate();
                flow.samples.push(std::mem::take(&mut flow.current));
            }
        }
    }

    /// The capacity of the path between two times, in bits.
    pub fn capacity(&self, from: Duration, to: Duration) -> f64 {
        let ticks = (to - from).as_millis() as u32;
        let rate = |tick| self.scenario.at(from + TICK * tick).rate.unwrap_or(0) as f64;
        (0..ticks).map(rate).sum::<f64>() / 1000.0
    }
}

impl Flow {
    /// What is sent, and what would be if there were no limit.
    fn target(&mut self, now: Duration) -> (Bitrate, Bitrate) {
        let estimate = self.estimator.estimate();
        if let Some(divide) = &mut self.divide {
            return divide(estimate, now);
        }
        match &self.app {
            App::Greedy(most) => (estimate.min(*most), *most),
            App::Fixed(rate) => (*rate, *rate),
            App::Layers(rates) => {
                let rates = rates.iter().map(|kbps| Bitrate::kbps(*kbps));
                let fits = rates.clone().filter(|rate| *rate <= estimate).max();
                let all = rates.clone().max().unwrap_or_default();
                (fits.or(rates.min()).unwrap_or_default(), all)
            }
        }
    }

    fn send(&mut self, index: usize, now: Duration, instant: Instant, link: &mut Link<Packet>) {
        let (target, wanted) = self.target(now);
        self.estimator.want(wanted);
        if let Some(probe) = self.estimator.poll(instant) {
            self.probe = Some((probe, probe.bytes, 0.0));
        }
        let audio = Bitrate::of(AUDIO_BYTES as u64, AUDIO);
        if now >= self.next_audio {
            self.next_audio += AUDIO;
            self.packet(index, AUDIO_BYTES, now, instant, link);
        }
        if now >= self.next_frame {
            self.next_frame += FRAME;
            let size = (target - audio).bytes_in(FRAME) as f64 * (0.8 + 0.4 * self.random.f64());
            self.backlog += size as usize;
        }
        let pace = target.scaled(PACE).bytes_in(TICK) as f64;
        self.budget = (self.budget + pace).min(pace.max(PACKET as f64));
        while self.backlog > 0 && self.budget > 0.0 {
            let size = self.backlog.min(PACKET);
            self.backlog -= size;
            self.budget -= size as f64;
            self.packet(index, size.max(60), now, instant, link);
        }
        // Padding fills up to the rate of the probe.
        if let Some((probe, left, credit)) = self.probe.take() {
            let mut credit = credit + probe.rate.bytes_in(TICK) as f64;
            let mut left = left;
            let size = (probe.bytes as usize / probe.packets).clamp(200, PACKET);
            while left > 0 && credit >= size as f64 {
                credit -= size as f64;
                left = left.saturating_sub(size as u64);
                self.current.padding += size as u64;
                self.packet(index, size, now, instant, link);
            }
            self.probe = (left > 0).then_some((probe, left, credit));
        }
    }

    fn packet(
        &mut self,
        flow: usize,
        size: usize,
        sent: Duration,
        instant: Instant,
        link: &mut Link<Packet>,
    ) {
        let sequence = self.estimator.send(size, instant);
        self.current.sent += size as u64;
        link.send(
            sent,
            size,
            Packet {
                flow,
                sequence,
                size,
                sent,
            },
        );
    }

    /// The mean of what arrived between two times.
    pub fn arrived(&self, from: Duration, to: Duration) -> Bitrate {
        let bytes = self.between(from, to).iter().map(|sample| sample.arrived).sum();
        Bitrate::of(bytes, to - from)
    }

    pub fn between(&self, from: Duration, to: Duration) -> &[Sample] {
        let index = |at: Duration| (at.as_millis() / 100) as usize;
        &self.samples[index(from)..index(to).min(self.samples.len())]
    }

    /// How long after `from` the estimate first holds something, for half a second.
    pub fn until(&self, from: Duration, holds: impl Fn(Bitrate) -> bool) -> Option<Duration> {
        let later = &self.samples[(from.as_millis() / 100) as usize..];
        let at = later
            .windows(5)
            .position(|samples| samples.iter().all(|sample| holds(sample.estimate)))?;
        Some(Duration::from_millis(100) * (at as u32 + 1))
    }
}

pub fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A path with half a second of queue, and so much delay each way.
pub fn steady(rate_kbps: u64, delay: u64) -> Conditions {
    Conditions {
        rate: Some(rate_kbps * 1000),
        delay: ms(delay),
        queue: Queue::Time(ms(500)),
        ordered: true,
        ..Default::default()
    }
}
