//! The ledger: every admission to the group, in order; and what a commit adds to it.
//! Not here: which commits are allowed (`admit` in `ringfence-e2ee`).
use crate::admission::{Admission, Genesis, PersonRole, list};
use crate::charter::{Admits, Charter, CharterSource};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B32, Error, Result, hash};
use std::sync::Arc;

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
    /// Who signed the admission.
    pub by: B32,
    /// Epochs that the commits led to.
    pub added: u64,
    pub removed: Option<(u64, Remover)>,
}

/// A charter that this group was under before, and the epoch from which on it no longer was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    pub until: u64,
    pub charter: Arc<CharterSource>,
}

/// So often one group can change its charter: who joins reads all of them.
pub const MOST_FORMER: usize = 100;
/// And so long they can be together, in bytes.
pub const LONGEST_FORMER: usize = 256 << 10;
/// So long all entries can be together, in bytes: with the charters, what a server can pass on in one message.
pub const LONGEST_ENTRIES: usize = 384 << 10;
/// Of an entry beside its admission, at most.
const ENTRY: usize = 160;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// The first is the one that the group was founded under. The one in force is not among them.
    pub former: Vec<Former>,
    pub entries: Vec<Entry>,
}

impl Ledger {
    pub fn encode(&self) -> Vec<u8> {
        let former = |f: &Former| {
            cbor::map([
                ("until", f.until.into()),
                ("charter", cbor::bytes(&f.charter.document)),
            ])
        };
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
        cbor::encode(&cbor::map([
            ("former", Value::Array(self.former.iter().map(former).collect())),
            ("entries", Value::Array(self.entries.iter().map(entry).collect())),
        ]))
    }

    pub fn hash(&self) -> B32 {
        hash(&self.encode())
    }

    /// Reads a ledger and checks every entry, as who joins must: they saw none of the commits behind it. `charter` is
    /// the one in force; each entry is judged by the one that was in force then.
    ///
    /// Returns it with its genesis. Errors: `RF3140` for a ledger that cannot have come about; those of the
    /// documents in it.
    pub fn verify(bytes: &[u8], charter: &CharterSource) -> Result<(Self, Genesis)> {
        let bad = |what: &str| Error::new("RF3140", what);
        let mut map = Map::decode(bytes)?;
        let (former, entries) = (map.array("former")?, map.array("entries")?);
        map.finish()?;
        let mut ledger = Self {
            former: read_former(former, charter)?,
            entries: vec![],
        };
        let mut items = entries.into_iter();
        let mut first = Map::from_value(items.next().ok_or_else(|| bad("the ledger is empty"))?)?;
        let document = first.bytes("admission")?;
        let founding = ledger.in_force(0, charter);
        let genesis = Genesis::verify(&document, founding, &founding.hash)?;
        let entry = read_entry(first, genesis.role, genesis.by, document)?;
        if entry.member != genesis.member || entry.added != 0 {
            return Err(bad("the first entry is not the founder's"));
        }
        ledger.entries.push(entry);
        for item in items {
            let mut map = Map::from_value(item)?;
            let document = map.bytes("admission")?;
            let mut entry = read_entry(map, PersonRole::Guest, [0; 32], document)?;
            let then = ledger.in_force(entry.added, charter);
            let link_admits = ledger.link_admits(then, entry.added);
            let admission =
                Admission::verify(&entry.admission, then, &then.hash, &genesis.group, link_admits)?;
            (entry.role, entry.by) = (admission.role, admission.by);
            if admission.member != entry.member {
                return Err(bad("an entry names another member than its admission"));
            }
            ledger.check_next(&entry)?;
            ledger.entries.push(entry);
        }
        let stranger = |entry: &Entry| match entry.removed {
            Some((epoch, Remover::Host(key))) => ledger.in_force(epoch, charter).host(&key).is_none(),
            _ => false,
        };
        if ledger.entries.iter().any(stranger) {
            return Err(bad("somebody was removed by a key that is no host's"));
        }
        Ok((ledger, genesis))
    }

    /// The charter of an epoch. A commit that brings another one admits and removes nobody, so those of an epoch were
    /// judged by it.
    pub fn in_force<'a>(&'a self, epoch: u64, charter: &'a CharterSource) -> &'a CharterSource {
        let then = self.former.iter().find(|former| epoch < former.until);
        then.map_or(charter, |former| &former.charter)
    }

    /// From `epoch` on another charter is in force. Errors: `RF3140` after too many.
    pub fn amend(&mut self, before: Arc<CharterSource>, epoch: u64) -> Result<()> {
        self.former.push(Former {
            until: epoch,
            charter: before,
        });
        check_room(&self.former)
    }

    /// Whether a member acts as host: their own key is a host's, or a host's key let them in as one, and still is.
    pub fn is_host(&self, member: &B32, charter: &Charter) -> bool {
        let by_entry = |entry: &Entry| entry.role == PersonRole::Host && charter.host(&entry.by).is_some();
        charter.host(member).is_some() || self.current(member).is_some_and(by_entry)
    }

