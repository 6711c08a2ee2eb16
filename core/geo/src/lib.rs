//! What offline data sets say about where an address is, and in whose network: read from the files that others publish, kept in one form, and
//! shown about one address to who has only the digest of the whole.
//! Not here: what it is worth as evidence (`ringfence-fence`), or where files lie (Python).
#[cfg(feature = "files")]
mod announced;
#[cfg(feature = "files")]
mod country;
#[cfg(feature = "files")]
mod cover;
#[cfg(feature = "files")]
mod databases;
#[cfg(feature = "files")]
mod dataset;
#[cfg(feature = "files")]
mod delegated;
pub mod located;
#[cfg(feature = "files")]
mod networks;
#[cfg(feature = "files")]
mod ranges;
#[cfg(feature = "files")]
mod read;
#[cfg(feature = "files")]
mod stored;

#[cfg(feature = "files")]
pub use country::Country;
#[cfg(feature = "files")]
pub use cover::Cover;
#[cfg(feature = "files")]
pub use dataset::{DataSet, Range};
#[cfg(feature = "files")]
pub use networks::{Network, Networks};
#[cfg(feature = "files")]
pub use read::{Hints, Published, published, read};
pub use ringfence_fence::evidence::{Kind, Located};
