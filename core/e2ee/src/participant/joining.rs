//! From a verified greeting into the group: found it, or knock and be welcomed.
//! Not here: what a greeting proves (`place.rs`), or life in the group (`inside.rs`).
use super::core::{Core, Purpose};
use super::inside::Inside;
use super::io::{
    Bytes, ClientMessage, Event, HelloMessage, Phase, SealedName, ServerMessage, WelcomeMessage,
};
use super::place::Place;
use super::{Outcome, Participant, Stage, fatal, minor};
use crate::admit_group::admit_group;
use crate::context::{Context, Mode, State};
use crate::facts::{ContextFacts, Leaf};
use crate::knock::{Name, seal_name};
use crate::member::{Candidate, Member, RINGFENCE, random};
use ringfence_charter::Leaf as Certificate;
use ringfence_charter::{Admission, Admits, Charter, Founders, Genesis, Hello, Knock, Ledger, PersonRole};
use ringfence_signed::{B16, B32, cose, hash};

/// Who waits asks again this often whether the group that they knock at still lives.
const POLL_MS: u64 = 4_000;
/// A greeting older than this is asked for again before it is acted on.
const FRESH_MS: u64 = 2_000;

/// Where to: a group that is there, or one to start.
struct Aim {
    group: B32,
    generation: u64,
    found: bool,
}

enum Step {
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
    /// Between two steps.
    Moving,
}

pub struct Entering {
    step: Step,
    poll_at: Option<u64>,
    name: Name,
    /// The founder's genesis document, once it is signed.
    failures: u32,
}

/// The newest greeting.
#[derive(Clone)]
pub(super) struct Greeting {
    pub hello: Hello,
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
            core.hello();
        }
    }
}

fn may_found(charter: &Charter, host: bool) -> bool {
    host || charter.founders == Founders::Link
}

impl Participant {
    pub(super) fn greeted(&mut self, message: HelloMessage) -> Outcome {
        if matches!(self.stage, Stage::In(_)) {
            return Ok(()); // asked for while we were still outside
        }
        let nonces = std::mem::take(&mut self.core.nonces);
        let (place, hello) = Place::greet(&self.core.config, &message, &nonces, self.core.time())?;
        let knock_nonce: B16 = message
            .knock_nonce
            .0
            .as_slice()
            .try_into()
            .map_err(|_| fatal("RF3241", "a knock nonce has 16 bytes"))?;
        let verdict = place.verdict(None, self.core.time());
        let seen = place.remember(self.core.config.seen.as_ref(), self.core.config.seen_generation());
        self.core.remember(seen);
        self.core.greeting = Some(Greeting {
            hello,
            alive: message.alive,
            knock_nonce,
            at: self.core.now,
        });
        let first = self.place.is_none();
        let host = self.core.host_key(&place.charter).is_some();
        if first {
            self.core
                .event(place.meeting_event(place.charter.admission.name(), host));
        }
        self.core.event(Event::Place(place.event(&verdict)));
        if let Some(reason) = verdict.refusal() {
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
        };
        self.stage = Stage::Entering(Box::new(entering));
        let fresh = self
            .core
            .greeting
            .as_ref()
            .is_some_and(|g| self.core.now <= g.at + FRESH_MS);
        if fresh {
            return self.proceed();
        }
        self.core.hello();
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
        let stays = match &entering.step {
            Step::Certifying(_, aim) | Step::Authorising(_, aim) => aim.found == group.is_none(),
            Step::Knocking(_, aim) => group == Some(aim.group),
            Step::Founding(..) | Step::Moving => true,
            Step::Greeting | Step::NoGroup => false,
        };
        if stays {
            return Ok(());
        }
        self.core.signing.clear();
        let host = self.core.host_key(&place.charter).is_some();
        let generation = greeting.hello.generation.unwrap_or(0);
        let aim = match group {
            Some(group) => Aim {
                group,
                generation,
                found: false,
            },
            None if may_found(&place.charter, host) => Aim {
                group: random()?,
                generation: generation + 1,
                found: true,
            },
            None => {
                entering.step = Step::NoGroup;
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
            ServerMessage::Founded => match std::mem::replace(&mut entering.step, Step::Moving) {
                Step::Founding(member, state) => self.inside(*member, state),
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
                    self.inside(member, state)
                }
                step => {
                    entering.step = step;
                    Err(minor("RF3242", "a welcome that nobody asked for"))
                }
            },
            ServerMessage::Error { code, detail, re } => entering.failed(core, &code, &detail, re.as_deref()),
            _ => Err(minor("RF3242", "a message that is not for who knocks")),
        }
    }

    fn inside(&mut self, member: Member, state: State) -> Outcome {
        let Some(place) = &self.place else { return Ok(()) };
        let seen = place.remember(self.core.config.seen.as_ref(), state.context.generation);
        self.core.remember(seen);
        self.core.phase(Phase::In, None);
        let host = self.core.host_key(&place.charter);
        let mut inside = Inside::new(member, state, host, self.core.now);
        inside.arrive(&mut self.core, place)?;
        self.stage = Stage::In(Box::new(inside));
        Ok(())
    }
}

