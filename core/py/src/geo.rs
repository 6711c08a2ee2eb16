//! Responsible for: data sets about addresses in Python.
//! Not responsible for: reading them (`ringfence-geo`), or where their files lie (`ringfence.cli.geo`).
use crate::refusal;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ringfence_fence::evidence::is_private;
use ringfence_geo::{Cover, DataSet, Hints, Kind, Networks, published, read};
use ringfence_signed::{B32, Error};
use std::net::IpAddr;
use std::sync::OnceLock;

/// What one publisher says about addresses.
#[pyclass(frozen, module = "ringfence._core.geo")]
pub struct Addresses {
    pub(crate) set: DataSet,
    /// It takes long, so it is made once.
    digest: OnceLock<B32>,
}

impl From<DataSet> for Addresses {
    fn from(set: DataSet) -> Self {
        Self {
            set,
            digest: OnceLock::new(),
        }
    }
}

impl Addresses {
    /// What names the set, in hexadecimal digits.
    pub(crate) fn digest(&self) -> String {
        hexadecimal(self.digest.get_or_init(|| self.set.digest()))
    }
}

/// Whose networks addresses are in, as one publisher says.
#[pyclass(name = "Networks", frozen, module = "ringfence._core.geo")]
pub struct PyNetworks {
    list: Networks,
}

#[pymethods]
impl PyNetworks {
    /// Opens what was kept. Errors: RF2203.
    #[new]
    fn open(bytes: &[u8]) -> PyResult<Self> {
        let list = Networks::decode(bytes).map_err(refusal)?;
        Ok(Self { list })
    }

    /// As it is kept: the same list is the same bytes.
    fn encode(&self, python: Python<'_>) -> Py<PyBytes> {
        PyBytes::new(python, &self.list.encode()).unbind()
    }

    /// Number and name of the autonomous system that announces an address. The name is a word of others, and may be empty.
    /// Errors: RF5001.
    fn network_of(&self, address: &str) -> PyResult<Option<(u32, String)>> {
        let network = self.list.network_of(address_of(address)?);
        Ok(network.map(|network| (network.number, network.name.clone())))
    }

    #[getter]
    fn name(&self) -> &str {
        &self.list.name
    }

    /// The SHA-256 of what is kept, in hexadecimal digits.
    #[getter]
    fn digest(&self, python: Python<'_>) -> String {
        hexadecimal(&python.detach(|| self.list.digest()))
    }

    /// When its publisher made it, in unix seconds.
    #[getter]
    fn date(&self) -> u64 {
        self.list.date
    }

    /// How many ranges of IPv4 and of IPv6 it has.
    #[getter]
    fn ranges(&self) -> (usize, usize) {
        self.list.ranges()
    }

    /// How many networks it names.
    #[getter]
    fn count(&self) -> usize {
        self.list.count()
    }
}

fn hexadecimal(digest: &B32) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn address_of(text: &str) -> PyResult<IpAddr> {
    let address = text.parse();
    address.map_err(|_| refusal(Error::new("RF5001", format!("`{text}` is not an address"))))
}

#[pymethods]
impl Addresses {
    /// Opens what was kept. Errors: RF2203.
    #[new]
    fn open(bytes: &[u8]) -> PyResult<Self> {
        DataSet::decode(bytes).map(Self::from).map_err(refusal)
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
        let hints = hints_of(kind, name, date)?;
        // A large database takes a second or two.
        let set = python.detach(|| read(file, &hints)).map_err(refusal)?;
        Ok(set.into())
    }

    /// As it is kept: the same set is the same bytes.
    fn encode(&self, python: Python<'_>) -> Py<PyBytes> {
        PyBytes::new(python, &self.set.encode()).unbind()
    }

    /// What the set says about an address: two capitals, which need be no country. Errors: RF5001.
    fn country_of(&self, address: &str) -> PyResult<Option<String>> {
        let country = self.set.country_of(address_of(address)?);
        Ok(country.map(|country| country.as_str().to_owned()))
    }

    /// What the set says about each of these addresses, with the proof that it does. Errors: RF5001.
    fn locate(&self, python: Python<'_>, addresses: Vec<String>) -> PyResult<Vec<Py<PyBytes>>> {
        let asked = addresses.iter().map(|text| address_of(text));
        let asked = asked.collect::<PyResult<Vec<IpAddr>>>()?;
        let located: Vec<Vec<u8>> = python.detach(|| {
            let cover = Cover::of(&self.set);
            let _ = self.digest.set(cover.head.digest());
            asked.into_iter().map(|address| cover.locate(address)).collect()
        });
        let located = located.iter();
        Ok(located
            .map(|document| PyBytes::new(python, document).unbind())
            .collect())
    }

    #[getter]
    fn kind(&self) -> &'static str {
        self.set.kind.name()
    }

    #[getter]
    fn name(&self) -> &str {
        &self.set.name
    }

    /// What names the set, for those who pin it: a SHA-256 in hexadecimal digits (docs/protocol/documents.md).
    #[getter(digest)]
    fn named(&self, python: Python<'_>) -> String {
        python.detach(|| self.digest())
    }

    /// When its publisher made it, in unix seconds.
    #[getter]
    fn date(&self) -> u64 {
        self.set.date
    }

    /// How many ranges of IPv4 and of IPv6 it has.
    #[getter]
    fn ranges(&self) -> (usize, usize) {
        (self.set.v4.len(), self.set.v6.len())
    }
}

fn hints_of(kind: Option<&str>, name: Option<String>, date: Option<u64>) -> PyResult<Hints> {
    let unknown = |kind| {
        refusal(Error::new(
            "RF5001",
            format!("`{kind}` is neither registry nor geoip"),
        ))
    };
    let kind = kind.map(|kind| Kind::named(kind).ok_or_else(|| unknown(kind)));
    let kind = kind.transpose()?;
    Ok(Hints { kind, name, date })
}

/// Reads the file of a publisher for all that it says: where addresses are, whose networks they are in, or both.
///
/// Errors: RF2201, RF2202; RF5001 for a kind that there is not.
#[pyfunction]
#[pyo3(name = "published", signature = (file, *, kind=None, name=None, date=None))]
fn of_publisher(
    python: Python<'_>,
    file: &[u8],
    kind: Option<&str>,
    name: Option<String>,
    date: Option<u64>,
) -> PyResult<(Option<Addresses>, Option<PyNetworks>)> {
    let hints = hints_of(kind, name, date)?;
    let said = python.detach(|| published(file, &hints)).map_err(refusal)?;
    let networks = said.networks.map(|list| PyNetworks { list });
    Ok((said.countries.map(Addresses::from), networks))
}

/// Whether data sets can place an address at all: those of local networks are everywhere at once.
#[pyfunction]
fn is_placeable(address: &str) -> bool {
    !is_private(address)
}

pub fn module(python: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    let module = PyModule::new(python, "geo")?;
    module.add_class::<Addresses>()?;
    module.add_class::<PyNetworks>()?;
    module.add_function(wrap_pyfunction!(of_publisher, &module)?)?;
    module.add_function(wrap_pyfunction!(is_placeable, &module)?)?;
    Ok(module)
}
