"""The delivery service: opens meetings for connections, and does what their rooms want.
Not here: what a connection says (attendance), who is told what (meetings), whose commit is allowed (the gate)."""

import asyncio
import contextlib
import hashlib
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ringfence._core import documents
from ringfence._core.delivery import Group
from ringfence._core.documents import Charter
from ringfence._core.fence import Inside
from ringfence.beacons.asking import Beacons
from ringfence.errors import Refusal
from ringfence.media.forwarder import Forwarder
from ringfence.meetings.effects import Close, Effect, EndMedia, Save, StopMedia, Tell
from ringfence.meetings.presence import GRACE_SECONDS
from ringfence.meetings.record import Record
from ringfence.meetings.room import Room
from ringfence.signalling import keeping
from ringfence.signalling.connection import Connection
from ringfence.signalling.limits import KNOCKS, PerAddress, subscriber
from ringfence.store.database import Database
from ringfence.store.files import ROLES, Identity
from ringfence.store.located import Located
from ringfence.store.models import Meeting
from ringfence.store.routes import Entry, RouteLog
from ringfence.types import Codec, MeetingId, SessionId
from ringfence.wire import session as wire

log = logging.getLogger(__name__)


@dataclass
class Papers:
    """The signed documents that a meeting runs under. While a group lives only its own commits change them."""

    charter: bytes
    route: bytes
    statement: bytes
    read: Charter
    # Where the route is in the log.
    entry: Entry | None


@dataclass
class Running:
    """A meeting that somebody is connected to, or whose group waits for somebody."""

    meeting: MeetingId
    papers: Papers
    room: Room
    connections: dict[SessionId, Connection] = field(default_factory=dict)
    # As it is in the store.
    durable: Record | None = None
    # The leaves that the forwarder has a connection of, with what each was told of its lines last.
    media: dict[int, wire.Slots | None] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None
    # One message at a time: order is all that a delivery service gives.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True)
class Groups:
    """Opens the groups of one meeting."""

    delivery: "Delivery"
    meeting: MeetingId

    def found(self, genesis: bytes, group_info: bytes, tree: bytes) -> Group:
        papers = self.delivery.papers_of(self.meeting)
        route = hashlib.sha256(papers.route).digest()
        return Group.found(papers.charter, route, genesis, group_info, tree)

    def restore(self, snapshot: bytes) -> Group:
        return Group.restore(snapshot)

    def charter(self, document: bytes) -> Charter:
        charter = Charter.read(document)
        check_time(charter)
        self.delivery.place(replace(self.delivery.papers_of(self.meeting), charter=document, read=charter))
        return charter


