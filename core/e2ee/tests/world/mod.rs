//! A meeting in one process and in simulated time: an honest server by the book, and participants with their keys.
//! Not here: what is tested.
#![allow(dead_code)]
pub mod log;
pub mod net;
mod server;

pub use server::Server;

use log::RouteLog;
use net::{Net, Packet};

use ed25519_dalek::{Signer as _, SigningKey};
use ringfence_charter::charter::host_id;
use ringfence_charter::route::{Used, candidates_hash};
use ringfence_charter::{Admits, Charter, Founders, Host, Link, Route};
use ringfence_e2ee::Participant;
use ringfence_e2ee::knock::new_host_hpke;
use ringfence_fence::{Coordinates, Role, Statement, Trust, preset};
use ringfence_signed::{B16, B32, cose, hash, to_text};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

pub const START: u64 = 1_800_000_000_000;
pub const ADDRESS: &str = "127.0.0.1";
pub const PORT: u16 = 5000;

/// A key that is the same in each run.
pub fn key(seed: &str) -> SigningKey {
    SigningKey::from_bytes(&hash(seed.as_bytes()))
}

pub fn public(key: &SigningKey) -> B32 {
    key.verifying_key().to_bytes()
}

/// The documents of a meeting, and every key behind them.
pub struct Meeting {
    pub owner: SigningKey,
    pub host: SigningKey,
    pub host_hpke: B32,
    pub node: SigningKey,
    pub operator: SigningKey,
    pub link: Link,
    pub charter_fields: Charter,
    pub charter: Vec<u8>,
    pub statement: Vec<u8>,
    pub route: Vec<u8>,
    pub log: RouteLog,
    /// Where media goes.
    pub address: &'static str,
    /// What the operator states of where the node is.
    pub stated: Option<(&'static str, f64, f64)>,
    /// As what the list of candidates has it; empty: not at all.
    pub here: Vec<Option<String>>,
    pub others: Vec<Other>,
}

impl Meeting {
    pub fn new(admission: Admits) -> Self {
        Self::numbered([7; 16], admission)
    }

    /// Of the same owner, on the same server.
    pub fn in_another_room() -> Self {
        Self::numbered([8; 16], Admits::Link)
    }

    fn numbered(meeting: B16, admission: Admits) -> Self {
        let (owner, host, node, operator) = (key("owner"), key("host"), key("node"), key("operator"));
        let link = Link::new(meeting, [9; 16], &public(&owner));
        let (secret, hpke) = new_host_hpke().unwrap();
        let charter_fields = Charter {
            meeting,
            version: 1,
            previous: None,
            owner: public(&owner),
            hosts: vec![Host {
                id: host_id(&meeting, &public(&host)),
                hpke,
            }],
            link: public(&link.signing_key()),
            trust: Trust {
                operators: [("op".to_owned(), public(&operator))].into(),
                log: Some(RouteLog::named()),
                ..Trust::default()
            },
            fence: preset::policy("only-this-server", &public(&node)).unwrap(),
            admission,
            founders: if admission == Admits::Link {
                Founders::Link
            } else {
                Founders::Hosts
            },
            participants: 60,
            from: None,
            until: None,
            retention_days: None,
            suite: 1,
            title: link.seal_title("Parish council", [3; 12]),
        };
        let charter = cose::sign(cose::label::CHARTER, &charter_fields.encode(), &owner);
        let mut made = Self {
            owner,
            host,
            host_hpke: *secret,
            node,
            operator,
            link,
            charter_fields,
            charter,
            statement: vec![],
            route: vec![],
            log: RouteLog::new("the one"),
            address: ADDRESS,
            stated: None,
            here: vec![None],
            others: vec![],
        };
        made.statement = made.statement(1);
        made.route = made.route("start");
        made
    }

