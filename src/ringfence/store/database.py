"""Meetings in SQLite: what outlives the process. Not here: groups; their state is the members'."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import event, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from ringfence.errors import Refusal
from ringfence.store.models import Meeting


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
    # FULL: a generation that was announced is never forgotten, not even when the power fails.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class Database:
    def __init__(self, path: Path) -> None:
        self._engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        event.listen(self._engine.sync_engine, "connect", _pragmas)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    async def check(self) -> None:
        """Raises when the database cannot be read."""
        async with self._sessions() as session:
            await session.execute(text("SELECT 1"))

    async def add(self, meeting: Meeting) -> None:
        """Raises RF1102 when there is one of that id."""
        try:
            async with self._sessions.begin() as session:
                session.add(meeting)
        except IntegrityError:
            raise Refusal("RF1102") from None

    async def find(self, meeting: bytes) -> Meeting:
        """Raises RF1101 when there is none."""
        async with self._sessions() as session:
            found = await session.get(Meeting, meeting)
        if found is None:
            raise Refusal("RF1101")
        return found

    async def remember_generation(self, meeting: bytes, generation: int) -> None:
        await self._change(meeting, generation=generation)

    async def remember_route(self, meeting: bytes, route: bytes, statement: bytes) -> None:
        await self._change(meeting, route=route, statement=statement)

    async def _change(self, meeting: bytes, **values: object) -> None:
        async with self._sessions.begin() as session:
            await session.execute(update(Meeting).where(Meeting.id == meeting).values(**values))

    async def close(self) -> None:
        await self._engine.dispose()
