//! Key packages, trees and GroupInfos (RFC 9420) of somebody who signs whatever they like: valid ones, in which bytes are
//! others before they are signed.
//! Not here: what reads them (packages.rs, shown.rs).
use crate::meeting::world::{key, public};
use ed25519_dalek::{Signer as _, SigningKey};
use ringfence_charter::Leaf;
use ringfence_e2ee::member::RINGFENCE;
use ringfence_signed::{B32, cose, hash};

/// MLS 1.0, and `MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519`.
const VERSION_AND_SUITE: [u8; 4] = [0, 1, 0, 1];
const BASIC: [u8; 2] = [0, 1];
const SELF_REMOVE: [u8; 2] = [0, 10];
/// `required_capabilities` and `external_pub`.
const REQUIRED: [u8; 2] = [0, 3];
const EXTERNAL_PUB: [u8; 2] = [0, 4];
/// `mls_group_info`.
const WIRE_FORMAT: [u8; 2] = [0, 4];

/// What is other in some bytes: two bytes say where, one how many go, one how many come, then these; any number of times.
pub fn damaged(whole: &[u8], mut changes: &[u8]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    while let Some(([high, low, go, come], rest)) = changes.split_first_chunk() {
        let at = usize::from(u16::from_be_bytes([*high, *low])) % (bytes.len() + 1);
        let end = bytes.len().min(at + usize::from(*go));
        let (new, later) = rest.split_at(rest.len().min(usize::from(*come)));
        bytes.splice(at..end, new.iter().copied());
        changes = later;
    }
    bytes
}

/// Takes what is other in one part: after a byte that says how long it is.
pub fn part<'a>(input: &mut &'a [u8]) -> &'a [u8] {
    let Some((length, rest)) = input.split_first() else {
        return &[];
    };
    let (part, later) = rest.split_at(rest.len().min(usize::from(*length)));
    *input = later;
    part
}

/// RFC 9420 section 2.1.2.
pub fn vector(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("it is short");
    match u8::try_from(length) {
        Ok(short @ ..64) => [&[short], bytes].concat(),
        _ => [&(length | 0x4000).to_be_bytes()[..], bytes].concat(),
    }
}

fn leaf_key() -> SigningKey {
    key("leaf")
}

/// RFC 9420 section 5.1.2.
fn signed(label: &str, content: &[u8]) -> Vec<u8> {
    let label = vector(format!("MLS 1.0 {label}").as_bytes());
    vector(&leaf_key().sign(&[label, vector(content)].concat()).to_bytes())
}

/// A leaf of a key package, but for its signature.
pub fn leaf(member: &SigningKey, meeting: [u8; 16], group: B32) -> Vec<u8> {
    let certificate = Leaf {
        meeting,
        group,
        member: public(member),
        leaf: public(&leaf_key()),
        serial: 0,
    };
    let identity = cose::sign(cose::label::LEAF, &certificate.encode(), member);
    [
        vector(&[9; 32]),
        vector(&public(&leaf_key())),
        BASIC.to_vec(),
        vector(&identity),
        vector(&VERSION_AND_SUITE[..2]),
        vector(&VERSION_AND_SUITE[2..]),
        vector(&RINGFENCE.to_be_bytes()),
        vector(&SELF_REMOVE),
        vector(&BASIC),
        vec![1],
        [[0; 8], [0xff; 8]].concat(), // for ever
        vector(&[]),
    ]
    .concat()
}

pub fn signed_leaf(leaf: &[u8]) -> Vec<u8> {
    [leaf, &signed("LeafNodeTBS", leaf)].concat()
}

/// `changes`: those of what is ahead of the leaf, of the leaf, and of what is behind it.
pub fn package(leaf: &[u8], mut changes: &[u8]) -> Vec<u8> {
    let head = damaged(
        &[&VERSION_AND_SUITE[..], &vector(&[8; 32])].concat(),
        part(&mut changes),
    );
    let leaf = signed_leaf(&damaged(leaf, part(&mut changes)));
    let package = [head, leaf, damaged(&vector(&[]), changes)].concat();
    [&package[..], &signed("KeyPackageTBS", &package)].concat()
}

/// A group of one leaf, as a server keeps it.
pub struct Group {
    pub info: Vec<u8>,
    pub tree: Vec<u8>,
}

/// `changes`: those of the leaf, of the tree, of the group's context ahead of the hash of the tree and behind it, and of
/// what else is in the GroupInfo.
pub fn group(leaf: &[u8], id: &B32, ringfence: &[u8], changes: &mut &[u8]) -> Group {
    let leaf = signed_leaf(&damaged(leaf, part(changes)));
    let tree = damaged(&vector(&[&[1, 1][..], &leaf].concat()), part(changes));
    // RFC 9420 section 7.8.
    let tree_hash = hash(&[&[1, 0, 0, 0, 0, 1][..], &leaf].concat());
    let head = [&VERSION_AND_SUITE[..], &vector(id), &[0; 8]].concat();
    let required = [
        vector(&RINGFENCE.to_be_bytes()),
        vector(&SELF_REMOVE),
        vector(&BASIC),
    ];
    let extensions = [
        REQUIRED.to_vec(),
        vector(&required.concat()),
        RINGFENCE.to_be_bytes().to_vec(),
        vector(ringfence),
    ];
    let tail = [vector(&[]), vector(&extensions.concat())].concat();
    let context = [
        damaged(&head, part(changes)),
        vector(&tree_hash),
        damaged(&tail, part(changes)),
    ];
    let external = [EXTERNAL_PUB.to_vec(), vector(&vector(&[9; 32]))].concat();
    let rest = [vector(&external), vector(&[4; 32]), vec![0; 4]].concat();
    let info = [context.concat(), damaged(&rest, part(changes))].concat();
    let signature = signed("GroupInfoTBS", &info);
    let info = [&VERSION_AND_SUITE[..2], &WIRE_FORMAT, &info, &signature].concat();
    Group { info, tree }
}
