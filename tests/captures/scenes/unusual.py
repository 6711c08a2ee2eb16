"""Calls of unusual kinds: begun before the capture, over ports and types of payload that few use, several at once."""

import struct

from ..capture import scene
from ..labels import Endpoint, Label, Protocol
from ..protocols import calls, codecs, dtls, ecb, media, rtp, small, stun, tls
from ..protocols.media import Carry, Leg
from ..trace import Stream, Trace
from ..world import BEIJING, BORIS, ME, SFU, SFU_2, TURN

P = rtp.Profile
CLEAR = (Label.MEDIA_IN_CLEAR, Label.CODEC_READABLE)


class Running(Stream):
    """A connection that was there before the capture."""

    def __init__(self, trace: Trace, client: Endpoint, server: Endpoint) -> None:
        self.trace, self.client, self.server, self.size = trace, client, server, trace.network.segment
        self.next = {end: trace.random.getrandbits(32) for end in (client, server)}


def _both(trace: Trace, one: Endpoint, other: Endpoint) -> list[tuple[Endpoint, Endpoint]]:
    return [(one, other), (other, one)]


@scene("clean", "calls-at-once", "two calls at the same time, with two forwarders")
def _(trace: Trace) -> None:
    legs = []
    for host in (SFU, SFU_2):
        me, sfu = trace.at(ME), trace.at(host, 10000)
        calls.agreed(trace, me, sfu, dtls.Terms())
        legs += media.both_ways(trace, me, sfu, P.GCM_128)
    media.play(trace, legs, 1.0)


@scene("weak", "calls-at-once-outside", "two calls at the same time, one of them outside the fence")
def _(trace: Trace) -> None:
    legs = []
    for host in (SFU, BEIJING):
        me, sfu = trace.at(ME), trace.at(host, 10000)
        calls.agreed(trace, me, sfu, dtls.Terms())
        legs += media.both_ways(trace, me, sfu, P.CM_80)
    media.play(trace, legs, 1.0)


def _ports_apart(trace: Trace, sealed: bool, *labels: Label) -> None:
    """RTCP on the next port (RFC 3550 section 11), sound and picture on ports of their own."""
    for port, source, codec, every in (
        (40000, media.audio(trace), codecs.opus, 20),
        (40002, media.video(trace), codecs.vp8, 50),
    ):
        me, sfu = trace.at(ME, port), trace.at(SFU, port)
        reports = trace.at(ME, port + 1), trace.at(SFU, port + 1)
        ciphers = []
        for one, other in ((me, sfu), reports) if sealed else ():
            calls.agreed(trace, one, other, dtls.Terms(profile=P.CM_80))
        legs = []
        for ends in _both(trace, me, sfu):
            cipher = media.sealer(trace, P.CM_80) if sealed else None
            ciphers.append(cipher)
            carry = media.by_udp(trace, *ends)
            legs.append(Leg(carry, source, codec(trace.random), every, cipher, control=False))
            source = rtp.Source(source.ssrc ^ 0x5A5A00, source.kind, source.step, 77, 12345)
        for _ in range(4):
            media.play(trace, legs, 0.4, *labels)
            for number, ends in enumerate(_both(trace, *reports)):
                report = rtp.sender_report(legs[number].source, trace.now, "anna@example")
                cipher = ciphers[number]
                report = cipher.rtcp(report) if cipher else report
                trace.udp(*ends, report, Protocol.SRTCP if sealed else Protocol.RTCP, soft=True)


@scene("clean", "rtcp-apart", "RTCP on ports of its own, a handshake of DTLS on each; sound and picture apart")
def _(trace: Trace) -> None:
    _ports_apart(trace, True)


@scene("weak", "clear-rtcp-apart", "the same in clear")
def _(trace: Trace) -> None:
    _ports_apart(trace, False, *CLEAR)


@scene("clean", "odd-types", "SRTP with types of payload that few use (19, 35, 63, 127), changed in mid-call")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    calls.agreed(trace, me, sfu, dtls.Terms())
    legs = []
    for number, ends in enumerate(_both(trace, me, sfu)):
        carry, cipher = media.by_udp(trace, *ends), media.sealer(trace, P.GCM_128)
        legs.append(Leg(carry, media.audio(trace, (63, 35)[number]), codecs.opus(trace.random), 20, cipher))
        legs.append(Leg(carry, media.video(trace, (127, 19)[number]), codecs.vp8(trace.random), 66, cipher))
    media.play(trace, legs, 0.6)
    legs[0].source.kind, legs[1].source.kind = 36, 126
    media.play(trace, legs, 0.6)


