//! The gate refuses each attack by its own code, on the server's public group and on facts alone.
use crate::world::{Meeting, key, public};
use openmls::prelude::KeyPackage;
use ringfence_charter::charter::host_id;
use ringfence_charter::ledger::Grounds;
use ringfence_charter::{
    Admission, Admits, Charter, CharterSource, Founders, Genesis, Leaf as Certificate, Ledger, PersonRole,
    Removal,
};
use ringfence_e2ee::admit::{LEAVES, admit, mode_after};
use ringfence_e2ee::candidate::Candidate;
use ringfence_e2ee::context::{Context, Mode, State};
use ringfence_e2ee::delivery::{Delivery, Entering};
use ringfence_e2ee::facts::Facts;
use ringfence_e2ee::member::{Member, Outgoing, Plan, read_package};
use ringfence_signed::{B32, cose, hash};
use std::sync::Arc;

const GROUP: B32 = [5; 32];

/// Ann alone in her group, as host, and the server's view of it.
struct Case {
    meeting: Meeting,
    ann: Member,
    server: Delivery,
}

fn candidate(meeting: &Meeting, name: &str) -> Candidate {
    session(meeting, name, name, 0, &meeting.link.psk())
}

/// A session of a member key, certified by that key or another.
fn session(meeting: &Meeting, name: &str, by: &str, serial: u64, psk: &[u8; 32]) -> Candidate {
    let mut candidate = Candidate::new(psk).unwrap();
    let leaf = Certificate {
        meeting: meeting.charter_fields.meeting,
        group: GROUP,
        member: public(&key(name)),
        leaf: candidate.leaf_key().unwrap(),
        serial,
    };
    candidate.certify(cose::sign(cose::label::LEAF, &leaf.encode(), &key(by)));
    candidate
}

fn case(admission: Admits) -> Case {
    case_of(Meeting::new(admission), admission)
}

fn case_of(meeting: Meeting, admission: Admits) -> Case {
    let charter = hash(&meeting.charter);
    let genesis = Genesis {
        meeting: meeting.charter_fields.meeting,
        generation: 1,
        group: GROUP,
        member: public(&key("ann")),
        role: PersonRole::Host,
        charter,
        by: public(&meeting.host),
    };
    let document = cose::sign(cose::label::GENESIS, &genesis.encode(), &meeting.host);
    let context = Context {
        charter,
        route: hash(&meeting.route),
        log: meeting.charter_fields.log_key(),
        generation: 1,
        ledger: Ledger::found(&genesis, document.clone()).hash(),
        mode: if admission == Admits::Link {
            Mode::Link
        } else {
            Mode::Lobby
        },
    };
    let (ann, made) = candidate(&meeting, "ann")
        .found(&GROUP, &context.encode())
        .unwrap();
    let route = hash(&meeting.route);
    let server = Delivery::found(&meeting.charter, route, &document, &made.group_info, &made.tree).unwrap();
    Case { meeting, ann, server }
}

impl Case {
    fn admission(&self, member: &str, by_host: bool) -> Vec<u8> {
        let by = if by_host {
            self.meeting.host.clone()
        } else {
            self.meeting.link.signing_key()
        };
        let admission = Admission {
            meeting: self.meeting.charter_fields.meeting,
            group: GROUP,
            member: public(&key(member)),
            role: PersonRole::Guest,
            charter: hash(&self.meeting.charter),
            nonce: [1; 16],
            by: public(&by),
        };
        cose::sign(cose::label::ADMISSION, &admission.encode(), &by)
    }

    /// The context after these members were admitted and removed, as an honest committer writes it.
    fn next(&self, admitted: &[&[u8]], removed: &[&str]) -> Context {
        let mut state: State = self.server.state().clone();
        let epoch = self.server.epoch() + 1;
        for member in removed {
            let host = ringfence_charter::Remover::Host(public(&self.meeting.host));
            state.ledger.end(&public(&key(member)), epoch, host).unwrap();
            state.context.mode = Mode::Lobby;
        }
        for document in admitted {
            let (charter, hash) = (&state.charter, &state.charter.hash);
            let admission = Admission::verify(document, charter, hash, &GROUP, true).unwrap();
            state.ledger.enter(&admission, document.to_vec(), epoch).unwrap();
        }
        state.context.ledger = state.ledger.hash();
        state.context
    }

