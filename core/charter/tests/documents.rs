//! Who may sign what, and what each refusal is called.
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use ringfence_charter::charter::host_id;
use ringfence_charter::ledger::{Grounds, LONGEST_ENTRIES};
use ringfence_charter::route::{Used, candidates_hash, decide_route};
use ringfence_charter::*;
use ringfence_fence::{Evidence, Log, Role, Statement, StatementSource, Trust, preset};
use ringfence_signed::cose::{self, Label, label};
use std::sync::Arc;

const MEETING: B16 = [9; 16];
const GROUP: B32 = [8; 32];
const NOW: u64 = 1_800_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}
fn public(seed: u8) -> B32 {
    key(seed).verifying_key().to_bytes()
}
const OWNER: u8 = 1;
const NODE: u8 = 2;
const OPERATOR: u8 = 3;
const ANN: u8 = 4;
const BEN: u8 = 5;

fn link() -> Link {
    Link::new(MEETING, [7; 16], &public(OWNER))
}

fn charter(admission: Admits) -> Charter {
    Charter {
        meeting: MEETING,
        version: 1,
        previous: None,
        owner: public(OWNER),
        hosts: vec![Host {
            id: host_id(&MEETING, &public(OWNER)),
            hpke: [6; 32],
        }],
        link: link().signing_key().verifying_key().to_bytes(),
        trust: Trust {
            operators: [("op".to_owned(), public(OPERATOR))].into(),
            ..Trust::default()
        },
        fence: preset::policy("only-this-server", &public(NODE)).unwrap(),
        admission,
        founders: if admission == Admits::Link {
            Founders::Link
        } else {
            Founders::Hosts
        },
        participants: 25,
        from: None,
        until: Some(NOW + 100),
        retention_days: None,
        suite: 1,
        title: link().seal_title("Budget", [1; 12]),
    }
}

fn sign(label: Label, payload: Vec<u8>, by: &SigningKey) -> Vec<u8> {
    cose::sign(label, &payload, by)
}

fn signed_charter(charter: &Charter) -> Vec<u8> {
    sign(label::CHARTER, charter.encode(), &key(OWNER))
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.unwrap_err().code
}

#[test]
fn a_link_survives_its_text_and_refuses_what_is_cut() {
    let text = link().fragment();
    assert_eq!(text.len(), 43);
    let again = Link::parse(MEETING, &text).unwrap();
    assert_eq!(again.psk(), link().psk());
    assert!(again.names_owner(&public(OWNER)) && !again.names_owner(&public(ANN)));
    assert_eq!(Link::parse(MEETING, &text[..42]).err().unwrap().code, "RF3110");
    let elsewhere = Link::parse([1; 16], &text).unwrap();
    assert_ne!(elsewhere.psk(), link().psk(), "keys are of one meeting");
}

#[test]
fn a_charter_names_a_log_beacons_and_data_sets_in_one_way_only() {
    let named = |origin: &str| Charter {
        trust: Trust {
            log: Some(Log {
                origin: origin.to_owned(),
                key: [8; 32],
            }),
            beacons: (100..116).map(|n| [n; 32]).collect(),
            data: (0..16).map(|n| [n; 32]).collect(),
            ..charter(Admits::Link).trust
        },
        ..charter(Admits::Link)
    };
    let good = named("meet.example/log");
    assert_eq!(Charter::read(&signed_charter(&good)).unwrap().0, good);
    for origin in ["", "two\nlines", &"a".repeat(201)] {
        assert_eq!(code(Charter::read(&signed_charter(&named(origin)))), "RF3122");
    }
    let mut many = [good.clone(), good.clone()];
    many[0].trust.data.insert([99; 32]);
    many[1].trust.beacons.insert([99; 32]);
    for many in many {
        assert_eq!(code(Charter::read(&signed_charter(&many))), "RF3122");
    }
    // The same two the other way round: nobody could say which of the documents is the charter.
    for (first, second) in [(1, 2), (101, 102)] {
        let mut payload = good.encode();
        let at = |named: u8| {
            let place = payload
                .windows(34)
                .position(|part| part[..2] == [0x58, 32] && part[2..] == [named; 32]);
            place.unwrap() + 2
        };
        let (one, two) = (at(first), at(second));
        payload[one..one + 32].fill(second);
        payload[two..two + 32].fill(first);
        assert_eq!(
            code(Charter::read(&sign(label::CHARTER, payload, &key(OWNER)))),
            "RF3122"
        );
    }
}

