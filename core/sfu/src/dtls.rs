//! Responsible for: the DTLS side of all connections: one configuration, one certificate, AEAD or nothing, and keys for who
//! sends on its own.
//! Not responsible for: the handshake itself (dimpl), or when it happens (str0m).

use crate::seal::Agreed;
use crate::stream::Error;
use dimpl::{Dtls, SrtpProfile};
use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use str0m::config::{CryptoProvider, DtlsVersion};
use str0m::crypto::CryptoError;
use str0m::crypto::dtls::{DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, ProtocolVersion};
use zeroize::Zeroizing;

/// How many peers were refused because they offered no AEAD profile.
static REFUSED: AtomicU64 = AtomicU64::new(0);

pub fn refused_profiles() -> u64 {
    REFUSED.load(Ordering::Relaxed)
}

/// The certificate of one process, made anew at each start and kept in memory only.
#[derive(Clone)]
pub struct Identity {
    certificate: DtlsCert,
    fingerprint: String,
}

impl Identity {
    pub fn generate() -> Result<Self, Error> {
        let certificate = dimpl::certificate::generate_self_signed_certificate()
            .map_err(|error| Error::new("RF4205", error.to_string()))?;
        let digest = provider().sha256_provider.sha256(&certificate.certificate);
        let fingerprint = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self {
            certificate,
            fingerprint,
        })
    }

    pub fn certificate(&self) -> DtlsCert {
        self.certificate.clone()
    }

    /// SHA-256 of the certificate in lower-case hexadecimal.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// The library's cryptography, with this module's DTLS in place of its own.
pub fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    let make = || {
        let mut provider = str0m::crypto::from_feature_flags();
        provider.dtls_provider = &SharedConfig;
        Arc::new(provider)
    };
    PROVIDER.get_or_init(make).clone()
}

/// Builds instances from one configuration: making one runs self-tests for about a millisecond.
#[derive(Debug)]
struct SharedConfig;

type Cached = Option<(Option<usize>, Arc<dimpl::Config>)>;
static CONFIG: Mutex<Cached> = Mutex::new(None);

fn config(mtu: Option<usize>) -> Result<Arc<dimpl::Config>, CryptoError> {
    let mut cached = CONFIG.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, config)) = cached.as_ref().filter(|(of, _)| *of == mtu) {
        return Ok(config.clone());
    }
    // ICE has proved the address before DTLS starts, so a cookie would cost a round trip for nothing.
    let mut builder = dimpl::Config::builder().use_server_cookie(false);
    if let Some(mtu) = mtu {
        builder = builder.mtu(mtu);
    }
    let config = builder
        .build()
        .map_err(|error| CryptoError::Other(error.to_string()))?;
    Ok(cached.insert((mtu, Arc::new(config))).1.clone())
}

/// Where a connection's handshake leaves what it agreed on.
pub type Handshake = Arc<OnceLock<Agreed>>;

thread_local! {
    /// The library makes instances by itself and shows none; so each leaves word here of where to look.
    static LATEST: RefCell<Option<Handshake>> = const { RefCell::new(None) };
}

/// The handshake of the connection that this thread has just made.
pub fn take_latest() -> Option<Handshake> {
    LATEST.take()
}

impl DtlsProvider for SharedConfig {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        dimpl::certificate::generate_self_signed_certificate().ok()
    }

    fn new_dtls(
        &self,
        certificate: &DtlsCert,
        now: Instant,
        _: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        // DTLS 1.2 whatever is asked: the library's 1.3 settles on AES-CM with SHA-1.
        let inner = Dtls::new_12(config(mtu)?, certificate.clone(), now);
        let agreed = Handshake::default();
        LATEST.set(Some(agreed.clone()));
        Ok(Box::new(AeadOnly {
            inner: Inner(inner),
            refused: false,
            agreed,
        }))
    }
}

