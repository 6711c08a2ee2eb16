//! Responsible for: SRTP and SRTCP of what is sent on the fast way out: keys from the handshake, AEAD in place (RFC 7714).
//! Not responsible for: which numbers a packet has. Whoever numbers packets keeps nonces unique.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use dimpl::SrtpProfile;
use std::fmt;
use zeroize::Zeroizing;

pub const TAG: usize = 16;
/// What SRTCP adds behind the tag: the index, with the bit that says the packet is encrypted.
const INDEX: usize = 4;
const SALT: usize = 12;
/// In the clear in front of SRTCP: the first header with its SSRC.
const RTCP_HEADER: usize = 8;

/// What the DTLS handshake agreed on (RFC 5764 section 4.2), as long as nobody has made keys of it.
pub struct Agreed {
    pub profile: SrtpProfile,
    pub material: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Agreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Agreed({:?})", self.profile)
    }
}

/// The sending half of a connection's SRTP.
pub struct Sealer {
    rtp: LessSafeKey,
    rtp_salt: [u8; SALT],
    rtcp: LessSafeKey,
    rtcp_salt: [u8; SALT],
    /// Of the next SRTCP packet (RFC 3711 section 3.4).
    index: u32,
}

impl Sealer {
    /// The keys with which the DTLS server sends. `None`: the profile has no authenticated encryption, or the material is
    /// of another length.
    pub fn of_server(agreed: &Agreed) -> Option<Self> {
        let length = match agreed.profile {
            SrtpProfile::AEAD_AES_128_GCM => 16,
            SrtpProfile::AEAD_AES_256_GCM => 32,
            _ => return None,
        };
        let material = &agreed.material;
        if material.len() != 2 * (length + SALT) {
            return None;
        }
        // The client's key, the server's, the client's salt, the server's.
        let (key, salt) = (&material[length..2 * length], &material[2 * length + SALT..]);
        let session = Session { key, salt };
        Some(Sealer {
            rtp: session.key(Label::RtpKey)?,
            rtp_salt: session.salt(Label::RtpSalt)?,
            rtcp: session.key(Label::RtcpKey)?,
            rtcp_salt: session.salt(Label::RtcpSalt)?,
            index: 0,
        })
    }

    /// Seals the RTP packet that `buffer` has from `start` on, `header` bytes of it a header with this SSRC and the lower
    /// half of `sequence`, whose upper part is the roll-over counter. `None`: nothing may be sent.
    pub fn rtp(
        &mut self,
        buffer: &mut Vec<u8>,
        start: usize,
        header: usize,
        ssrc: u32,
        sequence: u64,
    ) -> Option<()> {
        // RFC 7714 section 8.1: two bytes of zero, SSRC, roll-over counter, sequence number.
        let mut nonce = [0; SALT];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[6..].copy_from_slice(&sequence.to_be_bytes()[2..]);
        mix(&mut nonce, &self.rtp_salt);
        let (header, text) = buffer.get_mut(start..)?.split_at_mut_checked(header)?;
        let tag = seal(&self.rtp, nonce, header, text)?;
        buffer.extend_from_slice(&tag);
        Some(())
    }

    /// Seals the compound RTCP packet that `buffer` has from `start` on.
    pub fn rtcp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<()> {
        // An index is never used again: at 2^31 packets the key is used up (RFC 3711 section 9.2).
        let index = self.index | 1 << 31;
        self.index = self.index.checked_add(1).filter(|next| *next < 1 << 31)?;
        let (header, text) = buffer.get_mut(start..)?.split_at_mut_checked(RTCP_HEADER)?;
        // RFC 7714 section 9.1: two bytes of zero, SSRC, two bytes of zero, the index without its flag.
        let mut nonce = [0; SALT];
        nonce[2..6].copy_from_slice(&header[4..]);
        nonce[8..].copy_from_slice(&(index & !(1 << 31)).to_be_bytes());
        mix(&mut nonce, &self.rtcp_salt);
        // Authenticated as well: the index behind the packet (section 9.2).
        let mut associated = [0; RTCP_HEADER + INDEX];
        associated[..RTCP_HEADER].copy_from_slice(header);
        associated[RTCP_HEADER..].copy_from_slice(&index.to_be_bytes());
        let tag = seal(&self.rtcp, nonce, &associated, text)?;
        buffer.extend_from_slice(&tag);
        buffer.extend_from_slice(&index.to_be_bytes());
        Some(())
    }
}

/// Encrypts `text` in place, and returns its tag.
fn seal(key: &LessSafeKey, nonce: [u8; SALT], header: &[u8], text: &mut [u8]) -> Option<[u8; TAG]> {
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(header), text);
    tag.ok()?.as_ref().try_into().ok()
}

fn mix(nonce: &mut [u8; SALT], salt: &[u8; SALT]) {
    nonce.iter_mut().zip(salt).for_each(|(byte, salt)| *byte ^= salt);
}

/// RFC 3711 section 4.3.2.
#[derive(Clone, Copy)]
enum Label {
    RtpKey = 0,
    RtpSalt = 2,
    RtcpKey = 3,
    RtcpSalt = 5,
}

/// What session keys are made from: a master key, and its salt of at most 14 bytes.
struct Session<'a> {
    key: &'a [u8],
    salt: &'a [u8],
}

