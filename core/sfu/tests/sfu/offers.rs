//! Behaviour: an offer that breaks a rule is refused by its code, and changes nothing.

use crate::world::{ROOM, World, ms};
use ringfence_packet::dependency;
use ringfence_sfu::offer::Offer;
use ringfence_sfu::rooms::Event;
use ringfence_sfu::stream::{Context, Kind, Leaf};

const SEED: u64 = 44;

/// An offer as a client of these tests makes it.
fn good() -> String {
    let mut world = World::new(SEED);
    world.enter(1, 2, Default::default());
    let now = world.instant();
    world.person(1).participant.pairs = 3;
    world.person(1).participant.offer(now)
}

/// The line for a data channel, as browsers offer it.
const CHANNEL: &str = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\n\
                       a=sctp-port:5000\r\na=max-message-size:262144\r\n";

#[test]
fn an_offer_may_have_one_line_for_a_data_channel_and_its_mid_is_its_own() {
    let sdp = good();
    let with = Offer::read(&(sdp.clone() + &CHANNEL.replace("{mid}", "d1"))).expect("it is allowed");
    assert_eq!(with.lines, Offer::read(&sdp).expect("it is good").lines);
    let first = with.lines[0].mid.clone();
    let same = Offer::read(&(sdp + &CHANNEL.replace("{mid}", &first)));
    assert_eq!(same.err().map(|error| error.code), Some("RF4002"));
    let alone = CHANNEL.replace("{mid}", "0") + "a=fingerprint:sha-256 00\r\n";
    let alone = Offer::read(&("v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n".to_owned() + &alone));
    assert!(alone.is_ok(), "who has no lines yet may measure: {alone:?}");
}

#[test]
fn each_broken_rule_has_its_code() {
    let good = good();
    assert!(Offer::read(&good).is_ok());
    type Change = Box<dyn Fn(&str) -> String>;
    let replace =
        |from: &'static str, to: &'static str| -> Change { Box::new(move |sdp| sdp.replace(from, to)) };
    let once =
        |from: &'static str, to: &'static str| -> Change { Box::new(move |sdp| sdp.replacen(from, to, 1)) };
    let cases: Vec<(&str, &str, Change)> = vec![
        (
            "too large",
            "RF4001",
            Box::new(|sdp| sdp.to_owned() + &"a=x\r\n".repeat(200_000)),
        ),
        ("empty", "RF4002", Box::new(|_| String::new())),
        (
            "a line inside a line",
            "RF4002",
            once("t=0 0", "t=0 0\ra=candidate:1 1 udp 1 192.0.2.7 9 typ host"),
        ),
        ("no session id", "RF4002", replace("o=", "x=")),
        ("no mid", "RF4002", once("a=mid:", "a=mud:")),
        ("a mid of other letters", "RF4002", once("a=mid:", "a=mid:\u{e9}")),
        (
            "too many lines",
            "RF4003",
            Box::new(|sdp| sdp.to_owned() + &"m=audio 9 x 0\r\n".repeat(129)),
        ),
        ("data channels", "RF4004", once("m=audio", "m=application")),
        (
            "two data channels",
            "RF4004",
            Box::new(|sdp| {
                sdp.to_owned() + &CHANNEL.replace("{mid}", "d1") + &CHANNEL.replace("{mid}", "d2")
            }),
        ),
        (
            "a data channel over something else",
            "RF4004",
            Box::new(|sdp| sdp.to_owned() + &CHANNEL.replace("UDP/", "TCP/").replace("{mid}", "d1")),
        ),
        ("both ways", "RF4004", once("a=recvonly", "a=sendrecv")),
        ("no direction", "RF4004", once("a=recvonly", "a=x")),
        ("no Opus", "RF4005", replace("opus/48000/2", "PCMU/8000")),
        ("no VP8", "RF4005", replace("VP8/90000", "H264/90000")),
        ("no descriptor", "RF4006", replace(dependency::URI, "urn:x")),
        (
            "unknown layer",
            "RF4007",
            replace("a=rid:q send", "a=rid:low send"),
        ),
        ("a layer twice", "RF4007", replace("a=rid:q send", "a=rid:f send")),
        ("ice-lite", "RF4008", once("t=0 0", "t=0 0\r\na=ice-lite")),
        ("passive", "RF4008", once("a=setup:actpass", "a=setup:passive")),
        ("no certificate", "RF4008", replace("a=fingerprint:", "a=x:")),
        (
            "sha-1",
            "RF4008",
            replace("a=fingerprint:sha-256", "a=fingerprint:sha-1"),
        ),
        (
            "two certificates",
            "RF4008",
            once("a=fingerprint:sha-256 ", "a=fingerprint:sha-256 00:"),
        ),
    ];
    for (what, code, change) in cases {
        let changed = change(&good);
        assert_ne!(changed, good, "{what}: the case changes something");
        assert_eq!(
            Offer::read(&changed).err().map(|error| error.code),
            Some(code),
            "{what}"
        );
    }
}

