//! Responsible for: checking receipts in Python.
//! Not responsible for: what is checked (`ringfence-receipt`), or words and files (`ringfence.cli.verify`).
use crate::refusal;
use pyo3::prelude::*;
use ringfence_receipt::compare::compare;
use ringfence_receipt::verify::verify;

/// Checks one receipt alone. Errors: RF3310, RF3311.
#[pyfunction]
fn check(document: &[u8]) -> PyResult<()> {
    verify(document).map(drop).map_err(refusal)
}

/// Checks each of several receipts, and all of them together; as JSON. Errors: as of `check`.
#[pyfunction]
#[pyo3(name = "compare")]
fn all(python: Python<'_>, documents: Vec<Vec<u8>>) -> PyResult<String> {
    let compared = python.detach(|| {
        let checked = documents.iter().map(|document| verify(document));
        let checked: Vec<_> = checked.collect::<Result<_, _>>()?;
        Ok(compare(&checked))
    });
    Ok(serde_json::to_string(&compared.map_err(refusal)?).expect("a report is text"))
}

pub fn module(python: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(python, "receipt")?;
    module.add_function(wrap_pyfunction!(check, &module)?)?;
    module.add_function(wrap_pyfunction!(all, &module)?)?;
    Ok(module)
}
