//! COSE_Sign1 (RFC 9052 §4.2) with Ed25519: the one envelope of everything that is signed.
//! Not here: who may sign what (`ringfence-charter`), or where keys live.
use crate::cbor::{self, Value};
use crate::{B32, Error, Result};
use coset::{CborSerializable as _, CoseSign1, CoseSign1Builder, HeaderBuilder, iana};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

/// The kind of a document, given to the signature as external data, so that no signature serves twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label(pub &'static str);

/// Every label there is.
pub mod label {
    use super::Label;
    pub const NODE: Label = Label("ringfence node v1");
    pub const STATEMENT: Label = Label("ringfence statement v1");
    pub const CHARTER: Label = Label("ringfence charter v1");
    pub const GENESIS: Label = Label("ringfence genesis v1");
    pub const ADMISSION: Label = Label("ringfence admission v1");
    pub const REMOVAL: Label = Label("ringfence removal v1");
    pub const LEAF: Label = Label("ringfence leaf v1");
    pub const KNOCK: Label = Label("ringfence knock v1");
    pub const REJOIN: Label = Label("ringfence rejoin v1");
    pub const ROUTE: Label = Label("ringfence route v1");
    pub const HELLO: Label = Label("ringfence hello v1");
    pub const CHANNEL: Label = Label("ringfence channel v1");
    pub const TRANSCRIPT: Label = Label("ringfence transcript v1");
    pub const RECEIPT: Label = Label("ringfence receipt v1");

    /// The label of that name.
    pub fn named(name: &str) -> Option<Label> {
        [
            NODE, STATEMENT, CHARTER, GENESIS, ADMISSION, REMOVAL, LEAF, KNOCK, REJOIN, ROUTE, HELLO,
            CHANNEL, TRANSCRIPT, RECEIPT,
        ]
        .into_iter()
        .find(|label| label.0 == name)
    }
}

/// A verified envelope: what was signed, and by whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Signed {
    pub payload: Vec<u8>,
    pub key: B32,
}

fn envelope(payload: &[u8]) -> CoseSign1Builder {
    let protected = HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).build();
    CoseSign1Builder::new()
        .protected(protected)
        .payload(payload.to_vec())
}

/// The bytes that a signer signs (Sig_structure, RFC 9052 §4.4): for keys that only sign, as WebCrypto's do.
pub fn to_be_signed(label: Label, payload: &[u8]) -> Vec<u8> {
    envelope(payload).build().tbs_data(label.0.as_bytes())
}

/// The document, from its payload and the signature over [`to_be_signed`].
pub fn assemble(payload: &[u8], signature: &[u8; 64]) -> Vec<u8> {
    envelope(payload)
        .signature(signature.to_vec())
        .build()
        .to_vec()
        .expect("an envelope of bytes encodes")
}

/// Both steps at once, for keys that are at hand.
pub fn sign(label: Label, payload: &[u8], key: &SigningKey) -> Vec<u8> {
    assemble(payload, &key.sign(&to_be_signed(label, payload)).to_bytes())
}

/// The payload of an envelope whose signer is not known yet. Verify before you believe it.
///
/// Errors: `RF3102`, `RF3105` when it is not exactly the envelope that [`assemble`] makes.
pub fn unverified_payload(document: &[u8]) -> Result<Vec<u8>> {
    Ok(open(document)?.0)
}

fn open(document: &[u8]) -> Result<(Vec<u8>, [u8; 64])> {
    let bad = || Error::new("RF3105", "not the envelope of a signed document");
    let Value::Array(_) = cbor::decode(document)? else {
        return Err(bad());
    };
    let parsed = CoseSign1::from_slice(document).map_err(|_| bad())?;
    let payload = parsed.payload.ok_or_else(bad)?;
    let signature: [u8; 64] = parsed.signature.as_slice().try_into().map_err(|_| bad())?;
    // Only the one algorithm and no other header: compare with what we would have written.
    if assemble(&payload, &signature) != document {
        return Err(bad());
    }
    Ok((payload, signature))
}

/// Checks a document against one key.
///
/// Errors: `RF3102`, `RF3105` for bytes that are no envelope, `RF3106` for a signature that is not this key's.
pub fn verify(label: Label, document: &[u8], key: &B32) -> Result<Signed> {
    let (payload, signature) = open(document)?;
    let refused = || {
        Error::new(
            "RF3106",
            format!("the signature of a `{}` does not match its key", label.0),
        )
    };
    let verifier = VerifyingKey::from_bytes(key).map_err(|_| refused())?;
    verifier
        .verify_strict(&to_be_signed(label, &payload), &Signature::from_bytes(&signature))
        .map_err(|_| refused())?;
    Ok(Signed { payload, key: *key })
}
