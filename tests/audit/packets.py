"""The smallest captures: UDP over IPv4 over Ethernet, in the older file format.
Not here: captures of calls."""

import struct
from pathlib import Path

ME, SERVER, RESOLVER = "192.168.1.20", "203.0.113.7", "192.168.1.1"


def address(text: str) -> bytes:
    return bytes(int(part) for part in text.split("."))


def udp(source: str, port: int, target: str, to: int, payload: bytes) -> bytes:
    """A frame. Checksums are left out, as interfaces that compute them do."""
    datagram = struct.pack(">HHHH", port, to, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(datagram), 1, 0x4000, 64, 17, 0)
    return bytes(12) + b"\x08\x00" + head + address(source) + address(target) + datagram


def stun(transaction: int) -> bytes:
    """A Binding request (RFC 8489 section 5)."""
    return struct.pack(">HHI", 1, 0, 0x2112A442) + transaction.to_bytes(12)


def query(name: str) -> bytes:
    """A question for an address (RFC 1035 section 4)."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)


def file(frames: list[bytes], start: int = 1_764_000_000) -> bytes:
    """One frame a second."""
    records = (struct.pack("<IIII", start + at, 0, len(one), len(one)) + one for at, one in enumerate(frames))
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + b"".join(records)


def frames() -> list[bytes]:
    asked = [udp(ME, 40000, RESOLVER, 53, query("meet.example"))]
    return asked + [udp(ME, 50000, SERVER, 3478, stun(number)) for number in range(5)]


def write(path: Path) -> Path:
    path.write_bytes(file(frames()))
    return path
