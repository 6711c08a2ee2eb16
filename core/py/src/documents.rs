//! Responsible for: the signed documents that a server reads, and those that its node and operator keys sign.
//! Not responsible for: what the documents mean (`ringfence-charter`, `ringfence-fence`).
use crate::fence::Inside;
use crate::refusal;
use ed25519_dalek::SigningKey;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ringfence_charter::route::{Used, candidates_hash};
use ringfence_charter::{Admission, Channel, Hello, Knock, Rejoin, Route};
use ringfence_fence::draft::{self, Unusable};
use ringfence_fence::{Coordinates, Evidence, Role, Statement, StatementSource, Transcript, decide_probe};
use ringfence_geo::located::read_all;
use ringfence_signed::cose::{self, label};
use ringfence_signed::{B16, B32, Error, hash, to_text};
use std::net::IpAddr;

type Bytes = Py<PyBytes>;

/// A charter by its own word about its owner: enough for a server.
#[pyclass(frozen, module = "ringfence._core.documents")]
pub struct Charter {
    charter: ringfence_charter::Charter,
    hash: B32,
}

#[pymethods]
impl Charter {
    #[staticmethod]
    fn read(document: &[u8]) -> PyResult<Self> {
        let (charter, hash) = ringfence_charter::Charter::read(document).map_err(refusal)?;
        Ok(Self { charter, hash })
    }

    #[getter]
    fn meeting(&self, python: Python<'_>) -> Bytes {
        PyBytes::new(python, &self.charter.meeting).unbind()
    }

    #[getter]
    fn hash(&self, python: Python<'_>) -> Bytes {
        PyBytes::new(python, &self.hash).unbind()
    }

    #[getter]
    fn version(&self) -> u64 {
        self.charter.version
    }

    /// Name and key of the log in which the route has to be, if the charter names one.
    #[getter]
    fn log(&self, python: Python<'_>) -> Option<(String, Bytes)> {
        let log = self.charter.trust.log.as_ref()?;
        Some((log.origin.clone(), PyBytes::new(python, &log.key).unbind()))
    }

    /// How many may be in at a time.
    #[getter]
    fn participants(&self) -> u64 {
        self.charter.participants
    }

    /// The ids of the hosts: salted hashes of their keys.
    #[getter]
    fn hosts(&self, python: Python<'_>) -> Vec<Bytes> {
        let ids = self.charter.hosts.iter();
        ids.map(|host| PyBytes::new(python, &host.id).unbind()).collect()
    }

    /// Unix seconds from which on the meeting can be held.
    #[getter]
    fn begins(&self) -> Option<u64> {
        self.charter.from
    }

    /// Unix seconds at which the meeting is over.
    #[getter]
    fn ends(&self) -> Option<u64> {
        self.charter.until
    }

    /// The keys of the beacons whose places the owner takes for known.
    #[getter]
    fn beacons(&self, python: Python<'_>) -> Vec<Bytes> {
        let keys = self.charter.trust.beacons.iter();
        keys.map(|key| PyBytes::new(python, key).unbind()).collect()
    }

    /// The digests of the data sets whose agreement counts for the owner.
    #[getter]
    fn data(&self, python: Python<'_>) -> Vec<Bytes> {
        let digests = self.charter.trust.data.iter();
        digests
            .map(|digest| PyBytes::new(python, digest).unbind())
            .collect()
    }

    /// What the owner's fence says about a node: each role's decision as JSON, and the proof if all are allowed.
    /// `located`: what data sets say about the addresses of the statement; `transcripts`: what beacons measured. A server
    /// cannot measure itself: what has to be ruled out the clients rule out, and send nothing before.
    /// Errors: RF2204, RF2205.
    fn decide(
        &self,
        statement: &[u8],
        located: Vec<Vec<u8>>,
        transcripts: Vec<Vec<u8>>,
        address: String,
        now: u64,
    ) -> PyResult<(String, Option<Inside>)> {
        let (fence, trust) = (&self.charter.fence, &self.charter.trust);
        let source = StatementSource::verify(statement, trust);
        let located = read_all(located.iter().map(Vec::as_slice)).map_err(refusal)?;
        let transcripts = Transcript::read_all(transcripts.iter().map(Vec::as_slice)).map_err(refusal)?;
        let shown = source.as_ref().map(|source| {
            let node = source.statement();
            let mut evidence = Evidence::shown(&located, trust, node);
            evidence.hear(&transcripts, trust, node, now);
            evidence
        });
        let evidence = shown.unwrap_or_default();
        let decisions = decide_probe(fence, source.as_ref(), &evidence, Some(&address), now);
        let all = decisions.iter().all(|decision| decision.allowed);
        let media = decisions.iter().find(|decision| decision.role == Role::Media);
        let inside = media
            .filter(|_| all)
            .and_then(|decision| decision.inside(address));
        let text = serde_json::to_string(&decisions).expect("decisions are text");
        Ok((text, inside.map(Inside)))
    }

