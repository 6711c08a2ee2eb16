//! Files as publishers write them: what is read of each, and what is refused with its line.
use ringfence_geo::{DataSet, Hints, Kind, read};

const DELEGATED: &str = "\
# a comment
2|ripencc|1764370799|6|19830705|20251128|+0100
ripencc|*|ipv4|*|3|summary
ripencc|*|ipv6|*|1|summary
ripencc|*|asn|*|1|summary
ripencc|FR|asn|7|1|19930901|allocated|b
ripencc|FR|ipv4|2.0.0.0|1048576|20100712|allocated|a
ripencc|DE|ipv4|2.16.0.0|768|20100510|assigned|c
ripencc||ipv4|2.17.0.0|256||available|
ripencc|EU|ipv4|2.18.0.0|256|20100510|allocated|d
ripencc|NL|ipv6|2001:608::|32|19990812|allocated|e
";

fn said(set: &DataSet, address: &str) -> Option<String> {
    Some(set.country_of(address.parse().unwrap())?.as_str().to_owned())
}

fn detail(bytes: &[u8]) -> (&'static str, String) {
    let error = read(
        bytes,
        &Hints {
            name: Some("x".into()),
            date: Some(1),
            ..Hints::default()
        },
    )
    .unwrap_err();
    (error.code, error.detail)
}

#[test]
fn a_registrys_file_says_who_holds_an_address() {
    let set = read(DELEGATED.as_bytes(), &Hints::default()).unwrap();
    assert_eq!(
        (set.kind, set.name.as_str(), set.date),
        (Kind::Registry, "ripencc", 1_764_288_000)
    );
    for (address, country) in [
        ("2.0.0.0", Some("FR")),
        ("2.15.255.255", Some("FR")),
        ("2.16.0.0", Some("DE")),
        ("2.16.2.255", Some("DE")),
        ("2.16.3.0", None),
        ("2.17.0.9", None),
        ("2.18.0.1", Some("EU")),
        ("::ffff:2.0.0.1", Some("FR")),
        ("2001:608::1", Some("NL")),
        ("2001:608:ffff:ffff:ffff:ffff:ffff:ffff", Some("NL")),
        ("2001:609::", None),
        ("0.0.0.0", None),
    ] {
        assert_eq!(said(&set, address).as_deref(), country, "{address}");
    }
}

