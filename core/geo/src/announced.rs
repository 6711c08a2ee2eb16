//! Whose networks addresses are in, a line for each range: as iptoasn.com publishes what is announced to the internet.
//! Not here: other files (`read`).
use crate::ranges::address;
use crate::read::{Said, unreadable};
use ringfence_signed::Result;

/// What stands in the column of the number where nobody announces a range.
const NOBODY: u32 = 0;

/// `FIRST<tab>LAST<tab>NUMBER<tab>COUNTRY<tab>NAME`, where an address is written as such, or IPv4's as a number.
pub(crate) fn is_announced(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    first.is_some_and(|line| line.split('\t').count() == 5)
}

/// The country is of whoever the number is assigned to, and not of the addresses: it is left out.
///
/// Errors: `RF2201` with the line.
pub(crate) fn read(text: &str) -> Result<Said> {
    let mut said = Said::default();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_end_matches('\r');
        if !line.trim().is_empty() {
            range(&mut said, line).map_err(|what| unreadable(format!("line {}: {what}", at + 1)))?;
        }
    }
    Ok(said)
}

fn range(said: &mut Said, line: &str) -> std::result::Result<(), &'static str> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [first, last, number, _country, name] = fields[..] else {
        return Err("a range has five fields, with tabs between them");
    };
    let number: u32 = number
        .parse()
        .map_err(|_| "the third field is not the number of a network")?;
    let ends = address(first)
        .zip(address(last))
        .ok_or("a range begins and ends with an address")?;
    if number == NOBODY {
        return Ok(());
    }
    let network = said.table.number_of(number, name);
    said.networks
        .add(ends.0, ends.1, network)
        .ok_or("it ends before it begins, or in the other family")
}
