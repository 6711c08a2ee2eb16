//! One member's MLS state over openmls (RFC 9420): what it makes, what it reads, when it moves on.
//! Who is in no group yet is in `candidate.rs`. Decides nothing: whether a commit may be merged is `admit.rs`, when one is made is `participant`.
use crate::candidate::Candidate;
use crate::facts::Facts;
use crate::knock::is_sealable;
use crate::provider::{LeafSigner, Provider, Suite1};
use openmls::messages::group_info::VerifiableGroupInfo;
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use openmls::schedule::PreSharedKeyId;
use ringfence_signed::{Error, Result};
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

/// What is wrong with a commit that a server cannot see: it has neither the group's secrets nor the link's.
fn only_members_see<S>(error: &ProcessMessageError<S>) -> bool {
    use StageCommitError as Why;
    match error {
        ProcessMessageError::ValidationError(why) => matches!(why, ValidationError::InvalidMembershipTag),
        ProcessMessageError::InvalidCommit(why) => matches!(
            why,
            Why::ConfirmationTagMismatch
                | Why::UpdatePathError(_)
                | Why::PskError(_)
                | Why::MissingDecryptionKey
        ),
        _ => false,
    }
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
pub(crate) fn extensions(ringfence: &[u8]) -> Result<Extensions<GroupContext>> {
    let ringfence = Extension::Unknown(RINGFENCE, UnknownExtension(ringfence.to_vec()));
    Extensions::from_vec(vec![Extension::RequiredCapabilities(required()), ringfence]).map_err(mls)
}

/// On a busy machine the words of one sender may overtake each other by many.
pub(crate) fn ratchets() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(OUT_OF_ORDER, FORWARD)
}

/// Handshakes are readable, so that the server can follow; what people say is not.
pub(crate) fn settings() -> MlsGroupJoinConfig {
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
    if !is_sealable(package.hpke_init_key().as_slice()) {
        return Err(mls("a key package whose owner can be sent no welcome"));
    }
    Ok(package)
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

pub(crate) fn outgoing(bundle: CommitMessageBundle) -> Result<Outgoing> {
    let (commit, welcome, info) = bundle.into_messages();
    let info = info.ok_or_else(|| mls("no GroupInfo"))?;
    Ok(Outgoing {
        commit: commit.to_bytes().map_err(mls)?,
        welcome: welcome.map(|w| w.to_bytes()).transpose().map_err(mls)?,
        group_info: info.to_bytes().map_err(mls)?,
    })
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
    pub(crate) provider: Provider,
    pub(crate) signer: LeafSigner,
    pub(crate) group: MlsGroup,
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

    /// Whether somebody in the group has this key already, to sign or to be encrypted to: RFC 9420 §7.3 lets nobody
    /// in with it.
    pub fn has_key(&self, key: &[u8]) -> bool {
        let has =
            |member: openmls::group::Member| member.signature_key == key || member.encryption_key == key;
        self.group.members().any(has)
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
        outgoing(bundle)
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

    /// Errors: `RF3206` for a commit that only its secrets show to be of no use, `RF3201` for all else that openmls
    /// refuses.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Taken> {
        let processed = self
            .group
            .process_message(&self.provider, read_message(bytes)?)
            .map_err(|error| match only_members_see(&error) {
                true => Error::new("RF3206", error.to_string()),
                false => mls(error),
            })?;
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
        // openmls seals nothing while somebody's wish to leave waits for its commit; people talk on meanwhile.
        let wishes: Vec<QueuedProposal> = self.group.pending_proposals().cloned().collect();
        let storage = self.provider.storage();
        if !wishes.is_empty() {
            self.group.clear_pending_proposals(storage).map_err(mls)?;
        }
        let made = self.group.create_message(&self.provider, &self.signer, content);
        for wish in wishes {
            self.group.store_pending_proposal(storage, wish).map_err(mls)?;
        }
        made.map_err(mls)?.to_bytes().map_err(mls)
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
