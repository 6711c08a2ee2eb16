//! Cosignatures of witnesses (C2SP tlog-cosignature, Ed25519): who else saw this log only grow.
//! Not here: being a witness. Without one, a log can tell two clients different stories until they compare.
use crate::key::{Kind, Verifier};
use crate::note::Note;
use crate::{Error, Result};

/// The witnesses that a client trusts, and how many of them it wants.
#[derive(Debug, Clone)]
pub struct Witnesses {
    keys: Vec<Verifier>,
    quorum: usize,
}

/// A cosignature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    pub witness: String,
    /// Seconds since 1970 by the witness's clock: the newest tree that it had seen then was this one.
    pub time: u64,
}

impl Witnesses {
    /// Errors: `RF2311` when a key is not a witness's or is listed twice, or when the quorum cannot be met.
    pub fn new(keys: Vec<Verifier>, quorum: usize) -> Result<Self> {
        let bad = |what: &str| Error::new("RF2311", what);
        if keys.iter().any(|key| key.kind() != Kind::Witness) {
            return Err(bad("a key is not a witness's"));
        }
        // What is signed does not name the witness: one key under two names would count twice.
        let twice = |(at, key): (usize, &Verifier)| keys[..at].iter().any(|other| other.key() == key.key());
        if keys.iter().enumerate().any(twice) {
            return Err(bad("a key is listed twice"));
        }
        if quorum > keys.len() {
            return Err(bad("more witnesses are wanted than are listed"));
        }
        Ok(Self { keys, quorum })
    }

    /// The cosignatures of trusted witnesses; those of others are passed over.
    ///
    /// Errors: `RF2306` when one is by a trusted witness and does not hold.
    pub fn of(&self, note: &Note) -> Result<Vec<Cosignature>> {
        let mut found = vec![];
        for key in &self.keys {
            if let Some(time) = note.signed_by(key)? {
                let witness = key.name().to_owned();
                found.push(Cosignature { witness, time });
            }
        }
        Ok(found)
    }

    /// [`Self::of`], when there are enough.
    ///
    /// Errors: `RF2306`; `RF2310` when fewer than the quorum have cosigned.
    pub fn require(&self, note: &Note) -> Result<Vec<Cosignature>> {
        let found = self.of(note)?;
        if found.len() < self.quorum {
            return Err(Error::new(
                "RF2310",
                format!("{} of {} witnesses have cosigned", found.len(), self.quorum),
            ));
        }
        Ok(found)
    }
}
