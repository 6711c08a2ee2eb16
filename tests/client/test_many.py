"""Twenty headless participants in one process: what they say and show arrives, and what they take is bounded.
Not here: figures beside a budget for a machine that does nothing else (bench/headless.py)."""

import asyncio
import os
import resource
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

from bench.memory import resident
from conftest import Serving
from machine import PATIENT
from ringfence.client import Chat, Meeting
from server.meeting import Organiser, until

from .people import Reader, headless

NUMBER, SENDING = 20, 4
# kB each. A page in a browser takes a hundred times as much.
MOST = 8000


def opened(meeting: Meeting) -> dict[str | None, int]:
    """Pictures, by whose they are."""
    return {one.name: one.frames for one in meeting.received() if one.stream == "camera"}


async def test_twenty_meet_talk_and_see_each_other_in_one_process(
    server: Serving, record_property: Callable[[str, object], None]
):
    organiser = Organiser(server.url).held()
    before = resident(os.getpid())
    async with AsyncExitStack() as stack, asyncio.timeout(2 * PATIENT):
        people = []
        for at in range(NUMBER):
            send = ["test"] if at < SENDING else []
            people.append(await stack.enter_async_context(headless(organiser, f"H{at}", send=send, receive=True)))
        await asyncio.gather(*(one.admitted() for one in people))
        await until(lambda: all(len(one.people) == NUMBER for one in people))
        await people[0].say("can everybody read this?")
        heard = await asyncio.gather(*(Reader(one).until(Chat) for one in people))
        assert {one.text for one in heard} == {"can everybody read this?"}
        senders = {f"H{at}" for at in range(SENDING)}

        def all_see() -> bool:
            seen = [(f"H{at}", opened(one)) for at, one in enumerate(people)]
            return all(mine.get(name, 0) > 30 for me, mine in seen for name in senders - {me})

        await until(all_see)
        began, spent = time.monotonic(), _spent()
        frames = sum(sum(opened(one).values()) for one in people)
        await until(lambda: sum(sum(opened(one).values()) for one in people) > frames + 3000)
        percent = 100 * (_spent() - spent) / (time.monotonic() - began) / NUMBER
        kilobytes = (resident(os.getpid()) - before) / NUMBER
        record_property("headless", f"{kilobytes:.0f} kB and {percent:.1f} % of a core each, {NUMBER} of them")
        assert kilobytes < MOST
        assert sum(one.failed for meeting in people for one in meeting.received()) == 0


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
