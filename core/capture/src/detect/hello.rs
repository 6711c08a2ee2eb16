//! Responsible for: what the hellos of a handshake say, in TLS, DTLS and QUIC (RFC 8446 section 4.1, RFC 5246 section 7.4.1).
//! Not responsible for: how a handshake is carried.
use super::bytes::Reader;
use crate::observation::{Carrier, Observation, Text};

pub const CLIENT_HELLO: u8 = 1;
pub const SERVER_HELLO: u8 = 2;
pub const CERTIFICATE: u8 = 11;

const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
const USE_SRTP: u16 = 14; // RFC 5764 section 4.1.1
const SUPPORTED_VERSIONS: u16 = 43;
const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d; // RFC 9849

/// More of a list than that is not kept.
const MOST: usize = 16;

/// RFC 8446 section 4.1.3: a server hello with this random asks for another client hello.
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// RFC 8701: values that stand for nothing, so that nobody relies on a list being short.
fn is_grease(value: u16) -> bool {
    value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff
}

/// Reads the body of a client hello; `None` when it is not one.
pub fn client(body: &[u8], carrier: Carrier) -> Option<Observation> {
    let mut reader = Reader::new(body);
    let version = reader.u16()?;
    reader.take(32)?;
    reader.prefixed(1)?;
    if carrier == Carrier::Dtls {
        reader.prefixed(1)?; // the cookie (RFC 6347 section 4.2.1)
    }
    let suites = reader.prefixed(2)?;
    if suites.is_empty() || suites.len() % 2 != 0 {
        return None;
    }
    reader.prefixed(1)?;
    let mut versions = Vec::new();
    let (mut server_name, mut alpn, mut srtp_profiles, mut encrypted_hello) =
        (None, Vec::new(), Vec::new(), false);
    for (kind, mut value) in extensions(reader)? {
        match kind {
            SERVER_NAME => {
                let mut names = value.prefixed(2)?;
                if names.u8()? == 0 {
                    server_name = Some(Text::new(names.prefixed(2)?.rest()));
                }
            }
            ALPN => alpn = protocols(value)?,
            USE_SRTP => srtp_profiles = numbers(value.prefixed(2)?),
            SUPPORTED_VERSIONS => versions = numbers(value.prefixed(1)?),
            ENCRYPTED_CLIENT_HELLO => encrypted_hello = true,
            _ => {}
        }
    }
    if versions.is_empty() {
        versions.push(version);
    }
    Some(Observation::ClientHello {
        carrier,
        versions,
        server_name,
        alpn,
        srtp_profiles,
        encrypted_hello,
    })
}

/// What a server answered.
pub enum Answer {
    Hello(Observation),
    /// It asks for another client hello, and says nothing yet.
    Retry,
}

/// Reads the body of a server hello; `None` when it is not one.
pub fn server(body: &[u8], carrier: Carrier) -> Option<Answer> {
    let mut reader = Reader::new(body);
    let mut version = reader.u16()?;
    let random = reader.take(32)?;
    reader.prefixed(1)?;
    let cipher = reader.u16()?;
    reader.u8()?;
    let (mut alpn, mut srtp_profile) = (None, None);
    for (kind, mut value) in extensions(reader)? {
        match kind {
            ALPN => alpn = protocols(value)?.into_iter().next(),
            USE_SRTP => srtp_profile = numbers(value.prefixed(2)?).first().copied(),
            SUPPORTED_VERSIONS => version = value.u16()?,
            _ => {}
        }
    }
    if random == RETRY {
        return Some(Answer::Retry);
    }
    Some(Answer::Hello(Observation::ServerHello {
        carrier,
        version,
        cipher,
        alpn,
        srtp_profile,
    }))
}

/// Kinds and values of the extensions; none where the hello ends before them, as old ones do.
fn extensions(mut reader: Reader<'_>) -> Option<Vec<(u16, Reader<'_>)>> {
    if reader.is_empty() {
        return Some(Vec::new());
    }
    let mut list = reader.prefixed(2)?;
    let mut found = Vec::new();
    while !list.is_empty() {
        found.push((list.u16()?, list.prefixed(2)?));
    }
    Some(found)
}

fn protocols(mut value: Reader<'_>) -> Option<Vec<Text>> {
    let mut list = value.prefixed(2)?;
    let mut found = Vec::new();
    while !list.is_empty() {
        let name = list.prefixed(1)?.rest();
        let grease = <[u8; 2]>::try_from(name).is_ok_and(|two| is_grease(u16::from_be_bytes(two)));
        if found.len() < MOST && !grease {
            found.push(Text::new(name));
        }
    }
    Some(found)
}

fn numbers(mut list: Reader<'_>) -> Vec<u16> {
    let mut found = Vec::new();
    while let Some(value) = list.u16() {
        if found.len() < MOST && !is_grease(value) {
            found.push(value);
        }
    }
    found
}
