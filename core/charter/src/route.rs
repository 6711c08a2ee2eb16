//! The route record: which nodes carry the meeting now, signed by the node that chose; and what each client
//! decides about it. Not here: a node's own claims (`ringfence-fence`).
use crate::charter::Charter;
use ringfence_fence::{Decision, Evidence, Reason, Role, StatementSource, decide_all, decide_probe};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B16, B32, Error, Result, cose, hash};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    pub node: B32,
    pub roles: Vec<Role>,
    /// Hash of its statement.
    pub statement: B32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub meeting: B16,
    pub nodes: Vec<Used>,
    /// Hash of the whole list of candidates with each refusal's reason.
    pub candidates: B32,
    pub why: String,
    pub previous: Option<B32>,
    /// Unix seconds.
    pub at: u64,
    pub by: B32,
}

/// The hash of the whole list of candidates: each node, and the code of the reason it was refused for, if any.
pub fn candidates_hash(candidates: &[(B32, Option<String>)]) -> B32 {
    let one = |(node, refused): &(B32, Option<String>)| {
        cbor::map([
            ("node", cbor::bytes(node)),
            ("refused", cbor::nullable(refused.clone())),
        ])
    };
    hash(&cbor::encode(&Value::Array(candidates.iter().map(one).collect())))
}

impl Route {
    pub fn encode(&self) -> Vec<u8> {
        let used = |used: &Used| {
            let roles = used.roles.iter().map(|role| role.name().into()).collect();
            cbor::map([
                ("node", cbor::bytes(&used.node)),
                ("roles", Value::Array(roles)),
                ("statement", cbor::bytes(&used.statement)),
            ])
        };
        cbor::encode(&cbor::map([
            ("meeting", cbor::bytes(&self.meeting)),
            ("nodes", Value::Array(self.nodes.iter().map(used).collect())),
            ("candidates", cbor::bytes(&self.candidates)),
            ("why", self.why.as_str().into()),
            (
                "previous",
                cbor::nullable(self.previous.map(|h| Value::Bytes(h.to_vec()))),
            ),
            ("at", self.at.into()),
            ("by", cbor::bytes(&self.by)),
        ]))
    }

    fn decode(payload: &[u8]) -> Result<Self> {
        let mut map = Map::decode(payload)?;
        let mut nodes = vec![];
        for node in map.array("nodes")? {
            let mut node = Map::from_value(node)?;
            let roles = node.array("roles")?.into_iter().map(|role| {
                Role::named(&cbor::as_text(role, "roles")?)
                    .ok_or_else(|| Error::new("RF3160", "a role is not known"))
            });
            let roles = roles.collect::<Result<_>>()?;
            nodes.push(Used {
                roles,
                node: node.fixed("node")?,
                statement: node.fixed("statement")?,
            });
            node.finish()?;
        }
        let route = Self {
            meeting: map.fixed("meeting")?,
            nodes,
            candidates: map.fixed("candidates")?,
            why: map.text("why")?,
            previous: map.nullable("previous", cbor::as_fixed)?,
            at: map.uint("at")?,
            by: map.fixed("by")?,
        };
        map.finish()?;
        Ok(route)
    }

    /// Reads a record whose one node has this statement, and signed it itself.
    ///
    /// Returns it with its hash. Errors: `RF3160` when it is of another meeting, of other nodes, of another
    /// statement or for a role that is not stated; those of signed documents.
    pub fn verify(document: &[u8], charter: &Charter, statement: &StatementSource) -> Result<(Self, B32)> {
        let route = Self::decode(&cose::unverified_payload(document)?)?;
        let node = statement.statement().node;
        cose::verify(cose::label::ROUTE, document, &node)?;
        let [used] = route.nodes.as_slice() else {
            return Err(Error::new(
                "RF3160",
                "this version knows routes over exactly one node",
            ));
        };
        let fits = route.meeting == charter.meeting && route.by == node && used.node == node;
        // A role that is used and not stated would never be decided about.
        let stated = &statement.statement().roles;
        let fits = fits && used.roles.iter().all(|role| stated.contains(role));
        if !fits || used.statement != statement.hash() {
            return Err(Error::new(
                "RF3160",
                "the route record is not of this meeting, node and statement",
            ));
        }
        Ok((route, hash(document)))
    }
}

/// The two decisions about a node in use, one for each role it has.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub decisions: Vec<Decision>,
    /// Its address may be contacted, and measured: nothing but places that round trips have to rule out is against it.
    pub may_probe: bool,
    /// Why not even that.
    pub barred: Option<Reason>,
    /// All evidence allows it, and media goes to an address that the statement lists.
    pub may_send: bool,
}

impl Verdict {
    /// Why no media may be sent there, as far as the fence goes.
    pub fn refusal(&self) -> Option<&Reason> {
        refusal(&self.decisions)
    }
}

fn refusal(decisions: &[Decision]) -> Option<&Reason> {
    let refused = decisions.iter().find(|decision| !decision.allowed)?;
    refused.reasons.first()
}

/// Decides about a route, alone. `remote` is the address that media goes to, once the transport has selected one.
pub fn decide_route(
    charter: &Charter,
    statement: Result<&StatementSource, &Error>,
    evidence: &Evidence,
    remote: Option<&str>,
    time: u64,
) -> Verdict {
    let decisions = decide_all(&charter.fence, statement, evidence, remote, time);
    let inside = |decisions: &[Decision]| {
        let media = decisions.iter().any(|decision| decision.role == Role::Media);
        media && decisions.iter().all(|decision| decision.allowed)
    };
    let probe = decide_probe(&charter.fence, statement, evidence, remote, time);
    Verdict {
        may_probe: inside(&probe),
        barred: refusal(&probe).cloned(),
        may_send: inside(&decisions) && remote.is_some(),
        decisions,
    }
}
