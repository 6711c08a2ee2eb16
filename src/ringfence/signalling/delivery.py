"""The delivery service: greets connections, hands their messages to the room, and does what the room wants.
Not here: who is told what (meetings), or whose commit is allowed (the core's gate)."""

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from ringfence._core import documents
from ringfence._core.delivery import Group
from ringfence._core.documents import Charter
from ringfence._core.fence import Inside
from ringfence.errors import Refusal
from ringfence.media.forwarder import Forwarder
from ringfence.meetings.core import Found
from ringfence.meetings.effects import Close, Effect, EndMedia, Remember, StopMedia, Tell
from ringfence.meetings.room import Room
from ringfence.signalling.connection import Connection
from ringfence.signalling.limits import KNOCKS, PerAddress
from ringfence.store.database import Database
from ringfence.store.files import ROLES, Identity
from ringfence.store.models import Meeting
from ringfence.types import Leaf, MeetingId, SessionId
from ringfence.wire import session as wire

log = logging.getLogger(__name__)

# How long a media channel's signature holds: longer than a browser takes to connect.
CHANNEL_SECONDS = 60


@dataclass
class Papers:
    """The signed documents that a meeting runs under; they stay while a group lives."""

    charter: bytes
    route: bytes
    statement: bytes
    read: Charter


