"""One participant of one meeting: joins the core, the keys, the clock and the server.
Not here: what is decided (core/e2ee), or the connection (signalling)."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Self

from ringfence._core import member
from ringfence.client.events import (
    Admitted,
    Code,
    Ended,
    Event,
    How,
    Joined,
    Left,
    Lost,
    Media,
    Person,
    Problem,
    Speaking,
    Waiting,
    person,
    plain,
)
from ringfence.client.feed import Feed
from ringfence.client.keys import Keys
from ringfence.client.link import Link
from ringfence.client.media import STREAMS, Line, Received
from ringfence.client.signalling import Signalling
from ringfence.errors import Refusal
from ringfence.types import from_text, to_text

# A server by the book commits a leaving within two seconds.
FAREWELL = 3.0
OVER: tuple[How, ...] = ("left", "removed", "denied", "stopped")
Told = dict[str, Any]


class Meeting:
    """A member like any other: it makes every decision itself, and believes the server nothing.

    `async with` begins (it raises RF3292 for a name that is none) and, in the end, leaves. In between read `events()`,
    or wait for `admitted()`.
    """

    def __init__(
        self,
        link: str | Link,
        name: str,
        *,
        keys: Keys | Path | None = None,
        authority: Path | None = None,
        patience: float = 60,
        send: Sequence[str | Path] = (),
        receive: bool = False,
    ) -> None:
        """`name`: what the others see. `keys`: a folder to keep them in; without, they are new and live in memory.
        `authority`: certificates (PEM) to trust instead of the system's. `patience`: for how many seconds a server
        that does not answer is looked for, or a meeting may take to let us in without asking anybody. `send`: `test`
        or `slow`, or a file of VP8 (IVF), of Opus (Ogg), or one of each; over and over. `receive`: others' sound and
        picture are asked for, opened and counted.

        Raises RF7001 or RF3110 for a link that is none, RF7004, RF7005, RF7007 for a file that cannot be sent.
        """
        self._link = Link.parse(link) if isinstance(link, str) else link
        self._name, self._patience = name, patience
        self._signalling = Signalling(self._link, authority, self._online, self._heard, self._lost)
        self._keys = Keys.kept(keys, self._link.meeting) if isinstance(keys, Path) else keys or Keys()
        self._line: Line | None = None
        try:
            self._core = member.Participant(self._keys.config(self._link.meeting, self._link.key), _now())
            if send or receive:
                self._line = Line([str(one) for one in send], receive, self._asked, self._spoken)
        except Refusal:
            self._keys.close()
            raise
        self._feed = Feed()
        self._people: dict[str, Person] = {}
        # Everybody who was ever in, by leaf: what came from them is told in the end.
        self._leaves: dict[int, Person] = {}
        self._phase, self._since = "connecting", time.monotonic()
        self._was_in = self._ever = False
        self._problem = self._gone = Problem("RF7002", "")
        self._receipts: list[bytes] = []
        self._codes: list[Code] = []
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._input(t="join", name=self._name)
        if self._problem is not self._gone:
            self._keys.close()
            raise Refusal(self._problem.code, self._problem.detail)  # it is no name
        if self._line is not None:
            self._line.open()
        self._task = asyncio.create_task(self._signalling.run())
        self._look_after_patience()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.leave()
        if self._line is not None:
            self._line.close()
        self._keys.close()

    @property
    def people(self) -> tuple[Person, ...]:
        """Who is in, this participant too; empty before it is itself."""
        return tuple(self._people.values())

    @property
    def ended(self) -> Ended | None:
        """How it ended; None: it has not."""
        return self._feed.ended

    def events(self) -> AsyncIterator[Event]:
        """Each once, in order, until `Ended`. For one reader."""
        return self._feed.read()

    async def admitted(self) -> None:
        """Until it is in. Raises a Refusal with the code of what ended it before (RF7008: a host denied)."""
        await self._feed.until(lambda: self._phase == "in")

    async def say(self, text: str) -> None:
        """To all in the meeting; while the server is lost it is kept, and said when it is back. Raises RF7006."""
        self._inside()
        self._input(t="chat", text=text)

    async def admit(self, knock: str) -> None:
        """Lets somebody in who waits: hosts only. Raises RF7006."""
        self._inside()
        self._input(t="admit", knock=knock)

    async def deny(self, knock: str) -> None:
        self._inside()
        self._input(t="deny", knock=knock)

    async def remove(self, person: Person) -> None:
        """Ends somebody's membership: hosts only. Raises RF7006."""
        self._inside()
        self._input(t="remove", member=person.member)

    async def code(self) -> Code:
        """What all in this epoch can compare. It takes a tenth of a second and 64 MiB, by design. Raises RF7006."""
        self._inside()
        self._codes.clear()
        self._input(t="code")
        await self._feed.until(lambda: bool(self._codes))
        return self._codes[-1]

    async def receipt(self) -> bytes:
        """What was seen of where the meeting was, signed: a file for `ringfence verify`. Raises a Refusal."""
        before = len(self._receipts)
        self._input(t="receipt", place=False)
        if len(self._receipts) == before:
            raise Refusal("RF6117")
        return self._receipts[-1]

    def received(self) -> tuple[Received, ...]:
        """What came so far, of each stream of each person; also after the end. Nothing where nothing is received."""
        counted = [] if self._line is None else self._line.counted()
        return tuple(self._named(count) for count in counted if count["context"] < len(STREAMS))

    def _named(self, count: Told) -> Received:
        person = self._leaves.get(count["leaf"])
        since = count["since_ms"]
        return Received(
            member=None if person is None else person.member,
            name=None if person is None else person.name,
            leaf=count["leaf"],
            stream=STREAMS[count["context"]],
            since=None if since is None else since / 1000,
            **{name: count[name] for name in ("frames", "keys", "bytes", "failed", "late")},
        )

    async def leave(self) -> None:
        """Says so, waits at most three seconds for the others to know, and is out. Nothing where it is over already."""
        if self.ended is None:
            self._input(t="leave")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._signalling.sent(), FAREWELL)
            with contextlib.suppress(TimeoutError, Refusal):
                await asyncio.wait_for(self._feed.until(lambda: self.ended is not None), FAREWELL)
        self._end("left", None, "")
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._signalling.sent(), 1)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    # From the server

    def _online(self) -> None:
        self._ever = True
        self._input(t="online")

    def _heard(self, message: Told) -> None:
        if self._line is not None:
            self._line.heard(message)
        self._input(t="server", message=message)

    def _lost(self, why: Refusal, lasting: bool) -> None:
        told, self._gone = self._gone, Problem(why.code, why.detail)
        if self._ever and self._phase != "lost":
            self._input(t="offline")
        elif not self._ever and lasting:
            self._end("stopped", why.code, why.detail)
        elif told != self._gone:
            self._feed.tell(self._gone)

    def _look_after_patience(self) -> None:
        """Gives up a server that has not answered for too long, or a meeting that has not let us in."""
        if self.ended is not None:
            return
        if self._phase not in ("connecting", "lost", "joining"):
            self._since = time.monotonic()
        elif time.monotonic() > self._since + self._patience:
            # Whoever has to be asked is asked for as long as it takes; that is another phase.
            why = Problem("RF7010", "") if self._phase == "joining" else self._gone
            self._end("stopped", why.code, why.detail)
            return
        asyncio.get_running_loop().call_later(0.5, self._look_after_patience)

    # From the media

    def _asked(self, told: Told) -> None:
        """Of the participant; but for what went wrong, which is told."""
        if told["t"] == "problem":
            self._feed.tell(Problem(told["code"], told["detail"]))
        else:
            self._input(**told)

    def _spoken(self, leaves: Sequence[int]) -> None:
        self._feed.tell(Speaking(tuple(self._leaves[leaf] for leaf in leaves if leaf in self._leaves)))

    # The core

    def _input(self, **given: Any) -> None:
        self._core.handle(json.dumps(given), _now())
        while outputs := json.loads(self._core.take()):
            for output in outputs:
                self._do(output)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._core.next_timeout()
        if due is not None and self.ended is None:
            wait = max(0.0, (due - _now()) / 1000)
            self._timer = asyncio.get_running_loop().call_later(wait, lambda: self._input(t="tick"))

    def _do(self, output: Told) -> None:
        if self._line is not None:
            self._line.does(output, self._core)
        match output["t"]:
            case "send":
                self._signalling.send(output["message"])
            case "sign":
                self._sign(output)
            case "remember":
                self._keep(lambda: self._keys.remember(output["seen"]))
            case "remember_log":
                self._keep(lambda: self._keys.remember_log(output["log"], output["checkpoint"]))
            case "keep":
                self._keep(lambda: self._keys.keep(from_text(output["host_hpke"])))
            case "receipt":
                self._receipts.append(from_text(output["document"]))
            case "renew":
                self._signalling.renew()
            case "media" if self._line is not None:
                self._feed.tell(Media(output["open"], output["why"]))
            case "event":
                self._event(output["event"])

    def _sign(self, asked: Told) -> None:
        signature = self._keys.sign(asked["key"], from_text(asked["tbs"]))
        if signature is None:
            self._feed.tell(Problem("RF6103", f"there is no {asked['key']} key here to sign with"))
            return
        given = {"t": "signed", "id": asked["id"], "signature": to_text(signature)}
        self._core.handle(json.dumps(given), _now())

    def _keep(self, write: Any) -> None:
        try:
            write()
        except OSError as error:
            self._feed.tell(Problem("RF7005", error.strerror or ""))

    # What is told

    def _event(self, told: Told) -> None:
        match told["t"]:
            case "phase":
                self._set_phase(told["phase"], told.get("code"))
            case "roster":
                self._set_people([person(one) for one in told["members"]])
            case _:
                event = plain(told)
                if isinstance(event, Problem):
                    self._problem = event
                if isinstance(event, Code):
                    self._codes.append(event)
                if event is not None:
                    self._feed.tell(event)

    def _set_phase(self, phase: str, code: str | None) -> None:
        before, self._phase = self._phase, phase
        if self._line is not None and before != phase:
            self._line.phase(phase)
        if phase == "in" and self._line is not None:
            self._core.handle(json.dumps({"t": "state", **self._line.state}), _now())
        if phase == "in":
            self._feed.tell(Admitted(self._was_in))
            self._was_in = True
        elif phase == "waiting":
            self._feed.tell(Waiting())
        elif phase == "lost":
            self._feed.tell(Lost())
        for how in OVER:
            if phase == how:
                detail = self._problem.detail if self._problem.code == code else ""
                self._end(how, code, detail)
        self._feed.changed()

    def _set_people(self, people: list[Person]) -> None:
        """Somebody joined when their name is known, which they say themselves, sealed."""
        before, self._people = self._people, {one.member: one for one in people}
        self._leaves |= {one.leaf: one for one in people}
        for one in people:
            known = before.get(one.member)
            if one.name is not None and not one.you and (known is None or known.name is None):
                self._feed.tell(Joined(one))
        for key, one in before.items():
            if one.name is not None and not one.you and key not in self._people:
                self._feed.tell(Left(one))

    def _end(self, how: How, code: str | None, detail: str) -> None:
        if self.ended is not None:
            return
        if self._line is not None:
            self._line.phase(how)
        if self._timer is not None:
            self._timer.cancel()
        self._feed.tell(Ended(how, code, detail))

    def _inside(self) -> None:
        if not self._was_in or self.ended is not None:
            raise Refusal("RF7006", self._phase)


def _now() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)
