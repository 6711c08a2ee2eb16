"""Media that are sealed in other ways than by SRTP: SFrame, seen and unseen, and what apps do by themselves."""

import struct

from ..capture import scene
from ..labels import Protocol
from ..protocols import calls, codecs, dtls, ecb, media, rtp, small
from ..protocols.media import Leg
from ..trace import Trace
from ..world import ME, SFU

P = rtp.Profile


def _sframe(name: str, about: str, picture: bool, profile: rtp.Profile | None, longest: bool = False) -> None:
    @scene("clean", name, about)
    def _(trace: Trace) -> None:
        me, sfu = trace.at(ME), trace.at(SFU, 10000)
        calls.checks(trace, me, sfu) if profile is None else calls.agreed(trace, me, sfu, dtls.Terms(profile=profile))
        legs = []
        for number, ends in enumerate(((me, sfu), (sfu, me), (sfu, me))):
            carry, cipher = media.by_udp(trace, *ends), media.sealer(trace, profile) if profile else None
            shown = () if profile else (Protocol.SFRAME,)
            for kind in range(1 + picture):
                sender = small.SFrame(trace.bytes(16), (0x1C00 if longest else 2) + 2 * number + kind)
                codec = codecs.vp8(trace.random) if kind else codecs.opus(trace.random)
                source = media.video(trace) if kind else media.audio(trace)
                legs.append(Leg(carry, source, codec, 66 if kind else 20, cipher, sender.sealed, shown))
        media.play(trace, legs, 1.1, second_layer=profile is None)


_sframe("sframe-sound", "three senders' Opus in SFrame, in RTP without SRTP", False, None)
_sframe(
    "sframe-picture",
    "sound and picture in SFrame packet by packet, longer key ids, in RTP without SRTP",
    True,
    None,
    True,
)
_sframe("sframe-in-srtp", "SFrame inside SRTP, where it cannot be seen", True, P.GCM_128)


@scene("clean", "zoom-gcm", "the app's encapsulation with payloads as after 2020, in AES-GCM")
def _(trace: Trace) -> None:
    app = ecb.App2020(trace, trace.at(ME), trace.at(SFU, 8801), b"")
    legs = []
    for up in (True, False):
        for kind, codec, every in ((small.ZOOM_AUDIO, codecs.opus, 20), (small.ZOOM_VIDEO, codecs.h264, 66)):
            source = media.audio(trace, 112) if kind == small.ZOOM_AUDIO else media.video(trace, 98)
            change = gcm(trace)
            legs.append(Leg(app.wrapped(kind, up), source, codec(trace.random), every, change=change, control=False))
    media.play(trace, legs, 1.0)


def gcm(trace: Trace) -> media.Change:
    """Each payload by itself in AES-GCM, its nonce not sent."""
    cipher, count = rtp.AESGCM(trace.bytes(16)), iter(range(1 << 30))
    return lambda payload: cipher.encrypt(next(count).to_bytes(12), payload, b"")


@scene("clean", "sealed-behind", "Opus in AES-GCM with the number of each packet behind it in clear, as Discord has it")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 50004)
    ssrc, place = trace.bytes(4), me.address.encode().ljust(64, b"\0")
    trace.udp(me, sfu, struct.pack("!HH", 1, 70) + ssrc + bytes(66))
    trace.udp(sfu, me, struct.pack("!HH", 2, 70) + ssrc + place + struct.pack("!H", me.port))
    legs = []
    for ends in ((me, sfu), (sfu, me)):
        sealed, count = gcm(trace), iter(range(1 << 30))

        def numbered(payload: bytes, sealed: media.Change = sealed, count=count) -> bytes:
            return sealed(payload) + struct.pack("<I", next(count))

        source = media.audio(trace, 120)
        legs.append(
            Leg(media.by_udp(trace, *ends), source, codecs.opus(trace.random), 20, change=numbered, control=False)
        )
    media.play(trace, legs, 1.4)


@scene("clean", "tagged", "a call through a reflector: 16 bytes of a tag in front of each packet, then AES-CTR, no RTP")
def _(trace: Trace) -> None:
    me, sfu, key = trace.at(ME), trace.at(SFU, 533), trace.bytes(32)
    tags = trace.bytes(16), trace.bytes(16)
    for number in range(150):
        ends, tag = ((me, sfu), tags[0]) if number % 2 else ((sfu, me), tags[1])
        start = trace.bytes(16)
        frame = rtp.counter(key, start, bytes(trace.random.randrange(4, 18) * 16))
        trace.udp(*ends, tag + start + frame, soft=True)
        trace.wait(9)
