//! Responsible for: ringfence._core, the Rust crates as one Python module, and what their errors are in Python.
//! Not responsible for: any decision: those are in the crates that each file here wraps.
mod capture;
mod delivery;
mod documents;
mod fence;
mod geo;
mod member;
mod receipt;
mod routelog;
mod sfu;

use pyo3::prelude::*;
use ringfence_signed::Error;

// The one exception of the product: a stable code, and what was seen.
pyo3::import_exception!(ringfence.errors, Refusal);

/// A refusal of the core as Python's exception.
pub(crate) fn refusal(error: Error) -> PyErr {
    Refusal::new_err((error.code, error.detail))
}

#[pymodule(name = "_core")]
fn core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let python = module.py();
    module.add("CoreError", python.get_type::<Refusal>())?;
    let parts = [
        capture::module,
        fence::module,
        geo::module,
        receipt::module,
        routelog::module,
        documents::module,
        delivery::module,
        sfu::module,
        member::module,
    ];
    for part in parts {
        let part = part(python)?;
        let name = part.name()?;
        module.add_submodule(&part)?;
        // Python looks for `import ringfence._core.fence` among the modules that are loaded.
        let loaded = python.import("sys")?.getattr("modules")?;
        loaded.set_item(format!("ringfence._core.{name}"), part)?;
    }
    Ok(())
}
