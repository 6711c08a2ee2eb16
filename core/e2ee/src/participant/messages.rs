//! What a participant and its server say to each other, as JSON. Nothing here decides anything.
//! Not here: what passes between a participant and its page (`io.rs`).
use super::io::Bytes;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub struct SealedName {
    pub host: Bytes,
    pub sealed: Bytes,
}

#[derive(Deserialize)]
pub struct HelloMessage {
    pub charter: Bytes,
    pub route: Bytes,
    pub statement: Bytes,
    /// What data sets say about the addresses of the statement.
    #[serde(default)]
    pub located: Vec<Bytes>,
    /// What beacons measured of the way to the node.
    #[serde(default)]
    pub transcripts: Vec<Bytes>,
    pub proof: Bytes,
    pub knock_nonce: Bytes,
    pub generation: Option<u64>,
    pub group: Option<Bytes>,
    pub epoch: Option<u64>,
    pub alive: bool,
    #[serde(default)]
    pub logged: Option<Logged>,
    /// Every node that could carry the meeting.
    #[serde(default)]
    pub candidates: Vec<CandidateMessage>,
}

/// `refused`: the code of the reason against it, where there was one.
#[derive(Deserialize)]
pub struct CandidateMessage {
    pub node: Bytes,
    pub refused: Option<String>,
    /// Of a node that is not in use: what its operator says of it.
    #[serde(default)]
    pub statement: Option<Bytes>,
}

/// Where the route is written down in the log, as the server shows it.
#[derive(Deserialize)]
pub struct Logged {
    pub salt: Bytes,
    pub index: u64,
    pub proof: Vec<Bytes>,
    /// A signed note.
    pub checkpoint: String,
    /// That it continues the checkpoint that this device said it knows.
    #[serde(default)]
    pub continues: Vec<Bytes>,
}

#[derive(Deserialize)]
pub struct KnockMessage {
    pub id: String,
    pub package: Bytes,
    pub admission: Option<Bytes>,
    pub proof: Bytes,
    #[serde(default)]
    pub names: Vec<SealedName>,
    /// The server says that nobody has to be asked.
    #[serde(default)]
    pub auto: bool,
}

#[derive(Deserialize)]
pub struct WelcomeMessage {
    pub welcome: Bytes,
    pub tree: Bytes,
    pub ledger: Bytes,
    pub epoch: u64,
    #[serde(flatten)]
    pub ticket: Ticket,
}

#[derive(Deserialize)]
pub struct GroupMessage {
    pub group_info: Bytes,
    pub tree: Bytes,
    pub ledger: Bytes,
    pub epoch: u64,
}

/// What a server gives to a leaf, so that its session can go on over another connection.
#[derive(Clone, Deserialize)]
pub struct Ticket {
    pub token: Bytes,
    /// The number of the last message that the leaf need not be given again.
    pub n: u64,
}

#[derive(Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ServerMessage {
    Hello(Box<HelloMessage>),
    Founded(Ticket),
    Waiting {
        /// A host has to let us in.
        lobby: bool,
    },
    Knock(Box<KnockMessage>),
    Settled {
        id: String,
    },
    /// To who is outside: the charter is another one, so greetings and knocks have to be made anew.
    Amended,
    Denied,
    Welcome(Box<WelcomeMessage>),
    Group(Box<GroupMessage>),
    Rejoined {
        leaf: u32,
        #[serde(flatten)]
        ticket: Ticket,
    },
    Resumed {
        taken: u64,
    },
    Commit {
        epoch: u64,
        commit: Bytes,
    },
    Confirmed {
        epoch: u64,
        #[serde(default)]
        n: u64,
    },
    Reopened {
        epoch: u64,
    },
    Proposal {
        message: Bytes,
        #[serde(default)]
        n: u64,
    },
    Sealed {
        message: Bytes,
        /// Only of what is kept for who is away.
        #[serde(default)]
        n: Option<u64>,
    },
    Taken {
        id: u64,
    },
    Present {
        leaves: Vec<u32>,
    },
    Answer {
        sdp: String,
        binding: Bytes,
    },
    Log {
        old: u64,
        new: u64,
        proof: Vec<Bytes>,
    },
    Transcripts {
        transcripts: Vec<Bytes>,
    },
    Slots,
    Speaking,
    Pong,
    Error {
        code: String,
        #[serde(default)]
        detail: String,
        re: Option<String>,
    },
    Removed,
    Bye,
}

#[derive(Serialize)]
pub struct Admitting {
    pub knock: String,
}

/// How many entries a log had when this device saw it last.
#[derive(Serialize)]
pub struct KnownLog {
    pub log: String,
    pub size: u64,
}

#[derive(Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ClientMessage {
    Hello {
        v: u8,
        nonce: Bytes,
        logs: Vec<KnownLog>,
    },
    /// Asks for the proof that the log of `new` entries continues the one of `old`.
    Log {
        old: u64,
        new: u64,
    },
    /// Our leaf, of which a connection was lost, goes on over this one.
    Resume {
        proof: Bytes,
        token: Bytes,
        after: u64,
    },
    Found {
        genesis: Bytes,
        group_info: Bytes,
        tree: Bytes,
    },
    Knock {
        package: Bytes,
        admission: Option<Bytes>,
        proof: Bytes,
        names: Vec<SealedName>,
    },
    /// Proof that we hold a member key that is admitted: the group is asked for.
    Back {
        proof: Bytes,
    },
    Rejoin {
        epoch: u64,
        commit: Bytes,
        group_info: Bytes,
    },
    Deny {
        knock: String,
    },
    Commit {
        epoch: u64,
        commit: Bytes,
        group_info: Bytes,
        welcome: Option<Bytes>,
        welcomes: Vec<Admitting>,
    },
    /// Whether a provisional commit can be merged here.
    Checked {
        epoch: u64,
        ok: bool,
    },
    Proposal {
        message: Bytes,
    },
    Sealed {
        message: Bytes,
        to: Option<u32>,
        /// Ours, of what is to be kept for who is away.
        id: Option<u64>,
    },
    Offer {
        sdp: String,
        nonce: Bytes,
    },
    View {
        wants: serde_json::Value,
    },
    Bye,
}
