//! Responsible for: what an SDP offer (RFC 8866, RFC 8829) asks for, and refusing what is not allowed.
//! Not responsible for: answering it.

use crate::connection::Frames;
use crate::formats::Formats;
use crate::stream::{Context, Error, Kind, Layer};
use ringfence_packet::dependency;

/// What a browser offers for 128 lines of two codecs, with room to spare.
const LARGEST: usize = 512 * 1024;
const MOST_LINES: usize = 128;

/// An offer that keeps to the rules of docs/protocol/media.md.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which connection this is about: another one of the same person has another identity.
    pub connection: Connection,
    pub lines: Vec<Line>,
    /// What its payload types mean.
    pub formats: Formats,
    /// The layers as the client lists them (RFC 8853 section 5.1), those that rest with a tilde.
    pub simulcast: Option<String>,
    /// The offer without candidates: an ICE-lite agent answers checks and sends none (RFC 8445 section 2.5).
    pub sdp: String,
}

/// The session id of the `o=` line and the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    session: String,
    fingerprint: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub mid: String,
    pub kind: Kind,
    pub direction: Direction,
    /// Simulcast layers that the client sends; empty for a single stream.
    pub layers: Vec<Layer>,
    /// VP9 may be sent or received on it: in profile 0, and with what its layers are told by.
    pub vp9: bool,
}

/// As the client sees it. A line that sends and receives is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Send,
    Receive,
    Inactive,
}

impl Offer {
    /// Of a participant of a meeting.
    pub fn read(sdp: &str) -> Result<Offer, Error> {
        Offer::read_in(Frames::Sealed, sdp)
    }

    pub fn read_in(frames: Frames, sdp: &str) -> Result<Offer, Error> {
        if sdp.len() > LARGEST {
            return Err(Error::new("RF4001", format!("{} bytes", sdp.len())));
        }
        // RFC 8866 section 5: other readers take it for the end of a line, and would read other lines than we do.
        if sdp.lines().any(|line| line.trim_end().contains('\r')) {
            return Err(unreadable("a carriage return inside a line"));
        }
        let sections = sections(sdp);
        let Some((session, media)) = sections.split_first().filter(|(_, media)| !media.is_empty()) else {
            return Err(unreadable("it has no lines"));
        };
        if media.len() > MOST_LINES {
            return Err(Error::new("RF4003", format!("{} lines", media.len())));
        }
        let mids = media.iter().map(|section| mid_of(section));
        let mids = mids.collect::<Result<Vec<_>, _>>()?;
        if mids.iter().enumerate().any(|(at, mid)| mids[..at].contains(mid)) {
            return Err(unreadable("two lines have the same mid"));
        }
        if media.iter().filter(|section| is_channel(section)).count() > 1 {
            return Err(Error::new("RF4004", "two lines are for data channels"));
        }
        let lines = media
            .iter()
            .filter(|section| !is_channel(section))
            .map(|section| Line::read(frames, section))
            .collect::<Result<Vec<_>, _>>()?;
        check_roles(&sections)?;
        let offer = Offer {
            connection: Connection::read(session, media)?,
            lines,
            formats: Formats::read(media)?,
            simulcast: sections.iter().find_map(|section| simulcast(section)),
            sdp: without_candidates(sdp),
        };
        match offer.line_of(Context::ScreenPicture) {
            Some(screen) if !screen.layers.is_empty() => {
                let detail = format!("line {}: a screen is sent in one layer", screen.mid);
                Err(Error::new("RF4007", detail))
            }
            _ => Ok(offer),
        }
    }

    /// The line on which the client sends this. Of the sending lines of a kind the first is of the person, the
    /// second of their screen; further ones are nobody's.
    pub fn line_of(&self, context: Context) -> Option<&Line> {
        let sends = |line: &&Line| line.direction == Direction::Send && line.kind == context.kind();
        let at = match context {
            Context::Microphone | Context::Camera => 0,
            Context::ScreenSound | Context::ScreenPicture => 1,
        };
        self.lines.iter().filter(sends).nth(at)
    }
}

/// The session section and one section for each `m=` line; carriage returns and empty lines are gone.
pub(crate) fn sections(sdp: &str) -> Vec<Vec<&str>> {
    let mut sections = vec![vec![]];
    for line in sdp.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        if line.starts_with("m=") {
            sections.push(vec![]);
        }
        if let Some(section) = sections.last_mut() {
            section.push(line);
        }
    }
    sections
}

fn without_candidates(sdp: &str) -> String {
    let kept = sdp.lines().map(str::trim_end).filter(|line| {
        !line.is_empty() && !line.starts_with("a=candidate:") && *line != "a=end-of-candidates"
    });
    kept.flat_map(|line| [line, "\r\n"]).collect()
}

/// The values of all `a=NAME:VALUE` lines of one name.
pub(crate) fn values<'a>(section: &'a [&'a str], name: &'a str) -> impl Iterator<Item = &'a str> {
    section
        .iter()
        .filter_map(move |line| line.strip_prefix("a=")?.strip_prefix(name)?.strip_prefix(':'))
}

pub(crate) fn has_flag(section: &[&str], name: &str) -> bool {
    section.iter().any(|line| line.strip_prefix("a=") == Some(name))
}

pub(crate) fn unreadable(why: &str) -> Error {
    Error::new("RF4002", why)
}

/// The server is the passive end of DTLS and the lite end of ICE: an offer cannot make it anything else.
fn check_roles(sections: &[Vec<&str>]) -> Result<(), Error> {
    for section in sections {
        if has_flag(section, "ice-lite") {
            return Err(Error::new("RF4008", "a=ice-lite"));
        }
        if let Some(setup) = values(section, "setup").find(|setup| !matches!(*setup, "actpass" | "active")) {
            return Err(Error::new("RF4008", format!("a=setup:{setup}")));
        }
    }
    Ok(())
}

