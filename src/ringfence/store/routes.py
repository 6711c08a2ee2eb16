"""Where routes are written down: this server's log, in its data folder, signed with a key of its own.
Not here: the tree and its files (the core), or what a route says (its document)."""

import asyncio
import logging
import secrets
from dataclasses import dataclass
from pathlib import Path

from ringfence._core import routelog
from ringfence.errors import Refusal
from ringfence.store.files import log_seed, write_private

log = logging.getLogger(__name__)

FOLDER = "log"
# Name and public key in one line, for whoever checks a copy of the folder.
VERIFIER = "verifier"


@dataclass(frozen=True)
class Entry:
    """Where a document is in the log; with the salt, which only those in its meeting are given."""

    index: int
    salt: bytes


@dataclass(frozen=True)
class Shown:
    """An entry with its proof, the newest checkpoint, and that this continues an earlier one."""

    entry: Entry
    proof: list[bytes]
    checkpoint: str
    continues: list[bytes]


class RouteLog:
    def __init__(self, data: Path, origin: str) -> None:
        """`origin`: the name that it gets if it is a new one. Raises RF2304 to RF2323, RF5003, RF5004, RF5009."""
        self._data = data
        try:
            self._seed = log_seed(data)
            opened = self._opened(origin)
            self.origin, self.key, self.verifier = opened.origin, opened.key, opened.verifier
            written = data / FOLDER / VERIFIER
            if not written.exists() or written.read_text() != f"{self.verifier}\n":
                write_private(written, f"{self.verifier}\n".encode())
        except OSError as error:
            raise Refusal("RF5003", f"{error.filename}: {error.strerror}") from None
        # None: it has to be opened anew, because a write failed.
        self._open: routelog.Log | None = opened
        self._turn = asyncio.Lock()

    def _opened(self, origin: str) -> routelog.Log:
        return routelog.Log(str(self._data / FOLDER), self._seed, origin)

    async def write(self, document: bytes) -> Entry:
        """Writes it down durably. Raises RF1009 when the log takes nothing."""
        salt = secrets.token_bytes(32)
        async with self._turn:
            try:
                index = await asyncio.to_thread(self._append, salt, document)
            except Refusal as refusal:
                log.error("the log of routes takes nothing: %s %s", refusal.code, refusal.detail)
                raise Refusal("RF1009", "the log of routes takes nothing") from None
        return Entry(index, salt)

    def _append(self, salt: bytes, document: bytes) -> int:
        if self._open is not None:
            try:
                return self._open.append(salt, document)
            except Refusal as refusal:
                if refusal.code != "RF2324":
                    raise
            # An earlier write failed: what the files hold is known once they are opened anew. One at a time holds them.
            self._open = None
        self._open = self._opened(self.origin)
        return self._open.append(salt, document)

    async def _current(self) -> routelog.Log:
        """For reading. Raises RF2304 to RF2323 where it cannot be opened anew."""
        if (opened := self._open) is not None:
            return opened
        async with self._turn:
            if self._open is None:
                self._open = await asyncio.to_thread(self._opened, self.origin)
            return self._open

    async def show(self, entry: Entry, known: int | None) -> Shown | None:
        """`known`: the size at which the client saw it last; what this log never was continues nothing. None for an
        entry that it has not: it was begun anew since, or is an older copy. Raises RF1009."""
        try:
            opened = await self._current()
            proof, checkpoint = await asyncio.to_thread(opened.prove, entry.index)
            size = int(checkpoint.split("\n")[1])
            fits = known is not None and known <= size
            continues = await self.consistency(known, size) if fits and known is not None else []
        except Refusal as refusal:
            if refusal.code == "RF2301":
                return None
            log.error("the log of routes cannot be read: %s %s", refusal.code, refusal.detail)
            raise Refusal("RF1009", "the log of routes cannot be read") from None
        return Shown(entry, proof, checkpoint, continues)

    async def consistency(self, old: int, new: int) -> list[bytes]:
        """Raises RF2301 for sizes that it does not have."""
        return await asyncio.to_thread((await self._current()).consistency, old, new)

    async def file(self, path: str) -> bytes | None:
        """None for what is no file of it. Raises RF1009."""
        try:
            return await asyncio.to_thread((await self._current()).file, path)
        except Refusal as refusal:
            log.error("the log of routes cannot be read: %s %s", refusal.code, refusal.detail)
            raise Refusal("RF1009", "the log of routes cannot be read") from None
