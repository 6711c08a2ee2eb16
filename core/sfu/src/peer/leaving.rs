//! Responsible for: what leaves on a participant's slots, on either way out, and what the participant says of it.
//! Not responsible for: whether a packet leaves (`route`), or its bytes (`fast`, `egress`).

use super::{Peer, RTCP, Step};
use crate::datagrams::Datagrams;
use crate::egress::{Egress, Exit, Outgoing};
use crate::path::Path;
use crate::rewrite::{Numbers, Rewriter};
use crate::slot::Slot;
use crate::stream::{Codec, Leaf, Source};
use ringfence_packet::feedback::{self, Feedback};
use std::net::SocketAddr;
use std::time::Instant;

impl Peer {
    /// Lets the library know the streams that leave on the fast way, for as long as it writes an answer with them.
    pub(super) fn lend_streams(&mut self) {
        if self.fast.is_some() {
            for exit in exits(&self.slots, &self.put_away) {
                let mut api = self.rtc.direct_api();
                api.declare_stream_tx(exit.ssrc, exit.repeats, exit.mid, None);
            }
        }
    }

    /// The library must not seal anything for them: see `fast`.
    pub(super) fn take_streams(&mut self) {
        if self.fast.is_some() {
            for exit in exits(&self.slots, &self.put_away) {
                self.rtc.direct_api().remove_stream_tx(exit.ssrc);
            }
        }
    }

    /// Looks at what the library sends. `None`: it would seal something for a stream that leaves on the fast way, which one
    /// random number in four billion could make it do.
    pub(super) fn goes(&mut self, to: SocketAddr, datagram: &[u8]) -> Option<()> {
        let Some(fast) = &mut self.fast else {
            return Some(());
        };
        fast.goes(to, datagram);
        let reports = datagram.get(1).is_some_and(|kind| RTCP.contains(kind)) && datagram[0] >> 6 == 2;
        let ssrc = datagram.get(4..8).filter(|_| reports);
        let is_ours = |exit: &Exit| ssrc == Some(&exit.ssrc.to_be_bytes()[..]);
        (!exits(&self.slots, &self.put_away).any(is_ours)).then_some(())
    }

    /// Takes in what the receiver says of streams that left on the fast way; what has to be done about it comes out of `poll`.
    pub(super) fn heard_back(&mut self, datagram: &[u8], now: Instant) {
        let Some(fast) = &mut self.fast else {
            return;
        };
        let mut copy = std::mem::take(&mut self.scratch);
        copy.clear();
        copy.extend_from_slice(datagram);
        if let Some(compound) = fast.opened(&mut copy) {
            feedback::read(compound, |said| self.hear(said, now));
        }
        self.scratch = copy;
    }

    fn hear(&mut self, said: Feedback, now: Instant) {
        match said {
            Feedback::Lost { ssrc, lost } => {
                if let Some(slot) = self.slot_of(ssrc) {
                    self.said.push_back(Step::Lost(slot, lost.numbers().collect()));
                }
            }
            Feedback::KeyFrame { ssrc } => {
                let slot = self.slot_of(ssrc);
                self.said.extend(slot.map(Step::KeyFrame));
            }
            Feedback::Report(report) => {
                let slot = self.slot_of(report.ssrc).map(|slot| &mut self.slots[slot]);
                if let Some(exit) = slot.and_then(|slot| slot.exit.as_mut()) {
                    exit.sent.known = true;
                }
            }
            Feedback::Arrivals(arrivals) => {
                if let Some(path) = self.path() {
                    path.arrived(arrivals, now);
                }
            }
            Feedback::Estimate(rate) => {
                if let Some(path) = self.path() {
                    path.says(rate);
                }
            }
        }
    }

    /// What its path carries, where that is known.
    pub fn path(&mut self) -> Option<&mut Path> {
        self.fast.as_mut()?.path.as_mut()
    }

    /// Sends so many bytes of nothing, on the line that has sent the most of those that show something.
    pub fn pad(&mut self, bytes: u64, now: Instant, out: &mut Datagrams) {
        let Some(fast) = &mut self.fast else {
            return;
        };
        let shows = |slot: &&mut Slot| slot.subscription.source.is_some();
        let shown = self.slots.iter_mut().filter(shows);
        let exit = shown
            .filter_map(|slot| slot.exit.as_mut())
            .filter(|exit| exit.video)
            .max_by_key(|exit| exit.sent.count());
        if exit.and_then(|exit| fast.pad(exit, bytes, now, out)).is_none()
            && let Some(path) = &mut fast.path
        {
            path.ends_probe();
        }
    }

