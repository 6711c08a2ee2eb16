//! Who this participant is: the link, the public halves of their keys, and what the device remembers.
//! Not here: private keys, which stay with WebCrypto or in a file; or checking the meeting (`place.rs`).
use super::io::{Bytes, Seen};
use ringfence_charter::{Link, Seen as SeenCharter};
use ringfence_signed::{B16, B32, Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

#[derive(Deserialize)]
struct Given {
    meeting: Bytes,
    key: String,
    member_key: Bytes,
    host_key: Option<Bytes>,
    #[serde(default)]
    owner_key: Option<Bytes>,
    host_hpke: Option<Bytes>,
    seen: Option<Seen>,
    #[serde(default)]
    logs: BTreeMap<String, String>,
}

pub struct Config {
    pub meeting: B16,
    pub link: Link,
    pub member: B32,
    pub host: Option<B32>,
    pub owner: Option<B32>,
    /// The secret that opens the names of knocks; who is no host has one for the case that they become one.
    pub host_hpke: Option<Zeroizing<B32>>,
    pub seen: Option<Seen>,
    /// The newest checkpoint of each log, by its name and key in one line.
    pub logs: BTreeMap<String, String>,
}

fn fixed<const N: usize>(bytes: Bytes, what: &str) -> Result<[u8; N]> {
    let wrong = |_| Error::new("RF3240", format!("{what} has another length"));
    bytes.0.try_into().map_err(wrong)
}

impl Config {
    /// Errors: `RF3240` when it cannot be read, `RF3110` for a broken link.
    pub fn read(json: &str) -> Result<Self> {
        // serde's message could quote the key: say nothing of it.
        let given: Given = serde_json::from_str(json)
            .map_err(|error| Error::new("RF3240", format!("the configuration, line {}", error.line())))?;
        let meeting = fixed(given.meeting, "the meeting")?;
        let host_hpke: Option<B32> = given
            .host_hpke
            .map(|key| fixed(key, "the host's name key"))
            .transpose()?;
        Ok(Self {
            meeting,
            link: Link::parse(meeting, &given.key)?,
            member: fixed(given.member_key, "the member key")?,
            host: given.host_key.map(|key| fixed(key, "the host key")).transpose()?,
            owner: given
                .owner_key
                .map(|key| fixed(key, "the owner key"))
                .transpose()?,
            host_hpke: host_hpke.map(Zeroizing::new),
            seen: given.seen,
            logs: given.logs,
        })
    }

    pub fn seen_charter(&self) -> Result<Option<SeenCharter>> {
        let read = |seen: &Seen| {
            let hash = fixed(seen.charter.clone(), "the remembered charter")?;
            Ok(SeenCharter {
                version: seen.version,
                hash,
            })
        };
        self.seen.as_ref().map(read).transpose()
    }

    /// The lowest serial of a node's statement that is still believed.
    pub fn seen_serial(&self, node: &str) -> u64 {
        self.seen
            .as_ref()
            .and_then(|seen| seen.serials.get(node))
            .copied()
            .unwrap_or(0)
    }

    pub fn seen_generation(&self) -> u64 {
        self.seen.as_ref().map_or(0, |seen| seen.generation)
    }
}

/// A key as text of known length, for inputs that name one.
pub fn key_of(bytes: &Bytes) -> Option<B32> {
    bytes.0.as_slice().try_into().ok()
}
