"""Each weakness of signalling and contacts alone: keys in clear, old TLS, weak certificates, third parties, outside."""

import base64
import json
from dataclasses import replace

from ..capture import scene
from ..labels import Label, Protocol
from ..protocols import calls, codecs, media, rtp, text, tls
from ..protocols.certificates import Kind
from ..trace import Stream, Trace
from ..world import KEYS, ME, SFU, SIGNALLING, Host

KEYS_LABEL = Label.KEYS_IN_CLEAR


class Keyed:
    """A call whose keys go through SDP (RFC 4568): two sessions, and media under these keys."""

    def __init__(
        self, trace: Trace, suites: tuple[str, ...] = ("80",), chosen: str = "80", profile: str = "RTP/SAVP"
    ) -> None:
        self.trace = trace
        self.me, self.other = trace.at(ME, 40000), trace.at(SFU, 40002)
        self.profile = rtp.Profile.CM_80 if chosen == "80" else rtp.Profile.CM_32
        own, its = trace.bytes(30), trace.bytes(30)
        keys = tuple((suite, own if suite == chosen else trace.bytes(30)) for suite in suites)
        opus = ("111 opus/48000/2",)
        self.offer = text.Session(self.me, profile=profile, codecs=opus, keys=keys)
        self.answer = text.Session(self.other, profile=profile, codecs=opus, keys=((chosen, its),))
        self._keys = own, its

    def messages(self) -> list[str]:
        """Offer and answer as web pages send them."""
        sessions = (("offer", self.offer), ("answer", self.answer))
        return [json.dumps({"type": kind, "sdp": session.text()}) for kind, session in sessions]

    def play(self, seconds: float = 1.0) -> None:
        legs = []
        for ends, key in (((self.me, self.other), self._keys[0]), ((self.other, self.me), self._keys[1])):
            cipher = rtp.Sealer(self.profile, key[:16], key[16:])
            codec = codecs.opus(self.trace.random)
            legs.append(media.Leg(media.by_udp(self.trace, *ends), media.audio(self.trace), codec, 20, cipher))
        media.play(self.trace, legs, seconds)


def by_sip(trace: Trace, offer: text.Session, answer: text.Session, tcp: bool, *labels: Label) -> None:
    """A call set up in clear. Offer and answer together show the labels."""
    me, server = trace.at(ME, 5060), trace.at(SIGNALLING, 5060)
    dialog = text.Dialog(me, server, "TCP" if tcp else "UDP", "a84b4c76e66710")
    steps = [
        (True, dialog.request("INVITE", offer.text())),
        (False, dialog.response("100 Trying", "INVITE")),
        (False, dialog.response("200 OK", "INVITE", answer.text())),
        (True, dialog.request("ACK")),
    ]
    with trace.shows(*labels):
        if tcp:
            # Segments that end anywhere but where a message does.
            stream = Stream(trace, trace.at(ME), server, size=333)
            for up, message in steps:
                (stream.ask if up else stream.answer)(message, Protocol.SIP)
            return
        for up, message in steps:
            trace.udp(*((me, server) if up else (server, me)), message, Protocol.SIP)


@scene("weak", "keys-sip-udp", "a=crypto in SIP over UDP")
def _(trace: Trace) -> None:
    keyed = Keyed(trace)
    by_sip(trace, keyed.offer, keyed.answer, False, KEYS_LABEL)
    keyed.play()


@scene("weak", "keys-sip-tcp", "a=crypto in SIP over TCP, split over segments")
def _(trace: Trace) -> None:
    keyed = Keyed(trace)
    by_sip(trace, keyed.offer, keyed.answer, True, KEYS_LABEL)
    keyed.play()


@scene("weak", "keys-sip-tags", "a=crypto in SIP, and the answer chooses the suite with 32 bits of tag")
def _(trace: Trace) -> None:
    keyed = Keyed(trace, ("80", "32"), "32")
    by_sip(trace, keyed.offer, keyed.answer, False, KEYS_LABEL, Label.SHORT_TAG)
    keyed.play()


@scene("weak", "keys-sdp-k", "the same k= line in the SDP of both sides, as RFC 4566 still had it")
def _(trace: Trace) -> None:
    keyed = Keyed(trace)
    line = (f"k=base64:{base64.b64encode(trace.bytes(16)).decode()}",)
    sessions = [replace(one, keys=(), lines=line) for one in (keyed.offer, keyed.answer)]
    by_sip(trace, *sessions, False, KEYS_LABEL, Label.ONE_KEY)
    keyed.play()


def http(
    trace: Trace, exchanges: list[tuple[bytes, bytes]], *labels: Label, host: Host = SIGNALLING, port: int = 80
) -> None:
    calls.lookup(trace, host)
    with trace.shows(*labels):
        stream = Stream(trace, trace.at(ME), trace.at(host, port))
        for asked, answered in exchanges:
            stream.ask(asked, Protocol.HTTP, server_name=host.name)
            stream.answer(answered)
    stream.close()


