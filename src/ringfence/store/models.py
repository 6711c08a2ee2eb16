"""The tables. Not here: queries (`database`); changes of the tables are in `migrations`."""

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Meeting(Base):
    """A meeting: its charter and route as signed, and the last generation of its group."""

    __tablename__ = "meeting"

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    charter: Mapped[bytes] = mapped_column(LargeBinary)
    route: Mapped[bytes] = mapped_column(LargeBinary)
    # Where the route is in the log; of meetings before there was one, nothing.
    log_index: Mapped[int | None]
    log_salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    # SHA-256 of the statement that the route names.
    statement: Mapped[bytes] = mapped_column(LargeBinary(32))
    generation: Mapped[int | None]
    # Unix seconds.
    made_at: Mapped[int]


class RunningGroup(Base):
    """A group that is alive: what everybody in it knows anyway, and no key of it."""

    __tablename__ = "running_group"

    meeting: Mapped[bytes] = mapped_column(LargeBinary(16), ForeignKey(Meeting.id), primary_key=True)
    generation: Mapped[int]
    snapshot: Mapped[bytes] = mapped_column(LargeBinary)
    # The number of the last message that was kept.
    n: Mapped[int]


class Seat(Base):
    """A leaf. Only the SHA-256 of its token is here."""

    __tablename__ = "seat"

    meeting: Mapped[bytes] = mapped_column(LargeBinary(16), ForeignKey(Meeting.id), primary_key=True)
    leaf: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    # An epoch.
    since: Mapped[int]
    taken: Mapped[int]


class Kept(Base):
    """A message for who is away, as it came: a commit, a wish to leave, or something sealed."""

    __tablename__ = "kept"

    meeting: Mapped[bytes] = mapped_column(LargeBinary(16), ForeignKey(Meeting.id), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    epoch: Mapped[int]
    sender: Mapped[int | None]
    recipient: Mapped[int | None]
    body: Mapped[bytes] = mapped_column(LargeBinary)
