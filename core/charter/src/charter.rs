//! The charter: the constitution of a meeting, signed by its owner.
//! Not here: who is in the meeting (`ledger`), or what the fence decides (`ringfence-fence`).
use crate::Link;
use ringfence_fence::{Log, Policy, Trust};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B16, B32, Error, Result, cose, hash};
use std::collections::{BTreeMap, BTreeSet};

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admits {
    /// Whoever holds the link.
    Link,
    /// Whom a host admits.
    Lobby,
}

impl Admits {
    pub fn name(self) -> &'static str {
        match self {
            Admits::Link => "link",
            Admits::Lobby => "lobby",
        }
    }

    /// Errors: `RF3120` for ways in that this version does not have.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "link" => Ok(Admits::Link),
            "lobby" => Ok(Admits::Lobby),
            other => Err(Error::new(
                "RF3120",
                format!("`{other}` is not a way in that this version knows"),
            )),
        }
    }
}

/// Who may start the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Founders {
    Link,
    Hosts,
}

/// A host, by a salted hash of their key, and where knocks are sealed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    pub id: B32,
    pub hpke: B32,
}

/// The id of a host's key in one meeting: the same key is another id elsewhere.
pub fn host_id(meeting: &B16, key: &B32) -> B32 {
    hash(&[b"ringfence host v1".as_slice(), meeting, key].concat())
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charter {
    pub meeting: B16,
    pub version: u64,
    pub previous: Option<B32>,
    pub owner: B32,
    pub hosts: Vec<Host>,
    pub link: B32,
    pub trust: Trust,
    pub fence: Policy,
    pub admission: Admits,
    pub founders: Founders,
    pub participants: u64,
    /// Unix seconds.
    pub from: Option<u64>,
    pub until: Option<u64>,
    pub retention_days: Option<u64>,
    pub suite: u64,
    /// Sealed: see [`Link::open_title`].
    pub title: Vec<u8>,
}

/// What a device remembers of a meeting's charter, so that nobody shows it an older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub version: u64,
    pub hash: B32,
}

pub const MAX_PARTICIPANTS: u64 = 1000;
/// In bytes.
const MAX_ORIGIN: usize = 200;
/// Beacons, and data sets.
const MAX_PINNED: usize = 16;
/// In bytes, signed.
pub const LONGEST: usize = 64 << 10;
/// MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 (RFC 9420 §17.1).
pub const SUITE: u64 = 1;

impl Charter {
    pub fn encode(&self) -> Vec<u8> {
        let host = |h: &Host| cbor::map([("id", cbor::bytes(&h.id)), ("hpke", cbor::bytes(&h.hpke))]);
        let empty = || Value::Array(vec![]);
        cbor::encode(&cbor::map([
            ("meeting", cbor::bytes(&self.meeting)),
            ("version", self.version.into()),
            (
                "previous",
                cbor::nullable(self.previous.map(|h| Value::Bytes(h.to_vec()))),
            ),
            ("owner", cbor::bytes(&self.owner)),
            ("hosts", Value::Array(self.hosts.iter().map(host).collect())),
            ("link", cbor::bytes(&self.link)),
            ("trust", write_trust(&self.trust)),
            ("fence", self.fence.to_value()),
            ("admission", self.admission.name().into()),
            (
                "founders",
                if self.founders == Founders::Link {
                    "link"
                } else {
                    "hosts"
                }
                .into(),
            ),
            ("features", empty()),
            (
                "limits",
                cbor::map([
                    ("participants", self.participants.into()),
                    ("from", cbor::nullable(self.from)),
                    ("until", cbor::nullable(self.until)),
                    ("retention", cbor::nullable(self.retention_days)),
                ]),
            ),
            ("suite", self.suite.into()),
            ("title", Value::Bytes(self.title.clone())),
        ]))
    }

