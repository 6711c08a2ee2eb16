"""What of a running meeting outlives connections and the process: group, seats, and what is kept for who is away.
Immutable: a change makes another record. No I/O. Not here: when it changes (the room), or writing it (store)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from ringfence.types import Leaf

# A member who missed more comes back by another way than resuming.
COMMITS_KEPT = 64
MESSAGES_KEPT = 1000
BYTES_KEPT = 4 << 20

Kind = Literal["commit", "proposal", "sealed"]


@dataclass(frozen=True)
class Seat:
    """A leaf and what its next connection goes on with. The token itself is not kept."""

    leaf: Leaf
    token_hash: bytes
    # The first epoch whose messages it can open.
    since: int
    # The highest `id` of its kept messages.
    taken: int = 0


@dataclass(frozen=True)
class Kept:
    """A message with its number. `sender` None: the committer needs its own commit, too."""

    n: int
    kind: Kind
    epoch: int
    sender: Leaf | None
    to: Leaf | None
    body: bytes

    def concerns(self, seat: Seat) -> bool:
        """A message that a commit has overtaken is for those who were in before it."""
        overtaken = self.kind == "sealed" and self.epoch < seat.since
        return self.sender != seat.leaf and self.to in (None, seat.leaf) and not overtaken


@dataclass(frozen=True)
class Record:
    """`snapshot` is the group's public state after the last commit that counts."""

    generation: int
    snapshot: bytes
    n: int = 0
    seats: dict[Leaf, Seat] = field(default_factory=dict)
    kept: tuple[Kept, ...] = ()

    def seat_of(self, token: bytes) -> Seat | None:
        token_hash = hashlib.sha256(token).digest()
        return next((seat for seat in self.seats.values() if seat.token_hash == token_hash), None)

    def has_all_after(self, n: int) -> bool:
        """Whether nothing that came after number `n` was dropped."""
        first = self.kept[0].n if self.kept else self.n + 1
        return first - 1 <= n <= self.n

    def missed(self, leaf: Leaf, after: int) -> Iterator[Kept]:
        seat = self.seats[leaf]
        return (kept for kept in self.kept if kept.n > after and kept.concerns(seat))

    def proposals(self, epoch: int) -> Iterator[Kept]:
        return (kept for kept in self.kept if kept.kind == "proposal" and kept.epoch == epoch)

    def with_seat(self, leaf: Leaf, token: bytes, since: int) -> "Record":
        seat = Seat(leaf, hashlib.sha256(token).digest(), since)
        return replace(self, seats=self.seats | {leaf: seat})

    def with_taken(self, leaf: Leaf, id_: int) -> "Record":
        seat = replace(self.seats[leaf], taken=id_)
        return replace(self, seats=self.seats | {leaf: seat})

    def without_seats(self, leaves: set[Leaf]) -> "Record":
        return replace(self, seats={leaf: seat for leaf, seat in self.seats.items() if leaf not in leaves})

    def with_kept(
        self, kind: Kind, epoch: int, body: bytes, sender: Leaf | None = None, to: Leaf | None = None
    ) -> "Record":
        kept = (*self.kept, Kept(self.n + 1, kind, epoch, sender, to, body))
        return replace(self, n=self.n + 1, kept=_bounded(kept))


def _bounded(kept: tuple[Kept, ...]) -> tuple[Kept, ...]:
    """The newest that fit."""
    commits = room = 0
    for place, one in enumerate(reversed(kept)):
        commits += one.kind == "commit"
        room += len(one.body)
        if commits > COMMITS_KEPT or room > BYTES_KEPT or place >= MESSAGES_KEPT:
            return kept[len(kept) - place :]
    return kept
