"""The data sets about addresses that an operator imported: a file for each, whole or not at all.
Not here: what they say (core/geo), or what a server shows of them (located)."""

import gzip
import io
import re
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from ringfence._core.geo import Addresses, Networks
from ringfence.errors import Refusal
from ringfence.store.files import write_private

FOLDER = "geo"
ENDING = ".addresses"
# Of lists of networks, which are shown and never decided on: servers and the fence look for the other ending alone.
NETWORKS = ".networks"
# Longer than any data set that is published (bytes).
LONGEST = 1 << 30
# Older evidence counts as absent (docs/fence.md), in seconds.
MAX_AGE = 400 * 86_400


def day(date: int) -> str:
    """Of a moment, as ISO 8601 has it."""
    return datetime.fromtimestamp(date, UTC).date().isoformat()


def unpacked(name: str, content: bytes) -> bytes:
    """As publishers pack it: gzip (RFC 1952). Raises RF2201."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            whole = file.read(LONGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise Refusal("RF2201", f"{name}: it is a damaged gzip file") from None
    if len(whole) > LONGEST:
        raise Refusal("RF2201", f"{name}: unpacked, it is longer than {LONGEST >> 20} MiB")
    return whole


def keep(data: Path, addresses: Addresses | Networks) -> Path:
    """In the data folder, beside what was imported before: meetings go on with the data sets that they were made with.

    Raises RF5003.
    """
    # Names differ in more than what a file may be called.
    kind, ending = ("network", NETWORKS) if isinstance(addresses, Networks) else (addresses.kind, ENDING)
    plain = re.sub("[^a-z0-9]+", "-", f"{kind} {addresses.name}".lower()).strip("-")[:60]
    path = data / FOLDER / f"{plain}-{day(addresses.date)}-{addresses.digest[:16]}{ending}"
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_private(path, addresses.encode())
    except OSError as error:
        raise Refusal("RF5003", f"{path}: {error.strerror}") from None
    return path


def files(data: Path, ending: str = ENDING) -> list[tuple[int, Path]]:
    """Of all that was imported, with when (ns): the last one last. Raises RF5003."""
    try:
        return sorted((path.stat().st_mtime_ns, path) for path in (data / FOLDER).glob(f"*{ending}"))
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


def read_networks(path: Path) -> Networks:
    """Raises RF2203 for a file that is damaged, RF5003."""
    try:
        return Networks(path.read_bytes())
    except Refusal as refusal:
        raise Refusal(refusal.code, f"{path}: {refusal.detail}") from None
    except OSError as error:
        raise Refusal("RF5003", f"{path}: {error.strerror}") from None


def kept_networks(data: Path) -> list[Networks]:
    """Of each name the newest list that was imported. Raises RF2203 for a file that is damaged, RF5003."""
    return newest_networks(read_networks(path) for _, path in files(data, NETWORKS))


def newest_networks(lists: Iterable[Networks]) -> list[Networks]:
    """Of each name the newest; of the same day, the last."""
    return list({one.name: one for one in sorted(lists, key=lambda one: (one.name, one.date))}.values())


def kept(data: Path) -> list[Addresses]:
    """All that was imported, by kind, name and date; of the same day, the one that was imported last is last.

    Raises RF2203 for a file that is damaged, RF5003.
    """
    found = [read(path) for _, path in files(data)]
    return sorted(found, key=lambda addresses: (addresses.kind, addresses.name, addresses.date))


def newest(sets: Iterable[Addresses]) -> list[Addresses]:
    """Of each kind and name the last."""
    return list({(addresses.kind, addresses.name): addresses for addresses in sets}.values())
