//! The log of routes of an honest server, in memory; and one that tells another story.
use super::{key, public};
use ringfence_fence::Log;
use ringfence_routelog::checkpoint::{Checkpoint, Signed};
use ringfence_routelog::key::{Kind, Signer};
use ringfence_routelog::merkle::{Hashes, Node, leaf_hash, node_hash, root};
use ringfence_routelog::{consistency, entry, inclusion};
use ringfence_signed::{B32, Result, hash, to_text};
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard};

pub const ORIGIN: &str = "meet.example/log";

pub struct RouteLog(Mutex<Vec<B32>>);

struct Leaves<'a>(&'a [B32]);

impl Hashes for Leaves<'_> {
    fn hash(&self, node: Node) -> Result<B32> {
        let Node { level, index } = node;
        if level == 0 {
            return Ok(self.0[index as usize]);
        }
        let below = |index| {
            self.hash(Node {
                level: level - 1,
                index,
            })
        };
        Ok(node_hash(&below(2 * index)?, &below(2 * index + 1)?))
    }
}

fn texts(proof: Vec<B32>) -> Vec<String> {
    proof.iter().map(|hash| to_text(hash)).collect()
}

impl RouteLog {
    /// With three entries of other meetings, which `story` names.
    pub fn new(story: &str) -> Self {
        let other = |n: u8| leaf_hash(&entry::make(&[n; 32], story.as_bytes()));
        Self(Mutex::new((1..=3).map(other).collect()))
    }

    pub fn named() -> Log {
        Log {
            origin: ORIGIN.into(),
            key: public(&key("log")),
        }
    }

    pub fn signer() -> Signer {
        Signer::new(ORIGIN, Kind::Log, key("log")).unwrap()
    }

    pub fn size(&self) -> u64 {
        self.leaves().len() as u64
    }

    /// Another meeting's route is written down.
    pub fn grow(&self) {
        let leaf = leaf_hash(&self.size().to_be_bytes());
        self.leaves().push(leaf);
    }

    fn leaves(&self) -> MutexGuard<'_, Vec<B32>> {
        self.0.lock().expect("nobody panics with it")
    }

    fn leaf(salt: &B32, route: &[u8]) -> B32 {
        leaf_hash(&entry::make(salt, route))
    }

    /// The checkpoint of the first `size` entries.
    pub fn checkpoint(&self, size: u64) -> String {
        let checkpoint = Checkpoint {
            origin: ORIGIN.into(),
            size,
            root: root(size, &Leaves(&self.leaves())).unwrap(),
            extensions: vec![],
        };
        Signed::sign(checkpoint, &Self::signer()).unwrap().encode()
    }

    /// `None` for sizes that it does not have.
    pub fn consistency(&self, old: u64, new: u64) -> Option<Vec<String>> {
        let leaves = self.leaves();
        let fits = old <= new && new <= leaves.len() as u64;
        fits.then(|| texts(consistency::prove(old, new, &Leaves(&leaves)).unwrap()))
    }

    /// What a greeting says of a route, which is written down if it was not. `logs`: what the client knows.
    pub fn shown(&self, route: &[u8], logs: &Value) -> Value {
        let salt = hash(&[b"salt", route].concat());
        let leaf = Self::leaf(&salt, route);
        let found = self.leaves().iter().position(|other| *other == leaf);
        let index = found.unwrap_or_else(|| {
            self.leaves().push(leaf);
            self.leaves().len() - 1
        }) as u64;
        let known = Self::signer().verifier().to_string();
        let mut logs = logs.as_array().into_iter().flatten();
        let size = logs
            .find(|log| log["log"] == known.as_str())
            .and_then(|log| log["size"].as_u64());
        let continues = size.and_then(|old| self.consistency(old, self.size()));
        let proof = inclusion::prove(index, self.size(), &Leaves(&self.leaves())).unwrap();
        json!({
            "salt": to_text(&salt),
            "index": index,
            "proof": texts(proof),
            "checkpoint": self.checkpoint(self.size()),
            "continues": continues.unwrap_or_default(),
        })
    }
}
