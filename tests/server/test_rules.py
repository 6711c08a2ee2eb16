"""The owner changes the charter over real sockets: it is durable, and holds for who comes later."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from conftest import Serving
from lying.documents import b64, payload, unb64
from machine import PATIENT, free_port

from .meeting import Line, Message, Organiser, Person, agreed, change

Serve = Callable[..., Serving]
LOBBY: dict[str, Any] = {"admission": "lobby"}


def version(organiser: Organiser) -> int:
    """Of the charter that the server shows."""
    shown = httpx.get(f"{organiser.url}/api/v1/meetings/{organiser.meeting}", timeout=PATIENT).json()
    return payload(unb64(shown["charter"]))["version"]


async def told(person: Person, version: int) -> Message:
    return await person.event(lambda e: e["t"] == "charter" and e["version"] == version)


async def two(stack: AsyncExitStack, organiser: Organiser) -> tuple[Person, Person]:
    host = await stack.enter_async_context(organiser.host())
    await (await host.join("Hanna")).phase("in")
    guest = await stack.enter_async_context(organiser.guest())
    await (await guest.join("Gil")).phase("in")
    await host.event(lambda e: e["t"] == "roster" and [m["name"] for m in e["members"]] == ["Hanna", "Gil"])
    return host, guest


async def test_another_charter_is_in_force_for_all_and_for_who_comes_later(server: Serving) -> None:
    organiser = Organiser(server.url).held()
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, organiser)
        await host.tell(t="amend", change=LOBBY)
        for person in (host, guest):
            assert (await told(person, 2))["rules"] == [{"kind": "lobby", "name": None, "you": False}]
        assert version(organiser) == 2
        late = await stack.enter_async_context(organiser.guest())
        await (await late.join("Lou")).phase("waiting")
        knocks = await host.event(lambda e: e["t"] == "knocks" and e["knocks"])
        await host.tell(t="admit", knock=knocks["knocks"][0]["id"])
        await late.phase("in")
        assert host.problems == guest.problems == late.problems == []


@pytest.mark.parametrize("t", ["commit", "confirmed"])
async def test_a_server_killed_while_the_charter_changes_leaves_one_that_all_agree_on(serve: Serve, t: str) -> None:
    serving = serve("--port", str(free_port()))
    organiser = Organiser(serving.url).held()
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, organiser)
        killed = asyncio.Event()

        def kill(message: Message) -> None:
            if message["t"] == t and not killed.is_set():
                serving.process.kill()
                serving.process.wait()
                killed.set()

        host.on_heard.append(kill)
        await host.tell(t="amend", change=LOBBY)
        await asyncio.wait_for(killed.wait(), PATIENT)
        for person in (host, guest):
            await person.lose()
        serve("--port", serving.url.rsplit(":", 1)[1])
        for person in (host, guest):
            await person.connect()
        for person in (host, guest):
            await told(person, 2)
        assert version(organiser) == 2
        await guest.tell(t="chat", text="all is well")
        await host.event(lambda e: e["t"] == "chat" and e["text"] == "all is well")
        await host.tell(t="amend", change={"admission": "link"})
        await told(guest, 3)
        assert version(organiser) == 3


async def test_a_charter_that_the_store_does_not_take_is_not_in_force_until_it_does(serve: Serve) -> None:
    serving = serve()
    organiser = Organiser(serving.url).held()
    refuse = "CREATE TRIGGER full BEFORE UPDATE OF charter ON meeting BEGIN SELECT RAISE(FAIL, 'full'); END"
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, organiser)
        change(serving.data, refuse)
        await host.tell(t="amend", change=LOBBY)
        refused = await host.hears(lambda m: m["t"] == "error" and m["re"] == "commit")
        assert refused["code"] == "RF1009"
        await guest.hears(lambda m: m["t"] == "reopened")
        await host.event(lambda e: e["t"] == "problem" and e["code"] == "RF1009")
        assert version(organiser) == 1
        assert not any(e["t"] == "charter" for person in (host, guest) for e in person.events)
        await guest.tell(t="chat", text="under the first")
        await host.event(lambda e: e["t"] == "chat" and e["text"] == "under the first")
        late = await stack.enter_async_context(organiser.guest())
        await (await late.join("Lou")).phase("in")
        change(serving.data, "DROP TRIGGER full")
        for person in (host, guest, late):
            await told(person, 2)
        assert version(organiser) == 2
        await agreed(host, guest, late)
        assert host.problems == ["RF1009"]
        assert guest.problems == late.problems == []


async def test_who_was_greeted_under_the_charter_before_is_told_and_has_to_greet_anew(server: Serving) -> None:
    organiser = Organiser(server.url).held()
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, organiser)
        line = await stack.enter_async_context(Line(organiser.session, organiser.url))
        await line.hello()
        await host.tell(t="amend", change=LOBBY)
        await told(guest, 2)
        assert await line.hear() == {"t": "amended"}
        refused = await line.ask(t="back", proof=b64(b"anything"))
        assert (refused["code"], refused["re"]) == ("RF1219", "back")
        greeting = await line.hello()
        assert payload(unb64(greeting["charter"]))["version"] == 2
        refused = await line.ask(t="back", proof=b64(b"anything"))
        assert refused["code"] != "RF1219"


async def test_the_next_group_is_under_the_charter_of_before_it_ended(server: Serving) -> None:
    organiser = Organiser(server.url).held()
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, organiser)
        await host.tell(t="amend", change=LOBBY)
        await told(guest, 2)
        await guest.leave()
        await host.leave()
        again = await stack.enter_async_context(organiser.host())
        await (await again.join("Hanna")).phase("in")
        meeting = await again.event(lambda e: e["t"] == "meeting")
        assert (meeting["version"], meeting["admission"]) == (2, "lobby")


async def test_a_charter_of_version_two_makes_no_meeting(server: Serving) -> None:
    organiser = Organiser(server.url)
    answer = organiser.post(organiser.charter(version=2, previous=bytes(32)))
    assert answer.json()["code"] == "RF1105"
