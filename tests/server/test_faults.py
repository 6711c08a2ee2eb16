"""Connections that break and servers that are killed, over real sockets: everybody goes on in the same group."""

import asyncio
import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from conftest import Serving
from lying.documents import Key, altered, b64, unb64
from machine import PATIENT, free_port

from .meeting import Message, Organiser, Person, agreed, change

Serve = Callable[..., Serving]


class Restarting:
    """A server that comes back on its port and folder, and the people who come back to it."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.serving = serve("--port", str(free_port()))
        self.organiser = Organiser(self.serving.url).held()

    def kill(self) -> None:
        """No chance to write anything."""
        self.serving.process.kill()
        self.serving.process.wait()

    def start(self) -> None:
        port = self.organiser.url.rsplit(":", 1)[1]
        self.serving = self._serve("--port", port)

    async def restart(self, *people: Person) -> None:
        self.kill()
        for person in people:
            await person.lose()
        self.start()
        for person in people:
            await person.connect()


@pytest.fixture
def restarting(serve: Serve) -> Restarting:
    return Restarting(serve)


async def two(stack: AsyncExitStack, organiser: Organiser) -> tuple[Person, Person]:
    host = await stack.enter_async_context(organiser.host())
    await (await host.join("Hanna")).phase("in")
    guest = await stack.enter_async_context(organiser.guest())
    await (await guest.join("Gil")).phase("in")
    await host.roster(2)
    return host, guest


def commits(person: Person) -> int:
    return sum(message["t"] == "confirmed" for message in person.heard)


async def test_a_lost_connection_goes_on_with_the_same_leaf_and_what_was_missed(server: Serving) -> None:
    organiser = Organiser(server.url).held()
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, organiser)
        before = commits(host)
        await guest.lose()
        await guest.phase("lost")
        for text in ("one", "two"):
            await host.tell(t="chat", text=text)
        await guest.tell(t="chat", text="from afar")
        await guest.connect()
        await guest.phase("in")
        await host.event(lambda e: e["t"] == "chat" and e["text"] == "from afar")
        assert guest.chats == ["from afar", "one", "two"]
        assert commits(host) == before
        assert guest.problems == []


async def test_a_token_is_of_use_to_nobody_else(server: Serving) -> None:
    organiser = Organiser(server.url).held()
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, organiser)
        token = next(message["token"] for message in guest.heard if message["t"] == "welcome")
        thief = await stack.enter_async_context(organiser.guest())
        greeting = await thief.hears(lambda m: m["t"] == "hello")
        key = Key(thief.member.private_bytes_raw())
        fields = {
            "meeting": organiser.owner.meeting,
            "group": unb64(greeting["group"]),
            "member": key.public,
            "nonce": unb64(greeting["knock_nonce"]),
        }
        guests = altered(key.sign("rejoin", fields), member=guest.member.public_key().public_bytes_raw())
        for proof, code in ((key.sign("rejoin", fields), "RF1220"), (guests, "RF3106")):
            said = {"t": "resume", "proof": b64(proof), "token": token, "after": 0}
            await thief.socket.send(json.dumps(said))
            await thief.hears(lambda m, code=code: m["t"] == "error" and (m["re"], m["code"]) == ("resume", code))
        await guest.tell(t="chat", text="undisturbed")
        await host.event(lambda e: e["t"] == "chat" and e["text"] == "undisturbed")
        assert guest.problems == []


async def test_a_killed_server_comes_back_with_the_group_and_nobody_knocks(restarting: Restarting) -> None:
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, restarting.organiser)
        await host.tell(t="chat", text="before")
        await guest.event(lambda e: e["t"] == "chat" and e["text"] == "before")
        await restarting.restart(host, guest)
        for person in (host, guest):
            await person.phase("in")
        await guest.tell(t="chat", text="after")
        await host.event(lambda e: e["t"] == "chat" and e["text"] == "after")
        assert host.chats == ["before", "after"] == guest.chats
        assert host.problems == guest.problems == []
        assert not any(message["t"] == "knock" for message in host.heard[-10:])


async def test_what_was_said_to_somebody_away_survives_the_server(restarting: Restarting) -> None:
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, restarting.organiser)
        await guest.lose()
        await host.tell(t="chat", text="while you were away")
        await host.hears(lambda m: m["t"] == "taken")
        restarting.kill()
        await host.lose()
        restarting.start()
        await guest.connect()
        await guest.phase("in")
        assert guest.chats == ["while you were away"]


async def test_a_dead_group_that_the_store_cannot_forget_is_said_and_keeps_nobody_out(restarting: Restarting) -> None:
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, restarting.organiser)
        restarting.kill()
        for person in (host, guest):
            await person.lose()
        data = restarting.serving.data
        change(data, "UPDATE running_group SET snapshot = x'00'")
        change(data, "CREATE TRIGGER full BEFORE DELETE ON running_group BEGIN SELECT RAISE(FAIL, 'full'); END")
        restarting.start()
        await host.connect()
        await host.event(lambda e: e["t"] == "problem" and e["code"] == "RF1009")
        change(data, "DROP TRIGGER full")
        await host.phase("in")
        await guest.connect()
        await guest.phase("in")
        await agreed(host, guest)


async def test_a_group_whose_last_member_is_taken_out_after_the_committer_went_is_no_obstacle(
    server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    organiser = Organiser(server.url).held()
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, organiser)
        takes, held = guest.tell, list[Message]()

        async def after_the_host_went(**message: Any) -> None:
            of = message["message"]["t"] if message["t"] == "server" else None
            if of == "commit":
                held.append(message)
                host.socket.transport.abort()
                return
            await takes(**message)
            if of == "present" and held:
                await takes(**held.pop())

        monkeypatch.setattr(guest, "tell", after_the_host_went)
        await host.tell(t="remove", member=next(m["member"] for m in await host.roster(2) if not m["you"]))
        await guest.phase("removed")
        again = await stack.enter_async_context(organiser.host())
        await (await again.join("Hanna")).phase("in")
        await again.roster(1)


# The server is killed as soon as the client has said this, or has been told it: each point at which something of a
# meeting is half done.
SAID = ("found", "knock", "commit", "checked", "sealed")
TOLD = ("founded", "waiting", "commit", "confirmed", "welcome", "taken", "sealed")


@pytest.mark.parametrize(("direction", "t"), [*(("said", t) for t in SAID), *(("told", t) for t in TOLD)])
async def test_a_server_killed_at_any_step_leaves_a_meeting_that_all_can_go_on_with(
    restarting: Restarting, direction: str, t: str
) -> None:
    organiser = restarting.organiser
    async with AsyncExitStack() as stack:
        host = await stack.enter_async_context(organiser.host())
        guest = await stack.enter_async_context(organiser.guest())
        killed = asyncio.Event()

        def kill(message: Message) -> None:
            if message["t"] == t and not killed.is_set():
                restarting.kill()
                killed.set()

        for person in (host, guest):
            (person.on_said if direction == "said" else person.on_heard).append(kill)
        late = await stack.enter_async_context(organiser.guest())
        story = asyncio.create_task(meet(host, guest, late))
        await asyncio.wait_for(killed.wait(), PATIENT)
        for person in (host, guest, late):
            await person.lose()
        restarting.start()
        for person in (host, guest, late):
            await person.connect()
        await story
        for person in (host, guest, late):
            await person.roster(3)
        await guest.tell(t="chat", text="all is well")
        await host.event(lambda e: e["t"] == "chat" and e["text"] == "all is well")
        assert host.chats.count("hello") == guest.chats.count("hello") == 1
        fatal = [e for p in (host, guest) for e in p.events if e["t"] == "problem" and e["fatal"]]
        assert fatal == []


async def meet(host: Person, guest: Person, late: Person) -> None:
    await (await host.join("Hanna")).phase("in")
    await (await guest.join("Gil")).phase("in")
    await host.tell(t="chat", text="hello")
    await guest.event(lambda e: e["t"] == "chat" and e["text"] == "hello")
    await (await late.join("Lea")).phase("in")


async def test_what_a_full_store_refuses_is_not_overtaken_by_what_is_said_later(serve: Serve) -> None:
    serving = serve()
    organiser = Organiser(serving.url).held()
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, organiser)
        change(serving.data, "CREATE TRIGGER full BEFORE INSERT ON kept BEGIN SELECT RAISE(FAIL, 'full'); END")
        await host.tell(t="chat", text="one")
        await host.event(lambda e: e["t"] == "problem" and e["code"] == "RF1009")
        change(serving.data, "DROP TRIGGER full")
        for text in ("two", "three"):
            await host.tell(t="chat", text=text)
        await guest.event(lambda e: e["t"] == "chat" and e["text"] == "three")
        assert guest.chats == ["one", "two", "three"]
        assert host.problems == ["RF1009"]


async def test_a_store_that_takes_nothing_is_said_and_the_meeting_goes_on(serve: Serve) -> None:
    serving = serve()
    organiser = Organiser(serving.url).held()
    async with AsyncExitStack() as stack:
        host, guest = await two(stack, organiser)
        change(serving.data, "CREATE TRIGGER full BEFORE INSERT ON kept BEGIN SELECT RAISE(FAIL, 'full'); END")
        await host.tell(t="chat", text="unheard")
        await host.event(lambda e: e["t"] == "problem" and e["code"] == "RF1009")
        await guest.tell(t="state", muted=True, camera=True)
        await host.event(lambda e: e["t"] == "roster" and any(m["muted"] for m in e["members"]))
        late = await stack.enter_async_context(organiser.guest())
        await late.join("Lea")
        refused = await host.hears(lambda m: m["t"] == "error" and m["re"] == "commit")
        assert refused["code"] == "RF1009"
        await guest.hears(lambda m: m["t"] == "reopened")
        assert (guest.chats, late.now) == ([], "joining")
        change(serving.data, "DROP TRIGGER full")
        await guest.event(lambda e: e["t"] == "chat" and e["text"] == "unheard")
        await late.phase("in")
        await agreed(host, guest, late)
        assert {p for e in (host, guest) for p in e.problems} == {"RF1009"}