#[test]
fn the_title_opens_with_the_link_alone() {
    let sealed = link().seal_title("Budget", [1; 12]);
    assert_eq!(link().open_title(&sealed).unwrap(), "Budget");
    let other = Link::new(MEETING, [0; 16], &public(OWNER));
    assert_eq!(code(other.open_title(&sealed)), "RF3111");
    assert_eq!(code(link().open_title(&sealed[..5])), "RF3111");
}

#[test]
fn a_participant_refuses_a_charter_that_is_not_the_links_or_not_the_newest() {
    let document = signed_charter(&charter(Admits::Link));
    let (read, hash) = Charter::verify(&document, &link(), None, NOW).unwrap();
    assert_eq!(read, charter(Admits::Link));
    let seen = |version, hash| Some(Seen { version, hash });
    assert!(Charter::verify(&document, &link(), seen(1, hash), NOW).is_ok());
    assert_eq!(
        code(Charter::verify(&document, &link(), seen(2, hash), NOW)),
        "RF3124",
        "older"
    );
    assert_eq!(
        code(Charter::verify(&document, &link(), seen(1, [0; 32]), NOW)),
        "RF3127",
        "another of this version"
    );
    assert_eq!(
        code(Charter::verify(&document, &link(), None, NOW + 100)),
        "RF3125",
        "over"
    );
    let other_owner = Link::new(MEETING, [7; 16], &public(ANN));
    assert_eq!(
        code(Charter::verify(&document, &other_owner, None, NOW)),
        "RF3123"
    );
    let other_secret = Link::new(MEETING, [0; 16], &public(OWNER));
    assert_eq!(
        code(Charter::verify(&document, &other_secret, None, NOW)),
        "RF3123"
    );
    let forged = sign(label::CHARTER, charter(Admits::Link).encode(), &key(ANN));
    assert_eq!(code(Charter::verify(&forged, &link(), None, NOW)), "RF3106");
    let stranger = Charter {
        meeting: [0; 16],
        ..charter(Admits::Link)
    };
    assert_eq!(
        code(Charter::verify(&signed_charter(&stranger), &link(), None, NOW)),
        "RF3126"
    );
}

#[test]
fn a_charter_that_contradicts_itself_is_refused() {
    let table: [(&str, fn(&mut Charter)); 8] = [
        ("version 0", |c| c.version = 0),
        ("version 2 without its predecessor", |c| c.version = 2),
        ("no host", |c| c.hosts.clear()),
        ("a host twice", |c| c.hosts.push(c.hosts[0].clone())),
        ("an end before the beginning", |c| c.from = c.until),
        ("no room", |c| c.participants = 0),
        ("another suite", |c| c.suite = 2),
        ("a lobby that the link can start", |c| c.admission = Admits::Lobby),
    ];
    for (what, change) in table {
        let mut charter = charter(Admits::Link);
        change(&mut charter);
        assert_eq!(code(Charter::read(&signed_charter(&charter))), "RF3122", "{what}");
    }
}

fn admission(member: u8, role: PersonRole, by: &SigningKey) -> Vec<u8> {
    let by_key = by.verifying_key().to_bytes();
    let nonce = [member; 16];
    let (_, charter_hash) = Charter::read(&signed_charter(&charter(Admits::Link))).unwrap();
    let admission = Admission {
        meeting: MEETING,
        group: GROUP,
        member: public(member),
        role,
        charter: charter_hash,
        nonce,
        by: by_key,
    };
    sign(label::ADMISSION, admission.encode(), by)
}

