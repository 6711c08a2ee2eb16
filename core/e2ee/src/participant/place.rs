//! Where a meeting is held: the charter, the node's statement and the route, verified; and the fence's verdict.
//! Not here: the decision itself (`ringfence-fence`), or the group.
use super::beacons::Beacons;
use super::candidates;
use super::config::Config;
use super::core::Core;
use super::io::{Bytes, Coordinates, Event, LogWord, NodePlace, PlaceEvent, RoleDecision, Seen, SourceWord};
use super::logged::LogView;
use super::messages::{HelloMessage, Logged};
use super::observing::Observed;
use ringfence_charter::candidates::Known;
use ringfence_charter::route::{Verdict, decide_route};
use ringfence_charter::{Charter, CharterSource, Hello, Route};
use ringfence_fence::evidence::Located;
use ringfence_fence::{Decision, Evidence, Role, Standing, StatementSource, Trust};
use ringfence_geo::located::read_all;
use ringfence_receipt::document::{Shown, Trip, kept};
use ringfence_signed::{B16, B32, Error, Result};
use std::sync::Arc;

pub struct Place {
    pub charter: Arc<CharterSource>,
    pub route_hash: B32,
    pub statement: StatementSource,
    /// The documents themselves, for a receipt.
    pub shown: Shown,
    /// The log that the charter names.
    pub log: Option<LogView>,
    /// What data sets say about the node's addresses, as it showed them.
    located: Vec<Located>,
    pub beacons: Beacons,
    /// All nodes that could carry the meeting.
    candidates: Vec<Known>,
    pub title: String,
    /// What is known of the node besides its operator's word, and what beacons measured: that is over after an hour.
    evidence: Evidence,
    observed: Option<Observed>,
}

impl Place {
    /// Verifies what a server shows, from the link down. `time` in unix seconds.
    fn read(config: &Config, message: &HelloMessage, time: u64) -> Result<Self> {
        let charter = CharterSource::verify(&message.charter.0, &config.link, config.seen_charter()?, time)?;
        if charter.from.is_some_and(|from| time < from) {
            return Err(Error::new("RF3243", "the charter is not in force yet"));
        }
        let document = &message.statement.0;
        let statement = StatementSource::verify(document, &charter.trust)?;
        let said = statement.statement();
        if said.serial < config.seen_serial(&said.node_text()) {
            return Err(Error::new(
                "RF3244",
                "this device has seen a newer statement of this node",
            ));
        }
        let route = &message.route.0;
        let (record, route_hash) = Route::verify(route, &charter, &statement)?;
        let candidates = candidates::read(&message.candidates, &record)?;
        let log = charter.trust.log.as_ref();
        let log = log
            .map(|log| LogView::open(config, log, route, message.logged.as_ref()))
            .transpose()?;
        let title = config.link.open_title(&charter.title)?;
        let located = read_all(message.located.iter().map(|document| document.0.as_slice()))?;
        let beacons = Beacons::read(&message.transcripts)?;
        let shown = Shown {
            at: time,
            charter: charter.document.clone(),
            route: route.clone(),
            statement: document.clone(),
            candidates: kept(&candidates),
            located: message
                .located
                .iter()
                .map(|document| document.0.clone())
                .collect(),
            logged: log
                .as_ref()
                .and(message.logged.as_ref())
                .map(Logged::document)
                .transpose()?,
        };
        Ok(Self {
            shown,
            evidence: Evidence::shown(&located, &charter.trust, said),
            located,
            beacons,
            candidates: candidates::trusting(candidates, &charter.trust),
            charter: Arc::new(charter),
            route_hash,
            statement,
            log,
            title,
            observed: None,
        })
    }

    /// The next charter is in force. Errors: those of the statement under its trust, and of its title.
    pub fn amend(&mut self, config: &Config, charter: Arc<CharterSource>) -> Result<()> {
        self.statement = StatementSource::verify(&self.shown.statement, &charter.trust)?;
        self.title = config.link.open_title(&charter.title)?;
        self.evidence = self.shown_under(&charter.trust);
        let candidates = self.candidates.drain(..).map(|known| known.candidate);
        self.candidates = candidates::trusting(candidates.collect::<Vec<_>>(), &charter.trust);
        self.shown.charter.clone_from(&charter.document);
        self.charter = charter;
        Ok(())
    }

    /// Of a charter that is not in force yet, and by whom it says that places are known; before media has an address.
    pub fn verdict_under(&self, next: &Charter, time: u64) -> Verdict {
        let evidence = self.with_beacons(self.shown_under(&next.trust), &next.trust, time);
        decide_route(next, Ok(&self.statement), &evidence, None, time)
    }

    fn with_beacons(&self, mut evidence: Evidence, trust: &Trust, time: u64) -> Evidence {
        evidence.hear(&self.beacons.transcripts, trust, self.statement.statement(), time);
        evidence
    }

    fn shown_under(&self, trust: &Trust) -> Evidence {
        Evidence {
            trips: self.evidence.trips.clone(),
            ..Evidence::shown(&self.located, trust, self.statement.statement())
        }
    }

