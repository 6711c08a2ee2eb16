"""A server that dies at a durable write: before or after each that there is, one after the other, and comes back.
Not here: dying between writes (test_faults.py), and a store that takes nothing."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from conftest import Serving
from machine import PATIENT, free_port

from .meeting import Line, Organiser, Person, agreed

Serve = Callable[..., Serving]
DYING = (sys.executable, str(Path(__file__).with_name("dying.py")))


@dataclass(frozen=True)
class Story:
    """`writes`: what it makes durable once the meeting is held, in this order; `remain`: who is in when it ends."""

    admission: str
    remain: tuple[str, ...]
    writes: tuple[str, ...]
    tell: Callable[["Cast"], Awaitable[None]]


@dataclass(frozen=True)
class Cast:
    """Hanna is the owner's device, and admits whoever asks."""

    hanna: Person
    gil: Person
    lea: Person

    @property
    def all(self) -> tuple[Person, ...]:
        return self.hanna, self.gil, self.lea

    async def say(self, by: Person, text: str, *to: Person) -> None:
        await by.tell(t="chat", text=text)
        for person in to:
            await person.event(lambda e: e["t"] == "chat" and e["text"] == text)

    async def show(self, *names: str) -> None:
        """On each page of these people they are, and nobody else, nor anybody twice."""
        wanted = sorted(names)

        def shown(person: Person) -> bool:
            roster = next((e["members"] for e in reversed(person.events) if e["t"] == "roster"), [])
            return sorted(member["name"] or "" for member in roster) == wanted

        for person, name in zip(self.all, ("Hanna", "Gil", "Lea"), strict=True):
            if name in names:
                await person.event(lambda _, person=person: shown(person))

    async def admit(self) -> None:
        """As long as it is not cancelled."""
        done: set[str] = set()

        def asked() -> set[str]:
            knocks = next((e["knocks"] for e in reversed(self.hanna.events) if e["t"] == "knocks"), [])
            return {knock["id"] for knock in knocks} - done

        while True:
            await self.hanna.event(lambda _: asked(), 10 * PATIENT)
            for knock in asked():
                done.add(knock)
                await self.hanna.tell(t="admit", knock=knock)


async def by_link(cast: Cast) -> None:
    """The link lets in, until the owner changes the charter."""
    hanna, gil, lea = cast.all
    await (await hanna.join("Hanna")).phase("in")
    await (await gil.join("Gil")).phase("in")
    await cast.say(hanna, "one", gil)
    await hanna.tell(t="amend", change={"admission": "lobby"})
    for person in (hanna, gil):
        await person.event(lambda e: e["t"] == "charter" and e["version"] == 2)
    await (await lea.join("Lea")).phase("in")
    await cast.say(lea, "two", hanna, gil)


async def by_hand(cast: Cast) -> None:
    """Hanna lets in; one comes back to a page loaded anew, one leaves."""
    hanna, gil, lea = cast.all
    await (await hanna.join("Hanna")).phase("in")
    await (await gil.join("Gil")).phase("in")
    await cast.say(hanna, "one", gil)
    await (await lea.join("Lea")).phase("in")
    epochs = len(hanna.epochs)
    await gil.reload()
    await (await gil.join("Gil")).phase("in")
    await hanna.hears(lambda _: len(hanna.epochs) >= epochs + 2)
    await lea.tell(t="leave")
    await lea.phase("left")
    await cast.say(gil, "two", hanna)


STORIES = {
    "link": Story(
        "link",
        ("Hanna", "Gil", "Lea"),
        ("founded", "gil counts", "one", "charter counts", "lea counts", "two"),
        by_link,
    ),
    "lobby": Story(
        "lobby",
        ("Hanna", "Gil"),
        ("founded", "gil counts", "one", "lea counts", "gil is back", "his old leaf goes", "wish", "lea is out", "two"),
        by_hand,
    ),
}
STEPS = [(name, n) for name, story in STORIES.items() for n in range(len(story.writes))]


