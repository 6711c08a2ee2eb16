//! What a receipt says, as canonical CBOR. Not here: whether that is so (`verify`).
use ringfence_charter::candidates::Candidate;
use ringfence_fence::{Decision, Log, Role, transcript};
use ringfence_routelog::checkpoint::{Issuer, Signed};
use ringfence_routelog::key::{Kind, Verifier};
use ringfence_routelog::merkle::leaf_hash;
use ringfence_routelog::{entry, inclusion};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B16, B32, Error, Result, cose};

/// In bytes, signed: a call of a day with a change every minute is far smaller.
pub const LONGEST: usize = 1 << 20;
/// Longest list of anything in a receipt.
pub const MOST: usize = 10_000;
/// What the statements of all candidates take in one entry (bytes): a hundred of the usual length.
const STATED: usize = 128 << 10;

/// Where the route is in the log, and the checkpoint that it was shown with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    pub salt: B32,
    pub index: u64,
    pub proof: Vec<B32>,
    /// A signed note.
    pub checkpoint: String,
}

impl Logged {
    /// That a route is in a log, by a checkpoint that the log has signed.
    ///
    /// Errors: `RF2302` for a proof that does not hold; those of a key and of [`Signed::open`].
    pub fn check(&self, log: &Log, route: &[u8]) -> Result<Signed> {
        let signed = Signed::open(self.checkpoint.as_bytes(), &issuer(log)?)?;
        let leaf = leaf_hash(&entry::make(&self.salt, route));
        inclusion::verify(self.index, signed.size(), &leaf, &self.proof, signed.root())?;
        Ok(signed)
    }
}

/// Whose checkpoints count where a charter names this log. Errors: `RF2307`, `RF2308` for what cannot be a log's.
pub fn issuer(log: &Log) -> Result<Issuer> {
    Issuer::new(&log.origin, Verifier::new(&log.origin, Kind::Log, &log.key)?)
}

/// Where the meeting was, as a server showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Unix seconds, as all times here.
    pub at: u64,
    pub charter: Vec<u8>,
    pub route: Vec<u8>,
    pub statement: Vec<u8>,
    /// All nodes that could carry the meeting.
    pub candidates: Vec<Candidate>,
    pub located: Vec<Vec<u8>>,
    pub logged: Option<Logged>,
}

/// The list as a receipt has it: whole, but without the statements for which there is no room. A server that states at length
/// must not keep a receipt from being made.
pub fn kept(candidates: &[Candidate]) -> Vec<Candidate> {
    let mut room = STATED;
    let mut kept = candidates.to_vec();
    for one in &mut kept {
        let bytes = one.statement.as_ref().map_or(0, Vec::len);
        match room.checked_sub(bytes) {
            Some(left) => room = left,
            None => one.statement = None,
        }
    }
    kept
}

/// What was decided about one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub role: String,
    pub allowed: bool,
    pub standing: String,
    /// Of its reasons.
    pub codes: Vec<String>,
}

impl Word {
    pub fn of(decision: &Decision) -> Self {
        Self {
            role: decision.role.name().into(),
            allowed: decision.allowed,
            standing: decision.standing.name().into(),
            codes: decision
                .reasons
                .iter()
                .map(|reason| reason.code.to_owned())
                .collect(),
        }
    }
}

/// A round trip that a decision took into account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    pub at: u64,
    pub address: String,
    /// The least of so many, in microseconds.
    pub least_us: u64,
    pub samples: u64,
}

/// A decision, for as long as it came out the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Which of the places that were shown.
    pub shown: u64,
    pub from: u64,
    /// When it was made for the last time.
    pub until: u64,
    /// The address that media went to, if one was selected.
    pub remote: Option<String>,
    pub trip: Option<Trip>,
    /// Which of the transcripts of the receipt it knew.
    pub transcripts: Vec<u64>,
    pub words: Vec<Word>,
}

/// An address to which media was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub address: String,
    pub port: u64,
    pub from: u64,
    /// `None`: still when the receipt was made.
    pub until: Option<u64>,
}

/// An epoch of the group. `seal` is the same for those who were in it, and tells nobody else anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    pub group: B32,
    pub epoch: u64,
    pub at: u64,
    pub people: u64,
    pub seal: B32,
}

/// Where the participant was, if they chose to say it: hundred-thousandths of a degree, and metres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whereabouts {
    pub lat: i64,
    pub lon: i64,
    pub radius_m: u64,
    pub confirmed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub meeting: B16,
    /// Who signs it.
    pub member: B32,
    pub made: u64,
    pub shown: Vec<Shown>,
    pub decided: Vec<Decided>,
    pub sent: Vec<Sent>,
    pub epochs: Vec<Epoch>,
    /// What beacons measured of the way to the node, as they signed it.
    pub transcripts: Vec<Vec<u8>>,
    pub whereabouts: Option<Whereabouts>,
    /// Whether nothing was left out because there was too much of it.
    pub whole: bool,
}

fn list<T>(items: &[T], one: impl Fn(&T) -> Value) -> Value {
    Value::Array(items.iter().map(one).collect())
}

fn text(text: &str) -> Value {
    text.into()
}

