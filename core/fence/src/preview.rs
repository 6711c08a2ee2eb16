//! What a fence would do with one node, before anybody signs it. Not here: the decision itself (`decide`).
use crate::evidence::Located;
use crate::policy::Minimum;
use crate::{Decision, Evidence, Policy, StatementSource, Transcript, Trust, decide_probe, preset};
use ringfence_signed::Result;
use serde::Serialize;

/// Which policy is looked at.
pub enum Choice<'a> {
    Preset(&'a str),
    Toml(&'a str),
}

/// `allowed` of `of` nodes would do for every role that they state.
#[derive(Debug, Serialize)]
pub struct Preview {
    pub allowed: u32,
    pub of: u32,
    #[serde(skip)]
    pub policy: Policy,
    pub sentences: Vec<String>,
    pub decisions: Vec<Decision>,
}

/// Looks at the one node that the statement is of.
///
/// `operator_word` lowers the minimum to the operator's signed word; `located` is what data sets say about its
/// addresses, and `transcripts` what beacons measured.
/// Errors: `RF2001`, `RF2002`, `RF2010`, `RF2011`.
pub fn preview(
    choice: Choice,
    operator_word: bool,
    statement: &[u8],
    trust: &Trust,
    located: &[Located],
    transcripts: &[Transcript],
    time: u64,
) -> Result<Preview> {
    let source = StatementSource::verify(statement, trust)?;
    let mut policy = match choice {
        Choice::Preset(id) => preset::policy(id, &source.statement().node)?,
        Choice::Toml(text) => Policy::from_toml(text)?,
    };
    if operator_word {
        policy.minimum = Minimum::Stated;
    }
    let mut evidence = Evidence::shown(located, trust, source.statement());
    evidence.hear(transcripts, trust, source.statement(), time);
    // Who looks at it has not measured it yet: what has to be ruled out shows in a meeting.
    let decisions = decide_probe(&policy, Ok(&source), &evidence, None, time);
    let allowed = u32::from(decisions.iter().all(|decision| decision.allowed));
    Ok(Preview {
        allowed,
        of: 1,
        sentences: policy.explain(),
        policy,
        decisions,
    })
}
