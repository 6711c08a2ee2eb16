//! Founding a group or knocking at one: what a host or the link signs for it, and what follows a refusal.
//! Not here: which of them (`joining.rs`), or coming back (`rejoining.rs`).
use super::core::{Core, Purpose};
use super::io::Bytes;
use super::joining::{Aim, Entering, POLL_MS, Step, expected};
use super::messages::{ClientMessage, SealedName};
use super::place::Place;
use super::{Outcome, fatal};
use crate::candidate::Candidate;
use crate::context::{Mode, Session, State};
use crate::knock::seal_name;
use crate::member::random;
use ringfence_charter::{Admission, Admits, Genesis, Knock, Ledger, PersonRole};
use ringfence_signed::{cose, hash};

/// As many as there can be others who come back at the same moment.
const MOST_RACES: u32 = 128;

impl Entering {
    pub(super) fn authorise(
        &mut self,
        core: &mut Core,
        place: &Place,
        candidate: Candidate,
        aim: Aim,
    ) -> Outcome {
        let host = core.host_key(&place.charter);
        let role = if host.is_some() {
            PersonRole::Host
        } else {
            PersonRole::Guest
        };
        let link = core.config.link.signing_key();
        let by = host.unwrap_or_else(|| link.verifying_key().to_bytes());
        let (meeting, member, charter) = (core.config.meeting, core.config.member, place.charter.hash);
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

    pub(super) fn found(
        &mut self,
        core: &mut Core,
        place: &Place,
        candidate: Candidate,
        aim: Aim,
        genesis: Vec<u8>,
    ) -> Outcome {
        let said = Genesis::verify(&genesis, &place.charter, &place.charter.hash)?;
        let ledger = Ledger::found(&said, genesis.clone());
        let mode = if ledger.link_admits(&place.charter, 1) {
            Mode::Link
        } else {
            Mode::Lobby
        };
        let context = expected(place, aim.generation, &ledger, mode);
        let (member, founding) = candidate.found(&aim.group, &context.encode())?;
        let session = Session {
            member: core.config.member,
            serial: 0,
        };
        let seats = [(member.own_leaf(), session)].into();
        let state = State {
            charter: place.charter.clone(),
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

    pub(super) fn knock(
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

    /// A refused founding, knock or return is tried again with a new greeting, a few times: somebody was faster.
    pub(super) fn failed(&mut self, core: &mut Core, code: &str, detail: &str, re: Option<&str>) -> Outcome {
        let group = core.greeting.as_ref().and_then(|greeting| greeting.hello.group);
        match (re, code) {
            // Of those who come back at the same moment one is first: that is no failure.
            (Some("rejoin"), "RF3202") if self.races < MOST_RACES => {
                self.races += 1;
                self.try_again_soon(core);
                return Ok(());
            }
            // It can write nothing down now.
            (Some("found" | "rejoin"), "RF1009") => {
                core.problem(&ringfence_signed::Error::new("RF1009", detail), false);
                self.step = Step::Greeting;
                self.poll_at = Some(core.now + POLL_MS);
                return Ok(());
            }
            // Many knock at once from behind one address: after a while there is room again.
            (Some("knock"), "RF1003") => {
                self.step = Step::Greeting;
                self.poll_at = Some(core.now + POLL_MS);
                return Ok(());
            }
            // The charter was changed while it was on its way: a greeting under the next one has been asked for.
            (Some("knock" | "back" | "rejoin"), "RF1219") => {
                self.step = Step::Greeting;
                core.hello_again();
                return Ok(());
            }
            (Some("hello"), _) if !core.nonces.is_empty() => {
                core.nonces.remove(0);
                core.server_error(code, detail);
                return Ok(());
            }
            (Some("back"), "RF1216") => self.told = group.map(|group| (group, false)),
            (Some("knock"), "RF1215") => self.told = group.map(|group| (group, true)),
            (Some("found" | "knock" | "back" | "rejoin"), _) => {}
            _ => {
                core.server_error(code, detail);
                return Ok(());
            }
        }
        self.failures += 1;
        if self.failures > 5 {
            core.server_error(code, detail);
            return Err(fatal("RF3248", "the server let us in by no way that we tried"));
        }
        self.step = Step::Greeting;
        self.poll_at = Some(core.now + POLL_MS);
        core.hello_again();
        Ok(())
    }
}
