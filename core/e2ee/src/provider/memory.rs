//! The keys that openmls asks for again: of key packages, of the current epoch, of the link. Wiped when forgotten.
//! Group state is not among them: a group lives in its `MlsGroup`, dies with the page, and is never loaded, so writing it
//! out at each epoch would only copy secrets. Not here: what is kept on a disk (nothing is).
use openmls_traits::storage::{CURRENT_VERSION, StorageProvider, traits};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

const V: u16 = CURRENT_VERSION;

/// Says nothing of the value: it is a secret.
#[derive(thiserror::Error, Debug)]
#[error("the store of keys cannot read what it wrote")]
pub struct Unreadable;

type Result<T> = std::result::Result<T, Unreadable>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    KeyPackage,
    Psk,
    LeafKey,
    EpochKeys,
    Signature,
}

/// As JSON text: the page's messages are read by the same code.
type Kept = BTreeMap<(Kind, String), Zeroizing<Vec<u8>>>;

#[derive(Default)]
pub struct Memory(Mutex<Kept>);

/// Names only; values are secrets.
fn named(key: &impl Serialize) -> Result<String> {
    serde_json::to_string(key).map_err(|_| Unreadable)
}

/// Grows without leaving copies of what is in it behind.
struct Wiped(Zeroizing<Vec<u8>>);

impl std::io::Write for Wiped {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let length = self.0.len() + bytes.len();
        if length > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * length));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Memory {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, kind: Kind, key: &impl Serialize, value: &impl Serialize) -> Result<()> {
        let mut kept = Wiped(Zeroizing::new(Vec::with_capacity(1024)));
        serde_json::to_writer(&mut kept, value).map_err(|_| Unreadable)?;
        self.kept().insert((kind, named(key)?), kept.0);
        Ok(())
    }

    fn recall<T: DeserializeOwned>(&self, kind: Kind, key: &impl Serialize) -> Result<Option<T>> {
        match self.kept().get(&(kind, named(key)?)) {
            Some(value) => serde_json::from_slice(value).map(Some).map_err(|_| Unreadable),
            None => Ok(None),
        }
    }

    fn forget(&self, kind: Kind, key: &impl Serialize) -> Result<()> {
        self.kept().remove(&(kind, named(key)?));
        Ok(())
    }
}

/// Methods that write or delete group state: `name(values) : kinds of values`.
macro_rules! not_kept {
    ($($name:ident $($value:ident)*;)*) => { $(
        fn $name<Group: traits::GroupId<V> $(, $value: traits::$value<V>)*>(
            &self, _: &Group $(, _: &$value)*
        ) -> Result<()> {
            Ok(())
        }
    )* };
}

/// Methods that would load a group: there is none.
macro_rules! never_loaded {
    ($($name:ident $value:ident;)*) => { $(
        fn $name<Group: traits::GroupId<V>, $value: traits::$value<V>>(&self, _: &Group) -> Result<Option<$value>> {
            Ok(None)
        }
    )* };
}

impl StorageProvider<V> for Memory {
    type Error = Unreadable;

    not_kept! {
        write_mls_join_config MlsGroupJoinConfig;
        append_own_leaf_node LeafNode;
        queue_proposal ProposalRef QueuedProposal;
        write_tree TreeSync;
        write_interim_transcript_hash InterimTranscriptHash;
        write_context GroupContext;
        write_confirmation_tag ConfirmationTag;
        write_message_secrets MessageSecrets;
        write_resumption_psk_store ResumptionPskStore;
        write_own_leaf_index LeafNodeIndex;
        write_group_epoch_secrets GroupEpochSecrets;
        remove_proposal ProposalRef;
        delete_own_leaf_nodes;
        delete_group_config;
        delete_tree;
        delete_confirmation_tag;
        delete_group_state;
        delete_context;
        delete_interim_transcript_hash;
        delete_message_secrets;
        delete_all_resumption_psk_secrets;
        delete_own_leaf_index;
        delete_group_epoch_secrets;
    }

    never_loaded! {
        mls_group_join_config MlsGroupJoinConfig;
        tree TreeSync;
        group_context GroupContext;
        interim_transcript_hash InterimTranscriptHash;
        confirmation_tag ConfirmationTag;
        message_secrets MessageSecrets;
        resumption_psk_store ResumptionPskStore;
        own_leaf_index LeafNodeIndex;
        group_epoch_secrets GroupEpochSecrets;
    }

    fn write_group_state<State: traits::GroupState<V>, Group: traits::GroupId<V>>(
        &self,
        _: &Group,
        _: &State,
    ) -> Result<()> {
        Ok(())
    }

    fn group_state<State: traits::GroupState<V>, Group: traits::GroupId<V>>(
        &self,
        _: &Group,
    ) -> Result<Option<State>> {
        Ok(None)
    }