    fn plan(&self, name: &str, document: &[u8]) -> Plan {
        let package = candidate(&self.meeting, name).key_package().unwrap();
        let grounds = Grounds {
            admissions: vec![document.to_vec()],
            ..Grounds::default()
        };
        Plan {
            adds: vec![read_package(self.ann.crypto(), &package).unwrap()],
            ringfence: Some(self.next(&[document], &[]).encode()),
            psk: true,
            data: grounds.encode(),
            ..Plan::default()
        }
    }

    fn offer(&mut self, out: &Outgoing, facts: &Facts) -> Result<(), &'static str> {
        let packages: Vec<B32> = facts.adds.iter().map(|add| add.package).collect();
        self.server
            .take_commit(&out.commit, &out.group_info, Entering::Knocked(&packages))
            .and_then(|_| self.server.confirm())
            .map_err(|e| e.code)
    }

    /// What the server's gate says of a commit of Ann's.
    fn commit(&mut self, plan: Plan) -> Result<(), &'static str> {
        let data = plan.data.clone();
        let out = self.ann.commit(plan).unwrap();
        let facts = self.ann.own_facts(data).unwrap();
        let member = admit(self.server.state(), &facts).map(drop).map_err(|e| e.code);
        let server = self.offer(&out, &facts);
        assert_eq!(member, server, "members and server judge alike");
        match server {
            Ok(()) => self.ann.merge_own().unwrap(),
            Err(_) => self.ann.clear_own().unwrap(),
        }
        server
    }

    fn add(&mut self, name: &str) {
        let document = self.admission(name, false);
        let plan = self.plan(name, &document);
        self.commit(plan).unwrap();
    }

    fn removal(&self, name: &str) -> Vec<u8> {
        let entry = self.server.state().ledger.current(&public(&key(name))).unwrap();
        let removal = Removal {
            meeting: self.meeting.charter_fields.meeting,
            group: GROUP,
            member: public(&key(name)),
            added: entry.added,
            by: public(&self.meeting.host),
        };
        cose::sign(cose::label::REMOVAL, &removal.encode(), &self.meeting.host)
    }
}

#[test]
fn an_honest_addition_and_removal_are_admitted() {
    let mut case = case(Admits::Link);
    case.add("ben");
    let removal = case.removal("ben");
    let plan = Plan {
        removes: vec![1],
        ringfence: Some(case.next(&[], &["ben"]).encode()),
        data: Grounds {
            removals: vec![removal],
            ..Grounds::default()
        }
        .encode(),
        ..Plan::default()
    };
    assert_eq!(case.commit(plan), Ok(()));
    assert_eq!(case.server.state().context.mode, Mode::Lobby);
    assert_eq!(case.server.members().len(), 1);
}

#[test]
fn ghosts_are_refused() {
    let mut case = case(Admits::Link);
    let document = case.admission("eve", false);
    let plan = Plan {
        data: Grounds::default().encode(),
        ..case.plan("eve", &document)
    };
    assert_eq!(case.commit(plan), Err("RF3227"), "nobody admitted them");
    let plan = Plan {
        psk: false,
        ..case.plan("eve", &document)
    };
    assert_eq!(case.commit(plan), Err("RF3224"), "without the link's secret");
    let plan = Plan {
        ringfence: None,
        ..case.plan("eve", &document)
    };
    assert_eq!(case.commit(plan), Err("RF3220"), "and the ledger is silent");
    let other = case.admission("ben", false);
    let plan = Plan {
        data: Grounds {
            admissions: vec![other],
            ..Grounds::default()
        }
        .encode(),
        ..case.plan("eve", &document)
    };
    assert_eq!(case.commit(plan), Err("RF3231"), "with another's admission");
    let plan = Plan {
        data: b"no cbor".to_vec(),
        ..case.plan("eve", &document)
    };
    assert_eq!(case.commit(plan), Err("RF3234"));
    let plan = case.plan("eve", &document);
    assert_eq!(case.commit(plan), Ok(()), "and by the book she comes in");
}

