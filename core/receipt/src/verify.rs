//! Checks a receipt alone and offline: every signature, every proof, and each decision made again from what it rests on.
//! Not here: several receipts (`compare`), or words about times (the command's).
use crate::document::{Decided, Receipt, Shown, Trip, Whereabouts, Word};
use crate::report::{Finding, Report};
use ringfence_charter::candidates::{self, Known};
use ringfence_charter::route::decide_route;
use ringfence_charter::{CharterSource, Route};
use ringfence_fence::evidence::Located;
use ringfence_fence::geometry::Place;
use ringfence_fence::{Coordinates, Evidence, Observer, StatementSource, Transcript};
use ringfence_geo::located::read_all;
use ringfence_routelog::checkpoint::Signed;
use ringfence_signed::{B32, Error, Result, to_text};

/// Decisions are made every 30 s: media that began within so many seconds of one rests on it.
const SECONDS_BETWEEN: u64 = 31;
/// A place to be ruled out has not been yet; or somebody was asked whether they are where they said. Nothing is sent
/// meanwhile, and nobody is accused.
const OPEN: [&str; 2] = ["RF2109", "RF2116"];

/// A receipt whose signature holds and that follows from what it contains.
#[derive(Debug)]
pub struct Checked {
    pub receipt: Receipt,
    /// What beacons signed, by the number that the receipt gives it.
    pub(crate) transcripts: Vec<Transcript>,
    pub(crate) places: Vec<Read>,
}

/// What a server showed, read.
#[derive(Debug)]
pub(crate) struct Read {
    pub at: u64,
    pub charter: CharterSource,
    pub statement: StatementSource,
    pub route: Route,
    pub route_hash: B32,
    pub candidates: Vec<Known>,
    pub located: Vec<Located>,
    pub evidence: Evidence,
    pub checkpoint: Option<Signed>,
}

fn follows_not(what: impl Into<String>) -> Error {
    Error::new("RF3311", what)
}

/// Checks one receipt.
///
/// Errors: `RF3310` for what is no receipt, `RF3311` for one that its member has not signed so, and for one that does
/// not follow from what it contains; the detail names the entry.
pub fn verify(document: &[u8]) -> Result<Checked> {
    let receipt = Receipt::read(document)?;
    let mut places: Vec<Read> = vec![];
    for (index, shown) in receipt.shown.iter().enumerate() {
        let read = read(&receipt, shown)
            .and_then(|read| continues(places.last(), &read).map(|()| read))
            .map_err(|error| follows_not(format!("shown {index}: {error}")))?;
        places.push(read);
    }
    if places.is_empty() {
        return Err(follows_not("no server showed anything"));
    }
    check_times(&receipt)?;
    let transcripts = receipt
        .transcripts
        .iter()
        .map(|document| Transcript::read(document));
    let transcripts = transcripts.collect::<Result<Vec<_>>>();
    let transcripts = transcripts.map_err(|error| follows_not(format!("transcripts: {}", error.detail)))?;
    for (index, decided) in receipt.decided.iter().enumerate() {
        check_decided(&receipt, &places, &transcripts, decided)
            .map_err(|error| follows_not(format!("decided {index}: {}", error.detail)))?;
    }
    Ok(Checked {
        receipt,
        transcripts,
        places,
    })
}

fn read(receipt: &Receipt, shown: &Shown) -> Result<Read> {
    let charter = CharterSource::read(&shown.charter)?;
    if charter.meeting != receipt.meeting {
        return Err(follows_not("its charter is of another meeting"));
    }
    let statement = StatementSource::verify(&shown.statement, &charter.trust)?;
    let (route, route_hash) = Route::verify(&shown.route, &charter, &statement)?;
    candidates::check(&shown.candidates, &route)?;
    let listed = shown.candidates.iter().cloned();
    let listed = listed.map(|one| Known::new(one, &charter.trust)).collect();
    let located = read_all(shown.located.iter().map(Vec::as_slice))?;
    let evidence = Evidence::shown(&located, &charter.trust, statement.statement());
    let checkpoint = read_log(&charter, shown)?;
    Ok(Read {
        at: shown.at,
        charter,
        statement,
        route,
        route_hash,
        candidates: listed,
        located,
        evidence,
        checkpoint,
    })
}

