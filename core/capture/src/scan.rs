//! Responsible for: a scan of a capture file, from its first byte to its last.
//! Not responsible for: what is shown of it.
use crate::Counts;
use crate::engine::{About, Engine};
use crate::file::{HEAD, Record, Walker};
use crate::source::{Source, Window};
use crate::summary::Scan;
use ringfence_signed::Error;
use std::path::Path;

/// Records of a round: few enough that their headers are still in a core's cache when they are read a second time.
const ROUND: usize = 1 << 14;

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

/// Records, and the window that they lie in.
struct Round {
    window: Window,
    records: Vec<Record>,
}

struct Walk {
    source: Source,
    walker: Walker,
    counts: Counts,
    wants: usize,
    over: bool,
}

impl Walk {
    fn open(path: &Path) -> Result<Self, Error> {
        let mut source = Source::open(path)?;
        let (window, _) = source.window(HEAD)?;
        let walker = Walker::open(&window[..window.len().min(HEAD)])
            .map_err(|error| Error::new(error.code, format!("{}: {}", path.display(), error.detail)))?;
        source.used(&window, 0);
        Ok(Self {
            source,
            walker,
            counts: Counts::default(),
            wants: HEAD,
            over: false,
        })
    }

    /// The next records; none when there are no more.
    fn round(&mut self, mut records: Vec<Record>) -> Result<Option<Round>, Error> {
        records.clear();
        while !self.over {
            let (window, last) = self.source.window(self.wants)?;
            let walked = self
                .walker
                .walk(&window, last, ROUND, &mut records, &mut self.counts);
            self.source.used(&window, walked.used);
            self.wants = walked.wants;
            // With all bytes there, more of them will not help.
            self.over = walked.wants > 0 && (last || walked.used + walked.wants <= window.len());
            if !records.is_empty() {
                return Ok(Some(Round { window, records }));
            }
        }
        Ok(None)
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
    let mut walk = Walk::open(path)?;
    let mut engine = Engine::new(threads.min(64));
    let mut next = walk.round(Vec::new())?;
    let mut spare = Vec::new();
    while let Some(round) = next {
        let (done, all) = walk.source.progress();
        let reuse = std::mem::take(&mut spare);
        next = engine.take(&round.window, &round.records, || walk.round(reuse))?;
        spare = round.records;
        progress(done, all).map_err(Ended::Stopped)?;
    }
    let about = About {
        format: walk.walker.format(),
        compressed: walk.source.is_compressed(),
        interfaces: walk.walker.interfaces().to_vec(),
    };
    Ok(engine.finish(&walk.counts, about))
}
