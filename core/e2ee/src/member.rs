//! One member's MLS state over openmls (RFC 9420): what it makes, what it reads, when it moves on.
//! Decides nothing: whether a commit may be merged is `admit.rs`, when one is made is `participant`.
use crate::facts::Facts;
use crate::provider::{LeafSigner, Provider, Suite1};
use openmls::messages::group_info::VerifiableGroupInfo;
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use openmls::schedule::{PreSharedKeyId, Psk};
use ringfence_signed::{B32, Error, Result};
use zeroize::Zeroizing;

pub const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;
/// The type of the group context extension `ringfence`.
pub const RINGFENCE: u16 = 0xF0F0;
/// The id of the pre-shared key that only holders of the link have.
pub const LINK_PSK: &[u8] = b"ringfence link";
/// Chat that crosses this many commits can still be read.
pub const PAST_EPOCHS: usize = 3;

const OUT_OF_ORDER: u32 = 64;
const FORWARD: u32 = 1000;

/// Whatever openmls refuses, with its own words.
pub(crate) fn mls(error: impl std::fmt::Display) -> Error {
    Error::new("RF3201", error.to_string())
}

/// Random bytes of the operating system, or of the browser.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    Suite1.random_array().map_err(mls)
}

/// What every leaf can do, and what the group requires of it.
pub fn capabilities() -> Capabilities {
    Capabilities::new(
        None,
        Some(&[SUITE]),
        Some(&[ExtensionType::Unknown(RINGFENCE)]),
        Some(&[ProposalType::SelfRemove]), // not a default type: it has to be listed
        Some(&[CredentialType::Basic]),
    )
}

pub(crate) fn required() -> RequiredCapabilitiesExtension {
    RequiredCapabilitiesExtension::new(
        &[ExtensionType::Unknown(RINGFENCE)],
        &[ProposalType::SelfRemove],
        &[CredentialType::Basic],
    )
}

/// A context change replaces the whole list (RFC 9420 §12.1.7), so it always holds both.
fn extensions(ringfence: &[u8]) -> Result<Extensions<GroupContext>> {
    let ringfence = Extension::Unknown(RINGFENCE, UnknownExtension(ringfence.to_vec()));
    Extensions::from_vec(vec![Extension::RequiredCapabilities(required()), ringfence]).map_err(mls)
}

/// On a busy machine the words of one sender may overtake each other by many.
fn ratchets() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(OUT_OF_ORDER, FORWARD)
}

/// Handshakes are readable, so that the server can follow; what people say is not.
fn settings() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(MIXED_PLAINTEXT_WIRE_FORMAT_POLICY)
        .use_ratchet_tree_extension(false)
        .padding_size(64)
        .max_past_epochs(PAST_EPOCHS)
        .sender_ratchet_configuration(ratchets())
        .build()
}

pub(crate) fn read_message(bytes: &[u8]) -> Result<ProtocolMessage> {
    let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(mls)?;
    message.try_into_protocol_message().map_err(mls)
}

pub(crate) fn read_info(bytes: &[u8]) -> Result<VerifiableGroupInfo> {
    match MlsMessageIn::tls_deserialize_exact(bytes).map_err(mls)?.extract() {
        MlsMessageBodyIn::GroupInfo(info) => Ok(info),
        _ => Err(mls("not a GroupInfo")),
    }
}

/// A key package whose own signature holds; whether its owner may come in is another question.
pub fn read_package(crypto: &impl OpenMlsCrypto, bytes: &[u8]) -> Result<KeyPackage> {
    let package = KeyPackageIn::tls_deserialize_exact(bytes).map_err(mls)?;
    let package = package.validate(crypto, ProtocolVersion::Mls10).map_err(mls)?;
    if package.ciphersuite() != SUITE {
        return Err(mls("a key package of another ciphersuite"));
    }
    Ok(package)
}

/// Somebody who is in no group yet: a leaf key, and the secret of the link.
pub struct Candidate {
    provider: Provider,
    signer: LeafSigner,
    credential: CredentialWithKey,
}

