"""The same scenes as other recorders would have written them, and as accidents leave them. Each mutant knows what
must still be found.
Not here: file formats, scenes."""

from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from . import accidents
from .capture import Base, Capture, Piece, clocked, expected, finished, pieces, played
from .files import Form, Link, written
from .labels import WITH_RECEIPT, Expected, Label
from .world import IPV4, IPV6, Network

PLAIN = Form()


@dataclass(frozen=True, slots=True)
class Mutation:
    """`change`: of the packets; `form`: of the file; `spoil`: of the file's bytes, after which nobody can say which
    packets are read. `network`: on which the scene is played."""

    name: str
    about: str
    form: Form = PLAIN
    change: accidents.Change | None = None
    spoil: Callable[[bytes, Random], bytes] | None = None
    network: Network = IPV4


NS, BIG, NG = Form(nanoseconds=True), Form(order=">"), Form(ng=True)
CARD, LARGE = Form(nanoseconds=True), Network(segment=8000)
ALL = Form(ng=True, nanoseconds=True, vlans=(101,), others=(Link.RAW, Link.COOKED_2), compressed=True)
STORM = accidents.each(accidents.resent, accidents.duplicated, accidents.in_time, accidents.fragmented(600, True))
MANY = Form(ng=True, others=(Link.RAW, Link.COOKED_2))
MUTATIONS: dict[str, Mutation] = {
    one.name: one
    for one in (
        Mutation("v6", "IPv6", network=IPV6),
        Mutation("raw", "raw IP", Form(Link.RAW)),
        Mutation("raw-v6", "raw IP, IPv6", Form(Link.RAW), network=IPV6),
        Mutation("ipv4", "link type IPv4", Form(Link.IPV4)),
        Mutation("ipv6", "link type IPv6", Form(Link.IPV6), network=IPV6),
        Mutation("cooked", "Linux cooked, version 1", Form(Link.COOKED)),
        Mutation("cooked-2", "Linux cooked, version 2", Form(Link.COOKED_2)),
        Mutation("cooked-2-v6", "Linux cooked, version 2, IPv6", Form(Link.COOKED_2), network=IPV6),
        Mutation("null", "BSD loopback, little-endian", Form(Link.NULL)),
        Mutation("null-big", "BSD loopback, big-endian, IPv6", Form(Link.NULL, order=">"), network=IPV6),
        Mutation("loop", "OpenBSD loopback", Form(Link.LOOP)),
        Mutation("vlan", "one VLAN tag", Form(vlans=(101,))),
        Mutation("vlan-twice", "a service tag and a VLAN tag, IPv6", Form(vlans=(7, 101)), network=IPV6),
        Mutation("ns", "times in nanoseconds", NS),
        Mutation("big", "big-endian", BIG),
        Mutation("big-ns", "big-endian, nanoseconds", Form(order=">", nanoseconds=True)),
        Mutation("ng", "pcapng", NG),
        Mutation("ng-big", "pcapng, big-endian, nanoseconds", Form(ng=True, order=">", nanoseconds=True)),
        Mutation("ng-many", "pcapng, three interfaces of different links and clocks", MANY),
        Mutation("gz", "compressed by gzip", Form(compressed=True)),
        Mutation("ng-gz", "pcapng compressed by gzip", Form(ng=True, compressed=True)),
        Mutation("fragments", "IP fragments of 512 bytes", change=accidents.fragmented(512, False)),
        Mutation(
            "fragments-v6",
            "IPv6 fragments of 256 bytes, out of order",
            change=accidents.fragmented(256, True),
            network=IPV6,
        ),
        Mutation("reordered", "packets in another order than their times", change=accidents.reordered),
        Mutation("late", "packets that came in another order", change=accidents.in_time),
        Mutation("duplicated", "a quarter of the packets twice", change=accidents.duplicated),
        Mutation("twice", "every packet twice", change=accidents.all_twice),
        Mutation("snaplen-96", "96 bytes of each packet", Form(snaplen=96)),
        Mutation("snaplen-96-ng", "96 bytes of each packet, pcapng, cooked", Form(Link.COOKED, snaplen=96, ng=True)),
        Mutation("middle", "the first third is missing", change=accidents.from_the_middle),
        Mutation("lossy", "one packet in twelve is missing", change=accidents.lossy),
        Mutation("media-damaged", "wrong bytes in media and data", change=accidents.media_damaged),
        Mutation("resent", "TCP sends halves of segments again", change=accidents.resent),
        Mutation("segments", "TCP in segments of at most 200 bytes", network=Network(segment=200)),
        Mutation(
            "offload",
            "TCP in segments of 8000 bytes, no checksums of what goes out",
            CARD,
            accidents.unsummed,
            network=LARGE,
        ),
        Mutation("wraps", "numbers of TCP and RTP that wrap around", network=Network(wraps=True)),
        Mutation("options", "IPv4 options", change=accidents.optioned),
        Mutation("options-v6", "an IPv6 hop-by-hop header", change=accidents.optioned, network=IPV6),
        Mutation("ng-sections", "pcapng, two sections of different byte order", Form(ng=True, sections=True)),
        Mutation(
            "all",
            "pcapng, VLAN, three links, gzip, IPv6 fragments, late, duplicated, TCP halves",
            ALL,
            STORM,
            network=IPV6,
        ),
        Mutation("clock", "a clock that was set back", change=accidents.slow_clock),
        Mutation("cut", "the file ends anywhere", spoil=accidents.cut),
        Mutation("cut-ng", "a pcapng ends anywhere", NG, spoil=accidents.cut),
        Mutation("cut-gz", "a compressed file ends anywhere", Form(compressed=True), spoil=accidents.cut),
        Mutation("flipped", "wrong bytes anywhere", spoil=accidents.flipped),
        Mutation("flipped-ng", "wrong bytes anywhere in a pcapng", NG, spoil=accidents.flipped),
        Mutation("hole", "bytes missing in the middle of the file", spoil=accidents.hole),
    )
}


