//! The ledger: every admission to the group, in order; and what a commit adds to it.
//! Not here: which commits are allowed (`admit` in `ringfence-e2ee`).
use crate::admission::{Admission, Genesis, PersonRole, list};
use crate::charter::{Admits, Charter};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B32, Error, Result, hash};

/// Who ended an admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remover {
    Oneself,
    Host(B32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub member: B32,
    /// The admission; of the first entry, the genesis.
    pub admission: Vec<u8>,
    pub role: PersonRole,
    /// Epochs that the commits led to.
    pub added: u64,
    pub removed: Option<(u64, Remover)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger(pub Vec<Entry>);

impl Ledger {
    pub fn encode(&self) -> Vec<u8> {
        let entry = |e: &Entry| {
            let by = match e.removed {
                None => Value::Null,
                Some((_, Remover::Oneself)) => "self".into(),
                Some((_, Remover::Host(key))) => cbor::bytes(&key),
            };
            cbor::map([
                ("member", cbor::bytes(&e.member)),
                ("admission", cbor::bytes(&e.admission)),
                ("added", e.added.into()),
                ("removed", cbor::nullable(e.removed.map(|(epoch, _)| epoch))),
                ("by", by),
            ])
        };
        cbor::encode(&Value::Array(self.0.iter().map(entry).collect()))
    }

    pub fn hash(&self) -> B32 {
        hash(&self.encode())
    }

    /// Reads a ledger and checks every entry, as who joins must: they saw none of the commits behind it.
    ///
    /// Returns it with its genesis. Errors: `RF3140` for a ledger that cannot have come about; those of the
    /// documents in it.
    pub fn verify(bytes: &[u8], charter: &Charter, charter_hash: &B32) -> Result<(Self, Genesis)> {
        let bad = |what: &str| Error::new("RF3140", what);
        let Value::Array(items) = cbor::decode(bytes)? else {
            return Err(bad("the ledger is not a list"));
        };
        let mut items = items.into_iter();
        let mut first = Map::from_value(items.next().ok_or_else(|| bad("the ledger is empty"))?)?;
        let document = first.bytes("admission")?;
        let genesis = Genesis::verify(&document, charter, charter_hash)?;
        let mut ledger = Self::default();
        let entry = read_entry(first, genesis.role, document)?;
        if entry.member != genesis.member || entry.added != 0 {
            return Err(bad("the first entry is not the founder's"));
        }
        ledger.0.push(entry);
        for item in items {
            let mut map = Map::from_value(item)?;
            let document = map.bytes("admission")?;
            let mut entry = read_entry(map, PersonRole::Guest, document)?;
            let link_admits = ledger.link_admits(charter, entry.added);
            let admission = Admission::verify(
                &entry.admission,
                charter,
                charter_hash,
                &genesis.group,
                link_admits,
            )?;
            entry.role = admission.role;
            if admission.member != entry.member {
                return Err(bad("an entry names another member than its admission"));
            }
            ledger.check_next(&entry)?;
            ledger.0.push(entry);
        }
        let stranger = |entry: &Entry| matches!(entry.removed, Some((_, Remover::Host(key))) if charter.host(&key).is_none());
        if ledger.0.iter().any(stranger) {
            return Err(bad("somebody was removed by a key that is no host's"));
        }
        Ok((ledger, genesis))
    }

    fn check_next(&self, next: &Entry) -> Result<()> {
        let bad = |what: &str| Err(Error::new("RF3140", what));
        if self.0.last().is_some_and(|last| next.added < last.added) || next.added == 0 {
            return bad("the entries are not in the order of their epochs");
        }
        if self.0.iter().any(|entry| entry.admission == next.admission) {
            return bad("an admission is used twice");
        }
        let present = |entry: &&Entry| {
            entry.member == next.member && entry.removed.is_none_or(|(epoch, _)| epoch > next.added)
        };
        if self.0.iter().any(|entry| present(&entry)) {
            return bad("somebody is admitted who is in already");
        }
        Ok(())
    }

    /// The founder's ledger.
    pub fn found(genesis: &Genesis, document: Vec<u8>) -> Self {
        let Genesis { member, role, .. } = *genesis;
        Self(vec![Entry {
            member,
            admission: document,
            role,
            added: 0,
            removed: None,
        }])
    }

    /// Whether the link alone admits by the commit that leads to that epoch: never in a lobby, and not once a host has
    /// removed somebody, in this very commit or before, because who was removed still has the link.
    pub fn link_admits(&self, charter: &Charter, epoch: u64) -> bool {
        let by_host = |entry: &Entry| matches!(entry.removed, Some((at, Remover::Host(_))) if at <= epoch);
        charter.admission == Admits::Link && !self.0.iter().any(by_host)
    }

    /// The entry of a member who is in.
    pub fn current(&self, member: &B32) -> Option<&Entry> {
        self.0
            .iter()
            .find(|entry| &entry.member == member && entry.removed.is_none())
    }

    pub fn members(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter().filter(|entry| entry.removed.is_none())
    }

    /// Enters an admission. Errors: `RF3140` when it was used before, or its member is in.
    pub fn enter(&mut self, admission: &Admission, document: Vec<u8>, epoch: u64) -> Result<()> {
        let entry = Entry {
            member: admission.member,
            admission: document,
            role: admission.role,
            added: epoch,
            removed: None,
        };
        self.check_next(&entry)?;
        self.0.push(entry);
        Ok(())
    }

    /// Ends the current admission of a member. Errors: `RF3140` when they are not in.
    pub fn end(&mut self, member: &B32, epoch: u64, by: Remover) -> Result<()> {
        let entry = self
            .0
            .iter_mut()
            .find(|entry| &entry.member == member && entry.removed.is_none());
        let entry = entry.ok_or_else(|| Error::new("RF3140", "somebody is removed who is not in"))?;
        entry.removed = Some((epoch, by));
        Ok(())
    }
}

fn read_entry(mut map: Map, role: PersonRole, admission: Vec<u8>) -> Result<Entry> {
    let removed = map.nullable("removed", cbor::as_uint)?;
    let by = map.take("by")?;
    let added = map.uint("added")?;
    let removed = match (removed, by) {
        (None, Value::Null) => None,
        (Some(epoch), Value::Text(word)) if word == "self" && epoch > added => {
            Some((epoch, Remover::Oneself))
        }
        (Some(epoch), by @ Value::Bytes(_)) if epoch > added => {
            Some((epoch, Remover::Host(cbor::as_fixed(by, "by")?)))
        }
        _ => return Err(Error::new("RF3140", "an entry's end does not fit")),
    };
    let entry = Entry {
        member: map.fixed("member")?,
        admission,
        role,
        added,
        removed,
    };
    map.finish()?;
    Ok(entry)
}

/// What a commit carries beside its proposals (MLS authenticated data): the documents that allow them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grounds {
    pub admissions: Vec<Vec<u8>>,
    pub removals: Vec<Vec<u8>>,
}

impl Grounds {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&cbor::map([
            ("admissions", list(&self.admissions)),
            ("removals", list(&self.removals)),
        ]))
    }

    /// No bytes at all are no documents. Errors: those of reading canonical CBOR.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let mut map = Map::decode(bytes)?;
        let mut documents = |key| {
            map.array(key)?
                .into_iter()
                .map(|d| cbor::as_bytes(d, key))
                .collect::<Result<_>>()
        };
        let grounds = Self {
            admissions: documents("admissions")?,
            removals: documents("removals")?,
        };
        map.finish()?;
        Ok(grounds)
    }
}
