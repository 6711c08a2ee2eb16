//! The fence: policies, node statements and the one decision about both.
//! Not here: gathering evidence, and choosing among nodes that are inside.
pub mod borders;
mod cells;
pub mod decide;
pub mod decision;
mod difference;
#[cfg(feature = "draft")]
pub mod draft;
pub mod evidence;
mod explain;
pub mod geometry;
mod groups;
mod legs;
mod physics;
pub mod place;
pub mod policy;
#[cfg(feature = "written")]
pub mod preset;
#[cfg(feature = "written")]
pub mod preview;
mod sources;
pub mod statement;
mod terms;
pub mod transcript;
#[cfg(feature = "written")]
mod written;

pub use decide::decide;
pub use decision::{Decision, InFence, Reason, Standing};
pub use difference::difference;
pub use evidence::{Evidence, Observer, Trip};
pub use legs::{decide_all, decide_probe};
pub use place::place;
pub use policy::Policy;
pub use statement::{Coordinates, Log, Parent, Statement, StatementSource, Trust};
pub use transcript::Transcript;

/// Every leg of a meeting that a server can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Web,
    Signalling,
    Keys,
    Media,
    Relay,
    Recording,
    Storage,
    Log,
    Metrics,
    Mail,
    Identity,
    Gateway,
}

impl Role {
    pub const ALL: [Role; 12] = [
        Role::Web,
        Role::Signalling,
        Role::Keys,
        Role::Media,
        Role::Relay,
        Role::Recording,
        Role::Storage,
        Role::Log,
        Role::Metrics,
        Role::Mail,
        Role::Identity,
        Role::Gateway,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Role::Web => "web",
            Role::Signalling => "signalling",
            Role::Keys => "keys",
            Role::Media => "media",
            Role::Relay => "relay",
            Role::Recording => "recording",
            Role::Storage => "storage",
            Role::Log => "log",
            Role::Metrics => "metrics",
            Role::Mail => "mail",
            Role::Identity => "identity",
            Role::Gateway => "gateway",
        }
    }

    pub fn named(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether a client sees for itself that the node does this; other roles are the operator's word.
    pub fn is_checked_by_clients(self) -> bool {
        matches!(self, Role::Web | Role::Media | Role::Relay)
    }
}
