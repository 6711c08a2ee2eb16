"""Rooms in which nobody says anything: what of a core they take, and memory, beside the same server without them.
Not here: who is in them (load.py)."""

import os
import resource
import time

from bench import load
from bench.figures import Figure
from bench.load import Ours, Scene, built, measure, ours

# One connection in each, whose client checks it about once a second (RFC 7675 wants every five) and sends nothing else.
ROOMS = int(os.environ.get("BENCH_IDLE_ROOMS", "1000"))


class Apart(Ours):
    """Everybody publishes in a room of their own."""

    def publish(self, number: int, offer: str) -> str:
        return self._post("whip", number, offer, f"room-{number}")


def empty(pid: int) -> float:
    """Of a core, in hundredths."""
    before = load.cpu_seconds(pid)
    time.sleep(load.SECONDS)
    return (load.cpu_seconds(pid) - before) / load.SECONDS * 100


def figures() -> list[Figure]:
    # A socket each, for the generator.
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit[1], ROOMS + 1000), limit[1]))
    generator = built()
    with ours() as (pid, forwarder):
        nobody = empty(pid)
        run = measure(Scene("idle", "silent", ROOMS, 0, ROOMS), pid, Apart(forwarder.url), generator)
    return [
        Figure(f"{ROOMS:,} silent rooms", run.core * 100, "% core", nobody or None, "no room"),
        Figure("memory of a silent room", run.kilobytes, "kB"),
    ]