class Delivery:
    def __init__(
        self,
        database: Database,
        identity: Identity,
        forwarder: Forwarder,
        routes: RouteLog,
        data_sets: Located,
        beacons: Beacons,
    ) -> None:
        self._database = database
        self.routes = routes
        self.data_sets = data_sets
        self.beacons = beacons
        self.identity = identity
        self.forwarder = forwarder
        self._running: dict[MeetingId, Running] = {}
        self._by_group: dict[bytes, Running] = {}
        self._opening = asyncio.Lock()
        self._left = asyncio.Event()
        self._last_session = 0
        self._knocks = PerAddress("knocks", KNOCKS, time.monotonic)
        # Groups that are in the store have been alone since now.
        self._began = time.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()
        forwarder.listen(self)
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._later, self._forget_dead)

    # Documents

    async def papers(self, meeting: MeetingId) -> Papers:
        """What a meeting runs under, or would if it began now. Raises RF1101."""
        running = self._running.get(meeting)
        if running is not None and running.room.group is not None:
            return running.papers
        return await self._current(await self._database.find(meeting))

    def papers_of(self, meeting: MeetingId) -> Papers:
        return self._running[meeting].papers

    async def _current(self, found: Meeting) -> Papers:
        charter, route = Charter.read(found.charter), found.route
        if found.statement != self.identity.statement_hash:
            # Only a meeting that does not run gets another route: it is part of what its members agreed on.
            route, entry = await self.make_route(charter, "operator", hashlib.sha256(route).digest())
            stated = self.identity.statement_hash
            await self._database.remember_route(found.id, route, stated, entry.index, entry.salt)
            return Papers(found.charter, route, self.identity.statement, charter, entry)
        logged = found.log_index is not None and found.log_salt is not None
        entry_ = Entry(found.log_index or 0, found.log_salt or b"") if logged else None
        return Papers(found.charter, route, self.identity.statement, charter, entry_)

    async def make_route(self, charter: Charter, why: str, previous: bytes | None) -> tuple[bytes, Entry]:
        """A route over this node, written down before anybody sees it. Raises RF1009."""
        route = documents.make_route(
            self.identity.node_seed,
            meeting=charter.meeting,
            roles=list(ROLES),
            statement=self.identity.statement,
            why=why,
            previous=previous,
            at=int(time.time()),
        )
        return route, await self.routes.write(route)

    async def located(self, papers: Papers) -> list[bytes]:
        """What data sets that the owner named say about this server's addresses, as far as they are here."""
        await self.data_sets.look(papers.statement)
        return self.data_sets.shown(papers.read.data)

    def transcripts(self, papers: Papers) -> list[bytes]:
        """What beacons have measured of this server, those that the owner named before others."""
        return [one.document for one in self.beacons.transcripts(papers.read.beacons)]

    def show_transcripts(self) -> None:
        """To everybody who decides by them, before the former ones count no more."""
        for running in self._running.values():
            message = wire.TranscriptsShown(transcripts=self.transcripts(running.papers))
            for connection in running.connections.values():
                connection.tell(message)

    def place(self, papers: Papers) -> Inside:
        """Decides anew whether the fence allows this node. Raises RF1103."""
        address = self.forwarder.address
        located, transcripts = self.data_sets.shown(papers.read.data), self.transcripts(papers)
        _, inside = papers.read.decide(papers.statement, located, transcripts, address, int(time.time()))
        if inside is None:
            raise Refusal("RF1103")
        return inside

    # Connections

    async def connect(self, meeting: MeetingId, connection: Connection) -> tuple[Running, SessionId]:
        """Raises RF1101, RF1104, RF1205."""
        async with self._opening:
            running = self._running.get(meeting) or await self._open(meeting)
            check_time(running.papers.read)
            self._last_session += 1
            session = SessionId(self._last_session)
            for effect in running.room.enter(session, subscriber(connection.address)):
                await self.do(running, [effect])
            running.connections[session] = connection
            self._running[meeting] = running
        log.info("session %d opened", session)
        return running, session

    async def _open(self, meeting: MeetingId) -> Running:
        found = await self._database.find(meeting)
        record = await keeping.find(self._database, meeting)
        same_statement = found.statement == self.identity.statement_hash
        papers = await self._current(found)
        now = time.monotonic()
        groups = Groups(self, meeting)
        room = Room(papers.read, groups, _token, found.generation, self._began if record else now)
        running = Running(meeting, papers, room, durable=record)
        # A group keeps to its route: with another statement it cannot go on here, nor when it was alone too long.
        if record is not None and same_statement and now < self._began + GRACE_SECONDS:
            try:
                room.restore(record)
            except Refusal as refusal:
                log.error("a running group cannot be opened: %s", refusal.code)
        if record is not None and room.group is None:
            with contextlib.suppress(Refusal):  # it is dead all the same; whoever founds the next one is told why not
                await self._database.forget_groups(meeting)
                running.durable = None
        return running

    async def disconnect(self, running: Running, session: SessionId, for_good: bool) -> None:
        async with running.turn:
            running.connections.pop(session, None)
            await self.do(running, running.room.leave(session, time.monotonic(), for_good))
        log.info("session %d closed", session)

    def _later(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._begin(work())

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Work that is done to its end also when nobody waits for it any more: a connection ends at any moment, and
        a step that is stored and not taken in memory, or the other way round, would be the end of the meeting."""
        task = self._begin(work)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_heard)
            raise

    async def _tick(self, running: Running) -> None:
        async with running.turn:
            await self.do(running, running.room.tick(time.monotonic()))

    async def _forget_dead(self) -> None:
        """Groups of before this process that nobody came back to."""
        with contextlib.suppress(Refusal):  # they are dead all the same, and forgotten when they are looked at
            await self._database.forget_groups(but=list(self._running))

    def close(self) -> None:
        """Says farewell to everybody."""
        for running in self._running.values():
            for connection in running.connections.values():
                connection.close("RF1211")

    async def emptied(self) -> None:
        """Returns when nobody is connected."""
        while any(running.room.connected for running in self._running.values()):
            self._left.clear()
            await self._left.wait()

    def count_knock(self, address: str) -> None:
        """Raises RF1003."""
        if not self._knocks.take(address):
            raise Refusal("RF1003", "too many knocks")

    # What a room wants

    async def do(self, running: Running, effects: Sequence[Effect]) -> None:
        """Raises the Refusal of what could not be made durable, and then nothing has changed."""
        try:
            await self._do(running, deque(effects))
        finally:
            self._settle(running)

    async def _do(self, running: Running, effects: deque[Effect]) -> None:
        while effects:
            match effects.popleft():
                case Tell(to, message):
                    if connection := running.connections.get(to):
                        connection.tell(message)
                case Close(session, code):
                    if connection := running.connections.get(session):
                        connection.close(code)
                case StopMedia(group, leaf):
                    running.media.pop(leaf, None)
                    self.forwarder.close_peer(group, leaf)
                case EndMedia(group):
                    running.media.clear()
                    self._by_group.pop(group, None)
                    self.forwarder.close_room(group)
                case Save(record, charter):
                    effects.extendleft(reversed(await self._save(running, record, charter)))

    async def _save(self, running: Running, record: Record | None, charter: bytes | None) -> list[Effect]:
        try:
            await keeping.save(self._database, running.meeting, running.durable, record, charter)
        except Refusal as refusal:
            log.error("the store refuses: %s", refusal.detail)
            return running.room.unsaved(refusal)
        running.durable = record
        if charter is not None:
            running.papers = replace(running.papers, charter=charter, read=Charter.read(charter))
        return running.room.saved()

    def _settle(self, running: Running) -> None:
        """After each turn: who is found by what, and when the next turn comes by itself."""
        room = running.room
        if room.group is not None:
            self._by_group[room.group.id] = running
        if running.timer is not None:
            running.timer.cancel()
        due = room.next_timeout()
        if due is not None:
            after = max(0.0, due - time.monotonic())
            loop = asyncio.get_running_loop()
            running.timer = loop.call_later(after, self._later, lambda: self._tick(running))
        if not room.connected:
            self._left.set()
        if room.empty and self._running.get(running.meeting) is running:
            del self._running[running.meeting]

    # What the forwarder says

    def slots(self, room: bytes, leaf: int, slots: list[tuple[str, int | None, int]], need: int, codec: Codec) -> None:
        if running := self._by_group.get(room):
            said = [wire.Slot(mid=mid, leaf=of, context=context) for mid, of, context in slots]
            message = running.media[leaf] = wire.Slots(slots=said, need=need, codec=codec)
            session = running.room.session_of(leaf)
            if session is not None and (connection := running.connections.get(session)):
                connection.tell(message)

    def speaking(self, room: bytes, leaves: list[int]) -> None:
        if running := self._by_group.get(room):
            for session in running.room.member_sessions():
                if connection := running.connections.get(session):
                    connection.tell(wire.Speaking(leaves=leaves))

    def gone(self, room: bytes, leaf: int) -> None:
        """Nothing was heard of this connection, and it was given up: whoever resumes is told, and makes another."""
        if running := self._by_group.get(room):
            running.media.pop(leaf, None)


def _heard(task: asyncio.Task[None]) -> None:
    """What went wrong with work that nobody waits for."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, Refusal):
        log.error("a turn failed", exc_info=error)


def check_time(charter: Charter) -> None:
    now = int(time.time())
    if charter.begins is not None and now < charter.begins:
        raise Refusal("RF1104", "it has not begun")
    if charter.ends is not None and now >= charter.ends:
        raise Refusal("RF1104", "it is over")


def _token() -> bytes:
    return secrets.token_bytes(32)
