"""Calls and what surrounds them, done well: nothing is to be named but that no second layer was seen."""

import json

from ..capture import scene
from ..labels import Protocol
from ..protocols import calls, codecs, dtls, media, quic, rtp, small, stun, text, tls
from ..protocols.certificates import Kind
from ..protocols.media import Leg
from ..trace import Trace
from ..world import ANNA, BORIS, ME, SFU, SFU_2, SIGNALLING, TURN, WEB
from .weak_signalling import by_sip, http

P = rtp.Profile
TERMS = {
    "srtp-cm-80": ("AES-CM with 80-bit tags, DTLS 1.2", dtls.Terms(profile=P.CM_80)),
    "srtp-gcm-128": ("AES-128-GCM, DTLS 1.2", dtls.Terms(profile=P.GCM_128)),
    "srtp-gcm-256": (
        "AES-256-GCM, DTLS 1.2, an RSA certificate",
        dtls.Terms(profile=P.GCM_256, kind=Kind(2048, self_signed=True)),
    ),
    "srtp-gcm-dtls-1.3": ("AES-128-GCM, DTLS 1.3", dtls.Terms(dtls.DTLS13, P.GCM_128)),
    "srtp-cm-80-dtls-1.3": ("AES-CM with 80-bit tags, DTLS 1.3", dtls.Terms(dtls.DTLS13, P.CM_80)),
    "srtp-32-not-chosen": (
        "tags of 32 bits were offered and not chosen",
        dtls.Terms(profile=P.CM_80, offered=(P.CM_32, P.CM_80)),
    ),
}
for _name, (_about, _terms) in TERMS.items():

    @scene("clean", _name, f"sound and picture through a forwarder: {_about}")
    def _(trace: Trace, terms: dtls.Terms = _terms) -> None:
        calls.call(trace, trace.at(ME), trace.at(SFU, 10000), terms)


@scene("clean", "srtp-two-people", "a call between two people on two networks, without a server for media")
def _(trace: Trace) -> None:
    calls.call(trace, trace.at(ME), trace.at(BORIS), dtls.Terms(profile=P.GCM_256))


@scene(
    "clean", "srtp-extensions", "header extensions that repeat: mid, level, transport-wide number; checks that go on"
)
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    calls.agreed(trace, me, sfu, dtls.Terms())
    legs = media.both_ways(trace, me, sfu, P.GCM_128)
    for number, leg in enumerate(legs):
        leg.source.extensions = {4: b"mid%d" % number, 1: b"\xb0", 3: b"\1\2", 5: b"rid-of-sixteen-b"}
    media.play(trace, legs, 0.6)
    calls.checks(trace, me, sfu, 2)
    media.play(trace, legs, 0.6)


@scene("clean", "srtp-mki", "SRTP with a master key identifier of 16 bytes at the end of each packet (RFC 3711)")
def _(trace: Trace) -> None:
    me, boris, mki = trace.at(ME, 40000), trace.at(BORIS, 40000), trace.bytes(16)
    legs = []
    for ends in ((me, boris), (boris, me)):
        cipher = media.sealer(trace, P.CM_80, mki)
        legs.append(Leg(media.by_udp(trace, *ends), media.audio(trace), codecs.opus(trace.random), 20, cipher))
    media.play(trace, legs, 1.2)


