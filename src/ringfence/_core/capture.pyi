from collections.abc import Callable
from os import PathLike
from typing import Any, Literal, TypeAlias, TypedDict, final

# Its kind, the fields of that kind, and: count, first_ns, last_ns, packets (numbers of the first ones that show it).
Observation: TypeAlias = dict[str, Any]

class Totals(TypedDict):
    packets: int
    bytes: int
    payload: int
    cut: int

class Tcp(TypedDict):
    opened: bool
    closed: bool
    missing: int
    again: int

class Timeline(TypedDict):
    start_ns: int
    step_ns: int
    forth: list[int]
    back: list[int]

class Interface(TypedDict):
    link: str
    number: int
    snaplen: int
    name: str | None

class Counts(TypedDict):
    packets: int
    bytes: int
    first_ns: int | None
    last_ns: int | None
    truncated: int
    damaged: int
    skipped_bytes: int
    ended_early: bool
    unknown_link: int
    not_ip: int
    bad_ip: int
    bad_transport: int
    fragments: int
    incomplete_datagrams: int
    flows_not_kept: int
    observations_dropped: int

@final
class Flow:
    @property
    def transport(self) -> Literal["udp", "tcp", "other"]: ...
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
    def forth(self) -> Totals: ...
    @property
    def back(self) -> Totals: ...
    @property
    def tcp(self) -> Tcp | None: ...
    @property
    def protocols(self) -> list[str]: ...
    @property
    def observations(self) -> list[Observation]: ...
    @property
    def dropped(self) -> int: ...
    @property
    def timeline(self) -> Timeline | None: ...

@final
class Scan:
    @property
    def flows(self) -> list[Flow]: ...
    @property
    def counts(self) -> Counts: ...
    @property
    def format(self) -> Literal["pcap", "pcapng"]: ...
    @property
    def compressed(self) -> bool: ...
    @property
    def interfaces(self) -> list[Interface]: ...
    def to_json(self) -> str: ...

@final
class Live:
    def __new__(cls) -> Live: ...
    def feed(self, data: bytes) -> None: ...
    def look(self) -> Scan: ...
    def finish(self) -> Scan: ...

def scan(
    path: str | PathLike[str], *, progress: Callable[[int, int], None] | None = None, threads: int = 0
) -> Scan: ...
