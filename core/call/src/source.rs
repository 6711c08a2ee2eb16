//! Responsible for: what is sent in a loop: a pattern and a tone of our own, or files of VP8 (IVF) and Opus (Ogg).
//! Not responsible for: encoding anything, or when what is sent.
//!
//! The files in `pattern` are what ffmpeg 5.1 made of its own generators, with `-bitexact` before each name:
//! `ffmpeg -f lavfi -i testsrc2=size=320x180:rate=15:duration=2 -c:v libvpx -b:v 150k -minrate 150k -maxrate 150k
//! -g 15 -keyint_min 15 -auto-alt-ref 0 -lag-in-frames 0 -error-resilient 1 -pix_fmt yuv420p picture.ivf`,
//! the same with `rate=3`, three times `40k`, and 6 in place of 15 for `slow.ivf`, and
//! `ffmpeg -f lavfi -i sine=frequency=440:sample_rate=48000:duration=2 -af volume=-12dB -c:a libopus -b:a 16k
//! -frame_duration 20 -application lowdelay -ac 1 sound.opus`

use crate::frames::is_key;
use ringfence_signed::{Error, Result};
use std::time::Duration;

const LARGEST_FRAME: usize = 1 << 20;
const MOST_FRAMES: usize = 1 << 20;
const LONGEST_STEP: Duration = Duration::from_secs(60);
const IVF_HEADER: usize = 32;
const OGG_HEADER: usize = 27;
/// RFC 6716 section 3.2.1: what one frame of Opus takes at most, and 48 of them a packet.
const LARGEST_PACKET: usize = 1275 * 48;

/// A loop: each frame, and how long it is shown or heard.
pub struct Loop {
    pub frames: Vec<(Vec<u8>, Duration)>,
    /// Width and height; of sound nothing.
    pub size: Option<(u16, u16)>,
}

/// One file is the one or the other.
pub enum Source {
    Sound(Loop),
    Picture(Loop),
}

fn unusable(what: impl Into<String>) -> Error {
    Error::new("RF7007", what)
}

/// A picture that moves, with a clock in it, and a tone of 440 Hz.
pub fn pattern() -> [Source; 2] {
    [own(include_bytes!("pattern/picture.ivf")), tone()]
}

/// The same three times a second, for when there are many.
pub fn slow_pattern() -> [Source; 2] {
    [own(include_bytes!("pattern/slow.ivf")), tone()]
}

fn tone() -> Source {
    own(include_bytes!("pattern/sound.opus"))
}

fn own(bytes: &[u8]) -> Source {
    read(bytes).expect("our own file")
}

/// Reads a file by what is in it.
///
/// Errors: `RF7007`.
pub fn read(bytes: &[u8]) -> Result<Source> {
    match bytes.get(..4) {
        Some(b"DKIF") => ivf(bytes).map(Source::Picture),
        Some(b"OggS") => ogg(bytes).map(Source::Sound),
        _ => Err(unusable("it is neither IVF nor Ogg")),
    }
}

fn little(bytes: &[u8], at: usize, count: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(count)?)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)),
    )
}

fn ivf(bytes: &[u8]) -> Result<Loop> {
    let cut = || unusable("the IVF file is cut");
    if bytes.get(8..12).ok_or_else(cut)? != b"VP80" {
        return Err(unusable("the IVF file is not of VP8"));
    }
    let number = |at, count| little(bytes, at, count).ok_or_else(cut);
    let (width, height) = (number(12, 2)? as u16, number(14, 2)? as u16);
    let (rate, scale) = (number(16, 4)?, number(20, 4)?);
    if rate == 0 || scale == 0 {
        return Err(unusable("the IVF file has no frame rate"));
    }
    let moment = |time: u64| {
        let nanoseconds = u128::from(time) * u128::from(scale) * 1_000_000_000 / u128::from(rate);
        u64::try_from(nanoseconds)
            .map(Duration::from_nanos)
            .map_err(|_| unusable("its times make no sense"))
    };
    let mut at = (number(6, 2)? as usize).max(IVF_HEADER);
    let mut timed = Vec::new();
    while at < bytes.len() {
        let (length, time) = (number(at, 4)? as usize, number(at + 4, 8)?);
        at += 12;
        let frame = bytes.get(at..at.saturating_add(length)).ok_or_else(cut)?;
        if frame.is_empty() || frame.len() > LARGEST_FRAME || timed.len() == MOST_FRAMES {
            return Err(unusable(
                "it has a frame of no length or of more than 1 MiB, or too many",
            ));
        }
        timed.push((moment(time)?, frame.to_vec()));
        at += length;
    }
    if !timed.first().is_some_and(|(_, frame)| is_key(frame)) {
        return Err(unusable("it does not begin with a key frame"));
    }
    let times: Vec<_> = timed.iter().map(|(time, _)| *time).collect();
    let one = moment(1)?.max(Duration::from_millis(1));
    let mut frames = Vec::new();
    for (index, (time, frame)) in timed.into_iter().enumerate() {
        let step = match times.get(index + 1) {
            Some(next) => next
                .checked_sub(time)
                .ok_or_else(|| unusable("its times go back"))?,
            // The last is shown as long as the one before it.
            None => frames.last().map_or(one, |(_, step)| *step),
        };
        if step > LONGEST_STEP {
            return Err(unusable("its times make no sense"));
        }
        frames.push((frame, step.max(Duration::from_millis(1))));
    }
    let size = Some((width, height));
    Ok(Loop { frames, size })
}

