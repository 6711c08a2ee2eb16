//! Responsible for: one person's membership in Python, for programs that take part and for tests.
//! Not responsible for: any of what it does (`ringfence-e2ee`). The server must never import this.
use crate::refusal;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ringfence_call::call::{Call as Media, Command};
use ringfence_call::frames::Kind;
use ringfence_call::ring::EpochKeys;
use ringfence_call::source::{self, Source};
use ringfence_call::thread::Running;
use ringfence_e2ee::Participant as State;
use ringfence_signed::{Error, Result};
use std::os::fd::AsRawFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Of a file that is sent.
const LARGEST_FILE: u64 = 256 << 20;

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

    fn handle(&self, python: Python<'_>, input: &str, now_ms: u64) {
        python.detach(|| self.open().handle(input, now_ms));
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

/// What is sent: `test` is a pattern and a tone of our own, `slow` the same with fewer pictures, anything else a file of
/// VP8 (IVF) or Opus (Ogg).
fn sources(names: &[String]) -> Result<Vec<Source>> {
    let mut all = Vec::new();
    for name in names {
        match name.as_str() {
            "test" => all.extend(source::pattern()),
            "slow" => all.extend(source::slow_pattern()),
            file => all.push(source::read(&contents(file)?)?),
        }
    }
    let pictures = all.iter().filter(|one| matches!(one, Source::Picture(_))).count();
    if pictures > 1 || all.len() - pictures > 1 {
        return Err(Error::new("RF7007", "there can be one picture and one sound"));
    }
    Ok(all)
}

fn contents(name: &str) -> Result<Vec<u8>> {
    let unusable = |what: String| Error::new("RF7007", what);
    let failed = |error: std::io::Error| unusable(error.to_string());
    let length = std::fs::metadata(name).map_err(failed)?.len();
    if length > LARGEST_FILE {
        return Err(unusable("it is longer than 256 MiB".into()));
    }
    std::fs::read(name).map_err(failed)
}

/// The media of a participant, on a thread of its own that never waits for Python.
#[pyclass(frozen, module = "ringfence._core.member")]
struct Call {
    running: Running,
    #[pyo3(get)]
    sends_sound: bool,
    #[pyo3(get)]
    sends_picture: bool,
}

#[pymethods]
impl Call {
    /// Errors: `RF7007` for what cannot be sent, `RF4205`.
    #[new]
    fn new(names: Vec<String>, receives: bool) -> PyResult<Self> {
        let media = Media::new(sources(&names).map_err(refusal)?, receives, Instant::now());
        let (sends_sound, sends_picture) = (media.sends(Kind::Sound), media.sends(Kind::Picture));
        Ok(Self {
            running: Running::start(media).map_err(refusal)?,
            sends_sound,
            sends_picture,
        })
    }

    /// Readable when there is something to `take`.
    fn fileno(&self) -> i32 {
        self.running.told().as_raw_fd()
    }

    /// What it told since the last call: a JSON array.
    fn take(&self) -> PyResult<String> {
        json(&self.running.take())
    }

    /// Errors: `RF3240` for what is no command.
    fn handle(&self, command: &str) -> PyResult<()> {
        let command: Command = serde_json::from_str(command).map_err(|error| {
            refusal(Error::new(
                "RF3240",
                format!("a command, column {}", error.column()),
            ))
        })?;
        self.running.handle(command);
        Ok(())
    }

    /// The participant's keys of an epoch; they never come to Python.
    fn install(
        &self,
        participant: &Participant,
        epoch: u64,
        own_leaf: u32,
        leaves: Vec<u32>,
        keep_ms: u64,
        switch_ms: u64,
    ) {
        let state = participant.open();
        let keys = leaves.into_iter();
        let keys = keys.filter_map(|leaf| Some((leaf, state.media_key(epoch, leaf)?)));
        let keys = keys.collect();
        drop(state);
        self.running.install(EpochKeys {
            epoch,
            own_leaf,
            keys,
            keep: Duration::from_millis(keep_ms),
            switch: Duration::from_millis(switch_ms),
        });
    }

    /// What came of each stream so far: a JSON array.
    fn counted(&self) -> PyResult<String> {
        json(&self.running.counted())
    }

    /// Ends the thread.
    fn close(&self, python: Python<'_>) {
        python.detach(|| self.running.close());
    }
}

fn json(what: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(what).map_err(|error| refusal(Error::new("RF3240", error.to_string())))
}

pub fn module(python: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(python, "member")?;
    module.add_class::<Participant>()?;
    module.add_class::<Call>()?;
    Ok(module)
}
