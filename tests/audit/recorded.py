"""Real captures that are kept, small: of each flow the first packets whole, then as many cut short. Made again by
`KEEP=1 pytest tests/audit/real`.
Not here: what is said of them (test_recorded.py), or how they were made (real)."""

import gzip
import os
import struct
from collections import Counter
from pathlib import Path

from audit.tshark import rows

FOLDER = Path(__file__).parent / "recorded"
IS_WANTED = bool(os.environ.get("KEEP"))
WHOLE, ALL = 24, 160
CUT = 120
RECORD = struct.Struct("<IIII")  # seconds, microseconds, bytes kept, bytes on the wire
HEADER = 24


def keep(file: Path) -> None:
    """A smaller copy of a pcap of this machine's byte order, under its name."""
    data, at, number = file.read_bytes(), HEADER, 0
    flows = {int(row[0]): tuple(row[1:]) for row in rows(file, "ip", ("frame.number", "udp.stream", "tcp.stream"))}
    seen: Counter[tuple[str, ...]] = Counter()
    kept = [data[:HEADER]]
    while at < len(data):
        seconds, part, size, wire = RECORD.unpack_from(data, at)
        packet = data[at + RECORD.size : at + RECORD.size + size]
        at, number = at + RECORD.size + size, number + 1
        if (flow := flows.get(number)) is None:
            continue
        seen[flow] += 1
        if seen[flow] <= ALL:
            packet = packet if seen[flow] <= WHOLE else packet[:CUT]
            kept.append(RECORD.pack(seconds, part, len(packet), wire) + packet)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{file.stem}.pcap.gz").write_bytes(gzip.compress(b"".join(kept), mtime=0))
