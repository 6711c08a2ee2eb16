//! What is decided about cases made from seeds, a line for each: the same letters wherever it runs.
//! Not here: how cases are made (core/fence/tests/made), or who compares (test_agreement.py).
#[path = "../../../core/fence/tests/made/mod.rs"]
#[allow(dead_code, reason = "what only the properties use")]
mod made;
#[cfg(target_arch = "wasm32")]
mod page;

use ringfence_fence::{decide, draft};
use ringfence_signed::Error;

/// The decision about the case of each seed, as JSON.
pub fn decisions(first: u64, count: u64) -> String {
    (first..first + count).map(|seed| decision(seed) + "\n").collect()
}

fn decision(seed: u64) -> String {
    let case = made::case(&mut fastrand::Rng::with_seed(seed));
    let none = Error::new("RF2102", "there is none");
    let statement = case
        .statement
        .map(|statement| draft::unsigned(statement).expect("made to hold"));
    let statement = statement.as_ref().ok_or(&none);
    let address = case.address.as_deref();
    let decision = decide(
        &case.policy,
        statement,
        &case.evidence,
        case.role,
        address,
        case.time,
    );
    serde_json::to_string(&decision).expect("a decision is text")
}