/// What a founder hands to the server.
pub struct Founding {
    pub group_info: Vec<u8>,
    pub tree: Vec<u8>,
}

impl Candidate {
    pub fn new(psk: &[u8; 32]) -> Result<Self> {
        let provider = Provider::default();
        let signer = LeafSigner::new().map_err(mls)?;
        // Before any message names it: a Welcome that fails has already spent its key package.
        PreSharedKeyId::external(LINK_PSK.to_vec(), vec![])
            .store(&provider, psk)
            .map_err(mls)?;
        let credential = CredentialWithKey {
            credential: BasicCredential::new(vec![]).into(),
            signature_key: signer.public().as_slice().into(),
        };
        Ok(Self {
            provider,
            signer,
            credential,
        })
    }

    /// The public key that the member key certifies.
    pub fn leaf_key(&self) -> Result<B32> {
        Ok(self.signer.public())
    }

    /// `leaf_document`: what the member key signed about this leaf key.
    pub fn certify(&mut self, leaf_document: Vec<u8>) {
        self.credential.credential = BasicCredential::new(leaf_document).into();
    }

    pub fn key_package(&self) -> Result<Vec<u8>> {
        let bundle = KeyPackage::builder()
            .leaf_node_capabilities(capabilities())
            .build(SUITE, &self.provider, &self.signer, self.credential.clone())
            .map_err(mls)?;
        bundle.key_package().tls_serialize_detached().map_err(mls)
    }

    pub fn found(self, group: &B32, ringfence: &[u8]) -> Result<(Member, Founding)> {
        let config = MlsGroupCreateConfig::builder()
            .ciphersuite(SUITE)
            .capabilities(capabilities())
            .wire_format_policy(MIXED_PLAINTEXT_WIRE_FORMAT_POLICY)
            .use_ratchet_tree_extension(false)
            .padding_size(64)
            .max_past_epochs(PAST_EPOCHS)
            .sender_ratchet_configuration(ratchets())
            .with_group_context_extensions(extensions(ringfence)?)
            .build();
        let id = GroupId::from_slice(group);
        let (provider, signer) = (&self.provider, &self.signer);
        let group = MlsGroup::new_with_group_id(provider, signer, &config, id, self.credential.clone())
            .map_err(mls)?;
        let info = group
            .export_group_info(provider.crypto(), signer, false)
            .map_err(mls)?;
        let founding = Founding {
            group_info: info.to_bytes().map_err(mls)?,
            tree: group
                .export_ratchet_tree()
                .tls_serialize_detached()
                .map_err(mls)?,
        };
        Ok((
            Member {
                provider: self.provider,
                signer: self.signer,
                group,
            },
            founding,
        ))
    }

    /// Opens a Welcome without joining: look at it, then [`Member::enter`].
    pub fn open(&self, welcome: &[u8], tree: &[u8]) -> Result<StagedWelcome> {
        let message = MlsMessageIn::tls_deserialize_exact(welcome).map_err(mls)?;
        let MlsMessageBodyIn::Welcome(welcome) = message.extract() else {
            return Err(mls("not a Welcome"));
        };
        let tree = RatchetTreeIn::tls_deserialize_exact(tree).map_err(mls)?;
        let opened = StagedWelcome::build_from_welcome(&self.provider, &settings(), welcome).map_err(mls)?;
        // Who adds somebody mixes in the link's secret: a Welcome without it is from somebody who may not hold it.
        let is_links = |id: &PreSharedKeyId| matches!(id.psk(), Psk::External(e) if e.psk_id() == LINK_PSK);
        match opened.processed_welcome().psks() {
            [only] if is_links(only) => {}
            [] => {
                return Err(Error::new(
                    "RF3224",
                    "the welcome is made without the secret of the link",
                ));
            }
            _ => return Err(Error::new("RF3225", "a pre-shared key other than the link's")),
        }
        opened.with_ratchet_tree(tree).build().map_err(mls)
    }
}

/// What one commit is to do. Removals by their own wish are in it by themselves.
#[derive(Default)]
pub struct Plan {
    pub adds: Vec<KeyPackage>,
    pub removes: Vec<u32>,
    /// The new content of the extension `ringfence`, if it changes.
    pub ringfence: Option<Vec<u8>>,
    /// Mix the link's secret into the next epoch.
    pub psk: bool,
    pub data: Vec<u8>,
}

