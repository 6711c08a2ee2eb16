"""DTLS 1.0, 1.2 and 1.3 (RFC 4347, RFC 6347, RFC 9147) with use_srtp (RFC 5764), as it looks from outside."""

import struct
from dataclasses import dataclass

from ..labels import Endpoint, Label, Need, Protocol
from ..trace import Trace
from . import certificates, tls
from .rtp import Profile
from .tls import CHANGE, DATA, DONE, HANDSHAKE, extension, vector

DTLS10, DTLS12, DTLS13 = 0xFEFF, 0xFEFD, 0xFEFC
NAMES = {DTLS10: "DTLS 1.0", DTLS12: "DTLS 1.2", DTLS13: "DTLS 1.3"}
HELLO_VERIFY, CERTIFICATE_REQUEST, CERTIFICATE_VERIFY = 3, 13, 15
# Self-signed is what RFC 8827 section 6.5 asks for: the other side knows the fingerprint.
OWN = certificates.Kind(self_signed=True, days=30)


@dataclass(frozen=True, slots=True)
class Terms:
    version: int = DTLS12
    profile: Profile = Profile.GCM_128
    offered: tuple[Profile, ...] = (Profile.GCM_256, Profile.GCM_128, Profile.CM_80)
    kind: certificates.Kind = OWN


class _End:
    """Numbers records and messages of one end."""

    def __init__(self, version: int) -> None:
        self.version, self.epoch, self.sequence, self.message = version, 0, 0, 0

    def record(self, kind: int, data: bytes) -> bytes:
        head = struct.pack("!BHHHI", kind, self.version, self.epoch, self.sequence >> 32, self.sequence)
        self.sequence += 1
        return head + vector(2, data)

    def handshake(self, kind: int, body: bytes, piece: int = 1100) -> list[bytes]:
        """Records of one message, in fragments where it is longer than a packet."""
        made = []
        for at in range(0, max(len(body), 1), piece):
            part = body[at : at + piece]
            size, where, here = (number.to_bytes(3) for number in (len(body), at, len(part)))
            head = bytes([kind]) + size + struct.pack("!H", self.message) + where + here
            made.append(self.record(HANDSHAKE, head + part))
        self.message += 1
        return made

    def sealed(self, trace: Trace, kind: int, size: int) -> bytes:
        """Something under the keys of the next epoch."""
        self.epoch, self.sequence = 1, 0
        return self.record(kind, trace.bytes(8 + size + 16))


def _hello(trace: Trace, terms: Terms, cookie: bytes, seed: bytes) -> bytes:
    """A ClientHello; `seed`: its random, the same when it is sent again with a cookie."""
    modern = terms.version == DTLS13
    suites = ((0x1301, 0x1302) if modern else ()) + (0xC02B, 0xC02F, 0xC00A, 0xC014)
    body = struct.pack("!H", max(terms.version, DTLS12)) + seed + vector(1, b"") + vector(1, cookie)
    body += vector(2, struct.pack(f"!{len(suites)}H", *suites)) + vector(1, b"\0")
    profiles = struct.pack(f"!{len(terms.offered)}H", *(profile.number for profile in terms.offered))
    more = extension(23, b"") + extension(0xFF01, b"\0") + extension(10, vector(2, b"\0\x1d\0\x17"))
    more += extension(11, b"\1\0") + extension(13, vector(2, bytes.fromhex("0403080404010501")))
    more += extension(14, vector(2, profiles) + vector(1, b""))
    if modern:
        more += extension(43, vector(1, struct.pack("!HH", DTLS13, DTLS12)))
        more += extension(51, vector(2, b"\0\x1d" + vector(2, trace.bytes(32))))
    return body + vector(2, more)


def _server(trace: Trace, terms: Terms) -> bytes:
    body = struct.pack("!H", max(terms.version, DTLS12)) + trace.bytes(32) + vector(1, b"")
    if terms.version == DTLS13:
        share = extension(51, b"\0\x1d" + vector(2, trace.bytes(32)))
        return body + b"\x13\x01\0" + vector(2, extension(43, struct.pack("!H", DTLS13)) + share)
    cipher = 0xC014 if terms.version == DTLS10 else 0xC02F if terms.kind.bits else 0xC02B
    more = extension(0xFF01, b"\0") + extension(23, b"")
    more += extension(14, vector(2, struct.pack("!H", terms.profile.number)) + vector(1, b""))
    return body + struct.pack("!HB", cipher, 0) + vector(2, more)


def labels(terms: Terms) -> list[Label]:
    """What the handshake alone shows."""
    found = [Label.DTLS_1_0] if terms.version == DTLS10 else []
    if terms.version != DTLS13 and terms.profile is Profile.CM_32:
        found.append(Label.SHORT_TAG)
    if terms.version != DTLS13 and (terms.kind.hash != "sha256" or 0 < terms.kind.bits < 2048):
        found.append(Label.WEAK_CERTIFICATE)
    return found


