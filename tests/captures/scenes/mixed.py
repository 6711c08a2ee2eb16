"""Several weaknesses at once, and weaknesses beside what is done well."""

from dataclasses import replace

from ..capture import Receipt, scene
from ..labels import Label, Protocol
from ..protocols import calls, codecs, dtls, ecb, media, quic, rtp, small, text, tls
from ..protocols.certificates import Kind
from ..protocols.media import Leg
from ..trace import Trace
from ..world import (
    ANNA,
    BEIJING,
    BEIJING_KEYS,
    BORIS,
    FACEBOOK,
    ME,
    SFU,
    SFU_2,
    SIGNALLING,
    TRACKER_ABROAD,
    TURN,
    WEB,
    Host,
)
from .weak_signalling import Keyed, by_sip, http

P = rtp.Profile
CLEAR = (Label.MEDIA_IN_CLEAR, Label.CODEC_READABLE)


@scene("mixed", "app-2020", "the app of April 2020: a network's graph, keys from Beijing, AES-ECB under one key")
def _(trace: Trace) -> None:
    calls.page(trace, WEB)
    calls.contact(trace, FACEBOOK, tls.TLS12)
    calls.page(trace, BEIJING_KEYS, tls.Talk(BEIJING_KEYS.name, tls.TLS12))
    app = ecb.App2020(trace, trace.at(ME), trace.at(SFU, 8801), trace.bytes(16))
    legs = [app.video(up=True), app.audio(up=True), app.video(up=False), app.audio(up=False)]
    media.play(trace, legs, 2.0, Label.ECB, Label.ONE_KEY)


@scene("mixed", "sip-phone", "a phone: SIP over UDP, G.711 in RTP")
def _(trace: Trace) -> None:
    me, other = trace.at(ME, 40000), trace.at(SFU, 40002)
    by_sip(trace, text.Session(me), text.Session(other), False)
    legs = [
        Leg(media.by_udp(trace, *ends), media.audio(trace, 0, 160), codecs.g711(trace.random), 20)
        for ends in ((me, other), (other, me))
    ]
    media.play(trace, legs, 1.4, *CLEAR)


@scene("mixed", "conference-one-key", "a conference by SIP that gives everybody the same a=crypto key")
def _(trace: Trace) -> None:
    key = trace.bytes(30)
    me, sfu = trace.at(ME, 40000), trace.at(SFU, 40002)
    opus = ("111 opus/48000/2",)
    sessions = [
        text.Session(end, profile="RTP/SAVP", codecs=opus, keys=(("80", key),), number=number)
        for number, end in enumerate((me, sfu))
    ]
    by_sip(trace, *sessions, True, Label.KEYS_IN_CLEAR, Label.ONE_KEY)
    legs = []
    for ends in ((me, sfu), (sfu, me), (sfu, me)):
        cipher = rtp.Sealer(P.CM_80, key[:16], key[16:])
        legs.append(Leg(media.by_udp(trace, *ends), media.audio(trace), codecs.opus(trace.random), 20, cipher))
    media.play(trace, legs, 1.0)


@scene("mixed", "old-everything", "TLS 1.0, DTLS 1.0, a certificate over SHA-1, tags of 32 bits")
def _(trace: Trace) -> None:
    calls.page(trace, SIGNALLING, tls.Talk(SIGNALLING.name, tls.TLS10, 0, (), "", Kind(2048, "sha1")))
    terms = dtls.Terms(dtls.DTLS10, P.CM_32, (P.CM_32, P.CM_80))
    calls.call(trace, trace.at(ME), trace.at(SFU, 10000), terms)


@scene("mixed", "short-tag-third-party", "SDES with tags of 32 bits over HTTP, and a tracker outside the fence")
def _(trace: Trace) -> None:
    keyed = Keyed(trace, ("32",), "32")
    calls.page(trace, WEB)
    asked = text.request("POST", "/offer", SIGNALLING.name, keyed.offer.text().encode(), "application/sdp")
    answered = text.response("200 OK", keyed.answer.text().encode(), "application/sdp")
    http(trace, [(asked, answered)], Label.KEYS_IN_CLEAR, Label.SHORT_TAG)
    keyed.play()
    calls.contact(trace, TRACKER_ABROAD)


