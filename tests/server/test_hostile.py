"""Hostile bytes on a live WebSocket, from a stranger, from somebody who waits and from a member: the sender gets an
error with a code, or is disconnected; the others stay in one epoch and hear each other.
Not here: lies in well-formed messages (tests/lying)."""

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
import websockets

from conftest import Serving
from lying.documents import b64, unb64
from machine import PATIENT

from .meeting import Line, Organiser, Person, until

SEED = 20261124
HELLO = {"t": "hello", "v": 1, "nonce": b64(bytes(16))}


def noise(kind: str) -> list[str | bytes]:
    """Frames of one kind, the same in each run."""
    chance = random.Random(SEED)
    whole = json.dumps({**HELLO, "nonce": b64(chance.randbytes(16))})
    match kind:
        case "truncated":
            return [whole[:length] for length in range(0, len(whole), 5)]
        case "random text":
            letters = '{}[]":,\\u0 \x00abtfn-1.eé\U0001f600'
            return ["".join(chance.choices(letters, k=chance.randrange(300))) for _ in range(12)]
        case "random bytes":
            return [chance.randbytes(chance.randrange(2000)) for _ in range(12)]
        case "deeply nested":
            deep = 200_000
            return ["[" * deep, '{"t":' * deep, '{"t":"view","wants":' + "[" * deep + "]" * deep + "}"]
        case "wrong types":
            wrong: list[object] = [None, True, -1, 1.5, "x", [], {}, [[]], "\ud800", 2**70]
            said = [{**HELLO, "v": value} for value in wrong[2:]] + [{**HELLO, "nonce": value} for value in wrong]
            said += [{"t": value} for value in wrong] + [
                {"t": "view", "wants": value} for value in wrong if value != []
            ]
            return [json.dumps(message) for message in said]
        case "binary":
            return [whole.encode(), b"", b"\x00" * 70_000]
        case "strange numbers":
            return [
                '{"t":"hello","v":1e400,"nonce":""}',
                '{"t":"hello","v":NaN}',
                '{"t":"hello","v":-0,"nonce":""}',
                "1" * 9000,
            ]
        case "long":
            return ['{"t":"hello","x":"' + "x" * 900_000 + '"}', " " * 900_000]
    raise AssertionError(kind)


KINDS = [
    "truncated",
    "random text",
    "random bytes",
    "deeply nested",
    "wrong types",
    "binary",
    "strange numbers",
    "long",
]


@dataclass
class Call:
    """Two people in a meeting, who must not notice."""

    organiser: Organiser
    host: Person
    guest: Person
    said: int = 0
    visits: int = 0

    @staticmethod
    def epoch(person: Person) -> int:
        return next(e["epoch"] for e in reversed(person.events) if e["t"] == "roster")

    async def goes_on(self) -> None:
        self.said += 1
        for speaker, listener in ((self.host, self.guest), (self.guest, self.host)):
            words = f"still here {self.said} {id(speaker)}"
            await speaker.tell(t="chat", text=words)
            await listener.event(lambda e, words=words: e["t"] == "chat" and e["text"] == words and not e["you"])
        await until(lambda: self.epoch(self.host) == self.epoch(self.guest))
        for person in (self.host, self.guest):
            assert not any(e["t"] == "closed" for e in person.events)


@asynccontextmanager
async def call(serving: Serving, admission: str = "link") -> AsyncIterator[Call]:
    organiser = Organiser(serving.url, admission=admission).held()
    async with AsyncExitStack() as people:
        host = await people.enter_async_context(organiser.host())
        await (await host.join("Hanna")).phase("in")
        # Only now: whoever greets an empty lobby comes again in seconds.
        guest = await people.enter_async_context(organiser.guest())
        await guest.join("Gil")
        if admission == "lobby":
            await admit(host, "Gil")
        await guest.phase("in")
        await host.roster(2)
        await guest.roster(2)
        yield Call(organiser, host, guest)


async def admit(host: Person, name: str) -> None:
    knocks = await host.event(lambda e: e["t"] == "knocks" and any(knock["name"] == name for knock in e["knocks"]))
    await host.tell(t="admit", knock=next(knock["id"] for knock in knocks["knocks"] if knock["name"] == name))


class Sender:
    """A socket, and what comes back on it. Someone's own, or one that nobody follows."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket

    async def refusal(self, frame: str | bytes) -> str:
        """The code of the answer, or of the end of the connection."""
        try:
            await self.socket.send(frame)
            while (answer := json.loads(await asyncio.wait_for(self.socket.recv(), PATIENT)))["t"] != "error":
                pass
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.reason if closed.rcvd else "cut off"
        return str(answer["code"])


@asynccontextmanager
async def stranger(it: Call) -> AsyncIterator[Sender]:
    async with Line(it.organiser.session, it.organiser.url) as line:
        yield Sender(line.socket)


@asynccontextmanager
async def knocker(it: Call) -> AsyncIterator[Sender]:
    async with it.organiser.guest() as waiting:
        await (await waiting.join("Wanda")).phase("waiting")
        async with unfollowed(waiting) as sender:
            yield sender


@asynccontextmanager
async def member(it: Call) -> AsyncIterator[Sender]:
    it.visits += 1
    name = f"Mallory {it.visits}"
    async with it.organiser.guest() as third:
        await third.join(name)
        await admit(it.host, name)
        await third.phase("in")
        await it.host.roster(3)
        async with unfollowed(third) as sender:
            yield sender
    await it.host.roster(2)


@asynccontextmanager
async def unfollowed(person: Person) -> AsyncIterator[Sender]:
    """The person's connection, from now on without the person."""
    for task in person._tasks:
        task.cancel()
    await asyncio.gather(*person._tasks, return_exceptions=True)
    yield Sender(person.socket)