def mutant(base_name: str, mutation: str, seed: int = 1, variant: int = 0) -> Capture:
    """One mutant; the same for the same arguments. `variant`: another accident to the same scene."""
    chosen = MUTATIONS[mutation]
    base = played(base_name, seed, chosen.network)
    random = Random(f"{seed} {base_name} {mutation} {variant}")
    made = [piece for piece in pieces(base) if chosen.form.carries(piece.frame.ethertype)]
    if chosen.change:
        made = chosen.change(made, random)
    made = _fragments_agree([_snapped(piece, chosen.form) for piece in clocked(made, chosen.form)])
    capture = finished(base, mutation, made, chosen.form, expected(base, made))
    if chosen.spoil is accidents.cut and not chosen.form.compressed:
        return _Ending(base, made, capture, chosen.form).at(len(chosen.spoil(capture.data, random)))
    if chosen.change is accidents.slow_clock and base.receipt:
        # By times that are wrong nobody can hold a capture against a receipt.
        told = capture.expected
        told = replace(told, must=told.must - WITH_RECEIPT, may=told.may | WITH_RECEIPT)
        return replace(capture, expected=told)
    if chosen.spoil:
        lost = Expected(frozenset(), frozenset(Label), None, None, None)
        return replace(capture, data=chosen.spoil(capture.data, random), expected=lost)
    return capture


def _snapped(piece: Piece, form: Form) -> Piece:
    """Whole only if the snaplen left all of it."""
    room = form.snaplen - _heads(form)
    return replace(piece, whole=False) if len(piece.packet) > room else piece


def _heads(form: Form) -> int:
    sizes = {Link.ETHERNET: 14 + 4 * len(form.vlans), Link.COOKED: 16, Link.COOKED_2: 20, Link.NULL: 4, Link.LOOP: 4}
    return sizes.get(form.link, 0)


def _fragments_agree(made: list[Piece]) -> list[Piece]:
    """A frame is whole if all of its fragments are."""
    broken = {piece.frame.number for piece in made if not piece.whole}
    return [replace(piece, whole=False) if piece.frame.number in broken else piece for piece in made]


class _Ending:
    """A file of which only the beginning is there: what was written before the end is still read."""

    def __init__(self, base: Base, made: list[Piece], whole: Capture, form: Form) -> None:
        self.base, self.made, self.whole = base, made, whole
        _, self.ends = written([piece.record for piece in made], form)
        self._known: dict[int, Expected] = {}

    def at(self, size: int) -> Capture:
        count = bisect(self.ends, size)
        if count not in self._known:
            # Whether half a packet at the end counts as unreadable is the reader's choice.
            self._known[count] = replace(expected(self.base, self.made[:count]), unreadable=None)
        return replace(self.whole, data=self.whole.data[:size], expected=self._known[count])


def prefixes(base_name: str, form: Form = PLAIN, seed: int = 1) -> Iterator[Capture]:
    """A scene in a file that ends after each of its bytes. The file must not be compressed."""
    base = played(base_name, seed)
    made = [piece for piece in clocked(pieces(base), form) if form.carries(piece.frame.ethertype)]
    ending = _Ending(base, made, finished(base, "prefix", made, form, expected(base, made)), form)
    return map(ending.at, range(len(ending.whole.data)))


def mutants(base_name: str, seed: int = 1) -> Iterator[Capture]:
    return (mutant(base_name, mutation, seed) for mutation in MUTATIONS)
