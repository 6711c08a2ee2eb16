//! A server that lies, repeats, reorders, withholds and forges: refused by code, without media, fork or panic.
use crate::world::{self, Meeting, World};
use ringfence_charter::{Admits, Knock, Leaf};
use ringfence_e2ee::candidate::Candidate;
use ringfence_signed::{cose, hash, to_text};
use serde_json::{Value, json};

fn two() -> (World, usize, usize) {
    let mut world = World::new(Admits::Link);
    let ann = world.enter("Ann", true);
    world.run(200);
    let ben = world.enter("Ben", false);
    world.run(2_000);
    world.agree(&[ann, ben]);
    world.media(ben);
    assert!(world.people[ben].media_open());
    (world, ann, ben)
}

/// Stopped by this code, and no media.
pub fn stopped(world: &World, who: usize, code: &str) {
    let person = &world.people[who];
    assert!(
        person.problems().contains(&code.to_owned()),
        "{code}: {:?}",
        person.problems()
    );
    assert_eq!(person.phase(), "stopped");
    assert!(!person.media_open());
    assert!(
        world.media_key(who, person.epoch(), person.leaf()).is_none(),
        "keys are gone"
    );
}

/// Changes each greeting on its way to the last person.
fn greeted(admission: Admits, change: impl Fn(&Meeting, &mut Value) + 'static) -> (World, usize) {
    let mut world = World::new(admission);
    let ann = world.enter("Ann", true);
    world.run(200);
    assert_eq!(world.people[ann].phase(), "in");
    let ben = world.person("Ben", false);
    let meeting = Meeting::new(admission);
    world.lie = Some(Box::new(move |who, mut message| {
        if who == ben && message["t"] == "hello" {
            change(&meeting, &mut message);
        }
        vec![message]
    }));
    world.connect(ben);
    (world, ben)
}

#[test]
fn an_owner_whom_the_link_does_not_name() {
    let (world, ben) = greeted(Admits::Link, |meeting, hello| {
        let mut charter = meeting.charter_fields.clone();
        let impostor = world::key("impostor");
        charter.owner = world::public(&impostor);
        hello["charter"] = json!(to_text(&cose::sign(
            cose::label::CHARTER,
            &charter.encode(),
            &impostor
        )));
    });
    stopped(&world, ben, "RF3123");
}

#[test]
fn a_greeting_that_was_signed_for_another_group() {
    let (world, ben) = greeted(Admits::Link, |_, hello| hello["group"] = json!(to_text(&[1; 32])));
    stopped(&world, ben, "RF3245");
}

#[test]
fn a_greeting_that_answers_somebody_else() {
    let old = std::cell::RefCell::new(None);
    let (mut world, ben) = greeted(Admits::Link, move |_, hello| {
        let first = old
            .borrow_mut()
            .get_or_insert_with(|| hello["proof"].clone())
            .clone();
        hello["proof"] = first;
    });
    assert_eq!(world.people[ben].phase(), "ready");
    world.run(3_000);
    world.input(ben, json!({ "t": "join", "name": "Ben" }));
    stopped(&world, ben, "RF3161");
}

#[test]
fn an_older_generation_than_this_device_has_seen() {
    let (mut world, _, ben) = two();
    world.people[ben].seen["generation"] = json!(5);
    let again = world.reload(ben);
    stopped(&world, again, "RF3246");
}

#[test]
fn an_older_statement_than_this_device_has_seen() {
    let (mut world, _, ben) = two();
    let node = to_text(&world::public(&world.meeting.node));
    world.people[ben].seen["serials"][node] = json!(2);
    let again = world.reload(ben);
    stopped(&world, again, "RF3244");
}

#[test]
fn an_old_commit_again() {
    let (mut world, _, ben) = two();
    world.enter("Cat", false);
    world.run(2_000);
    let old = &world.server.commits[1];
    let again = json!({ "t": "commit", "epoch": old["epoch"], "commit": old["commit"] });
    world.tell(ben, again);
    stopped(&world, ben, "RF3254");
}

#[test]
fn an_old_commit_said_to_be_new() {
    let (mut world, _, ben) = two();
    let epoch = world.people[ben].epoch();
    world.tell(
        ben,
        json!({ "t": "commit", "epoch": epoch, "commit": world.server.commits[0]["commit"].clone() }),
    );
    stopped(&world, ben, "RF3201");
}

#[test]
fn a_commit_before_the_one_that_leads_to_it() {
    let (mut world, ann, ben) = two();
    let withheld = ["commit", "confirmed", "sealed"];
    world.lie = Some(Box::new(move |who, message| match message["t"].as_str() {
        Some(t) if who == ben && withheld.contains(&t) => vec![],
        _ => vec![message],
    }));
    world.enter("Cat", false);
    world.run(3_000); // nobody answers for Ben: the second commit counts
    assert_ne!(world.people[ann].epoch(), world.people[ben].epoch());
    let commit = world.server.commits.last().unwrap()["commit"].clone();
    let epoch = world.people[ann].epoch();
    world.tell(ben, json!({ "t": "commit", "epoch": epoch, "commit": commit }));
    stopped(&world, ben, "RF3257");
}

