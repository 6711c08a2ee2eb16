//! What offline data sets say about where an address is: read from the files that others publish, and kept in one form.
//! Not here: what it is worth as evidence (`ringfence-fence`), or where files lie (Python).
mod databases;
mod dataset;
mod delegated;
mod ranges;
mod read;
mod stored;

pub use dataset::{Country, DataSet, Range};
pub use read::{Hints, read};
pub use ringfence_fence::evidence::Kind;
