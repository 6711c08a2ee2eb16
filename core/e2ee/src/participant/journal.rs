//! What this device saw of where the meeting was: for the receipt that its person may ask for.
//! Not here: what a receipt has to say (`ringfence-receipt`), or any decision.
use super::core::{Core, Purpose};
use super::place::Place;
use super::{Outcome, minor};
use ringfence_charter::route::Verdict;
use ringfence_receipt::document::{Decided, Epoch, LONGEST, Receipt, Sent, Shown, Word};
use ringfence_signed::{B32, cose, hash};

/// More than what is around the entries takes, and the last ones (bytes).
const AROUND: usize = 64 << 10;
/// At least what an entry takes besides its texts and documents (bytes).
const ENTRY: usize = 256;
const WORD: usize = 128;

#[derive(Default)]
pub struct Journal {
    shown: Vec<Shown>,
    decided: Vec<Decided>,
    sent: Vec<Sent>,
    epochs: Vec<Epoch>,
    /// What beacons measured: each once.
    transcripts: Vec<Vec<u8>>,
    /// The address that media goes to when it may go.
    remote: Option<(String, u16)>,
    open: bool,
    /// What the entries take (bytes).
    taken: usize,
    /// There was more than a receipt takes. What came first stays, and nothing that came later is in it by halves.
    cut: bool,
}

/// Whether it says the same: what is counted on while it lasts makes no other decision.
fn is_same(one: &Decided, other: &Decided) -> bool {
    let least = |decided: &Decided| {
        let trip = decided.trip.as_ref();
        trip.map(|trip| (trip.at, trip.least_us, trip.address.clone()))
    };
    one.shown == other.shown
        && one.remote == other.remote
        && one.words == other.words
        && one.transcripts == other.transcripts
        && least(one) == least(other)
}

impl Journal {
    /// Whether an entry of so many bytes goes in, and those that rest on it with it.
    fn has_room(&mut self, bytes: usize) -> bool {
        self.cut |= self.taken + ENTRY + bytes > LONGEST - AROUND;
        if !self.cut {
            self.taken += ENTRY + bytes;
        }
        !self.cut
    }

    fn show(&mut self, place: &Place, time: u64) {
        let shown = &place.shown;
        let known = self.shown.last().is_some_and(|last| {
            (
                &last.charter,
                &last.route,
                &last.statement,
                &last.located,
                &last.candidates,
            ) == (
                &shown.charter,
                &shown.route,
                &shown.statement,
                &shown.located,
                &shown.candidates,
            )
        });
        let documents = [&shown.charter, &shown.route, &shown.statement].into_iter();
        let stated = shown.candidates.iter().filter_map(|one| one.statement.as_ref());
        let bytes = documents
            .chain(&shown.located)
            .chain(stated)
            .map(|document| document.len() + WORD);
        // Proof and checkpoint; and of a candidate its key and a code.
        let besides = (8 << 10) + WORD * shown.candidates.len();
        if !known && self.has_room(bytes.sum::<usize>() + besides) {
            self.shown.push(Shown {
                at: time,
                ..shown.clone()
            });
        }
    }

    /// Which of the transcripts of the receipt those are that are shown now.
    fn hear(&mut self, documents: &[Vec<u8>]) -> Vec<u64> {
        let mut heard = vec![];
        for document in documents {
            let known = self.transcripts.iter().rposition(|known| known == document);
            let index = known.or_else(|| {
                let room = self.has_room(document.len());
                room.then(|| self.transcripts.push(document.clone()))?;
                Some(self.transcripts.len() - 1)
            });
            heard.extend(index.map(|index| index as u64));
        }
        heard.sort_unstable();
        heard.dedup();
        heard
    }

    pub fn decided(&mut self, place: &Place, remote: Option<&str>, verdict: &Verdict, time: u64) {
        self.show(place, time);
        let transcripts = self.hear(&place.beacons.documents);
        if self.cut {
            return;
        }
        let decided = Decided {
            shown: self.shown.len() as u64 - 1,
            from: time,
            until: time,
            remote: remote.map(str::to_owned),
            trip: place.testimony(),
            transcripts,
            words: verdict.decisions.iter().map(Word::of).collect(),
        };
        match self.decided.last_mut() {
            Some(last) if is_same(last, &decided) => (last.until, last.trip) = (time, decided.trip),
            _ => {
                let codes = decided.words.iter().map(|word| (word.codes.len() + 1) * WORD);
                if self.has_room(codes.sum::<usize>() + 9 * decided.transcripts.len()) {
                    self.decided.push(decided);
                }
            }
        }
    }

    /// The transport selected another address.
    pub fn selected(&mut self, address: &str, port: u16, time: u64) {
        let remote = Some((address.to_owned(), port));
        if self.remote != remote {
            let open = self.open;
            self.media(false, time);
            self.remote = remote;
            self.media(open, time);
        }
    }

    /// Media may flow from now on, or no more.
    pub fn media(&mut self, open: bool, time: u64) {
        if std::mem::replace(&mut self.open, open) == open {
            return;
        }
        if !open {
            if let Some(last) = self.sent.last_mut() {
                last.until.get_or_insert(time);
            }
            return;
        }
        if let Some((address, port)) = self.remote.clone()
            && self.has_room(0)
        {
            self.sent.push(Sent {
                address,
                port: port.into(),
                from: time,
                until: None,
            });
        }
    }

    pub fn epoch(&mut self, group: B32, epoch: u64, people: usize, authenticator: &[u8], time: u64) {
        let seal = hash(&[b"ringfence receipt epoch v1".as_slice(), authenticator].concat());
        let epoch = Epoch {
            group,
            epoch,
            at: time,
            people: people as u64,
            seal,
        };
        if self.has_room(0) {
            self.epochs.push(epoch);
        }
    }
}

impl Core {
    /// The member key is asked to sign what was seen so far. `place`: with where the person says they are.
    pub(super) fn ask_receipt(&mut self, place: bool) -> Outcome {
        let journal = &self.journal;
        if journal.shown.is_empty() {
            return Err(minor("RF3317", "no server has shown anything yet"));
        }
        let receipt = Receipt {
            meeting: self.config.meeting,
            member: self.config.member,
            made: self.time(),
            shown: journal.shown.clone(),
            decided: journal.decided.clone(),
            sent: journal.sent.clone(),
            epochs: journal.epochs.clone(),
            transcripts: journal.transcripts.clone(),
            whereabouts: self.observing.whereabouts().filter(|_| place),
            whole: !journal.cut,
        };
        self.ask_member(cose::label::RECEIPT, receipt.encode(), Purpose::Receipt);
        Ok(())
    }
}
