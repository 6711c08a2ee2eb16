//! What the page asks outside any meeting: presets, previews of fences, drafts of charters.
//! Not here: signing (WebCrypto), or a meeting under way (core/wasm).
use ringfence_charter::charter::host_id;
use ringfence_charter::{Admits, Charter, Founders, Host, Link};
use ringfence_e2ee::knock::new_host_hpke;
use ringfence_e2ee::participant::io::Bytes;
use ringfence_fence::policy::Rule;
use ringfence_fence::preview::{Candidate, Choice, preview};
use ringfence_fence::{Decision, Log, Policy, Role, StatementSource, Transcript, Trust, preset};
use ringfence_geo::located::read_all;
use ringfence_signed::{B16, B32, Error, Result, from_text_exact, to_text};
use serde::Deserialize;
use serde_json::{Value, json};

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| Error::new("RF3240", format!("column {}", error.column())))
}

fn random<const N: usize>() -> Result<[u8; N]> {
    ringfence_e2ee::member::random().map_err(|_| Error::new("RF3201", "no randomness"))
}

pub fn presets() -> String {
    let presets = preset::presets().into_iter().map(|p| {
        json!({ "id": p.id, "title": p.title, "date": p.date, "source": p.source, "caveat": p.caveat,
                "sentence": p.sentence, "default": p.default })
    });
    json!(presets.collect::<Vec<_>>()).to_string()
}

#[derive(Deserialize)]
struct Operator {
    id: String,
    key: String,
}

/// The log in which the server writes routes down.
#[derive(Deserialize)]
struct LogWord {
    origin: String,
    key: String,
}

/// Whose word the owner takes, as the server says at first: its operator's, that of the data sets with these digests, and
/// that of the beacons with these keys.
fn trust(operator: &Operator, data: &[String], beacons: &[String]) -> Result<Trust> {
    let pinned = |names: &[String]| {
        names
            .iter()
            .map(|name| from_text_exact(name))
            .collect::<Result<_>>()
    };
    Ok(Trust {
        operators: [(operator.id.clone(), from_text_exact(&operator.key)?)].into(),
        data: pinned(data)?,
        beacons: pinned(beacons)?,
        ..Trust::default()
    })
}

#[derive(Deserialize)]
struct PreviewAsk {
    preset: Option<String>,
    policy_toml: Option<String>,
    #[serde(default)]
    operator_word: bool,
    statement: Bytes,
    operator: Operator,
    /// Digests of data sets, and what these say about the addresses of the statement.
    data: Vec<String>,
    located: Vec<Bytes>,
    /// Keys of beacons, and what these measured.
    #[serde(default)]
    beacons: Vec<String>,
    #[serde(default)]
    transcripts: Vec<Bytes>,
    now: u64,
}

pub fn preview_fence(json: &str) -> Result<String> {
    let ask: PreviewAsk = read(json)?;
    let choice = match (&ask.preset, &ask.policy_toml) {
        (Some(id), None) => Choice::Preset(id),
        (None, Some(toml)) => Choice::Toml(toml),
        _ => return Err(Error::new("RF3240", "either a preset or a policy")),
    };
    let seen = preview(
        choice,
        ask.operator_word,
        &[&ask.statement.0],
        &trust(&ask.operator, &ask.data, &ask.beacons)?,
        &read_all(ask.located.iter().map(|document| document.0.as_slice()))?,
        &Transcript::read_all(ask.transcripts.iter().map(|document| document.0.as_slice()))?,
        ask.now,
    )?;
    Ok(
        json!({ "allowed": seen.allowed(), "of": seen.nodes.len(), "policy": to_text(&seen.policy.encode()),
                "rules": rules(&seen.policy), "sentences": seen.sentences,
                "within": { "countries": seen.within.countries, "law": seen.within.law },
                "nodes": seen.nodes.iter().map(candidate).collect::<Vec<_>>() })
        .to_string(),
    )
}

