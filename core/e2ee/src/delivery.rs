//! The server's view of a group: follows the public state, runs the gate, keeps what joiners are given.
//! Holds no secret and decides no order: the first commit of an epoch that is handed in is provisional until it is
//! confirmed or given up, because only members can see whether its secrets are of use.
use crate::admit::admit;
use crate::admit_group::admit_group;
use crate::context::{Admitted, Context, Mode, Session, State};
use crate::facts::{ContextFacts, Facts, leaves};
use crate::member::{PAST_EPOCHS, SUITE, mls, read_info, read_message};
use crate::provider::Provider;
use openmls::messages::group_info::GroupInfo;
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use ringfence_charter::{CharterSource, Genesis, Ledger};
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::{B32, Error, Result};
use std::sync::Arc;

/// A group as its server knows it.
pub struct Delivery {
    provider: Provider,
    group: PublicGroup,
    state: State,
    info: Vec<u8>,
    provisional: Option<Provisional>,
}

/// A commit that the gate admitted.
struct Provisional {
    staged: Box<StagedCommit>,
    state: State,
    info: Vec<u8>,
}

/// A member as the server may know them: by key, never by name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seat {
    pub leaf: u32,
    pub member: B32,
    pub host: bool,
}

/// A provisional commit. `packages`: of those added, in the order of `admitted.joined`; none of who comes back.
pub struct Accepted {
    pub admitted: Admitted,
    pub packages: Vec<B32>,
    /// The document of the charter that it brings.
    pub charter: Option<Vec<u8>>,
}

/// Who may be let in by a commit.
pub enum Entering<'a> {
    /// Hashes of the key packages of those who are there to be welcomed.
    Knocked(&'a [B32]),
    /// The member who has shown that they hold this key, and comes back by themselves.
    Back(B32),
}

fn not_this(code: &'static str, what: &str) -> Error {
    Error::new(code, what)
}

impl Delivery {
    /// Opens a new group. `charter` and `genesis` are documents, `route` is the hash of the route record.
    ///
    /// Errors: `RF3210` when it is not the group that its genesis speaks of; those of documents and the gate.
    pub fn found(charter: &[u8], route: B32, genesis: &[u8], info: &[u8], tree: &[u8]) -> Result<Self> {
        let charter = CharterSource::read(charter)?;
        let said = Genesis::verify(genesis, &charter, &charter.hash)?;
        let ledger = Ledger::found(&said, genesis.to_vec());
        let delivery = Self::open(charter, route, ledger, &said, info, tree)?;
        if delivery.epoch() != 0 {
            return Err(not_this("RF3210", "a group starts at epoch 0"));
        }
        Ok(delivery)
    }

    /// A group as its server shows it to who comes back, checked as a whole. `charter` is a document.
    pub(crate) fn shown(charter: &[u8], route: B32, ledger: &[u8], info: &[u8], tree: &[u8]) -> Result<Self> {
        let charter = CharterSource::read(charter)?;
        let (ledger, genesis) = Ledger::verify(ledger, &charter)?;
        Self::open(charter, route, ledger, &genesis, info, tree)
    }

    /// What the provisional commit leads to, for who made it.
    pub(crate) fn provisional_state(&self) -> Option<&State> {
        self.provisional.as_ref().map(|made| &made.state)
    }

    fn open(
        charter: CharterSource,
        route: B32,
        ledger: Ledger,
        genesis: &Genesis,
        info: &[u8],
        tree: &[u8],
    ) -> Result<Self> {
        let provider = Provider::default();
        let tree = RatchetTreeIn::tls_deserialize_exact(tree).map_err(mls)?;
        let (crypto, storage) = (provider.crypto(), provider.storage());
        let (group, _) =
            PublicGroup::from_external(crypto, storage, tree, read_info(info)?, ProposalStore::new())
                .map_err(mls)?;
        if group.group_id().as_slice() != genesis.group || group.ciphersuite() != SUITE {
            return Err(not_this(
                "RF3210",
                "the group is not the one that its genesis speaks of",
            ));
        }
        let context = Context {
            charter: charter.hash,
            route,
            log: charter.log_key(),
            generation: genesis.generation,
            ledger: ledger.hash(),
            mode: Mode::Lobby, // the gate derives it
        };
        let state = State {
            charter: Arc::new(charter),
            group: genesis.group,
            context,
            ledger,
            seats: Default::default(),
        };
        let facts = ContextFacts::of(group.group_context());
        let epoch = group.group_context().epoch().as_u64();
        let state = admit_group(state, epoch, &leaves(&group), &facts)?;
        Ok(Self {
            provider,
            group,
            state,
            info: info.to_vec(),
            provisional: None,
        })
    }