@scene("weak", "clear-odd-type", "Opus in RTP with the type of payload 45")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    legs = [
        Leg(media.by_udp(trace, *ends), media.audio(trace, 45), codecs.opus(trace.random), 20)
        for ends in _both(trace, me, sfu)
    ]
    media.play(trace, legs, 1.4, *CLEAR)


@scene("weak", "clear-tones", "G.711 in RTP, and between it comfort noise (13) and pressed keys (RFC 4733)")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME, 40000), trace.at(SFU, 40002)
    legs = [
        Leg(media.by_udp(trace, *ends), media.audio(trace, 0, 160), codecs.g711(trace.random), 20)
        for ends in _both(trace, me, sfu)
    ]
    for digit in range(4):
        media.play(trace, legs, 0.5, *CLEAR)
        source = legs[0].source
        for kind, payload in ((13, b"\x48"), *((101, struct.pack("!BBH", digit, 10, 160 * at)) for at in range(1, 6))):
            source.kind = kind
            legs[0].carry(source.header(payload, kind == 101, kind == 13) + payload, (Protocol.RTP,))
            trace.wait(20)
        source.kind = 0


def _resumed(trace: Trace, profile: rtp.Profile | None, *labels: Label) -> None:
    """A capture that begins while a call goes on: no handshake, no key frame, checks only as consent goes on."""
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    legs = media.both_ways(trace, me, sfu, profile)
    for leg in legs[1::2]:
        for _ in range(40):
            next(leg.codec)
    media.play(trace, legs, 0.8, *labels)
    calls.checks(trace, me, sfu)
    media.play(trace, legs, 0.8, *labels)


@scene("clean", "mid-call", "a capture that begins in mid-call: SRTP without any handshake")
def _(trace: Trace) -> None:
    _resumed(trace, P.CM_80)


@scene("weak", "clear-mid-call", "a capture that begins in mid-call, in clear")
def _(trace: Trace) -> None:
    _resumed(trace, None, *CLEAR)


@scene(
    "clean",
    "mid-turn",
    "a capture that begins in mid-call through TURN: SRTP in channels that nobody was seen to ask for",
)
def _(trace: Trace) -> None:
    me, server = trace.at(ME), trace.at(TURN, 3478)

    def channel(source: Endpoint, target: Endpoint) -> Carry:
        def carry(data: bytes, speaks: tuple[Protocol, ...]) -> None:
            wrapped = stun.channel_data(0x4001, data, False)
            trace.udp(source, target, wrapped, Protocol.TURN, *speaks, soft=True)

        return carry

    legs = []
    for ends in _both(trace, me, server):
        carry, cipher = channel(*ends), media.sealer(trace, P.GCM_256)
        legs.append(Leg(carry, media.audio(trace), codecs.opus(trace.random), 20, cipher))
        legs.append(Leg(carry, media.video(trace), codecs.h264(trace.random), 66, cipher))
    media.play(trace, legs, 1.2)


@scene("clean", "mid-tls", "a capture that begins in mid-call: signalling by a connection of TLS that was there before")
def _(trace: Trace) -> None:
    stream = Running(trace, trace.at(ME), trace.at(SFU, 443))
    stream.note(Protocol.TLS)
    for _ in range(4):
        tls.data(stream, [180, 240])
    legs = media.both_ways(trace, trace.at(ME), trace.at(SFU, 10000), P.GCM_128)
    media.play(trace, legs, 1.0)
    tls.data(stream, [90, 2400])


@scene("clean", "turn-tls-443", "a relay inside of TLS on port 443 that announces nothing, and all media through it")
def _(trace: Trace) -> None:
    calls.lookup(trace, TURN)
    stream = calls.secure(trace, trace.at(ME), trace.at(TURN, 443), tls.Talk(TURN.name, tls.TLS12, 0, (), ""))
    for number in range(160):
        size = trace.random.randrange(90, 190) if number % 3 else trace.random.randrange(700, 1200)
        say = stream.ask if number % 2 else stream.answer
        say(tls.record(tls.DATA, tls.TLS12, trace.bytes(size)), soft=True)
        trace.wait(8)


