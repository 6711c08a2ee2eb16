//! One hostile member: makes any commit that openmls can be made to make, and merges any that it gets.
//! Decides nothing and refuses nothing: there is no gate here.
use crate::{Bytes, Result};
use openmls::messages::group_info::VerifiableGroupInfo;
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use openmls::schedule::PreSharedKeyId;
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;
/// The group context extension `ringfence` of docs/protocol.
const RINGFENCE: u16 = 0xF0F0;

#[derive(Deserialize)]
pub struct Plan {
    #[serde(default)]
    adds: Vec<Bytes>,
    #[serde(default)]
    removes: Vec<u32>,
    /// Ids of external PSKs to mix in, stored before.
    #[serde(default)]
    psks: Vec<String>,
    /// Replaces the `ringfence` extension; the rest of the context stays.
    extension: Option<Bytes>,
    /// Leaves the `ringfence` extension out of the new context.
    #[serde(default)]
    drop_extension: bool,
    #[serde(default)]
    aad: Bytes,
    /// Put another credential into the committer's own leaf by the path.
    identity: Option<Bytes>,
    /// Put another signature key there, too.
    #[serde(default)]
    new_key: bool,
}

#[derive(Deserialize)]
pub struct External {
    group_info: Bytes,
    tree: Bytes,
    #[serde(default)]
    psks: Vec<String>,
    #[serde(default)]
    aad: Bytes,
}

/// Take over another attacker's signature key, to return as them.
#[derive(Deserialize)]
pub struct Swap {
    identity: Bytes,
}

/// What a committer hands to a delivery service; `tree` is the one after the commit.
#[derive(Serialize)]
pub struct Outgoing {
    commit: Option<Bytes>,
    welcome: Option<Bytes>,
    group_info: Option<Bytes>,
    tree: Option<Bytes>,
}

pub struct Member {
    provider: OpenMlsRustCrypto,
    signer: SignatureKeyPair,
    identity: Vec<u8>,
    group: Option<MlsGroup>,
}

fn capabilities() -> Capabilities {
    Capabilities::new(
        None,
        Some(&[SUITE]),
        Some(&[ExtensionType::Unknown(RINGFENCE)]),
        Some(&[ProposalType::SelfRemove]),
        Some(&[CredentialType::Basic]),
    )
}

fn ringfence(extension: &[u8]) -> Extension {
    Extension::Unknown(RINGFENCE, UnknownExtension(extension.to_vec()))
}

fn group_info(bytes: &[u8]) -> Result<VerifiableGroupInfo> {
    match MlsMessageIn::tls_deserialize_exact(bytes)?.extract() {
        MlsMessageBodyIn::GroupInfo(info) => Ok(info),
        _ => Err("not a GroupInfo".into()),
    }
}

fn settings() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(MIXED_PLAINTEXT_WIRE_FORMAT_POLICY)
        .use_ratchet_tree_extension(false)
        .padding_size(64)
        .max_past_epochs(8)
        .build()
}

impl Member {
    pub fn new() -> Result<Self> {
        let provider = OpenMlsRustCrypto::default();
        let signer = SignatureKeyPair::new(SUITE.signature_algorithm())?;
        signer.store(provider.storage())?;
        Ok(Self {
            provider,
            signer,
            identity: vec![],
            group: None,
        })
    }

    pub fn leaf_key(&self) -> Bytes {
        Bytes(self.signer.public().to_vec())
    }

    pub fn identity(&mut self, identity: Vec<u8>) {
        self.identity = identity;
    }

    pub fn swap(&mut self, swap: Swap) -> Result<Bytes> {
        self.signer = SignatureKeyPair::new(SUITE.signature_algorithm())?;
        self.signer.store(self.provider.storage())?;
        self.identity = swap.identity.0;
        Ok(self.leaf_key())
    }

    fn credential(&self) -> CredentialWithKey {
        let credential = BasicCredential::new(self.identity.clone()).into();
        CredentialWithKey {
            credential,
            signature_key: self.signer.public().into(),
        }
    }

    fn group(&mut self) -> Result<&mut MlsGroup> {
        self.group.as_mut().ok_or_else(|| "in no group".into())
    }

    pub fn store_psk(&self, id: &str, psk: &[u8]) -> Result<()> {
        let id = PreSharedKeyId::external(id.as_bytes().to_vec(), vec![]);
        Ok(id.store(&self.provider, psk)?)
    }

    fn psk_proposals(&self, ids: &[String]) -> Result<Vec<PreSharedKeyProposal>> {
        let one = |id: &String| {
            let nonce = self.provider.rand().random_vec(SUITE.hash_length())?;
            let id = PreSharedKeyId::external(id.as_bytes().to_vec(), nonce);
            Ok(PreSharedKeyProposal::new(id))
        };
        ids.iter().map(one).collect()
    }

    pub fn package(&self) -> Result<Bytes> {
        let bundle = KeyPackage::builder()
            .leaf_node_capabilities(capabilities())
            .build(SUITE, &self.provider, &self.signer, self.credential())?;
        Ok(Bytes(bundle.key_package().tls_serialize_detached()?))
    }

