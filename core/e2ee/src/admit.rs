//! THE gate: whether a commit may be merged. Pure, without a clock, from signed bytes alone; it runs in every
//! member before each merge and on the server's public group, so that honest members never part ways.
//! Not here: who may go (`admit_removals.rs`), another charter (`admit_charter.rs`), reading commits (`facts.rs`), or what follows from a refusal.
use crate::admit_charter::check_charter;
use crate::admit_removals::check_removals;
use crate::context::{Admitted, Joined, Mode, Session, State};
use crate::facts::{Facts, Leaf};
use crate::member::LINK_PSK;
use ringfence_charter::ledger::Grounds;
use ringfence_charter::{Admission, Leaf as Certificate, Ledger};
use ringfence_signed::{B32, Error, Result};
use std::collections::BTreeSet;

/// A KID has ten bits for the leaf.
pub const LEAVES: u32 = 1024;

pub(crate) fn refuse<T>(code: &'static str, what: impl Into<String>) -> Result<T> {
    Err(Error::new(code, what))
}

/// Refuses, by the code of what is wrong with it, every commit that is not allowed today.
pub fn admit(state: &State, facts: &Facts) -> Result<Admitted> {
    check_kinds(facts)?;
    let joined = if facts.external {
        vec![check_return(state, facts)?]
    } else {
        check_path(facts)?;
        check_adds(state, facts)?
    };
    check_psk(facts, !joined.is_empty())?;
    let grounds = Grounds::decode(&facts.data).or_else(|error| refuse("RF3234", error.detail))?;
    let mut next = state.clone();
    let gone = check_removals(&mut next, facts, &grounds)?;
    if let Some(document) = &grounds.charter {
        check_charter(&mut next, facts, &grounds, document)?;
    }
    let newcomers: BTreeSet<B32> = joined.iter().map(|(_, session)| session.member).collect();
    let newcomers = if facts.external {
        BTreeSet::new()
    } else {
        newcomers
    };
    check_admissions(state, &mut next.ledger, facts.epoch, newcomers, &grounds)?;
    next.seats.retain(|leaf, _| !gone.iter().any(|g| g.leaf == *leaf));
    next.seats.extend(joined.iter().copied());
    check_seats(&next)?;
    next.context.ledger = next.ledger.hash();
    next.context.mode = mode_after(&next, facts.epoch);
    next.context.check(&facts.context)?;
    let joined = joined.into_iter().map(|(leaf, session)| Joined {
        leaf,
        member: session.member,
    });
    Ok(Admitted {
        state: next,
        epoch: facts.epoch,
        by: facts.sender,
        joined: joined.collect(),
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
    if facts.reinit {
        return refuse("RF3212", "the group is to be started again by a member");
    }
    match facts.others.first() {
        Some(kind) => refuse("RF3213", format!("a proposal of the kind {}", u16::from(*kind))),
        None => Ok(()),
    }
}

/// openmls takes additions and external commits without it (RFC 9420 requires none).
fn check_psk(facts: &Facts, needed: bool) -> Result<()> {
    if facts.other_psks > 0 || facts.psks.len() > 1 || facts.psks.iter().any(|id| id != LINK_PSK) {
        return refuse("RF3225", "a pre-shared key other than the link's");
    }
    if needed && facts.psks.is_empty() {
        return refuse("RF3224", "somebody comes in without the secret of the link");
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

/// An external commit: only who was admitted comes back by it, as themselves (RFC 9420 §12.4.3.2). openmls checks
/// neither, nor whose leaf it removes.
fn check_return(state: &State, facts: &Facts) -> Result<(u32, Session)> {
    let after = facts.after.as_ref().filter(|_| facts.adds.is_empty());
    let Some(after) = after else {
        return refuse("RF3223", "who comes back brings no leaf of their own, or others");
    };
    let session = check_leaf(state, facts.sender, after)?;
    if state.ledger.current(&session.member).is_none() {
        return refuse("RF3211", "somebody adds themselves whom nobody admitted");
    }
    for removal in &facts.removes {
        if state.member(removal.index) != Some(session.member) {
            return refuse(
                "RF3236",
                format!(
                    "who comes back removes leaf {}, which is another's",
                    removal.index
                ),
            );
        }
    }
    let later = |leaf: &u32| state.seats[leaf].serial >= session.serial;
    match state.leaves_of(&session.member).iter().any(later) {
        true => refuse("RF3237", "who comes back has a later session already"),
        false => Ok((facts.sender, session)),
    }
}

fn check_adds(state: &State, facts: &Facts) -> Result<Vec<(u32, Session)>> {
    let mut added = vec![];
    let mut members = BTreeSet::new();
    for add in &facts.adds {
        let session = check_leaf(state, add.index, &add.leaf)?;
        if state.ledger.current(&session.member).is_some() || !members.insert(session.member) {
            return refuse("RF3235", "somebody is added who is in already");
        }
        added.push((add.index, session));
    }
    Ok(added)
}

pub(crate) fn check_leaf(state: &State, index: u32, leaf: &Leaf) -> Result<Session> {
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
    let session = |c: Certificate| Session {
        member: c.member,
        serial: c.serial,
    };
    certificate
        .map(session)
        .or_else(|error| refuse("RF3226", format!("leaf {index}: {}", error.detail)))
}

/// Nobody sits there whose admission has ended, and no more people than the charter allows.
fn check_seats(next: &State) -> Result<()> {
    let gone = |leaf: &&u32| next.ledger.current(&next.seats[leaf].member).is_none();
    if let Some(leaf) = next.seats.keys().find(gone) {
        return refuse("RF3227", format!("nobody admits leaf {leaf} any more"));
    }
    if next.people() as u64 > next.charter.participants {
        return refuse("RF3232", "more participants than the charter allows");
    }
    Ok(())
}

fn check_admissions(
    state: &State,
    ledger: &mut Ledger,
    epoch: u64,
    mut waiting: BTreeSet<B32>,
    grounds: &Grounds,
) -> Result<()> {
    let link_admits = ledger.link_admits(&state.charter, epoch);
    for document in &grounds.admissions {
        let admission = Admission::verify(
            document,
            &state.charter,
            &state.charter.hash,
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
