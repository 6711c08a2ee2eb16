//! Reads whatever file of a publisher it is: told by its content, never by its name.
//! Not here: each of the forms (`delegated`, `ranges`, `announced`, `databases`, `stored`).
use crate::country::Country;
use crate::dataset::{DataSet, Range, ordered};
use crate::located::{MAX_NAME, is_name};
use crate::networks::{Networks, Table};
use crate::{announced, databases, delegated, ranges};
use ringfence_fence::evidence::Kind;
use ringfence_signed::{Error, Result};
use std::net::IpAddr;
use time::{Date, Month};

/// What a file may not say of itself; what is given here counts before it.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    pub kind: Option<Kind>,
    pub name: Option<String>,
    /// Unix seconds.
    pub date: Option<u64>,
}

/// What a file says; at least one of both.
#[derive(Debug)]
pub struct Published {
    pub countries: Option<DataSet>,
    pub networks: Option<Networks>,
}

/// What a file said, before it is put in order.
#[derive(Default)]
pub(crate) struct Said {
    pub kind: Option<Kind>,
    pub name: Option<String>,
    pub date: Option<u64>,
    pub countries: Ranges<Country>,
    pub networks: Ranges<u32>,
    /// What the values of `networks` are numbers in.
    pub table: Table,
}

/// Ranges of both families, in any order.
pub(crate) struct Ranges<V> {
    pub v4: Vec<Range<u32, V>>,
    pub v6: Vec<Range<u128, V>>,
}

impl<V> Default for Ranges<V> {
    fn default() -> Self {
        Self {
            v4: vec![],
            v6: vec![],
        }
    }
}

impl<V: Copy + Ord> Ranges<V> {
    /// Both ends are of one family, or the range is left out and `None` is returned.
    pub(crate) fn add(&mut self, first: IpAddr, last: IpAddr, value: V) -> Option<()> {
        match (first.to_canonical(), last.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => {
                let (first, last) = (first.into(), last.into());
                self.v4.push(Range { first, last, value });
            }
            (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => {
                let (first, last) = (first.into(), last.into());
                self.v6.push(Range { first, last, value });
            }
            _ => return None,
        }
        Some(())
    }

    fn in_order(&self) -> Option<Self> {
        let (v4, v6) = (ordered(&self.v4), ordered(&self.v6));
        (!v4.is_empty() || !v6.is_empty()).then_some(Self { v4, v6 })
    }
}

pub(crate) fn unreadable(what: impl Into<String>) -> Error {
    Error::new("RF2201", what)
}

/// Unix seconds at which a day begins in UTC.
pub(crate) fn midnight(year: i32, month: u8, day: u8) -> Option<u64> {
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    u64::try_from(date.midnight().assume_utc().unix_timestamp()).ok()
}

/// Where addresses are, by a registry's delegation file, an MMDB database, or ranges with a country each (Tor's `geoip` and
/// `geoip6`).
///
/// Errors: `RF2201` with the line or the part that cannot be read, `RF2202` when it says nothing of itself that is needed
/// and no hint does.
pub fn read(bytes: &[u8], hints: &Hints) -> Result<DataSet> {
    let said = said(bytes)?;
    countries(&said, hints)?.ok_or_else(|| unreadable("no address in it has a country"))
}

/// All that a file says: countries as [`read`] reads them, and whose networks addresses are in, by an MMDB database or the
/// lists of iptoasn.com.
///
/// Errors: `RF2201`, `RF2202` as [`read`] has them.
pub fn published(bytes: &[u8], hints: &Hints) -> Result<Published> {
    let said = said(bytes)?;
    let published = Published {
        countries: countries(&said, hints)?,
        networks: networks(&said, hints)?,
    };
    if published.countries.is_none() && published.networks.is_none() {
        return Err(unreadable("no address in it has a country or a network"));
    }
    Ok(published)
}

fn said(bytes: &[u8]) -> Result<Said> {
    if databases::is_database(bytes) {
        return databases::read(bytes);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        unreadable(format!(
            "byte {}: neither a database nor text",
            error.valid_up_to()
        ))
    })?;
    if delegated::is_delegated(text) {
        delegated::read(text)
    } else if announced::is_announced(text) {
        announced::read(text)
    } else {
        ranges::read(text)
    }
}

fn countries(said: &Said, hints: &Hints) -> Result<Option<DataSet>> {
    let Some(Ranges { v4, v6 }) = said.countries.in_order() else {
        return Ok(None);
    };
    let name = name(said, hints)?;
    let kind = hints.kind.or(said.kind);
    Ok(Some(DataSet {
        kind: kind.ok_or_else(|| missing("its kind: give --kind"))?,
        name,
        date: date(said, hints)?,
        v4,
        v6,
    }))
}

fn networks(said: &Said, hints: &Hints) -> Result<Option<Networks>> {
    let Some(ranges) = said.networks.in_order() else {
        return Ok(None);
    };
    let (name, date) = (name(said, hints)?, date(said, hints)?);
    Ok(Some(said.table.networks(name, date, ranges)))
}

fn missing(what: &str) -> Error {
    Error::new("RF2202", format!("it does not say {what}"))
}

fn name(said: &Said, hints: &Hints) -> Result<String> {
    let name = hints.name.as_ref().or(said.name.as_ref());
    let name = name.ok_or_else(|| missing("its name: give --name"))?;
    if !is_name(name) {
        return Err(unreadable(format!(
            "its name is empty, longer than {MAX_NAME} bytes, or holds control characters"
        )));
    }
    Ok(name.clone())
}

fn date(said: &Said, hints: &Hints) -> Result<u64> {
    let date = hints.date.or(said.date);
    date.ok_or_else(|| missing("when it was made: give --date"))
}
