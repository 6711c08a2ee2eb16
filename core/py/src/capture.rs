//! Responsible for: scans of packet captures in Python.
//! Not responsible for: scanning (`ringfence-capture`), or what it means (`ringfence.audit`).
use crate::refusal;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyList;
use ringfence_capture::{Ended, Scan as Scanned, Summary};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How often whoever waits is told how far a scan is, and asked whether it is to go on.
const TOLD: Duration = Duration::from_millis(100);

/// As Python's own dictionaries and lists.
fn plain<'py>(python: Python<'py>, value: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    let text = serde_json::to_string(value).map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    python.import("json")?.call_method1("loads", (text,))
}

/// What a capture shows: its flows in the order of their first packets, and what could not be read.
#[pyclass(frozen, module = "ringfence._core.capture")]
pub struct Scan {
    scan: Arc<Scanned>,
}

impl From<Scanned> for Scan {
    fn from(scan: Scanned) -> Self {
        Self { scan: Arc::new(scan) }
    }
}

#[pymethods]
impl Scan {
    #[getter]
    fn flows<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let flow = |place| Flow {
            scan: self.scan.clone(),
            place,
        };
        let flows = (0..self.scan.flows.len()).map(|place| Bound::new(python, flow(place)));
        PyList::new(python, flows.collect::<PyResult<Vec<_>>>()?)
    }

    /// What was read, and what could not be.
    #[getter]
    fn counts<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(python, &self.scan.counts)
    }

    /// `pcap` or `pcapng`.
    #[getter]
    fn format<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(python, &self.scan.format)
    }

    /// Whether it was packed with gzip.
    #[getter]
    fn compressed(&self) -> bool {
        self.scan.compressed
    }

    #[getter]
    fn interfaces<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(python, &self.scan.interfaces)
    }

    /// All of it, under the same names.
    fn to_json(&self, python: Python<'_>) -> PyResult<String> {
        let written = python.detach(|| serde_json::to_string(&*self.scan));
        written.map_err(|error| PyRuntimeError::new_err(error.to_string()))
    }
}

/// All packets between two peers, or of one TCP connection. `a` sent the first packet, to `b`.
#[pyclass(frozen, module = "ringfence._core.capture")]
pub struct Flow {
    scan: Arc<Scanned>,
    place: usize,
}

impl Flow {
    fn summary(&self) -> &Summary {
        &self.scan.flows[self.place]
    }
}

#[pymethods]
impl Flow {
    /// `udp`, `tcp`, or `other` for what is only counted.
    #[getter]
    fn transport(&self) -> &'static str {
        self.summary().transport()
    }

    /// IANA's number of the protocol that IP carries.
    #[getter]
    fn ip_protocol(&self) -> u8 {
        self.summary().ip_protocol
    }

    /// Address and port.
    #[getter]
    fn a(&self) -> (String, u16) {
        let (address, port) = self.summary().a;
        (address.to_string(), port)
    }

    #[getter]
    fn b(&self) -> (String, u16) {
        let (address, port) = self.summary().b;
        (address.to_string(), port)
    }

    /// In nanoseconds since 1970.
    #[getter]
    fn first_ns(&self) -> i64 {
        self.summary().first_ns
    }

    #[getter]
    fn last_ns(&self) -> i64 {
        self.summary().last_ns
    }

    /// The number of the first packet, from 1, as Wireshark counts.
    #[getter]
    fn first_packet(&self) -> u64 {
        self.summary().first_packet
    }

    /// What went from a to b.
    #[getter]
    fn forth<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(python, &self.summary().forth)
    }

    /// What went from b to a.
    #[getter]
    fn back<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(python, &self.summary().back)
    }

    #[getter]
    fn tcp<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(python, &self.summary().tcp)
    }

    /// What it carries, in the order in which that was seen.
    #[getter]
    fn protocols<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(python, &self.summary().protocols())
    }

    /// What was observed, each with the numbers of the first packets that show it.
    #[getter]
    fn observations<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(python, &self.summary().observations)
    }

    /// Observations beyond the bounds.
    #[getter]
    fn dropped(&self) -> u64 {
        self.summary().dropped
    }

    /// Bytes on the wire by steps of time; None for a flow of a few packets.
    #[getter]
    fn timeline<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(python, &self.summary().steps())
    }
}

/// Scans a capture file. `threads` 0 is one for each core; the result is the same for any number. `progress` is told how
/// many bytes of how many are done, up to ten times a second; what it raises ends the scan, as a signal does.
///
/// Errors: RF2501 for a file that cannot be opened, RF2502 for one that is no capture.
#[pyfunction]
#[pyo3(signature = (path, *, progress=None, threads=0))]
fn scan(python: Python<'_>, path: PathBuf, progress: Option<Py<PyAny>>, threads: usize) -> PyResult<Scan> {
    let scanned = python.detach(|| {
        let mut told: Option<Instant> = None;
        ringfence_capture::scan(&path, threads, |done, all| {
            if told.is_some_and(|at| at.elapsed() < TOLD) {
                return Ok(());
            }
            told = Some(Instant::now());
            Python::attach(|python| {
                python.check_signals()?;
                match &progress {
                    Some(progress) => progress.call1(python, (done, all)).map(drop),
                    None => Ok(()),
                }
            })
        })
    });
    match scanned {
        Ok(scanned) => Ok(scanned.into()),
        Err(Ended::Refused(error)) => Err(refusal(error)),
        Err(Ended::Stopped(error)) => Err(error),
    }
}

/// A capture while it is being made. It opens no interface: somebody brings the bytes.
#[pyclass(frozen, module = "ringfence._core.capture")]
#[derive(Default)]
pub struct Live {
    live: Mutex<ringfence_capture::Live>,
}

impl Live {
    /// A panic elsewhere has left it in the middle of something: nothing more is said of it.
    fn locked(&self) -> PyResult<MutexGuard<'_, ringfence_capture::Live>> {
        self.live
            .lock()
            .map_err(|_| PyRuntimeError::new_err("an earlier call failed"))
    }
}

#[pymethods]
impl Live {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// The next bytes of a pcap or pcapng stream, cut anywhere. Errors: RF2502 where it is no capture.
    fn feed(&self, python: Python<'_>, data: &[u8]) -> PyResult<()> {
        python.detach(|| self.locked()?.feed(data).map_err(refusal))
    }

    /// What there is so far. It changes nothing.
    fn look(&self, python: Python<'_>) -> PyResult<Scan> {
        python.detach(|| Ok(self.locked()?.look().into()))
    }

    /// Nothing follows any more: what there was, with its last packet. Afterwards it is as if new.
    ///
    /// Errors: RF2502 where there was no capture.
    fn finish(&self, python: Python<'_>) -> PyResult<Scan> {
        let finish = || std::mem::take(&mut *self.locked()?).finish().map_err(refusal);
        python.detach(finish).map(Scan::from)
    }
}

pub fn module(python: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(python, "capture")?;
    module.add_class::<Scan>()?;
    module.add_class::<Flow>()?;
    module.add_class::<Live>()?;
    module.add_function(wrap_pyfunction!(scan, &module)?)?;
    Ok(module)
}