fn read_log(charter: &CharterSource, shown: &Shown) -> Result<Option<Signed>> {
    let Some(log) = &charter.trust.log else {
        return Ok(None);
    };
    let missing = || follows_not("the charter names a log, and the route is not shown in it");
    let logged = shown.logged.as_ref().ok_or_else(missing)?;
    logged.check(log, &shown.route).map(Some)
}

/// Whether what was shown next can come after what was shown before.
fn continues(before: Option<&Read>, next: &Read) -> Result<()> {
    let Some(before) = before else { return Ok(()) };
    let (old, new) = (&before.charter, &next.charter);
    match new.version {
        _ if (old.owner, old.link) != (new.owner, new.link) => Err(follows_not("another owner or link")),
        version if version < old.version => Err(follows_not("an older charter after a newer one")),
        version if version == old.version && new.hash != old.hash => {
            Err(follows_not("two charters of one version"))
        }
        version if version == old.version + 1 => new.follows(old),
        _ if next.at < before.at => Err(follows_not("it was shown before the one before it")),
        _ => Ok(()),
    }
}

fn check_times(receipt: &Receipt) -> Result<()> {
    let begin = receipt.shown.first().map_or(0, |shown| shown.at);
    let within = |at: u64| (begin..=receipt.made).contains(&at);
    let shown = receipt.shown.iter().all(|shown| within(shown.at));
    let decided =
        |decided: &Decided| within(decided.from) && within(decided.until) && decided.from <= decided.until;
    let in_order = receipt.decided.is_sorted_by_key(|decided| decided.from)
        && receipt.epochs.is_sorted_by_key(|epoch| epoch.at)
        && receipt.sent.is_sorted_by_key(|sent| sent.from);
    let sent = receipt.sent.iter().all(|sent| {
        let until = sent.until.unwrap_or(receipt.made);
        within(sent.from) && within(until) && sent.from <= until
    });
    let epochs = receipt.epochs.iter().all(|epoch| within(epoch.at));
    match shown && receipt.decided.iter().all(decided) && in_order && sent && epochs {
        true => Ok(()),
        false => Err(follows_not(
            "its times are not in order, or not between its first and its making",
        )),
    }
}

impl Whereabouts {
    fn place(self) -> Result<Place> {
        let (lat, lon) = Coordinates::of(self.lat, self.lon)?.degrees();
        Place::new(lat, lon).map_err(|error| follows_not(error.to_string()))
    }
}

fn trip(receipt: &Receipt, whereabouts: Whereabouts, trip: &Trip) -> Result<ringfence_fence::Trip> {
    Ok(ringfence_fence::Trip {
        by: match whereabouts.confirmed {
            true => Observer::Confirmed,
            false => Observer::Participant,
        },
        observer: receipt.member,
        place: whereabouts.place()?,
        min_ms: ringfence_fence::evidence::widened_ms(trip.least_us, whereabouts.radius_m),
        at: trip.at,
        address: trip.address.clone(),
    })
}

