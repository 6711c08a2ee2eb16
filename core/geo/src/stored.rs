//! A data set as it is kept: one meaning, one sequence of bytes.
//! Not here: the files of publishers (`read`), or what names a data set of countries (`cover`).
//!
//! A line that says what it is, the length of a map in canonical CBOR (kind, name, date) and the map, the counts of ranges of
//! both families, and the ranges: first, last, two capitals. Numbers are big-endian. A list of networks has no kind, and
//! after the map the count of networks and the networks: number, length of the name, name. Its ranges end with a place in
//! these.
use crate::country::Country;
use crate::dataset::{Counted, DataSet, Range};
use crate::located::is_name;
use crate::networks::{MAX_NETWORK, Network, Networks};
use crate::read::unreadable;
use ringfence_fence::evidence::Kind;
use ringfence_signed::cbor::{self, Map};
use ringfence_signed::{B32, Error, Result, hash};

const MAGIC: &[u8] = b"ringfence addresses 1\n";
const NETWORKS: &[u8] = b"ringfence networks 1\n";

impl DataSet {
    pub fn encode(&self) -> Vec<u8> {
        let head = cbor::encode(&cbor::map([
            ("kind", self.kind.name().into()),
            ("name", self.name.as_str().into()),
            ("date", self.date.into()),
        ]));
        let mut out = MAGIC.to_vec();
        for length in [head.len(), self.v4.len(), self.v6.len()] {
            count(length).put(&mut out);
        }
        out.extend(head);
        put(&self.v4, &mut out);
        put(&self.v6, &mut out);
        out
    }

    /// Errors: `RF2203` when it is not what [`DataSet::encode`] writes, to the byte.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Self::decoded(bytes).map_err(damaged)
    }

    fn decoded(bytes: &[u8]) -> Result<Self> {
        let mut rest = Rest::after(MAGIC, bytes)?;
        let [head, v4, v6] = rest.lengths()?;
        let mut head = Map::decode(rest.take(head)?)?;
        let kind = head.text("kind")?;
        let kind = Kind::named(&kind).ok_or_else(|| unreadable("its kind is not known"))?;
        let (name, date) = named(head)?;
        let (v4, v6) = (rest.ranges(v4)?, rest.ranges(v6)?);
        rest.finish()?;
        Ok(Self {
            kind,
            name,
            date,
            v4,
            v6,
        })
    }
}

impl Networks {
    pub fn encode(&self) -> Vec<u8> {
        let head = cbor::encode(&cbor::map([
            ("name", self.name.as_str().into()),
            ("date", self.date.into()),
        ]));
        let mut out = NETWORKS.to_vec();
        for length in [head.len(), self.v4.len(), self.v6.len(), self.networks.len()] {
            count(length).put(&mut out);
        }
        out.extend(head);
        for network in &self.networks {
            network.number.put(&mut out);
            out.push(u8::try_from(network.name.len()).expect("it was cut"));
            out.extend(network.name.as_bytes());
        }
        put(&self.v4, &mut out);
        put(&self.v6, &mut out);
        out
    }

    /// What names the list: the SHA-256 of what is kept.
    pub fn digest(&self) -> B32 {
        hash(&self.encode())
    }

    /// Errors: `RF2203` when it is not what [`Networks::encode`] writes, to the byte.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Self::decoded(bytes).map_err(damaged)
    }

    fn decoded(bytes: &[u8]) -> Result<Self> {
        let mut rest = Rest::after(NETWORKS, bytes)?;
        let [head, v4, v6, count] = rest.lengths()?;
        let (name, date) = named(Map::decode(rest.take(head)?)?)?;
        let mut networks: Vec<Network> = vec![];
        for _ in 0..count {
            let number = u32::take(rest.take(4)?)?;
            let length = usize::from(rest.take(1)?[0]);
            let name = std::str::from_utf8(rest.take(length)?).ok();
            let name = name.filter(|name| name.len() <= MAX_NETWORK);
            let name = name.ok_or_else(|| unreadable("the name of a network cannot be used"))?;
            let network = Network {
                number,
                name: name.to_owned(),
            };
            if networks.last().is_some_and(|before| *before >= network) {
                return Err(unreadable("its networks are not in order"));
            }
            networks.push(network);
        }
        let (v4, v6): (Vec<Range<u32, u32>>, Vec<Range<u128, u32>>) = (rest.ranges(v4)?, rest.ranges(v6)?);
        rest.finish()?;
        let mut said = v4
            .iter()
            .map(|range| range.value)
            .chain(v6.iter().map(|range| range.value));
        if said.any(|place| place as usize >= networks.len()) {
            return Err(unreadable("a range is of no network"));
        }
        Ok(Self {
            name,
            date,
            networks,
            v4,
            v6,
        })
    }
}

