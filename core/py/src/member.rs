//! Responsible for: one person's membership in Python, for programs that take part and for tests.
//! Not responsible for: any of what it does (`ringfence-e2ee`). The server must never import this.
use crate::refusal;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ringfence_e2ee::Participant as State;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// JSON in, JSON out; times in milliseconds since 1970.
#[pyclass(frozen, module = "ringfence._core.member")]
pub struct Participant(Mutex<State>);

impl Participant {
    fn open(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Participant {
    #[new]
    fn new(config: &str, now_ms: u64) -> PyResult<Self> {
        Ok(Self(Mutex::new(State::new(config, now_ms).map_err(refusal)?)))
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

    /// A sender's base key, of an epoch that is still kept.
    fn media_key(&self, python: Python<'_>, epoch: u64, leaf: u32) -> Option<Py<PyBytes>> {
        let key = self.open().media_key(epoch, leaf)?;
        Some(PyBytes::new(python, key.as_bytes()).unbind())
    }
}

pub fn module(python: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(python, "member")?;
    module.add_class::<Participant>()?;
    Ok(module)
}
