//! What comes out of the fence: a decision with its reasons, and the proof that something was decided to be inside.
//! Not here: deciding (`decide`).
use crate::Role;
use serde::Serialize;
use std::collections::BTreeSet;

/// What a claim about a node is worth, weakest first (docs/fence.md, "Standing").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    Violation,
    Unknown,
    Stated,
    Consistent,
    Proven,
}

impl Standing {
    pub fn name(self) -> &'static str {
        ["violation", "unknown", "stated", "consistent", "proven"][self as usize]
    }
}

/// One rule that was looked at: a stable code, which rule, whose word, and what was compared, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    pub code: &'static str,
    pub rule: &'static str,
    pub source: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    pub role: Role,
    pub allowed: bool,
    pub standing: Standing,
    /// Places that are ruled out, and places that the fence asks to rule out and that are not.
    pub excluded: Vec<String>,
    pub not_excluded: Vec<String>,
    /// Of a refusal: everything that would have to change. Otherwise: why it is allowed.
    pub reasons: Vec<Reason>,
    /// Of a statement that nobody signed: what would be decided if its operator had, and were trusted.
    #[serde(skip_serializing_if = "is_false")]
    pub draft: bool,
    /// What `decide` said. Private, so that nobody else makes a decision or changes one into a permission.
    #[serde(skip)]
    sealed: bool,
}

fn is_false(draft: &bool) -> bool {
    !draft
}

/// Something that belongs to a node which was decided to be inside the fence. Only [`Decision::inside`] makes one.
#[derive(Debug, Clone)]
pub struct InFence<T>(T);

impl<T> InFence<T> {
    pub fn get(&self) -> &T {
        &self.0
    }
}

impl Decision {
    /// The one proof that this node may be used, for what belongs to it.
    pub fn inside<T>(&self, node: T) -> Option<InFence<T>> {
        self.enclose(node).ok()
    }

    /// The same, and gives back what is not inside.
    pub(crate) fn enclose<T>(&self, node: T) -> Result<InFence<T>, T> {
        match self.sealed && self.allowed {
            true => Ok(InFence(node)),
            false => Err(node),
        }
    }
}

/// A decision in the making: refusals and grounds as they are found.
#[derive(Default)]
pub(crate) struct Case {
    refusals: Vec<Reason>,
    grounds: Vec<Reason>,
    source: String,
}

impl Case {
    /// Whose word the next reasons rest on.
    pub fn source(&mut self, source: impl Into<String>) {
        self.source = source.into();
    }

    pub fn refuse(&mut self, code: &'static str, rule: &'static str, text: impl Into<String>) {
        let reason = self.reason(code, rule, text.into());
        self.refusals.push(reason);
    }

    pub fn ground(&mut self, code: &'static str, rule: &'static str, text: impl Into<String>) {
        let reason = self.reason(code, rule, text.into());
        self.grounds.push(reason);
    }

    fn reason(&self, code: &'static str, rule: &'static str, text: String) -> Reason {
        Reason {
            code,
            rule,
            source: self.source.clone(),
            text,
        }
    }

    /// Allowed is what nothing refuses and something speaks for. `places`: ruled out, and not.
    pub fn close(
        self,
        role: Role,
        standing: Standing,
        (excluded, not_excluded): (BTreeSet<String>, BTreeSet<String>),
        draft: bool,
    ) -> Decision {
        // That places are ruled out speaks for no node.
        let speaks = |reason: &Reason| reason.code != "RF2117";
        let allowed = self.refusals.is_empty() && self.grounds.iter().any(speaks);
        Decision {
            role,
            allowed,
            standing,
            excluded: excluded.into_iter().collect(),
            not_excluded: not_excluded.into_iter().collect(),
            reasons: if allowed { self.grounds } else { self.refusals },
            draft,
            sealed: allowed && !draft,
        }
    }
}
