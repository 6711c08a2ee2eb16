//! What must hold: at every moment, three seconds after the last fault, and at the end.
//! Not here: what goes wrong (`schedule.rs`).
use super::schedule::Schedule;
use crate::world::{Person, START, public};
use serde_json::Value;
use std::collections::BTreeSet;

/// Leaves that a meeting of fifty can have, with all that come back on new ones.
const LEAVES: u32 = 128;
/// The host asks for what is so already, or cannot be now; or they hear somebody whom others do not.
const EXPECTED: [&str; 3] = ["RF3264", "RF3251", "RF3238"];
const WHEN_REPEATED: [&str; 3] = ["RF3202", "RF3205", "RF3242"];

impl Schedule {
    /// What must hold at every moment.
    pub fn look(&mut self) {
        for who in 0..self.world.people.len() {
            let from = self.looked.get(&who).copied().unwrap_or(0);
            let events = self.world.people[who].events[from..].to_vec();
            self.looked.insert(who, from + events.len());
            for event in &events {
                let t = event["t"].as_str().unwrap();
                let name = &self.world.people[who].name;
                if !matches!(t, "roster" | "chat" | "place" | "meeting") {
                    self.tell(&format!("  {name} {who}: {event}"));
                }
                match t {
                    "phase" if event["phase"] == "in" => self.came_in(who),
                    "chat" if event["told_by"].is_string() => self.is_told(who, event),
                    "chat" if event["you"] == false => self.reads(who, event),
                    "problem" => self.is_no_fault_of_anybodys(who, event),
                    _ => {}
                }
            }
        }
    }

    /// Nobody stops, and nobody is told of what is no more than a slow or broken line.
    fn is_no_fault_of_anybodys(&self, who: usize, event: &Value) {
        let code = event["code"].as_str().unwrap();
        // What a person asks for may be refused. What comes twice cannot be read twice.
        let told = EXPECTED.contains(&code)
            || (self.world.net.as_ref().unwrap().repeats && WHEN_REPEATED.contains(&code));
        assert!(
            event["fatal"] == false && told,
            "{} is told at {}: {event}\nafter {:#?}",
            self.world.people[who].name,
            self.world.now - START,
            self.world.server.last_told(who)
        );
    }

    /// A page that has come in has no media key of an epoch before its own.
    fn came_in(&mut self, who: usize) {
        if self.joined.contains_key(&who) {
            return;
        }
        self.joined.insert(who, self.world.now);
        let first = self.world.people[who].keys[0]["epoch"].as_u64().unwrap();
        for epoch in first.saturating_sub(3)..first {
            for leaf in 0..LEAVES {
                assert!(
                    self.world.media_key(who, epoch, leaf).is_none(),
                    "{} came in with epoch {first} and has a media key of epoch {epoch}",
                    self.world.people[who].name
                );
            }
        }
    }

    /// By another member's word: of the epochs since they were admitted at first.
    fn is_told(&self, who: usize, event: &Value) {
        let (world, person) = (&self.world, &self.world.people[who]);
        let text = event["text"].as_str().unwrap();
        let epoch = self.read_in.get(text).copied().unwrap_or(u64::MAX);
        let ledger = world.server.group.as_ref().map(|group| &group.state().ledger);
        let entry = ledger.and_then(|ledger| ledger.current(&public(&person.member)));
        let admitted = entry.map_or(0, |entry| entry.added);
        // Said again after its author lost the group, it is of a later epoch.
        let again = world.lost_group(author(text)) || world.server.generation != Some(1);
        assert!(
            epoch >= admitted || again,
            "{} is told `{text}` of epoch {epoch}, admitted in {admitted}",
            person.name
        );
    }

