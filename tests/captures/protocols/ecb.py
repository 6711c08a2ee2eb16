"""Media in AES-ECB as the app of 2020 had it: one key for the meeting, key frames that begin alike, padding.
Not here: AES (small.ecb)."""

import struct
from random import Random

from ..labels import Endpoint, Protocol
from ..trace import Trace
from . import codecs, media
from .media import Leg
from .small import ZOOM_AUDIO, ZOOM_VIDEO, ecb, zoom

# What an encoder says of itself in each key frame: user data of an SEI message (H.264 annex D.1.6).
_ABOUT = b"\x06\x05\x60" + bytes(range(16)) + b"options: cabac=0 ref=1 deblock=1:0:0 analyse=0x1:0x111 me=hex subme=2 "
# Filler (NAL unit type 12), by which a constant bit rate is kept.
_FILLER = b"\x0c" + b"\xff" * 191 + b"\x80"


def _units(random: Random, key_frame: bool) -> bytes:
    """A frame in NAL units with start codes."""
    units = codecs.h264_frame(random, key_frame)
    if key_frame:
        units = [*units[:2], _ABOUT, *units[2:]]
    if key_frame or random.random() < 0.3:
        units.append(_FILLER)
    return b"".join(b"\0\0\0\1" + unit for unit in units)


def pictures(random: Random, key: bytes, header: int = 4) -> codecs.Packets:
    """Each packet: a header in clear (a length, then a count, then what never changes), then its part of the frame,
    encrypted by itself. A key frame every 12."""
    constant = random.randbytes(header)
    for number in range(1 << 30):
        frame = _units(random, number % 12 == 0)
        for at in range(0, len(frame), codecs.PIECE):
            part, last = frame[at : at + codecs.PIECE], at + codecs.PIECE >= len(frame)
            clear = (struct.pack("!HH", len(part), number & 0xFFFF) + constant)[:header]
            yield clear + ecb(key, part), last, last


def sounds(random: Random, key: bytes) -> codecs.Packets:
    """Speech, and of silence always the same frame."""
    quiet = b"\x0b" + bytes(39)
    while True:
        for _ in range(random.randrange(10, 30)):
            frame = b"\x0b" + random.randbytes(random.randrange(50, 90))
            yield struct.pack("!HH", len(frame), 0) + ecb(key, frame), False, True
        for _ in range(random.randrange(5, 15)):
            yield struct.pack("!HH", len(quiet), 0) + ecb(key, quiet), False, True


class App2020:
    """The app's flow between a client and a server. All streams made from one have one key."""

    def __init__(self, trace: Trace, client: Endpoint, server: Endpoint, key: bytes) -> None:
        self.trace, self.client, self.server, self.key = trace, client, server, key
        self._sequence = 0

    def wrapped(self, kind: int, up: bool) -> media.Carry:
        """Sends RTP in the app's encapsulation."""
        ends = (self.client, self.server) if up else (self.server, self.client)

        def carry(data: bytes, speaks: tuple[Protocol, ...]) -> None:
            self._sequence += 1
            stamp = int.from_bytes(data[4:8])
            packet = zoom(kind, self._sequence, stamp, stamp // 3000, 1 + len(data) % 4, not up, data)
            self.trace.udp(*ends, packet, Protocol.ZOOM, *speaks, soft=True)

        return carry

    def video(self, up: bool) -> Leg:
        codec = pictures(self.trace.random, self.key)
        return Leg(self.wrapped(ZOOM_VIDEO, up), media.video(self.trace, 98), codec, 66, control=False)

    def audio(self, up: bool) -> Leg:
        codec = sounds(self.trace.random, self.key)
        return Leg(self.wrapped(ZOOM_AUDIO, up), media.audio(self.trace, 112, 640), codec, 40, control=False)
