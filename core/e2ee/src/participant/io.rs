//! What goes into and comes out of a participant, as JSON. Nothing here decides anything.
//! Not here: what it and its server say to each other (`messages.rs`).
use super::messages::ClientMessage;
use super::observing::{Said, TripWord};
use super::rules::{Change, Rule};
use ringfence_fence::{Parent, Reason, Standing};
use ringfence_signed::{from_text, to_text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// Bytes as base64url without padding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    pub fn of(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&to_text(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_text(&text)
            .map(Self)
            .map_err(|error| serde::de::Error::custom(error.detail))
    }
}

#[derive(Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Input {
    Server {
        message: serde_json::Value,
    },
    Signed {
        id: u64,
        signature: Bytes,
    },
    Join {
        name: String,
    },
    Admit {
        knock: String,
    },
    Deny {
        knock: String,
    },
    Remove {
        member: Bytes,
    },
    Amend {
        change: Change,
    },
    /// What a change would come to; `proposed` answers, and nothing is changed.
    Propose {
        id: u64,
        change: Change,
    },
    Leave,
    Chat {
        text: String,
    },
    State {
        muted: bool,
        camera: bool,
    },
    Offer {
        sdp: String,
    },
    Remote {
        address: String,
        port: u16,
    },
    Code,
    Tick,
    Offline,
    Online,
    View {
        wants: serde_json::Value,
    },
    /// The least of so many round trips to the address that media goes to, in milliseconds.
    Trip {
        min_ms: f64,
        samples: u32,
    },
    /// What was seen of where the meeting is, signed; `place`: with where the person says they are.
    Receipt {
        place: bool,
    },
    /// Where the person says they are; with null for all numbers they say no more.
    Whereabouts(Said),
}

impl Input {
    /// Whether a person has just asked for it, and looks for an answer.
    pub fn is_wish(&self) -> bool {
        use Input::{Admit, Amend, Chat, Deny, Join, Propose, Receipt, Remove};
        matches!(
            self,
            Join { .. }
                | Admit { .. }
                | Deny { .. }
                | Remove { .. }
                | Amend { .. }
                | Propose { .. }
                | Chat { .. }
                | Receipt { .. }
        )
    }
}

/// What this device remembers of a meeting, so that nobody shows it something older.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub version: u64,
    pub charter: Bytes,
    pub generation: u64,
    pub serials: BTreeMap<String, u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Connecting,
    Ready,
    Waiting,
    Joining,
    In,
    Left,
    Removed,
    Denied,
    Stopped,
    Lost,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Signer {
    Member,
    Host,
    Owner,
}

#[derive(Serialize, PartialEq)]
pub struct RoleDecision {
    pub role: &'static str,
    pub allowed: bool,
    /// Decided here; otherwise it is the operator's word.
    pub checked: bool,
    pub reasons: Vec<Reason>,
}

/// What a data set says about one of the node's addresses.
#[derive(Serialize, PartialEq)]
pub struct SourceWord {
    pub kind: &'static str,
    pub name: String,
    /// When the data set was made: a day of ISO 8601.
    pub date: String,
    pub address: String,
    /// `None`: nothing.
    pub country: Option<String>,
}

#[derive(Serialize, PartialEq)]
pub struct NodePlace {
    pub node: Bytes,
    pub name: String,
    pub roles: Vec<&'static str>,
    pub operator: String,
    pub parents: Vec<Parent>,
    pub country: Option<String>,
    pub place: Option<String>,
    pub addresses: Vec<String>,
    pub coordinates: Option<Coordinates>,
    pub standing: Standing,
    pub allowed: bool,
    pub decisions: Vec<RoleDecision>,
    pub sources: Vec<SourceWord>,
    pub trips: Vec<TripWord>,
    /// Of the places that the fence asks to rule out: those that are, and those that are not.
    pub excluded: Vec<String>,
    pub not_excluded: Vec<String>,
}

/// In degrees.
#[derive(Serialize, PartialEq)]
pub struct Coordinates {
    pub lat: f64,
    pub lon: f64,
}

#[derive(Serialize, PartialEq)]
pub struct PlaceEvent {
    pub nodes: Vec<NodePlace>,
    pub sentences: Vec<String>,
    pub fence_name: String,
    pub may_probe: bool,
    pub may_send: bool,
    /// The log that the route is written down in.
    pub log: Option<LogWord>,
    /// The other nodes that could have been chosen.
    pub candidates: Vec<CandidatePlace>,
}

