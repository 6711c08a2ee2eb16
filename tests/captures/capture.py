"""Scenes by name, and what is to be found in what they become.
Not here: the scenes, the mutants."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

from .files import Form, Record, written
from .labels import Evidence, Expected, Flow, Label, Protocol, Way
from .packets import ends
from .trace import Frame, Key, Trace
from .world import DOMAIN, IPV4, ME, PEOPLE, Network

# Whether a name is the meeting's own, and whether a second layer was to be seen, cannot be told once part is missing.
IN_DOUBT = frozenset({Label.THIRD_PARTY, Label.NO_SECOND_LAYER})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a participant's receipt would say of the same call. `admitted`: ns since 1970."""

    servers: tuple[str, ...]
    admitted: int


@dataclass(frozen=True, slots=True)
class Scene:
    """`may`: labels that are neither asked for nor wrong. `family`: weak, clean, alike or mixed."""

    name: str
    family: str
    about: str
    play: Callable[[Trace], Receipt | None]
    may: frozenset[Label]


SCENES: dict[str, Scene] = {}


def scene(family: str, name: str, about: str, *may: Label) -> Callable[[Callable[[Trace], Receipt | None]], None]:
    def keep(play: Callable[[Trace], Receipt | None]) -> None:
        assert name not in SCENES, name
        SCENES[name] = Scene(name, family, about, play, frozenset(may))

    return keep


@dataclass(frozen=True, slots=True)
class Base:
    """A scene that was played: packets, and all that is known of them."""

    scene: Scene
    network: Network
    frames: tuple[Frame, ...]
    evidence: tuple[Evidence, ...]
    protocols: dict[Key, frozenset[Protocol]]
    facts: dict[Key, dict[str, str]]
    receipt: Receipt | None

    @property
    def me(self) -> str:
        return self.network.address(ME)

    @property
    def labels(self) -> frozenset[Label]:
        return frozenset(evidence.label for evidence in self.evidence)

    @property
    def sealed(self) -> bool:
        """Whether a second layer is to be seen in it."""
        return any(Protocol.SFRAME in found for found in self.protocols.values())


@dataclass(frozen=True, slots=True)
class Piece:
    """What a mutant made of a frame: `whole` if every byte is there, `read` if a reader can read its headers.
    `payload`: bytes behind the transport header, as the headers of this packet tell."""

    frame: Frame
    at: int
    packet: bytes
    payload: int
    whole: bool = True
    read: bool = True
    # Not so for a fragment but the first.
    first: bool = True

    @property
    def record(self) -> Record:
        return Record(self.at, self.packet, self.frame.outgoing, self.frame.ethertype)


@dataclass(frozen=True, slots=True)
class Capture:
    """A file, and what is to be found in it. `me`: for `--me`."""

    name: str
    base: str
    mutation: str
    data: bytes
    suffix: str
    me: str
    expected: Expected
    receipt: Receipt | None


@cache
def played(name: str, seed: int = 1, network: Network = IPV4) -> Base:
    """The same name, seed and network give the same bytes."""
    chosen = SCENES[name]
    trace = Trace(f"{seed} {name} {network}", network)
    receipt = chosen.play(trace)
    if trace.outside:
        trace.refuse()
    return Base(
        chosen,
        network,
        tuple(trace.frames),
        tuple(trace.evidence),
        {key: frozenset(found) for key, found in trace.protocols.items()},
        trace.facts,
        receipt,
    )


def pieces(base: Base) -> list[Piece]:
    """Every frame as it is."""
    return [Piece(frame, frame.at, frame.packet, frame.payload) for frame in base.frames]


