//! From a verified greeting into the group: found it, or knock and be welcomed.
//! Not here: what a greeting proves (`place.rs`), or life in the group (`inside.rs`).
use super::amending::rules_changed;
use super::away::Line;
use super::core::{Core, Purpose};
use super::history::Recall;
use super::inside::Inside;
use super::io::{Event, Phase};
use super::messages::{HelloMessage, ServerMessage, Ticket};
use super::place::Place;
use super::rules::{Rule, RuleKind};
use super::welcome::open_welcome;
use super::{Outcome, Participant, Stage, fatal, minor};
use crate::candidate::Candidate;
use crate::context::{Context, Mode, State};
use crate::delivery::Delivery;
use crate::knock::Name;
use crate::member::{Member, random};
use ringfence_charter::Leaf as Certificate;
use ringfence_charter::{Charter, Founders, Hello, Ledger};
use ringfence_signed::{B16, B32, cose};

/// Who waits asks again this often whether the group that they knock at still lives.
pub(super) const POLL_MS: u64 = 4_000;
/// Who waits for a group to be there asks so often: once it is, they are in within three seconds.
const NO_GROUP_MS: u64 = 2_000;
/// A greeting older than this is asked for again before it is acted on.
const FRESH_MS: u64 = 2_000;

/// Where to: a group that is there, or one to start.
pub(super) struct Aim {
    /// Under which charter.
    pub charter: B32,
    pub group: B32,
    pub generation: u64,
    pub found: bool,
}

pub(super) enum Step {
    /// Waits for a fresh greeting.
    Greeting,
    /// Only a host may start, and none has.
    NoGroup,
    /// The member key is asked to certify the leaf key.
    Certifying(Candidate, Aim),
    /// A host key is asked for a genesis or an admission.
    Authorising(Candidate, Aim),
    /// The server has our founding.
    Founding(Box<Member>, State),
    /// The server holds our knock.
    Knocking(Candidate, Aim),
    /// The member key is asked to sign that it is here, to come back to a group.
    Proving(Aim),
    /// The server is asked for that group.
    Asking(Aim),
    /// The member key is asked to certify the new leaf; the group is as the server showed it.
    Returning(Candidate, Box<Delivery>),
    /// The server has the commit by which we come back.
    Back(Box<Member>, State),
    /// Between two steps.
    Moving,
}

pub struct Entering {
    pub(super) step: Step,
    pub(super) poll_at: Option<u64>,
    pub(super) name: Name,
    pub(super) failures: u32,
    pub(super) races: u32,
    /// The server says that we are in this group already, or that we are not.
    pub(super) told: Option<(B32, bool)>,
}

/// The newest greeting.
#[derive(Clone)]
pub(super) struct Greeting {
    pub hello: Hello,
    /// Somebody is there who could let us in.
    pub alive: bool,
    pub knock_nonce: B16,
    pub at: u64,
}

impl Entering {
    pub fn next_timeout(&self) -> Option<u64> {
        self.poll_at
    }

    pub fn tick(&mut self, core: &mut Core) {
        if self.poll_at.is_some_and(|at| core.now >= at) {
            self.poll_at = Some(core.now + POLL_MS);
            // Between a greeting and what is made of it there is no other.
            if matches!(self.step, Step::Greeting | Step::NoGroup | Step::Knocking(..)) {
                core.hello_again();
            }
        }
    }

    /// Nothing that was made under the charter before is of use. Who commits their way back is in, or is refused.
    pub fn amended(&mut self) {
        if !matches!(self.step, Step::Back(..)) {
            self.step = Step::Greeting;
        }
    }
}

impl HelloMessage {
    fn knock_nonce(&self) -> Outcome<B16> {
        let nonce = self.knock_nonce.0.as_slice().try_into();
        nonce.map_err(|_| fatal("RF3241", "a knock nonce has 16 bytes"))
    }
}

fn may_found(charter: &Charter, host: bool) -> bool {
    host || charter.founders == Founders::Link
}

