//! What openmls is given to work with: ciphersuite 1 of RFC 9420 and no other, randomness of the system, and memory
//! for keys. Not here: what is done with them (openmls), or which suites a charter allows (`ringfence-charter`).
//!
//! `openmls_rust_crypto` offers every suite: three more curves, two lattice schemes, and each group written out as JSON
//! at each epoch. That is most of a module that people download. The primitives here are the same crates' (RustCrypto,
//! dalek, hpke-rs), and a test compares every answer with `openmls_rust_crypto`'s.
mod hpke;
mod memory;
mod suite;

pub use memory::{Memory, Unreadable};
pub use suite::Suite1;

use ed25519_dalek::{Signer as _, SigningKey};
use openmls_traits::OpenMlsProvider;
use openmls_traits::random::OpenMlsRand;
use openmls_traits::signatures::{Signer, SignerError};
use openmls_traits::types::SignatureScheme;

/// Crypto, randomness and memory of one participant or one watched group.
#[derive(Default)]
pub struct Provider {
    suite: Suite1,
    memory: Memory,
}

impl OpenMlsProvider for Provider {
    type CryptoProvider = Suite1;
    type RandProvider = Suite1;
    type StorageProvider = Memory;

    fn storage(&self) -> &Memory {
        &self.memory
    }

    fn crypto(&self) -> &Suite1 {
        &self.suite
    }

    fn rand(&self) -> &Suite1 {
        &self.suite
    }
}

/// The system has no randomness to give.
#[derive(thiserror::Error, Debug)]
#[error("no randomness")]
pub struct NoRandomness;

impl OpenMlsRand for Suite1 {
    type Error = NoRandomness;

    fn random_array<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        getrandom::getrandom(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(bytes)
    }

    fn random_vec(&self, length: usize) -> Result<Vec<u8>, NoRandomness> {
        let mut bytes = vec![0; length];
        getrandom::getrandom(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(bytes)
    }
}

/// The key of a leaf: it signs for as long as the page lives, is stored nowhere and wiped when dropped.
pub struct LeafSigner(SigningKey);

impl LeafSigner {
    pub fn new() -> Result<Self, NoRandomness> {
        Ok(Self(SigningKey::from_bytes(&zeroize::Zeroizing::new(
            Suite1.random_array()?,
        ))))
    }

    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
}

impl Signer for LeafSigner {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.0.sign(payload).to_bytes().to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}
