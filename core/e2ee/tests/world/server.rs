//! An honest delivery service, as short as it can be, over the product's own `Delivery`.
//! Not here: limits, rates, sockets.
use super::{Meeting, PORT, public};
use ringfence_charter::{Admission, Channel, Hello, Knock, Rejoin};
use ringfence_e2ee::context::{Mode, Why};
use ringfence_e2ee::delivery::{Accepted, Delivery, Entering};
use ringfence_signed::{B32, cose, from_text, from_text_exact, hash, to_text};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A commit that no other member could use within this time is given up.
const CONFIRM_MS: u64 = 1_000;
const MOST_COMMITS: usize = 64;
/// A group without connections may be started anew after this.
const ABANDONED_MS: u64 = 10_000;

pub struct HeldKnock {
    who: usize,
    package: Vec<u8>,
    pub message: Value,
    open: bool,
}

/// What the server keeps of a leaf.
#[derive(Clone)]
pub struct Seat {
    pub token: Vec<u8>,
    pub taken: u64,
    /// The first epoch whose messages it can open.
    since: u64,
}

impl Seat {
    fn can_open(&self, epoch: Option<u64>) -> bool {
        epoch.is_none_or(|epoch| epoch >= self.since)
    }
}

/// What is kept for who is away.
#[derive(Clone)]
pub struct Kept {
    n: u64,
    /// Nobody's for commits: the committer needs them, too.
    from: Option<u32>,
    to: Option<u32>,
    messages: Vec<Value>,
    commit: bool,
    /// Of what is sealed: one that a commit has overtaken is for those who were in before it.
    epoch: Option<u64>,
}

struct Provisional {
    message: Value,
    accepted: Accepted,
    who: usize,
    asked: BTreeSet<usize>,
    until: u64,
}

#[derive(Default)]
pub struct Server {
    /// Another than the meeting began with.
    pub charter: Option<Vec<u8>>,
    /// It may not hold a meeting under another charter.
    pub refuses_charters: bool,
    /// The next commit is refused by this code.
    pub refuses_once: Option<&'static str>,
    /// Who was greeted, and may speak.
    greeted: BTreeSet<usize>,
    /// What a knock, or a way back, has to be for: another with each greeting.
    nonces: BTreeMap<usize, [u8; 16]>,
    pub group: Option<Delivery>,
    pub generation: Option<u64>,
    /// The store takes nothing that is said.
    pub is_full: bool,
    /// Who sits on which leaf, with a connection.
    pub seats: BTreeMap<u32, usize>,
    pub tickets: BTreeMap<u32, Seat>,
    pub kept: Vec<Kept>,
    pub n: u64,
    provisional: Option<Provisional>,
    /// Who has shown that they hold a member key that is admitted.
    back: BTreeMap<usize, B32>,
    /// Those who did not answer when they were asked about a commit.
    silent: BTreeSet<usize>,
    pub knocks: BTreeMap<String, HeldKnock>,
    connected: Vec<usize>,
    pub now: u64,
    alone_since: u64,
    /// Messages on their way.
    pub out: VecDeque<(usize, Value)>,
    /// Everything ever said, with the listener.
    pub transcript: Vec<(usize, Value)>,
    /// When each page was first told that it is in.
    pub let_in: BTreeMap<usize, u64>,
    pub commits: Vec<Value>,
    next: u32,
    /// The fingerprint that answers carry.
    pub fingerprint: B32,
}

