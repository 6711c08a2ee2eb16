"""Writes, reads and falsifies the signed documents of docs/protocol with any key that is at hand.
Checks nothing: checking is what the client under attack has to do."""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import cbor

Fields = dict[str, Any]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


class Key:
    """An Ed25519 key pair."""

    def __init__(self, seed: bytes | None = None) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed or os.urandom(32))
        self.public = self._key.public_key().public_bytes_raw()

    def sign_raw(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def sign(self, label: str, payload: Fields | bytes) -> bytes:
        """COSE_Sign1 over a document (RFC 9052 section 4.4); the label is the external data."""
        body = payload if isinstance(payload, bytes) else cbor.encode(payload)
        protected = cbor.encode({1: -8})
        to_be_signed = cbor.encode(["Signature1", protected, f"ringfence {label} v1".encode(), body])
        return cbor.encode([protected, {}, body, self._key.sign(to_be_signed)])


def payload(document: bytes) -> Any:
    """What a document says, whoever signed it."""
    return cbor.decode(cbor.decode(document)[2])


def inner(document: bytes) -> bytes:
    """The document inside a document: a statement is signed twice."""
    return cbor.decode(document)[2]


def altered(document: bytes, **changes: Any) -> bytes:
    """The document with other content under the old signature."""
    protected, unprotected, body, signature = cbor.decode(document)
    return cbor.encode([protected, unprotected, cbor.encode(cbor.decode(body) | changes), signature])


def re_signed(document: bytes, label: str, key: Key, **changes: Any) -> bytes:
    """The document with other content, honestly signed by `key`."""
    return key.sign(label, payload(document) | changes)


def hkdf(secret: bytes, salt: bytes, info: str) -> bytes:
    """RFC 5869, SHA-256, 32 bytes: one block."""
    extracted = hmac.digest(salt, secret, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")


@dataclass
class Link:
    """What everybody who was invited holds."""

    meeting: bytes
    secret: bytes
    owner_half: bytes

    @classmethod
    def parse(cls, url: str) -> "Link":
        path, fragment = url.split("#")
        both = unb64(fragment)
        return cls(unb64(path.rsplit("/", 1)[1]), both[:16], both[16:])

    @property
    def key(self) -> Key:
        return Key(hkdf(self.secret, self.meeting, "ringfence link key v1"))

    @property
    def psk(self) -> bytes:
        return hkdf(self.secret, self.meeting, "ringfence psk v1")

    def seal_title(self, title: str) -> bytes:
        nonce = os.urandom(12)
        key = hkdf(self.secret, self.meeting, "ringfence title v1")
        return nonce + AESGCM(key).encrypt(nonce, title.encode(), self.meeting)

    def url(self, origin: str) -> str:
        return f"{origin}/m/{b64(self.meeting)}#{b64(self.secret + self.owner_half)}"


def only(node: bytes) -> Fields:
    """The fence `only this server`: a node named needs no geography."""
    return {
        "name": "Only this server",
        "version": 1,
        "countries": [],
        "law": [],
        "operators": ["*"],
        "nodes": [node],
        "minimum": "consistent",
        "exclude": [],
        "liars": 0,
        "sources": [],
        "roles": {},
    }


def host_id(meeting: bytes, public: bytes) -> bytes:
    return sha256(b"ringfence host v1", meeting, public)


@dataclass
class Owner:
    """Somebody who makes a meeting by the book: owner and only host of it."""

    policy: Fields
    operator: Fields  # {id, key} of the operator the owner trusts
    admission: str = "link"
    title: str = "Parish council"
    until: int | None = None
    log: Fields | None = None  # {origin, key} of the log that the owner names
    key: Key = field(default_factory=Key)
    host: Key = field(default_factory=Key)
    meeting: bytes = field(default_factory=lambda: os.urandom(16))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def link(self) -> Link:
        return Link(self.meeting, self.secret, sha256(self.key.public)[:16])

    def charter(self, **changes: Any) -> bytes:
        """Version 1, or whatever the changes make of it; always signed by the owner."""
        hpke = X25519PrivateKey.generate().public_key().public_bytes_raw()
        fields = {
            "meeting": self.meeting,
            "version": 1,
            "previous": None,
            "owner": self.key.public,
            "hosts": [{"id": host_id(self.meeting, self.host.public), "hpke": hpke}],
            "link": self.link.key.public,
            "trust": {
                "operators": {self.operator["id"]: self.operator["key"]},
                "log": self.log,
                "beacons": [],
                "data": [],
            },
            "fence": self.policy,
            "admission": self.admission,
            "founders": "link" if self.admission == "link" else "hosts",
            "features": [],
            "limits": {"participants": 25, "from": None, "until": self.until, "retention": None},
            "suite": 1,
            "title": self.link.seal_title(self.title),
        }
        return self.key.sign("charter", fields | changes)
