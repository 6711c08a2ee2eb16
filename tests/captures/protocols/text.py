"""Protocols of text: SDP (RFC 8866, RFC 4568), SIP (RFC 3261), HTTP/1.1 (RFC 9112), WebSocket (RFC 6455).
Not here: over what they go."""

import base64
import hashlib
import struct
import zlib
from dataclasses import dataclass, field
from random import Random

from ..labels import Endpoint

SUITES = {"80": "AES_CM_128_HMAC_SHA1_80", "32": "AES_CM_128_HMAC_SHA1_32"}


@dataclass(frozen=True, slots=True)
class Session:
    """What an SDP says. `keys`: suite and key of each `a=crypto` line, in order of preference."""

    audio: Endpoint
    video: Endpoint | None = None
    profile: str = "RTP/AVP"
    codecs: tuple[str, ...] = ("0 PCMU/8000",)
    keys: tuple[tuple[str, bytes], ...] = ()
    # Further lines of the audio section.
    lines: tuple[str, ...] = ()
    number: int = 4711
    video_codecs: tuple[str, ...] = ("96 H264/90000",)

    def text(self) -> str:
        family = "IP6" if ":" in self.audio.address else "IP4"
        place = f"IN {family} {self.audio.address}"
        lines = ["v=0", f"o=- {self.number} 1 {place}", "s=-", f"c={place}", "t=0 0"]
        lines += self._media("audio", self.audio.port, self.codecs)
        lines += self.lines
        if self.video:
            lines += self._media("video", self.video.port, self.video_codecs)
        return "\r\n".join(lines) + "\r\n"

    def _media(self, kind: str, port: int, codecs: tuple[str, ...]) -> list[str]:
        lines = [f"m={kind} {port} {self.profile} {' '.join(codec.split()[0] for codec in codecs)}"]
        lines += [f"a=rtpmap:{codec}" for codec in codecs]
        for tag, (suite, key) in enumerate(self.keys, 1):
            lines.append(f"a=crypto:{tag} {SUITES[suite]} inline:{base64.b64encode(key).decode()}")
        return [*lines, "a=sendrecv"]


@dataclass(slots=True)
class Dialog:
    """A SIP call from `caller` to `callee`, message by message."""

    caller: Endpoint
    callee: Endpoint
    transport: str
    ident: str
    tags: tuple[str, str] = field(default=("1928301774", "a6c85cf"))

    def _headers(self, number: str, body: str) -> str:
        place = f"{self.caller}"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"Via: SIP/2.0/{self.transport} {place};branch=z9hG4bK{self.ident[:9]}\r\n"
            f"Max-Forwards: 70\r\nFrom: Anna <sip:anna@meet.example>;tag={self.tags[0]}\r\n"
            f"To: Boris <sip:boris@meet.example>;tag={self.tags[1]}\r\nCall-ID: {self.ident}@meet.example\r\n"
            f"CSeq: {number}\r\nContact: <sip:anna@{place}>\r\n{kind}Content-Length: {len(body.encode())}\r\n\r\n{body}"
        )

    def request(self, method: str, body: str = "") -> bytes:
        return f"{method} sip:boris@meet.example SIP/2.0\r\n{self._headers(f'1 {method}', body)}".encode()

    def response(self, status: str, method: str, body: str = "") -> bytes:
        return f"SIP/2.0 {status}\r\n{self._headers(f'1 {method}', body)}".encode()


def request(
    method: str, path: str, host: str, body: bytes = b"", kind: str = "application/json", more: str = ""
) -> bytes:
    size = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: meet/1.0\r\n{more}{size}\r\n".encode() + body


def response(
    status: str, body: bytes = b"", kind: str = "application/json", more: str = "", chunked: bool = False
) -> bytes:
    if not chunked:
        return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body
    pieces = [body[at : at + 100] for at in range(0, len(body), 100)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks


def upgrade(random: Random, host: str, deflate: bool) -> tuple[bytes, bytes]:
    """Question and answer that open a WebSocket."""
    key = base64.b64encode(random.randbytes(16)).decode()
    accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
    more = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
    agreed = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflate else ""
    answer = (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n{agreed}\r\n"
    )
    return request("GET", "/signalling", host, more=more + agreed), answer.encode()


def frame(random: Random, text: str, masked: bool, deflate: bool = False) -> bytes:
    """A text message in one frame; `deflate`: compressed by itself (RFC 7692)."""
    data, first = text.encode(), 0x81
    if deflate:
        squeezed = zlib.compressobj(wbits=-15)
        data = (squeezed.compress(data) + squeezed.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\0\0\xff\xff")
        first |= 0x40
    mark = 0x80 if masked else 0
    head = struct.pack("!BBH", first, mark | 126, len(data))
    if len(data) < 126:
        head = bytes([first, mark | len(data)])
    if not masked:
        return head + data
    mask = random.randbytes(4)
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


def pieces(random: Random, text: str, masked: bool, size: int) -> bytes:
    """A text message in frames of so many bytes, a ping behind the first (RFC 6455 section 5.4)."""
    made = b""
    for at in range(0, len(text), size):
        part = bytearray(frame(random, text[at : at + size], masked))
        last = at + size >= len(text)
        part[0] = (0x80 if last else 0) | (1 if at == 0 else 0)
        made += bytes(part)
        if at == 0:
            ping = bytearray(frame(random, "still there?", masked))
            ping[0] = 0x89
            made += bytes(ping)
    return made
