"""Owners and people by the book: charters from tests/lying, membership from the core, over real sockets.
Not here: what is tested with them."""

import asyncio
import contextlib
import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import websockets
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from lying import cbor
from lying.documents import Key, Owner, b64, host_id, unb64
from machine import PATIENT
from ringfence._core import fence
from ringfence._core.member import Participant

ONLY = 'name = "Only this server"\nversion = 1\n[allow]\nnodes = ["{}"]\n'
Message = dict[str, Any]


class Organiser:
    """Owner and host; `charter` can be changed before it is sent."""

    def __init__(self, url: str, admission: str = "link", policy: str = ONLY) -> None:
        self.url = url
        node = httpx.get(f"{url}/api/v1/node", timeout=PATIENT).json()
        fields = cbor.decode(fence.parse_policy(policy.format(node["node"])))
        operator = {"id": node["operator"]["id"], "key": unb64(node["operator"]["key"])}
        self.owner = Owner(fields, operator, admission=admission)
        self.hpke = X25519PrivateKey.generate()
        host = host_id(self.owner.meeting, self.owner.host.public)
        self.hosts = [{"id": host, "hpke": self.hpke.public_key().public_bytes_raw()}]

    @property
    def meeting(self) -> str:
        return b64(self.owner.meeting)

    @property
    def session(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/api/v1/meetings/{self.meeting}/session"

    def charter(self, **changes: Any) -> bytes:
        return self.owner.charter(**({"hosts": self.hosts} | changes))

    def post(self, charter: bytes | None = None) -> httpx.Response:
        body = {"charter": b64(charter or self.charter())}
        return httpx.post(f"{self.url}/api/v1/meetings", json=body, timeout=PATIENT)

    def held(self) -> "Organiser":
        assert self.post().status_code == 201
        return self

    def host(self) -> "Person":
        return Person(self, self.owner.host)

    def guest(self) -> "Person":
        return Person(self)


class Writing(Organiser):
    """Who names the server's log of routes, as a page does: the route has to be written down in it."""

    def charter(self, **changes: Any) -> bytes:
        log = httpx.get(f"{self.url}/api/v1/node", timeout=PATIENT).json()["log"]
        operators = {self.owner.operator["id"]: self.owner.operator["key"]}
        trust = {"operators": operators, "log": {"origin": log["origin"], "key": unb64(log["key"])}}
        return super().charter(**({"trust": trust | {"beacons": [], "data": []}} | changes))


class Line:
    """A bare connection."""

    def __init__(self, url: str, origin: str | None, address: str = "127.0.0.1") -> None:
        """`address`: which of this machine's it comes from."""
        self._opening = websockets.connect(
            url, origin=origin, max_size=1 << 21, local_addr=(address, 0), open_timeout=PATIENT
        )

    async def __aenter__(self) -> "Line":
        self.socket = await self._opening.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._opening.__aexit__(*error)

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def hear(self) -> Message:
        return json.loads(await asyncio.wait_for(self.socket.recv(), PATIENT))

    async def ask(self, **message: Any) -> Message:
        await self.say(**message)
        return await self.hear()

    async def hello(self) -> Message:
        return await self.ask(t="hello", v=1, nonce=b64(bytes(16)))


class Person:
    """A participant of the core, its keys, and a socket. It follows the meeting in a task of its own."""

    def __init__(self, organiser: Organiser, host: Key | None = None, member: Ed25519PrivateKey | None = None) -> None:
        self.organiser = organiser
        self.member, self.host = member or Ed25519PrivateKey.generate(), host
        hpke = organiser.hpke.private_bytes_raw() if host else None
        link = organiser.owner.link
        config = {
            "meeting": b64(link.meeting),
            "key": b64(link.secret + link.owner_half),
            "member_key": b64(self.member.public_key().public_bytes_raw()),
            "host_key": b64(host.public) if host else None,
            "host_hpke": b64(hpke) if hpke else None,
            "owner_key": b64(organiser.owner.key.public) if host else None,
            "name": "",
            "seen": None,
        }
        self._config = json.dumps(config)
        self._participant = Participant(self._config, now())
        self.events: list[Message] = []
        self.receipts: list[bytes] = []
        self.heard: list[Message] = []
        self.said: list[Message] = []
        # Told of each message, before it is acted on.
        self.on_said: list[Callable[[Message], None]] = []
        self.on_heard: list[Callable[[Message], None]] = []
        self._changed = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Person":
        await self.connect()
        return self

    async def connect(self) -> None:
        """The first time, or again: the participant and its keys stay."""
        self.socket = await websockets.connect(
            self.organiser.session, origin=self.organiser.url, max_size=1 << 21, open_timeout=PATIENT
        )
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._tick())]
        await self.tell(t="online")

    async def lose(self) -> None:
        """The connection breaks, without a word."""
        for task in self._tasks:
            task.cancel()
        self.socket.transport.abort()
        await self.tell(t="offline")

    async def reload(self) -> None:
        """The page is loaded anew: only its keys are what they were. Without a server it stays without a connection."""
        await self.lose()
        self._participant = Participant(self._config, now())
        self.events.clear()
        with contextlib.suppress(OSError, websockets.InvalidHandshake):
            await self.connect()

    async def leave(self) -> None:
        await self.tell(t="leave")
        await self.phase("left")
        await self.event(lambda e: e["t"] == "closed")

    async def __aexit__(self, *error: Any) -> None:
        for task in self._tasks:
            task.cancel()
        await self.socket.close()

    async def join(self, name: str) -> "Person":
        await self.phase("ready")
        await self.tell(t="join", name=name)
        return self

    async def phase(self, phase: str) -> "Person":
        """Waits until this is the phase now."""
        await self.event(lambda e: e["t"] == "phase" and e["phase"] == phase == self.now)
        return self

    @property
    def now(self) -> str | None:
        """The phase."""
        return next((e["phase"] for e in reversed(self.events) if e["t"] == "phase"), None)

    @property
    def chats(self) -> list[str]:
        return [e["text"] for e in self.events if e["t"] == "chat"]

    @property
    def problems(self) -> list[str]:
        return [e["code"] for e in self.events if e["t"] == "problem"]

    @property
    def epochs(self) -> set[int]:
        """Those that are over."""
        return {message["epoch"] for message in self.heard if message["t"] == "confirmed"}

    async def event(self, wanted: Any, seconds: float = PATIENT) -> Message:
        return await self._find(self.events, wanted, seconds)

    async def hears(self, wanted: Any, seconds: float = PATIENT) -> Message:
        return await self._find(self.heard, wanted, seconds)

    async def _find(self, among: list[Message], wanted: Any, seconds: float) -> Message:
        def found() -> Message | None:
            return next((e for e in reversed(among) if wanted(e)), None)

        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait_for(found), seconds)
            except TimeoutError:
                raise AssertionError(f"waited in vain, after {[_brief(e) for e in among[-15:]]}") from None
            return found() or {}

    async def code(self) -> Message:
        """What all in this epoch of this group can compare; nothing of who is in none."""
        before = len(self.events)
        await self.tell(t="code")
        return next((e for e in self.events[before:] if e["t"] == "code"), {})

    async def roster(self, size: int) -> list[Message]:
        wanted = await self.event(lambda e: e["t"] == "roster" and len(e["members"]) == size)
        return wanted["members"]

    async def tell(self, **message: Any) -> None:
        self._participant.handle(json.dumps(message), now())
        await self._flush()

    async def _follow(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosedError):
            async for text in self.socket:
                message = json.loads(text)
                async with self._changed:
                    self.heard.append(message)
                    self._changed.notify_all()
                for told in self.on_heard:
                    told(message)
                await self.tell(t="server", message=message)
        async with self._changed:
            self.events.append({"t": "closed", "code": self.socket.close_code})
            self._changed.notify_all()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            due = self._participant.next_timeout()
            if due is not None and due <= now():
                await self.tell(t="tick")

    async def _flush(self) -> None:
        while outputs := json.loads(self._participant.take()):
            for output in outputs:
                match output["t"]:
                    case "send":
                        self.said.append(output["message"])
                        after = [(told, output["message"]) for told in self.on_said]
                        with contextlib.suppress(websockets.ConnectionClosed):
                            await self.socket.send(json.dumps(output["message"]))
                        for told, message in after:
                            told(message)
                    case "sign":
                        signed = self._sign(output["key"], unb64(output["tbs"]))
                        given = {"t": "signed", "id": output["id"], "signature": b64(signed)}
                        self._participant.handle(json.dumps(given), now())
                    case "event":
                        async with self._changed:
                            self.events.append(output["event"])
                            self._changed.notify_all()
                    case "receipt":
                        self.receipts.append(unb64(output["document"]))

    async def receipt(self) -> bytes:
        """Without where they are."""
        await self.tell(t="receipt", place=False)
        return self.receipts[-1]

    def _sign(self, which: str, tbs: bytes) -> bytes:
        if which == "member":
            return self.member.sign(tbs)
        return (self.host if which == "host" else self.organiser.owner.key)._key.sign(tbs)


def _brief(event: Message) -> Message:
    """Without what is long."""
    return {key: value for key, value in event.items() if len(str(value)) < 100}


async def agreed(*people: Person) -> int:
    """Waits until all are in one epoch of one group, and answers which."""
    async with asyncio.timeout(PATIENT):
        while True:
            codes = [await person.code() for person in people]
            if codes[0] and all(code == codes[0] for code in codes):
                return codes[0]["epoch"]
            await asyncio.sleep(0.02)


async def until(holds: Callable[[], bool]) -> None:
    """Looks again and again, at what tells nobody that it changed."""
    async with asyncio.timeout(PATIENT):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def change(data: Path, statement: str) -> None:
    """In the store of the server whose folder it is, behind its back."""
    with contextlib.closing(sqlite3.connect(data / "ringfence.db", timeout=PATIENT)) as store, store:
        store.execute(statement)


def now() -> int:
    return int(time.time() * 1000)
