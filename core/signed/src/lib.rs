//! Canonical CBOR and COSE_Sign1: how everything that is signed is written and read.
//! Not here: what the documents mean (`ringfence-charter`, `ringfence-fence`).
pub mod cbor;
pub mod cose;
mod error;

pub use cbor::{Map, Value};
pub use cose::{Label, Signed};
pub use error::{Error, Result};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// 32 bytes: a public key, a hash or a group id.
pub type B32 = [u8; 32];
/// 16 bytes: a meeting id or a nonce.
pub type B16 = [u8; 16];

/// SHA-256.
pub fn hash(bytes: &[u8]) -> B32 {
    Sha256::digest(bytes).into()
}

/// base64url without padding (RFC 4648 §5): how bytes are written in JSON and in addresses.
pub fn to_text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads what [`to_text`] writes, and nothing else: no padding, no spaces, no stray trailing bits.
pub fn from_text(text: &str) -> Result<Vec<u8>> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Error::new("RF3101", "bytes are written in base64url without padding"))
}

/// [`from_text`] for a known length.
pub fn from_text_exact<const N: usize>(text: &str) -> Result<[u8; N]> {
    from_text(text)?
        .try_into()
        .map_err(|_| Error::new("RF3101", format!("{N} bytes in base64url were expected")))
}
