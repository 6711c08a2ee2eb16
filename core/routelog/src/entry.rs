//! What a leaf holds: a version and SHA-256(salt ‖ document), so that strangers who read the log learn
//! nothing of meetings, not even by guessing a document; and bundles of leaves (C2SP tlog-tiles, "Log entries").
//! Not here: the document, or who is given the salt: those who were in the meeting, with the record.
use crate::{B32, Error, Result};
use sha2::{Digest as _, Sha256};

/// The one version there is.
pub const VERSION: u8 = 1;
/// Length of a leaf's data, in bytes.
pub const LENGTH: usize = 33;

/// Bytes before each entry of a bundle: its length, the high byte first.
pub(crate) const PREFIX: usize = 2;

/// The data of a leaf for a document. `salt` is 32 random bytes that are used for no other leaf.
pub fn make(salt: &B32, document: &[u8]) -> [u8; LENGTH] {
    let hash = Sha256::new().chain_update(salt).chain_update(document).finalize();
    let mut data = [VERSION; LENGTH];
    data[1..].copy_from_slice(&hash);
    data
}

/// Checks that a leaf is of this document.
///
/// Errors: `RF2315` when it is of another version or length, `RF2316` when it is of another document or salt.
pub fn check(data: &[u8], salt: &B32, document: &[u8]) -> Result<()> {
    if data.len() != LENGTH || data[0] != VERSION {
        return Err(Error::new("RF2315", "not an entry of version 1"));
    }
    // Nothing here is secret from who asks, so the comparison may take its time.
    if data != make(salt, document) {
        return Err(Error::new("RF2316", "the entry is of another document or salt"));
    }
    Ok(())
}

/// Adds an entry to a bundle: its length in two bytes, and its data.
///
/// Errors: `RF2317` when it is longer than 65535 bytes.
pub fn push(bundle: &mut Vec<u8>, data: &[u8]) -> Result<()> {
    let length =
        u16::try_from(data.len()).map_err(|_| Error::new("RF2317", "an entry has at most 65535 bytes"))?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(data);
    Ok(())
}

/// The entries of a bundle of `width`.
///
/// Errors: `RF2315` when the bytes are not exactly so many entries.
pub fn split(bundle: &[u8], width: u16) -> Result<Vec<&[u8]>> {
    let bad = || Error::new("RF2315", format!("not a bundle of {width} entries"));
    let mut entries = vec![];
    let mut rest = bundle;
    for _ in 0..width {
        let (length, behind) = rest.split_first_chunk::<PREFIX>().ok_or_else(bad)?;
        let (data, behind) = behind
            .split_at_checked(u16::from_be_bytes(*length).into())
            .ok_or_else(bad)?;
        entries.push(data);
        rest = behind;
    }
    if rest.is_empty() { Ok(entries) } else { Err(bad()) }
}
