"""From a scan to a report: servers with roles, places and decisions, findings, fitness.
Not here: each of these (one module each), or how a report looks (`text`, `page`, `sarif`)."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ringfence import __version__
from ringfence.audit import document
from ringfence.audit.accepting import Accepted, marked
from ringfence.audit.catalogue import SEVERITIES
from ringfence.audit.comparing import Declared, compared
from ringfence.audit.document import Decision, Finding, Report, Role
from ringfence.audit.fencing import Fence
from ringfence.audit.fitness import fitness
from ringfence.audit.flows import Flow, Observation, Peer, Scan
from ringfence.audit.limits import limits
from ringfence.audit.names import Names
from ringfence.audit.near import Near, guess
from ringfence.audit.observed import protocols, words
from ringfence.audit.outside import outside
from ringfence.audit.places import Places, day, placeable
from ringfence.audit.roles import ORDER, call_of, is_media
from ringfence.audit.weaknesses import Scene, is_sealed_twice, weaknesses

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Steps of the timeline.
STEPS = 120
# Servers of which the timeline tells.
LINES = 40
# Of one flow, so many observations are in a report.
SHOWN = 64


@dataclass(frozen=True)
class Question:
    """What a capture is held against. Nothing of it is needed."""

    near: Near | None = None
    places: Places | None = None
    fence: Fence | None = None
    receipt: Declared | None = None
    # Whether contacts aside of the call count as servers of it.
    strict: bool = False
    accepted: Sequence[Accepted] = ()


def report(scan: Scan, question: Question) -> Report:
    places = question.places or Places()
    near = question.near or guess(scan.flows)
    names = Names(scan.flows)
    call = call_of(scan.flows, near, names)
    scene = Scene(scan.flows, near, names, call)
    servers = _servers(scene, places, question.fence)
    findings = weaknesses(scene)
    told = None
    if question.receipt is not None:
        told, differing = compared(scene, question.receipt)
        findings += differing
    findings += outside(scene, servers, is_strict=question.strict)
    findings = _sorted(marked(scene, findings, question.accepted))
    has_media = any(is_media(flow) for flow in scan.flows)
    is_sealed = any(is_sealed_twice(flow) for flow in scan.flows) or bool(told and told.clean and told.agrees)
    return Report(
        tool=f"ringfence {__version__}",
        capture=_capture(scan),
        near=sorted(near.addresses),
        near_given=near.given,
        sources=_sources(places),
        fence=question.fence.sentences if question.fence else None,
        servers=servers,
        flows=[_flow(scene, flow) for flow in scan.flows],
        findings=findings,
        fitness=fitness(findings, has_media=has_media, is_sealed=is_sealed, has_fence=question.fence is not None),
        receipt=told,
        timeline=_timeline(scene, servers),
        limits=limits(scan, near, call, places, has_fence=question.fence is not None),
        clean=not any(finding.weakness and not finding.accepted for finding in findings),
    )


def _sources(places: Places) -> list[document.Source]:
    known = [(one.kind, one) for one in places.sets] + [("network", one) for one in places.networks]
    return [document.Source(kind=kind, name=one.name, date=day(one.date), digest=one.digest) for kind, one in known]


def moment(nanoseconds: int) -> str:
    """ISO 8601 in UTC, to the microsecond; a capture may say any time."""
    try:
        return (EPOCH + timedelta(microseconds=nanoseconds // 1000)).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return f"{nanoseconds} ns"


def named(path: str) -> str:
    """A file's own name, as text; bytes that are none become replacement characters."""
    return os.fsencode(Path(path).name).decode("utf-8", "replace")


def _capture(scan: Scan) -> document.Capture:
    counts = scan.counts
    first, last = counts.get("first_ns"), counts.get("last_ns")
    return document.Capture(
        file=named(scan.path),
        format=scan.format + (", gzip" if scan.compressed else ""),
        packets=counts.get("packets", 0),
        bytes=counts.get("bytes", 0),
        first=None if first is None else moment(first),
        last=None if last is None else moment(last),
        unread=[document.Unread(reason=reason, packets=count) for reason, count in scan.unread.items()],
    )


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    """The worst first, then as they come in the capture."""
    return sorted(findings, key=lambda finding: (SEVERITIES.index(finding.severity), finding.id, finding.flows[:1]))


def _flow(scene: Scene, flow: Flow) -> document.Flow:
    near, far = scene.near.ends(flow)
    out, in_ = scene.near.outwards(flow)
    return document.Flow(
        id=flow.id,
        transport=flow.transport if flow.transport != "other" else f"IP protocol {flow.ip_protocol}",
        near=_end(near),
        far=_end(far),
        protocols=protocols(flow),
        roles=list(scene.call.of(flow)),
        name=scene.names.of_flow(flow, far),
        first=moment(flow.first_ns),
        last=moment(flow.last_ns),
        packets_out=out.packets,
        packets_in=in_.packets,
        bytes_out=out.bytes,
        bytes_in=in_.bytes,
        observed=[
            document.Observed(
                kind=seen.kind, text=words(seen), fields=_told(seen), count=seen.count, packets=list(seen.packets)
            )
            for seen in flow.observations[:SHOWN]
        ],
    )


def _told(seen: Observation) -> dict[str, object]:
    """All fields but what is made of a key."""
    return {name: value for name, value in seen.fields.items() if name != "fingerprint" or seen.kind != "key_in_clear"}


def _end(peer: Peer) -> document.Endpoint:
    return document.Endpoint(address=peer.address, port=peer.port)


