"""What the imported data sets say about this server's own addresses, with proofs: shown to whoever decides about it.
Not here: the files (addresses), or what is decided (core/fence)."""

import asyncio
import json
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ringfence._core import documents
from ringfence._core.geo import is_placeable
from ringfence.errors import Refusal
from ringfence.store import addresses as store

log = logging.getLogger(__name__)

# As many as an owner can name in a charter.
MOST = 16


@dataclass(frozen=True)
class DataSet:
    kind: Literal["registry", "geoip"]
    name: str
    # Unix seconds.
    date: int
    digest: bytes
    # About each of the addresses.
    located: list[bytes]


class Located:
    """The data sets of a data folder, as far as they are about the addresses in a statement: whole ones are large."""

    def __init__(self, data: Path) -> None:
        self._data = data
        # By when a file was written and what it is called, the last one last; None: it cannot be used.
        self._sets: dict[tuple[int, Path], DataSet | None] = {}
        # Of every statement that was asked about: a meeting goes on with the one that it began with.
        self._addresses: list[str] = []
        self._looking = asyncio.Lock()

    async def look(self, statement: bytes) -> None:
        """Takes up what was imported, or removed, since: an operator who imports need not start the server anew."""
        async with self._looking:
            try:
                await asyncio.to_thread(self._look, statement)
            except Refusal as refusal:
                log.error("the data sets cannot be read: %s %s", refusal.code, refusal.detail)

    def _look(self, statement: bytes) -> None:
        said = [text for text in json.loads(documents.stated(statement))["addresses"] if is_placeable(text)]
        further = [address for address in said if address not in self._addresses]
        self._addresses += further
        known = {} if further else self._sets
        self._sets = {file: known[file] if file in known else self._read(file[1]) for file in store.files(self._data)}

    def _read(self, path: Path) -> DataSet | None:
        try:
            addresses = store.read(path)
            located = addresses.locate(self._addresses)
        except Refusal as refusal:
            log.error("a data set cannot be used: %s %s", refusal.code, refusal.detail)
            return None
        digest = bytes.fromhex(addresses.digest)
        return DataSet(addresses.kind, addresses.name, addresses.date, digest, located)

    def offered(self) -> list[DataSet]:
        """What an owner may name in a new meeting: of each kind and name the newest that still counts."""
        counts = [found for found in self._sets.values() if found and time.time() - found.date <= store.MAX_AGE]
        counts.sort(key=lambda found: found.date)
        newest = {(found.kind, found.name): found for found in counts}
        return list(newest.values())[-MOST:]

    def shown(self, digests: Iterable[bytes]) -> list[bytes]:
        """What the data sets of these digests, as far as they are here, say about the addresses: each answer once."""
        by_digest = {found.digest: found.located for found in self._sets.values() if found}
        return list(dict.fromkeys(answer for digest in digests for answer in by_digest.get(digest, ())))
