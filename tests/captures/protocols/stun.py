"""STUN (RFC 8489), TURN (RFC 8656), ICE's attributes (RFC 8445) and two dialects.
Not here: who talks when."""

import hmac
import ipaddress
import struct
import zlib
from hashlib import md5
from random import Random

from ..labels import Endpoint

COOKIE = 0x2112A442
BINDING, ALLOCATE, REFRESH, SEND, DATA, PERMISSION, CHANNEL = 1, 3, 4, 6, 7, 8, 9
REQUEST, INDICATION, SUCCESS, ERROR = 0, 0x10, 0x100, 0x110
# Of Chromium: a keep-alive that stands for a binding request.
GOOG_PING = 0x80
USERNAME, INTEGRITY, ERROR_CODE, CHANNEL_NUMBER, LIFETIME = 0x06, 0x08, 0x09, 0x0C, 0x0D
XOR_PEER, PEER_DATA, REALM, NONCE, XOR_RELAYED, TRANSPORT, XOR_MAPPED = 0x12, 0x13, 0x14, 0x15, 0x16, 0x19, 0x20
PRIORITY, USE_CANDIDATE, SOFTWARE, FINGERPRINT, CONTROLLED, CONTROLLING = 0x24, 0x25, 0x8022, 0x8028, 0x8029, 0x802A
# [MS-TURN] 2.2.2.17, [MS-ICE2] 3.1.4.8.2.
MS_VERSION, MS_IMPLEMENTATION = 0x8008, 0x8070

Attributes = list[tuple[int, bytes]]


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def xored(end: Endpoint, ident: bytes) -> bytes:
    """RFC 8489 section 14.2."""
    address = ipaddress.ip_address(end.address)
    mask = struct.pack("!I", COOKIE) + ident
    mixed = bytes(one ^ other for one, other in zip(address.packed, mask, strict=False))
    return struct.pack("!xBH", 1 if address.version == 4 else 2, end.port ^ (COOKIE >> 16)) + mixed


def message(kind: int, ident: bytes, attributes: Attributes, key: bytes = b"", fingerprint: bool = True) -> bytes:
    body = b"".join(_attribute(*one) for one in attributes)

    def head(more: int) -> bytes:
        return struct.pack("!HHI", kind, len(body) + more, COOKIE) + ident

    if key:
        body += _attribute(INTEGRITY, hmac.digest(key, head(24) + body, "sha1"))
    if fingerprint:
        crc = zlib.crc32(head(8) + body) ^ 0x5354554E
        body += _attribute(FINGERPRINT, struct.pack("!I", crc))
    return head(0) + body


def check(random: Random, user: str, password: bytes, controlling: bool) -> tuple[bytes, bytes]:
    """An ICE connectivity check and its transaction."""
    ident = random.randbytes(12)
    role = CONTROLLING if controlling else CONTROLLED
    attributes: Attributes = [(USERNAME, user.encode()), (role, random.randbytes(8)), (PRIORITY, b"\x6e\x7f\x1e\xff")]
    if controlling:
        attributes.append((USE_CANDIDATE, b""))
    return message(BINDING | REQUEST, ident, attributes, password), ident


def checked(ident: bytes, seen: Endpoint, password: bytes) -> bytes:
    """The answer to a check."""
    return message(BINDING | SUCCESS, ident, [(XOR_MAPPED, xored(seen, ident))], password)


def long_term(user: str, realm: str, password: str) -> bytes:
    return md5(f"{user}:{realm}:{password}".encode()).digest()


def channel_data(number: int, payload: bytes, stream: bool) -> bytes:
    """RFC 8656 section 12.4: padded to four bytes over TCP and TLS."""
    return struct.pack("!HH", number, len(payload)) + payload + (bytes(-len(payload) % 4) if stream else b"")
