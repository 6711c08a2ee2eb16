"""The data sets about addresses that an operator imported: a file for each, whole or not at all.
Not here: what they say (core/geo), or what a server shows of them (located)."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from ringfence._core.geo import Addresses
from ringfence.errors import Refusal
from ringfence.store.files import write_private

FOLDER = "geo"
ENDING = ".addresses"
# Older evidence counts as absent (docs/fence.md), in seconds.
MAX_AGE = 400 * 86_400


def day(date: int) -> str:
    """Of a moment, as ISO 8601 has it."""
    return datetime.fromtimestamp(date, UTC).date().isoformat()


def keep(data: Path, addresses: Addresses) -> Path:
    """In the data folder, beside what was imported before: meetings go on with the data sets that they were made with.

    Raises RF5003.
    """
    # Names differ in more than what a file may be called.
    plain = re.sub("[^a-z0-9]+", "-", f"{addresses.kind} {addresses.name}".lower()).strip("-")[:60]
    path = data / FOLDER / f"{plain}-{day(addresses.date)}-{addresses.digest[:16]}{ENDING}"
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_private(path, addresses.encode())
    except OSError as error:
        raise Refusal("RF5003", f"{path}: {error.strerror}") from None
    return path


def files(data: Path) -> list[tuple[int, Path]]:
    """Of all that was imported, with when (ns): the last one last. Raises RF5003."""
    try:
        return sorted((path.stat().st_mtime_ns, path) for path in (data / FOLDER).glob(f"*{ENDING}"))
    except OSError as error:
        raise Refusal("RF5003", f"{error.filename}: {error.strerror}") from None


def read(path: Path) -> Addresses:
    """Raises RF2203 for a file that is damaged, RF5003."""
    try:
        return Addresses(path.read_bytes())
    except Refusal as refusal:
        raise Refusal(refusal.code, f"{path}: {refusal.detail}") from None
    except OSError as error:
        raise Refusal("RF5003", f"{path}: {error.strerror}") from None


def kept(data: Path) -> list[Addresses]:
    """All that was imported, by kind, name and date; of the same day, the one that was imported last is last.

    Raises RF2203 for a file that is damaged, RF5003.
    """
    found = [read(path) for _, path in files(data)]
    return sorted(found, key=lambda addresses: (addresses.kind, addresses.name, addresses.date))


def newest(sets: Iterable[Addresses]) -> list[Addresses]:
    """Of each kind and name the last."""
    return list({(addresses.kind, addresses.name): addresses for addresses in sets}.values())
