//! The key of a meeting's key file, from its passphrase (docs/protocol/keyfile.md).
//! Not here: sealing the file (WebCrypto), or what a good passphrase is (the page).
use argon2::{Algorithm, Argon2, Params, Version};
use ringfence_signed::{B16, B32, Error, Result};
use zeroize::Zeroizing;

/// RFC 9106 §4, the second recommended option: 64 MiB, three passes, four lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;

/// `passphrase`: in the form of RFC 8265 §4.2.2, in UTF-8. Meant to be slow: some tenths of a second.
///
/// Errors: `RF3296` when the memory is not there.
pub fn passphrase_key(passphrase: &[u8], salt: &B16) -> Result<Zeroizing<B32>> {
    let failed = |error: argon2::Error| Error::new("RF3296", error.to_string());
    let parameters = Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(failed)?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    let mut key = Zeroizing::new([0; 32]);
    argon
        .hash_password_into(passphrase, salt, key.as_mut())
        .map_err(failed)?;
    Ok(key)
}
