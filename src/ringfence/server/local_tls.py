"""A certificate authority of this server's own, for meetings on a network where no public one can vouch for an address.
Not here: serving with it (process), or telling people how to trust it (trust)."""

import datetime
import ipaddress
import socket
import ssl
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ringfence.errors import Refusal
from ringfence.store.files import write_private

AUTHORITY = datetime.timedelta(days=3650)
# Short, because nobody has to do anything when it is renewed.
VALID = datetime.timedelta(days=90)
RENEW = datetime.timedelta(days=30)
# Clients' clocks may be behind by this much.
CLOCKS = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class Files:
    """Where the certificates are; the keys are beside them, for the server's user alone."""

    authority: Path
    chain: Path
    key: Path

    @classmethod
    def of(cls, folder: Path) -> "Files":
        return cls(folder / "ca.pem", folder / "tls.pem", folder / "tls.key")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the authority's certificate, as browsers and systems show it."""
        digest = x509.load_pem_x509_certificate(self.authority.read_bytes()).fingerprint(hashes.SHA256())
        return digest.hex(":").upper()


def prepare(folder: Path, wanted: Sequence[str], now: datetime.datetime) -> Files:
    """The certificate of this server: made, or made anew when its names have changed or it ends soon.

    Raises RF5003, RF5004, RF5011.
    """
    files = Files.of(folder)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        authority, key = _authority(files.authority, folder / "ca.key", now)
        if not _serves(files, authority, wanted, now):
            _issue(files, authority, key, wanted, now)
    except OSError as error:
        raise Refusal("RF5003", f"{error.filename}: {error.strerror}") from None
    return files


def _authority(
    file: Path, key_file: Path, now: datetime.datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    # A key alone is of a start that was cut short: nobody can trust what was never shown.
    if not file.exists():
        _make_authority(file, key_file, now)
    try:
        key, certificate = _private(key_file), x509.load_pem_x509_certificate(file.read_bytes())
    except (ValueError, FileNotFoundError) as error:
        raise Refusal("RF5011", f"{file.parent}: {error}") from None
    if certificate.public_key() != key.public_key():
        raise Refusal("RF5011", f"{file} and {key_file} do not belong together")
    if certificate.not_valid_after_utc - now < VALID:
        raise Refusal("RF5011", f"{file} ends on {certificate.not_valid_after_utc:%Y-%m-%d}")
    return certificate, key


def _make_authority(file: Path, key_file: Path, now: datetime.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    host = socket.gethostname().split(".")[0]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Ringfence on {host}"[:64])])
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - CLOCKS)
        .not_valid_after(now + AUTHORITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(key_file, _encoded(key))
    write_private(file, certificate.public_bytes(serialization.Encoding.PEM))


def _serves(files: Files, authority: x509.Certificate, wanted: Sequence[str], now: datetime.datetime) -> bool:
    """True when what is there can be used as it is. What is damaged is made anew: only the authority matters."""
    try:
        certificate = x509.load_pem_x509_certificate(files.chain.read_bytes())
        key = _private(files.key)
        certificate.verify_directly_issued_by(authority)
        said = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Refusal:
        raise
    except Exception:  # whatever is wrong with it
        return False
    good_for_long = certificate.not_valid_after_utc - now > RENEW and certificate.not_valid_before_utc <= now
    return good_for_long and certificate.public_key() == key.public_key() and set(said) == set(map(_general, wanted))


def _issue(
    files: Files,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    wanted: Sequence[str],
    now: datetime.datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ringfence")])
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder(authority.subject, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - CLOCKS)
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName([_general(one) for one in wanted]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    write_private(files.key, _encoded(key))
    write_private(files.chain, certificate.public_bytes(serialization.Encoding.PEM))


def check(certificate: Path, key: Path, now: datetime.datetime) -> None:
    """Raises RF5005 for a certificate that no browser would take: damaged, of another key, or not of today."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
        first = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError) as error:  # SSLError is one
        raise Refusal("RF5005", str(error)) from None
    if now > first.not_valid_after_utc:
        raise Refusal("RF5005", f"{certificate} ended on {first.not_valid_after_utc:%Y-%m-%d}")
    if now < first.not_valid_before_utc:
        raise Refusal("RF5005", f"{certificate} begins on {first.not_valid_before_utc:%Y-%m-%d}")


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(file: Path) -> ec.EllipticCurvePrivateKey:
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise Refusal("RF5004", f"chmod 600 {file}")
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{file.name} is not an elliptic curve key")
    return key


def _encoded(key: ec.EllipticCurvePrivateKey) -> bytes:
    none = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none)
