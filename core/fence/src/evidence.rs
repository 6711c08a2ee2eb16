//! What the decision is given besides the operator's word. The caller gathers it.
//! Not here: round trips and beacons; they come with the physics, and until then nothing is proven or ruled out.
use serde::Deserialize;

/// Evidence older than this counts as absent (seconds).
pub const MAX_AGE: u64 = 400 * 86_400;

/// One offline data set's word about one address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// `registry` or `geoip`: two of one kind are not independent.
    pub kind: String,
    pub name: String,
    /// When the data set was made, in unix seconds.
    pub date: u64,
    pub address: String,
    pub country: String,
    /// Whether the charter pins this data set. An unpinned one can lower a standing and never raise it.
    #[serde(default)]
    pub pinned: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    #[serde(default)]
    pub sources: Vec<Source>,
}