/// What a committer hands to the server: the GroupInfo is of the next epoch.
pub struct Outgoing {
    pub commit: Vec<u8>,
    pub welcome: Option<Vec<u8>>,
    pub group_info: Vec<u8>,
}

/// What a message turned out to be. Nothing has changed yet.
pub enum Taken {
    Sealed {
        leaf: u32,
        epoch: u64,
        content: Zeroizing<Vec<u8>>,
    },
    Leaving {
        leaf: u32,
        proposal: Box<QueuedProposal>,
    },
    Commit {
        facts: Box<Facts>,
        staged: Box<StagedCommit>,
    },
    /// Our own commit, or our own words, come back.
    Own,
}

/// A member of a group.
pub struct Member {
    provider: Provider,
    signer: LeafSigner,
    group: MlsGroup,
}

impl Member {
    pub fn enter(candidate: Candidate, staged: StagedWelcome) -> Result<Self> {
        let group = staged.into_group(&candidate.provider).map_err(mls)?;
        Ok(Self {
            provider: candidate.provider,
            signer: candidate.signer,
            group,
        })
    }

    pub fn public(&self) -> &PublicGroup {
        self.group.public_group()
    }

    pub fn crypto(&self) -> &impl OpenMlsCrypto {
        self.provider.crypto()
    }

    pub fn epoch(&self) -> u64 {
        self.group.epoch().as_u64()
    }

    pub fn own_leaf(&self) -> u32 {
        self.group.own_leaf_index().u32()
    }

    /// False once a merged commit has removed us.
    pub fn is_active(&self) -> bool {
        self.group.is_active()
    }

    /// What our own commit would do, for the gate to judge before anybody else sees it.
    pub fn own_facts(&self, data: Vec<u8>) -> Result<Facts> {
        let staged = self
            .group
            .pending_commit()
            .ok_or_else(|| mls("no commit of ours"))?;
        Facts::read(
            self.group.public_group(),
            &Sender::Member(self.group.own_leaf_index()),
            data,
            staged,
        )
    }

    pub fn has_pending_commit(&self) -> bool {
        self.group.pending_commit().is_some()
    }

    pub fn tree(&self) -> Result<Vec<u8>> {
        self.group
            .export_ratchet_tree()
            .tls_serialize_detached()
            .map_err(mls)
    }

    fn link_psk(&self) -> Result<Proposal> {
        // RFC 9420 §8.4: a nonce of the hash's length.
        let nonce = self
            .provider
            .rand()
            .random_vec(SUITE.hash_length())
            .map_err(mls)?;
        let id = PreSharedKeyId::external(LINK_PSK.to_vec(), nonce);
        Ok(Proposal::PreSharedKey(Box::new(PreSharedKeyProposal::new(id))))
    }

    /// Makes a commit; nothing changes until [`Member::merge_own`].
    pub fn commit(&mut self, plan: Plan) -> Result<Outgoing> {
        let psk = if plan.psk { Some(self.link_psk()?) } else { None };
        self.group.set_aad(plan.data);
        let mut builder = self
            .group
            .commit_builder()
            .force_self_update(true)
            .propose_adds(plan.adds)
            .propose_removals(plan.removes.into_iter().map(LeafNodeIndex::new))
            .add_proposals(psk);
        if let Some(ringfence) = plan.ringfence {
            builder = builder
                .propose_group_context_extensions(extensions(&ringfence)?)
                .map_err(mls)?;
        }
        let provider = &self.provider;
        let bundle = builder
            .load_psks(provider.storage())
            .map_err(mls)?
            .create_group_info(true)
            .build(provider.rand(), provider.crypto(), &self.signer, |_| true)
            .map_err(mls)?
            .stage_commit(provider)
            .map_err(mls)?;
        let (commit, welcome, info) = bundle.into_messages();
        let info = info.ok_or_else(|| mls("no GroupInfo"))?;
        Ok(Outgoing {
            commit: commit.to_bytes().map_err(mls)?,
            welcome: welcome.map(|w| w.to_bytes()).transpose().map_err(mls)?,
            group_info: info.to_bytes().map_err(mls)?,
        })
    }