/// Lines that receive these, under these numbers.
fn receiving(lines: &[(&str, u8)]) -> String {
    let line = |(at, (codec, number)): (usize, &(&str, u8))| {
        let kind = if codec.starts_with("VP8") {
            "video"
        } else {
            "audio"
        };
        format!(
            "m={kind} 9 UDP/TLS/RTP/SAVPF {number}\r\nc=IN IP4 0.0.0.0\r\na=mid:{at}\r\na=recvonly\r\n\
             a=rtpmap:{number} {codec}\r\n"
        )
    };
    let hash = vec!["AB"; 32].join(":");
    let bundled = (0..lines.len()).map(|at| format!(" {at}")).collect::<String>();
    let session = format!(
        "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE{bundled}\r\na=ice-ufrag:abcd\r\n\
         a=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 {hash}\r\na=setup:actpass\r\n"
    );
    session + &lines.iter().enumerate().map(line).collect::<String>()
}

#[test]
fn a_payload_type_that_means_two_things_ends_no_room() {
    const OPUS: &str = "opus/48000/2";
    const VP8: &str = "VP8/90000";
    let mut world = World::new(SEED);
    world.join(1, 1);
    let mut refused = |leaf: u32, lines: &[(&str, u8)]| {
        world
            .rooms
            .offer(world.room, Leaf(leaf), 99, &receiving(lines), world.instant());
        let events = world.rooms.take_events();
        assert!(!events.iter().any(|event| matches!(event, Event::Gone { .. })));
        match events.first() {
            Some(Event::Failed { error, .. }) => Some(error.code),
            _ => None,
        }
    };
    assert_eq!(refused(2, &[(VP8, 96), (OPUS, 96)]), Some("RF4002"));
    assert_eq!(refused(2, &[(VP8, 200)]), Some("RF4002"));
    assert_eq!(refused(2, &[(VP8, 96)]), None);
    assert_eq!(
        refused(2, &[(VP8, 98), (OPUS, 96)]),
        Some("RF4002"),
        "a later offer"
    );
    assert_eq!(refused(2, &[(VP8, 96), (OPUS, 97)]), None);
}

#[test]
fn a_line_with_the_mid_of_another_is_refused() {
    let sdp = good();
    let mids: Vec<&str> = sdp
        .lines()
        .filter_map(|line| line.strip_prefix("a=mid:"))
        .collect();
    let same = sdp.replace(&format!("a=mid:{}", mids[1]), &format!("a=mid:{}", mids[0]));
    assert_eq!(Offer::read(&same).err().map(|error| error.code), Some("RF4002"));
}

#[test]
fn candidates_of_an_offer_are_not_used() {
    let offer = Offer::read(&good()).expect("it keeps to the rules");
    assert!(good().contains("a=candidate:"));
    assert!(!offer.sdp.contains("candidate"));
}

#[test]
fn a_refused_offer_is_told_and_a_known_peer_goes_on() {
    let mut world = World::new(SEED);
    world.join(1, 2);
    world.join(2, 2);
    let now = world.instant();
    world.rooms.offer(ROOM, Leaf(2), 77, "v=0\r\nnonsense", now);
    world.rooms.offer(b"no such room", Leaf(2), 78, &good(), now);
    world.run(ms(1000));
    let failed: Vec<_> = world
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Failed { request, error } => Some((*request, error.code)),
            _ => None,
        })
        .collect();
    assert_eq!(failed, [(77, "RF4002"), (78, "RF4101")]);
    assert!(world.seen(1, 2, Context::Camera).len() > 50);
}

