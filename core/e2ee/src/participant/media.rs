//! Media keys of each epoch, the node's word about its media channel, and whether media may flow.
//! Not here: how a key is made (`keys.rs`), how the channel is compared (`ringfence-charter`), frames.
use super::core::Core;
use super::inside::Inside;
use super::io::{Bytes, KeyLeaf, Output, PlaceEvent};
use super::messages::ClientMessage;
use super::place::Place;
use super::{Outcome, fatal, minor};
use crate::keys::BaseKey;
use crate::member::random;
use ringfence_charter::Channel;
use ringfence_signed::B16;
use std::collections::BTreeMap;

/// Receivers keep an old epoch's keys this long; after a removal, only so long.
const KEEP_MS: u64 = 10_000;
const KEEP_AFTER_REMOVAL_MS: u64 = 2_000;
/// Senders give the others a moment to have the new keys, but none after a removal.
const SWITCH_MS: u64 = 100;
const RECHECK_MS: u64 = 30_000;
const OFFERS: usize = 4;

struct Epoch {
    keys: BTreeMap<u32, BaseKey>,
    until: Option<u64>,
}

#[derive(Default)]
pub struct Media {
    epochs: BTreeMap<u64, Epoch>,
    /// Of offers that are not answered yet.
    offers: Vec<B16>,
    channel: Option<Channel>,
    remote: Option<(String, u16)>,
    recheck_at: u64,
    told: Option<PlaceEvent>,
    /// By which code.
    refused: Option<&'static str>,
}

impl Media {
    pub fn key(&self, epoch: u64, leaf: u32) -> Option<BaseKey> {
        self.epochs.get(&epoch)?.keys.get(&leaf).cloned()
    }

    pub fn next_timeout(&self) -> Option<u64> {
        let kept = self.epochs.values().filter_map(|epoch| epoch.until).min();
        Some(kept.map_or(self.recheck_at, |until| until.min(self.recheck_at)))
    }
}

impl Inside {
    /// The keys of the epoch that has just begun.
    pub(super) fn install_keys(&mut self, core: &mut Core, removal: bool, addition: bool) -> Outcome {
        let first = self.media.epochs.is_empty();
        let keep = if removal { KEEP_AFTER_REMOVAL_MS } else { KEEP_MS };
        for epoch in self.media.epochs.values_mut() {
            let until = core.now + keep;
            epoch.until = Some(epoch.until.map_or(until, |before| before.min(until)));
        }
        let mut keys = BTreeMap::new();
        let context = &self.state.context;
        for leaf in self.state.seats.keys() {
            keys.insert(
                *leaf,
                BaseKey::export(&self.member, *leaf, &context.charter, &context.route)?,
            );
        }
        let epoch = self.member.epoch();
        let (time, people) = (core.time(), self.state.people());
        let authenticator = self.member.epoch_authenticator();
        core.journal
            .epoch(self.state.group, epoch, people, &authenticator, time);
        core.out.push(Output::Keys {
            epoch,
            own_leaf: self.member.own_leaf(),
            leaves: keys.keys().map(|leaf| KeyLeaf { leaf: *leaf }).collect(),
            close_old_after_ms: keep,
            switch_after_ms: if addition && !removal && !first {
                SWITCH_MS
            } else {
                0
            },
        });
        self.media.epochs.insert(epoch, Epoch { keys, until: None });
        Ok(())
    }

    pub(super) fn offer(&mut self, core: &mut Core, place: &Place, sdp: String) -> Outcome {
        let verdict = place.verdict(None, core.time());
        if !verdict.may_probe {
            let reason = (verdict.barred)
                .as_ref()
                .map_or("the node carries no media", |reason| &reason.text);
            return Err(minor("RF3261", reason.to_owned()));
        }
        let nonce: B16 = random()?;
        if self.media.offers.len() >= OFFERS {
            self.media.offers.remove(0);
        }
        self.media.offers.push(nonce);
        core.send(ClientMessage::Offer {
            sdp,
            nonce: Bytes::of(&nonce),
        });
        Ok(())
    }

