//! The link of a meeting: its secret half (the fragment), and the keys that come from it.
//! Not here: what the keys sign (`admission`, `knock`).
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use ringfence_signed::{B16, B32, Error, Result, from_text_exact, hash, to_text};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const NONCE: usize = 12;

/// What the fragment of a link holds. It cannot be printed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Link {
    #[zeroize(skip)]
    meeting: B16,
    secret: B16,
    #[zeroize(skip)]
    owner: B16,
}

impl Link {
    /// `secret`: 16 random bytes.
    pub fn new(meeting: B16, secret: B16, owner: &B32) -> Self {
        Self {
            meeting,
            secret,
            owner: fingerprint(owner),
        }
    }

    /// Reads the fragment (43 letters: secret ‖ first half of the SHA-256 of the owner's key).
    ///
    /// Errors: `RF3110` when it is cut or changed.
    pub fn parse(meeting: B16, fragment: &str) -> Result<Self> {
        let bytes: Zeroizing<B32> = from_text_exact(fragment)
            .map(Zeroizing::new)
            .map_err(|_| Error::new("RF3110", "the part of the link after # is not complete"))?;
        let (secret, owner) = bytes.split_at(16);
        Ok(Self {
            meeting,
            secret: secret.try_into().expect("16"),
            owner: owner.try_into().expect("16"),
        })
    }

    pub fn fragment(&self) -> String {
        to_text(&Zeroizing::new([self.secret, self.owner].concat()))
    }

    pub fn meeting(&self) -> B16 {
        self.meeting
    }

    /// Whether this is the owner whom the link names.
    pub fn names_owner(&self, owner: &B32) -> bool {
        fingerprint(owner) == self.owner
    }

    fn derive(&self, info: &str) -> Zeroizing<B32> {
        let mut out = Zeroizing::new([0; 32]);
        let hkdf = Hkdf::<Sha256>::new(Some(&self.meeting), &self.secret);
        hkdf.expand(info.as_bytes(), out.as_mut())
            .expect("32 bytes are within HKDF's limit");
        out
    }

    /// Signs what every holder of the link may sign.
    pub fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.derive("ringfence link key v1"))
    }

    /// The external PSK that every addition to the group mixes in.
    pub fn psk(&self) -> Zeroizing<B32> {
        self.derive("ringfence psk v1")
    }

    fn title_key(&self) -> Aes256Gcm {
        Aes256Gcm::new((&*self.derive("ringfence title v1")).into())
    }

    /// Nonce ‖ AES-256-GCM of the title, bound to the meeting.
    pub fn seal_title(&self, title: &str, nonce: [u8; NONCE]) -> Vec<u8> {
        let payload = Payload {
            msg: title.as_bytes(),
            aad: &self.meeting,
        };
        let sealed = self
            .title_key()
            .encrypt(Nonce::from_slice(&nonce), payload)
            .expect("a title is short");
        [&nonce[..], &sealed].concat()
    }

    /// Errors: `RF3111` when it was not sealed with this link.
    pub fn open_title(&self, sealed: &[u8]) -> Result<String> {
        let refused = || Error::new("RF3111", "the title does not open with this link");
        let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or_else(refused)?;
        let payload = Payload {
            msg: sealed,
            aad: &self.meeting,
        };
        let title = self
            .title_key()
            .decrypt(Nonce::from_slice(nonce), payload)
            .map_err(|_| refused())?;
        String::from_utf8(title).map_err(|_| refused())
    }
}

fn fingerprint(owner: &B32) -> B16 {
    hash(owner)[..16].try_into().expect("16 of 32")
}
