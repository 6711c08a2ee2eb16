//! The name in a knock, sealed to each host by HPKE (RFC 9180), so that the server cannot read it.
//! Not here: the knock's own signature (`ringfence-charter`) or whether to let somebody in.
use crate::member::{SUITE, mls};
use crate::provider::Suite1;
use curve25519_dalek::montgomery::MontgomeryPoint;
use curve25519_dalek::traits::IsIdentity as _;
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::{HpkeCiphertext, OpenMlsCrypto as _, OpenMlsRand as _};
use ringfence_signed::{B32, Error, Result};
use zeroize::Zeroizing;

const INFO: &[u8] = b"ringfence name v1";
/// Every name is sealed at one length, which would tell something about it.
const PADDED: usize = 256;
/// Longest name, in characters.
pub const LONGEST_NAME: usize = 64;

/// What a person calls themselves. Never printed by accident.
#[derive(Clone, PartialEq)]
pub struct Name(String);

impl Name {
    /// Errors: `RF3292` for an empty or too long name, or one with control characters or characters that
    /// change the direction of the text around it.
    pub fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        let hidden = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        if text.is_empty() || text.chars().count() > LONGEST_NAME || text.chars().any(hidden) {
            return Err(Error::new("RF3292", "a name has 1 to 64 visible characters"));
        }
        Ok(Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A host's key pair for names: (secret, public).
pub fn new_host_hpke() -> Result<(Zeroizing<B32>, B32)> {
    let seed = Zeroizing::new(Suite1.random_vec(32).map_err(mls)?);
    let pair = Suite1
        .derive_hpke_keypair(SUITE.hpke_config(), &seed)
        .map_err(mls)?;
    let mut secret = Zeroizing::new([0; 32]);
    let private: &[u8] = &pair.private;
    if private.len() != 32 {
        return Err(mls("an HPKE key of another length"));
    }
    secret.copy_from_slice(private);
    let public = pair
        .public
        .as_slice()
        .try_into()
        .map_err(|_| mls("an HPKE key of another length"))?;
    Ok((secret, public))
}

/// The public half of a host's secret (RFC 9180 section 7.1.3: X25519).
pub fn public_hpke(secret: &B32) -> B32 {
    x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(*secret)).to_bytes()
}

/// Nothing can be sealed to a point of low order (RFC 7748 section 6.1), and whoever tries fails: no such key is taken.
pub fn is_sealable(key: &[u8]) -> bool {
    let Ok(key) = B32::try_from(key) else {
        return false;
    };
    // Secrets are multiples of eight, and of no point's order but a low one: where eight times the point is none, so is
    // what is made with any secret; and eight is quicker.
    let eight = [true, false, false, false];
    !MontgomeryPoint(key).mul_bits_be(eight.into_iter()).is_identity()
}

fn bound_to(group: &B32, member: &B32) -> Vec<u8> {
    [&group[..], member].concat()
}

/// Seals to whoever holds the secret of `key`, by HPKE in base mode (RFC 9180 section 5.1.1).
pub fn seal_to(key: &B32, info: &[u8], bound: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let sealed = Suite1
        .hpke_seal(SUITE.hpke_config(), key, info, bound, plain)
        .map_err(mls)?;
    sealed.tls_serialize_detached().map_err(mls)
}

/// Errors: `RF3293` when it was sealed to another key, or for something else.
pub fn open_from(secret: &B32, info: &[u8], bound: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
    let refused = || Error::new("RF3293", "what was sealed to us does not open");
    let sealed = HpkeCiphertext::tls_deserialize_exact(sealed).map_err(|_| refused())?;
    Suite1
        .hpke_open(SUITE.hpke_config(), &sealed, secret, info, bound)
        .map_err(|_| refused())
}

/// `host`: the host's public HPKE key from the charter.
pub fn seal_name(host: &B32, group: &B32, member: &B32, name: &Name) -> Result<Vec<u8>> {
    let mut plain = Zeroizing::new(name.0.clone().into_bytes());
    plain.resize(PADDED, 0);
    seal_to(host, INFO, &bound_to(group, member), &plain)
}

/// Errors: `RF3293` when it was not sealed to this host for this member of this group.
pub fn open_name(secret: &B32, group: &B32, member: &B32, sealed: &[u8]) -> Result<Name> {
    let refused = || Error::new("RF3293", "the name of a knock does not open");
    let plain =
        Zeroizing::new(open_from(secret, INFO, &bound_to(group, member), sealed).map_err(|_| refused())?);
    let text = std::str::from_utf8(&plain).map_err(|_| refused())?;
    Name::new(text.trim_end_matches('\0'))
}