@scene("mixed", "clear-outside", "Opus in RTP to a forwarder outside the fence")
def _(trace: Trace) -> None:
    me, far = trace.at(ME, 40000), trace.at(BEIJING, 40002)
    media.play(trace, media.both_ways(trace, me, far, None, with_video=False), 1.4, *CLEAR)


@scene("mixed", "one-of-two-in-clear", "a call by DTLS-SRTP, and beside it one stream in clear to somebody else")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    calls.agreed(trace, me, sfu, dtls.Terms())
    legs = media.both_ways(trace, me, sfu, P.GCM_128)
    clear = media.by_udp(trace, trace.at(ME, 40000), trace.at(SFU_2, 40002))
    media.play(trace, legs, 0.5)
    media.play(trace, [Leg(clear, media.audio(trace, 0, 160), codecs.g711(trace.random), 20)], 1.4, *CLEAR)


@scene("mixed", "relay-outside", "TURN over TCP by a relay that the fence refuses")
def _(trace: Trace) -> None:
    relay = calls.Relay(trace, trace.at(BORIS), "tcp", BEIJING)
    relay.bind()
    legs = []
    for up in (True, False):
        cipher = media.sealer(trace, P.GCM_256)
        legs.append(Leg(relay.carries(up), media.audio(trace), codecs.opus(trace.random), 20, cipher))
    media.play(trace, legs, 1.2)


def _relayed_in_clear(over: str) -> None:
    @scene("mixed", f"clear-in-turn-{over}", f"Opus in RTP in channel data over {over.upper()}")
    def _(trace: Trace) -> None:
        relay = calls.Relay(trace, trace.at(BORIS), over)
        relay.bind()
        legs = [Leg(relay.carries(up), media.audio(trace), codecs.opus(trace.random), 20) for up in (True, False)]
        media.play(trace, legs, 1.6, *CLEAR)


_relayed_in_clear("udp")
_relayed_in_clear("tcp")


@scene("mixed", "key-in-websocket-1.1", "keys in a WebSocket without TLS, TLS 1.1 for the page, a weak certificate")
def _(trace: Trace) -> None:
    keyed = Keyed(trace)
    calls.page(trace, WEB, tls.Talk(WEB.name, tls.TLS11, 0, (), "", Kind(1024)))
    messages = [one.text() for one in (keyed.offer, keyed.answer)]
    calls.websocket(trace, SIGNALLING, messages, Label.KEYS_IN_CLEAR)
    keyed.play()


@scene("mixed", "everything-well-and-a-tracker", "QUIC, TLS 1.3, DTLS 1.3, and a tracker abroad")
def _(trace: Trace) -> None:
    calls.lookup(trace, WEB)
    quic.talk(trace, trace.at(ME), trace.at(WEB, 443), quic.Terms(WEB.name), 20)
    calls.page(trace, SIGNALLING)
    calls.call(trace, trace.at(ME), trace.at(SFU, 10000), dtls.Terms(dtls.DTLS13), 0.8)
    calls.contact(trace, TRACKER_ABROAD)


@scene("mixed", "sframe-and-clear", "sound in SFrame, picture in clear beside it", Label.NO_SECOND_LAYER)
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME, 40000), trace.at(SFU, 40002)
    for ends in ((me, sfu), (sfu, me)):
        carry, sealed = media.by_udp(trace, *ends), small.SFrame(trace.bytes(16), trace.random.getrandbits(11)).sealed
        sound = Leg(carry, media.audio(trace), codecs.opus(trace.random), 20, None, sealed, (Protocol.SFRAME,))
        picture = Leg(carry, media.video(trace), codecs.vp8(trace.random), 50)
        media.play(trace, [sound, picture], 1.2, *CLEAR, second_layer=True)