    /// Verifies a greeting: that it answers ours, and speaks of the same charter, route and group as it shows.
    pub fn greet(
        config: &Config,
        message: &HelloMessage,
        nonces: &[B16],
        time: u64,
    ) -> Result<(Self, Hello)> {
        let place = Self::read(config, message, time)?;
        let node = place.statement.statement().node;
        let mut answer = Err(Error::new("RF3161", "the greeting answers nothing"));
        for nonce in nonces {
            answer = answer.or_else(|_| Hello::verify(&message.proof.0, &node, &config.meeting, nonce));
        }
        let hello = answer?;
        let shown = message.group.as_ref().map(|group| group.0.as_slice());
        let fits = hello.charter == place.charter.hash
            && hello.route == place.route_hash
            && hello.generation == message.generation
            && hello.epoch == message.epoch
            && hello.group.as_ref().map(|group| &group[..]) == shown;
        if !fits {
            return Err(Error::new(
                "RF3245",
                "the greeting was signed for something else than it shows",
            ));
        }
        if hello.generation.unwrap_or(0) < config.seen_generation() {
            return Err(Error::new(
                "RF3246",
                "this device has seen a later group of this meeting",
            ));
        }
        Ok((place, hello))
    }

    /// Takes what we measured. Returns whether that is something else than before.
    pub fn observe(&mut self, core: &Core) -> bool {
        let observed = core.observing.of(&self.node());
        let news = self.observed != observed;
        let trips = observed.iter().map(|observed| observed.trip(core.config.member));
        self.evidence.trips = trips.collect();
        self.observed = observed;
        news
    }

    /// What of our own the decisions rest on.
    pub fn testimony(&self) -> Option<Trip> {
        self.observed.as_ref().map(Observed::testimony)
    }

    /// `remote`: the address that media goes to, once there is one.
    pub fn verdict(&self, remote: Option<&str>, time: u64) -> Verdict {
        let evidence = self.with_beacons(self.evidence.clone(), &self.charter.trust, time);
        decide_route(&self.charter, Ok(&self.statement), &evidence, remote, time)
    }

    pub fn addresses(&self) -> &[String] {
        &self.statement.statement().addresses
    }

    pub fn node(&self) -> B32 {
        self.statement.statement().node
    }

    fn sources(&self) -> Vec<SourceWord> {
        let said = |address: &String| {
            let located = self.located.iter().filter(|located| located.covers(address));
            let word = |located: &Located| SourceWord {
                kind: located.kind.name(),
                name: located.name.clone(),
                date: located.day(),
                address: address.clone(),
                country: located.country.clone(),
            };
            located.map(word).collect::<Vec<_>>()
        };
        self.addresses().iter().flat_map(said).collect()
    }

    pub fn event(&self, verdict: &Verdict, time: u64) -> PlaceEvent {
        let said = self.statement.statement();
        let decisions = verdict.decisions.iter().map(|decision| RoleDecision {
            role: decision.role.name(),
            allowed: decision.allowed,
            checked: decision.role.is_checked_by_clients(),
            reasons: decision.reasons.clone(),
        });
        let media = verdict
            .decisions
            .iter()
            .find(|decision| decision.role == Role::Media);
        let places = |of: fn(&Decision) -> &Vec<String>| media.map(of).cloned().unwrap_or_default();
        let degrees = said.coordinates.map(ringfence_fence::Coordinates::degrees);
        let standing = verdict.decisions.iter().map(|decision| decision.standing).min();
        let own = self.observed.iter().map(Observed::word);
        let trips = own.chain(self.beacons.words(&self.charter.trust, said, time));
        let node = NodePlace {
            node: Bytes::of(&said.node),
            name: said.name.clone(),
            roles: said.roles.iter().map(|role| role.name()).collect(),
            operator: said.operator_name.clone(),
            parents: said.parents.clone(),
            country: said.country.clone(),
            place: said.place.clone(),
            addresses: said.addresses.clone(),
            standing: standing.unwrap_or(Standing::Unknown),
            allowed: verdict.refusal().is_none(),
            decisions: decisions.collect(),
            sources: self.sources(),
            coordinates: degrees.map(|(lat, lon)| Coordinates { lat, lon }),
            trips: trips.collect(),
            excluded: places(|decision| &decision.excluded),
            not_excluded: places(|decision| &decision.not_excluded),
        };
        let rules = (&self.charter.fence, &self.charter.trust);
        let heard = (self.located.as_slice(), self.beacons.transcripts.as_slice());
        PlaceEvent {
            candidates: candidates::others(&self.candidates, &said.node, rules, heard, time),
            nodes: vec![node],
            sentences: self.charter.fence.explain(),
            fence_name: self.charter.fence.name.clone(),
            may_probe: verdict.may_probe,
            may_send: verdict.may_send,
            log: self.log.as_ref().map(|log| LogWord {
                origin: log.issuer().origin().to_owned(),
                size: log.newest().size(),
            }),
        }
    }

    pub fn meeting_event(&self, mode: &'static str, host: bool, owner: bool) -> Event {
        Event::Meeting {
            meeting: Bytes::of(&self.charter.meeting),
            title: self.title.clone(),
            admission: self.charter.admission.name(),
            mode,
            role: if host { "host" } else { "guest" },
            owner,
            version: self.charter.version,
            until: self.charter.until,
        }
    }

    /// What the device remembers after having seen this.
    pub fn remember(&self, before: Option<&Seen>, generation: u64) -> Seen {
        let said = self.statement.statement();
        let mut serials = before.map(|seen| seen.serials.clone()).unwrap_or_default();
        serials.insert(said.node_text(), said.serial);
        Seen {
            version: self.charter.version,
            charter: Bytes::of(&self.charter.hash),
            generation,
            serials,
        }
    }
}
