//! Responsible for: one probe: what belongs to it, and what became of that.
//! Not responsible for: when there is one.

use crate::register::{News, Told};
use crate::units::Bitrate;
use std::time::Duration;

/// So much of it has to be told of, and of what is told so much has to arrive, or it says nothing.
const TOLD: f64 = 0.8;
const ARRIVED: f64 = 0.6;
/// What comes out slower than this share of how it went in has filled the path: it is worth this share of that.
const FILLED: f64 = 0.9;
const WORTH: f64 = 0.95;
/// What is sent until then belongs to it, complete or not.
const OPEN: Duration = Duration::from_millis(150);

/// A probe that was begun.
#[derive(Debug)]
pub struct Running {
    pub rate: Bitrate,
    pub began: Duration,
    /// Bytes that are still to be sent.
    left: u64,
    sent: u64,
    arrived: u64,
    lost: u64,
    /// Of those that arrived: when sent and when arrived, the first and the last, and the sizes that do not count: that of
    /// the last for sending and that of the first for arriving.
    first_sent: Duration,
    last_sent: (Duration, u64),
    first_arrived: (Duration, u64),
    last_arrived: Duration,
}

impl Running {
    pub fn begin(rate: Bitrate, bytes: u64, now: Duration) -> Self {
        Self {
            rate,
            began: now,
            left: bytes,
            sent: 0,
            arrived: 0,
            lost: 0,
            first_sent: Duration::MAX,
            last_sent: (Duration::ZERO, 0),
            first_arrived: (Duration::MAX, 0),
            last_arrived: Duration::ZERO,
        }
    }

    /// Whether a packet that is sent now belongs to it.
    pub fn send(&mut self, size: u64, now: Duration) -> bool {
        if self.left == 0 || now > self.began + OPEN {
            self.left = 0;
            return false;
        }
        self.left = self.left.saturating_sub(size);
        self.sent += size;
        true
    }

    /// Whether it was sent, and enough of it is told of.
    pub fn is_told(&self, now: Duration) -> bool {
        let is_sent = self.left == 0 || now > self.began + OPEN;
        is_sent && self.sent > 0 && self.told() as f64 >= self.sent as f64 * TOLD
    }

    /// A packet of it is told of.
    pub fn note(&mut self, told: &Told, arrived: Option<Duration>) {
        let sent = Duration::from_micros(told.sent.as_micros());
        let size = u64::from(told.size);
        let Some(arrived) = arrived else {
            self.lost += size;
            return;
        };
        if told.news == News::ArrivedAfterAll {
            self.lost = self.lost.saturating_sub(size);
        }
        self.arrived += size;
        self.first_sent = self.first_sent.min(sent);
        if sent >= self.last_sent.0 {
            self.last_sent = (sent, size);
        }
        if arrived < self.first_arrived.0 {
            self.first_arrived = (arrived, size);
        }
        self.last_arrived = self.last_arrived.max(arrived);
    }

    /// Bytes of which something has been said.
    pub fn told(&self) -> u64 {
        self.arrived + self.lost
    }

    /// The rate that came through; nothing if too much was lost. Never more than was asked to be tried.
    pub fn carried(&self) -> Option<Bitrate> {
        if (self.arrived as f64) < self.told() as f64 * ARRIVED || self.arrived <= self.first_arrived.1 {
            return None;
        }
        // All at the same moment is as fast as can be.
        let rate = |bytes: u64, time: Duration| match time < Duration::from_millis(1) {
            true => self.rate,
            false => Bitrate::of(bytes, time).min(self.rate),
        };
        let went_in = rate(
            self.arrived - self.last_sent.1,
            self.last_sent.0 - self.first_sent,
        );
        let came_out = rate(
            self.arrived - self.first_arrived.1,
            self.last_arrived - self.first_arrived.0,
        );
        Some(match came_out < went_in.scaled(FILLED) {
            true => came_out.scaled(WORTH),
            false => came_out.min(went_in),
        })
    }
}