    /// The server took our commit.
    pub fn merge_own(&mut self) -> Result<()> {
        self.group.merge_pending_commit(&self.provider).map_err(mls)
    }

    /// The server took another commit first.
    pub fn clear_own(&mut self) -> Result<()> {
        self.group
            .clear_pending_commit(self.provider.storage())
            .map_err(mls)
    }

    /// Merges a commit that the gate let through.
    pub fn merge(&mut self, staged: StagedCommit) -> Result<()> {
        self.group
            .merge_staged_commit(&self.provider, staged)
            .map_err(mls)
    }

    /// Remembers that somebody wants to leave: the next commit does it.
    pub fn remember(&mut self, proposal: QueuedProposal) -> Result<()> {
        self.group
            .store_pending_proposal(self.provider.storage(), proposal)
            .map_err(mls)
    }

    /// The leaves that asked to leave in this epoch.
    pub fn leaving(&self) -> Vec<u32> {
        let leaf = |p: &QueuedProposal| match (p.proposal(), p.sender()) {
            (Proposal::SelfRemove, Sender::Member(leaf)) => Some(leaf.u32()),
            _ => None,
        };
        self.group.pending_proposals().filter_map(leaf).collect()
    }

    pub fn take(&mut self, bytes: &[u8]) -> Result<Taken> {
        let processed = self
            .group
            .process_message(&self.provider, read_message(bytes)?)
            .map_err(mls)?;
        let (sender, epoch) = (processed.sender().clone(), processed.epoch().as_u64());
        let data = processed.aad().to_vec();
        match (processed.into_content(), &sender) {
            (ProcessedMessageContent::ApplicationMessage(message), Sender::Member(leaf)) => {
                let content = Zeroizing::new(message.into_bytes());
                Ok(Taken::Sealed {
                    leaf: leaf.u32(),
                    epoch,
                    content,
                })
            }
            (ProcessedMessageContent::ProposalMessage(proposal), Sender::Member(leaf))
                if matches!(proposal.proposal(), Proposal::SelfRemove) =>
            {
                Ok(Taken::Leaving {
                    leaf: leaf.u32(),
                    proposal,
                })
            }
            (ProcessedMessageContent::StagedCommitMessage(staged), _) => {
                let facts = Facts::read(self.group.public_group(), &sender, data, &staged)?;
                Ok(Taken::Commit {
                    facts: Box::new(facts),
                    staged,
                })
            }
            (ProcessedMessageContent::OwnPendingCommit | ProcessedMessageContent::OwnPrivateMessage, _) => {
                Ok(Taken::Own)
            }
            (ProcessedMessageContent::ProposalMessage(_), _) => Err(Error::new(
                "RF3204",
                "a proposal that is not somebody's own leaving",
            )),
            _ => Err(mls("a message of a kind that has no place here")),
        }
    }

    /// Asks the others to remove us (RFC 9420 extensions: SelfRemove).
    pub fn leave(&mut self) -> Result<Vec<u8>> {
        let message = self
            .group
            .leave_group_via_self_remove(&self.provider, &self.signer)
            .map_err(mls)?;
        message.to_bytes().map_err(mls)
    }

    pub fn seal(&mut self, content: &[u8]) -> Result<Vec<u8>> {
        let message = self
            .group
            .create_message(&self.provider, &self.signer, content)
            .map_err(mls)?;
        message.to_bytes().map_err(mls)
    }

    pub fn export(&self, label: &str, context: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>> {
        let secret = self
            .group
            .export_secret(self.provider.crypto(), label, context, length)
            .map_err(mls)?;
        Ok(Zeroizing::new(secret))
    }

    /// Commits to everything that the members agree on (RFC 9420 §8.7).
    pub fn epoch_authenticator(&self) -> Vec<u8> {
        self.group.epoch_authenticator().as_slice().to_vec()
    }
}