    /// The member key of a knock that was made for this connection (`nonce`) with this key package.
    fn check_knock(
        &self,
        python: Python<'_>,
        proof: &[u8],
        group: B32,
        nonce: B16,
        package: &[u8],
    ) -> PyResult<Bytes> {
        let knock = Knock::verify(proof, &self.charter, &group, &hash(package)).map_err(refusal)?;
        if knock.nonce != nonce {
            return Err(refusal(Error::new(
                "RF3150",
                "the knock answers another greeting",
            )));
        }
        Ok(PyBytes::new(python, &knock.member).unbind())
    }

    /// The member key of who has shown, for this connection (`nonce`), that they hold it.
    fn check_rejoin(&self, python: Python<'_>, proof: &[u8], group: B32, nonce: B16) -> PyResult<Bytes> {
        let proof = Rejoin::verify(proof, &self.charter.meeting, &group, &nonce).map_err(refusal)?;
        Ok(PyBytes::new(python, &proof.member).unbind())
    }

    /// The member key that an admission admits. `link_admits`: whether the link alone admits now.
    fn check_admission(
        &self,
        python: Python<'_>,
        admission: &[u8],
        group: B32,
        link_admits: bool,
    ) -> PyResult<Bytes> {
        let read = Admission::verify(admission, &self.charter, &self.hash, &group, link_admits);
        Ok(PyBytes::new(python, &read.map_err(refusal)?.member).unbind())
    }
}

/// What is signed here is signed with the key at hand: the server's own.
fn key(seed: &B32) -> SigningKey {
    SigningKey::from_bytes(seed)
}

#[pyfunction]
fn public_key(python: Python<'_>, seed: B32) -> Bytes {
    PyBytes::new(python, key(&seed).verifying_key().as_bytes()).unbind()
}

/// Reads a draft as people write it, and signs it as the node that it is of.
///
/// Errors: RF2011 when it is incomplete, or of another node.
#[pyfunction]
fn sign_as_node(python: Python<'_>, draft: &str, node_seed: B32) -> PyResult<Bytes> {
    let drafted = draft::statement(draft).map_err(|unusable| match unusable {
        Unusable::Incomplete(error) | Unusable::Malformed(error) => refusal(error),
    })?;
    let statement = drafted.statement();
    if statement.node != key(&node_seed).verifying_key().to_bytes() {
        return Err(refusal(Error::new("RF2011", "it is of a node with another key")));
    }
    let inner = cose::sign(label::NODE, &statement.encode(), &key(&node_seed));
    Ok(PyBytes::new(python, &inner).unbind())
}

/// Signs as the operator what a node has signed of itself. Errors: RF2011 when the node's own signature does not match.
#[pyfunction]
fn sign_as_operator(python: Python<'_>, inner: &[u8], operator_seed: B32) -> PyResult<Bytes> {
    self_signed(inner).map_err(refusal)?;
    let document = cose::sign(label::STATEMENT, inner, &key(&operator_seed));
    Ok(PyBytes::new(python, &document).unbind())
}

/// What a node has signed of itself. Errors: RF2011.
fn self_signed(inner: &[u8]) -> ringfence_signed::Result<Statement> {
    let bad = |what: &str| Error::new("RF2011", what);
    let payload = cose::unverified_payload(inner).map_err(|_| bad("a node has not signed it"))?;
    let statement = Statement::decode(&payload)?;
    cose::verify(label::NODE, inner, &statement.node)
        .map_err(|_| bad("the node's own signature does not match"))?;
    Ok(statement)
}

/// What a statement says, as people write it (JSON). With `operator` its key, it has to be signed by it, too; without, the
/// node's signature alone is asked for, and a statement that an operator signed is read as well.
///
/// Errors: RF2011.
#[pyfunction]
#[pyo3(signature = (document, operator=None))]
fn stated(document: &[u8], operator: Option<B32>) -> PyResult<String> {
    let bad = |what: &str| refusal(Error::new("RF2011", what));
    let statement = match (self_signed(document), operator) {
        (Ok(statement), None) => statement,
        (_, operator) => {
            let inner = cose::unverified_payload(document).map_err(|_| bad("it is no signed statement"))?;
            if let Some(operator) = operator {
                cose::verify(label::STATEMENT, document, &operator)
                    .map_err(|_| bad("the operator has not signed it with the key that is known here"))?;
            }
            self_signed(&inner).map_err(refusal)?
        }
    };
    Ok(draft::written(&statement).to_string())
}

