//! What a fence would do with the nodes of a server, before anybody signs it. Not here: the decision itself (`decide`).
use crate::evidence::Located;
use crate::policy::Minimum;
use crate::{Decision, Evidence, Policy, StatementSource, Transcript, Trust, decide_probe, groups, preset};
use ringfence_signed::{Error, Result};

/// Which policy is looked at.
pub enum Choice<'a> {
    Preset(&'a str),
    Toml(&'a str),
}

/// One of the nodes. `statement`: what it is, or why nothing that is said of it counts.
pub struct Candidate {
    pub statement: Result<StatementSource>,
    pub decisions: Vec<Decision>,
}

impl Candidate {
    /// Whether it would do for every role that it states.
    pub fn allowed(&self) -> bool {
        self.decisions.iter().all(|decision| decision.allowed)
    }
}

/// Countries and groups.
pub struct Within {
    pub countries: Vec<String>,
    pub law: Vec<String>,
}

pub struct Preview {
    pub policy: Policy,
    pub sentences: Vec<String>,
    /// What a rule for one role may name: countries and groups no wider than `[allow]`.
    pub within: Within,
    /// In the order in which they were given.
    pub nodes: Vec<Candidate>,
}

impl Preview {
    /// How many of the nodes would do.
    pub fn allowed(&self) -> usize {
        self.nodes.iter().filter(|node| node.allowed()).count()
    }
}

/// Looks at each node that there is a statement of. The first is the server that is asked: a preset may name it.
///
/// `operator_word` lowers the minimum to the operator's signed word; `located` is what data sets say about their addresses,
/// and `transcripts` what beacons measured.
/// Errors: `RF2001`, `RF2002`; `RF2010`, `RF2011` of the first statement. Of another one they are a reason against its node.
pub fn preview(
    choice: Choice,
    operator_word: bool,
    statements: &[&[u8]],
    trust: &Trust,
    located: &[Located],
    transcripts: &[Transcript],
    time: u64,
) -> Result<Preview> {
    let read = statements.iter().map(|one| StatementSource::verify(one, trust));
    let read: Vec<_> = read.collect();
    let here = match read.first() {
        Some(Ok(source)) => source.statement().node,
        Some(Err(error)) => return Err(error.clone()),
        None => return Err(Error::new("RF2011", "there is no statement")),
    };
    let mut policy = match choice {
        Choice::Preset(id) => preset::policy(id, &here)?,
        Choice::Toml(text) => Policy::from_toml(text)?,
    };
    if operator_word {
        policy.minimum = Minimum::Stated;
    }
    let seen = |statement: Result<StatementSource>| {
        let mut evidence = Evidence::default();
        if let Ok(source) = &statement {
            evidence = Evidence::shown(located, trust, source.statement());
            evidence.hear(transcripts, trust, source.statement(), time);
        }
        // Who looks at it has not measured it yet: what has to be ruled out shows in a meeting.
        let decisions = decide_probe(&policy, statement.as_ref(), &evidence, None, time);
        Candidate { statement, decisions }
    };
    Ok(Preview {
        sentences: policy.explain(),
        within: Within {
            countries: groups::within(&policy.countries),
            law: groups::within(&policy.law),
        },
        nodes: read.into_iter().map(seen).collect(),
        policy,
    })
}
