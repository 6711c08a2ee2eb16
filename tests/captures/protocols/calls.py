"""Conversations that scenes are put together from: names looked up, pages, connectivity checks, relays, calls."""

from ..labels import Endpoint, Label, Need, Protocol
from ..trace import Stream, Trace
from ..world import ME, RESOLVER, TURN, Host
from . import dtls, media, small, stun, text, tls
from .media import Carry

LOGIN: stun.Attributes = [(stun.USERNAME, b"me"), (stun.REALM, b"meet.example"), (stun.NONCE, b"f00dfacef00dface")]


def lookup(trace: Trace, host: Host, alias: str = "", by_tcp: bool = False) -> None:
    kind = small.AAAA if trace.network.v6 else small.A
    me, resolver = trace.at(ME), trace.at(RESOLVER, 53)
    ident, address = trace.random.getrandbits(16), trace.network.address(host)
    asked, answered = small.question(ident, host.name, kind), small.answer(ident, host.name, address, alias)
    facts = {"name": host.name, "resolved": address}
    if by_tcp:
        stream = Stream(trace, me, resolver)
        stream.ask(tls.vector(2, asked), Protocol.DNS)
        stream.answer(tls.vector(2, answered), **facts)
        stream.close()
        return
    trace.udp(me, resolver, asked, Protocol.DNS)
    trace.wait(8)
    trace.udp(resolver, me, answered, **facts)
    trace.wait(2)


def page(trace: Trace, host: Host, talk: tls.Talk | None = None, *labels: Label, port: int = 443) -> None:
    """A name looked up, a TLS connection, a few exchanges. `labels`: what the handshake shows besides its version and
    certificate."""
    lookup(trace, host)
    talk = talk or tls.Talk(host.name)
    stream = secure(trace, trace.at(ME), trace.at(host, port), talk, *labels)
    tls.data(stream, [380, 2900, 120, 700], min(talk.version, tls.TLS12))
    stream.close()


def secure(trace: Trace, client: Endpoint, server: Endpoint, talk: tls.Talk, *labels: Label) -> Stream:
    found = list(labels)
    if talk.version < tls.TLS12:
        found.append(Label.OLD_TLS)
    if talk.version < tls.TLS13 and (talk.kind.hash != "sha256" or 0 < talk.kind.bits < 2048):
        found.append(Label.WEAK_CERTIFICATE)
    with trace.shows(*found, need=Need.ALL):
        stream = Stream(trace, client, server)
        tls.shake(stream, talk, f"{talk.name}")
    return stream


def contact(trace: Trace, host: Host, version: int = tls.TLS13) -> None:
    """A third party's machine."""
    page(trace, host, tls.Talk(host.name, version), Label.THIRD_PARTY)


def checks(trace: Trace, one: Endpoint, other: Endpoint, rounds: int = 1) -> None:
    """ICE connectivity checks in both directions."""
    random = trace.random
    users = [f"{random.getrandbits(20):05x}" for _ in range(2)]
    passwords = [f"{random.getrandbits(96):024x}".encode() for _ in range(2)]
    for _ in range(rounds):
        for number, (source, target) in enumerate(((one, other), (other, one))):
            user = f"{users[1 - number]}:{users[number]}"
            asked, ident = stun.check(random, user, passwords[1 - number], number == 0)
            trace.udp(source, target, asked, Protocol.STUN)
            trace.wait(12)
            trace.udp(target, source, stun.checked(ident, source, passwords[1 - number]))


def agreed(trace: Trace, one: Endpoint, other: Endpoint, terms: dtls.Terms) -> None:
    """Checks and the DTLS handshake, after which SRTP has keys."""
    checks(trace, one, other)
    dtls.shake(trace, one, other, terms)


def call(
    trace: Trace, one: Endpoint, other: Endpoint, terms: dtls.Terms, seconds: float = 1.2, with_video: bool = True
) -> None:
    """A whole call between two addresses by DTLS-SRTP."""
    agreed(trace, one, other, terms)
    media.play(trace, media.both_ways(trace, one, other, terms.profile, with_video), seconds)


