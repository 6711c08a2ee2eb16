//! The log in files: opening it after any crash, appending so that none loses what was signed, and proofs.
//! Not here: what appending comes to (`log`), or the operating system (`directory`).
//!
//! Tiles and bundles are durable before a checkpoint is signed over them. The signed checkpoint is durable
//! under another name before it is given its own, by which it is served: so what anybody has read is found
//! again, whatever crashes, and carried to its end by [`Disk::open`]. What lies beyond it was signed by
//! nobody, counts for nothing, and is written over.
use crate::audit::{audit, read_tile};
use crate::checkpoint::{Checkpoint, Issuer, Signed};
use crate::directory::{Files, Reading};
use crate::fetch::{Fetch, Tiles};
use crate::key::Signer;
use crate::log::{Batch, Writer};
use crate::merkle::{Node, Span};
use crate::tile::{Content, Tile, WIDTH};
use crate::{B32, Error, Result, consistency, inclusion};
use std::collections::{BTreeSet, HashSet};
use std::io;

/// By this name the checkpoint is served (C2SP tlog-tiles, "Checkpoints").
pub const CHECKPOINT: &str = "checkpoint";
/// By this name it waits until it is durable.
pub const NEXT: &str = "checkpoint.next";
/// The folder of all tiles and bundles.
const TILES: &str = "tile";

/// A log whose files are somewhere, with the key that signs it.
pub struct Disk<F> {
    files: F,
    signer: Signer,
    signed: Signed,
    writer: Writer,
    /// Folders whose own entries are known to be durable.
    settled: HashSet<String>,
    /// An append did not come to its end: what the files hold is known again once they are opened anew.
    interrupted: bool,
}

pub(crate) fn failed(error: io::Error) -> Error {
    Error::new("RF2323", format!("the log's files: {error}"))
}

/// Reads a signed checkpoint; `None` when there is none by that name.
fn read_checkpoint(files: &impl Reading, name: &str, issuer: &Issuer) -> Result<Option<Signed>> {
    let bytes = files.read(name).map_err(failed)?;
    bytes.map(|bytes| Signed::open(&bytes, issuer)).transpose()
}

fn take(files: &impl Reading, fetch: Fetch) -> Result<Tiles> {
    let read = fetch.tiles().iter().map(|tile| read_tile(files, *tile));
    let bytes: Vec<Vec<u8>> = read.collect::<Result<_>>()?;
    fetch.take(&bytes)
}

/// The entries of the bundle that has the entry at `index`, checked.
fn read_bundle(files: &impl Reading, checkpoint: &Checkpoint, index: u64) -> Result<Vec<Vec<u8>>> {
    let tiles = take(files, Fetch::nodes(checkpoint, [Node { level: 0, index }])?)?;
    let bundle = Tile::in_tree(Content::Entries, index / u64::from(WIDTH), checkpoint.size);
    let bundle = bundle.ok_or_else(|| Error::new("RF2301", format!("there is no entry {index}")))?;
    let bytes = read_tile(files, bundle)?;
    let entries = tiles.entries(bundle, &bytes)?;
    Ok(entries.into_iter().map(<[u8]>::to_vec).collect())
}

/// The writer of a checkpoint, from files that fit it: its edge, and the way from its last entry to the root.
///
/// Errors: `RF2320` when they do not fit.
fn resume(files: &impl Reading, checkpoint: &Checkpoint) -> Result<Writer> {
    let resumed = || {
        let partials = Tile::partials(checkpoint.size).map(|tile| read_tile(files, tile));
        let partials: Vec<Vec<u8>> = partials.collect::<Result<_>>()?;
        let last = checkpoint.size / u64::from(WIDTH);
        let tail = match Tile::in_tree(Content::Entries, last, checkpoint.size) {
            Some(bundle) => read_tile(files, bundle)?,
            None => vec![],
        };
        if let Some(index) = checkpoint.size.checked_sub(1) {
            read_bundle(files, checkpoint, index)?;
        }
        Writer::resume(checkpoint, &partials, tail)
    };
    resumed().map_err(|error| match error.code {
        "RF2323" => error,
        _ => Error::new("RF2320", error.to_string()),
    })
}

