//! One meeting from its seed: who comes, and what goes wrong.
//! Not here: what must hold (`checks.rs`).
use crate::world::net::Net;
use crate::world::{START, World, public};
use fastrand::Rng;
use ringfence_charter::Admits;
use ringfence_fence::preset;
use ringfence_signed::to_text;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Faults for so long, and absences of up to so long within it; then everybody who can be is there again. One meeting in
/// five has the long ones.
const SHORT_MS: (u64, u64) = (25_000, 20_000);
const LONG_MS: (u64, u64) = (90_000, 60_000);
/// The server's timers are one second, a client tries again within a quarter of one, a message takes up to 0.12 s.
const AGREE_MS: u64 = 3_000;
/// A device's clock is off by at most so much, either way.
const CLOCK_MS: i64 = 40_000;
/// Something stands still for at most so long: after three times five seconds without an answer a server is accused.
const STALL_MS: u64 = 14_000;

/// What happened in a schedule.
pub struct Told {
    pub people: usize,
    pub faults: BTreeMap<&'static str, u64>,
    /// Texts times those who had to read them.
    pub texts: u64,
    /// When, whose, which way and of which type each message arrived.
    pub arrived: Vec<(u64, usize, String)>,
}

pub struct Schedule {
    random: Rng,
    pub world: World,
    /// By name: the newest page of each device, and whether a host removed it.
    pub devices: BTreeMap<String, usize>,
    pub removed: BTreeSet<String>,
    pub left: BTreeSet<String>,
    /// When each page was first in, and when each chat was first read by anybody but its author.
    pub joined: BTreeMap<usize, u64>,
    pub read: BTreeMap<String, u64>,
    /// The epoch of who read it first.
    pub read_in: BTreeMap<String, u64>,
    /// How many events of each page were looked at.
    pub looked: BTreeMap<usize, usize>,
    back_at: Vec<(u64, String)>,
    /// What was said, and in which epoch its author was then.
    pub said: Vec<(String, u64)>,
    faults_ms: u64,
    faults_until: u64,
    away_ms: u64,
    faults: BTreeMap<&'static str, u64>,
}

