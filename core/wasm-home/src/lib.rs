//! What the home page asks, and whoever writes another fence: JSON text and bytes in, JSON text and bytes out. A module of its
//! own, so that who only takes part does not load it.
//! Decides nothing: every function hands on to the crates that also run natively.
mod documents;

use ringfence_e2ee as e2ee;
use ringfence_signed::cose;
use wasm_bindgen::prelude::*;

/// An error whose message is `RFnnnn: detail`.
fn js(error: ringfence_signed::Error) -> JsError {
    JsError::new(&error.to_string())
}

/// The bytes that a key signs for a document of this kind.
#[wasm_bindgen(js_name = toBeSigned)]
pub fn to_be_signed(label: &str, payload: &[u8]) -> Result<Vec<u8>, JsError> {
    let label = cose::label::named(label).ok_or_else(|| JsError::new("RF3105: no such kind of document"))?;
    Ok(cose::to_be_signed(label, payload))
}

/// The document, from its payload and a signature of 64 bytes.
#[wasm_bindgen]
pub fn assemble(payload: &[u8], signature: &[u8]) -> Result<Vec<u8>, JsError> {
    let signature = signature
        .try_into()
        .map_err(|_| JsError::new("RF3106: a signature has 64 bytes"))?;
    Ok(cose::assemble(payload, signature))
}

#[wasm_bindgen]
pub fn presets() -> String {
    documents::presets()
}

#[wasm_bindgen(js_name = previewFence)]
pub fn preview_fence(json: &str) -> Result<String, JsError> {
    documents::preview_fence(json).map_err(js)
}

/// Where the borders of countries are: until it is told, round trips prove no country and rule none out.
#[wasm_bindgen(js_name = loadBorders)]
pub fn load_borders(file: &[u8]) -> Result<(), JsError> {
    ringfence_fence::borders::load(file).map_err(js)
}

#[wasm_bindgen(js_name = newMeeting)]
pub fn new_meeting(json: &str) -> Result<String, JsError> {
    documents::new_meeting(json).map_err(js)
}

/// The key of a key file, from its passphrase. Wipe it after use.
#[wasm_bindgen(js_name = passphraseKey)]
pub fn passphrase_key(passphrase: &[u8], salt: &[u8]) -> Result<Vec<u8>, JsError> {
    let salt = salt
        .try_into()
        .map_err(|_| JsError::new("RF3296: a salt has 16 bytes"))?;
    e2ee::passphrase::passphrase_key(passphrase, salt)
        .map(|key| key.to_vec())
        .map_err(js)
}

/// What of a node's transcripts can be shown: each with its beacon, place, and how far the node can be.
#[wasm_bindgen(js_name = readTranscripts)]
pub fn read_transcripts(json: &str) -> Result<String, JsError> {
    documents::read_transcripts(json).map_err(js)
}
