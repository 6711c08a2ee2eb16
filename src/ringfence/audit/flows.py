"""What the core's scan saw, typed: flows, what was observed of each, and what could not be read.
Not here: the scan (core/capture), or what any of it means."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

Progress = Callable[[int, int], None]
Transport = Literal["udp", "tcp", "other"]


class Peer(NamedTuple):
    """One end of a flow: an IPv4 or IPv6 address as text, and a port (0 where the protocol has none)."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class Way:
    """One way of a flow: `bytes` as frames on the wire, `payload` of them what TCP or UDP carries, both in bytes;
    `cut` packets are not whole in the capture."""

    packets: int
    bytes: int
    payload: int
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Observation:
    """Something that was seen in `count` packets; `packets` are the numbers of the first ones, from 1.

    `first_ns` and `last_ns` are nanoseconds since 1970. `fields` depend on `kind` (docs/audit.md).
    """

    kind: str
    count: int
    first_ns: int
    last_ns: int
    packets: tuple[int, ...]
    fields: Mapping[str, Any]

    @classmethod
    def of(cls, seen: Mapping[str, Any]) -> "Observation":
        common = ("kind", "count", "first_ns", "last_ns", "packets")
        # A capture has very many, with the same few names in each.
        rest = {sys.intern(key): value for key, value in seen.items() if key not in common}
        packets = tuple(seen["packets"])
        return cls(sys.intern(seen["kind"]), seen["count"], seen["first_ns"], seen["last_ns"], packets, rest)

    def get(self, name: str, default: Any = None) -> Any:
        return self.fields.get(name, default)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bytes of frames each way, in steps of `step_ns` from `start_ns` (nanoseconds)."""

    start_ns: int
    step_ns: int
    forth: tuple[int, ...]
    back: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """Packets between two ends, by one transport. `a` sent the first; `forth` is from `a` to `b`, `back` the other way.

    Times are nanoseconds since 1970. `protocols` are told by content, in the order in which they were seen.
    """

    id: int
    transport: Transport
    ip_protocol: int
    a: Peer
    b: Peer
    first_ns: int
    last_ns: int
    first_packet: int
    forth: Way
    back: Way
    protocols: tuple[str, ...]
    observations: tuple[Observation, ...]
    dropped: int = 0
    opened: bool | None = None
    timeline: Timeline | None = None

    def all(self, *kinds: str) -> Iterator[Observation]:
        """What was observed of these kinds."""
        return (seen for seen in self.observations if seen.kind in kinds)

    def carries(self, *protocols: str) -> bool:
        return any(protocol in self.protocols for protocol in protocols)

    @property
    def bytes(self) -> int:
        return self.forth.bytes + self.back.bytes

    @property
    def packets(self) -> int:
        return self.forth.packets + self.back.packets

    @property
    def seconds(self) -> float:
        return (self.last_ns - self.first_ns) / 1e9


class CoreFlow(Protocol):
    """As the core has it (src/ringfence/_core/capture.pyi)."""

    @property
    def transport(self) -> Transport: ...
    @property
    def ip_protocol(self) -> int: ...
    @property
    def a(self) -> tuple[str, int]: ...
    @property
    def b(self) -> tuple[str, int]: ...
    @property
    def first_ns(self) -> int: ...
    @property
    def last_ns(self) -> int: ...
    @property
    def first_packet(self) -> int: ...
    @property
    def forth(self) -> Any: ...
    @property
    def back(self) -> Any: ...
    @property
    def tcp(self) -> Any: ...
    @property
    def protocols(self) -> list[str]: ...
    @property
    def observations(self) -> list[Any]: ...
    @property
    def dropped(self) -> int: ...


class CoreScan(Protocol):
    """As the core has it."""

    @property
    def flows(self) -> Iterable[CoreFlow]: ...
    @property
    def counts(self) -> Any: ...
    @property
    def format(self) -> str: ...
    @property
    def compressed(self) -> bool: ...
    @property
    def interfaces(self) -> list[Any]: ...


def flow_of(number: int, core: CoreFlow) -> Flow:
    times = getattr(core, "timeline", None)
    drawn = times and Timeline(times["start_ns"], times["step_ns"], tuple(times["forth"]), tuple(times["back"]))
    return Flow(
        id=number,
        transport=core.transport,
        ip_protocol=core.ip_protocol,
        a=_peer(*core.a),
        b=_peer(*core.b),
        first_ns=core.first_ns,
        last_ns=core.last_ns,
        first_packet=core.first_packet,
        forth=_way(core.forth),
        back=_way(core.back),
        protocols=tuple(map(sys.intern, core.protocols)),
        observations=tuple(Observation.of(seen) for seen in core.observations),
        dropped=core.dropped,
        opened=None if core.tcp is None else core.tcp["opened"],
        timeline=drawn or None,
    )


def _peer(address: str, port: int) -> Peer:
    return Peer(sys.intern(address), port)


def _way(totals: Mapping[str, int]) -> Way:
    return Way(totals["packets"], totals["bytes"], totals["payload"], totals["cut"])


# What each count of the scan is of what could not be read, in words.
UNREAD = {
    "truncated": "packets were cut when they were captured; what was kept of them was read",
    "damaged": "records were damaged",
    "unknown_link": "packets were of a kind of link that is not known",
    "not_ip": "frames were not of the Internet Protocol (ARP and the like)",
    "bad_ip": "packets had a damaged IP header",
    "bad_transport": "packets had a damaged header of TCP, UDP or another transport",
    "incomplete_datagrams": "fragmented datagrams were not complete",
    "flows_not_kept": "packets were of flows beyond the bound of memory",
    "observations_dropped": "observations were left out, beyond the bound of memory",
    "skipped_bytes": "bytes were skipped to find the next record",
}


@dataclass(frozen=True)
class Scan:
    """All that was seen of a capture."""

    path: str
    format: str
    compressed: bool
    counts: Mapping[str, Any]
    flows: tuple[Flow, ...]
    links: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, path: str, core: CoreScan) -> "Scan":
        flows = tuple(flow_of(number, flow) for number, flow in enumerate(core.flows, 1))
        links = tuple(dict.fromkeys(interface["link"] for interface in core.interfaces))
        return cls(path, core.format, core.compressed, core.counts, flows, links)

    @property
    def unread(self) -> dict[str, int]:
        """What could not be read, by reason; only what there was."""
        found = {words: int(self.counts.get(name) or 0) for name, words in UNREAD.items()}
        if self.counts.get("ended_early"):
            found["time the file ends in the middle of a record"] = 1
        return {words: count for words, count in found.items() if count}