    fn own_leaf_nodes<Group: traits::GroupId<V>, LeafNode: traits::LeafNode<V>>(
        &self,
        _: &Group,
    ) -> Result<Vec<LeafNode>> {
        Ok(vec![])
    }

    fn queued_proposal_refs<Group: traits::GroupId<V>, ProposalRef: traits::ProposalRef<V>>(
        &self,
        _: &Group,
    ) -> Result<Vec<ProposalRef>> {
        Ok(vec![])
    }

    fn queued_proposals<
        Group: traits::GroupId<V>,
        ProposalRef: traits::ProposalRef<V>,
        QueuedProposal: traits::QueuedProposal<V>,
    >(
        &self,
        _: &Group,
    ) -> Result<Vec<(ProposalRef, QueuedProposal)>> {
        Ok(vec![])
    }

    fn clear_proposal_queue<Group: traits::GroupId<V>, ProposalRef: traits::ProposalRef<V>>(
        &self,
        _: &Group,
    ) -> Result<()> {
        Ok(())
    }

    fn write_signature_key_pair<Key: traits::SignaturePublicKey<V>, Pair: traits::SignatureKeyPair<V>>(
        &self,
        key: &Key,
        pair: &Pair,
    ) -> Result<()> {
        self.keep(Kind::Signature, key, pair)
    }

    fn signature_key_pair<Key: traits::SignaturePublicKey<V>, Pair: traits::SignatureKeyPair<V>>(
        &self,
        key: &Key,
    ) -> Result<Option<Pair>> {
        self.recall(Kind::Signature, key)
    }

    fn delete_signature_key_pair<Key: traits::SignaturePublicKey<V>>(&self, key: &Key) -> Result<()> {
        self.forget(Kind::Signature, key)
    }

    fn write_encryption_key_pair<Key: traits::EncryptionKey<V>, Pair: traits::HpkeKeyPair<V>>(
        &self,
        key: &Key,
        pair: &Pair,
    ) -> Result<()> {
        self.keep(Kind::LeafKey, key, pair)
    }

    fn encryption_key_pair<Pair: traits::HpkeKeyPair<V>, Key: traits::EncryptionKey<V>>(
        &self,
        key: &Key,
    ) -> Result<Option<Pair>> {
        self.recall(Kind::LeafKey, key)
    }

    fn delete_encryption_key_pair<Key: traits::EncryptionKey<V>>(&self, key: &Key) -> Result<()> {
        self.forget(Kind::LeafKey, key)
    }

    fn write_encryption_epoch_key_pairs<
        Group: traits::GroupId<V>,
        Epoch: traits::EpochKey<V>,
        Pair: traits::HpkeKeyPair<V>,
    >(
        &self,
        group: &Group,
        epoch: &Epoch,
        leaf: u32,
        pairs: &[Pair],
    ) -> Result<()> {
        self.keep(Kind::EpochKeys, &(group, epoch, leaf), &pairs)
    }

    fn encryption_epoch_key_pairs<
        Group: traits::GroupId<V>,
        Epoch: traits::EpochKey<V>,
        Pair: traits::HpkeKeyPair<V>,
    >(
        &self,
        group: &Group,
        epoch: &Epoch,
        leaf: u32,
    ) -> Result<Vec<Pair>> {
        let kept = self.recall(Kind::EpochKeys, &(group, epoch, leaf))?;
        Ok(kept.unwrap_or_default())
    }

    fn delete_encryption_epoch_key_pairs<Group: traits::GroupId<V>, Epoch: traits::EpochKey<V>>(
        &self,
        group: &Group,
        epoch: &Epoch,
        leaf: u32,
    ) -> Result<()> {
        self.forget(Kind::EpochKeys, &(group, epoch, leaf))
    }

    fn write_key_package<Reference: traits::HashReference<V>, Package: traits::KeyPackage<V>>(
        &self,
        reference: &Reference,
        package: &Package,
    ) -> Result<()> {
        self.keep(Kind::KeyPackage, reference, package)
    }

    fn key_package<Reference: traits::HashReference<V>, Package: traits::KeyPackage<V>>(
        &self,
        reference: &Reference,
    ) -> Result<Option<Package>> {
        self.recall(Kind::KeyPackage, reference)
    }

    fn delete_key_package<Reference: traits::HashReference<V>>(&self, reference: &Reference) -> Result<()> {
        self.forget(Kind::KeyPackage, reference)
    }

    fn write_psk<Id: traits::PskId<V>, Bundle: traits::PskBundle<V>>(
        &self,
        id: &Id,
        bundle: &Bundle,
    ) -> Result<()> {
        self.keep(Kind::Psk, id, bundle)
    }

    fn psk<Bundle: traits::PskBundle<V>, Id: traits::PskId<V>>(&self, id: &Id) -> Result<Option<Bundle>> {
        self.recall(Kind::Psk, id)
    }

    fn delete_psk<Id: traits::PskId<V>>(&self, id: &Id) -> Result<()> {
        self.forget(Kind::Psk, id)
    }
}
