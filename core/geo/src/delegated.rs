//! The regional registries' statistics of delegations: who holds an address, and in which country they are registered
//! (the "RIR statistics exchange format" of the NRO, plain and extended).
//! Not here: other files (`read`).
use crate::country::Country;
use crate::read::{Said, midnight, unreadable};
use ringfence_fence::evidence::Kind;
use ringfence_signed::Result;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const REGISTRIES: [&str; 6] = ["afrinic", "apnic", "arin", "iana", "lacnic", "ripencc"];

/// The lines that say something, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.trim_end()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// Whether it begins with a version line: `2|apnic|20261128|…`.
pub(crate) fn is_delegated(text: &str) -> bool {
    lines(text).next().is_some_and(|(_, line)| {
        let fields: Vec<&str> = line.split('|').collect();
        fields.len() == 7 && REGISTRIES.contains(&fields[1])
    })
}

/// Errors: `RF2201` with the line.
pub(crate) fn read(text: &str) -> Result<Said> {
    let mut said = Said {
        kind: Some(Kind::Registry),
        ..Said::default()
    };
    let mut lines = lines(text);
    let Some((at, version)) = lines.next() else {
        return Err(unreadable("it is empty"));
    };
    let fields: Vec<&str> = version.split('|').collect();
    let [number, registry, _serial, _records, _start, end, _offset] = fields[..] else {
        return Err(unreadable(format!("line {at}: a version line has seven fields")));
    };
    if !matches!(number.split('.').next(), Some("2")) {
        return Err(unreadable(format!(
            "line {at}: this reads version 2 of the format"
        )));
    }
    said.name = Some(registry.to_owned());
    said.date = day(end);
    for (at, line) in lines {
        record(&mut said, line).map_err(|what| unreadable(format!("line {at}: {what}")))?;
    }
    Ok(said)
}

fn record(said: &mut Said, line: &str) -> std::result::Result<(), String> {
    let fields: Vec<&str> = line.split('|').collect();
    // `registry|*|ipv4|*|count|summary`
    if fields.len() == 6 && fields[5] == "summary" {
        return Ok(());
    }
    let [_registry, country, family, start, value, _date, status, ..] = fields[..] else {
        return Err("a record has at least seven fields".into());
    };
    // What is available or reserved is nobody's, and numbers of networks are no addresses.
    if family == "asn" || !matches!(status, "allocated" | "assigned") || country.is_empty() {
        return Ok(());
    }
    let country = Country::new(country).ok_or("the country is not two letters")?;
    let count: u64 = value.parse().map_err(|_| format!("`{value}` is not a number"))?;
    let (first, last): (IpAddr, IpAddr) = match family {
        "ipv4" => {
            let first: Ipv4Addr = start
                .parse()
                .map_err(|_| format!("`{start}` is not an IPv4 address"))?;
            let last =
                u64::from(u32::from(first)).checked_add(count.checked_sub(1).ok_or("it holds no address")?);
            let last = last
                .and_then(|last| u32::try_from(last).ok())
                .ok_or("it ends after the last address")?;
            (first.into(), Ipv4Addr::from(last).into())
        }
        "ipv6" => {
            let first: Ipv6Addr = start
                .parse()
                .map_err(|_| format!("`{start}` is not an IPv6 address"))?;
            let prefix = u32::try_from(count)
                .ok()
                .filter(|prefix| (1..=128).contains(prefix));
            let hosts = u128::MAX
                .checked_shr(prefix.ok_or("a prefix has 1 to 128 bits")?)
                .unwrap_or(0);
            (first.into(), Ipv6Addr::from(u128::from(first) | hosts).into())
        }
        other => return Err(format!("`{other}` is neither asn, ipv4 nor ipv6")),
    };
    said.countries
        .add(first, last, country)
        .ok_or("an IPv4 address stands among the IPv6 ones")?;
    Ok(())
}

/// Unix seconds of a day written as `20261128`; registries also write no day at all.
fn day(text: &str) -> Option<u64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u16>().ok();
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    midnight(year.into(), u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}
