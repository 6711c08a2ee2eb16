//! What a data set says about one range of addresses, with the proof that it says so: small enough to be shown for each
//! address, and checked against the digest of the whole set.
//! Not here: making it of a set (`cover`), or what it is worth (`ringfence-fence`).
//!
//! The ranges of a set cover all addresses, each exactly once: IPv4's, then IPv6's, in order. They are the leaves of a
//! Merkle tree (RFC 9162 section 2.1); a head says kind, name, date, number of leaves and root. The SHA-256 of the head is
//! the digest of the set.
use ringfence_fence::evidence::{Kind, Located};
use ringfence_routelog::{inclusion, merkle};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B32, Error, Result, hash};
use std::net::IpAddr;

/// Longest name of a data set (bytes).
pub(crate) const MAX_NAME: usize = 100;
/// As many as 16 data sets about 32 addresses.
pub const MOST: usize = 512;

pub(crate) fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= MAX_NAME && !name.chars().any(char::is_control)
}

/// What there is to say of a whole set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub kind: Kind,
    pub name: String,
    /// When its publisher made it, in unix seconds.
    pub date: u64,
    /// How many ranges cover all addresses.
    pub size: u64,
    pub root: B32,
}

impl Head {
    pub(crate) fn to_value(&self) -> Value {
        cbor::map([
            ("kind", self.kind.name().into()),
            ("name", self.name.as_str().into()),
            ("date", self.date.into()),
            ("size", self.size.into()),
            ("root", cbor::bytes(&self.root)),
        ])
    }

    /// What names the set.
    pub fn digest(&self) -> B32 {
        hash(&cbor::encode(&self.to_value()))
    }
}

/// A leaf: both ends, and the country's two capitals where there is one.
pub(crate) fn leaf(first: &[u8], last: &[u8], country: &[u8]) -> B32 {
    merkle::leaf_hash(&[first, last, country].concat())
}

/// Checks that a set whose digest is in the answer says this about these addresses.
///
/// Errors: `RF2204` when the proof does not hold, or it cannot be read.
pub fn read(document: &[u8]) -> Result<Located> {
    located(document).map_err(|mut error| {
        error.code = "RF2204";
        error
    })
}

/// Reads all that are shown at once. Errors: those of [`read`]; `RF2204` when they are too many.
pub fn read_all<'a>(documents: impl ExactSizeIterator<Item = &'a [u8]>) -> Result<Vec<Located>> {
    if documents.len() > MOST {
        return Err(bad("too many at once"));
    }
    documents.map(read).collect()
}

fn bad(what: &str) -> Error {
    Error::new("RF2204", what)
}

fn located(document: &[u8]) -> Result<Located> {
    let mut map = Map::decode(document)?;
    let mut said = map.map("set")?;
    let head = Head {
        kind: Kind::named(&said.text("kind")?).ok_or_else(|| bad("its kind is not known"))?,
        name: said.text("name")?,
        date: said.uint("date")?,
        size: said.uint("size")?,
        root: said.fixed("root")?,
    };
    said.finish()?;
    if !is_name(&head.name) {
        return Err(bad("its name cannot be used"));
    }
    let (first, last) = (map.bytes("first")?, map.bytes("last")?);
    let country = map.nullable("country", cbor::as_text)?;
    let is_code = |text: &String| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if !country.as_ref().is_none_or(is_code) {
        return Err(bad("a country is two capitals"));
    }
    let capitals = country.as_deref().unwrap_or_default();
    let proof = map.array("proof")?.into_iter();
    let proof: Vec<B32> = proof
        .map(|hash| cbor::as_fixed(hash, "proof"))
        .collect::<Result<_>>()?;
    let leaf = leaf(&first, &last, capitals.as_bytes());
    inclusion::verify(map.uint("index")?, head.size, &leaf, &proof, &head.root)?;
    map.finish()?;
    let ends = address(&first).zip(address(&last));
    let Some((first, last)) = ends.filter(|(first, last)| first.is_ipv4() == last.is_ipv4() && first <= last)
    else {
        return Err(bad("its ends are no range of addresses"));
    };
    Ok(Located {
        digest: head.digest(),
        kind: head.kind,
        name: head.name,
        date: head.date,
        first,
        last,
        country,
    })
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => Some(<[u8; 4]>::try_from(bytes).ok()?.into()),
        16 => Some(<[u8; 16]>::try_from(bytes).ok()?.into()),
        _ => None,
    }
}