    fn decode(payload: &[u8]) -> Result<Self> {
        let unknown = |what: &str| {
            Error::new(
                "RF3121",
                format!("{what} is not something this version understands"),
            )
        };
        let mut map = Map::decode(payload)?;
        let mut hosts = vec![];
        for host in map.array("hosts")? {
            let mut host = Map::from_value(host)?;
            hosts.push(Host {
                id: host.fixed("id")?,
                hpke: host.fixed("hpke")?,
            });
            host.finish()?;
        }
        let trust = read_trust(map.map("trust")?)?;
        let mut limits = map.map("limits")?;
        let founders = match map.text("founders")?.as_str() {
            "link" => Founders::Link,
            "hosts" => Founders::Hosts,
            other => return Err(unknown(other)),
        };
        if !map.array("features")?.is_empty() {
            return Err(unknown("a feature"));
        }
        let charter = Self {
            meeting: map.fixed("meeting")?,
            version: map.uint("version")?,
            previous: map.nullable("previous", cbor::as_fixed)?,
            owner: map.fixed("owner")?,
            hosts,
            link: map.fixed("link")?,
            trust,
            fence: Policy::from_value(map.take("fence")?)?,
            admission: Admits::named(&map.text("admission")?)?,
            founders,
            participants: limits.uint("participants")?,
            from: limits.nullable("from", cbor::as_uint)?,
            until: limits.nullable("until", cbor::as_uint)?,
            retention_days: limits.nullable("retention", cbor::as_uint)?,
            suite: map.uint("suite")?,
            title: map.bytes("title")?,
        };
        limits.finish()?;
        map.finish()?;
        charter.check()?;
        Ok(charter)
    }

    /// Whether its fields fit together. Errors: `RF3122`.
    pub fn check(&self) -> Result<()> {
        let bad = |what: &str| Err(Error::new("RF3122", what));
        match () {
            () if self.version == 0 || (self.version == 1) != self.previous.is_none() => {
                bad("version and predecessor do not fit")
            }
            () if self.hosts.is_empty() || self.hosts.len() > 50 => bad("a meeting has 1 to 50 hosts"),
            () if self.suite != SUITE => bad("the cipher suite is not known"),
            () if !(1..=MAX_PARTICIPANTS).contains(&self.participants) => {
                bad("a meeting has 1 to 1000 participants")
            }
            () if self
                .hosts
                .iter()
                .enumerate()
                .any(|(i, host)| self.hosts[..i].iter().any(|other| other.id == host.id)) =>
            {
                bad("a host is listed twice")
            }
            () if matches!((self.from, self.until), (Some(from), Some(until)) if from >= until) => {
                bad("the meeting ends before it begins")
            }
            () if self.title.len() > 1024 => bad("the title is too long"),
            // A lobby that any holder of the link could start without a host would be no lobby.
            () if self.admission == Admits::Lobby && self.founders != Founders::Hosts => {
                bad("only hosts can start a meeting with a lobby")
            }
            () => Ok(()),
        }
    }

    /// Reads a charter by its own word about its owner: enough for a server, never for a participant.
    ///
    /// Errors: those of signed documents, `RF3120`–`RF3122`.
    pub fn read(document: &[u8]) -> Result<(Self, B32)> {
        if document.len() > LONGEST {
            return Err(Error::new("RF3122", "a charter has at most 64 KiB"));
        }
        let charter = Self::decode(&cose::unverified_payload(document)?)?;
        cose::verify(cose::label::CHARTER, document, &charter.owner)?;
        Ok((charter, hash(document)))
    }

    /// Reads a charter as a participant does: of this link, not older than seen, not ended.
    ///
    /// Errors: besides those of [`Charter::read`] `RF3123` (another owner or link), `RF3124` (older than seen),
    /// `RF3125` (ended), `RF3126` (another meeting), `RF3127` (another one of the version seen).
    pub fn verify(document: &[u8], link: &Link, seen: Option<Seen>, time: u64) -> Result<(Self, B32)> {
        let (charter, hash) = Self::read(document)?;
        let refused = |code, what: &str| Err(Error::new(code, what));
        if charter.meeting != link.meeting() {
            return refused("RF3126", "the charter is of another meeting");
        }
        if !link.names_owner(&charter.owner) || charter.link != link.signing_key().verifying_key().to_bytes()
        {
            return refused(
                "RF3123",
                "the charter is not signed by the owner whom the link names",
            );
        }
        if let Some(seen) = seen {
            if charter.version < seen.version {
                return refused("RF3124", "this device has seen a newer charter of this meeting");
            }
            if charter.version == seen.version && hash != seen.hash {
                return refused(
                    "RF3127",
                    "this device has seen another charter of the same version",
                );
            }
        }
        if charter.until.is_some_and(|until| time >= until) {
            return refused("RF3125", "the meeting has ended by its charter");
        }
        Ok((charter, hash))
    }

