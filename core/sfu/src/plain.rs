//! Responsible for: what a WHIP or WHEP client of any make offers (RFC 9725), as `offer` wants it, and the answer with the
//! client's own names of lines.
//! Not responsible for: reading the offer, or answering it.

use crate::offer::{is_channel, sections, unreadable, values};
use crate::stream::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Publisher,
    Subscriber,
}

/// An offer in which every line has one direction and a name that the library can tell from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    pub sdp: String,
    /// The lines, by their names here, on which the client receives.
    pub receives: Vec<String>,
    /// What the client calls its lines, which are numbered here; `None`: as they are called here.
    names: Option<Vec<Option<String>>>,
}

/// The header extension that names a packet's line (RFC 9143 section 15).
const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
/// Of each kind: the first is the camera or microphone, the second the screen.
const MOST_SENT: usize = 2;

impl Plain {
    /// Errors: RF4002 for what is no offer, RF4003 for too many lines, RF4004 for lines in the wrong direction.
    pub fn read(sdp: &str, role: Role) -> Result<Plain, Error> {
        let sections = sections(sdp);
        let Some((session, media)) = sections.split_first().filter(|(_, media)| !media.is_empty()) else {
            return Err(unreadable("it has no lines"));
        };
        let mids = media.iter().map(|section| values(section, "mid").next());
        let mids: Vec<Option<&str>> = mids.collect();
        let renames = !mids.iter().all(|mid| mid.is_some_and(fits));
        let name = |at: usize| match mids[at] {
            Some(mid) if !renames => mid.to_owned(),
            _ => at.to_string(),
        };
        let mut plain = Plain {
            sdp: String::new(),
            receives: Vec::new(),
            names: renames.then(|| mids.iter().map(|mid| mid.map(str::to_owned)).collect()),
        };
        for line in session {
            match line.strip_prefix("a=group:BUNDLE") {
                Some(_) if renames => {
                    let bundled: Vec<String> = (0..media.len()).map(name).collect();
                    plain.add(&format!("a=group:BUNDLE {}", bundled.join(" ")));
                }
                _ => plain.add_known(line),
            }
        }
        let mut sent = [0; 2];
        for (at, section) in media.iter().enumerate() {
            let direction = direction(section, role)?;
            if direction == SENDS {
                let kind = usize::from(section[0].starts_with("m=video"));
                sent[kind] += 1;
                if sent[kind] > MOST_SENT {
                    let detail = format!("a publisher sends on {MOST_SENT} lines of a kind at most");
                    return Err(Error::new("RF4003", detail));
                }
            } else if direction == RECEIVES {
                plain.receives.push(name(at));
            }
            for line in section {
                match *line {
                    "a=sendrecv" | "a=sendonly" | "a=recvonly" | "a=inactive" => {}
                    mid if mid.starts_with("a=mid:") => {}
                    // Packets name lines as their sender does.
                    extension
                        if renames && extension.starts_with("a=extmap:") && extension.ends_with(MID) => {}
                    line => plain.add_known(line),
                }
            }
            plain.add(&format!("a=mid:{}", name(at)));
            if !is_channel(section) {
                plain.add(direction);
            }
        }
        let used = match role {
            Role::Publisher => sent != [0; 2],
            Role::Subscriber => !plain.receives.is_empty(),
        };
        if !used {
            return Err(Error::new(
                "RF4004",
                "no line sends, or receives, what it is here for",
            ));
        }
        Ok(plain)
    }

    /// The answer with the client's names.
    pub fn restored(&self, answer: &str) -> String {
        let Some(names) = &self.names else {
            return answer.to_owned();
        };
        let name = |ours: &str| names.get(ours.parse::<usize>().ok()?)?.clone();
        let lines = answer.lines().filter_map(|line| {
            if let Some(ours) = line.strip_prefix("a=mid:") {
                return name(ours).map(|theirs| format!("a=mid:{theirs}"));
            }
            if let Some(bundled) = line.strip_prefix("a=group:BUNDLE ") {
                let theirs: Vec<String> = bundled.split(' ').filter_map(name).collect();
                return (!theirs.is_empty()).then(|| format!("a=group:BUNDLE {}", theirs.join(" ")));
            }
            Some(line.to_owned())
        });
        lines.flat_map(|line| [line, "\r\n".to_owned()]).collect()
    }

    fn add(&mut self, line: &str) {
        self.sdp.extend([line, "\r\n"]);
    }

    /// All but certificates by other hashes than the one that is asked for: of several one is enough (RFC 8122 section 5).
    fn add_known(&mut self, line: &str) {
        let hash = line.strip_prefix("a=fingerprint:");
        if hash.is_none_or(|hash| hash.to_ascii_lowercase().starts_with("sha-256 ")) {
            self.add(line);
        }
    }
}

