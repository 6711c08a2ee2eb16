//! Responsible for: SRTP and SRTCP of what is sent on the fast way out, and SRTCP of what is said about it: keys from the
//! handshake, AEAD in place (RFC 7714).
//! Not responsible for: which numbers a packet has. Whoever numbers packets keeps nonces unique.

use crate::window::{SPAN, Window};
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

impl Agreed {
    /// What the DTLS client's session keys are made from, and the server's. `None`: the profile has no authenticated
    /// encryption, or the material is of another length.
    fn sessions(&self) -> Option<[Session<'_>; 2]> {
        let length = match self.profile {
            SrtpProfile::AEAD_AES_128_GCM => 16,
            SrtpProfile::AEAD_AES_256_GCM => 32,
            _ => return None,
        };
        if self.material.len() != 2 * (length + SALT) {
            return None;
        }
        // The client's key, the server's, the client's salt, the server's.
        let (keys, salts) = self.material.split_at(2 * length);
        let ((client, server), (client_salt, server_salt)) = (keys.split_at(length), salts.split_at(SALT));
        Some([(client, client_salt), (server, server_salt)].map(|(key, salt)| Session { key, salt }))
    }
}

impl Sealer {
    /// The keys with which the DTLS server sends; `None` where there are none for authenticated encryption.
    pub fn of_server(agreed: &Agreed) -> Option<Self> {
        let [_, session] = agreed.sessions()?;
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
        let (header, text) = buffer.get_mut(start..)?.split_first_chunk_mut()?;
        let (nonce, associated) = rtcp_nonce(header, index, &self.rtcp_salt);
        let tag = seal(&self.rtcp, nonce, &associated, text)?;
        buffer.extend_from_slice(&tag);
        buffer.extend_from_slice(&index.to_be_bytes());
        Some(())
    }
}

/// The part of a connection's SRTCP by which its client says what it got.
pub struct Opener {
    key: LessSafeKey,
    salt: [u8; SALT],
    /// Of the packets that were opened.
    seen: Window,
    latest: u64,
}

impl Opener {
    /// The key with which the DTLS client says it; `None` where there is none for authenticated encryption.
    pub fn of_client(agreed: &Agreed) -> Option<Self> {
        let [session, _] = agreed.sessions()?;
        Some(Opener {
            key: session.key(Label::RtcpKey)?,
            salt: session.salt(Label::RtcpSalt)?,
            seen: Window::default(),
            latest: 0,
        })
    }

    /// Opens a compound RTCP packet in place. `None`: it is not the client's, is not encrypted, or came before.
    pub fn rtcp<'a>(&mut self, packet: &'a mut [u8]) -> Option<&'a [u8]> {
        let (sealed, index) = packet.split_last_chunk_mut::<INDEX>()?;
        let index = u32::from_be_bytes(*index);
        let number = u64::from(index & !(1 << 31));
        // What is too old to be known of came before (RFC 3711 section 3.3.2).
        let old = self.seen.has(number) || number + SPAN <= self.latest;
        if index >> 31 == 0 || old {
            return None;
        }
        let (header, text) = sealed.split_first_chunk_mut::<RTCP_HEADER>()?;
        let (nonce, associated) = rtcp_nonce(header, index, &self.salt);
        let (nonce, associated) = (Nonce::assume_unique_for_key(nonce), Aad::from(associated));
        let length = self.key.open_in_place(nonce, associated, text).ok()?.len();
        self.seen.add(number);
        self.latest = self.latest.max(number);
        packet.get(..RTCP_HEADER + length)
    }
}

/// RFC 7714 section 9.1: two bytes of zero, SSRC, two bytes of zero, the index without its flag; and what is authenticated
/// as well: the header, and the index behind the packet (section 9.2).
fn rtcp_nonce(
    header: &[u8; RTCP_HEADER],
    index: u32,
    salt: &[u8; SALT],
) -> ([u8; SALT], [u8; RTCP_HEADER + INDEX]) {
    let mut nonce = [0; SALT];
    nonce[2..6].copy_from_slice(&header[4..]);
    nonce[8..].copy_from_slice(&(index & !(1 << 31)).to_be_bytes());
    mix(&mut nonce, salt);
    let mut associated = [0; RTCP_HEADER + INDEX];
    associated[..RTCP_HEADER].copy_from_slice(header);
    associated[RTCP_HEADER..].copy_from_slice(&index.to_be_bytes());
    (nonce, associated)
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
mod tests;
