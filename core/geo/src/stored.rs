//! A data set as it is kept: one meaning, one sequence of bytes.
//! Not here: the files of publishers (`read`), or what names a data set (`cover`).
//!
//! A line that says what it is, the length of a map in canonical CBOR (kind, name, date) and the map, the counts of ranges of
//! both families, and the ranges: first, last, two capitals. Numbers are big-endian.
use crate::country::Country;
use crate::dataset::{Counted, DataSet, Range};
use crate::located::is_name;
use crate::read::unreadable;
use ringfence_fence::evidence::Kind;
use ringfence_signed::Result;
use ringfence_signed::cbor::{self, Map};

const MAGIC: &[u8] = b"ringfence addresses 1\n";

impl DataSet {
    pub fn encode(&self) -> Vec<u8> {
        let head = cbor::encode(&cbor::map([
            ("kind", self.kind.name().into()),
            ("name", self.name.as_str().into()),
            ("date", self.date.into()),
        ]));
        let mut out = MAGIC.to_vec();
        for length in [head.len(), self.v4.len(), self.v6.len()] {
            out.extend(
                u32::try_from(length)
                    .expect("as many as fit into memory")
                    .to_be_bytes(),
            );
        }
        out.extend(head);
        for range in &self.v4 {
            out.extend(range.first.to_be_bytes());
            out.extend(range.last.to_be_bytes());
            out.extend(range.country.bytes());
        }
        for range in &self.v6 {
            out.extend(range.first.to_be_bytes());
            out.extend(range.last.to_be_bytes());
            out.extend(range.country.bytes());
        }
        out
    }

    /// Errors: `RF2203` when it is not what [`DataSet::encode`] writes, to the byte.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let set = Self::decoded(bytes).map_err(|mut error| {
            error.code = "RF2203";
            error
        })?;
        Ok(set)
    }

    fn decoded(bytes: &[u8]) -> Result<Self> {
        let short = || unreadable("it ends too soon");
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or_else(|| unreadable("it is no data set of this version"))?;
        let (lengths, rest) = rest.split_at_checked(12).ok_or_else(short)?;
        let length =
            |at: usize| u32::from_be_bytes(lengths[at..at + 4].try_into().expect("four bytes")) as usize;
        let (head, rest) = rest.split_at_checked(length(0)).ok_or_else(short)?;
        let mut head = Map::decode(head)?;
        let kind = head.text("kind")?;
        let kind = Kind::named(&kind).ok_or_else(|| unreadable("its kind is not known"))?;
        let (name, date) = (head.text("name")?, head.uint("date")?);
        head.finish()?;
        if !is_name(&name) {
            return Err(unreadable("its name cannot be used"));
        }
        let (v4, rest) = rest
            .split_at_checked(length(4).saturating_mul(10))
            .ok_or_else(short)?;
        let (v6, rest) = rest
            .split_at_checked(length(8).saturating_mul(34))
            .ok_or_else(short)?;
        if !rest.is_empty() {
            return Err(unreadable("bytes follow its ranges"));
        }
        Ok(Self {
            kind,
            name,
            date,
            v4: ranges(v4, |bytes| {
                u32::from_be_bytes(bytes.try_into().expect("four bytes"))
            })?,
            v6: ranges(v6, |bytes| {
                u128::from_be_bytes(bytes.try_into().expect("sixteen bytes"))
            })?,
        })
    }
}

fn ranges<A: Counted>(bytes: &[u8], number: impl Fn(&[u8]) -> A) -> Result<Vec<Range<A>>> {
    let size = 2 * std::mem::size_of::<A>() + 2;
    let mut ranges: Vec<Range<A>> = Vec::with_capacity(bytes.len() / size);
    for record in bytes.chunks_exact(size) {
        let (ends, country) = record.split_at(size - 2);
        let (first, last) = ends.split_at(ends.len() / 2);
        let country = Country::stored(country.try_into().expect("two bytes"))
            .ok_or_else(|| unreadable("a country is not two capitals"))?;
        let range = Range {
            first: number(first),
            last: number(last),
            country,
        };
        let follows = ranges.last().is_none_or(|before| {
            before.last < range.first
                && (before.country != country || before.last.next() != Some(range.first))
        });
        if !follows || range.last < range.first {
            return Err(unreadable("its ranges are not in order"));
        }
        ranges.push(range);
    }
    Ok(ranges)
}