fn damaged(error: Error) -> Error {
    Error {
        code: "RF2203",
        ..error
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).expect("as many as fit into memory")
}

/// What is left of a head: name and date.
fn named(mut head: Map) -> Result<(String, u64)> {
    let (name, date) = (head.text("name")?, head.uint("date")?);
    head.finish()?;
    match is_name(&name) {
        true => Ok((name, date)),
        false => Err(unreadable("its name cannot be used")),
    }
}

/// What stands in a range, in so many bytes.
trait Kept: Copy + Eq {
    const SIZE: usize;

    fn put(self, out: &mut Vec<u8>);
    /// Of as many bytes as it has.
    fn take(bytes: &[u8]) -> Result<Self>;
}

impl Kept for u32 {
    const SIZE: usize = 4;

    fn put(self, out: &mut Vec<u8>) {
        out.extend(self.to_be_bytes());
    }

    fn take(bytes: &[u8]) -> Result<Self> {
        Ok(Self::from_be_bytes(bytes.try_into().expect("four bytes")))
    }
}

impl Kept for u128 {
    const SIZE: usize = 16;

    fn put(self, out: &mut Vec<u8>) {
        out.extend(self.to_be_bytes());
    }

    fn take(bytes: &[u8]) -> Result<Self> {
        Ok(Self::from_be_bytes(bytes.try_into().expect("sixteen bytes")))
    }
}

impl Kept for Country {
    const SIZE: usize = 2;

    fn put(self, out: &mut Vec<u8>) {
        out.extend(self.bytes());
    }

    fn take(bytes: &[u8]) -> Result<Self> {
        let country = Self::stored(bytes.try_into().expect("two bytes"));
        country.ok_or_else(|| unreadable("a country is not two capitals"))
    }
}

fn put<A: Kept, V: Kept>(ranges: &[Range<A, V>], out: &mut Vec<u8>) {
    for range in ranges {
        range.first.put(out);
        range.last.put(out);
        range.value.put(out);
    }
}

/// Bytes that are not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn after(magic: &[u8], bytes: &'a [u8]) -> Result<Self> {
        let rest = bytes.strip_prefix(magic);
        rest.map(Self)
            .ok_or_else(|| unreadable("it is no data set of this version"))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or_else(|| unreadable("it ends too soon"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn lengths<const N: usize>(&mut self) -> Result<[usize; N]> {
        let mut lengths = [0; N];
        for length in &mut lengths {
            *length = u32::take(self.take(4)?)? as usize;
        }
        Ok(lengths)
    }

    fn ranges<A: Counted + Kept, V: Kept>(&mut self, count: usize) -> Result<Vec<Range<A, V>>> {
        let size = 2 * A::SIZE + V::SIZE;
        let bytes = self.take(count.saturating_mul(size))?;
        let mut ranges: Vec<Range<A, V>> = Vec::with_capacity(count);
        for record in bytes.chunks_exact(size) {
            let (ends, value) = record.split_at(2 * A::SIZE);
            let (first, last) = ends.split_at(A::SIZE);
            let range = Range {
                first: A::take(first)?,
                last: A::take(last)?,
                value: V::take(value)?,
            };
            let follows = ranges.last().is_none_or(|before| {
                before.last < range.first
                    && (before.value != range.value || before.last.next() != Some(range.first))
            });
            if !follows || range.last < range.first {
                return Err(unreadable("its ranges are not in order"));
            }
            ranges.push(range);
        }
        Ok(ranges)
    }

    fn finish(self) -> Result<()> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(unreadable("bytes follow its ranges")),
        }
    }
}
