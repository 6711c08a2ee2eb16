//! Canonical CBOR and COSE_Sign1: how everything that is signed is written and read.
