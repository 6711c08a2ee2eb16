"""Being a beacon: measures the nodes that the operator has named, when they ask, and signs what came out.
Not here: measuring (media), or asking others to measure this server (beacons)."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ringfence._core import documents
from ringfence._core.geo import is_placeable
from ringfence._core.sfu import Measured
from ringfence.config import Measured as Named
from ringfence.errors import Refusal
from ringfence.media.measuring import SAMPLES, measure
from ringfence.signalling.limits import Bucket, Rate
from ringfence.store.files import Identity
from ringfence.types import from_text

# Of a node's addresses: one of each kind, as a rule.
MOST_ADDRESSES = 2
# Of its own name, in bytes.
MOST_NAME = 100
# Who asks again within so many seconds gets what was measured, or why nothing was.
KEPT = 60.0
# Anybody can show a node's statement and name a port. A port of a node that has not answered there before is tried so
# often: nobody's ports are searched from here. The one that has answered is measured all the same.
TRIES = Rate(3, 1 / 60)
# Nodes that are measured at once, and questions about one that wait: each takes seconds.
AT_ONCE = 4
WAITING = 8

Measure = Callable[[str, int, bytes, bytes], Awaitable[Measured]]


@dataclass
class Known:
    """What was measured of one node."""

    tries: Bucket
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    # The port at which it answered last.
    port: int | None = None
    # By port: until when it is kept, and what it is.
    kept: dict[int, tuple[float, list[bytes] | Refusal]] = field(default_factory=dict)


class Measuring:
    def __init__(
        self,
        named: tuple[Named, ...],
        identity: Callable[[], Identity],
        *,
        measure: Measure = measure,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._named, self._identity = named, identity
        self._measure, self._clock, self._now = measure, clock, now
        self._known: dict[bytes, Known] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    async def measured(self, statement: bytes, port: int) -> list[bytes]:
        """Transcripts of the node whose statement it is, at this port of its addresses.

        Raises RF1301, RF1302, RF1303, RF1304, RF1305, RF1003.
        """
        if not self._named:
            raise Refusal("RF1301")
        node, addresses = self._wanted(statement)
        me = json.loads(documents.stated(self._identity().statement))
        if me["lat"] is None:
            raise Refusal("RF1304")
        known = self._known.setdefault(node, Known(Bucket(TRIES, self._clock())))
        if known.waiting >= WAITING:
            raise Refusal("RF1003", "this node is being measured")
        known.waiting += 1
        try:
            async with known.turn:
                return await self._once(known, node, addresses, port, me)
        finally:
            known.waiting -= 1

    def _wanted(self, statement: bytes) -> tuple[bytes, list[str]]:
        """The node, and where it is measured."""
        try:
            says = json.loads(documents.stated(statement))
        except Refusal as refusal:
            raise Refusal("RF1303", refusal.detail) from None
        node = from_text(says["node"])
        named = [one for one in self._named if one.node == node]
        if not named:
            raise Refusal("RF1302")
        begins, ends = (datetime.fromisoformat(says[name]).timestamp() for name in ("from", "until"))
        if not begins <= self._now() < ends:
            raise Refusal("RF1303", "the statement does not hold at this time")
        if "media" not in says["roles"]:
            raise Refusal("RF1303", "the statement says that the node carries no media")
        private = {one.private for one in named}
        addresses = [one for one in says["addresses"] if is_placeable(one) or one in private][:MOST_ADDRESSES]
        if not addresses:
            raise Refusal("RF1303", "the statement has only addresses of a local network")
        return node, addresses

    async def _once(
        self, known: Known, node: bytes, addresses: list[str], port: int, me: dict[str, Any]
    ) -> list[bytes]:
        now = self._clock()
        known.kept = {of: kept for of, kept in known.kept.items() if kept[0] > now}
        if port not in known.kept:
            if port != known.port and not known.tries.take(now):
                raise Refusal("RF1003", "too many ports of this node")
            async with self._places:
                found = await self._all(node, addresses, port, me)
            known.kept[port] = (self._clock() + KEPT, found)
            if not isinstance(found, Refusal):
                known.port = port
        _, found = known.kept[port]
        if isinstance(found, Refusal):
            raise found
        return found

    async def _all(self, node: bytes, addresses: list[str], port: int, me: dict[str, Any]) -> list[bytes] | Refusal:
        identity, transcripts = self._identity(), []
        for address in addresses:
            at = int(self._now())
            try:
                measured = await self._measure(address, port, node, identity.node)
            except Refusal:
                continue
            transcripts.append(
                documents.make_transcript(
                    identity.node_seed,
                    name=_short(me["name"]),
                    lat=me["lat"],
                    lon=me["lon"],
                    node=node,
                    address=address,
                    port=port,
                    samples=measured.samples,
                    least_us=measured.least_us,
                    at=at,
                    nonce=measured.nonce,
                    answer=measured.answer,
                )
            )
        silent = f"nothing came back from {' and '.join(addresses)}, port {port}, in {SAMPLES} questions"
        return transcripts or Refusal("RF1305", silent)


def _short(name: str) -> str:
    """As much of a name as fits into a transcript, on one line."""
    return " ".join(name.split()).encode()[:MOST_NAME].decode(errors="ignore")
