"""What a meeting wants done, in order: it does nothing itself.
Not here: doing it (signalling)."""

from dataclasses import dataclass

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
class Remember:
    """Has to be durable before anything that follows: no generation may be used twice."""

    generation: int


@dataclass(frozen=True)
class StopMedia:
    """Nothing more is forwarded to or from this leaf."""

    group: GroupId
    leaf: Leaf


@dataclass(frozen=True)
class EndMedia:
    group: GroupId


Effect = Tell | Close | Remember | StopMedia | EndMedia
