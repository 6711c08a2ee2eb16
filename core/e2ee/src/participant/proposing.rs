//! What a change of the charter would come to, told to the owner before their key signs it: in the same words in which
//! everybody is told of it afterwards. Not here: making the change (`amending.rs`); nothing is changed by asking.
use super::amending::rules_changed;
use super::core::Core;
use super::inside::Inside;
use super::io::{Event, Proposal, Trouble};
use super::place::Place;
use super::rules::Change;
use super::{Outcome, Problem};
use ringfence_charter::Charter;
use ringfence_fence::Reason;

/// What cannot be done is an answer, too: the page waits for one.
pub(super) fn answer(core: &mut Core, id: u64, proposal: Outcome<Proposal>) {
    let (proposal, trouble) = match proposal {
        Ok(proposal) => (Some(proposal), None),
        Err(Problem { error, .. }) => (
            None,
            Some(Trouble {
                code: error.code,
                detail: error.detail,
            }),
        ),
    };
    core.event(Event::Proposed {
        id,
        proposal,
        trouble,
    });
}

impl Inside {
    /// `id`: the page's own, so that it knows which question is answered.
    pub(super) fn propose(&self, core: &mut Core, place: &Place, id: u64, change: Change) -> Outcome {
        let proposal = self
            .next_charter(core, change)
            .map(|next| self.proposal(core, place, &next));
        answer(core, id, proposal);
        Ok(())
    }

    fn proposal(&self, core: &Core, place: &Place, next: &Charter) -> Proposal {
        let before = &self.state.charter;
        let verdict = place.verdict_under(next, core.time());
        let mut waits: Vec<Reason> = vec![];
        // Of a node that may not even be contacted, nothing else is to be said.
        let refused = verdict.decisions.iter().filter(|decision| !decision.allowed);
        for reason in refused.filter_map(|decision| decision.reasons.first()) {
            if verdict.barred.is_none() && !waits.iter().any(|known| known.text == reason.text) {
                waits.push(reason.clone());
            }
        }
        Proposal {
            version: before.version,
            rules: rules_changed(before, next, self.state.context.mode, &place.title),
            node: place.statement.statement().name.clone(),
            barred: verdict.barred,
            waits,
            // What each has to measure for itself, this device cannot know of the others.
            measured: !next.fence.exclude.is_empty(),
        }
    }
}
