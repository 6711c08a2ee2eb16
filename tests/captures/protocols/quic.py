"""QUIC versions 1 and 2 (RFC 9000, RFC 9369): initial packets sealed as RFC 9001 says, the rest random bytes."""

import hmac
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..labels import Endpoint, Protocol
from ..trace import Trace
from . import tls

V1, V2 = 0x00000001, 0x6B3343CF
SALTS = {
    V1: bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"),
    V2: bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
}
# RFC 9001 section 5.1; RFC 9369 section 3.3.2.
PREFIX = {V1: "quic", V2: "quicv2"}
INITIAL, HANDSHAKE, RETRY = 0, 2, 3
NAMES = {V1: "1", V2: "2"}


@dataclass(frozen=True, slots=True)
class Terms:
    name: str
    version: int = V1
    alpn: str = "h3"
    long_hello: bool = False
    retry: bool = False
    # The client begins with a version that the server does not know.
    other: bool = False
    # The length of connection ids: the client's first choice of the server's, the client's own, the server's own.
    ids: tuple[int, int, int] = (8, 0, 8)


def number(value: int) -> bytes:
    """A variable-length integer (RFC 9000 section 16)."""
    for size, mark in ((1, 0), (2, 1), (4, 2), (8, 3)):
        if value < 1 << (8 * size - 2):
            return (value | mark << (8 * size - 2)).to_bytes(size)
    raise ValueError(value)


def expanded(secret: bytes, label: str, size: int) -> bytes:
    """HKDF-Expand-Label (RFC 8446 section 7.1) with SHA-256, at most one block."""
    info = struct.pack("!H", size) + tls.vector(1, b"tls13 " + label.encode()) + b"\0"
    return hmac.digest(secret, info + b"\1", "sha256")[:size]


class Initial:
    """Seals initial packets of one end. `first`: the connection id that the client made up."""

    def __init__(self, version: int, first: bytes, client: bool) -> None:
        self.version, self.next = version, 0
        secret = hmac.digest(SALTS[version], first, "sha256")
        own = expanded(secret, "client in" if client else "server in", 32)
        self.key, self.iv, self.hp = (
            expanded(own, f"{PREFIX[version]} {what}", size) for what, size in (("key", 16), ("iv", 12), ("hp", 16))
        )

    def sealed(self, target: bytes, source: bytes, token: bytes, frames: bytes) -> bytes:
        head = long_head(self.version, INITIAL, target, source, 1)
        head += number(len(token)) + token + struct.pack("!H", 0x4000 | (2 + len(frames) + 16))
        at = len(head)
        head += struct.pack("!H", self.next)
        nonce = (int.from_bytes(self.iv) ^ self.next).to_bytes(12)
        self.next += 1
        packet = bytearray(head + AESGCM(self.key).encrypt(nonce, frames, head))
        # RFC 9001 section 5.4: the sample begins four bytes after the packet number does.
        cipher = Cipher(algorithms.AES(self.hp), modes.ECB()).encryptor()
        mask = cipher.update(bytes(packet[at + 4 : at + 20]))
        packet[0] ^= mask[0] & 0x0F
        packet[at] ^= mask[1]
        packet[at + 1] ^= mask[2]
        return bytes(packet)


def long_head(version: int, kind: int, target: bytes, source: bytes, low: int) -> bytes:
    """RFC 9369 section 3.2 gives the kinds other numbers in version 2."""
    shown = (kind + 1) % 4 if version == V2 else kind
    return bytes([0xC0 | shown << 4 | low]) + struct.pack("!I", version) + tls.vector(1, target) + tls.vector(1, source)


def crypto(offset: int, data: bytes) -> bytes:
    return b"\x06" + number(offset) + number(len(data)) + data


def _parameters(trace: Trace, own: bytes) -> bytes:
    pairs = [(0x01, number(30000)), (0x04, number(15728640)), (0x08, number(100)), (0x0F, own), (0x2AB2, b"")]
    trace.random.shuffle(pairs)
    return b"".join(number(kind) + number(len(value)) + value for kind, value in pairs)


def _hello_packets(trace: Trace, terms: Terms, sealer: Initial, ids: tuple[bytes, bytes], token: bytes, hello: bytes):
    """The ClientHello in as many packets of 1200 bytes as it needs; a long one in pieces that are out of order."""
    room = 1200 - 60 - len(token) - len(ids[0]) - len(ids[1])
    for start in range(0, len(hello), room):
        part = hello[start : start + room]
        cut = len(part) // 3
        pieces = [(0, part)]
        if terms.long_hello:
            pieces = [(cut, part[cut : 2 * cut]), (0, part[:cut]), (2 * cut, part[2 * cut :])]
        frames = b"".join(crypto(start + at, piece) for at, piece in pieces)
        if terms.long_hello:
            frames = b"\x01" + frames
        size = len(long_head(terms.version, INITIAL, *ids, 1)) + len(number(len(token))) + len(token) + 2 + 2 + 16
        yield sealer.sealed(*ids, token, frames.ljust(1200 - size, b"\0"))