#[test]
fn the_answer_names_this_server_and_nothing_else() {
    let mut world = World::new(SEED);
    world.join(1, 2);
    let answer = world.events.iter().find_map(|(_, event)| match event {
        Event::Answer {
            sdp,
            fingerprint,
            address,
            ..
        } => Some((sdp.clone(), fingerprint.clone(), *address)),
        _ => None,
    });
    let (sdp, fingerprint, address) = answer.expect("one was given");
    assert_eq!(address, world.server);
    let candidates: Vec<&str> = sdp
        .lines()
        .filter(|line| line.starts_with("a=candidate:"))
        .collect();
    assert_eq!(candidates.len(), 1);
    assert!(
        candidates[0].contains(" 192.0.2.1 4000 typ host"),
        "{}",
        candidates[0]
    );
    let colons: Vec<String> = fingerprint
        .as_bytes()
        .chunks(2)
        .map(|pair| String::from_utf8_lossy(pair).to_uppercase())
        .collect();
    let line = format!("a=fingerprint:sha-256 {}", colons.join(":"));
    assert!(
        sdp.lines()
            .filter(|l| l.starts_with("a=fingerprint:"))
            .all(|l| l == line)
    );
    assert!(sdp.contains("a=setup:passive") && sdp.contains("a=ice-lite"));
    assert!(sdp.contains("a=simulcast:recv"), "all layers are taken");
}

#[test]
fn more_slots_are_offered_and_filled_without_a_break() {
    let mut world = World::new(SEED);
    for leaf in 1..=4 {
        world.join(leaf, 1);
    }
    assert_eq!(world.slots(1).1, 2, "two of three others have no slot");
    let shown = world.slot_of(1, 2);
    world.run(ms(500));
    world.person(1).participant.pairs = 3;
    world.negotiate(1);
    let (slots, need) = world.slots(1);
    assert_eq!((slots.len(), need), (6, 0));
    assert_eq!(world.slot_of(1, 2), shown, "who was shown stays where they are");
    world.run(ms(1500));
    for sender in 2..=4 {
        assert!(
            world.seen(1, sender, Context::Camera).len() > 50,
            "{sender} is seen"
        );
    }
    let first = world.seen(1, 2, Context::Camera);
    assert!(
        first
            .windows(2)
            .all(|pair| pair[1].sequence == pair[0].sequence + 1)
    );
}

#[test]
fn a_room_takes_64_peers_and_no_more() {
    let mut world = World::new(SEED);
    for leaf in 1..=64 {
        world.enter(leaf, 0, Default::default());
    }
    let now = world.instant();
    world.rooms.offer(ROOM, Leaf(65), 99, &good(), now);
    let last = world.rooms.take_events().pop();
    assert!(matches!(last, Some(Event::Failed { request: 99, error }) if error.code == "RF4102"));
}

#[test]
fn vp9_counts_only_in_profile_0_and_with_the_descriptor() {
    let mut world = World::new(SEED);
    world.vp9 = true;
    world.enter(1, 1, Default::default());
    let now = world.instant();
    world.person(1).participant.pairs = 2;
    let offer = world.person(1).participant.offer(now);
    let takes = |sdp: &str| -> Vec<bool> {
        let read = Offer::read(sdp).expect("an offer");
        let pictures = read.lines.iter().filter(|line| line.kind == Kind::Picture);
        pictures.map(|line| line.vp9).collect()
    };
    assert_eq!(takes(&offer), [true; 3]);
    assert!(offer.contains("profile-id=0"));
    assert_eq!(
        takes(&offer.replace("profile-id=0", "x=1")),
        [true; 3],
        "0 goes without saying"
    );
    assert_eq!(takes(&offer.replace("profile-id=0", "profile-id=2")), [false; 3]);
    assert_eq!(takes(&offer.replace("VP9/90000", "AV1/90000")), [false; 3]);
    let (sending, pool) = offer.split_once("a=recvonly").expect("a pool");
    let undescribed = format!("{sending}a=recvonly{}", pool.replace(dependency::URI, "urn:x"));
    assert_eq!(takes(&undescribed), [true, false, false]);
}

#[test]
fn layers_that_rest_in_the_offer_rest_in_the_answer() {
    let mut world = World::new(SEED);
    world.join(1, 1);
    let now = world.instant();
    world.person(1).participant.pairs = 2;
    let offer = world.person(1).participant.offer(now);
    let answer_to = |world: &mut World, offer: &str| {
        world.rooms.offer(ROOM, Leaf(1), 99, offer, now);
        let answer = world
            .rooms
            .take_events()
            .into_iter()
            .find_map(|event| match event {
                Event::Answer { sdp, .. } => Some(sdp),
                _ => None,
            });
        let answer = answer.expect("an answer");
        let mut layers = answer
            .lines()
            .filter_map(|line| line.strip_prefix("a=simulcast:"));
        (layers.next().map(str::to_owned), layers.count())
    };
    for layers in ["q;h;f", "q;~h;~f", "~q;~h;~f", "q;h;f"] {
        let offer = offer.replace("a=simulcast:send q;h;f", &format!("a=simulcast:send {layers}"));
        assert!(offer.contains(layers));
        assert_eq!(answer_to(&mut world, &offer), (Some(format!("recv {layers}")), 0));
    }
}