class Stage:
    """A meeting on a server that dies at one of its writes; the next is one by the book."""

    def __init__(self, serve: Serve, folder: Path, dies: str) -> None:
        self._serve, self._writes = serve, folder / "writes"
        port = str(free_port())
        self._dying = serve("--port", port, program=DYING, DIES=dies, WRITES=str(self._writes))
        self.url = self._dying.url

    @property
    def writes(self) -> int:
        return self._writes.stat().st_size if self._writes.exists() else 0

    async def dead(self) -> None:
        """A process that ends tells nobody."""
        async with asyncio.timeout(PATIENT):
            while self._dying.process.poll() is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def again(self) -> None:
        await asyncio.to_thread(self._serve, "--port", self.url.rsplit(":", 1)[1])


@pytest.mark.parametrize("side", ["before", "after"])
def test_who_makes_a_meeting_can_do_so_again(serve: Serve, tmp_path: Path, side: str) -> None:
    stage = Stage(serve, tmp_path, f"{side} 1")
    organiser = Organiser(stage.url)
    with suppress(httpx.TransportError):
        raise AssertionError(f"it answered {organiser.post()}")
    asyncio.run(stage.dead())
    asyncio.run(stage.again())
    answer = organiser.post()
    assert answer.status_code == 201 if side == "before" else answer.json()["code"] == "RF1102"
    found = httpx.get(f"{stage.url}/api/v1/meetings/{organiser.meeting}", timeout=PATIENT)
    assert found.status_code == 200


@pytest.mark.parametrize("name", STORIES)
async def test_a_story_has_these_writes_and_no_others(serve: Serve, tmp_path: Path, name: str) -> None:
    story, stage = STORIES[name], Stage(serve, tmp_path, "never 0")
    async with AsyncExitStack() as stack:
        organiser = Organiser(stage.url, story.admission).held()
        cast = await cast_of(stack, organiser)
        admitting = asyncio.create_task(cast.admit())
        await story.tell(cast)
        admitting.cancel()
        assert stage.writes - 1 == len(story.writes)


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize(("name", "n"), STEPS, ids=[f"{name}: {STORIES[name].writes[n]}" for name, n in STEPS])
async def test_after_a_crash_at_any_write_all_are_on_one_epoch_with_all_that_was_said(
    serve: Serve, tmp_path: Path, name: str, n: int, side: str
) -> None:
    story, stage = STORIES[name], Stage(serve, tmp_path, f"{side} {n + 2}")
    async with AsyncExitStack() as stack:
        organiser = Organiser(stage.url, story.admission).held()
        cast = await cast_of(stack, organiser)
        admitting, telling = asyncio.create_task(cast.admit()), asyncio.ensure_future(story.tell(cast))
        await stage.dead()
        were_in = [person for person in (cast.hanna, cast.gil) if person.now == "in"]
        for person in cast.all:
            await person.lose()
        await stage.again()
        since = time.monotonic()
        for person in cast.all:
            await person.connect()
        if were_in:
            await agreed(*were_in)
            print(f"those who were in are on one epoch after {time.monotonic() - since:.1f} s")
        await telling
        admitting.cancel()
        await cast.show(*story.remain)
        there = cast.all[: len(story.remain)]
        stranger = await stack.enter_async_context(Line(organiser.session, organiser.url))
        async with asyncio.timeout(PATIENT):
            while await agreed(*there) != (await stranger.hello())["epoch"]:
                pass
        assert [sorted(person.chats) for person in (cast.hanna, cast.gil)] == [["one", "two"]] * 2
        fatal = [e for person in cast.all for e in person.events if e["t"] == "problem" and e["fatal"]]
        assert fatal == []


async def cast_of(stack: AsyncExitStack, organiser: Organiser) -> Cast:
    made = (organiser.host(), organiser.guest(), organiser.guest())
    return Cast(*[await stack.enter_async_context(person) for person in made])
