"""Real captures that are kept, small: of each connection how it began, and of what has no connections the first packets
whole, then some cut short. Made again by `KEEP=1 pytest tests/audit/real`.
Not here: what is said of them (test_recorded.py), or how they were made (real)."""

import gzip
import os
import struct
from collections import Counter
from pathlib import Path

from audit.tshark import rows

FOLDER = Path(__file__).parent / "recorded"
IS_WANTED = bool(os.environ.get("KEEP"))
WHOLE, ALL, CUT = 50, 200, 100
BEGINNING = 30_000  # bytes
RECORD = struct.Struct("<IIII")  # seconds, microseconds, bytes kept, bytes on the wire
HEADER = 24


def keep(file: Path) -> None:
    """A smaller copy of a pcap of this machine's byte order, under its name."""
    data, at, number = file.read_bytes(), HEADER, 0
    shown = rows(file, "tcp or udp", ("frame.number", "tcp.stream", "udp.stream"))
    flows = {int(frame): (tcp, udp) for frame, tcp, udp in shown}
    packets: Counter[tuple[str, str]] = Counter()
    bytes_: Counter[tuple[str, str]] = Counter()
    kept = [data[:HEADER]]
    while at < len(data):
        seconds, part, size, wire = RECORD.unpack_from(data, at)
        packet = data[at + RECORD.size : at + RECORD.size + size]
        at, number = at + RECORD.size + size, number + 1
        if (flow := flows.get(number)) is None:
            continue
        packets[flow] += 1
        bytes_[flow] += size
        if not flow[0] and packets[flow] > WHOLE:
            packet = packet[:CUT]
        if bytes_[flow] <= BEGINNING if flow[0] else packets[flow] <= ALL:
            kept.append(RECORD.pack(seconds, part, len(packet), wire) + packet)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{file.stem}.pcap.gz").write_bytes(gzip.compress(b"".join(kept), mtime=0))
