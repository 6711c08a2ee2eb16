//! MLS messages as a server takes them: bytes of a stranger, and commits of a member with a modified client.
//! Not here: what members do with them (participant.rs).
use crate::meeting::{FIXED, GROUP, world};
use crate::{plant, rare};
use ringfence_charter::ledger::Grounds;
use ringfence_charter::{Leaf, Ledger};
use ringfence_e2ee::candidate::Candidate;
use ringfence_e2ee::context::{Context, Mode};
use ringfence_e2ee::delivery::{Delivery, Entering};
use ringfence_e2ee::member::{Member, Plan, read_package};
use ringfence_signed::cose;
use std::cell::RefCell;
use world::{key, public};

/// A group of two, as its server kept it when the seeds were made: their messages are of this very group.
pub const SNAPSHOT: &[u8] = include_bytes!("../fixtures/delivery.snapshot");

pub fn candidate(name: &str) -> Candidate {
    let mut candidate = Candidate::new(&FIXED.meeting.link.psk()).expect("randomness");
    let leaf = Leaf {
        meeting: FIXED.charter.meeting,
        group: GROUP,
        member: public(&key(name)),
        leaf: candidate.leaf_key().expect("a key"),
        serial: 0,
    };
    candidate.certify(cose::sign(cose::label::LEAF, &leaf.encode(), &key(name)));
    candidate
}

/// What the members of a group agree on whose ledger is this.
pub fn context(ledger: &Ledger) -> Vec<u8> {
    let context = Context {
        charter: FIXED.charter.hash,
        route: FIXED.route(),
        log: FIXED.charter.log_key(),
        generation: 1,
        ledger: ledger.hash(),
        mode: Mode::Link,
    };
    context.encode()
}

/// Ann alone in a new group, and the server's view of it.
pub fn founded() -> (Member, Delivery) {
    let found = candidate("ann").found(&GROUP, &context(&FIXED.ledger()));
    let (ann, made) = found.expect("a group");
    let (charter, genesis) = (&FIXED.meeting.charter, &FIXED.genesis);
    let server = Delivery::found(charter, FIXED.route(), genesis, &made.group_info, &made.tree);
    (ann, server.expect("a group by the book"))
}

thread_local! {
    static SERVER: RefCell<Option<Delivery>> = const { RefCell::new(None) };
    static MODIFIED: RefCell<Option<(Member, Delivery)>> = const { RefCell::new(None) };
}

/// The first byte says as what the rest comes: a commit with its GroupInfo, a proposal, or something sealed.
pub fn delivery(bytes: &[u8], planted: bool) {
    let Some((kind, message)) = bytes.split_first() else {
        return;
    };
    SERVER.with_borrow_mut(|kept| {
        let server =
            kept.get_or_insert_with(|| Delivery::restore(SNAPSHOT).expect("the fixture is of this version"));
        let epoch = server.epoch();
        let changed = match kind % 3 {
            0 => {
                // Two bytes of length, so that both parts can be changed.
                let at = message
                    .first_chunk()
                    .map_or(0, |two| usize::from(u16::from_be_bytes(*two)));
                let (commit, info) = message
                    .get(2..)
                    .unwrap_or_default()
                    .split_at_checked(at)
                    .unwrap_or_default();
                let taken = server.take_commit(commit, info, Entering::Knocked(&[])).is_ok();
                assert_eq!(server.epoch(), epoch, "nothing counts before it is confirmed");
                assert_eq!(server.confirm().is_ok(), taken);
                assert_eq!(server.epoch(), epoch + u64::from(taken));
                taken
            }
            1 => server.accept_proposal(message).is_ok(),
            _ => {
                if let Ok(of) = server.check_sealed(message) {
                    assert!(of <= epoch && epoch - of <= 3);
                    plant(planted, rare(message));
                }
                false
            }
        };
        if changed {
            *kept = None;
        }
    });
}

/// A member who signs whatever they like: two bytes of length, the content of the extension `ringfence`, then what the
/// commit says it rests on. The first byte says what else is in the commit.
pub fn gate(bytes: &[u8], planted: bool) {
    let Some(([flags, high, low], rest)) = bytes.split_first_chunk() else {
        return;
    };
    let at = usize::from(u16::from_be_bytes([*high, *low]));
    let (context, grounds) = rest.split_at_checked(at).unwrap_or((rest, &[]));
    plant(planted, rare(context) && Grounds::decode(grounds).is_ok());
    MODIFIED.with_borrow_mut(|kept| {
        let (ann, server) = kept.get_or_insert_with(founded);
        let adds = match flags & 1 {
            0 => vec![],
            _ => vec![
                read_package(ann.crypto(), &candidate("ben").key_package().expect("ours")).expect("ours"),
            ],
        };
        let plan = Plan {
            adds,
            ringfence: (!context.is_empty()).then(|| context.to_vec()),
            psk: flags & 2 != 0,
            data: grounds.to_vec(),
            ..Plan::default()
        };
        let Ok(out) = ann.commit(plan) else {
            *kept = None;
            return;
        };
        let facts = ann
            .own_facts(grounds.to_vec())
            .expect("our own commit can be read");
        let waiting: Vec<_> = facts.adds.iter().map(|add| add.package).collect();
        let member = ringfence_e2ee::admit::admit(server.state(), &facts)
            .map(|_| ())
            .map_err(|e| e.code);
        let taken = server.take_commit(&out.commit, &out.group_info, Entering::Knocked(&waiting));
        let taken = taken.map(|_| ()).map_err(|e| e.code);
        assert_eq!(member, taken, "members and server judge alike");
        match taken {
            Ok(()) => *kept = None,
            Err(_) => ann.clear_own().expect("nothing was merged"),
        }
    });
}