impl Participant {
    pub(super) fn greeted(&mut self, message: HelloMessage) -> Outcome {
        if matches!(&self.stage, Stage::In(inside) if !inside.line.away) {
            return Ok(()); // asked for while we were still outside
        }
        let nonces = &mut self.core.nonces;
        let (mut place, hello) = Place::greet(&self.core.config, &message, nonces, self.core.now / 1000)?;
        // None is answered twice. Of several the last counts: a knock is for the nonce that the server gave last.
        let answered = nonces.iter().position(|nonce| *nonce == hello.nonce);
        nonces.drain(..=answered.unwrap_or(0));
        if !nonces.is_empty() {
            return Ok(());
        }
        self.core.awaits_no_greeting();
        place.observe(&self.core);
        if let Stage::In(inside) = &mut self.stage {
            if hello.group == Some(inside.state.group) {
                let nonce = message.knock_nonce()?;
                // A server that began anew may not have heard its beacons yet: what they signed before goes on counting.
                if let (Some(known), false) = (&mut self.place, message.transcripts.is_empty()) {
                    known.beacons.clone_from(&place.beacons);
                } else if let Some(known) = &self.place {
                    place.beacons.clone_from(&known.beacons);
                }
                // Another charter comes with what we missed, and is decided about then.
                if place.charter.hash != inside.state.charter.hash {
                    return inside.goes_on_at(&mut self.core, &place, nonce);
                }
                let verdict = place.verdict(None, self.core.time());
                if let Some(reason) = &verdict.barred {
                    self.core
                        .event(Event::Place(place.event(&verdict, self.core.time())));
                    return Err(fatal(reason.code, reason.text.clone()));
                }
                return inside.goes_on_at(&mut self.core, &place, nonce);
            }
            self.lose_group();
            if matches!(self.stage, Stage::Over) {
                return Ok(());
            }
        }
        self.consider(message, place, hello)
    }

    /// Our group is gone, or went on too far without us: we come in anew, unless we were about to leave.
    pub(super) fn lose_group(&mut self) {
        if let Stage::In(inside) = &mut self.stage {
            if inside.leaving.is_some() {
                self.core.bye();
                return self.over(Phase::Left, None);
            }
            if inside.amendment.take().is_some() {
                let lost = minor("RF3264", "our place in the group was lost before all had it");
                self.core.problem(&lost.error, false);
            }
            self.unsaid = inside.line.unsaid.drain(..).map(|unsaid| unsaid.said).collect();
            if inside.cutoff {
                self.core.event(Event::Cutoff { since: None }); // of a group that is no more ours
            }
        }
        self.core.close_media("offline");
        self.core.signing.clear();
        self.stage = Stage::Connecting;
        self.resume = true;
    }

    /// A verified greeting for who is outside.
    fn consider(&mut self, message: HelloMessage, place: Place, hello: Hello) -> Outcome {
        let knock_nonce = message.knock_nonce()?;
        let verdict = place.verdict(None, self.core.time());
        let time = self.core.time();
        self.core.journal.decided(&place, None, &verdict, time);
        let older = (self.core.config.seen.as_ref()).is_some_and(|seen| seen.version < place.charter.version);
        let seen = place.remember(self.core.config.seen.as_ref(), self.core.config.seen_generation());
        self.core.remember(seen);
        if let Some(log) = &place.log {
            self.core.remember_log(log);
        }
        self.core.greeting = Some(Greeting {
            hello,
            alive: message.alive,
            knock_nonce,
            at: self.core.now,
        });
        let first = self.place.is_none();
        let host = self.core.host_key(&place.charter).is_some();
        let owner = self.core.is_owner(&place.charter);
        let another = self
            .place
            .as_ref()
            .filter(|shown| shown.charter.hash != place.charter.hash);
        let rules = another.map(|shown| {
            // Who is outside is not told whether somebody was removed.
            let mut rules = rules_changed(&shown.charter, &place.charter, Mode::Lobby, &place.title);
            if shown.charter.hosts != place.charter.hosts {
                rules.push(Rule::plain(RuleKind::Hosts));
            }
            rules
        });
        if first || rules.is_some() {
            let mode = place.charter.admission.name();
            self.core.event(place.meeting_event(mode, host, owner));
        }
        if rules.is_some() || older {
            self.core.event(Event::Charter {
                version: place.charter.version,
                by: None,
                you: false,
                rules: rules.unwrap_or_default(),
            });
        }
        self.core.event(Event::Place(place.event(&verdict, time)));
        if let Some(reason) = &verdict.barred {
            return Err(fatal(reason.code, reason.text.clone()));
        }
        if !verdict.may_probe {
            return Err(fatal("RF3247", "the node does not say that it carries media"));
        }
        self.place = Some(place);
        match &mut self.stage {
            Stage::Connecting => {
                self.stage = Stage::Ready;
                match (self.resume, self.core.name.clone()) {
                    (true, Some(name)) => self.enter(name),
                    _ => {
                        self.core.phase(Phase::Ready, None);
                        Ok(())
                    }
                }
            }
            Stage::Entering(_) => self.proceed(),
            _ => Ok(()),
        }
    }

