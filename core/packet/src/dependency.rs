//! Responsible for: the mandatory fields of the Dependency Descriptor, and its frame number.
//! Not responsible for: templates and decode targets, which plain simulcast does not need.
//!
//! AV1 RTP payload specification, appendix A.8.

/// How the extension is named in SDP.
pub const URI: &str =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

/// The three mandatory bytes, and whether a template structure follows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    pub starts_frame: bool,
    pub ends_frame: bool,
    pub frame_number: u16,
    pub has_structure: bool,
}

impl Descriptor {
    /// A decoder can start here: an encoder attaches the structure to the first packet of each key frame.
    pub fn starts_key_frame(&self) -> bool {
        self.starts_frame && self.has_structure
    }
}

/// Reads the descriptor; `None` when it is shorter than its mandatory fields.
pub fn read(bytes: &[u8]) -> Option<Descriptor> {
    let [flags, high, low, rest @ ..] = bytes else {
        return None;
    };
    Some(Descriptor {
        starts_frame: flags & 0x80 != 0,
        ends_frame: flags & 0x40 != 0,
        frame_number: u16::from_be_bytes([*high, *low]),
        has_structure: rest.first().is_some_and(|extended| extended & 0x80 != 0),
    })
}

/// Writes another frame number; other fields stay, since dependencies are differences of frame numbers.
/// Does nothing to bytes that `read` refuses.
pub fn write_frame_number(bytes: &mut [u8], frame_number: u16) {
    if let [_, high, low, ..] = bytes {
        [*high, *low] = frame_number.to_be_bytes();
    }
}
