"""Meetings in SQLite: what outlives the process. Not here: what a group's state means (meetings, the core)."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import delete, event, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from ringfence.errors import Refusal
from ringfence.store.models import Kept, Meeting, RunningGroup, Seat

TRIAL_SECONDS = 1.0


def migrate(path: Path) -> None:
    """Brings the tables to this version. Raises RF5008 for a file that this version cannot use."""
    config = Config()
    config.set_main_option("script_location", "ringfence.store:migrations")
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}".replace("%", "%%"))
    try:
        command.upgrade(config, "head")
    except Exception as error:  # of Alembic, SQLAlchemy or SQLite: the file is of no use for us
        raise Refusal("RF5008", f"{path}: {type(error).__name__}: {error}") from error


def _pragmas(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    # FULL: what was announced is never forgotten, not even when the power fails.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@dataclass(frozen=True)
class GroupChange:
    """What one step changes of a running group. `anew`: nothing of before stays."""

    group: RunningGroup
    anew: bool = False
    seats: Sequence[Seat] = ()
    vacated: Sequence[int] = ()
    kept: Sequence[Kept] = ()
    # Numbers below are not kept any more.
    first: int = 0
    # The charter that is in force with it, if that is another one.
    charter: bytes | None = None


@dataclass(frozen=True)
class GroupFound:
    group: RunningGroup
    seats: Sequence[Seat] = field(default_factory=list)
    kept: Sequence[Kept] = field(default_factory=list)


class Database:
    def __init__(self, path: Path) -> None:
        self._engine = create_async_engine(
            f"sqlite+aiosqlite:///{path}",
            hide_parameters=True,  # an error would name meetings
        )
        event.listen(self._engine.sync_engine, "connect", _pragmas)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._trying = asyncio.Lock()
        self._tried = -TRIAL_SECONDS
        self._refused: str | None = None

    async def check(self) -> None:
        """Raises RF1009 when the store takes nothing. It is tried once in a second, however often somebody asks."""
        async with self._trying:
            if time.monotonic() >= self._tried + TRIAL_SECONDS:
                self._refused = await self._try()
                self._tried = time.monotonic()
        if self._refused is not None:
            raise Refusal("RF1009", self._refused)

    async def _try(self) -> str | None:
        """Writes down what is there already: a number that nobody uses. A transaction that is taken back would not do,
        because the disk is not asked for anything before it is committed."""
        try:
            async with self._engine.connect() as connection:
                await connection.exec_driver_sql("PRAGMA user_version = 0")
        except SQLAlchemyError as error:
            return type(error).__name__
        return None

    async def add(self, meeting: Meeting) -> None:
        """Raises RF1102 when there is one of that id, RF1009 when the store takes nothing."""
        try:
            async with self._sessions.begin() as session:
                session.add(meeting)
        except IntegrityError:
            raise Refusal("RF1102") from None
        except SQLAlchemyError as error:
            raise Refusal("RF1009", type(error).__name__) from error

    async def find(self, meeting: bytes) -> Meeting:
        """Raises RF1101 when there is none."""
        async with self._sessions() as session:
            found = await session.get(Meeting, meeting)
        if found is None:
            raise Refusal("RF1101")
        return found

    async def remember_route(self, meeting: bytes, route: bytes, statement: bytes, index: int, salt: bytes) -> None:
        await self._change(meeting, route=route, statement=statement, log_index=index, log_salt=salt)

    async def _change(self, meeting: bytes, **values: object) -> None:
        try:
            async with self._sessions.begin() as session:
                await session.execute(update(Meeting).where(Meeting.id == meeting).values(**values))
        except SQLAlchemyError as error:
            raise Refusal("RF1009", type(error).__name__) from error

    # Running groups

    async def save_group(self, change: GroupChange) -> None:
        """All of it or nothing. Raises RF1009 when the store takes nothing."""
        meeting = change.group.meeting
        try:
            async with self._sessions.begin() as session:
                if change.anew:
                    for table in (RunningGroup, Seat, Kept):
                        await session.execute(delete(table).where(table.meeting == meeting))
                    generation = {"generation": change.group.generation}
                    await session.execute(update(Meeting).where(Meeting.id == meeting).values(generation))
                if change.charter is not None:
                    charter = {"charter": change.charter}
                    await session.execute(update(Meeting).where(Meeting.id == meeting).values(charter))
                for row in (change.group, *change.seats, *change.kept):
                    await session.merge(row)
                vacated = delete(Seat).where(Seat.meeting == meeting, Seat.leaf.in_(change.vacated))
                await session.execute(vacated)
                await session.execute(delete(Kept).where(Kept.meeting == meeting, Kept.n < change.first))
        except SQLAlchemyError as error:
            raise Refusal("RF1009", type(error).__name__) from error

    async def find_group(self, meeting: bytes) -> GroupFound | None:
        async with self._sessions() as session:
            group = await session.get(RunningGroup, meeting)
            if group is None:
                return None
            seats = await session.scalars(select(Seat).where(Seat.meeting == meeting))
            kept = await session.scalars(select(Kept).where(Kept.meeting == meeting).order_by(Kept.n))
            return GroupFound(group, seats.all(), kept.all())

    async def forget_groups(self, meeting: bytes | None = None, but: Sequence[bytes] = ()) -> None:
        """Of one meeting, or of all but some. Raises RF1009."""
        try:
            async with self._sessions.begin() as session:
                for table in (RunningGroup, Seat, Kept):
                    which = table.meeting.not_in(but) if meeting is None else table.meeting == meeting
                    await session.execute(delete(table).where(which))
        except SQLAlchemyError as error:
            raise Refusal("RF1009", type(error).__name__) from error

    async def close(self) -> None:
        await self._engine.dispose()
