"""Media in time: who sends which codec to whom, under which cipher, in which wrapping.
Not here: how the ends agreed on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..labels import Endpoint, Label, Need, Protocol
from ..trace import Trace
from . import codecs, rtp
from .rtp import Sealer, Source

Carry = Callable[[bytes, tuple[Protocol, ...]], None]
Change = Callable[[bytes], bytes]


def by_udp(trace: Trace, source: Endpoint, target: Endpoint) -> Carry:
    def carry(data: bytes, speaks: tuple[Protocol, ...]) -> None:
        trace.udp(source, target, data, *speaks, soft=True)

    return carry


@dataclass(slots=True)
class Leg:
    """One stream in one direction. `every`: ms between frames. `change`: what is done to each payload first; with
    `speaks`, what it makes of the flow. `resend`: each so many-th packet goes out twice as it is."""

    carry: Carry
    source: Source
    codec: codecs.Packets
    every: float
    sealer: Sealer | None = None
    change: Change | None = None
    speaks: tuple[Protocol, ...] = ()
    control: bool = True
    resend: int = 0
    name: str = "anna@192.168.1.23"
    _count: int = field(default=0, init=False)

    @property
    def _kind(self) -> tuple[Protocol, ...]:
        return (Protocol.SRTP if self.sealer else Protocol.RTP, *self.speaks)

    def frame(self, trace: Trace) -> None:
        """Sends all packets of the next frame, and a report after each 40th."""
        while True:
            payload, marker, last = next(self.codec)
            payload = self.change(payload) if self.change else payload
            header = self.source.header(payload, marker, last)
            packet = self.sealer.rtp(header, payload) if self.sealer else header + payload
            self.carry(packet, self._kind)
            self._count += 1
            if self.resend and self._count % self.resend == 0:
                self.carry(packet, self._kind)
            if self.control and self._count % 40 == 10:
                report = rtp.sender_report(self.source, trace.now, self.name)
                report = self.sealer.rtcp(report) if self.sealer else report
                self.carry(report, (Protocol.SRTCP if self.sealer else Protocol.RTCP,))
            if last:
                return


def audio(trace: Trace, kind: int = 111, step: int = 960, extensions: dict[int, bytes] | None = None) -> Source:
    return _source(trace, kind, step, extensions)


def video(trace: Trace, kind: int = 96, extensions: dict[int, bytes] | None = None) -> Source:
    return _source(trace, kind, 3000, extensions)


def _source(trace: Trace, kind: int, step: int, extensions: dict[int, bytes] | None) -> Source:
    draw = trace.random.getrandbits
    sequence = 65530 if trace.network.wraps else draw(15)
    stamp = (1 << 32) - 5 * step if trace.network.wraps else draw(32)
    return Source(draw(32) | 1, kind, step, sequence, stamp, extensions or {})


def sealer(trace: Trace, profile: rtp.Profile, mki: bytes = b"") -> Sealer:
    """With keys nobody knows."""
    return Sealer(profile, trace.bytes(profile.key), trace.bytes(profile.salt), mki)


def play(trace: Trace, legs: list[Leg], seconds: float, *labels: Label, second_layer: bool = False) -> None:
    """All legs at once. Nine in ten of what is sent show the labels, and that no second layer is seen."""
    shown = labels if second_layer else (*labels, Label.NO_SECOND_LAYER)
    with trace.shows(*shown, need=Need.MOST):
        start = trace.now
        due = [start + int(number * 3e6) for number in range(len(legs))]
        while min(due) < start + seconds * 1e9:
            number = due.index(min(due))
            trace.now = max(trace.now, due[number])
            legs[number].frame(trace)
            due[number] += int(legs[number].every * 1e6)


def both_ways(
    trace: Trace, one: Endpoint, other: Endpoint, profile: rtp.Profile | None, with_video: bool = True
) -> list[Leg]:
    """Opus and VP8 in both directions on one flow; in clear without a profile."""
    legs = []
    for source, target in ((one, other), (other, one)):
        carry = by_udp(trace, source, target)
        cipher = sealer(trace, profile) if profile else None
        legs.append(Leg(carry, audio(trace, extensions={1: b"\x30"}), codecs.opus(trace.random), 20, cipher))
        if with_video:
            legs.append(Leg(carry, video(trace), codecs.vp8(trace.random), 66, cipher))
    return legs


def counted(payloads: Iterator[bytes]) -> codecs.Packets:
    """Payloads that are each a frame of their own."""
    return ((payload, False, True) for payload in payloads)