#[test]
fn the_link_alone_opens_no_lobby_and_nothing_after_a_removal() {
    let mut lobby = case(Admits::Lobby);
    let document = lobby.admission("eve", false);
    let package = candidate(&lobby.meeting, "eve").key_package().unwrap();
    let plan = Plan {
        adds: vec![read_package(lobby.ann.crypto(), &package).unwrap()],
        psk: true,
        data: Grounds {
            admissions: vec![document],
            ..Grounds::default()
        }
        .encode(),
        ..Plan::default()
    };
    assert_eq!(lobby.commit(plan), Err("RF3131"));
    let document = lobby.admission("eve", true);
    let plan = lobby.plan("eve", &document);
    assert_eq!(lobby.commit(plan), Ok(()));
}

#[test]
fn in_the_commit_of_a_removal_the_link_admits_nobody_and_the_removed_do_not_come_back() {
    for (name, code) in [("ben", "RF3235"), ("eve", "RF3131")] {
        let mut case = case(Admits::Link);
        case.add("ben");
        let package = candidate(&case.meeting, name).key_package().unwrap();
        let grounds = Grounds {
            admissions: vec![case.admission(name, false)],
            removals: vec![case.removal("ben")],
            ..Grounds::default()
        };
        let plan = Plan {
            adds: vec![read_package(case.ann.crypto(), &package).unwrap()],
            removes: vec![1],
            psk: true,
            data: grounds.encode(),
            ..Plan::default()
        };
        assert_eq!(case.commit(plan), Err(code));
    }
}

#[test]
fn a_welcome_without_the_secret_of_the_link_is_not_opened() {
    let mut case = case(Admits::Link);
    for (psk, refused) in [(false, Some("RF3224")), (true, None)] {
        let eve = candidate(&case.meeting, "eve");
        let package = eve.key_package().unwrap();
        let out = case.ann.commit(Plan {
            adds: vec![read_package(case.ann.crypto(), &package).unwrap()],
            psk,
            ..Plan::default()
        });
        case.ann.merge_own().unwrap();
        let opened = eve.open(&out.unwrap().welcome.unwrap(), &case.ann.tree().unwrap());
        assert_eq!(opened.err().map(|e| e.code), refused);
    }
}

#[test]
fn the_context_cannot_be_changed() {
    let mut case = case(Admits::Link);
    let honest = case.server.state().context.clone();
    let lies = [
        (
            "RF3217",
            Context {
                charter: [0; 32],
                ..honest.clone()
            },
        ),
        (
            "RF3218",
            Context {
                route: [0; 32],
                ..honest.clone()
            },
        ),
        (
            "RF3219",
            Context {
                log: Some([0; 32]),
                ..honest.clone()
            },
        ),
        (
            "RF3219",
            Context {
                generation: 2,
                ..honest.clone()
            },
        ),
        (
            "RF3220",
            Context {
                ledger: [0; 32],
                ..honest.clone()
            },
        ),
        (
            "RF3221",
            Context {
                mode: Mode::Lobby,
                ..honest.clone()
            },
        ),
    ];
    for (code, context) in lies {
        let plan = Plan {
            ringfence: Some(context.encode()),
            ..Plan::default()
        };
        assert_eq!(case.commit(plan), Err(code));
    }
    assert_eq!(
        case.commit(Plan {
            ringfence: Some(b"no cbor".to_vec()),
            ..Plan::default()
        }),
        Err("RF3216")
    );
    assert_eq!(
        case.commit(Plan::default()),
        Ok(()),
        "new keys for oneself are always allowed"
    );
}

#[test]
fn nobody_is_removed_without_a_hosts_word_for_that_stay() {
    let mut case = case(Admits::Link);
    case.add("ben");
    let plan = || Plan {
        removes: vec![1],
        ..Plan::default()
    };
    assert_eq!(case.commit(plan()), Err("RF3229"));
    let guest = key("ben");
    let forged = cose::unverified_payload(&case.removal("ben")).unwrap();
    let forged = cose::sign(cose::label::REMOVAL, &forged, &guest);
    let data = Grounds {
        removals: vec![forged],
        ..Grounds::default()
    }
    .encode();
    assert_eq!(case.commit(Plan { data, ..plan() }), Err("RF3106"));
    let data = Grounds {
        removals: vec![case.removal("ben")],
        ..Grounds::default()
    }
    .encode();
    assert_eq!(
        case.commit(Plan {
            data: data.clone(),
            ..Plan::default()
        }),
        Err("RF3231"),
        "unused"
    );
    assert_eq!(
        case.commit(Plan { data, ..plan() }),
        Err("RF3220"),
        "and the ledger hides it"
    );
}