@scene("clean", "ice-tcp", "a call over TCP, each packet behind its length (RFC 4571, RFC 6544)")
def _(trace: Trace) -> None:
    stream = Stream(trace, trace.at(ME), trace.at(SFU, 443))
    password = trace.bytes(12).hex().encode()
    asked, ident = stun.check(trace.random, "9bd2:7f3c", password, True)
    stream.ask(tls.vector(2, asked), Protocol.STUN)
    stream.answer(tls.vector(2, stun.checked(ident, stream.client, password)))
    legs = []
    for say in (stream.ask, stream.answer):

        def carry(data: bytes, speaks: tuple[Protocol, ...], say=say) -> None:
            say(tls.vector(2, data), *speaks, soft=True)

        legs.append(Leg(carry, media.audio(trace), codecs.opus(trace.random), 20, media.sealer(trace, P.GCM_128)))
    media.play(trace, legs, 1.2)


@scene("clean", "one-way", "only what comes in was captured, as at a mirrored port")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    cipher = media.sealer(trace, P.CM_80)
    carry = media.by_udp(trace, sfu, me)
    legs = [
        Leg(carry, media.audio(trace), codecs.opus(trace.random), 20, cipher),
        Leg(carry, media.video(trace), codecs.vp8(trace.random), 50, cipher),
    ]
    media.play(trace, legs, 1.4)


@scene("clean", "simulcast", "three sizes of one picture, what is sent again, and repair: seven sources in SRTP")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    calls.agreed(trace, me, sfu, dtls.Terms())
    carry, cipher = media.by_udp(trace, me, sfu), media.sealer(trace, P.GCM_128)
    legs = [Leg(carry, media.audio(trace), codecs.opus(trace.random), 20, cipher)]
    for kind, every in ((96, 33), (96, 66), (96, 133), (97, 200), (97, 250), (49, 300)):
        legs.append(Leg(carry, media.video(trace, kind), codecs.vp8(trace.random), every, cipher, control=False))
    back = media.by_udp(trace, sfu, me)
    legs.append(Leg(back, media.audio(trace), codecs.opus(trace.random), 20, media.sealer(trace, P.GCM_128)))
    media.play(trace, legs, 1.4)


@scene(
    "clean",
    "mixer",
    "a mixer's sound in SRTP: the sources that it mixed in the header, an extension of two-byte elements",
)
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    calls.agreed(trace, me, sfu, dtls.Terms())
    mixed = struct.pack("!III", *(trace.random.getrandbits(32) for _ in range(3)))
    source, payloads, cipher = media.audio(trace), codecs.opus(trace.random), media.sealer(trace, P.CM_80)
    back = media.both_ways(trace, me, sfu, P.CM_80, with_video=False)[:1]
    for number in range(70):
        media.play(trace, back, 0.02)
        payload, *_ = next(payloads)
        header = source.header(payload)
        # RFC 8285 section 4.3.
        elements = struct.pack("!HHBBBB", 0x1000, 2, 1, 1, 0x30 + number % 9, 0) + b"\x05\x02\xab\xcd"
        header = bytes([0x93]) + header[1:] + mixed + elements
        trace.udp(sfu, me, cipher.rtp(header, payload), Protocol.SRTP, soft=True)


@scene("weak", "ecb-in-turn", "AES-ECB through a relay: each payload behind a header of 4 bytes, in channels")
def _(trace: Trace) -> None:
    relay = calls.Relay(trace, trace.at(BORIS), "udp")
    relay.bind()
    legs = []
    for up in (True, False):
        pictures = ecb.pictures(trace.random, trace.bytes(16))
        legs.append(Leg(relay.carries(up), media.video(trace, 98), pictures, 66, control=False))
    media.play(trace, legs, 2.0, Label.ECB)


@scene(
    "clean",
    "sframe-mid-call",
    "a capture that begins in mid-call: SFrame that has counted to a million, type of payload 37",
)
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME, 40000), trace.at(SFU, 40002)
    legs = []
    for ends in _both(trace, me, sfu):
        layer = small.SFrame(trace.bytes(16), trace.random.getrandbits(14) | 0x100)
        layer.count = 1_000_000 + trace.random.randrange(5000)
        carry, source = media.by_udp(trace, *ends), media.audio(trace, 37)
        legs.append(Leg(carry, source, codecs.opus(trace.random), 20, None, layer.sealed, (Protocol.SFRAME,)))
    media.play(trace, legs, 1.2, second_layer=True)