/// Makes the decision again. What rests on a place that the participant keeps to themselves cannot be made again.
fn check_decided(
    receipt: &Receipt,
    places: &[Read],
    transcripts: &[Transcript],
    decided: &Decided,
) -> Result<()> {
    let index = usize::try_from(decided.shown).unwrap_or(usize::MAX);
    let place = places
        .get(index)
        .ok_or_else(|| follows_not("nothing of that number was shown"))?;
    if decided.from < place.at {
        return Err(follows_not("it was made before that was shown"));
    }
    let named = decided.transcripts.iter().map(|index| {
        let named = usize::try_from(*index)
            .ok()
            .and_then(|index| transcripts.get(index));
        named
            .cloned()
            .ok_or_else(|| follows_not("it names a transcript that there is not"))
    });
    let named = named.collect::<Result<Vec<Transcript>>>()?;
    let mut evidence = place.evidence.clone();
    match (&decided.trip, receipt.whereabouts) {
        (Some(_), None) => return Ok(()),
        (Some(measured), Some(whereabouts)) => evidence.trips = vec![trip(receipt, whereabouts, measured)?],
        (None, _) => {}
    }
    for time in [decided.from, decided.until] {
        let remote = decided.remote.as_deref();
        let (trust, node) = (&place.charter.trust, place.statement.statement());
        let mut evidence = evidence.clone();
        evidence.hear(&named, trust, node, time);
        let verdict = decide_route(&place.charter, Ok(&place.statement), &evidence, remote, time);
        let words: Vec<Word> = verdict.decisions.iter().map(Word::of).collect();
        if words != decided.words {
            return Err(follows_not(
                "made again from what it rests on, it comes out otherwise",
            ));
        }
    }
    Ok(())
}

impl Checked {
    pub fn report(&self) -> Report {
        let findings = self.findings();
        Report {
            meeting: to_text(&self.receipt.meeting),
            member: to_text(&self.receipt.member),
            clean: findings.is_empty(),
            from: self.places[0].at,
            made: self.receipt.made,
            lines: self.lines(),
            findings,
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let mut found = vec![];
        for decided in &self.receipt.decided {
            for word in decided.words.iter().filter(|word| !word.allowed) {
                if word.codes.iter().any(|code| !OPEN.contains(&code.as_str())) {
                    let text = format!(
                        "as {}, the node was refused: {}",
                        word.role,
                        word.codes.join(", ")
                    );
                    found.push(Finding::new("RF3313", decided.from, text));
                }
            }
        }
        for sent in &self.receipt.sent {
            let to = |decided: &&Decided| decided.remote.as_deref() == Some(&sent.address);
            let until = sent.until.unwrap_or(self.receipt.made);
            let rests = |decided: &Decided| {
                decided.words.iter().all(|word| word.allowed)
                    && decided.from <= sent.from
                    && sent.from <= decided.until + SECONDS_BETWEEN
            };
            let refused = |decided: &Decided| {
                let against = decided.words.iter().any(|word| !word.allowed);
                against && sent.from <= decided.from && decided.from < until
            };
            let about = || self.receipt.decided.iter().filter(to);
            if !about().any(rests) || about().any(refused) {
                let text = format!(
                    "media went to {} without a decision that allowed it",
                    sent.address
                );
                found.push(Finding::new("RF3312", sent.from, text));
            }
        }
        for pair in self.places.windows(2) {
            let (before, next) = (&pair[0], &pair[1]);
            if before.route_hash != next.route_hash && next.route.previous != Some(before.route_hash) {
                let text =
                    "between this route and the one before there was another that this receipt has not";
                found.push(Finding::new("RF3314", next.at, text));
            }
        }
        found.extend(forks(self.places.iter()));
        if !self.receipt.whole {
            let text = "something was left out because there was too much of it";
            found.push(Finding::new("RF3314", None, text));
        }
        found
    }
}

/// Two checkpoints of one log and one size with two roots.
pub(crate) fn forks<'a>(places: impl Iterator<Item = &'a Read>) -> Option<Finding> {
    let mut seen: Vec<&Signed> = vec![];
    for signed in places.filter_map(|place| place.checkpoint.as_ref()) {
        let fork = |other: &&Signed| {
            let (one, two) = (signed.checkpoint(), other.checkpoint());
            one.origin == two.origin && one.size == two.size && one.root != two.root
        };
        if seen.iter().any(fork) {
            let text = format!("two trees of {} entries are signed by the log", signed.size());
            return Some(Finding::new("RF2331", None, text));
        }
        seen.push(signed);
    }
    None
}