/// A node that is not in use. What is said of it is null where no statement of it is shown that counts.
#[derive(Serialize, PartialEq)]
pub struct CandidatePlace {
    pub node: Bytes,
    pub name: Option<String>,
    pub operator: Option<String>,
    pub country: Option<String>,
    pub place: Option<String>,
    /// The code of the reason that the server had against it; null: none.
    pub refused: Option<String>,
    /// This device could decide about it itself; `reason` is then its own against it, if it has one.
    pub looked: bool,
    pub reason: Option<Reason>,
    /// Server and device decide otherwise (`RF3165`).
    pub differs: bool,
}

#[derive(Serialize, PartialEq)]
pub struct LogWord {
    pub origin: String,
    /// How many entries it had at last.
    pub size: u64,
}

#[derive(Serialize)]
pub struct RosterMember {
    pub leaf: u32,
    pub member: Bytes,
    pub name: Option<String>,
    pub role: &'static str,
    pub you: bool,
    pub present: bool,
    pub muted: bool,
    pub camera: bool,
}

#[derive(Serialize)]
pub struct KnockItem {
    pub id: String,
    pub name: String,
}

#[derive(Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Event {
    Phase {
        phase: Phase,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    Meeting {
        meeting: Bytes,
        title: String,
        admission: &'static str,
        mode: &'static str,
        role: &'static str,
        /// This device can change the charter.
        owner: bool,
        version: u64,
        until: Option<u64>,
    },
    Place(PlaceEvent),
    Roster {
        epoch: u64,
        mode: &'static str,
        members: Vec<RosterMember>,
    },
    Knocks {
        knocks: Vec<KnockItem>,
    },
    Chat {
        id: String,
        from_member: Bytes,
        name: Option<String>,
        you: bool,
        text: String,
        at: u64,
        /// Said before we came back, by the word of this member.
        #[serde(skip_serializing_if = "Option::is_none")]
        told_by: Option<String>,
        /// Its place: the id of the message that it belongs before; else the end.
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<String>,
    },
    Code {
        code: String,
        epoch: u64,
    },
    Problem {
        code: String,
        detail: String,
        fatal: bool,
    },
    Cutoff {
        since: Option<u64>,
    },
    Notice {
        kind: &'static str,
        name: Option<String>,
        by: Option<String>,
    },
    /// The owner has changed the charter. `by`: whose page brought it, where we were there; else nothing is known but
    /// that this device had seen an older one.
    Charter {
        version: u64,
        by: Option<String>,
        you: bool,
        rules: Vec<Rule>,
    },
    /// `id`: of the question. `proposal` is null where it cannot be done at all, for `trouble`.
    Proposed {
        id: u64,
        proposal: Option<Proposal>,
        trouble: Option<Trouble>,
    },
}

/// What a change of the charter would come to.
#[derive(Serialize)]
pub struct Proposal {
    /// Of the charter from which `rules` says what differs.
    pub version: u64,
    pub rules: Vec<Rule>,
    pub node: String,
    /// Why the node could not even be contacted: then nothing can be changed.
    pub barred: Option<Reason>,
    /// Why this device would send no media at first.
    pub waits: Vec<Reason>,
    /// Each page would have to rule places out by round trips of its own.
    pub measured: bool,
}

#[derive(Serialize)]
pub struct Trouble {
    pub code: &'static str,
    pub detail: String,
}

#[derive(Serialize)]
pub struct KeyLeaf {
    pub leaf: u32,
}

#[derive(Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Output {
    Send {
        message: ClientMessage,
    },
    Sign {
        id: u64,
        key: Signer,
        tbs: Bytes,
    },
    Remember {
        seen: Seen,
    },
    /// The newest checkpoint of a log, so that nobody shows this device another story of it.
    RememberLog {
        log: String,
        size: u64,
        checkpoint: String,
    },
    /// A secret that this device keeps with its keys: should this member become a host, names are sealed to it.
    Keep {
        host_hpke: Bytes,
    },
    /// What was measured of the way to the node counts no more: the page is to measure it anew, and not when it would anyway.
    Measure,
    Receipt {
        document: Bytes,
    },
    Answer {
        sdp: String,
    },
    /// Another connection to the server, in place of this one.
    Renew,
    Keys {
        epoch: u64,
        own_leaf: u32,
        leaves: Vec<KeyLeaf>,
        close_old_after_ms: u64,
        switch_after_ms: u64,
    },
    Media {
        open: bool,
        why: &'static str,
    },
    Event {
        event: Event,
    },
}
