//! What a commit would do, read from openmls's staged commit without merging it.
//! Judges nothing: `admit.rs` does, from these facts alone.
use crate::knock::is_sealable;
use crate::member::{RINGFENCE, SUITE, mls, required};
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use openmls::schedule::{PreSharedKeyId, Psk};
use ringfence_signed::{B32, Result, hash};
use std::collections::BTreeMap;

/// A leaf as far as admission is concerned.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// The credential's identity: a leaf document, if all is well.
    pub identity: Vec<u8>,
    pub key: Vec<u8>,
    /// It can do what the group requires, and later commits can be sealed to it: else nobody could commit any more.
    pub capable: bool,
}

impl Leaf {
    pub fn of(leaf: &LeafNode) -> Self {
        let (can, basic) = (leaf.capabilities(), CredentialType::Basic);
        let capable = can.extensions().contains(&ExtensionType::Unknown(RINGFENCE))
            && can.proposals().contains(&ProposalType::SelfRemove)
            && can.credentials().contains(&basic)
            && can.ciphersuites().contains(&SUITE.into())
            && leaf.credential().credential_type() == basic
            && is_sealable(&encryption_key(leaf));
        Self {
            identity: leaf.credential().serialized_content().to_vec(),
            key: leaf.signature_key().as_slice().to_vec(),
            capable,
        }
    }
}

/// Shown as TLS bytes only: a length of one byte, and the key.
pub(crate) fn encryption_key(leaf: &LeafNode) -> Vec<u8> {
    let shown = leaf.encryption_key().tls_serialize_detached();
    shown.map_or_else(|_| vec![], |bytes| bytes[1..].to_vec())
}

/// The leaves of a group, by index.
pub fn leaves(group: &PublicGroup) -> BTreeMap<u32, Leaf> {
    let nodes = nodes(group).into_iter();
    nodes.map(|(index, leaf)| (index, Leaf::of(leaf))).collect()
}

fn nodes(group: &PublicGroup) -> BTreeMap<u32, &LeafNode> {
    let leaves = group.treesync().full_leaves();
    leaves.map(|(index, leaf)| (index.u32(), leaf)).collect()
}

#[derive(Clone, Debug)]
pub struct Addition {
    /// The index that it will get.
    pub index: u32,
    pub leaf: Leaf,
    /// SHA-256 of its key package, by which the server knows whose knock it was.
    pub package: B32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wish {
    /// They asked to leave, themselves.
    Own,
    /// The committer says so.
    Others,
}

#[derive(Clone, Debug)]
pub struct Removal {
    pub index: u32,
    pub leaf: Leaf,
    pub wish: Wish,
}

/// The group context, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextFacts {
    pub ringfence: Option<Vec<u8>>,
    pub requires_all: bool,
    pub external_senders: bool,
    /// Extensions that have no place here.
    pub others: usize,
}

impl ContextFacts {
    pub fn of(context: &GroupContext) -> Self {
        let extensions = context.extensions();
        let known = |e: &Extension| {
            matches!(e, Extension::RequiredCapabilities(_))
                || e.extension_type() == ExtensionType::Unknown(RINGFENCE)
        };
        Self {
            ringfence: extensions.unknown(RINGFENCE).map(|e| e.0.clone()),
            requires_all: extensions.required_capabilities() == Some(&required()),
            external_senders: extensions.external_senders().is_some(),
            others: extensions.iter().filter(|e| !known(e)).count(),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Facts {
    /// The epoch that it leads to.
    pub epoch: u64,
    /// The sender joins by itself.
    pub external: bool,
    pub sender: u32,
    /// The sender's leaf before and after; after is `None` when the commit has no path.
    pub before: Option<Leaf>,
    pub after: Option<Leaf>,
    pub adds: Vec<Addition>,
    pub removes: Vec<Removal>,
    /// Ids of external pre-shared keys.
    pub psks: Vec<Vec<u8>>,
    /// Pre-shared keys of other kinds.
    pub other_psks: usize,
    pub reinit: bool,
    /// Proposals of kinds that are none of the above.
    pub others: Vec<ProposalType>,
    pub context: ContextFacts,
    /// The authenticated data of the commit's message.
    pub data: Vec<u8>,
}

impl Facts {
    /// `group` is the state before the commit; `sender` and `data` are on the processed message.
    pub fn read(group: &PublicGroup, sender: &Sender, data: Vec<u8>, staged: &StagedCommit) -> Result<Self> {
        let nodes = nodes(group);
        let external = matches!(sender, Sender::NewMemberCommit);
        let sender = match sender {
            Sender::Member(leaf) => leaf.u32(),
            Sender::NewMemberCommit => group.ext_commit_sender_index(staged).map_err(mls)?.u32(),
            _ => return Err(mls("a commit from outside the group")),
        };
        let mut facts = Self {
            epoch: staged.group_context().epoch().as_u64(),
            external,
            sender,
            before: nodes
                .get(&sender)
                .filter(|_| !external)
                .map(|leaf| Leaf::of(leaf)),
            after: staged.update_path_leaf_node().map(Leaf::of),
            adds: vec![],
            removes: vec![],
            psks: vec![],
            other_psks: 0,
            reinit: false,
            others: vec![],
            context: ContextFacts::of(staged.group_context()),
            data,
        };
        facts.read_proposals(nodes, staged)?;
        facts.read_psks(staged)?;
        Ok(facts)
    }

    fn read_proposals(&mut self, mut nodes: BTreeMap<u32, &LeafNode>, staged: &StagedCommit) -> Result<()> {
        let mut added = vec![];
        for queued in staged.queued_proposals() {
            let (index, wish) = match (queued.proposal(), queued.sender()) {
                (Proposal::Remove(remove), _) => (remove.removed().u32(), Wish::Others),
                (Proposal::SelfRemove, Sender::Member(leaf)) => (leaf.u32(), Wish::Own),
                (Proposal::Add(add), _) => {
                    let package = hash(&add.key_package().tls_serialize_detached().map_err(mls)?);
                    added.push((Leaf::of(add.key_package().leaf_node()), package));
                    continue;
                }
                (
                    Proposal::GroupContextExtensions(_)
                    | Proposal::PreSharedKey(_)
                    | Proposal::ExternalInit(_),
                    _,
                ) => continue,
                (Proposal::ReInit(_), _) => {
                    self.reinit = true;
                    continue;
                }
                (other, _) => {
                    self.others.push(other.proposal_type());
                    continue;
                }
            };
            if let Some(leaf) = nodes.remove(&index).map(Leaf::of) {
                self.removes.push(Removal { index, leaf, wish });
            }
        }
        // RFC 9420 §12.1.1: an Add takes the leftmost blank leaf, after the removals.
        let mut blank = (0..).filter(|index| !nodes.contains_key(index));
        for ((leaf, package), index) in added.into_iter().zip(&mut blank) {
            self.adds.push(Addition { index, leaf, package });
        }
        Ok(())
    }

    fn read_psks(&mut self, staged: &StagedCommit) -> Result<()> {
        for queued in staged.psk_proposals() {
            // openmls shows the id of a proposal only through its encoding.
            let encoded = queued.psk_proposal().tls_serialize_detached().map_err(mls)?;
            match PreSharedKeyId::tls_deserialize_exact(encoded).map_err(mls)?.psk() {
                Psk::External(external) => self.psks.push(external.psk_id().to_vec()),
                _ => self.other_psks += 1,
            }
        }
        Ok(())
    }
}