#[test]
fn ranges_with_a_country_each_are_read_with_their_day() {
    let text = "# Generated: Thu, 25 Jun 2026 04:33:59 GMT\n16777216,16777471,AU\n16777472,16778239,CN\n1,2,??\n\
                2001:2::,2001:2:0:ffff:ffff:ffff:ffff:ffff,JP\n";
    let hints = Hints {
        name: Some("geoip".into()),
        ..Hints::default()
    };
    let set = read(text.as_bytes(), &hints).unwrap();
    assert_eq!((set.kind, set.date), (Kind::Geoip, 1_782_345_600));
    for (address, country) in [
        ("1.0.0.9", Some("AU")),
        ("1.0.1.0", Some("CN")),
        ("0.0.0.1", None),
        ("2001:2::7", Some("JP")),
    ] {
        assert_eq!(said(&set, address).as_deref(), country, "{address}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    let with = |line: &str| format!("{DELEGATED}{line}\n");
    for (text, what) in [
        (
            with("ripencc|DEU|ipv4|3.0.0.0|256|20100510|assigned|c"),
            "line 12: the country is not two letters",
        ),
        (
            with("ripencc|DE|ipv4|3.0.0|256|20100510|assigned|c"),
            "line 12: `3.0.0` is not an IPv4 address",
        ),
        (
            with("ripencc|DE|ipv4|255.255.255.255|2|20100510|assigned|c"),
            "line 12: it ends after the last address",
        ),
        (
            with("ripencc|DE|ipv4|3.0.0.0|0|20100510|assigned|c"),
            "line 12: it holds no address",
        ),
        (
            with("ripencc|DE|ipv4|3.0.0.0|many|20100510|assigned|c"),
            "line 12: `many` is not a number",
        ),
        (
            with("ripencc|DE|ipv6|2001::|129|20100510|assigned|c"),
            "line 12: a prefix has 1 to 128 bits",
        ),
        (
            with("ripencc|DE|ipx|2001::|12|20100510|assigned|c"),
            "line 12: `ipx` is neither asn, ipv4 nor ipv6",
        ),
        (with("ripencc|DE"), "line 12: a record has at least seven fields"),
        (
            "1,2,AU\n3,2,AU\n".into(),
            "line 2: it ends before it begins, or in the other family",
        ),
        (
            "1,2,AU\n3,::1,AU\n".into(),
            "line 2: it ends before it begins, or in the other family",
        ),
        (
            "hello".into(),
            "line 1: it is neither a registry's file, nor FIRST,LAST,COUNTRY",
        ),
        (String::new(), "no address in it has a country"),
    ] {
        assert_eq!(detail(text.as_bytes()), ("RF2201", what.to_owned()), "{text}");
    }
    assert_eq!(detail(b"1,2,AU\n\xff").1, "byte 7: neither a database nor text");
    assert_eq!(detail(b"\xab\xcd\xefMaxMind.com and nothing").0, "RF2201");
    let unnamed = read(b"1,2,AU", &Hints::default()).unwrap_err();
    assert_eq!(
        (unnamed.code, unnamed.detail.as_str()),
        ("RF2202", "it does not say its name: give --name")
    );
}

#[test]
fn where_ranges_overlap_and_disagree_nothing_is_said() {
    let text = "10,19,AU\n15,30,AU\n25,40,NZ\n41,41,NZ\n4294967290,4294967295,US\n4294967295,4294967295,CA\n0,0,FR\n";
    let set = read(
        text.as_bytes(),
        &Hints {
            name: Some("x".into()),
            date: Some(1),
            ..Hints::default()
        },
    )
    .unwrap();
    let ranges: Vec<_> = set
        .v4
        .iter()
        .map(|range| (range.first, range.last, range.value.as_str()))
        .collect();
    assert_eq!(
        ranges,
        [
            (0, 0, "FR"),
            (10, 24, "AU"),
            (31, 41, "NZ"),
            (4294967290, 4294967294, "US")
        ]
    );
}

#[test]
fn a_set_is_kept_as_one_sequence_of_bytes() {
    let set = read(DELEGATED.as_bytes(), &Hints::default()).unwrap();
    let bytes = set.encode();
    assert_eq!(DataSet::decode(&bytes).unwrap(), set);
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 1;
        // Another address or letter is another set, which has another hash; what is out of order is none.
        if let Ok(read) = DataSet::decode(&other) {
            assert_eq!(read.encode(), other);
            assert_ne!(read.digest(), set.digest());
        }
        assert!(DataSet::decode(&bytes[..at]).is_err());
    }
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_address_is_where_all_ranges_that_hold_it_say(
            ranges in prop::collection::vec((0u32..60, 0u32..20, 0usize..3), 1..12),
        ) {
            let countries = ["AA", "BB", "CC"];
            let line = |(first, length, country): &(u32, u32, usize)| {
                format!("{first},{},{}\n", first + length, countries[*country])
            };
            let text: String = ranges.iter().map(line).collect();
            let hints = Hints { name: Some("x".into()), date: Some(1), ..Hints::default() };
            let set = read(text.as_bytes(), &hints);
            for address in 0u32..90 {
                let mut holding: Vec<usize> = ranges
                    .iter()
                    .filter(|(first, length, _)| (*first..=first + length).contains(&address))
                    .map(|(.., country)| *country)
                    .collect();
                holding.sort_unstable();
                holding.dedup();
                let expected = if let [one] = holding[..] { Some(countries[one]) } else { None };
                let address = std::net::Ipv4Addr::from(address).to_string();
                let found = set.as_ref().ok().and_then(|set| said(set, &address));
                prop_assert_eq!(found.as_deref(), expected, "{}", address);
            }
            if let Ok(set) = set {
                prop_assert_eq!(DataSet::decode(&set.encode()).unwrap(), set);
            }
        }

        #[test]
        fn no_bytes_stop_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400), text in "[0-9a-z|,.:#\n]{0,200}") {
            let _ = read(&bytes, &Hints::default());
            let _ = DataSet::decode(&bytes);
            let _ = read(text.as_bytes(), &Hints::default());
            let _ = read(format!("2|arin|1|2|3|4|5\n{text}").as_bytes(), &Hints::default());
        }
    }
}