@scene("clean", "data-channel", "a data channel over DTLS 1.2 and no media")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    calls.agreed(trace, me, sfu, dtls.Terms())
    for number in range(1, 40):
        dtls.channel(trace, *((me, sfu) if number % 2 else (sfu, me)), number // 2 + 1, trace.random.randrange(60, 400))
        trace.wait(20)


def _relayed(name: str, about: str, over: str, indications: bool = False) -> None:
    @scene("clean", name, about)
    def _(trace: Trace) -> None:
        if over == "tls":
            calls.lookup(trace, TURN)
        relay = calls.Relay(trace, trace.at(BORIS), over)
        relay.bind()
        legs = []
        for up in (True, False):
            carry, cipher = relay.carries(up, indications), media.sealer(trace, P.GCM_128)
            legs.append(Leg(carry, media.audio(trace), codecs.opus(trace.random), 20, cipher))
            legs.append(Leg(carry, media.video(trace), codecs.vp8(trace.random), 66, cipher))
        if over == "tls":
            # What is in it cannot be told from any other TLS.
            for _ in range(60):
                for leg in legs:
                    leg.frame(trace)
                trace.wait(20)
            return
        media.play(trace, legs, 1.0)


_relayed("turn-udp", "SRTP in channel data over UDP", "udp")
_relayed("turn-udp-indications", "SRTP in send and data indications over UDP", "udp", True)
_relayed("turn-tcp", "SRTP in channel data over TCP", "tcp")
_relayed("turn-tls", "SRTP in channel data over TLS", "tls")


def _quic(name: str, about: str, terms: quic.Terms) -> None:
    @scene("clean", name, about)
    def _(trace: Trace) -> None:
        calls.lookup(trace, WEB)
        quic.talk(trace, trace.at(ME), trace.at(WEB, 443), terms)


_quic("quic-v1", "QUIC version 1", quic.Terms(WEB.name))
_quic("quic-v2", "QUIC version 2", quic.Terms(WEB.name, quic.V2))
_quic(
    "quic-long-hello", "a ClientHello over two packets, its pieces out of order", quic.Terms(WEB.name, long_hello=True)
)
_quic("quic-v2-long-hello", "the same in version 2", quic.Terms(WEB.name, quic.V2, long_hello=True))
_quic("quic-retry", "a Retry, after which keys are made anew", quic.Terms(WEB.name, retry=True))
_quic(
    "quic-negotiated",
    "a version that the server does not know, and its list of versions",
    quic.Terms(WEB.name, other=True),
)
_quic("quic-long-ids", "connection ids of 20 bytes, the same in every packet", quic.Terms(WEB.name, ids=(20, 20, 20)))


def _page(name: str, about: str, talk: tls.Talk) -> None:
    @scene("clean", name, about)
    def _(trace: Trace) -> None:
        calls.page(trace, WEB, talk)


_page("tls-1.3", "a page by TLS 1.3", tls.Talk(WEB.name))
_page("tls-1.3-long-hello", "a ClientHello longer than a segment", tls.Talk(WEB.name, long_hello=True))
_page("tls-1.2-ecdsa", "a page by TLS 1.2, P-256", tls.Talk(WEB.name, tls.TLS12))
_page("tls-1.2-rsa", "a page by TLS 1.2, RSA of 2048 bits", tls.Talk(WEB.name, tls.TLS12, kind=Kind(2048)))
_page("tls-no-alpn", "TLS 1.2 without ALPN", tls.Talk(WEB.name, tls.TLS12, 0, (), ""))


@scene("clean", "websocket-tls", "signalling by WebSocket over TLS 1.3")
def _(trace: Trace) -> None:
    calls.lookup(trace, SIGNALLING, "lb1.meet.example")
    stream = calls.secure(trace, trace.at(ME), trace.at(SIGNALLING, 443), tls.Talk(SIGNALLING.name, alpn=("http/1.1",)))
    tls.data(stream, [620, 180, *(trace.random.randrange(60, 900) for _ in range(20))])
    stream.close()


@scene("clean", "websocket-clear", "signalling by WebSocket without TLS that has fingerprints and no keys")
def _(trace: Trace) -> None:
    session = text.Session(
        trace.at(ME, 40000),
        profile="UDP/TLS/RTP/SAVPF",
        codecs=("111 opus/48000/2",),
        lines=(f"a=fingerprint:sha-256 {trace.bytes(32).hex(':').upper()}", "a=setup:actpass", "a=ice-ufrag:4b1f"),
    )
    messages = [json.dumps({"type": kind, "sdp": session.text()}) for kind in ("offer", "answer")]
    calls.websocket(trace, SIGNALLING, messages)
    calls.call(trace, trace.at(ME, 40000), trace.at(SFU, 10000), dtls.Terms())


@scene("clean", "sip-fingerprints", "SIP in clear that agrees on DTLS-SRTP: fingerprints and no keys")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME, 40000), trace.at(SFU, 10000)
    lines = (f"a=fingerprint:sha-256 {trace.bytes(32).hex(':').upper()}", "a=setup:actpass")
    opus = ("111 opus/48000/2",)
    sessions = [text.Session(end, profile="UDP/TLS/RTP/SAVP", codecs=opus, lines=lines) for end in (me, sfu)]
    by_sip(trace, *sessions, False)
    calls.call(trace, me, sfu, dtls.Terms(), with_video=False)


