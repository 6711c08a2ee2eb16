"""A running group's record in the store: what a step changed is written, and all of it is read after a restart.
Not here: what the record means (meetings), or how rows are written (store)."""

from ringfence.meetings.record import Kept, Kind, Record, Seat
from ringfence.store import models
from ringfence.store.database import Database, GroupChange
from ringfence.types import Leaf, MeetingId

_KINDS: dict[str, Kind] = {"commit": "commit", "proposal": "proposal", "sealed": "sealed"}


async def save(
    database: Database, meeting: MeetingId, before: Record | None, after: Record | None, charter: bytes | None
) -> None:
    """Raises RF1009, and then nothing has changed; the end of a group is remembered when it can be."""
    if after is None:
        await database.forget_groups(meeting)
        return
    anew = before is None or before.generation != after.generation
    old_seats = {} if before is None or anew else before.seats
    last = 0 if before is None or anew else before.n
    change = GroupChange(
        models.RunningGroup(meeting=meeting, generation=after.generation, snapshot=after.snapshot, n=after.n),
        anew=anew,
        seats=[_seat(meeting, seat) for leaf, seat in after.seats.items() if old_seats.get(leaf) != seat],
        vacated=[leaf for leaf in old_seats if leaf not in after.seats],
        kept=[_kept(meeting, kept) for kept in after.kept if kept.n > last],
        first=after.kept[0].n if after.kept else after.n + 1,
        charter=charter,
    )
    await database.save_group(change)


def _seat(meeting: MeetingId, seat: Seat) -> models.Seat:
    return models.Seat(meeting=meeting, leaf=seat.leaf, token_hash=seat.token_hash, since=seat.since, taken=seat.taken)


def _kept(meeting: MeetingId, kept: Kept) -> models.Kept:
    return models.Kept(
        meeting=meeting,
        n=kept.n,
        kind=kept.kind,
        epoch=kept.epoch,
        sender=kept.sender,
        recipient=kept.to,
        body=kept.body,
    )


async def find(database: Database, meeting: MeetingId) -> Record | None:
    found = await database.find_group(meeting)
    if found is None:
        return None
    seats = [Seat(Leaf(row.leaf), row.token_hash, row.since, row.taken) for row in found.seats]
    kept = [
        Kept(row.n, _KINDS[row.kind], row.epoch, _leaf(row.sender), _leaf(row.recipient), row.body)
        for row in found.kept
    ]
    group = found.group
    return Record(group.generation, group.snapshot, group.n, {seat.leaf: seat for seat in seats}, tuple(kept))


def _leaf(leaf: int | None) -> Leaf | None:
    return None if leaf is None else Leaf(leaf)
