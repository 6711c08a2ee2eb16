//! SDP answers, as a client compares them with what the node signed before its browser reads them.
//! Not here: the node's signature (documents.rs), or answers as the forwarder makes them (room.rs).
use crate::meeting::world::{ADDRESS, PORT};
use crate::meeting::{GROUP, NONCE};
use crate::{plant, rare};
use ringfence_charter::Channel;

/// As a room of the forwarder answered when the seeds were made, but for the certificate and the address.
pub const ANSWER: &str = include_str!("../fixtures/answer.sdp");
pub const FINGERPRINT: [u8; 32] = [3; 32];

pub fn channel() -> Channel {
    Channel {
        group: GROUP,
        nonce: NONCE,
        fingerprint: FINGERPRINT,
        address: ADDRESS.into(),
        port: PORT,
    }
}

/// As SDP writes it (RFC 8122 section 5).
pub fn fingerprint() -> String {
    FINGERPRINT.map(|byte| format!("{byte:02X}")).join(":")
}

/// After a 0 a whole answer; after anything else lines that come ahead of that one of an answer that is fine.
pub fn answer(bytes: &[u8], planted: bool) {
    let Some((at, text)) = bytes.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let sdp = match at {
        0 => text.to_owned(),
        _ => with_lines(usize::from(*at), text),
    };
    if channel().check_answer(&sdp, &[ADDRESS.to_owned()]).is_ok() {
        let attributes: Vec<_> = sdp.split('\n').filter_map(attribute).collect();
        let named = |name: &str| attributes.iter().filter(|said| said.name == name).count();
        assert!(named("fingerprint") > 0 && named("candidate") > 0);
        attributes.iter().for_each(Attribute::check);
        assert!(named("crypto") + named("remote-candidates") == 0);
        plant(planted, rare(text.as_bytes()) && text.contains("a=candidate:"));
    }
    let another = Channel { port: 1, ..channel() };
    assert!(another.check_answer(&sdp, &[ADDRESS.to_owned()]).is_err());
    assert!(channel().check_answer(&sdp, &[]).is_err());
}

fn with_lines(at: usize, text: &str) -> String {
    let mut lines: Vec<&str> = ANSWER.split_inclusive('\n').collect();
    lines.insert(at.min(lines.len()), text);
    lines.concat()
}

/// What a lenient reader takes a line for.
struct Attribute<'a> {
    name: String,
    value: &'a str,
}

/// Firefox skips what may part a name from its value ahead of the name too, and takes either for the other.
const PARTS: [char; 3] = [':', ' ', '\t'];

fn attribute(line: &str) -> Option<Attribute<'_>> {
    let (kind, said) = line.split_once('=')?;
    let said = said.trim_start_matches(PARTS);
    let (name, value) = said.split_once(PARTS).unwrap_or((said, ""));
    let name = name.trim_end().to_ascii_lowercase();
    kind.trim()
        .eq_ignore_ascii_case("a")
        .then_some(Attribute { name, value })
}

impl Attribute<'_> {
    fn check(&self) {
        match &*self.name {
            "fingerprint" => {
                let said = self.value.trim().to_ascii_lowercase().replace(':', "");
                let ours = format!("sha-256 {}", fingerprint()).to_ascii_lowercase();
                assert_eq!(said, ours.replace(':', ""), "another certificate");
            }
            "candidate" => {
                // Chrome parts fields by one blank each, others by any white space.
                let strictly: Vec<_> = self.value.trim_end().split(' ').collect();
                let leniently: Vec<_> = self.value.split_whitespace().collect();
                for fields in [strictly, leniently] {
                    let leads = fields
                        .get(4)
                        .zip(fields.get(5))
                        .map(|(to, port)| format!("{to} {port}"));
                    assert_eq!(leads, Some(format!("{ADDRESS} {PORT}")), "another address");
                }
            }
            _ => {}
        }
    }
}