/// Ends the connection where the peer negotiated a profile without authenticated encryption (RFC 7714).
#[derive(Debug)]
struct AeadOnly<I> {
    inner: I,
    refused: bool,
    agreed: Handshake,
}

fn is_aead(profile: SrtpProfile) -> bool {
    matches!(
        profile,
        SrtpProfile::AEAD_AES_256_GCM | SrtpProfile::AEAD_AES_128_GCM
    )
}

impl<I: DtlsInstance> DtlsInstance for AeadOnly<I> {
    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        match self.inner.poll_output(buffer) {
            DtlsOutput::KeyingMaterial(_, profile) if !is_aead(profile) => {
                if !self.refused {
                    REFUSED.fetch_add(1, Ordering::Relaxed);
                }
                self.refused = true;
                DtlsOutput::CloseNotify
            }
            DtlsOutput::KeyingMaterial(material, profile) => {
                let copy = Zeroizing::new(material.as_ref().to_vec());
                // Once: of a second handshake on this connection, which there is not, nothing would be sent.
                self.agreed.get_or_init(|| Agreed {
                    profile,
                    material: copy,
                });
                DtlsOutput::KeyingMaterial(material, profile)
            }
            output => output,
        }
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.inner.handle_packet(packet)
    }
    fn set_active(&mut self, active: bool) {
        self.inner.set_active(active);
    }
    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.inner.handle_timeout(now)
    }
    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.inner.send_application_data(data)
    }
    fn is_active(&self) -> bool {
        self.inner.is_active()
    }
    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version()
    }
    fn is_closing(&self) -> bool {
        self.inner.is_closing()
    }
    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }
    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.inner.close()
    }
}

/// dimpl's connection as the library wants to see one; it holds keys, so it prints nothing of itself.
struct Inner(Dtls);

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dtls")
    }
}

impl DtlsInstance for Inner {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }
    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }
    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        self.0.poll_output(buffer)
    }
    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }
    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.0.send_application_data(data)
    }
    fn is_active(&self) -> bool {
        self.0.is_active()
    }
    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }
    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }
    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dimpl::KeyingMaterial;

    /// A handshake that has ended with the keys of some profile.
    #[derive(Debug)]
    struct Negotiated(SrtpProfile);

    impl DtlsInstance for Negotiated {
        fn poll_output<'a>(&mut self, _: &'a mut [u8]) -> DtlsOutput<'a> {
            DtlsOutput::KeyingMaterial(KeyingMaterial::new(&[0; 88]), self.0)
        }
        fn set_active(&mut self, _: bool) {}
        fn handle_packet(&mut self, _: &[u8]) -> Result<(), DtlsImplError> {
            Ok(())
        }
        fn handle_timeout(&mut self, _: Instant) -> Result<(), DtlsImplError> {
            Ok(())
        }
        fn send_application_data(&mut self, _: &[u8]) -> Result<usize, DtlsImplError> {
            Ok(0)
        }
        fn is_active(&self) -> bool {
            false
        }
        fn protocol_version(&self) -> Option<ProtocolVersion> {
            None
        }
        fn close(&mut self) -> Result<(), DtlsImplError> {
            Ok(())
        }
    }

    #[test]
    fn a_profile_without_authenticated_encryption_ends_the_connection_before_it_has_keys() {
        let ends = |profile| {
            let mut instance = AeadOnly {
                inner: Negotiated(profile),
                refused: false,
                agreed: Handshake::default(),
            };
            let ended = matches!(instance.poll_output(&mut [0; 128]), DtlsOutput::CloseNotify);
            assert_eq!(instance.agreed.get().is_none(), ended);
            ended
        };
        let before = refused_profiles();
        assert!(!ends(SrtpProfile::AEAD_AES_256_GCM));
        assert!(!ends(SrtpProfile::AEAD_AES_128_GCM));
        assert_eq!(refused_profiles(), before);
        assert!(ends(SrtpProfile::AES128_CM_SHA1_80));
        assert_eq!(refused_profiles(), before + 1);
    }
}
