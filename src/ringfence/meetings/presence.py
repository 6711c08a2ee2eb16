"""Who is connected to a meeting, whether its group lives, and what of it is durable. No I/O; the time is an argument.
Not here: messages (the room builds on this)."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ringfence.errors import Refusal
from ringfence.meetings.core import Charter, Group, Groups
from ringfence.meetings.effects import Close, Effect, EndMedia, Save, StopMedia, Tell
from ringfence.meetings.lobby import Held, Lobby
from ringfence.meetings.record import Record
from ringfence.types import GroupId, Leaf, MemberKey, SessionId
from ringfence.wire import session as wire

# Beside the participants: people who wait, and connections that are replaced.
WAITING_PLACES = 64
# A group without any connection may be replaced after the first, and is dead after the second.
ABANDONED_SECONDS = 10.0
GRACE_SECONDS = 120.0
# How long media flows to and from a member whose connection is lost: as long as others take to notice.
MEDIA_SECONDS = 15.0


@dataclass
class Person:
    """A connection: outside (leaf None), or a member by its leaf. `silent`: did not answer when asked."""

    session: SessionId
    # Whose line it comes from: an address, or a /64.
    subscriber: str
    knock_nonce: bytes | None = None
    leaf: Leaf | None = None
    host: bool = False
    silent: bool = False
    # The first epoch whose messages they can open.
    since: int = 0
    # The member key that it has shown to hold.
    back: MemberKey | None = None
    # Its place was given to another.
    displaced: bool = False
    # It was greeted under a charter that is not in force any more.
    outdated: bool = False


@dataclass(frozen=True)
class _Saving:
    """What happens when the record is durable, and when it cannot be made so."""

    record: Record | None
    then: Callable[[], list[Effect]]
    otherwise: Callable[[Refusal], list[Effect]]


def _refused(refusal: Refusal) -> list[Effect]:
    raise refusal


class Presence:
    """`fresh` gives random tokens. A group lives on without connections for `GRACE_SECONDS`."""

    def __init__(
        self,
        charter: Charter,
        groups: Groups,
        fresh: Callable[[], bytes],
        generation: int | None,
        now: float,
    ) -> None:
        self._charter = charter
        self._groups = groups
        self._fresh = fresh
        self._people: dict[SessionId, Person] = {}
        self._lobby = Lobby()
        self._saving: _Saving | None = None
        # Since when nobody is connected to the group, and since when each leaf is away while its media flows.
        self._alone_since: float | None = now
        self._media_since: dict[Leaf, float] = {}
        self.generation = generation
        self.group: Group | None = None
        self.record: Record | None = None

    def restore(self, record: Record) -> None:
        """Goes on where another process ended. Raises Refusal for a record that is none."""
        self.group = self._restored(record)
        self.record, self.generation = record, record.generation

    def _restored(self, record: Record) -> Group:
        group = self._groups.restore(record.snapshot)
        for kept in record.proposals(group.epoch):
            group.accept_proposal(kept.body)
        return group

    # Connections

    def enter(self, session: SessionId, subscriber: str) -> list[Effect]:
        """Where no place is left outside, the oldest connection of the line that has most makes room: nobody can hold
        all places, and a member who has to reconnect finds one. Raises RF1205 when that line is one's own."""
        outside = [p for p in self._people.values() if p.leaf is None and not p.displaced]
        effects: list[Effect] = []
        if len(outside) >= self._charter.participants + WAITING_PLACES:
            most = Counter(person.subscriber for person in outside)
            crowd = max(most, key=lambda name: (most[name], name == subscriber))
            if crowd == subscriber:
                raise Refusal("RF1205", "too many connections")
            oldest = next(person for person in outside if person.subscriber == crowd)
            oldest.displaced = True
            effects.append(Close(oldest.session, "RF1205"))
        self._people[session] = Person(session, subscriber)
        return effects

    @property
    def empty(self) -> bool:
        """Nobody is connected, and no group waits for anybody."""
        return not self._people and self.group is None

    @property
    def connected(self) -> bool:
        return bool(self._people)

    def alive(self, now: float) -> bool:
        """Whether there is a group that somebody is connected to, or was a moment ago."""
        if self.group is None:
            return False
        return self._alone_since is None or now < self._alone_since + ABANDONED_SECONDS

    def member(self, session: SessionId) -> Leaf:
        return self._member(session)[1]

    def session_of(self, leaf: int) -> SessionId | None:
        return next((p.session for p in self._members() if p.leaf == leaf), None)

    def member_sessions(self) -> list[SessionId]:
        return [person.session for person in self._members()]

    def greeted(self, session: SessionId, knock_nonce: bytes) -> bool:
        """The connection was told a nonce for its next knock. Whether that is because the charter is another."""
        person = self._people[session]
        if person.leaf is not None:
            raise Refusal("RF1202", "a member has been greeted already")
        outdated, person.outdated = person.outdated, False
        person.knock_nonce = knock_nonce
        return outdated

    # Time

    def next_timeout(self) -> float | None:
        """When to `tick`, on the clock of `now`."""
        times = [since + MEDIA_SECONDS for since in self._media_since.values()]
        if self.group is not None and self._alone_since is not None:
            times.append(self._alone_since + GRACE_SECONDS)
        return min(times, default=None)

    def tick(self, now: float) -> list[Effect]:
        effects: list[Effect] = []
        over = [leaf for leaf, since in self._media_since.items() if now >= since + MEDIA_SECONDS]
        for leaf in over:
            del self._media_since[leaf]
            effects.append(StopMedia(GroupId(self._running().id), leaf))
        since = self._alone_since
        if self.group is not None and since is not None and now >= since + GRACE_SECONDS:
            effects += [Save(None), *self._end_group()]
        return effects

    # What is durable

    def _save(
        self,
        record: Record | None,
        then: Callable[[], list[Effect]],
        otherwise: Callable[[Refusal], list[Effect]] = _refused,
        charter: bytes | None = None,
    ) -> list[Effect]:
        self._saving = _Saving(record, then, otherwise)
        return [Save(record, charter)]

    def saved(self) -> list[Effect]:
        """The last `Save` is durable: what follows from it."""
        saving, self._saving = self._saving, None
        if saving is None:
            return []
        self.record = saving.record
        return saving.then()

    def unsaved(self, refusal: Refusal) -> list[Effect]:
        """The last `Save` failed: it is as if it had not been asked for. Raises the refusal to who asked."""
        saving, self._saving = self._saving, None
        return saving.otherwise(refusal) if saving is not None else []

    def _end_group(self) -> list[Effect]:
        """The group is dead: the next is a new generation."""
        group = self._running()
        self.group, self.record = None, None
        self._media_since.clear()
        self._lobby.empty()
        return [EndMedia(GroupId(group.id))]

    def _lose(self, leaf: Leaf, now: float, for_good: bool) -> list[Effect]:
        """A member's connection ended. The leaf stays in the group: it may come back."""
        group = self._running()
        effects: list[Effect] = []
        if for_good:
            effects.append(StopMedia(GroupId(group.id), leaf))
        else:
            self._media_since[leaf] = now
        if any(self._members()):
            return [*effects, *self._tell_present()]
        self._note_alone(now)
        if for_good and group.people() == 1:
            return [Save(None), *self._end_group()]
        return effects

    def _note_alone(self, now: float) -> None:
        """The last member's connection ended; or they were taken out of the group before, and it ends now."""
        if self._alone_since is None and not any(self._members()):
            self._alone_since = now

    # Another charter

    def _amend(self, charter: Charter) -> list[Effect]:
        """It is in force. Who is outside was greeted under the one before, and has to be greeted anew."""
        self._charter = charter
        hosts = {seat.leaf for seat in self._running().members() if seat.host}
        effects: list[Effect] = [effect for held in self._lobby for effect in self._settle(held)]
        for person in self._people.values():
            if person.leaf is not None:
                person.host = person.leaf in hosts
            elif person.knock_nonce is not None:
                person.knock_nonce, person.back, person.outdated = None, None, True
                effects.append(Tell(person.session, wire.Amended()))
        return effects

    # What follows from it

    def _settle(self, held: Held | None) -> list[Effect]:
        """The knock is gone: whoever was told of it is told so."""
        if held is None:
            return []
        self._lobby.drop(held)
        there = sorted(held.told & self._people.keys())
        return [Tell(session, wire.Settled(id=held.id)) for session in there]

    def _running(self) -> Group:
        if self.group is None:
            raise Refusal("RF1208")
        return self.group

    def _recorded(self) -> Record:
        if self.record is None:
            raise Refusal("RF1208")
        return self.record

    def _members(self) -> Iterator[Person]:
        return (person for person in self._people.values() if person.leaf is not None)

    def _member(self, session: SessionId) -> tuple[Person, Leaf]:
        person = self._people.get(session)
        if person is None or person.leaf is None:
            raise Refusal("RF1203")
        return person, person.leaf

    def _seat(self, session: SessionId, leaf: int, host: bool, since: int) -> None:
        person = self._people[session]
        person.leaf, person.host, person.since = Leaf(leaf), host, since
        self._alone_since = None
        self._media_since.pop(Leaf(leaf), None)

    def _tell_present(self) -> list[Effect]:
        leaves: list[int] = sorted(person.leaf for person in self._members() if person.leaf is not None)
        present = wire.Present(leaves=leaves)
        return [Tell(person.session, present) for person in self._members()]
