"""X.509 certificates with keys from a seed: good ones, and ones with small keys, old hashes or that are over.
Not here: how they are sent."""

import datetime
import hashlib
from dataclasses import dataclass
from functools import cache
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

NOW = datetime.datetime(2026, 11, 24, 10)
DAY = datetime.timedelta(days=1)
# sha256WithRSAEncryption and its elders differ in the last byte (RFC 8017 appendix A.2.4).
RSA_SHA256 = bytes.fromhex("2a864886f70d01010b")
OLD = {
    "sha1": (b"\x05", bytes.fromhex("3021300906052b0e03021a05000414")),
    "md5": (b"\x04", bytes.fromhex("3020300c06082a864886f70d020505000410")),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """`bits`: of an RSA key, or 0 for P-256. `days`: until when, from the time of the captures."""

    bits: int = 0
    hash: str = "sha256"
    days: int = 60
    self_signed: bool = False


GOOD = Kind()


def _prime(random: Random, bits: int) -> int:
    while True:
        tried = random.getrandbits(bits) | (3 << (bits - 2)) | 1
        if any(tried % small == 0 for small in range(3, 2000, 2)) or tried % 65537 == 1:
            continue
        if all(pow(base, tried - 1, tried) == 1 for base in (2, 3, 5)):
            return tried


@cache
def _rsa(seed: str, bits: int) -> rsa.RSAPrivateKey:
    random = Random(seed)
    p, q = _prime(random, bits // 2), _prime(random, bits // 2)
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def _key(seed: str, bits: int) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    if bits:
        # One key for each size and place in the chain: making them takes the most time of all.
        return _rsa(f"{seed.split()[-1]} {bits}", bits)
    return ec.derive_private_key(Random(seed).getrandbits(255) + 1, ec.SECP256R1())


def _signed_as_of_old(certificate: x509.Certificate, key: rsa.RSAPrivateKey, name: str) -> bytes:
    """The same certificate under another hash, which libraries no longer sign with (PKCS #1 v1.5 by hand)."""
    last, prefix = OLD[name]
    whole = certificate.public_bytes(Encoding.DER)
    old_oid = RSA_SHA256[:-1] + last
    body = certificate.tbs_certificate_bytes.replace(RSA_SHA256, old_oid, 1)
    numbers = key.private_numbers()
    size = key.key_size // 8
    digest = prefix + hashlib.new(name, body, usedforsecurity=False).digest()
    padded = b"\0\1" + b"\xff" * (size - 3 - len(digest)) + b"\0" + digest
    signature = pow(int.from_bytes(padded), numbers.d, numbers.public_numbers.n).to_bytes(size)
    end = whole.index(certificate.tbs_certificate_bytes)
    rest = whole[end + len(body) : -size].replace(RSA_SHA256, old_oid, 1)
    return whole[:end] + body + rest + signature


@cache
def chain(seed: str, host: str, kind: Kind = GOOD) -> tuple[bytes, ...]:
    """DER, the leaf first; with who signed it unless it did so itself."""
    key, signer = _key(f"{seed} leaf", kind.bits), _key(f"{seed} root", 0 if kind.hash == "sha256" else 2048)
    if kind.self_signed:
        signer = key
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    issuer = subject if kind.self_signed else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example CA")])
    until = NOW + kind.days * DAY
    leaf = _certificate(subject, issuer, key, signer, until - 90 * DAY, until, host)
    made = leaf.public_bytes(Encoding.DER)
    if kind.hash != "sha256":
        assert isinstance(signer, rsa.RSAPrivateKey)
        made = _signed_as_of_old(leaf, signer, kind.hash)
    if kind.self_signed:
        return (made,)
    root = _certificate(issuer, issuer, signer, signer, NOW - 900 * DAY, NOW + 900 * DAY, "")
    return made, root.public_bytes(Encoding.DER)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    signer: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    start: datetime.datetime,
    until: datetime.datetime,
    host: str,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(hashlib.sha256(repr((subject, start)).encode()).digest()[:8]) | 1)
        .not_valid_before(start)
        .not_valid_after(until)
    )
    if "." in host:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    if isinstance(signer, ec.EllipticCurvePrivateKey):
        return builder.sign(signer, hashes.SHA256(), ecdsa_deterministic=True)
    return builder.sign(signer, hashes.SHA256())
