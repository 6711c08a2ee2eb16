//! The node's greeting: what it says is current, bound to the client's nonce. Not here: whether that is allowed.
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B16, B32, Error, Result, cose};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    pub meeting: B16,
    /// The client's.
    pub nonce: B16,
    pub charter: B32,
    pub route: B32,
    pub generation: Option<u64>,
    pub group: Option<B32>,
    pub epoch: Option<u64>,
}

impl Hello {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&cbor::map([
            ("meeting", cbor::bytes(&self.meeting)),
            ("nonce", cbor::bytes(&self.nonce)),
            ("charter", cbor::bytes(&self.charter)),
            ("route", cbor::bytes(&self.route)),
            ("generation", cbor::nullable(self.generation)),
            (
                "group",
                cbor::nullable(self.group.map(|g| Value::Bytes(g.to_vec()))),
            ),
            ("epoch", cbor::nullable(self.epoch)),
        ]))
    }

    /// Errors: `RF3106` for another signer, `RF3161` when it answers another nonce or meeting.
    pub fn verify(document: &[u8], node: &B32, meeting: &B16, nonce: &B16) -> Result<Self> {
        let signed = cose::verify(cose::label::HELLO, document, node)?;
        let mut map = Map::decode(&signed.payload)?;
        let hello = Self {
            meeting: map.fixed("meeting")?,
            nonce: map.fixed("nonce")?,
            charter: map.fixed("charter")?,
            route: map.fixed("route")?,
            generation: map.nullable("generation", cbor::as_uint)?,
            group: map.nullable("group", cbor::as_fixed)?,
            epoch: map.nullable("epoch", cbor::as_uint)?,
        };
        map.finish()?;
        if &hello.meeting != meeting || &hello.nonce != nonce {
            return Err(Error::new(
                "RF3161",
                "the server's greeting is not an answer to ours",
            ));
        }
        Ok(hello)
    }
}
