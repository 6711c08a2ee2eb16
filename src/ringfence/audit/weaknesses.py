"""What is weak in what was observed, and what was not seen: each finding with the packets that show it.
Not here: the fence (`fencing`), the receipt (`comparing`), the words for each kind (findings.toml)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from ringfence.audit import registered
from ringfence.audit.catalogue import Confidence, catalogue
from ringfence.audit.document import Finding
from ringfence.audit.flows import Flow, Observation
from ringfence.audit.names import Names, site
from ringfence.audit.near import Near
from ringfence.audit.roles import CLOSED, OPEN, Call, has_description, is_media

# So many packets are named for one finding.
NAMED = 12
# SRTP profiles with a tag of 32 bits, and those that encrypt nothing (RFC 5764 section 4.1.2).
SHORT = (0x0002, 0x0006)
NULL = (0x0005, 0x0006)
# Profiles of RTP without encryption, as SDP has them (RFC 3551, RFC 4585).
PLAIN = ("RTP/AVP", "RTP/AVPF")
# A stream shorter than this many packets shows its codec only likely.
FEW = 50
# Blocks that came again: fewer could, once in a while, have another reason.
MANY = 8
# A connection that begins so long before media does belongs to the call (ns).
JUST_BEFORE = 10 * 10**9


@dataclass(frozen=True)
class Scene:
    """All that findings are made from."""

    flows: Sequence[Flow]
    near: Near
    names: Names
    call: Call

    @cached_property
    def by_id(self) -> dict[int, Flow]:
        return {flow.id: flow for flow in self.flows}

    @cached_property
    def plain_lines(self) -> list[tuple[Flow, Observation]]:
        """Media that is announced without encryption, where no key is announced beside it."""
        open_ = [flow for flow in self.flows if not any(flow.all("key_in_clear"))]
        lines = [(flow, seen) for flow in open_ for seen in flow.all("sdp_media")]
        return [one for one in lines if one[1].get("transport") in PLAIN and not one[1].get("fingerprint")]

    def found(
        self, id_: str, confidence: Confidence, text: str, flows: Iterable[Flow], seen: Iterable[Observation] = ()
    ) -> Finding:
        """`seen` shows it, by its packets."""
        kind, flows = catalogue()[id_], list(flows)
        servers = {self.near.ends(flow)[1].address for flow in flows}
        packets = sorted({number for one in seen for number in one.packets})[:NAMED]
        return Finding(
            id=id_,
            title=kind.title,
            severity=kind.severity,
            weakness=kind.weakness,
            confidence=confidence,
            text=text,
            server=servers.pop() if len(servers) == 1 else None,
            flows=[flow.id for flow in flows],
            packets=packets,
        )

    def server(self, flow: Flow) -> str:
        """The far end in words."""
        far = self.near.ends(flow)[1]
        name = self.names.of_flow(flow, far)
        return f"{far} ({name})" if name else str(far)


def weaknesses(scene: Scene) -> list[Finding]:
    """All of them, flow by flow, then those of the whole call."""
    found = [finding for flow in scene.flows for rule in RULES for finding in rule(scene, flow)]
    return [*found, *_third_parties(scene), *_one_key(scene), *_not_seen(scene)]


def _media(scene: Scene, flow: Flow) -> Iterator[Finding]:
    readable = [seen for seen in flow.all("media_stream") if seen.get("payload") == "readable"]
    if readable:
        packets = sum(seen.get("sent", 0) for seen in readable)
        sure: Confidence = "certain" if packets >= FEW else "likely"
        ways = _ways(scene, flow, readable)
        text = f"{_streams(len(readable))} {ways} {scene.server(flow)}, {packets:,} packets, without encryption"
        yield scene.found("media-in-clear", sure, text, [flow], readable)
    named = [seen for seen in readable if seen.get("codec")]
    for codec in dict.fromkeys(str(seen.get("codec")) for seen in named):
        of_it = [seen for seen in named if seen.get("codec") == codec]
        packets = sum(seen.get("sent", 0) for seen in of_it)
        loose = codec.upper().startswith(("G.711", "PCM", "G711"))
        text = f"{codec} {_ways(scene, flow, of_it)} {scene.server(flow)}, {packets:,} packets"
        yield scene.found("codec-readable", "likely" if loose or packets < FEW else "certain", text, [flow], of_it)
    if not readable:
        yield from _announced(scene, flow)
    null = [seen for seen in flow.all("server_hello") if seen.get("srtp_profile") in NULL]
    if null and not readable:
        profile = registered.profile(int(null[0].get("srtp_profile")))
        text = f"{profile} was agreed with {scene.server(flow)}, which encrypts nothing"
        yield scene.found("media-in-clear", "certain", text, [flow], null)


def _announced(scene: Scene, flow: Flow) -> Iterator[Finding]:
    """Media that a description which can be read announces as plain RTP, for this very address and port."""
    streams = [seen for seen in flow.all("media_stream") if seen.get("payload") != "sealed"]
    if not streams or flow.carries("dtls", "srtp"):
        return
    ends = {tuple(flow.a), tuple(flow.b)}
    for other, line in scene.plain_lines:
        if (str(line.get("address")), line.get("port")) in ends:
            text = f"{_ways(scene, flow, streams)} {scene.server(flow)}, announced as {line.get('transport')}"
            yield scene.found("media-in-clear", "certain", text, [flow, other], [*streams, line])
            return


def _streams(count: int) -> str:
    return "one stream" if count == 1 else f"{count} streams"


def _ways(scene: Scene, flow: Flow, seen: Iterable[Observation]) -> str:
    from_near = scene.near.ends(flow)[0] == flow.a
    ways = {bool(one.get("forth")) == from_near for one in seen}
    return "to and from" if len(ways) == 2 else "to" if True in ways else "from"


def _ecb(scene: Scene, flow: Flow) -> Iterator[Finding]:
    seen = [one for one in flow.all("repeated_blocks") if one.get("repeated", 0)]
    if not seen:
        return
    again, blocks = (sum(one.get(name, 0) for one in seen) for name in ("repeated", "blocks"))
    where = f"{_ways(scene, flow, seen)} {scene.server(flow)}"
    text = f"{again:,} of {blocks:,} blocks of 16 bytes that were compared come again, {where}"
    yield scene.found("ecb", "certain" if again >= MANY else "likely", text, [flow], seen)


def _keys(scene: Scene, flow: Flow) -> Iterator[Finding]:
    seen = list(flow.all("key_in_clear"))
    if seen:
        suites = ", ".join(dict.fromkeys(str(one.get("suite") or "a suite without a name") for one in seen))
        text = f"in {seen[0].get('place')}, with {scene.server(flow)}: keys for {suites}"
        # What is named as a key in JSON need not be one of media.
        is_crypto = any(str(one.get("place")).startswith("a=crypto") for one in seen)
        yield scene.found("keys-in-clear", "certain" if is_crypto else "likely", text, [flow], seen)


def _clear_signalling(scene: Scene, flow: Flow) -> Iterator[Finding]:
    sockets = [seen for seen in flow.all("web_socket") if seen.get("frames_readable")]
    if has_description(flow) or sockets:
        seen = [*sockets, *flow.all("sip", "sdp_media", "key_in_clear")]
        yield scene.found("signalling-in-clear", "certain", f"with {scene.server(flow)}", [flow], seen)


def _tags(scene: Scene, flow: Flow) -> Iterator[Finding]:
    agreed = [seen for seen in flow.all("server_hello") if seen.get("srtp_profile") in SHORT]
    described = [seen for seen in flow.all("key_in_clear") if str(seen.get("suite") or "").endswith("_32")]
    measured = [seen for seen in flow.all("media_stream") if seen.get("tag") == 4]
    if agreed:
        profile = registered.profile(int(agreed[0].get("srtp_profile")))
        yield scene.found("short-tag", "certain", f"{profile} was agreed with {scene.server(flow)}", [flow], agreed)
    elif described:
        text = f"{described[0].get('suite')}, in the description with {scene.server(flow)}"
        yield scene.found("short-tag", "certain", text, [flow], described)
    elif measured:
        text = f"by the length of packets {_ways(scene, flow, measured)} {scene.server(flow)}"
        yield scene.found("short-tag", "likely", text, [flow], measured)


def _versions(scene: Scene, flow: Flow) -> Iterator[Finding]:
    for seen in flow.all("server_hello"):
        version, is_dtls = int(seen.get("version", 0)), seen.get("carrier") == "dtls"
        if is_dtls and version == 0xFEFF:
            yield scene.found("old-dtls", "certain", f"DTLS 1.0 was agreed with {scene.server(flow)}", [flow], [seen])
        elif seen.get("carrier") == "tls" and version < 0x0303:
            text = f"{registered.version(version)} was agreed with {scene.server(flow)}"
            yield scene.found("old-tls", "certain", text, [flow], [seen])
        if seen.get("cipher") in registered.BROKEN:
            text = f"{registered.cipher(int(seen.get('cipher')))} was agreed with {scene.server(flow)}"
            yield scene.found("weak-cipher", "certain", text, [flow], [seen])


def _certificates(scene: Scene, flow: Flow) -> Iterator[Finding]:
    reasons: dict[str, Observation] = {}
    for seen in flow.all("certificate"):
        reasons |= dict.fromkeys(_weak(seen, flow), seen)
    if reasons:
        text = f"of {scene.server(flow)}: {'; '.join(reasons)}"
        yield scene.found("weak-certificate", "certain", text, [flow], reasons.values())


def _weak(seen: Observation, flow: Flow) -> Iterator[str]:
    """Why a certificate proves little; nothing where it does."""
    kind, bits, subject = seen.get("key"), int(seen.get("bits") or 0), seen.get("subject") or "without a subject"
    if (kind == "rsa" and 0 < bits < 2048) or (kind == "ec" and 0 < bits < 224):
        yield f"{subject}: a key of {bits} bits ({str(kind).upper()})"
    signature = str(seen.get("signature") or "")
    plain = signature.lower().replace("-", "").replace("_", "")
    is_root = seen.get("self_signed") and seen.get("position", 0) > 0
    if not is_root and any(old in plain for old in ("md2", "md5", "sha1")):
        yield f"{subject}: signed with {signature}"
    if seen.get("carrier") != "dtls" and "not_after" in seen.fields:
        at = seen.first_ns // 10**9
        begins, ends = int(seen.get("not_before", 0)), int(seen.get("not_after"))
        if not begins <= at <= ends:
            yield f"{subject}: valid from {_date(begins)} until {_date(ends)}, and it was {_date(at)}"


def _date(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return f"second {seconds}"


RULES = (_media, _ecb, _keys, _clear_signalling, _tags, _versions, _certificates)


def _one_key(scene: Scene) -> Iterator[Finding]:
    shared = [(flow, seen) for flow in scene.flows for seen in flow.all("shared_blocks")]
    for flow, seen in shared:
        text = f"equal encrypted blocks in {len(seen.get('ssrcs', ()))} streams with {scene.server(flow)}"
        yield scene.found("one-key", "likely", text, [flow], [seen])
    for flow in scene.flows:
        by_key: dict[object, list[Observation]] = {}
        for seen in flow.all("key_in_clear"):
            by_key.setdefault(seen.get("fingerprint"), []).append(seen)
        for fingerprint, uses in by_key.items():
            # Whoever stands between two others passes on what one of them said: only both sides of one flow are two.
            if fingerprint is not None and len({seen.get("forth") for seen in uses}) > 1:
                text = f"both sides announce one and the same key, with {scene.server(flow)}"
                yield scene.found("one-key", "certain", text, [flow], uses)


def _third_parties(scene: Scene) -> Iterator[Finding]:
    """Named servers of other sites than the call's, while it ran."""
    call = scene.call
    if not call.sites:
        return
    others: dict[str, list[Flow]] = {}
    for flow in scene.flows:
        far = scene.near.ends(flow)[1]
        name = scene.names.of_flow(flow, far)
        is_contact = flow.carries(*CLOSED, *OPEN, "stun", "turn") and not is_media(flow)
        if name and is_contact and call.may_include(flow, JUST_BEFORE) and site(name) not in call.sites:
            others.setdefault(site(name), []).append(flow)
    for _, flows in sorted(others.items()):
        began = call.begin is not None and all(flow.first_ns >= call.begin - JUST_BEFORE for flow in flows)
        sure: Confidence = "likely" if began and call.sites_known else "possible"
        own = ", ".join(sorted(call.sites))
        whose = "the call is of" if call.begin is not None else "no media was recognised, and most connections are to"
        seen = [one for flow in flows for one in flow.all("client_hello", "http_request", "stun")]
        names = dict.fromkeys(scene.names.of_flow(flow, scene.near.ends(flow)[1]) or "" for flow in flows)
        yield scene.found("third-party", sure, f"{', '.join(names)}; {whose} {own}", flows, seen)


def is_sealed_twice(flow: Flow) -> bool:
    """Whether a second layer was seen, or keys that participants agree between them (ZRTP, RFC 6189)."""
    return any(flow.all("sframe")) or any(seen.get("name") == "zrtp" for seen in flow.all("encapsulation"))


def _not_seen(scene: Scene) -> Iterator[Finding]:
    media = [flow for flow in scene.flows if is_media(flow)]
    if not media:
        yield scene.found("no-media-seen", "possible", "no flow holds media that the auditor recognises", [])
    elif not any(is_sealed_twice(flow) for flow in media):
        text = f"in {len(media)} {'flow' if len(media) == 1 else 'flows'} of media"
        yield scene.found("no-end-to-end-seen", "possible", f"{text}: not seen", media)