#[test]
fn a_removal_withheld_from_one_of_the_members() {
    let (mut world, ann, ben) = two();
    let cat = world.enter("Cat", false);
    world.run(2_000);
    world.lie = Some(Box::new(move |who, message| match message["t"].as_str() {
        Some("commit") if who == ben => vec![],
        _ => vec![message],
    }));
    let member = world.member_text(cat);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.run(2_100);
    stopped(&world, ben, "RF3257");
}

#[test]
fn silence_closes_media_and_a_current_word_opens_it_again() {
    let (mut world, _, ben) = two();
    world.lie = Some(Box::new(
        move |who, message| if who == ben { vec![] } else { vec![message] },
    ));
    world.run(10_500);
    assert!(!world.people[ben].media_open());
    assert!(world.people[ben].last("cutoff").unwrap()["since"].is_u64());
    world.lie = None;
    world.cut(ben); // the connection that he took instead was as silent
    world.connect(ben);
    world.run(5_500);
    assert!(world.people[ben].media_open());
    assert!(world.people[ben].last("cutoff").unwrap()["since"].is_null());
}

#[test]
fn our_own_commit_kept_from_us() {
    let (mut world, ann, ben) = two();
    world.lie = Some(Box::new(|_, message| {
        if message["t"] == "commit" {
            vec![]
        } else {
            vec![message]
        }
    }));
    world.media(ann);
    let member = world.member_text(ben);
    world.input(ann, json!({ "t": "remove", "member": member }));
    assert!(world.people[ann].media_open());
    world.run(5_100);
    assert!(
        !world.people[ann].media_open(),
        "whom we removed may still listen"
    );
    world.run(11_000);
    stopped(&world, ann, "RF3256");
}

#[test]
fn a_server_that_is_slow_for_once_is_no_liar() {
    let (mut world, ann, ben) = two();
    world.media(ann);
    let silent = std::rc::Rc::new(std::cell::Cell::new(true));
    let until = silent.clone();
    world.lie = Some(Box::new(move |_, message| match until.get() {
        true => vec![],
        false => vec![message],
    }));
    let member = world.member_text(ben);
    world.input(ann, json!({ "t": "remove", "member": member }));
    world.run(5_100);
    assert!(!world.people[ann].media_open());
    silent.set(false);
    world.cut(ann); // what is between the page and the server gives up
    world.connect(ann);
    world.cut(ben);
    world.connect(ben);
    world.run(6_000);
    assert_eq!(world.people[ben].phase(), "removed");
    assert_eq!(world.people[ann].phase(), "in");
    assert!(world.people[ann].media_open());
    assert_eq!(world.people[ann].problems(), Vec::<String>::new());
}

/// A stranger's knock as the server passes it on; who knows the link can make any number.
fn knock(world: &World, name: &str, candidate: &mut Candidate, id: &str) -> Value {
    let (member, meeting) = (world::key(name), &world.meeting);
    let group = world.server.group.as_ref().unwrap().state().group;
    let leaf = Leaf {
        meeting: meeting.charter_fields.meeting,
        group,
        member: world::public(&member),
        leaf: candidate.leaf_key().unwrap(),
        serial: 0,
    };
    candidate.certify(cose::sign(cose::label::LEAF, &leaf.encode(), &member));
    let package = candidate.key_package().unwrap();
    let proof = Knock {
        meeting: meeting.charter_fields.meeting,
        group,
        member: world::public(&member),
        package: hash(&package),
        nonce: [0; 16],
    };
    let proof = cose::sign(cose::label::KNOCK, &proof.encode(), &meeting.link.signing_key());
    json!({
        "t": "knock", "id": id, "package": to_text(&package), "admission": null, "proof": to_text(&proof),
        "names": [], "member": to_text(&world::public(&member)), "auto": false,
    })
}

#[test]
fn a_stranger_who_knocks_twice_with_one_key_is_asked_about_once_and_stops_nobody() {
    let mut world = World::new(Admits::Lobby);
    let ann = world.enter("Ann", true);
    world.run(1_000);
    let mut candidate = Candidate::new(&world.meeting.link.psk()).unwrap();
    for (name, id) in [("mallory", "k1"), ("eve", "k2")] {
        let knock = knock(&world, name, &mut candidate, id);
        world.tell(ann, knock);
    }
    assert_eq!(world.people[ann].problems(), ["RF3226"]);
    let knocks = &world.people[ann].last("knocks").unwrap()["knocks"];
    assert_eq!(knocks.as_array().unwrap().len(), 1);
    assert_eq!(world.people[ann].phase(), "in");
}

