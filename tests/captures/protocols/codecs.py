"""Payloads as codecs make them, and how they go into RTP: G.711, Opus (RFC 7587), VP8 (RFC 7741), H.264 (RFC 6184).
Each is a generator of (payload, marker, last of its frame), endless."""

import math
import struct
from collections.abc import Iterator
from random import Random

Packets = Iterator[tuple[bytes, bool, bool]]
PIECE = 1100


def mu_law(sample: int) -> int:
    """One 16-bit sample (ITU-T G.711)."""
    sign = 0x80 if sample < 0 else 0
    value = min(abs(sample), 32635) + 132
    exponent = max(value.bit_length() - 8, 0)
    return ~(sign | (exponent << 4) | ((value >> (exponent + 3)) & 0x0F)) & 0xFF


def a_law(sample: int) -> int:
    sign = 0 if sample < 0 else 0x80
    value = min(abs(sample), 32767) >> 4
    exponent = max(value.bit_length() - 4, 0) if value >= 16 else 0
    body = (exponent << 4 | (value >> (exponent - 1)) & 0x0F) if value >= 32 else value & 0x1F
    return (sign | body) ^ 0x55


def speech(random: Random) -> Iterator[list[int]]:
    """Frames of 20 ms at 8 kHz that rise and fall like syllables, with pauses of a little noise."""
    phase, time = 0.0, 0
    while True:
        pitch, loud = random.uniform(95, 180), random.choice([0, 2500, 6000, 9000])
        for part in range(random.randrange(4, 12)):
            frame = []
            for _ in range(160):
                time += 1
                phase += 2 * math.pi * pitch / 8000
                voice = math.sin(phase) + 0.5 * math.sin(2 * phase + 1) + 0.3 * math.sin(5 * phase)
                frame.append(int(loud * math.sin(math.pi * (part + 0.5) / 12) * voice + random.gauss(0, 12)))
            yield frame


def g711(random: Random, alaw: bool = False) -> Packets:
    law = a_law if alaw else mu_law
    first = True
    for frame in speech(random):
        yield bytes(map(law, frame)), first, True
        first = False


def silence(random: Random) -> Packets:
    """A muted microphone in G.711: every payload is the same."""
    while True:
        yield b"\xff" * 160, False, True


def opus(random: Random) -> Packets:
    """20 ms, mono, hybrid fullband (configuration 15), one frame a packet; now and then silk only while it is quiet.
    Behind the table-of-contents byte comes what a range coder makes: its first symbols are skewed, the rest is not."""
    first = True
    while True:
        for _ in range(random.randrange(20, 60)):
            head = bytes([0x78, random.choice([0x80, 0x84, 0x88, 0x8C, 0x90, 0xA0]) | random.randrange(4)])
            yield head + random.randbytes(int(random.gauss(85, 14)) % 140 + 20), first, True
            first = False
        for _ in range(random.randrange(2, 6)):
            yield b"\x78" + bytes([0x0B, 0xE4]) + random.randbytes(random.randrange(8, 14)), False, True


def quiet_opus(random: Random) -> Packets:
    """Digital silence: the three bytes that the encoder makes of it, again and again."""
    while True:
        yield b"\xf8\xff\xfe", False, True


def vp8_frame(random: Random, key: bool, width: int = 640, height: int = 360) -> bytes:
    """RFC 6386 section 9.1: frame tag; start code and size in key frames. The partitions look random."""
    size = random.randrange(3000, 5000) if key else random.randrange(400, 1500)
    tag = (0 if key else 1) | (1 << 4) | (min(size // 4, 0x7FFFF) << 5)
    head = struct.pack("<I", tag)[:3]
    if key:
        head += b"\x9d\x01\x2a" + struct.pack("<HH", width, height)
    return head + random.randbytes(size)


def vp8(random: Random) -> Packets:
    """With 15-bit picture id and TL0PICIDX, as browsers send it."""
    picture, base = random.getrandbits(15), random.getrandbits(8)
    for number in range(1 << 30):
        frame = vp8_frame(random, number % 60 == 0)
        picture, base = (picture + 1) & 0x7FFF, (base + 1) & 0xFF
        for at in range(0, len(frame), PIECE):
            last = at + PIECE >= len(frame)
            head = bytes([0x80 | (0x10 if at == 0 else 0), 0xE0]) + struct.pack("!HBB", 0x8000 | picture, base, 0x20)
            yield head + frame[at : at + PIECE], last, last


SPS = bytes.fromhex("6742c01fda02d0496c0440000003004000000f23c60ca8")
PPS = bytes.fromhex("68ce3c80")


def _escaped(data: bytes) -> bytes:
    """Without start codes (H.264 section 7.4.1: 0x000003 for 0x0000 before 0 to 3)."""
    made, zeros = bytearray(), 0
    for byte in data:
        if zeros == 2 and byte <= 3:
            made.append(3)
            zeros = 0
        made.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(made)


def h264_frame(random: Random, key: bool) -> list[bytes]:
    """Its NAL units."""
    size = random.randrange(2500, 4000) if key else random.randrange(300, 1400)
    head = bytes([0x65, 0x88, 0x84]) if key else bytes([0x41, 0x9A, random.randrange(256)])
    picture = head + _escaped(random.randbytes(size))
    return [SPS, PPS, picture] if key else [picture]


def h264(random: Random) -> Packets:
    """Packetization mode 1: single NAL units and FU-A."""
    for number in range(1 << 30):
        units = h264_frame(random, number % 30 == 0)
        for unit in units:
            ends = unit is units[-1]
            if len(unit) <= PIECE:
                yield unit, ends, ends
                continue
            body = unit[1:]
            for at in range(0, len(body), PIECE):
                last = at + PIECE >= len(body)
                flags = (0x80 if at == 0 else 0) | (0x40 if last else 0)
                head = bytes([unit[0] & 0xE0 | 28, flags | unit[0] & 0x1F])
                yield head + body[at : at + PIECE], ends and last, ends and last
