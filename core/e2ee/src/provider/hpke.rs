//! The primitives that hpke-rs asks for (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM.
//! Not here: the protocol itself, which is hpke-rs's.
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes128Gcm, KeyInit};
use hkdf::Hkdf;
use hpke_rs_crypto::error::Error;
use hpke_rs_crypto::types::{AeadAlgorithm, KdfAlgorithm, KemAlgorithm};
use hpke_rs_crypto::{HpkeCrypto, HpkeTestRng, TryCryptoRng, TryRng};
use sha2::Sha256;
use std::convert::Infallible;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize, Zeroizing};

type Result<T> = std::result::Result<T, Error>;

#[derive(Debug)]
pub struct X25519;

/// The system's randomness: it holds nothing that could be wiped or copied.
pub struct SystemRandom;

fn fill(bytes: &mut [u8]) {
    // hpke-rs cannot be told of a failure here, and must not go on without randomness.
    getrandom::getrandom(bytes).expect("the system gives randomness");
}

impl Zeroize for SystemRandom {
    fn zeroize(&mut self) {}
}

impl TryRng for SystemRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> std::result::Result<u32, Infallible> {
        let mut bytes = [0; 4];
        fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> std::result::Result<u64, Infallible> {
        let mut bytes = [0; 8];
        fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> std::result::Result<(), Infallible> {
        fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for SystemRandom {}

impl HpkeTestRng for SystemRandom {
    type Error = Infallible;

    fn try_fill_test_bytes(&mut self, bytes: &mut [u8]) -> std::result::Result<(), Infallible> {
        self.try_fill_bytes(bytes)
    }

    fn seed(&mut self, _seed: &[u8]) {}
}

fn key(bytes: &[u8], wrong: Error) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| wrong)
}

fn secret(bytes: &[u8]) -> Result<StaticSecret> {
    let bytes = Zeroizing::new(key(bytes, Error::KemInvalidSecretKey)?);
    Ok(StaticSecret::from(*bytes))
}

/// Errors: a key or nonce of another length.
fn aes(key: &[u8], nonce: &[u8]) -> Result<Aes128Gcm> {
    if nonce.len() != 12 {
        return Err(Error::AeadInvalidNonce);
    }
    Aes128Gcm::new_from_slice(key).map_err(|_| Error::UnknownAeadAlgorithm)
}

impl HpkeCrypto for X25519 {
    type HpkePrng = SystemRandom;

    fn name() -> String {
        "X25519, HKDF-SHA256, AES-128-GCM".into()
    }

    fn supports_kdf(alg: KdfAlgorithm) -> Result<()> {
        match alg {
            KdfAlgorithm::HkdfSha256 => Ok(()),
            _ => Err(Error::UnknownKdfAlgorithm),
        }
    }

    fn supports_kem(alg: KemAlgorithm) -> Result<()> {
        match alg {
            KemAlgorithm::DhKem25519 => Ok(()),
            _ => Err(Error::UnknownKemAlgorithm),
        }
    }

    fn supports_aead(alg: AeadAlgorithm) -> Result<()> {
        match alg {
            AeadAlgorithm::Aes128Gcm => Ok(()),
            _ => Err(Error::UnknownAeadAlgorithm),
        }
    }

    fn prng() -> SystemRandom {
        SystemRandom
    }

    fn kdf_extract(alg: KdfAlgorithm, salt: &[u8], ikm: &[u8]) -> Result<Vec<u8>> {
        Self::supports_kdf(alg)?;
        Ok(Hkdf::<Sha256>::extract(Some(salt), ikm).0.to_vec())
    }

    fn kdf_expand(alg: KdfAlgorithm, prk: &[u8], info: &[u8], output_size: usize) -> Result<Vec<u8>> {
        Self::supports_kdf(alg)?;
        let hkdf = Hkdf::<Sha256>::from_prk(prk).map_err(|_| Error::HpkeInvalidOutputLength)?;
        let mut out = vec![0; output_size];
        hkdf.expand(info, &mut out)
            .map_err(|_| Error::HpkeInvalidOutputLength)?;
        Ok(out)
    }

    fn dh(alg: KemAlgorithm, pk: &[u8], sk: &[u8]) -> Result<Vec<u8>> {
        Self::supports_kem(alg)?;
        let public = PublicKey::from(key(pk, Error::KemInvalidPublicKey)?);
        let shared = secret(sk)?.diffie_hellman(&public);
        // RFC 9180 §7.1.4: an all-zero result is refused.
        if !shared.was_contributory() {
            return Err(Error::KemInvalidPublicKey);
        }
        Ok(shared.as_bytes().to_vec())
    }

    fn secret_to_public(alg: KemAlgorithm, sk: &[u8]) -> Result<Vec<u8>> {
        Self::supports_kem(alg)?;
        Ok(PublicKey::from(&secret(sk)?).as_bytes().to_vec())
    }

    fn kem_key_gen(alg: KemAlgorithm, prng: &mut SystemRandom) -> Result<(Vec<u8>, Vec<u8>)> {
        Self::supports_kem(alg)?;
        let mut bytes = Zeroizing::new([0; 32]);
        let Ok(()) = prng.try_fill_bytes(&mut *bytes);
        let public = Self::secret_to_public(alg, &*bytes)?;
        Ok((public, bytes.to_vec()))
    }

    fn kem_key_gen_derand(_alg: KemAlgorithm, _seed: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
        Err(Error::UnsupportedKemOperation)
    }

    fn kem_encaps(_alg: KemAlgorithm, _pk: &[u8], _prng: &mut SystemRandom) -> Result<(Vec<u8>, Vec<u8>)> {
        Err(Error::UnsupportedKemOperation)
    }

    fn kem_decaps(_alg: KemAlgorithm, _ct: &[u8], _sk: &[u8]) -> Result<Vec<u8>> {
        Err(Error::UnsupportedKemOperation)
    }

    fn dh_validate_sk(_alg: KemAlgorithm, _sk: &[u8]) -> Result<Vec<u8>> {
        Err(Error::UnknownKemAlgorithm) // RFC 9180 §7.1.2 samples by rejection for the NIST curves only
    }

    fn aead_seal(alg: AeadAlgorithm, key: &[u8], nonce: &[u8], aad: &[u8], msg: &[u8]) -> Result<Vec<u8>> {
        Self::supports_aead(alg)?;
        aes(key, nonce)?
            .encrypt(nonce.into(), Payload { msg, aad })
            .map_err(|_| Error::CryptoLibraryError("the message is too long to seal".into()))
    }

    fn aead_open(alg: AeadAlgorithm, key: &[u8], nonce: &[u8], aad: &[u8], msg: &[u8]) -> Result<Vec<u8>> {
        Self::supports_aead(alg)?;
        aes(key, nonce)?
            .decrypt(nonce.into(), Payload { msg, aad })
            .map_err(|_| Error::AeadOpenError)
    }
}
