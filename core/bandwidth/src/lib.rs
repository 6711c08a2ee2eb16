//! Responsible for: how much a receiver's path carries, from what the receiver says about the packets sent to it
//! (send-side estimation after draft-ietf-rmcat-gcc-02, with the sequence numbers of
//! draft-holmer-rmcat-transport-wide-cc-extensions-01).
//! Not responsible for: the bytes of RTCP, sending, clocks, or who gets the bandwidth.
//!
//! ```
//! use ringfence_bandwidth::{Bitrate, Estimator, Limits};
//! use std::time::{Duration, Instant};
//!
//! let mut now = Instant::now();
//! let mut estimator = Estimator::new(Limits::default(), now);
//! estimator.want(Bitrate::kbps(2000));
//! // Each packet gets its number when it is sent: 1,000 bytes every 10 ms.
//! for packet in 0..100 {
//!     now += Duration::from_millis(10);
//!     let sequence = estimator.send(1000, now);
//!     // Later comes feedback, by the receiver's clock.
//!     let arrived = Duration::from_millis(70_000 + packet * 10);
//!     estimator.feedback([(sequence, Some(arrived))], now);
//!     // After feedback, and at `next_poll`: it says when to send a probe, and how much of what rate.
//!     if let Some(probe) = estimator.poll(now) {
//!         assert!(probe.rate > estimator.estimate());
//!     }
//! }
//! assert!(estimator.estimate() >= Bitrate::kbps(500));
//! ```

mod aimd;
mod estimator;
mod groups;
mod limits;
mod loss;
mod meter;
mod probe;
mod register;
mod standing;
mod trend;
mod units;

pub use estimator::{Estimator, Insight};
pub use limits::Limits;
pub use probe::Probe;
pub use trend::Usage;
pub use units::Bitrate;