/// What openmls lets nobody build by accident, as facts.
#[test]
fn facts_that_no_honest_program_makes_are_refused() {
    let mut case = case(Admits::Link);
    let document = case.admission("ben", false);
    let plan = case.plan("ben", &document);
    let data = plan.data.clone();
    case.ann.commit(plan).unwrap();
    let honest = case.ann.own_facts(data).unwrap();
    assert!(admit(case.server.state(), &honest).is_ok());
    let lies: [(&str, fn(&mut Facts)); 13] = [
        ("RF3223", |f| f.external = true),
        ("RF3212", |f| f.reinit = true),
        ("RF3213", |f| {
            f.others.push(openmls::prelude::ProposalType::Update)
        }),
        ("RF3214", |f| f.context.external_senders = true),
        ("RF3215", |f| f.context.requires_all = false),
        ("RF3215", |f| f.context.others = 1),
        ("RF3216", |f| f.context.ringfence = None),
        ("RF3222", |f| f.adds[0].index = LEAVES),
        ("RF3223", |f| f.after = None),
        ("RF3223", |f| f.after.as_mut().unwrap().key[0] ^= 1),
        ("RF3225", |f| f.psks = vec![b"another".to_vec()]),
        ("RF3226", |f| f.adds[0].leaf.key[0] ^= 1),
        ("RF3233", |f| f.adds[0].leaf.capable = false),
    ];
    for (code, lie) in lies {
        let mut facts = honest.clone();
        lie(&mut facts);
        assert_eq!(admit(case.server.state(), &facts).err().expect(code).code, code);
    }
    let mut twice = honest.clone();
    twice.adds.push(honest.adds[0].clone());
    assert_eq!(admit(case.server.state(), &twice).err().unwrap().code, "RF3235");
}

#[test]
fn more_people_than_the_charter_allows_are_refused() {
    let mut meeting = Meeting::new(Admits::Link);
    meeting.charter_fields.participants = 1;
    let charter = meeting.charter_fields.encode();
    meeting.charter = cose::sign(cose::label::CHARTER, &charter, &meeting.owner);
    let mut case = case_of(meeting, Admits::Link);
    let document = case.admission("ben", false);
    let plan = case.plan("ben", &document);
    assert_eq!(case.commit(plan), Err("RF3232"));
}

#[test]
fn a_servers_snapshot_is_the_group_again() {
    let mut case = case(Admits::Link);
    case.add("ben");
    let mut again = Delivery::restore(&case.server.snapshot().unwrap()).unwrap();
    assert_eq!(
        (again.epoch(), again.members()),
        (case.server.epoch(), case.server.members())
    );
    let out = case.ann.commit(Plan::default()).unwrap();
    assert!(
        again
            .take_commit(&out.commit, &out.group_info, Entering::Knocked(&[]))
            .is_ok()
    );
}

#[test]
fn a_commit_that_is_given_up_leaves_the_epoch_open_to_another() {
    let mut case = case(Admits::Link);
    let before = case.server.snapshot().unwrap();
    let first = case.ann.commit(Plan::default()).unwrap();
    let take = |server: &mut Delivery, out: &Outgoing| {
        server
            .take_commit(&out.commit, &out.group_info, Entering::Knocked(&[]))
            .map(drop)
            .map_err(|e| e.code)
    };
    assert_eq!(take(&mut case.server, &first), Ok(()));
    assert_eq!(
        take(&mut case.server, &first),
        Err("RF3202"),
        "one is provisional already"
    );
    case.server.give_up();
    assert_eq!(case.server.snapshot().unwrap(), before);
    assert_eq!(case.server.confirm().err().unwrap().code, "RF3202");
    case.ann.clear_own().unwrap();
    let second = case.ann.commit(Plan::default()).unwrap();
    assert_eq!(take(&mut case.server, &second), Ok(()));
    case.server.confirm().unwrap();
    assert_eq!(case.server.epoch(), 1);
}

fn back(case: &mut Case, who: Candidate) -> (Option<Member>, Result<Vec<u32>, &'static str>) {
    let (info, tree) = (case.server.group_info().to_vec(), case.server.tree().unwrap());
    let (member, out) = who.come_back(&info, &tree).unwrap();
    let taken = case
        .server
        .take_commit(&out.commit, &out.group_info, Entering::Back(public(&key("ben"))))
        .map(|accepted| accepted.admitted.gone.iter().map(|g| g.leaf).collect())
        .map_err(|e| e.code);
    (Some(member), taken)
}

