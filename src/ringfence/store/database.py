"""Meetings in SQLite: what outlives the process. Not responsible for: groups; their state is the members'."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from ringfence.errors import Refusal
from ringfence.store.models import Meeting


def migrate(path: Path) -> None:
    """Brings the tables to this version."""
    config = Config()
    config.set_main_option("script_location", "ringfence.store:migrations")
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}")
    command.upgrade(config, "head")
    path.chmod(0o600)


def _pragmas(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class Database:
    def __init__(self, path: Path) -> None:
        migrate(path)
        self._engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        event.listen(self._engine.sync_engine, "connect", _pragmas)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    async def check(self) -> None:
        """Raises when the database cannot be read."""
        async with self._sessions() as session:
            await session.execute(text("SELECT 1"))

    async def add(self, meeting: Meeting) -> None:
        """Raises `Refusal` RF1402 when there is one of that id."""
        try:
            async with self._sessions.begin() as session:
                session.add(meeting)
        except IntegrityError:
            raise Refusal("RF1402") from None

    async def find(self, id_: bytes) -> Meeting | None:
        async with self._sessions() as session:
            return (await session.execute(select(Meeting).where(Meeting.id == id_))).scalar_one_or_none()

    async def keep(self, id_: bytes, **values: object) -> None:
        """Changes fields of a meeting."""
        async with self._sessions.begin() as session:
            await session.execute(update(Meeting).where(Meeting.id == id_).values(**values))

    async def close(self) -> None:
        await self._engine.dispose()
