//! The nodes that could carry the meeting, as a page hears of them.
//! Not here: what they have to be, and what is decided about each (`ringfence_charter::candidates`).
use super::io::{Bytes, CandidatePlace};
use super::messages::CandidateMessage;
use ringfence_charter::Route;
use ringfence_charter::candidates::{Candidate, Known, check};
use ringfence_fence::evidence::Located;
use ringfence_fence::{Policy, Transcript, Trust};
use ringfence_signed::{B32, Error, Result};

/// Reads the list. Errors: `RF3164` where it is not the one that the route names.
pub fn read(listed: &[CandidateMessage], route: &Route) -> Result<Vec<Candidate>> {
    let one = |one: &CandidateMessage| {
        let node = one.node.0.as_slice().try_into();
        Ok(Candidate {
            node: node.map_err(|_| Error::new("RF3164", "a node's key has 32 bytes"))?,
            refused: one.refused.clone(),
            statement: one.statement.as_ref().map(|document| document.0.clone()),
        })
    };
    let candidates = listed.iter().map(one).collect::<Result<Vec<_>>>()?;
    check(&candidates, route)?;
    Ok(candidates)
}

/// Their statements, where this is whose word counts.
pub fn trusting(candidates: impl IntoIterator<Item = Candidate>, trust: &Trust) -> Vec<Known> {
    candidates.into_iter().map(|one| Known::new(one, trust)).collect()
}

/// Those that are not in use, with what this device decides about each.
pub fn others(
    candidates: &[Known],
    used: &B32,
    rules: (&Policy, &Trust),
    heard: (&[Located], &[Transcript]),
    time: u64,
) -> Vec<CandidatePlace> {
    let others = candidates.iter().filter(|one| one.candidate.node != *used);
    let word = |one: &Known| {
        let (said, look) = (one.statement(), one.look(rules, heard, time));
        CandidatePlace {
            node: Bytes::of(&one.candidate.node),
            name: said.map(|said| said.name.clone()),
            operator: said.map(|said| said.operator_name.clone()),
            country: said.and_then(|said| said.country.clone()),
            place: said.and_then(|said| said.place.clone()),
            refused: one.candidate.refused.clone(),
            looked: look.is_some(),
            differs: look.as_ref().is_some_and(|look| look.differs),
            reason: look.and_then(|look| look.reason),
        }
    };
    others.map(word).collect()
}
