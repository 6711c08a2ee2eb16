"""What looks like a weakness and is none. What is nobody's call may also be said to have no second layer."""

import math
import struct
from collections.abc import Iterator

from ..capture import scene
from ..labels import Label, Protocol
from ..protocols import calls, codecs, dtls, media, rtp, small, text, tls
from ..protocols.media import Leg
from ..trace import Stream, Trace
from ..world import ANNA, BEIJING, ME, RESOLVER, SFU, SIGNALLING, STRANGERS, WEB
from .sealed import gcm

P = rtp.Profile
# Strangers in a swarm are third parties to whoever cares to say so.
THIRD = Label.THIRD_PARTY


@scene("alike", "random-udp", "random datagrams of any size, both ways")
def _(trace: Trace) -> None:
    me, other = trace.at(ME), trace.at(SFU, 7777)
    for number in range(150):
        ends = (me, other) if number % 3 else (other, me)
        trace.udp(*ends, trace.bytes(trace.random.randrange(1, 1200)), soft=True)
        trace.wait(5)


@scene("alike", "random-like-rtp", "random datagrams whose first byte is that of RTP")
def _(trace: Trace) -> None:
    me, other = trace.at(ME), trace.at(SFU, 7777)
    for number in range(150):
        ends = (me, other) if number % 2 else (other, me)
        trace.udp(*ends, b"\x80" + trace.bytes(trace.random.randrange(20, 400)), soft=True)
        trace.wait(5)


def counter_mode(trace: Trace) -> media.Change:
    """Each payload in AES-CTR under a counter that is not sent."""
    key, count = trace.bytes(16), iter(range(1 << 30))
    return lambda payload: rtp.counter(key, struct.pack("!QQ", next(count), 0), payload)


def _encrypted(name: str, about: str, make) -> None:
    @scene("alike", name, about)
    def _(trace: Trace) -> None:
        me, sfu = trace.at(ME, 40000), trace.at(SFU, 40002)
        legs = []
        for ends in ((me, sfu), (sfu, me)):
            carry = media.by_udp(trace, *ends)
            change = make(trace)
            for source, codec, every in (
                (media.audio(trace), codecs.opus, 20),
                (media.video(trace, 102), codecs.h264, 66),
            ):
                legs.append(Leg(carry, source, codec(trace.random), every, change=change, control=False))
        media.play(trace, legs, 1.4)


_encrypted("media-ctr", "RTP whose payloads are in AES-CTR, no SRTP", counter_mode)
_encrypted("media-gcm", "RTP whose payloads are in AES-GCM, no SRTP", gcm)


def _silent_counter(trace: Trace) -> None:
    me, sfu = trace.at(ME, 40000), trace.at(SFU, 40002)
    legs = []
    for ends in ((me, sfu), (sfu, me)):
        codec = codecs.silence(trace.random)
        source = media.audio(trace, 112, 640)
        legs.append(Leg(media.by_udp(trace, *ends), source, codec, 20, change=counter_mode(trace), control=False))
    media.play(trace, legs, 1.4)


scene("alike", "silence-ctr", "the same silence again and again, in AES-CTR")(_silent_counter)


@scene("alike", "padding", "SRTP, and between its frames RTP padding of nothing but zeros, as bandwidth probes have it")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    calls.agreed(trace, me, sfu, dtls.Terms())
    legs = media.both_ways(trace, me, sfu, P.GCM_128)
    probe, cipher = media.video(trace, 97), media.sealer(trace, P.GCM_128)
    for _ in range(10):
        media.play(trace, legs, 0.1)
        for _ in range(5):
            header = probe.header(b"")
            padded = cipher.rtp(bytes([header[0] | 0x20]) + header[1:], bytes(223) + b"\xe0")
            trace.udp(me, sfu, padded, Protocol.SRTP, soft=True)


@scene(
    "alike",
    "zeros",
    "datagrams of 320 zeros in RTP: blocks repeat and have no distinct bytes",
    Label.MEDIA_IN_CLEAR,
    Label.CODEC_READABLE,
)
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME, 40000), trace.at(SFU, 40002)
    zeros = media.counted(bytes(320) for _ in iter(int, 1))
    legs = [Leg(media.by_udp(trace, me, sfu), media.audio(trace, 99, 320), zeros, 20, control=False)]
    media.play(trace, legs, 1.5)


def _silence(name: str, about: str, make, kind: int, step: int) -> None:
    @scene("alike", name, about, Label.MEDIA_IN_CLEAR, Label.CODEC_READABLE)
    def _(trace: Trace) -> None:
        me, sfu = trace.at(ME, 40000), trace.at(SFU, 40002)
        legs = [
            Leg(media.by_udp(trace, *ends), media.audio(trace, kind, step), make(trace.random), 20, control=False)
            for ends in ((me, sfu), (sfu, me))
        ]
        media.play(trace, legs, 1.4)


