//! Responsible for: `ringfence._core.sfu`: the forwarder's handle and its events, as Python sees them.
//! Not responsible for: forwarding; its threads never wait for Python.

use crate::refusal;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use ringfence_echo::{EchoKey, socket};
use ringfence_sfu::Settings;
use ringfence_sfu::connection::{Frames, Way};
use ringfence_sfu::plain::{self, Role};
use ringfence_sfu::rooms::Event;
use ringfence_sfu::stream::{Error, Leaf};
use ringfence_signed::B32;
use std::net::IpAddr;
use std::os::fd::AsRawFd;

/// Adds the submodule to the module of the core.
pub fn module(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(py, "sfu")?;
    module.add_class::<Sfu>()?;
    module.add_class::<Measured>()?;
    module.add_class::<Plain>()?;
    module.add_function(wrap_pyfunction!(measure, &module)?)?;
    Ok(module)
}

fn raised(error: Error) -> PyErr {
    refusal(ringfence_signed::Error::new(error.code, error.detail))
}

fn ip(address: &str) -> PyResult<IpAddr> {
    let unusable = |_| raised(Error::new("RF4202", format!("{address} is not an IP address")));
    address.parse().map_err(unusable)
}

/// The least of so many round trips to a node, and the node's answer.
#[pyclass(frozen, module = "ringfence._core.sfu")]
struct Measured(ringfence_echo::Measured);

#[pymethods]
impl Measured {
    /// Microseconds.
    #[getter]
    fn least_us(&self) -> u64 {
        self.0.least_us
    }

    #[getter]
    fn samples(&self) -> u64 {
        self.0.samples
    }

    #[getter]
    fn nonce(&self, py: Python<'_>) -> Py<PyBytes> {
        PyBytes::new(py, &self.0.nonce).unbind()
    }

    #[getter]
    fn answer(&self, py: Python<'_>) -> Py<PyBytes> {
        PyBytes::new(py, &self.0.answer).unbind()
    }
}

/// Measures the way to the node with this key, for the beacon with that one. It takes at most three seconds.
///
/// Errors: RF4202 for what is no address, RF4203, RF4205, RF4206 when the node answers nothing.
#[pyfunction]
fn measure(
    py: Python<'_>,
    address: &str,
    port: u16,
    node: B32,
    beacon: B32,
    samples: u32,
) -> PyResult<Measured> {
    let address = (ip(address)?.to_canonical(), port).into();
    let measured = py.detach(|| socket::measure(address, node, beacon, samples));
    Ok(Measured(measured.map_err(refusal)?))
}

/// An offer of a program that puts load on the forwarder, as a plain forwarder takes it.
#[pyclass(frozen, module = "ringfence._core.sfu")]
struct Plain(plain::Plain);

#[pymethods]
impl Plain {
    /// Errors: RF4002, RF4003, RF4004.
    #[new]
    fn new(sdp: &str, publishes: bool) -> PyResult<Self> {
        let role = if publishes {
            Role::Publisher
        } else {
            Role::Subscriber
        };
        Ok(Plain(plain::Plain::read(sdp, role).map_err(raised)?))
    }

    #[getter]
    fn sdp(&self) -> &str {
        &self.0.sdp
    }

    /// The lines on which it receives, as the forwarder calls them.
    #[getter]
    fn receives(&self) -> Vec<String> {
        self.0.receives.clone()
    }

    /// The answer with the program's names of lines.
    fn restored(&self, answer: &str) -> String {
        self.0.restored(answer)
    }
}

/// The forwarder of sealed frames. Methods return at once; what comes of them is drained as events.
#[pyclass(frozen)]
struct Sfu(ringfence_sfu::Sfu);

#[pymethods]
impl Sfu {
    /// `plain`: its rooms are of programs that put load on it, and of nobody else. With `node_seed` beacons that ask are answered; nothing else is signed with it. `reference`: media leaves through
    /// the library.
    #[new]
    #[pyo3(signature = (address, port = 0, shards = 1, node_seed = None, reference = false, plain = false))]
    fn new(
        py: Python<'_>,
        address: &str,
        port: u16,
        shards: usize,
        node_seed: Option<B32>,
        reference: bool,
        plain: bool,
    ) -> PyResult<Self> {
        let settings = Settings {
            address: ip(address)?,
            port,
            shards,
            way: if reference { Way::Reference } else { Way::Fast },
            frames: if plain { Frames::Plain } else { Frames::Sealed },
            echo: node_seed.as_ref().map(EchoKey::new),
        };
        let started = py.detach(|| ringfence_sfu::Sfu::start(&settings));
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
