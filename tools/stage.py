"""Runs one stage of a long job and notes what it took; at the end, what each took.

python3 tools/stage.py NAME COMMAND...      python3 tools/stage.py
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

NOTED = Path("target/stages")


def run(name: str, command: list[str]) -> int:
    began = time.monotonic()
    status = subprocess.run(command, check=False).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    NOTED.parent.mkdir(exist_ok=True)
    with NOTED.open("a") as noted:
        noted.write(f"{name}\t{time.monotonic() - began:.0f}\t{used.ru_utime + used.ru_stime:.0f}\n")
    if status != 0:
        table()
    return status


def table() -> None:
    """What was noted since the last table."""
    if not NOTED.exists():
        return
    noted = NOTED.rename(NOTED.with_suffix(f".{os.getpid()}"))
    print(f"{'stage':<40} {'seconds':>8} {'of processors':>14}")
    for line in noted.read_text().splitlines():
        name, seconds, used = line.split("\t")
        print(f"{name:<40} {seconds:>8} {used:>14}")
    noted.unlink()


if __name__ == "__main__":
    if len(sys.argv) == 1:
        table()
    else:
        sys.exit(run(sys.argv[1], sys.argv[2:]))
