"""A turn that has begun is finished, whoever it was begun for: nothing is stored that the meeting does not know of."""

import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from conftest import Serving

from .meeting import Organiser, Person

INTERRUPTING = Path(__file__).with_name("interrupting.py")
# What is stored in the story: the group that is founded, the commit that lets Gil in, and what he says.
STORED = ("founded", "commit", "chat")


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, len(STORED) + 1), ids=STORED)
async def test_a_connection_that_ends_while_something_is_stored_leaves_nothing_half_done(
    serve: Callable[..., Serving], moment: str, number: int
) -> None:
    serving = serve(program=(sys.executable, str(INTERRUPTING), moment, str(number)))
    organiser = Organiser(serving.url).held()
    async with AsyncExitStack() as stack:
        host = await stack.enter_async_context(organiser.host())
        await host.join("Hanna")
        await comes_in(host, number == 1)
        guest = await stack.enter_async_context(organiser.guest())
        await guest.join("Gil")
        if number == 2:
            await cut_off(host, guest)
        await comes_in(guest, False)
        await host.roster(2)
        await guest.tell(t="chat", text="hello")
        if number == 3:
            await cut_off(host, guest)
        await host.event(lambda e: e["t"] == "chat" and e["text"] == "hello")
        late = await stack.enter_async_context(organiser.guest())
        await comes_in(await late.join("Lea"), False)
        for person in (host, guest, late):
            await person.roster(3)
        assert host.chats == ["hello"]
        assert [e for p in (host, guest, late) for e in p.events if e["t"] == "problem" and e["fatal"]] == []


async def cut_off(*people: Person) -> None:
    for person in people:
        await person.event(lambda e: e["t"] == "closed")
        await person.lose()
    for person in people:
        await person.connect()


async def comes_in(person: Person, over_again: bool) -> None:
    if over_again:
        await cut_off(person)
    await person.phase("in")
