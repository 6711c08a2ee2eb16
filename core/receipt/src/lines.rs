//! What a receipt that holds says, line by line, and whose word each line is. Not here: whether it holds (`verify`).
use crate::document::{Decided, issuer};
use crate::report::{By, Line};
use crate::verify::{Checked, Read};
use ringfence_charter::CharterSource;
use ringfence_charter::candidates::{Known, Look};
use ringfence_fence::{Policy, StatementSource, Transcript};
use ringfence_signed::{B32, to_text};
use std::collections::BTreeMap;

impl Checked {
    pub(crate) fn lines(&self) -> Vec<Line> {
        let mut lines = vec![];
        for (index, place) in self.places.iter().enumerate() {
            let before = index.checked_sub(1).map(|index| &self.places[index]);
            if before.is_none_or(|before| before.charter.hash != place.charter.hash) {
                lines.push(line(
                    By::Owner,
                    place.at,
                    rules(&place.charter, &place.charter.fence),
                ));
            }
            if before.is_none_or(|before| before.statement.hash() != place.statement.hash()) {
                lines.push(line(By::Operator, place.at, stated(&place.statement)));
            }
            if before.is_none_or(|before| before.route_hash != place.route_hash) {
                let text = format!("chose itself to carry the meeting: {}", place.route.why);
                lines.push(line(By::Node, place.route.at, text));
                lines.extend(self.candidate_lines(place));
            }
            lines.extend(self.log_line(index));
            lines.extend(
                place
                    .evidence
                    .sources
                    .iter()
                    .filter(|source| source.pinned)
                    .map(|source| {
                        let text = format!("{source}: {} is in {}", source.address, source.country);
                        line(By::Data, place.at, text)
                    }),
            );
        }
        lines.extend(self.beacon_lines());
        lines.extend(
            self.receipt
                .decided
                .iter()
                .map(|decided| self.decided_line(decided)),
        );
        lines.extend(self.receipt.sent.iter().map(|sent| Line {
            by: By::Participant,
            from: Some(sent.from),
            until: Some(sent.until.unwrap_or(self.receipt.made)),
            text: format!("sealed media went to {} port {}", sent.address, sent.port),
        }));
        lines.extend(self.group_line());
        lines.sort_by_key(|line| line.by);
        lines
    }

    /// What beacons that the owner pinned said of a node that was shown: one line for each and each address.
    fn beacon_lines(&self) -> Vec<Line> {
        let mut heard: BTreeMap<(B32, &str), Vec<&Transcript>> = BTreeMap::new();
        for said in &self.transcripts {
            let counts = |place: &&Read| {
                let pinned = &place.charter.trust.beacons;
                pinned.contains(&said.beacon) && said.is_about(place.statement.statement())
            };
            if self.places.iter().any(|place| counts(&place)) {
                heard.entry((said.beacon, &said.address)).or_default().push(said);
            }
        }
        heard
            .into_values()
            .filter_map(|said| beacon_line(&said))
            .collect()
    }

    /// What the server said of each other node that it could have chosen; and what the fence says of it here, where that can
    /// be told.
    fn candidate_lines(&self, place: &Read) -> Vec<Line> {
        let rules = (&place.charter.fence, &place.charter.trust);
        let heard = (place.located.as_slice(), self.transcripts.as_slice());
        let used = |one: &&Known| {
            place
                .route
                .nodes
                .iter()
                .any(|used| used.node == one.candidate.node)
        };
        let lines = |one: &Known| {
            let node = to_text(&one.candidate.node);
            let said = match &one.candidate.refused {
                Some(code) => format!("refused {node}, which it could have chosen: {code}"),
                None => format!("could have chosen {node} as well, and had nothing against it"),
            };
            let look = one
                .look(rules, heard, place.at)
                .map(|look| line(By::Reader, place.at, again(one, &look)));
            [Some(line(By::Node, place.route.at, said)), look]
        };
        let others = place.candidates.iter().filter(|one| !used(one));
        others.flat_map(lines).flatten().collect()
    }