@pytest.mark.parametrize("role", [stranger, knocker, member], ids=["stranger", "knocker", "member"])
async def test_whatever_is_sent_the_sender_is_told_and_the_others_go_on(server: Serving, role) -> None:
    async with call(server, admission="lobby") as it:
        for kind in KINDS:
            async with role(it) as sender:
                for frame in noise(kind)[:45]:
                    code = await sender.refusal(frame)
                    assert code in ("RF1201", "RF1202", "RF1213"), (kind, frame[:80], code)
            await it.goes_on()


@pytest.mark.parametrize("role", [stranger, knocker, member], ids=["stranger", "knocker", "member"])
async def test_a_frame_that_is_too_long_ends_the_connection(server: Serving, role) -> None:
    async with call(server, admission="lobby") as it, role(it) as sender:
        assert await sender.refusal("x" * ((1 << 20) + 1)) != ""
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await sender.socket.recv()
        assert closed.value.rcvd.code == 1009
        await it.goes_on()


@pytest.mark.parametrize(
    ("message", "codes"),
    [
        ({"t": "sealed", "to": None}, {"RF3205"}),
        ({"t": "proposal"}, {"RF3201", "RF3202", "RF3204"}),
        ({"t": "commit", "welcome": None, "welcomes": []}, {"RF1207", "RF1204", "RF3201", "RF3202"}),
        ({"t": "offer"}, {"RF4001", "RF4002", "RF4003", "RF4004", "RF4005"}),
    ],
)
async def test_damaged_messages_of_a_member_are_refused_and_change_nothing(
    server: Serving, message: dict[str, object], codes: set[str]
) -> None:
    """The member's own valid messages, cut short, changed and made up."""
    chance = random.Random(SEED)
    async with call(server, admission="lobby") as it, it.organiser.guest() as third:
        await third.join("Mallory")
        await admit(it.host, "Mallory")
        await third.phase("in")
        await third.tell(t="chat", text="something to damage")
        valid = next(unb64(said["message"]) for said in reversed(third.said) if said["t"] == "sealed")
        async with unfollowed(third) as sender:
            for number in range(30):
                damaged = bytearray(valid[: chance.randrange(4, 40)])
                damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
                fields = {
                    "sealed": {"message": b64(damaged)},
                    "proposal": {"message": b64(damaged)},
                    "commit": {"epoch": number % 3, "commit": b64(damaged), "group_info": b64(damaged)},
                    "offer": {"sdp": chance.randbytes(40).hex(), "nonce": b64(bytes(16))},
                }[str(message["t"])]
                code = await sender.refusal(json.dumps(message | fields))
                assert code in codes, code
        await it.goes_on()


@pytest.mark.parametrize("role", [stranger, knocker, member], ids=["stranger", "knocker", "member"])
async def test_who_says_too_much_is_sent_away_and_named_in_the_log(serve, role) -> None:
    serving: Serving = serve()
    # What each may say, and what they may not: both are too much of it.
    allowed = {"t": "view", "wants": []} if role is member else HELLO
    for said, reason in ((allowed, "RF1003"), ({"t": "deny", "knock": "nobody"}, "RF1201")):
        async with call(serving, admission="lobby") as it, role(it) as sender:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                for _ in range(1000):
                    await sender.socket.send(json.dumps(said))
                while True:
                    await sender.socket.recv()
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, reason)
            await it.goes_on()
            await named_without_people(serving, it.organiser, "RF1003 refused")


async def test_a_flood_of_knocks_is_limited_by_address(serve) -> None:
    serving: Serving = serve()
    knock = json.dumps({"t": "knock", "package": b64(b"x"), "admission": None, "proof": b64(b"x"), "names": []})
    async with call(serving) as it:
        codes: list[str] = []
        for _ in range(20):  # as many as it takes: a slow machine is granted more meanwhile
            async with stranger(it) as sender:
                await sender.socket.send(json.dumps(HELLO))
                codes += [await sender.refusal(knock) for _ in range(45)]
            if "RF1003" in codes:
                break
        assert codes[0].startswith("RF3"), "the first was read"
        assert "RF1003" in codes
        await it.goes_on()
        await named_without_people(serving, it.organiser, "too many knocks")


