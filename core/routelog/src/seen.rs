//! What a client remembers of a log: the newest checkpoint it saw, and that every other one fits it; and what
//! two members find when they compare theirs.
//! Not here: where it is stored, or how checkpoints travel (sealed, inside the group).
//!
//! The first checkpoint is believed: nothing is known that it could contradict. A log that shows two clients
//! two trees from their first look on is found out when they compare, or by a witness (`cosigned`).
use crate::checkpoint::{Issuer, Signed};
use crate::{B32, Error, Result, consistency};

/// One log, as this client has seen it.
#[derive(Debug, Clone)]
pub struct Seen {
    issuer: Issuer,
    newest: Option<Signed>,
}

/// What a checkpoint added to what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The log's first checkpoint that this client saw.
    First,
    /// The tree that was known.
    Same,
    /// That tree with so many entries more.
    Grown(u64),
}

impl Seen {
    /// Nothing has been seen yet.
    pub fn new(issuer: Issuer) -> Self {
        Self { issuer, newest: None }
    }

    /// What was seen, from the note that [`Self::newest`] was stored as.
    ///
    /// Errors: those of [`Signed::open`]; storage is outside too.
    pub fn resume(issuer: Issuer, note: &[u8]) -> Result<Self> {
        let newest = Some(Signed::open(note, &issuer)?);
        Ok(Self { issuer, newest })
    }

    pub fn newest(&self) -> Option<&Signed> {
        self.newest.as_ref()
    }

    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Takes a checkpoint that the log gave out, and the proof that it continues the one seen; no proof is
    /// needed for the first, and for the same tree. What is refused changes nothing.
    ///
    /// Errors: those of [`Signed::open`] for what this log has not signed; `RF2330` when it is older than what
    /// was seen; `RF2331` when it is another tree of the same size; `RF2332` when the proof does not hold.
    pub fn update(&mut self, note: &[u8], proof: &[B32]) -> Result<News> {
        let new = Signed::open(note, &self.issuer)?;
        let Some(old) = &self.newest else {
            self.newest = Some(new);
            return Ok(News::First);
        };
        let (had, has) = (old.size(), new.size());
        if has < had {
            return Err(Error::new(
                "RF2330",
                format!("{has} entries, and {had} were there before"),
            ));
        }
        if has == had {
            return match new.root() == old.root() {
                true => Ok(News::Same),
                false => Err(Error::new(
                    "RF2331",
                    format!("two trees of {has} entries are signed"),
                )),
            };
        }
        continues(old, &new, proof)?;
        self.newest = Some(new);
        Ok(News::Grown(has - had))
    }
}

/// Errors: `RF2332`. A proof that does not hold is no evidence against the log: anybody can make one.
fn continues(old: &Signed, new: &Signed, proof: &[B32]) -> Result<()> {
    consistency::verify(old.size(), old.root(), new.size(), new.root(), proof)
        .map_err(|error| Error::new("RF2332", error.detail))
}

/// What two members find who compare the checkpoints they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Story {
    Same,
    /// The first has seen more of the same log.
    FirstAhead,
    /// The second has seen more of the same log.
    SecondAhead,
    /// The log has signed two trees of one size. Both notes together show it to anybody.
    Fork(Box<Fork>),
}

/// Evidence that a log told two stories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// Signed notes, as the log gave them out.
    pub notes: [String; 2],
}

impl Fork {
    /// Whether this shows that the log signed two trees of one size.
    ///
    /// Errors: those of [`Signed::open`] when a note is not this log's, `RF2333` when they do not contradict
    /// each other.
    pub fn check(&self, issuer: &Issuer) -> Result<()> {
        let [first, second] = &self.notes;
        let first = Signed::open(first.as_bytes(), issuer)?;
        let second = Signed::open(second.as_bytes(), issuer)?;
        if first.size() != second.size() || first.root() == second.root() {
            return Err(Error::new("RF2333", "the two checkpoints may both be true"));
        }
        Ok(())
    }
}

/// Compares the checkpoints of two members. `proof` leads from the smaller tree to the larger, and is not
/// looked at when they are of one size.
///
/// Errors: those of [`Signed::open`] when one is not this log's, `RF2332` when the proof does not hold: then
/// it is not known whether they are one story, and the log is to be asked for the proof again.
pub fn same_story(issuer: &Issuer, first: &[u8], second: &[u8], proof: &[B32]) -> Result<Story> {
    let first = Signed::open(first, issuer)?;
    let second = Signed::open(second, issuer)?;
    if first.size() == second.size() {
        return Ok(match first.root() == second.root() {
            true => Story::Same,
            false => Story::Fork(Box::new(Fork {
                notes: [first.encode(), second.encode()],
            })),
        });
    }
    if first.size() < second.size() {
        continues(&first, &second, proof)?;
        Ok(Story::SecondAhead)
    } else {
        continues(&second, &first, proof)?;
        Ok(Story::FirstAhead)
    }
}
