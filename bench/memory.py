"""The server's resident memory by the number of participants in one meeting, without media and with it.
Not here: what they say to each other (tests/server)."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.figures import Figure
from bench.joins import CHROMIUM
from browser.person import FLAGS, Person
from conftest import Serving
from server.meeting import Organiser

NUMBERS = (1, 2, 5, 10, 25)
# kB of 1000 bytes: the group's public state, a connection, and what waits to be sent.
BUDGET = 250
# Of these each has a browser, and sends and sees pictures. A machine of two cores holds no more of them.
SENDING = 5
# kB more: a media connection with its lines, and the packets that are kept in case they have to be sent again.
MEDIA_BUDGET = 2500
SETTLED_MS = 5000


def resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1.024


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        serving = Serving(Path(folder) / "data")
        try:
            without = asyncio.run(measure(serving))
        finally:
            serving.stop()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        serving = Serving(Path(folder) / "data")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            return without + measure_with_media(serving, browser)
        finally:
            browser.close()
            serving.stop()


def measure_with_media(serving: Serving, browser: Browser) -> list[Figure]:
    host = Person(browser, serving.url, "Hanna")
    link = host.new_meeting("Bench")
    host.ask_to_join().is_in()
    host.page.wait_for_timeout(SETTLED_MS)
    alone = resident(serving.process.pid)
    found = [Figure("server, 1 who sends pictures", alone, "kB")]
    here = [host]
    while len(here) < SENDING:
        here.append(Person(browser, serving.url, f"Guest {len(here)}").join(link))
        for one in here:
            for other in here:
                if one is not other:
                    one.sees(other.name)
        host.page.wait_for_timeout(SETTLED_MS)
        used = resident(serving.process.pid)
        found.append(Figure(f"server, {len(here)} who send and see pictures", used, "kB", alone, "1"))
    return [*found, Figure(f"each of {SENDING - 1} more", (used - alone) / (SENDING - 1), "kB", MEDIA_BUDGET)]


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
