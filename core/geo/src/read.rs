//! Reads whatever file of a publisher it is: told by its content, never by its name.
//! Not here: each of the forms (`delegated`, `ranges`, `databases`, `stored`).
use crate::country::Country;
use crate::dataset::{DataSet, Range, ordered};
use crate::located::{MAX_NAME, is_name};
use crate::{databases, delegated, ranges};
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

/// What a file said, before it is put in order.
#[derive(Default)]
pub(crate) struct Said {
    pub kind: Option<Kind>,
    pub name: Option<String>,
    pub date: Option<u64>,
    pub v4: Vec<Range<u32>>,
    pub v6: Vec<Range<u128>>,
}

impl Said {
    /// Both ends are of one family, or the range is left out and `None` is returned.
    pub(crate) fn add(&mut self, first: IpAddr, last: IpAddr, country: Country) -> Option<()> {
        match (first.to_canonical(), last.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => {
                let (first, last) = (first.into(), last.into());
                self.v4.push(Range { first, last, country });
            }
            (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => {
                let (first, last) = (first.into(), last.into());
                self.v6.push(Range { first, last, country });
            }
            _ => return None,
        }
        Some(())
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

/// Reads a registry's delegation file, an MMDB database, or ranges with a country each (Tor's `geoip` and `geoip6`).
///
/// Errors: `RF2201` with the line or the part that cannot be read, `RF2202` when it says nothing of itself that is needed
/// and no hint does.
pub fn read(bytes: &[u8], hints: &Hints) -> Result<DataSet> {
    let said = if databases::is_database(bytes) {
        databases::read(bytes)?
    } else {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            unreadable(format!(
                "byte {}: neither a database nor text",
                error.valid_up_to()
            ))
        })?;
        match delegated::is_delegated(text) {
            true => delegated::read(text)?,
            false => ranges::read(text)?,
        }
    };
    let (v4, v6) = (ordered(&said.v4), ordered(&said.v6));
    if v4.is_empty() && v6.is_empty() {
        return Err(unreadable("no address in it has a country"));
    }
    let missing = |what: &str| Error::new("RF2202", format!("it does not say {what}"));
    let name = hints
        .name
        .clone()
        .or(said.name)
        .ok_or_else(|| missing("its name: give --name"))?;
    if !is_name(&name) {
        return Err(unreadable(format!(
            "its name is empty, longer than {MAX_NAME} bytes, or holds control characters"
        )));
    }
    Ok(DataSet {
        kind: hints
            .kind
            .or(said.kind)
            .ok_or_else(|| missing("its kind: give --kind"))?,
        name,
        date: hints
            .date
            .or(said.date)
            .ok_or_else(|| missing("when it was made: give --date"))?,
        v4,
        v6,
    })
}
