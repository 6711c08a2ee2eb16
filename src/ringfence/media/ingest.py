"""Rooms of load generators, on a forwarder of their own: nothing in them is sealed, and no meeting is on it.
Not here: who may use them (server), or forwarding (Rust threads, the same code as for meetings)."""

import itertools
import re
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from ringfence._core.sfu import Plain
from ringfence.errors import Refusal
from ringfence.media.forwarder import Handle
from ringfence.types import Codec, to_text

# 250 meetings of four, or thousands that stand still. Each takes memory, and none ends while it is heard of.
MOST_ROOMS = 12_000
MOST_SESSIONS = 24_000
NAME = re.compile(r"[A-Za-z0-9._~-]{1,64}")
# As high as pictures get: nothing says how a load generator shows what it receives.
HEIGHT = 4320


class Role(StrEnum):
    """By the protocol that it speaks: WHIP (RFC 9725), or WHEP (draft-ietf-wish-whep)."""

    PUBLISHER = "whip"
    SUBSCRIBER = "whep"


@dataclass(frozen=True)
class Session:
    """One connection; only who was told its token can end it."""

    token: str
    role: Role
    room: str
    id: str
    leaf: int

    @property
    def name(self) -> tuple[Role, str, str]:
        return self.role, self.room, self.id


class PlainForwarder(Handle):
    """Of load generators."""

    def __init__(self, address: str, *, reference: bool = False) -> None:
        """On any free port. Raises RF5007."""
        super().__init__(address, 0, reference=reference, plain=True)

    async def answer(self, room: bytes, leaf: int, offer: Plain) -> str:
        """Raises the forwarder's RF4xxx, RF1008."""
        answered = await self._answer(room, leaf, offer.sdp)
        self.view(room, leaf, [(mid, HEIGHT) for mid in offer.receives])
        return offer.restored(answered.sdp)


@dataclass
class Ingest:
    forwarder: PlainForwarder
    _sessions: dict[str, Session] = field(default_factory=dict)
    _names: set[tuple[Role, str, str]] = field(default_factory=set)
    # Of each room, by their leaves.
    _rooms: dict[str, dict[int, Session]] = field(default_factory=dict)
    # Streams are given to lines in the order of leaves: that in which publishers came.
    _leaves: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def listen(self) -> None:
        self.forwarder.listen(self)

    async def begin(self, role: Role, room: str, id_: str, sdp: str) -> tuple[Session, str]:
        """A session and the answer to its offer. Raises RF4301, RF4303, RF4304, and the forwarder's RF4xxx, RF1008."""
        if not NAME.fullmatch(room) or not NAME.fullmatch(id_):
            raise Refusal("RF4304")
        session = Session(to_text(secrets.token_bytes(16)), role, room, id_, next(self._leaves))
        if session.name in self._names:
            raise Refusal("RF4301", f"{role} {id_}")
        if len(self._sessions) >= MOST_SESSIONS or (room not in self._rooms and len(self._rooms) >= MOST_ROOMS):
            raise Refusal("RF4303", f"{len(self._sessions)} sessions in {len(self._rooms)} rooms")
        plain = Plain(sdp, role is Role.PUBLISHER)
        self._sessions[session.token] = session
        self._names.add(session.name)
        self._rooms.setdefault(room, {})[session.leaf] = session
        try:
            return session, await self.forwarder.answer(room.encode(), session.leaf, plain)
        except BaseException:
            self._end(session)
            raise

    def end(self, token: str) -> None:
        """Raises RF4302."""
        session = self._sessions.get(token)
        if session is None:
            raise Refusal("RF4302")
        self._end(session)

    def _end(self, session: Session) -> None:
        if self._sessions.pop(session.token, None) is None:
            return
        self._names.discard(session.name)
        others = self._rooms[session.room]
        del others[session.leaf]
        if others:
            self.forwarder.close_peer(session.room.encode(), session.leaf)
        else:
            del self._rooms[session.room]
            self.forwarder.close_room(session.room.encode())

    # What the forwarder says

    def gone(self, room: bytes, leaf: int) -> None:
        """Nothing was heard of it for a while."""
        session = self._rooms.get(room.decode(), {}).get(leaf)
        if session is not None:
            self._end(session)

    def slots(self, room: bytes, leaf: int, slots: list[tuple[str, int | None, int]], need: int, codec: Codec) -> None:
        pass

    def speaking(self, room: bytes, leaves: list[int]) -> None:
        pass
