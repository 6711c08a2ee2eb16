"""The HTTP conversation: this node, and meetings. Not here: what the server does about it."""

from typing import Annotated, Literal

from pydantic import Field

from ringfence.wire.model import B16, B32, Code, Document, Located, Message, Transcripts


class OperatorWord(Message):
    """Who runs the node."""

    id: str
    name: str
    key: B32 = Field(description="Ed25519: its statements are signed with it")


class LogWord(Message):
    """The log in which routes are written down; it is read at `/log/`."""

    origin: str = Field(description="its name in checkpoints")
    key: B32 = Field(description="Ed25519: its checkpoints are signed with it")
    verifier: str = Field(description="both in one line (C2SP's verifier key)")


class DataSet(Message):
    """An offline data set about addresses, which the operator imported."""

    kind: Literal["registry", "geoip"]
    name: str
    date: str = Field(description="the day on which its publisher made it (ISO 8601)")
    digest: B32 = Field(description="names it in a charter")


class BeaconWord(Message):
    """A beacon that measures this node, in its own words."""

    key: B32 = Field(description="Ed25519: names it in a charter")
    name: str
    lat: float = Field(description="degrees north")
    lon: float = Field(description="degrees east")
    host: str = Field(description="at which it is asked")
    operator: str
    country: str | None = Field(description="ISO 3166-1 alpha-2; null: it does not say")
    place: str | None


class Node(Message):
    """This node, as it states itself."""

    node: B32 = Field(description="the node's key (Ed25519)")
    name: str
    statement: Document = Field(description="signed by node and operator")
    operator: OperatorWord
    log: LogWord
    version: str
    address_kind: Literal["private", "public"] = Field(description="whether registries can place the address of media")
    country: str | None = Field(description="ISO 3166-1 alpha-2; null: the operator does not say")
    place: str | None
    data: list[DataSet] = Field(max_length=16, description="what an owner may name in a charter")
    located: Located
    beacons: list[BeaconWord] = Field(max_length=16, description="what an owner may name in a charter")
    transcripts: Transcripts


class NewMeeting(Message):
    """A meeting to hold: its charter, version 1, signed by its owner."""

    charter: Document


class Created(Message):
    meeting: B16


class Meeting(Message):
    """What anybody with the meeting's id may read."""

    charter: Document
    route: Document = Field(description="which nodes carry it now, signed by the node that chose")
    statement: Document = Field(description="of the node in the route")
    located: Located
    transcripts: Transcripts


class RoundTripsAsked(Message):
    """A node asks to be measured."""

    statement: Document = Field(description="its own; the addresses in it are measured")
    port: int = Field(ge=1, le=65535, description="of its media")


class RoundTrips(Message):
    """What was measured, signed by the server that did."""

    statement: Document = Field(description="of the server that has measured")
    transcripts: Annotated[Transcripts, Field(min_length=1)]


class Health(Message):
    status: Literal["ok"] = "ok"
    version: str


class Reason(Message):
    """Why a fence refuses a node."""

    role: str
    code: Code
    rule: str
    source: str
    text: str


class Problem(Message):
    """RFC 9457 problem details; `code` is stable."""

    type: str
    title: str
    status: int
    detail: str
    code: Code
    do: str = Field(description="what can be done about it")
    reasons: list[Reason] = Field(default=[], description="of a fence's refusal")
