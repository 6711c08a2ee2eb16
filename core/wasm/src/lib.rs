//! The fence and the participant for the browser: JSON text and bytes in, JSON text and bytes out.
//! Decides nothing: every function hands on to the crates that also run natively.
mod documents;

use ringfence_e2ee as e2ee;
use ringfence_signed::cose;
use wasm_bindgen::prelude::*;

/// An error whose message is `RFnnnn: detail`.
pub(crate) fn js(error: ringfence_signed::Error) -> JsError {
    JsError::new(&error.to_string())
}

/// Milliseconds since 1970 as JavaScript counts them.
fn milliseconds(now: f64) -> u64 {
    now.max(0.0) as u64
}

#[wasm_bindgen]
pub struct Participant(e2ee::Participant);

#[wasm_bindgen]
impl Participant {
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str, now: f64) -> Result<Participant, JsError> {
        e2ee::Participant::new(config, milliseconds(now))
            .map(Participant)
            .map_err(js)
    }

    pub fn handle(&mut self, input: &str, now: f64) {
        self.0.handle(input, milliseconds(now));
    }

    /// The outputs since the last call: a JSON array.
    pub fn take(&mut self) -> String {
        self.0.take()
    }

    /// Before anybody waits: what is run for the first time is slow. Of no effect but on the time.
    pub fn rehearse(&self) -> Result<(), JsError> {
        e2ee::rehearsal::rehearse().map_err(js)
    }

    /// When to `handle({"t":"tick"})`, in milliseconds since 1970.
    #[wasm_bindgen(js_name = nextTimeout)]
    pub fn next_timeout(&self) -> Option<f64> {
        self.0.next_timeout().map(|at| at as f64)
    }

    /// A sender's base key. Wipe it after use.
    #[wasm_bindgen(js_name = mediaKey)]
    pub fn media_key(&self, epoch: f64, leaf: u32) -> Result<Vec<u8>, JsError> {
        let key = self.0.media_key(epoch as u64, leaf);
        key.map(|key| key.as_bytes().to_vec())
            .ok_or_else(|| JsError::new("RF3295: no key of that epoch and leaf"))
    }
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
