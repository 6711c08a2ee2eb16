"""CPU of one forwarded packet, beside only sending the same bytes.
Not here: how it is measured (core/sfu/examples/forward.rs)."""

import re
import subprocess
from pathlib import Path

from bench.figures import Figure

ROOT = Path(__file__).resolve().parent.parent


def figures() -> list[Figure]:
    command = ["cargo", "run", "-q", "--release", "-p", "ringfence-sfu", "--example", "forward"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    def microseconds(line: str) -> float:
        return float(re.search(rf"^{line}\s+([\d.]+) µs", said, re.MULTILINE)[1])

    floor = microseconds("send_to alone")
    return [
        Figure("a packet to 50 receivers, forwarding", microseconds("forwarding"), "µs"),
        Figure("the same with sending it", microseconds("with send_to"), "µs", floor, "only sending"),
    ]
