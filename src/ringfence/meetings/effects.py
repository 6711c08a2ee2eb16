"""What a meeting wants done, in order: it does nothing itself.
Not here: doing it (signalling)."""

from dataclasses import dataclass

from ringfence.meetings.record import Record
from ringfence.types import GroupId, Leaf, SessionId
from ringfence.wire.session import ServerMessage


@dataclass(frozen=True)
class Tell:
    to: SessionId
    message: ServerMessage


@dataclass(frozen=True)
class Close:
    """Ends a connection, after what was told before; `code` says why."""

    session: SessionId
    code: str | None = None


@dataclass(frozen=True)
class Save:
    """Has to be durable before anything that follows. None: the group is dead; that is remembered when it can be."""

    record: Record | None
    # The document of the charter that is in force with it, if that is another one.
    charter: bytes | None = None


@dataclass(frozen=True)
class StopMedia:
    """Nothing more is forwarded to or from this leaf."""

    group: GroupId
    leaf: Leaf


@dataclass(frozen=True)
class EndMedia:
    group: GroupId


Effect = Tell | Close | Save | StopMedia | EndMedia