fn candidate(node: &Candidate) -> Value {
    let said = node.statement.as_ref().ok().map(|source| source.statement());
    let decision = |d: &Decision| {
        json!({ "role": d.role, "allowed": d.allowed, "standing": d.standing, "reasons": d.reasons,
                "checked": d.role.is_checked_by_clients() })
    };
    json!({ "node": said.map(|said| to_text(&said.node)), "name": said.map(|said| said.name.as_str()),
            "allowed": node.allowed(), "decisions": node.decisions.iter().map(decision).collect::<Vec<_>>() })
}

/// A policy as the fields of an editor have it.
fn rules(policy: &Policy) -> Value {
    let nodes: Vec<_> = policy.nodes.iter().map(|key| to_text(key)).collect();
    let sources: Vec<_> = policy.sources.iter().map(|kind| kind.name()).collect();
    let role = |(role, rule): (&Role, &Rule)| {
        let lists = json!({ "countries": rule.countries, "law": rule.law, "operators": rule.operators });
        (role.name().to_owned(), lists)
    };
    json!({ "name": policy.name, "countries": policy.countries, "law": policy.law, "operators": policy.operators,
            "nodes": nodes, "minimum": policy.minimum, "exclude": policy.exclude, "liars": policy.liars,
            "sources": sources, "roles": policy.roles.iter().map(role).collect::<serde_json::Map<_, _>>() })
}

#[derive(Deserialize)]
struct MeetingAsk {
    owner_key: String,
    host_key: String,
    title: String,
    admission: String,
    policy: Bytes,
    operator: Operator,
    log: LogWord,
    data: Vec<String>,
    #[serde(default)]
    beacons: Vec<String>,
    participants: u64,
    until: Option<u64>,
}

pub fn new_meeting(json: &str) -> Result<String> {
    let ask: MeetingAsk = read(json)?;
    let (owner, host): (B32, B32) = (from_text_exact(&ask.owner_key)?, from_text_exact(&ask.host_key)?);
    let meeting: B16 = random()?;
    let link = Link::new(meeting, random()?, &owner);
    let (secret, hpke) = new_host_hpke()?;
    let admission = Admits::named(&ask.admission)?;
    let charter = Charter {
        meeting,
        version: 1,
        previous: None,
        owner,
        hosts: vec![Host {
            id: host_id(&meeting, &host),
            hpke,
        }],
        link: link.signing_key().verifying_key().to_bytes(),
        trust: Trust {
            log: Some(Log {
                key: from_text_exact(&ask.log.key)?,
                origin: ask.log.origin,
            }),
            ..trust(&ask.operator, &ask.data, &ask.beacons)?
        },
        fence: Policy::decode(&ask.policy.0)?,
        admission,
        founders: if admission == Admits::Link {
            Founders::Link
        } else {
            Founders::Hosts
        },
        participants: ask.participants,
        from: None,
        until: ask.until,
        retention_days: None,
        suite: ringfence_charter::charter::SUITE,
        title: link.seal_title(&ask.title, random()?),
    };
    Ok(
        json!({ "meeting": to_text(&meeting), "key": link.fragment(), "payload": to_text(&charter.encode()),
               "host_hpke": to_text(&*secret) })
        .to_string(),
    )
}

#[derive(Deserialize)]
struct TranscriptsAsk {
    transcripts: Vec<Bytes>,
    statement: Bytes,
    operator: Operator,
    now: u64,
}

/// For people to look at: what does not hold, or is not about this node now, is left out.
pub fn read_transcripts(json: &str) -> Result<String> {
    let ask: TranscriptsAsk = read(json)?;
    let trust = trust(&ask.operator, &[], &[])?;
    let source = StatementSource::verify(&ask.statement.0, &trust)?;
    let read = ask
        .transcripts
        .iter()
        .filter_map(|document| Transcript::read(&document.0).ok());
    let counts = read.filter(|said| said.trip(&trust, source.statement(), ask.now).is_some());
    let shown = counts.map(|said| {
        let (lat, lon) = said.place.degrees();
        json!({ "beacon": to_text(&said.beacon), "name": said.name, "lat": lat, "lon": lon,
                "min_ms": said.least_us as f64 / 1e3, "km": said.km(), "samples": said.samples, "at": said.at,
                "address": said.address })
    });
    Ok(json!(shown.collect::<Vec<_>>()).to_string())
}
