//! Responsible for: keys that are sent where whoever records can read them, and naming them without keeping them.
//! Not responsible for: whether they encrypt anything.
use super::{Seen, Way};
use crate::Found;
use crate::observation::{Observation, Text};
use sha2::{Digest, Sha256};

/// More of one message is not looked at.
const LONGEST: usize = 64 << 10;
/// Bytes of keys, and of keys with their salts (RFC 4568 section 6.2, RFC 7714 section 14.2).
const SIZES: [usize; 8] = [16, 24, 28, 30, 32, 38, 44, 46];
/// Of fields whose names have "key" or "secret" in them, those are none.
const NOT_SECRET: [&str; 9] = [
    "public",
    "pubkey",
    "keyframe",
    "key_frame",
    "keyid",
    "key_id",
    "fingerprint",
    "hash",
    "websocket",
];

/// Names of fields that say what a key is used with have one of these in them.
const OF_CIPHERS: [&str; 7] = ["crypt", "cipher", "aes", "srtp", "salt", "nonce", "suite"];
/// Bytes of public keys (RFC 7748, RFC 8032).
const PUBLIC: usize = 32;

/// Looks for keys in SDP, and in JSON. `place` says where it is.
pub fn scan(bytes: &[u8], place: &str, seen: Seen<'_>, found: &mut Found<'_>) {
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    if !bytes
        .first()
        .is_some_and(|first| first.is_ascii_graphic() || first.is_ascii_whitespace())
    {
        return;
    }
    let mut see = |what: &str, suite: Option<&[u8]>, key: &[u8]| {
        let observation = Observation::KeyInClear {
            place: Text::new(format!("{what} in {place}").as_bytes()),
            suite: suite.map(Text::new),
            fingerprint: fingerprint(key),
            forth: seen.way == Way::Forth,
        };
        found.see(seen.number, seen.at, observation);
    };
    for line in lines_with(bytes, b"a=crypto:") {
        if let Some((suite, key)) = crypto(line) {
            see("a=crypto", Some(suite), key);
        }
    }
    for line in lines_with(bytes, b"a=key-mgmt:mikey ") {
        see("a=key-mgmt", None, line);
    }
    // Obsolete (RFC 8866 section 5.12), and sent all the same.
    for form in [
        b"\nk=clear:".as_slice(),
        b"\nk=base64:",
        b"\\nk=clear:",
        b"\\nk=base64:",
    ] {
        for line in lines_with(bytes, form) {
            see("k=", None, line);
        }
    }
    let octets = bytes.windows(5).any(|part| part == b"\"oct\"");
    let fields: Vec<_> = fields(bytes).collect();
    let enciphers = fields.iter().any(|(name, _)| is_of_cipher(name));
    for (name, value) in fields {
        let Some(size) = key_size(value) else { continue };
        // What is only called "key" is as likely a public one, where it is as long.
        let public = name.eq_ignore_ascii_case(b"key") && size == PUBLIC && !enciphers;
        if is_secret(name, octets) && !public {
            see("a field of JSON", None, value);
        }
    }
}

/// Enough to say that two keys are the same one, and too little to say which.
fn fingerprint(key: &[u8]) -> u32 {
    let digest = Sha256::digest(key);
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// What follows a word up to the end of its line, also of a line within a string of JSON.
fn lines_with<'a>(bytes: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let starts = bytes
        .windows(word.len())
        .enumerate()
        .filter(move |(_, part)| *part == word)
        .map(move |(at, _)| at + word.len());
    starts.map(|at| {
        let rest = &bytes[at..];
        let end = rest
            .iter()
            .position(|byte| matches!(byte, b'\r' | b'\n' | b'\\' | b'"'))
            .unwrap_or(rest.len());
        &rest[..end]
    })
}

/// Suite and key of a crypto attribute (RFC 4568 section 9.1).
fn crypto(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    words.next()?;
    let suite = words.next()?;
    let key = words.find_map(|word| word.strip_prefix(b"inline:"))?;
    let end = key
        .iter()
        .position(|byte| matches!(byte, b'|' | b';'))
        .unwrap_or(key.len());
    (end >= 8).then_some((suite, &key[..end]))
}

/// Names and values of all fields of JSON that are strings.
fn fields(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut strings = Vec::new();
    let mut at = 0;
    while let Some(open) = bytes[at..]
        .iter()
        .position(|byte| *byte == b'"')
        .map(|open| at + open + 1)
    {
        let mut close = open;
        while close < bytes.len() && bytes[close] != b'"' {
            close += if bytes[close] == b'\\' { 2 } else { 1 };
        }
        if close >= bytes.len() {
            break;
        }
        strings.push((open, close));
        at = close + 1;
    }
    let pairs: Vec<_> = strings
        .windows(2)
        .filter(|pair| bytes[pair[0].1 + 1..pair[1].0 - 1].trim_ascii() == b":")
        .map(|pair| (&bytes[pair[0].0..pair[0].1], &bytes[pair[1].0..pair[1].1]))
        .collect();
    pairs.into_iter()
}

fn is_secret(name: &[u8], octets: bool) -> bool {
    let name = String::from_utf8_lossy(name).to_lowercase();
    // RFC 7518 section 6.4: the value of a symmetric key.
    (octets && name == "k")
        || ((name.contains("key") || name.contains("secret"))
            && !NOT_SECRET.iter().any(|word| name.contains(word)))
}

/// Whether a field says what a key is used with.
fn is_of_cipher(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name).to_lowercase();
    OF_CIPHERS.iter().any(|word| name.contains(word)) || matches!(&*name, "iv" | "alg" | "algorithm")
}

/// The bytes of a key, of a text that is as long as one in hexadecimal digits or base64, and made of nothing else.
fn key_size(value: &[u8]) -> Option<usize> {
    let fits = |size: usize| SIZES.contains(&size).then_some(size);
    if value.iter().all(u8::is_ascii_hexdigit)
        && value.len().is_multiple_of(2)
        && let Some(size) = fits(value.len() / 2)
    {
        return Some(size);
    }
    let digits = value
        .iter()
        .rposition(|byte| *byte != b'=')
        .map_or(0, |last| last + 1);
    let padded = value.len() == digits || value.len().is_multiple_of(4);
    let known = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    // Words are no keys: a key has digits, and letters of both sizes.
    let mixed = [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase]
        .iter()
        .all(|kind| value.iter().any(kind));
    let is_text = padded && mixed && value[..digits].iter().all(known) && digits % 4 != 1;
    is_text.then(|| fits(digits * 3 / 4)).flatten()
}
