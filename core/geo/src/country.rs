//! The two letters by which data sets name a country. Not here: whether it is one (`ringfence-fence`).

/// Two capitals, as the source has them. Not every one is a country: registries also write `EU`, and `ZZ`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Country([u8; 2]);

impl std::fmt::Debug for Country {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Country {
    /// `None` for what is not two letters; small ones count as capitals.
    pub fn new(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        let is_letter = letters.iter().all(u8::is_ascii_alphabetic);
        is_letter.then(|| Self(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("two letters")
    }

    pub(crate) fn bytes(self) -> [u8; 2] {
        self.0
    }

    /// Only as it is stored: capitals.
    pub(crate) fn stored(bytes: [u8; 2]) -> Option<Self> {
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }
}
