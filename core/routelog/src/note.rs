//! Signed notes (C2SP signed-note): a text, and lines with signatures of it.
//! Not here: what the text says (`checkpoint`), or how a key signs (`key`).
use crate::key::{Verifier, check_name};
use crate::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Longest note that is read, in bytes.
pub const MAX_BYTES: usize = 64 << 10;
/// Most signatures that are read. The format wants at least 16 to be accepted.
pub const MAX_SIGNATURES: usize = 64;

const DASH: &str = "\u{2014} ";

/// One line with a signature, of a key that may be unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    name: String,
    id: [u8; 4],
    /// What follows the id: the type of the key says how it is read.
    signature: Vec<u8>,
}

impl SignatureLine {
    pub(crate) fn new(name: &str, id: [u8; 4], signature: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            id,
            signature: signature.to_vec(),
        }
    }

    /// Reads a line without its end. Errors: `RF2304` when it is not exactly what [`Self::encode`] writes.
    pub fn parse(line: &str) -> Result<Self> {
        let bad = || Error::new("RF2304", "not a signature line");
        let (name, signature) = line
            .strip_prefix(DASH)
            .and_then(|rest| rest.split_once(' '))
            .ok_or_else(bad)?;
        check_name(name).map_err(|_| bad())?;
        let bytes = STANDARD.decode(signature).map_err(|_| bad())?;
        match bytes.split_first_chunk() {
            Some((id, signature)) if !signature.is_empty() => Ok(Self::new(name, *id, signature)),
            _ => Err(bad()),
        }
    }

    /// The line without its end.
    pub fn encode(&self) -> String {
        let bytes = [&self.id[..], &self.signature].concat();
        format!("{DASH}{} {}", self.name, STANDARD.encode(bytes))
    }

    /// Of the key that the line says it is by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Of the key that the line says it is by.
    pub fn key_id(&self) -> [u8; 4] {
        self.id
    }
}

/// A note whose form is right. Nothing of it is to be believed before [`Note::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// A note without signatures yet. Errors: `RF2304` when the text cannot be a note's.
    pub fn new(text: String) -> Result<Self> {
        let wrong = |c: char| c < ' ' && c != '\n';
        if text.len() > MAX_BYTES || text.contains(wrong) || !text.ends_with('\n') {
            return Err(Error::new(
                "RF2304",
                "a note's text is lines without control characters",
            ));
        }
        Ok(Self {
            text,
            signatures: vec![],
        })
    }

    /// Errors: `RF2304` when the bytes are no signed note, too long, or have too many signatures.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let bad = |what: &str| Error::new("RF2304", what);
        if bytes.len() > MAX_BYTES {
            return Err(bad("longer than 64 KiB"));
        }
        let note = std::str::from_utf8(bytes).map_err(|_| bad("not UTF-8"))?;
        // The last empty line is the border: the text may have others.
        let border = note
            .rfind("\n\n")
            .ok_or_else(|| bad("no line between text and signatures"))?;
        let (text, signatures) = (&note[..=border], &note[border + 2..]);
        let lines = signatures
            .strip_suffix('\n')
            .ok_or_else(|| bad("no signatures, or the last line does not end"))?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return Err(bad("more than 64 signatures"));
        }
        let mut parsed = Self::new(text.to_owned())?;
        parsed.signatures = lines
            .split('\n')
            .map(SignatureLine::parse)
            .collect::<Result<_>>()?;
        Ok(parsed)
    }

    pub fn encode(&self) -> String {
        let mut note = format!("{}\n", self.text);
        for line in &self.signatures {
            note.push_str(&line.encode());
            note.push('\n');
        }
        note
    }

    /// With the last line's end, without the empty line behind it.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds a signature behind those that are there.
    ///
    /// Errors: `RF2304` when the note would be longer than is read.
    pub fn add(&mut self, line: SignatureLine) -> Result<()> {
        let length = self.encode().len() + line.encode().len() + 1;
        if self.signatures.len() >= MAX_SIGNATURES || length > MAX_BYTES {
            return Err(Error::new("RF2304", "too many signatures, or too long"));
        }
        self.signatures.push(line);
        Ok(())
    }

    /// The signature of one key.
    ///
    /// Returns `None` when no line is by this key, and the newest time of its cosignatures, in seconds since
    /// 1970; 0 for a log's. Errors: `RF2306` when a line with this key's name and id does not hold: the
    /// format wants the whole note refused then.
    pub fn signed_by(&self, key: &Verifier) -> Result<Option<u64>> {
        let lines = self.signatures.iter().filter(|line| key.claims(line));
        lines
            .map(|line| key.check(&self.text, &line.signature))
            .try_fold(None, |newest, time| Ok(newest.max(Some(time?))))
    }

    /// Errors: `RF2305` when no line is by this key, `RF2306` when one is and does not hold.
    pub fn verify(&self, key: &Verifier) -> Result<()> {
        match self.signed_by(key)? {
            Some(_) => Ok(()),
            None => Err(Error::new("RF2305", format!("not signed by {}", key.name()))),
        }
    }
}
