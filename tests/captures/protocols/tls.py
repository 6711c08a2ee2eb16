"""TLS 1.0 to 1.3 (RFC 2246, RFC 4346, RFC 5246, RFC 8446): hellos and handshakes as they look from outside.
What is encrypted is random bytes: nobody without the keys can tell."""

import struct
from dataclasses import dataclass
from random import Random

from ..labels import Protocol
from ..trace import Stream
from . import certificates

SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0300, 0x0301, 0x0302, 0x0303, 0x0304
NAMES = {SSL3: "SSL 3.0", TLS10: "TLS 1.0", TLS11: "TLS 1.1", TLS12: "TLS 1.2", TLS13: "TLS 1.3"}
CHANGE, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
CLIENT_HELLO, SERVER_HELLO, TICKET, CERTIFICATE, KEY_EXCHANGE, DONE, CLIENT_KEY, FINISHED = 1, 2, 4, 11, 12, 14, 16, 20
AES_128_SHA256, ECDHE_RSA_AES_128_SHA, ECDHE_ECDSA_GCM, ECDHE_RSA_GCM = 0x1301, 0xC013, 0xC02B, 0xC02F


@dataclass(frozen=True, slots=True)
class Talk:
    """What the two ends agree on."""

    name: str
    version: int = TLS13
    # The highest that the client offers; 0: the same.
    offered: int = 0
    alpn: tuple[str, ...] = ("h2", "http/1.1")
    chosen: str = "h2"
    kind: certificates.Kind = certificates.GOOD
    # Of the client's: a key share of X25519MLKEM768 makes its hello longer than a packet.
    long_hello: bool = False


def vector(size: int, data: bytes) -> bytes:
    return len(data).to_bytes(size) + data


def extension(kind: int, data: bytes) -> bytes:
    return struct.pack("!H", kind) + vector(2, data)


