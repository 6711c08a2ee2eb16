"""RTP and RTCP (RFC 3550), and SRTP with its real ciphers (RFC 3711, RFC 7714).
Not here: what is in the payload."""

import hmac
import struct
from dataclasses import dataclass, field
from enum import Enum

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class Profile(Enum):
    """By the names of the DTLS registry, with its number (RFC 5764, RFC 7714), key and salt sizes and tag."""

    CM_80 = ("SRTP_AES128_CM_HMAC_SHA1_80", 1, 16, 14, 10)
    CM_32 = ("SRTP_AES128_CM_HMAC_SHA1_32", 2, 16, 14, 4)
    GCM_128 = ("SRTP_AEAD_AES_128_GCM", 7, 16, 12, 16)
    GCM_256 = ("SRTP_AEAD_AES_256_GCM", 8, 32, 12, 16)

    def __init__(self, title: str, number: int, key: int, salt: int, tag: int) -> None:
        self.title, self.number, self.key, self.salt, self.tag = title, number, key, salt, tag

    @property
    def counter_mode(self) -> bool:
        return self.salt == 14


def extension(elements: dict[int, bytes]) -> bytes:
    """One-byte form of RFC 8285."""
    body = b"".join(bytes([(key << 4) | (len(value) - 1)]) + value for key, value in elements.items())
    body += bytes(-len(body) % 4)
    return struct.pack("!HH", 0xBEDE, len(body) // 4) + body


@dataclass(slots=True)
class Source:
    """One sender's stream: what its next packet has in its header. `step`: ticks of its clock a frame."""

    ssrc: int
    kind: int
    step: int
    sequence: int
    stamp: int
    extensions: dict[int, bytes] = field(default_factory=dict)
    sent: int = 0
    octets: int = 0

    def header(self, payload: bytes, marker: bool = False, last: bool = True) -> bytes:
        """Of a packet with this payload; the next one is of the next frame if this is the `last` of its own."""
        more = extension(self.extensions) if self.extensions else b""
        first = 0x80 | (0x10 if more else 0)
        made = struct.pack("!BBHII", first, self.kind | (marker << 7), self.sequence & 0xFFFF, self.stamp, self.ssrc)
        self.sequence += 1
        self.sent += 1
        self.octets += len(payload)
        if last:
            self.stamp = (self.stamp + self.step) & 0xFFFFFFFF
        return made + more


def _rtcp(count: int, kind: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def sender_report(source: Source, now: int, name: str) -> bytes:
    """SR and SDES in one compound packet. `now`: ns since 1970."""
    seconds, rest = divmod(now, 1_000_000_000)
    stamp = struct.pack("!II", seconds + 2208988800, (rest << 32) // 1_000_000_000)
    report = struct.pack("!I", source.ssrc) + stamp + struct.pack("!III", source.stamp, source.sent, source.octets)
    chunk = struct.pack("!IBB", source.ssrc, 1, len(name)) + name.encode() + b"\0"
    return _rtcp(0, 200, report) + _rtcp(1, 202, chunk + bytes(-len(chunk) % 4))


def receiver_report(own: int, of: Source) -> bytes:
    block = struct.pack("!IIIIII", of.ssrc, 0, of.sequence & 0xFFFF, 12, 0x5A5A0000, 0x1000)
    return _rtcp(1, 201, struct.pack("!I", own) + block)


def picture_loss(own: int, of: int) -> bytes:
    return _rtcp(1, 206, struct.pack("!II", own, of))


def counter(key: bytes, start: bytes, data: bytes) -> bytes:
    """AES in counter mode from this block on."""
    cipher = Cipher(algorithms.AES(key), modes.CTR(start)).encryptor()
    return cipher.update(data) + cipher.finalize()


class Sealer:
    """One direction's SRTP context from a master key and salt (RFC 3711 section 4.3)."""

    def __init__(self, profile: Profile, key: bytes, salt: bytes, mki: bytes = b"") -> None:
        self.profile, self.mki = profile, mki
        self._master, self._master_salt = key, salt
        self.key, self.control_key = self._derived(0, profile.key), self._derived(3, profile.key)
        self.auth, self.control_auth = self._derived(1, 20), self._derived(4, 20)
        self.salt, self.control_salt = self._derived(2, profile.salt), self._derived(5, profile.salt)
        self._index = 0
        self._last: dict[bytes, int] = {}

    def _derived(self, label: int, size: int) -> bytes:
        value = int.from_bytes(self._master_salt.ljust(14, b"\0")) ^ (label << 48)
        return counter(self._master, value.to_bytes(14) + b"\0\0", bytes(size))

    def _tagged(self, key: bytes, data: bytes, more: bytes, size: int) -> bytes:
        return data + self.mki + hmac.digest(key, data + more, "sha1")[:size]

    def _roll_over(self, ssrc: bytes, sequence: int) -> bytes:
        """The counter of 32 bits that is not sent (RFC 3711 section 3.3.1). Packets are sealed in order."""
        last = self._last.get(ssrc, sequence)
        over = (last >> 16) + (sequence < last & 0xFFFF)
        self._last[ssrc] = over << 16 | sequence
        return over.to_bytes(4)

    def rtp(self, header: bytes, payload: bytes) -> bytes:
        sequence, ssrc = header[2:4], header[8:12]
        over = self._roll_over(ssrc, int.from_bytes(sequence))
        if self.profile.counter_mode:
            index = (int.from_bytes(ssrc) << 64) ^ (int.from_bytes(over + sequence) << 16)
            start = (int.from_bytes(self.salt) << 16) ^ index
            sealed = header + counter(self.key, start.to_bytes(16), payload)
            return self._tagged(self.auth, sealed, over, self.profile.tag)
        nonce = int.from_bytes(bytes(2) + ssrc + over + sequence) ^ int.from_bytes(self.salt)
        return header + AESGCM(self.key).encrypt(nonce.to_bytes(12), payload, header) + self.mki

    def rtcp(self, packet: bytes) -> bytes:
        head, rest, ssrc = packet[:8], packet[8:], packet[4:8]
        index, trailer = self._index, struct.pack("!I", 0x80000000 | self._index)
        self._index += 1
        if self.profile.counter_mode:
            start = (int.from_bytes(self.control_salt) << 16) ^ (int.from_bytes(ssrc) << 64) ^ (index << 16)
            sealed = head + counter(self.control_key, start.to_bytes(16), rest) + trailer
            # RFC 5764 section 4.1.2: SRTCP keeps 80 bits also where SRTP has 32.
            return self._tagged(self.control_auth, sealed, b"", 10)
        nonce = int.from_bytes(bytes(2) + ssrc + bytes(2) + struct.pack("!I", index)) ^ int.from_bytes(
            self.control_salt
        )
        return head + AESGCM(self.control_key).encrypt(nonce.to_bytes(12), rest, head + trailer) + trailer + self.mki
