"""One meeting while it runs: takes what connections say, answers what is to be done. No I/O; the time is an argument.
Not here: what a commit may do (the core's gate), media (signalling), or greetings (they are signed)."""

from dataclasses import replace

from ringfence.errors import Refusal, entry
from ringfence.meetings.commits import CONFIRM_SECONDS, Provisional, Verdict
from ringfence.meetings.core import Gone, Joined
from ringfence.meetings.effects import Close, Effect, StopMedia, Tell
from ringfence.meetings.lobby import Held, admitting, still_admits
from ringfence.meetings.presence import Person, Presence
from ringfence.meetings.record import Kept, Record
from ringfence.types import GroupId, KnockId, Leaf, MemberKey, SessionId
from ringfence.wire import session as wire


class Room(Presence):
    """What members and those outside may say, and who is told."""

    _provisional: Provisional | None = None

    # Connections

    def leave(self, session: SessionId, now: float, for_good: bool = False) -> list[Effect]:
        """The connection is gone, for whatever reason; `for_good`: its client said so."""
        person = self._people.pop(session, None)
        if person is None:
            return []
        effects = self._settle(self._lobby.of(session))
        if person.leaf is not None:
            effects += self._lose(person.leaf, now, for_good)
        if self._provisional is not None:
            effects += self._decide(self._provisional, self._provisional.lost(session))
        self._note_alone(now)
        return effects

    # Coming back over another connection

    def resumes(self, session: SessionId, resume: wire.Resume) -> Leaf:
        """The leaf that goes on: its member's, as they have proved, with everything that it missed still there.
        Raises RF1220."""
        person = self._greeted(session)
        if person.leaf is not None:
            raise Refusal("RF1202", "a member need not resume")
        group, record = self._running(), self._recorded()
        member = self._charter.check_rejoin(resume.proof, group.id, person.knock_nonce or b"")
        seat = record.seat_of(resume.token)
        its = next((of.member for of in group.members() if seat is not None and of.leaf == seat.leaf), None)
        if seat is None or its != member or not record.has_all_after(resume.after):
            raise Refusal("RF1220")
        return seat.leaf

    def resume(self, session: SessionId, leaf: Leaf, after: int, media: bool) -> list[Effect]:
        """Tells what was missed. A connection that this leaf still has is older, and ends."""
        group, record = self._running(), self._recorded()
        before = self.session_of(leaf)
        effects: list[Effect] = []
        if before is not None:
            self._people[before].leaf = None
            effects.append(Close(before, "RF1212"))
        host = any(seat.leaf == leaf and seat.host for seat in group.members())
        self._seat(session, leaf, host, record.seats[leaf].since)
        for kept in record.missed(leaf, after):
            effects += [Tell(session, message) for message in _again(kept)]
        if self._provisional is not None:
            if before == self._provisional.committer:
                self._provisional.committer = session
            elif group.epoch == self._provisional.message.epoch:
                self._provisional.asked.add(session)
            effects.append(Tell(session, _made(self._provisional)))
        taken = record.seats[leaf].taken
        effects.append(Tell(session, wire.Resumed(leaf=leaf, taken=taken, media=media)))
        return [*effects, *self._tell_present(), *self._announce_all()]

    # Messages

    def receive(self, session: SessionId, message: wire.ClientMessage, new_id: str, now: float) -> list[Effect]:
        """`new_id` is random. Raises Refusal, and then nothing has changed."""
        self._greeted(session).silent = False
        match message:
            case wire.Found():
                return self._start(session, message, now)
            case wire.Knock():
                return self._knock(session, message, KnockId(new_id))
            case wire.Back():
                return self._show(session, message)
            case wire.Rejoin():
                return self._rejoin(session, message, now)
            case wire.Deny():
                return self._deny(session, message)
            case wire.Commit():
                return self._commit(session, message, now)
            case wire.Checked():
                return self._checked(session, message)
            case wire.Proposal():
                return self._propose(session, message)
            case wire.Sealed():
                return self._pass_on(session, message)
            case _:
                raise Refusal("RF1202", f"`{message.t}` is not for the room")

    def _greeted(self, session: SessionId) -> Person:
        """Raises RF1219 when that was under a charter that is not in force any more, RF1202 when it never was."""
        person = self._people[session]
        if person.knock_nonce is None:
            raise Refusal("RF1219") if person.outdated else Refusal("RF1202", "the first message is hello")
        return person

    def _start(self, session: SessionId, message: wire.Found, now: float) -> list[Effect]:
        if self.alive(now):
            raise Refusal("RF1206")
        group = self._groups.found(message.genesis, message.group_info, message.tree)
        following = (self.generation or 0) + 1
        if group.generation != following:
            raise Refusal("RF1207", f"the next generation is {following}, not {group.generation}")
        (seat,) = group.members()
        token = self._fresh()
        record = Record(following, group.snapshot()).with_seat(Leaf(seat.leaf), token, group.epoch)

        def then() -> list[Effect]:
            effects = self._end_group() if self.group is not None else []
            self.group, self.record, self.generation = group, record, following
            effects += self._settle(self._lobby.of(session))
            self._seat(session, seat.leaf, seat.host, group.epoch)
            return [*effects, Tell(session, wire.Founded(token=token, n=record.n)), *self._tell_present()]

        return self._save(record, then)

    def _knock(self, session: SessionId, message: wire.Knock, new_id: KnockId) -> list[Effect]:
        person = self._people[session]
        if person.leaf is not None:
            raise Refusal("RF1202", "a member need not knock")
        group = self._running()
        nonce = person.knock_nonce or b""
        member = MemberKey(self._charter.check_knock(message.proof, group.id, nonce, message.package))
        if group.is_admitted(member):
            raise Refusal("RF1215")
        if group.people() >= self._charter.participants:
            raise Refusal("RF1205", "all places are taken")
        admission = admitting(self._charter, group, message.admission, member)
        effects = self._settle(self._lobby.of(session))
        # Who needs nobody's consent is introduced by themselves, inside.
        names = () if admission is not None else self._names(message)
        held = Held(new_id, session, member, message.package, admission, message.proof, names)
        self._lobby.hold(held)
        return [*effects, Tell(session, wire.Waiting(lobby=not held.auto)), *self._announce(held)]

    def _names(self, message: wire.Knock) -> tuple[wire.HostName, ...]:
        """One for each host at most: everything in a knock is passed on to people who did not ask for it."""
        named = [name.host for name in message.names]
        if len(set(named)) < len(named) or not set(named) <= set(self._charter.hosts):
            raise Refusal("RF1201", "names: one for each host of the charter, and no others")
        return tuple(message.names)

    def _show(self, session: SessionId, message: wire.Back) -> list[Effect]:
        """The group, for who is in it; whoever else asks learns nothing but that they are not."""
        person = self._people[session]
        if person.leaf is not None:
            raise Refusal("RF1202", "a member need not come back")
        group = self._running()
        member = MemberKey(self._charter.check_rejoin(message.proof, group.id, person.knock_nonce or b""))
        if not group.is_admitted(member):
            raise Refusal("RF1216")
        person.back = member
        shown = wire.GroupShown(
            group_info=group.group_info(), tree=group.tree(), ledger=group.ledger(), epoch=group.epoch
        )
        return [*self._settle(self._lobby.of(session)), Tell(session, shown)]

    def _rejoin(self, session: SessionId, message: wire.Rejoin, now: float) -> list[Effect]:
        person = self._people[session]
        if person.leaf is not None or person.back is None:
            raise Refusal("RF1202", "the group is asked for first")
        group = self._running()
        if message.epoch != group.epoch:
            raise Refusal("RF3202", f"the epoch is {group.epoch}")
        taken = group.take_rejoin(message.commit, message.group_info, person.back)
        return self._propose_commit(Provisional(message, session, taken, now + CONFIRM_SECONDS))

    def _deny(self, session: SessionId, message: wire.Deny) -> list[Effect]:
        person, _ = self._member(session)
        if not person.host:
            raise Refusal("RF1204")
        held = self._lobby.find(message.knock)
        return [*self._settle(held), Tell(held.session, wire.Denied())]

    def _propose(self, session: SessionId, message: wire.Proposal) -> list[Effect]:
        _, leaf = self._member(session)
        group, record = self._running(), self._recorded()
        if group.accept_proposal(message.message) != leaf:
            raise Refusal("RF1201", "a wish to leave is one's own")
        record = record.with_kept("proposal", group.epoch, message.message, sender=leaf)
        made = wire.ProposalMade(message=message.message, n=record.n)
        others = [Tell(p.session, made) for p in self._members() if p.session != session]
        return self._save(record, lambda: [*others])

    def _pass_on(self, session: SessionId, message: wire.Sealed) -> list[Effect]:
        _, leaf = self._member(session)
        epoch = self._running().check_sealed(message.message)
        # A message that a commit has overtaken is for those who were in before it.
        here = [p for p in self._members() if p.session != session and p.since <= epoch]
        others = [p.session for p in here if message.to in (None, p.leaf)]
        if message.id is None:
            passed = wire.SealedPassed(message=message.message, n=None)
            return [Tell(to, passed) for to in others]
        record = self._recorded()
        taken, last = Tell(session, wire.Taken(id=message.id)), record.seats[leaf].taken
        if message.id <= last:
            return [taken]
        if message.id != last + 1:
            raise Refusal("RF1221", f"{last + 1} comes first")  # or taking this one would say that it had come
        to = None if message.to is None else Leaf(message.to)
        record = record.with_kept("sealed", epoch, message.message, leaf, to).with_taken(leaf, message.id)
        passed = wire.SealedPassed(message=message.message, n=record.n)
        return self._save(record, lambda: [taken, *(Tell(to, passed) for to in others)])

    # Commits

    def _commit(self, session: SessionId, message: wire.Commit, now: float) -> list[Effect]:
        self._member(session)
        group = self._running()
        if message.epoch != group.epoch:
            raise Refusal("RF3202", f"the epoch is {group.epoch}")
        named = [self._lobby.find(welcomed.knock) for welcomed in message.welcomes]
        if bool(named) != (message.welcome is not None):
            raise Refusal("RF1201", "a welcome goes with those it welcomes")
        knocked = [held.package_hash for held in named]
        taken = group.take_commit(message.commit, message.group_info, knocked)
        try:
            if any(end.why == "lost" and self.session_of(end.leaf) is not None for end in taken.gone):
                raise Refusal("RF1218")
            charter = None if taken.charter is None else self._groups.charter(taken.charter)
        except BaseException:
            group.give_up()  # whatever it was, the epoch is open again
            raise
        return self._propose_commit(Provisional(message, session, taken, now + CONFIRM_SECONDS, charter))

    def _propose_commit(self, made: Provisional) -> list[Effect]:
        made.asked = {p.session for p in self._members() if p.session != made.committer and not p.silent}
        self._provisional = made
        told: list[Effect] = [Tell(p.session, _made(made)) for p in self._members()]
        return told + self._decide(made, made.unasked())

    def _checked(self, session: SessionId, message: wire.Checked) -> list[Effect]:
        self._member(session)
        made = self._provisional
        if made is None or made.message.epoch != message.epoch:
            return []
        return self._decide(made, made.answered(session, message.ok))

    def _decide(self, made: Provisional, verdict: Verdict) -> list[Effect]:
        if verdict is Verdict.COUNTS:
            return self._count(made)
        return self._reopen(made) if verdict is Verdict.GIVEN_UP else []

    def _reopen(self, made: Provisional) -> list[Effect]:
        self._provisional = None
        self._running().give_up()
        reopened = wire.Reopened(epoch=made.message.epoch)
        return [Tell(to, reopened) for to in sorted({made.committer, *self.member_sessions()})]

    def _count(self, made: Provisional) -> list[Effect]:
        before, group = self._recorded(), self._running()
        self._provisional = None
        group.confirm()
        record = replace(before, snapshot=group.snapshot())
        record = record.with_kept("commit", made.message.epoch, made.message.commit)
        record = record.without_seats({Leaf(gone.leaf) for gone in made.taken.gone})
        tokens = [self._fresh() for _ in made.taken.joined]
        for start, token in zip(made.taken.joined, tokens, strict=True):
            record = record.with_seat(Leaf(start.leaf), token, group.epoch)

        def otherwise(refusal: Refusal) -> list[Effect]:
            self.group = self._restored(before)
            reopened = wire.Reopened(epoch=made.message.epoch)
            others = [Tell(p.session, reopened) for p in self._members() if p.session != made.committer]
            return [Tell(made.committer, _error(refusal.code, made.message.t)), *others]

        return self._save(record, lambda: self._counted(made, tokens), otherwise, made.taken.charter)

    def _counted(self, made: Provisional, tokens: list[bytes]) -> list[Effect]:
        confirmed = wire.Confirmed(epoch=made.message.epoch, n=self._recorded().n)
        effects: list[Effect] = [Tell(person.session, confirmed) for person in self._members()]
        for end in made.taken.gone:
            effects += self._end(end)
        if made.charter is not None:
            effects += self._amend(made.charter)
        for start, token in zip(made.taken.joined, tokens, strict=True):
            effects += self._let_in(made, start, token)
        # Who has come in hears of those who wait as they wait now.
        return [*effects, *self._reconsider(), *self._announce_all(), *self._tell_present()]

    def _end(self, gone: Gone) -> list[Effect]:
        """The leaf is out of the group; whoever sits on it has just been told by which commit."""
        group, leaf = self._running(), Leaf(gone.leaf)
        self._media_since.pop(leaf, None)
        effects: list[Effect] = [StopMedia(GroupId(group.id), leaf)]
        session = self.session_of(leaf)
        if session is None:
            return effects
        person = self._people[session]
        person.leaf, person.host = None, False
        if gone.why == "host":
            effects += [Tell(session, wire.Removed()), Close(session)]
        elif gone.why == "replaced":
            effects += [Close(session, "RF1212")]
        return effects

    def _let_in(self, made: Provisional, joined: Joined, token: bytes) -> list[Effect]:
        group, record = self._running(), self._recorded()
        effects: list[Effect] = []
        if isinstance(made.message, wire.Rejoin):
            session = made.committer if made.committer in self._people else None
            message: wire.ServerMessage = wire.Rejoined(leaf=joined.leaf, token=token, n=record.n)
        else:
            held = self._lobby.added_with(joined.package or b"")
            session = held.session if held else None
            effects += self._settle(held)
            message = wire.Welcome(
                welcome=made.message.welcome or b"",
                tree=group.tree(),
                ledger=group.ledger(),
                epoch=group.epoch,
                token=token,
                n=record.n,
            )
        if session is None:
            return effects  # their connection ended meanwhile; they come back as a member
        host = any(seat.leaf == joined.leaf and seat.host for seat in group.members())
        effects.append(Tell(session, message))
        self._seat(session, joined.leaf, host, group.epoch)
        return effects

    def _reconsider(self) -> list[Effect]:
        """After a removal the link alone lets nobody in: those who came by it now wait for a host. Whose earlier knock
        was answered while they knocked again are in, and come back as who is."""
        effects: list[Effect] = []
        group = self._running()
        for held in self._lobby:
            if group.is_admitted(held.member):
                effects += [*self._settle(held), Tell(held.session, _error("RF1215", "knock"))]
                continue
            before = held.auto
            if held.admission is not None and not still_admits(self._charter, group, held.admission, held.member):
                held.admission = None
            if before and not held.auto:
                told, held.told = held.told, set()
                effects += [Tell(to, wire.Settled(id=held.id)) for to in sorted(told)]
                effects.append(Tell(held.session, wire.Waiting(lobby=True)))
                effects += self._announce(held)
        return effects

    # Time

    def next_timeout(self) -> float | None:
        times = [self._provisional.until] if self._provisional is not None else []
        after = super().next_timeout()
        return min([*times, after] if after is not None else times, default=None)

    def tick(self, now: float) -> list[Effect]:
        effects: list[Effect] = []
        made = self._provisional
        if made is not None and made.at(now) is Verdict.GIVEN_UP:
            for session in made.asked:
                self._people[session].silent = True
            effects += self._reopen(made)
        return effects + super().tick(now)

    # What follows from it

    def _end_group(self) -> list[Effect]:
        self._provisional = None
        return super()._end_group()

    def _announce_all(self) -> list[Effect]:
        return [effect for held in self._lobby for effect in self._announce(held)]

    def _announce(self, held: Held) -> list[Effect]:
        """Tells of a knock whoever may let it in and has not been told."""
        may = [p for p in self._members() if (held.auto or p.host) and p.session not in held.told]
        held.told.update(person.session for person in may)
        return [Tell(person.session, held.message()) for person in may]


def _made(provisional: Provisional) -> wire.CommitMade:
    return wire.CommitMade(epoch=provisional.message.epoch, commit=provisional.message.commit)


def _error(code: str, about: str) -> wire.Error:
    words = entry(code)
    return wire.Error(code=code, title=words.title, detail=words.why, do=words.do, re=about)


def _again(kept: Kept) -> list[wire.ServerMessage]:
    """The messages of something that was missed."""
    match kept.kind:
        case "commit":
            commit = wire.CommitMade(epoch=kept.epoch, commit=kept.body)
            return [commit, wire.Confirmed(epoch=kept.epoch, n=kept.n)]
        case "proposal":
            return [wire.ProposalMade(message=kept.body, n=kept.n)]
        case "sealed":
            return [wire.SealedPassed(message=kept.body, n=kept.n)]