def clocked(made: list[Piece], form: Form) -> list[Piece]:
    """With times as the file has them."""
    return made if form.nanoseconds else [replace(piece, at=piece.at // 1000 * 1000) for piece in made]


def flows(base: Base, made: Iterable[Piece]) -> tuple[Flow, ...]:
    """In the order of their first packets in the file."""
    table: dict[Key, Flow] = {}
    seen: dict[Key, set[int]] = {}
    wanted: dict[Key, int] = {}
    for frame in base.frames:
        if frame.key:
            wanted[frame.key] = wanted.get(frame.key, 0) + 1
    for piece in made:
        key = piece.frame.key
        if key is None or not piece.read:
            continue
        if key not in table:
            source = _source(base, piece.frame)
            ends = (key[1], key[2]) if key[1].address == source[0] and key[1].port == source[1] else (key[2], key[1])
            table[key] = Flow(key[0], *ends, piece.at, piece.at)
            table[key].protocols = base.protocols.get(key) or frozenset({Protocol.OTHER})
            table[key].facts = base.facts.get(key, {})
            seen[key] = set()
        flow = table[key]
        flow.first, flow.last = min(flow.first, piece.at), max(flow.last, piece.at)
        source = _source(base, piece.frame)
        way = flow.there if source == (flow.a.address, flow.a.port) else flow.back
        _count(way, piece)
        if piece.whole:
            seen[key].add(piece.frame.number)
    for key, flow in table.items():
        flow.partial = len(seen[key]) < wanted[key]
    return tuple(table.values())


def _count(way: Way, piece: Piece) -> None:
    way.packets += 1
    way.datagrams += piece.first
    packet = piece.packet
    v4 = packet[0] >> 4 == 4
    way.ip_bytes += int.from_bytes(packet[2:4]) if v4 else 40 + int.from_bytes(packet[4:6])
    way.payload_bytes += piece.payload


def _source(base: Base, frame: Frame) -> tuple[str, int]:
    """Address and port that sent it, from the packet as the scene made it."""
    address, _, at = ends(frame.packet)
    return address, int.from_bytes(frame.packet[at : at + 2])


def expected(base: Base, made: list[Piece], exact: bool = True) -> Expected:
    """`exact`: what of the file can be read does not depend on the reader."""
    whole = frozenset(piece.frame.number for piece in made if piece.whole)
    there = frozenset(piece.frame.number for piece in made if piece.read)
    # Of a label that rests on several things all have to be there.
    must = base.labels - {one.label for one in base.evidence if not one.shown(whole, there)}
    if not _names_itself(base, whole):
        # Who is a third party can be told only beside whose the meeting is.
        must -= {Label.THIRD_PARTY}
    complete = len(whole) == len(base.frames)
    may = base.labels | base.scene.may | (frozenset() if complete else IN_DOUBT)
    if any(flow[1].address in PEOPLE or flow[2].address in PEOPLE for flow in base.protocols):
        # Who says that a private address is a participant's and no server's?
        may |= {Label.OUTSIDE_FENCE}
    may -= must
    if not any(one.label is Label.NO_SECOND_LAYER for one in base.evidence):
        # Without media it is idle, but not false, to say that no second layer was seen, unless one was.
        may |= frozenset() if base.sealed else {Label.NO_SECOND_LAYER} - must
    counts = len(made) if exact else None
    table = flows(base, made) if exact else None
    return Expected(must, frozenset(may), table, counts, 0 if exact else None)


def _names_itself(base: Base, whole: frozenset[int]) -> bool:
    """Whether a flow is whole that says the name of one of the meeting's own sites."""
    names = {key: facts.get("server_name", facts.get("name", "")) for key, facts in base.facts.items()}
    missing = {frame.key for frame in base.frames if frame.number not in whole}
    return any(f".{name}".endswith(f".{DOMAIN}") and key not in missing for key, name in names.items())


def finished(base: Base, mutation: str, made: list[Piece], form: Form, known: Expected) -> Capture:
    data, _ = written([piece.record for piece in made], form)
    suffix = (".pcapng" if form.ng else ".pcap") + (".gz" if form.compressed else "")
    name = f"{base.scene.name}-{mutation}" if mutation else base.scene.name
    return Capture(name, base.scene.name, mutation, data, suffix, base.me, known, base.receipt)


def clean_copy(base: Base, form: Form | None = None) -> Capture:
    """The scene as it is."""
    form = form or Form()
    made = clocked(pieces(base), form)
    return finished(base, "", made, form, expected(base, made))