    /// Of a node that is stated to be there, and whose clients have to rule these countries out.
    pub fn fenced(stated: (&'static str, f64, f64), exclude: &[&str]) -> Self {
        let mut made = Self::new(Admits::Link);
        made.stated = Some(stated);
        made.charter_fields.fence.exclude = exclude.iter().map(|code| (*code).to_owned()).collect();
        made.charter = cose::sign(cose::label::CHARTER, &made.charter_fields.encode(), &made.owner);
        made.statement = made.statement(1);
        made.route = made.route("start");
        made
    }

    /// The list of candidates, as the route names it: this node, and the others.
    fn listed(&self) -> Vec<(B32, Option<String>)> {
        let others = self
            .others
            .iter()
            .map(|other| (public(&other.key), other.refused.clone()));
        let here = self
            .here
            .iter()
            .map(|refused| (public(&self.node), refused.clone()));
        here.chain(others).collect()
    }

    /// The same, as a greeting shows it.
    pub fn candidates(&self) -> Value {
        let here = self.here.iter().map(
            |refused| json!({ "node": to_text(&public(&self.node)), "refused": refused, "statement": null }),
        );
        let others = self.others.iter().map(|other| {
            let statement = other
                .stated
                .map(|country| to_text(&self.stated_by(&other.key, country)));
            json!({ "node": to_text(&public(&other.key)), "refused": other.refused, "statement": statement })
        });
        here.chain(others).collect()
    }

    /// What the operator says of another node.
    pub fn stated_by(&self, node: &SigningKey, country: &str) -> Vec<u8> {
        let statement = Statement {
            node: public(node),
            name: format!("in {country}"),
            serial: 1,
            operator: "op".into(),
            operator_name: "Operator".into(),
            law: vec![country.into()],
            parents: vec![],
            country: Some(country.into()),
            place: None,
            coordinates: None,
            roles: vec![Role::Media],
            addresses: vec![ELSEWHERE.into()],
            from: START / 1000 - 100,
            until: START / 1000 + 30 * 86400,
        };
        let inner = cose::sign(cose::label::NODE, &statement.encode(), node);
        cose::sign(cose::label::STATEMENT, &inner, &self.operator)
    }

    /// Under a fence of countries, by the operator's word; signs it anew, and the route with the list that there is now.
    pub fn sign_within(&mut self, countries: &[&str]) {
        let fence = &mut self.charter_fields.fence;
        fence.countries = countries.iter().map(|code| (*code).to_owned()).collect();
        fence.law.clone_from(&fence.countries);
        fence.operators = vec!["*".into()];
        self.charter = cose::sign(cose::label::CHARTER, &self.charter_fields.encode(), &self.owner);
        self.route = self.route("start");
    }

    pub fn statement(&self, serial: u64) -> Vec<u8> {
        let statement = Statement {
            node: public(&self.node),
            name: "here".into(),
            serial,
            operator: "op".into(),
            operator_name: "Operator".into(),
            law: vec![],
            parents: vec![],
            country: self.stated.map(|(country, ..)| country.into()),
            place: None,
            coordinates: (self.stated).map(|(_, lat, lon)| Coordinates::new(lat, lon).unwrap()),
            roles: vec![
                Role::Web,
                Role::Signalling,
                Role::Keys,
                Role::Media,
                Role::Storage,
            ],
            addresses: vec![self.address.into()],
            from: START / 1000 - 100,
            until: START / 1000 + 30 * 86400,
        };
        let inner = cose::sign(cose::label::NODE, &statement.encode(), &self.node);
        cose::sign(cose::label::STATEMENT, &inner, &self.operator)
    }

    pub fn route(&self, why: &str) -> Vec<u8> {
        let node = public(&self.node);
        let roles = vec![
            Role::Web,
            Role::Signalling,
            Role::Keys,
            Role::Media,
            Role::Storage,
        ];
        let route = Route {
            meeting: self.charter_fields.meeting,
            nodes: vec![Used {
                node,
                roles,
                statement: hash(&self.statement),
            }],
            candidates: candidates_hash(&self.listed()),
            why: why.into(),
            previous: None,
            at: START / 1000,
            by: node,
        };
        cose::sign(cose::label::ROUTE, &route.encode(), &self.node)
    }
}

/// Where other nodes are reached.
pub const ELSEWHERE: &str = "192.0.2.9";

/// Another node that could carry the meeting.
pub struct Other {
    pub key: SigningKey,
    pub refused: Option<String>,
    /// Where its operator says it is; none: no statement is shown.
    pub stated: Option<&'static str>,
}

/// One person with a device.
pub struct Person {
    pub name: String,
    pub participant: Participant,
    pub member: SigningKey,
    pub host: Option<SigningKey>,
    pub events: Vec<Value>,
    pub seen: Value,
    /// The newest checkpoint of each log.
    pub logs: Value,
    /// Every `keys` output.
    pub keys: Vec<Value>,
    pub media: Vec<bool>,
    pub answers: Vec<String>,
    /// How often the page was to measure the way anew.
    pub measurements: usize,
    pub receipts: Vec<Vec<u8>>,
    /// Its keys take their time: what they are to sign waits for `sign`.
    pub signs_late: bool,
    unsigned: Vec<Value>,
    pub connected: bool,
    /// The page is there.
    pub open: bool,
    pub clock: Clock,
}

/// How far a device's clock and its page's are from the true time, in milliseconds. The page's is never set back, and
/// follows when the device's is ahead (`web/src/e2ee/clock.ts`); a new page begins with the device's.
#[derive(Clone, Copy, Default)]
pub struct Clock {
    device: i64,
    page: i64,
}

impl Person {
    pub fn phase(&self) -> String {
        let last = self.last("phase");
        last.map_or("", |e| e["phase"].as_str().unwrap()).to_owned()
    }

