//! The test vectors of docs/protocol for data sets: made here, and checked against the committed file byte for byte.
//! `WRITE_VECTORS=1` writes the file anew.
use ringfence_fence::evidence::Kind;
use ringfence_geo::located;
use ringfence_geo::{Cover, DataSet, Hints, read};
use ringfence_signed::to_text;
use serde_json::{Value, json};
use std::path::PathBuf;

const RANGES: &str = "1.0.0.0,1.0.0.255,AU\n203.0.113.0,203.0.113.255,CA\n2001:db8::,2001:db8:ffff::,CA\n";
const ASKED: [&str; 4] = ["203.0.113.7", "198.51.100.1", "2001:db8::7", "::"];

fn set() -> DataSet {
    let hints = Hints {
        kind: Some(Kind::Geoip),
        name: Some("example".into()),
        date: Some(1_790_000_000),
    };
    read(RANGES.as_bytes(), &hints).unwrap()
}

/// What has to be refused: an answer with another country, and one that is cut off.
fn refused(shown: &[u8]) -> Vec<Value> {
    let at = shown.windows(2).position(|pair| pair == b"CA").unwrap();
    let mut elsewhere = shown.to_vec();
    elsewhere[at..at + 2].copy_from_slice(b"US");
    [
        ("another country", elsewhere),
        ("cut off", shown[..shown.len() - 1].to_vec()),
    ]
    .into_iter()
    .map(|(name, document)| json!({ "name": name, "code": "RF2204", "document": to_text(&document) }))
    .collect()
}

fn vectors() -> Value {
    let set = set();
    let cover = Cover::of(&set);
    let shown = ASKED.map(|address| (address, cover.locate(address.parse().unwrap())));
    let said = shown.iter().map(|(address, document)| {
        let says = located::read(document).unwrap();
        json!({ "address": address, "document": to_text(document), "first": says.first, "last": says.last,
                "country": says.country })
    });
    json!({
        "ranges": RANGES.lines().collect::<Vec<_>>(),
        "kind": set.kind.name(),
        "name": set.name,
        "date": set.date,
        "size": cover.head.size,
        "root": to_text(&cover.head.root),
        "digest": to_text(&set.digest()),
        "located": said.collect::<Vec<_>>(),
        "refused": refused(&shown[0].1),
    })
}

#[test]
fn the_published_vectors_are_what_this_code_makes() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol/vectors/located.json");
    let made = serde_json::to_string_pretty(&vectors()).unwrap() + "\n";
    if std::env::var_os("WRITE_VECTORS").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    assert!(
        made == std::fs::read_to_string(file).unwrap(),
        "docs/protocol/vectors/located.json differs from what the code makes"
    );
}

#[test]
fn what_the_vectors_refuse_is_refused() {
    for wrong in vectors()["refused"].as_array().unwrap() {
        let document = ringfence_signed::from_text(wrong["document"].as_str().unwrap()).unwrap();
        assert_eq!(
            located::read(&document).unwrap_err().code,
            wrong["code"],
            "{}",
            wrong["name"]
        );
    }
}