@scene("weak", "keys-http-sdp", "SDP with a=crypto as the body of an HTTP request")
def _(trace: Trace) -> None:
    keyed, kind = Keyed(trace), "application/sdp"
    asked = text.request("POST", "/whip/room", SIGNALLING.name, keyed.offer.text().encode(), kind)
    http(trace, [(asked, text.response("201 Created", keyed.answer.text().encode(), kind))], KEYS_LABEL)
    keyed.play()


@scene("weak", "keys-http-json", "SDP with a=crypto in JSON over HTTP on port 8080, the answer chunked")
def _(trace: Trace) -> None:
    keyed = Keyed(trace)
    bodies = [message.encode() for message in keyed.messages()]
    asked = text.request("POST", "/rooms/7/join", SIGNALLING.name, bodies[0])
    http(trace, [(asked, text.response("200 OK", bodies[1], chunked=True))], KEYS_LABEL, port=8080)
    keyed.play()


@scene("weak", "keys-http-meeting-key", "a meeting's key in JSON over HTTP, as base64 under a name that says so")
def _(trace: Trace) -> None:
    key = base64.b64encode(trace.bytes(16)).decode()
    body = json.dumps({"meeting": 77412, "cipher": "AES-128-ECB", "encryption_key": key}).encode()
    http(
        trace,
        [(text.request("GET", "/key?meeting=77412", KEYS.name), text.response("200 OK", body))],
        KEYS_LABEL,
        host=KEYS,
    )


def _websocket(name: str, about: str, deflate: bool) -> None:
    @scene("weak", name, about)
    def _(trace: Trace) -> None:
        keyed = Keyed(trace)
        calls.websocket(trace, SIGNALLING, keyed.messages(), KEYS_LABEL, deflate=deflate)
        keyed.play()


_websocket("keys-websocket", "a=crypto in JSON in a WebSocket without TLS; the client's frames are masked", False)
_websocket("keys-websocket-deflate", "the same, compressed (permessage-deflate)", True)


def _old(name: str, version: int, host: Host = SIGNALLING, offered: int = 0) -> None:
    @scene("weak", name, f"{tls.NAMES[version]} with {host.name}" + (", though more was offered" if offered else ""))
    def _(trace: Trace) -> None:
        calls.page(trace, host, tls.Talk(host.name, version, offered, (), "", Kind(2048)))


_old("tls-1.0", tls.TLS10)
_old("tls-1.1", tls.TLS11)
_old("tls-1.0-keys", tls.TLS10, KEYS)
_old("ssl-3.0", tls.SSL3)
_old("tls-1.0-chosen", tls.TLS10, offered=tls.TLS12)
_old("tls-1.1-chosen", tls.TLS11, offered=tls.TLS13)


def _weak_certificate(name: str, about: str, kind: Kind, *may: Label) -> None:
    @scene("weak", name, about, *may)
    def _(trace: Trace) -> None:
        calls.page(trace, SIGNALLING, tls.Talk(SIGNALLING.name, tls.TLS12, kind=kind))


_weak_certificate("certificate-rsa-1024", "TLS 1.2 with an RSA key of 1024 bits", Kind(1024))
_weak_certificate("certificate-sha1", "TLS 1.2 with a certificate signed over SHA-1", Kind(2048, "sha1"))
_weak_certificate("certificate-md5", "TLS 1.2 with a certificate signed over MD5", Kind(2048, "md5"))
_weak_certificate("certificate-over", "TLS 1.2 with a certificate that is over", Kind(days=-20), Label.WEAK_CERTIFICATE)


@scene("weak", "keys-websocket-pieces", "a=crypto in a WebSocket in frames of 90 bytes, with a ping between them")
def _(trace: Trace) -> None:
    keyed = Keyed(trace)
    calls.lookup(trace, SIGNALLING)
    with trace.shows(KEYS_LABEL):
        stream = Stream(trace, trace.at(ME), trace.at(SIGNALLING, 80))
        for message, say in zip(
            text.upgrade(trace.random, SIGNALLING.name, False), (stream.ask, stream.answer), strict=True
        ):
            say(message, Protocol.HTTP, Protocol.WEBSOCKET, server_name=SIGNALLING.name)
        for number, message in enumerate(keyed.messages()):
            own = number % 2 == 0
            (stream.ask if own else stream.answer)(text.pieces(trace.random, message, own, 90))
    keyed.play()


@scene("weak", "keys-sip-websocket", "SIP with a=crypto in a WebSocket without TLS (RFC 7118)")
def _(trace: Trace) -> None:
    keyed = Keyed(trace)
    dialog = text.Dialog(keyed.me, trace.at(SIGNALLING, 80), "WS", "a84b4c76e66710")
    offer = dialog.request("INVITE", keyed.offer.text()).decode()
    answer = dialog.response("200 OK", "INVITE", keyed.answer.text()).decode()
    calls.websocket(trace, SIGNALLING, [offer, answer], KEYS_LABEL)
    keyed.play()
