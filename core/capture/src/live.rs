//! Responsible for: a scan of a capture while it is being made: bytes as they come, and what there is so far.
//! Not responsible for: where the bytes come from: it opens no interface and sends nothing.
use crate::Counts;
use crate::engine::{About, Engine};
use crate::file::{Format, HEAD, Walker};
use crate::summary::Scan;
use ringfence_signed::Error;

pub struct Live {
    walker: Option<Walker>,
    bytes: Vec<u8>,
    wants: usize,
    counts: Counts,
    engine: Engine,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            walker: None,
            bytes: Vec::new(),
            wants: HEAD,
            counts: Counts::default(),
            engine: Engine::default(),
        }
    }
}

impl Live {
    /// The next bytes of a pcap or pcapng stream, cut anywhere. Errors: RF2502 where it is no capture.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.bytes.extend_from_slice(bytes);
        self.walk(false)
    }

    fn walk(&mut self, last: bool) -> Result<(), Error> {
        if self.bytes.len() < self.wants && !last {
            return Ok(());
        }
        let walker = match &mut self.walker {
            Some(walker) => walker,
            none => none.insert(Walker::open(&self.bytes[..self.bytes.len().min(HEAD)])?),
        };
        let mut used = 0;
        loop {
            let rest = &self.bytes[used..];
            let walked = self.engine.round(walker, rest, last, &mut self.counts);
            used += walked.used;
            self.wants = walked.wants;
            if walked.wants > 0 {
                break;
            }
        }
        self.bytes.drain(..used);
        Ok(())
    }

    fn about(&self) -> About {
        About {
            format: self.walker.as_ref().map_or(Format::Pcap, Walker::format),
            compressed: false,
            interfaces: self
                .walker
                .as_ref()
                .map_or(Vec::new(), |walker| walker.interfaces().to_vec()),
        }
    }

    /// What there is so far. It changes nothing.
    pub fn look(&self) -> Scan {
        self.engine.look(&self.counts, self.about())
    }

    /// Nothing follows any more. Errors: RF2502 where there was no capture.
    pub fn finish(mut self) -> Result<Scan, Error> {
        self.walk(true)?;
        let about = self.about();
        Ok(self.engine.finish(1, &self.counts, about))
    }
}
