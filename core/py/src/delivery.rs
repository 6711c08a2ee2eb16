//! Responsible for: a group as its server follows it, in Python.
//! Not responsible for: the gate and the group's state (`ringfence-e2ee`), or who is told what (Python).
use crate::refusal;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ringfence_charter::PersonRole;
use ringfence_e2ee::context::{Mode, Why};
use ringfence_e2ee::delivery::Delivery;
use ringfence_signed::B32;
use std::sync::{Mutex, MutexGuard, PoisonError};

type Bytes = Py<PyBytes>;

/// Somebody in the group: by key, never by name.
#[pyclass(frozen, get_all, module = "ringfence._core.delivery")]
pub struct Seat {
    leaf: u32,
    member: Bytes,
    host: bool,
}

/// A leaf that a commit added; `package` is the SHA-256 of the key package it was added with.
#[pyclass(frozen, get_all, module = "ringfence._core.delivery")]
pub struct Joined {
    leaf: u32,
    member: Bytes,
    package: Bytes,
}

/// A leaf that a commit removed; `why` is `self`, `host` or `replaced`.
#[pyclass(frozen, get_all, module = "ringfence._core.delivery")]
pub struct Gone {
    leaf: u32,
    member: Bytes,
    why: &'static str,
}

/// A group as its server knows it: no secret is in it.
#[pyclass(frozen, module = "ringfence._core.delivery")]
pub struct Group(Mutex<Delivery>);

impl Group {
    fn open(&self) -> MutexGuard<'_, Delivery> {
        // A change that panicked is not half merged: openmls replaces the state as a whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bytes(python: Python<'_>, bytes: &[u8]) -> Bytes {
    PyBytes::new(python, bytes).unbind()
}

#[pymethods]
impl Group {
    /// `route` is the hash of the route record, all else are documents and MLS objects as they came.
    #[staticmethod]
    fn found(charter: &[u8], route: B32, genesis: &[u8], group_info: &[u8], tree: &[u8]) -> PyResult<Self> {
        let group = Delivery::found(charter, route, genesis, group_info, tree).map_err(refusal)?;
        Ok(Self(Mutex::new(group)))
    }

    /// Merges a commit of the current epoch if the gate admits it; says who came and who went. `knocked`: hashes of
    /// the key packages of those who may be added.
    fn accept_commit(
        &self,
        python: Python<'_>,
        commit: &[u8],
        group_info: &[u8],
        knocked: Vec<B32>,
    ) -> PyResult<(Vec<Joined>, Vec<Gone>)> {
        let accepted = self
            .open()
            .accept_commit(commit, group_info, &knocked)
            .map_err(refusal)?;
        let joined = accepted.admitted.joined.iter().zip(&accepted.packages);
        let joined = joined.map(|(who, package)| Joined {
            leaf: who.leaf,
            member: bytes(python, &who.member),
            package: bytes(python, package),
        });
        let gone = accepted.admitted.gone.iter().map(|who| Gone {
            leaf: who.leaf,
            member: bytes(python, &who.member),
            why: match who.why {
                Why::Oneself => "self",
                Why::Host(_) => "host",
                Why::Replaced => "replaced",
            },
        });
        Ok((joined.collect(), gone.collect()))
    }

    /// Takes somebody's wish to leave; returns whose.
    fn accept_proposal(&self, message: &[u8]) -> PyResult<u32> {
        self.open().accept_proposal(message).map_err(refusal)
    }

    /// The epoch of a sealed message of this group.
    fn check_sealed(&self, message: &[u8]) -> PyResult<u64> {
        self.open().check_sealed(message).map_err(refusal)
    }

    /// Whether the ledger has this admission already.
    fn was_used(&self, admission: &[u8]) -> bool {
        self.open()
            .state()
            .ledger
            .0
            .iter()
            .any(|entry| entry.admission == admission)
    }

    /// The ratchet tree, as a joiner gets it.
    fn tree(&self, python: Python<'_>) -> PyResult<Bytes> {
        Ok(bytes(python, &self.open().tree().map_err(refusal)?))
    }

    /// Canonical CBOR, as a joiner gets it.
    fn ledger(&self, python: Python<'_>) -> Bytes {
        bytes(python, &self.open().ledger())
    }

    fn members(&self, python: Python<'_>) -> Vec<Seat> {
        let seats = self.open().members();
        let seat = |seat: ringfence_e2ee::delivery::Seat| Seat {
            leaf: seat.leaf,
            member: bytes(python, &seat.member),
            host: seat.role == PersonRole::Host,
        };
        seats.into_iter().map(seat).collect()
    }

    #[getter]
    fn id(&self, python: Python<'_>) -> Bytes {
        bytes(python, &self.open().state().group)
    }

    #[getter]
    fn epoch(&self) -> u64 {
        self.open().epoch()
    }

    #[getter]
    fn generation(&self) -> u64 {
        self.open().state().context.generation
    }

    /// Whether the link alone admits now.
    #[getter]
    fn link_admits(&self) -> bool {
        self.open().state().context.mode == Mode::Link
    }
}

pub fn module(python: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(python, "delivery")?;
    module.add_class::<Group>()?;
    module.add_class::<Seat>()?;
    module.add_class::<Joined>()?;
    module.add_class::<Gone>()?;
    Ok(module)
}
