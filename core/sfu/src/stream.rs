//! Responsible for: the words of the crate: leaf, context, layer, form, codec, source, and its errors.
//! Not responsible for: anything that changes.

use std::fmt;

/// A participant of a room, by the leaf of the MLS group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leaf(pub u32);

/// What a stream is of; the number is the stream context of the frame's key id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    Microphone = 0,
    Camera = 1,
    ScreenSound = 2,
    ScreenPicture = 3,
}

impl Context {
    pub const ALL: [Context; 4] = [
        Context::Microphone,
        Context::Camera,
        Context::ScreenSound,
        Context::ScreenPicture,
    ];

    pub fn kind(self) -> Kind {
        match self {
            Context::Microphone | Context::ScreenSound => Kind::Sound,
            Context::Camera | Context::ScreenPicture => Kind::Picture,
        }
    }
}

/// What a line carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Sound,
    Picture,
}

impl Kind {
    pub const ALL: [Kind; 2] = [Kind::Sound, Kind::Picture];

    /// RTP clock rate: Opus (RFC 7587 section 4.1), VP8 (RFC 7741 section 4.1), VP9 (RFC 9628 section 4.1).
    pub fn clock_rate(self) -> u32 {
        match self {
            Kind::Sound => 48_000,
            Kind::Picture => 90_000,
        }
    }
}

/// A layer of a picture, by the share of the captured height that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    Quarter,
    Half,
    Full,
}

impl Layer {
    pub const ALL: [Layer; 3] = [Layer::Quarter, Layer::Half, Layer::Full];

    /// The restriction identifier (RFC 8851) of this layer on the wire.
    pub fn rid(self) -> &'static str {
        match self {
            Layer::Quarter => "q",
            Layer::Half => "h",
            Layer::Full => "f",
        }
    }

    pub fn from_rid(rid: &str) -> Option<Layer> {
        Layer::ALL.into_iter().find(|layer| layer.rid() == rid)
    }

    /// Of a stream that has all its layers in one: each spatial layer is half as high as the next, and the
    /// highest is as high as the capture.
    pub fn from_spatial(spatial: u8, highest: u8) -> Layer {
        match highest.saturating_sub(spatial) {
            0 => Layer::Full,
            1 => Layer::Half,
            _ => Layer::Quarter,
        }
    }
}

/// How the layers of a picture come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Each as a stream of its own (simulcast), or there is only one.
    #[default]
    Apart,
    /// All in one stream, each made of those below it (SVC).
    Stacked,
}

/// What the frames of a stream are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Opus,
    Vp8,
    Vp9,
}

impl Codec {
    /// As the registry of media types has it.
    pub fn name(self) -> &'static str {
        match self {
            Codec::Opus => "opus",
            Codec::Vp8 => "VP8",
            Codec::Vp9 => "VP9",
        }
    }

    pub fn clock_rate(self) -> u32 {
        match self {
            Codec::Opus => Kind::Sound.clock_rate(),
            Codec::Vp8 | Codec::Vp9 => Kind::Picture.clock_rate(),
        }
    }

    pub fn form(self) -> Form {
        match self {
            Codec::Opus | Codec::Vp8 => Form::Apart,
            Codec::Vp9 => Form::Stacked,
        }
    }
}

/// One stream of one participant, with all its layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    pub leaf: Leaf,
    pub context: Context,
}

/// A refusal with the stable code of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub code: &'static str,
    pub detail: String,
}

impl Error {
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Error {}