    pub(super) fn join(&mut self, name: &str) -> Outcome {
        let name = Name::new(name).map_err(|error| minor(error.code, error.detail))?;
        self.core.name = Some(name.clone());
        match self.stage {
            Stage::Ready => self.enter(name),
            Stage::Connecting => {
                self.resume = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn enter(&mut self, name: Name) -> Outcome {
        self.resume = false;
        self.core.phase(Phase::Joining, None);
        let entering = Entering {
            step: Step::Greeting,
            poll_at: Some(self.core.now + POLL_MS),
            name,
            failures: 0,
            races: 0,
            told: None,
        };
        self.stage = Stage::Entering(Box::new(entering));
        let greeting = self
            .core
            .greeting
            .as_ref()
            .filter(|_| self.core.nonces.is_empty());
        if greeting.is_some_and(|g| self.core.now <= g.at + FRESH_MS) {
            return self.proceed();
        }
        self.core.hello_again();
        Ok(())
    }

    /// Acts on the newest greeting.
    fn proceed(&mut self) -> Outcome {
        let (Stage::Entering(entering), Some(place), Some(greeting)) =
            (&mut self.stage, &self.place, self.core.greeting.clone())
        else {
            return Ok(());
        };
        let group = greeting.hello.group.filter(|_| greeting.alive);
        let charter = place.charter.hash;
        let stays = match &entering.step {
            Step::Certifying(_, aim) | Step::Authorising(_, aim) => {
                aim.found == group.is_none() && aim.charter == charter
            }
            Step::Knocking(_, aim) => group == Some(aim.group) && aim.charter == charter,
            Step::Proving(aim) | Step::Asking(aim) => {
                greeting.hello.group == Some(aim.group) && aim.charter == charter
            }
            Step::Returning(_, view) => {
                let state = view.state();
                greeting.hello.group == Some(state.group) && state.charter.hash == charter
            }
            Step::Founding(..) | Step::Back(..) | Step::Moving => true,
            Step::Greeting | Step::NoGroup => false,
        };
        if stays {
            return Ok(());
        }
        self.core.signing.clear();
        if let Some(aim) = entering.way_back(&self.core, &greeting) {
            entering.prove(&mut self.core, aim, greeting.knock_nonce);
            return Ok(());
        }
        let host = self.core.host_key(&place.charter).is_some();
        let generation = greeting.hello.generation.unwrap_or(0);
        let aim = match group {
            Some(group) => Aim {
                charter,
                group,
                generation,
                found: false,
            },
            None if may_found(&place.charter, host) => Aim {
                charter,
                group: random()?,
                generation: generation + 1,
                found: true,
            },
            None => {
                entering.step = Step::NoGroup;
                entering.poll_at = Some(self.core.now + NO_GROUP_MS);
                self.core.phase(Phase::Waiting, None);
                return Ok(());
            }
        };
        let candidate = Candidate::new(&self.core.config.link.psk())?;
        let certificate = Certificate {
            meeting: self.core.config.meeting,
            group: aim.group,
            member: self.core.config.member,
            leaf: candidate.leaf_key()?,
            serial: 0,
        };
        self.core
            .ask_member(cose::label::LEAF, certificate.encode(), Purpose::Leaf);
        entering.step = Step::Certifying(candidate, aim);
        Ok(())
    }

    pub(super) fn entry_signed(&mut self, purpose: Purpose, document: Vec<u8>) -> Outcome {
        let (Stage::Entering(entering), Some(place)) = (&mut self.stage, &self.place) else {
            return Ok(());
        };
        let core = &mut self.core;
        match (std::mem::replace(&mut entering.step, Step::Moving), purpose) {
            (Step::Certifying(mut candidate, aim), Purpose::Leaf) => {
                candidate.certify(document);
                entering.authorise(core, place, candidate, aim)
            }
            (Step::Authorising(candidate, aim), Purpose::Genesis) => {
                entering.found(core, place, candidate, aim, document)
            }
            (Step::Authorising(candidate, aim), Purpose::OwnAdmission) => {
                entering.knock(core, place, candidate, aim, Some(document))
            }
            (Step::Proving(aim), Purpose::Rejoin) => {
                entering.ask_for_group(core, aim, document);
                Ok(())
            }
            (Step::Returning(candidate, view), Purpose::Leaf) => {
                entering.come_back(core, candidate, *view, document)
            }
            (step, _) => {
                entering.step = step;
                Ok(())
            }
        }
    }

    pub(super) fn entering(&mut self, message: ServerMessage) -> Outcome {
        let (Stage::Entering(entering), Some(place)) = (&mut self.stage, &self.place) else {
            return Ok(());
        };
        let core = &mut self.core;
        match message {
            ServerMessage::Founded(ticket) => match std::mem::replace(&mut entering.step, Step::Moving) {
                Step::Founding(member, state) => self.inside(*member, state, ticket, None),
                step => {
                    entering.step = step;
                    Err(minor("RF3242", "nothing of ours was founded"))
                }
            },
            ServerMessage::Waiting { lobby } => {
                if lobby && matches!(entering.step, Step::Knocking(..)) {
                    core.phase(Phase::Waiting, None);
                }
                Ok(())
            }
            ServerMessage::Denied => {
                if !matches!(entering.step, Step::Knocking(..)) {
                    return Err(minor("RF3242", "nobody knocked"));
                }
                core.bye();
                self.over(Phase::Denied, None);
                Ok(())
            }
            ServerMessage::Welcome(welcome) => match std::mem::replace(&mut entering.step, Step::Moving) {
                Step::Knocking(candidate, aim) => {
                    let (member, state) = open_welcome(core, place, candidate, &aim, &welcome)?;
                    self.inside(member, state, welcome.ticket, None)
                }
                step => {
                    entering.step = step;
                    Err(minor("RF3242", "a welcome that nobody asked for"))
                }
            },
            ServerMessage::Group(group) => entering.on_group(core, place, &group),
            ServerMessage::Rejoined { leaf, ticket } => {
                match std::mem::replace(&mut entering.step, Step::Moving) {
                    Step::Back(member, state) => {
                        if member.own_leaf() != leaf {
                            return Err(fatal(
                                "RF3250",
                                "we came back on another leaf than the server says",
                            ));
                        }
                        let recall = Recall::new(self.core.now)?;
                        self.inside(*member, state, ticket, Some(recall))
                    }
                    step => {
                        entering.step = step;
                        Err(minor("RF3242", "nobody comes back"))
                    }
                }
            }
            ServerMessage::Reopened { .. } => entering.lost_way_back(core),
            ServerMessage::Error { code, detail, re } => entering.failed(core, &code, &detail, re.as_deref()),
            _ => Err(minor("RF3242", "a message that is not for who knocks")),
        }
    }

    fn inside(&mut self, member: Member, state: State, ticket: Ticket, recall: Option<Recall>) -> Outcome {
        let mut line = Line::new(ticket)?;
        for said in std::mem::take(&mut self.unsaid) {
            line.keep(said);
        }
        let Some(place) = &self.place else { return Ok(()) };
        if (place.charter.hash, place.route_hash) != (state.charter.hash, state.context.route) {
            return Err(fatal(
                "RF3245",
                "the group is under another charter or route than was shown",
            ));
        }
        let seen = place.remember(self.core.config.seen.as_ref(), state.context.generation);
        self.core.remember(seen);
        self.core.awaits_no_greeting();
        self.core.history.whole_since(state.group, member.epoch());
        self.core.phase(Phase::In, None);
        let host = self.core.host_key(&place.charter);
        let mut inside = Inside::new(member, state, host, line, self.core.now);
        let offered = match self.core.offer.take() {
            Some(sdp) => inside.offer(&mut self.core, place, sdp),
            None => Ok(()),
        };
        inside.arrive(&mut self.core, place)?;
        inside.say_unsaid(&mut self.core)?;
        inside.recall = recall;
        // From here on nothing keeps us from being in: what cannot be done is said.
        let said = std::mem::take(&mut self.later)
            .into_iter()
            .map(|text| inside.say(&mut self.core, text))
            .collect::<Vec<_>>();
        inside.schedule(&self.core);
        self.stage = Stage::In(Box::new(inside));
        for problem in said.into_iter().chain([offered]).filter_map(Outcome::err) {
            self.report(problem);
        }
        Ok(())
    }
}

pub(super) fn expected(place: &Place, generation: u64, ledger: &Ledger, mode: Mode) -> Context {
    Context {
        charter: place.charter.hash,
        route: place.route_hash,
        log: place.charter.log_key(),
        generation,
        ledger: ledger.hash(),
        mode,
    }
}
