//! Who may be in the group, each by one signed document: genesis, admission, removal, leaf.
//! Not here: the order of events (`ledger`), or the group itself (`ringfence-e2ee`).
use crate::charter::{Admits, Charter, Founders};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B16, B32, Error, Result, cose};

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonRole {
    Host,
    Guest,
}

impl PersonRole {
    pub fn name(self) -> &'static str {
        match self {
            PersonRole::Host => "host",
            PersonRole::Guest => "guest",
        }
    }

    fn read(map: &mut Map) -> Result<Self> {
        match map.text("role")?.as_str() {
            "host" => Ok(PersonRole::Host),
            "guest" => Ok(PersonRole::Guest),
            _ => Err(Error::new("RF3103", "the role is neither host nor guest")),
        }
    }
}

fn refused(code: &'static str, what: &str) -> Error {
    Error::new(code, what)
}

/// Starts a group. Its signer is a host, or the link where the charter lets any holder of it start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesis {
    pub meeting: B16,
    pub generation: u64,
    pub group: B32,
    pub member: B32,
    pub role: PersonRole,
    pub charter: B32,
    pub by: B32,
}

impl Genesis {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&cbor::map([
            ("meeting", cbor::bytes(&self.meeting)),
            ("generation", self.generation.into()),
            ("group", cbor::bytes(&self.group)),
            ("member", cbor::bytes(&self.member)),
            ("role", self.role.name().into()),
            ("charter", cbor::bytes(&self.charter)),
            ("by", cbor::bytes(&self.by)),
        ]))
    }

    /// Errors: `RF3130` when its signer may not start this meeting; those of signed documents.
    pub fn verify(document: &[u8], charter: &Charter, charter_hash: &B32) -> Result<Self> {
        let mut map = Map::decode(&cose::unverified_payload(document)?)?;
        let genesis = Self {
            meeting: map.fixed("meeting")?,
            generation: map.uint("generation")?,
            group: map.fixed("group")?,
            member: map.fixed("member")?,
            role: PersonRole::read(&mut map)?,
            charter: map.fixed("charter")?,
            by: map.fixed("by")?,
        };
        map.finish()?;
        cose::verify(cose::label::GENESIS, document, &genesis.by)?;
        let link = charter.founders == Founders::Link
            && genesis.by == charter.link
            && genesis.role == PersonRole::Guest;
        let fits = genesis.meeting == charter.meeting && &genesis.charter == charter_hash;
        if !fits || !(link || charter.host(&genesis.by).is_some()) {
            return Err(refused(
                "RF3130",
                "the group was not started by somebody whom the charter lets start it",
            ));
        }
        Ok(genesis)
    }
}

/// Admits one member key to one group, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    pub meeting: B16,
    pub group: B32,
    pub member: B32,
    pub role: PersonRole,
    pub charter: B32,
    pub nonce: B16,
    pub by: B32,
}

impl Admission {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&cbor::map([
            ("meeting", cbor::bytes(&self.meeting)),
            ("group", cbor::bytes(&self.group)),
            ("member", cbor::bytes(&self.member)),
            ("role", self.role.name().into()),
            ("charter", cbor::bytes(&self.charter)),
            ("nonce", cbor::bytes(&self.nonce)),
            ("by", cbor::bytes(&self.by)),
        ]))
    }

    /// `link_admits`: whether the link alone admits now (it does not in a lobby, nor after a host's removal).
    ///
    /// Errors: `RF3131` when its signer may not admit, `RF3132` when it is of another group or charter.
    pub fn verify(
        document: &[u8],
        charter: &Charter,
        charter_hash: &B32,
        group: &B32,
        link_admits: bool,
    ) -> Result<Self> {
        let mut map = Map::decode(&cose::unverified_payload(document)?)?;
        let admission = Self {
            meeting: map.fixed("meeting")?,
            group: map.fixed("group")?,
            member: map.fixed("member")?,
            role: PersonRole::read(&mut map)?,
            charter: map.fixed("charter")?,
            nonce: map.fixed("nonce")?,
            by: map.fixed("by")?,
        };
        map.finish()?;
        cose::verify(cose::label::ADMISSION, document, &admission.by)?;
        if admission.meeting != charter.meeting
            || &admission.group != group
            || &admission.charter != charter_hash
        {
            return Err(refused(
                "RF3132",
                "the admission is of another meeting, group or charter",
            ));
        }
        let link = link_admits
            && charter.admission == Admits::Link
            && admission.by == charter.link
            && admission.role == PersonRole::Guest;
        if !(link || charter.host(&admission.by).is_some()) {
            return Err(refused(
                "RF3131",
                "the admission is not signed by somebody who may admit",
            ));
        }
        Ok(admission)
    }
}

/// A host ends one admission. It names the epoch of the admission, so that it says nothing of a later one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    pub meeting: B16,
    pub group: B32,
    pub member: B32,
    pub added: u64,
    pub by: B32,
}

impl Removal {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&cbor::map([
            ("meeting", cbor::bytes(&self.meeting)),
            ("group", cbor::bytes(&self.group)),
            ("member", cbor::bytes(&self.member)),
            ("added", self.added.into()),
            ("by", cbor::bytes(&self.by)),
        ]))
    }

    /// Errors: `RF3133` when no host of this meeting signed it for this group.
    pub fn verify(document: &[u8], charter: &Charter, group: &B32) -> Result<Self> {
        let mut map = Map::decode(&cose::unverified_payload(document)?)?;
        let removal = Self {
            meeting: map.fixed("meeting")?,
            group: map.fixed("group")?,
            member: map.fixed("member")?,
            added: map.uint("added")?,
            by: map.fixed("by")?,
        };
        map.finish()?;
        cose::verify(cose::label::REMOVAL, document, &removal.by)?;
        let fits = removal.meeting == charter.meeting && &removal.group == group;
        if !fits || charter.host(&removal.by).is_none() {
            return Err(refused(
                "RF3133",
                "the removal is not signed by a host of this meeting",
            ));
        }
        Ok(removal)
    }
}

/// A member key vouches for the leaf key of one session. The document is the MLS credential's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub meeting: B16,
    pub group: B32,
    pub member: B32,
    /// The MLS signature key.
    pub leaf: B32,
    /// Of two sessions of a member in one group the one with the higher number is the later.
    pub serial: u64,
}

impl Leaf {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&cbor::map([
            ("meeting", cbor::bytes(&self.meeting)),
            ("group", cbor::bytes(&self.group)),
            ("member", cbor::bytes(&self.member)),
            ("leaf", cbor::bytes(&self.leaf)),
            ("serial", self.serial.into()),
        ]))
    }

    /// Errors: `RF3134` when it vouches for another key or group.
    pub fn verify(document: &[u8], meeting: &B16, group: &B32, leaf: &[u8]) -> Result<Self> {
        let mut map = Map::decode(&cose::unverified_payload(document)?)?;
        let certificate = Self {
            meeting: map.fixed("meeting")?,
            group: map.fixed("group")?,
            member: map.fixed("member")?,
            leaf: map.fixed("leaf")?,
            serial: map.uint("serial")?,
        };
        map.finish()?;
        cose::verify(cose::label::LEAF, document, &certificate.member)?;
        if &certificate.meeting != meeting || &certificate.group != group || certificate.leaf != leaf {
            return Err(refused(
                "RF3134",
                "the member key vouches for another session, group or meeting",
            ));
        }
        Ok(certificate)
    }
}

/// A list of documents, as commits carry it.
pub(crate) fn list(documents: &[Vec<u8>]) -> Value {
    Value::Array(documents.iter().map(|d| Value::Bytes(d.clone())).collect())
}
