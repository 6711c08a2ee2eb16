//! What is true of the tree and of its proofs: the known vectors, the RFC's own definition, and every lie refused.
mod naive;
use naive::{Leaves, mth, path, proof};
use proptest::prelude::*;
use ringfence_routelog::merkle::{empty_root, leaf_hash, node_hash, root};
use ringfence_routelog::{B32, consistency, inclusion};

/// The leaves of Certificate Transparency's reference tests.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
/// The roots of the trees of the first 0 to 8 of them, from the same tests.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
// Their complete subtrees: L is a leaf, P a pair, Q four.
const L0: &str = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
const L1: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const L2: &str = "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7";
const L4: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const P0: &str = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
const P1: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const P2: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const P3: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const Q0: &str = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
const Q1: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";

fn hex(text: &str) -> B32 {
    std::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
}

fn hashes(texts: &[&str]) -> Vec<B32> {
    texts.iter().map(|text| hex(text)).collect()
}

#[test]
fn the_roots_are_those_of_the_reference_tests() {
    let leaves = Leaves::of(&LEAVES);
    for (size, expected) in (0..).zip(ROOTS) {
        assert_eq!(root(size, &leaves).unwrap(), hex(expected), "{size}");
        assert_eq!(mth(&leaves.0[..size as usize]), hex(expected), "{size}");
    }
}

#[test]
fn the_inclusion_proofs_are_those_of_the_reference_tests() {
    let cases: [(u64, u64, &[&str]); 5] = [
        (0, 1, &[]),
        (0, 8, &[L1, P1, Q1]),
        (5, 8, &[L4, P3, Q0]),
        (2, 3, &[P0]),
        (1, 5, &[L0, P1, L4]),
    ];
    let leaves = Leaves::of(&LEAVES);
    for (index, size, expected) in cases {
        let proof = inclusion::prove(index, size, &leaves).unwrap();
        assert_eq!(proof, hashes(expected), "{index} of {size}");
        let root = hex(ROOTS[size as usize]);
        inclusion::verify(index, size, &leaves.0[index as usize], &proof, &root).unwrap();
    }
}

#[test]
fn the_consistency_proofs_are_those_of_the_reference_tests() {
    let cases: [(u64, u64, &[&str]); 6] = [
        (1, 1, &[]),
        (1, 8, &[L1, P1, Q1]),
        (6, 8, &[P2, P3, Q0]),
        (2, 5, &[P1, L4]),
        (
            3,
            5,
            &[
                L2,
                "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
                P0,
                L4,
            ],
        ),
        (
            6,
            7,
            &[
                P2,
                "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
                Q0,
            ],
        ),
    ];
    let leaves = Leaves::of(&LEAVES);
    for (old, new, expected) in cases {
        let proof = consistency::prove(old, new, &leaves).unwrap();
        assert_eq!(proof, hashes(expected), "{old} to {new}");
        let (old_root, new_root) = (hex(ROOTS[old as usize]), hex(ROOTS[new as usize]));
        consistency::verify(old, &old_root, new, &new_root, &proof).unwrap();
    }
}

#[test]
fn every_proof_up_to_300_leaves_is_the_one_that_the_rfc_defines() {
    let leaves = Leaves::numbered(300);
    let roots: Vec<B32> = (0..=300).map(|size| mth(&leaves.0[..size])).collect();
    for size in 0..=300u64 {
        let (all, top) = (&leaves.0[..size as usize], &roots[size as usize]);
        assert_eq!(root(size, &leaves).unwrap(), *top);
        for index in 0..size {
            let made = inclusion::prove(index, size, &leaves).unwrap();
            assert_eq!(made, path(index as usize, all), "{index} of {size}");
            inclusion::verify(index, size, &all[index as usize], &made, top).unwrap();
        }
        for old in 0..=size {
            let made = consistency::prove(old, size, &leaves).unwrap();
            let defined = if old == 0 {
                vec![]
            } else {
                proof(old as usize, all)
            };
            assert_eq!(made, defined, "{old} to {size}");
            consistency::verify(old, &roots[old as usize], size, top, &made).unwrap();
        }
    }
}

/// Every other list that is close to a proof.
fn lies(proof: &[B32]) -> Vec<Vec<B32>> {
    let mut lies = vec![];
    for at in 0..proof.len() * 32 {
        let mut lie = proof.to_vec();
        lie[at / 32][at % 32] ^= 1 << (at % 8);
        lies.push(lie);
    }
    for at in 0..proof.len() {
        let mut shorter = proof.to_vec();
        shorter.remove(at);
        lies.push(shorter);
        let mut longer = proof.to_vec();
        longer.insert(at, proof[at]);
        lies.push(longer);
        if at > 0 {
            let mut swapped = proof.to_vec();
            swapped.swap(at - 1, at);
            lies.push(swapped);
        }
    }
    let mut longer = proof.to_vec();
    longer.push([0; 32]);
    lies.push(longer);
    lies
}

#[test]
fn an_inclusion_proof_with_any_byte_changed_is_refused() {
    let leaves = Leaves::numbered(23);
    for size in [1, 2, 7, 8, 23u64] {
        let top = root(size, &leaves).unwrap();
        for index in 0..size {
            let proof = inclusion::prove(index, size, &leaves).unwrap();
            let leaf = leaves.0[index as usize];
            for lie in lies(&proof) {
                let refused = inclusion::verify(index, size, &leaf, &lie, &top).unwrap_err();
                assert_eq!(refused.code, "RF2302");
            }
            for other in (0..size).filter(|other| *other != index) {
                assert!(inclusion::verify(other, size, &leaf, &proof, &top).is_err());
            }
            for at in 0..32 {
                let (mut other_leaf, mut other_root) = (leaf, top);
                other_leaf[at] ^= 1;
                other_root[at] ^= 1;
                assert!(inclusion::verify(index, size, &other_leaf, &proof, &top).is_err());
                assert!(inclusion::verify(index, size, &leaf, &proof, &other_root).is_err());
            }
        }
    }
}

