//! The keys of signed notes (C2SP signed-note, "Signatures" and "Verifier keys"): a name, four bytes of a
//! hash, and Ed25519; of a log (type 0x01) or of a witness (type 0x04, C2SP tlog-cosignature).
//! Not here: where a signing key is stored, or which keys are trusted.
use crate::note::SignatureLine;
use crate::{B32, Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Longest key name that is read, in bytes. The formats set no limit.
pub const MAX_NAME: usize = 255;
/// Latest time of a cosignature, in seconds since 1970 (C2SP tlog-cosignature, "Format").
pub const MAX_TIME: u64 = i64::MAX as u64;

/// What a key signs; the number is the format's signature type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The text of the note.
    Log = 1,
    /// The text of the note and the time at which it was the newest that the witness had seen.
    Witness = 4,
}

/// A public key, as whoever checks notes is configured with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    kind: Kind,
    key: VerifyingKey,
}

/// Errors: `RF2307` when the name is empty, too long, or has a space, a plus or a control character.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let wrong = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.len() > MAX_NAME || name.contains(wrong) {
        return Err(Error::new(
            "RF2307",
            "a key's name has 1 to 255 bytes without spaces and plus signs",
        ));
    }
    Ok(())
}

fn key_id(name: &str, kind: Kind, key: &B32) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', kind as u8])
        .chain_update(key)
        .finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// What a witness signs (C2SP tlog-cosignature, "Ed25519 signed message").
fn cosigned_message(time: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}

impl Verifier {
    /// Errors: `RF2307` when the name cannot be a key's, or the bytes are no public key.
    pub fn new(name: &str, kind: Kind, key: &B32) -> Result<Self> {
        check_name(name)?;
        let key =
            VerifyingKey::from_bytes(key).map_err(|_| Error::new("RF2307", "not an Ed25519 public key"))?;
        // Under a weak key there are signatures that fit many texts.
        if key.is_weak() {
            return Err(Error::new("RF2307", "a weak Ed25519 public key"));
        }
        Ok(Self {
            name: name.to_owned(),
            kind,
            key,
        })
    }

    /// Reads a verifier key, `name+id+base64`: the id in eight lowercase hexadecimal digits, and the type
    /// before the key's 32 bytes.
    ///
    /// Errors: `RF2307` when it is not exactly what [`Verifier`] is written as.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = || Error::new("RF2307", "not a verifier key of a log or a witness");
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad());
        };
        let bytes = STANDARD.decode(key).map_err(|_| bad())?;
        let (kind, key) = match bytes.split_first() {
            Some((1, key)) => (Kind::Log, key),
            Some((4, key)) => (Kind::Witness, key),
            _ => return Err(bad()),
        };
        let verifier = Self::new(name, kind, key.try_into().map_err(|_| bad())?)?;
        // Writing it again checks the id, and that this is its one spelling.
        if verifier.to_string() != text {
            return Err(bad());
        }
        Ok(verifier)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The 32 bytes of the public key.
    pub fn key(&self) -> &B32 {
        self.key.as_bytes()
    }

    /// First bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key): finds a signature's line, proves nothing.
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, self.kind, self.key.as_bytes())
    }

    /// Whether a line says that it is by this key.
    pub(crate) fn claims(&self, line: &SignatureLine) -> bool {
        line.name() == self.name && line.key_id() == self.id()
    }

    /// Checks a signature of this key under a note's text.
    ///
    /// Returns the time of a cosignature in seconds since 1970, and 0 for a log's signature, which has none.
    /// Errors: `RF2306` when it is not this key's signature of this text.
    pub(crate) fn check(&self, text: &str, signature: &[u8]) -> Result<u64> {
        let refused = || Error::new("RF2306", format!("the signature of {} does not hold", self.name));
        let (time, signature) = match self.kind {
            Kind::Log => (0, signature),
            Kind::Witness => {
                let (time, signature) = signature.split_first_chunk().ok_or_else(refused)?;
                (u64::from_be_bytes(*time), signature)
            }
        };
        if time > MAX_TIME {
            return Err(refused());
        }
        let message = match self.kind {
            Kind::Log => text.as_bytes().to_vec(),
            Kind::Witness => cosigned_message(time, text),
        };
        let signature = Signature::from_slice(signature).map_err(|_| refused())?;
        self.key
            .verify_strict(&message, &signature)
            .map_err(|_| refused())?;
        Ok(time)
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.id());
        let mut bytes = vec![self.kind as u8];
        bytes.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{id:08x}+{}", self.name, STANDARD.encode(bytes))
    }
}

/// A key that is at hand to sign with.
pub struct Signer {
    verifier: Verifier,
    key: SigningKey,
}

impl Signer {
    /// Errors: `RF2307` when the name cannot be a key's.
    pub fn new(name: &str, kind: Kind, key: SigningKey) -> Result<Self> {
        let verifier = Verifier::new(name, kind, key.verifying_key().as_bytes())?;
        Ok(Self { verifier, key })
    }

    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Signs a note's text. `time` is of a witness, in seconds since 1970 and at most [`MAX_TIME`]; a log
    /// gives none.
    pub fn sign(&self, text: &str, time: u64) -> SignatureLine {
        let mut bytes = vec![];
        let message = match self.verifier.kind {
            Kind::Log => text.as_bytes().to_vec(),
            Kind::Witness => {
                bytes.extend_from_slice(&time.to_be_bytes());
                cosigned_message(time, text)
            }
        };
        bytes.extend_from_slice(&self.key.sign(&message).to_bytes());
        SignatureLine::new(&self.verifier.name, self.verifier.id(), &bytes)
    }
}