impl Entering {
    fn authorise(&mut self, core: &mut Core, place: &Place, candidate: Candidate, aim: Aim) -> Outcome {
        let host = core.host_key(&place.charter);
        let role = if host.is_some() {
            PersonRole::Host
        } else {
            PersonRole::Guest
        };
        let link = core.config.link.signing_key();
        let by = host.unwrap_or_else(|| link.verifying_key().to_bytes());
        let (meeting, member, charter) = (core.config.meeting, core.config.member, place.charter_hash);
        let (label, payload, purpose) = if aim.found {
            let (generation, group) = (aim.generation, aim.group);
            let genesis = Genesis {
                meeting,
                generation,
                group,
                member,
                role,
                charter,
                by,
            };
            (cose::label::GENESIS, genesis.encode(), Purpose::Genesis)
        } else {
            let admission = Admission {
                meeting,
                group: aim.group,
                member,
                role,
                charter,
                nonce: random()?,
                by,
            };
            (cose::label::ADMISSION, admission.encode(), Purpose::OwnAdmission)
        };
        match host {
            Some(host) => {
                core.ask_host(host, label, payload, purpose);
                self.step = Step::Authorising(candidate, aim);
                Ok(())
            }
            None if aim.found => {
                let document = cose::sign(label, &payload, &link);
                self.found(core, place, candidate, aim, document)
            }
            None => {
                let open = place.charter.admission == Admits::Link;
                let document = open.then(|| cose::sign(label, &payload, &link));
                self.knock(core, place, candidate, aim, document)
            }
        }
    }

    fn found(
        &mut self,
        core: &mut Core,
        place: &Place,
        candidate: Candidate,
        aim: Aim,
        genesis: Vec<u8>,
    ) -> Outcome {
        let said = Genesis::verify(&genesis, &place.charter, &place.charter_hash)?;
        let ledger = Ledger::found(&said, genesis.clone());
        let mode = if ledger.link_admits(&place.charter, 1) {
            Mode::Link
        } else {
            Mode::Lobby
        };
        let context = expected(place, aim.generation, &ledger, mode);
        let (member, founding) = candidate.found(&aim.group, &context.encode())?;
        let seats = [(member.own_leaf(), core.config.member)].into();
        let state = State {
            charter: place.charter.clone(),
            charter_hash: place.charter_hash,
            group: aim.group,
            context,
            ledger,
            seats,
        };
        core.send(ClientMessage::Found {
            genesis: Bytes(genesis),
            group_info: Bytes(founding.group_info),
            tree: Bytes(founding.tree),
        });
        self.step = Step::Founding(Box::new(member), state);
        Ok(())
    }

    fn knock(
        &mut self,
        core: &mut Core,
        place: &Place,
        candidate: Candidate,
        aim: Aim,
        admission: Option<Vec<u8>>,
    ) -> Outcome {
        let Some(greeting) = core.greeting.clone() else {
            return Ok(());
        };
        let (group, member) = (aim.group, core.config.member);
        let package = candidate.key_package()?;
        let proof = Knock {
            meeting: core.config.meeting,
            group,
            member,
            package: hash(&package),
            nonce: greeting.knock_nonce,
        };
        let mut names = vec![];
        for host in &place.charter.hosts {
            let sealed = seal_name(&host.hpke, &group, &member, &self.name)?;
            names.push(SealedName {
                host: Bytes::of(&host.id),
                sealed: Bytes(sealed),
            });
        }
        core.send(ClientMessage::Knock {
            package: Bytes(package),
            admission: admission.map(Bytes),
            proof: Bytes(cose::sign(
                cose::label::KNOCK,
                &proof.encode(),
                &core.config.link.signing_key(),
            )),
            names,
        });
        self.poll_at = Some(core.now + POLL_MS);
        self.step = Step::Knocking(candidate, aim);
        Ok(())
    }

    /// A refused founding or knock is tried again with a new greeting, a few times: somebody was faster.
    fn failed(&mut self, core: &mut Core, code: &str, detail: &str, re: Option<&str>) -> Outcome {
        if !matches!(re, Some("found" | "knock")) {
            core.server_error(code, detail);
            return Ok(());
        }
        self.failures += 1;
        if self.failures > 5 {
            core.server_error(code, detail);
            return Err(fatal("RF3248", "the server let us in by no way that we tried"));
        }
        self.step = Step::Greeting;
        self.poll_at = Some(core.now + POLL_MS);
        core.hello();
        Ok(())
    }
}

fn expected(place: &Place, generation: u64, ledger: &Ledger, mode: Mode) -> Context {
    Context {
        charter: place.charter_hash,
        route: place.route_hash,
        log: None,
        generation,
        ledger: ledger.hash(),
        mode,
    }
}

/// Checks a welcome as a whole before anything of it is believed.
fn open_welcome(
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
    let (ledger, genesis) = Ledger::verify(&welcome.ledger.0, &place.charter, &place.charter_hash)?;
    if genesis.group != aim.group || genesis.generation != aim.generation {
        return Err(fatal(
            "RF3250",
            "the ledger is of another group than we knocked at",
        ));
    }
    let state = State {
        charter: place.charter.clone(),
        charter_hash: place.charter_hash,
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
    if own.is_none() || state.seats.get(&member.own_leaf()) != Some(&core.config.member) {
        return Err(fatal("RF3250", "the welcome is to another member"));
    }
    Ok((member, state))
}
