"""Labelled captures through the auditor: what it found, and where its table of flows is not the one that was made.
Not here: captures (tests/captures), or the table of flows held against another reader."""

from collections.abc import Iterator
from pathlib import Path

from captures import FENCE, REGISTRY, Capture, Flow, Label, Protocol, Receipt, Way
from ringfence import audit
from ringfence._core import fence
from ringfence._core.geo import Addresses
from ringfence.audit import Question, Report, flows, registered
from ringfence.audit.comparing import Declared
from ringfence.audit.fencing import Fence
from ringfence.audit.places import Places

LABELS = {
    "media-in-clear": Label.MEDIA_IN_CLEAR,
    "codec-readable": Label.CODEC_READABLE,
    "ecb": Label.ECB,
    "one-key": Label.ONE_KEY,
    "keys-in-clear": Label.KEYS_IN_CLEAR,
    "short-tag": Label.SHORT_TAG,
    "old-dtls": Label.DTLS_1_0,
    "old-tls": Label.OLD_TLS,
    "weak-certificate": Label.WEAK_CERTIFICATE,
    "media-before-admission": Label.EARLY_MEDIA,
    "undeclared-contact": Label.UNDECLARED_CONTACT,
    "third-party": Label.THIRD_PARTY,
    "fence-outside": Label.OUTSIDE_FENCE,
    "fence-unknown": Label.OUTSIDE_FENCE,
    "contact-outside": Label.OUTSIDE_FENCE,
    "no-end-to-end-seen": Label.NO_SECOND_LAYER,
}
# Findings that no label is about.
NOTES = {"signalling-in-clear", "no-media-seen"}
SECOND = 10**9
PLACES = Places([Addresses.read(REGISTRY.encode())])
RULES = Fence(fence.parse_policy(FENCE), PLACES)


def audited(capture: Capture, folder: Path) -> tuple[audit.Audit, Report]:
    """Raises RF2502 where not even the header of the file is whole."""
    path = folder / f"capture{capture.suffix}"
    path.write_bytes(capture.data)
    seen = audit.open(path)
    receipt = declared(capture.receipt) if capture.receipt else None
    return seen, seen.report(Question(audit.given([capture.me]), PLACES, RULES, receipt))


def declared(receipt: Receipt) -> Declared:
    """Of a participant who came a minute before being admitted, and saved it ten minutes later."""
    admitted = receipt.admitted // SECOND
    sent = tuple({"address": address, "port": 0, "from": admitted, "until": None} for address in receipt.servers)
    return Declared("made", True, (), admitted - 60, admitted + 600, admitted, True, sent, ())


def found(report: Report) -> set[Label]:
    """Raises KeyError for a finding that is neither in the table nor a note."""
    return {LABELS[finding.id] for finding in report.findings if finding.id not in NOTES}


def differences(capture: Capture, scan: flows.Scan) -> Iterator[str]:
    """Between the table of flows as it was made and as it was read."""
    if capture.expected.flows is None:
        return
    if scan.counts["packets"] != capture.expected.packets:
        yield f"{scan.counts['packets']} packets, and not {capture.expected.packets}"
    made = {(flow.transport, str(flow.a), str(flow.b)): flow for flow in capture.expected.flows}
    read = {(flow.transport, str(flow.a), str(flow.b)): flow for flow in scan.flows if flow.transport != "other"}
    if list(made) != list(read):
        yield f"flows {list(read)}, and not {list(made)}"
    is_raw = capture.mutation in ("raw", "raw-v6", "ipv4", "ipv6")
    for key in made.keys() & read.keys():
        for difference in _of_flow(made[key], read[key], is_raw):
            yield f"{' '.join(key)}: {difference}"


def _of_flow(made: Flow, read: flows.Flow, is_raw: bool) -> Iterator[str]:
    for name, put, got in (("there", made.there, read.forth), ("back", made.back, read.back)):
        if (put.packets, put.payload_bytes) != (got.packets, got.payload) or not _same_size(put, got, is_raw):
            yield f"{name} {got}, and not {put}"
    # Clocks of some interfaces do not count in microseconds.
    if max(abs(made.first - read.first_ns), abs(made.last - read.last_ns)) > 1000:
        yield f"from {read.first_ns} to {read.last_ns}, and not from {made.first} to {made.last}"
    # With a whole handshake beside it, it has to be told whether media is sealed.
    agreed = Protocol.DTLS in made.protocols and not made.partial
    put_in, seen = _named({str(one) for one in made.protocols}, agreed), _named(_spoken(read), agreed)
    if not seen <= put_in or (seen != put_in and not made.partial):
        yield f"speaks {sorted(seen)}, and not {sorted(put_in)}"
    if not made.partial:
        told = _facts(read)
        for fact, value in made.facts.items():
            if value not in told.get(fact, ()):
                yield f"{fact} is {told.get(fact)}, and not {value!r}"


def _same_size(put: Way, got: flows.Way, is_raw: bool) -> bool:
    """The core counts frames as on the wire: with the header of the link, and padding."""
    return got.bytes == put.ip_bytes if is_raw else got.bytes >= put.ip_bytes


def _spoken(read: flows.Flow) -> set[str]:
    return {"websocket" if one == "web_socket" else one for one in read.protocols} | (
        {"sframe"} if any(read.all("sframe")) else set()
    )


def _named(protocols: set[str], agreed: bool) -> set[str]:
    """In words that both sides use. TURN's messages are STUN's (RFC 8656 section 5); and media whose keys were agreed
    on out of sight may be called sealed or not."""
    names = protocols - {"other", "unknown"} - ({"stun"} if "turn" in protocols else set())
    return names if agreed else {{"srtp": "rtp", "srtcp": "rtcp"}.get(one, one) for one in names}


def _facts(read: flows.Flow) -> dict[str, set[str]]:
    """All values of each that the flow shows. Which of the protocols that were offered is used with TLS 1.3 is
    encrypted (RFC 8446 section 4.3.1): the offer counts."""
    told: dict[str, set[str]] = {}

    def tell(name: str, *values: object) -> None:
        told.setdefault(name, set()).update(str(value) for value in values if value)

    for seen in read.observations:
        get = seen.get
        match seen.kind:
            case "client_hello":
                tell("server_name", get("server_name"))
                tell("alpn", *get("alpn"))
            case "server_hello":
                tell("version", registered.version(get("version")))
                tell("cipher", registered.cipher(get("cipher")))
                if get("alpn"):
                    told["alpn"] = {str(get("alpn"))}
                if get("srtp_profile"):
                    tell("srtp_profile", registered.profile(get("srtp_profile")))
            case "quic":
                tell("quic_version", registered.quic(get("version")).removeprefix("QUIC "))
            case "http_request" | "web_socket":
                tell("server_name", str(get("host") or "").partition(":")[0])
            case "relay_peer":
                tell("relayed_peer", get("address"))
            case "dns_answer":
                tell("name", get("name"))
                tell("resolved", *get("addresses"))
    return told