impl<F: Files> Disk<F> {
    /// Begins a log in files where there is none, with the signed checkpoint of the empty tree.
    ///
    /// Errors: `RF2322` when there is one already, or its checkpoint is gone and its tiles are not; `RF2307`
    /// and `RF2308` for a key or an origin that cannot be a log's; `RF2323`.
    pub fn create(files: F, origin: &str, signer: Signer) -> Result<Self> {
        for name in [CHECKPOINT, TILES] {
            if files.exists(name).map_err(failed)? {
                return Err(Error::new("RF2322", format!("there is a log here: {name}")));
            }
        }
        let writer = Writer::new(origin);
        let signed = Signed::sign(writer.checkpoint(), &signer)?;
        let mut disk = Self {
            files,
            signer,
            signed: signed.clone(),
            writer,
            settled: HashSet::new(),
            interrupted: false,
        };
        disk.publish(&signed).map_err(failed)?;
        Ok(disk)
    }

    /// Opens a log as the last crash left it.
    ///
    /// Errors: `RF2322` when there is none, `RF2304` to `RF2309` for a checkpoint that is not this log's,
    /// `RF2320` when its files do not fit it, `RF2323`.
    pub fn open(files: F, origin: &str, signer: Signer) -> Result<Self> {
        let issuer = Issuer::new(origin, signer.verifier().clone())?;
        let signed = read_checkpoint(&files, CHECKPOINT, &issuer)?;
        let signed = signed.ok_or_else(|| Error::new("RF2322", "there is no log here"))?;
        let mut disk = Self {
            writer: resume(&files, signed.checkpoint())?,
            files,
            signer,
            signed,
            settled: HashSet::new(),
            interrupted: false,
        };
        // One that was cut off while it was written has no signature that holds, and nobody has read it.
        let next = match read_checkpoint(&disk.files, NEXT, &issuer) {
            Err(error) if error.code == "RF2323" => return Err(error),
            next => next.ok().flatten(),
        };
        if let Some(next) = next.filter(|next| next.size() > disk.signed.size()) {
            disk.carry_on(next)?;
        }
        Ok(disk)
    }

    /// Publishes a checkpoint that was signed before the crash, over tiles that were durable before that.
    fn carry_on(&mut self, next: Signed) -> Result<()> {
        let writer = resume(&self.files, next.checkpoint())?;
        let old = Span::tree(self.signed.size());
        let before = take(&self.files, Fetch::nodes(next.checkpoint(), old.nodes())?)?;
        if old.hash(&before)? != *self.signed.root() {
            return Err(Error::new(
                "RF2320",
                "the next checkpoint does not continue the last",
            ));
        }
        // It may have been read by its own name already: so it is not written again, and never half there.
        self.publish_next().map_err(failed)?;
        (self.signed, self.writer) = (next, writer);
        Ok(())
    }

    /// The newest checkpoint. It is durable.
    pub fn checkpoint(&self) -> &Signed {
        &self.signed
    }

    /// Adds leaves at the end, durably, and signs. No leaves change nothing.
    ///
    /// Errors: `RF2317` for what the log does not take; `RF2323` when files could not be written, and from
    /// then on `RF2324`, until the log is opened anew.
    pub fn append<D: AsRef<[u8]>>(&mut self, leaves: &[D]) -> Result<&Signed> {
        if self.interrupted {
            return Err(Error::new(
                "RF2324",
                "an append was interrupted: open the log anew",
            ));
        }
        if leaves.is_empty() {
            return Ok(&self.signed);
        }
        let batch = self.writer.append(leaves)?;
        self.interrupted = true;
        self.write(&batch)?;
        let signed = Signed::sign(batch.checkpoint, &self.signer)?;
        self.publish(&signed).map_err(failed)?;
        self.interrupted = false;
        self.writer = batch.next;
        let old = std::mem::replace(&mut self.signed, signed).size();
        self.sweep(old);
        Ok(&self.signed)
    }

