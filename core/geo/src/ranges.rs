//! Ranges with a country each, a line for each: as Tor publishes IPFire's location database (`geoip`, `geoip6`).
//! Not here: other files (`read`).
use crate::country::Country;
use crate::read::{Said, midnight, unreadable};
use ringfence_fence::evidence::Kind;
use ringfence_signed::Result;
use std::net::{IpAddr, Ipv4Addr};

/// `FIRST,LAST,CC`, where an address is written as such, or IPv4's as a number. `??` is no country.
///
/// Errors: `RF2201` with the line.
pub(crate) fn read(text: &str) -> Result<Said> {
    let mut said = Said {
        kind: Some(Kind::Geoip),
        ..Said::default()
    };
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if let Some(comment) = line.strip_prefix('#') {
            said.date = said.date.or_else(|| generated(comment));
            continue;
        }
        if line.is_empty() {
            continue;
        }
        range(&mut said, line).map_err(|what| unreadable(format!("line {}: {what}", at + 1)))?;
    }
    Ok(said)
}

fn range(said: &mut Said, line: &str) -> std::result::Result<(), &'static str> {
    let fields: Vec<&str> = line.split(',').collect();
    let [first, last, country] = fields[..] else {
        return Err("it is neither a registry's file, nor FIRST,LAST,COUNTRY");
    };
    if country == "??" {
        return Ok(());
    }
    let country = Country::new(country).ok_or("the country is not two letters")?;
    let ends = address(first)
        .zip(address(last))
        .ok_or("a range begins and ends with an address")?;
    said.countries
        .add(ends.0, ends.1, country)
        .ok_or("it ends before it begins, or in the other family")
}

/// Written as such, or IPv4's as a number.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    match text.parse::<u32>() {
        Ok(number) => Some(Ipv4Addr::from(number).into()),
        Err(_) => text.parse().ok(),
    }
}

/// Unix seconds of the day in `Generated: Thu, 25 Jun 2026 04:33:59 GMT`.
fn generated(comment: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = comment
        .trim()
        .strip_prefix("Generated:")?
        .split_whitespace()
        .skip(1);
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    midnight(year.parse().ok()?, u8::try_from(month).ok()?, day.parse().ok()?)
}
