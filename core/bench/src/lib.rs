//! Operations whose cost people feel, one call each: who calls them holds the clock (`Instant`, or the browser's).
//! Not here: how often, and what the figures are compared with (bench/).
mod call;
pub mod crowd;
#[cfg(target_arch = "wasm32")]
mod page;
mod still;

pub use still::Still;
