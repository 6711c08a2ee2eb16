"""CPU of one forwarded packet on either way out, beside only sending the same bytes.
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

    floor = microseconds("fast floor")
    reference = microseconds("reference with sending")
    return [
        Figure("a packet to 50 receivers, forwarding", microseconds("fast forwarding"), "µs"),
        Figure("the same with sending it", microseconds("fast with sending"), "µs", floor, "only sending, together"),
        Figure("by the reference", reference, "µs", microseconds("fast with sending"), "the fast way"),
        Figure("only sending, each alone", microseconds("fast apart"), "µs", floor, "together"),
    ]
