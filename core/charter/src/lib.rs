//! The signed documents of a meeting: link, charter, admissions, ledger, route, media channel.
//! Not here: group keys (`ringfence-e2ee`), and the fence's own rules (`ringfence-fence`).
pub mod admission;
pub mod candidates;
pub mod channel;
pub mod charter;
pub mod hello;
pub mod knock;
pub mod ledger;
pub mod link;
pub mod rejoin;
pub mod route;

pub use admission::{Admission, Genesis, Leaf, PersonRole, Removal};
pub use channel::Channel;
pub use charter::{Admits, Charter, CharterSource, Founders, Host, Seen};
pub use hello::Hello;
pub use knock::Knock;
pub use ledger::{Entry, Former, Ledger, Remover};
pub use link::Link;
pub use rejoin::Rejoin;
pub use ringfence_signed::{B16, B32, Error, Result};
pub use route::Route;
