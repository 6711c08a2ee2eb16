//! Responsible for: one person's membership in Python, for programs that take part and for tests.
//! Not responsible for: any decision (`ringfence-e2ee`). The server never imports this.
use crate::refusal;
use pyo3::exceptions::PyLookupError;
use pyo3::prelude::*;
use ringfence_e2ee as e2ee;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// JSON text in, JSON text out; times are milliseconds since 1970.
#[pyclass(frozen, module = "ringfence._core.member")]
pub struct Participant(Mutex<e2ee::Participant>);

impl Participant {
    fn open(&self) -> MutexGuard<'_, e2ee::Participant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Participant {
    #[new]
    fn new(config: &str, now_ms: u64) -> PyResult<Self> {
        let participant = e2ee::Participant::new(config, now_ms).map_err(refusal)?;
        Ok(Self(Mutex::new(participant)))
    }

    fn handle(&self, input: &str, now_ms: u64) {
        self.open().handle(input, now_ms);
    }

    /// The outputs since the last call: a JSON array.
    fn take(&self) -> String {
        self.open().take()
    }

    /// When to `handle({"t":"tick"})`.
    fn next_timeout(&self) -> Option<u64> {
        self.open().next_timeout()
    }

    /// A sender's base key.
    fn media_key(&self, epoch: u64, leaf: u32) -> PyResult<Vec<u8>> {
        let key = self.open().media_key(epoch, leaf);
        let key = key.ok_or_else(|| PyLookupError::new_err("RF3295: no key of that epoch and leaf"))?;
        Ok(key.as_bytes().to_vec())
    }
}

pub fn module(python: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(python, "member")?;
    module.add_class::<Participant>()?;
    Ok(module)
}
