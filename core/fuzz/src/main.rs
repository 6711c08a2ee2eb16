//! libFuzzer on one target: `RINGFENCE_TARGET` says which, `RINGFENCE_PLANTED=1` plants its bug.
//! Not here: what a target does (the library).
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringfence_fuzz::{Target, named};
use std::sync::LazyLock;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("RINGFENCE_TARGET").expect("RINGFENCE_TARGET names a target");
    named(&name).expect("RINGFENCE_TARGET is one of the targets")
});
static PLANTED: LazyLock<bool> = LazyLock::new(|| std::env::var_os("RINGFENCE_PLANTED").is_some());

fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes, *PLANTED));
