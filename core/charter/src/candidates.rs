//! The nodes that could carry a meeting, as the server that chose lists them: that it is the list which the route record
//! names, and what the fence says of each whose statement is shown. Not here: choosing (`ringfence_fence::place`).
use crate::Route;
use crate::route::candidates_hash;
use ringfence_fence::evidence::Located;
use ringfence_fence::{
    Evidence, Policy, Reason, Statement, StatementSource, Transcript, Trust, decide_probe,
};
use ringfence_signed::{B32, Error, Result};
use std::collections::BTreeSet;

/// As many as a list may have.
pub const MOST: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub node: B32,
    /// The code of the reason that the server had against it; none: there was none.
    pub refused: Option<String>,
    /// What its operator says of it, where that is shown.
    pub statement: Option<Vec<u8>>,
}

/// `RF` and four digits.
fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix("RF").unwrap_or("");
    digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Checks that it is the list of a route. Errors: `RF3164`, also where a node in use is not in it, or is refused there.
pub fn check(candidates: &[Candidate], route: &Route) -> Result<()> {
    let unlisted = |detail: &str| Err(Error::new("RF3164", detail));
    if candidates.len() > MOST {
        return unlisted("a list has at most 100 nodes");
    }
    // Statements are not in the hash: they are signed themselves, and may be left out.
    let said: Vec<_> = candidates
        .iter()
        .map(|one| (one.node, one.refused.clone()))
        .collect();
    if candidates_hash(&said) != route.candidates {
        return unlisted("it is another list than the one that the route record was signed with");
    }
    if !(candidates.iter().filter_map(|one| one.refused.as_deref())).all(is_code) {
        return unlisted("what was against a node is given as a code");
    }
    let nodes: BTreeSet<&B32> = candidates.iter().map(|one| &one.node).collect();
    if nodes.len() != candidates.len() {
        return unlisted("a node is in it twice");
    }
    let offered = |node: &B32| {
        let mut offered = candidates.iter().filter(|one| one.refused.is_none());
        offered.any(|one| one.node == *node)
    };
    match route.nodes.iter().all(|used| offered(&used.node)) {
        true => Ok(()),
        false => unlisted("a node in use is not in it, or is refused there"),
    }
}

/// One of the list with its statement read, under the trust of one charter.
#[derive(Debug)]
pub struct Known {
    pub candidate: Candidate,
    read: Option<Result<StatementSource>>,
}

/// What somebody else than the server that chose finds of a candidate.
#[derive(Debug)]
pub struct Look {
    /// The first reason against it; none: the fence allows it.
    pub reason: Option<Reason>,
    /// The server came to the other decision. Its fence may have been an earlier one, or it may have known more.
    pub differs: bool,
}

impl Known {
    pub fn new(candidate: Candidate, trust: &Trust) -> Self {
        let read = |document: &Vec<u8>| {
            let source = StatementSource::verify(document, trust)?;
            match source.statement().node == candidate.node {
                true => Ok(source),
                false => Err(Error::new("RF2011", "it is of another node")),
            }
        };
        let read = candidate.statement.as_ref().map(read);
        Self { candidate, read }
    }

    /// What counts as its operator's word.
    pub fn statement(&self) -> Option<&Statement> {
        let source = self.read.as_ref()?.as_ref().ok()?;
        Some(source.statement())
    }

    /// What the fence says of it, by what is shown: nobody has measured it, so it is what would be decided before it is
    /// contacted. None where no statement is shown, and nothing can be said.
    pub fn look(
        &self,
        (fence, trust): (&Policy, &Trust),
        (located, transcripts): (&[Located], &[Transcript]),
        time: u64,
    ) -> Option<Look> {
        let read = self.read.as_ref()?.as_ref();
        let evidence = self.statement().map(|said| {
            let mut evidence = Evidence::shown(located, trust, said);
            evidence.hear(transcripts, trust, said, time);
            evidence
        });
        let decisions = decide_probe(fence, read, &evidence.unwrap_or_default(), None, time);
        let refused = decisions.into_iter().find(|decision| !decision.allowed);
        let reason = refused.and_then(|decision| decision.reasons.into_iter().next());
        Some(Look {
            differs: reason.is_some() != self.candidate.refused.is_some(),
            reason,
        })
    }
}
