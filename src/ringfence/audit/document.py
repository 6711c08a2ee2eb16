"""A report as programs read it (docs/audit/schema.json is made from it). Times are ISO 8601 in UTC, sizes bytes.
Not here: how it comes about (`auditing`), or how people read it (`text`, `page`)."""

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ringfence.audit.catalogue import Confidence, Severity

Role = Literal["signalling", "keys", "media", "relay", "other"]
Verdict = Literal["fit", "not fit", "not shown"]


@cache
def _names(kind: "type[Part]") -> set[str]:
    return set(kind.model_fields)


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def model_post_init(self, _: object) -> None:
        # All have all fields, so one set of their names is enough: it is as large as all else of a small part, and a
        # report has very many.
        object.__setattr__(self, "__pydantic_fields_set__", _names(type(self)))


class Endpoint(Part):
    """One end of a flow."""

    address: str
    port: int = Field(ge=0, le=65535)


class Unread(Part):
    """What of the capture could not be read, and why."""

    reason: str
    packets: int = Field(ge=0)


class Capture(Part):
    """The file that was read."""

    file: str
    format: str
    packets: int = Field(ge=0)
    bytes: int = Field(ge=0)
    first: str | None
    last: str | None
    unread: list[Unread]


class Source(Part):
    """A data set about addresses: `kind` is registry or geoip (of countries), or network."""

    kind: str
    name: str
    date: str
    digest: str


class Place(Part):
    """What one data set says of an address. `country` need be no country; null where it says nothing."""

    kind: str
    name: str
    date: str
    country: str | None


class Network(Part):
    """In whose network one list has an address. Who announces an address need not be who runs the machine."""

    list: str
    date: str
    number: int = Field(ge=0, description="of the autonomous system")
    name: str = Field(description="of who holds the number, as the list has it; may be empty")


class Reason(Part):
    """One reason of a decision of the fence (docs/fence.md)."""

    code: str
    rule: str
    source: str
    text: str


class Decision(Part):
    """What the fence decides about a server in one role. `known` is false where only what is not known refuses."""

    role: str
    allowed: bool
    known: bool
    standing: str
    statement: Literal["draft from data sets", "given"]
    reasons: list[Reason]


class Observed(Part):
    """Something that was seen in a flow; `packets` are the numbers of the first ones that show it, from 1."""

    kind: str
    text: str
    fields: dict[str, Any] = Field(description="as the scan has it, by its kind (docs/audit.md); numbers are IANA's")
    count: int = Field(description="how many packets show it")
    packets: list[int]


class Flow(Part):
    """Packets between two ends. `near` is the device that was captured, or whoever sent first."""

    id: int
    transport: str
    near: Endpoint
    far: Endpoint
    protocols: list[str]
    roles: list[Role]
    name: str | None = Field(description="the server's name, as the connection asked for it or DNS gave it")
    first: str
    last: str
    packets_out: int
    packets_in: int
    bytes_out: int
    bytes_in: int
    observed: list[Observed]


class Server(Part):
    """An address at the other end, with all of its flows."""

    address: str
    names: list[str]
    roles: list[Role]
    places: list[Place]
    networks: list[Network]
    local: bool = Field(description="an address of a local network, which no data set can place")
    packets: int
    bytes_out: int
    bytes_in: int
    first: str
    last: str
    flows: list[int]
    decisions: list[Decision]
    relayed: list[str] = Field(description="addresses that this server, as a relay, was asked to reach")


class Finding(Part):
    """Something that was found: what it means is under its id in docs/audit/findings."""

    id: str
    title: str
    severity: Severity
    weakness: bool
    confidence: Confidence
    text: str
    server: str | None
    flows: list[int]
    packets: list[int]
    accepted: bool = Field(default=False, description="known and accepted (--accept): it does not count for `clean`")


class Fitness(Part):
    """Whether the call is fit for one kind of talk."""

    talk: Literal["public", "internal", "confidential"]
    verdict: Verdict
    reasons: list[str]


class Receipt(Part):
    """What a receipt says, beside the capture."""

    file: str
    clean: bool
    agrees: bool
    sentences: list[str]


class Timeline(Part):
    """Bytes both ways in equal steps of time, for each of the first forty servers."""

    start: str
    step_seconds: float
    servers: dict[str, list[int]]


class Report(Part):
    """What a capture shows of a call."""

    version: Literal[1] = 1
    tool: str
    capture: Capture
    near: list[str] = Field(description="addresses of the device that was captured, given or guessed")
    near_given: bool
    sources: list[Source]
    fence: list[str] | None = Field(description="the fence in sentences")
    servers: list[Server]
    flows: list[Flow]
    findings: list[Finding]
    fitness: list[Fitness]
    receipt: Receipt | None
    timeline: Timeline | None
    limits: list[str]
    clean: bool = Field(
        description="inside the fence, if one was given, and no weakness found but accepted ones: the exit status is 0"
    )
