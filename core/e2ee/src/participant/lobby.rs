//! Who knocks, and whom this host has let in of them.
//! Not here: the commit that brings them in (`committing.rs`), or making a knock (`knocking.rs`).
use super::core::{Core, Purpose};
use super::inside::Inside;
use super::io::{Event, KnockItem};
use super::messages::{ClientMessage, KnockMessage};
use super::{Outcome, minor};
use crate::admit::check_leaf;
use crate::context::Mode;
use crate::facts::{Leaf, encryption_key};
use crate::knock::{Name, open_name};
use crate::member::{random, read_package};
use openmls::prelude::KeyPackage;
use ringfence_charter::charter::host_id;
use ringfence_charter::{Admission, Knock, PersonRole};
use ringfence_signed::{B32, Error, Result, cose, hash};
use std::collections::BTreeMap;

/// Whom a host has let in, and who is not in yet, may knock again for so long: they need not be let in twice.
const CONSENT_MS: u64 = 120_000;
const MOST_KNOCKS: usize = 512;

#[derive(Default)]
pub struct Lobby {
    knocks: BTreeMap<String, Knocker>,
    consents: BTreeMap<B32, Consent>,
}

pub struct Knocker {
    member: B32,
    pub package: KeyPackage,
    /// What the link let them in with.
    admission: Option<Vec<u8>>,
    /// Known to hosts only.
    name: Option<Name>,
}

/// This host has let somebody in who is not in yet. Their knock may be gone, with their connection or ours.
struct Consent {
    /// As whom they were let in: under another name they ask anew.
    name: Option<Name>,
    at: u64,
    /// None until it is signed.
    admission: Option<Vec<u8>>,
}

/// No two leaves of a group share one (RFC 9420 §7.3), nor two of those who are added.
fn keys_of(package: &KeyPackage) -> [Vec<u8>; 3] {
    let leaf = package.leaf_node();
    [
        leaf.signature_key().as_slice().to_vec(),
        encryption_key(leaf),
        package.hpke_init_key().as_slice().to_vec(),
    ]
}

impl Lobby {
    /// Who may come in, by their knocks, with what says so.
    pub fn admitted(&self) -> impl Iterator<Item = (&String, &Knocker, &[u8])> {
        let admitted = |(id, knocker)| Some((id, knocker, self.admission(knocker)?));
        self.knocks.iter().filter_map(admitted)
    }

    fn admission<'a>(&'a self, knocker: &'a Knocker) -> Option<&'a [u8]> {
        let consent = || self.consents.get(&knocker.member)?.admission.as_ref();
        knocker.admission.as_ref().or_else(consent).map(Vec::as_slice)
    }

    /// A knock is gone, with its connection or ours. What a host has said to it stands.
    pub fn settled(&mut self, id: &str) {
        self.knocks.remove(id);
    }

    pub fn all_settled(&mut self) {
        self.knocks.clear();
    }

    /// A knock is not to be thought of any more, nor what a host has said to it.
    pub fn forget(&mut self, id: &str) -> Option<Knocker> {
        let knocker = self.knocks.remove(id)?;
        self.consents.remove(&knocker.member);
        Some(knocker)
    }

    pub fn is_in(&mut self, member: &B32) {
        self.knocks.retain(|_, knocker| knocker.member != *member);
        self.consents.remove(member);
    }

    /// What a host has said to a knock does not hold for another under another name, nor for ever.
    fn expire(&mut self, member: &B32, name: Option<&Name>, now: u64) {
        let holds = |consent: &Consent| consent.name.as_ref() == name && now < consent.at + CONSENT_MS;
        if self.consents.get(member).is_some_and(|consent| !holds(consent)) {
            self.consents.remove(member);
        }
    }

    /// After the way in has changed, admissions that no longer count are forgotten.
    fn keep(&mut self, counts: impl Fn(&[u8], &B32) -> bool) {
        for knocker in self.knocks.values_mut() {
            knocker
                .admission
                .take_if(|document| !counts(document, &knocker.member));
        }
        self.consents.retain(|member, consent| {
            let signed = consent.admission.as_ref();
            signed.is_none_or(|document| counts(document, member))
        });
    }

    /// Of whom a host has to be asked.
    fn asking(&self) -> Vec<KnockItem> {
        let asking = |(id, knocker): (&String, &Knocker)| {
            let asks = knocker.admission.is_none() && !self.consents.contains_key(&knocker.member);
            let name = knocker.name.as_ref().map_or("?", Name::as_str).to_owned();
            asks.then(|| KnockItem { id: id.clone(), name })
        };
        self.knocks.iter().filter_map(asking).collect()
    }
}

