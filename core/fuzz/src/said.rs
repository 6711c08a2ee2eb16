//! What a member with a modified client seals: words, what was said before, names of knocks; all is opened before it is read.
//! Not here: the seals themselves (group.rs).
use crate::meeting::GROUP;
use crate::meeting::world::{START, World, key, public};
use crate::{plant, rare};
use ringfence_charter::{Admits, Knock, Leaf};
use ringfence_e2ee::candidate::Candidate;
use ringfence_e2ee::knock::{Name, new_host_hpke, open_from, open_name, seal_to};
use ringfence_e2ee::member::{Member, Taken};
use ringfence_signed::cbor::{self, Map};
use ringfence_signed::{B32, cose, from_text, from_text_exact, hash, to_text};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::sync::LazyLock;

const LIAR: &str = "Mal";
const LISTENER: &str = "Gil";
/// As the crate binds what it seals to its use.
const NAMES: &[u8] = b"ringfence name v1";
const HISTORY: &[u8] = b"ringfence history v1";
/// Who is told more than this is replaced, before they keep no more.
const MOST_TOLD: usize = 500;
const MOST_BYTES: usize = 1 << 19;

static HOST: LazyLock<(B32, B32)> = LazyLock::new(|| {
    let (secret, public) = new_host_hpke().expect("randomness");
    (*secret, public)
});

thread_local! {
    static TALK: RefCell<Option<Talk>> = const { RefCell::new(None) };
}

/// A meeting in which somebody has come back and asks a liar what was said.
struct Talk {
    world: World,
    listener: usize,
    liar: Member,
    /// What is told is sealed to this.
    key: B32,
    bound: Vec<u8>,
    told: usize,
    bytes: usize,
}

/// The first byte says what the rest is: words as they are sealed, a list of what was said before, a name; or bytes that
/// only claim to be sealed to somebody.
pub fn words(bytes: &[u8], planted: bool) {
    let Some((kind, content)) = bytes.split_first() else {
        return;
    };
    match kind % 4 {
        2 => {
            let (secret, public) = &*HOST;
            let sealed = seal_to(public, NAMES, &[GROUP, GROUP].concat(), content);
            let sealed = sealed.expect("it can be sealed");
            if let Ok(name) = open_name(secret, &GROUP, &GROUP, &sealed) {
                check_name(name.as_str());
                plant(planted, rare(content));
            }
        }
        3 => {
            assert!(open_from(&HOST.0, HISTORY, b"", content).is_err());
            assert!(open_name(&HOST.0, &GROUP, &GROUP, content).is_err());
        }
        kind => TALK.with_borrow_mut(|kept| {
            let talk = kept.get_or_insert_with(Talk::new);
            let events = match kind {
                0 => talk.say(content),
                _ => talk.tell(content),
            };
            let shown = events.iter().filter(|event| event["t"] == "chat").count();
            plant(planted, shown > 0 && rare(content));
            talk.told += shown;
            talk.bytes += content.len();
            let ends = |event: &Value| event["t"] == "phase";
            if talk.told > MOST_TOLD || talk.bytes > MOST_BYTES || events.iter().any(ends) {
                *kept = None;
            }
        }),
    }
}

/// A message as it is told to who has come back.
pub fn told(id: &str, name: cbor::Value) -> cbor::Value {
    cbor::map([
        ("epoch", 1.into()),
        ("id", id.into()),
        ("from", cbor::bytes(&[9; 32])),
        ("name", name),
        ("text", "good evening".into()),
        ("at", 7.into()),
    ])
}

fn check_name(name: &str) {
    assert!((1..=64).contains(&name.chars().count()));
    assert!(!name.chars().any(char::is_control));
    assert!(
        Name::new(name).is_ok_and(|again| again.as_str() == name),
        "one name, one text"
    );
}

/// What a page is to show is never more than it can.
fn check(event: &Value) {
    match event["t"].as_str().expect("each event has its kind") {
        "chat" => {
            let (text, id) = (event["text"].as_str(), event["id"].as_str());
            assert!(text.is_some_and(|text| text.chars().count() <= 4000));
            assert!(id.is_some_and(|id| id.len() <= 64));
            event["name"].as_str().into_iter().for_each(check_name);
        }
        "roster" => {
            let members = event["members"].as_array().expect("a list");
            let names = members.iter().filter_map(|member| member["name"].as_str());
            names.for_each(check_name);
        }
        _ => {}
    }
}

impl Talk {
    fn new() -> Self {
        let mut world = World::new(Admits::Lobby);
        let host = world.enter("Hanna", true);
        world.run(500);
        let listener = world.enter(LISTENER, false);
        world.run(500);
        admit(&mut world, host);
        let (who, mut liar) = let_in(&mut world, host);
        // Nobody else is there to be asked.
        world.cut(host);
        let mut seen = world.server.transcript.len();
        let listener = world.reload(listener);
        world.run(500);
        world.input(listener, json!({ "t": "join", "name": LISTENER }));
        let (mut waiting, mut asked) = (None, None);
        while asked.is_none() && world.now < START + 60_000 {
            world.run(100);
            let said = &world.server.transcript[seen..];
            asked = follow(&mut liar, who, said, &mut waiting);
            seen = world.server.transcript.len();
        }
        assert_eq!(
            world.people[listener].phase(),
            "in",
            "{:?}",
            world.people[listener].events
        );
        let group = world.server.group.as_ref().expect("it was founded").state().group;
        let bound = [group, public(&key(LISTENER)), public(&key(LIAR))].concat();
        let mut talk = Self {
            world,
            listener,
            liar,
            key: asked.expect("who comes back asks what was said"),
            bound,
            told: 0,
            bytes: 0,
        };
        let first = cbor::encode(&cbor::Value::Array(vec![told("x", cbor::Value::Null)]));
        let is_told = |event: &Value| event["t"] == "chat" && event["told_by"].is_string();
        assert!(talk.tell(&first).iter().any(is_told), "nobody listens");
        talk
    }

