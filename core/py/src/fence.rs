//! Responsible for: policies and presets in Python, and the proof that something was decided to be inside.
//! Not responsible for: the decision (`ringfence-fence`), or whose fence it is (`documents`).
use crate::refusal;
use pyo3::prelude::*;
use ringfence_fence::preset::presets as all_presets;
use ringfence_fence::{InFence, Policy};

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
    Ok(module)
}