impl Schedule {
    pub fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let admission = if random.bool() {
            Admits::Link
        } else {
            Admits::Lobby
        };
        let mut world = World::new(admission);
        let mut net = Net::new(random.u64(..), 5, random.u64(20..120));
        net.repeats = random.u32(..10) == 0;
        world.net = Some(net);
        let (faults_ms, away_ms) = if random.u32(..5) == 0 { LONG_MS } else { SHORT_MS };
        Self {
            random,
            world,
            devices: BTreeMap::new(),
            removed: BTreeSet::new(),
            left: BTreeSet::new(),
            joined: BTreeMap::new(),
            read: BTreeMap::new(),
            read_in: BTreeMap::new(),
            looked: BTreeMap::new(),
            back_at: vec![],
            said: vec![],
            faults_ms,
            faults_until: START,
            away_ms,
            faults: BTreeMap::new(),
        }
    }

    pub fn tell(&self, what: &str) {
        if std::env::var_os("SEED").is_some() {
            println!("{:6} {what}", self.world.now - START);
        }
    }

    /// It is told, and counted.
    fn happens(&mut self, kind: &'static str, what: &str) {
        *self.faults.entry(kind).or_default() += 1;
        self.tell(what);
    }

    /// Mostly a handful, now and then a class.
    fn people(&mut self) -> usize {
        match self.random.u32(..200) {
            0 => self.random.usize(21..=50),
            1..6 => self.random.usize(11..=20),
            6..40 => self.random.usize(6..=10),
            _ => self.random.usize(2..=5),
        }
    }

    fn arrive(&mut self, name: &str) {
        self.tell(&format!("{name} comes"));
        let who = self.world.person(name, name == "host");
        self.world.connect(who);
        self.world.input(who, json!({ "t": "join", "name": name }));
        self.devices.insert(name.into(), who);
    }

    fn somebody(&mut self) -> Option<String> {
        let here: Vec<&String> = (self.devices.keys())
            .filter(|name| !self.removed.contains(*name) && !self.left.contains(*name))
            .collect();
        (!here.is_empty()).then(|| here[self.random.usize(..here.len())].clone())
    }

    fn fault(&mut self) {
        let Some(name) = self.somebody() else { return };
        let who = self.devices[&name];
        let is_in = self.world.people[who].phase() == "in";
        match self.random.u32(..100) {
            0..30 if is_in => self.say(&name, who),
            30..45 if self.world.people[who].connected => self.lose(name, who),
            45..50 => self.stall(who),
            50..55 => {
                let ahead = self.random.i64(-CLOCK_MS..=CLOCK_MS);
                self.happens("clock", &format!("{name}'s clock is set {ahead} ms ahead"));
                self.world.set_clock(who, ahead);
            }
            55..75 => {
                self.happens("reload", &format!("{name} reloads"));
                let again = self.world.reload(who);
                self.world.input(again, json!({ "t": "join", "name": name }));
                self.devices.insert(name, again);
            }
            75..80 if name != "host" && is_in => {
                self.happens("leave", &format!("{name} leaves"));
                self.world.input(who, json!({ "t": "leave" }));
                self.left.insert(name);
            }
            80..85 if name != "host" && is_in => self.remove(&name, who),
            85..95 => self.kill(),
            95..100 => self.amend(),
            _ => {}
        }
    }

    fn say(&mut self, name: &str, who: usize) {
        let text = format!("{} by {name}", self.said.len());
        self.happens("text", &format!("{name} says {}", self.said.len()));
        self.said.push((text.clone(), self.world.people[who].epoch()));
        self.world.input(who, json!({ "t": "chat", "text": text }));
    }

    fn lose(&mut self, name: String, who: usize) {
        let away = self.random.u64(50..self.away_ms);
        self.happens("network", &format!("{name} loses the network for {away} ms"));
        let unnoticed = self.random.bool();
        self.world.lose(who, unnoticed);
        self.back_at.push((self.world.now + away, name));
    }

    /// A device's line, or the server, stands still; nobody is told that a connection ended.
    fn stall(&mut self, who: usize) {
        let longest = self.world.now + self.random.u64(1_000..STALL_MS);
        let until = longest.min(self.faults_until);
        let whose = self.random.bool().then_some(who);
        let whom = whose.map_or("everybody", |who| &self.world.people[who].name);
        let what = format!("{whom} hears nothing until {}", until - START);
        self.happens("stall", &what);
        self.world.net.as_mut().unwrap().stall(whose, until);
    }

    fn kill(&mut self) {
        self.happens("server", "the server is killed");
        self.world.kill_server();
        let down = self.random.u64(10..3_000);
        self.world.now += down;
        self.back_at.clear();
        let now = self.world.now;
        for name in self.devices.keys().cloned().collect::<Vec<_>>() {
            let after = now + self.random.u64(..1_000);
            self.back_at.push((after, name));
        }
    }

    /// The owner changes who may come in, the fence's name, or who is host.
    fn amend(&mut self) {
        let host = self.devices["host"];
        let person = &self.world.people[host];
        if person.phase() != "in" || !person.connected {
            return;
        }
        let change = match self.random.u32(..4) {
            0 => json!({ "admission": "link" }),
            1 => json!({ "admission": "lobby" }),
            2 => {
                let mut policy =
                    preset::policy("only-this-server", &public(&self.world.meeting.node)).unwrap();
                policy.name = format!("Fence {}", self.random.u32(..));
                json!({ "policy": to_text(&policy.encode()) })
            }
            _ => {
                let Some(name) = self.somebody() else { return };
                let member = self.world.member_text(self.devices[&name]);
                json!({ "host": { "member": member, "host": self.random.bool() } })
            }
        };
        self.happens("charter", &format!("the owner changes {change}"));
        self.world.input(host, json!({ "t": "amend", "change": change }));
    }

    fn remove(&mut self, name: &str, who: usize) {
        let host = self.devices["host"];
        let member = self.world.member_text(who);
        if self.world.people[host].phase() == "in" && self.world.people[host].connected {
            self.happens("remove", &format!("{name} is removed"));
            self.world.input(host, json!({ "t": "remove", "member": member }));
            self.removed.insert(name.into());
        }
    }

    /// Whoever is due comes back; the host lets in whom they did not remove.
    fn wake(&mut self) {
        let now = self.world.now;
        let due: Vec<String> = (self.back_at.iter())
            .filter(|(at, _)| *at <= now)
            .map(|(_, name)| name.clone())
            .collect();
        self.back_at.retain(|(at, _)| *at > now);
        for name in due {
            let who = self.devices[&name];
            if !self.world.people[who].connected && self.world.people[who].open {
                self.tell(&format!("{name} has the network again"));
                self.world.connect(who);
            }
        }
        self.world.take_hanging();
        let host = self.devices["host"];
        let knocks = self.world.people[host]
            .last("knocks")
            .cloned()
            .unwrap_or_default();
        for knock in knocks["knocks"].as_array().unwrap_or(&vec![]) {
            if !self.removed.contains(knock["name"].as_str().unwrap()) {
                self.world
                    .input(host, json!({ "t": "admit", "knock": knock["id"] }));
            }
        }
    }

    fn run(&mut self, milliseconds: u64) {
        let end = self.world.now + milliseconds;
        while self.world.now < end {
            self.world.run(50.min(end - self.world.now));
            self.wake();
            self.look();
        }
    }

    pub fn all(mut self) -> Told {
        let people = self.people();
        self.arrive("host");
        self.run(1_000);
        for index in 1..people {
            self.arrive(&format!("guest{index}"));
            let pause = self.random.u64(..500);
            self.run(pause);
        }
        self.faults_until = self.world.now + self.faults_ms;
        while self.world.now < self.faults_until {
            self.fault();
            let pause = self.random.u64(..1_500);
            self.run(pause);
        }
        self.heal();
        self.run(AGREE_MS);
        self.check_agreement();
        // Those who will not come back are taken for lost by then.
        self.run(20_000);
        self.check_agreement();
        self.check_no_ghosts();
        self.check_shown_once();
        Told {
            people,
            texts: self.check_nothing_lost(),
            faults: self.faults,
            arrived: self.world.arrived,
        }
    }

    fn heal(&mut self) {
        self.tell("all faults are over");
        self.back_at.clear();
        for (name, who) in self.devices.clone() {
            if self.world.people[who].open && !self.world.people[who].connected && !self.left.contains(&name)
            {
                self.world.connect(who);
            }
        }
    }
}
