"""The server's resident memory by the number of participants in one meeting, without media.
Not here: what they say to each other (tests/server)."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from bench.figures import Figure
from conftest import Serving
from server.meeting import Organiser

NUMBERS = (1, 2, 5, 10, 25)
# kB of 1000 bytes: the group's public state, a connection, and what waits to be sent.
BUDGET = 250


def resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1.024


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving(Path(folder) / "data")
        try:
            return asyncio.run(measure(serving))
        finally:
            serving.stop()


async def measure(serving: Serving) -> list[Figure]:
    # A first meeting, so that what is loaded once is loaded.
    async with Organiser(serving.url).held().host() as host:
        await (await host.join("Hanna")).phase("in")
    empty = resident(serving.process.pid)
    found = [Figure("server, nobody connected", empty, "kB")]
    organiser = Organiser(serving.url).held()
    async with AsyncExitStack() as people:
        first = await people.enter_async_context(organiser.host())
        await (await first.join("Hanna")).phase("in")
        here, each = 1, 0.0
        for number in NUMBERS:
            while here < number:
                guest = await people.enter_async_context(organiser.guest())
                await (await guest.join(f"Guest {here}")).phase("in")
                here += 1
            await first.roster(number)
            used = resident(serving.process.pid)
            each = (used - empty) / number
            found.append(Figure(f"server, {number} in a meeting", used, "kB", empty, "empty"))
    return [*found, Figure(f"each of {NUMBERS[-1]}", each, "kB", BUDGET)]