    fn read_package(&self, bytes: &[u8]) -> Result<KeyPackage> {
        let unverified = KeyPackageIn::tls_deserialize_exact(bytes)?;
        Ok(unverified.validate(self.provider.crypto(), ProtocolVersion::Mls10)?)
    }

    pub fn found(&mut self, id: &[u8], extension: &[u8]) -> Result<Outgoing> {
        let required = RequiredCapabilitiesExtension::new(
            &[ExtensionType::Unknown(RINGFENCE)],
            &[ProposalType::SelfRemove],
            &[CredentialType::Basic],
        );
        let context = Extensions::from_vec(vec![
            Extension::RequiredCapabilities(required),
            ringfence(extension),
        ])?;
        let config = MlsGroupCreateConfig::builder()
            .ciphersuite(SUITE)
            .capabilities(capabilities())
            .wire_format_policy(MIXED_PLAINTEXT_WIRE_FORMAT_POLICY)
            .use_ratchet_tree_extension(false)
            .padding_size(64)
            .max_past_epochs(8)
            .with_group_context_extensions(context)
            .build();
        let id = GroupId::from_slice(id);
        let group =
            MlsGroup::new_with_group_id(&self.provider, &self.signer, &config, id, self.credential())?;
        let info = group.export_group_info(self.provider.crypto(), &self.signer, false)?;
        self.group = Some(group);
        let group_info = Some(Bytes(info.to_bytes()?));
        Ok(Outgoing {
            commit: None,
            welcome: None,
            group_info,
            tree: Some(self.tree()?),
        })
    }

    pub fn join(&mut self, welcome: &[u8], tree: &[u8]) -> Result<()> {
        let MlsMessageBodyIn::Welcome(welcome) = MlsMessageIn::tls_deserialize_exact(welcome)?.extract()
        else {
            return Err("not a Welcome".into());
        };
        let staged = StagedWelcome::build_from_welcome(&self.provider, &settings(), welcome)?
            .with_ratchet_tree(RatchetTreeIn::tls_deserialize_exact(tree)?)
            .build()?;
        self.group = Some(staged.into_group(&self.provider)?);
        Ok(())
    }

    /// Stages a commit. Nothing changes here until `merge` or `clear`.
    pub fn commit(&mut self, plan: Plan) -> Result<Outgoing> {
        let adds: Vec<_> = plan
            .adds
            .iter()
            .map(|a| self.read_package(&a.0))
            .collect::<Result<_>>()?;
        let psks = self.psk_proposals(&plan.psks)?;
        let fresh = SignatureKeyPair::new(SUITE.signature_algorithm())?;
        fresh.store(self.provider.storage())?;
        let identity = plan.identity.map_or_else(|| self.identity.clone(), |i| i.0);
        let key = if plan.new_key {
            fresh.public()
        } else {
            self.signer.public()
        };
        let mine = CredentialWithKey {
            credential: BasicCredential::new(identity).into(),
            signature_key: key.into(),
        };
        let group = self.group.as_mut().ok_or("in no group")?;
        let mut context = group.extensions().clone();
        group.set_aad(plan.aad.0);
        let mut leaf = LeafNodeParameters::builder().with_capabilities(capabilities());
        if !plan.new_key {
            leaf = leaf.with_credential_with_key(mine.clone());
        }
        let mut builder = group
            .commit_builder()
            .force_self_update(true)
            .leaf_node_parameters(leaf.build())
            .propose_adds(adds)
            .propose_removals(plan.removes.into_iter().map(LeafNodeIndex::new))
            .add_proposals(psks.into_iter().map(|p| Proposal::PreSharedKey(Box::new(p))));
        if let Some(extension) = plan.extension {
            context.add_or_replace(ringfence(&extension.0))?;
            builder = builder.propose_group_context_extensions(context)?;
        } else if plan.drop_extension {
            context.remove(ExtensionType::Unknown(RINGFENCE));
            builder = builder.propose_group_context_extensions(context)?;
        }
        let p = &self.provider;
        let builder = builder.load_psks(p.storage())?.create_group_info(true);
        let built = if plan.new_key {
            let new = NewSignerBundle {
                signer: &fresh,
                credential_with_key: mine,
            };
            builder.build_with_new_signer(p.rand(), p.crypto(), &self.signer, new, |_| true)?
        } else {
            builder.build(p.rand(), p.crypto(), &self.signer, |_| true)?
        };
        outgoing(built.stage_commit(p)?)
    }

