"""Where addresses are, by offline data sets: what each says, side by side, and never one answer made of several.
Not here: whether that is inside a fence (`fencing`), or reading data sets (core/geo)."""

import gzip
import io
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from ringfence._core.geo import Addresses, is_placeable
from ringfence.errors import Refusal
from ringfence.store.addresses import ENDING, kept, newest
from ringfence.store.addresses import read as read_kept

# Longer than any data set that is published (bytes).
LONGEST = 1 << 30


@dataclass(frozen=True)
class Said:
    """What one data set says of one address; `country` is two capitals that need be no country, or None."""

    kind: str
    name: str
    date: str
    country: str | None


class Places:
    """The data sets that were given. Without any, nothing is known of where an address is."""

    def __init__(self, sets: Sequence[Addresses] = ()) -> None:
        self.sets = newest(sets)

    def of(self, address: str) -> list[Said]:
        """By each set. Nothing for an address of a local network, which is everywhere at once."""
        if not placeable(address):
            return []
        return [Said(one.kind, one.name, day(one.date), one.country_of(address)) for one in self.sets]


def placeable(address: str) -> bool:
    """Whether data sets can place an address at all; False for what is none."""
    try:
        return is_placeable(address)
    except Refusal:
        return False


def day(seconds: int) -> str:
    """Of a moment in unix seconds, as ISO 8601 has it."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def load(files: Sequence[str], data: Path | None) -> Places:
    """Data sets as their publishers made them or as `ringfence geo import` kept them, and all in a data folder.

    Raises RF2201, RF2202, RF2203, RF5001, RF5003.
    """
    sets = [] if data is None else kept(data.absolute())
    return Places(sets + [_read(Path(name)) for name in files])


def _read(path: Path) -> Addresses:
    if path.suffix == ENDING:
        return read_kept(path)
    try:
        if path.stat().st_size > LONGEST:
            raise Refusal("RF5001", f"{path} is longer than {LONGEST >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise Refusal("RF5001", f"{path}: {error.strerror}") from None
    content = _unpacked(path, content)
    try:
        return Addresses.read(content)
    except Refusal as refusal:
        if refusal.code == "RF2202":
            # What does not say what it is called, or of when it is, is called and dated as the file is.
            return Addresses.read(content, name=path.stem, date=int(path.stat().st_mtime))
        raise Refusal(refusal.code, f"{path}: {refusal.detail}") from None


def _unpacked(path: Path, content: bytes) -> bytes:
    """As publishers pack it: gzip (RFC 1952)."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(LONGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise Refusal("RF2201", f"{path}: it is a damaged gzip file") from None
    if len(unpacked) > LONGEST:
        raise Refusal("RF2201", f"{path}: unpacked, it is longer than {LONGEST >> 20} MiB")
    return unpacked


@cache
def world() -> dict[str, Any]:
    """The map: `land` and `borders` as SVG paths (ten steps to the degree, x east, y south), and `countries`, by code
    with `name` and, where the map marks one, `at`: latitude and longitude of the capital."""
    text = resources.files(__package__).joinpath("world.json").read_text(encoding="utf-8")
    made: dict[str, Any] = json.loads(text)
    return made


def name_of(code: str | None) -> str:
    """What a country is called; the code itself where it is none."""
    if code is None:
        return "unknown"
    known = world()["countries"].get(code)
    return str(known["name"]) if known else code
