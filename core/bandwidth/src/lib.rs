//! Responsible for: how much a receiver's path carries, from what the receiver says about the packets sent to it
//! (send-side estimation after draft-ietf-rmcat-gcc-02, with the sequence numbers of
//! draft-holmer-rmcat-transport-wide-cc-extensions-01).
//! Not responsible for: the bytes of RTCP, sending, clocks, or who gets the bandwidth.

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
