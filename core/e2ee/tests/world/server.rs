//! An honest delivery service, as short as it can be, over the product's own `Delivery`.
//! Not here: limits, rates, sockets.
use super::{ADDRESS, Meeting, PORT, public};
use ringfence_charter::{Admission, Channel, Hello, Knock};
use ringfence_e2ee::context::Mode;
use ringfence_e2ee::delivery::Delivery;
use ringfence_signed::{B32, cose, from_text, from_text_exact, hash, to_text};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

pub struct HeldKnock {
    who: usize,
    package: Vec<u8>,
    pub message: Value,
    open: bool,
}

#[derive(Default)]
pub struct Server {
    pub group: Option<Delivery>,
    pub generation: Option<u64>,
    /// Who sits on which leaf, with a connection.
    pub seats: BTreeMap<u32, usize>,
    pub knocks: BTreeMap<String, HeldKnock>,
    connected: Vec<usize>,
    /// Messages on their way.
    pub out: VecDeque<(usize, Value)>,
    /// Everything ever said, with the listener.
    pub transcript: Vec<(usize, Value)>,
    pub commits: Vec<Value>,
    next: u32,
    /// The fingerprint that answers carry.
    pub fingerprint: B32,
}

fn bytes(value: &Value) -> Vec<u8> {
    from_text(value.as_str().unwrap()).unwrap()
}

impl Server {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn connect(&mut self, who: usize) {
        self.connected.push(who);
    }

    pub fn disconnect(&mut self, who: usize) {
        self.connected.retain(|w| *w != who);
        self.seats.retain(|_, w| *w != who);
        self.settle(|knock| knock.who == who);
        self.present();
    }

    pub fn say(&mut self, who: usize, message: Value) {
        self.transcript.push((who, message.clone()));
        self.out.push_back((who, message));
    }

    fn say_all(&mut self, message: Value) {
        for who in self.seats.values().copied().collect::<Vec<_>>() {
            self.say(who, message.clone());
        }
    }

    fn present(&mut self) {
        let leaves: Vec<u32> = self.seats.keys().copied().collect();
        self.say_all(json!({ "t": "present", "leaves": leaves }));
    }

    fn settle(&mut self, gone: impl Fn(&HeldKnock) -> bool) {
        let ids: Vec<String> = self
            .knocks
            .iter()
            .filter(|(_, k)| gone(k))
            .map(|(id, _)| id.clone())
            .collect();
        for id in ids {
            self.knocks.remove(&id);
            self.say_all(json!({ "t": "settled", "id": id }));
        }
    }

    fn error(&mut self, who: usize, code: &str, re: &str) {
        self.say(
            who,
            json!({ "t": "error", "code": code, "title": "", "detail": "", "do": "", "re": re }),
        );
    }

    pub fn receive(&mut self, meeting: &Meeting, who: usize, message: Value, now: u64) {
        let t = message["t"].as_str().unwrap().to_owned();
        match t.as_str() {
            "hello" => self.hello(meeting, who, &message),
            "found" => self.found(meeting, who, &message),
            "knock" => self.knock(meeting, who, &message),
            "deny" => {
                let id = message["knock"].as_str().unwrap().to_owned();
                if let Some(knock) = self.knocks.get(&id) {
                    self.say(knock.who, json!({ "t": "denied" }));
                }
                self.settle_one(&id);
            }
            "commit" => self.commit(who, &message),
            "proposal" => {
                let group = self.group.as_mut().unwrap();
                match group.accept_proposal(&bytes(&message["message"])) {
                    Ok(_) => self.say_all(json!({ "t": "proposal", "message": message["message"] })),
                    Err(error) => self.error(who, error.code, "proposal"),
                }
            }
            "sealed" => {
                if let Err(error) = self
                    .group
                    .as_ref()
                    .unwrap()
                    .check_sealed(&bytes(&message["message"]))
                {
                    return self.error(who, error.code, "sealed");
                }
                for other in self
                    .seats
                    .values()
                    .copied()
                    .filter(|w| *w != who)
                    .collect::<Vec<_>>()
                {
                    self.say(other, json!({ "t": "sealed", "message": message["message"] }));
                }
            }
            "offer" => self.answer(meeting, who, &message, now),
            "bye" => self.disconnect(who),
            _ => {}
        }
    }

    fn settle_one(&mut self, id: &str) {
        if self.knocks.remove(id).is_some() {
            self.say_all(json!({ "t": "settled", "id": id }));
        }
    }

    fn hello(&mut self, meeting: &Meeting, who: usize, message: &Value) {
        let group = self.group.as_ref();
        let hello = Hello {
            meeting: meeting.charter_fields.meeting,
            nonce: from_text_exact(message["nonce"].as_str().unwrap()).unwrap(),
            charter: hash(&meeting.charter),
            route: hash(&meeting.route),
            generation: self.generation,
            group: group.map(|g| g.state().group),
            epoch: group.map(|g| g.epoch()),
        };
        let said = json!({
            "t": "hello",
            "charter": to_text(&meeting.charter),
            "route": to_text(&meeting.route),
            "statement": to_text(&meeting.statement),
            "proof": to_text(&cose::sign(cose::label::HELLO, &hello.encode(), &meeting.node)),
            "knock_nonce": to_text(&[who as u8; 16]),
            "generation": hello.generation,
            "group": hello.group.map(|g| to_text(&g)),
            "epoch": hello.epoch,
            "alive": !self.seats.is_empty(),
        });
        self.say(who, said);
    }