    /// Joins by itself; openmls merges at once.
    pub fn external(&mut self, plan: External) -> Result<Outgoing> {
        let psks = self.psk_proposals(&plan.psks)?;
        let leaf = LeafNodeParameters::builder()
            .with_capabilities(capabilities())
            .build();
        let p = &self.provider;
        let (group, bundle) = MlsGroup::external_commit_builder()
            .with_ratchet_tree(RatchetTreeIn::tls_deserialize_exact(&plan.tree.0)?)
            .with_config(settings())
            .with_aad(plan.aad.0)
            .build_group(p, group_info(&plan.group_info.0)?, self.credential())?
            .leaf_node_parameters(leaf)
            .add_psk_proposals(psks)
            .load_psks(p.storage())?
            .create_group_info(true)
            .build(p.rand(), p.crypto(), &self.signer, |_| true)?
            .finalize(p)?;
        self.group = Some(group);
        let mut out = outgoing(bundle)?;
        out.tree = Some(self.tree()?);
        Ok(out)
    }

    pub fn merge(&mut self) -> Result<()> {
        let group = self.group.as_mut().ok_or("in no group")?;
        Ok(group.merge_pending_commit(&self.provider)?)
    }

    pub fn clear(&mut self) -> Result<()> {
        let group = self.group.as_mut().ok_or("in no group")?;
        Ok(group.clear_pending_commit(self.provider.storage())?)
    }

    /// Follows whatever comes: an honest server's commits keep the attacker current.
    pub fn process(&mut self, bytes: &[u8]) -> Result<Value> {
        let message = MlsMessageIn::tls_deserialize_exact(bytes)?.try_into_protocol_message()?;
        let group = self.group.as_mut().ok_or("in no group")?;
        let processed = group.process_message(&self.provider, message)?;
        let sender = match processed.sender() {
            Sender::Member(leaf) => Some(leaf.u32()),
            _ => None,
        };
        let aad = Bytes(processed.aad().to_vec());
        let kind = match processed.into_content() {
            ProcessedMessageContent::ApplicationMessage(m) => {
                let text = Bytes(m.into_bytes());
                return Ok(json!({ "kind": "sealed", "sender": sender, "text": text }));
            }
            ProcessedMessageContent::ProposalMessage(p) => {
                group.store_pending_proposal(self.provider.storage(), *p)?;
                "proposal"
            }
            ProcessedMessageContent::StagedCommitMessage(staged) => {
                group.merge_staged_commit(&self.provider, *staged)?;
                "commit"
            }
            ProcessedMessageContent::OwnPendingCommit => {
                group.merge_pending_commit(&self.provider)?;
                "own"
            }
            _ => return Err("unexpected content".into()),
        };
        Ok(json!({ "kind": kind, "sender": sender, "aad": aad, "state": self.state()? }))
    }

    pub fn seal(&mut self, text: &[u8]) -> Result<Bytes> {
        let group = self.group.as_mut().ok_or("in no group")?;
        Ok(Bytes(
            group
                .create_message(&self.provider, &self.signer, text)?
                .to_bytes()?,
        ))
    }

    pub fn propose_remove(&mut self, leaf: u32) -> Result<Bytes> {
        let group = self.group.as_mut().ok_or("in no group")?;
        let (message, _) =
            group.propose_remove_member(&self.provider, &self.signer, LeafNodeIndex::new(leaf))?;
        Ok(Bytes(message.to_bytes()?))
    }

    fn tree(&mut self) -> Result<Bytes> {
        Ok(Bytes(
            self.group()?.export_ratchet_tree().tls_serialize_detached()?,
        ))
    }

    /// A base key of docs/protocol, to see what an attacker could open.
    pub fn export(&mut self, leaf: u32, context: &[u8]) -> Result<Bytes> {
        let context = [&leaf.to_be_bytes()[..], context].concat();
        let group = self.group.as_ref().ok_or("in no group")?;
        let key = group.export_secret(self.provider.crypto(), "ringfence sframe", &context, 16)?;
        Ok(Bytes(key))
    }

    pub fn state(&mut self) -> Result<Value> {
        let tree = self.tree()?;
        let group = self.group.as_ref().ok_or("in no group")?;
        let member = |m: openmls::prelude::Member| {
            let identity = Bytes(m.credential.serialized_content().to_vec());
            json!({ "leaf": m.index.u32(), "identity": identity, "key": Bytes(m.signature_key) })
        };
        let info = group.export_group_info(self.provider.crypto(), &self.signer, false);
        Ok(json!({
            "group": Bytes(group.group_id().as_slice().to_vec()),
            "epoch": group.epoch().as_u64(),
            "leaf": group.own_leaf_index().u32(),
            "members": group.members().map(member).collect::<Vec<_>>(),
            "extension": group.extensions().unknown(RINGFENCE).map(|e| Bytes(e.0.clone())),
            "tree": tree,
            "group_info": info.ok().map(|i| i.to_bytes()).transpose()?.map(Bytes),
        }))
    }
}

fn outgoing(bundle: CommitMessageBundle) -> Result<Outgoing> {
    let (commit, welcome, info) = bundle.into_messages();
    let bytes = |m: MlsMessageOut| m.to_bytes().map(Bytes);
    Ok(Outgoing {
        commit: Some(bytes(commit)?),
        welcome: welcome.map(bytes).transpose()?,
        group_info: info.map(bytes).transpose()?,
        tree: None,
    })
}
