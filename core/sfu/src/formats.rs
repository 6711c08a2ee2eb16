//! Responsible for: that a payload type means one thing in all lines and offers of a connection (RFC 9143 section 9.1). The
//! library takes that for granted, and would end the room.
//! Not responsible for: which codecs are used (`offer`).

use crate::offer::{unreadable, values};
use crate::stream::Error;
use std::collections::BTreeMap;

/// The number has seven bits (RFC 3550 section 5.1).
const MOST: u8 = 127;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Formats(BTreeMap<u8, String>);

impl Formats {
    pub fn read(media: &[Vec<&str>]) -> Result<Formats, Error> {
        let mut formats = Formats::default();
        for section in media {
            for value in values(section, "rtpmap") {
                let (number, name) = value.split_once(' ').unwrap_or((value, ""));
                let mut meaning = name.to_ascii_lowercase();
                // Repetitions are of another number (RFC 4588 section 8.1).
                let parameters = values(section, "fmtp").filter_map(|value| value.split_once(' '));
                let of = parameters.filter(|(of, _)| meaning.starts_with("rtx/") && *of == number);
                let of: Vec<&str> = of.map(|(_, parameters)| parameters.trim()).collect();
                meaning.extend(of);
                let number = number.parse().ok().filter(|number| *number <= MOST);
                let number = number.ok_or_else(|| unreadable("a payload type is not a number up to 127"))?;
                formats.add(number, meaning)?;
            }
        }
        Ok(formats)
    }

    /// Takes what another offer of the connection says as well.
    pub fn join(&mut self, other: &Formats) -> Result<(), Error> {
        let mut joined = self.clone();
        for (number, meaning) in &other.0 {
            joined.add(*number, meaning.clone())?;
        }
        *self = joined;
        Ok(())
    }

    fn add(&mut self, number: u8, meaning: String) -> Result<(), Error> {
        match self.0.get(&number) {
            Some(known) if *known != meaning => Err(unreadable("a payload type has two meanings")),
            _ => {
                self.0.insert(number, meaning);
                Ok(())
            }
        }
    }
}