fn blob(bytes: &[u8]) -> Value {
    Value::Bytes(bytes.to_vec())
}

impl Shown {
    fn to_value(&self) -> Value {
        let logged = |logged: &Logged| {
            cbor::map([
                ("salt", cbor::bytes(&logged.salt)),
                ("index", logged.index.into()),
                ("proof", list(&logged.proof, |hash| cbor::bytes(hash))),
                ("checkpoint", text(&logged.checkpoint)),
            ])
        };
        let candidate = |candidate: &Candidate| {
            cbor::map([
                ("node", cbor::bytes(&candidate.node)),
                ("refused", cbor::nullable(candidate.refused.as_deref())),
                (
                    "statement",
                    cbor::nullable(candidate.statement.as_deref().map(blob)),
                ),
            ])
        };
        cbor::map([
            ("at", self.at.into()),
            ("charter", blob(&self.charter)),
            ("route", blob(&self.route)),
            ("statement", blob(&self.statement)),
            ("candidates", list(&self.candidates, candidate)),
            ("located", list(&self.located, |document| blob(document))),
            ("logged", cbor::nullable(self.logged.as_ref().map(logged))),
        ])
    }
}

impl Receipt {
    pub fn encode(&self) -> Vec<u8> {
        let sent = |sent: &Sent| {
            cbor::map([
                ("address", text(&sent.address)),
                ("port", sent.port.into()),
                ("from", sent.from.into()),
                ("until", cbor::nullable(sent.until)),
            ])
        };
        let epoch = |epoch: &Epoch| {
            cbor::map([
                ("group", cbor::bytes(&epoch.group)),
                ("epoch", epoch.epoch.into()),
                ("at", epoch.at.into()),
                ("people", epoch.people.into()),
                ("seal", cbor::bytes(&epoch.seal)),
            ])
        };
        let whereabouts = self.whereabouts.map(|place| {
            cbor::map([
                ("lat", place.lat.into()),
                ("lon", place.lon.into()),
                ("radius", place.radius_m.into()),
                ("confirmed", place.confirmed.into()),
            ])
        });
        cbor::encode(&cbor::map([
            ("meeting", cbor::bytes(&self.meeting)),
            ("member", cbor::bytes(&self.member)),
            ("made", self.made.into()),
            ("shown", list(&self.shown, Shown::to_value)),
            ("decided", list(&self.decided, Decided::to_value)),
            ("sent", list(&self.sent, sent)),
            ("epochs", list(&self.epochs, epoch)),
            ("transcripts", list(&self.transcripts, |document| blob(document))),
            ("whereabouts", cbor::nullable(whereabouts)),
            ("whole", self.whole.into()),
        ]))
    }

    /// Reads a receipt that its member signed. Errors: `RF3310` for what is none, `RF3311` for another signature.
    pub fn read(document: &[u8]) -> Result<Self> {
        let none = |error: Error| Error::new("RF3310", error.detail);
        if document.len() > LONGEST {
            return Err(Error::new("RF3310", "a receipt has at most 1 MiB"));
        }
        let payload = cose::unverified_payload(document).map_err(none)?;
        let receipt = Self::decode(&payload).map_err(none)?;
        // Whoever checks a file has no server before them to be warned of, as `RF3106` does.
        cose::verify(cose::label::RECEIPT, document, &receipt.member)
            .map_err(|_| Error::new("RF3311", "its signature is not its member's, or not of this"))?;
        Ok(receipt)
    }

    fn decode(payload: &[u8]) -> Result<Self> {
        let mut map = Map::decode(payload)?;
        let receipt = Self {
            meeting: map.fixed("meeting")?,
            member: map.fixed("member")?,
            made: map.uint("made")?,
            shown: read_list(&mut map, "shown", read_shown)?,
            decided: read_list(&mut map, "decided", Decided::read)?,
            sent: read_list(&mut map, "sent", read_sent)?,
            epochs: read_list(&mut map, "epochs", read_epoch)?,
            transcripts: blobs(&mut map, "transcripts")?,
            whereabouts: map.nullable("whereabouts", read_whereabouts)?,
            whole: yes(map.take("whole")?)?,
        };
        map.finish()?;
        Ok(receipt)
    }
}

fn yes(value: Value) -> Result<bool> {
    let neither = || Error::new("RF3103", "neither true nor false");
    value.as_bool().ok_or_else(neither)
}

fn read_list<T>(map: &mut Map, key: &str, one: impl Fn(Map) -> Result<T>) -> Result<Vec<T>> {
    let items = map.array(key)?;
    if items.len() > MOST {
        return Err(Error::new(
            "RF3103",
            format!("`{key}` has at most {MOST} entries"),
        ));
    }
    items
        .into_iter()
        .map(|item| one(Map::from_value(item)?))
        .collect()
}

fn texts(map: &mut Map, key: &str) -> Result<Vec<String>> {
    let items = map.array(key)?.into_iter();
    items.map(|item| cbor::as_text(item, key)).collect()
}

fn blobs(map: &mut Map, key: &str) -> Result<Vec<Vec<u8>>> {
    let items = map.array(key)?.into_iter();
    items.map(|item| cbor::as_bytes(item, key)).collect()
}

