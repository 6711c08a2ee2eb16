"""The same load on our server and on Debian's Janus, one after the other: CPU time of the whole process for each
packet that arrived, loss, delay, and memory. A run in which the generator could not keep up does not count.
Not here: the load itself (core/sfu/examples/load.rs), or how Janus is asked (janus.py)."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.figures import Figure
from bench.janus import Janus, janus, there
from bench.memory import resident
from conftest import Serving
from machine import PATIENT

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 10
# A generator that is busier, or later, measures itself. Others may use the machine meanwhile: so often it is tried.
MOST_BUSY = 0.85
MOST_LATE_MS = 10.0
TRIES = 3
ASKED_AT_ONCE = 64


@dataclass(frozen=True)
class Scene:
    name: str
    kind: str
    publishers: int
    subscribers: int
    participants: int
    """A participant who publishes and watches has a connection for each."""


SCENES = (
    Scene("video 1→50", "video", 1, 50, 51),
    Scene("video 1→150", "video", 1, 150, 151),
    Scene("video 8×8", "video", 8, 8, 8),
    Scene("audio 10→50", "audio", 10, 50, 60),
)


class Ours:
    """By WHIP and WHEP."""

    offers = True  # subscribers do, and answer nothing
    address = "127.0.0.1"

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=PATIENT)

    def publish(self, number: int, offer: str) -> str:
        return self._post("whip", number, offer)

    def subscribe(self, number: int, offer: str) -> str:
        return self._post("whep", number, offer)

    def _post(self, kind: str, number: int, offer: str, room: str = "bench") -> str:
        headers = {"Content-Type": "application/sdp"}
        answered = self._client.post(f"/bench/{kind}/{room}/{number}", content=offer, headers=headers)
        answered.raise_for_status()
        return answered.text


@dataclass(frozen=True)
class Run:
    microseconds: float
    """Of the server's CPU, for each packet that arrived."""
    core: float
    """Share of a core that the server used."""
    lost: float
    p99_ms: float
    joined_ms: float
    """Until all who watch were connected."""
    kilobytes: float
    """Of memory for each participant, above what the server had before the first one."""
    busy: float
    late_ms: float

    @property
    def counts(self) -> bool:
        return self.busy <= MOST_BUSY and self.late_ms <= MOST_LATE_MS


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads (proc_pid_stat(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pinned(core: int, pid: int | None = None) -> list[str]:
    """A command in front of another; with a process, all of its threads at once."""
    if (os.cpu_count() or 1) < 2 or shutil.which("taskset") is None:
        return []
    if pid is None:
        return ["taskset", "-c", str(core)]
    subprocess.run(["taskset", "-acp", str(core), str(pid)], check=True, capture_output=True)
    return []


def measure(scene: Scene, pid: int, forwarder: "Ours | Janus", generator: Path, *, storm: bool = False) -> Run:
    """`storm`: who watches comes at once, and not one after the other."""
    pinned(0, pid)
    alone = resident(pid)
    command = [generator, "storm" if storm else "offers" if forwarder.offers else "answers", scene.kind]
    words = [*pinned(1), *command, str(scene.publishers), str(scene.subscribers), str(SECONDS), forwarder.address]
    # Answers are given in the order of what was asked, also when they were not found in it.
    with (
        ThreadPoolExecutor(ASKED_AT_ONCE if storm else 1) as asking,
        ThreadPoolExecutor(1) as replying,
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
    ):
        with contextlib.suppress(PermissionError):
            # It is to measure the server, and not how busy the machine is with other things.
            os.setpriority(os.PRIO_PROCESS, process.pid, -15)

        def reply(answer: Future[str]) -> None:
            sdp = answer.result()
            process.stdin.write(sdp.replace("\r\n", "\\n") + "\n")
            process.stdin.flush()

        used = memory = 0.0
        counted: dict[str, float] = {}
        for line in process.stdout:
            verb, _, rest = line.strip().partition(" ")
            number, _, sdp = rest.partition(" ")
            sdp = sdp.replace("\\n", "\r\n")
            match verb:
                case "publish":
                    replying.submit(reply, asking.submit(forwarder.publish, int(number), sdp))
                case "subscribe":
                    what = (sdp,) if forwarder.offers else ()
                    replying.submit(reply, asking.submit(forwarder.subscribe, int(number), *what))
                case "answer":
                    asking.submit(forwarder.answer, int(number), sdp)
                case "begin":
                    used -= cpu_seconds(pid)
                case "end":
                    used += cpu_seconds(pid)
                    memory = resident(pid) - alone
                case _:
                    counted = {name: float(value) for name, _, value in (word.partition("=") for word in line.split())}
    if process.returncode:
        raise RuntimeError(f"the generator ended with {process.returncode}")
    return Run(
        microseconds=used * 1e6 / max(1.0, counted["received"]),
        core=used / SECONDS,
        lost=1 - counted["received"] / max(1.0, counted["expected"]),
        p99_ms=counted["p99_ms"],
        joined_ms=counted["joined_ms"],
        kilobytes=memory / scene.participants,
        busy=counted["busy"],
        late_ms=counted["late_ms"],
    )


@contextmanager
def ours() -> Iterator[tuple[int, Ours]]:
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving(Path(folder) / "data", "--bench-ingest")
        try:
            yield serving.process.pid, Ours(serving.url)
        finally:
            serving.stop()


def tried(scene: Scene, name: str, generator: Path) -> Run | None:
    """`None`: none of its runs counted."""
    for _ in range(TRIES):
        with ExitStack() as held:
            if name == "ringfence":
                pid, forwarder = held.enter_context(ours())
            else:
                folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
                pid, forwarder = held.enter_context(janus(folder))
            run = measure(scene, pid, forwarder, generator)
        how = "" if run.counts else "  SATURATED GENERATOR: does not count"
        print(
            f"{scene.name} {name}: {run.microseconds:.2f} µs a packet, {run.core:.0%} of a core, "
            f"lost {run.lost:.3%}, p99 {run.p99_ms:.1f} ms, {run.kilobytes:.0f} kB a participant; "
            f"generator {run.busy:.0%} busy, {run.late_ms:.1f} ms late at p99{how}",
            flush=True,
        )
        if run.counts:
            return run
    return None


def built() -> Path:
    """The generator."""
    build = ["cargo", "build", "-q", "--release", "-p", "ringfence-sfu", "--example", "load"]
    subprocess.run(build, cwd=ROOT, check=True)
    return ROOT / "target" / "release" / "examples" / "load"


def figures() -> list[Figure]:
    generator = built()
    found = []
    for scene in SCENES:
        run = tried(scene, "ringfence", generator)
        if run is None:
            continue
        other = tried(scene, "janus", generator) if there() else None
        for what, value, unit in (
            ("CPU of a packet", "microseconds", "µs"),
            ("delay at p99", "p99_ms", "ms"),
            ("lost", "lost", ""),
            ("memory of a participant", "kilobytes", "kB"),
        ):
            beside = getattr(other, value) if other else None
            found.append(Figure(f"{scene.name}, {what}", getattr(run, value), unit, beside or None, "Janus"))
    return found