    fn group_line(&self) -> Option<Line> {
        let epochs = &self.receipt.epochs;
        let (first, last) = (epochs.first()?, epochs.last()?);
        let most = epochs.iter().map(|epoch| epoch.people).max().unwrap_or(0);
        Some(Line {
            by: By::Participant,
            from: Some(first.at),
            until: Some(last.at),
            text: format!(
                "was in the group of the meeting; epochs: {}, people at most: {most}",
                epochs.len()
            ),
        })
    }

    fn log_line(&self, index: usize) -> Option<Line> {
        let (place, shown) = (&self.places[index], &self.receipt.shown[index]);
        let (signed, logged) = (place.checkpoint.as_ref()?, shown.logged.as_ref()?);
        let log = place.charter.trust.log.as_ref()?;
        let text = format!(
            "{}: this route is entry {} of {}; the log's key is {}",
            signed.checkpoint().origin,
            logged.index,
            signed.size(),
            issuer(log).ok()?.key()
        );
        Some(line(By::Log, shown.at, text))
    }

    fn decided_line(&self, decided: &Decided) -> Line {
        let allowed = decided.words.iter().all(|word| word.allowed);
        let standing = decided
            .words
            .iter()
            .map(|word| word.standing.as_str())
            .next()
            .unwrap_or("unknown");
        let mut text = match allowed {
            true => format!("decided that the node is inside, by the standing `{standing}`"),
            false => format!("decided against the node, by the standing `{standing}`"),
        };
        if let Some(remote) = &decided.remote {
            text += &format!(", for media to {remote}");
        }
        if let Some(trip) = &decided.trip {
            text += &format!(
                "; {} answered within {}",
                trip.address,
                milliseconds(trip.least_us)
            );
            text += match self.receipt.whereabouts {
                Some(_) => ", measured from the place that the participant gives",
                None => {
                    ", measured from a place that the participant keeps to themselves: not made again here"
                }
            };
        }
        Line {
            by: By::Participant,
            from: Some(decided.from),
            until: Some(decided.until),
            text,
        }
    }
}

fn line(by: By, at: u64, text: String) -> Line {
    let (from, until) = (Some(at), None);
    Line {
        by,
        from,
        until,
        text,
    }
}

fn beacon_line(said: &[&Transcript]) -> Option<Line> {
    let least = said.iter().min_by_key(|said| said.least_us)?;
    let (lat, lon) = least.place.degrees();
    let times = || said.iter().map(|said| said.at);
    Some(Line {
        by: By::Beacon,
        from: times().min(),
        until: times().max(),
        text: format!(
            "{} ({}), at {lat} north, {lon} east by its own word, measured {} to {}: no farther than {} km; transcripts: {}",
            least.name,
            to_text(&least.beacon),
            milliseconds(least.least_us),
            least.address,
            least.km(),
            said.len()
        ),
    })
}

/// Of a candidate: decided from its statement, as it would be before anybody contacts it.
fn again(one: &Known, look: &Look) -> String {
    let node = to_text(&one.candidate.node);
    let name = one.statement().map_or("no name that counts", |said| &said.name);
    let own = match &look.reason {
        Some(reason) => format!("{}: {}", reason.code, reason.text),
        None => "the fence has nothing against it".into(),
    };
    let differs = if look.differs {
        ". The server decided otherwise (RF3165)"
    } else {
        ""
    };
    format!("candidate {name} ({node}): {own}{differs}")
}

fn milliseconds(us: u64) -> String {
    format!("{}.{:03} ms", us / 1000, us % 1000)
}

fn rules(charter: &CharterSource, fence: &Policy) -> String {
    format!(
        "version {} of the rules, by the owner's key {}: {}. {}",
        charter.version,
        to_text(&charter.owner),
        fence.name,
        fence.explain().join(" ")
    )
}

fn stated(source: &StatementSource) -> String {
    let node = source.statement();
    let parts = [node.place.as_deref(), node.country.as_deref()];
    let place = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let place = if place.is_empty() {
        "a place that it does not say".into()
    } else {
        place
    };
    format!(
        "{} states: node {} ({}) is in {place}, at {}",
        node.operator_name,
        node.name,
        to_text(&node.node),
        node.addresses.join(", ")
    )
}
