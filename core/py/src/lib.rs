//! ringfence._core: the Rust crates as one Python module.
