//! Canonical CBOR (RFC 8949 §4.2.1): one byte string for one meaning.
//! Not here: signatures (`cose`), or any document's fields.
use crate::{Error, Result};
use std::collections::BTreeMap;

pub use ciborium::Value;

/// Longest encoding that is read.
pub const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting that is read.
pub const MAX_DEPTH: usize = 16;

/// The deterministic encoding: shortest forms, map keys in the bytewise order of their encodings.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(&ordered(value), &mut out).expect("writing to memory does not fail");
    out
}

fn ordered(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(ordered).collect()),
        Value::Map(pairs) => {
            let mut pairs: Vec<_> = pairs
                .iter()
                .map(|(k, v)| (encode(k), ordered(k), ordered(v)))
                .collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Map(pairs.into_iter().map(|(_, k, v)| (k, v)).collect())
        }
        other => other.clone(),
    }
}

/// Reads exactly one canonical item.
///
/// Errors: `RF3102` when the bytes are not CBOR, are too long or too deep, follow each other, repeat a
/// key, have a key that is neither text nor a number, or are not the one encoding of what they say.
pub fn decode(bytes: &[u8]) -> Result<Value> {
    let bad = |what: &str| Error::new("RF3102", what);
    if bytes.len() > MAX_BYTES {
        return Err(bad("longer than 1 MiB"));
    }
    let mut rest = bytes;
    let value: Value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH)
        .map_err(|_| bad("not CBOR, or nested too deeply"))?;
    if !rest.is_empty() {
        return Err(bad("bytes follow the CBOR item"));
    }
    if !keys_are_plain(&value) {
        return Err(bad("a map's key is not text or a number"));
    }
    if repeats_a_key(&value) {
        return Err(bad("a map repeats a key"));
    }
    // Re-encoding is the whole check: any other spelling differs somewhere.
    if encode(&value) != bytes {
        return Err(bad("not the canonical encoding (RFC 8949 section 4.2.1)"));
    }
    Ok(value)
}

/// Maps as keys of maps would make ordering take time that doubles with each level, and nothing here uses them.
fn keys_are_plain(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(keys_are_plain),
        Value::Map(pairs) => pairs
            .iter()
            .all(|(k, v)| matches!(k, Value::Text(_) | Value::Integer(_)) && keys_are_plain(v)),
        Value::Tag(_, inner) => keys_are_plain(inner),
        _ => true,
    }
}

fn repeats_a_key(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(repeats_a_key),
        Value::Map(pairs) => {
            let mut keys: Vec<_> = pairs.iter().map(|(k, _)| encode(k)).collect();
            keys.sort();
            keys.windows(2).any(|w| w[0] == w[1]) || pairs.iter().any(|(_, v)| repeats_a_key(v))
        }
        Value::Tag(_, inner) => repeats_a_key(inner),
        _ => false,
    }
}

/// A map with text keys that is taken apart field by field; what is left over is refused.
#[derive(Debug, Clone, Default)]
pub struct Map(BTreeMap<String, Value>);

impl Map {
    /// Errors: `RF3103` when it is no map with text keys.
    pub fn from_value(value: Value) -> Result<Self> {
        let Value::Map(pairs) = value else {
            return Err(Error::new("RF3103", "a map was expected"));
        };
        let mut fields = BTreeMap::new();
        for (key, value) in pairs {
            let Value::Text(key) = key else {
                return Err(Error::new("RF3103", "a key is not text"));
            };
            fields.insert(key, value);
        }
        Ok(Self(fields))
    }

    pub fn decode(bytes: &[u8]) -> Result<Self> {
        Self::from_value(decode(bytes)?)
    }

    /// Refuses fields that nobody asked for: what is not understood is not signed for by us.
    pub fn finish(self) -> Result<()> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(key) => Err(Error::new(
                "RF3104",
                format!("the field `{key}` is not known to this version"),
            )),
        }
    }

    pub fn take(&mut self, key: &str) -> Result<Value> {
        self.0
            .remove(key)
            .ok_or_else(|| Error::new("RF3103", format!("the field `{key}` is missing")))
    }

    /// A field that may be left out.
    pub fn take_optional(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key)
    }

    pub fn text(&mut self, key: &str) -> Result<String> {
        as_text(self.take(key)?, key)
    }

    pub fn uint(&mut self, key: &str) -> Result<u64> {
        as_uint(self.take(key)?, key)
    }

    pub fn bytes(&mut self, key: &str) -> Result<Vec<u8>> {
        as_bytes(self.take(key)?, key)
    }

    pub fn array(&mut self, key: &str) -> Result<Vec<Value>> {
        match self.take(key)? {
            Value::Array(items) => Ok(items),
            _ => Err(wrong(key, "a list")),
        }
    }

    pub fn map(&mut self, key: &str) -> Result<Map> {
        Map::from_value(self.take(key)?)
    }

    pub fn fixed<const N: usize>(&mut self, key: &str) -> Result<[u8; N]> {
        as_fixed(self.take(key)?, key)
    }

    /// `null` is `None`; the field itself has to be there.
    pub fn nullable<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(Value, &str) -> Result<T>,
    ) -> Result<Option<T>> {
        match self.take(key)? {
            Value::Null => Ok(None),
            value => read(value, key).map(Some),
        }
    }

    /// Every pair, for maps whose keys are data.
    pub fn into_pairs(self) -> impl Iterator<Item = (String, Value)> {
        self.0.into_iter()
    }
}

fn wrong(key: &str, kind: &str) -> Error {
    Error::new("RF3103", format!("the field `{key}` is not {kind}"))
}

pub fn as_text(value: Value, key: &str) -> Result<String> {
    value.into_text().map_err(|_| wrong(key, "text"))
}

pub fn as_uint(value: Value, key: &str) -> Result<u64> {
    let integer = value.into_integer().map_err(|_| wrong(key, "a number"))?;
    u64::try_from(integer).map_err(|_| wrong(key, "a positive number"))
}

pub fn as_int(value: Value, key: &str) -> Result<i64> {
    let integer = value.into_integer().map_err(|_| wrong(key, "a number"))?;
    i64::try_from(integer).map_err(|_| wrong(key, "a number of 64 bits"))
}

pub fn as_bytes(value: Value, key: &str) -> Result<Vec<u8>> {
    value.into_bytes().map_err(|_| wrong(key, "bytes"))
}

pub fn as_fixed<const N: usize>(value: Value, key: &str) -> Result<[u8; N]> {
    as_bytes(value, key)?
        .try_into()
        .map_err(|_| wrong(key, &format!("{N} bytes")))
}

/// A map from `(name, value)` pairs, for writing.
pub fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Map(
        fields
            .into_iter()
            .map(|(k, v)| (Value::Text(k.into()), v))
            .collect(),
    )
}

/// `None` is `null`.
pub fn nullable(value: Option<impl Into<Value>>) -> Value {
    value.map_or(Value::Null, Into::into)
}

pub fn bytes(bytes: &[u8]) -> Value {
    Value::Bytes(bytes.to_vec())
}