    fn check_next(&self, next: &Entry) -> Result<()> {
        let bad = |what: &str| Err(Error::new("RF3140", what));
        if self.entries.last().is_some_and(|last| next.added < last.added) || next.added == 0 {
            return bad("the entries are not in the order of their epochs");
        }
        if self.entries.iter().any(|entry| entry.admission == next.admission) {
            return bad("an admission is used twice");
        }
        let present = |entry: &&Entry| {
            entry.member == next.member && entry.removed.is_none_or(|(epoch, _)| epoch > next.added)
        };
        if self.entries.iter().any(|entry| present(&entry)) {
            return bad("somebody is admitted who is in already");
        }
        Ok(())
    }

    /// The founder's ledger.
    pub fn found(genesis: &Genesis, document: Vec<u8>) -> Self {
        let Genesis { member, role, by, .. } = *genesis;
        let founder = Entry {
            member,
            admission: document,
            role,
            by,
            added: 0,
            removed: None,
        };
        Self {
            former: vec![],
            entries: vec![founder],
        }
    }

    /// Whether the link alone admits by the commit that leads to that epoch: never in a lobby, and not once a host has
    /// removed somebody, in this very commit or before, because who was removed still has the link.
    pub fn link_admits(&self, charter: &Charter, epoch: u64) -> bool {
        let by_host = |entry: &Entry| matches!(entry.removed, Some((at, Remover::Host(_))) if at <= epoch);
        charter.admission == Admits::Link && !self.entries.iter().any(by_host)
    }

    /// The entry of a member who is in.
    pub fn current(&self, member: &B32) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| &entry.member == member && entry.removed.is_none())
    }

    pub fn members(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.removed.is_none())
    }

    /// Enters an admission. Errors: `RF3140` when it was used before, or its member is in; `RF3141` when there is no
    /// room for it: the next generation begins with an empty ledger.
    pub fn enter(&mut self, admission: &Admission, document: Vec<u8>, epoch: u64) -> Result<()> {
        let entry = Entry {
            member: admission.member,
            admission: document,
            role: admission.role,
            by: admission.by,
            added: epoch,
            removed: None,
        };
        self.check_next(&entry)?;
        let sizes = self
            .entries
            .iter()
            .chain([&entry])
            .map(|entry| entry.admission.len() + ENTRY);
        if sizes.sum::<usize>() > LONGEST_ENTRIES {
            return Err(Error::new(
                "RF3141",
                "the ledger of this group has no room for another admission",
            ));
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Ends the current admission of a member. Errors: `RF3140` when they are not in.
    pub fn end(&mut self, member: &B32, epoch: u64, by: Remover) -> Result<()> {
        let entry = self
            .entries
            .iter_mut()
            .find(|entry| &entry.member == member && entry.removed.is_none());
        let entry = entry.ok_or_else(|| Error::new("RF3140", "somebody is removed who is not in"))?;
        entry.removed = Some((epoch, by));
        Ok(())
    }
}

/// Each comes after the one before, and the one in force after the last.
fn read_former(items: Vec<Value>, charter: &CharterSource) -> Result<Vec<Former>> {
    let bad = |what: &str| Error::new("RF3140", what);
    let mut all: Vec<Former> = vec![];
    for item in items {
        let mut map = Map::from_value(item)?;
        let former = Former {
            until: map.uint("until")?,
            charter: Arc::new(CharterSource::read(&map.bytes("charter")?)?),
        };
        map.finish()?;
        let after = all.last().map_or(0, |last| last.until);
        if former.until <= after {
            return Err(bad("the charters are not in the order of their epochs"));
        }
        if let Some(last) = all.last() {
            former.charter.follows(&last.charter)?;
        }
        all.push(former);
    }
    if let Some(last) = all.last() {
        charter.follows(&last.charter)?;
    }
    check_room(&all)?;
    Ok(all)
}

fn check_room(former: &[Former]) -> Result<()> {
    let length: usize = former.iter().map(|former| former.charter.document.len()).sum();
    match former.len() > MOST_FORMER || length > LONGEST_FORMER {
        true => Err(Error::new(
            "RF3140",
            "the charter of this group changed too often",
        )),
        false => Ok(()),
    }
}

fn read_entry(mut map: Map, role: PersonRole, signer: B32, admission: Vec<u8>) -> Result<Entry> {
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
        by: signer,
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
    /// Leaves whose connection is lost: their admissions stay.
    pub lost: Vec<u32>,
    /// The charter that is in force from this commit on, if it is another one.
    pub charter: Option<Vec<u8>>,
}

impl Grounds {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&cbor::map([
            ("admissions", list(&self.admissions)),
            ("removals", list(&self.removals)),
            (
                "lost",
                Value::Array(self.lost.iter().map(|leaf| u64::from(*leaf).into()).collect()),
            ),
            ("charter", cbor::nullable(self.charter.clone().map(Value::Bytes))),
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
        let (admissions, removals) = (documents("admissions")?, documents("removals")?);
        let leaf = |value| {
            u32::try_from(cbor::as_uint(value, "lost")?)
                .map_err(|_| Error::new("RF3103", "a leaf that no tree has"))
        };
        let lost = map.array("lost")?.into_iter().map(leaf).collect::<Result<_>>()?;
        let charter = map.nullable("charter", cbor::as_bytes)?;
        let grounds = Self {
            admissions,
            removals,
            lost,
            charter,
        };
        map.finish()?;
        Ok(grounds)
    }
}