#[test]
fn who_was_admitted_comes_back_by_an_external_commit_and_the_next_one_takes_the_earlier_leaf() {
    let mut case = case(Admits::Lobby);
    let document = case.admission("ben", true);
    let plan = case.plan("ben", &document);
    case.commit(plan).unwrap();
    let psk = case.meeting.link.psk();
    let again = session(&case.meeting, "ben", "ben", 1, &psk);
    let info = case.server.group_info().to_vec();
    let (_, out) = again.come_back(&info, &case.server.tree().unwrap()).unwrap();
    let entering = Entering::Back(public(&key("ben")));
    case.server
        .take_commit(&out.commit, &out.group_info, entering)
        .unwrap();
    case.server.confirm().unwrap();
    let Ok(ringfence_e2ee::member::Taken::Commit { facts, staged }) = case.ann.take(&out.commit) else {
        panic!("a commit")
    };
    assert!(facts.external && facts.removes.is_empty());
    case.ann.merge(*staged).unwrap();
    let state = case.server.state();
    assert_eq!((state.people(), state.seats.len()), (2, 3));
    assert_eq!(state.leaves_of(&public(&key("ben"))), [2, 1], "the later first");
    let later = Plan {
        removes: vec![2],
        ..Plan::default()
    };
    assert_eq!(case.commit(later), Err("RF3229"), "only the earlier is replaced");
    let earlier = Plan {
        removes: vec![1],
        ..Plan::default()
    };
    assert_eq!(case.commit(earlier), Ok(()));
    assert_eq!(case.server.state().seats.len(), 2);
    let restored = Delivery::restore(&case.server.snapshot().unwrap()).unwrap();
    assert_eq!(restored.members(), case.server.members());
}

#[test]
fn every_other_external_commit_is_refused_by_name() {
    let mut case = case(Admits::Link);
    case.add("ben");
    let psk = case.meeting.link.psk();
    let cases: [(&str, &str, &str, u64); 4] = [
        ("RF3211", "eve", "eve", 0), // nobody admitted her
        ("RF3226", "ben", "eve", 1), // certified by another key
        ("RF3237", "ben", "ben", 0), // no later than the one that is there
        ("RF1217", "ann", "ann", 1), // another member than has shown their key
    ];
    for (code, name, by, serial) in cases {
        let who = session(&case.meeting, name, by, serial, &psk);
        assert_eq!(back(&mut case, who).1, Err(code), "{name} by {by}, {serial}");
    }
    let who = session(&case.meeting, "ben", "ben", 1, &psk);
    assert_eq!(
        back(&mut case, who).1,
        Ok(vec![]),
        "and by the book he comes back"
    );
    case.server.give_up();
    // What openmls lets nobody build by accident, as facts.
    let who = session(&case.meeting, "ben", "ben", 1, &psk);
    let (info, tree) = (case.server.group_info().to_vec(), case.server.tree().unwrap());
    let (_, out) = who.come_back(&info, &tree).unwrap();
    let Ok(ringfence_e2ee::member::Taken::Commit { facts, .. }) = case.ann.take(&out.commit) else {
        panic!("a commit")
    };
    let lies: [(&str, fn(&mut Facts)); 6] = [
        ("RF3224", |f| f.psks.clear()),
        ("RF3225", |f| f.psks = vec![b"another".to_vec()]),
        ("RF3223", |f| f.after = None),
        ("RF3231", |f| {
            f.data = Grounds {
                lost: vec![0],
                ..Grounds::default()
            }
            .encode();
        }),
        ("RF3236", |f| {
            f.removes.push(ringfence_e2ee::facts::Removal {
                index: 0,
                leaf: f.after.clone().unwrap(),
                wish: ringfence_e2ee::facts::Wish::Others,
            });
        }),
        ("RF3220", |f| {
            let mut context = Context::decode(f.context.ringfence.as_ref().unwrap()).unwrap();
            context.ledger = [0; 32];
            f.context.ringfence = Some(context.encode());
        }),
    ];
    for (code, lie) in lies {
        let mut facts = (*facts).clone();
        lie(&mut facts);
        assert_eq!(admit(case.server.state(), &facts).err().expect(code).code, code);
    }
}

