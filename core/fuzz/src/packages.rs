//! MLS key packages of who knocks: as they are read, and as a host takes them who then lets their owner in.
//! Not here: the knock's own signature (documents.rs).
use crate::made;
use crate::meeting::world::{World, key, public};
use crate::meeting::{FIXED, GROUP};
use crate::{plant, rare};
use openmls::prelude::tls_codec::Serialize as _;
use ringfence_charter::{Admits, Knock};
use ringfence_e2ee::member::read_package;
use ringfence_e2ee::provider::Suite1;
use ringfence_signed::{B32, cose, from_text_exact, hash, to_text};
use serde_json::{Value, json};
use std::cell::RefCell;

const KNOCKER: &str = "Ben";

thread_local! {
    static LOBBY: RefCell<Option<Lobby>> = const { RefCell::new(None) };
}

/// A host alone in a meeting, and somebody who has been greeted.
struct Lobby {
    world: World,
    host: usize,
    knocker: usize,
    group: B32,
    nonce: [u8; 16],
}

/// The first byte says whether the package comes with a knock, as bytes that nobody signed, or is only read; the rest is
/// what is other in it.
pub fn packages(bytes: &[u8], planted: bool) {
    let Some((kind, changes)) = bytes.split_first() else {
        return;
    };
    match kind % 3 {
        0 => {
            read(changes);
        }
        1 => {
            let leaf = made::leaf(&key(KNOCKER), FIXED.charter.meeting, GROUP);
            let is_read = read(&made::package(&leaf, changes));
            plant(planted, is_read && rare(changes));
        }
        _ => LOBBY.with_borrow_mut(|kept| {
            let lobby = kept.get_or_insert_with(Lobby::new);
            if lobby.knock(changes) {
                *kept = None;
            }
        }),
    }
}

/// Whether it is a key package.
fn read(bytes: &[u8]) -> bool {
    let Ok(package) = read_package(&Suite1, bytes) else {
        return false;
    };
    let again = package.tls_serialize_detached().expect("it was read");
    assert_eq!(again, bytes, "one package, one encoding");
    true
}

impl Lobby {
    fn new() -> Self {
        let mut world = World::new(Admits::Lobby);
        let host = world.enter("Hanna", true);
        world.run(500);
        let knocker = world.person(KNOCKER, false);
        world.connect(knocker);
        world.run(500);
        assert_eq!(world.people[host].phase(), "in");
        let group = world.server.group.as_ref().expect("it was founded").state().group;
        let greeted = |(who, message): &&(usize, Value)| *who == knocker && message["t"] == "hello";
        let (_, hello) = world.server.transcript.iter().rfind(greeted).expect("a greeting");
        let nonce = hello["knock_nonce"].as_str().expect("text");
        let nonce = from_text_exact(nonce).expect("16 bytes");
        Self {
            world,
            host,
            knocker,
            group,
            nonce,
        }
    }

    /// Knocks with a package; whether the host has let its owner in.
    fn knock(&mut self, changes: &[u8]) -> bool {
        let world = &mut self.world;
        let meeting = world.meeting.charter_fields.meeting;
        let package = made::package(&made::leaf(&key(KNOCKER), meeting, self.group), changes);
        let knock = Knock {
            meeting,
            group: self.group,
            member: public(&key(KNOCKER)),
            package: hash(&package),
            nonce: self.nonce,
        };
        let proof = cose::sign(
            cose::label::KNOCK,
            &knock.encode(),
            &world.meeting.link.signing_key(),
        );
        let message = json!({
            "t": "knock", "package": to_text(&package), "admission": null, "proof": to_text(&proof), "names": [],
        });
        world.people[self.host].events.clear();
        world
            .server
            .receive(&world.meeting, self.knocker, message, world.now);
        world.run(0);
        let told = world.people[self.host]
            .last("knocks")
            .cloned()
            .unwrap_or_default();
        let waits = world.server.knocks.keys().next().cloned();
        let Some(id) = waits.filter(|id| told["knocks"][0]["id"] == **id) else {
            return false;
        };
        assert!(read(&package), "a host takes what cannot be read");
        let epoch = world.people[self.host].epoch();
        world.input(self.host, json!({ "t": "admit", "knock": id }));
        world.run(1000);
        let host = &world.people[self.host];
        assert_eq!(
            host.epoch(),
            epoch + 1,
            "who may come in cannot: {:?}",
            host.problems()
        );
        assert!(host.last("phase").is_none(), "the host is not in any more");
        true
    }
}