#[test]
fn the_link_admits_guests_where_the_owner_allows_it_and_hosts_admit_anybody() {
    let (charter, hash) = Charter::read(&signed_charter(&charter(Admits::Link))).unwrap();
    let verify =
        |document: &[u8], link| Admission::verify(document, &charter, &hash, &GROUP, link).map(|_| ());
    let by_link = link().signing_key();
    assert_eq!(verify(&admission(ANN, PersonRole::Guest, &by_link), true), Ok(()));
    assert_eq!(
        verify(&admission(ANN, PersonRole::Host, &key(OWNER)), false),
        Ok(())
    );
    let refused = |document: &[u8], link| verify(document, link).unwrap_err().code;
    assert_eq!(
        refused(&admission(ANN, PersonRole::Guest, &by_link), false),
        "RF3131",
        "the link alone, in a lobby"
    );
    assert_eq!(
        refused(&admission(ANN, PersonRole::Host, &by_link), true),
        "RF3131",
        "the link makes no host"
    );
    assert_eq!(
        refused(&admission(ANN, PersonRole::Guest, &key(ANN)), true),
        "RF3131",
        "oneself"
    );
    let elsewhere = Admission::verify(
        &admission(ANN, PersonRole::Guest, &by_link),
        &charter,
        &hash,
        &[0; 32],
        true,
    );
    assert_eq!(code(elsewhere), "RF3132", "another group");
}

fn genesis() -> Vec<u8> {
    let (charter, hash) = Charter::read(&signed_charter(&charter(Admits::Link))).unwrap();
    let by = charter.link;
    let genesis = Genesis {
        meeting: MEETING,
        generation: 1,
        group: GROUP,
        member: public(ANN),
        role: PersonRole::Guest,
        charter: hash,
        by,
    };
    sign(label::GENESIS, genesis.encode(), &link().signing_key())
}

/// Ann founded; Ben came in by the link in epoch 1.
fn ledger() -> (CharterSource, Ledger) {
    let charter = CharterSource::read(&signed_charter(&charter(Admits::Link))).unwrap();
    let hash = charter.hash;
    let document = genesis();
    let mut ledger = Ledger::found(&Genesis::verify(&document, &charter, &hash).unwrap(), document);
    let ben = admission(BEN, PersonRole::Guest, &link().signing_key());
    ledger
        .enter(
            &Admission::verify(&ben, &charter, &hash, &GROUP, true).unwrap(),
            ben,
            1,
        )
        .unwrap();
    (charter, ledger)
}

#[test]
fn a_ledger_reads_back_whole() {
    let (charter, mut ledger) = ledger();
    ledger.end(&public(BEN), 2, Remover::Oneself).unwrap();
    let (read, genesis) = Ledger::verify(&ledger.encode(), &charter).unwrap();
    assert_eq!((read, genesis.generation), (ledger, 1));
}

#[test]
fn a_ledger_that_cannot_have_come_about_is_refused() {
    let table: [(&str, fn(&mut Ledger)); 8] = [
        ("no founder", |l| drop(l.entries.remove(0))),
        ("nobody", |l| l.entries.clear()),
        ("an admission twice", |l| {
            l.entries.push(Entry {
                added: 2,
                ..l.entries[1].clone()
            })
        }),
        ("the founder added later", |l| l.entries[0].added = 1),
        ("epochs out of order", |l| l.entries[1].added = 0),
        ("an admission of somebody else", |l| l.entries[1].member = [0; 32]),
        ("removed by no host", |l| {
            l.entries[1].removed = Some((2, Remover::Host(public(ANN))))
        }),
        ("ended before it began", |l| {
            l.entries[1].removed = Some((1, Remover::Oneself))
        }),
    ];
    for (what, change) in table {
        let (charter, mut ledger) = ledger();
        change(&mut ledger);
        assert!(Ledger::verify(&ledger.encode(), &charter).is_err(), "{what}");
    }
}

/// The charter of version 2, under which the group of `ledger` goes on from epoch 2 on.
fn amended(change: impl Fn(&mut Charter)) -> (CharterSource, Ledger) {
    let (before, mut ledger) = ledger();
    let mut next = Charter::clone(&before);
    (next.version, next.previous) = (2, Some(before.hash));
    change(&mut next);
    ledger.amend(Arc::new(before), 2).unwrap();
    let next = cose::sign(label::CHARTER, &next.encode(), &key(OWNER));
    (CharterSource::read(&next).unwrap(), ledger)
}

