//! What is true of entries: each is of one document and one salt, and a bundle of them has one reading.
use proptest::prelude::*;
use ringfence_routelog::entry;
use ringfence_routelog::log::Writer;

#[test]
fn an_entry_is_of_one_document_and_one_salt() {
    let salt = [9; 32];
    let data = entry::make(&salt, b"a route record");
    assert_eq!((data.len(), data[0]), (33, 1));
    entry::check(&data, &salt, b"a route record").unwrap();
    assert_ne!(data, entry::make(&[8; 32], b"a route record"));
    assert_eq!(
        entry::check(&data, &[8; 32], b"a route record").unwrap_err().code,
        "RF2316"
    );
    assert_eq!(
        entry::check(&data, &salt, b"a route recorD").unwrap_err().code,
        "RF2316"
    );
    for at in 0..data.len() {
        let mut lie = data;
        lie[at] ^= 1;
        let expected = if at == 0 { "RF2315" } else { "RF2316" };
        assert_eq!(
            entry::check(&lie, &salt, b"a route record").unwrap_err().code,
            expected
        );
        assert_eq!(
            entry::check(&data[..at], &salt, b"a route record")
                .unwrap_err()
                .code,
            "RF2315"
        );
    }
}

#[test]
fn an_entry_that_the_format_cannot_hold_is_refused() {
    let writer = Writer::new("route.example/log");
    writer.append(&[vec![0; 65_535]]).unwrap();
    assert_eq!(writer.append(&[vec![0; 65_536]]).unwrap_err().code, "RF2317");
}

proptest! {
    #[test]
    fn reading_a_bundle_is_total(bytes in prop::collection::vec(0..4u8, 0..60), width in 0..=20u16) {
        if let Ok(entries) = entry::split(&bytes, width) {
            let mut again = vec![];
            for data in &entries {
                entry::push(&mut again, data).unwrap();
            }
            prop_assert_eq!((again, entries.len()), (bytes, usize::from(width)));
        }
    }
}