impl Inside {
    pub(super) fn on_knock(&mut self, core: &mut Core, message: KnockMessage) -> Outcome {
        let refused = |error: Error| minor(error.code, error.detail);
        let (charter, group) = (&self.state.charter, &self.state.group);
        let knock =
            Knock::verify(&message.proof.0, charter, group, &hash(&message.package.0)).map_err(refused)?;
        // Who is admitted comes back by themselves.
        if self.state.ledger.current(&knock.member).is_some() || self.lobby.knocks.len() >= MOST_KNOCKS {
            return Ok(());
        }
        let package = read_package(self.member.crypto(), &message.package.0).map_err(refused)?;
        let certified = check_leaf(&self.state, 0, &Leaf::of(package.leaf_node())).map_err(refused)?;
        if certified.member != knock.member {
            return Err(minor(
                "RF3226",
                "the key package is of another member than the knock",
            ));
        }
        let keys = keys_of(&package);
        let knocks = &self.lobby.knocks;
        let others = knocks.values().filter(|other| other.member != knock.member);
        let shared = |key: &Vec<u8>| {
            self.member.has_key(key) || others.clone().any(|other| keys_of(&other.package).contains(key))
        };
        if keys.iter().any(shared) {
            return Err(minor("RF3226", "the key package has keys of somebody else"));
        }
        let mut name = None;
        if let (Some(host), Some(secret)) = (self.host, &core.config.host_hpke) {
            let id = host_id(&charter.meeting, &host);
            let ours = message.names.iter().find(|sealed| sealed.host.0 == id);
            name = ours.and_then(|n| open_name(secret, group, &knock.member, &n.sealed.0).ok());
        }
        let admission = message.admission.map(|admission| admission.0);
        let unfit = match &admission {
            Some(document) => self.check_admission(document, &knock.member).err(),
            None => Some(Error::new("RF3227", "no admission at all")),
        };
        let lobby = &mut self.lobby;
        lobby.knocks.retain(|_, other| other.member != knock.member);
        lobby.expire(&knock.member, name.as_ref(), core.now);
        let knocker = Knocker {
            member: knock.member,
            package,
            admission: admission.filter(|_| unfit.is_none()),
            name,
        };
        lobby.knocks.insert(message.id, knocker);
        self.tell_knocks(core);
        self.schedule(core);
        // Who comes by the link into what is a lobby by now is no lie; that nobody need be asked would be.
        match unfit.filter(|_| message.auto) {
            Some(error) => Err(minor("RF3263", format!("{}: {}", error.code, error.detail))),
            None => Ok(()),
        }
    }

    fn check_admission(&self, document: &[u8], member: &B32) -> Result<()> {
        let (state, link_admits) = (&self.state, self.mode() == Mode::Link);
        let (charter, hash) = (&state.charter, &state.charter.hash);
        let admission = Admission::verify(document, charter, hash, &state.group, link_admits)?;
        match admission.member == *member {
            true => Ok(()),
            false => Err(Error::new("RF3132", "the admission is somebody else's")),
        }
    }

    /// After the way in has changed, a host is asked, or asked again.
    pub(super) fn reconsider_knocks(&mut self) {
        let mut lobby = std::mem::take(&mut self.lobby);
        lobby.keep(|document, member| self.check_admission(document, member).is_ok());
        self.lobby = lobby;
    }

    pub(super) fn tell_knocks(&mut self, core: &mut Core) {
        if self.host.is_none() {
            return;
        }
        let knocks = self.lobby.asking();
        let ids: Vec<String> = knocks.iter().map(|k| k.id.clone()).collect();
        if ids != core.knocks_told {
            core.knocks_told = ids;
            core.event(Event::Knocks { knocks });
        }
    }

    pub(super) fn admit(&mut self, core: &mut Core, id: &str) -> Outcome {
        let (Some(host), Some(knocker)) = (self.host, self.lobby.knocks.get(id)) else {
            return Err(minor("RF3251", "that knock is gone, or we are no host"));
        };
        let consent = Consent {
            name: knocker.name.clone(),
            at: core.now,
            admission: None,
        };
        let member = knocker.member;
        self.lobby.consents.insert(member, consent);
        let admission = Admission {
            meeting: core.config.meeting,
            group: self.state.group,
            member,
            role: PersonRole::Guest,
            charter: self.state.charter.hash,
            nonce: random()?,
            by: host,
        };
        core.ask_host(
            host,
            cose::label::ADMISSION,
            admission.encode(),
            Purpose::Admission { member },
        );
        self.tell_knocks(core);
        Ok(())
    }

    /// The host who admits commits, at once.
    pub(super) fn admitted(&mut self, core: &mut Core, member: B32, document: Vec<u8>) {
        // Asked for under a charter that is not in force any more: the host is asked again.
        if self.check_admission(&document, &member).is_err() {
            self.lobby.consents.remove(&member);
            return self.tell_knocks(core);
        }
        let Some(consent) = self.lobby.consents.get_mut(&member) else {
            return;
        };
        consent.admission = Some(document);
        if self.lobby.knocks.values().any(|knocker| knocker.member == member) {
            self.commit_at = Some(core.now);
        }
    }

    pub(super) fn deny(&mut self, core: &mut Core, id: String) -> Outcome {
        if self.host.is_none() || self.lobby.forget(&id).is_none() {
            return Err(minor("RF3251", "that knock is gone, or we are no host"));
        }
        core.send(ClientMessage::Deny { knock: id });
        self.tell_knocks(core);
        Ok(())
    }
}