def handshake(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + vector(3, body)


def record(kind: int, version: int, data: bytes) -> bytes:
    """In as many records as it needs."""
    pieces = [data[at : at + 16384] for at in range(0, len(data), 16384)]
    return b"".join(struct.pack("!BH", kind, version) + vector(2, piece) for piece in pieces)


def server_name(name: str) -> bytes:
    return extension(0, vector(2, b"\0" + vector(2, name.encode())))


def protocols(names: tuple[str, ...]) -> bytes:
    return extension(16, vector(2, b"".join(vector(1, name.encode()) for name in names)))


def client_hello(random: Random, talk: Talk, quic: bytes = b"") -> bytes:
    """With `quic`, the transport parameters, as QUIC sends it: 1.3 only and no session id."""
    offered = talk.offered or talk.version
    modern = offered == TLS13
    suites = (AES_128_SHA256, 0x1302, 0x1303) if modern else ()
    if not quic:
        suites += (ECDHE_ECDSA_GCM, ECDHE_RSA_GCM, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, ECDHE_RSA_AES_128_SHA, 0xC014)
    body = struct.pack("!H", min(offered, TLS12)) + random.randbytes(32)
    body += vector(1, b"" if quic or not modern else random.randbytes(32))
    body += vector(2, struct.pack(f"!{len(suites)}H", *suites)) + vector(1, b"\0")
    groups = (0x11EC, 0x1D, 0x17, 0x18) if talk.long_hello else (0x1D, 0x17, 0x18)
    more = server_name(talk.name) if talk.name else b""
    more += extension(23, b"") + extension(0xFF01, b"\0")
    more += extension(10, vector(2, struct.pack(f"!{len(groups)}H", *groups))) + extension(11, b"\1\0")
    more += extension(35, b"") if not quic else b""
    if talk.alpn:
        more += protocols(talk.alpn)
    if offered >= TLS12:
        more += extension(13, vector(2, bytes.fromhex("040308040401050308050501080606010201")))
    if modern:
        shares = struct.pack("!H", 0x11EC) + vector(2, random.randbytes(1216)) if talk.long_hello else b""
        shares += struct.pack("!H", 0x1D) + vector(2, random.randbytes(32))
        more += extension(51, vector(2, shares)) + extension(45, b"\1\1")
        versions = b"\3\4" if quic else b"\3\4\3\3" if talk.version >= TLS12 else b"\3\4\3\3\3\2\3\1"
        more += extension(43, vector(1, versions))
    if quic:
        more += extension(0x39, quic)
    return handshake(CLIENT_HELLO, body + vector(2, more))


def server_hello(random: Random, version: int, cipher: int, session: bytes, alpn: str = "") -> bytes:
    body = struct.pack("!H", min(version, TLS12)) + random.randbytes(32) + vector(1, session)
    body += struct.pack("!HB", cipher, 0)
    if version == TLS13:
        share = struct.pack("!H", 0x1D) + vector(2, random.randbytes(32))
        return handshake(SERVER_HELLO, body + vector(2, extension(43, b"\x03\x04") + extension(51, share)))
    more = extension(0xFF01, b"\0") + extension(23, b"") + extension(11, b"\1\0")
    return handshake(SERVER_HELLO, body + vector(2, more + (protocols((alpn,)) if alpn else b"")))


def certificate(chain: tuple[bytes, ...]) -> bytes:
    """As before 1.3."""
    return handshake(CERTIFICATE, vector(3, b"".join(vector(3, one) for one in chain)))


def key_exchange(random: Random, version: int, ecdsa: bool) -> bytes:
    """ECDHE over P-256 (RFC 8422)."""
    body = b"\x03\x00\x17" + vector(1, b"\x04" + random.randbytes(64))
    signature = vector(2, b"\x30\x45\x02\x21\0" + random.randbytes(32) + b"\x02\x20" + random.randbytes(32))
    if not ecdsa:
        signature = vector(2, random.randbytes(256))
    scheme = b"" if version < TLS12 else b"\x04\x03" if ecdsa else b"\x04\x01"
    return handshake(KEY_EXCHANGE, body + scheme + signature)


def shake(stream: Stream, talk: Talk, seed: str) -> None:
    """The handshake. Afterwards the flow is TLS, and `data` can be sent."""
    random, version = stream.trace.random, talk.version
    hello = client_hello(random, talk)
    session = hello[39 : 39 + hello[38]]
    named = {"server_name": talk.name} if talk.name else {}
    stream.ask(record(HANDSHAKE, TLS10, hello), Protocol.TLS, **named)
    old = min(version, TLS12)
    if version == TLS13:
        flight = record(HANDSHAKE, old, server_hello(random, version, AES_128_SHA256, session))
        flight += record(CHANGE, old, b"\1") + record(DATA, old, random.randbytes(random.randrange(2400, 3300)))
        stream.answer(flight, version=NAMES[version], cipher="TLS_AES_128_GCM_SHA256")
        stream.ask(record(CHANGE, old, b"\1") + record(DATA, old, random.randbytes(53)))
        stream.answer(record(DATA, old, random.randbytes(250)), soft=True)
        return
    ecdsa = talk.kind.bits == 0
    cipher = ECDHE_RSA_AES_128_SHA if version < TLS12 else ECDHE_ECDSA_GCM if ecdsa else ECDHE_RSA_GCM
    name = {
        ECDHE_RSA_AES_128_SHA: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        ECDHE_ECDSA_GCM: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        ECDHE_RSA_GCM: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    }[cipher]
    flight = record(HANDSHAKE, version, server_hello(random, version, cipher, random.randbytes(32), talk.chosen))
    flight += record(HANDSHAKE, version, certificate(certificates.chain(seed, talk.name, talk.kind)))
    flight += record(HANDSHAKE, version, key_exchange(random, version, ecdsa))
    flight += record(HANDSHAKE, version, handshake(DONE, b""))
    stream.answer(flight, version=NAMES[version], cipher=name, **({"alpn": talk.chosen} if talk.chosen else {}))
    point = handshake(CLIENT_KEY, vector(1, b"\x04" + random.randbytes(64)))
    finished = record(CHANGE, version, b"\1") + record(HANDSHAKE, version, random.randbytes(40))
    stream.ask(record(HANDSHAKE, version, point) + finished)
    stream.answer(record(CHANGE, version, b"\1") + record(HANDSHAKE, version, random.randbytes(40)))


def data(stream: Stream, sizes: list[int], version: int = TLS12) -> None:
    """Application data of these sizes, asked and answered in turn."""
    for number, size in enumerate(sizes):
        say = stream.answer if number % 2 else stream.ask
        say(record(DATA, version, stream.trace.bytes(size + 24)), soft=True)
        stream.trace.wait(stream.trace.random.uniform(5, 60))
