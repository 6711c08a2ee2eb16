//! Somebody who is in no group yet: founds one, is welcomed to one, or comes back to one.
//! Not here: life in a group (`member.rs`), or who may come in (`admit.rs`).
use crate::member::{
    LINK_PSK, Member, Outgoing, PAST_EPOCHS, SUITE, capabilities, extensions, mls, outgoing, ratchets,
    read_info, settings,
};
use crate::provider::{LeafSigner, Provider};
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use openmls::schedule::{PreSharedKeyId, Psk};
use ringfence_signed::{B32, Error, Result};

/// Somebody who is in no group yet: a leaf key, and the secret of the link.
pub struct Candidate {
    pub(crate) provider: Provider,
    pub(crate) signer: LeafSigner,
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

    /// Makes the commit by which who was admitted comes back by themselves (RFC 9420 §12.4.3.2). openmls merges it at
    /// once: when the server does not take it, a new candidate has to start anew.
    pub fn come_back(self, info: &[u8], tree: &[u8]) -> Result<(Member, Outgoing)> {
        let tree = RatchetTreeIn::tls_deserialize_exact(tree).map_err(mls)?;
        let nonce = self
            .provider
            .rand()
            .random_vec(SUITE.hash_length())
            .map_err(mls)?;
        let psk = PreSharedKeyProposal::new(PreSharedKeyId::external(LINK_PSK.to_vec(), nonce));
        let leaf = LeafNodeParameters::builder()
            .with_capabilities(capabilities())
            .build();
        let (provider, signer) = (&self.provider, &self.signer);
        let (group, bundle) = MlsGroup::external_commit_builder()
            .with_ratchet_tree(tree)
            .with_config(settings())
            .build_group(provider, read_info(info)?, self.credential.clone())
            .map_err(mls)?
            .leaf_node_parameters(leaf)
            .add_psk_proposal(psk)
            .load_psks(provider.storage())
            .map_err(mls)?
            .create_group_info(true)
            .build(provider.rand(), provider.crypto(), signer, |_| true)
            .map_err(mls)?
            .finalize(provider)
            .map_err(mls)?;
        let outgoing = outgoing(bundle)?;
        let member = Member {
            provider: self.provider,
            signer: self.signer,
            group,
        };
        Ok((member, outgoing))
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