/// As `offer` wants it.
fn fits(mid: &str) -> bool {
    !mid.is_empty() && mid.len() <= 16 && mid.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

const SENDS: &str = "a=sendonly";
const RECEIVES: &str = "a=recvonly";

/// In which direction the line is used: a WHIP client may leave it open (RFC 9725 section 4.2).
fn direction(section: &[&str], role: Role) -> Result<&'static str, Error> {
    if is_channel(section) {
        return Ok("a=inactive");
    }
    let said = section.iter().copied();
    let mut said = said.filter(|line| matches!(*line, "a=sendrecv" | SENDS | RECEIVES | "a=inactive"));
    match (said.next_back().unwrap_or("a=sendrecv"), role) {
        ("a=inactive", _) => Ok("a=inactive"),
        (SENDS | "a=sendrecv", Role::Publisher) => Ok(SENDS),
        (RECEIVES | "a=sendrecv", Role::Subscriber) => Ok(RECEIVES),
        (_, Role::Publisher) => Err(Error::new("RF4004", "a publisher only sends")),
        (_, Role::Subscriber) => Err(Error::new("RF4004", "a subscriber only receives")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Frames;
    use crate::offer::{Direction, Offer};

    /// As little as there can be: names, directions and certificates as each test has them.
    fn offer(lines: &[&[&str]]) -> String {
        let session = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE video_0 b-1\r\n";
        let hashes = "a=fingerprint:SHA-256 AA:BB\r\na=fingerprint:sha-512 CC:DD\r\n";
        let line = |more: &&[&str]| {
            let more: String = more.iter().flat_map(|line| [*line, "\r\n"]).collect();
            "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\na=setup:actpass\r\n\
             a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
                .to_owned()
                + hashes
                + &more
        };
        session.to_owned() + &lines.iter().map(line).collect::<String>()
    }

    fn code<T>(result: Result<T, Error>) -> Option<&'static str> {
        result.err().map(|error| error.code)
    }

    #[test]
    fn an_offer_without_a_descriptor_and_with_any_names_is_read_and_the_answer_has_its_names() {
        let sdp = offer(&[&["a=mid:video_0", "a=sendrecv"], &["a=mid:b-1"]]);
        let plain = Plain::read(&sdp, Role::Publisher).expect("it is good");
        let read = Offer::read_in(Frames::Plain, &plain.sdp).expect("it keeps to the rules");
        let lines: Vec<_> = read
            .lines
            .iter()
            .map(|line| (&*line.mid, line.direction))
            .collect();
        assert_eq!(lines, [("0", Direction::Send), ("1", Direction::Send)]);
        assert!(!plain.sdp.contains(MID), "packets would name the lines otherwise");
        assert_eq!(
            code(Offer::read(&plain.sdp)),
            Some("RF4006"),
            "a meeting takes no such camera"
        );
        let answer = "a=group:BUNDLE 0 1\r\nm=video\r\na=mid:0\r\nm=video\r\na=mid:1\r\n";
        assert_eq!(
            plain.restored(answer),
            "a=group:BUNDLE video_0 b-1\r\nm=video\r\na=mid:video_0\r\nm=video\r\na=mid:b-1\r\n"
        );
    }

    #[test]
    fn names_that_fit_stay_and_lines_without_one_get_it_for_as_long_as_it_is_needed() {
        let sdp = offer(&[&["a=mid:x", "a=recvonly"], &["a=mid:y", "a=inactive"]]);
        let plain = Plain::read(&sdp, Role::Subscriber).expect("it is good");
        assert_eq!(plain.receives, ["x"]);
        assert_eq!(plain.restored("a=mid:0\r\n"), "a=mid:0\r\n");
        assert!(plain.sdp.contains(MID));
        let nameless = Plain::read(&offer(&[&["a=recvonly"]]), Role::Subscriber).expect("it is good");
        assert_eq!(nameless.receives, ["0"]);
        assert_eq!(
            nameless.restored("a=group:BUNDLE 0\r\na=mid:0\r\na=x\r\n"),
            "a=x\r\n"
        );
    }

    #[test]
    fn who_sends_does_not_receive_and_there_is_something_to_do() {
        let one = |direction: &str, role| code(Plain::read(&offer(&[&[direction]]), role));
        assert_eq!(one("a=recvonly", Role::Publisher), Some("RF4004"));
        assert_eq!(one("a=sendonly", Role::Subscriber), Some("RF4004"));
        assert_eq!(one("a=inactive", Role::Subscriber), Some("RF4004"));
        assert_eq!(one("a=sendonly", Role::Publisher), None);
        assert_eq!(code(Plain::read("v=0\r\n", Role::Publisher)), Some("RF4002"));
        let three = offer(&[&["a=sendonly"], &["a=sendonly"], &["a=sendonly"]]);
        assert_eq!(code(Plain::read(&three, Role::Publisher)), Some("RF4003"));
    }
}