fn read_shown(mut map: Map) -> Result<Shown> {
    let shown = Shown {
        at: map.uint("at")?,
        charter: map.bytes("charter")?,
        route: map.bytes("route")?,
        statement: map.bytes("statement")?,
        candidates: read_list(&mut map, "candidates", read_candidate)?,
        located: blobs(&mut map, "located")?,
        logged: map.nullable("logged", |value, _| read_logged(Map::from_value(value)?))?,
    };
    map.finish()?;
    Ok(shown)
}

fn read_candidate(mut map: Map) -> Result<Candidate> {
    let candidate = Candidate {
        node: map.fixed("node")?,
        refused: map.nullable("refused", cbor::as_text)?,
        statement: map.nullable("statement", cbor::as_bytes)?,
    };
    map.finish()?;
    Ok(candidate)
}

fn read_logged(mut map: Map) -> Result<Logged> {
    let proof = map.array("proof")?.into_iter();
    let logged = Logged {
        salt: map.fixed("salt")?,
        index: map.uint("index")?,
        proof: proof
            .map(|hash| cbor::as_fixed(hash, "proof"))
            .collect::<Result<_>>()?,
        checkpoint: map.text("checkpoint")?,
    };
    map.finish()?;
    Ok(logged)
}

fn read_sent(mut map: Map) -> Result<Sent> {
    let sent = Sent {
        address: map.text("address")?,
        port: map.uint("port")?,
        from: map.uint("from")?,
        until: map.nullable("until", cbor::as_uint)?,
    };
    map.finish()?;
    Ok(sent)
}

fn read_epoch(mut map: Map) -> Result<Epoch> {
    let epoch = Epoch {
        group: map.fixed("group")?,
        epoch: map.uint("epoch")?,
        at: map.uint("at")?,
        people: map.uint("people")?,
        seal: map.fixed("seal")?,
    };
    map.finish()?;
    Ok(epoch)
}

fn read_whereabouts(value: Value, _: &str) -> Result<Whereabouts> {
    let mut map = Map::from_value(value)?;
    let place = Whereabouts {
        lat: cbor::as_int(map.take("lat")?, "lat")?,
        lon: cbor::as_int(map.take("lon")?, "lon")?,
        radius_m: map.uint("radius")?,
        confirmed: yes(map.take("confirmed")?)?,
    };
    map.finish()?;
    Ok(place)
}

/// In rising order, so that there is one way to say which, and no more than can be shown at once.
fn indices(map: &mut Map) -> Result<Vec<u64>> {
    let items = map.array("transcripts")?;
    let indices = items.into_iter().map(|item| cbor::as_uint(item, "transcripts"));
    let indices = indices.collect::<Result<Vec<u64>>>()?;
    match indices.len() <= transcript::MOST && indices.is_sorted_by(|one, next| one < next) {
        true => Ok(indices),
        false => Err(Error::new(
            "RF3103",
            "a decision names transcripts in order, each once",
        )),
    }
}

impl Decided {
    fn to_value(&self) -> Value {
        let trip = self.trip.as_ref().map(|trip| {
            cbor::map([
                ("at", trip.at.into()),
                ("address", text(&trip.address)),
                ("least", trip.least_us.into()),
                ("samples", trip.samples.into()),
            ])
        });
        let word = |word: &Word| {
            cbor::map([
                ("role", text(&word.role)),
                ("allowed", word.allowed.into()),
                ("standing", text(&word.standing)),
                ("codes", list(&word.codes, |code| text(code))),
            ])
        };
        cbor::map([
            ("shown", self.shown.into()),
            ("from", self.from.into()),
            ("until", self.until.into()),
            ("remote", cbor::nullable(self.remote.as_deref())),
            ("trip", cbor::nullable(trip)),
            ("transcripts", list(&self.transcripts, |index| (*index).into())),
            ("words", list(&self.words, word)),
        ])
    }

    fn read(mut map: Map) -> Result<Self> {
        let trip = |value: Value, _: &str| {
            let mut map = Map::from_value(value)?;
            let trip = Trip {
                at: map.uint("at")?,
                address: map.text("address")?,
                least_us: map.uint("least")?,
                samples: map.uint("samples")?,
            };
            map.finish()?;
            Ok(trip)
        };
        let word = |mut map: Map| {
            let word = Word {
                role: map.text("role")?,
                allowed: yes(map.take("allowed")?)?,
                standing: map.text("standing")?,
                codes: texts(&mut map, "codes")?,
            };
            map.finish()?;
            match Role::named(&word.role) {
                Some(_) => Ok(word),
                None => Err(Error::new("RF3103", "a role is not known")),
            }
        };
        let decided = Self {
            shown: map.uint("shown")?,
            from: map.uint("from")?,
            until: map.uint("until")?,
            remote: map.nullable("remote", cbor::as_text)?,
            trip: map.nullable("trip", trip)?,
            transcripts: indices(&mut map)?,
            words: read_list(&mut map, "words", word)?,
        };
        map.finish()?;
        Ok(decided)
    }
}