    /// The browser sees an answer only after the node's signed word for every line of it was found.
    pub(super) fn answer(&mut self, core: &mut Core, place: &Place, sdp: String, binding: &[u8]) -> Outcome {
        let (node, time) = (place.node(), core.time());
        let mut found = None;
        let mut refusal = fatal("RF3262", "an answer to no offer of ours");
        for (index, nonce) in self.media.offers.iter().enumerate() {
            match Channel::verify(binding, &node, &self.state.group, nonce) {
                Ok(channel) => {
                    found = Some((index, channel));
                    break;
                }
                Err(error) => refusal = error.into(),
            }
        }
        let Some((index, channel)) = found else {
            return Err(refusal);
        };
        channel.check_answer(&sdp, place.addresses())?;
        let verdict = place.verdict(Some(&channel.address), time);
        if let Some(reason) = verdict.barred {
            return Err(fatal(reason.code, reason.text));
        }
        self.media.offers.drain(..=index);
        self.media.channel = Some(channel);
        core.out.push(Output::Answer { sdp });
        self.media.recheck_at = core.now;
        Ok(())
    }

    /// The transport selected this remote address: it has to be the one that the node signed.
    pub(super) fn remote(&mut self, core: &mut Core, place: &Place, address: String, port: u16) -> Outcome {
        let signed = self
            .media
            .channel
            .as_ref()
            .is_some_and(|c| c.address == address && c.port == port);
        if !signed || !place.addresses().contains(&address) {
            core.close_media("elsewhere");
            return Err(fatal(
                "RF3260",
                "media would go to an address that the node did not sign",
            ));
        }
        let time = core.time();
        core.journal.selected(&address, port, time);
        self.media.remote = Some((address, port));
        self.media.recheck_at = core.now;
        Ok(())
    }

    /// The page measured the way to the address that the transport selected.
    pub(super) fn measured(&mut self, core: &mut Core, place: &Place, min_ms: f64, samples: u32) -> Outcome {
        let Some((address, _)) = &self.media.remote else {
            return Ok(()); // measured over a connection that we do not know, or not any more
        };
        let time = core.time();
        core.observing
            .measured((place.node(), address), min_ms, samples, time)
    }

    /// The fence, or what it rests on, has changed.
    pub(super) fn decide_soon(&mut self, now: u64) {
        self.media.recheck_at = now;
    }

    /// Whether media may flow now: decided again on every change, and at least every 30 s.
    pub(super) fn reconsider(&mut self, core: &mut Core, place: &Place) -> Outcome {
        self.media
            .epochs
            .retain(|_, epoch| epoch.until.is_none_or(|until| core.now < until));
        if core.now >= self.media.recheck_at {
            self.media.recheck_at = core.now + RECHECK_MS;
            self.decide_again(core, place)?;
        }
        let sends = self.media.told.as_ref().is_some_and(|told| told.may_send);
        let why = match () {
            () if self.ended.is_some() || self.leaving.is_some() => "left",
            () if self.cutoff => "cutoff",
            () if self.unanswered > 0 => "unanswered",
            () if self.media.refused.is_some() => "fence",
            () if !sends && self.media.remote.is_some() => "measuring",
            () if !sends => "connecting",
            () => "",
        };
        core.media(why.is_empty(), why);
        Ok(())
    }

    fn decide_again(&mut self, core: &mut Core, place: &Place) -> Outcome {
        if place.charter.until.is_some_and(|until| core.time() >= until) {
            return Err(fatal("RF3125", "the meeting has ended by its charter"));
        }
        let remote = self.media.remote.as_ref().map(|(address, _)| address.as_str());
        let verdict = place.verdict(remote, core.time());
        let time = core.time();
        core.journal.decided(place, remote, &verdict, time);
        let event = place.event(&verdict, time);
        if self.media.told.as_ref() != Some(&event) {
            core.event(super::io::Event::Place(place.event(&verdict, time)));
            self.media.told = Some(event);
        }
        let refusal = verdict.barred.as_ref();
        let before = std::mem::replace(&mut self.media.refused, refusal.map(|reason| reason.code));
        if let Some(reason) = refusal.filter(|reason| before != Some(reason.code)) {
            core.close_media("fence");
            // What rests on a place that somebody typed accuses nobody: first they are asked.
            if reason.code != "RF2116" {
                self.refuse(core, reason.code);
            }
            return Err(minor(reason.code, reason.text.clone()));
        }
        Ok(())
    }
}
