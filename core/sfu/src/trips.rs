//! Responsible for: answering those who measure how long the way to this forwarder and back takes, at once and the same bytes.
//! Not responsible for: what they make of it; a client believes its own clock and nothing that is said here.

use std::time::{Duration, Instant};
use str0m::channel::{ChannelData, ChannelId};
use str0m::{Event, Rtc};

/// What the one data channel is called.
pub const LABEL: &str = "ringfence-trip";
/// A nonce: whoever answers before it came has to guess it.
pub const NONCE: usize = 16;
/// Twice what a client asks in its first second, and thrice what it asks for later.
const MOST_AT_ONCE: u32 = 40;
const ONE_MORE_AFTER: Duration = Duration::from_millis(40);
/// Each channel that a client opens costs memory; a real one opens one.
const MOST_OPENED: u32 = 16;

/// Of one connection.
#[derive(Default)]
pub struct Trips {
    channel: Option<ChannelId>,
    opened: u32,
    answered: Allowance,
}

/// How many may be answered now: one more after each while, up to a most.
struct Allowance {
    left: u32,
    since: Option<Instant>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            left: MOST_AT_ONCE,
            since: None,
        }
    }
}

impl Allowance {
    fn take(&mut self, now: Instant) -> bool {
        let since = *self.since.get_or_insert(now);
        let more = now.saturating_duration_since(since).as_nanos() / ONE_MORE_AFTER.as_nanos();
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        self.since = Some(since + ONE_MORE_AFTER.saturating_mul(more).min(now - since));
        self.left = self.left.saturating_add(more).min(MOST_AT_ONCE);
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }
}

impl Trips {
    /// Takes what came of data channels. `false`: it is nothing that is answered here.
    pub fn take(&mut self, rtc: &mut Rtc, event: &Event, now: Instant) -> bool {
        match event {
            Event::ChannelOpen(id, label) => self.open(rtc, *id, label),
            Event::ChannelClose(id) => {
                self.channel = self.channel.filter(|known| known != id);
                true
            }
            Event::ChannelData(data) => self.answer(rtc, data, now),
            _ => true,
        }
    }

    fn open(&mut self, rtc: &mut Rtc, id: ChannelId, label: &str) -> bool {
        self.opened += 1;
        if self.opened > MOST_OPENED {
            rtc.disconnect();
        } else if label == LABEL && self.channel.is_none() {
            self.channel = Some(id);
            return true;
        } else {
            rtc.direct_api().close_data_channel(id);
        }
        false
    }

    fn answer(&mut self, rtc: &mut Rtc, asked: &ChannelData, now: Instant) -> bool {
        let fits = self.channel == Some(asked.id) && asked.binary && asked.data.len() == NONCE;
        if !fits || !self.answered.take(now) {
            return false;
        }
        let channel = rtc.channel(asked.id);
        channel.is_some_and(|mut channel| channel.write(true, &asked.data).unwrap_or(false))
    }
}
