//! Responsible for: the head of a request or an answer of HTTP/1: where it ends, and what it says (RFC 9112).
//! Not responsible for: what follows it.

const METHODS: [&str; 11] = [
    "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PROPFIND", "PRI",
];
/// Whether a stream begins as HTTP/1 does; `None` while there is too little to tell.
pub fn begins(bytes: &[u8]) -> Option<bool> {
    let starts = |word: &[u8]| bytes.iter().zip(word).all(|(byte, letter)| byte == letter);
    let request = METHODS
        .iter()
        .any(|method| starts(method.as_bytes()) && bytes.get(method.len()).is_none_or(|byte| *byte == b' '));
    if !request && !starts(b"HTTP/1.") {
        return Some(false);
    }
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        return if bytes.len() > 4096 { Some(false) } else { None };
    };
    let line = bytes[..end].trim_ascii_end();
    Some(
        line.starts_with(b"HTTP/1.")
            || line.ends_with(b"HTTP/1.1")
            || line.ends_with(b"HTTP/1.0")
            || line.ends_with(b"HTTP/2.0"),
    )
}

/// Up to and with the empty line.
pub fn head_length(bytes: &[u8]) -> Option<usize> {
    let crlf = bytes
        .windows(4)
        .position(|end| end == b"\r\n\r\n")
        .map(|at| at + 4);
    crlf.or_else(|| bytes.windows(2).position(|end| end == b"\n\n").map(|at| at + 2))
}

/// The value of a header, without the spaces around it.
pub fn value<'a>(head: &'a [u8], name: &str) -> Option<&'a [u8]> {
    head.split(|byte| *byte == b'\n').skip(1).find_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        line[..colon]
            .trim_ascii()
            .eq_ignore_ascii_case(name.as_bytes())
            .then(|| line[colon + 1..].trim_ascii())
    })
}

/// How long a body is.
pub enum Framing {
    Chunks,
    /// In bytes.
    Length(u64),
}

/// RFC 9112 section 6.3, where the head says it.
pub fn framing(head: &[u8]) -> Option<Framing> {
    let is_chunked = |coding: &[u8]| coding.to_ascii_lowercase().ends_with(b"chunked");
    if value(head, "transfer-encoding").is_some_and(is_chunked) {
        return Some(Framing::Chunks);
    }
    let length = std::str::from_utf8(value(head, "content-length")?).ok()?;
    length.parse().ok().map(Framing::Length)
}
