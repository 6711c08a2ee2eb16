"""What a scene writes on: packets in time, and beside them what they show.
Not here: protocols, files."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from . import packets
from .labels import Endpoint, Evidence, Label, Need, Protocol
from .packets import ACK, FIN, PSH, SYN
from .world import ME, REFUSED, START, Host, Network

Key = tuple[str, Endpoint, Endpoint]


@dataclass(frozen=True, slots=True)
class Frame:
    """One packet. `number`: its place in the scene, kept by mutants; `soft`: damage to it changes no label but those
    that it is evidence of. `payload`: bytes behind the transport header. No `key`: it belongs to no flow."""

    number: int
    at: int
    packet: bytes
    outgoing: bool
    key: Key | None
    payload: int
    soft: bool
    ethertype: int


def key_of(transport: str, one: Endpoint, other: Endpoint) -> Key:
    """The same for both directions."""
    return (transport, *sorted((one, other)))


class Trace:
    """One capture in the making, at the network card of `me`."""

    def __init__(self, seed: str, network: Network) -> None:
        self.random = random.Random(seed)
        self.network = network
        self.now = START
        self.frames: list[Frame] = []
        self.evidence: list[Evidence] = []
        # Numbers of frames from or to an address that the fence refuses.
        self.outside: set[int] = set()
        self.protocols: dict[Key, set[Protocol]] = {}
        self.facts: dict[Key, dict[str, str]] = {}
        self._ident = self.random.getrandbits(16)

    def at(self, host: Host, port: int = 0) -> Endpoint:
        """Port 0: an ephemeral one."""
        return self.network.at(host, port or self.random.randrange(49152, 65000))

    def bytes(self, size: int) -> bytes:
        return self.random.randbytes(size)

    def wait(self, milliseconds: float) -> None:
        self.now += int(milliseconds * 1_000_000)

    def _add(self, source: Endpoint, target: Endpoint, transport: str, segment: bytes, payload: int, soft: bool) -> int:
        self._ident += 1
        number = packets.UDP if transport == "udp" else packets.TCP
        packet = packets.ip(source.address, target.address, number, segment, self._ident)
        outgoing = source.address == self.network.address(ME)
        kind = 0x86DD if self.network.v6 else 0x0800
        key = key_of(transport, source, target)
        if REFUSED & {source.address, target.address}:
            self.outside.add(len(self.frames))
        self.frames.append(Frame(len(self.frames), self.now, packet, outgoing, key, payload, soft, kind))
        self.wait(self.random.uniform(0.02, 0.4))
        return len(self.frames) - 1

    def udp(
        self, source: Endpoint, target: Endpoint, payload: bytes, *speaks: Protocol, soft: bool = False, **facts: str
    ) -> int:
        """Sends a datagram that shows that the flow speaks this. The number of its frame."""
        segment = packets.udp(source.address, source.port, target.address, target.port, payload)
        self.note("udp", source, target, *speaks, **facts)
        return self._add(source, target, "udp", segment, len(payload), soft)

    def link_only(self, ethertype: int, payload: bytes) -> None:
        """A frame that is not IP."""
        self.frames.append(Frame(len(self.frames), self.now, payload, False, None, 0, True, ethertype))
        self.wait(0.1)

    def icmp(self, source: str, target: str, kind: int, rest: bytes) -> None:
        """`kind`: type and code; `rest`: what comes behind the checksum."""
        number, message = packets.icmp(source, target, kind, rest)
        packet = packets.ip(source, target, number, message)
        kind = 0x86DD if self.network.v6 else 0x0800
        outgoing = source == self.network.address(ME)
        self.frames.append(Frame(len(self.frames), self.now, packet, outgoing, None, 0, True, kind))
        self.wait(0.1)

    def note(self, transport: str, one: Endpoint, other: Endpoint, *speaks: Protocol, **facts: str) -> None:
        key = key_of(transport, one, other)
        self.protocols.setdefault(key, set()).update(speaks)
        self.facts.setdefault(key, {}).update(facts)

    @contextmanager
    def shows(self, *labels: Label, need: Need = Need.ALL, headers: bool = False) -> Iterator[None]:
        """The frames that the body sends are the evidence of the labels."""
        before = len(self.frames)
        yield
        frames = frozenset(range(before, len(self.frames)))
        if any((self.frames[at].key or ("",))[0] == "tcp" for at in frames) and need is Need.MOST:
            # Behind a gap in a TCP stream nobody can go on reading.
            need = Need.ALL
        for label in labels:
            self.evidence.append(Evidence(label, frames, need, headers))

    def shown(self, label: Label, start: int, count: int) -> None:
        """So many frames from this number on show the label."""
        self.evidence.append(Evidence(label, frozenset(range(start, start + count)), Need.ALL))

    def refuse(self) -> None:
        """Any packet from or to an address that the fence refuses shows a contact with it."""
        self.evidence.append(Evidence(Label.OUTSIDE_FENCE, frozenset(self.outside), Need.ANY, headers=True))


class Stream:
    """A TCP connection. Both sides send at once what they are given, in segments, and acknowledge it."""

    def __init__(self, trace: Trace, client: Endpoint, server: Endpoint, size: int = 0) -> None:
        """`size`: of the longest segment; 0: as the network has it."""
        self.trace, self.client, self.server = trace, client, server
        self.size = size or trace.network.segment
        self.next = {
            end: (1 << 32) - 90 if trace.network.wraps else trace.random.getrandbits(32) for end in (client, server)
        }
        self._send(client, SYN)
        self._send(server, SYN | ACK)
        self._send(client, ACK)

    def _other(self, end: Endpoint) -> Endpoint:
        return self.server if end == self.client else self.client

    def _send(self, source: Endpoint, flags: int, payload: bytes = b"", soft: bool = False) -> None:
        target = self._other(source)
        acknowledged = self.next[target] if flags & ACK else 0
        segment = packets.tcp(
            source.address, source.port, target.address, target.port, self.next[source], acknowledged, flags, payload
        )
        self.trace._add(source, target, "tcp", segment, len(payload), soft)
        self.next[source] += len(payload) + bool(flags & (SYN | FIN))

    def say(self, source: Endpoint, payload: bytes, *speaks: Protocol, soft: bool = False, **facts: str) -> None:
        self.note(*speaks, **facts)
        for at in range(0, len(payload), self.size):
            last = at + self.size >= len(payload)
            self._send(source, ACK | (PSH if last else 0), payload[at : at + self.size], soft)
        self._send(self._other(source), ACK, soft=soft)

    def ask(self, payload: bytes, *speaks: Protocol, soft: bool = False, **facts: str) -> None:
        """From the client."""
        self.say(self.client, payload, *speaks, soft=soft, **facts)

    def answer(self, payload: bytes, *speaks: Protocol, soft: bool = False, **facts: str) -> None:
        """From the server."""
        self.say(self.server, payload, *speaks, soft=soft, **facts)

    def note(self, *speaks: Protocol, **facts: str) -> None:
        self.trace.note("tcp", self.client, self.server, *speaks, **facts)

    def close(self) -> None:
        self._send(self.client, FIN | ACK)
        self._send(self.server, FIN | ACK)
        self._send(self.client, ACK)
