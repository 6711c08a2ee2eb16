//! What checking comes to, for people and programs. Not here: checking (`verify`, `compare`).
use serde::Serialize;

/// Who vouches for a line: what the participant says is their testimony, and everything else is signed by somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    Owner,
    Operator,
    Node,
    Log,
    /// A data set that the owner named.
    Data,
    /// A beacon that the owner named.
    Beacon,
    Participant,
    /// Nobody: whoever reads the receipt decided it again, from what is signed in it.
    Reader,
}

/// One thing that a receipt shows. Times are unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    pub by: By,
    pub from: Option<u64>,
    pub until: Option<u64>,
    pub text: String,
}

/// Something that keeps a receipt from being clean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub code: &'static str,
    pub at: Option<u64>,
    pub text: String,
}

impl Finding {
    pub(crate) fn new(code: &'static str, at: impl Into<Option<u64>>, text: impl Into<String>) -> Self {
        let (at, text) = (at.into(), text.into());
        Self { code, at, text }
    }
}

/// One receipt that holds together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Base64url, as all names here.
    pub meeting: String,
    pub member: String,
    /// Nothing was sent but to nodes inside the fence, as far as this participant saw.
    pub clean: bool,
    pub from: u64,
    pub made: u64,
    pub lines: Vec<Line>,
    pub findings: Vec<Finding>,
}

/// Several of one meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    pub clean: bool,
    /// Epochs of the group that more than one of them was in, each with the same keys.
    pub common_epochs: usize,
    pub findings: Vec<Finding>,
    pub receipts: Vec<Report>,
}
