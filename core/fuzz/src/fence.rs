//! Policies: as people write them, and as they are signed.
use crate::{plant, rare};
use ringfence_fence::Policy;

pub fn toml(bytes: &[u8], planted: bool) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(policy) = Policy::from_toml(text) {
        let encoded = policy.encode();
        assert_eq!(Policy::decode(&encoded).expect("our own"), policy);
        assert!(!policy.explain().is_empty(), "every fence can be said in words");
        plant(planted, rare(bytes));
    }
}

pub fn cbor(bytes: &[u8], planted: bool) {
    if let Ok(policy) = Policy::decode(bytes) {
        assert_eq!(policy.encode(), bytes, "one policy, one encoding");
        assert!(!policy.explain().is_empty(), "every fence can be said in words");
        plant(planted, rare(bytes));
    }
}