impl Session<'_> {
    /// AES in counter mode over nothing (RFC 3711 section 4.3.3, RFC 6188 section 3); never again: no rate of deriving.
    fn derive(&self, label: Label, out: &mut [u8]) -> Option<()> {
        let mut counter = [0; 16];
        counter.get_mut(..self.salt.len())?.copy_from_slice(self.salt);
        counter[7] ^= label as u8;
        let algorithm = if self.key.len() == 16 { &AES_128 } else { &AES_256 };
        let key = UnboundCipherKey::new(algorithm, self.key).ok()?;
        out.fill(0);
        let context = EncryptionContext::Iv128(FixedLength::from(counter));
        EncryptingKey::ctr(key)
            .ok()?
            .less_safe_encrypt(out, context)
            .ok()?;
        Some(())
    }

    fn key(&self, label: Label) -> Option<LessSafeKey> {
        let mut key = Zeroizing::new([0; 32]);
        let key = &mut key[..self.key.len()];
        self.derive(label, key)?;
        let algorithm = if key.len() == 16 {
            &AES_128_GCM
        } else {
            &AES_256_GCM
        };
        Some(LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?))
    }

    fn salt(&self, label: Label) -> Option<[u8; SALT]> {
        let mut salt = [0; SALT];
        self.derive(label, &mut salt)?;
        Some(salt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        let pair =
            |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex");
        digits.chunks(2).map(pair).collect()
    }

    fn sealer(key: &str) -> Sealer {
        let key = hex(key);
        let algorithm = if key.len() == 16 {
            &AES_128_GCM
        } else {
            &AES_256_GCM
        };
        let gcm = || LessSafeKey::new(UnboundKey::new(algorithm, &key).expect("a key"));
        let salt: [u8; SALT] = hex("517569642070726f2071756f").try_into().expect("12 bytes");
        Sealer {
            rtp: gcm(),
            rtp_salt: salt,
            rtcp: gcm(),
            rtcp_salt: salt,
            index: 0x5d4,
        }
    }

    const KEY_128: &str = "000102030405060708090a0b0c0d0e0f";
    const KEY_256: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    #[test]
    fn rtp_is_sealed_as_in_the_examples_of_rfc_7714_sections_16_1_and_16_2() {
        let header = "8040f17b 8041f8d3 5501a0b2";
        let text = "47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573";
        let cases = [
            (
                KEY_128,
                "f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833
                 899d7f27 beb16a91 52cf765e e4390cce",
            ),
            (
                KEY_256,
                "32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b
                 7aa3db36 dfffd6b0 f9bb7878 d7a76c13",
            ),
        ];
        for (key, sealed) in cases {
            let mut buffer = [vec![9, 9], hex(header), hex(text)].concat();
            let done = sealer(key).rtp(&mut buffer, 2, 12, 0x5501_a0b2, 0xf17b);
            assert_eq!(done, Some(()));
            assert_eq!(buffer, [vec![9, 9], hex(header), hex(sealed)].concat());
        }
    }

    #[test]
    fn rtcp_is_sealed_as_in_the_example_of_rfc_7714_section_17_1() {
        let packet = "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
                      deadbeef deadbeef deadbeef deadbeef deadbeef";
        let sealed = "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d
                      c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872
                      45d9eade 800005d4";
        let mut buffer = hex(packet);
        assert_eq!(sealer(KEY_128).rtcp(&mut buffer, 0), Some(()));
        assert_eq!(buffer, hex(sealed));
    }

    #[test]
    fn session_keys_are_those_of_the_examples_of_rfc_3711_and_rfc_6188() {
        // RFC 3711 appendix B.3; RFC 6188 section 7.2.
        let (key, salt) = (
            hex("e1f97a0d3e018be0d64fa32c06de4139"),
            hex("0ec675ad498afeebb6960b3aabe6"),
        );
        let session = Session {
            key: &key,
            salt: &salt,
        };
        let mut out = [0; 16];
        session.derive(Label::RtpKey, &mut out).expect("a key");
        assert_eq!(out.to_vec(), hex("c61e7a93744f39ee10734afe3ff7a087"));
        let key = hex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6");
        let salt = hex("3b04803de51ee7c96423ab5b78d2");
        let session = Session {
            key: &key,
            salt: &salt,
        };
        let mut out = [0; 32];
        session.derive(Label::RtpKey, &mut out).expect("a key");
        let expected = "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4";
        assert_eq!(out.to_vec(), hex(expected));
    }

    #[test]
    fn no_index_of_rtcp_is_used_twice() {
        let mut sealer = sealer(KEY_128);
        sealer.index = (1 << 31) - 2;
        let packet = vec![0x80, 201, 0, 1, 0, 0, 0, 1];
        assert_eq!(sealer.rtcp(&mut packet.clone(), 0), Some(()));
        assert_eq!(sealer.rtcp(&mut packet.clone(), 0), None);
        assert_eq!(sealer.rtcp(&mut packet.clone(), 0), None, "and stays so");
    }

    #[test]
    fn a_profile_without_authenticated_encryption_has_no_sealer() {
        let agreed = |profile, length| Agreed {
            profile,
            material: Zeroizing::new(vec![1; length]),
        };
        assert!(Sealer::of_server(&agreed(SrtpProfile::AES128_CM_SHA1_80, 60)).is_none());
        assert!(Sealer::of_server(&agreed(SrtpProfile::AEAD_AES_256_GCM, 56)).is_none());
        assert!(Sealer::of_server(&agreed(SrtpProfile::AEAD_AES_256_GCM, 88)).is_some());
        assert!(Sealer::of_server(&agreed(SrtpProfile::AEAD_AES_128_GCM, 56)).is_some());
    }
}
