//! What is true of signed documents: one spelling, one signer, one purpose. The seed is proptest's.
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use ringfence_signed::cbor::{self, Map, Value};
use ringfence_signed::cose::{self, label};
use ringfence_signed::{from_text, from_text_exact, to_text};

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> [u8; 32] {
    key(seed).verifying_key().to_bytes()
}

#[test]
fn map_keys_are_ordered_by_their_encodings() {
    let map = cbor::map([("bb", 1.into()), ("a", 2.into()), ("c", 3.into())]);
    assert_eq!(
        cbor::encode(&map),
        [0xa3, 0x61, b'a', 2, 0x61, b'c', 3, 0x62, b'b', b'b', 1]
    );
}

#[test]
fn every_other_spelling_is_refused() {
    let spellings: [(&str, &[u8]); 8] = [
        ("a number in more bytes than needed", &[0x18, 0x01]),
        ("an indefinite length", &[0x9f, 0x01, 0xff]),
        ("keys out of order", &[0xa2, 0x61, b'b', 1, 0x61, b'a', 2]),
        ("a repeated key", &[0xa2, 0x61, b'a', 1, 0x61, b'a', 1]),
        ("bytes behind", &[0x01, 0x01]),
        ("nothing", &[]),
        ("a cut string", &[0x44, 1, 2]),
        ("a long float", &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0]),
    ];
    for (what, bytes) in spellings {
        assert_eq!(cbor::decode(bytes).unwrap_err().code, "RF3102", "{what}");
    }
}

#[test]
fn nesting_is_bounded() {
    let deep: Vec<u8> = std::iter::repeat_n(0x81, 100_000).chain([0x01]).collect();
    assert_eq!(cbor::decode(&deep).unwrap_err().code, "RF3102");
}

#[test]
fn a_map_is_no_key_of_a_map() {
    // {{1: 1}: 1}
    let nested = [0xa1, 0xa1, 0x01, 0x01, 0x01];
    let error = cbor::decode(&nested).unwrap_err();
    assert_eq!(error.code, "RF3102");
    assert!(error.detail.contains("key"), "{}", error.detail);
}

#[test]
fn a_field_that_nobody_asked_for_is_refused() {
    let mut map = Map::decode(&cbor::encode(&cbor::map([("a", 1.into()), ("b", 2.into())]))).unwrap();
    map.uint("a").unwrap();
    assert_eq!(map.finish().unwrap_err().code, "RF3104");
}

#[test]
fn a_signature_serves_one_key_one_payload_and_one_label() {
    let document = cose::sign(label::CHARTER, b"payload", &key(1));
    assert_eq!(
        cose::verify(label::CHARTER, &document, &public(1))
            .unwrap()
            .payload,
        b"payload"
    );
    assert_eq!(
        cose::verify(label::CHARTER, &document, &public(2))
            .unwrap_err()
            .code,
        "RF3106"
    );
    assert_eq!(
        cose::verify(label::ADMISSION, &document, &public(1))
            .unwrap_err()
            .code,
        "RF3106"
    );
    for at in 0..document.len() {
        let mut changed = document.clone();
        changed[at] ^= 1;
        assert!(
            cose::verify(label::CHARTER, &changed, &public(1)).is_err(),
            "byte {at}"
        );
    }
}

#[test]
fn signing_in_two_steps_gives_the_same_document() {
    use ed25519_dalek::Signer as _;
    let signature = key(1).sign(&cose::to_be_signed(label::LEAF, b"x")).to_bytes();
    assert_eq!(
        cose::assemble(b"x", &signature),
        cose::sign(label::LEAF, b"x", &key(1))
    );
}

#[test]
fn text_has_one_spelling_too() {
    assert_eq!(from_text(&to_text(&[0, 255, 7])).unwrap(), [0, 255, 7]);
    for text in ["AA==", "A", "A A", "AB", "+/"] {
        assert!(from_text(text).is_err(), "{text}");
    }
    assert!(from_text_exact::<4>(&to_text(&[1, 2, 3])).is_err());
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(".{0,6}", inner, 0..6)
                .prop_map(|m| Value::Map(m.into_iter().map(|(k, v)| (k.into(), v)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_the_same_bytes(value in value()) {
        let bytes = cbor::encode(&value);
        prop_assert_eq!(cbor::encode(&cbor::decode(&bytes).unwrap()), bytes);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = cbor::decode(&bytes);
        let _ = cose::verify(label::CHARTER, &bytes, &public(1));
    }
}