@dataclass
class Running:
    """A meeting that somebody is connected to."""

    meeting: MeetingId
    papers: Papers
    room: Room
    connections: dict[SessionId, Connection] = field(default_factory=dict)
    # One message at a time: order is all that a delivery service gives.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Delivery:
    def __init__(self, database: Database, identity: Identity, forwarder: Forwarder) -> None:
        self._database = database
        self.identity = identity
        self.forwarder = forwarder
        self._running: dict[MeetingId, Running] = {}
        self._by_group: dict[bytes, Running] = {}
        self._opening = asyncio.Lock()
        self._left = asyncio.Event()
        self._last_session = 0
        self._knocks = PerAddress("knocks", KNOCKS, time.monotonic)
        forwarder.listen(self)

    # Documents

    async def papers(self, meeting: MeetingId) -> Papers:
        """What a meeting runs under, or would if it began now. Raises RF1101."""
        running = self._running.get(meeting)
        if running is not None and running.room.group is not None:
            return running.papers
        return await self._current(await self._database.find(meeting))

    async def _current(self, found: Meeting) -> Papers:
        charter, route = Charter.read(found.charter), found.route
        if found.statement != self.identity.statement_hash:
            # Only a meeting that does not run gets another route: it is part of what its members agreed on.
            route = self.make_route(charter, "operator", hashlib.sha256(route).digest())
            stated = self.identity.statement_hash
            await self._database.remember_route(found.id, route, stated)
        return Papers(found.charter, route, self.identity.statement, charter)

    def make_route(self, charter: Charter, why: str, previous: bytes | None) -> bytes:
        return documents.make_route(
            self.identity.node_seed,
            meeting=charter.meeting,
            roles=list(ROLES),
            statement=self.identity.statement,
            why=why,
            previous=previous,
            at=int(time.time()),
        )

    def place(self, papers: Papers) -> Inside:
        """Decides anew whether the fence allows this node. Raises RF1103."""
        address = self.forwarder.address
        _, inside = papers.read.decide(papers.statement, address, int(time.time()))
        if inside is None:
            raise Refusal("RF1103")
        return inside

    # Connections

    async def connect(self, meeting: MeetingId, connection: Connection) -> "Attendance":
        """Raises RF1101, RF1104, RF1205."""
        async with self._opening:
            running = self._running.get(meeting) or await self._open(meeting)
            _check_time(running.papers.read)
            self._last_session += 1
            session = SessionId(self._last_session)
            running.room.enter(session)
            running.connections[session] = connection
            self._running[meeting] = running
        log.info("session %d opened", session)
        return Attendance(self, running, session, connection)

    async def _open(self, meeting: MeetingId) -> Running:
        found = await self._database.find(meeting)
        papers = await self._current(found)
        return Running(meeting, papers, Room(papers.read, self._founder(meeting), found.generation))

    def _founder(self, meeting: MeetingId) -> Found:
        def found(genesis: bytes, group_info: bytes, tree: bytes) -> Group:
            papers = self._running[meeting].papers
            route = hashlib.sha256(papers.route).digest()
            return Group.found(papers.charter, route, genesis, group_info, tree)

        return found

    async def disconnect(self, running: Running, session: SessionId) -> None:
        async with running.turn:
            running.connections.pop(session, None)
            await self.do(running, running.room.leave(session))
            if running.room.empty:
                self._running.pop(running.meeting, None)
                self._left.set()
        log.info("session %d closed", session)

    def close(self) -> None:
        """Says farewell to everybody."""
        for running in self._running.values():
            for connection in running.connections.values():
                connection.close("RF1211")

    async def emptied(self) -> None:
        """Returns when nobody is connected."""
        while self._running:
            self._left.clear()
            await self._left.wait()

    def count_knock(self, address: str) -> None:
        """Raises RF1003."""
        if not self._knocks.take(address):
            raise Refusal("RF1003", "too many knocks")

    # What a room wants

    async def do(self, running: Running, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Tell(to, message):
                    if connection := running.connections.get(to):
                        connection.tell(message)
                case Close(session, code):
                    if connection := running.connections.get(session):
                        connection.close(code)
                case StopMedia(group, leaf):
                    self.forwarder.close_peer(group, leaf)
                case EndMedia(group):
                    self._by_group.pop(group, None)
                    self.forwarder.close_room(group)
                case Remember(generation):
                    await self._database.remember_generation(running.meeting, generation)
        if running.room.group is not None:
            self._by_group[running.room.group.id] = running

    # What the forwarder says

    def slots(self, room: bytes, leaf: int, slots: list[tuple[str, int | None, int]], need: int) -> None:
        if running := self._by_group.get(room):
            session = running.room.session_of(leaf)
            if session is not None and (connection := running.connections.get(session)):
                said = [wire.Slot(mid=mid, leaf=of, context=context) for mid, of, context in slots]
                connection.tell(wire.Slots(slots=said, need=need))

    def speaking(self, room: bytes, leaves: list[int]) -> None:
        if running := self._by_group.get(room):
            for session in running.room.member_sessions():
                if connection := running.connections.get(session):
                    connection.tell(wire.Speaking(leaves=leaves))


@dataclass(frozen=True)
class Attendance:
    """One connection's part in a meeting."""

    delivery: Delivery
    running: Running
    session: SessionId
    connection: Connection

    async def leave(self) -> None:
        await self.delivery.disconnect(self.running, self.session)

    async def receive(self, message: wire.ClientMessage) -> None:
        """Raises Refusal, and then nothing has changed."""
        match message:
            case wire.Hello():
                await self._greet(message)
            case wire.Offer():
                await self._answer(message)
            case wire.View():
                leaf, group = self._seat()
                wants = [(want.mid, want.height) for want in message.wants]
                self.delivery.forwarder.view(group, leaf, wants)
            case wire.Bye():
                self.connection.close()
            case _:
                if isinstance(message, wire.Knock):
                    self.delivery.count_knock(self.connection.address)
                room, id_ = self.running.room, secrets.token_urlsafe(12)
                async with self.running.turn:
                    effects = room.receive(self.session, message, id_)
                    await self.delivery.do(self.running, effects)

    def _seat(self) -> tuple[Leaf, bytes]:
        leaf, group = self.running.room.member(self.session), self.running.room.group
        if group is None:
            raise Refusal("RF1208")
        return leaf, group.id

    async def _greet(self, message: wire.Hello) -> None:
        if message.v != 1:
            raise Refusal("RF1213", f"the server speaks version 1, not {message.v}")
        running, room = self.running, self.running.room
        async with running.turn:
            if room.group is None:
                running.papers = await self.delivery.papers(running.meeting)
            nonce = secrets.token_bytes(16)
            room.greeted(self.session, nonce)
            papers, group = running.papers, room.group
            id_, epoch = (group.id, group.epoch) if group else (None, None)
            proof = documents.make_hello(
                self.delivery.identity.node_seed,
                meeting=running.meeting,
                nonce=message.nonce,
                charter=papers.read.hash,
                route=hashlib.sha256(papers.route).digest(),
                generation=room.generation,
                group=id_,
                epoch=epoch,
            )
            greeting = wire.Greeting(
                charter=papers.charter,
                route=papers.route,
                statement=papers.statement,
                proof=proof,
                knock_nonce=nonce,
                generation=room.generation,
                group=id_,
                epoch=epoch,
                alive=group is not None,
            )
            self.connection.tell(greeting)

    async def _answer(self, message: wire.Offer) -> None:
        leaf, group = self._seat()
        inside = self.delivery.place(self.running.papers)
        answered = await self.delivery.forwarder.answer(inside, group, leaf, message.sdp)
        if self.running.room.session_of(leaf) != self.session:
            raise Refusal("RF1203")  # removed while the forwarder worked: it has forgotten the leaf
        binding = documents.make_channel(
            self.delivery.identity.node_seed,
            group=group,
            nonce=message.nonce,
            fingerprint=answered.fingerprint,
            address=answered.address,
            port=answered.port,
            until=int(time.time()) + CHANNEL_SECONDS,
        )
        self.connection.tell(wire.Answer(sdp=answered.sdp, binding=binding))


def _check_time(charter: Charter) -> None:
    now = int(time.time())
    if charter.begins is not None and now < charter.begins:
        raise Refusal("RF1104", "it has not begun")
    if charter.ends is not None and now >= charter.ends:
        raise Refusal("RF1104", "it is over")
