//! Responsible for: checking receipts in Python.
//! Not responsible for: what is checked (`ringfence-receipt`), or words and files (`ringfence.cli.verify`).
use crate::refusal;
use pyo3::prelude::*;
use ringfence_receipt::compare::compare;
use ringfence_receipt::verify::verify;
use ringfence_signed::to_text;
use serde_json::json;
use std::collections::BTreeSet;

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

/// What a receipt says of times and addresses, as JSON, to be held against what else is known of them. Errors: as of `check`.
///
/// `statements` are what servers showed of themselves, signed, in base64url; `epochs` when the participant came into each
/// epoch of the group; times are unix seconds.
#[pyfunction]
fn contents(document: &[u8]) -> PyResult<String> {
    let receipt = verify(document).map_err(refusal)?.receipt;
    let sent = receipt.sent.iter().map(|sent| {
        let (address, port) = (&sent.address, sent.port);
        json!({"address": address, "port": port, "from": sent.from, "until": sent.until})
    });
    let statements = receipt.shown.iter().map(|shown| to_text(&shown.statement));
    let statements: BTreeSet<String> = statements.collect();
    let contents = json!({
        "meeting": to_text(&receipt.meeting),
        "from": receipt.shown.iter().map(|shown| shown.at).min(),
        "made": receipt.made,
        "whole": receipt.whole,
        "sent": sent.collect::<Vec<_>>(),
        "epochs": receipt.epochs.iter().map(|epoch| epoch.at).collect::<Vec<_>>(),
        "statements": statements,
    });
    Ok(contents.to_string())
}

pub fn module(python: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(python, "receipt")?;
    module.add_function(wrap_pyfunction!(check, &module)?)?;
    module.add_function(wrap_pyfunction!(all, &module)?)?;
    module.add_function(wrap_pyfunction!(contents, &module)?)?;
    Ok(module)
}