    pub fn last(&self, t: &str) -> Option<&Value> {
        self.events.iter().rev().find(|e| e["t"] == t)
    }

    pub fn problems(&self) -> Vec<String> {
        let problems = self.events.iter().filter(|e| e["t"] == "problem");
        problems.map(|e| e["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Names in the roster, in the order of leaves.
    pub fn names(&self) -> Vec<String> {
        let Some(roster) = self.last("roster") else {
            return vec![];
        };
        let name = |m: &Value| m["name"].as_str().unwrap_or("?").to_owned();
        roster["members"].as_array().unwrap().iter().map(name).collect()
    }

    pub fn epoch(&self) -> u64 {
        self.keys.last().map_or(0, |k| k["epoch"].as_u64().unwrap())
    }

    pub fn leaf(&self) -> u32 {
        self.keys
            .last()
            .map_or(0, |k| k["own_leaf"].as_u64().unwrap() as u32)
    }

    pub fn chats(&self) -> Vec<String> {
        let chats = self.events.iter().filter(|e| e["t"] == "chat");
        chats.map(|e| e["text"].as_str().unwrap().to_owned()).collect()
    }

    pub fn media_open(&self) -> bool {
        self.media.last().copied().unwrap_or(false)
    }
}

fn bytes_of(value: &Value) -> Vec<u8> {
    ringfence_signed::from_text(value.as_str().unwrap()).unwrap()
}

/// Rewrites what the server says to one person; `None` withholds it.
pub type Lie = Box<dyn FnMut(usize, Value) -> Vec<Value>>;

pub struct World {
    pub now: u64,
    pub meeting: Meeting,
    pub server: Server,
    pub people: Vec<Person>,
    pub lie: Option<Lie>,
    /// Whose page is to take another connection.
    renewals: VecDeque<usize>,
    /// Whose next connection waits for the end of a stall.
    hanging: Vec<usize>,
    /// Without one everything arrives at once.
    pub net: Option<Net>,
    /// What arrived over it: when, whose, which way, of which type.
    pub arrived: Vec<(u64, usize, String)>,
}

impl World {
    pub fn new(admission: Admits) -> Self {
        Self::of(Meeting::new(admission))
    }

    pub fn of(meeting: Meeting) -> Self {
        Self {
            now: START,
            server: Server::new(),
            meeting,
            people: vec![],
            lie: None,
            renewals: VecDeque::new(),
            hanging: vec![],
            net: None,
            arrived: vec![],
        }
    }

    /// A new device with the link; a host's has the host key.
    pub fn person(&mut self, name: &str, host: bool) -> usize {
        let member = key(name);
        self.device(name, member, host, (Value::Null, json!({})), 0)
    }

    /// `remembered`: of the meeting, and of logs.
    fn device(
        &mut self,
        name: &str,
        member: SigningKey,
        host: bool,
        remembered: (Value, Value),
        clock: i64,
    ) -> usize {
        let (seen, logs) = remembered;
        let meeting = &self.meeting;
        let config = json!({
            "meeting": to_text(&meeting.charter_fields.meeting),
            "key": meeting.link.fragment(),
            "member_key": to_text(&public(&member)),
            "host_key": host.then(|| to_text(&public(&meeting.host))),
            "host_hpke": host.then(|| to_text(&meeting.host_hpke)),
            "owner_key": host.then(|| to_text(&public(&meeting.owner))),
            "name": "",
            "seen": seen,
            "logs": logs,
        });
        self.people.push(Person {
            name: name.into(),
            participant: Participant::new(&config.to_string(), self.now.strict_add_signed(clock)).unwrap(),
            member,
            host: host.then(|| meeting.host.clone()),
            events: vec![],
            seen,
            logs,
            keys: vec![],
            media: vec![],
            answers: vec![],
            measurements: 0,
            receipts: vec![],
            signs_late: false,
            unsigned: vec![],
            connected: false,
            open: true,
            clock: Clock {
                device: clock,
                page: clock,
            },
        });
        self.people.len() - 1
    }

    /// The same device opens the page anew; the old page is gone.
    pub fn reload(&mut self, who: usize) -> usize {
        self.close(who);
        let (name, member, remembered, clock) = {
            let old = &self.people[who];
            (
                old.name.clone(),
                old.member.clone(),
                (old.seen.clone(), old.logs.clone()),
                old.clock.device,
            )
        };
        let host = self.people[who].host.is_some();
        let again = self.device(&name, member, host, remembered, clock);
        self.connect(again);
        again
    }

    /// The tab is gone, and with it all that was in memory.
    pub fn close(&mut self, who: usize) {
        self.people[who].open = false;
        self.unplug(who, false);
    }

    fn unplug(&mut self, who: usize, unnoticed: bool) {
        self.people[who].connected = false;
        self.server.now = self.now;
        if let Some(net) = &mut self.net {
            net.cut(who);
            if unnoticed {
                return net.notice(self.now, who);
            }
        }
        self.server.disconnect(who);
    }

    /// The network of one person is gone; the page stays.
    pub fn cut(&mut self, who: usize) {
        self.lose(who, false);
    }

    /// `unnoticed`: the server finds out later.
    pub fn lose(&mut self, who: usize, unnoticed: bool) {
        self.unplug(who, unnoticed);
        self.input(who, json!({ "t": "offline" }));
    }

    /// Nothing of the server stays but what was durable, and every connection ends.
    pub fn kill_server(&mut self) {
        self.server.out.clear();
        self.net.iter_mut().for_each(Net::server_moves);
        for who in 0..self.people.len() {
            if let Some(net) = &mut self.net {
                net.cut(who);
            }
            if std::mem::take(&mut self.people[who].connected) {
                self.input(who, json!({ "t": "offline" }));
            }
        }
        self.server.restart();
    }

    /// Whether anybody of that name came back without their group.
    pub fn lost_group(&self, name: &str) -> bool {
        let back =
            |(who, message): &(usize, Value)| self.people[*who].name == name && message["t"] == "rejoined";
        self.server.transcript.iter().any(back)
    }

    /// Where something stands still, the connection hangs: `take_hanging`.
    pub fn connect(&mut self, who: usize) {
        if self
            .net
            .as_ref()
            .is_some_and(|net| self.now < net.stalled_until(who))
        {
            self.hanging.push(who);
            return;
        }
        self.people[who].connected = true;
        self.server.now = self.now;
        if let Some(net) = &mut self.net {
            net.cut(who); // whatever was of an earlier connection
        }
        self.server.disconnect(who);
        self.server.connect(who);
        self.input(who, json!({ "t": "online" }));
        if let Some(net) = &mut self.net {
            net.repeat(self.now, who);
        }
    }

    /// Opens the page, waits for `ready`, joins by name.
    pub fn enter(&mut self, name: &str, host: bool) -> usize {
        let who = self.person(name, host);
        self.connect(who);
        self.run(100);
        assert_eq!(self.people[who].phase(), "ready", "{:?}", self.people[who].events);
        self.input(who, json!({ "t": "join", "name": name }));
        who
    }

    /// Somebody's clock is set to so many milliseconds ahead of the true time, or behind it.
    pub fn set_clock(&mut self, who: usize, ahead: i64) {
        let clock = &mut self.people[who].clock;
        clock.device = ahead;
        clock.page = clock.page.max(ahead);
    }

    /// The time on somebody's page.
    fn time(&self, who: usize) -> u64 {
        self.now.strict_add_signed(self.people[who].clock.page)
    }

    /// When somebody's page is to be called, in true time.
    fn next_timeout(&self, who: usize) -> Option<u64> {
        let person = &self.people[who];
        Some((person.participant.next_timeout()?).saturating_add_signed(-person.clock.page))
    }

    fn handle(&mut self, who: usize, input: &Value) {
        let time = self.time(who);
        self.people[who].participant.handle(&input.to_string(), time);
        self.drain(who);
    }

    /// One input, and everything that follows from it at this moment.
    pub fn input(&mut self, who: usize, input: Value) {
        self.handle(who, &input);
        self.deliver();
    }

    fn drain(&mut self, who: usize) {
        let outputs: Vec<Value> = serde_json::from_str(&self.people[who].participant.take()).unwrap();
        for output in outputs {
            self.output(who, output);
        }
    }

    /// The device's keys sign what waits for them.
    pub fn sign(&mut self, who: usize) {
        for output in std::mem::take(&mut self.people[who].unsigned) {
            let person = &self.people[who];
            let key = match output["key"].as_str().unwrap() {
                "host" => person.host.as_ref().unwrap(),
                "owner" => &self.meeting.owner,
                _ => &person.member,
            };
            let tbs = ringfence_signed::from_text(output["tbs"].as_str().unwrap()).unwrap();
            let signature = to_text(&key.sign(&tbs).to_bytes());
            self.handle(
                who,
                &json!({ "t": "signed", "id": output["id"], "signature": signature }),
            );
        }
    }

    fn output(&mut self, who: usize, output: Value) {
        let person = &mut self.people[who];
        match output["t"].as_str().unwrap() {
            "send" if person.connected => match &mut self.net {
                Some(net) => net.send(self.now, who, output["message"].clone(), true),
                None => self
                    .server
                    .receive(&self.meeting, who, output["message"].clone(), self.now),
            },
            "sign" => {
                person.unsigned.push(output);
                if !person.signs_late {
                    self.sign(who);
                }
            }
            "remember" => person.seen = output["seen"].clone(),
            "remember_log" => {
                let log = output["log"].as_str().unwrap();
                person.logs[log] = output["checkpoint"].clone();
            }
            "keys" => person.keys.push(output),
            "media" => person.media.push(output["open"].as_bool().unwrap()),
            "measure" => person.measurements += 1,
            "renew" => self.renewals.push_back(who),
            "receipt" => person.receipts.push(bytes_of(&output["document"])),
            "answer" => person.answers.push(output["sdp"].as_str().unwrap().into()),
            "event" => person.events.push(output["event"].clone()),
            _ => {}
        }
    }

    /// Passes the server's messages on until there are none.
    fn deliver(&mut self) {
        while let Some((who, message)) = self.server.out.pop_front() {
            if let Some(net) = &mut self.net {
                net.send(self.now, who, message, false);
                continue;
            }
            let messages = match &mut self.lie {
                Some(lie) => lie(who, message),
                None => vec![message],
            };
            for message in messages {
                if self.people[who].connected {
                    self.tell(who, message);
                }
            }
        }
        if let Some(who) = self
            .renewals
            .pop_front()
            .filter(|who| self.people[*who].connected)
        {
            self.cut(who);
            self.connect(who);
        }
    }

    /// Takes the connections that hung, of pages that are still there, where nothing stands still any more.
    pub fn take_hanging(&mut self) {
        for who in std::mem::take(&mut self.hanging) {
            if self.people[who].open && !self.people[who].connected {
                self.connect(who);
            }
        }
    }

    /// One packet arrives.
    fn carry(&mut self) {
        let Some(packet) = self.net.as_mut().and_then(|net| net.pop(self.now)) else {
            return;
        };
        self.arrived.push(packet.entry(self.now));
        match packet {
            Packet::Up(who, message) => self.server.receive(&self.meeting, who, message, self.now),
            Packet::Down(who, message) if self.people[who].connected => {
                self.net.iter_mut().for_each(|net| net.came(who, &message));
                self.tell(who, message);
            }
            Packet::Down(..) => {} // the server has not noticed yet
            Packet::Dead(who) => self.server.disconnect(who),
        }
        self.deliver();
    }

    /// What a server says to one person, true or not.
    pub fn tell(&mut self, who: usize, message: Value) {
        self.handle(who, &json!({ "t": "server", "message": message }));
    }

    /// Lets time pass, in the order of everybody's timers.
    pub fn run(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        self.deliver();
        loop {
            let next = (0..self.people.len())
                .filter(|who| self.people[*who].open)
                .filter_map(|who| Some((self.next_timeout(who)?, who)))
                .min();
            let network = self
                .net
                .as_ref()
                .and_then(Net::next_timeout)
                .filter(|at| *at <= end);
            if let Some(at) = network.filter(|at| next.is_none_or(|(next, _)| *at <= next)) {
                self.now = at.max(self.now);
                self.carry();
                continue;
            }
            let server = self.server.next_timeout().filter(|at| *at <= end);
            if let Some(at) = server.filter(|at| next.is_none_or(|(next, _)| *at <= next)) {
                self.now = at.max(self.now);
                self.server.tick(self.now);
                self.deliver();
                continue;
            }
            match next {
                Some((at, who)) if at <= end => {
                    self.now = at.max(self.now);
                    self.input(who, json!({ "t": "tick" }));
                    let again = self.next_timeout(who);
                    assert!(
                        again.is_none_or(|again| again > self.now),
                        "a timer that never ends"
                    );
                }
                _ => break,
            }
        }
        self.now = end;
    }

    /// Offers media, answers as the node does, and selects the node's address.
    pub fn media(&mut self, who: usize) {
        self.input(who, json!({ "t": "offer", "sdp": "v=0\r\n" }));
        let address = self.meeting.address;
        self.input(who, json!({ "t": "remote", "address": address, "port": PORT }));
    }

    pub fn media_key(&self, who: usize, epoch: u64, leaf: u32) -> Option<[u8; 16]> {
        self.people[who]
            .participant
            .media_key(epoch, leaf)
            .map(|key| *key.as_bytes())
    }

    pub fn member_text(&self, who: usize) -> String {
        to_text(&public(&self.people[who].member))
    }

    /// All of these share one epoch and its keys.
    pub fn agree(&self, people: &[usize]) {
        let epoch = self.people[people[0]].epoch();
        for who in people {
            let person = &self.people[*who];
            assert_eq!(person.phase(), "in", "{}: {:?}", person.name, person.problems());
            assert_eq!(person.epoch(), epoch, "{}", person.name);
            for other in people {
                let leaf = self.people[*other].leaf();
                assert_eq!(
                    self.media_key(*who, epoch, leaf).expect("a key"),
                    self.media_key(*other, epoch, leaf).expect("a key"),
                );
            }
        }
    }
}

/// Codes by person's index, for messages of failing assertions.
pub fn all_problems(world: &World) -> BTreeMap<String, Vec<String>> {
    world
        .people
        .iter()
        .map(|p| (p.name.clone(), p.problems()))
        .collect()
}
