//! A meeting in one process and in simulated time: an honest server by the book, and participants with their keys.
//! Not here: what is tested.
#![allow(dead_code)]
mod server;

pub use server::Server;

use ed25519_dalek::{Signer as _, SigningKey};
use ringfence_charter::charter::host_id;
use ringfence_charter::route::{Used, candidates_hash};
use ringfence_charter::{Admits, Charter, Founders, Host, Link, Route};
use ringfence_e2ee::Participant;
use ringfence_e2ee::knock::new_host_hpke;
use ringfence_fence::{Role, Statement, Trust, preset};
use ringfence_signed::{B32, cose, hash, to_text};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
}

impl Meeting {
    pub fn new(admission: Admits) -> Self {
        let (owner, host, node, operator) = (key("owner"), key("host"), key("node"), key("operator"));
        let meeting = [7; 16];
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
            },
            fence: preset::policy("only-this-server", &public(&node)).unwrap(),
            admission,
            founders: if admission == Admits::Link {
                Founders::Link
            } else {
                Founders::Hosts
            },
            participants: 25,
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
        };
        made.statement = made.statement(1);
        made.route = made.route("start");
        made
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
            country: None,
            place: None,
            roles: vec![
                Role::Web,
                Role::Signalling,
                Role::Keys,
                Role::Media,
                Role::Storage,
            ],
            addresses: vec![ADDRESS.into()],
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
            candidates: candidates_hash(&[(node, None)]),
            why: why.into(),
            previous: None,
            at: START / 1000,
            by: node,
        };
        cose::sign(cose::label::ROUTE, &route.encode(), &self.node)
    }
}

/// One person with a device.
pub struct Person {
    pub name: String,
    pub participant: Participant,
    pub member: SigningKey,
    pub host: Option<SigningKey>,
    pub events: Vec<Value>,
    pub seen: Value,
    /// Every `keys` output.
    pub keys: Vec<Value>,
    pub media: Vec<bool>,
    pub answers: Vec<String>,
    pub connected: bool,
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

/// Rewrites what the server says to one person; `None` withholds it.
pub type Lie = Box<dyn FnMut(usize, Value) -> Vec<Value>>;

pub struct World {
    pub now: u64,
    pub meeting: Meeting,
    pub server: Server,
    pub people: Vec<Person>,
    pub lie: Option<Lie>,
}

impl World {
    pub fn new(admission: Admits) -> Self {
        let meeting = Meeting::new(admission);
        Self {
            now: START,
            server: Server::new(),
            meeting,
            people: vec![],
            lie: None,
        }
    }

    /// A new device with the link; a host's has the host key.
    pub fn person(&mut self, name: &str, host: bool) -> usize {
        let member = key(name);
        self.device(name, member, host, Value::Null)
    }

    fn device(&mut self, name: &str, member: SigningKey, host: bool, seen: Value) -> usize {
        let meeting = &self.meeting;
        let config = json!({
            "meeting": to_text(&meeting.charter_fields.meeting),
            "key": meeting.link.fragment(),
            "member_key": to_text(&public(&member)),
            "host_key": host.then(|| to_text(&public(&meeting.host))),
            "host_hpke": host.then(|| to_text(&meeting.host_hpke)),
            "name": "",
            "seen": seen,
        });
        self.people.push(Person {
            name: name.into(),
            participant: Participant::new(&config.to_string(), self.now).unwrap(),
            member,
            host: host.then(|| meeting.host.clone()),
            events: vec![],
            seen,
            keys: vec![],
            media: vec![],
            answers: vec![],
            connected: false,
        });
        self.people.len() - 1
    }

    /// The same device opens the page anew; the old page is gone.
    pub fn reload(&mut self, who: usize) -> usize {
        self.server.disconnect(who);
        self.people[who].connected = false;
        let (name, member, seen) = {
            let old = &self.people[who];
            (old.name.clone(), old.member.clone(), old.seen.clone())
        };
        let host = self.people[who].host.is_some();
        let again = self.device(&name, member, host, seen);
        self.connect(again);
        again
    }

    pub fn connect(&mut self, who: usize) {
        self.people[who].connected = true;
        self.server.connect(who);
        self.input(who, json!({ "t": "online" }));
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

    /// One input, and everything that follows from it at this moment.
    pub fn input(&mut self, who: usize, input: Value) {
        self.people[who].participant.handle(&input.to_string(), self.now);
        self.drain(who);
        self.deliver();
    }

    fn drain(&mut self, who: usize) {
        let outputs: Vec<Value> = serde_json::from_str(&self.people[who].participant.take()).unwrap();
        for output in outputs {
            self.output(who, output);
        }
    }

    fn output(&mut self, who: usize, output: Value) {
        let person = &mut self.people[who];
        match output["t"].as_str().unwrap() {
            "send" if person.connected => {
                self.server
                    .receive(&self.meeting, who, output["message"].clone(), self.now)
            }
            "sign" => {
                let key = match output["key"].as_str().unwrap() {
                    "host" => person.host.as_ref().unwrap(),
                    _ => &person.member,
                };
                let tbs = ringfence_signed::from_text(output["tbs"].as_str().unwrap()).unwrap();
                let signature = to_text(&key.sign(&tbs).to_bytes());
                let signed = json!({ "t": "signed", "id": output["id"], "signature": signature });
                person.participant.handle(&signed.to_string(), self.now);
                self.drain(who);
            }
            "remember" => person.seen = output["seen"].clone(),
            "keys" => person.keys.push(output),
            "media" => person.media.push(output["open"].as_bool().unwrap()),
            "answer" => person.answers.push(output["sdp"].as_str().unwrap().into()),
            "event" => person.events.push(output["event"].clone()),
            _ => {}
        }
    }

    /// Passes the server's messages on until there are none.
    fn deliver(&mut self) {
        while let Some((who, message)) = self.server.out.pop_front() {
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
    }

    /// What a server says to one person, true or not.
    pub fn tell(&mut self, who: usize, message: Value) {
        let input = json!({ "t": "server", "message": message });
        self.people[who].participant.handle(&input.to_string(), self.now);
        self.drain(who);
    }

    /// Lets time pass, in the order of everybody's timers.
    pub fn run(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        self.deliver();
        loop {
            let next = (0..self.people.len())
                .filter(|who| self.people[*who].connected)
                .filter_map(|who| Some((self.people[who].participant.next_timeout()?, who)))
                .min();
            match next {
                Some((at, who)) if at <= end => {
                    self.now = at.max(self.now);
                    self.input(who, json!({ "t": "tick" }));
                    let again = self.people[who].participant.next_timeout();
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
        self.input(who, json!({ "t": "remote", "address": ADDRESS, "port": PORT }));
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
