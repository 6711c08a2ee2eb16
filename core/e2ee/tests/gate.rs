//! The gate refuses each attack by its own code, on the server's public group and on facts alone.
mod world;

use ringfence_charter::ledger::Grounds;
use ringfence_charter::{Admission, Admits, Genesis, Leaf as Certificate, Ledger, PersonRole, Removal};
use ringfence_e2ee::admit::{LEAVES, admit};
use ringfence_e2ee::context::{Context, Mode, State};
use ringfence_e2ee::delivery::Delivery;
use ringfence_e2ee::facts::Facts;
use ringfence_e2ee::member::{Candidate, Member, Outgoing, Plan, read_package};
use ringfence_signed::{B32, cose, hash};
use world::{Meeting, key, public};

const GROUP: B32 = [5; 32];

/// Ann alone in her group, as host, and the server's view of it.
struct Case {
    meeting: Meeting,
    ann: Member,
    server: Delivery,
}

fn candidate(meeting: &Meeting, name: &str) -> Candidate {
    let mut candidate = Candidate::new(&meeting.link.psk()).unwrap();
    let leaf = Certificate {
        meeting: meeting.charter_fields.meeting,
        group: GROUP,
        member: public(&key(name)),
        leaf: candidate.leaf_key().unwrap(),
    };
    candidate.certify(cose::sign(cose::label::LEAF, &leaf.encode(), &key(name)));
    candidate
}

fn case(admission: Admits) -> Case {
    let meeting = Meeting::new(admission);
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
        log: None,
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
            let (charter, hash) = (&state.charter, &state.charter_hash);
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
            removals: vec![],
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
            .accept_commit(&out.commit, &out.group_info, &packages)
            .map(drop)
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
            admissions: vec![],
            removals: vec![removal],
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
            removals: vec![],
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
            removals: vec![],
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
fn who_is_removed_does_not_come_back_by_the_link_in_the_same_commit() {
    let mut case = case(Admits::Link);
    case.add("ben");
    let package = candidate(&case.meeting, "ben").key_package().unwrap();
    let grounds = Grounds {
        admissions: vec![case.admission("ben", false)],
        removals: vec![case.removal("ben")],
    };
    let plan = Plan {
        adds: vec![read_package(case.ann.crypto(), &package).unwrap()],
        removes: vec![1],
        psk: true,
        data: grounds.encode(),
        ..Plan::default()
    };
    assert_eq!(case.commit(plan), Err("RF3131"));
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
        admissions: vec![],
        removals: vec![forged],
    }
    .encode();
    assert_eq!(case.commit(Plan { data, ..plan() }), Err("RF3106"));
    let data = Grounds {
        admissions: vec![],
        removals: vec![case.removal("ben")],
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
        ("RF3211", |f| f.external = true),
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
    let mut small = case.server.state().clone();
    let mut charter = (*small.charter).clone();
    charter.participants = 1;
    small.charter = charter.into();
    assert_eq!(admit(&small, &honest).err().unwrap().code, "RF3232");
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
    assert!(again.accept_commit(&out.commit, &out.group_info, &[]).is_ok());
}
