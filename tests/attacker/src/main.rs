//! Reads one JSON command a line, answers one JSON line: the attacker's hands, for tests/lying.
//! Knows MLS only: what the documents around it say is written, and falsified, in Python.
mod member;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use member::{External, Member, Plan, Swap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};

/// For reading by the author of a test only, so one boxed type does.
pub type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Bytes as they travel in Ringfence's JSON: base64url without padding.
#[derive(Clone, Default)]
pub struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text);
        bytes.map(Self).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64_URL_SAFE_NO_PAD.encode(&self.0))
    }
}

#[derive(Deserialize)]
struct Command {
    who: String,
    #[serde(flatten)]
    act: Act,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Act {
    New,
    Identity { identity: Bytes },
    Psk { id: String, psk: Bytes },
    Package,
    Found { group: Bytes, extension: Bytes },
    Join { welcome: Bytes, tree: Bytes },
    Commit(Box<Plan>),
    External(External),
    Merge,
    Clear,
    Process { message: Bytes },
    Seal { text: Bytes },
    ProposeRemove { leaf: u32 },
    Swap(Swap),
    State,
    Export { leaf: u32, context: Bytes },
}

fn act(members: &mut BTreeMap<String, Member>, command: Command) -> Result<Value> {
    if let Act::New = command.act {
        let member = Member::new()?;
        let answer = json!({ "leaf": member.leaf_key() });
        members.insert(command.who, member);
        return Ok(answer);
    }
    let member = members.get_mut(&command.who).ok_or("nobody of that name")?;
    Ok(match command.act {
        Act::New => return Err("made above".into()),
        Act::Identity { identity } => json!(member.identity(identity.0)),
        Act::Psk { id, psk } => json!(member.store_psk(&id, &psk.0)?),
        Act::Package => json!({ "package": member.package()? }),
        Act::Found { group, extension } => json!(member.found(&group.0, &extension.0)?),
        Act::Join { welcome, tree } => {
            member.join(&welcome.0, &tree.0)?;
            member.state()?
        }
        Act::Commit(plan) => json!(member.commit(*plan)?),
        Act::External(plan) => json!(member.external(plan)?),
        Act::Merge => {
            member.merge()?;
            member.state()?
        }
        Act::Clear => json!(member.clear()?),
        Act::Process { message } => member.process(&message.0)?,
        Act::Seal { text } => json!({ "message": member.seal(&text.0)? }),
        Act::ProposeRemove { leaf } => json!({ "message": member.propose_remove(leaf)? }),
        Act::Swap(swap) => json!(member.swap(swap)?),
        Act::State => member.state()?,
        Act::Export { leaf, context } => json!({ "key": member.export(leaf, &context.0)? }),
    })
}

fn main() -> Result<()> {
    let mut members = BTreeMap::new();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let done = serde_json::from_str(&line?)
            .map_err(Into::into)
            .and_then(|c| act(&mut members, c));
        let answer = match done {
            Ok(ok) => json!({ "ok": ok }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
