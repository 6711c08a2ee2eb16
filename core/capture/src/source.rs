//! Responsible for: the bytes of a capture: any part of a plain file, or one window after the other of a gzip file.
//! Not responsible for: what the bytes are.
//!
//! A file is read into buffers that are used again, and not mapped: at their size that costs less than the faults of
//! pages do, and somebody who cuts the file off meanwhile gets an error and no SIGBUS.
use flate2::read::MultiGzDecoder;
use ringfence_signed::Error;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes of a window of a gzip file, when no more are asked for.
const WINDOW: usize = 1 << 20;
/// So much more is read where a buffer ends inside a record.
const MORE: usize = 64 << 10;

/// Where bytes come from.
pub enum Source {
    Plain(Plain),
    Packed(Packed),
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
        if magic != [0x1f, 0x8b] {
            return Ok(Self::Plain(Plain {
                held: Held::File(file),
                length,
            }));
        }
        file.seek(SeekFrom::Start(0))
            .map_err(|error| unusable(path, error))?;
        let unpacked = MultiGzDecoder::new(BufReader::with_capacity(1 << 18, Counted { file, read: 0 }));
        Ok(Self::Packed(Packed {
            unpacked: Box::new(unpacked),
            over: false,
            length,
            window: Vec::new(),
        }))
    }
}

/// A file that is no archive. It has the length that it had when it was opened.
pub struct Plain {
    held: Held,
    pub length: u64,
}

/// Where the bytes of a plain file are.
enum Held {
    File(File),
    Memory(Vec<u8>),
}

impl Held {
    fn read_at(&self, into: &mut [u8], from: u64) -> io::Result<usize> {
        match self {
            #[cfg(unix)]
            Self::File(file) => std::os::unix::fs::FileExt::read_at(file, into, from),
            #[cfg(windows)]
            Self::File(file) => std::os::windows::fs::FileExt::seek_read(file, into, from),
            Self::Memory(bytes) => bytes.get(from as usize..).unwrap_or_default().read(into),
        }
    }
}

impl Plain {
    /// A file whose bytes are in memory.
    pub fn in_memory(bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        Self {
            held: Held::Memory(bytes),
            length,
        }
    }

    fn read_exact_at(&self, mut into: &mut [u8], mut from: u64) -> Result<(), Error> {
        while !into.is_empty() {
            match self.held.read_at(into, from) {
                Ok(0) => {
                    let shorter =
                        format!("the file became shorter while it was read: it ends at byte {from} now");
                    return Err(Error::new("RF2501", shorter));
                }
                Ok(read) => {
                    into = &mut into[read..];
                    from += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::new("RF2501", format!("the file cannot be read: {error}"))),
            }
        }
        Ok(())
    }
}

/// A part of a plain file, in memory that is used again for the next.
#[derive(Default)]
pub struct Part {
    from: u64,
    bytes: Vec<u8>,
    /// So many of `bytes` are of the part.
    filled: usize,
}

impl Part {
    /// Reads so many bytes from there on, or as many as the file has. Errors: RF2501.
    pub fn read(&mut self, file: &Plain, from: u64, bytes: usize) -> Result<(), Error> {
        self.from = from;
        self.filled = 0;
        if self.bytes.len() > 4 * bytes {
            // It was for one long record.
            self.bytes = Vec::new();
        }
        self.fill(file, bytes)
    }

    /// Reads on until so many bytes are there, and some more. Errors: RF2501.
    pub fn extend(&mut self, file: &Plain, bytes: usize) -> Result<(), Error> {
        self.fill(file, bytes.max(self.filled + MORE))
    }

    fn fill(&mut self, file: &Plain, bytes: usize) -> Result<(), Error> {
        let left = file.length.saturating_sub(self.from);
        let bytes = usize::try_from(left).map_or(bytes, |left| left.min(bytes));
        if self.bytes.len() < bytes {
            self.bytes.resize(bytes, 0);
        }
        file.read_exact_at(
            &mut self.bytes[self.filled..bytes],
            self.from + self.filled as u64,
        )?;
        self.filled = bytes;
        Ok(())
    }

    /// Where it begins in the file.
    pub fn from(&self) -> u64 {
        self.from
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Nothing follows it.
    pub fn is_last(&self, file: &Plain) -> bool {
        self.from + self.filled as u64 >= file.length
    }
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

/// What a gzip file holds.
pub struct Packed {
    unpacked: Box<MultiGzDecoder<BufReader<Counted>>>,
    over: bool,
    /// Bytes of the file itself.
    length: u64,
    /// What was unpacked and is not used.
    window: Vec<u8>,
}

impl Packed {
    /// How many bytes of the file are done with, and how many there are.
    pub fn progress(&self) -> (u64, u64) {
        (self.unpacked.get_ref().get_ref().read, self.length)
    }

    /// The bytes from where the last ones were used up, at least `wants` of them unless the capture ends before; and
    /// whether it ends with them. A file that breaks off or is damaged ends there.
    pub fn window(&mut self, wants: usize) -> (&[u8], bool) {
        let missing = wants.max(WINDOW).saturating_sub(self.window.len()) as u64;
        if !self.over {
            // What came before an error is there, and used.
            let read = self.unpacked.by_ref().take(missing).read_to_end(&mut self.window);
            self.over = read.map_or(true, |read| (read as u64) < missing);
        }
        (&self.window, self.over)
    }

    /// So many bytes of the window are used: the next begins there.
    pub fn used(&mut self, used: usize) {
        self.window.drain(..used);
    }
}