impl Connection {
    fn read(session: &[&str], media: &[Vec<&str>]) -> Result<Self, Error> {
        let origin = session.iter().find_map(|line| line.strip_prefix("o="));
        let session_id = origin.and_then(|origin| origin.split_ascii_whitespace().nth(1));
        let mut fingerprints: Vec<&str> = values(session, "fingerprint").collect();
        media
            .iter()
            .for_each(|section| fingerprints.extend(values(section, "fingerprint")));
        fingerprints.dedup();
        let [fingerprint] = fingerprints[..] else {
            return Err(Error::new("RF4008", "an offer has one a=fingerprint"));
        };
        if !fingerprint.to_ascii_lowercase().starts_with("sha-256 ") {
            return Err(Error::new("RF4008", "a=fingerprint is not sha-256"));
        }
        let session = session_id
            .ok_or_else(|| unreadable("o= has no session id"))?
            .to_owned();
        Ok(Connection {
            session,
            fingerprint: fingerprint.to_owned(),
        })
    }
}

impl Line {
    fn read(frames: Frames, section: &[&str]) -> Result<Line, Error> {
        let mid = mid_of(section)?;
        let kind = match section
            .first()
            .and_then(|line| line.strip_prefix("m=")?.split(' ').next())
        {
            Some("audio") => Kind::Sound,
            Some("video") => Kind::Picture,
            _ => {
                return Err(Error::new(
                    "RF4004",
                    format!("line {mid} is neither audio nor video"),
                ));
            }
        };
        let direction = direction(section, mid)?;
        check_codec(section, kind, direction, mid)?;
        let layers = layers(section, mid)?;
        let sends_video = kind == Kind::Picture && direction == Direction::Send;
        let described = values(section, "extmap").any(|value| value.ends_with(dependency::URI));
        if sends_video && !described && frames == Frames::Sealed {
            return Err(Error::new("RF4006", format!("line {mid}")));
        }
        Ok(Line {
            mid: mid.to_owned(),
            kind,
            direction,
            layers,
            vp9: described && offers_vp9(section),
        })
    }
}

/// The line of the channel on which the way is measured (RFC 8841).
pub(crate) fn is_channel(section: &[&str]) -> bool {
    let words = section.first().map(|line| line.split(' ').collect::<Vec<_>>());
    let Some(["m=application", port, "UDP/DTLS/SCTP", "webrtc-datachannel"]) = words.as_deref() else {
        return false;
    };
    port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn mid_of<'a>(section: &'a [&'a str]) -> Result<&'a str, Error> {
    let mid = values(section, "mid")
        .next()
        .ok_or_else(|| unreadable("a line has no mid"))?;
    // As long as RTP's MID may be in the library, and of its letters, so that no two are confused.
    if mid.is_empty() || mid.len() > 16 || !mid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(unreadable("a mid is not 1 to 16 letters and digits"));
    }
    Ok(mid)
}

fn direction(section: &[&str], mid: &str) -> Result<Direction, Error> {
    if has_flag(section, "sendonly") {
        Ok(Direction::Send)
    } else if has_flag(section, "recvonly") {
        Ok(Direction::Receive)
    } else if has_flag(section, "inactive") {
        Ok(Direction::Inactive)
    } else {
        // Without a direction a line is sendrecv (RFC 8866 section 6.7.1).
        Err(Error::new(
            "RF4004",
            format!("line {mid} both sends and receives"),
        ))
    }
}

fn check_codec(section: &[&str], kind: Kind, direction: Direction, mid: &str) -> Result<(), Error> {
    let codec = match kind {
        Kind::Sound => "opus/48000/2",
        Kind::Picture => "VP8/90000",
    };
    let offered = values(section, "rtpmap")
        .filter_map(|value| value.split_once(' '))
        .any(|(_, name)| name.eq_ignore_ascii_case(codec));
    if offered || direction == Direction::Inactive {
        return Ok(());
    }
    Err(Error::new("RF4005", format!("line {mid} does not offer {codec}")))
}

fn simulcast(section: &[&str]) -> Option<String> {
    let sent = values(section, "simulcast").find_map(|value| value.strip_prefix("send "))?;
    let known = |layer: &str| Layer::from_rid(layer.strip_prefix('~').unwrap_or(layer)).is_some();
    sent.split(';').all(known).then(|| sent.to_owned())
}

/// Without a word of it the profile is 0 (RFC 9628 section 6.1).
fn offers_vp9(section: &[&str]) -> bool {
    let numbers = values(section, "rtpmap").filter_map(|value| {
        let (number, name) = value.split_once(' ')?;
        name.eq_ignore_ascii_case("VP9/90000").then_some(number)
    });
    let profile = |number: &str| {
        let formats = values(section, "fmtp").filter_map(|value| value.split_once(' '));
        let mut of_number = formats.filter(|(of, _)| *of == number);
        let mut parameters = of_number.next()?.1.split(';').map(str::trim);
        parameters.find_map(|parameter| parameter.strip_prefix("profile-id="))
    };
    numbers
        .into_iter()
        .any(|number| profile(number).is_none_or(|profile| profile == "0"))
}

fn layers(section: &[&str], mid: &str) -> Result<Vec<Layer>, Error> {
    let mut layers = Vec::new();
    for value in values(section, "rid") {
        let mut words = value.split(' ');
        let (rid, direction) = (words.next().unwrap_or_default(), words.next());
        let layer = Layer::from_rid(rid).filter(|layer| direction == Some("send") && !layers.contains(layer));
        layers.push(layer.ok_or_else(|| Error::new("RF4007", format!("line {mid}, a=rid:{value}")))?);
    }
    Ok(layers)
}
