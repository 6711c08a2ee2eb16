//! Responsible for: picture id and TL0PICIDX in the VP8 payload descriptor (RFC 7741 section 4.2).
//! Not responsible for: the VP8 payload header behind it, which belongs to the sealed frame; of frames that are not
//! sealed it tells key frames.

/// The numbers of a descriptor that must stay continuous when a layer or a sender changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    pub picture_id: Option<PictureId>,
    pub tl0_pic_idx: Option<u8>,
    /// Bytes of the payload that the descriptor takes.
    pub length: usize,
}

/// A picture id with the width that its sender chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureId {
    pub value: u16,
    pub wide: bool,
}

impl PictureId {
    /// The largest value of this width: 15 bits, or 7.
    pub fn mask(self) -> u16 {
        if self.wide { 0x7fff } else { 0x7f }
    }
}

/// Reads the descriptor; `None` when the payload ends inside it.
pub fn read(payload: &[u8]) -> Option<Descriptor> {
    Some(Fields::locate(payload)?.descriptor)
}

/// Writes other numbers where the descriptor has them, keeping each one's width.
/// Does nothing to a payload that `read` refuses.
pub fn write(payload: &mut [u8], picture_id: u16, tl0_pic_idx: u8) {
    let Some(fields) = Fields::locate(payload) else {
        return;
    };
    if let Some((at, id)) = fields.picture_id {
        let value = picture_id & id.mask();
        if id.wide {
            payload[at..at + 2].copy_from_slice(&(value | 0x8000).to_be_bytes());
        } else {
            payload[at] = value as u8;
        }
    }
    if let Some(at) = fields.tl0_pic_idx {
        payload[at] = tl0_pic_idx;
    }
}

/// Whether a key frame begins with this packet, as the payload header says (RFC 7741 section 4.3). Of a sealed frame it
/// says nothing.
pub fn starts_key_frame(payload: &[u8]) -> bool {
    let Some(descriptor) = read(payload) else {
        return false;
    };
    // Section 4.2: the start of a partition, and of the first one.
    let starts = payload[0] & 0x17 == 0x10;
    starts
        && payload
            .get(descriptor.length)
            .is_some_and(|header| header & 1 == 0)
}

struct Fields {
    picture_id: Option<(usize, PictureId)>,
    tl0_pic_idx: Option<usize>,
    descriptor: Descriptor,
}

impl Fields {
    fn locate(payload: &[u8]) -> Option<Fields> {
        let extended = payload.first()? & 0x80 != 0;
        let mut at = 1;
        let mut picture_id = None;
        let mut tl0_pic_idx = None;
        if extended {
            let present = *payload.get(at)?;
            at += 1;
            if present & 0x80 != 0 {
                let first = *payload.get(at)?;
                let id = if first & 0x80 != 0 {
                    PictureId {
                        value: u16::from_be_bytes([first & 0x7f, *payload.get(at + 1)?]),
                        wide: true,
                    }
                } else {
                    PictureId {
                        value: first.into(),
                        wide: false,
                    }
                };
                picture_id = Some((at, id));
                at += if id.wide { 2 } else { 1 };
            }
            if present & 0x40 != 0 {
                payload.get(at)?;
                tl0_pic_idx = Some(at);
                at += 1;
            }
            if present & 0x30 != 0 {
                payload.get(at)?;
                at += 1;
            }
        }
        let descriptor = Descriptor {
            picture_id: picture_id.map(|(_, id)| id),
            tl0_pic_idx: tl0_pic_idx.map(|at| payload[at]),
            length: at,
        };
        Some(Fields {
            picture_id,
            tl0_pic_idx,
            descriptor,
        })
    }
}