/// The record of a route over this one node, which the fence was decided to allow.
#[pyfunction]
#[pyo3(signature = (node_seed, *, meeting, roles, statement, why, previous, at))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
fn make_route(
    python: Python<'_>,
    node_seed: B32,
    meeting: B16,
    roles: Vec<String>,
    statement: &[u8],
    why: String,
    previous: Option<B32>,
    at: u64,
) -> PyResult<Bytes> {
    let node = key(&node_seed).verifying_key().to_bytes();
    let known = |name: &String| {
        Role::named(name).ok_or_else(|| refusal(Error::new("RF3160", format!("`{name}` is not a role"))))
    };
    let roles = roles.iter().map(known).collect::<PyResult<_>>()?;
    let route = Route {
        meeting,
        nodes: vec![Used {
            node,
            roles,
            statement: hash(statement),
        }],
        candidates: candidates_hash(&[(node, None)]),
        why,
        previous,
        at,
        by: node,
    };
    Ok(PyBytes::new(
        python,
        &cose::sign(label::ROUTE, &route.encode(), &key(&node_seed)),
    )
    .unbind())
}

/// The node's greeting, bound to the client's nonce.
#[pyfunction]
#[pyo3(signature = (node_seed, *, meeting, nonce, charter, route, generation, group, epoch))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
fn make_hello(
    python: Python<'_>,
    node_seed: B32,
    meeting: B16,
    nonce: B16,
    charter: B32,
    route: B32,
    generation: Option<u64>,
    group: Option<B32>,
    epoch: Option<u64>,
) -> Bytes {
    let hello = Hello {
        meeting,
        nonce,
        charter,
        route,
        generation,
        group,
        epoch,
    };
    PyBytes::new(
        python,
        &cose::sign(label::HELLO, &hello.encode(), &key(&node_seed)),
    )
    .unbind()
}

/// The node's word for its DTLS certificate and address, bound to the client's nonce.
#[pyfunction]
#[pyo3(signature = (node_seed, *, group, nonce, fingerprint, address, port))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
fn make_channel(
    python: Python<'_>,
    node_seed: B32,
    group: B32,
    nonce: B16,
    fingerprint: B32,
    address: String,
    port: u16,
) -> Bytes {
    let channel = Channel {
        group,
        nonce,
        fingerprint,
        address,
        port,
    };
    PyBytes::new(
        python,
        &cose::sign(label::CHANNEL, &channel.encode(), &key(&node_seed)),
    )
    .unbind()
}

/// What the beacon whose key this is measured of the way to a node. Errors: RF2011 for a place that is none, RF2205.
#[pyfunction]
#[pyo3(signature = (node_seed, *, name, lat, lon, node, address, port, samples, least_us, at, nonce, answer))]
#[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
fn make_transcript(
    python: Python<'_>,
    node_seed: B32,
    name: String,
    lat: f64,
    lon: f64,
    node: B32,
    address: &str,
    port: u16,
    samples: u64,
    least_us: u64,
    at: u64,
    nonce: B32,
    answer: [u8; 64],
) -> PyResult<Bytes> {
    let shortest = address
        .parse()
        .map(|address: IpAddr| address.to_canonical().to_string());
    let transcript = Transcript {
        beacon: key(&node_seed).verifying_key().to_bytes(),
        name,
        place: Coordinates::new(lat, lon).map_err(refusal)?,
        node,
        address: shortest.unwrap_or_else(|_| address.to_owned()),
        port,
        samples,
        least_us,
        at,
        nonce,
        answer,
    };
    transcript.check().map_err(refusal)?;
    let document = cose::sign(label::TRANSCRIPT, &transcript.encode(), &key(&node_seed));
    Ok(PyBytes::new(python, &document).unbind())
}

/// What a transcript says (JSON), once both signatures in it hold. Whether it counts is not said. Errors: RF2205.
#[pyfunction]
fn read_transcript(document: &[u8]) -> PyResult<String> {
    let said = Transcript::read(document).map_err(refusal)?;
    let (lat, lon) = said.place.degrees();
    let shown = serde_json::json!({
        "beacon": to_text(&said.beacon), "name": said.name, "lat": lat, "lon": lon, "node": to_text(&said.node),
        "address": said.address, "port": said.port, "samples": said.samples, "least_us": said.least_us, "at": said.at,
        "km": said.km(),
    });
    Ok(shown.to_string())
}

pub fn module(python: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(python, "documents")?;
    module.add_class::<Charter>()?;
    module.add("TRANSCRIPT_SECONDS", ringfence_fence::transcript::MAX_AGE)?;
    module.add_function(wrap_pyfunction!(public_key, &module)?)?;
    module.add_function(wrap_pyfunction!(sign_as_node, &module)?)?;
    module.add_function(wrap_pyfunction!(sign_as_operator, &module)?)?;
    module.add_function(wrap_pyfunction!(stated, &module)?)?;
    module.add_function(wrap_pyfunction!(make_route, &module)?)?;
    module.add_function(wrap_pyfunction!(make_hello, &module)?)?;
    module.add_function(wrap_pyfunction!(make_channel, &module)?)?;
    module.add_function(wrap_pyfunction!(make_transcript, &module)?)?;
    module.add_function(wrap_pyfunction!(read_transcript, &module)?)?;
    Ok(module)
}
