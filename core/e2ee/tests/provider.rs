//! The one ciphersuite gives the very answers of openmls's own provider, opens what it sealed, and refuses the rest.
use openmls::prelude::*;
use openmls_rust_crypto::{OpenMlsRustCrypto, RustCrypto};
use openmls_traits::types::{
    AeadType, CryptoError, HashType, HpkeAeadType, HpkeConfig, HpkeKdfType, HpkeKemType,
};
use ringfence_e2ee::member::SUITE;
use ringfence_e2ee::provider::{Provider, Suite1};

/// Bytes that are the same in each run, and of many lengths.
fn inputs() -> impl Iterator<Item = Vec<u8>> {
    let mut random = fastrand::Rng::with_seed(7);
    let lengths = [0usize, 1, 16, 31, 32, 33, 64, 65, 200, 5000];
    lengths
        .into_iter()
        .map(move |n| (0..n).map(|_| random.u8(..)).collect())
}

fn config() -> HpkeConfig {
    SUITE.hpke_config()
}

#[test]
fn hashes_are_those_of_the_other_provider() {
    let oracle = RustCrypto::default();
    let sha = HashType::Sha2_256;
    for (a, b) in inputs().zip(inputs().skip(1)) {
        assert_eq!(Suite1.hash(sha, &a).unwrap(), oracle.hash(sha, &a).unwrap());
        let extracted = Suite1.hkdf_extract(sha, &a, &b).unwrap();
        assert_eq!(
            extracted.as_slice(),
            oracle.hkdf_extract(sha, &a, &b).unwrap().as_slice()
        );
        assert_eq!(
            Suite1.hmac(sha, &a, &b).unwrap().as_slice(),
            oracle.hmac(sha, &a, &b).unwrap().as_slice()
        );
        for length in [0, 1, 32, 255 * 32] {
            let expanded = Suite1.hkdf_expand(sha, extracted.as_slice(), &b, length).unwrap();
            let expected = oracle.hkdf_expand(sha, extracted.as_slice(), &b, length).unwrap();
            assert_eq!(expanded.as_slice(), expected.as_slice());
        }
        let too_long = Suite1.hkdf_expand(sha, extracted.as_slice(), &b, 255 * 32 + 1);
        assert_eq!(too_long.unwrap_err(), CryptoError::HkdfOutputLengthInvalid);
    }
    let short_key = Suite1.hkdf_expand(sha, &[1; 31], b"", 32);
    assert_eq!(short_key.unwrap_err(), CryptoError::HkdfOutputLengthInvalid);
}

#[test]
fn what_is_sealed_opens_with_the_other_provider_and_only_unchanged() {
    let (oracle, aes) = (RustCrypto::default(), AeadType::Aes128Gcm);
    let (key, nonce) = ([7; 16], [9; 12]);
    for (message, aad) in inputs().zip(inputs().skip(1)) {
        let sealed = Suite1.aead_encrypt(aes, &key, &message, &nonce, &aad).unwrap();
        assert_eq!(
            sealed,
            oracle.aead_encrypt(aes, &key, &message, &nonce, &aad).unwrap()
        );
        assert_eq!(
            Suite1.aead_decrypt(aes, &key, &sealed, &nonce, &aad).unwrap(),
            message
        );
        let mut changed = sealed.clone();
        changed[0] ^= 1;
        assert!(Suite1.aead_decrypt(aes, &key, &changed, &nonce, &aad).is_err());
        assert!(
            Suite1
                .aead_decrypt(aes, &key, &sealed[..15], &nonce, &aad)
                .is_err()
        );
    }
    assert_eq!(
        Suite1.aead_encrypt(aes, &[0; 15], b"", &nonce, b"").unwrap_err(),
        CryptoError::InvalidLength
    );
    assert_eq!(
        Suite1.aead_encrypt(aes, &key, b"", &[0; 11], b"").unwrap_err(),
        CryptoError::InvalidLength
    );
}

#[test]
fn signatures_are_those_of_the_other_provider_and_weak_ones_are_refused() {
    let (oracle, ed) = (RustCrypto::default(), SignatureScheme::ED25519);
    let (secret, public) = Suite1.signature_key_gen(ed).unwrap();
    for message in inputs() {
        let signature = Suite1.sign(ed, &message, &secret).unwrap();
        assert_eq!(signature, oracle.sign(ed, &message, &secret).unwrap());
        oracle
            .verify_signature(ed, &message, &public, &signature)
            .unwrap();
        Suite1
            .verify_signature(ed, &message, &public, &signature)
            .unwrap();
        let other = [&message[..], b"."].concat();
        let refused = Suite1
            .verify_signature(ed, &other, &public, &signature)
            .unwrap_err();
        assert_eq!(refused, CryptoError::InvalidSignature);
        assert!(
            Suite1
                .verify_signature(ed, &message, &public, &signature[1..])
                .is_err()
        );
    }
    // RFC 8032 §5.1.7 checks by a cofactor; a key of small order would sign everything, so it signs nothing here.
    let mut small = [0; 32];
    small[0] = 1;
    let mut always = [0; 64];
    always[0] = 1;
    assert!(Suite1.verify_signature(ed, b"anything", &small, &always).is_err());
}

