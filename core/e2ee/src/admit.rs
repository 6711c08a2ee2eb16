//! THE gate: whether a commit may be merged. Pure, without a clock, from signed bytes alone; it runs in every
//! member before each merge and on the server's public group, so that honest members never part ways.
//! Not here: reading commits (`facts.rs`), or what follows from a refusal (`participant`, `delivery.rs`).
use crate::context::{Admitted, Gone, Joined, Mode, State, Why};
use crate::facts::{Facts, Leaf, Removal as LeafRemoval, Wish};
use crate::member::LINK_PSK;
use ringfence_charter::ledger::Grounds;
use ringfence_charter::{Admission, Leaf as Certificate, Ledger, Removal, Remover};
use ringfence_signed::{B32, Error, Result};
use std::collections::{BTreeMap, BTreeSet};

/// A KID has ten bits for the leaf.
pub const LEAVES: u32 = 1024;

pub(crate) fn refuse<T>(code: &'static str, what: impl Into<String>) -> Result<T> {
    Err(Error::new(code, what))
}

/// Refuses, by the code of what is wrong with it, every commit that is not allowed today.
pub fn admit(state: &State, facts: &Facts) -> Result<Admitted> {
    check_kinds(facts)?;
    check_path(facts)?;
    let grounds = Grounds::decode(&facts.data).or_else(|error| refuse("RF3234", error.detail))?;
    let mut next = state.clone();
    let mut added = vec![];
    for add in &facts.adds {
        added.push((add.index, check_leaf(state, add.index, &add.leaf)?));
    }
    let back: BTreeSet<B32> = added.iter().map(|a| a.1).collect();
    if back.len() != added.len() {
        return refuse("RF3235", "somebody is added twice");
    }
    let gone = check_removals(&mut next, facts, &grounds, &back)?;
    let replaced = |member: &B32| gone.iter().any(|g| g.why == Why::Replaced && g.member == *member);
    let newcomers: Vec<B32> = back.iter().copied().filter(|m| !replaced(m)).collect();
    check_admissions(state, &mut next.ledger, facts.epoch, &newcomers, &grounds)?;
    next.seats.retain(|leaf, _| !gone.iter().any(|g| g.leaf == *leaf));
    next.seats.extend(added.iter().copied());
    if next.seats.len() as u64 > state.charter.participants {
        return refuse("RF3232", "more participants than the charter allows");
    }
    next.context.ledger = next.ledger.hash();
    next.context.mode = mode_after(&next, facts.epoch);
    next.context.check(&facts.context)?;
    Ok(Admitted {
        state: next,
        epoch: facts.epoch,
        joined: added
            .into_iter()
            .map(|(leaf, member)| Joined { leaf, member })
            .collect(),
        gone,
    })
}

/// After a host's removal the link alone lets nobody in: who was removed still has it.
pub fn mode_after(next: &State, epoch: u64) -> Mode {
    if next.ledger.link_admits(&next.charter, epoch + 1) {
        Mode::Link
    } else {
        Mode::Lobby
    }
}

fn check_kinds(facts: &Facts) -> Result<()> {
    if facts.external {
        return refuse("RF3211", "somebody adds themselves by an external commit");
    }
    if facts.reinit {
        return refuse("RF3212", "the group is to be started again by a member");
    }
    if let Some(kind) = facts.others.first() {
        return refuse("RF3213", format!("a proposal of the kind {kind:?}"));
    }
    if facts.other_psks > 0 || facts.psks.len() > 1 || facts.psks.iter().any(|id| id != LINK_PSK) {
        return refuse("RF3225", "a pre-shared key other than the link's");
    }
    // openmls would take an addition without it (RFC 9420 requires none).
    if !facts.adds.is_empty() && facts.psks.is_empty() {
        return refuse("RF3224", "somebody is added without the secret of the link");
    }
    Ok(())
}

/// A path may carry another credential and key for the committer's own leaf (RFC 9420 §12.4): not here.
fn check_path(facts: &Facts) -> Result<()> {
    match (&facts.before, &facts.after) {
        (Some(before), Some(after)) if before == after => Ok(()),
        (_, None) => refuse("RF3223", "a commit without a path"),
        _ => refuse("RF3223", "the committer changes their own key or credential"),
    }
}

pub(crate) fn check_leaf(state: &State, index: u32, leaf: &Leaf) -> Result<B32> {
    if index >= LEAVES {
        return refuse("RF3222", format!("leaf {index}: a group has at most {LEAVES}"));
    }
    if !leaf.capable {
        return refuse(
            "RF3233",
            format!("leaf {index} cannot do what the group requires"),
        );
    }
    let certificate = Certificate::verify(&leaf.identity, &state.charter.meeting, &state.group, &leaf.key);
    certificate
        .map(|c| c.member)
        .or_else(|error| refuse("RF3226", format!("leaf {index}: {}", error.detail)))
}

/// Oneself, a host by a signed removal, or a leaf that its own member key replaces.
fn check_removals(
    next: &mut State,
    facts: &Facts,
    grounds: &Grounds,
    back: &BTreeSet<B32>,
) -> Result<Vec<Gone>> {
    let mut removals = BTreeMap::new();
    for document in &grounds.removals {
        let removal = Removal::verify(document, &next.charter, &next.group)?;
        if next
            .ledger
            .current(&removal.member)
            .is_none_or(|entry| entry.added != removal.added)
        {
            return refuse("RF3230", "a removal of somebody who is not in by that admission");
        }
        if removals.insert(removal.member, removal.by).is_some() {
            return refuse("RF3231", "two removals of one member");
        }
    }
    let mut gone = vec![];
    for LeafRemoval { index, leaf, wish } in &facts.removes {
        let member = check_leaf(next, *index, leaf)?;
        let why = match (removals.remove(&member), wish) {
            (Some(by), _) => Why::Host(by),
            (None, _) if back.contains(&member) => Why::Replaced,
            (None, Wish::Own) => Why::Oneself,
            (None, Wish::Others) => {
                return refuse("RF3229", format!("leaf {index} is removed without a host's word"));
            }
        };
        match why {
            Why::Oneself => next.ledger.end(&member, facts.epoch, Remover::Oneself)?,
            Why::Host(by) => next.ledger.end(&member, facts.epoch, Remover::Host(by))?,
            Why::Replaced => {}
        }
        gone.push(Gone {
            leaf: *index,
            member,
            why,
        });
    }
    if !removals.is_empty() {
        return refuse("RF3231", "a removal that the commit does not carry out");
    }
    Ok(gone)
}

fn check_admissions(
    state: &State,
    ledger: &mut Ledger,
    epoch: u64,
    newcomers: &[B32],
    grounds: &Grounds,
) -> Result<()> {
    let link_admits = ledger.link_admits(&state.charter, epoch);
    let mut waiting: BTreeSet<&B32> = newcomers.iter().collect();
    if newcomers.iter().any(|member| ledger.current(member).is_some()) {
        return refuse("RF3235", "somebody is added who is in already");
    }
    for document in &grounds.admissions {
        let admission = Admission::verify(
            document,
            &state.charter,
            &state.charter_hash,
            &state.group,
            link_admits,
        )?;
        if !waiting.remove(&admission.member) {
            return refuse("RF3231", "an admission of somebody who is not added");
        }
        ledger
            .enter(&admission, document.clone(), epoch)
            .or_else(|error| refuse("RF3228", error.detail))?;
    }
    match waiting.is_empty() {
        true => Ok(()),
        false => refuse("RF3227", "somebody is added whom nobody admitted"),
    }
}
