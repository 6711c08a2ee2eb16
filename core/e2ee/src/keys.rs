//! How a media key is made: the exporter's label, the layout of a KID, and SFrame (RFC 9605) with suite 4.
//! Not here: when keys change (`participant`), or sealing in the browser (WebCrypto does that).
use crate::member::Member;
use aes_gcm::aead::{AeadInPlace as _, KeyInit as _};
use aes_gcm::{Aes128Gcm, Nonce};
use hkdf::Hkdf;
use ringfence_signed::{B32, Error, Result};
use sha2::Sha256;
use zeroize::Zeroizing;

/// AES_128_GCM_SHA256_128 (RFC 9605 §4.5).
const SUITE: u16 = 0x0004;
const TAG: usize = 16;

/// The secret from which all SFrame keys of one sender in one epoch follow.
#[derive(Clone)]
pub struct BaseKey(Zeroizing<[u8; 16]>);

impl BaseKey {
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// MLS-Exporter("ringfence sframe", leaf ‖ charter hash ‖ route hash, 16): members who accepted
    /// another charter or route have other keys.
    pub fn export(member: &Member, leaf: u32, charter: &B32, route: &B32) -> Result<Self> {
        let context = [&leaf.to_be_bytes()[..], charter, route].concat();
        let secret = member.export("ringfence sframe", &context, 16)?;
        let mut bytes = Zeroizing::new([0; 16]);
        bytes.copy_from_slice(&secret);
        Ok(Self(bytes))
    }
}

/// Which stream of a sender a frame belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Microphone = 0,
    Camera = 1,
    ScreenSound = 2,
    ScreenPicture = 3,
}

/// context (3 bits) ‖ leaf (10) ‖ epoch (11).
pub fn kid(stream: Stream, leaf: u32, epoch: u64) -> u64 {
    (stream as u64) << 21 | u64::from(leaf & 0x3ff) << 11 | (epoch & 0x7ff)
}

/// The header of a sealed frame (RFC 9605 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub kid: u64,
    pub counter: u64,
}

impl Header {
    pub fn encode(self) -> Vec<u8> {
        let (k, c) = (minimal(self.kid), minimal(self.counter));
        let nibble = |value: u64, long: &[u8]| {
            if value < 8 {
                value as u8
            } else {
                8 | (long.len() - 1) as u8
            }
        };
        let mut out = vec![nibble(self.kid, &k) << 4 | nibble(self.counter, &c)];
        for (value, long) in [(self.kid, k), (self.counter, c)] {
            if value >= 8 {
                out.extend(long);
            }
        }
        out
    }

    /// The header and its length.
    pub fn decode(frame: &[u8]) -> Result<(Self, usize)> {
        let (&first, rest) = frame.split_first().ok_or_else(unreadable)?;
        let mut at = 0;
        let mut field = |nibble: u8| {
            if nibble < 8 {
                return Ok(u64::from(nibble));
            }
            let end = at + usize::from(nibble & 7) + 1;
            let bytes = rest.get(at..end).ok_or_else(unreadable)?;
            at = end;
            Ok(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
        };
        let header = Self {
            kid: field(first >> 4)?,
            counter: field(first & 15)?,
        };
        Ok((header, at + 1))
    }
}

fn unreadable() -> Error {
    Error::new("RF3290", "not a sealed frame")
}

/// Big-endian without leading zeros, at least one byte.
fn minimal(value: u64) -> Vec<u8> {
    let skip = (value.leading_zeros() as usize / 8).min(7);
    value.to_be_bytes()[skip..].to_vec()
}

/// The key and salt of one KID (RFC 9605 §4.4.2): whoever seals or opens many frames keeps it.
pub struct FrameKey {
    cipher: Aes128Gcm,
    salt: [u8; 12],
}

impl FrameKey {
    pub fn derive(base: &BaseKey, kid: u64) -> Self {
        let secret = Hkdf::<Sha256>::new(None, &base.0[..]);
        let info = |what: &str| {
            [
                b"SFrame 1.0 Secret ",
                what.as_bytes(),
                b" ",
                &kid.to_be_bytes(),
                &SUITE.to_be_bytes(),
            ]
            .concat()
        };
        let (mut key, mut salt) = (Zeroizing::new([0; 16]), [0; 12]);
        secret
            .expand(&info("key"), &mut key[..])
            .expect("a length that HKDF has");
        secret
            .expand(&info("salt"), &mut salt)
            .expect("a length that HKDF has");
        Self {
            cipher: Aes128Gcm::new((&*key).into()),
            salt,
        }
    }

    fn nonce(&self, counter: u64) -> [u8; 12] {
        let mut nonce = self.salt;
        for (byte, count) in nonce[4..].iter_mut().zip(counter.to_be_bytes()) {
            *byte ^= count;
        }
        nonce
    }

    /// As the function of that name.
    pub fn seal(&self, header: Header, metadata: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut out = header.encode();
        let aad = [&out, metadata].concat();
        let mut body = plain.to_vec();
        let nonce = Nonce::from(self.nonce(header.counter));
        let tag = self
            .cipher
            .encrypt_in_place_detached(&nonce, &aad, &mut body)
            .expect("frames are short");
        out.extend(body);
        out.extend(tag);
        out
    }

    /// As the function of that name; the KID is not looked at.
    pub fn open(&self, metadata: &[u8], frame: &[u8]) -> Result<Vec<u8>> {
        let (header, length) = Header::decode(frame)?;
        let (head, body) = frame.split_at(length);
        let body_length = body.len().checked_sub(TAG).ok_or_else(unreadable)?;
        let (body, tag) = body.split_at(body_length);
        let mut plain = body.to_vec();
        let aad = [head, metadata].concat();
        let nonce = Nonce::from(self.nonce(header.counter));
        self.cipher
            .decrypt_in_place_detached(&nonce, &aad, &mut plain, tag.into())
            .map_err(|_| unreadable())?;
        Ok(plain)
    }
}

/// Seals one frame; `metadata` stays readable before it and is authenticated. A counter serves once a KID.
pub fn seal(base: &BaseKey, header: Header, metadata: &[u8], plain: &[u8]) -> Vec<u8> {
    FrameKey::derive(base, header.kid).seal(header, metadata, plain)
}

/// Errors: `RF3290` when it is no frame, or not one that this key sealed.
pub fn open(base: &BaseKey, metadata: &[u8], frame: &[u8]) -> Result<Vec<u8>> {
    let (header, _) = Header::decode(frame)?;
    FrameKey::derive(base, header.kid).open(metadata, frame)
}