    /// Whether this is the version that comes after `before`: what the link, the group and its admissions rest on stays.
    ///
    /// Errors: `RF3128`.
    pub fn follows(&self, before: &CharterSource) -> Result<()> {
        let refused = |what: &str| Err(Error::new("RF3128", what));
        match () {
            () if before.version.checked_add(1) != Some(self.version)
                || self.previous != Some(before.hash) =>
            {
                refused("the charter does not come after the one in force")
            }
            () if (self.meeting, self.owner, self.link, self.suite)
                != (before.meeting, before.owner, before.link, before.suite) =>
            {
                refused("another meeting, owner, link or cipher suite")
            }
            // What was shown of one log says nothing of another.
            () if self.trust.log != before.trust.log => refused("another log of routes"),
            () => Ok(()),
        }
    }

    /// The key of the log of routes, if the charter names one.
    pub fn log_key(&self) -> Option<B32> {
        self.trust.log.as_ref().map(|log| log.key)
    }

    pub fn host(&self, key: &B32) -> Option<&Host> {
        let id = host_id(&self.meeting, key);
        self.hosts.iter().find(|host| host.id == id)
    }
}

/// A charter whose owner's signature holds, as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharterSource {
    charter: Charter,
    pub hash: B32,
    pub document: Vec<u8>,
}

impl CharterSource {
    /// By its own word about its owner. Errors: those of [`Charter::read`].
    pub fn read(document: &[u8]) -> Result<Self> {
        let (charter, hash) = Charter::read(document)?;
        Ok(Self {
            charter,
            hash,
            document: document.to_vec(),
        })
    }

    /// As a participant reads it. Errors: those of [`Charter::verify`].
    pub fn verify(document: &[u8], link: &Link, seen: Option<Seen>, time: u64) -> Result<Self> {
        let (charter, hash) = Charter::verify(document, link, seen, time)?;
        Ok(Self {
            charter,
            hash,
            document: document.to_vec(),
        })
    }
}

impl std::ops::Deref for CharterSource {
    type Target = Charter;

    fn deref(&self) -> &Charter {
        &self.charter
    }
}

fn write_trust(trust: &Trust) -> Value {
    let operators = trust
        .operators
        .iter()
        .map(|(id, key)| (id.as_str().into(), cbor::bytes(key)));
    let log = trust.log.as_ref().map(|log| {
        cbor::map([
            ("origin", log.origin.as_str().into()),
            ("key", cbor::bytes(&log.key)),
        ])
    });
    let keys = |keys: &BTreeSet<B32>| Value::Array(keys.iter().map(|key| cbor::bytes(key)).collect());
    cbor::map([
        ("operators", Value::Map(operators.collect())),
        ("log", cbor::nullable(log)),
        ("beacons", keys(&trust.beacons)),
        ("data", keys(&trust.data)),
    ])
}

fn read_trust(mut map: Map) -> Result<Trust> {
    let bad = |what: &str| Err(Error::new("RF3122", what));
    let mut operators = BTreeMap::new();
    for (id, key) in map.map("operators")?.into_pairs() {
        operators.insert(id, cbor::as_fixed(key, "operators")?);
    }
    let log = map.nullable("log", |log, _| {
        let mut log = Map::from_value(log)?;
        let read = Log {
            origin: log.text("origin")?,
            key: log.fixed("key")?,
        };
        log.finish()?;
        Ok(read)
    })?;
    let is_name = |name: &str| (1..=MAX_ORIGIN).contains(&name.len()) && !name.contains(char::is_control);
    if log.as_ref().is_some_and(|log| !is_name(&log.origin)) {
        return bad("the name of a log is one line of at most 200 bytes");
    }
    let (beacons, data) = (pinned(&mut map, "beacons")?, pinned(&mut map, "data")?);
    map.finish()?;
    Ok(Trust {
        operators,
        log,
        beacons,
        data,
    })
}

fn pinned(map: &mut Map, field: &str) -> Result<BTreeSet<B32>> {
    let bad = |what: String| Err(Error::new("RF3122", what));
    let mut pinned = BTreeSet::new();
    for one in map.array(field)? {
        let one: B32 = cbor::as_fixed(one, field)?;
        // In order, so that there is one way to write the same trust.
        if pinned.last().is_some_and(|last| *last >= one) {
            return bad(format!("`{field}` is not in order, or names one twice"));
        }
        pinned.insert(one);
    }
    if pinned.len() > MAX_PINNED {
        return bad(format!("an owner pins at most 16 of `{field}`"));
    }
    Ok(pinned)
}
