//! Responsible for: between which rates an estimate stays, and where it begins.
//! Not responsible for: the estimate.

use crate::units::Bitrate;

/// Between which rates the estimate stays, and where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub least: Bitrate,
    pub start: Bitrate,
    pub most: Bitrate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            least: Bitrate::kbps(40),
            start: Bitrate::kbps(500),
            most: Bitrate::kbps(20_000),
        }
    }
}
