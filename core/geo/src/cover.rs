//! A whole data set as what names it: ranges that cover all addresses, the Merkle tree over them, and what is shown of it
//! about one address. Not here: checking what was shown (`located`).
use crate::country::Country;
use crate::dataset::{Counted, DataSet, Range};
use crate::located::{Head, leaf};
use ringfence_routelog::inclusion;
use ringfence_routelog::merkle::{self, Hashes, Node, node_hash};
use ringfence_signed::cbor::{self, Value};
use ringfence_signed::{B32, Error, Result};
use std::net::IpAddr;

/// A data set with its tree: made once for as many addresses as are asked about.
pub struct Cover<'a> {
    set: &'a DataSet,
    pub head: Head,
    /// The hashes of complete subtrees, from the leaves up.
    rows: Vec<Vec<B32>>,
}

impl DataSet {
    /// What names the data set: whoever has it can check what is shown of it. Hashes every range of it.
    pub fn digest(&self) -> B32 {
        Cover::of(self).head.digest()
    }
}

impl<'a> Cover<'a> {
    pub fn of(set: &'a DataSet) -> Self {
        let mut leaves = vec![];
        for piece in Pieces::of(&set.v4) {
            leaves.push(piece.leaf(u32::to_be_bytes));
        }
        for piece in Pieces::of(&set.v6) {
            leaves.push(piece.leaf(u128::to_be_bytes));
        }
        let size = leaves.len() as u64;
        let mut rows = vec![leaves];
        while let Some(row) = rows.last().filter(|row| row.len() > 1) {
            let above = row.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1]));
            let above = above.collect();
            rows.push(above);
        }
        let root = merkle::root(size, &Rows(&rows)).expect("every row is there");
        let head = Head {
            kind: set.kind,
            name: set.name.clone(),
            date: set.date,
            size,
            root,
        };
        Self { set, head, rows }
    }

    /// What the set says about an address, with the proof: canonical CBOR, as [`crate::located::read`] takes it.
    pub fn locate(&self, address: IpAddr) -> Vec<u8> {
        let (index, first, last, country) = match address.to_canonical() {
            IpAddr::V4(address) => {
                let (at, piece) = found(&self.set.v4, u32::from(address));
                (
                    at,
                    piece.first.to_be_bytes().to_vec(),
                    piece.last.to_be_bytes().to_vec(),
                    piece.country,
                )
            }
            IpAddr::V6(address) => {
                let (at, piece) = found(&self.set.v6, u128::from(address));
                let before = Pieces::of(&self.set.v4).count();
                let ends = (
                    piece.first.to_be_bytes().to_vec(),
                    piece.last.to_be_bytes().to_vec(),
                );
                (before + at, ends.0, ends.1, piece.country)
            }
        };
        let proof =
            inclusion::prove(index as u64, self.head.size, &Rows(&self.rows)).expect("it is in the tree");
        cbor::encode(&cbor::map([
            ("set", self.head.to_value()),
            ("first", Value::Bytes(first)),
            ("last", Value::Bytes(last)),
            (
                "country",
                cbor::nullable(country.map(|country| country.as_str().to_owned())),
            ),
            ("index", (index as u64).into()),
            (
                "proof",
                Value::Array(proof.iter().map(|hash| cbor::bytes(hash)).collect()),
            ),
        ]))
    }
}

struct Rows<'a>(&'a [Vec<B32>]);

impl Hashes for Rows<'_> {
    fn hash(&self, node: Node) -> Result<B32> {
        let row = self.0.get(node.level as usize);
        let hash = row.and_then(|row| row.get(usize::try_from(node.index).ok()?));
        hash.copied()
            .ok_or_else(|| Error::new("RF2301", "a hash of no complete subtree"))
    }
}

/// One leaf: a range with its country, or what lies between two.
pub(crate) struct Piece<A> {
    pub first: A,
    pub last: A,
    pub country: Option<Country>,
}

impl<A> Piece<A> {
    fn leaf<const N: usize>(self, bytes: impl Fn(A) -> [u8; N]) -> B32 {
        let country = self.country.map(Country::bytes);
        let country = country.as_ref().map_or(&[][..], |capitals| capitals);
        leaf(&bytes(self.first), &bytes(self.last), country)
    }
}

/// All addresses of a family, in order, each in exactly one piece.
pub(crate) struct Pieces<'a, A> {
    ranges: &'a [Range<A>],
    /// The first address that is in no piece so far.
    from: Option<A>,
}

impl<'a, A: Counted> Pieces<'a, A> {
    pub(crate) fn of(ranges: &'a [Range<A>]) -> Self {
        Self {
            ranges,
            from: Some(A::FIRST),
        }
    }
}

impl<A: Counted> Iterator for Pieces<'_, A> {
    type Item = Piece<A>;

    fn next(&mut self) -> Option<Piece<A>> {
        let first = self.from?;
        let Some((range, rest)) = self.ranges.split_first() else {
            self.from = None;
            let (last, country) = (A::LAST, None);
            return Some(Piece { first, last, country });
        };
        if range.first == first {
            (self.ranges, self.from) = (rest, range.last.next());
            let (last, country) = (range.last, Some(range.value));
            return Some(Piece { first, last, country });
        }
        self.from = Some(range.first);
        let (last, country) = (range.first.before().expect("it is after another"), None);
        Some(Piece { first, last, country })
    }
}

/// The piece that an address is in, and its number.
fn found<A: Counted>(ranges: &[Range<A>], address: A) -> (usize, Piece<A>) {
    let mut pieces = Pieces::of(ranges).enumerate();
    let found = pieces.find(|(_, piece)| address <= piece.last);
    found.expect("they are all addresses")
}