#[test]
fn a_consistency_proof_with_any_byte_changed_is_refused() {
    let leaves = Leaves::numbered(23);
    for new in [2, 7, 8, 23u64] {
        let new_root = root(new, &leaves).unwrap();
        for old in 1..=new {
            let old_root = root(old, &leaves).unwrap();
            let proof = consistency::prove(old, new, &leaves).unwrap();
            for lie in lies(&proof) {
                let refused = consistency::verify(old, &old_root, new, &new_root, &lie).unwrap_err();
                assert_eq!(refused.code, "RF2303", "{old} to {new}");
            }
            for at in 0..32 {
                let (mut first, mut second) = (old_root, new_root);
                first[at] ^= 1;
                second[at] ^= 1;
                assert!(consistency::verify(old, &first, new, &new_root, &proof).is_err());
                assert!(consistency::verify(old, &old_root, new, &second, &proof).is_err());
            }
        }
    }
}

#[test]
fn the_empty_tree_is_continued_by_every_tree_and_only_as_itself() {
    let top = leaf_hash(b"one");
    consistency::verify(0, &empty_root(), 0, &empty_root(), &[]).unwrap();
    consistency::verify(0, &empty_root(), 1, &top, &[]).unwrap();
    for (old_root, new, new_root) in [
        (top, 1, top),
        (top, 0, top),
        (empty_root(), 0, top),
        (top, 0, empty_root()),
    ] {
        let refused = consistency::verify(0, &old_root, new, &new_root, &[]).unwrap_err();
        assert_eq!(refused.code, "RF2303");
    }
    let refused = consistency::verify(0, &empty_root(), 1, &top, &[top]).unwrap_err();
    assert_eq!(refused.code, "RF2303");
}

#[test]
fn what_is_not_in_the_tree_is_refused_by_its_numbers() {
    let leaves = Leaves::numbered(3);
    for (index, size) in [(0, 0), (3, 3), (u64::MAX, 3), (u64::MAX, u64::MAX)] {
        assert_eq!(inclusion::prove(index, size, &leaves).unwrap_err().code, "RF2301");
        let refused = inclusion::verify(index, size, &[0; 32], &[], &[0; 32]).unwrap_err();
        assert_eq!(refused.code, "RF2301");
    }
    assert_eq!(consistency::prove(3, 2, &leaves).unwrap_err().code, "RF2301");
    let refused = consistency::verify(u64::MAX, &[0; 32], 0, &[0; 32], &[]).unwrap_err();
    assert_eq!(refused.code, "RF2301");
}

#[test]
fn the_largest_tree_has_proofs_that_are_checked() {
    // One hash everywhere: the rows need no leaves, and the tree has as many as 64 bits count.
    struct Same;
    impl ringfence_routelog::merkle::Hashes for Same {
        fn hash(&self, node: ringfence_routelog::merkle::Node) -> ringfence_routelog::Result<B32> {
            let up = |hash, _| node_hash(&hash, &hash);
            Ok((0..node.level).fold(leaf_hash(b"same"), up))
        }
    }
    let top = root(u64::MAX, &Same).unwrap();
    for index in [0, 1, u64::MAX / 2, u64::MAX - 2, u64::MAX - 1] {
        let proof = inclusion::prove(index, u64::MAX, &Same).unwrap();
        inclusion::verify(index, u64::MAX, &leaf_hash(b"same"), &proof, &top).unwrap();
    }
    for old in [1, 2, 3, 1 << 63, (1 << 63) + 1, u64::MAX - 1, u64::MAX] {
        let proof = consistency::prove(old, u64::MAX, &Same).unwrap();
        let old_root = root(old, &Same).unwrap();
        consistency::verify(old, &old_root, u64::MAX, &top, &proof).unwrap();
    }
}

fn any_hashes() -> impl Strategy<Value = Vec<B32>> {
    prop::collection::vec(any::<B32>(), 0..70)
}

fn any_size() -> impl Strategy<Value = u64> {
    prop_oneof![0..10u64, any::<u64>(), (u64::MAX - 10)..=u64::MAX, Just(1 << 63)]
}

proptest! {
    #[test]
    fn larger_trees_are_as_the_rfc_defines_them(size in 300..3000u64, at in any::<prop::sample::Index>()) {
        let leaves = Leaves::numbered(size);
        let at = at.index(size as usize);
        let top = mth(&leaves.0);
        prop_assert_eq!(root(size, &leaves).unwrap(), top);
        let made = inclusion::prove(at as u64, size, &leaves).unwrap();
        prop_assert_eq!(&made, &path(at, &leaves.0));
        inclusion::verify(at as u64, size, &leaves.0[at], &made, &top).unwrap();
        let old = at as u64 + 1;
        let made = consistency::prove(old, size, &leaves).unwrap();
        prop_assert_eq!(&made, &proof(at + 1, &leaves.0));
        consistency::verify(old, &mth(&leaves.0[..=at]), size, &top, &made).unwrap();
    }

    #[test]
    fn checking_is_total(a in any_size(), b in any_size(), hashes in any_hashes(), one in any::<B32>(), two in any::<B32>()) {
        let _ = inclusion::spans(a, b);
        let _ = consistency::spans(a, b);
        prop_assert!(inclusion::verify(a, b, &one, &hashes, &two).is_err());
        prop_assert!(consistency::verify(a, &one, b, &two, &hashes).is_err());
    }
}
