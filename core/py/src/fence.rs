//! Responsible for: policies and presets in Python, and the proof that something was decided to be inside.
//! Not responsible for: the decision (`ringfence-fence`), or whose fence it is (`documents`).
use crate::geo::Addresses;
use crate::refusal;
use pyo3::prelude::*;
use ringfence_fence::decide as decided;
use ringfence_fence::draft::{self, Unusable};
use ringfence_fence::preset::{self, presets as all_presets};
use ringfence_fence::{Evidence, InFence, Policy, Role, StatementSource};
use ringfence_signed::{B32, Error, cose};

/// A node and its address that a meeting's fence was decided to allow. Python cannot make one.
#[pyclass(frozen, module = "ringfence._core.fence")]
pub struct Inside(pub InFence<String>);

#[pymethods]
impl Inside {
    /// The address to which media may be sent.
    #[getter]
    fn address(&self) -> &str {
        self.0.get()
    }
}

/// A policy as an owner writes it (TOML) as canonical CBOR.
#[pyfunction]
fn parse_policy(toml: &str) -> PyResult<Vec<u8>> {
    Ok(Policy::from_toml(toml).map_err(refusal)?.encode())
}

/// A policy in plain sentences.
#[pyfunction]
fn explain(policy: &[u8]) -> PyResult<Vec<String>> {
    Ok(Policy::decode(policy).map_err(refusal)?.explain())
}

/// The policy of a preset as canonical CBOR; `this` is the node that `only-this-server` names.
#[pyfunction]
fn preset_policy(id: &str, this: B32) -> PyResult<Vec<u8>> {
    Ok(preset::policy(id, &this).map_err(refusal)?.encode())
}

/// What the fence decides of a node, as JSON. Puts nothing inside a fence: it is for people who ask.
///
/// `policy` is canonical CBOR; `node` a signed statement, or a draft of one as JSON, or None where there is none;
/// `evidence` and `trust` are JSON; `sets` are asked about every address of the statement. Without `trust`, every beacon
/// and data set counts.
/// Errors: RF2003, RF2004, RF2011, and RF2010 for a signed statement of an operator that `trust` does not have.
#[pyfunction]
#[pyo3(signature = (policy, node, *, evidence, trust, role, address, at, sets=vec![]))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
fn decide(
    policy: &[u8],
    node: Option<&[u8]>,
    evidence: Option<&str>,
    trust: Option<&str>,
    role: &str,
    address: Option<&str>,
    at: u64,
    sets: Vec<PyRef<'_, Addresses>>,
) -> PyResult<String> {
    let policy = Policy::decode(policy).map_err(refusal)?;
    let role =
        Role::named(role).ok_or_else(|| refusal(Error::new("RF5001", format!("`{role}` is not a role"))))?;
    let trusted = trust.map(draft::trusted).transpose().map_err(refusal)?;
    let mut evidence = match evidence {
        Some(text) => draft::evidence(text, trusted.as_ref()).map_err(refusal)?,
        None => Evidence::default(),
    };
    let pins = |set: &Addresses| trusted.as_ref().is_none_or(|trusted| trusted.pins(&set.digest()));
    let sets: Vec<(&Addresses, bool)> = sets.iter().map(|set| (&**set, pins(set))).collect();
    let statement = match node {
        None => Err(Error::new("RF2102", "there is no statement of this node")),
        Some(written) if written.trim_ascii_start().starts_with(b"{") => {
            match draft::statement(text(written)?) {
                Ok(statement) => Ok(statement),
                Err(Unusable::Incomplete(error)) => Err(error),
                Err(Unusable::Malformed(error)) => return Err(refusal(error)),
            }
        }
        Some(document) => {
            let neither = |_| refusal(Error::new("RF2011", "it is neither a signed statement nor JSON"));
            cose::unverified_payload(document).map_err(neither)?;
            StatementSource::verify(document, &trusted.clone().unwrap_or_default().operators)
        }
    };
    for address in statement.iter().flat_map(|source| &source.statement().addresses) {
        let said = sets
            .iter()
            .filter_map(|(set, pinned)| set.set.source(address, *pinned));
        evidence.sources.extend(said);
    }
    let decision = decided(&policy, statement.as_ref(), &evidence, role, address, at);
    Ok(serde_json::to_string(&decision).expect("a decision is text"))
}

fn text(written: &[u8]) -> PyResult<&str> {
    std::str::from_utf8(written).map_err(|_| refusal(Error::new("RF2011", "it is not UTF-8")))
}

/// Every preset with its date, source and caveat, as JSON.
#[pyfunction]
fn presets() -> String {
    serde_json::to_string(&all_presets()).expect("presets are text")
}

pub fn module(python: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(python, "fence")?;
    module.add_class::<Inside>()?;
    module.add_function(wrap_pyfunction!(parse_policy, &module)?)?;
    module.add_function(wrap_pyfunction!(explain, &module)?)?;
    module.add_function(wrap_pyfunction!(presets, &module)?)?;
    module.add_function(wrap_pyfunction!(preset_policy, &module)?)?;
    module.add_function(wrap_pyfunction!(decide, &module)?)?;
    Ok(module)
}
