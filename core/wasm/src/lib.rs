//! The participant for the browser: JSON text and bytes in, JSON text and bytes out.
//! Decides nothing: every function hands on to the crates that also run natively.
use ringfence_e2ee as e2ee;
use wasm_bindgen::prelude::*;

/// An error whose message is `RFnnnn: detail`.
fn js(error: ringfence_signed::Error) -> JsError {
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

    /// Where the borders of countries are: until it is told, round trips rule no country out.
    #[wasm_bindgen(js_name = loadBorders)]
    pub fn load_borders(&mut self, file: &[u8], now: f64) -> Result<(), JsError> {
        self.0.load_borders(file, milliseconds(now)).map_err(js)
    }

    /// A sender's base key. Wipe it after use.
    #[wasm_bindgen(js_name = mediaKey)]
    pub fn media_key(&self, epoch: f64, leaf: u32) -> Result<Vec<u8>, JsError> {
        let key = self.0.media_key(epoch as u64, leaf);
        key.map(|key| key.as_bytes().to_vec())
            .ok_or_else(|| JsError::new("RF3295: no key of that epoch and leaf"))
    }
}
