//! Responsible for: for whom a STUN binding request is, by its USERNAME (RFC 8489, RFC 8445 section 7.2.2).
//! Not responsible for: its integrity, which whoever holds the password checks.

const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const USERNAME: u16 = 0x0006;
const HEADER: usize = 20;

/// The receiver's half of the USERNAME of a binding request: the user fragment of who is asked.
pub fn receiver_fragment(datagram: &[u8]) -> Option<&str> {
    if datagram.get(..2)? != BINDING_REQUEST || datagram.get(4..8)? != MAGIC_COOKIE {
        return None;
    }
    let mut rest = datagram.get(HEADER..)?;
    loop {
        let [kind_high, kind_low, length_high, length_low, ..] = rest else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
        let value = rest.get(4..4 + length)?;
        if u16::from_be_bytes([*kind_high, *kind_low]) == USERNAME {
            return std::str::from_utf8(value)
                .ok()?
                .split_once(':')
                .map(|(receiver, _)| receiver);
        }
        // Attributes are padded to four bytes (RFC 8489 section 14).
        rest = rest.get(4 + length.next_multiple_of(4)..)?;
    }
}
