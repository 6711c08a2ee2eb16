//! What is shown of a data set about one address: for every address exactly one range, and nothing but what the set says.
use proptest::prelude::*;
use ringfence_fence::evidence::Kind;
use ringfence_geo::located::read as check;
use ringfence_geo::{Country, Cover, DataSet, Hints, Located, read};
use ringfence_signed::cbor::{self, Value};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fn set_of(lines: &str) -> DataSet {
    let hints = Hints {
        kind: Some(Kind::Geoip),
        name: Some("some".into()),
        date: Some(1_790_000_000),
    };
    read(lines.as_bytes(), &hints).unwrap()
}

fn shown(set: &DataSet, address: IpAddr) -> Located {
    check(&Cover::of(set).locate(address)).unwrap()
}

fn covers(located: &Located, address: IpAddr) -> bool {
    let address = address.to_canonical();
    located.first <= address && address <= located.last
}

const SET: &str = "1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.3.255,CN\n2001:db8::,2001:db8:0:ffff::,CA\n";

#[test]
fn what_is_shown_is_what_the_set_says() {
    let set = set_of(SET);
    for (address, first, last, country) in [
        ("0.0.0.0", "0.0.0.0", "0.255.255.255", None),
        ("1.0.0.0", "1.0.0.0", "1.0.0.255", Some("AU")),
        ("::ffff:1.0.0.7", "1.0.0.0", "1.0.0.255", Some("AU")),
        ("1.0.3.255", "1.0.1.0", "1.0.3.255", Some("CN")),
        ("1.0.4.0", "1.0.4.0", "255.255.255.255", None),
        ("::", "::", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", None),
        ("2001:db8::1", "2001:db8::", "2001:db8:0:ffff::", Some("CA")),
        (
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "2001:db8:0:ffff::1",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            None,
        ),
    ] {
        let located = shown(&set, address.parse().unwrap());
        assert_eq!(
            (
                located.first.to_string().as_str(),
                located.last.to_string().as_str(),
                located.country.as_deref()
            ),
            (first, last, country),
            "{address}"
        );
        assert_eq!((located.digest, located.date), (set.digest(), set.date));
        assert_eq!((located.kind, located.name.as_str()), (Kind::Geoip, "some"));
    }
}

#[test]
fn another_name_day_kind_or_range_is_another_digest() {
    let set = set_of(SET);
    let others = [
        DataSet {
            name: "other".into(),
            ..set.clone()
        },
        DataSet {
            date: set.date + 1,
            ..set.clone()
        },
        DataSet {
            kind: Kind::Registry,
            ..set.clone()
        },
        set_of("1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.3.255,CN\n2001:db8::,2001:db8:0:ffff::,CD\n"),
        set_of("1.0.0.0,1.0.0.254,AU\n1.0.1.0,1.0.3.255,CN\n2001:db8::,2001:db8:0:ffff::,CA\n"),
    ];
    for other in others {
        assert_ne!(other.digest(), set.digest(), "{other:?}");
    }
    assert_eq!(DataSet::decode(&set.encode()).unwrap().digest(), set.digest());
}

/// Whoever changes anything shows nothing of this set: it is refused, or of a set that nobody pinned.
#[test]
fn any_bit_that_is_another_is_refused_or_of_another_set() {
    let set = set_of(SET);
    for address in ["1.0.0.9", "9.9.9.9", "2001:db8::1"] {
        let document = Cover::of(&set).locate(address.parse().unwrap());
        for at in 0..document.len() {
            for bit in 0..8 {
                let mut bent = document.clone();
                bent[at] ^= 1 << bit;
                match check(&bent) {
                    Ok(located) => assert_ne!(located.digest, set.digest(), "{address} byte {at} bit {bit}"),
                    Err(error) => assert_eq!(error.code, "RF2204"),
                }
            }
        }
        for end in 0..document.len() {
            assert_eq!(check(&document[..end]).unwrap_err().code, "RF2204");
        }
    }
}

fn edited(document: &[u8], key: &str, value: Value) -> Vec<u8> {
    let Value::Map(mut pairs) = cbor::decode(document).unwrap() else {
        panic!("a map")
    };
    for pair in &mut pairs {
        if pair.0 == Value::Text(key.into()) {
            pair.1 = value.clone();
        }
    }
    cbor::encode(&Value::Map(pairs))
}

#[test]
fn parts_of_one_answer_do_not_fit_another() {
    let set = set_of(SET);
    let cover = Cover::of(&set);
    let ours = cover.locate("1.0.0.9".parse().unwrap());
    let theirs = cover.locate("1.0.1.9".parse().unwrap());
    let part = |document: &[u8], key: &str| {
        cbor::decode(document)
            .unwrap()
            .into_map()
            .unwrap()
            .into_iter()
            .find(|pair| pair.0 == Value::Text(key.into()))
            .unwrap()
            .1
    };
    for key in ["first", "last", "country", "index", "proof"] {
        let mixed = edited(&ours, key, part(&theirs, key));
        assert_eq!(check(&mixed).unwrap_err().code, "RF2204", "{key}");
    }
    for (key, value) in [
        ("country", Value::Text(String::new())),
        ("country", Value::Null),
        ("first", Value::Bytes(vec![1, 0, 0])),
        // What the leaf is made of, cut elsewhere.
        ("last", Value::Bytes(vec![1, 0, 0, 255, b'A', b'U'])),
        ("proof", Value::Array(vec![])),
    ] {
        assert_eq!(
            check(&edited(&ours, key, value)).unwrap_err().code,
            "RF2204",
            "{key}"
        );
    }
}

fn sets() -> impl Strategy<Value = DataSet> {
    let range = (any::<bool>(), any::<u32>(), 0..100_000_u32, 0..4_usize);
    let ranges = prop::collection::vec(range, 1..40);
    ranges.prop_map(|ranges| {
        let lines = ranges.iter().map(|(v6, first, length, country)| {
            let country = ["CA", "DE", "EU", "ZZ"][*country];
            match v6 {
                true => {
                    let (first, length) = (u128::from(*first) << 96, u128::from(*length) << 70);
                    let last = first.saturating_add(length);
                    format!("{},{},{country}\n", Ipv6Addr::from(first), Ipv6Addr::from(last))
                }
                false => {
                    let last = first.saturating_add(*length);
                    format!("{},{},{country}\n", Ipv4Addr::from(*first), Ipv4Addr::from(last))
                }
            }
        });
        let lines: String = lines.collect();
        // Where all overlap and disagree there is nothing to read.
        set_of(&format!("{lines}255.255.255.255,255.255.255.255,CA\n"))
    })
}

/// Around every end of every range, and anywhere.
fn addresses(set: &DataSet, anywhere: u128) -> Vec<IpAddr> {
    let v4 = set.v4.iter().flat_map(|range| {
        [
            range.first.wrapping_sub(1),
            range.first,
            range.last,
            range.last.wrapping_add(1),
        ]
    });
    let v4 = v4
        .chain([0, u32::MAX, anywhere as u32])
        .map(|address| Ipv4Addr::from(address).into());
    let v6 = set.v6.iter().flat_map(|range| {
        [
            range.first.wrapping_sub(1),
            range.first,
            range.last,
            range.last.wrapping_add(1),
        ]
    });
    let v6 = v6
        .chain([0, u128::MAX, anywhere])
        .map(|address| Ipv6Addr::from(address).into());
    v4.chain(v6).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_address_is_in_exactly_one_leaf(set in sets(), anywhere in any::<u128>()) {
        let (cover, digest) = (Cover::of(&set), set.digest());
        let asked = addresses(&set, anywhere);
        let mut shown: Vec<(Vec<u8>, Located)> = vec![];
        for address in &asked {
            let document = cover.locate(*address);
            let located = check(&document).unwrap();
            prop_assert_eq!(located.digest, digest);
            prop_assert!(covers(&located, *address));
            let country = set.country_of(*address);
            prop_assert_eq!(located.country.as_deref(), country.as_ref().map(Country::as_str));
            shown.push((document, located));
        }
        // Two answers that overlap are the same answer; ends meet without a gap.
        shown.sort_by_key(|(_, located)| (located.first, located.last));
        shown.dedup();
        for pair in shown.windows(2) {
            prop_assert!(pair[0].1.last < pair[1].1.first);
        }
        let size = cover.head.size;
        let pieces = set.v4.len() + set.v6.len();
        prop_assert!(size >= pieces as u64 && size <= 2 * pieces as u64 + 2);
    }
}
