"""The server and the page decide alike: the same cases, natively and as WebAssembly, compared byte for byte."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CASES = 10_000
BORDERS = ROOT / "core" / "fence" / "borders.bin"
# Before a page has the borders, and once it has them.
IN_NODE = """
const { decisions, loadBorders } = require(process.argv[1] + "/ringfence_agreement.js");
const cases = () => decisions(0, Number(process.argv[2]));
const borders = require("fs").readFileSync(process.argv[3]);
const before = cases();
let refused = "";
try {
  loadBorders(borders.subarray(1));
} catch (error) {
  refused = error.message;
}
loadBorders(borders);
process.stdout.write(JSON.stringify({ before, refused, after: cases() }));
"""


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def native() -> list[str]:
    subprocess.run(["cargo", "build", "-q", "--release", "-p", "ringfence-agreement"], cwd=ROOT, check=True)
    return _output("target/release/ringfence-decisions", "0", str(CASES)).splitlines()


@pytest.fixture(scope="module")
def page() -> dict[str, str]:
    subprocess.run([sys.executable, "tools/wasm.py", "--agreement"], cwd=ROOT, check=True)
    module = str(ROOT / ".build" / "agreement")
    return json.loads(_output("node", "-e", IN_NODE, module, str(CASES), str(BORDERS)))


def test_ten_thousand_decisions_are_the_same_natively_and_in_a_browser(native: list[str], page: dict[str, str]) -> None:
    assert len(native) == CASES
    after = page["after"].splitlines()
    differing = [seed for seed, (one, other) in enumerate(zip(native, after, strict=True)) if one != other]
    assert not differing, (native[differing[0]], after[differing[0]])
    # What is compared is worth comparing.
    decisions = [json.loads(line) for line in native]
    standings = Counter(decision["standing"] for decision in decisions)
    allowed = Counter(decision["allowed"] for decision in decisions)
    assert len(standings) == 5
    assert min(standings.values()) >= CASES / 10
    assert len(allowed) == 2
    assert min(allowed.values()) >= CASES / 10
    # Round trips count for something in both.
    assert sum(bool(decision["excluded"]) for decision in decisions) >= CASES / 100


def test_before_a_page_has_the_borders_round_trips_rule_nothing_out(page: dict[str, str]) -> None:
    decisions = [json.loads(line) for line in page["before"].splitlines()]
    assert not any(decision["excluded"] or decision["standing"] == "proven" for decision in decisions)
    assert not any(decision["allowed"] and decision["not_excluded"] for decision in decisions)


def test_a_page_takes_no_other_file_for_the_borders(page: dict[str, str]) -> None:
    assert page["refused"] == "RF2005"
