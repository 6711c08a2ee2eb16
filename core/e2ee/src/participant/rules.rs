//! What the owner asks to have changed in a charter, and what a page is told is different, as JSON.
//! Not here: changing it (`amending.rs`).
use super::io::Bytes;
use ringfence_charter::Admits;
use ringfence_signed::B32;
use serde::{Deserialize, Serialize};

/// What the owner wants changed; what is not named stays.
#[derive(Deserialize)]
pub struct Change {
    /// Of the charter that is to be changed, where the owner has seen what would differ from it.
    #[serde(default)]
    pub version: Option<u64>,
    /// A fence, as canonical CBOR.
    pub policy: Option<Bytes>,
    pub admission: Option<String>,
    pub host: Option<HostWish>,
}

impl Change {
    pub fn no_host(member: &B32) -> Self {
        let member = Bytes::of(member);
        let host = Some(HostWish { member, host: false });
        Self {
            version: None,
            policy: None,
            admission: None,
            host,
        }
    }
}

/// Whether a member is to act as host.
#[derive(Deserialize)]
pub struct HostWish {
    pub member: Bytes,
    pub host: bool,
}

/// One thing that is different in a charter. `name`: of whom, of the fence, or of the meeting.
#[derive(Serialize)]
pub struct Rule {
    pub kind: RuleKind,
    pub name: Option<String>,
    pub you: bool,
    /// Of the fence: what differs, one sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

impl Rule {
    pub fn plain(kind: RuleKind) -> Self {
        Self {
            kind,
            name: None,
            you: false,
            details: vec![],
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    Fence,
    Link,
    /// The link, but not while a group lasts whose members removed somebody.
    Unless,
    Lobby,
    Title,
    /// Somebody is host now.
    Host,
    /// Somebody is host no more.
    Guest,
    /// Hosts who are not here.
    Hosts,
    Others,
}

impl RuleKind {
    pub fn of(admission: Admits) -> Self {
        match admission {
            Admits::Link => Self::Link,
            Admits::Lobby => Self::Lobby,
        }
    }
}
