//! Proof of holding a member key, for who comes back to a group that they were admitted to.
//! Not here: whether they still are (the ledger), or the way in (`ringfence-e2ee`).
use ringfence_signed::cbor::{self, Map};
use ringfence_signed::{B16, B32, Error, Result, cose};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejoin {
    pub meeting: B16,
    pub group: B32,
    pub member: B32,
    /// The server's, of this connection, so that the proof serves once.
    pub nonce: B16,
}

impl Rejoin {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&cbor::map([
            ("meeting", cbor::bytes(&self.meeting)),
            ("group", cbor::bytes(&self.group)),
            ("member", cbor::bytes(&self.member)),
            ("nonce", cbor::bytes(&self.nonce)),
        ]))
    }

    /// Errors: `RF3106` when the member key that it names did not sign it, `RF3151` when it is of another meeting,
    /// group or connection.
    pub fn verify(document: &[u8], meeting: &B16, group: &B32, nonce: &B16) -> Result<Self> {
        let mut map = Map::decode(&cose::unverified_payload(document)?)?;
        let rejoin = Self {
            meeting: map.fixed("meeting")?,
            group: map.fixed("group")?,
            member: map.fixed("member")?,
            nonce: map.fixed("nonce")?,
        };
        map.finish()?;
        cose::verify(cose::label::REJOIN, document, &rejoin.member)?;
        if (&rejoin.meeting, &rejoin.group, &rejoin.nonce) != (meeting, group, nonce) {
            return Err(Error::new(
                "RF3151",
                "the proof is of another meeting, group or connection",
            ));
        }
        Ok(rejoin)
    }
}
