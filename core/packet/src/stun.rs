//! Responsible for: for whom a STUN binding request is, by its USERNAME, and whether it chooses its way (RFC 8489, RFC 8445
//! sections 7.1.2 and 7.2.2).
//! Not responsible for: its integrity, which whoever holds the password checks.

const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const USERNAME: u16 = 0x0006;
const USE_CANDIDATE: u16 = 0x0025;
const HEADER: usize = 20;

/// By which an answer names its request.
pub type Transaction = [u8; 12];

/// The receiver's half of the USERNAME of a binding request: the user fragment of who is asked.
pub fn receiver_fragment(datagram: &[u8]) -> Option<&str> {
    transaction(datagram, BINDING_REQUEST)?;
    let (_, value) = attributes(datagram).find(|(kind, _)| *kind == USERNAME)?;
    let (receiver, _) = std::str::from_utf8(value).ok()?.split_once(':')?;
    Some(receiver)
}

/// The transaction of a binding request that chooses the way it came for everything from now on.
pub fn nomination(datagram: &[u8]) -> Option<Transaction> {
    let transaction = transaction(datagram, BINDING_REQUEST)?;
    let chooses = attributes(datagram).any(|(kind, _)| kind == USE_CANDIDATE);
    chooses.then_some(transaction)
}

/// The transaction of a binding request that this answer grants.
pub fn success(datagram: &[u8]) -> Option<Transaction> {
    transaction(datagram, BINDING_SUCCESS)
}

fn transaction(datagram: &[u8], kind: [u8; 2]) -> Option<Transaction> {
    let is_of_kind = datagram.get(..2)? == kind && datagram.get(4..8)? == MAGIC_COOKIE;
    datagram.get(8..HEADER)?.try_into().ok().filter(|_| is_of_kind)
}

/// Up to the first that is cut off.
fn attributes(datagram: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = datagram.get(HEADER..).unwrap_or_default();
    std::iter::from_fn(move || {
        let [kind_high, kind_low, length_high, length_low, ..] = rest else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
        let value = rest.get(4..4 + length)?;
        // Attributes are padded to four bytes (RFC 8489 section 14).
        rest = rest.get(4 + length.next_multiple_of(4)..).unwrap_or_default();
        Some((u16::from_be_bytes([*kind_high, *kind_low]), value))
    })
}