pub(super) fn bytes(value: &Value) -> Vec<u8> {
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
        self.greeted.remove(&who);
        let before = self.seats.len();
        self.seats.retain(|_, w| *w != who);
        if before > 0 && self.seats.is_empty() {
            self.alone_since = self.now;
        }
        self.silent.remove(&who);
        if let Some(provisional) = &mut self.provisional {
            provisional.asked.remove(&who);
        }
        self.settle(|knock| knock.who == who);
        self.present();
        self.consider();
    }

    pub fn say(&mut self, who: usize, message: Value) {
        self.transcript.push((who, message.clone()));
        if ["founded", "welcome", "rejoined"]
            .iter()
            .any(|t| message["t"] == *t)
        {
            self.let_in.entry(who).or_insert(self.now);
        }
        self.out.push_back((who, message));
    }

    /// For the message of a test that failed.
    pub fn last_told(&self, who: usize) -> Vec<String> {
        let told = self.transcript.iter().rev();
        let told = told
            .filter(|(w, m)| *w == who && m["t"] != "sealed" && m["t"] != "present")
            .take(12);
        let words = |m: &Value| format!("{} {} {} {}", m["t"], m["epoch"], m["n"], m["code"]);
        told.map(|(_, message)| words(message)).collect()
    }

    pub fn say_all(&mut self, message: Value) {
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

    fn alive(&self) -> bool {
        let waited = self.now >= self.alone_since + ABANDONED_MS;
        self.group.is_some() && !(self.seats.is_empty() && waited)
    }

    /// The process is killed and started again: what was durable is read.
    pub fn restart(&mut self) {
        let mut group = self.group.take().map(|group| {
            let durable = group.snapshot().unwrap();
            Delivery::restore(&durable).unwrap()
        });
        for kept in self.kept.iter().flat_map(|kept| &kept.messages) {
            if let (Some(group), "proposal") = (&mut group, kept["t"].as_str().unwrap()) {
                let _ = group.accept_proposal(&bytes(&kept["message"])); // of an epoch that is over
            }
        }
        let before = std::mem::take(self);
        *self = Self {
            charter: before.charter,
            group,
            generation: before.generation,
            tickets: before.tickets,
            kept: before.kept,
            n: before.n,
            next: before.next,
            now: before.now,
            alone_since: before.now,
            transcript: before.transcript,
            let_in: before.let_in,
            commits: before.commits,
            fingerprint: before.fingerprint,
            ..Self::default()
        };
    }

    fn charter(&self, meeting: &Meeting) -> Vec<u8> {
        self.charter.clone().unwrap_or_else(|| meeting.charter.clone())
    }

    fn leaf_of(&self, who: usize) -> Option<u32> {
        self.seats.iter().find(|(_, w)| **w == who).map(|(leaf, _)| *leaf)
    }

    pub fn receive(&mut self, meeting: &Meeting, who: usize, message: Value, now: u64) {
        self.now = now;
        if !self.connected.contains(&who) {
            return;
        }
        self.silent.remove(&who);
        let t = message["t"].as_str().unwrap().to_owned();
        let entering = ["found", "knock", "back", "rejoin", "resume"].contains(&t.as_str());
        if entering && !self.greeted.contains(&who) {
            return self.error(who, "RF1219", &t);
        }
        let outside = entering || ["hello", "bye"].contains(&t.as_str());
        if !outside && self.leaf_of(who).is_none() {
            return self.error(who, "RF1203", &t);
        }
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
            "commit" => self.commit(who, &message, now),
            "resume" => self.resume(meeting, who, &message),
            "back" => self.back(meeting, who, &message),
            "rejoin" => self.rejoin(who, &message, now),
            "checked" => self.checked(who, &message),
            "proposal" => self.propose(who, &message),
            "sealed" => self.sealed(who, &message),
            "offer" => self.answer(meeting, who, &message),
            "log" => {
                let (old, new) = (message["old"].as_u64().unwrap(), message["new"].as_u64().unwrap());
                match meeting.log.consistency(old, new) {
                    Some(proof) => {
                        self.say(who, json!({ "t": "log", "old": old, "new": new, "proof": proof }))
                    }
                    None => self.error(who, "RF2301", "log"),
                }
            }
            "bye" => {
                let last = self
                    .group
                    .as_ref()
                    .is_some_and(|group| group.state().people() == 1);
                let member = self.leaf_of(who).is_some();
                self.disconnect(who);
                if last && member && self.seats.is_empty() {
                    self.group = None;
                }
            }
            _ => {}
        }
    }

    fn keep(
        &mut self,
        from: Option<u32>,
        to: Option<u32>,
        commit: bool,
        epoch: Option<u64>,
        messages: Vec<Value>,
    ) {
        let n = self.n;
        self.kept.push(Kept {
            n,
            from,
            to,
            messages,
            commit,
            epoch,
        });
        while self.kept.iter().filter(|kept| kept.commit).count() > MOST_COMMITS {
            self.kept.remove(0);
        }
    }

    fn propose(&mut self, who: usize, message: &Value) {
        let leaf = self.leaf_of(who);
        let group = self.group.as_mut().unwrap();
        if let Err(error) = group.accept_proposal(&bytes(&message["message"])) {
            return self.error(who, error.code, "proposal");
        }
        self.n += 1;
        let made = json!({ "t": "proposal", "message": message["message"], "n": self.n });
        self.keep(leaf, None, false, None, vec![made.clone()]);
        self.say_others(who, None, None, made);
    }

    fn say_others(&mut self, who: usize, to: Option<u32>, epoch: Option<u64>, message: Value) {
        let seats: Vec<(u32, usize)> = self.seats.iter().map(|(l, w)| (*l, *w)).collect();
        for (leaf, other) in seats {
            if other != who && to.is_none_or(|to| to == leaf) && self.tickets[&leaf].can_open(epoch) {
                self.say(other, message.clone());
            }
        }
    }

    fn sealed(&mut self, who: usize, message: &Value) {
        let group = self.group.as_ref().unwrap();
        let epoch = match group.check_sealed(&bytes(&message["message"])) {
            Ok(epoch) => epoch,
            Err(error) => return self.error(who, error.code, "sealed"),
        };
        let leaf = self.leaf_of(who).unwrap();
        let to = message["to"].as_u64().map(|to| to as u32);
        let mut passed = json!({ "t": "sealed", "message": message["message"], "n": null });
        if let Some(id) = message["id"].as_u64() {
            let seat = self.tickets.get_mut(&leaf).unwrap();
            let again = id <= seat.taken;
            let refusal = match id > seat.taken + 1 {
                true => Some("RF1221"),
                false => (self.is_full && !again).then_some("RF1009"),
            };
            if let Some(code) = refusal {
                return self.error(who, code, "sealed");
            }
            seat.taken = seat.taken.max(id);
            self.say(who, json!({ "t": "taken", "id": id }));
            if again {
                return;
            }
            self.n += 1;
            passed["n"] = json!(self.n);
            self.keep(Some(leaf), to, false, Some(epoch), vec![passed.clone()]);
        }
        self.say_others(who, to, Some(epoch), passed);
    }

    fn settle_one(&mut self, id: &str) {
        if self.knocks.remove(id).is_some() {
            self.say_all(json!({ "t": "settled", "id": id }));
        }
    }

    fn hello(&mut self, meeting: &Meeting, who: usize, message: &Value) {
        if self.leaf_of(who).is_some() {
            return self.error(who, "RF1202", "hello");
        }
        let charter = self.charter(meeting);
        self.greeted.insert(who);
        self.next += 1;
        let nonce = u128::from(self.next).to_be_bytes();
        self.nonces.insert(who, nonce);
        let group = self.group.as_ref();
        let hello = Hello {
            meeting: meeting.charter_fields.meeting,
            nonce: from_text_exact(message["nonce"].as_str().unwrap()).unwrap(),
            charter: hash(&charter),
            route: hash(&meeting.route),
            generation: self.generation,
            group: group.map(|g| g.state().group),
            epoch: group.map(|g| g.epoch()),
        };
        let said = json!({
            "t": "hello",
            "charter": to_text(&charter),
            "route": to_text(&meeting.route),
            "statement": to_text(&meeting.statement),
            "proof": to_text(&cose::sign(cose::label::HELLO, &hello.encode(), &meeting.node)),
            "knock_nonce": to_text(&nonce),
            "generation": hello.generation,
            "group": hello.group.map(|g| to_text(&g)),
            "epoch": hello.epoch,
            "alive": self.alive(),
            "candidates": meeting.candidates(),
            "logged": meeting.log.shown(&meeting.route, &message["logs"]),
        });
        self.say(who, said);
    }

    /// The leaf that a token is of, if it is the prover's and what it missed is still kept.
    fn resumes(&self, meeting: &Meeting, who: usize, resume: &Value) -> Option<u32> {
        let (token, after) = (bytes(&resume["token"]), resume["after"].as_u64()?);
        let group = self.group.as_ref()?;
        let (id, group) = (&meeting.charter_fields.meeting, &group.state().group);
        let proof = Rejoin::verify(&bytes(&resume["proof"]), id, group, &self.nonces[&who]).ok()?;
        let first = self.kept.first().map_or(self.n + 1, |kept| kept.n);
        let (leaf, _) = self.tickets.iter().find(|(_, seat)| seat.token == token)?;
        let member = self.group.as_ref()?.state().member(*leaf);
        (member == Some(proof.member) && after + 1 >= first && after <= self.n).then_some(*leaf)
    }

    fn resume(&mut self, meeting: &Meeting, who: usize, message: &Value) {
        let Some(leaf) = self.resumes(meeting, who, message) else {
            return self.error(who, "RF1220", "resume");
        };
        let after = message["after"].as_u64().unwrap();
        self.seats.insert(leaf, who);
        let seat = &self.tickets[&leaf];
        let missed: Vec<Value> = self
            .kept
            .iter()
            .filter(|kept| kept.n > after && kept.from != Some(leaf) && kept.to.is_none_or(|to| to == leaf))
            .filter(|kept| seat.can_open(kept.epoch))
            .flat_map(|kept| kept.messages.clone())
            .collect();
        for message in missed {
            self.say(who, message);
        }
        if let Some(provisional) = &mut self.provisional {
            if provisional.who != who {
                provisional.asked.insert(who);
            }
            let told = json!({ "t": "commit", "epoch": provisional.message["epoch"], "commit": provisional.message["commit"] });
            self.say(who, told);
        }
        let taken = self.tickets[&leaf].taken;
        self.say(
            who,
            json!({ "t": "resumed", "leaf": leaf, "taken": taken, "media": true }),
        );
        self.present();
        self.announce(who);
    }

    fn announce(&mut self, who: usize) {
        let held: Vec<(Value, bool)> = self
            .knocks
            .values()
            .map(|k| (k.message.clone(), k.open))
            .collect();
        for (message, open) in held {
            if self.listeners(open).contains(&who) {
                self.say(who, message);
            }
        }
    }

    fn ticket(&mut self, leaf: u32) -> (String, u64) {
        self.next += 1;
        let token = hash(format!("token {} {leaf}", self.next).as_bytes()).to_vec();
        let text = to_text(&token);
        let since = self.group.as_ref().unwrap().epoch();
        let taken = 0;
        self.tickets.insert(leaf, Seat { token, taken, since });
        (text, self.n)
    }

    fn found(&mut self, meeting: &Meeting, who: usize, message: &Value) {
        if self.alive() {
            return self.error(who, "RF1206", "found");
        }
        let group = Delivery::found(
            &self.charter(meeting),
            hash(&meeting.route),
            &bytes(&message["genesis"]),
            &bytes(&message["group_info"]),
            &bytes(&message["tree"]),
        )
        .unwrap();
        let generation = group.state().context.generation;
        assert_eq!(generation, self.generation.unwrap_or(0) + 1);
        self.generation = Some(generation);
        let leaf = group.members()[0].leaf;
        (self.n, self.provisional) = (0, None);
        self.kept.clear();
        self.tickets.clear();
        self.seats = [(leaf, who)].into();
        self.group = Some(group);
        let (token, n) = self.ticket(leaf);
        self.say(who, json!({ "t": "founded", "token": token, "n": n }));
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
        let Some(proof) = proof.ok().filter(|proof| proof.nonce == self.nonces[&who]) else {
            return self.error(who, "RF3150", "knock");
        };
        if group.state().ledger.current(&proof.member).is_some() {
            return self.error(who, "RF1215", "knock");
        }
        let state = group.state();
        let admits = |document: &Value| {
            let (document, link) = (bytes(document), state.context.mode == Mode::Link);
            Admission::verify(&document, &state.charter, &state.charter.hash, &state.group, link).is_ok()
        };
        let open = message["admission"].is_string() && admits(&message["admission"]);
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
        let host = |leaf: &u32| seats.iter().any(|s| s.leaf == *leaf && s.host);
        self.seats
            .iter()
            .filter(|(leaf, _)| open || host(leaf))
            .map(|(_, who)| *who)
            .collect()
    }

    fn back(&mut self, meeting: &Meeting, who: usize, message: &Value) {
        let Some(group) = &self.group else {
            return self.error(who, "RF1208", "back");
        };
        let (meeting, nonce) = (&meeting.charter_fields.meeting, self.nonces[&who]);
        let proof = Rejoin::verify(&bytes(&message["proof"]), meeting, &group.state().group, &nonce);
        let Ok(Rejoin { member, .. }) = proof else {
            return self.error(who, "RF3151", "back");
        };
        if group.state().ledger.current(&member).is_none() {
            return self.error(who, "RF1216", "back");
        }
        let shown = json!({
            "t": "group", "group_info": to_text(group.group_info()), "tree": to_text(&group.tree().unwrap()),
            "ledger": to_text(&group.ledger()), "epoch": group.epoch(),
        });
        self.back.insert(who, member);
        self.say(who, shown);
    }

    fn rejoin(&mut self, who: usize, message: &Value, now: u64) {
        let Some(member) = self.back.get(&who).copied().filter(|_| self.group.is_some()) else {
            return self.error(who, "RF1202", "rejoin");
        };
        let (commit, info) = (bytes(&message["commit"]), bytes(&message["group_info"]));
        let group = self.group.as_mut().unwrap();
        match group.take_commit(&commit, &info, Entering::Back(member)) {
            Ok(accepted) => self.provisional(who, message, accepted, now),
            Err(error) => self.error(who, error.code, "rejoin"),
        }
    }

    fn commit(&mut self, who: usize, message: &Value, now: u64) {
        if self.is_full {
            return self.error(who, "RF1009", "commit");
        }
        if let Some(code) = self.refuses_once.take() {
            return self.error(who, code, "commit");
        }
        let (commit, info) = (bytes(&message["commit"]), bytes(&message["group_info"]));
        let knocked: Vec<B32> = self.knocks.values().map(|k| hash(&k.package)).collect();
        let group = self.group.as_mut().unwrap();
        let accepted = match group.take_commit(&commit, &info, Entering::Knocked(&knocked)) {
            Ok(accepted) => accepted,
            Err(error) => return self.error(who, error.code, "commit"),
        };
        let here = |gone: &ringfence_e2ee::context::Gone| {
            gone.why == Why::Lost && self.seats.contains_key(&gone.leaf)
        };
        if accepted.admitted.gone.iter().any(here) {
            group.give_up();
            return self.error(who, "RF1218", "commit");
        }
        if accepted.charter.is_some() && self.refuses_charters {
            group.give_up();
            return self.error(who, "RF1103", "commit");
        }
        self.provisional(who, message, accepted, now);
    }

    fn provisional(&mut self, who: usize, message: &Value, accepted: Accepted, now: u64) {
        let asked = self
            .seats
            .values()
            .copied()
            .filter(|w| *w != who && !self.silent.contains(w));
        self.provisional = Some(Provisional {
            message: message.clone(),
            accepted,
            who,
            asked: asked.collect(),
            until: now + CONFIRM_MS,
        });
        self.say_all(json!({ "t": "commit", "epoch": message["epoch"], "commit": message["commit"] }));
        self.consider();
    }

    fn checked(&mut self, who: usize, message: &Value) {
        let Some(provisional) = &mut self.provisional else {
            return;
        };
        if provisional.message["epoch"] != message["epoch"] || !provisional.asked.remove(&who) {
            return;
        }
        match message["ok"].as_bool().unwrap() {
            true => self.confirm(),
            false if provisional.asked.is_empty() => self.reopen(),
            false => {}
        }
    }

    /// Nobody is left who could say whether the commit is of use: it counts.
    fn consider(&mut self) {
        if self.provisional.as_ref().is_some_and(|p| p.asked.is_empty()) {
            self.confirm();
        }
    }

    pub fn next_timeout(&self) -> Option<u64> {
        self.provisional.as_ref().map(|p| p.until)
    }

    pub fn tick(&mut self, now: u64) {
        if let Some(provisional) = self.provisional.as_ref().filter(|p| now >= p.until) {
            self.silent.extend(provisional.asked.iter().copied());
            self.reopen();
        }
    }

    fn reopen(&mut self) {
        let provisional = self.provisional.take().unwrap();
        self.group.as_mut().unwrap().give_up();
        let reopened = json!({ "t": "reopened", "epoch": provisional.message["epoch"] });
        if self.leaf_of(provisional.who).is_none() {
            self.say(provisional.who, reopened.clone());
        }
        self.say_all(reopened);
    }

    fn confirm(&mut self) {
        let Provisional {
            message,
            accepted,
            who,
            ..
        } = self.provisional.take().unwrap();
        let group = self.group.as_mut().unwrap();
        group.confirm().unwrap();
        self.commits.push(message.clone());
        if let Some(charter) = &accepted.charter {
            self.charter = Some(charter.clone());
            self.amended();
        }
        let group = self.group.as_mut().unwrap();
        let (tree, ledger, epoch) = (group.tree().unwrap(), group.ledger(), group.epoch());
        self.n += 1;
        let told = json!({ "t": "commit", "epoch": message["epoch"], "commit": message["commit"] });
        let confirmed = json!({ "t": "confirmed", "epoch": message["epoch"], "n": self.n });
        self.keep(None, None, true, None, vec![told, confirmed.clone()]);
        self.say_all(confirmed);
        for gone in &accepted.admitted.gone {
            self.tickets.remove(&gone.leaf);
            if let Some(who) = self.seats.remove(&gone.leaf) {
                self.say(who, json!({ "t": "removed" }));
            }
        }
        if let (Some(joined), "rejoin") = (accepted.admitted.joined.first(), message["t"].as_str().unwrap()) {
            let (token, n) = self.ticket(joined.leaf);
            if self.connected.contains(&who) {
                self.seats.insert(joined.leaf, who);
                self.say(
                    who,
                    json!({ "t": "rejoined", "leaf": joined.leaf, "token": token, "n": n }),
                );
            }
        }
        for (joined, package) in accepted.admitted.joined.iter().zip(&accepted.packages) {
            let (token, n) = self.ticket(joined.leaf);
            let knock = self.knocks.iter().find(|(_, k)| hash(&k.package) == *package);
            let Some((id, joiner)) = knock.map(|(id, k)| (id.clone(), k.who)) else {
                continue;
            };
            self.seats.insert(joined.leaf, joiner);
            let welcome = json!({
                "t": "welcome", "welcome": message["welcome"], "tree": to_text(&tree),
                "ledger": to_text(&ledger), "epoch": epoch, "token": token, "n": n,
            });
            self.say(joiner, welcome);
            self.settle_one(&id);
        }
        self.reconsider();
        for joined in &accepted.admitted.joined {
            if let Some(who) = self.seats.get(&joined.leaf) {
                self.announce(*who);
            }
        }
        self.present();
    }

    /// After a removal the link alone lets nobody in: those who came by it now wait for a host.
    fn reconsider(&mut self) {
        let state = self.group.as_ref().unwrap().state();
        if state.context.mode == Mode::Link {
            return;
        }
        let by_host = |document: &Value| {
            let charter = &state.charter;
            Admission::verify(&bytes(document), charter, &charter.hash, &state.group, false).is_ok()
        };
        let ended: Vec<String> = (self.knocks.iter())
            .filter(|(_, knock)| knock.open && !by_host(&knock.message["admission"]))
            .map(|(id, _)| id.clone())
            .collect();
        for id in ended {
            self.say_all(json!({ "t": "settled", "id": id }));
            let knock = self.knocks.get_mut(&id).unwrap();
            (knock.open, knock.message["auto"], knock.message["admission"]) =
                (false, json!(false), Value::Null);
            let (who, message) = (knock.who, knock.message.clone());
            self.say(who, json!({ "t": "waiting", "lobby": true }));
            for other in self.listeners(false) {
                self.say(other, message.clone());
            }
        }
    }

    /// Who is outside was greeted under another charter.
    fn amended(&mut self) {
        self.settle(|_| true);
        self.back.clear();
        let inside: BTreeSet<usize> = self.seats.values().copied().collect();
        for who in std::mem::take(&mut self.greeted) {
            if !inside.contains(&who) {
                self.say(who, json!({ "t": "amended" }));
            }
        }
        self.greeted = inside;
    }

    fn answer(&mut self, meeting: &Meeting, who: usize, message: &Value) {
        let channel = Channel {
            group: self.group.as_ref().unwrap().state().group,
            nonce: from_text_exact(message["nonce"].as_str().unwrap()).unwrap(),
            fingerprint: self.fingerprint,
            address: meeting.address.into(),
            port: PORT,
        };
        let binding = cose::sign(cose::label::CHANNEL, &channel.encode(), &meeting.node);
        self.say(
            who,
            json!({ "t": "answer", "sdp": self.sdp(meeting.address), "binding": to_text(&binding) }),
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
