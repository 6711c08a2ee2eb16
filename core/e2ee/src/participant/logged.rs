//! The log that a charter names: whether the route is written down in it, and whether it has told this device one
//! story. Not here: the tree and its proofs (`ringfence-routelog`), or comparing with the others (`comparing.rs`).
use super::config::Config;
use super::messages::Logged;
use ringfence_fence::Log;
use ringfence_receipt::document::{self, issuer};
use ringfence_routelog::checkpoint::{Issuer, Signed};
use ringfence_routelog::seen::Seen;
use ringfence_signed::{B32, Error, Result};

/// Longest signed checkpoint that is read, in bytes: a few hundred are usual, witnesses add lines.
pub const LONGEST_NOTE: usize = 4 << 10;
const MOST_HASHES: usize = 64;

/// The log of the meeting, with the newest of its checkpoints that holds.
pub struct LogView {
    seen: Seen,
    newest: Signed,
}

fn hashes(proof: &[super::io::Bytes]) -> Result<Vec<B32>> {
    let bad = || Error::new("RF2302", "a proof is at most 64 hashes of 32 bytes");
    if proof.len() > MOST_HASHES {
        return Err(bad());
    }
    let one = |hash: &super::io::Bytes| hash.0.as_slice().try_into().map_err(|_| bad());
    proof.iter().map(one).collect()
}

impl LogView {
    /// Checks that a route record is in the log, and that the log continues what this device has seen of it.
    ///
    /// Errors: `RF3163` when the server does not show it; `RF2302` to `RF2316` and `RF2330` to `RF2332` for what is
    /// wrong with the entry, the checkpoint, or the story.
    pub fn open(config: &Config, log: &Log, route: &[u8], shown: Option<&Logged>) -> Result<Self> {
        let shown =
            shown.ok_or_else(|| Error::new("RF3163", "the server does not show the route in the log"))?;
        let issuer = issuer(log)?;
        let mut seen = match config.logs.get(&issuer.key().to_string()) {
            Some(note) => Seen::resume(issuer, note.as_bytes())?,
            None => Seen::new(issuer),
        };
        let newest = update(&mut seen, &shown.checkpoint, &hashes(&shown.continues)?)?;
        shown.document()?.check(log, route)?;
        Ok(Self { seen, newest })
    }

    pub fn newest(&self) -> &Signed {
        &self.newest
    }

    pub fn issuer(&self) -> &Issuer {
        self.seen.issuer()
    }

    /// Takes a later checkpoint. Errors: as of [`Seen::update`]; nothing has changed then.
    pub fn advance(&mut self, note: &str, proof: &[B32]) -> Result<()> {
        self.newest = update(&mut self.seen, note, proof)?;
        Ok(())
    }

    /// The proof of an answer. Errors: `RF2302` when it is none.
    pub fn proof(given: &[super::io::Bytes]) -> Result<Vec<B32>> {
        hashes(given)
    }
}

impl Logged {
    /// As a receipt has it. Errors: `RF2302`, `RF2316` where its parts have no such length.
    pub fn document(&self) -> Result<document::Logged> {
        let salt = self.salt.0.as_slice().try_into();
        Ok(document::Logged {
            salt: salt.map_err(|_| Error::new("RF2316", "a salt has 32 bytes"))?,
            index: self.index,
            proof: hashes(&self.proof)?,
            checkpoint: self.checkpoint.clone(),
        })
    }
}

fn update(seen: &mut Seen, note: &str, proof: &[B32]) -> Result<Signed> {
    if note.len() > LONGEST_NOTE {
        return Err(Error::new("RF2304", "a checkpoint has at most 4 KiB"));
    }
    seen.update(note.as_bytes(), proof)?;
    Signed::open(note.as_bytes(), seen.issuer())
}
