//! Back into a group that this member key is admitted to, by an external commit: nobody has to let us in.
//! Not here: keeping the group over a lost connection (`away.rs`), or what the gate allows (`admit.rs`).
use super::core::{Core, Purpose};
use super::io::Bytes;
use super::joining::{Aim, Entering, Greeting, Step};
use super::messages::{ClientMessage, GroupMessage};
use super::place::Place;
use super::{Outcome, fatal, minor};
use crate::candidate::Candidate;
use crate::delivery::{Delivery, Entering as Let};
use ringfence_charter::Leaf as Certificate;
use ringfence_signed::{B16, cose, hash};

/// Those who come back at the same moment try again at different ones, up to a quarter of a second later.
const LEAST_WAIT_MS: u64 = 30;

impl Entering {
    /// The group that this device was in, or that the server says it is in.
    pub(super) fn way_back(&self, core: &Core, greeting: &Greeting) -> Option<Aim> {
        let (group, generation) = (greeting.hello.group?, greeting.hello.generation?);
        let told = self.told.filter(|(about, _)| *about == group);
        let seen = core.config.seen_generation() == generation;
        told.map_or(seen, |(_, is_in)| is_in).then_some(Aim {
            charter: greeting.hello.charter,
            group,
            generation,
            found: false,
        })
    }

    pub(super) fn prove(&mut self, core: &mut Core, aim: Aim, nonce: B16) {
        core.ask_proof(aim.group, nonce);
        self.step = Step::Proving(aim);
    }

    pub(super) fn ask_for_group(&mut self, core: &mut Core, aim: Aim, proof: Vec<u8>) {
        core.send(ClientMessage::Back { proof: Bytes(proof) });
        self.step = Step::Asking(aim);
    }

    /// The group as the server shows it: all of it is checked, as who is welcomed does.
    pub(super) fn on_group(&mut self, core: &mut Core, place: &Place, shown: &GroupMessage) -> Outcome {
        let aim = match std::mem::replace(&mut self.step, Step::Moving) {
            Step::Asking(aim) => aim,
            step => {
                self.step = step;
                return Err(minor("RF3242", "a group that nobody asked for"));
            }
        };
        let (document, route) = (&place.charter.document, place.route_hash);
        let (ledger, info, tree) = (&shown.ledger.0, &shown.group_info.0, &shown.tree.0);
        let view = Delivery::shown(document, route, ledger, info, tree)?;
        let state = view.state();
        let aimed = state.group == aim.group && state.context.generation == aim.generation;
        if !aimed || view.epoch() != shown.epoch {
            return Err(fatal(
                "RF3250",
                "the server shows another group than we come back to",
            ));
        }
        let member = core.config.member;
        let latest = state
            .leaves_of(&member)
            .first()
            .map(|leaf| state.seats[leaf].serial);
        let candidate = Candidate::new(&core.config.link.psk())?;
        let certificate = Certificate {
            meeting: core.config.meeting,
            group: aim.group,
            member,
            leaf: candidate.leaf_key()?,
            serial: latest.map_or(0, |serial| serial + 1),
        };
        core.ask_member(cose::label::LEAF, certificate.encode(), Purpose::Leaf);
        self.step = Step::Returning(candidate, Box::new(view));
        Ok(())
    }

    pub(super) fn come_back(
        &mut self,
        core: &mut Core,
        mut candidate: Candidate,
        mut view: Delivery,
        certificate: Vec<u8>,
    ) -> Outcome {
        candidate.certify(certificate);
        let epoch = view.epoch();
        let (member, made) = candidate.come_back(view.group_info(), &view.tree()?)?;
        view.take_commit(&made.commit, &made.group_info, Let::Back(core.config.member))?;
        let Some(state) = view.provisional_state().cloned() else {
            return Ok(());
        };
        core.send(ClientMessage::Rejoin {
            epoch,
            commit: Bytes(made.commit),
            group_info: Bytes(made.group_info),
        });
        self.step = Step::Back(Box::new(member), state);
        Ok(())
    }

    /// Nobody in the group could use our commit: we make another.
    pub(super) fn lost_way_back(&mut self, core: &mut Core) -> Outcome {
        if !matches!(self.step, Step::Back(..)) {
            return Err(minor("RF3242", "nobody comes back"));
        }
        self.failures += 1;
        if self.failures > 5 {
            return Err(fatal(
                "RF3248",
                "nobody in the meeting can use the way back that we made",
            ));
        }
        self.try_again_soon(core);
        Ok(())
    }

    pub(super) fn try_again_soon(&mut self, core: &mut Core) {
        // As good as random among members, and the same in each run of a test.
        let jitter = hash(&[&core.config.member[..], &core.now.to_be_bytes()].concat())[0];
        self.step = Step::Greeting;
        self.poll_at = Some(core.now + LEAST_WAIT_MS + u64::from(jitter));
    }
}
