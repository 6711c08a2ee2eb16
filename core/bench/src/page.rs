//! The operations for JavaScript (bench/core.mjs).
use crate::Still;
use crate::crowd::{Crowd, STEPS};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub struct Group(Crowd);

#[wasm_bindgen]
impl Group {
    #[wasm_bindgen(constructor)]
    pub fn new(members: u32) -> Group {
        Group(Crowd::new(members))
    }

    /// One of [`STEPS`], in their order; then from the first again.
    pub fn step(&mut self, name: &str) {
        self.0.step(name);
    }
}

/// Where the borders of countries are, as a page gets it.
#[wasm_bindgen(js_name = loadBorders)]
pub fn load_borders(file: &[u8]) {
    ringfence_fence::borders::load(file).expect("the file of this version");
}

/// One of [`Still::NAMES`], so many times.
#[wasm_bindgen]
pub fn still(name: &str, times: u32) {
    let still = Still::new();
    for _ in 0..times {
        still.run(name);
    }
}

/// A line of the names of steps, and one of the others.
#[wasm_bindgen]
pub fn names() -> String {
    [STEPS.join(" "), Still::NAMES.join(" ")].join("\n")
}