#[test]
fn the_word_that_we_were_removed_without_a_commit() {
    let (mut world, _, ben) = two();
    world.tell(ben, json!({ "t": "removed" }));
    stopped(&world, ben, "RF3252");
}

/// Ben, knocking, and what the server makes of his welcome.
fn welcomed(change: impl Fn(&mut Value) + 'static) -> (World, usize) {
    let mut world = World::new(Admits::Link);
    world.enter("Ann", true);
    world.run(200);
    world.lie = Some(Box::new(move |_, mut message| {
        if message["t"] == "welcome" {
            change(&mut message);
        }
        vec![message]
    }));
    let ben = world.enter("Ben", false);
    world.run(1_000);
    (world, ben)
}

#[test]
fn a_welcome_with_another_epoch_tree_or_ledger() {
    let (world, ben) = welcomed(|welcome| welcome["epoch"] = json!(9));
    stopped(&world, ben, "RF3250");
    let (world, ben) = welcomed(|welcome| welcome["tree"] = json!(to_text(b"no tree")));
    stopped(&world, ben, "RF3249");
    let (world, ben) =
        welcomed(|welcome| welcome["ledger"] = json!(to_text(b"\xa2\x66former\x80\x67entries\x80")));
    stopped(&world, ben, "RF3140");
    let (world, ben) = welcomed(|welcome| welcome["welcome"] = json!(to_text(b"no welcome")));
    stopped(&world, ben, "RF3249");
}

#[test]
fn another_certificate_address_or_signer_of_the_media_channel() {
    let lies: [(&str, fn(&mut Value)); 4] = [
        ("RF3171", |answer| {
            let sdp = answer["sdp"]
                .as_str()
                .unwrap()
                .replace("sha-256 00", "sha-256 01");
            answer["sdp"] = json!(sdp);
        }),
        ("RF3172", |answer| {
            let sdp = answer["sdp"]
                .as_str()
                .unwrap()
                .replace("127.0.0.1", "203.0.113.9");
            answer["sdp"] = json!(sdp);
        }),
        ("RF3102", |answer| answer["binding"] = json!("")),
        ("RF3171", |answer| answer["sdp"] = json!("v=0\r\n")),
    ];
    for (code, lie) in lies {
        let (mut world, _, ben) = two();
        world.lie = Some(Box::new(move |_, mut message| {
            if message["t"] == "answer" {
                lie(&mut message);
            }
            vec![message]
        }));
        world.input(ben, json!({ "t": "offer", "sdp": "v=0\r\n" }));
        assert_eq!(
            world.people[ben].answers.len(),
            1,
            "the browser saw only the honest answer"
        );
        stopped(&world, ben, code);
    }
}

#[test]
fn media_that_ends_up_at_another_address() {
    let (mut world, _, ben) = two();
    world.input(
        ben,
        json!({ "t": "remote", "address": "203.0.113.9", "port": world::PORT }),
    );
    stopped(&world, ben, "RF3260");
}

#[test]
fn a_statement_that_runs_out_during_the_call_closes_media() {
    let (mut world, _, ben) = two();
    world.now += 30 * 86_400_000;
    world.run(1);
    world.input(ben, json!({ "t": "tick" }));
    assert!(!world.people[ben].media_open());
    assert_eq!(world.people[ben].last("place").unwrap()["may_send"], json!(false));
}

/// Any bytes in any message: a problem at most, never a panic, and never a change of the epoch.
#[test]
fn garbage_of_every_kind_never_panics_and_never_moves_the_group() {
    let kinds = [
        "hello", "founded", "waiting", "knock", "settled", "denied", "welcome", "commit", "proposal",
        "sealed", "present", "answer", "slots", "speaking", "error", "removed", "bye", "unknown",
    ];
    let mut random = fastrand::Rng::with_seed(4);
    for round in 0..200 {
        let (mut world, ben) = match round % 20 {
            0 => {
                let (world, _, ben) = two();
                (world, ben)
            }
            _ => {
                let mut world = World::new(Admits::Lobby);
                let ben = world.enter("Ben", false);
                (world, ben)
            }
        };
        let epoch = world.people[ben].epoch();
        for _ in 0..20 {
            let mut message = json!({ "t": kinds[random.usize(..kinds.len())] });
            for field in [
                "charter", "package", "welcome", "tree", "ledger", "commit", "message", "binding", "proof",
            ] {
                let bytes: Vec<u8> = (0..random.usize(..80)).map(|_| random.u8(..)).collect();
                message[field] = json!(to_text(&bytes));
            }
            message["epoch"] = json!(random.u64(..4));
            message["id"] = json!("x");
            message["sdp"] = json!("v=0");
            message["leaves"] = json!([random.u32(..)]);
            world.tell(ben, message);
        }
        world.run(100);
        assert!(world.people[ben].epoch() == epoch, "round {round}");
    }
}
