"""Twenty headless participants of one meeting in one process: its memory and processor time.
Not here: what the server takes (memory.py)."""

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from bench.figures import Figure
from bench.memory import resident
from client.people import headless
from conftest import Serving
from machine import PATIENT
from ringfence.client import Meeting
from server.meeting import Organiser, until

NUMBER, SENDING = 20, 4
SECONDS = 10
# kB of 1000 bytes for each: the group, a connection to the server; and with media a thread, a socket, and 4 streams.
BUDGET, MEDIA_BUDGET = 1000, 4000


def figures() -> list[Figure]:
    found = []
    for title, sending, receives, budget in (
        ("without media", 0, False, BUDGET),
        (f"{SENDING} send, all receive", SENDING, True, MEDIA_BUDGET),
    ):
        here = Path(__file__).resolve().parents[1]
        paths = os.pathsep.join([str(here), str(here / "tests")])
        command = [sys.executable, "-m", "bench.headless", str(sending), str(int(receives))]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=here, env=os.environ | {"PYTHONPATH": paths}
        )
        told = json.loads(done.stdout.splitlines()[-1])
        found.append(Figure(f"{NUMBER} headless, {title}: memory each", told["kilobytes"], "kB", budget))
        found.append(Figure(f"{NUMBER} headless, {title}: processor each", told["percent"], "%"))
        if sending:
            found.append(Figure(f"{NUMBER} headless, {title}: frames opened a second", told["frames"], "frames"))
            found.append(Figure(f"{NUMBER} headless, {title}: frames that failed", told["failed"], "frames", 0.5))
    return found


async def measure(url: str, sending: int, receives: bool) -> dict[str, float]:
    organiser = Organiser(url).held()
    async with AsyncExitStack() as people:
        first = await people.enter_async_context(headless(organiser, "H0"))
        await first.admitted()
        before = resident(os.getpid())
        others: list[Meeting] = []
        for at in range(1, NUMBER + 1):
            options = {"send": ["test"] if at <= sending else [], "receive": receives}
            others.append(await people.enter_async_context(headless(organiser, f"H{at}", **options)))
        async with asyncio.timeout(PATIENT):
            await asyncio.gather(*(one.admitted() for one in others))
        await until(lambda: all(_frames(one) >= 20 * sending for one in others))
        frames, spent, began = sum(map(_frames, others)), _spent(), time.monotonic()
        await asyncio.sleep(SECONDS)
        passed = time.monotonic() - began
        return {
            "kilobytes": (resident(os.getpid()) - before) / NUMBER,
            "percent": 100 * (_spent() - spent) / passed / NUMBER,
            "frames": (sum(map(_frames, others)) - frames) / passed,
            "failed": sum(one.failed for meeting in others for one in meeting.received()),
        }


def _frames(meeting: Meeting) -> int:
    return sum(one.frames for one in meeting.received())


def _spent() -> float:
    """Seconds of the processor, by this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving(Path(folder) / "data")
        try:
            print(json.dumps(asyncio.run(measure(serving.url, int(sys.argv[1]), sys.argv[2] == "1"))))
        finally:
            serving.stop()