async def refused(
    organiser: Organiser, number: int, idle: AsyncExitStack | None = None, enough: int | None = None
) -> list[websockets.InvalidStatus]:
    """Opens so many connections, or until `enough` were refused, and keeps them open if asked; returns how those that
    were refused were."""
    refusals: list[websockets.InvalidStatus] = []
    for _ in range(number):
        async with AsyncExitStack() as stack:
            try:
                await (idle or stack).enter_async_context(Line(organiser.session, organiser.url))
            except websockets.InvalidStatus as answer:
                refusals.append(answer)
        if len(refusals) == enough:
            break
    return refusals


async def test_a_flood_of_connections_is_limited_by_address(serve) -> None:
    serving: Serving = serve()
    async with call(serving) as it:
        refusals = await refused(it.organiser, 2000, enough=40)
        assert {answer.response.status_code for answer in refusals} == {429}
        assert {json.loads(answer.response.body)["code"] for answer in refusals} == {"RF1003"}
        await it.goes_on()
        await named_without_people(serving, it.organiser, "too many connections")


async def test_idle_connections_are_ended_and_the_meeting_keeps_its_places(server: Serving) -> None:
    """Strangers take the places of those who wait, and no member's."""
    async with call(server) as it, AsyncExitStack() as idle:
        refusals = await refused(it.organiser, 100, idle)
        assert {json.loads(answer.response.body)["code"] for answer in refusals} == {"RF1205"}
        await it.goes_on()


async def test_a_crowd_from_one_line_makes_room_for_who_comes_from_another(server: Serving) -> None:
    async with call(server) as it, AsyncExitStack() as idle:
        crowd = [Line(it.organiser.session, it.organiser.url, "127.0.0.2") for _ in range(100)]
        oldest = None
        for line in crowd:
            try:
                await idle.enter_async_context(line)
            except websockets.InvalidStatus:
                break
            await line.hello()
            oldest = oldest or line
        else:
            pytest.fail("there is a place for everybody")
        async with Line(it.organiser.session, it.organiser.url) as other:
            assert (await other.hello())["t"] == "hello"
        assert oldest is not None
        assert await oldest.hear() == {"t": "bye", "code": "RF1205"}
        await it.goes_on()


async def test_a_knock_names_hosts_of_the_charter_once_and_nobody_else(server: Serving) -> None:
    async with call(server) as it:
        before = len(it.host.heard)
        async with Line(it.organiser.session, it.organiser.url) as line:
            await line.hello()
            blob = b64(bytes(16))
            for names in ([bytes(32)], [it.organiser.hosts[0]["id"]] * 2):
                said = [{"host": b64(name), "sealed": blob} for name in names]
                answer = await line.ask(t="knock", package=blob, admission=None, proof=blob, names=said)
                assert answer["t"] == "error"
        await it.goes_on()
        assert not any(message["t"] == "knock" for message in it.host.heard[before:])


def sealed_of(valid: bytes, length: int) -> str:
    """A sealed message of this group (RFC 9420 section 6.3) that nobody can open, as long as asked."""
    # Version, wire format; then the group's id, the epoch and the content type, as in a valid one.
    at = 4 + 1 + valid[4] + 8 + 1
    body = b"".join(_vector(part) for part in (b"", bytes(28), bytes(length)))
    return json.dumps({"t": "sealed", "message": b64(valid[:at] + body), "to": None})


def _vector(content: bytes) -> bytes:
    """A vector with the length in front (RFC 9420 section 2.1.2)."""
    length = len(content)
    if length < 1 << 6:
        return bytes([length]) + content
    return (length | 2 << 30).to_bytes(4, "big") + content


async def test_who_does_not_read_is_disconnected_and_nobody_waits_for_them(serve) -> None:
    serving: Serving = serve()
    async with call(serving) as it, AsyncExitStack() as people:
        slow = await people.enter_async_context(it.organiser.guest())
        await (await slow.join("Sloth")).phase("in")
        for task in slow._tasks:
            task.cancel()
        slow.socket.transport.pause_reading()
        slow.socket.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        loud = [await people.enter_async_context(it.organiser.guest()) for _ in range(5)]
        for number, person in enumerate(loud):
            await (await person.join(f"Loud {number}")).phase("in")
        await it.host.roster(3 + len(loud))
        for person in loud:
            await person.tell(t="chat", text="a valid one")
            valid = next(unb64(said["message"]) for said in reversed(person.said) if said["t"] == "sealed")
            for _ in range(5):
                await person.socket.send(sealed_of(valid, 500_000))
            await it.goes_on()  # everybody else has read so far
        gone = {"name": "Sloth", "present": False}
        await it.host.event(lambda e: e["t"] == "roster" and any(gone.items() <= m.items() for m in e["members"]))
        await it.goes_on()
        await named_without_people(serving, it.organiser, "RF1210")


async def named_without_people(serving: Serving, organiser: Organiser, words: str) -> None:
    await until(lambda: words in serving.log.read_text())
    log = serving.log.read_text()
    link = organiser.owner.link
    for private in ("127.0.0.1", organiser.meeting, "Hanna", "Mallory", b64(link.secret + link.owner_half)):
        assert private not in log, private
