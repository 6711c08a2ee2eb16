//! The media channel: the node vouches for its DTLS certificate and address, and the client compares the SDP
//! answer with that before the browser acts on it. Not here: the transport itself.
use ringfence_signed::cbor::{self, Map};
use ringfence_signed::{B16, B32, Error, Result, cose};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    pub group: B32,
    /// The client's, of its offer.
    pub nonce: B16,
    /// SHA-256 of the DTLS certificate.
    pub fingerprint: B32,
    pub address: String,
    pub port: u16,
}

/// Longest SDP that is read.
pub const MAX_SDP: usize = 256 * 1024;

fn refused(code: &'static str, what: impl Into<String>) -> Error {
    Error::new(code, what)
}

impl Channel {
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&cbor::map([
            ("group", cbor::bytes(&self.group)),
            ("nonce", cbor::bytes(&self.nonce)),
            ("fingerprint", cbor::bytes(&self.fingerprint)),
            ("address", self.address.as_str().into()),
            ("port", u64::from(self.port).into()),
        ]))
    }

    /// The nonce is used once, so it needs no clock: whoever asks has one that may be wrong.
    ///
    /// Errors: `RF3106` for another signer, `RF3170` when it is of another offer or group.
    pub fn verify(document: &[u8], node: &B32, group: &B32, nonce: &B16) -> Result<Self> {
        let signed = cose::verify(cose::label::CHANNEL, document, node)?;
        let mut map = Map::decode(&signed.payload)?;
        let port = map.uint("port")?;
        let channel = Self {
            group: map.fixed("group")?,
            nonce: map.fixed("nonce")?,
            fingerprint: map.fixed("fingerprint")?,
            address: map.text("address")?,
            port: u16::try_from(port).map_err(|_| refused("RF3170", "not a port"))?,
        };
        map.finish()?;
        if &channel.group != group || &channel.nonce != nonce {
            return Err(refused("RF3170", "the media channel is not for this offer"));
        }
        Ok(channel)
    }

    /// Compares an SDP answer with what the node signed, line by line.
    ///
    /// Errors: `RF3171` for another certificate or none, `RF3172` for a candidate or connection elsewhere,
    /// `RF3173` for a transport that this version does not use, `RF3174` for bytes that are no SDP, or one that browsers do
    /// not read alike.
    pub fn check_answer(&self, sdp: &str, listed: &[String]) -> Result<()> {
        if sdp.len() > MAX_SDP || !sdp.starts_with("v=0") {
            return Err(refused("RF3174", "the answer is not an SDP, or is too long"));
        }
        if !listed.contains(&self.address) {
            return Err(refused(
                "RF3172",
                format!("the address {} is not in the node's statement", self.address),
            ));
        }
        let (mut fingerprints, mut candidates, mut channels) = (0, 0, 0);
        let lines = sdp
            .split('\n')
            .map(|line| line.strip_suffix('\r').unwrap_or(line));
        for line in lines.filter(|line| !line.is_empty()) {
            let (kind, said) = parts(line)?;
            let said = said.to_ascii_lowercase();
            let (name, value) = said.split_once(':').unwrap_or((&said, ""));
            match (kind, name) {
                ("a", "fingerprint") => {
                    self.check_fingerprint(value)?;
                    fingerprints += 1;
                }
                ("a", "candidate") => {
                    self.check_candidate(value)?;
                    candidates += 1;
                }
                ("a", _) if name.starts_with("crypto") || name.starts_with("remote-candidates") => {
                    return Err(refused(
                        "RF3173",
                        "the answer names keys or candidates in a way that is not used here",
                    ));
                }
                ("m", _) => channels += usize::from(check_transport(&said)? == Carries::Messages),
                _ => {}
            }
        }
        if channels > 1 {
            return Err(refused(
                "RF3173",
                "the answer has more than one line for data channels",
            ));
        }
        if fingerprints == 0 {
            return Err(refused("RF3171", "the answer names no certificate"));
        }
        if candidates == 0 {
            return Err(refused("RF3172", "the answer names no address"));
        }
        Ok(())
    }

    fn check_fingerprint(&self, value: &str) -> Result<()> {
        let ours = self.fingerprint.map(|byte| format!("{byte:02x}")).join(":");
        match value.strip_prefix("sha-256 ") {
            Some(digits) if digits == ours => Ok(()),
            _ => Err(refused(
                "RF3171",
                "the answer names another certificate than the node signed",
            )),
        }
    }

    /// candidate-attribute (RFC 8839 §5.1): foundation component transport priority address port "typ" kind
    fn check_candidate(&self, value: &str) -> Result<()> {
        let fields: Vec<_> = value.split(' ').collect();
        let unread = || refused("RF3172", "a candidate cannot be read");
        let [_, _, transport, _, address, port, "typ", kind, ..] = fields[..] else {
            return Err(unread());
        };
        if fields.contains(&"") {
            return Err(unread());
        }
        if transport != "udp" || kind != "host" {
            return Err(refused(
                "RF3173",
                "a candidate is not a plain UDP address of the node",
            ));
        }
        let address = address.to_owned();
        if address != self.address.to_ascii_lowercase() || port != self.port.to_string() {
            return Err(refused(
                "RF3172",
                format!("the answer leads to {address}, which the node did not sign"),
            ));
        }
        Ok(())
    }
}

/// The kind of a line and what it says. Only what all browsers read alike is read: one skips blanks ahead of the name of
/// an attribute, or takes one for the colon behind it; one takes a tab for a blank, or CR for the end of a line, and another
/// for part of a word.
fn parts(line: &str) -> Result<(&str, &str)> {
    let unlike = || refused("RF3174", "a line of the answer that browsers do not read alike");
    let (kind, said) = line.split_once('=').ok_or_else(unlike)?;
    let name = said.split(':').next().unwrap_or_default();
    let named = kind != "a" || (!name.is_empty() && !name.contains(' '));
    let is_kind = matches!(kind.as_bytes(), [b'a'..=b'z']);
    let plain = line.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_kind && named && plain {
        Ok((kind, said))
    } else {
        Err(unlike())
    }
}

#[derive(PartialEq)]
enum Carries {
    Media,
    /// On which the way to the node is measured (RFC 8841): in the same DTLS session as media.
    Messages,
}

fn check_transport(media: &str) -> Result<Carries> {
    let fields: Vec<_> = media.split(' ').collect();
    match fields[..] {
        ["audio" | "video", _, "udp/tls/rtp/savpf", ..] => Ok(Carries::Media),
        ["application", _, "udp/dtls/sctp", "webrtc-datachannel"] => Ok(Carries::Messages),
        _ => Err(refused("RF3173", "a media line is not DTLS-SRTP over UDP")),
    }
}
