//! Lists of networks: whose network an address is in, as publishers write it. Nothing is decided by them.
use proptest::prelude::*;
use ringfence_geo::{Hints, Networks, published, read};

const LIST: &str = "0.0.0.0\t0.255.255.255\t0\tNone\tNot routed\n\
    203.0.113.0\t203.0.113.127\t64500\tCA\tEXAMPLE-HOSTING - Example, Inc.\n\
    203.0.113.128\t203.0.113.255\t64501\tDE\t<script>\u{1b}[2J\n\
    2001:db8::\t2001:db8:ffff:ffff:ffff:ffff:ffff:ffff\t64500\tCA\tEXAMPLE-HOSTING - Example, Inc.\n";

fn hints() -> Hints {
    Hints {
        name: Some("list".into()),
        date: Some(1),
        ..Hints::default()
    }
}

fn networks(text: &str) -> Networks {
    published(text.as_bytes(), &hints()).unwrap().networks.unwrap()
}

fn said(networks: &Networks, address: &str) -> Option<(u32, String)> {
    let network = networks.network_of(address.parse().unwrap())?;
    Some((network.number, network.name.clone()))
}

fn refused(text: &str) -> (&'static str, String) {
    let error = published(text.as_bytes(), &hints()).unwrap_err();
    (error.code, error.detail)
}

#[test]
fn a_list_of_announcements_says_whose_network_an_address_is_in() {
    let list = networks(LIST);
    assert_eq!((list.name.as_str(), list.date, list.count()), ("list", 1, 2));
    let hosting = || Some((64_500, "EXAMPLE-HOSTING - Example, Inc.".to_owned()));
    for (address, network) in [
        ("0.0.0.1", None),
        ("203.0.113.0", hosting()),
        ("203.0.113.127", hosting()),
        ("::ffff:203.0.113.9", hosting()),
        ("203.0.113.200", Some((64_501, "<script>\u{1b}[2J".to_owned()))),
        ("203.0.114.0", None),
        ("2001:db8::7", hosting()),
        ("2001:db9::", None),
    ] {
        assert_eq!(said(&list, address), network, "{address}");
    }
}

#[test]
fn addresses_may_be_numbers_and_names_empty() {
    let list = networks("3405803776\t3405804031\t64500\tCA\t\r\n\n");
    assert_eq!(said(&list, "203.0.113.9"), Some((64_500, String::new())));
}

#[test]
fn a_list_says_nothing_of_countries_and_a_countrys_file_nothing_of_networks() {
    assert!(published(LIST.as_bytes(), &hints()).unwrap().countries.is_none());
    assert_eq!(
        read(LIST.as_bytes(), &hints()).unwrap_err().detail,
        "no address in it has a country"
    );
    let said = published(
        b"1,2,AU",
        &Hints {
            kind: Some(ringfence_geo::Kind::Geoip),
            ..hints()
        },
    );
    let said = said.unwrap();
    assert!(said.networks.is_none() && said.countries.is_some());
}

#[test]
fn a_database_says_networks_countries_or_both() {
    let bytes = include_bytes!("../../fuzz/fixtures/networks.mmdb");
    let said = published(bytes, &Hints::default()).unwrap();
    let networks = said.networks.unwrap();
    assert_eq!(networks.name, "Example-ASN");
    for (address, network) in [
        ("203.0.113.7", Some((64_500, "Example Hosting".to_owned()))),
        ("203.0.113.128", None),
        ("2001:db8::7", Some((64_501, "Example Carrier".to_owned()))),
    ] {
        assert_eq!(self::said(&networks, address), network, "{address}");
    }
    let countries = said.countries.unwrap();
    let country = countries.country_of("2001:db8::7".parse().unwrap());
    assert_eq!(country.unwrap().as_str(), "CA");
    assert!(countries.country_of("203.0.113.7".parse().unwrap()).is_none());
    assert_eq!(read(bytes, &Hints::default()).unwrap(), countries);
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    for (text, what) in [
        (
            "1\t2\tx\tCA\ta\n",
            "line 1: the third field is not the number of a network",
        ),
        (
            "1\t2\t4294967296\tCA\ta\n",
            "line 1: the third field is not the number of a network",
        ),
        (
            "1\t2\t3\tCA\ta\nhello\n",
            "line 2: a range has five fields, with tabs between them",
        ),
        (
            "1\there\t3\tCA\ta\n",
            "line 1: a range begins and ends with an address",
        ),
        (
            "2\t1\t3\tCA\ta\n",
            "line 1: it ends before it begins, or in the other family",
        ),
        (
            "2\t::1\t3\tCA\ta\n",
            "line 1: it ends before it begins, or in the other family",
        ),
        (
            "1\t2\t0\tNone\tNot routed\n",
            "no address in it has a country or a network",
        ),
    ] {
        assert_eq!(refused(text), ("RF2201", what.to_owned()), "{text}");
    }
    let undated = published(
        LIST.as_bytes(),
        &Hints {
            date: None,
            ..hints()
        },
    );
    assert_eq!(undated.unwrap_err().code, "RF2202");
}

#[test]
fn a_long_name_is_cut_between_letters() {
    let list = networks(&format!("1\t2\t3\tCA\t{}\n", "é".repeat(300)));
    assert_eq!(said(&list, "0.0.0.1"), Some((3, "é".repeat(100))));
}

#[test]
fn a_list_is_kept_as_one_sequence_of_bytes() {
    let list = networks(LIST);
    let bytes = list.encode();
    assert_eq!(Networks::decode(&bytes).unwrap(), list);
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 1;
        if let Ok(read) = Networks::decode(&other) {
            assert_eq!(read.encode(), other);
            assert_ne!(read.digest(), list.digest());
        }
        assert_eq!(Networks::decode(&bytes[..at]).unwrap_err().code, "RF2203");
    }
}

proptest! {
    #[test]
    fn an_address_is_in_the_network_of_all_ranges_that_hold_it(
        ranges in prop::collection::vec((0u32..60, 0u32..20, 1u32..4), 1..12),
    ) {
        let line = |(first, length, number): &(u32, u32, u32)| {
            format!("{first}\t{}\t{number}\tCA\tname {number}\n", first + length)
        };
        let text: String = ranges.iter().map(line).collect();
        let list = published(text.as_bytes(), &hints()).ok().and_then(|said| said.networks);
        for address in 0u32..90 {
            let mut holding: Vec<u32> = ranges
                .iter()
                .filter(|(first, length, _)| (*first..=first + length).contains(&address))
                .map(|(.., number)| *number)
                .collect();
            holding.sort_unstable();
            holding.dedup();
            let expected = if let [one] = holding[..] { Some((one, format!("name {one}"))) } else { None };
            let address = std::net::Ipv4Addr::from(address).to_string();
            prop_assert_eq!(list.as_ref().and_then(|list| said(list, &address)), expected, "{}", address);
        }
        if let Some(list) = list {
            prop_assert_eq!(Networks::decode(&list.encode()).unwrap(), list);
        }
    }

    #[test]
    fn no_bytes_stop_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400), text in "[0-9a-z\t.:#\n]{0,200}") {
        let _ = published(&bytes, &hints());
        let _ = Networks::decode(&bytes);
        let _ = Networks::decode(&[b"ringfence networks 1\n", &bytes[..]].concat());
        let _ = published(text.as_bytes(), &hints());
        let _ = published(format!("1\t2\t3\tCA\ta\n{text}").as_bytes(), &hints());
    }
}
