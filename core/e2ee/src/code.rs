//! The verification code: twenty digits that people compare to see that they are in one group.
//! Not here: when it is shown.
use ringfence_signed::{B32, Error, Result, hash};

/// 64 MiB, so that a server cannot search for another group with the same code while people talk.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;

/// Four groups of five digits.
pub fn verification_code(group: &B32, epoch_authenticator: &[u8]) -> Result<String> {
    let salt = hash(&[b"ringfence code v1", &group[..]].concat());
    let failed = |error: argon2::Error| Error::new("RF3291", error.to_string());
    let parameters = argon2::Params::new(MEMORY_KIB, PASSES, 1, Some(16)).map_err(failed)?;
    let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters);
    let mut out = [0; 16];
    argon
        .hash_password_into(epoch_authenticator, &salt[..16], &mut out)
        .map_err(failed)?;
    let digits = format!("{:020}", u128::from_be_bytes(out) % 10u128.pow(20));
    let groups: Vec<&str> = (0..4).map(|i| &digits[i * 5..i * 5 + 5]).collect();
    Ok(groups.join(" "))
}