@scene("clean", "sip-tls", "SIP over TLS, and SRTP whose keys were agreed on there")
def _(trace: Trace) -> None:
    calls.page(trace, SIGNALLING, tls.Talk(SIGNALLING.name, tls.TLS12, 0, ("sip",), "sip"), port=5061)
    me, sfu = trace.at(ME, 40000), trace.at(SFU, 40002)
    media.play(trace, media.both_ways(trace, me, sfu, P.CM_80, with_video=False), 1.2)


@scene("clean", "http-page", "a page over HTTP/1.1 without TLS, nothing secret in it")
def _(trace: Trace) -> None:
    page = b"<!doctype html><title>Meet</title>" + b"<p>How to join a meeting.</p>" * 80
    exchanges = [
        (text.request("GET", path, WEB.name), text.response("200 OK", page, "text/html")) for path in ("/", "/help")
    ]
    http(trace, exchanges, host=WEB)


@scene("clean", "dns", "names looked up over UDP and TCP, with an alias, and no connection")
def _(trace: Trace) -> None:
    for host in (WEB, SIGNALLING, SFU, TURN):
        calls.lookup(trace, host)
    calls.lookup(trace, SFU_2, "edge-7.meet.example")
    calls.lookup(trace, TURN, by_tcp=True)


@scene(
    "clean",
    "stun-dialects",
    "keep-alives of Chromium (GOOG-PING) and attributes of Teams beside plain binding requests",
)
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 3478)
    calls.checks(trace, me, sfu)
    for number in range(12):
        ident = trace.bytes(12)
        if number % 2:
            asked = stun.message(stun.GOOG_PING << 2, ident, [], b"password")
            answered = stun.message(stun.GOOG_PING << 2 | stun.SUCCESS, ident, [], b"password")
        else:
            own = [(stun.MS_VERSION, b"\0\0\0\6"), (stun.MS_IMPLEMENTATION, b"\0\0\0\3")]
            asked = stun.message(stun.BINDING, ident, own)
            answered = stun.message(
                stun.BINDING | stun.SUCCESS, ident, [(stun.XOR_MAPPED, stun.xored(me, ident)), *own]
            )
        trace.udp(me, sfu, asked, Protocol.STUN)
        trace.wait(10)
        trace.udp(sfu, me, answered)
        trace.wait(400)


@scene("clean", "meeting", "a meeting of our own kind: page, signalling, checks, DTLS, a data channel, sealed media")
def _(trace: Trace) -> None:
    calls.page(trace, WEB)
    calls.lookup(trace, SIGNALLING)
    stream = calls.secure(trace, trace.at(ME), trace.at(SIGNALLING, 443), tls.Talk(SIGNALLING.name))
    tls.data(stream, [700, 4000, 300, 1200])
    me, sfu = trace.at(ME), trace.at(SFU, 8000)
    calls.agreed(trace, me, sfu, dtls.Terms(profile=P.GCM_256))
    for number in range(1, 6):
        dtls.channel(trace, me, sfu, number, 28)
        dtls.channel(trace, sfu, me, number, 28)
    legs = media.both_ways(trace, me, sfu, P.GCM_256)
    for leg in legs:
        leg.change = small.SFrame(trace.bytes(16), trace.random.getrandbits(20)).sealed
    media.play(trace, legs, 1.0)
    tls.data(stream, [80, 90])
    stream.close()


@scene("clean", "two-meetings", "two calls one after the other, with two forwarders, and somebody on the same network")
def _(trace: Trace) -> None:
    for host in (SFU, SFU_2, ANNA):
        calls.call(trace, trace.at(ME), trace.at(host, 10000), dtls.Terms(profile=P.GCM_256), 0.5)
        trace.wait(3000)


@scene("clean", "quiet", "a participant who muted: the same encoded silence every time, under SRTP")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    calls.agreed(trace, me, sfu, dtls.Terms(profile=P.CM_80))
    legs = [
        Leg(
            media.by_udp(trace, me, sfu),
            media.audio(trace),
            codecs.quiet_opus(trace.random),
            20,
            media.sealer(trace, P.CM_80),
        ),
        Leg(
            media.by_udp(trace, sfu, me),
            media.audio(trace, 0, 160),
            codecs.silence(trace.random),
            20,
            media.sealer(trace, P.CM_80),
        ),
    ]
    media.play(trace, legs, 1.2)
