//! Responsible for: the log of routes in Python: a server's own, and the check of anybody's.
//! Not responsible for: the tree, its files and proofs (`ringfence-routelog`), or serving them (Python).
use crate::refusal;
use ed25519_dalek::SigningKey;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ringfence_routelog::audit::audit;
use ringfence_routelog::checkpoint::{Issuer, Signed};
use ringfence_routelog::directory::{Directory, Reading};
use ringfence_routelog::disk::{CHECKPOINT, Disk};
use ringfence_routelog::entry;
use ringfence_routelog::key::{Kind, Signer, Verifier};
use ringfence_routelog::tile::Tile;
use ringfence_signed::{B32, Error, Result};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

type Bytes = Py<PyBytes>;

fn bytes(python: Python<'_>, bytes: &[u8]) -> Bytes {
    PyBytes::new(python, bytes).unbind()
}

fn list(python: Python<'_>, proof: Vec<B32>) -> Vec<Bytes> {
    proof.iter().map(|hash| bytes(python, hash)).collect()
}

/// A log that this process writes.
#[pyclass(frozen, module = "ringfence._core.routelog")]
pub struct Log(Mutex<Disk<Directory>>);

impl Log {
    fn disk(&self) -> MutexGuard<'_, Disk<Directory>> {
        // An append that panicked left the log interrupted, which it says itself.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name by which the log in these files goes, if there is one.
fn origin_in(files: &Directory) -> Result<Option<String>> {
    let failed = |error: io::Error| Error::new("RF2323", format!("the log's files: {error}"));
    let note = files.read(CHECKPOINT).map_err(failed)?;
    let first = |note: Vec<u8>| String::from_utf8_lossy(&note).lines().next().map(str::to_owned);
    Ok(note.and_then(first))
}

#[pymethods]
impl Log {
    /// Opens the log in this folder, or begins one of this name; one that is there keeps its own.
    ///
    /// Errors: RF2304 to RF2309, RF2320 to RF2323.
    #[new]
    fn open(folder: &str, seed: B32, origin: &str) -> PyResult<Self> {
        let open = || {
            let files = Directory::hold(folder)?;
            let named = origin_in(&files)?;
            let origin = named.as_deref().unwrap_or(origin);
            let signer = Signer::new(origin, Kind::Log, SigningKey::from_bytes(&seed))?;
            match named {
                Some(_) => Disk::open(files, origin, signer),
                None => Disk::create(files, origin, signer),
            }
        };
        open().map(|disk| Self(Mutex::new(disk))).map_err(refusal)
    }

    /// Writes a document down, so that strangers learn nothing of it: durably, before anybody is told. Gives its index.
    ///
    /// Errors: RF2323, RF2324.
    fn append(&self, python: Python<'_>, salt: B32, document: &[u8]) -> PyResult<u64> {
        let leaf = entry::make(&salt, document);
        python
            .detach(|| {
                let mut disk = self.disk();
                let index = disk.checkpoint().size();
                disk.append(&[leaf]).map(|_| index)
            })
            .map_err(refusal)
    }

    /// That an entry is in the tree of the newest checkpoint, and that checkpoint: a signed note.
    ///
    /// Errors: RF2301 for an entry that is not there; RF2313, RF2314, RF2323.
    fn prove(&self, python: Python<'_>, index: u64) -> PyResult<(Vec<Bytes>, String)> {
        let proved = python.detach(|| {
            let disk = self.disk();
            let proof = disk.inclusion(index, disk.checkpoint().size())?;
            Ok((proof, disk.checkpoint().encode()))
        });
        let (proof, checkpoint) = proved.map_err(refusal)?;
        Ok((list(python, proof), checkpoint))
    }

    /// That the log of `new` entries continues the one of `old`.
    ///
    /// Errors: RF2301 for sizes that it does not have or in the other order; RF2313, RF2314, RF2323.
    fn consistency(&self, python: Python<'_>, old: u64, new: u64) -> PyResult<Vec<Bytes>> {
        let proof = python.detach(|| self.disk().consistency(old, new));
        Ok(list(python, proof.map_err(refusal)?))
    }

    /// A file of the log, by its path; None for what is no path of it or not there.
    ///
    /// Errors: RF2323.
    fn file(&self, python: Python<'_>, path: &str) -> PyResult<Option<Bytes>> {
        if path != CHECKPOINT && Tile::parse(path).is_err() {
            return Ok(None);
        }
        let failed = |error: io::Error| refusal(Error::new("RF2323", format!("the log's files: {error}")));
        let found = python.detach(|| self.disk().files().read(path)).map_err(failed)?;
        Ok(found.map(|found| bytes(python, &found)))
    }

    /// Its name in checkpoints.
    #[getter]
    fn origin(&self) -> String {
        self.disk().checkpoint().checkpoint().origin.clone()
    }

    /// How many entries it has.
    #[getter]
    fn size(&self) -> u64 {
        self.disk().checkpoint().size()
    }

    /// Name and public key in one line, as C2SP's tools take it.
    #[getter]
    fn verifier(&self) -> PyResult<String> {
        self.disk()
            .issuer()
            .map(|issuer| issuer.key().to_string())
            .map_err(refusal)
    }

    /// The public key.
    #[getter]
    fn key(&self, python: Python<'_>) -> PyResult<Bytes> {
        let issuer = self.disk().issuer().map_err(refusal)?;
        Ok(bytes(python, issuer.key().key()))
    }
}

/// Files that Python reads: a function of their paths.
struct Asked<'a>(&'a Bound<'a, PyAny>);

impl Reading for Asked<'_> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let found = self.0.call1((path,)).and_then(|found| found.extract());
        found.map_err(io::Error::other)
    }
}

/// Checks a whole log: the signature of its checkpoint, and every file against it. `key` is a line of name and public
/// key; `read` gives the bytes of a path, or None; `progress` is told how many entries of how many were read. Gives
/// the name of the log, the number of its entries and the root of its tree.
///
/// Errors: RF2304 to RF2309 for a key or checkpoint that is none, or another log's; RF2313 to RF2315 for a file that
/// does not fit or is missing; RF2322 when there is no checkpoint; RF2323 with what `read` raised.
#[pyfunction]
#[pyo3(name = "verify")]
fn check(
    python: Python<'_>,
    key: &str,
    read: &Bound<'_, PyAny>,
    progress: &Bound<'_, PyAny>,
) -> PyResult<(String, u64, Bytes)> {
    let files = Asked(read);
    let checked = || {
        let key = Verifier::parse(key)?;
        let origin = key.name().to_owned();
        let issuer = Issuer::new(&origin, key)?;
        let failed = |error: io::Error| Error::new("RF2323", format!("the checkpoint: {error}"));
        let note = files.read(CHECKPOINT).map_err(failed)?;
        let note = note.ok_or_else(|| Error::new("RF2322", "there is no checkpoint"))?;
        let signed = Signed::open(&note, &issuer)?;
        audit(&files, signed.checkpoint(), |done| {
            let _ = progress.call1((done, signed.size())); // it can only look on
        })?;
        Ok(signed)
    };
    let signed = checked().map_err(refusal)?;
    let origin = signed.checkpoint().origin.clone();
    Ok((origin, signed.size(), bytes(python, signed.root())))
}

pub fn module(python: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(python, "routelog")?;
    module.add_class::<Log>()?;
    module.add_function(wrap_pyfunction!(check, &module)?)?;
    Ok(module)
}
