"""The same scenes as other recorders would have written them, and as accidents leave them. Each mutant knows what
must still be found.
Not here: file formats, scenes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from . import packets
from .capture import Base, Capture, Piece, clocked, expected, finished, pieces, played
from .files import Form, Link, written
from .labels import Expected, Label
from .world import IPV4, IPV6

PLAIN = Form()
Change = Callable[[list[Piece], Random], list[Piece]]


@dataclass(frozen=True, slots=True)
class Mutation:
    """`change`: of the packets; `form`: of the file; `spoil`: of the file's bytes, after which nobody can say which
    packets are read. `v6`: the scene is played with IPv6."""

    name: str
    about: str
    form: Form = PLAIN
    change: Change | None = None
    spoil: Callable[[bytes, Random], bytes] | None = None
    v6: bool = False


def _reordered(made: list[Piece], random: Random) -> list[Piece]:
    """Neighbours change places, some packets come up to three later; times go with their packets. What opens a TCP
    connection stays first."""
    made = list(made)
    for at in range(len(made) - 1):
        if random.random() < 0.2:
            to = min(at + random.randrange(1, 4), len(made) - 1)
            if not any(_opens(piece) for piece in made[at : to + 1]):
                made.insert(to, made.pop(at))
    return made


def _opens(piece: Piece) -> bool:
    """Whether it is a SYN, or an ACK without data, by which a connection opens."""
    key = piece.frame.key
    return key is not None and key[0] == "tcp" and piece.payload == 0


def _in_time(made: list[Piece], random: Random) -> list[Piece]:
    """Reordered on the way: each packet has the time at which it came."""
    times = [piece.at for piece in made]
    return [replace(piece, at=at) for piece, at in zip(_reordered(made, random), times, strict=True)]


def _duplicated(made: list[Piece], random: Random) -> list[Piece]:
    """Every fourth packet or so is there twice, as where two ports of a switch are watched."""
    doubled: list[Piece] = []
    for piece in made:
        doubled.append(piece)
        if random.random() < 0.25:
            doubled.append(replace(piece, at=piece.at + 7000))
    return doubled


def _all_twice(made: list[Piece], random: Random) -> list[Piece]:
    return [replace(piece, at=piece.at + more) for piece in made for more in (0, 3000)]


def _fragmented(size: int, shuffled: bool) -> Change:
    def change(made: list[Piece], random: Random) -> list[Piece]:
        cut: list[Piece] = []
        for number, piece in enumerate(made):
            if piece.frame.key is None:
                cut.append(piece)
                continue
            head = 8 if piece.frame.key[0] == "udp" else 0
            parts = packets.fragments(piece.packet, size, 0x4000 + number)
            total = len(parts) > 1
            some = []
            for at, part in enumerate(parts):
                header = 20 if part[0] >> 4 == 4 else 48
                inside = len(part) - header - (head if at == 0 else 0)
                counted = inside if total else piece.payload
                some.append(replace(piece, packet=part, payload=counted, at=piece.at + at, first=at == 0))
            if total and head == 0:
                # Of TCP the first fragment has the header, whose length is in it.
                some[0] = replace(some[0], payload=piece.payload - sum(one.payload for one in some[1:]))
            if shuffled:
                random.shuffle(some)
            cut += some
        return cut

    return change


def _from_the_middle(made: list[Piece], random: Random) -> list[Piece]:
    """Recording began when the call had begun."""
    return made[len(made) // 3 :]


def _lossy(made: list[Piece], random: Random) -> list[Piece]:
    """The recorder missed one packet in twelve."""
    return [piece for piece in made if random.random() > 1 / 12]


def _media_damaged(made: list[Piece], random: Random) -> list[Piece]:
    """In every fifteenth packet of media or data some bytes of the payload are wrong."""
    return [_damaged(piece, random) if piece.frame.soft and random.random() < 1 / 15 else piece for piece in made]


def _damaged(piece: Piece, random: Random) -> Piece:
    packet, start = bytearray(piece.packet), len(piece.packet) - piece.payload
    if piece.payload < 20:
        return piece
    for _ in range(random.randrange(1, 6)):
        # Past the first bytes, so that it stays a packet of its protocol.
        packet[random.randrange(start + 16, len(packet))] ^= random.randrange(1, 256)
    return replace(piece, packet=bytes(packet), whole=False)


def _slow_clock(made: list[Piece], random: Random) -> list[Piece]:
    """A clock that was set back twice while it recorded."""
    steps = (len(made) // 3, 2 * len(made) // 3)
    hour = 3_600_000_000_000
    return [replace(one, at=one.at - hour * sum(at >= step for step in steps)) for at, one in enumerate(made)]


def _cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(30, len(data))]


def _flipped(data: bytes, random: Random) -> bytes:
    """Wrong bytes anywhere behind the file's own header: in records' headers, in packets'."""
    spoilt = bytearray(data)
    for _ in range(max(4, len(data) // 2000)):
        spoilt[random.randrange(24, len(data))] = random.randrange(256)
    return bytes(spoilt)


def _hole(data: bytes, random: Random) -> bytes:
    """Some hundred bytes are missing in the middle, as after a full disk."""
    at = random.randrange(len(data) // 3, len(data) // 2)
    return data[:at] + data[at + random.randrange(40, 400) :]


NS, BIG, NG = Form(nanoseconds=True), Form(order=">"), Form(ng=True)
MANY = Form(ng=True, others=(Link.RAW, Link.COOKED_2))
MUTATIONS: dict[str, Mutation] = {
    one.name: one
    for one in (
        Mutation("v6", "IPv6", v6=True),
        Mutation("raw", "raw IP", Form(Link.RAW)),
        Mutation("raw-v6", "raw IP, IPv6", Form(Link.RAW), v6=True),
        Mutation("ipv4", "link type IPv4", Form(Link.IPV4)),
        Mutation("ipv6", "link type IPv6", Form(Link.IPV6), v6=True),
        Mutation("cooked", "Linux cooked, version 1", Form(Link.COOKED)),
        Mutation("cooked-2", "Linux cooked, version 2", Form(Link.COOKED_2)),
        Mutation("cooked-2-v6", "Linux cooked, version 2, IPv6", Form(Link.COOKED_2), v6=True),
        Mutation("null", "BSD loopback, little-endian", Form(Link.NULL)),
        Mutation("null-big", "BSD loopback, big-endian, IPv6", Form(Link.NULL, order=">"), v6=True),
        Mutation("loop", "OpenBSD loopback", Form(Link.LOOP)),
        Mutation("vlan", "one VLAN tag", Form(vlans=(101,))),
        Mutation("vlan-twice", "a service tag and a VLAN tag, IPv6", Form(vlans=(7, 101)), v6=True),
        Mutation("ns", "times in nanoseconds", NS),
        Mutation("big", "big-endian", BIG),
        Mutation("big-ns", "big-endian, nanoseconds", Form(order=">", nanoseconds=True)),
        Mutation("ng", "pcapng", NG),
        Mutation("ng-big", "pcapng, big-endian, nanoseconds", Form(ng=True, order=">", nanoseconds=True)),
        Mutation("ng-many", "pcapng, three interfaces of different links and clocks", MANY),
        Mutation("gz", "compressed by gzip", Form(compressed=True)),
        Mutation("ng-gz", "pcapng compressed by gzip", Form(ng=True, compressed=True)),
        Mutation("fragments", "IP fragments of 512 bytes", change=_fragmented(512, False)),
        Mutation("fragments-v6", "IPv6 fragments of 256 bytes, out of order", change=_fragmented(256, True), v6=True),
        Mutation("reordered", "packets in another order than their times", change=_reordered),
        Mutation("late", "packets that came in another order", change=_in_time),
        Mutation("duplicated", "a quarter of the packets twice", change=_duplicated),
        Mutation("twice", "every packet twice", change=_all_twice),
        Mutation("snaplen-96", "96 bytes of each packet", Form(snaplen=96)),
        Mutation("snaplen-96-ng", "96 bytes of each packet, pcapng, cooked", Form(Link.COOKED, snaplen=96, ng=True)),
        Mutation("middle", "the first third is missing", change=_from_the_middle),
        Mutation("lossy", "one packet in twelve is missing", change=_lossy),
        Mutation("media-damaged", "wrong bytes in media and data", change=_media_damaged),
        Mutation("clock", "a clock that was set back", change=_slow_clock),
        Mutation("cut", "the file ends anywhere", spoil=_cut),
        Mutation("cut-ng", "a pcapng ends anywhere", NG, spoil=_cut),
        Mutation("cut-gz", "a compressed file ends anywhere", Form(compressed=True), spoil=_cut),
        Mutation("flipped", "wrong bytes anywhere", spoil=_flipped),
        Mutation("flipped-ng", "wrong bytes anywhere in a pcapng", NG, spoil=_flipped),
        Mutation("hole", "bytes missing in the middle of the file", spoil=_hole),
    )
}


def mutant(base_name: str, mutation: str, seed: int = 1) -> Capture:
    """One mutant; the same for the same arguments."""
    chosen = MUTATIONS[mutation]
    base = played(base_name, seed, IPV6 if chosen.v6 else IPV4)
    random = Random(f"{seed} {base_name} {mutation}")
    made = [piece for piece in pieces(base) if chosen.form.carries(piece.frame.ethertype)]
    whole = len(made) == len(base.frames)
    if chosen.change:
        made = chosen.change(made, random)
    made = [_snapped(piece, chosen.form) for piece in clocked(made, chosen.form)]
    if chosen.change and "fragments" in mutation:
        made = _reassembled(made)
    known = expected(base, made)
    if not whole:
        known = replace(known, packets=len(made))
    capture = finished(base, mutation, made, chosen.form, known)
    if chosen.spoil:
        capture = _spoilt(base, capture, made, chosen, random)
    return capture


def _snapped(piece: Piece, form: Form) -> Piece:
    """Whole only if the snaplen left all of it."""
    room = form.snaplen - _heads(form)
    return replace(piece, whole=False) if len(piece.packet) > room else piece


def _heads(form: Form) -> int:
    sizes = {Link.ETHERNET: 14 + 4 * len(form.vlans), Link.COOKED: 16, Link.COOKED_2: 20, Link.NULL: 4, Link.LOOP: 4}
    return sizes.get(form.link, 0)


def _reassembled(made: list[Piece]) -> list[Piece]:
    """A frame is whole if all of its fragments are."""
    broken = {piece.frame.number for piece in made if not piece.whole}
    return [replace(piece, whole=piece.frame.number not in broken) for piece in made]


def _spoilt(base: Base, capture: Capture, made: list[Piece], chosen: Mutation, random: Random) -> Capture:
    data = chosen.spoil(capture.data, random) if chosen.spoil else capture.data
    if chosen.spoil is _cut and not chosen.form.compressed:
        # What was written before the cut is still read.
        _, ends = written([piece.record for piece in made], chosen.form)
        known = expected(base, [piece for piece, end in zip(made, ends, strict=True) if end <= len(data)])
        return replace(capture, data=data, expected=replace(known, unreadable=None))
    lost = Expected(frozenset(), frozenset(Label), None, None, None)
    return replace(capture, data=data, expected=lost)


def mutants(base_name: str, seed: int = 1) -> Iterator[Capture]:
    for mutation in MUTATIONS:
        yield mutant(base_name, mutation, seed)