#[test]
fn who_is_lost_keeps_their_admission_and_nobody_is_lost_unsaid() {
    let mut case = case(Admits::Lobby);
    let document = case.admission("ben", true);
    let plan = case.plan("ben", &document);
    case.commit(plan).unwrap();
    let lost = |leaves: Vec<u32>, removes: Vec<u32>| Plan {
        removes,
        data: Grounds {
            lost: leaves,
            ..Grounds::default()
        }
        .encode(),
        ..Plan::default()
    };
    assert_eq!(case.commit(lost(vec![], vec![1])), Err("RF3229"));
    assert_eq!(case.commit(lost(vec![1], vec![])), Err("RF3231"));
    assert_eq!(case.commit(lost(vec![1, 1], vec![1])), Err("RF3231"));
    assert_eq!(case.commit(lost(vec![1], vec![1])), Ok(()));
    let ben = public(&key("ben"));
    assert!(case.server.state().ledger.current(&ben).is_some());
    assert!(case.server.state().leaves_of(&ben).is_empty());
    let again = Delivery::restore(&case.server.snapshot().unwrap()).unwrap();
    assert_eq!(again.members().len(), 1, "a joiner accepts a member who is away");
    let package = candidate(&case.meeting, "ben").key_package().unwrap();
    let plan = Plan {
        adds: vec![read_package(case.ann.crypto(), &package).unwrap()],
        psk: true,
        ..Plan::default()
    };
    assert_eq!(
        case.commit(plan),
        Err("RF3235"),
        "he comes back, and is not added"
    );
    let who = session(&case.meeting, "ben", "ben", 0, &case.meeting.link.psk());
    assert_eq!(back(&mut case, who).1, Ok(vec![]));
}

fn package(case: &Case, name: &str) -> KeyPackage {
    let package = candidate(&case.meeting, name).key_package().unwrap();
    read_package(case.ann.crypto(), &package).unwrap()
}

/// The charter after the one in force, changed and signed by this key.
fn next_charter(case: &Case, by: &str, change: impl Fn(&mut Charter)) -> Vec<u8> {
    let now = &case.server.state().charter;
    let mut next = Charter::clone(now);
    (next.version, next.previous) = (now.version + 1, Some(now.hash));
    next.participants -= 1;
    change(&mut next);
    cose::sign(cose::label::CHARTER, &next.encode(), &key(by))
}

/// A commit that brings this charter, as an honest committer writes it where that is possible.
fn amending(case: &Case, document: &[u8]) -> Plan {
    let mut state = case.server.state().clone();
    if let Ok(charter) = CharterSource::read(document) {
        let before = std::mem::replace(&mut state.charter, Arc::new(charter));
        state.ledger.amend(before, case.server.epoch() + 1).unwrap();
        state.context.charter = state.charter.hash;
        state.context.ledger = state.ledger.hash();
        state.context.mode = mode_after(&state, case.server.epoch() + 1);
    }
    let grounds = Grounds {
        charter: Some(document.to_vec()),
        ..Grounds::default()
    };
    Plan {
        ringfence: Some(state.context.encode()),
        data: grounds.encode(),
        ..Plan::default()
    }
}

#[test]
fn the_owners_next_charter_is_admitted_and_what_was_admitted_before_holds() {
    let mut case = case(Admits::Link);
    case.add("ben");
    let document = next_charter(&case, "owner", |next| {
        (next.admission, next.founders) = (Admits::Lobby, Founders::Hosts);
    });
    assert_eq!(case.commit(amending(&case, &document)), Ok(()));
    let state = case.server.state();
    assert_eq!((state.charter.version, state.context.mode), (2, Mode::Lobby));
    assert_eq!(case.server.members().len(), 2);
    let restored = Delivery::restore(&case.server.snapshot().unwrap()).unwrap();
    assert_eq!(
        restored.state().ledger,
        state.ledger,
        "who joins judges each by the charter of then"
    );
}

