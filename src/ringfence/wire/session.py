"""The WebSocket conversation: one connection of one client to one meeting.
Not here: who may say what when, and who is told (meetings)."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from ringfence.types import Codec
from ringfence.wire.model import (
    B16,
    B32,
    Blob,
    Code,
    Document,
    KeyPackage,
    Located,
    Message,
    SealedName,
    Transcripts,
    Uint,
)

MAX_SDP = 256 << 10

LeafIndex = Annotated[int, Field(ge=0, le=1023, description="a leaf of the MLS tree")]
KnockRef = Annotated[str, Field(min_length=1, max_length=64, description="id of a knock")]
Mid = Annotated[str, Field(min_length=1, max_length=16, description="a media line of the SDP")]


# From the client


class KnownLog(Message):
    """How many entries a log of routes had when the client saw it last."""

    log: str = Field(max_length=400, description="its name and key in one line (C2SP's verifier key)")
    size: Uint


class Hello(Message):
    """The first message; may be said again until the client is a member."""

    t: Literal["hello"]
    v: int = Field(description="1")
    nonce: B16 = Field(description="bound into the server's proof")
    logs: list[KnownLog] = Field(default=[], max_length=64, description="the logs of routes that this client has seen")


class LogAsked(Message):
    """Asks whether the log of routes has only grown between two sizes. Members only."""

    t: Literal["log"]
    old: Uint
    new: Uint


class Resume(Message):
    """Goes on with a leaf whose connection was lost. Refused (RF1220), the client comes back without its group."""

    t: Literal["resume"]
    proof: Document = Field(description="rejoin document over the `knock_nonce`, signed by the leaf's member key")
    token: B32 = Field(description="the leaf's, as it was given")
    after: Uint = Field(description="the highest `n` that the client has")


class Found(Message):
    """Starts a group. Taken when there is none, or no member was connected for 10 s; the first valid one wins."""

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


class Back(Message):
    """Asks for the group, to come back to it. For member keys that are admitted; others knock."""

    t: Literal["back"]
    proof: Document = Field(description="rejoin document over the server's `knock_nonce`")


class Rejoin(Message):
    """Comes back by oneself, after `group`."""

    t: Literal["rejoin"]
    epoch: Uint = Field(description="the epoch it is made in")
    commit: Blob = Field(description="an external commit")
    group_info: Blob = Field(description="MLS GroupInfo of the next epoch")


class Deny(Message):
    """Sends a knock away. Hosts only."""

    t: Literal["deny"]
    knock: KnockRef


class Welcomed(Message):
    """A knock that a commit adds."""

    knock: KnockRef


class Commit(Message):
    """Changes the group. Members only; the first valid one of an epoch is provisional, others are refused."""

    t: Literal["commit"]
    epoch: Uint = Field(description="the epoch it is made in")
    commit: Blob
    group_info: Blob = Field(description="MLS GroupInfo of the next epoch")
    welcome: Blob | None = Field(default=None, description="MLS Welcome for those it adds")
    welcomes: list[Welcomed] = Field(max_length=128)


class Checked(Message):
    """Whether a provisional commit can be merged here, by who did not make it. Members only."""

    t: Literal["checked"]
    epoch: Uint = Field(description="the epoch it was made in")
    ok: bool


class Proposal(Message):
    """One's own leaving (SelfRemove), and nothing else. Members only."""

    t: Literal["proposal"]
    message: Blob


class Sealed(Message):
    """An MLS application message for all other members, or for one. Members only."""

    t: Literal["sealed"]
    message: Blob
    to: LeafIndex | None = None
    id: Uint | None = Field(
        default=None, description="the sender's count from 1 of what is kept for who is away; null: not kept"
    )


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


class Ping(Message):
    """Whether anything comes through. Members only."""

    t: Literal["ping"]


class Bye(Message):
    """The client goes, and does not come back by itself."""

    t: Literal["bye"]


ClientMessage = (
    Hello
    | Resume
    | Found
    | Knock
    | Back
    | Rejoin
    | Deny
    | Commit
    | Checked
    | Proposal
    | Sealed
    | LogAsked
    | Offer
    | View
    | Ping
    | Bye
)


# From the server


class Logged(Message):
    """A route in the log of routes (C2SP: tlog-checkpoint, tlog-proof's order of hashes)."""

    salt: B32 = Field(description="the leaf is 0x01 and SHA-256(salt, route document)")
    index: Uint
    proof: list[B32] = Field(max_length=64, description="that the leaf is in the tree of the checkpoint")
    checkpoint: str = Field(max_length=4096, description="signed note")
    continues: list[B32] = Field(
        max_length=128,
        description="that it continues the size that the client named, if it does",
    )


