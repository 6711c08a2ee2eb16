"""Runs the fuzzers: each target for so many seconds, two at a time; and shows that each finds a bug planted in it.
Not responsible for: what a target does (core/fuzz, tests/fuzz), or the replay of kept inputs (ordinary tests)."""

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "core" / "fuzz"
WORK = ROOT / ".build" / "fuzz"
PROGRAM = ROOT / "target" / "release" / "ringfence-fuzz"
PYTHON = ROOT / ".venv" / "bin" / "python"
# As long as a planted bug may take to be found; most take some seconds, on a slow machine a minute.
PATIENCE = 300


@dataclass(frozen=True)
class Target:
    name: str
    seconds: int
    longest: int
    corpus: Path
    command: tuple[str, ...]


def targets() -> list[Target]:
    """Those that the Rust library lists, and the WebSocket messages where atheris is installed."""
    listed = (CORE / "src" / "lib.rs").read_text()
    rust = re.findall(r'target\("([a-z0-9-]+)", [a-z:_0-9]+, (\d+), (\d+)\)', listed)
    found = [
        Target(name, int(seconds), int(longest), CORE / "corpus" / name, (str(PROGRAM),))
        for name, seconds, longest in rust
    ]
    found_atheris = subprocess.run([str(PYTHON), "-c", "import atheris"], capture_output=True, check=False)
    if found_atheris.returncode == 0:
        program = (str(PYTHON), "-m", "fuzz.websocket")
        found.append(Target("websocket", 7, 4000, ROOT / "tests" / "fuzz" / "corpus", program))
    return found


def build() -> None:
    command = ["cargo", "build", "-q", "--release", "-p", "ringfence-fuzz", "--features", "libfuzzer"]
    environment = os.environ | {"RUSTC_WORKSPACE_WRAPPER": str(ROOT / "tools" / "instrumented")}
    subprocess.run([*command, "--bin", "ringfence-fuzz"], cwd=ROOT, env=environment, check=True)


def run(target: Target, seconds: int, *options: str, planted: bool = False) -> subprocess.CompletedProcess[str]:
    """libFuzzer from the kept corpus; new inputs go to .build/fuzz."""
    grown = WORK / ("planted" if planted else "corpus") / target.name
    if planted:
        shutil.rmtree(grown, ignore_errors=True)
    grown.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"RINGFENCE_TARGET": target.name, "PYTHONPATH": str(ROOT / "tests")}
    if planted:
        environment["RINGFENCE_PLANTED"] = "1"
    command = [*target.command, str(grown), str(target.corpus), f"-max_total_time={seconds}", *options]
    command += [f"-max_len={target.longest}", "-timeout=10", "-rss_limit_mb=2048", "-keep_seed=1"]
    command += [f"-artifact_prefix={WORK}/{'planted' if planted else 'found'}-{target.name}-"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace")


def planted(target: Target, _seconds: int) -> bool:
    """The fuzzer finds the bug in the harness, and no kept input does. It begins anew every so many inputs: what it
    keeps for other reasons than the bug would hide the few inputs that lead there."""
    started = time.monotonic()
    found, seed, done = False, 0, None
    while not found and time.monotonic() - started < PATIENCE:
        seed += 1
        done = run(target, PATIENCE // 5, f"-seed={seed}", "-runs=30000", planted=True)
        found = "the planted bug" in done.stderr + done.stdout
        if done.returncode and not found:
            break
    took = time.monotonic() - started
    print(f"{target.name:12} planted bug {'found' if found else 'NOT found'} after {took:4.1f} s", flush=True)
    if done is not None and not found:
        print(done.stderr[-3000:])
    return found


def search(target: Target, seconds: int) -> bool:
    done = run(target, seconds)
    runs = re.findall(r"^#(\d+)\s.*?cov: (\d+)", done.stderr, re.MULTILINE)
    count, edges = runs[-1] if runs else ("0", "0")
    fine = done.returncode == 0 and runs
    outcome = "nothing found" if fine else "FAILED"
    print(f"{target.name:12} {seconds:4} s {int(count):>10,} inputs {int(edges):>6,} edges  {outcome}", flush=True)
    if not fine:
        print(done.stderr[-6000:])
    return bool(fine)


def keep(target: Target, _seconds: int) -> bool:
    """Adds to the kept corpus the fewest inputs that reach what was reached since."""
    options = ["-merge=1", "-set_cover_merge=1", f"-max_len={min(target.longest, 1000)}"]
    environment = os.environ | {"RINGFENCE_TARGET": target.name, "PYTHONPATH": str(ROOT / "tests")}
    grown = WORK / "corpus" / target.name
    command = [*target.command, str(target.corpus), str(grown), *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode == 0


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=int, help="of each target; left out: each one's share of the short run")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="fuzzers that run at a time")
    arguments.add_argument("--planted", action="store_true", help="only show that planted bugs are found")
    arguments.add_argument("--keep", action="store_true", help="add what was found to the kept corpora")
    arguments.add_argument("targets", nargs="*")
    asked = arguments.parse_args()
    build()
    chosen = [target for target in targets() if not asked.targets or target.name in asked.targets]
    if importlib.util.find_spec("atheris") is None and not any(target.name == "websocket" for target in chosen):
        print("websocket    left out: atheris has no build for this Python; its corpus is replayed by the tests")
    jobs: list[tuple[Callable[[Target, int], bool], Target]] = []
    if asked.keep:
        jobs = [(keep, target) for target in chosen]
    else:
        jobs = [(planted, target) for target in chosen] if asked.planted or asked.seconds is None else []
        jobs += [] if asked.planted else [(search, target) for target in chosen]
    with ThreadPoolExecutor(max_workers=asked.jobs) as pool:
        done = list(pool.map(lambda job: job[0](job[1], asked.seconds or job[1].seconds), jobs))
    sys.exit(0 if all(done) else "A fuzzer found something, or failed to: see above.")


if __name__ == "__main__":
    main()
