//! Responsible for: a group as its server follows it, in Python.
//! Not responsible for: the gate and the group's state (`ringfence-e2ee`), or who is told what (Python).
use crate::refusal;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ringfence_e2ee::context::{Mode, Why};
use ringfence_e2ee::delivery::{Delivery, Entering};
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
    /// None for who comes back.
    package: Option<Bytes>,
}

/// A leaf that a commit removed; `why` is `self`, `host`, `replaced` or `lost`.
#[pyclass(frozen, get_all, module = "ringfence._core.delivery")]
pub struct Gone {
    leaf: u32,
    member: Bytes,
    why: &'static str,
}

/// A provisional commit: who will have come and gone, and the document of the charter that it brings.
#[pyclass(frozen, get_all, module = "ringfence._core.delivery")]
pub struct Taken {
    joined: Vec<Py<Joined>>,
    gone: Vec<Py<Gone>>,
    charter: Option<Bytes>,
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

impl Group {
    fn take(
        &self,
        python: Python<'_>,
        commit: &[u8],
        group_info: &[u8],
        entering: Entering<'_>,
    ) -> PyResult<Taken> {
        let accepted = self
            .open()
            .take_commit(commit, group_info, entering)
            .map_err(refusal)?;
        let joined = accepted.admitted.joined.iter().enumerate();
        let joined = joined.map(|(index, who)| {
            let joined = Joined {
                leaf: who.leaf,
                member: bytes(python, &who.member),
                package: accepted.packages.get(index).map(|package| bytes(python, package)),
            };
            Py::new(python, joined)
        });
        let gone = accepted.admitted.gone.iter().map(|who| {
            let gone = Gone {
                leaf: who.leaf,
                member: bytes(python, &who.member),
                why: match who.why {
                    Why::Oneself => "self",
                    Why::Host(_) => "host",
                    Why::Replaced => "replaced",
                    Why::Lost => "lost",
                },
            };
            Py::new(python, gone)
        });
        Ok(Taken {
            joined: joined.collect::<PyResult<_>>()?,
            gone: gone.collect::<PyResult<_>>()?,
            charter: accepted.charter.map(|document| bytes(python, &document)),
        })
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

    /// What `snapshot` made. Wishes to leave are not in it.
    #[staticmethod]
    fn restore(snapshot: &[u8]) -> PyResult<Self> {
        Ok(Self(Mutex::new(Delivery::restore(snapshot).map_err(refusal)?)))
    }

    fn snapshot(&self, python: Python<'_>) -> PyResult<Bytes> {
        Ok(bytes(python, &self.open().snapshot().map_err(refusal)?))
    }

    /// Takes a commit of the current epoch if the gate admits it; says who will have come and gone. It changes
    /// nothing before `confirm`. `knocked`: hashes of the key packages of those who may be added.
    fn take_commit(
        &self,
        python: Python<'_>,
        commit: &[u8],
        group_info: &[u8],
        knocked: Vec<B32>,
    ) -> PyResult<Taken> {
        self.take(python, commit, group_info, Entering::Knocked(&knocked))
    }

    /// The same for the external commit by which `member`, who has shown that they hold that key, comes back.
    fn take_rejoin(
        &self,
        python: Python<'_>,
        commit: &[u8],
        group_info: &[u8],
        member: B32,
    ) -> PyResult<Taken> {
        self.take(python, commit, group_info, Entering::Back(member))
    }

    /// Whether this member key is admitted, with a leaf or away.
    fn is_admitted(&self, member: B32) -> bool {
        self.open().state().ledger.current(&member).is_some()
    }

    /// How many people have a leaf.
    fn people(&self) -> usize {
        self.open().state().people()
    }

    fn group_info(&self, python: Python<'_>) -> Bytes {
        bytes(python, self.open().group_info())
    }

    /// The commit that was taken counts.
    fn confirm(&self) -> PyResult<()> {
        self.open().confirm().map_err(refusal)
    }

    /// The epoch is open again.
    fn give_up(&self) {
        self.open().give_up();
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
            .entries
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
            host: seat.host,
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
    module.add_class::<Taken>()?;
    module.add_class::<Joined>()?;
    module.add_class::<Gone>()?;
    Ok(module)
}
