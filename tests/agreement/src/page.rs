//! The decisions for JavaScript.
use wasm_bindgen::prelude::*;

/// Where the borders of countries are, as a page gets it.
#[wasm_bindgen(js_name = loadBorders)]
pub fn load_borders(file: &[u8]) -> Result<(), JsError> {
    ringfence_fence::borders::load(file).map_err(|error| JsError::new(error.code))
}

#[wasm_bindgen]
pub fn decisions(first: u32, count: u32) -> String {
    crate::decisions(first.into(), count.into())
}
