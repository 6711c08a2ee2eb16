"""A provisional commit: who is asked whether it can be used, and when it counts. No I/O; the time is an argument.
The server sees neither the group's secrets nor the link's, so another member's word decides (docs/protocol).
Not here: whether the gate admits it (the core), or what follows from it (the room)."""

from dataclasses import dataclass, field
from enum import Enum

from ringfence.meetings.core import Charter, Taken
from ringfence.types import SessionId
from ringfence.wire import session as wire

CONFIRM_SECONDS = 1.0


class Verdict(Enum):
    OPEN = "nobody has said anything that decides it"
    COUNTS = "somebody can use it, or nobody is there to ask"
    GIVEN_UP = "nobody could use it, or nobody said so in time"


@dataclass
class Provisional:
    """`asked`: the members who have not answered yet."""

    message: wire.Commit | wire.Rejoin
    committer: SessionId
    taken: Taken
    until: float
    # The charter that it brings.
    charter: Charter | None = None
    asked: set[SessionId] = field(default_factory=set)

    def answered(self, session: SessionId, ok: bool) -> Verdict:
        if session not in self.asked:
            return Verdict.OPEN
        self.asked.discard(session)
        if ok:
            return Verdict.COUNTS
        return Verdict.OPEN if self.asked else Verdict.GIVEN_UP

    def lost(self, session: SessionId) -> Verdict:
        """Somebody's connection ended."""
        self.asked.discard(session)
        return self.unasked()

    def unasked(self) -> Verdict:
        """With nobody to ask there is nobody whom it could lead astray."""
        return Verdict.OPEN if self.asked else Verdict.COUNTS

    def at(self, now: float) -> Verdict:
        return Verdict.GIVEN_UP if now >= self.until else Verdict.OPEN