    /// Seals words for the listener; what their page is to show then.
    fn say(&mut self, content: &[u8]) -> Vec<Value> {
        let message = to_text(&self.liar.seal(content).expect("they are in"));
        self.world.people[self.listener].events.clear();
        self.world
            .tell(self.listener, json!({ "t": "sealed", "message": message }));
        let events = std::mem::take(&mut self.world.people[self.listener].events);
        events.iter().for_each(check);
        events
    }

    /// Tells what was said before; more is to come, so they go on to listen.
    fn tell(&mut self, list: &[u8]) -> Vec<Value> {
        let sealed = seal_to(&self.key, HISTORY, &self.bound, list).expect("it can be sealed");
        let past = cbor::encode(&cbor::map([
            ("t", "past".into()),
            ("sealed", cbor::bytes(&sealed)),
            ("more", true.into()),
            ("whole", false.into()),
        ]));
        self.say(&past)
    }
}

fn admit(world: &mut World, host: usize) {
    let knock = world
        .server
        .knocks
        .keys()
        .next()
        .expect("somebody knocks")
        .clone();
    world.input(host, json!({ "t": "admit", "knock": knock }));
    world.run(2000);
}

/// The last that a server said of this kind to somebody.
fn heard<'a>(world: &'a World, who: usize, kind: &str) -> &'a Value {
    let fits = |(to, message): &&(usize, Value)| *to == who && message["t"] == kind;
    &world.server.transcript.iter().rfind(fits).expect("it was said").1
}

fn bytes(value: &Value) -> Vec<u8> {
    from_text(value.as_str().expect("text")).expect("bytes")
}

/// The liar's page is only a connection: they knock, and read the welcome, by themselves.
fn let_in(world: &mut World, host: usize) -> (usize, Member) {
    let who = world.person(LIAR, false);
    world.connect(who);
    world.run(500);
    let (meeting, member) = (world.meeting.charter_fields.meeting, public(&key(LIAR)));
    let group = world.server.group.as_ref().expect("it was founded").state().group;
    let mut candidate = Candidate::new(&world.meeting.link.psk()).expect("randomness");
    let leaf = Leaf {
        meeting,
        group,
        member,
        leaf: candidate.leaf_key().expect("a key"),
        serial: 0,
    };
    candidate.certify(cose::sign(cose::label::LEAF, &leaf.encode(), &key(LIAR)));
    let package = candidate.key_package().expect("a key package");
    let nonce = heard(world, who, "hello")["knock_nonce"].as_str().expect("text");
    let knock = Knock {
        meeting,
        group,
        member,
        package: hash(&package),
        nonce: from_text_exact(nonce).expect("16 bytes"),
    };
    let proof = cose::sign(
        cose::label::KNOCK,
        &knock.encode(),
        &world.meeting.link.signing_key(),
    );
    let message = json!({
        "t": "knock", "package": to_text(&package), "admission": null, "proof": to_text(&proof), "names": [],
    });
    world.server.receive(&world.meeting, who, message, world.now);
    world.run(0);
    admit(world, host);
    let welcome = heard(world, who, "welcome");
    let staged = candidate.open(&bytes(&welcome["welcome"]), &bytes(&welcome["tree"]));
    let liar = Member::enter(candidate, staged.expect("it opens"));
    (who, liar.expect("they are in"))
}

/// Goes along with what the server says; returns the key that somebody wants to be told with. `waiting`: a commit that is
/// not confirmed yet.
fn follow(
    liar: &mut Member,
    who: usize,
    said: &[(usize, Value)],
    waiting: &mut Option<Vec<u8>>,
) -> Option<B32> {
    let mut key = None;
    for (_, message) in said.iter().filter(|(to, _)| *to == who) {
        match message["t"].as_str() {
            Some("commit") => *waiting = Some(bytes(&message["commit"])),
            Some("confirmed") => {
                let commit = waiting.take().expect("it was shown");
                let Ok(Taken::Commit { staged, .. }) = liar.take(&commit) else {
                    panic!("not a commit");
                };
                liar.merge(*staged).expect("it counts");
            }
            Some("sealed") => {
                if let Ok(Taken::Sealed { content, .. }) = liar.take(&bytes(&message["message"])) {
                    let mut map = Map::decode(&content).expect("words");
                    if map.text("t").is_ok_and(|kind| kind == "recall") {
                        key = map.fixed("key").ok();
                    }
                }
            }
            _ => {}
        }
    }
    key
}