_silence("silence-pcmu", "G.711 of a muted microphone: every payload the same, in clear", codecs.silence, 0, 160)
_silence("silence-opus", "Opus of a muted microphone: three bytes, in clear", codecs.quiet_opus, 111, 960)


def _tones() -> codecs.Packets:
    """A ringing tone whose period fits the frame: 16-byte blocks repeat, with many distinct bytes, and in clear."""
    frame = bytes(
        codecs.mu_law(int(9000 * math.sin(math.pi * (at % 16) / 8 + 0.3) * (1 + at % 16 / 40))) for at in range(160)
    )
    while True:
        yield frame, False, True


@scene("alike", "tone-pcmu", "G.711 of a tone with a period of 16 samples: its blocks repeat, and are sound in clear")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME, 40000), trace.at(SFU, 40002)
    legs = []
    for ends in ((me, sfu), (sfu, me)):
        legs.append(Leg(media.by_udp(trace, *ends), media.audio(trace, 0, 160), _tones(), 20))
    media.play(trace, legs, 1.4, Label.MEDIA_IN_CLEAR, Label.CODEC_READABLE)


@scene("alike", "resent", "SRTP of which every fourth packet is on the wire twice, byte by byte the same")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    calls.agreed(trace, me, sfu, dtls.Terms())
    legs = media.both_ways(trace, me, sfu, P.GCM_128)
    for leg in legs:
        leg.resend = 4
    media.play(trace, legs, 1.2)


@scene(
    "alike", "session-ids", "a game: each datagram has a session's 32 random bytes behind a counter, then random bytes"
)
def _(trace: Trace) -> None:
    me, other, session = trace.at(ME), trace.at(SFU, 27015), trace.bytes(32)
    for number in range(160):
        ends = (me, other) if number % 2 else (other, me)
        data = struct.pack("!IH", number, 0x1234) + session + trace.bytes(trace.random.randrange(40, 300))
        trace.udp(*ends, data, soft=True)
        trace.wait(8)