def _protected(trace: Trace, kind: int, terms: Terms, target: bytes, source: bytes, size: int) -> bytes:
    """A handshake packet: its header is readable but for four bits and the packet number."""
    head = long_head(terms.version, kind, target, source, trace.random.getrandbits(4))
    return head + struct.pack("!H", 0x4000 | size) + trace.bytes(size)


def short(trace: Trace, target: bytes, size: int) -> bytes:
    """A 1-RTT packet."""
    return bytes([0x40 | trace.random.getrandbits(6) & 0x3F]) + target + trace.bytes(size)


def talk(trace: Trace, client: Endpoint, server: Endpoint, terms: Terms, packets: int = 40) -> None:
    """A connection with so many packets of data, most of them to the client."""
    first, own, its = (trace.bytes(size) for size in terms.ids)
    hello_of = tls.Talk(terms.name, alpn=(terms.alpn,), long_hello=terms.long_hello)
    hello = tls.client_hello(trace.random, hello_of, _parameters(trace, own))
    facts = {"server_name": terms.name, "alpn": terms.alpn, "quic_version": NAMES[terms.version]}
    sealer, token, target = Initial(terms.version, first, True), b"", first
    if terms.other:
        opening = long_head(0x1A2A3A4A, INITIAL, first, own, 1) + trace.bytes(1150)
        trace.udp(client, server, opening, Protocol.QUIC)
        # RFC 9000 section 17.2.1.
        versions = struct.pack("!III", V1, V2, 0x5A6A7A8A)
        trace.udp(server, client, b"\xca" + bytes(4) + tls.vector(1, own) + tls.vector(1, first) + versions)
    if terms.retry:
        for packet in _hello_packets(trace, terms, sealer, (first, own), b"", hello):
            trace.udp(client, server, packet, Protocol.QUIC, **facts)
        token, target = trace.bytes(60), trace.bytes(terms.ids[2])
        trace.udp(server, client, retry(trace, terms.version, own, target, first, token))
        # RFC 9001 section 5.2: keys are made anew from the id that the server gave; numbers go on.
        again = Initial(terms.version, target, True)
        again.next, sealer, first = sealer.next, again, target
    for packet in _hello_packets(trace, terms, sealer, (target, own), token, hello):
        trace.udp(client, server, packet, Protocol.QUIC, **facts)
    back = Initial(terms.version, first, False)
    answer = tls.server_hello(trace.random, tls.TLS13, tls.AES_128_SHA256, b"")
    frames = b"\x02" + number(0) + number(0) + number(0) + number(0) + crypto(0, answer)
    initial = back.sealed(own, its, b"", frames)
    trace.udp(server, client, initial + _protected(trace, HANDSHAKE, terms, own, its, 1100 - len(initial)))
    trace.udp(server, client, _protected(trace, HANDSHAKE, terms, own, its, 900))
    acknowledgement = sealer.sealed(its, own, b"", b"\x02\0\0\0\0".ljust(1100, b"\0"))
    trace.udp(client, server, acknowledgement + _protected(trace, HANDSHAKE, terms, its, own, 60))
    for _ in range(packets):
        if trace.random.random() < 0.3:
            trace.udp(client, server, short(trace, its, trace.random.randrange(25, 60)), soft=True)
        else:
            trace.udp(server, client, short(trace, own, trace.random.randrange(200, 1180)), soft=True)
        trace.wait(trace.random.uniform(1, 20))


def retry(trace: Trace, version: int, target: bytes, source: bytes, first: bytes, token: bytes) -> bytes:
    """With the integrity tag of RFC 9001 section 5.8 or RFC 9369 section 3.3.3."""
    key, nonce = {
        V1: ("be0c690b9f66575a1d766b54e368c84e", "461599d35d632bf2239825bb"),
        V2: ("8fb4b01b56ac48e260fbcbcead7ccc92", "d86969bc2d7c6d9990efb04a"),
    }[version]
    packet = long_head(version, RETRY, target, source, trace.random.getrandbits(4)) + token
    pseudo = tls.vector(1, first) + packet
    return packet + AESGCM(bytes.fromhex(key)).encrypt(bytes.fromhex(nonce), b"", pseudo)