class Candidate(Message):
    """A node that could carry the meeting."""

    node: B32 = Field(description="its key")
    refused: Code | None = Field(description="the reason against it; null: there was none")
    statement: Document | None = Field(description="its operator's; null for a node in use, whose statement is shown")


class Greeting(Message):
    """What is current, proved by the node's signature over the client's nonce."""

    t: Literal["hello"] = "hello"
    charter: Document
    route: Document
    statement: Document
    located: Located
    transcripts: Transcripts
    proof: Document = Field(description="hello document, signed by the node")
    knock_nonce: B16 = Field(description="for the next knock of this connection")
    generation: Uint | None = Field(description="of the last group; null: there was none")
    group: B32 | None = Field(description="of the running group")
    epoch: Uint | None = Field(description="of the running group")
    alive: bool = Field(description="whether a member is connected, or was in the last 10 s")
    candidates: list[Candidate] = Field(
        max_length=100, description="all nodes that could carry it: the list that the route names by its hash"
    )
    logged: Logged | None = Field(description="where the route is in the log; null: it is not in the one that is here")


Token = Annotated[B32, Field(description="resumes this leaf over another connection, together with the member key")]
After = Annotated[Uint, Field(description="messages up to this `n` are not for this leaf")]
Number = Annotated[Uint, Field(description="counts what is kept; the client remembers the highest")]


class Founded(Message):
    """The group runs, with the client as its first member."""

    t: Literal["founded"] = "founded"
    token: Token
    n: After


class Resumed(Message):
    """The client is a member again; everything that it missed came before this."""

    t: Literal["resumed"] = "resumed"
    leaf: LeafIndex
    taken: Uint = Field(description="the highest `id` of its kept messages that has arrived")
    media: bool = Field(description="whether its media connection is still there")


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


class Amended(Message):
    """To who is outside: the charter is another one; say hello again, and knock anew."""

    t: Literal["amended"] = "amended"


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
    token: Token
    n: After


class GroupShown(Message):
    """The group as it is, for who has shown that they are in it."""

    t: Literal["group"] = "group"
    group_info: Blob
    tree: Blob
    ledger: Blob = Field(description="canonical CBOR")
    epoch: Uint


class Rejoined(Message):
    """The client is in again, on this leaf."""

    t: Literal["rejoined"] = "rejoined"
    leaf: LeafIndex
    token: Token
    n: After


class CommitMade(Message):
    """A commit that the server took, to all members, the committer too. It is provisional: nobody merges it yet."""

    t: Literal["commit"] = "commit"
    epoch: Uint = Field(description="the epoch it was made in")
    commit: Blob


class Confirmed(Message):
    """The provisional commit counts: all merge it."""

    t: Literal["confirmed"] = "confirmed"
    epoch: Uint = Field(description="the epoch it was made in")
    n: Number


class Reopened(Message):
    """The provisional commit does not count: no other member could use it within 1 s."""

    t: Literal["reopened"] = "reopened"
    epoch: Uint = Field(description="the epoch it was made in")


class ProposalMade(Message):
    """Another member wishes to leave."""

    t: Literal["proposal"] = "proposal"
    message: Blob
    n: Number


class SealedPassed(Message):
    """An MLS application message of another member."""

    t: Literal["sealed"] = "sealed"
    message: Blob
    n: Uint | None = Field(description="null: not kept for who is away")


class Taken(Message):
    """The server keeps the client's messages up to this one."""

    t: Literal["taken"] = "taken"
    id: Uint


class Present(Message):
    """The leaves that have a live connection."""

    t: Literal["present"] = "present"
    leaves: list[LeafIndex]


class LogProof(Message):
    """That the log of routes has only grown between two sizes."""

    t: Literal["log"] = "log"
    old: Uint
    new: Uint
    proof: list[B32] = Field(max_length=128)


class TranscriptsShown(Message):
    """What beacons measured last, in place of what was shown before. To members."""

    t: Literal["transcripts"] = "transcripts"
    transcripts: Transcripts


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
    codec: Codec = Field(description="the best that everybody here can decode a camera in")


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


class Pong(Message):
    """Something does."""

    t: Literal["pong"] = "pong"


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
    | Amended
    | Denied
    | Welcome
    | Resumed
    | GroupShown
    | Rejoined
    | CommitMade
    | Confirmed
    | Reopened
    | ProposalMade
    | SealedPassed
    | Taken
    | Present
    | LogProof
    | TranscriptsShown
    | Answer
    | Slots
    | Speaking
    | Removed
    | Error
    | Pong
    | ServerBye
)

FROM_CLIENT: TypeAdapter[ClientMessage] = TypeAdapter(Annotated[ClientMessage, Field(discriminator="t")])
FROM_SERVER: TypeAdapter[ServerMessage] = TypeAdapter(Annotated[ServerMessage, Field(discriminator="t")])
