"""What each flow did in the call, told by what it carries and when.
Not here: whether that is allowed (`fencing`) or weak (`weaknesses`)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ringfence.audit.document import Role
from ringfence.audit.flows import Flow, Observation
from ringfence.audit.names import Names, site
from ringfence.audit.near import Near

MEDIA = ("rtp", "srtp", "rtcp", "srtcp", "zoom")
# What may carry signalling that cannot be read.
CLOSED = ("tls", "quic")
OPEN = ("http", "web_socket")
# What a client says that it is about to speak inside of TLS, where that is STUN or TURN (RFC 7443).
RELAYING = ("stun.turn", "stun.nat-discovery")
# By what a client says that it is about to speak it speaks no call's signalling (IANA's list of ALPN's protocols).
OTHERS = frozenset(
    ("dot", "doq", "imap", "pop3", "managesieve", "nntp", "ftp", "smb", "ntske/1", "acme-tls/1", "postgresql")
)
# Signalling of a call begins before its media, and what belongs to it may come a little later (ns).
BEFORE = 60 * 10**9
AFTER = 10 * 10**9
ORDER: tuple[Role, ...] = ("signalling", "keys", "media", "relay", "other")


@dataclass
class Call:
    """What of a capture belongs to a call. `begin` and `end` are of its media, in nanoseconds; None without any."""

    begin: int | None = None
    end: int | None = None
    sites: set[str] = field(default_factory=set)
    # Whether names of servers of media, or of signalling that could be read, say whose the call is.
    sites_known: bool = False
    roles: dict[int, tuple[Role, ...]] = field(default_factory=dict)

    def of(self, flow: Flow) -> tuple[Role, ...]:
        return self.roles[flow.id]

    def during(self, flow: Flow, before: int = BEFORE) -> bool:
        return (
            self.begin is not None
            and self.end is not None
            and (flow.last_ns >= self.begin - before and flow.first_ns <= self.end + AFTER)
        )

    def may_include(self, flow: Flow, before: int = BEFORE) -> bool:
        """Where no media was recognised nobody knows when the call was: then it may be any flow's."""
        return self.begin is None or self.during(flow, before)


def streams(flow: Flow) -> list[Observation]:
    return list(flow.all("media_stream"))


def is_media(flow: Flow) -> bool:
    """RTP in any form, an encapsulation of it, or DTLS that agrees keys for it (RFC 5764)."""
    if flow.carries(*MEDIA) or streams(flow) or any(flow.all("encapsulation")):
        return True
    return flow.carries("dtls")


def is_check(flow: Flow) -> bool:
    """Whether it was only asked if media can go this way (ICE): of another participant, or by a server of media."""
    asked = [seen for seen in flow.all("stun") if seen.get("class") == 0]
    return bool(asked) and all(seen.get("check") for seen in asked)


def _offered(flow: Flow) -> set[str]:
    return {name for seen in flow.all("client_hello") for name in seen.get("alpn", ())}


def is_relay(flow: Flow) -> bool:
    """TURN, also where it is only announced, inside of TLS."""
    announced = not _offered(flow).isdisjoint(RELAYING)
    return announced or flow.carries("turn") or any(flow.all("relayed", "relay_peer"))


def may_signal(flow: Flow) -> bool:
    """Whether it may carry signalling that cannot be read."""
    offered = _offered(flow)
    return flow.carries(*CLOSED, *OPEN) and not (offered and offered <= OTHERS)


def has_description(flow: Flow) -> bool:
    """A call's description that anybody can read: SIP, or SDP in whatever carries it."""
    return flow.carries("sip") or any(flow.all("sip", "sdp_media", "key_in_clear"))


def is_signalling(flow: Flow) -> bool:
    return has_description(flow) or flow.carries("web_socket") or any(flow.all("web_socket"))


def call_of(flows: Sequence[Flow], near: Near, names: Names) -> Call:
    """Sorts all flows of a capture."""
    call = Call()
    media = [flow for flow in flows if is_media(flow)]
    if media:
        call.begin = min(flow.first_ns for flow in media)
        call.end = max(flow.last_ns for flow in media)
    call.sites = _sites(flows, media, call, near, names)
    addresses = {near.ends(flow)[1].address for flow in media}
    for flow in flows:
        call.roles[flow.id] = _roles(flow, call, near, names, addresses)
    return call


def _sites(flows: Sequence[Flow], media: Sequence[Flow], call: Call, near: Near, names: Names) -> set[str]:
    """Whose call it is, by name: of servers of media and relay, and of signalling that can be read; else of the named
    connection that was open for the longest time of the call, and rather of one that may have set it up; without media,
    of the site with most connections."""
    ids = {flow.id for flow in media}
    own = [flow for flow in flows if flow.id in ids or is_relay(flow) or is_signalling(flow)]
    known = {name for flow in own for name in _all_names(flow, near, names)}
    if known:
        call.sites_known = True
        return {site(name) for name in known}
    weight: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for flow in flows:
        name = names.of_flow(flow, near.ends(flow)[1])
        if not name or not may_signal(flow):
            continue
        if call.begin is None or call.end is None:
            weight[site(name)] += 1
        elif flow.first_ns <= call.end and call.during(flow):
            # What was seen to be opened once media flowed did not set them up.
            is_late = flow.first_ns > call.begin and any(flow.all("client_hello"))
            open_for = min(flow.last_ns, call.end) - max(flow.first_ns, call.begin - BEFORE)
            (late if is_late else weight)[site(name)] += open_for
    weight = weight or late
    # Of equals, whose connection came first.
    return {max(weight, key=lambda one: weight[one])} if weight else set()


def _all_names(flow: Flow, near: Near, names: Names) -> Iterable[str]:
    far = near.ends(flow)[1]
    own = names.of_flow(flow, far)
    return {*names.of(far.address), *([own] if own else [])}


def _roles(flow: Flow, call: Call, near: Near, names: Names, addresses: set[str]) -> tuple[Role, ...]:
    found: set[Role] = set()
    far = near.ends(flow)[1]
    if is_media(flow):
        found.add("media")
        if flow.carries("dtls"):
            found.add("keys")
    if is_relay(flow):
        found.add("relay")
    elif is_check(flow):
        found.add("media")
    elif flow.carries("stun") and "media" not in found:
        # It told somebody their address: what a fence calls relay (TURN, STUN).
        found.add("relay")
    if is_signalling(flow):
        found.add("signalling")
    if any(flow.all("key_in_clear")):
        found.add("keys")
    if not found and may_signal(flow) and call.begin is not None:
        name = names.of_flow(flow, far)
        if (name and site(name) in call.sites) or far.address in addresses:
            found.add("signalling")
    return tuple(role for role in ORDER if role in found) or ("other",)
