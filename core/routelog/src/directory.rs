//! What a log needs of a file system, and the folder that has it: one writer at a time.
//! Not here: which files, or in which order (`disk`).
use crate::{Error, Result};
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::PathBuf;

/// Files that can be read, by their paths below one folder, with `/` between the parts.
pub trait Reading {
    /// The bytes of a file; `None` when there is none.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;
}

/// Files that can be changed. Nothing is durable before it is synced: a file's bytes and its entry in its folder each
/// for themselves.
pub trait Files: Reading {
    /// Whether there is a file or a folder.
    fn exists(&self, path: &str) -> io::Result<bool>;
    /// Makes a folder whose parent is there; one that is there is fine.
    fn make_folder(&mut self, path: &str) -> io::Result<()>;
    /// Makes a file in a folder that is there, or replaces one.
    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()>;
    /// Makes a file's bytes durable.
    fn sync(&mut self, path: &str) -> io::Result<()>;
    /// Makes the entries of a folder durable; the empty path is the folder of all.
    fn sync_folder(&mut self, path: &str) -> io::Result<()>;
    /// Gives a file another name, at once and whole, in place of one that has it.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a folder and what is in it; one that is not there is fine.
    fn remove_folder(&mut self, path: &str) -> io::Result<()>;
}

/// A folder on this machine, held by this process until the value is dropped.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    /// The lock goes with it, also when the process is killed.
    _lock: File,
}

impl Directory {
    /// Takes hold of a folder, and makes it when there is none.
    ///
    /// Errors: `RF2321` when another writer holds it, `RF2323` when it cannot be used.
    pub fn hold(root: impl Into<PathBuf>) -> Result<Self> {
        let root = root.into();
        let failed = |error: io::Error| Error::new("RF2323", format!("the log's folder: {error}"));
        fs::create_dir_all(&root).map_err(failed)?;
        let root = root.canonicalize().map_err(failed)?;
        // The folder's own entry: without it nothing in it would be found again.
        let parent = root.parent().unwrap_or(&root);
        File::open(parent)
            .and_then(|parent| parent.sync_all())
            .map_err(failed)?;
        let path = root.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path);
        let lock = lock.map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(Error::new("RF2321", "another writer holds the log's folder"))
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

/// What is not there is not an error of who asks whether it is, or wants it gone.
fn absent<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Reading for Directory {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        absent(fs::read(self.root.join(path)))
    }
}

impl Files for Directory {
    fn exists(&self, path: &str) -> io::Result<bool> {
        self.root.join(path).try_exists()
    }

    fn make_folder(&mut self, path: &str) -> io::Result<()> {
        match fs::create_dir(self.root.join(path)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            made => made,
        }
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        File::create(self.root.join(path))?.write_all(bytes)
    }

    fn sync(&mut self, path: &str) -> io::Result<()> {
        File::open(self.root.join(path))?.sync_all()
    }

    fn sync_folder(&mut self, path: &str) -> io::Result<()> {
        self.sync(path)
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.root.join(from), self.root.join(to))
    }

    fn remove_folder(&mut self, path: &str) -> io::Result<()> {
        absent(fs::remove_dir_all(self.root.join(path))).map(drop)
    }
}
