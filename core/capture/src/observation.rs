//! Responsible for: what can be observed of a flow, as values.
//! Not responsible for: what an observation means: no weakness, country or role is named here.
use serde::Serialize;
use std::net::{IpAddr, SocketAddr};

/// Longest text that is kept of a capture, in bytes.
const LONGEST: usize = 255;

/// Words from a capture: whatever somebody wrote there, cut at 255 bytes. Whoever shows it has to escape it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Text(Box<str>);

impl Text {
    pub fn new(bytes: &[u8]) -> Self {
        let mut words = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)]).into_owned();
        while words.len() > LONGEST {
            words.pop();
        }
        Self(words.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a flow carries, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    Dns,
    Http,
    WebSocket,
    Sip,
    Tls,
    Quic,
    Stun,
    Turn,
    Dtls,
    Rtp,
    Srtp,
    Rtcp,
    Srtcp,
    Zoom,
    Unknown,
}

/// What carries a handshake or a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    Tls,
    Dtls,
    Quic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    Standard,
    Meet,
    Teams,
    Webex,
    WhatsApp,
    Signal,
    Telegram,
    Discord,
    /// Of no application in particular: whatever is made with libwebrtc, browsers too.
    Webrtc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    Rsa,
    Ec,
    Ed25519,
    Other,
}

/// What a payload looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// It follows the syntax of a codec over many packets: whoever recorded it can listen or watch.
    Readable,
    /// It follows no such syntax, and past its header it cannot be told from random bytes, or its blocks repeat as those of ECB do.
    Sealed,
    /// Too little was seen, or it follows no syntax that is known and is not random either.
    Unknown,
}

/// One thing that was seen in a flow. Numbers of registries (ciphers, versions, profiles) are IANA's.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Observation {
    /// The flow carries it.
    Carries {
        protocol: Protocol,
    },
    Stun {
        method: u16,
        class: u8,
        /// It asks whether media can go this way (ICE, RFC 8445 section 7.1).
        check: bool,
        dialect: Dialect,
        software: Option<Text>,
        realm: Option<Text>,
    },
    /// The address that a STUN server saw its client at.
    Mapped {
        address: SocketAddr,
    },
    /// The address that a TURN server allotted.
    Relayed {
        address: SocketAddr,
    },
    /// Whom the TURN server was asked to pass packets to.
    RelayPeer {
        address: SocketAddr,
    },
    ClientHello {
        carrier: Carrier,
        versions: Vec<u16>,
        server_name: Option<Text>,
        alpn: Vec<Text>,
        srtp_profiles: Vec<u16>,
        encrypted_hello: bool,
    },
    ServerHello {
        carrier: Carrier,
        version: u16,
        cipher: u16,
        alpn: Option<Text>,
        srtp_profile: Option<u16>,
    },
    /// One of a chain, `position` 0 is the server's (or of DTLS: the sender's) own. Times are seconds since 1970.
    Certificate {
        carrier: Carrier,
        position: u8,
        subject: Text,
        issuer: Text,
        names: Vec<Text>,
        key: KeyKind,
        bits: u16,
        signature: Text,
        not_before: i64,
        not_after: i64,
        self_signed: bool,
    },
    Quic {
        version: u32,
    },
    /// One source of media, one way. `lost` of what its sequence numbers say was sent; entropy in thousandths of a bit a byte,
    /// past a header of so many bytes that each payload has in clear.
    MediaStream {
        ssrc: u32,
        payload_types: Vec<u8>,
        forth: bool,
        sent: u64,
        lost: u64,
        bytes: u64,
        payload: Payload,
        codec: Option<Text>,
        entropy: Option<u16>,
        header: u16,
        /// Bytes of the authentication tag where they can be seen.
        tag: Option<u8>,
    },
    /// Blocks of 16 bytes that come again, past a header of so many bytes: counted with at least 12 distinct bytes each.
    RepeatedBlocks {
        ssrc: Option<u32>,
        forth: bool,
        header: u16,
        blocks: u64,
        repeated: u64,
    },
    /// Such blocks that come again in two sources: both are encrypted with one key.
    SharedBlocks {
        ssrcs: [u32; 2],
        blocks: u64,
    },
    Rtcp {
        readable: bool,
        ssrc: u32,
        cname: Option<Text>,
    },
    Sframe {
        ssrc: Option<u32>,
        forth: bool,
        key_ids: Vec<u64>,
    },
    HttpRequest {
        method: Text,
        host: Option<Text>,
        path: Text,
    },
    HttpResponse {
        status: u16,
        server: Option<Text>,
    },
    WebSocket {
        host: Option<Text>,
        path: Text,
        frames_readable: bool,
    },
    DnsQuery {
        name: Text,
    },
    DnsAnswer {
        name: Text,
        addresses: Vec<IpAddr>,
    },
    Sip {
        method: Text,
        to: Option<Text>,
    },
    /// A media line of an SDP that could be read.
    SdpMedia {
        media: Text,
        address: Option<IpAddr>,
        port: u16,
        transport: Text,
        fingerprint: bool,
    },
    /// A key that whoever recorded this can read. The key itself is never kept: the first 32 bits of its SHA-256
    /// say whether two are the same.
    KeyInClear {
        place: Text,
        suite: Option<Text>,
        fingerprint: u32,
        /// Which way it was said.
        forth: bool,
    },
    /// A wrapping of some application around what else was observed.
    Encapsulation {
        name: Text,
    },
    /// The flow held more than the bounds of memory allow, and was only counted from there on.
    CutShort,
}

impl Observation {
    /// About how many bytes it has on the heap.
    pub fn weight(&self) -> usize {
        let text = |text: &Text| text.0.len() + 16;
        let maybe = |given: &Option<Text>| given.as_ref().map_or(0, text);
        let all = |given: &[Text]| given.iter().map(text).sum::<usize>();
        match self {
            Self::Stun { software, realm, .. } => maybe(software) + maybe(realm),
            Self::ClientHello {
                versions,
                server_name,
                alpn,
                srtp_profiles,
                ..
            } => 2 * (versions.len() + srtp_profiles.len()) + maybe(server_name) + all(alpn),
            Self::ServerHello { alpn, .. } => maybe(alpn),
            Self::Certificate {
                subject,
                issuer,
                names,
                signature,
                ..
            } => text(subject) + text(issuer) + all(names) + text(signature),
            Self::MediaStream {
                payload_types, codec, ..
            } => payload_types.len() + maybe(codec),
            Self::Rtcp { cname, .. } => maybe(cname),
            Self::Sframe { key_ids, .. } => 8 * key_ids.len(),
            Self::HttpRequest { method, host, path } => text(method) + maybe(host) + text(path),
            Self::HttpResponse { server, .. } => maybe(server),
            Self::WebSocket { host, path, .. } => maybe(host) + text(path),
            Self::DnsQuery { name } => text(name),
            Self::DnsAnswer { name, addresses } => text(name) + addresses.len() * size_of::<IpAddr>(),
            Self::Sip { method, to } => text(method) + maybe(to),
            Self::SdpMedia { media, transport, .. } => text(media) + text(transport),
            Self::KeyInClear { place, suite, .. } => text(place) + maybe(suite),
            Self::Encapsulation { name } => text(name),
            _ => 0,
        }
    }
}
