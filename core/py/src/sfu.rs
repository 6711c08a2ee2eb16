//! Responsible for: `ringfence._core.sfu`: the forwarder's handle and its events, as Python sees them.
//! Not responsible for: forwarding; its threads never wait for Python.

use crate::refusal;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use ringfence_sfu::rooms::Event;
use ringfence_sfu::stream::{Error, Leaf};
use std::net::IpAddr;
use std::os::fd::AsRawFd;

/// Adds the submodule to the module of the core.
pub fn module(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(py, "sfu")?;
    module.add_class::<Sfu>()?;
    Ok(module)
}

fn raised(error: Error) -> PyErr {
    refusal(ringfence_signed::Error::new(error.code, error.detail))
}

/// The forwarder of sealed frames. Methods return at once; what comes of them is drained as events.
#[pyclass(frozen)]
struct Sfu(ringfence_sfu::Sfu);

#[pymethods]
impl Sfu {
    #[new]
    #[pyo3(signature = (address, port = 0, shards = 1))]
    fn new(py: Python<'_>, address: &str, port: u16, shards: usize) -> PyResult<Self> {
        let unusable = |_| raised(Error::new("RF4202", format!("{address} is not an IP address")));
        let ip: IpAddr = address.parse().map_err(unusable)?;
        let started = py.detach(|| ringfence_sfu::Sfu::start(ip, port, shards));
        Ok(Sfu(started.map_err(raised)?))
    }

    /// Becomes readable when there is something to drain.
    fn fileno(&self) -> i32 {
        self.0.readable().as_raw_fd()
    }

    fn drain<'p>(&self, py: Python<'p>) -> PyResult<Vec<Bound<'p, PyTuple>>> {
        let events: Vec<Event> = py.detach(|| self.0.drain().collect());
        events.into_iter().map(|event| tuple(py, event)).collect()
    }

    fn addresses(&self) -> Vec<(String, u16)> {
        self.0
            .addresses()
            .iter()
            .map(|address| (address.ip().to_string(), address.port()))
            .collect()
    }

    #[getter]
    fn fingerprint(&self) -> &str {
        self.0.fingerprint()
    }

    fn open_room(&self, room: &[u8]) {
        self.0.open_room(room);
    }

    fn close_room(&self, room: &[u8]) {
        self.0.close_room(room);
    }

    fn offer(&self, room: &[u8], leaf: u32, request: u64, sdp: String) {
        self.0.offer(room, Leaf(leaf), request, sdp);
    }

    fn close_peer(&self, room: &[u8], leaf: u32) {
        self.0.close_peer(room, Leaf(leaf));
    }

    fn view(&self, room: &[u8], leaf: u32, wants: Vec<(String, u32)>) {
        self.0.view(room, Leaf(leaf), wants);
    }

    /// What has gone wrong so far, by name.
    fn counts(&self) -> std::collections::BTreeMap<&'static str, u64> {
        self.0.counts().into_iter().collect()
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }
}

fn tuple(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyTuple>> {
    let bytes = |room: &[u8]| PyBytes::new(py, room);
    match event {
        Event::Answer {
            request,
            sdp,
            fingerprint,
            address,
        } => (
            "answer",
            request,
            sdp,
            fingerprint,
            address.ip().to_string(),
            address.port(),
        )
            .into_pyobject(py),
        Event::Failed { request, error } => ("failed", request, error.code, error.detail).into_pyobject(py),
        Event::Slots {
            room,
            leaf,
            announcement,
        } => {
            let view = |slot: ringfence_sfu::slot::SlotView| {
                (slot.mid, slot.leaf.map(|leaf| leaf.0), slot.context as u8)
            };
            let slots: Vec<_> = announcement.slots.into_iter().map(view).collect();
            let codec = announcement.codec.name();
            ("slots", bytes(&room), leaf.0, slots, announcement.need, codec).into_pyobject(py)
        }
        Event::Speaking { room, leaves } => {
            let leaves: Vec<u32> = leaves.iter().map(|leaf| leaf.0).collect();
            ("speaking", bytes(&room), leaves).into_pyobject(py)
        }
        Event::Connected { room, leaf } => ("connected", bytes(&room), leaf.0).into_pyobject(py),
        Event::Gone { room, leaf } => ("gone", bytes(&room), leaf.0).into_pyobject(py),
    }
}