@scene("alike", "bittorrent", "a swarm: DHT and uTP with many strangers", THIRD)
def _(trace: Trace) -> None:
    me = trace.at(ME, 51413)
    for number, host in enumerate(STRANGERS):
        other = trace.at(host, 6881 + number)
        trace.udp(me, other, small.dht(trace.random, True), soft=True)
        trace.udp(other, me, small.dht(trace.random, False), soft=True)
    for number in range(100):
        other = trace.at(STRANGERS[number % 4], 6881 + number % 4)
        trace.udp(other, me, small.utp(4711, trace.now // 1000, 1 + number // 4, trace.bytes(1300)), soft=True)
        trace.udp(me, other, small.utp(4712, trace.now // 1000, 1 + number // 4, b""), soft=True)


@scene("alike", "ntp", "clocks that are set, with four servers", THIRD)
def _(trace: Trace) -> None:
    for number in range(24):
        me, server = trace.at(ME, 123), trace.at(STRANGERS[number % 4], 123)
        trace.udp(me, server, small.ntp(trace.random, trace.now / 1e9, False), soft=True)
        trace.wait(20)
        trace.udp(server, me, small.ntp(trace.random, trace.now / 1e9, True), soft=True)
        trace.wait(900)


@scene("alike", "wireguard", "a tunnel as WireGuard has it", THIRD)
def _(trace: Trace) -> None:
    me, other = trace.at(ME), trace.at(STRANGERS[0], 51820)
    one, two = trace.random.getrandbits(32), trace.random.getrandbits(32)
    trace.udp(me, other, small.wireguard(trace.random, 1, one, 0, 0, 0), soft=True)
    trace.udp(other, me, small.wireguard(trace.random, 2, two, one, 0, 0), soft=True)
    for number in range(140):
        ends, peer = ((me, other), two) if number % 2 else ((other, me), one)
        trace.udp(
            *ends, small.wireguard(trace.random, 4, 0, peer, number // 2, trace.random.randrange(0, 1300)), soft=True
        )
        trace.wait(6)


@scene("alike", "lan", "what a home network says without being asked: ARP, ICMP, mDNS, SSDP")
def _(trace: Trace) -> None:
    me, router = trace.network.address(ME), trace.network.address(RESOLVER)
    group = trace.network.v6
    for number in range(10):
        # Who has 192.168.1.23? (RFC 826)
        trace.link_only(0x0806, bytes.fromhex("0001080006040001 024200000002 c0a80101 000000000000 c0a80117"))
        trace.icmp(me, router, 0x8000 if group else 0x0800, struct.pack("!HH", 7, number) + bytes(range(56)))
        mdns = trace.at(ME, 5353), media.Endpoint("ff02::fb" if group else "224.0.0.251", 5353)
        trace.udp(*mdns, small.question(0, "_ipp._tcp.local", 12), Protocol.DNS)
        ssdp = trace.at(ANNA, 50000), media.Endpoint("ff02::c" if group else "239.255.255.250", 1900)
        trace.udp(
            *ssdp,
            b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\n\r\n',
        )
        trace.wait(500)


@scene("alike", "unreachable", "ICMP that carries the head of an RTP packet back: it is no flow of its own")
def _(trace: Trace) -> None:
    me, sfu = trace.at(ME), trace.at(SFU, 10000)
    calls.call(trace, me, sfu, dtls.Terms(), 0.6, with_video=False)
    inner = next(frame for frame in reversed(trace.frames) if frame.outgoing).packet[:128]
    for _ in range(5):
        trace.icmp(sfu.address, me.address, 0x0104 if trace.network.v6 else 0x0303, bytes(4) + inner)


@scene(
    "alike",
    "about-crypto",
    "a page over HTTP that explains a=crypto, with dots where a key would be",
    Label.KEYS_IN_CLEAR,
)
def _(trace: Trace) -> None:
    line = b"<p>An offer has a line <code>a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:...</code>.</p>"
    stream = Stream(trace, trace.at(ME), trace.at(WEB, 80))
    stream.ask(text.request("GET", "/sdes", WEB.name), Protocol.HTTP)
    stream.answer(text.response("200 OK", b"<title>SDES</title>" + line * 3, "text/html"))
    stream.close()


@scene("alike", "old-record-version", "TLS 1.3 whose ClientHello stands in a record of version 1.0, as nearly all do")
def _(trace: Trace) -> None:
    for host in (WEB, SIGNALLING):
        calls.page(trace, host)


@scene("alike", "tls-1.0-refused", "a client that offers TLS 1.0 and is refused by an alert", Label.OLD_TLS)
def _(trace: Trace) -> None:
    stream = Stream(trace, trace.at(ME), trace.at(WEB, 443))
    talk = tls.Talk(WEB.name, tls.TLS10, 0, ())
    stream.ask(tls.record(tls.HANDSHAKE, tls.TLS10, tls.client_hello(trace.random, talk)), Protocol.TLS)
    stream.answer(tls.record(tls.ALERT, tls.TLS10, b"\2\x46"))
    stream.close()


@scene(
    "alike", "looked-up-only", "a name outside the fence that was looked up and never contacted", Label.OUTSIDE_FENCE
)
def _(trace: Trace) -> None:
    calls.lookup(trace, BEIJING)
    calls.page(trace, WEB)


def _lines() -> Iterator[bytes]:
    for number in range(120):
        yield f"<134>Nov 24 10:00:{number % 60:02} box meet[77]: participant {number % 5} is here, all is well".encode()


@scene("alike", "syslog", "lines of text over UDP that repeat")
def _(trace: Trace) -> None:
    me, other = trace.at(ME), trace.at(SFU, 514)
    for line in _lines():
        trace.udp(me, other, line, soft=True)
        trace.wait(30)


@scene("alike", "port-numbers", "DNS, RTP and TLS on each other's ports: what counts is what is said")
def _(trace: Trace) -> None:
    me, server = trace.at(ME), trace.at(SFU, 3478)
    ident = trace.random.getrandbits(16)
    trace.udp(me, server, small.question(ident, WEB.name, small.A), Protocol.DNS)
    trace.udp(server, me, small.answer(ident, WEB.name, WEB.v4), name=WEB.name, resolved=WEB.v4)
    stream = calls.secure(trace, trace.at(ME), trace.at(SFU, 53), tls.Talk(SFU.name))
    tls.data(stream, [200, 900])
    stream.close()
    media.play(trace, media.both_ways(trace, trace.at(ME, 443), trace.at(SFU, 53), P.CM_80), 1.0)


@scene("alike", "scraps", "datagrams of nothing, of a byte or four, and heads of protocols without the rest")
def _(trace: Trace) -> None:
    me, other = trace.at(ME), trace.at(SFU, 10000)
    heads = (
        b"",
        b"\0",
        b"\r\n\r\n",
        b"\0\1\0\0\x21\x12\xa4\x42",
        b"\x16\xfe\xfd\0\0",
        b"\x80\x6f" + bytes(10),
        b"\x81\xc8",
    )
    for head in (*heads, b"\xc0\0\0\0\1\x08", b"INVITE sip:", b"\x05\0", b"\x40\0\xff\xff", b"\x17\x03\x03\xff\xff"):
        for ends in ((me, other), (other, me)) * 3:
            trace.udp(*ends, head, soft=True)
            trace.wait(20)
    for head in (b"\x16\x03\x01\xff\xff", b"GET", b"SIP/2.0", b"\0\x1c"):
        stream = Stream(trace, trace.at(ME), trace.at(SFU, 443))
        stream.ask(head, Protocol.OTHER)
        stream.close()
