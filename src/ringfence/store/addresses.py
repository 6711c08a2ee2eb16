"""The data sets about addresses that an operator imported: a file for each, whole or not at all.
Not here: what they say (core/geo), or what it is worth (core/fence)."""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

from ringfence._core.geo import Addresses
from ringfence.errors import Refusal
from ringfence.store.files import write_private

FOLDER = "geo"
ENDING = ".addresses"


def day(addresses: Addresses) -> str:
    """When its publisher made it."""
    return datetime.fromtimestamp(addresses.date, UTC).date().isoformat()


def keep(data: Path, addresses: Addresses) -> Path:
    """In the data folder, in place of the one of the same kind and name. A crash leaves the old one whole.

    Raises RF5003.
    """
    # Names differ in more than what a file may be called.
    title = f"{addresses.kind} {addresses.name}"
    plain = re.sub("[^a-z0-9]+", "-", title.lower()).strip("-")[:60]
    path = data / FOLDER / f"{plain}-{hashlib.sha256(title.encode()).hexdigest()[:8]}{ENDING}"
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_private(path, addresses.encode())
    except OSError as error:
        raise Refusal("RF5003", f"{path}: {error.strerror}") from None
    return path


def kept(data: Path) -> list[Addresses]:
    """All that was imported, by kind and name. Raises RF2203 for a file that is damaged, RF5003."""
    found = []
    try:
        for path in sorted((data / FOLDER).glob(f"*{ENDING}")):
            try:
                found.append(Addresses(path.read_bytes()))
            except Refusal as refusal:
                raise Refusal(refusal.code, f"{path}: {refusal.detail}") from None
    except OSError as error:
        raise Refusal("RF5003", f"{error.filename}: {error.strerror}") from None
    return sorted(found, key=lambda addresses: (addresses.kind, addresses.name))
