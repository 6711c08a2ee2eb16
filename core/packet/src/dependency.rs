//! Responsible for: what the Dependency Descriptor says of a packet: its frame, and that frame's layer.
//! Not responsible for: which frames another one needs: whoever forwards all layers up to one needs no more.
//!
//! AV1 RTP payload specification, appendix A.8. A descriptor names a template, and templates come with the first
//! packet of a key frame only, so that all after it are read with the `Structure` that was read last.

/// How the extension is named in SDP.
pub const URI: &str =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

/// The template id is a number of six bits.
const MOST_TEMPLATES: usize = 64;
const MOST_SPATIAL: u8 = 3;
const MOST_TEMPORAL: u8 = 7;
const NOT_PRESENT: u32 = 0;
/// The frame can be decoded by who has had nothing of this target before, but what its lower targets have.
const SWITCH: u32 = 2;

/// The three mandatory bytes, and whether a template structure follows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    pub starts_frame: bool,
    pub ends_frame: bool,
    pub template: u8,
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
        template: flags & 0x3f,
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

/// A spatial and a temporal layer, counted from the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layers {
    pub spatial: u8,
    pub temporal: u8,
}

/// What the frames of a stream are like until its next key frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    /// The id of the first template; the others follow it, modulo 64.
    first: u8,
    /// Of the frames of each template.
    pub templates: Vec<Layers>,
    /// The highest layers of what can be decoded, for each choice that a receiver has.
    pub targets: Vec<Layers>,
    /// Which chain each target needs unbroken; empty where the stream has none.
    pub chains: Vec<u8>,
    /// Of the frames of each template: at which targets decoding can begin, by their bits.
    switches: Vec<u32>,
}

/// What a descriptor says beside its mandatory fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// The structure that comes with it.
    pub structure: Option<Structure>,
    /// Which targets the encoder makes from here on, by their bits, where that changes.
    pub active: Option<u32>,
    pub layers: Layers,
    /// Which targets can be decoded from here on by who had lower ones before, by their bits.
    pub switches: u32,
}

impl Structure {
    pub fn layers(&self, template: u8) -> Option<Layers> {
        self.templates.get(self.at(template)).copied()
    }

    fn at(&self, template: u8) -> usize {
        (MOST_TEMPLATES + usize::from(template) - usize::from(self.first)) % MOST_TEMPLATES
    }

    /// The highest spatial layer that there may be.
    pub fn highest_spatial(&self) -> u8 {
        self.templates
            .iter()
            .map(|layers| layers.spatial)
            .max()
            .unwrap_or(0)
    }

    /// The highest spatial layer of the targets that are made; `None` when none is.
    pub fn highest_active(&self, active: u32) -> Option<u8> {
        let made = self
            .targets
            .iter()
            .enumerate()
            .filter(|(at, _)| active >> at & 1 == 1);
        made.map(|(_, target)| target.spatial).max()
    }

    fn read(bits: &mut Bits) -> Option<Structure> {
        let first = bits.take(6)? as u8;
        let target_count = bits.take(5)? + 1;
        let templates = templates(bits)?;
        let mut targets = vec![Layers::default(); target_count as usize];
        let mut switches = vec![0; templates.len()];
        for (layers, switches) in templates.iter().zip(&mut switches) {
            for (at, target) in targets.iter_mut().enumerate() {
                let indication = bits.take(2)?;
                if indication != NOT_PRESENT {
                    target.spatial = target.spatial.max(layers.spatial);
                    target.temporal = target.temporal.max(layers.temporal);
                }
                *switches |= u32::from(indication == SWITCH) << at;
            }
        }
        for _ in &templates {
            while bits.take(1)? == 1 {
                bits.take(4)?; // how many frames back one lies that this one needs
            }
        }
        let chain_count = bits.take_below(target_count + 1)?;
        let mut chains = Vec::new();
        if chain_count > 0 {
            for _ in &targets {
                chains.push(bits.take_below(chain_count)? as u8);
            }
            for _ in 0..templates.len() as u32 * chain_count {
                bits.take(4)?; // how many frames back the chain's last one lies
            }
        }
        let structure = Structure {
            first,
            templates,
            targets,
            chains,
            switches,
        };
        if bits.take(1)? == 1 {
            for _ in 0..=structure.highest_spatial() {
                bits.take(16)?; // width and height, each less one
                bits.take(16)?;
            }
        }
        Some(structure)
    }
}

fn templates(bits: &mut Bits) -> Option<Vec<Layers>> {
    let mut templates = Vec::new();
    let mut layers = Layers::default();
    loop {
        if templates.len() == MOST_TEMPLATES {
            return None;
        }
        templates.push(layers);
        match bits.take(2)? {
            0 => {}
            1 => layers.temporal += 1,
            2 => {
                layers = Layers {
                    spatial: layers.spatial + 1,
                    temporal: 0,
                }
            }
            _ => return Some(templates),
        }
        if layers.spatial > MOST_SPATIAL || layers.temporal > MOST_TEMPORAL {
            return None;
        }
    }
}

/// Reads what `read` leaves out, with the structure that came last; `None` when it is cut, or makes no sense.
pub fn read_details(bytes: &[u8], known: Option<&Structure>) -> Option<Details> {
    let descriptor = read(bytes)?;
    let mut bits = Bits { bytes, at: 24 };
    let (mut structure, mut active, mut own) = (None, None, None);
    if bytes.len() > 3 {
        let (with_structure, with_active) = (bits.take(1)? == 1, bits.take(1)? == 1);
        let with_indications = bits.take(1)? == 1;
        bits.take(2)?; // this frame differs from its template, but in no layer
        if with_structure {
            let read = Structure::read(&mut bits)?;
            active = Some(u32::MAX >> (32 - read.targets.len()));
            structure = Some(read);
        }
        if with_active {
            let count = structure.as_ref().or(known)?.targets.len();
            active = Some(bits.take(count as u32)?);
        }
        if with_indications {
            let count = structure.as_ref().or(known)?.targets.len();
            let mut switches = 0;
            for at in 0..count {
                switches |= u32::from(bits.take(2)? == SWITCH) << at;
            }
            own = Some(switches);
        }
    }
    let valid = structure.as_ref().or(known)?;
    let layers = valid.layers(descriptor.template)?;
    let switches = own.or_else(|| valid.switches.get(valid.at(descriptor.template)).copied());
    Some(Details {
        structure,
        active,
        layers,
        switches: switches.unwrap_or_default(),
    })
}

/// Bits from the highest of the first byte on.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// The next bits, 32 at most, as a number; `None` when there are fewer.
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// A number below `limit` in as few bits as that allows (AV1 specification, section 4.10.7).
    fn take_below(&mut self, limit: u32) -> Option<u32> {
        let width = limit.ilog2() + 1;
        let short = (1 << width) - limit;
        let value = self.take(width - 1)?;
        if value < short {
            return Some(value);
        }
        Some((value << 1) - short + self.take(1)?)
    }
}