@scene("mixed", "sframe-one-key", "three senders in SFrame under one key id, counting alike", Label.ONE_KEY)
def _(trace: Trace) -> None:
    me, sfu, key = trace.at(ME, 40000), trace.at(SFU, 40002), trace.bytes(16)
    legs = []
    for ends in ((me, sfu), (sfu, me), (sfu, me)):
        carry, sealed = media.by_udp(trace, *ends), small.SFrame(key, 9).sealed
        legs.append(Leg(carry, media.audio(trace), codecs.opus(trace.random), 20, None, sealed, (Protocol.SFRAME,)))
    media.play(trace, legs, 1.2, second_layer=True)


@scene(
    "mixed",
    "early-media",
    "media that stops seven seconds before the receipt says that anybody was admitted",
    Label.UNDECLARED_CONTACT,
)
def _(trace: Trace) -> Receipt:
    calls.call(trace, trace.at(ME), trace.at(SFU, 10000), dtls.Terms(), 0.8, with_video=False)
    trace.shown(Label.EARLY_MEDIA, 0, len(trace.frames))
    trace.wait(7000)  # clocks may differ by five seconds
    return Receipt((trace.network.address(SFU),), trace.now)


@scene("mixed", "undeclared-contact", "a second forwarder that the receipt does not name")
def _(trace: Trace) -> Receipt:
    admitted = trace.now - 1_000_000_000
    calls.call(trace, trace.at(ME), trace.at(SFU, 10000), dtls.Terms(), 0.6, with_video=False)
    before = len(trace.frames)
    calls.call(trace, trace.at(ME), trace.at(SFU_2, 10000), dtls.Terms(), 0.6, with_video=False)
    trace.shown(Label.UNDECLARED_CONTACT, before, len(trace.frames) - before)
    return Receipt((trace.network.address(SFU),), admitted)


@scene("mixed", "as-declared", "a call with no other machine than those that the receipt names")
def _(trace: Trace) -> Receipt:
    admitted = trace.now - 1_000_000_000
    calls.call(trace, trace.at(ME), trace.at(SFU, 10000), dtls.Terms(), 0.8)
    return Receipt(tuple(trace.network.address(host) for host in (SFU, TURN)), admitted)


@scene("mixed", "sdes-and-neighbour", "keys in clear for one call, while a neighbour's call is done well")
def _(trace: Trace) -> None:
    keyed = Keyed(trace)
    sessions = [replace(one, number=99) for one in (keyed.offer, keyed.answer)]
    by_sip(trace, *sessions, False, Label.KEYS_IN_CLEAR)
    keyed.play(0.5)
    calls.call(trace, trace.at(ANNA), trace.at(SFU_2, 10000), dtls.Terms(), 0.5)


HOSTILE = "<script>alert(1)</script>\x1b]0;owned\x07\x1b[2J\u202e&quot;'\"$(id)"


@scene(
    "mixed",
    "hostile-names",
    "markup and terminal escapes in SNI, ALPN, DNS, Host, SIP, SDP and CNAME",
    Label.THIRD_PARTY,
)
def _(trace: Trace) -> None:
    talk = tls.Talk(HOSTILE, tls.TLS12, 0, (HOSTILE, "h2"), HOSTILE)
    stream = calls.secure(trace, trace.at(ME), trace.at(WEB, 443), talk)
    stream.close()
    bad = Host(WEB.v4, WEB.v6, "CA", HOSTILE)
    calls.lookup(trace, bad, alias="<b>." + HOSTILE.replace(".", ""))
    http(trace, [(text.request("GET", f"/{HOSTILE}", HOSTILE), text.response("200 OK", HOSTILE.encode()))], host=bad)
    me, other = trace.at(ME, 5060), trace.at(SFU, 5060)
    dialog = text.Dialog(me, other, "UDP", HOSTILE, (HOSTILE, HOSTILE))
    body = text.Session(me, codecs=(f"0 {HOSTILE}/8000",), lines=(f"a={HOSTILE}",)).text()
    trace.udp(me, other, dialog.request("INVITE", body), Protocol.SIP)
    legs = media.both_ways(trace, trace.at(ME, 40000), trace.at(SFU, 40002), None, with_video=False)
    for leg in legs:
        leg.name = HOSTILE
    media.play(trace, legs, 1.4, *CLEAR)