    fn reads(&mut self, who: usize, event: &Value) {
        let (now, person) = (self.world.now, &self.world.people[who]);
        let text = event["text"].as_str().unwrap().to_owned();
        let first = *self.read.entry(text.clone()).or_insert(now);
        self.read_in.entry(text.clone()).or_insert(person.epoch());
        // Whose line stands still is in the group before their page knows it.
        let joined = self.world.server.let_in[&who];
        // Said again after its author lost the group, it is said to who is there then.
        let author = author(&text);
        assert!(
            first >= joined || self.pages(author) > 1 || self.world.lost_group(author),
            "{} reads `{text}`, which others read before they came",
            person.name
        );
    }

    fn pages(&self, name: &str) -> usize {
        self.world.people.iter().filter(|page| page.name == name).count()
    }

    /// Who did not leave, and whom no commit of a host's removed.
    fn there(&self) -> Vec<usize> {
        let ledger = &self.world.server.group.as_ref().unwrap().state().ledger;
        let is_in = |who: &usize| {
            let person = &self.world.people[*who];
            let removed = self.removed.contains(&person.name);
            let admitted = ledger.current(&public(&person.member)).is_some();
            !self.left.contains(&person.name) && (!removed || admitted)
        };
        self.devices.values().copied().filter(is_in).collect()
    }

    /// Everybody who was in and did not leave is in, on one epoch with one set of keys.
    pub fn check_agreement(&self) {
        let there = self.there();
        for who in &there {
            let person = &self.world.people[*who];
            assert_eq!(
                person.phase(),
                "in",
                "{} {:?} after {:#?}",
                person.name,
                person.problems(),
                self.world.server.last_told(*who)
            );
        }
        let epochs: BTreeSet<u64> = there.iter().map(|who| self.world.people[*who].epoch()).collect();
        assert_eq!(epochs.len(), 1, "forked at {epochs:?}");
        self.world.agree(&there);
        for name in &self.removed {
            let who = self.devices[name];
            let is_in = self.world.people[who].phase() == "in";
            assert!(!is_in || there.contains(&who), "{name} is back");
        }
    }

    /// The group's leaves are those of the people who are there.
    pub fn check_no_ghosts(&self) {
        let group = self.world.server.group.as_ref().unwrap();
        let there = self.there();
        let expected: BTreeSet<u32> = there.iter().map(|who| self.world.people[*who].leaf()).collect();
        let leaves: BTreeSet<u32> = group.members().iter().map(|seat| seat.leaf).collect();
        assert_eq!(leaves, expected, "a ghost, or somebody is missing");
    }

    /// Nobody is shown anything twice.
    pub fn check_shown_once(&self) {
        for person in &self.world.people {
            let mut ids = BTreeSet::new();
            for event in person.events.iter().filter(|e| e["t"] == "chat") {
                assert!(
                    ids.insert((event["from_member"].to_string(), event["id"].to_string())),
                    "{} is shown {event} again",
                    person.name
                );
            }
        }
    }

    /// What somebody said who is there still, on the page that said it and in the group ever since, has come to everybody
    /// who is there on a page that was in by then: also to who lost the group and came back. Returns how often it had to.
    pub fn check_nothing_lost(&self) -> u64 {
        if self.world.server.generation != Some(1) {
            return 0; // all have lost the group
        }
        let there: Vec<&Person> = (self.there().into_iter())
            .map(|who| &self.world.people[who])
            .filter(|person| self.pages(&person.name) == 1)
            .collect();
        let mut had_to = 0;
        for (text, epoch) in &self.said {
            let stayed = there.iter().any(|person| person.name == author(text));
            if !stayed || self.world.lost_group(author(text)) {
                continue;
            }
            for reader in &there {
                // In by the epoch in which its author was: of others who came then, the author knew nothing yet.
                let first = reader.keys[0]["epoch"].as_u64().unwrap();
                let shown = reader
                    .events
                    .iter()
                    .any(|e| e["t"] == "chat" && e["text"] == *text);
                assert!(
                    shown || first > *epoch,
                    "`{text}` of epoch {epoch} never came to {}, in since epoch {first}",
                    reader.name
                );
                had_to += u64::from(first <= *epoch);
            }
        }
        had_to
    }
}

fn author(text: &str) -> &str {
    text.rsplit(' ').next().unwrap()
}
