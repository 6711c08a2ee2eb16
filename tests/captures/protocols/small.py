"""DNS (RFC 1035), SFrame (RFC 9605), the encapsulation of the 2020 app, and what is no call at all: NTP (RFC 5905),
WireGuard's messages, BitTorrent's DHT and uTP (BEP 5, BEP 29)."""

import ipaddress
import struct
from hashlib import sha256
from hmac import digest
from random import Random

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

A, CNAME, AAAA = 1, 5, 28


def _name(name: str) -> bytes:
    parts = [part.encode() for part in name.split(".")]
    assert all(0 < len(part) < 64 for part in parts)
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def question(ident: int, name: str, kind: int) -> bytes:
    return struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + _name(name) + struct.pack("!HH", kind, 1)


def answer(ident: int, name: str, address: str, alias: str = "") -> bytes:
    """The question again and the answer, whose name points at the question's; by way of an alias if one is given."""
    packed = ipaddress.ip_address(address).packed
    kind = A if len(packed) == 4 else AAAA
    made = struct.pack("!HHHHHH", ident, 0x8180, 1, 2 if alias else 1, 0, 0) + _name(name) + struct.pack("!HH", kind, 1)
    pointer = 0xC00C
    if alias:
        made += struct.pack("!HHHIH", pointer, CNAME, 1, 300, len(_name(alias)))
        pointer = 0xC000 | len(made)
        made += _name(alias)
    return made + struct.pack("!HHHIH", pointer, kind, 1, 60, len(packed)) + packed


def sframe_header(key_id: int, count: int) -> bytes:
    """RFC 9605 section 4.3: values up to 7 stand in the first byte, longer ones behind it, by length less one."""

    def part(value: int) -> tuple[int, bytes]:
        if value < 8:
            return value, b""
        body = value.to_bytes((value.bit_length() + 7) // 8)
        return 8 | len(body) - 1, body

    (first, more), (second, rest) = part(key_id), part(count)
    return bytes([first << 4 | second]) + more + rest


class SFrame:
    """Seals frames with AES_128_GCM_SHA256_128."""

    def __init__(self, base: bytes, key_id: int) -> None:
        # RFC 9605 section 4.4.2: HKDF with an empty salt, and the suite's number (4) in the labels.
        secret = digest(b"", base, "sha256")
        tail = struct.pack("!QH", key_id, 4)
        self.key = digest(secret, b"SFrame 1.0 Secret key " + tail + b"\1", "sha256")[:16]
        self.salt = int.from_bytes(digest(secret, b"SFrame 1.0 Secret salt " + tail + b"\1", "sha256")[:12])
        self.key_id, self.count = key_id, 0

    def sealed(self, frame: bytes) -> bytes:
        head = sframe_header(self.key_id, self.count)
        nonce = (self.salt ^ self.count).to_bytes(12)
        self.count += 1
        return head + AESGCM(self.key).encrypt(nonce, frame, head)


def ecb(key: bytes, data: bytes) -> bytes:
    """AES in ECB mode with padding as PKCS #7 has it: the mistake that is to be found."""
    data += bytes([16 - len(data) % 16]) * (16 - len(data) % 16)
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return cipher.update(data) + cipher.finalize()


# As researchers have described it: an outer header of 8 bytes towards a server (5: media), then one whose first byte
# says what follows (15: audio, 16: video) and how long it is.
ZOOM_AUDIO, ZOOM_VIDEO = 15, 16
_SIZE = {ZOOM_AUDIO: 19, ZOOM_VIDEO: 24}


def zoom(kind: int, sequence: int, stamp: int, frame: int, packets: int, down: bool, rtp: bytes) -> bytes:
    """RTP in this encapsulation, to or from a server."""
    outer = struct.pack("!BH4sB", 5, sequence & 0xFFFF, b"\x01\0\0\0", 4 if down else 0)
    inner = bytes([kind]) + bytes(8) + struct.pack("!HI", sequence & 0xFFFF, stamp & 0xFFFFFFFF) + bytes(4)
    inner = inner.ljust(_SIZE[kind], b"\0")
    if kind == ZOOM_VIDEO:
        inner = inner[:21] + struct.pack("!HB", frame & 0xFFFF, packets & 0xFF)
    return outer + inner + rtp


def ntp(random: Random, seconds: float, server: bool) -> bytes:
    """`seconds`: since 1970."""

    def stamp(value: float) -> bytes:
        return struct.pack("!II", int(value) + 2208988800, random.getrandbits(32))

    first = 0x24 if server else 0x23
    times = stamp(seconds - 30) + stamp(seconds) + stamp(seconds) if server else bytes(24)
    return struct.pack("!BBbb", first, 2 if server else 0, 6, -20) + random.randbytes(12) + times + stamp(seconds)


def wireguard(random: Random, kind: int, own: int, peer: int, count: int, size: int) -> bytes:
    """1: initiation, 2: response, 4: data."""
    if kind == 1:
        return struct.pack("<II", 1, own) + random.randbytes(140)
    if kind == 2:
        return struct.pack("<III", 2, own, peer) + random.randbytes(80)
    return struct.pack("<IIQ", 4, peer, count) + random.randbytes(size // 16 * 16 + 16)


def dht(random: Random, asks: bool) -> bytes:
    """A get_peers of BEP 5, or its answer, bencoded."""
    ident, info, call = random.randbytes(20), sha256(b"some file").digest()[:20], random.randbytes(2)
    if asks:
        return b"d1:ad2:id20:" + ident + b"9:info_hash20:" + info + b"e1:q9:get_peers1:t2:" + call + b"1:y1:qe"
    nodes = random.randbytes(208)
    return (
        b"d1:rd2:id20:"
        + ident
        + b"5:nodes208:"
        + nodes
        + b"5:token8:"
        + random.randbytes(8)
        + b"e1:t2:"
        + call
        + b"1:y1:re"
    )


def utp(connection: int, stamp: int, sequence: int, data: bytes) -> bytes:
    """BEP 29: ST_DATA, version 1, no extension."""
    return (
        struct.pack("!BBHIIIHH", 0x01, 0, connection, stamp & 0xFFFFFFFF, 1234, 1 << 20, sequence, sequence - 1) + data
    )
