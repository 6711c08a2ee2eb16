//! Responsible for: data sets about addresses in Python.
//! Not responsible for: reading them (`ringfence-geo`), or where their files lie (`ringfence.cli.geo`).
use crate::refusal;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ringfence_geo::{DataSet, Hints, Kind, read};
use ringfence_signed::Error;
use std::net::IpAddr;

/// What one publisher says about addresses.
#[pyclass(frozen, module = "ringfence._core.geo")]
pub struct Addresses(pub(crate) DataSet);

impl Addresses {
    /// What names the set, in hexadecimal digits.
    pub(crate) fn digest(&self) -> String {
        self.0.digest().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[pymethods]
impl Addresses {
    /// Opens what was kept. Errors: RF2203.
    #[new]
    fn open(bytes: &[u8]) -> PyResult<Self> {
        DataSet::decode(bytes).map(Self).map_err(refusal)
    }

    /// Reads the file of a publisher; what is given counts before what the file says of itself.
    ///
    /// Errors: RF2201, RF2202; RF5001 for a kind that there is not.
    #[staticmethod]
    #[pyo3(signature = (file, *, kind=None, name=None, date=None))]
    fn read(
        python: Python<'_>,
        file: &[u8],
        kind: Option<&str>,
        name: Option<String>,
        date: Option<u64>,
    ) -> PyResult<Self> {
        let unknown = |kind| {
            refusal(Error::new(
                "RF5001",
                format!("`{kind}` is neither registry nor geoip"),
            ))
        };
        let kind = kind
            .map(|kind| Kind::named(kind).ok_or_else(|| unknown(kind)))
            .transpose()?;
        let hints = Hints { kind, name, date };
        // A large database takes a second or two.
        python.detach(|| read(file, &hints)).map(Self).map_err(refusal)
    }

    /// As it is kept: the same set is the same bytes.
    fn encode(&self, python: Python<'_>) -> Py<PyBytes> {
        PyBytes::new(python, &self.0.encode()).unbind()
    }

    /// What the set says about an address: two capitals, which need be no country. Errors: RF5001.
    fn country_of(&self, address: &str) -> PyResult<Option<String>> {
        let address: IpAddr = address
            .parse()
            .map_err(|_| refusal(Error::new("RF5001", format!("`{address}` is not an address"))))?;
        Ok(self
            .0
            .country_of(address)
            .map(|country| country.as_str().to_owned()))
    }

    #[getter]
    fn kind(&self) -> &'static str {
        self.0.kind.name()
    }

    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// What names the set, for those who pin it: the SHA-256 of its bytes, in hexadecimal digits.
    #[getter(digest)]
    fn named(&self) -> String {
        self.digest()
    }

    /// When its publisher made it, in unix seconds.
    #[getter]
    fn date(&self) -> u64 {
        self.0.date
    }

    /// How many ranges of IPv4 and of IPv6 it has.
    #[getter]
    fn ranges(&self) -> (usize, usize) {
        (self.0.v4.len(), self.0.v6.len())
    }
}

pub fn module(python: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(python, "geo")?;
    module.add_class::<Addresses>()?;
    Ok(module)
}