fn ogg(bytes: &[u8]) -> Result<Loop> {
    let mut packets = ogg_packets(bytes)?.into_iter();
    if !packets.next().is_some_and(|head| head.starts_with(b"OpusHead")) {
        return Err(unusable("the Ogg file is not of Opus"));
    }
    if !packets.next().is_some_and(|tags| tags.starts_with(b"OpusTags")) {
        return Err(unusable("the Ogg file is cut"));
    }
    let with_duration = |packet: Vec<u8>| {
        let lasts = duration(&packet).ok_or_else(|| unusable("it has a packet that is not of Opus"))?;
        Ok((packet, lasts))
    };
    let frames: Vec<_> = packets.map(with_duration).collect::<Result<_>>()?;
    if frames.is_empty() {
        return Err(unusable("it holds no sound"));
    }
    Ok(Loop { frames, size: None })
}

/// The packets of the first stream in an Ogg file (RFC 3533 section 6).
fn ogg_packets(bytes: &[u8]) -> Result<Vec<Vec<u8>>> {
    let cut = || unusable("the Ogg file is cut");
    let (mut at, mut serial) = (0, None);
    let (mut packets, mut packet) = (Vec::new(), Vec::new());
    while at < bytes.len() {
        if bytes.get(at..at + 4) != Some(b"OggS") {
            return Err(unusable("what follows in the Ogg file is none"));
        }
        let of = little(bytes, at + 14, 4).ok_or_else(cut)?;
        let ours = *serial.get_or_insert(of) == of;
        let segments = *bytes.get(at + 26).ok_or_else(cut)? as usize;
        let lacing = bytes
            .get(at + OGG_HEADER..at + OGG_HEADER + segments)
            .ok_or_else(cut)?;
        at += OGG_HEADER + segments;
        for &length in lacing {
            let piece = bytes.get(at..at + usize::from(length)).ok_or_else(cut)?;
            at += usize::from(length);
            if !ours {
                continue;
            }
            packet.extend_from_slice(piece);
            // Tags may hold a picture; they are not sent.
            if packet.len() > LARGEST_PACKET.max(LARGEST_FRAME) || packets.len() == MOST_FRAMES {
                return Err(unusable("it has a packet that is too long, or too many"));
            }
            if length < 255 {
                packets.push(std::mem::take(&mut packet));
            }
        }
    }
    Ok(packets)
}

/// How long a packet of Opus is heard (RFC 6716 section 3.1).
fn duration(packet: &[u8]) -> Option<Duration> {
    let toc = *packet.first()?;
    let tenths = match toc >> 3 {
        config @ 0..12 => [100, 200, 400, 600][usize::from(config & 3)],
        config @ 12..16 => [100, 200][usize::from(config & 1)],
        config => [25, 50, 100, 200][usize::from(config & 3)],
    };
    let count = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(packet.get(1)? & 0x3f),
    };
    let whole = tenths * count;
    (1..=1200)
        .contains(&whole)
        .then(|| Duration::from_micros(whole * 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pattern_is_two_seconds_of_both() {
        for (pattern, pictures, keys) in [(pattern(), 30, 2), (slow_pattern(), 6, 1)] {
            let [Source::Picture(picture), Source::Sound(sound)] = pattern else {
                panic!("a picture, and a sound");
            };
            let lasts = |of: &Loop| of.frames.iter().map(|(_, lasts)| *lasts).sum::<Duration>();
            assert_eq!(picture.frames.len(), pictures);
            assert_eq!(picture.size, Some((320, 180)));
            assert!(lasts(&picture).abs_diff(Duration::from_secs(2)) < Duration::from_millis(1));
            assert!(lasts(&sound).abs_diff(Duration::from_secs(2)) < Duration::from_millis(50));
            let found = picture.frames.iter().filter(|(frame, _)| is_key(frame));
            assert_eq!(found.count(), keys);
        }
    }

    #[test]
    fn a_file_that_is_cut_or_changed_anywhere_is_refused_or_read_and_never_more() {
        for whole in [
            &include_bytes!("pattern/picture.ivf")[..],
            include_bytes!("pattern/sound.opus"),
        ] {
            for at in 0..whole.len().min(3000) {
                if let Err(error) = read(&whole[..at]) {
                    assert_eq!(error.code, "RF7007");
                }
                let mut changed = whole.to_vec();
                changed[at] ^= 0xff;
                if let Err(error) = read(&changed) {
                    assert_eq!(error.code, "RF7007");
                }
            }
        }
        assert!(read(b"RIFF....WAVE").is_err());
        assert!(read(&[]).is_err());
    }
}
