//! The key of a key file, against the vectors that the browser's tests also read.
use ringfence_e2ee::passphrase::passphrase_key;
use ringfence_signed::{from_text_exact, to_text};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../docs/protocol/vectors/keyfile.json")).unwrap()
}

#[test]
fn a_passphrase_and_a_salt_give_the_key_of_the_vector() {
    for case in vectors()["keys"].as_array().unwrap() {
        let text = |name: &str| case[name].as_str().unwrap();
        let salt = from_text_exact(text("salt")).unwrap();
        let key = passphrase_key(text("prepared").as_bytes(), &salt).unwrap();
        assert_eq!(to_text(&*key), text("key"), "{}", text("passphrase"));
    }
}
