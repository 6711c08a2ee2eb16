//! What beacons measured of the way to the node, as the server showed it last.
//! Not here: what it is worth (`ringfence-fence`), or what this device measured itself (`observing`).
use super::io::Bytes;
use super::observing::TripWord;
use ringfence_fence::{Statement, Transcript, Trust};
use ringfence_signed::Result;

#[derive(Clone, Default)]
pub struct Beacons {
    /// As they were signed, for a receipt.
    pub documents: Vec<Vec<u8>>,
    pub transcripts: Vec<Transcript>,
}

impl Beacons {
    /// Errors: `RF2205`, and then nothing of what was shown counts.
    pub fn read(shown: &[Bytes]) -> Result<Self> {
        let documents: Vec<Vec<u8>> = shown.iter().map(|document| document.0.clone()).collect();
        Ok(Self {
            transcripts: Transcript::read_all(documents.iter().map(Vec::as_slice))?,
            documents,
        })
    }

    /// For a page, those that count for nothing any more too: a person sees why.
    pub fn words<'a>(
        &'a self,
        trust: &'a Trust,
        node: &'a Statement,
        time: u64,
    ) -> impl Iterator<Item = TripWord> + 'a {
        let about = self.transcripts.iter().filter(|said| said.is_about(node));
        about
            .map(move |said| TripWord::heard(said, trust.beacons.contains(&said.beacon), said.is_stale(time)))
    }
}
