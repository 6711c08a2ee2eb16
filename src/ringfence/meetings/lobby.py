"""Who waits to be let in, and who has been told of it. No I/O.
Not here: whether a knock is genuine (the room asks the core), or letting in (a commit)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ringfence.errors import Refusal
from ringfence.meetings.core import Charter, Group
from ringfence.types import KnockId, MemberKey, SessionId
from ringfence.wire.session import HostName, KnockHeld


@dataclass
class Held:
    """A knock. `auto`: any member may let it in; else only hosts hear of it."""

    id: KnockId
    session: SessionId
    member: MemberKey
    package: bytes
    admission: bytes | None
    proof: bytes
    names: tuple[HostName, ...]
    told: set[SessionId] = field(default_factory=set)

    @property
    def auto(self) -> bool:
        return self.admission is not None

    @property
    def package_hash(self) -> bytes:
        return hashlib.sha256(self.package).digest()

    def message(self) -> KnockHeld:
        return KnockHeld(
            id=self.id,
            package=self.package,
            admission=self.admission,
            proof=self.proof,
            names=list(self.names),
            member=self.member,
            auto=self.auto,
        )


class Lobby:
    """At most one knock for each connection."""

    def __init__(self) -> None:
        self._held: dict[KnockId, Held] = {}

    def __iter__(self) -> Iterator[Held]:
        return iter(tuple(self._held.values()))

    def hold(self, knock: Held) -> None:
        self._held[knock.id] = knock

    def find(self, id_: str) -> Held:
        held = self._held.get(KnockId(id_))
        if held is None:
            raise Refusal("RF1209")
        return held

    def of(self, session: SessionId) -> Held | None:
        return next((held for held in self._held.values() if held.session == session), None)

    def added_with(self, package_hash: bytes) -> Held | None:
        return next((held for held in self._held.values() if held.package_hash == package_hash), None)

    def drop(self, held: Held) -> None:
        self._held.pop(held.id, None)

    def empty(self) -> None:
        self._held.clear()


def admitting(charter: Charter, group: Group, admission: bytes | None, member: bytes) -> bytes | None:
    """The admission if it lets in now; None if a host has to say so. Raises RF3131, RF3132, RF3140."""
    if admission is None:
        return None
    try:
        admitted = charter.check_admission(admission, group.id, group.link_admits)
    except Refusal as refusal:
        # Who comes by the link cannot know that a lobby has begun meanwhile (RF3131).
        if refusal.code == "RF3131" and not group.link_admits:
            return None
        raise
    if admitted != member:
        raise Refusal("RF3132", "the admission is somebody else's")
    if group.was_used(admission):
        raise Refusal("RF3140", "the admission was used before")
    return admission


def still_admits(charter: Charter, group: Group, admission: bytes, member: bytes) -> bool:
    try:
        return admitting(charter, group, admission, member) is not None
    except Refusal:
        return False
