//! The error of every crate above this one: a stable code from the closed list, and what was seen.
//! Not here: the words for people (`src/ringfence/errors`), which belong to the code.

/// A refusal. `code` is in the closed list; `detail` says what was seen and holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Error {
    pub code: &'static str,
    pub detail: String,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}
