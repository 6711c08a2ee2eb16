//! Responsible for: a scan of a capture file, from its first byte to its last.
//! Not responsible for: what is shown of it.
use crate::Counts;
use crate::engine::{About, Engine};
use crate::file::{HEAD, Walker};
use crate::source::Source;
use crate::summary::Scan;
use ringfence_signed::Error;
use std::path::Path;

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

/// Scans a file with so many threads (0: as many as the machine has cores). The result is the same for any number.
///
/// `progress` is told after each round how many bytes of the file are done, of how many; an error of its own ends the
/// scan. Errors: RF2501 for a file that cannot be opened, RF2502 for one that is no capture.
pub fn scan<E>(
    path: &Path,
    threads: usize,
    mut progress: impl FnMut(u64, u64) -> Result<(), E>,
) -> Result<Scan, Ended<E>> {
    let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let threads = if threads == 0 { cores() } else { threads };
    let mut source = Source::open(path)?;
    let (window, _) = source.window(HEAD)?;
    let mut walker = Walker::open(&window[..window.len().min(HEAD)])
        .map_err(|error| Error::new(error.code, format!("{}: {}", path.display(), error.detail)))?;
    source.used(&window, 0);
    let mut engine = Engine::new(threads.min(64));
    let (mut counts, mut wants, mut over) = (Counts::default(), HEAD, false);
    while !over {
        let (window, last) = source.window(wants)?;
        let walked = engine.round(&mut walker, &window, last, &mut counts);
        source.used(&window, walked.used);
        wants = walked.wants;
        // With all bytes there, more of them will not help.
        over = wants > 0 && (last || walked.used + wants <= window.len());
        let (done, all) = source.progress();
        progress(done, all).map_err(Ended::Stopped)?;
    }
    let about = About {
        format: walker.format(),
        compressed: source.is_compressed(),
        interfaces: walker.interfaces().to_vec(),
    };
    Ok(engine.finish(&counts, about))
}