fn to_lobby(charter: &mut Charter) {
    (charter.admission, charter.founders) = (Admits::Lobby, Founders::Hosts);
}

#[test]
fn each_entry_is_judged_by_the_charter_of_its_time() {
    let (charter, ledger) = amended(to_lobby);
    let (read, _) = Ledger::verify(&ledger.encode(), &charter).unwrap();
    assert_eq!(read, ledger);
    assert_eq!(read.in_force(1, &charter).version, 1);
    assert_eq!(read.in_force(2, &charter).version, 2);
    let (charter, mut late) = amended(to_lobby);
    late.entries[1].added = 2;
    assert_eq!(
        code(Ledger::verify(&late.encode(), &charter)),
        "RF3132",
        "the link of then, later"
    );
}

/// As many former charters, each after the one before, and the one in force.
fn chain(former: u64) -> (CharterSource, Ledger) {
    let (mut now, mut ledger) = ledger();
    for epoch in 2..former + 2 {
        let mut next = Charter::clone(&now);
        (next.version, next.previous) = (now.version + 1, Some(now.hash));
        let next = cose::sign(label::CHARTER, &next.encode(), &key(OWNER));
        let before = std::mem::replace(&mut now, CharterSource::read(&next).unwrap());
        ledger.former.push(Former {
            until: epoch,
            charter: Arc::new(before),
        });
    }
    (now, ledger)
}

#[test]
fn charters_of_a_ledger_that_do_not_follow_each_other_are_refused() {
    let verify = |(charter, ledger): (CharterSource, Ledger)| Ledger::verify(&ledger.encode(), &charter);
    assert!(verify(chain(3)).is_ok());
    let table: [(&str, &str, fn(&mut Ledger)); 5] = [
        ("RF3128", "one is missing", |l| drop(l.former.remove(1))),
        ("RF3128", "the last is missing", |l| drop(l.former.pop())),
        ("RF3130", "the first is missing", |l| drop(l.former.remove(0))),
        ("RF3140", "from the beginning on", |l| l.former[0].until = 0),
        ("RF3140", "out of order", |l| l.former[1].until = 2),
    ];
    for (expected, what, change) in table {
        let (charter, mut ledger) = chain(3);
        change(&mut ledger);
        assert_eq!(code(verify((charter, ledger))), expected, "{what}");
    }
    assert_eq!(code(verify(amended(|next| next.version = 3))), "RF3128");
    assert_eq!(code(verify(amended(|next| next.link = [1; 32]))), "RF3128");
}

#[test]
fn a_group_has_so_many_former_charters_and_no_more() {
    let most = ringfence_charter::ledger::MOST_FORMER as u64;
    let (charter, mut ledger) = chain(most);
    assert!(Ledger::verify(&ledger.encode(), &charter).is_ok());
    assert_eq!(code(ledger.amend(Arc::new(charter), most + 2)), "RF3140");
    let (charter, ledger) = chain(most + 1);
    assert_eq!(code(Ledger::verify(&ledger.encode(), &charter)), "RF3140");
}

#[test]
fn a_charter_that_nobody_could_be_sent_is_none() {
    let mut long = charter(Admits::Link);
    long.fence.nodes = vec![[3; 32]; 2_000];
    assert_eq!(code(Charter::read(&signed_charter(&long))), "RF3122");
}

#[test]
fn whose_host_key_is_taken_back_is_host_no_more() {
    let (charter, mut ledger) = ledger();
    let host = Admission::verify(
        &admission(6, PersonRole::Host, &key(OWNER)),
        &charter,
        &charter.hash,
        &GROUP,
        true,
    );
    ledger.enter(&host.unwrap(), vec![6], 2).unwrap();
    assert!(ledger.is_host(&public(6), &charter) && !ledger.is_host(&public(BEN), &charter));
    let mut next = Charter::clone(&charter);
    next.hosts[0].id = host_id(&MEETING, &public(BEN));
    assert!(!ledger.is_host(&public(6), &next) && ledger.is_host(&public(BEN), &next));
}

