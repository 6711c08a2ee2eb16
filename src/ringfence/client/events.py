"""What happens to a participant, as values.
Not here: deciding any of it: each is what the core has decided or heard."""

from dataclasses import dataclass
from typing import Any, Literal

from ringfence.errors import entry

How = Literal["left", "removed", "denied", "stopped"]


@dataclass(frozen=True)
class Person:
    """`member`: their key in this meeting, base64url. `leaf`: their place in the group, by which media is counted."""

    member: str
    leaf: int
    name: str | None
    role: str
    you: bool
    present: bool
    muted: bool
    camera: bool


@dataclass(frozen=True)
class Waiting:
    """A host is asked."""


@dataclass(frozen=True)
class Admitted:
    """In the meeting. `again`: the connection was lost before."""

    again: bool


@dataclass(frozen=True)
class Joined:
    person: Person


@dataclass(frozen=True)
class Left:
    person: Person


@dataclass(frozen=True)
class Chat:
    """`at`: when it was heard, in Unix milliseconds. `told_by`: said before we came back, by this member's word."""

    id: str
    member: str
    name: str | None
    you: bool
    text: str
    at: int
    told_by: str | None


@dataclass(frozen=True)
class Reason:
    """One rule of the fence that was looked at: its code, and what was compared, in words."""

    code: str
    text: str


@dataclass(frozen=True)
class Node:
    """A server in use. `reasons`: why it is allowed, or all that would have to change."""

    node: str
    name: str
    operator: str
    country: str | None
    place: str | None
    standing: str
    allowed: bool
    reasons: tuple[Reason, ...]

    @property
    def where(self) -> str:
        return ", ".join(part for part in (self.place, self.country) if part) or "an unstated place"


@dataclass(frozen=True)
class Route:
    """What this participant itself has decided about the servers in use.

    `may_probe`: they may be contacted for media. `may_send`: sound and picture may go there. `rules`: what the fence
    says, in sentences.
    """

    fence: str
    rules: tuple[str, ...]
    nodes: tuple[Node, ...]
    may_probe: bool
    may_send: bool

    @property
    def words(self) -> list[str]:
        """A line for each server, and one for each reason."""
        lines = []
        for node in self.nodes:
            verdict = "allowed" if node.allowed else "refused"
            lines.append(f"{node.name}, in {node.where}, by {node.operator}: {verdict} ({node.standing})")
            lines += [f"{reason.code}: {reason.text}" for reason in node.reasons]
        return lines


@dataclass(frozen=True)
class Media:
    """Whether anything is sent and opened now; `why` not: connecting, measuring, fence, cutoff, unanswered, offline,
    elsewhere, left, stopped."""

    open: bool
    why: str


@dataclass(frozen=True)
class Speaking:
    """Who speaks now, by the server's word; those who are not known are left out."""

    people: tuple[Person, ...]


@dataclass(frozen=True)
class Knocks:
    """Who waits to be let in, for hosts: each one's id and name."""

    waiting: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Code:
    """What all in this epoch can compare: 20 digits."""

    code: str
    epoch: int


@dataclass(frozen=True)
class RulesChanged:
    """The owner has changed the charter. `rules`: what differs, each a kind and, of a fence, its sentences."""

    version: int
    by: str | None
    rules: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class CutOff:
    """Nobody's current word has come for a while: nothing is sent. `since`: Unix milliseconds; None: it is over."""

    since: int | None


@dataclass(frozen=True)
class Lost:
    """The server is lost; it is looked for, and the meeting goes on where it was."""


@dataclass(frozen=True)
class Problem:
    """Something went wrong that ended nothing, unless `Ended` follows."""

    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.code}: {entry(self.code).title} ({self.detail})" if self.detail else self.code


@dataclass(frozen=True)
class Ended:
    """The last event. `code`: why, where it was stopped."""

    how: How
    code: str | None
    detail: str


Event = (Waiting | Admitted | Joined | Left | Chat | Route | Media | Speaking) | (
    Knocks | Code | RulesChanged | CutOff | Lost | Problem | Ended
)


def person(told: dict[str, Any]) -> Person:
    return Person(**{name: told[name] for name in Person.__dataclass_fields__})


def route(told: dict[str, Any]) -> Route:
    return Route(
        fence=told["fence_name"],
        rules=tuple(told["sentences"]),
        nodes=tuple(_node(node) for node in told["nodes"]),
        may_probe=told["may_probe"],
        may_send=told["may_send"],
    )


def _node(told: dict[str, Any]) -> Node:
    reasons = {
        Reason(reason["code"], reason["text"]): None
        for decision in told["decisions"]
        if decision["allowed"] == told["allowed"]
        for reason in decision["reasons"]
    }
    names = ("node", "name", "operator", "country", "place", "standing", "allowed")
    return Node(**{name: told[name] for name in names}, reasons=tuple(reasons))


def chat(told: dict[str, Any]) -> Chat:
    return Chat(
        id=told["id"],
        member=told["from_member"],
        name=told["name"],
        you=told["you"],
        text=told["text"],
        at=told["at"],
        told_by=told.get("told_by"),
    )


def plain(told: dict[str, Any]) -> Event | None:
    """Those that need nothing but themselves to be understood."""
    match told["t"]:
        case "place":
            return route(told)
        case "chat":
            return chat(told)
        case "knocks":
            return Knocks(tuple((knock["id"], knock["name"]) for knock in told["knocks"]))
        case "code":
            return Code(told["code"], told["epoch"])
        case "charter":
            rules = tuple((rule["kind"], tuple(rule.get("details", ()))) for rule in told["rules"])
            return RulesChanged(told["version"], told["by"], rules)
        case "cutoff":
            return CutOff(told["since"])
        case "problem":
            return Problem(told["code"], told["detail"])
    return None
