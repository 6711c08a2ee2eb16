"""SFrame (RFC 9605) with AES_128_GCM_SHA256_128, written from the RFC, to try keys on sealed frames.
Not the product's: what it opens, it opens without asking the product."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SUITE = 0x0004
TAG = 16


@dataclass(frozen=True)
class Header:
    kid: int
    counter: int
    size: int

    @classmethod
    def read(cls, data: bytes) -> "Header":
        """RFC 9605 section 4.3."""
        at = 1

        def field(nibble: int) -> int:
            nonlocal at
            if not nibble & 8:
                return nibble
            size = (nibble & 7) + 1
            at += size
            return int.from_bytes(data[at - size : at], "big")

        kid, counter = field(data[0] >> 4), field(data[0] & 15)
        if len(data) < at + TAG:
            raise ValueError("too short for an SFrame")
        return cls(kid, counter, at)

    @property
    def context(self) -> int:
        return self.kid >> 21

    @property
    def leaf(self) -> int:
        return self.kid >> 11 & 0x3FF

    @property
    def epoch(self) -> int:
        return self.kid & 0x7FF


def open_with(base_key: bytes, clear: bytes, sealed: bytes, kid: int | None = None) -> bytes | None:
    """The frame, if this base key opens it; `kid` derives the key for another KID than the header's."""
    header = Header.read(sealed)
    named = (header.kid if kid is None else kid).to_bytes(8, "big") + SUITE.to_bytes(2, "big")

    def derive(label: bytes, length: int) -> bytes:
        """Section 4.4.2: extract with an empty salt, then expand."""
        hkdf = HKDF(hashes.SHA256(), length, salt=b"", info=b"SFrame 1.0 Secret " + label + named)
        return hkdf.derive(base_key)

    key, salt = derive(b"key ", 16), derive(b"salt ", 12)
    nonce = bytes(a ^ b for a, b in zip(salt, header.counter.to_bytes(12, "big"), strict=True))
    aad = sealed[: header.size] + clear  # section 4.4.3: header, then metadata
    try:
        return AESGCM(key).decrypt(nonce, sealed[header.size :], aad)
    except InvalidTag:
        return None
