"""One meeting while it runs: takes what connections say, answers what is to be done. No I/O, no clock.
Not here: what a commit may do (the core's gate), media (signalling), or greetings (they are signed)."""

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.errors import Refusal
from ringfence.meetings.core import Charter, Found, Gone, Group, Joined
from ringfence.meetings.effects import Close, Effect, EndMedia, Remember, StopMedia, Tell
from ringfence.meetings.lobby import Held, Lobby
from ringfence.types import GroupId, KnockId, Leaf, MemberKey, SessionId
from ringfence.wire import session as wire

# Beside the participants: people who wait, and connections that are replaced.
WAITING_PLACES = 64


@dataclass
class Person:
    """A connection: outside (leaf None), or a member by the leaf that was added for it."""

    session: SessionId
    knock_nonce: bytes | None = None
    leaf: Leaf | None = None
    host: bool = False
    # The first epoch whose messages they can open.
    since: int = 0


class Room:
    """The group lives as long as a member is connected; then it is dead, and the next is a new generation."""

    def __init__(self, charter: Charter, found: Found, generation: int | None) -> None:
        self._charter = charter
        self._found = found
        self._people: dict[SessionId, Person] = {}
        self._lobby = Lobby()
        self.generation = generation
        self.group: Group | None = None

    # Connections

    def enter(self, session: SessionId) -> None:
        if len(self._people) >= self._charter.participants + WAITING_PLACES:
            raise Refusal("RF1205", "too many connections")
        self._people[session] = Person(session)

    def leave(self, session: SessionId) -> list[Effect]:
        """The connection is gone, for whatever reason."""
        person = self._people.pop(session, None)
        if person is None:
            return []
        effects = self._settle(self._lobby.of(session))
        if person.leaf is not None:
            effects += self._lose(person.leaf)
        return effects

    @property
    def empty(self) -> bool:
        return not self._people

    def member(self, session: SessionId) -> Leaf:
        return self._member(session)[1]

    def session_of(self, leaf: int) -> SessionId | None:
        return next((p.session for p in self._members() if p.leaf == leaf), None)

    def member_sessions(self) -> list[SessionId]:
        return [person.session for person in self._members()]

    def greeted(self, session: SessionId, knock_nonce: bytes) -> None:
        """The connection was told a nonce for its next knock."""
        person = self._people[session]
        if person.leaf is not None:
            raise Refusal("RF1202", "a member has been greeted already")
        person.knock_nonce = knock_nonce

    # Messages

    def receive(self, session: SessionId, message: wire.ClientMessage, new_id: str) -> list[Effect]:
        """`new_id` is random. Raises Refusal, and then nothing has changed."""
        if self._people[session].knock_nonce is None:
            raise Refusal("RF1202", "the first message is hello")
        match message:
            case wire.Found():
                return self._start(session, message)
            case wire.Knock():
                return self._knock(session, message, KnockId(new_id))
            case wire.Deny():
                return self._deny(session, message)
            case wire.Commit():
                return self._commit(session, message)
            case wire.Proposal():
                return self._propose(session, message)
            case wire.Sealed():
                return self._pass_on(session, message)
            case _:
                raise Refusal("RF1202", f"`{message.t}` is not for the room")

    def _start(self, session: SessionId, message: wire.Found) -> list[Effect]:
        if self.group is not None:
            raise Refusal("RF1206")
        group = self._found(message.genesis, message.group_info, message.tree)
        following = (self.generation or 0) + 1
        if group.generation != following:
            raise Refusal("RF1207", f"the next generation is {following}, not {group.generation}")
        self.group, self.generation = group, following
        (seat,) = group.members()
        effects: list[Effect] = [Remember(following)]
        effects += self._settle(self._lobby.of(session))
        self._seat(session, seat.leaf, seat.host)
        return [*effects, Tell(session, wire.Founded()), *self._tell_present()]

    def _knock(self, session: SessionId, message: wire.Knock, new_id: KnockId) -> list[Effect]:
        person = self._people[session]
        if person.leaf is not None:
            raise Refusal("RF1202", "a member need not knock")
        group = self._running()
        nonce = person.knock_nonce or b""
        member = MemberKey(self._charter.check_knock(message.proof, group.id, nonce, message.package))
        seats = group.members()
        rejoins = any(seat.member == member for seat in seats)
        if not rejoins and len(seats) >= self._charter.participants:
            raise Refusal("RF1205", "all places are taken")
        admission = None if rejoins else self._admission(message.admission, member)
        effects = self._settle(self._lobby.of(session))
        names = tuple(message.names)
        held = Held(new_id, session, member, message.package, admission, message.proof, names, rejoins)
        self._lobby.hold(held)
        return [*effects, Tell(session, wire.Waiting(lobby=not held.auto)), *self._announce(held)]

    def _admission(self, admission: bytes | None, member: bytes) -> bytes | None:
        """The admission if it lets in now; None if a host has to say so."""
        if admission is None:
            return None
        group = self._running()
        try:
            admitted = self._charter.check_admission(admission, group.id, group.link_admits)
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

    def _deny(self, session: SessionId, message: wire.Deny) -> list[Effect]:
        person, _ = self._member(session)
        if not person.host:
            raise Refusal("RF1204")
        held = self._lobby.find(message.knock)
        return [*self._settle(held), Tell(held.session, wire.Denied())]

    def _commit(self, session: SessionId, message: wire.Commit) -> list[Effect]:
        self._member(session)
        group = self._running()
        if message.epoch != group.epoch:
            raise Refusal("RF3202", f"the epoch is {group.epoch}")
        named = [self._lobby.find(welcomed.knock) for welcomed in message.welcomes]
        if bool(named) != (message.welcome is not None):
            raise Refusal("RF1201", "a welcome goes with those it welcomes")
        knocked = [held.package_hash for held in named]
        listeners = list(self._members())
        joined, gone = group.accept_commit(message.commit, message.group_info, knocked)
        made = wire.CommitMade(epoch=message.epoch, commit=message.commit)
        effects: list[Effect] = [Tell(person.session, made) for person in listeners]
        for end in gone:
            effects += self._end(end)
        for start in joined:
            effects += self._welcome(start, message.welcome or b"")
        effects += self._reconsider()
        return [*effects, *self._tell_present()]

    def _end(self, gone: Gone) -> list[Effect]:
        """The leaf is out of the group; whoever sits on it has just been told by which commit."""
        group = self._running()
        effects: list[Effect] = [StopMedia(GroupId(group.id), Leaf(gone.leaf))]
        session = self.session_of(gone.leaf)
        if session is None:
            return effects
        person = self._people[session]
        person.leaf, person.host = None, False
        if gone.why == "host":
            effects += [Tell(session, wire.Removed()), Close(session)]
        elif gone.why == "replaced":
            effects += [Close(session, "RF1212")]
        return effects

    def _welcome(self, joined: Joined, welcome: bytes) -> list[Effect]:
        group = self._running()
        held = self._lobby.added_with(joined.package)
        if held is None:
            raise AssertionError("the core takes only knocks that it was given")
        host = any(seat.leaf == joined.leaf and seat.host for seat in group.members())
        effects = self._settle(held)
        message = wire.Welcome(welcome=welcome, tree=group.tree(), ledger=group.ledger(), epoch=group.epoch)
        effects.append(Tell(held.session, message))
        self._seat(held.session, joined.leaf, host)
        for other in self._lobby:
            effects += self._announce(other)
        return effects

    def _reconsider(self) -> list[Effect]:
        """After a removal the link alone lets nobody in: those who came by it now wait for a host."""
        effects: list[Effect] = []
        seated = {seat.member for seat in self._running().members()}
        for held in self._lobby:
            before = held.auto
            held.rejoins = held.member in seated
            if held.admission is not None and not self._still_admits(held.admission, held.member):
                held.admission = None
            if before and not held.auto:
                told, held.told = held.told, set()
                effects += [Tell(to, wire.Settled(id=held.id)) for to in sorted(told)]
                effects.append(Tell(held.session, wire.Waiting(lobby=True)))
                effects += self._announce(held)
        return effects

    def _still_admits(self, admission: bytes, member: MemberKey) -> bool:
        try:
            return self._admission(admission, member) is not None
        except Refusal:
            return False

    def _propose(self, session: SessionId, message: wire.Proposal) -> list[Effect]:
        _, leaf = self._member(session)
        if self._running().accept_proposal(message.message) != leaf:
            raise Refusal("RF1201", "a wish to leave is one's own")
        made = wire.ProposalMade(message=message.message)
        return [Tell(p.session, made) for p in self._members() if p.session != session]

    def _pass_on(self, session: SessionId, message: wire.Sealed) -> list[Effect]:
        self._member(session)
        epoch = self._running().check_sealed(message.message)
        passed = wire.SealedPassed(message=message.message)
        # A message that a commit has overtaken is for those who were in before it.
        others = [p for p in self._members() if p.session != session and p.since <= epoch]
        return [Tell(p.session, passed) for p in others if message.to in (None, p.leaf)]

    # What follows from it

    def _running(self) -> Group:
        if self.group is None:
            raise Refusal("RF1208")
        return self.group

    def _members(self) -> Iterator[Person]:
        return (person for person in self._people.values() if person.leaf is not None)

    def _member(self, session: SessionId) -> tuple[Person, Leaf]:
        person = self._people.get(session)
        if person is None or person.leaf is None:
            raise Refusal("RF1203")
        return person, person.leaf

    def _seat(self, session: SessionId, leaf: int, host: bool) -> None:
        person = self._people[session]
        person.leaf, person.host, person.since = Leaf(leaf), host, self._running().epoch

    def _lose(self, leaf: Leaf) -> list[Effect]:
        """A member's connection ended. The leaf stays in the group: it may come back."""
        group = self._running()
        if any(self._members()):
            return [StopMedia(GroupId(group.id), leaf), *self._tell_present()]
        self.group = None
        self._lobby.empty()
        return [EndMedia(GroupId(group.id))]

    def _announce(self, held: Held) -> list[Effect]:
        """Tells of a knock whoever may let it in and has not been told."""
        may = [p for p in self._members() if (held.auto or p.host) and p.session not in held.told]
        held.told.update(person.session for person in may)
        return [Tell(person.session, held.message()) for person in may]

    def _settle(self, held: Held | None) -> list[Effect]:
        if held is None:
            return []
        self._lobby.drop(held)
        there = sorted(held.told & self._people.keys())
        return [Tell(session, wire.Settled(id=held.id)) for session in there]

    def _tell_present(self) -> list[Effect]:
        leaves: list[int] = sorted(person.leaf for person in self._members() if person.leaf is not None)
        present = wire.Present(leaves=leaves)
        return [Tell(person.session, present) for person in self._members()]