    /// Takes a commit of the current epoch with the GroupInfo of the next; it changes nothing before
    /// [`Delivery::confirm`].
    ///
    /// Errors: `RF1209` for an add of somebody else, `RF1217` for an external commit of somebody else, `RF3202` for a
    /// commit of another epoch or after another one, `RF3203` for a GroupInfo of another state; those of the gate.
    pub fn take_commit(&mut self, commit: &[u8], info: &[u8], entering: Entering) -> Result<Accepted> {
        let message = read_message(commit)?;
        if message.epoch().as_u64() != self.epoch() || self.provisional.is_some() {
            return Err(not_this("RF3202", "the epoch of this commit is over"));
        }
        let processed = self
            .group
            .process_message(self.provider.crypto(), message)
            .map_err(mls)?;
        let (sender, data) = (processed.sender().clone(), processed.aad().to_vec());
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            return Err(mls("not a commit"));
        };
        let facts = Facts::read(&self.group, &sender, data, &staged)?;
        let admitted = admit(&self.state, &facts)?;
        match entering {
            Entering::Knocked(knocked) => {
                if !facts.adds.iter().all(|add| knocked.contains(&add.package)) {
                    return Err(not_this("RF1209", "the commit adds somebody who does not wait"));
                }
                if facts.external {
                    return Err(not_this("RF1217", "a member does not come back"));
                }
            }
            Entering::Back(member) => {
                if !facts.external || admitted.joined.iter().any(|joined| joined.member != member) {
                    return Err(not_this("RF1217", "the commit brings back somebody else"));
                }
            }
        }
        self.check_info(info, &staged, &facts)?;
        let charter = &admitted.state.charter;
        let charter = (charter.hash != self.state.charter.hash).then(|| charter.document.clone());
        self.provisional = Some(Provisional {
            staged,
            state: admitted.state.clone(),
            info: info.to_vec(),
        });
        Ok(Accepted {
            admitted,
            packages: facts.adds.iter().map(|add| add.package).collect(),
            charter,
        })
    }

    /// The provisional commit counts. Errors: `RF3202` when there is none.
    pub fn confirm(&mut self) -> Result<()> {
        let provisional = self.provisional.take();
        let made = provisional.ok_or_else(|| not_this("RF3202", "no commit waits to be confirmed"))?;
        self.group
            .merge_commit(self.provider.storage(), *made.staged)
            .map_err(mls)?;
        (self.state, self.info) = (made.state, made.info);
        Ok(())
    }

    /// The epoch is open again.
    pub fn give_up(&mut self) {
        self.provisional = None;
    }

    fn check_info(&self, info: &[u8], staged: &StagedCommit, facts: &Facts) -> Result<()> {
        let next = read_info(info)?;
        let key = facts
            .after
            .as_ref()
            .map(|leaf| leaf.key.clone())
            .unwrap_or_default();
        let key = OpenMlsSignaturePublicKey::new(key.into(), SignatureScheme::ED25519).map_err(mls)?;
        if next.group_context() != staged.group_context() {
            return Err(not_this("RF3203", "the GroupInfo is of another state"));
        }
        let _: GroupInfo = next
            .verify(self.provider.crypto(), &key)
            .map_err(|_| not_this("RF3203", "the GroupInfo is not the committer's"))?;
        Ok(())
    }

    /// Takes somebody's wish to leave; returns their leaf. Errors: `RF3204` for any other proposal.
    pub fn accept_proposal(&mut self, message: &[u8]) -> Result<u32> {
        let message = read_message(message)?;
        if message.epoch().as_u64() != self.epoch() {
            return Err(not_this("RF3202", "the epoch of this proposal is over"));
        }
        let processed = self
            .group
            .process_message(self.provider.crypto(), message)
            .map_err(mls)?;
        match (processed.sender().clone(), processed.into_content()) {
            (Sender::Member(leaf), ProcessedMessageContent::ProposalMessage(proposal))
                if matches!(proposal.proposal(), Proposal::SelfRemove) =>
            {
                self.group
                    .add_proposal(self.provider.storage(), *proposal)
                    .map_err(mls)?;
                Ok(leaf.u32())
            }
            _ => Err(not_this(
                "RF3204",
                "a proposal that is not somebody's own leaving",
            )),
        }
    }

    /// The epoch of a sealed message of this group. Errors: `RF3205` when members would not read it.
    pub fn check_sealed(&self, message: &[u8]) -> Result<u64> {
        let refused = || not_this("RF3205", "not a sealed message of this group and its last epochs");
        let ProtocolMessage::PrivateMessage(message) = read_message(message).map_err(|_| refused())? else {
            return Err(refused());
        };
        let (epoch, now) = (message.epoch().as_u64(), self.epoch());
        let fits = message.group_id() == self.group.group_id()
            && message.content_type() == ContentType::Application
            && epoch <= now
            && epoch + PAST_EPOCHS as u64 >= now;
        if fits { Ok(epoch) } else { Err(refused()) }
    }

    pub fn epoch(&self) -> u64 {
        self.group.group_context().epoch().as_u64()
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    pub fn tree(&self) -> Result<Vec<u8>> {
        self.group
            .export_ratchet_tree()
            .tls_serialize_detached()
            .map_err(mls)
    }

    /// Canonical CBOR, as a joiner gets it.
    pub fn ledger(&self) -> Vec<u8> {
        self.state.ledger.encode()
    }

    pub fn group_info(&self) -> &[u8] {
        &self.info
    }

    pub fn members(&self) -> Vec<Seat> {
        let seat = |(leaf, session): (&u32, &Session)| Seat {
            leaf: *leaf,
            member: session.member,
            host: self.state.is_host(&session.member),
        };
        self.state.seats.iter().map(seat).collect()
    }

    /// What [`Delivery::restore`] reads. Wishes to leave that nobody committed yet are not in it.
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        Ok(cbor::encode(&cbor::map([
            ("charter", cbor::bytes(&self.state.charter.document)),
            ("route", cbor::bytes(&self.state.context.route)),
            ("ledger", Value::Bytes(self.ledger())),
            ("info", cbor::bytes(&self.info)),
            ("tree", Value::Bytes(self.tree()?)),
        ])))
    }

    pub fn restore(snapshot: &[u8]) -> Result<Self> {
        let mut map = Map::decode(snapshot)?;
        let (charter, route) = (map.bytes("charter")?, map.fixed("route")?);
        let (info, tree) = (map.bytes("info")?, map.bytes("tree")?);
        let charter = CharterSource::read(&charter)?;
        let (ledger, genesis) = Ledger::verify(&map.bytes("ledger")?, &charter)?;
        map.finish()?;
        Self::open(charter, route, ledger, &genesis, &info, &tree)
    }
}
