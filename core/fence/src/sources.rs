//! What data sets say about a statement: whether one contradicts it, and which kinds agree about every address.
//! Not here: what follows from it (`decide`), and round trips (`physics`).
use crate::Statement;
use crate::evidence::{Evidence, Kind, Source};
use std::collections::BTreeSet;

#[derive(Default)]
pub(crate) struct Agreement<'a> {
    /// Each places an address in another country than the operator does.
    pub contradict: Vec<&'a Source>,
    /// The kinds that agree about every address.
    pub agree: BTreeSet<Kind>,
}

pub(crate) fn agreement<'a>(node: &Statement, evidence: &'a Evidence, time: u64) -> Agreement<'a> {
    let Some(country) = &node.country else {
        return Agreement::default();
    };
    let mut contradict = vec![];
    let mut common: Option<BTreeSet<Kind>> = None;
    for address in &node.addresses {
        let mut agree = BTreeSet::new();
        for source in evidence.about(address, time) {
            if &source.country != country {
                contradict.push(source);
            } else if source.pinned && source.date <= time {
                // Only what the owner pinned can raise a standing, and nothing from the future can.
                agree.insert(source.kind);
            }
        }
        common = Some(common.map_or(agree.clone(), |common| &common & &agree));
    }
    // The order of evidence changes nothing.
    contradict.sort_by_key(|source| (source.to_string(), &source.address, &source.country));
    contradict.dedup();
    Agreement {
        contradict,
        agree: common.unwrap_or_default(),
    }
}
