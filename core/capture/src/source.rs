//! Responsible for: the bytes of a capture, one window after the other: a part of the file mapped into memory, or what a
//! gzip file holds.
//! Not responsible for: what the bytes are.
use flate2::read::MultiGzDecoder;
use memmap2::{Mmap, MmapOptions};
use ringfence_signed::Error;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Deref;
use std::path::Path;

/// Bytes of a window, when no more are asked for: little enough that what is looked at in it a second time is still near,
/// and that what a scan holds does not grow with the file.
pub const WINDOW: usize = 8 << 20;

/// Bytes of the capture from some place on.
pub enum Window {
    /// Mapped from a page's beginning: so many bytes before are not of the window.
    Mapped {
        map: Mmap,
        before: usize,
    },
    Read(Vec<u8>),
}

impl Deref for Window {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped { map, before } => &map[*before..],
            Self::Read(bytes) => bytes,
        }
    }
}

/// Where bytes come from.
enum From {
    Map {
        file: File,
        length: u64,
    },
    Gzip {
        unpacked: Box<MultiGzDecoder<BufReader<Counted>>>,
        over: bool,
    },
}

/// A file that knows how far it was read.
struct Counted {
    file: File,
    read: u64,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.read += read as u64;
        Ok(read)
    }
}

pub struct Source {
    from: From,
    /// Where the next window begins, in the (unpacked) capture.
    at: u64,
    /// Bytes of the file itself, packed or not.
    length: u64,
    /// Of a gzip file: what was unpacked and not used.
    left: Vec<u8>,
}

/// Why a file cannot be used, as an error. RF2501.
fn unusable(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::new("RF2501", format!("{}: {why}", path.display()))
}

impl Source {
    /// Opens a file. Errors: RF2501 where it cannot be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut file = File::open(path).map_err(|error| unusable(path, error))?;
        let about = file.metadata().map_err(|error| unusable(path, error))?;
        if about.is_dir() {
            return Err(unusable(path, "it is a directory"));
        }
        if !about.is_file() {
            return Err(unusable(path, "it is not a regular file"));
        }
        let length = about.len();
        let mut magic = Vec::new();
        file.by_ref()
            .take(2)
            .read_to_end(&mut magic)
            .map_err(|error| unusable(path, error))?;
        // RFC 1952 §2.3.1.
        let from = if magic == [0x1f, 0x8b] {
            file.seek(SeekFrom::Start(0))
                .map_err(|error| unusable(path, error))?;
            let unpacked = MultiGzDecoder::new(BufReader::with_capacity(1 << 18, Counted { file, read: 0 }));
            From::Gzip {
                unpacked: Box::new(unpacked),
                over: false,
            }
        } else {
            From::Map { file, length }
        };
        Ok(Self {
            from,
            at: 0,
            length,
            left: Vec::new(),
        })
    }

    pub fn is_compressed(&self) -> bool {
        matches!(self.from, From::Gzip { .. })
    }

    /// How many bytes of the file are done with, and how many there are.
    pub fn progress(&self) -> (u64, u64) {
        match &self.from {
            From::Map { .. } => (self.at.min(self.length), self.length),
            From::Gzip { unpacked, .. } => (unpacked.get_ref().get_ref().read, self.length),
        }
    }

    /// The bytes from where the last one was used up, at least `wants` of them unless the capture ends before; and
    /// whether it ends with them. A gzip file that breaks off or is damaged ends there.
    ///
    /// Errors: RF2501 where the system cannot map the file.
    pub fn window(&mut self, wants: usize) -> Result<(Window, bool), Error> {
        let wants = wants.max(WINDOW);
        match &mut self.from {
            From::Map { file, length } => {
                let left = length.saturating_sub(self.at);
                if left == 0 {
                    return Ok((Window::Read(Vec::new()), true));
                }
                // Where every system's pages begin.
                let before = self.at % 65536;
                let take = (left.min(wants as u64) + before) as usize;
                let map = map(file, self.at - before, take)
                    .map_err(|error| Error::new("RF2501", format!("the file cannot be mapped: {error}")))?;
                Ok((
                    Window::Mapped {
                        map,
                        before: before as usize,
                    },
                    left <= wants as u64,
                ))
            }
            From::Gzip { unpacked, over } => {
                let mut bytes = std::mem::take(&mut self.left);
                let missing = wants.saturating_sub(bytes.len()) as u64;
                if !*over {
                    // What came before an error is there, and used.
                    let read = unpacked.take(missing).read_to_end(&mut bytes);
                    *over = read.map_or(true, |read| (read as u64) < missing);
                }
                Ok((Window::Read(bytes), *over))
            }
        }
    }

    /// So many bytes of the window are used: the next begins there.
    pub fn used(&mut self, window: &Window, used: usize) {
        self.at += used as u64;
        if self.is_compressed() {
            self.left = window[used..].to_vec();
        }
    }
}

/// The one map of a file into memory.
#[allow(unsafe_code)]
fn map(file: &File, from: u64, length: usize) -> io::Result<Mmap> {
    // SAFETY: the bytes are only ever read, and every reader of them is total, so that it does not matter to them when
    // somebody writes into the file meanwhile. Somebody who cuts it off meanwhile ends this process with SIGBUS: that is
    // the price of not copying it, and theirs is the file.
    unsafe { MmapOptions::new().offset(from).len(length).map(file) }
}
