//! Checkpoints (C2SP tlog-checkpoint): what a log says its tree is, signed.
//! Not here: whether it fits what the log said before (`seen`), or who cosigned it (`cosigned`).
use crate::key::{Kind, Signer, Verifier};
use crate::merkle::empty_root;
use crate::note::Note;
use crate::{B32, Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The text of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name: one line, by convention an address without its scheme.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    pub root: B32,
    /// Lines that the format leaves open. This log writes none, and gives them no meaning.
    pub extensions: Vec<String>,
}

fn bad(what: &str) -> Error {
    Error::new("RF2308", what)
}

impl Checkpoint {
    /// Reads a note's text.
    ///
    /// Errors: `RF2308` when it is not exactly what [`Self::encode`] writes.
    pub fn parse(text: &str) -> Result<Self> {
        let mut lines = text
            .strip_suffix('\n')
            .ok_or_else(|| bad("the last line does not end"))?
            .split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(bad("fewer than three lines"));
        };
        let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
        let parsed = Self {
            origin: origin.to_owned(),
            size: size.parse().map_err(|_| bad("the size is not a number"))?,
            root: root.ok_or_else(|| bad("the root is not 32 bytes in base64"))?,
            extensions: lines.map(str::to_owned).collect(),
        };
        if parsed.origin.is_empty() || parsed.extensions.iter().any(String::is_empty) {
            return Err(bad("an empty line"));
        }
        // A number with a sign or with zeros before it is another spelling.
        if parsed.size.to_string() != size {
            return Err(bad("the size is not written in its one way"));
        }
        if parsed.size == 0 && parsed.root != empty_root() {
            return Err(bad("the empty tree has one root, and it is another"));
        }
        Ok(parsed)
    }

    pub fn encode(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root));
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

/// Whose checkpoints these are: what a client is configured with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    origin: String,
    key: Verifier,
}

impl Issuer {
    /// Errors: `RF2307` when the key is not of a log, `RF2308` when the origin is not one line of text.
    pub fn new(origin: &str, key: Verifier) -> Result<Self> {
        if key.kind() != Kind::Log {
            return Err(Error::new("RF2307", "a witness's key does not sign for a log"));
        }
        if origin.is_empty() || origin.contains(char::is_control) {
            return Err(bad("an origin is one line of text"));
        }
        let origin = origin.to_owned();
        Ok(Self { origin, key })
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub fn key(&self) -> &Verifier {
        &self.key
    }
}

/// A checkpoint that the log has signed: evidence, with the bytes that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    note: Note,
    checkpoint: Checkpoint,
}

impl Signed {
    /// Reads a signed checkpoint of one log.
    ///
    /// Errors: `RF2304` and `RF2308` for what has another form, `RF2305` and `RF2306` for what this log's
    /// key has not signed, `RF2309` for a checkpoint of another origin.
    pub fn open(bytes: &[u8], issuer: &Issuer) -> Result<Self> {
        let note = Note::parse(bytes)?;
        note.verify(&issuer.key)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        if checkpoint.origin != issuer.origin {
            return Err(Error::new(
                "RF2309",
                format!("not of the log {:?}", issuer.origin),
            ));
        }
        Ok(Self { note, checkpoint })
    }

    /// Signs a checkpoint. Once this has left the log's hands it cannot be taken back.
    ///
    /// Errors: `RF2307` when the key is a witness's, `RF2304` and `RF2308` when what is signed would not be read.
    pub fn sign(checkpoint: Checkpoint, signer: &Signer) -> Result<Self> {
        let issuer = Issuer::new(&checkpoint.origin, signer.verifier().clone())?;
        let mut note = Note::new(checkpoint.encode())?;
        let line = signer.sign(note.text(), 0);
        note.add(line)?;
        // What no client could read must not be signed either.
        Self::open(note.encode().as_bytes(), &issuer)
    }

    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    pub fn note(&self) -> &Note {
        &self.note
    }

    pub fn size(&self) -> u64 {
        self.checkpoint.size
    }

    pub fn root(&self) -> &B32 {
        &self.checkpoint.root
    }

    pub fn encode(&self) -> String {
        self.note.encode()
    }
}
