"""Who was contacted: third parties, and machines that the fence refuses, each alone."""

from ..capture import scene
from ..labels import Endpoint, Label, Protocol
from ..protocols import calls, quic, stun, text, tls
from ..trace import Stream, Trace
from ..world import BEIJING, BEIJING_KEYS, ELSEWHERE, FACEBOOK, ME, SIGNALLING, TRACKER, WEB
from .weak_signalling import http


@scene("weak", "third-party-known", "the meeting's own site, and the graph of a social network that nobody asked for")
def _(trace: Trace) -> None:
    calls.page(trace, WEB)
    calls.page(trace, SIGNALLING)
    calls.contact(trace, FACEBOOK)


@scene("weak", "third-party-unknown", "the meeting's own sites, and one of another domain and network, by TLS 1.2")
def _(trace: Trace) -> None:
    calls.page(trace, WEB)
    calls.page(trace, SIGNALLING)
    calls.contact(trace, ELSEWHERE, tls.TLS12)


@scene("weak", "third-party-quic", "the meeting's own sites, and a tracker over QUIC")
def _(trace: Trace) -> None:
    calls.page(trace, WEB)
    calls.page(trace, SIGNALLING)
    calls.lookup(trace, TRACKER)
    before = len(trace.frames)
    quic.talk(trace, trace.at(ME), trace.at(TRACKER, 443), quic.Terms(TRACKER.name), 20)
    trace.shown(Label.THIRD_PARTY, before, 1)


@scene("weak", "outside-keys", "keys fetched by TLS 1.3 from a machine that the fence refuses")
def _(trace: Trace) -> None:
    calls.page(trace, WEB)
    calls.page(trace, BEIJING_KEYS)


@scene("weak", "outside-quic", "QUIC with a machine that the fence refuses")
def _(trace: Trace) -> None:
    calls.lookup(trace, BEIJING)
    quic.talk(trace, trace.at(ME), trace.at(BEIJING, 443), quic.Terms(BEIJING.name))


@scene("weak", "outside-unanswered", "SYNs to a machine that the fence refuses, never answered")
def _(trace: Trace) -> None:
    calls.page(trace, WEB)
    Unanswered(trace, trace.at(ME), trace.at(BEIJING, 443))


class Unanswered(Stream):
    """A client that knocks three times."""

    def __init__(self, trace: Trace, client: Endpoint, server: Endpoint) -> None:
        self.trace, self.client, self.server, self.size = trace, client, server, 1440
        self.next = {client: trace.random.getrandbits(32), server: 0}
        for wait in (1000, 2000, 0):
            self._send(client, 2)
            self.next[client] -= 1
            trace.wait(wait)


@scene("weak", "third-party-http", "the meeting's own sites, and a beacon to others over HTTP")
def _(trace: Trace) -> None:
    calls.page(trace, WEB)
    calls.page(trace, SIGNALLING)
    asked = text.request("GET", "/pixel?meeting=7", ELSEWHERE.name)
    http(trace, [(asked, text.response("204 No Content"))], Label.THIRD_PARTY, host=ELSEWHERE)


@scene("weak", "third-party-stun", "one's address asked of somebody else's STUN server, looked up before")
def _(trace: Trace) -> None:
    calls.page(trace, WEB)
    calls.page(trace, SIGNALLING)
    with trace.shows(Label.THIRD_PARTY):
        calls.lookup(trace, ELSEWHERE)
        me, server, ident = trace.at(ME), trace.at(ELSEWHERE, 19302), trace.bytes(12)
        trace.udp(me, server, stun.message(stun.BINDING, ident, []), Protocol.STUN)
        trace.wait(20)
        seen = (stun.XOR_MAPPED, stun.xored(me, ident))
        trace.udp(server, me, stun.message(stun.BINDING | stun.SUCCESS, ident, [seen]))