#[test]
fn a_ledger_that_a_server_could_not_pass_on_any_more_takes_no_other_admission() {
    let (charter, mut ledger) = ledger();
    let document = admission(6, PersonRole::Guest, &link().signing_key());
    let admission = Admission::verify(&document, &charter, &charter.hash, &GROUP, true).unwrap();
    let long = |number: u8| vec![number; LONGEST_ENTRIES / 8];
    for number in 0..7 {
        ledger.enter(&admission, long(number), 2).unwrap();
        ledger.end(&admission.member, 2, Remover::Oneself).unwrap();
    }
    assert_eq!(code(ledger.enter(&admission, long(7), 3)), "RF3141");
    assert!(ledger.encode().len() < LONGEST_ENTRIES);
    ledger.enter(&admission, vec![8], 3).unwrap();
}

#[test]
fn once_a_host_has_removed_somebody_the_link_admits_nobody() {
    let (charter, mut ledger) = ledger();
    ledger.end(&public(BEN), 2, Remover::Host(public(OWNER))).unwrap();
    assert!(ledger.link_admits(&charter, 1) && !ledger.link_admits(&charter, 2));
    ledger.entries.push(Entry {
        member: public(6),
        admission: admission(6, PersonRole::Guest, &link().signing_key()),
        role: PersonRole::Guest,
        by: public(1),
        added: 2, // the commit of the removal itself
        removed: None,
    });
    assert_eq!(code(Ledger::verify(&ledger.encode(), &charter)), "RF3131");
}

#[test]
fn only_hosts_remove_and_only_from_this_group() {
    let charter = charter(Admits::Link);
    let removal = |by: u8| {
        let removal = Removal {
            meeting: MEETING,
            group: GROUP,
            member: public(BEN),
            added: 1,
            by: public(by),
        };
        sign(label::REMOVAL, removal.encode(), &key(by))
    };
    assert!(Removal::verify(&removal(OWNER), &charter, &GROUP).is_ok());
    assert_eq!(code(Removal::verify(&removal(ANN), &charter, &GROUP)), "RF3133");
    assert_eq!(
        code(Removal::verify(&removal(OWNER), &charter, &[0; 32])),
        "RF3133"
    );
}

#[test]
fn grounds_are_read_strictly() {
    let grounds = Grounds {
        admissions: vec![vec![1]],
        removals: vec![],
        lost: vec![7, 1],
        charter: Some(vec![2]),
    };
    assert_eq!(Grounds::decode(&grounds.encode()).unwrap(), grounds);
    assert_eq!(Grounds::decode(b"").unwrap(), Grounds::default());
    assert!(Grounds::decode(b"x").is_err());
}

fn statement() -> StatementSource {
    let statement = Statement {
        node: public(NODE),
        name: "here".into(),
        serial: 1,
        operator: "op".into(),
        operator_name: "Operator".into(),
        law: vec![],
        parents: vec![],
        country: None,
        place: None,
        coordinates: None,
        roles: vec![Role::Web, Role::Media],
        addresses: vec!["127.0.0.1".into()],
        from: 0,
        until: NOW + 1000,
    };
    let inner = cose::sign(label::NODE, &statement.encode(), &key(NODE));
    StatementSource::verify(
        &cose::sign(label::STATEMENT, &inner, &key(OPERATOR)),
        &charter(Admits::Link).trust,
    )
    .unwrap()
}

#[test]
fn media_may_be_sent_only_to_a_listed_address_of_an_allowed_node() {
    let (charter, here) = (charter(Admits::Link), statement());
    let may = |remote| {
        let verdict = decide_route(&charter, Ok(&here), &Evidence::default(), remote, NOW);
        (verdict.may_probe, verdict.may_send)
    };
    assert_eq!(
        may(None),
        (true, false),
        "nothing is sent before the transport has chosen an address"
    );
    assert_eq!(may(Some("127.0.0.1")), (true, true));
    assert_eq!(may(Some("198.51.100.9")), (false, false));
    let unknown = Error::new("RF2011", "no statement");
    assert!(!decide_route(&charter, Err(&unknown), &Evidence::default(), None, NOW).may_probe);
}