class Relay:
    """An allocation at the TURN server, over UDP, TCP or TLS, and a channel to `peer` through it."""

    def __init__(self, trace: Trace, peer: Endpoint, over: str, host: Host = TURN) -> None:
        self.trace, self.over, self.peer = trace, over, peer
        self.me, self.server = trace.at(ME), trace.at(host, 5349 if over == "tls" else 3478)
        self.stream: Stream | None = None
        if over == "tcp":
            self.stream = Stream(trace, self.me, self.server)
        elif over == "tls":
            self.stream = secure(trace, self.me, self.server, tls.Talk(host.name, alpn=("stun.turn",), chosen=""))
        self.number = 0x4000 + trace.random.randrange(0xFFF)
        self.key = stun.long_term("me", "meet.example", "secret")
        self.facts = {"relayed_peer": str(peer)}
        self._allocate(trace.at(host, trace.random.randrange(49152, 65000)))

    def send(self, data: bytes, up: bool, *speaks: Protocol, soft: bool = False, **facts: str) -> None:
        if self.over == "udp":
            ends = (self.me, self.server) if up else (self.server, self.me)
            self.trace.udp(*ends, data, *speaks, soft=soft, **facts)
            return
        assert self.stream
        say = self.stream.ask if up else self.stream.answer
        if self.over == "tls":
            say(tls.record(tls.DATA, tls.TLS12, self.trace.bytes(len(data) + 17)), Protocol.TLS, soft=soft)
        else:
            say(data, *speaks, soft=soft, **facts)

    def _allocate(self, relayed: Endpoint) -> None:
        ident, transport = self.trace.bytes(12), (stun.TRANSPORT, b"\x11\0\0\0")
        self.send(stun.message(stun.ALLOCATE, ident, [transport]), True, Protocol.STUN, Protocol.TURN)
        refused = [(stun.ERROR_CODE, b"\0\0\4\1Unauthorized"), *LOGIN[1:]]
        self.send(stun.message(stun.ALLOCATE | stun.ERROR, ident, refused), False)
        ident = self.trace.bytes(12)
        given = [
            (stun.XOR_RELAYED, stun.xored(relayed, ident)),
            (stun.XOR_MAPPED, stun.xored(self.me, ident)),
            (stun.LIFETIME, b"\0\0\x02\x58"),
            (stun.SOFTWARE, b"Example 1.0"),
        ]
        self.send(stun.message(stun.ALLOCATE, ident, [transport, *LOGIN], self.key), True)
        self.send(stun.message(stun.ALLOCATE | stun.SUCCESS, ident, given, self.key), False)

    def bind(self) -> None:
        """A permission and a channel for the peer."""
        for method, number in ((stun.PERMISSION, b""), (stun.CHANNEL, self.number.to_bytes(2) + b"\0\0")):
            ident = self.trace.bytes(12)
            attributes = [(stun.XOR_PEER, stun.xored(self.peer, ident))]
            if number:
                attributes.insert(0, (stun.CHANNEL_NUMBER, number))
            facts = {} if self.over == "tls" else self.facts
            self.send(stun.message(method, ident, attributes + LOGIN, self.key), True, **facts)
            self.send(stun.message(method | stun.SUCCESS, ident, [], self.key), False)

    def carries(self, up: bool, indications: bool = False) -> Carry:
        """Media in channel data, or in indications."""

        def carry(data: bytes, speaks: tuple[Protocol, ...]) -> None:
            if indications:
                ident = self.trace.bytes(12)
                attributes = [(stun.XOR_PEER, stun.xored(self.peer, ident)), (stun.PEER_DATA, data)]
                kind = (stun.SEND if up else stun.DATA) | stun.INDICATION
                wrapped = stun.message(kind, ident, attributes, fingerprint=False)
            else:
                wrapped = stun.channel_data(self.number, data, self.over != "udp")
            self.send(wrapped, up, *speaks, soft=True)

        return carry


def websocket(trace: Trace, host: Host, messages: list[str], *labels: Label, deflate: bool = False) -> Stream:
    """In clear: opened, then messages, the first by the client, in turn. They show the labels."""
    lookup(trace, host)
    with trace.shows(*labels, need=Need.ALL):
        stream = Stream(trace, trace.at(ME), trace.at(host, 80))
        asked, answered = text.upgrade(trace.random, host.name, deflate)
        stream.ask(asked, Protocol.HTTP, Protocol.WEBSOCKET, server_name=host.name)
        stream.answer(answered)
        for number, message in enumerate(messages):
            own = number % 2 == 0
            say = stream.ask if own else stream.answer
            say(text.frame(trace.random, message, own, deflate))
    return stream
