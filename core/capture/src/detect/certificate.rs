//! Responsible for: what a chain of certificates says of itself (RFC 5280), as TLS 1.2 and DTLS 1.2 send it in clear.
//! Not responsible for: whether anybody should trust it, or whether its dates were good when it was sent.
use super::bytes::Reader;
use crate::observation::{Carrier, KeyKind, Observation, Text};
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};
use x509_parser::public_key::PublicKey;

/// Of a longer chain the first ones are kept.
const MOST: usize = 4;
const MOST_NAMES: usize = 8;

/// Names of signatures, by their object identifiers (RFC 3279, RFC 4055, RFC 5758, RFC 8410).
const SIGNATURES: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
    ("1.2.840.113549.1.1.10", "rsassaPss"),
    ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
    ("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
    ("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
    ("1.2.840.113549.1.1.14", "sha224WithRSAEncryption"),
    ("1.2.840.10040.4.3", "dsa-with-sha1"),
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
    ("1.2.840.10045.4.3.1", "ecdsa-with-SHA224"),
    ("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
    ("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
    ("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
    ("1.3.101.112", "ed25519"),
    ("1.3.101.113", "ed448"),
];

/// Reads the body of a certificate message (RFC 5246 section 7.4.2); what is not a certificate is left out.
pub fn chain(body: &[u8], carrier: Carrier) -> Vec<Observation> {
    let mut reader = Reader::new(body);
    let Some(mut list) = reader.prefixed(3) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    while found.len() < MOST {
        let Some(der) = list.prefixed(3) else { break };
        let Some(certificate) = one(der.rest(), found.len() as u8, carrier) else {
            break;
        };
        found.push(certificate);
    }
    found
}

fn one(der: &[u8], position: u8, carrier: Carrier) -> Option<Observation> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let (key, bits) = key(&certificate);
    let mut names = Vec::new();
    if let Ok(Some(alternatives)) = certificate.subject_alternative_name() {
        for name in &alternatives.value.general_names {
            if let GeneralName::DNSName(name) = name
                && names.len() < MOST_NAMES
            {
                names.push(Text::new(name.as_bytes()));
            }
        }
    }
    let signature = certificate.signature_algorithm.algorithm.to_id_string();
    let named = SIGNATURES.iter().find(|(id, _)| *id == signature);
    Some(Observation::Certificate {
        carrier,
        position,
        subject: Text::new(certificate.subject().to_string().as_bytes()),
        issuer: Text::new(certificate.issuer().to_string().as_bytes()),
        names,
        key,
        bits,
        signature: Text::new(named.map_or(signature.as_str(), |(_, name)| name).as_bytes()),
        not_before: certificate.validity().not_before.timestamp(),
        not_after: certificate.validity().not_after.timestamp(),
        self_signed: certificate.subject().as_raw() == certificate.issuer().as_raw(),
    })
}

fn key(certificate: &X509Certificate<'_>) -> (KeyKind, u16) {
    let public = certificate.public_key();
    let id = public.algorithm.algorithm.to_id_string();
    if id == "1.3.101.112" {
        return (KeyKind::Ed25519, 256);
    }
    match public.parsed() {
        Ok(PublicKey::RSA(rsa)) => {
            let modulus = rsa.modulus.iter().skip_while(|byte| **byte == 0).copied();
            let leading = modulus.clone().next().map_or(0, u8::leading_zeros) as usize;
            (KeyKind::Rsa, bits(modulus.count() * 8 - leading))
        }
        Ok(PublicKey::EC(point)) => {
            let parameters = public.algorithm.parameters.as_ref();
            let curve = parameters.and_then(|any| Oid::try_from(any.clone()).ok());
            let known = curve.and_then(|curve| curve_bits(&curve.to_id_string()));
            (KeyKind::Ec, known.unwrap_or_else(|| bits(point.key_size())))
        }
        _ => (KeyKind::Other, 0),
    }
}

/// The named curves whose size is not a multiple of eight, or that are usual (RFC 5480 section 2.1.1.1).
fn curve_bits(id: &str) -> Option<u16> {
    match id {
        "1.2.840.10045.3.1.1" => Some(192),
        "1.3.132.0.33" => Some(224),
        "1.2.840.10045.3.1.7" => Some(256),
        "1.3.132.0.34" => Some(384),
        "1.3.132.0.35" => Some(521),
        _ => None,
    }
}

fn bits(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
