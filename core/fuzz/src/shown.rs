//! A group as a server shows it to who comes back, and as a founder shows it to a server: GroupInfo, tree and ledger.
//! Not here: ledgers on their own (documents.rs), or what comes later (group.rs).
use crate::group::{SNAPSHOT, context};
use crate::made::{self, Group, damaged, part};
use crate::meeting::world::{key, public};
use crate::meeting::{FIXED, GROUP};
use crate::{plant, rare};
use ringfence_charter::Leaf;
use ringfence_e2ee::candidate::Candidate;
use ringfence_e2ee::delivery::{Delivery, Entering};
use ringfence_signed::{cbor, cose};
use std::sync::LazyLock;

/// The fixture of two members, taken apart.
struct Pair {
    ledger: Vec<u8>,
    group: Group,
}

static PAIR: LazyLock<Pair> = LazyLock::new(|| {
    let server = Delivery::restore(SNAPSHOT).expect("the fixture is of this version");
    let (info, tree) = (server.group_info().to_vec(), server.tree().expect("a tree"));
    Pair {
        ledger: server.ledger(),
        group: Group { info, tree },
    }
});

/// The first byte says whether it is the fixture's group, in which bytes are others; or one that was signed by who likes to,
/// shown by a server or to one. The rest is what is other, part by part.
pub fn groups(bytes: &[u8], planted: bool) {
    let Some((kind, mut changes)) = bytes.split_first() else {
        return;
    };
    let (ledger, group) = match kind % 3 {
        0 => {
            let info = damaged(&PAIR.group.info, part(&mut changes));
            let tree = damaged(&PAIR.group.tree, part(&mut changes));
            (damaged(&PAIR.ledger, changes), Group { info, tree })
        }
        _ => {
            let ledger = FIXED.ledger();
            let leaf = made::leaf(&key("ann"), FIXED.charter.meeting, GROUP);
            let group = made::group(&leaf, &GROUP, &context(&ledger), &mut changes);
            (damaged(&ledger.encode(), changes), group)
        }
    };
    let Group { info, tree } = &group;
    let (charter, route) = (&FIXED.meeting.charter, FIXED.route());
    let view = match kind % 3 {
        2 => Delivery::found(charter, route, &damaged(&FIXED.genesis, changes), info, tree),
        _ => shown(charter, &ledger, &group),
    };
    let Ok(view) = view else {
        return;
    };
    assert_eq!(view.group_info(), info);
    assert_eq!(&view.tree().expect("a tree"), tree, "one tree, one encoding");
    let state = view.state();
    let admitted = |seat: &ringfence_e2ee::delivery::Seat| state.ledger.current(&seat.member).is_some();
    assert!(
        view.members().iter().all(admitted),
        "somebody sits there whom nobody admitted"
    );
    if kind % 3 != 2 {
        assert_eq!(view.ledger(), ledger, "one ledger, one encoding");
    }
    plant(planted, kind % 3 != 0 && rare(&bytes[1..]));
    come_back(view, tree);
}

/// By the way of a restart of the server, which reads the same as who comes back.
fn shown(charter: &[u8], ledger: &[u8], group: &Group) -> ringfence_signed::Result<Delivery> {
    Delivery::restore(&cbor::encode(&cbor::map([
        ("charter", cbor::bytes(charter)),
        ("route", cbor::bytes(&FIXED.route())),
        ("ledger", cbor::bytes(ledger)),
        ("info", cbor::bytes(&group.info)),
        ("tree", cbor::bytes(&group.tree)),
    ])))
}

/// Ann comes back to what was shown; the view says whether it would take that.
fn come_back(mut view: Delivery, tree: &[u8]) {
    let mut candidate = Candidate::new(&FIXED.meeting.link.psk()).expect("randomness");
    let leaf = Leaf {
        meeting: FIXED.charter.meeting,
        group: GROUP,
        member: public(&key("ann")),
        leaf: candidate.leaf_key().expect("a key"),
        serial: 1,
    };
    candidate.certify(cose::sign(cose::label::LEAF, &leaf.encode(), &key("ann")));
    let Ok((member, made)) = candidate.come_back(view.group_info(), tree) else {
        return;
    };
    let epoch = view.epoch();
    let back = Entering::Back(public(&key("ann")));
    let taken = view.take_commit(&made.commit, &made.group_info, back);
    let taken = taken.map(|accepted| accepted.admitted.epoch);
    assert_eq!(
        taken.map_err(|error| error.code),
        Ok(epoch + 1),
        "the way back is refused"
    );
    view.confirm().expect("it was taken");
    assert_eq!(member.tree().expect("a tree"), view.tree().expect("a tree"));
}
