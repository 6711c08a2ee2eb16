"""The WebSocket conversation: one connection of one client to one meeting.
Not here: who may say what when, and who is told (meetings)."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from ringfence.wire.model import (
    B16,
    B32,
    Blob,
    Code,
    Document,
    KeyPackage,
    Message,
    SealedName,
    Uint,
)

MAX_SDP = 256 << 10

LeafIndex = Annotated[int, Field(ge=0, le=1023, description="a leaf of the MLS tree")]
KnockRef = Annotated[str, Field(min_length=1, max_length=64, description="id of a knock")]
Mid = Annotated[str, Field(min_length=1, max_length=16, description="a media line of the SDP")]


# From the client


class Hello(Message):
    """The first message; may be said again until the client is a member."""

    t: Literal["hello"]
    v: int = Field(description="1")
    nonce: B16 = Field(description="bound into the server's proof")


class Found(Message):
    """Starts a group. Taken when no member is connected; the first valid one wins."""

    t: Literal["found"]
    genesis: Document
    group_info: Blob = Field(description="MLS GroupInfo of epoch 0")
    tree: Blob = Field(description="MLS ratchet tree")


class HostName(Message):
    """The knocker's name, sealed to one host."""

    host: B32 = Field(description="the host's id in the charter")
    sealed: SealedName


class Knock(Message):
    """Asks to be let in. A second knock of a connection replaces the first."""

    t: Literal["knock"]
    package: KeyPackage = Field(description="MLS KeyPackage")
    admission: Document | None = Field(
        default=None, description="signed by link key or host; null: a host has to admit"
    )
    proof: Document = Field(description="knock document over the server's `knock_nonce`")
    names: list[HostName] = Field(max_length=50)


class Deny(Message):
    """Sends a knock away. Hosts only."""

    t: Literal["deny"]
    knock: KnockRef


class Welcomed(Message):
    """A knock that a commit adds."""

    knock: KnockRef


class Commit(Message):
    """Changes the group. Members only; the first valid one of an epoch wins."""

    t: Literal["commit"]
    epoch: Uint = Field(description="the epoch it is made in")
    commit: Blob
    group_info: Blob = Field(description="MLS GroupInfo of the next epoch")
    welcome: Blob | None = Field(default=None, description="MLS Welcome for those it adds")
    welcomes: list[Welcomed] = Field(max_length=128)


class Proposal(Message):
    """One's own leaving (SelfRemove), and nothing else. Members only."""

    t: Literal["proposal"]
    message: Blob


class Sealed(Message):
    """An MLS application message for all other members, or for one. Members only."""

    t: Literal["sealed"]
    message: Blob
    to: LeafIndex | None = None


class Offer(Message):
    """An SDP offer. Members only."""

    t: Literal["offer"]
    sdp: str = Field(min_length=1, max_length=MAX_SDP)
    nonce: B16 = Field(description="bound into the answer's `binding`")


class Want(Message):
    mid: Mid
    height: int = Field(ge=0, le=8192, description="device pixels; 0: not shown")


class View(Message):
    """How large each slot is shown. Members only."""

    t: Literal["view"]
    wants: list[Want] = Field(max_length=200)


class Bye(Message):
    """The client goes."""

    t: Literal["bye"]


ClientMessage = Hello | Found | Knock | Deny | Commit | Proposal | Sealed | Offer | View | Bye


# From the server


class Greeting(Message):
    """What is current, proved by the node's signature over the client's nonce."""

    t: Literal["hello"] = "hello"
    charter: Document
    route: Document
    statement: Document
    proof: Document = Field(description="hello document, signed by the node")
    knock_nonce: B16 = Field(description="for the next knock of this connection")
    generation: Uint | None = Field(description="of the last group; null: there was none")
    group: B32 | None = Field(description="of the running group")
    epoch: Uint | None = Field(description="of the running group")
    alive: bool = Field(description="whether a member is connected")


class Founded(Message):
    """The group runs, with the client as its first member."""

    t: Literal["founded"] = "founded"


class Waiting(Message):
    """The knock is held. Said again when a host has to let in whom the link alone let in before."""

    t: Literal["waiting"] = "waiting"
    lobby: bool = Field(description="a host has to say yes")


class KnockHeld(Message):
    """Somebody asks to be let in: to all members if `auto`, else to hosts only."""

    t: Literal["knock"] = "knock"
    id: KnockRef
    package: KeyPackage
    admission: Document | None
    proof: Document
    names: list[HostName]
    member: B32 = Field(description="the knocker's member key")
    auto: bool = Field(description="has its admission: any member may commit it")


class Settled(Message):
    """A knock is gone: admitted, denied or left."""

    t: Literal["settled"] = "settled"
    id: KnockRef


class Denied(Message):
    """A host sent the knock away."""

    t: Literal["denied"] = "denied"


class Welcome(Message):
    """The client is in."""

    t: Literal["welcome"] = "welcome"
    welcome: Blob
    tree: Blob
    ledger: Blob = Field(description="canonical CBOR")
    epoch: Uint


class CommitMade(Message):
    """A commit that the server took, to all members in order, the committer too."""

    t: Literal["commit"] = "commit"
    epoch: Uint = Field(description="the epoch it was made in")
    commit: Blob


class ProposalMade(Message):
    """Another member wishes to leave."""

    t: Literal["proposal"] = "proposal"
    message: Blob


class SealedPassed(Message):
    """An MLS application message of another member."""

    t: Literal["sealed"] = "sealed"
    message: Blob


class Present(Message):
    """The leaves that have a live connection."""

    t: Literal["present"] = "present"
    leaves: list[LeafIndex]


class Answer(Message):
    """The SDP answer."""

    t: Literal["answer"] = "answer"
    sdp: str
    binding: Document = Field(description="channel document, signed by the node")


class Slot(Message):
    mid: Mid
    leaf: LeafIndex | None = Field(description="whose stream it carries; null: none")
    context: int = Field(ge=0, le=7, description="0 microphone, 1 camera, 2 screen's sound, 3 screen's picture")


class Slots(Message):
    """What each receiving line of the client carries now."""

    t: Literal["slots"] = "slots"
    slots: list[Slot]
    need: Uint = Field(description="pairs of lines that are missing; 0: enough")


class Speaking(Message):
    """Who speaks."""

    t: Literal["speaking"] = "speaking"
    leaves: list[LeafIndex]


class Removed(Message):
    """A host removed this client; the commit that did so came before. The connection closes."""

    t: Literal["removed"] = "removed"


class Error(Message):
    """A message was refused, and changed nothing."""

    t: Literal["error"] = "error"
    code: Code
    title: str
    detail: str
    do: str
    re: str | None = Field(description="the `t` of the refused message")


class ServerBye(Message):
    """The server closes the connection."""

    t: Literal["bye"] = "bye"
    code: Code


ServerMessage = (
    Greeting
    | Founded
    | Waiting
    | KnockHeld
    | Settled
    | Denied
    | Welcome
    | CommitMade
    | ProposalMade
    | SealedPassed
    | Present
    | Answer
    | Slots
    | Speaking
    | Removed
    | Error
    | ServerBye
)

FROM_CLIENT: TypeAdapter[ClientMessage] = TypeAdapter(Annotated[ClientMessage, Field(discriminator="t")])
FROM_SERVER: TypeAdapter[ServerMessage] = TypeAdapter(Annotated[ServerMessage, Field(discriminator="t")])
