//! A meeting whose documents are the same bytes in every run, so that kept inputs stay what they were.
//! Not here: groups (group.rs) or people (participant.rs).

#[path = "../../e2ee/tests/world/mod.rs"]
pub mod world;

use ed25519_dalek::SigningKey;
use ringfence_charter::{Admits, Charter, CharterSource, Genesis, Ledger, PersonRole};
use ringfence_fence::{StatementSource, Trust};
use ringfence_signed::{B32, cose, hash};
use std::sync::LazyLock;
use world::{Meeting, Other, key, public};

pub const GROUP: B32 = [5; 32];
pub const NONCE: [u8; 16] = [2; 16];

pub struct Fixed {
    pub meeting: Meeting,
    pub charter: CharterSource,
    /// The one that comes after it.
    pub next: CharterSource,
    pub trust: Trust,
    pub statement: StatementSource,
    pub genesis: Vec<u8>,
}

/// The same in every run, beside the secret of its host's.
pub fn meeting() -> Meeting {
    let mut meeting = Meeting::new(Admits::Link);
    // The one thing that is random in it.
    meeting.charter_fields.hosts[0].hpke = [6; 32];
    // Another node could have been chosen, so that there is one to look at.
    meeting.others.push(Other {
        key: key("beijing"),
        refused: Some("RF2104".into()),
        stated: Some("CN"),
    });
    meeting.route = meeting.route("start");
    meeting.charter = cose::sign(
        cose::label::CHARTER,
        &meeting.charter_fields.encode(),
        &meeting.owner,
    );
    meeting
}

pub static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let meeting = meeting();
    let charter = CharterSource::read(&meeting.charter).expect("our own");
    let mut next = Charter::clone(&charter);
    (next.version, next.previous) = (2, Some(charter.hash));
    let next = cose::sign(cose::label::CHARTER, &next.encode(), &meeting.owner);
    let next = CharterSource::read(&next).expect("our own");
    let trust = charter.trust.clone();
    let statement = StatementSource::verify(&meeting.statement, &trust).expect("our own");
    let genesis = Genesis {
        meeting: charter.meeting,
        generation: 1,
        group: GROUP,
        member: public(&key("ann")),
        role: PersonRole::Host,
        charter: charter.hash,
        by: public(&meeting.host),
    };
    let genesis = cose::sign(cose::label::GENESIS, &genesis.encode(), &meeting.host);
    Fixed {
        meeting,
        charter,
        next,
        trust,
        statement,
        genesis,
    }
});

impl Fixed {
    pub fn ledger(&self) -> Ledger {
        let genesis = Genesis::verify(&self.genesis, &self.charter, &self.charter.hash).expect("our own");
        Ledger::found(&genesis, self.genesis.clone())
    }

    pub fn route(&self) -> B32 {
        hash(&self.meeting.route)
    }

    /// Who signs which kind of document.
    pub fn signers(&self) -> [(&'static str, SigningKey); 12] {
        let made = &self.meeting;
        let link = made.link.signing_key();
        [
            ("ringfence node v1", made.node.clone()),
            ("ringfence statement v1", made.operator.clone()),
            ("ringfence charter v1", made.owner.clone()),
            ("ringfence genesis v1", made.host.clone()),
            ("ringfence admission v1", link.clone()),
            ("ringfence removal v1", made.host.clone()),
            ("ringfence leaf v1", key("ann")),
            ("ringfence knock v1", link),
            ("ringfence route v1", made.node.clone()),
            ("ringfence hello v1", made.node.clone()),
            ("ringfence channel v1", made.node.clone()),
            ("ringfence rejoin v1", key("ann")),
        ]
    }
}