    fn found(&mut self, meeting: &Meeting, who: usize, message: &Value) {
        if !self.seats.is_empty() {
            return self.error(who, "RF3299", "found");
        }
        let group = Delivery::found(
            &meeting.charter,
            hash(&meeting.route),
            &bytes(&message["genesis"]),
            &bytes(&message["group_info"]),
            &bytes(&message["tree"]),
        )
        .unwrap();
        let generation = group.state().context.generation;
        assert_eq!(generation, self.generation.unwrap_or(0) + 1);
        self.generation = Some(generation);
        self.seats = [(group.members()[0].leaf, who)].into();
        self.group = Some(group);
        self.say(who, json!({ "t": "founded" }));
        self.present();
    }

    fn knock(&mut self, meeting: &Meeting, who: usize, message: &Value) {
        let Some(group) = &self.group else {
            return self.error(who, "RF3299", "knock");
        };
        let package = bytes(&message["package"]);
        let charter = &meeting.charter_fields;
        let proof = Knock::verify(
            &bytes(&message["proof"]),
            charter,
            &group.state().group,
            &hash(&package),
        );
        let Ok(proof) = proof else {
            return self.error(who, "RF3150", "knock");
        };
        let back = group.state().ledger.current(&proof.member).is_some();
        let state = group.state();
        let admits = |document: &Value| {
            let (document, link) = (bytes(document), state.context.mode == Mode::Link);
            Admission::verify(&document, &state.charter, &state.charter_hash, &state.group, link).is_ok()
        };
        let open = back || (message["admission"].is_string() && admits(&message["admission"]));
        self.settle(|knock| knock.who == who);
        self.next += 1;
        let id = format!("k{}", self.next);
        let forwarded = json!({
            "t": "knock", "id": id, "package": message["package"], "admission": message["admission"],
            "proof": message["proof"], "names": message["names"], "member": to_text(&proof.member), "auto": open,
        });
        self.knocks.insert(
            id,
            HeldKnock {
                who,
                package,
                message: forwarded.clone(),
                open,
            },
        );
        self.say(who, json!({ "t": "waiting", "lobby": !open }));
        for other in self.listeners(open) {
            self.say(other, forwarded.clone());
        }
    }

    /// Members, or only hosts.
    fn listeners(&self, open: bool) -> Vec<usize> {
        let seats = self.group.as_ref().unwrap().members();
        let host = |leaf: &u32| {
            seats
                .iter()
                .any(|s| s.leaf == *leaf && s.role == ringfence_charter::PersonRole::Host)
        };
        self.seats
            .iter()
            .filter(|(leaf, _)| open || host(leaf))
            .map(|(_, who)| *who)
            .collect()
    }

    fn commit(&mut self, who: usize, message: &Value) {
        let (commit, info) = (bytes(&message["commit"]), bytes(&message["group_info"]));
        let knocked: Vec<B32> = self.knocks.values().map(|k| hash(&k.package)).collect();
        let group = self.group.as_mut().unwrap();
        let before = group.epoch();
        let accepted = match group.accept_commit(&commit, &info, &knocked) {
            Ok(accepted) => accepted,
            Err(error) => return self.error(who, error.code, "commit"),
        };
        self.commits.push(message.clone());
        let (tree, ledger, epoch) = (group.tree().unwrap(), group.ledger(), group.epoch());
        self.say_all(json!({ "t": "commit", "epoch": before, "commit": message["commit"] }));
        for gone in &accepted.admitted.gone {
            if let Some(who) = self.seats.remove(&gone.leaf) {
                self.say(who, json!({ "t": "removed" }));
            }
        }
        for (joined, package) in accepted.admitted.joined.iter().zip(&accepted.packages) {
            let knock = self.knocks.iter().find(|(_, k)| hash(&k.package) == *package);
            let Some((id, joiner)) = knock.map(|(id, k)| (id.clone(), k.who)) else {
                continue;
            };
            self.seats.insert(joined.leaf, joiner);
            let welcome = json!({
                "t": "welcome", "welcome": message["welcome"], "tree": to_text(&tree),
                "ledger": to_text(&ledger), "epoch": epoch,
            });
            self.say(joiner, welcome);
            self.settle_one(&id);
            let held: Vec<(Value, bool)> = self
                .knocks
                .values()
                .map(|k| (k.message.clone(), k.open))
                .collect();
            for (message, open) in held {
                if self.listeners(open).contains(&joiner) {
                    self.say(joiner, message);
                }
            }
        }
        self.present();
    }

    fn answer(&mut self, meeting: &Meeting, who: usize, message: &Value, now: u64) {
        let channel = Channel {
            group: self.group.as_ref().unwrap().state().group,
            nonce: from_text_exact(message["nonce"].as_str().unwrap()).unwrap(),
            fingerprint: self.fingerprint,
            address: ADDRESS.into(),
            port: PORT,
            until: now / 1000 + 60,
        };
        let binding = cose::sign(cose::label::CHANNEL, &channel.encode(), &meeting.node);
        self.say(
            who,
            json!({ "t": "answer", "sdp": self.sdp(ADDRESS), "binding": to_text(&binding) }),
        );
        assert_eq!(public(&meeting.node).len(), 32);
    }

    pub fn sdp(&self, address: &str) -> String {
        let hex: Vec<String> = self.fingerprint.iter().map(|b| format!("{b:02X}")).collect();
        format!(
            "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=fingerprint:sha-256 {}\r\n\
             a=candidate:1 1 udp 2130706431 {address} {PORT} typ host\r\n",
            hex.join(":")
        )
    }
}
