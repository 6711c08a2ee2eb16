//! Responsible for: a scan of a capture file, from its first byte to its last.
//! Not responsible for: what is shown of it.
use crate::Counts;
use crate::chunk::{CHUNK, Place};
use crate::engine::{About, Engine};
use crate::file::{HEAD, Walker};
use crate::parallel::{self, Manner};
use crate::source::{Packed, Part, Plain, Source};
use crate::summary::Scan;
use ringfence_signed::Error;
use std::convert::Infallible;
use std::path::Path;

/// More threads than that only wait for each other.
const THREADS: usize = 64;

/// Why there is no result.
#[derive(Debug)]
pub enum Ended<E> {
    /// RF2501, RF2502.
    Refused(Error),
    /// Who was told of the progress did not want to go on.
    Stopped(E),
}

impl<E> From<Error> for Ended<E> {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// Scans a file with so many threads (0: as many as the machine has cores). The result is the same for any number. What
/// is packed is unpacked by one: that takes longer than all else.
///
/// `progress` is told every now and then how many bytes of the file are done, of how many; an error of its own ends the
/// scan. Errors: RF2501 for a file that cannot be read, RF2502 for one that is no capture.
pub fn scan<E>(
    path: &Path,
    threads: usize,
    progress: impl FnMut(u64, u64) -> Result<(), E>,
) -> Result<Scan, Ended<E>> {
    scan_in_chunks(path, threads, CHUNK, progress)
}

/// The same, where each thread takes so many bytes at a time: for tests, whose captures are small.
#[doc(hidden)]
pub fn scan_in_chunks<E>(
    path: &Path,
    threads: usize,
    chunk: u64,
    progress: impl FnMut(u64, u64) -> Result<(), E>,
) -> Result<Scan, Ended<E>> {
    let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let manner = Manner {
        threads: if threads == 0 { cores() } else { threads }.min(THREADS),
        chunk,
        guesses: false,
    };
    let scanned = match Source::open(path)? {
        Source::Plain(file) => plain(&file, manner, progress),
        Source::Packed(file) => packed(file, progress),
    };
    scanned.map_err(|ended| match ended {
        Ended::Refused(error) => Ended::Refused(Error::new(
            error.code,
            format!("{}: {}", path.display(), error.detail),
        )),
        stopped => stopped,
    })
}

/// A scan of a plain capture in memory by one thread, which guesses where each chunk's first record is, as several do of
/// a file: for tests of very many captures. Errors: RF2502 for what is no capture.
#[doc(hidden)]
pub fn scan_in_memory(bytes: &[u8], chunk: u64) -> Result<Scan, Error> {
    let manner = Manner {
        threads: 1,
        chunk,
        guesses: true,
    };
    match plain(&Plain::in_memory(bytes.to_vec()), manner, |_, _| {
        Ok::<(), Infallible>(())
    }) {
        Ok(scan) => Ok(scan),
        Err(Ended::Refused(error)) => Err(error),
        Err(Ended::Stopped(never)) => match never {},
    }
}

fn plain<E>(
    file: &Plain,
    manner: Manner,
    progress: impl FnMut(u64, u64) -> Result<(), E>,
) -> Result<Scan, Ended<E>> {
    let mut head = Part::default();
    head.read(file, 0, HEAD)?;
    let walker = Walker::open(head.bytes())?;
    let mut engine = Engine::default();
    let begin = Place { walker, at: 0 };
    let (end, counts) = parallel::scan(file, begin, &mut engine, manner, progress)?;
    Ok(engine.finish(manner.threads, &counts, About::of(&end.walker, false)))
}

fn packed<E>(
    mut file: Packed,
    mut progress: impl FnMut(u64, u64) -> Result<(), E>,
) -> Result<Scan, Ended<E>> {
    let (window, _) = file.window(HEAD);
    let mut walker = Walker::open(&window[..window.len().min(HEAD)])?;
    let mut engine = Engine::default();
    let (mut counts, mut wants, mut over) = (Counts::default(), 0, false);
    while !over {
        let (window, last) = file.window(wants);
        let walked = engine.round(&mut walker, window, last, &mut counts);
        // With all bytes there, more of them will not help.
        over = walked.wants > 0 && (last || walked.used + walked.wants <= window.len());
        file.used(walked.used);
        wants = walked.wants;
        let (done, all) = file.progress();
        progress(done, all).map_err(Ended::Stopped)?;
    }
    Ok(engine.finish(1, &counts, About::of(&walker, true)))
}
