"""The server and the page decide alike: the same cases, natively and as WebAssembly, compared byte for byte."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CASES = 10_000
IN_NODE = """
const { decisions } = require(process.argv[1] + "/ringfence_agreement.js");
process.stdout.write(decisions(Number(process.argv[2]), Number(process.argv[3])));
"""


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_ten_thousand_decisions_are_the_same_natively_and_in_a_browser() -> None:
    subprocess.run(["cargo", "build", "-q", "--release", "-p", "ringfence-agreement"], cwd=ROOT, check=True)
    subprocess.run([sys.executable, "tools/wasm.py", "--agreement"], cwd=ROOT, check=True)
    native = _output("target/release/ringfence-decisions", "0", str(CASES)).splitlines()
    page = _output("node", "-e", IN_NODE, str(ROOT / ".build" / "agreement"), "0", str(CASES)).splitlines()
    assert len(native) == CASES
    differing = [seed for seed, (one, other) in enumerate(zip(native, page, strict=True)) if one != other]
    assert not differing, (native[differing[0]], page[differing[0]])
    # What is compared is worth comparing.
    decisions = [json.loads(line) for line in native]
    standings = Counter(decision["standing"] for decision in decisions)
    allowed = Counter(decision["allowed"] for decision in decisions)
    assert len(standings) == 5
    assert min(standings.values()) >= CASES / 10
    assert len(allowed) == 2
    assert min(allowed.values()) >= CASES / 10