#[test]
fn a_route_is_of_this_meeting_node_and_statement() {
    let (charter, here) = (charter(Admits::Link), statement());
    let route = Route {
        meeting: MEETING,
        nodes: vec![Used {
            node: public(NODE),
            roles: vec![Role::Media],
            statement: here.hash(),
        }],
        candidates: candidates_hash(&[(public(NODE), None)]),
        why: "start".into(),
        previous: None,
        at: NOW,
        by: public(NODE),
    };
    let verify =
        |route: &Route, by: u8| Route::verify(&sign(label::ROUTE, route.encode(), &key(by)), &charter, &here);
    assert_eq!(verify(&route, NODE).unwrap().0, route);
    assert_eq!(code(verify(&route, ANN)), "RF3106");
    let table: [fn(&mut Route); 5] = [
        |r| r.nodes[0].roles.push(Role::Storage),
        |r| r.meeting = [0; 16],
        |r| r.nodes[0].statement = [0; 32],
        |r| r.nodes[0].node = public(ANN),
        |r| r.nodes.push(r.nodes[0].clone()),
    ];
    for change in table {
        let mut route = route.clone();
        change(&mut route);
        assert_eq!(code(verify(&route, NODE)), "RF3160");
    }
}

fn channel() -> Channel {
    Channel {
        group: GROUP,
        nonce: [3; 16],
        fingerprint: [0xab; 32],
        address: "127.0.0.1".into(),
        port: 4000,
    }
}

/// The line for the channel on which the way to the node is measured.
const CHANNEL: &str = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n";

fn answer() -> String {
    let print = ["AB"; 32].join(":");
    format!(
        "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\na=fingerprint:sha-256 {print}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
         a=candidate:1 1 udp 2130706175 127.0.0.1 4000 typ host\r\n"
    )
}

#[test]
fn an_answer_leads_to_the_certificate_and_address_that_the_node_signed() {
    let listed = ["127.0.0.1".to_owned()];
    assert_eq!(channel().check_answer(&answer(), &listed), Ok(()));
    assert_eq!(channel().check_answer(&(answer() + CHANNEL), &listed), Ok(()));
    let print = ["AB"; 32].join(":");
    let table = [
        (
            "another certificate",
            answer().replace("AB:AB", "AC:AB"),
            "RF3171",
        ),
        (
            "a second certificate",
            answer() + "a=fingerprint:sha-256 00:11\r\n",
            "RF3171",
        ),
        ("another hash", answer().replace("sha-256", "sha-1"), "RF3171"),
        (
            "no certificate",
            answer().replace(&format!("a=fingerprint:sha-256 {print}\r\n"), ""),
            "RF3171",
        ),
        (
            "another address",
            answer().replace("127.0.0.1 4000", "198.51.100.9 4000"),
            "RF3172",
        ),
        ("another port", answer().replace("4000", "4001"), "RF3172"),
        (
            "a port as no browser writes it",
            answer().replace("4000", "+4000"),
            "RF3172",
        ),
        (
            "a second address",
            answer() + "a=candidate:2 1 udp 1 198.51.100.9 4000 typ host\r\n",
            "RF3172",
        ),
        ("no address", answer().replace("a=candidate", "a=x"), "RF3172"),
        ("a relay", answer().replace("typ host", "typ relay"), "RF3173"),
        (
            "keys in clear",
            answer() + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n",
            "RF3173",
        ),
        (
            "no DTLS",
            answer().replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
            "RF3173",
        ),
        (
            "two lines for data channels",
            answer() + CHANNEL + CHANNEL,
            "RF3173",
        ),
        (
            "messages over something else",
            answer() + &CHANNEL.replace("UDP/", "TCP/"),
            "RF3173",
        ),
        (
            "an application that is none of ours",
            answer() + &CHANNEL.replace("webrtc-datachannel", "5000"),
            "RF3173",
        ),
        ("no SDP", "hello".into(), "RF3174"),
        (
            "a certificate for who skips a blank",
            answer() + "a= fingerprint:sha-256 00:11\r\n",
            "RF3174",
        ),
        (
            "a certificate for who skips a colon",
            answer() + "a=:fingerprint:sha-256 00:11\r\n",
            "RF3174",
        ),
        (
            "a certificate for who takes a blank for a colon",
            answer() + "a=fingerprint sha-256 00:11\r\n",
            "RF3174",
        ),
        (
            "a certificate for who skips a blank ahead of the line's kind",
            answer() + "a =fingerprint:sha-256 00:11\r\n",
            "RF3174",
        ),
        ("no digits", answer() + "a=fingerprint\r\n", "RF3171"),
        (
            "digits without colons",
            answer().replace("AB:AB", "ABAB"),
            "RF3171",
        ),
        (
            "an address for who skips a blank ahead of it",
            answer() + "a=candidate: 1 udp 1 127.0.0.1 4000 typ host\r\n",
            "RF3172",
        ),
        (
            "an address on a line of its own only for some",
            answer() + "i=x\ra=candidate:1 1 udp 1 127.0.0.1 4000 typ host\r\n",
            "RF3174",
        ),
        (
            "an address for who takes tabs for part of a word",
            answer()
                + "a=candidate:1\t1\tudp\t1\t127.0.0.1\t4000\ttyp\thost 1 udp 1 198.51.100.9 4000 typ host\r\n",
            "RF3174",
        ),
        (
            "an address for who takes wide blanks for part of a word",
            answer()
                + &"a=candidate:1_1_udp_1_127.0.0.1_4000_typ_host 1 udp 1 198.51.100.9 4000 typ host\r\n"
                    .replace('_', "\u{a0}"),
            "RF3174",
        ),
        (
            "an address for who reads nothing between two blanks",
            answer() + "a=candidate:1  1 udp 1 127.0.0.1 4000 typ host\r\n",
            "RF3172",
        ),
    ];
    for (what, sdp, refusal) in table {
        assert_eq!(code(channel().check_answer(&sdp, &listed)), refusal, "{what}");
    }
    assert_eq!(
        code(channel().check_answer(&answer(), &[])),
        "RF3172",
        "an address that the statement does not list"
    );
}

