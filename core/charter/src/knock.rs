//! The knock: proof of holding the link, given with a key package. Not here: the sealed name (`ringfence-e2ee`).
use crate::charter::Charter;
use ringfence_signed::cbor::{self, Map};
use ringfence_signed::{B16, B32, Error, Result, cose};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Knock {
    pub meeting: B16,
    pub group: B32,
    pub member: B32,
    /// SHA-256 of the key package.
    pub package: B32,
    /// The server's, of this connection, so that a knock serves once.
    pub nonce: B16,
}

impl Knock {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&cbor::map([
            ("meeting", cbor::bytes(&self.meeting)),
            ("group", cbor::bytes(&self.group)),
            ("member", cbor::bytes(&self.member)),
            ("package", cbor::bytes(&self.package)),
            ("nonce", cbor::bytes(&self.nonce)),
        ]))
    }

    /// Errors: `RF3150` when it does not show that its sender holds this meeting's link.
    pub fn verify(document: &[u8], charter: &Charter, group: &B32, package: &B32) -> Result<Self> {
        let signed = cose::verify(cose::label::KNOCK, document, &charter.link)?;
        let mut map = Map::decode(&signed.payload)?;
        let knock = Self {
            meeting: map.fixed("meeting")?,
            group: map.fixed("group")?,
            member: map.fixed("member")?,
            package: map.fixed("package")?,
            nonce: map.fixed("nonce")?,
        };
        map.finish()?;
        if knock.meeting != charter.meeting || &knock.group != group || &knock.package != package {
            return Err(Error::new(
                "RF3150",
                "the knock is of another meeting, group or key package",
            ));
        }
        Ok(knock)
    }
}
