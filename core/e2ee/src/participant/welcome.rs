//! A welcome, checked as a whole before anything of it is believed.
//! Not here: what it answers (`joining.rs`).
use super::core::Core;
use super::joining::{Aim, expected};
use super::messages::WelcomeMessage;
use super::place::Place;
use super::{Outcome, fatal};
use crate::admit_group::admit_group;
use crate::candidate::Candidate;
use crate::context::{Mode, State};
use crate::facts::{ContextFacts, Leaf};
use crate::member::{Member, RINGFENCE};
use ringfence_charter::Ledger;

/// Checks a welcome as a whole before anything of it is believed.
pub(super) fn open_welcome(
    core: &Core,
    place: &Place,
    candidate: Candidate,
    aim: &Aim,
    welcome: &WelcomeMessage,
) -> Outcome<(Member, State)> {
    let opened = candidate.open(&welcome.welcome.0, &welcome.tree.0);
    let staged = opened.map_err(|error| match error.code {
        "RF3201" => fatal("RF3249", error.detail),
        code => fatal(code, error.detail),
    })?;
    let group = staged.group_context();
    if group.group_id().as_slice() != aim.group || group.epoch().as_u64() != welcome.epoch {
        return Err(fatal(
            "RF3250",
            "the welcome is to another group or epoch than we knocked at",
        ));
    }
    if group.extensions().unknown(RINGFENCE).is_none() {
        return Err(fatal("RF3216", "the extension `ringfence` is missing"));
    }
    let (ledger, genesis) = Ledger::verify(&welcome.ledger.0, &place.charter)?;
    if genesis.group != aim.group || genesis.generation != aim.generation {
        return Err(fatal(
            "RF3250",
            "the ledger is of another group than we knocked at",
        ));
    }
    let state = State {
        charter: place.charter.clone(),
        group: aim.group,
        context: expected(place, aim.generation, &ledger, Mode::Lobby),
        ledger,
        seats: Default::default(),
    };
    let (facts, epoch) = (ContextFacts::of(group), group.epoch().as_u64());
    let member = Member::enter(candidate, staged).map_err(|error| fatal("RF3249", error.detail))?;
    let leaves = crate::facts::leaves(member.public());
    let state = admit_group(state, epoch, &leaves, &facts)?;
    let own: Option<&Leaf> = leaves.get(&member.own_leaf());
    if own.is_none() || state.member(member.own_leaf()) != Some(core.config.member) {
        return Err(fatal("RF3250", "the welcome is to another member"));
    }
    // By the charter in force now, and not by one of before.
    let entry = state.ledger.current(&core.config.member);
    if entry.is_none_or(|entry| entry.added != epoch) {
        return Err(fatal("RF3250", "the welcome is to somebody who came in earlier"));
    }
    Ok((member, state))
}