#[test]
fn a_channel_is_of_this_offer() {
    let document = sign(label::CHANNEL, channel().encode(), &key(NODE));
    let verify = |node: u8, group: B32, nonce| Channel::verify(&document, &public(node), &group, &nonce);
    assert!(verify(NODE, GROUP, [3; 16]).is_ok());
    assert_eq!(code(verify(ANN, GROUP, [3; 16])), "RF3106");
    assert_eq!(code(verify(NODE, [0; 32], [3; 16])), "RF3170");
    assert_eq!(code(verify(NODE, GROUP, [0; 16])), "RF3170");
}

#[test]
fn a_greeting_answers_one_nonce() {
    let hello = Hello {
        meeting: MEETING,
        nonce: [1; 16],
        charter: [2; 32],
        route: [3; 32],
        generation: None,
        group: None,
        epoch: None,
    };
    let document = sign(label::HELLO, hello.encode(), &key(NODE));
    assert_eq!(
        Hello::verify(&document, &public(NODE), &MEETING, &[1; 16]).unwrap(),
        hello
    );
    assert_eq!(
        code(Hello::verify(&document, &public(NODE), &MEETING, &[0; 16])),
        "RF3161"
    );
}

#[test]
fn a_knock_shows_that_its_sender_holds_the_link() {
    let charter = charter(Admits::Lobby);
    let knock = Knock {
        meeting: MEETING,
        group: GROUP,
        member: public(ANN),
        package: [5; 32],
        nonce: [1; 16],
    };
    let document = sign(label::KNOCK, knock.encode(), &link().signing_key());
    assert_eq!(
        Knock::verify(&document, &charter, &GROUP, &[5; 32]).unwrap(),
        knock
    );
    assert_eq!(
        code(Knock::verify(&document, &charter, &GROUP, &[6; 32])),
        "RF3150"
    );
    let forged = sign(label::KNOCK, knock.encode(), &key(ANN));
    assert_eq!(code(Knock::verify(&forged, &charter, &GROUP, &[5; 32])), "RF3106");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,300}") {
        let (charter, _) = ledger();
        let _ = Charter::read(&bytes);
        let _ = Ledger::verify(&bytes, &charter);
        let _ = Grounds::decode(&bytes);
        let _ = Link::parse(MEETING, &text);
        let _ = channel().check_answer(&format!("v=0\n{text}"), &["127.0.0.1".to_owned()]);
    }
}