def shake(trace: Trace, client: Endpoint, server: Endpoint, terms: Terms) -> None:
    with trace.shows(*labels(terms), need=Need.ALL):
        if terms.version == DTLS13:
            _shake_13(trace, client, server, terms)
        else:
            _shake_12(trace, client, server, terms)


def _shake_12(trace: Trace, client: Endpoint, server: Endpoint, terms: Terms) -> None:
    # RFC 6347 section 4.2.1: before a version is agreed on records say 1.0.
    one, other = _End(DTLS10), _End(DTLS10)
    seed, cookie = trace.bytes(32), trace.bytes(20)
    trace.udp(client, server, one.handshake(1, _hello(trace, terms, b"", seed))[0], Protocol.DTLS)
    trace.udp(server, client, other.handshake(HELLO_VERIFY, b"\xfe\xff" + vector(1, cookie))[0])
    trace.udp(client, server, one.handshake(1, _hello(trace, terms, cookie, seed))[0])
    one.version = other.version = terms.version
    chain = certificates.chain(f"{trace.random.getrandbits(2)} {terms.kind}", "WebRTC", terms.kind)
    old = tls.TLS10 if terms.version == DTLS10 else tls.TLS12
    exchange = tls.key_exchange(trace.random, old, terms.kind.bits == 0)[4:]
    flight = other.handshake(2, _server(trace, terms)) + other.handshake(tls.CERTIFICATE, tls.certificate(chain)[4:])
    flight += other.handshake(tls.KEY_EXCHANGE, exchange)
    schemes = b"" if old == tls.TLS10 else b"\0\4\4\3\x08\4"
    flight += other.handshake(CERTIFICATE_REQUEST, b"\2\1\x40" + schemes + b"\0\0")
    flight += other.handshake(DONE, b"")
    facts = {"version": NAMES[terms.version], "srtp_profile": terms.profile.title}
    _send(trace, server, client, flight, facts)
    mine = certificates.chain(f"{trace.random.getrandbits(2)} own", "WebRTC", OWN)
    flight = one.handshake(tls.CERTIFICATE, tls.certificate(mine)[4:])
    flight += one.handshake(tls.CLIENT_KEY, vector(1, b"\x04" + trace.bytes(64)))
    flight += one.handshake(CERTIFICATE_VERIFY, (b"" if old == tls.TLS10 else b"\x04\x03") + vector(2, trace.bytes(71)))
    flight += [one.record(CHANGE, b"\1"), one.sealed(trace, HANDSHAKE, 24)]
    _send(trace, client, server, flight, {})
    trace.udp(server, client, other.record(CHANGE, b"\1") + other.sealed(trace, HANDSHAKE, 24))


def _send(trace: Trace, source: Endpoint, target: Endpoint, records: list[bytes], facts: dict[str, str]) -> None:
    """As many records in a datagram as fit."""
    datagram = b""
    for record in records:
        if datagram and len(datagram) + len(record) > 1200:
            trace.udp(source, target, datagram)
            datagram = b""
        datagram += record
    trace.udp(source, target, datagram, **facts)


def _shake_13(trace: Trace, client: Endpoint, server: Endpoint, terms: Terms) -> None:
    one, other = _End(DTLS12), _End(DTLS12)
    hello = one.handshake(1, _hello(trace, terms, b"", trace.bytes(32)))[0]
    trace.udp(client, server, hello, Protocol.DTLS)
    answer = other.handshake(2, _server(trace, terms))[0]
    trace.udp(server, client, answer + unified(trace, 2, 0, 900), version=NAMES[DTLS13])
    trace.udp(client, server, unified(trace, 2, 0, 760))
    trace.udp(server, client, unified(trace, 3, 0, 22))


def unified(trace: Trace, epoch: int, sequence: int, size: int) -> bytes:
    """A DTLS 1.3 record (RFC 9147 section 4): 001, no connection id, 16-bit number, length, epoch."""
    head = struct.pack("!BH", 0x2C | epoch & 3, (sequence ^ trace.random.getrandbits(16)) & 0xFFFF)
    return head + vector(2, trace.bytes(size + 17))


def channel(trace: Trace, source: Endpoint, target: Endpoint, sequence: int, size: int) -> None:
    """What a data channel sends in DTLS 1.2."""
    head = struct.pack("!BHHHI", DATA, DTLS12, 1, 0, sequence)
    trace.udp(source, target, head + vector(2, trace.bytes(size + 24)), Protocol.DTLS, soft=True)
