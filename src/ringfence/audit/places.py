"""Where addresses are and in whose network, by offline data sets: what each says, side by side, and never one answer
made of several.
Not here: whether that is inside a fence (`fencing`), or reading data sets (core/geo)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from ringfence._core.geo import Addresses, Networks, is_placeable, published
from ringfence.errors import Refusal
from ringfence.store.addresses import (
    ENDING,
    LONGEST,
    NETWORKS,
    kept,
    kept_networks,
    newest,
    newest_networks,
    read_networks,
    unpacked,
)
from ringfence.store.addresses import read as read_kept


@dataclass(frozen=True)
class Said:
    """What one data set says of one address; `country` is two capitals that need be no country, or None."""

    kind: str
    name: str
    date: str
    country: str | None


@dataclass(frozen=True)
class Announced:
    """In whose network one list has an address: number and name of an autonomous system. Names are words of others."""

    name: str
    date: str
    number: int
    holder: str


class Places:
    """The data sets that were given. Without any, nothing is known of where an address is, or in whose network."""

    def __init__(self, sets: Sequence[Addresses] = (), networks: Sequence[Networks] = ()) -> None:
        self.sets = newest(sets)
        self.networks = newest_networks(networks)

    def of(self, address: str) -> list[Said]:
        """By each set. Nothing for an address of a local network, which is everywhere at once."""
        if not placeable(address):
            return []
        return [Said(one.kind, one.name, day(one.date), one.country_of(address)) for one in self.sets]

    def networks_of(self, address: str) -> list[Announced]:
        """By each list that knows it. They are shown: the fence is never asked with them."""
        if not placeable(address):
            return []
        known = [(one, one.network_of(address)) for one in self.networks]
        return [Announced(one.name, day(one.date), *network) for one, network in known if network is not None]


def placeable(address: str) -> bool:
    """Whether data sets can place an address at all; False for what is none."""
    try:
        return is_placeable(address)
    except Refusal:
        return False


@cache
def day(seconds: int) -> str:
    """Of a moment in unix seconds, as ISO 8601 has it."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def load(files: Sequence[str], data: Path | None) -> Places:
    """Data sets as their publishers made them or as `ringfence geo import` kept them, and all in a data folder.

    Raises RF2201, RF2202, RF2203, RF5001, RF5003.
    """
    said: list[Addresses | Networks] = []
    if data is not None:
        said += [*kept(data.absolute()), *kept_networks(data.absolute())]
    for name in files:
        said += _read(Path(name))
    networks = [one for one in said if isinstance(one, Networks)]
    return Places([one for one in said if isinstance(one, Addresses)], networks)


def _read(path: Path) -> Sequence[Addresses | Networks]:
    if path.suffix == ENDING:
        return [read_kept(path)]
    if path.suffix == NETWORKS:
        return [read_networks(path)]
    try:
        if path.stat().st_size > LONGEST:
            raise Refusal("RF5001", f"{path} is longer than {LONGEST >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise Refusal("RF5001", f"{path}: {error.strerror}") from None
    content = unpacked(str(path), content)
    try:
        both = published(content)
    except Refusal as refusal:
        if refusal.code != "RF2202":
            raise Refusal(refusal.code, f"{path}: {refusal.detail}") from None
        # What does not say what it is called, or of when it is, is called and dated as the file is.
        both = published(content, name=path.stem, date=int(path.stat().st_mtime))
    return [said for said in both if said is not None]


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
