//! Several receipts of one meeting beside each other: whether they tell one story.
//! Not here: each of them alone (`verify`).
use crate::report::{Comparison, Finding};
use crate::verify::{Checked, forks};
use ringfence_signed::B32;
use std::collections::{BTreeMap, BTreeSet};

/// Compares receipts that hold for themselves.
pub fn compare(receipts: &[Checked]) -> Comparison {
    let mut findings = vec![];
    let meetings: BTreeSet<_> = receipts.iter().map(|checked| checked.receipt.meeting).collect();
    if meetings.len() > 1 {
        findings.push(Finding::new("RF3315", None, "they are of different meetings"));
    }
    let mut charters: BTreeMap<_, B32> = BTreeMap::new();
    let mut epochs: BTreeMap<(B32, u64), (B32, usize)> = BTreeMap::new();
    let (mut two_rules, mut two_groups) = (false, None);
    for checked in receipts {
        for place in &checked.places {
            let version = (checked.receipt.meeting, place.charter.version);
            let known = *charters.entry(version).or_insert(place.charter.hash);
            two_rules |= known != place.charter.hash;
        }
        let mut own = BTreeSet::new();
        for epoch in &checked.receipt.epochs {
            let known = epochs
                .entry((epoch.group, epoch.epoch))
                .or_insert((epoch.seal, 0));
            // One that is in a receipt twice is not in two.
            known.1 += usize::from(own.insert((epoch.group, epoch.epoch)));
            if known.0 != epoch.seal {
                two_groups = two_groups.or(Some(epoch.at));
            }
        }
    }
    if two_rules {
        findings.push(Finding::new(
            "RF3316",
            None,
            "two charters of one version were shown",
        ));
    }
    if let Some(at) = two_groups {
        let text = "in one epoch they were in two groups with different keys";
        findings.push(Finding::new("RF3316", at, text));
    }
    if receipts.len() > 1 {
        findings.extend(forks(receipts.iter().flat_map(|checked| &checked.places)));
    }
    let reports: Vec<_> = receipts.iter().map(Checked::report).collect();
    Comparison {
        clean: findings.is_empty() && reports.iter().all(|report| report.clean),
        common_epochs: epochs.values().filter(|(_, times)| *times > 1).count(),
        findings,
        receipts: reports,
    }
}