#[test]
fn hpke_is_that_of_the_other_provider() {
    let oracle = RustCrypto::default();
    for (message, aad) in inputs().zip(inputs().skip(1)) {
        let seed = [&message[..], b"seed of at least thirty-two bytes"].concat();
        let pair = Suite1.derive_hpke_keypair(config(), &seed).unwrap();
        let same = oracle.derive_hpke_keypair(config(), &seed).unwrap();
        assert_eq!(pair.public, same.public);
        assert_eq!(&*pair.private, &*same.private);
        let (public, private) = (&pair.public, &*pair.private);
        let sealed = Suite1
            .hpke_seal(config(), public, b"info", &aad, &message)
            .unwrap();
        assert_eq!(
            oracle
                .hpke_open(config(), &sealed, private, b"info", &aad)
                .unwrap(),
            message
        );
        let sealed = oracle
            .hpke_seal(config(), public, b"info", &aad, &message)
            .unwrap();
        assert_eq!(
            Suite1
                .hpke_open(config(), &sealed, private, b"info", &aad)
                .unwrap(),
            message
        );
        assert!(
            Suite1
                .hpke_open(config(), &sealed, private, b"other", &aad)
                .is_err()
        );
        let (enc, sent) = Suite1
            .hpke_setup_sender_and_export(config(), public, b"info", &aad, 32)
            .unwrap();
        let got = oracle.hpke_setup_receiver_and_export(config(), &enc, private, b"info", &aad, 32);
        assert_eq!(&*sent, &*got.unwrap());
        let got = Suite1.hpke_setup_receiver_and_export(config(), &enc, private, b"info", &aad, 32);
        assert_eq!(&*sent, &*got.unwrap());
    }
}

#[test]
fn a_point_that_gives_the_same_secret_to_everybody_is_refused() {
    assert!(Suite1.hpke_seal(config(), &[0; 32], b"", b"", b"secret").is_err());
    assert!(Suite1.hpke_seal(config(), &[1; 31], b"", b"", b"secret").is_err());
}

#[test]
fn no_other_algorithm_is_offered() {
    assert_eq!(Suite1.supported_ciphersuites(), [SUITE]);
    let oracle = RustCrypto::default();
    for suite in oracle.supported_ciphersuites() {
        assert_eq!(Suite1.supports(suite).is_ok(), suite == SUITE, "{suite:?}");
    }
    assert!(Suite1.hash(HashType::Sha2_384, b"").is_err());
    assert!(Suite1.hmac(HashType::Sha2_512, b"", b"").is_err());
    assert!(Suite1.hkdf_extract(HashType::Sha2_384, b"", b"").is_err());
    assert!(Suite1.hkdf_expand(HashType::Sha2_384, &[0; 48], b"", 1).is_err());
    assert!(
        Suite1
            .aead_encrypt(AeadType::ChaCha20Poly1305, &[0; 32], b"", &[0; 12], b"")
            .is_err()
    );
    assert!(
        Suite1
            .aead_decrypt(AeadType::Aes256Gcm, &[0; 32], &[0; 16], &[0; 12], b"")
            .is_err()
    );
    for scheme in [SignatureScheme::ECDSA_SECP256R1_SHA256, SignatureScheme::ED448] {
        assert!(Suite1.signature_key_gen(scheme).is_err());
        assert!(Suite1.sign(scheme, b"", &[0; 32]).is_err());
        assert!(Suite1.verify_signature(scheme, b"", &[0; 32], &[0; 64]).is_err());
    }
    let p256 = HpkeConfig(
        HpkeKemType::DhKemP256,
        HpkeKdfType::HkdfSha256,
        HpkeAeadType::AesGcm128,
    );
    assert!(Suite1.derive_hpke_keypair(p256, &[0; 32]).is_err());
}

/// A member as openmls's own example would make one.
struct Stranger {
    provider: OpenMlsRustCrypto,
    signer: ringfence_e2ee::provider::LeafSigner,
}

#[test]
fn members_of_either_provider_join_each_other() {
    let stranger = Stranger {
        provider: OpenMlsRustCrypto::default(),
        signer: ringfence_e2ee::provider::LeafSigner::new().unwrap(),
    };
    let (ours, signer) = (
        Provider::default(),
        ringfence_e2ee::provider::LeafSigner::new().unwrap(),
    );
    let credential = |public: [u8; 32]| CredentialWithKey {
        credential: BasicCredential::new(b"somebody".to_vec()).into(),
        signature_key: public.as_slice().into(),
    };
    let theirs = KeyPackage::builder()
        .build(
            SUITE,
            &stranger.provider,
            &stranger.signer,
            credential(stranger.signer.public()),
        )
        .unwrap();
    let create = MlsGroupCreateConfig::builder()
        .ciphersuite(SUITE)
        .use_ratchet_tree_extension(true)
        .build();
    let mut group = MlsGroup::new(&ours, &signer, &create, credential(signer.public())).unwrap();
    let (_, welcome, _) = group
        .add_members(&ours, &signer, &[theirs.key_package().clone()])
        .unwrap();
    group.merge_pending_commit(&ours).unwrap();
    let MlsMessageBodyIn::Welcome(welcome) = MlsMessageIn::from(welcome).extract() else {
        panic!("not a Welcome");
    };
    let joined =
        StagedWelcome::new_from_welcome(&stranger.provider, &MlsGroupJoinConfig::default(), welcome, None)
            .unwrap()
            .into_group(&stranger.provider)
            .unwrap();
    assert_eq!(
        joined.epoch_authenticator().as_slice(),
        group.epoch_authenticator().as_slice()
    );
}
