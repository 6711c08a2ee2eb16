"""Each weakness of media alone: in clear, readable, in blocks that repeat, with short tags, under old handshakes."""

from collections.abc import Callable

from ..capture import scene
from ..labels import Label, Protocol
from ..protocols import calls, codecs, dtls, ecb, media, rtp, text
from ..protocols.certificates import Kind
from ..protocols.media import Leg
from ..trace import Trace
from ..world import ANNA, BEIJING, ME, SFU, SIGNALLING

CLEAR = (Label.MEDIA_IN_CLEAR, Label.CODEC_READABLE)


def _one_codec(
    name: str, about: str, make: Callable[[Trace], codecs.Packets], kind: int, step: int, every: float, control: bool
) -> None:
    @scene("weak", name, about)
    def _(trace: Trace) -> None:
        me, sfu = trace.at(ME, 40000), trace.at(SFU, 40002)
        calls.checks(trace, me, sfu)
        legs = []
        for ends in ((me, sfu), (sfu, me)):
            source = media.audio(trace, kind, step)
            legs.append(Leg(media.by_udp(trace, *ends), source, make(trace), every, control=control))
        media.play(trace, legs, 1.6, *CLEAR)


_one_codec("clear-pcmu", "G.711 mu-law in RTP", lambda t: codecs.g711(t.random), 0, 160, 20, False)
_one_codec("clear-pcma", "G.711 A-law in RTP", lambda t: codecs.g711(t.random, alaw=True), 8, 160, 20, True)
_one_codec("clear-opus", "Opus in RTP", lambda t: codecs.opus(t.random), 111, 960, 20, True)
_one_codec("clear-vp8", "VP8 in RTP", lambda t: codecs.vp8(t.random), 96, 3000, 66, False)
_one_codec("clear-h264", "H.264 in RTP, packetization mode 1", lambda t: codecs.h264(t.random), 102, 3000, 66, True)


@scene("weak", "clear-call", "Opus and VP8 in RTP and RTCP both ways, to another participant, without any server")
def _(trace: Trace) -> None:
    me, anna = trace.at(ME, 40000), trace.at(ANNA, 40000)
    media.play(trace, media.both_ways(trace, me, anna, None), 1.4, *CLEAR)


@scene(
    "weak",
    "clear-unknown-codec",
    "RTP/AVP agreed on in SIP, RTCP with names, payloads of a codec nobody knows but that repeat much",
    Label.CODEC_READABLE,
)
def _(trace: Trace) -> None:
    me, other = trace.at(ME, 40000), trace.at(SFU, 40002)
    sip = trace.at(ME, 5060), trace.at(SIGNALLING, 5060)
    dialog = text.Dialog(*sip, "UDP", "a84b4c76e66710")
    codec = ("97 X-PRIVATE/16000",)
    with trace.shows(Label.MEDIA_IN_CLEAR):
        trace.udp(*sip, dialog.request("INVITE", text.Session(me, codecs=codec).text()), Protocol.SIP)
        answer = dialog.response("200 OK", "INVITE", text.Session(other, codecs=codec).text())
        trace.udp(sip[1], sip[0], answer)
    alphabet = trace.bytes(7)
    payloads = (bytes(trace.random.choices(alphabet, (40, 20, 10, 5, 3, 2, 1), k=120)) for _ in iter(int, 1))
    legs = [
        Leg(media.by_udp(trace, me, other), media.audio(trace, 97, 320), media.counted(payloads), 20),
        Leg(media.by_udp(trace, other, me), media.audio(trace, 97, 320), media.counted(payloads), 20),
    ]
    media.play(trace, legs, 1.2, Label.MEDIA_IN_CLEAR)


@scene("weak", "ecb-video-2020", "video of one sender in the 2020 app's encapsulation, each NAL unit in AES-ECB")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 8801)
    app = ecb.App2020(trace, me, sfu, trace.bytes(16))
    media.play(trace, [app.video(up=True)], 2.5, Label.ECB)


@scene("weak", "ecb-everybody-2020", "sound and picture of three senders in AES-ECB under the meeting's one key")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 8801)
    app = ecb.App2020(trace, me, sfu, trace.bytes(16))
    legs = [app.video(up=True), app.audio(up=True), app.video(up=False), app.audio(up=False), app.video(up=False)]
    media.play(trace, legs, 1.8, Label.ECB, Label.ONE_KEY)


@scene("weak", "ecb-two-keys", "two senders in AES-ECB, each under a key of their own")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 8801)
    legs = [ecb.App2020(trace, me, sfu, trace.bytes(16)).video(up=up) for up in (True, False)]
    media.play(trace, legs, 2.2, Label.ECB)


def _plain_ecb(name: str, about: str, offset: int) -> None:
    @scene("weak", name, about)
    def _(trace: Trace) -> None:
        me, sfu, key = trace.at(ME), trace.at(SFU, 40000), trace.bytes(16)
        source = media.video(trace, 98)
        codec = ecb.pictures(trace.random, key, offset)
        media.play(trace, [Leg(media.by_udp(trace, me, sfu), source, codec, 66)], 3, Label.ECB)


_plain_ecb("ecb-rtp", "AES-ECB from the first byte of the RTP payload on", 0)
_plain_ecb("ecb-rtp-header", "AES-ECB behind a header of 13 bytes that counts and repeats", 13)


def _handshake(name: str, about: str, terms: dtls.Terms, *may: Label) -> None:
    @scene("weak", name, about, *may)
    def _(trace: Trace) -> None:
        calls.call(trace, trace.at(ME), trace.at(SFU, 10000), terms, with_video=False)


CM_32 = rtp.Profile.CM_32
_handshake("short-tag", "DTLS-SRTP with tags of 32 bits", dtls.Terms(profile=CM_32, offered=(CM_32, rtp.Profile.CM_80)))
_handshake("dtls-1.0", "DTLS 1.0", dtls.Terms(dtls.DTLS10, rtp.Profile.CM_80, (rtp.Profile.CM_80,)))
_handshake("dtls-rsa-1024", "a DTLS certificate of 1024 bits", dtls.Terms(kind=Kind(1024, self_signed=True)))
_handshake("dtls-sha1", "a DTLS certificate signed over SHA-1", dtls.Terms(kind=Kind(2048, "sha1", self_signed=True)))


@scene("weak", "short-tag-tls", "as short-tag, and signalling over TLS 1.3 beside it")
def _(trace: Trace) -> None:
    calls.page(trace, SIGNALLING)
    terms = dtls.Terms(profile=CM_32, offered=(rtp.Profile.CM_80, CM_32))
    calls.call(trace, trace.at(ME), trace.at(SFU, 10000), terms)


@scene("weak", "outside-media", "DTLS-SRTP with a forwarder in a country that the fence does not allow")
def _(trace: Trace) -> None:
    calls.lookup(trace, BEIJING)
    calls.call(trace, trace.at(ME), trace.at(BEIJING, 10000), dtls.Terms())


@scene("weak", "outside-check", "two connectivity checks that went outside the fence, and no more; media stay inside")
def _(trace: Trace) -> None:
    me = trace.at(ME)
    calls.checks(trace, me, trace.at(BEIJING, 10000))
    calls.call(trace, me, trace.at(SFU, 10000), dtls.Terms(), with_video=False)


@scene("weak", "no-second-layer", "sound by DTLS-SRTP through a forwarder, which has its keys")
def _(trace: Trace) -> None:
    calls.call(trace, trace.at(ME), trace.at(SFU, 10000), dtls.Terms(), with_video=False)
