//! What a server may say to a participant, as JSON, at three moments: before joining, while waiting, and inside.
//! Not here: what a whole lying server can reach (tests/lying).
//!
//! MLS messages are of keys that are made anew in each run, so an input names them: a string `$commit.commit` stands for
//! the field that an honest server sent, `$hello.logged.proof.0` for one inside of one, and `$commit.commit!17` for the
//! same with its 17th byte changed.
use crate::meeting::world::World;
use crate::{beacons, plant};
use ringfence_charter::Admits;
use ringfence_signed::{from_text, to_text};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A meeting, and who in it listens at which moment.
struct Stage {
    world: World,
    listeners: [usize; 3],
    said: BTreeMap<String, String>,
}

impl Stage {
    fn new() -> Self {
        let mut world = World::new(Admits::Lobby);
        let host = world.enter("Hanna", true);
        world.run(500);
        let guest = world.enter("Gil", false);
        world.run(500);
        let knock = world.server.knocks.keys().next().expect("Gil knocks").clone();
        world.input(host, json!({ "t": "admit", "knock": knock }));
        world.run(2000);
        world.media(guest);
        world.input(host, json!({ "t": "chat", "text": "good morning" }));
        world.run(200);
        assert_eq!(
            world.people[guest].phase(),
            "in",
            "{:?}",
            world.people[guest].problems()
        );
        let waiting = world.enter("Wanda", false);
        world.run(200);
        let early = world.person("Edith", false);
        world.connect(early);
        world.run(200);
        let mut said = BTreeMap::new();
        for (_, message) in &world.server.transcript {
            if let Some(t) = message["t"].as_str() {
                name(t, message, &mut said);
            }
        }
        said.insert("beacon.transcript".into(), to_text(&beacons::signed()));
        Self {
            world,
            listeners: [early, waiting, guest],
            said,
        }
    }

    /// Puts in what the input only names.
    fn fill(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(found) = text.strip_prefix('$').and_then(|name| self.find(name)) {
                    *text = found;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.fill(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.fill(field)),
            _ => {}
        }
    }

    fn find(&self, name: &str) -> Option<String> {
        let (name, change) = name
            .split_once('!')
            .map_or((name, None), |(name, at)| (name, Some(at)));
        let text = self.said.get(name)?;
        let Some(at) = change.and_then(|at| at.parse::<usize>().ok()) else {
            return Some(text.clone());
        };
        match from_text(text) {
            Ok(bytes) => Some(to_text(&changed(bytes, at)?)),
            Err(_) => String::from_utf8(changed(text.clone().into_bytes(), at)?).ok(),
        }
    }
}

fn changed(mut bytes: Vec<u8>, at: usize) -> Option<Vec<u8>> {
    let length = bytes.len().max(1);
    *bytes.get_mut(at % length)? ^= 1;
    Some(bytes)
}

/// Every text in a message by its way there.
fn name(way: &str, value: &Value, said: &mut BTreeMap<String, String>) {
    match value {
        Value::String(text) => drop(said.insert(way.to_owned(), text.clone())),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(at, item)| name(&format!("{way}.{at}"), item, said));
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            fields.for_each(|(field, value)| name(&format!("{way}.{field}"), value, said));
        }
        _ => {}
    }
}

thread_local! {
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

/// The first byte says who listens; the rest is one message.
pub fn messages(bytes: &[u8], planted: bool) {
    let Some((who, text)) = bytes.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    STAGE.with_borrow_mut(|kept| {
        let stage = kept.get_or_insert_with(Stage::new);
        let who = stage.listeners[usize::from(*who) % 3];
        let (world, now) = (&stage.world, stage.world.now);
        let before = (
            world.people[who].phase(),
            world.people[who].participant.next_timeout(),
        );
        let mut message = match serde_json::from_str::<Value>(text) {
            Ok(message) => message,
            Err(_) => {
                // Not even JSON: the page would not pass it on, but the participant must not care.
                let input = format!(r#"{{"t":"server","message":{text}}}"#);
                stage.world.people[who].participant.handle(&input, now);
                Value::Null
            }
        };
        stage.fill(&mut message);
        let strange = |leaf: &Value| leaf.as_u64().is_some_and(|leaf| ![0, 1, 7].contains(&leaf));
        let leaves = message["leaves"].as_array();
        let reached = leaves.is_some_and(|all| all.iter().any(strange));
        plant(planted, message["t"] == "present" && reached);
        let input = json!({ "t": "server", "message": message }).to_string();
        let participant = &mut stage.world.people[who].participant;
        participant.handle(&input, now);
        let said: Vec<Value> = serde_json::from_str(&participant.take()).expect("outputs are JSON");
        participant.handle(r#"{"t":"tick"}"#, now);
        let ticked: Vec<Value> = serde_json::from_str(&participant.take()).expect("outputs are JSON");
        let calm = |output: &Value| output["t"] == "event" && output["event"]["t"] == "problem";
        let same = before.1 == participant.next_timeout() && said.iter().chain(&ticked).all(calm);
        assert!(
            !opens_media(&said),
            "no message of a server opens media by itself: {message}"
        );
        if !same {
            *kept = None; // the next input meets people who have not heard this one
        }
    });
}

fn opens_media(outputs: &[Value]) -> bool {
    outputs
        .iter()
        .any(|output| output["t"] == "media" && output["open"] == true)
}
