"""The core's own operations: natively, as WebAssembly in node, and in instructions under callgrind.
Not here: the operations (core/bench)."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bench.figures import Figure

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target" / "release" / "ringfence-bench"
MODULE = ROOT / ".build" / "bench"
SIZES = ("10", "100", "1000")
# In ms, of the page: what somebody waits for, or what the others must not notice. Of groups by the number of members.
PAGE_BUDGETS = {
    "key-package/10": 5,
    "add/10": 10,
    "add/100": 20,
    "add/1000": 100,
    "process-add/10": 20,
    "process-add/100": 30,
    "process-add/1000": 100,
    "join/10": 30,
    "join/100": 100,
    "join/1000": 1000,
    "remove/10": 30,
    "remove/100": 100,
    "remove/1000": 1000,
    "process-remove/10": 20,
    "process-remove/100": 30,
    "process-remove/1000": 100,
    "decide-fence": 0.5,
    "decide-borders": 0.5,
    "read-fence": 5,
    "verification-code": 2000,
}
# In ms, of the server.
BUDGETS = {"decide-fence": 0.05, "decide-borders": 0.05, "place-1000": 20, "verify-receipt": 200}
# What a seal and an opening cannot be cheaper than.
FLOORS = {"seal-20kB": "aes-gcm-20kB", "open-20kB": "aes-gcm-20kB"}
COUNTED = ("seal-20kB", "open-20kB", "decide-fence", "decide-borders", "read-fence")
TIMES = 50


def output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def figures() -> dict[str, list[Figure]]:
    subprocess.run(["cargo", "build", "-q", "--release", "-p", "ringfence-bench"], cwd=ROOT, check=True)
    subprocess.run([sys.executable, "tools/wasm.py", "--bench"], cwd=ROOT, check=True)
    native = json.loads(output(str(PROGRAM), *SIZES))
    page = json.loads(output("node", "bench/core.mjs", str(MODULE), *SIZES))
    return {
        "The core, natively": [
            Figure(name, value, "ms", native.get(FLOORS.get(name, "")), FLOORS.get(name, ""))
            if name in FLOORS
            else Figure(name, value, "ms", BUDGETS.get(name))
            for name, value in native.items()
        ],
        "The core as WebAssembly, beside its budget": [
            Figure(name, value, "ms", PAGE_BUDGETS.get(name)) for name, value in page.items()
        ],
        "The core as WebAssembly, beside the native": [
            Figure(name, value, "ms", native[name], "native") for name, value in page.items() if native[name]
        ],
        "Instructions (callgrind)": [Figure(name, instructions(name), "") for name in COUNTED] if valgrind() else [],
    }


def valgrind() -> bool:
    return shutil.which("valgrind") is not None


def instructions(name: str) -> float:
    """Of one operation: a machine's load does not change them."""
    return (count(name, TIMES) - count(name, 0)) / TIMES


def count(name: str, times: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(PROGRAM), "once", name, str(times)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    found = re.search(r"Collected : (\d+)", said)
    if found is None:
        raise RuntimeError(f"callgrind counted nothing: {said[-500:]}")
    return int(found[1])