    fn slot_of(&self, ssrc: u32) -> Option<usize> {
        let shows = |slot: &Slot| slot.exit.as_ref().is_some_and(|exit| *exit.ssrc == ssrc);
        self.slots.iter().position(shows)
    }

    /// Puts a packet on a slot that changes to its layer here; `from` sent it. This and the next two say whether the library
    /// must be asked what follows.
    pub fn start(
        &mut self,
        slot: usize,
        (from, packet): (Leaf, &Outgoing),
        ssrc: u32,
        now: Instant,
        out: &mut Datagrams,
    ) -> bool {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.follows = Some((from, ssrc));
            if let Some(exit) = &mut slot.exit {
                exit.sent.starts();
            }
        }
        self.write(slot, packet, now, out, |rewriter| {
            Some(rewriter.start(packet.numbers, now))
        })
    }

    /// Puts a packet on a slot that shows its layer.
    pub fn follow(&mut self, slot: usize, packet: &Outgoing, now: Instant, out: &mut Datagrams) -> bool {
        self.write(slot, packet, now, out, |rewriter| {
            rewriter.follow(packet.numbers, now)
        })
    }

    /// Leaves a packet of a slot's stream out.
    pub fn skip(&mut self, slot: usize, packet: &Outgoing, now: Instant, out: &mut Datagrams) -> bool {
        self.write(slot, &packet.empty(), now, out, |rewriter| {
            rewriter.skip(packet.numbers)
        })
    }

    /// Whether the client can decode it on this slot.
    pub fn takes(&self, slot: usize, codec: Codec) -> bool {
        let exit = self.slots.get(slot).and_then(|slot| slot.exit.as_ref());
        exit.is_some_and(|exit| exit.payload_type(codec).is_some())
    }

    pub(super) fn write(
        &mut self,
        slot: usize,
        packet: &Outgoing,
        now: Instant,
        out: &mut Datagrams,
        number: impl FnOnce(&mut Rewriter) -> Option<Numbers>,
    ) -> bool {
        let Some(Slot {
            exit: Some(exit),
            rewriter,
            ..
        }) = self.slots.get_mut(slot)
        else {
            return false;
        };
        let Some(numbers) = number(rewriter) else {
            return false;
        };
        match &mut self.fast {
            Some(fast) => fast.write(exit, packet, numbers, now, out),
            None => self.rtc.write(exit, packet, numbers, now, out),
        }
        self.fast.is_none()
    }

    /// Which packet of its sender a slot sent under a number that the receiver names, if it can be sent again.
    pub fn lost(&self, slot: usize, low: u16) -> Option<(Leaf, u32, u64)> {
        let slot = self.slots.get(slot)?;
        let (leaf, ssrc) = slot.follows?;
        let sequence = slot.exit.as_ref()?.sent.whole(low);
        Some((leaf, ssrc, slot.rewriter.sent_as(sequence)?))
    }

    /// Sends a packet again that `lost` named.
    pub fn repeat(&mut self, slot: usize, packet: &Outgoing, now: Instant, out: &mut Datagrams) {
        if let (Some(fast), Some(slot)) = (&mut self.fast, self.slots.get_mut(slot))
            && let (Some(exit), Some(numbers)) = (&mut slot.exit, slot.rewriter.again(packet.numbers))
        {
            fast.repeat(exit, packet, numbers, now, out);
        }
    }

    /// Shows another stream on a slot, or none. Of what it showed, nothing can leave any more.
    pub fn show(&mut self, slot: usize, source: Option<Source>) {
        let Some(slot) = self.slots.get_mut(slot) else {
            return;
        };
        slot.show(source);
        if let Some(exit) = &slot.exit {
            match &mut self.fast {
                Some(fast) => fast.forget(exit),
                None => self.rtc.forget(exit),
            }
        }
    }
}

fn exits<'a>(slots: &'a [Slot], put_away: &'a [Slot]) -> impl Iterator<Item = &'a Exit> {
    slots.iter().chain(put_away).filter_map(|slot| slot.exit.as_ref())
}
