//! Members compare what the log has shown them, sealed, so that it cannot tell two of them different stories.
//! Not here: what one greeting has to show (`logged.rs`).
//!
//! Who comes tells the others the checkpoint that they were shown, and is told theirs. Two of one size have one root, or
//! the log is caught. Of two sizes each side asks the server for the proof that the larger continues the smaller.
use super::core::Core;
use super::deadline::Deadline;
use super::inside::Inside;
use super::io::Bytes;
use super::logged::{LONGEST_NOTE, LogView};
use super::messages::ClientMessage;
use super::place::Place;
use super::{Outcome, fatal, minor};
use ringfence_routelog::checkpoint::Signed;
use ringfence_routelog::seen::{Story, same_story};
use ringfence_signed::B32;
use std::collections::{BTreeSet, VecDeque};

/// The server answers in a moment, or keeps the proof back.
const ANSWER_MS: u64 = 10_000;
/// So many different checkpoints wait to be compared; members see the log at a handful of sizes.
const MOST_WAITING: usize = 64;
const MOST_SAME: usize = 1_024;

#[derive(Default)]
pub struct Comparing {
    /// As other members said them.
    heard: VecDeque<String>,
    waiting: VecDeque<Signed>,
    /// The sizes that a proof was asked for, and until when it is owed.
    asked: Option<(u64, u64, Deadline)>,
    /// Trees that are known to be of the one story.
    same: BTreeSet<(u64, B32)>,
}

impl Comparing {
    /// Another member says which checkpoint they were shown.
    pub fn hear(&mut self, note: String) {
        if self.heard.len() < MOST_WAITING {
            self.heard.push_back(note);
        }
    }

    pub fn next_timeout(&self) -> Option<u64> {
        self.asked.as_ref().map(|(_, _, deadline)| deadline.at)
    }

    /// The connection that was asked over is gone.
    pub fn ask_anew(&mut self) {
        self.asked = None;
    }

    pub fn wait_anew(&mut self, now: u64) {
        if let Some((_, _, deadline)) = &mut self.asked {
            *deadline = Deadline::of(now, ANSWER_MS);
        }
    }

    pub fn is_owed(&mut self, now: u64) -> bool {
        self.asked
            .as_mut()
            .is_some_and(|(_, _, deadline)| deadline.has_passed(now))
    }

    pub fn is_waiting(&self) -> bool {
        self.asked.is_some()
    }

    /// Whoever shows what the log has not signed says nothing about the log: it is told, and passed over.
    fn open(&mut self, core: &mut Core, log: &LogView, note: &str) {
        let long = note.len() > LONGEST_NOTE || self.waiting.len() >= MOST_WAITING;
        let theirs = match Signed::open(note.as_bytes(), log.issuer()) {
            Ok(theirs) if !long => theirs,
            Ok(_) => return,
            Err(error) => {
                core.problem(&error, false);
                return;
            }
        };
        let known = (theirs.size(), *theirs.root());
        let waits = |other: &Signed| (other.size(), *other.root()) == known;
        if !self.same.contains(&known) && !self.waiting.iter().any(waits) {
            self.waiting.push_back(theirs);
        }
    }

    fn settle_first(&mut self) {
        if let Some(theirs) = self.waiting.pop_front() {
            if self.same.len() >= MOST_SAME {
                self.same.clear(); // it costs proofs, and nothing else
            }
            self.same.insert((theirs.size(), *theirs.root()));
        }
    }
}

impl Inside {
    /// Compares what can be compared without a proof, and asks for the next one.
    pub(super) fn compare(&mut self, core: &mut Core, place: &Place) -> Outcome {
        let Some(log) = &place.log else { return Ok(()) };
        while let Some(note) = self.comparing.heard.pop_front() {
            self.comparing.open(core, log, &note);
        }
        let ours = log.newest();
        while let (None, Some(theirs)) = (&self.comparing.asked, self.comparing.waiting.front()) {
            if theirs.size() == ours.size() {
                check_story(log, theirs, &[])?;
                self.comparing.settle_first();
                continue;
            }
            if self.line.away {
                return Ok(()); // once we are back
            }
            let (old, new) = (ours.size().min(theirs.size()), ours.size().max(theirs.size()));
            core.send(ClientMessage::Log { old, new });
            self.comparing.asked = Some((old, new, Deadline::of(core.now, ANSWER_MS)));
        }
        Ok(())
    }

    /// The server's proof that one tree continues the other.
    pub(super) fn on_log_proof(
        &mut self,
        core: &mut Core,
        place: &mut Place,
        sizes: (u64, u64),
        proof: &[Bytes],
    ) -> Outcome {
        let asked = self.comparing.asked.as_ref().map(|(old, new, _)| (*old, *new));
        let (Some(log), Some(theirs), true) = (
            &mut place.log,
            self.comparing.waiting.front(),
            asked == Some(sizes),
        ) else {
            return Err(minor("RF3242", "a proof that nobody asked for"));
        };
        let proof = LogView::proof(proof)?;
        if check_story(log, theirs, &proof)? == Story::SecondAhead {
            log.advance(&theirs.encode(), &proof)?;
            core.remember_log(log);
        }
        self.comparing.asked = None;
        self.comparing.settle_first();
        self.compare(core, place)
    }
}

fn check_story(log: &LogView, theirs: &Signed, proof: &[B32]) -> Outcome<Story> {
    let ours = log.newest().encode();
    match same_story(log.issuer(), ours.as_bytes(), theirs.encode().as_bytes(), proof)? {
        Story::Fork(_) => Err(fatal(
            "RF2331",
            "the log has shown another member of this meeting another tree of the same size",
        )),
        story => Ok(story),
    }
}
