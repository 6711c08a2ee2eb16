"""RTP packets as Chromium sends and receives them under SRTP: what a server that decrypts SRTP can read.
Chromium writes them to its log itself (WebRTC-Debugging-RtpDump); nothing here decrypts."""

import re
from dataclasses import dataclass
from pathlib import Path

FLAGS = [
    "--enable-logging",
    "--vmodule=*/webrtc/*=4",
    "--force-fieldtrials=WebRTC-Debugging-RtpDump/Enabled/",
]
LINE = re.compile(r"^([IO]) [\d:.]+ 0000 ([0-9a-f ]+) # RTP_DUMP", re.MULTILINE)


@dataclass(frozen=True)
class Rtp:
    """One packet (RFC 3550 section 5.1)."""

    sent: bool
    type: int
    sequence: int
    timestamp: int
    source: int
    marker: bool
    extensions: frozenset[int]  # their numbers: the answer says what each stands for
    payload: bytes

    @classmethod
    def read(cls, sent: bool, data: bytes) -> "Rtp | None":
        if len(data) < 12 or data[0] >> 6 != 2 or 64 <= data[1] & 0x7F < 96:
            return None  # RTCP (RFC 5761 section 4)
        start = 12 + 4 * (data[0] & 15)
        extensions: frozenset[int] = frozenset()
        if data[0] & 0x10:
            end = start + 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
            extensions = numbers(data[start : start + 2], data[start + 4 : end])
            start = end
        end = len(data) - (data[-1] if data[0] & 0x20 else 0)
        return cls(
            sent=sent,
            type=data[1] & 0x7F,
            sequence=int.from_bytes(data[2:4], "big"),
            timestamp=int.from_bytes(data[4:8], "big"),
            source=int.from_bytes(data[8:12], "big"),
            marker=data[1] >> 7 == 1,
            extensions=extensions,
            payload=data[start:end],
        )


def numbers(profile: bytes, data: bytes) -> frozenset[int]:
    """The header extensions of a packet (RFC 8285 sections 4.2 and 4.3)."""
    short = profile == b"\xbe\xde"
    if not short and (profile[0], profile[1] >> 4) != (0x10, 0):
        raise ValueError(f"a header extension of an unknown kind: {profile.hex()}")
    found, at = set(), 0
    while at < len(data):
        if data[at] == 0:  # padding
            at += 1
            continue
        number, length = (data[at] >> 4, (data[at] & 15) + 1) if short else (data[at], data[at + 1])
        found.add(number)
        at += length + (1 if short else 2)
    if at != len(data):
        raise ValueError("a header extension does not end where it should")
    return frozenset(found)


class Dump:
    """The log of one browser, from now on."""

    def __init__(self, log: Path) -> None:
        self._log, self._from = log, log.stat().st_size if log.exists() else 0

    def packets(self) -> list[Rtp]:
        with self._log.open("rb") as log:
            log.seek(self._from)
            text = log.read().decode("latin-1")
        lines = LINE.findall(text)
        read = (Rtp.read(way == "O", bytes.fromhex(octets)) for way, octets in lines)
        return [packet for packet in read if packet]
