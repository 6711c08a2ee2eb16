//! The decisions for JavaScript.
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub fn decisions(first: u32, count: u32) -> String {
    crate::decisions(first.into(), count.into())
}
