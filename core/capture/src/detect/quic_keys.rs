//! Responsible for: opening initial packets of QUIC, whose keys anybody can make who saw the first one (RFC 9001 section 5.2).
//! Not responsible for: any other packet: those keys are secret.
use super::bytes::Reader;
use aes::Aes128;
use aes::cipher::{BlockEncrypt, KeyInit};
use aes_gcm::Aes128Gcm;
use aes_gcm::aead::{AeadInPlace, Nonce, Tag};
use hkdf::Hkdf;
use sha2::Sha256;

/// What differs between versions: the salt, the labels, and which bits of the first byte say "initial".
pub struct Version {
    salt: [u8; 20],
    labels: [&'static str; 3],
    initial: u8,
    retry: u8,
}

const LABELS: [&str; 3] = ["quic key", "quic iv", "quic hp"];
const V1: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc,
    0xbb, 0x7f, 0x0a,
];
const V2: [u8; 20] = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9,
    0xbd, 0x2e, 0xd9,
];
const DRAFT_29: [u8; 20] = [
    0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43,
    0x90, 0xa8, 0x99,
];
const DRAFT_23: [u8; 20] = [
    0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe,
    0xf9, 0xf5, 0x02,
];

/// RFC 9001 section 5.2, RFC 9369 section 3, and the drafts that browsers spoke before there was a standard.
pub fn version(number: u32) -> Option<Version> {
    let (salt, labels, initial, retry) = match number {
        1 | 0xff00_0021..=0xff00_0022 => (V1, LABELS, 0, 3),
        0x6b33_43cf => (V2, ["quicv2 key", "quicv2 iv", "quicv2 hp"], 1, 0),
        0xff00_001d..=0xff00_0020 => (DRAFT_29, LABELS, 0, 3),
        0xff00_0017..=0xff00_001c => (DRAFT_23, LABELS, 0, 3),
        _ => return None,
    };
    Some(Version {
        salt,
        labels,
        initial,
        retry,
    })
}

impl Version {
    pub fn is_initial(&self, first: u8) -> bool {
        first >> 4 & 3 == self.initial
    }

    pub fn is_retry(&self, first: u8) -> bool {
        first >> 4 & 3 == self.retry
    }
}

/// The keys of one side.
pub struct Keys {
    aead: Aes128Gcm,
    iv: [u8; 12],
    header: Aes128,
}

impl Keys {
    /// From the connection id that the client first sent to; `None` never comes of the lengths that are asked for here.
    pub fn of(version: &Version, connection: &[u8], client: bool) -> Option<Keys> {
        let (_, initial) = Hkdf::<Sha256>::extract(Some(&version.salt), connection);
        let mut secret = [0; 32];
        expand(
            &initial,
            if client { "client in" } else { "server in" },
            &mut secret,
        )?;
        let secret = Hkdf::<Sha256>::from_prk(&secret).ok()?;
        let (mut key, mut iv, mut header) = ([0; 16], [0; 12], [0; 16]);
        expand(&secret, version.labels[0], &mut key)?;
        expand(&secret, version.labels[1], &mut iv)?;
        expand(&secret, version.labels[2], &mut header)?;
        Some(Keys {
            aead: Aes128Gcm::new(&key.into()),
            iv,
            header: Aes128::new(&header.into()),
        })
    }

    /// The payload of a packet whose number begins at `number_at`; `None` when it was not made with these keys.
    /// Packet numbers of initial packets are small, so that what was left out of them is zero (RFC 9000 section 17.1).
    pub fn open(&self, packet: &[u8], number_at: usize) -> Option<Vec<u8>> {
        // RFC 9001 section 5.4.2: the sample lies where the payload would begin after a number of four bytes.
        let sample: [u8; 16] = *packet.get(number_at + 4..)?.first_chunk()?;
        let mut mask = aes::Block::from(sample);
        self.header.encrypt_block(&mut mask);
        let first = packet[0] ^ mask[0] & 0x0f;
        let width = usize::from(first & 3) + 1;
        let mut header = packet[..number_at + width].to_vec();
        header[0] = first;
        for (byte, mask) in header[number_at..].iter_mut().zip(&mask[1..]) {
            *byte ^= mask;
        }
        let number = Reader::new(&header[number_at..]).number(width)?;
        let mut nonce = self.iv;
        for (byte, part) in nonce[4..].iter_mut().zip(number.to_be_bytes()) {
            *byte ^= part;
        }
        let (body, tag) = packet[number_at + width..].split_last_chunk::<16>()?;
        let mut payload = body.to_vec();
        let nonce = Nonce::<Aes128Gcm>::from(nonce);
        let tag = Tag::<Aes128Gcm>::from(*tag);
        self.aead
            .decrypt_in_place_detached(&nonce, &header, &mut payload, &tag)
            .ok()?;
        Some(payload)
    }
}

/// HKDF-Expand-Label of RFC 8446 section 7.1, with no context.
fn expand(secret: &Hkdf<Sha256>, label: &str, out: &mut [u8]) -> Option<()> {
    let length = u16::try_from(out.len()).ok()?.to_be_bytes();
    let width = [u8::try_from(label.len() + 6).ok()?];
    let info: [&[u8]; 5] = [&length, &width, b"tls13 ", label.as_bytes(), &[0]];
    secret.expand_multi_info(&info, out).ok()
}