def _servers(scene: Scene, places: Places, fence: Fence | None) -> list[document.Server]:
    """Each far address with all of its flows; those that took part in the call first, then by bytes."""
    by_address: dict[str, list[Flow]] = {}
    for flow in scene.flows:
        by_address.setdefault(scene.near.ends(flow)[1].address, []).append(flow)
    found = [_server(scene, places, fence, address, flows) for address, flows in by_address.items()]
    found += _behind(scene, places, fence, by_address.keys() | scene.near.addresses)
    return sorted(found, key=lambda one: (one.roles == ["other"], -(one.bytes_in + one.bytes_out), one.address))


def _server(scene: Scene, places: Places, fence: Fence | None, address: str, flows: Sequence[Flow]) -> document.Server:
    played = {role for flow in flows for role in scene.call.of(flow)}
    roles: list[Role] = [role for role in ORDER if role in played and (role != "other" or len(played) == 1)]
    ways = [scene.near.outwards(flow) for flow in flows]
    first, last = min(flow.first_ns for flow in flows), max(flow.last_ns for flow in flows)
    relayed = {_host(str(seen.get("address"))) for flow in flows for seen in flow.all("relay_peer")}
    return document.Server(
        address=address,
        names=scene.names.of(address),
        roles=roles,
        places=_places(places, address),
        networks=_networks(places, address),
        local=not placeable(address),
        packets=sum(flow.packets for flow in flows),
        bytes_out=sum(out.bytes for out, _ in ways),
        bytes_in=sum(in_.bytes for _, in_ in ways),
        first=moment(first),
        last=moment(last),
        flows=[flow.id for flow in flows],
        decisions=_decisions(fence, address, _judged(scene, address, roles, flows), first),
        relayed=sorted(relayed),
    )


def _behind(scene: Scene, places: Places, fence: Fence | None, known: set[str]) -> list[document.Server]:
    """Whom relays were asked to reach, and who is nowhere else in the capture.

    Addresses of local networks are candidates that others wrote down, and reach nobody.
    """
    through: dict[str, list[Flow]] = {}
    for flow in scene.flows:
        for seen in flow.all("relay_peer"):
            address = _host(str(seen.get("address")))
            if address not in known and placeable(address):
                through.setdefault(address, []).append(flow)
    return [
        document.Server(
            address=address,
            names=scene.names.of(address),
            roles=["media"],
            places=_places(places, address),
            networks=_networks(places, address),
            local=False,
            packets=0,
            bytes_out=0,
            bytes_in=0,
            first=moment(min(flow.first_ns for flow in flows)),
            last=moment(max(flow.last_ns for flow in flows)),
            flows=list(dict.fromkeys(flow.id for flow in flows)),
            decisions=_decisions(fence, address, ["media"], min(flow.first_ns for flow in flows)),
            relayed=[],
        )
        for address, flows in through.items()
    ]


def _host(address: str) -> str:
    """Of an address with a port."""
    return address.rpartition(":")[0].strip("[]")


def _places(places: Places, address: str) -> list[document.Place]:
    return [
        document.Place(kind=one.kind, name=one.name, date=one.date, country=one.country) for one in places.of(address)
    ]


def _networks(places: Places, address: str) -> list[document.Network]:
    return [
        document.Network(list=one.name, date=one.date, number=one.number, name=one.holder)
        for one in places.networks_of(address)
    ]


def _judged(scene: Scene, address: str, roles: Sequence[Role], flows: Sequence[Flow]) -> list[Role]:
    """In which roles a server is held against the fence. Who took no visible part in a call is one of the roles while
    the call ran, and throughout where none was recognised: keys may come from there, as those of 2020 did."""
    contacted = placeable(address) and any(scene.call.may_include(flow) for flow in flows)
    return [role for role in roles if role != "other" or contacted]


def _decisions(fence: Fence | None, address: str, roles: Sequence[Role], at: int) -> list[Decision]:
    """For each role. Of what else was contacted the least is asked, since it learns who calls and when: signalling."""
    if fence is None:
        return []
    at = max(0, at) // 10**9
    return [
        fence.decide(address, "signalling" if role == "other" else role, at).model_copy(update={"role": role})
        for role in roles
    ]


def _timeline(scene: Scene, servers: Sequence[document.Server]) -> document.Timeline | None:
    """Bytes of each server, in equal steps. What the scan has counted in coarser steps is spread evenly."""
    shown = {server.address for server in servers[:LINES] if server.packets}
    flows = [flow for flow in scene.flows if scene.near.ends(flow)[1].address in shown]
    if not flows:
        return None
    begin, end = min(flow.first_ns for flow in flows), max(flow.last_ns for flow in flows)
    step = max(1, -(-(end - begin + 1) // STEPS))
    rows: dict[str, list[float]] = {}
    for flow in flows:
        row = rows.setdefault(scene.near.ends(flow)[1].address, [0.0] * STEPS)
        for start, length, size in _counted(flow):
            _spread(row, (start - begin) / step, (start + length - begin) / step, size)
    whole = {address: [round(size) for size in row] for address, row in rows.items()}
    return document.Timeline(start=moment(begin), step_seconds=step / 1e9, servers=whole)


def _counted(flow: Flow) -> list[tuple[int, int, int]]:
    """Start and length of each step (ns), and its bytes."""
    line = flow.timeline
    if line is None:
        return [(flow.first_ns, max(1, flow.last_ns - flow.first_ns), flow.bytes)]
    both = zip(line.forth, line.back, strict=False)
    return [
        (line.start_ns + at * line.step_ns, line.step_ns, sum(sizes)) for at, sizes in enumerate(both) if any(sizes)
    ]


def _spread(row: list[float], begin: float, end: float, size: int) -> None:
    for at in range(max(0, int(begin)), min(len(row) - 1, int(end)) + 1):
        share = min(end, at + 1) - max(begin, at)
        if share > 0:
            row[at] += size * share / (end - begin)