#[test]
fn charters_that_are_not_the_owners_next_are_refused() {
    let mut case = case(Admits::Link);
    let first = case.meeting.charter.clone();
    let table = [
        (
            next_charter(&case, "ann", |next| next.owner = public(&key("ann"))),
            "RF3128",
        ),
        (next_charter(&case, "host", |_| ()), "RF3106"),
        (next_charter(&case, "owner", |next| next.version = 3), "RF3128"),
        (
            next_charter(&case, "owner", |next| next.previous = Some([1; 32])),
            "RF3128",
        ),
        (
            next_charter(&case, "owner", |next| next.meeting = [1; 16]),
            "RF3128",
        ),
        (next_charter(&case, "owner", |next| next.link = [1; 32]), "RF3128"),
        (first, "RF3128"),
    ];
    for (document, code) in table {
        assert_eq!(case.commit(amending(&case, &document)), Err(code));
    }
    let silent = Plan {
        data: vec![],
        ..amending(&case, &next_charter(&case, "owner", |_| ()))
    };
    assert_eq!(case.commit(silent), Err("RF3217"), "and the document is missing");
}

#[test]
fn a_charter_comes_with_nobody_let_in_or_removed() {
    let mut case = case(Admits::Link);
    case.add("ben");
    let document = next_charter(&case, "owner", |_| ());
    let admission = case.admission("cat", false);
    let mut plan = amending(&case, &document);
    plan.adds = case.plan("cat", &admission).adds;
    plan.psk = true;
    plan.data = Grounds {
        charter: Some(document.clone()),
        admissions: vec![admission.clone()],
        ..Grounds::default()
    }
    .encode();
    assert_eq!(case.commit(plan), Err("RF3239"));
    let mut plan = amending(&case, &document);
    plan.removes = vec![1];
    plan.data = Grounds {
        charter: Some(document.clone()),
        removals: vec![case.removal("ben")],
        ..Grounds::default()
    }
    .encode();
    assert_eq!(case.commit(plan), Err("RF3239"));
    case.commit(amending(&case, &document)).unwrap();
    let mut stale = Plan {
        ringfence: None,
        ..amending(&case, &document)
    };
    stale.adds = vec![package(&case, "cat")];
    stale.psk = true;
    stale.data = Grounds {
        admissions: vec![admission],
        ..Grounds::default()
    }
    .encode();
    assert_eq!(
        case.commit(stale),
        Err("RF3132"),
        "an admission of the charter before"
    );
}

#[test]
fn a_commit_that_cannot_be_made_leaves_the_group_as_it_was() {
    let mut case = case(Admits::Link);
    let ben = candidate(&case.meeting, "ben");
    let package = || read_package(case.ann.crypto(), &ben.key_package().unwrap()).unwrap();
    let plan = Plan {
        adds: vec![package(), package()],
        psk: true,
        ..Plan::default()
    };
    assert_eq!(
        case.ann.commit(plan).err().map(|error| error.code),
        Some("RF3201")
    );
    case.ann.clear_own().unwrap();
    assert!(!case.ann.has_pending_commit());
    assert!(case.ann.commit(Plan::default()).is_ok());
}

#[test]
fn who_is_taken_off_the_list_of_hosts_neither_admits_nor_removes() {
    let mut case = case(Admits::Lobby);
    let document = case.admission("ben", true);
    let plan = case.plan("ben", &document);
    case.commit(plan).unwrap();
    let other = host_id(&case.meeting.charter_fields.meeting, &public(&key("other")));
    let document = next_charter(&case, "owner", |next| next.hosts[0].id = other);
    case.commit(amending(&case, &document)).unwrap();
    assert!(case.server.members().iter().all(|seat| !seat.host));
    let removal = Plan {
        removes: vec![1],
        data: Grounds {
            removals: vec![case.removal("ben")],
            ..Grounds::default()
        }
        .encode(),
        ..Plan::default()
    };
    assert_eq!(case.commit(removal), Err("RF3133"));
    let host = case.meeting.host.clone();
    let admission = Admission {
        meeting: case.meeting.charter_fields.meeting,
        group: GROUP,
        member: public(&key("cat")),
        role: PersonRole::Guest,
        charter: case.server.state().charter.hash,
        nonce: [1; 16],
        by: public(&host),
    };
    let admission = cose::sign(cose::label::ADMISSION, &admission.encode(), &host);
    let plan = Plan {
        adds: vec![package(&case, "cat")],
        psk: true,
        data: Grounds {
            admissions: vec![admission],
            ..Grounds::default()
        }
        .encode(),
        ..Plan::default()
    };
    assert_eq!(case.commit(plan), Err("RF3131"));
}