    /// Writes all files, then makes them durable: that order lets the file system do several at once.
    fn write(&mut self, batch: &Batch) -> Result<()> {
        let mut folders = BTreeSet::new();
        let mut paths = vec![];
        for file in &batch.files {
            let (tile, size) = (file.tile, self.signed.size());
            if Tile::in_tree(tile.content, tile.index, size) == Some(tile) {
                return Err(Error::new("RF2320", format!("{tile} is signed already")));
            }
            let path = tile.to_string();
            for (at, _) in path.match_indices('/') {
                self.settle(&path[..at], &mut folders).map_err(failed)?;
            }
            folders.insert(folder(&path).to_owned());
            self.files.write(&path, &file.bytes).map_err(failed)?;
            paths.push(path);
        }
        for path in &paths {
            self.files.sync(path).map_err(failed)?;
        }
        for folder in &folders {
            self.files.sync_folder(folder).map_err(failed)?;
        }
        Ok(())
    }

    /// Makes a folder, and notes that its parent has to be synced. Also for one that is there already: who
    /// made it may not have lived to sync it.
    fn settle(&mut self, path: &str, folders: &mut BTreeSet<String>) -> io::Result<()> {
        if !self.settled.contains(path) {
            self.files.make_folder(path)?;
            self.settled.insert(path.to_owned());
            folders.insert(folder(path).to_owned());
        }
        Ok(())
    }

    fn publish(&mut self, signed: &Signed) -> io::Result<()> {
        self.files.write(NEXT, signed.encode().as_bytes())?;
        self.publish_next()
    }

    /// Publishes the checkpoint that is there under the other name.
    fn publish_next(&mut self) -> io::Result<()> {
        self.files.sync(NEXT)?;
        self.files.sync_folder("")?;
        self.files.rename(NEXT, CHECKPOINT)?;
        self.files.sync_folder("")
    }

    /// Removes partial files that have a full one in their place (C2SP tlog-tiles, "Partial Tiles"): a log
    /// that is appended to one by one would be a hundred times as large with them.
    fn sweep(&mut self, old: u64) {
        let last = old / u64::from(WIDTH);
        let bundle = Tile::in_tree(Content::Entries, last, old);
        for tile in Tile::partials(old).chain(bundle) {
            if Tile::in_tree(tile.content, tile.index, self.signed.size()) == Some(tile.full()) {
                let folder = format!("{}.p", tile.full());
                self.settled.remove(&folder);
                // What stays is not read again and costs only its space.
                let _ = self.files.remove_folder(&folder);
            }
        }
    }

    /// The proof that the entry at `index` is in the tree of the first `size`.
    ///
    /// Errors: `RF2301` when there is no such entry or tree; `RF2313`, `RF2314`, `RF2323` for files that
    /// are damaged, missing or not readable.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<B32>> {
        let tiles = take(
            &self.files,
            Fetch::inclusion(self.signed.checkpoint(), index, size)?,
        )?;
        inclusion::prove(index, size, &tiles)
    }

    /// The proof that the tree of the first `new` entries continues the one of the first `old`.
    ///
    /// Errors: as of [`Self::inclusion`].
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<B32>> {
        let tiles = take(
            &self.files,
            Fetch::consistency(self.signed.checkpoint(), old, new)?,
        )?;
        consistency::prove(old, new, &tiles)
    }

    /// The data of the leaf at `index`. Errors: as of [`Self::inclusion`], and `RF2315` for a bundle that is none.
    pub fn entry(&self, index: u64) -> Result<Vec<u8>> {
        let mut entries = read_bundle(&self.files, self.signed.checkpoint(), index)?;
        Ok(entries.swap_remove((index % u64::from(WIDTH)) as usize))
    }

    /// Reads every file of the log and checks that they are the tree of its checkpoint. Errors: as of [`audit`].
    pub fn audit(&self) -> Result<()> {
        audit(&self.files, self.signed.checkpoint(), |_| ())
    }

    /// The files, for whoever serves them.
    pub fn files(&self) -> &F {
        &self.files
    }

    /// The log's public key.
    pub fn issuer(&self) -> Result<Issuer> {
        Issuer::new(&self.signed.checkpoint().origin, self.signer.verifier().clone())
    }
}

/// The folder that a path is in.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
