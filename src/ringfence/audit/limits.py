"""What a capture cannot show: the end of each report.
Not here: what it shows."""

from collections.abc import Iterator

from ringfence.audit.flows import Scan
from ringfence.audit.near import Near
from ringfence.audit.places import Places, day
from ringfence.audit.roles import Call

# A data set that is made later than that after a capture may speak of other times (ns).
LATE = 60 * 86_400 * 10**9
ALWAYS = (
    "What happened behind the servers: what they kept, copied or sent on, and to whom.",
    "What was inside of connections that were encrypted. TLS and QUIC hide signalling, and keys in it.",
    "Whether media was encrypted end to end inside of SRTP. Not seen does not mean that it was absent.",
    "Who holds keys. That media looks encrypted says nothing of who can open it.",
    "Where a machine stands. Data sets say where an address is registered or believed to be; some are wrong, and one "
    "address may be in many places at once (anycast), or the mouth of a tunnel.",
    "Who runs a server, and whose law they answer to. A list of networks says who announces its address to the "
    "internet: that may be who runs it, or a company that rents machines out.",
    "Who is behind an address: a name in DNS or in a connection is what somebody wrote there.",
    "What other participants sent and received, and what this device did before and after the capture.",
    "Calls inside of VPNs and tunnels, and protocols that the auditor does not know.",
)


def limits(scan: Scan, near: Near, call: Call, places: Places, *, has_fence: bool) -> list[str]:
    return [*ALWAYS, *_of_this(scan, near, call, places, has_fence)]


def _of_this(scan: Scan, near: Near, call: Call, places: Places, has_fence: bool) -> Iterator[str]:
    if not places.sets:
        yield "In which countries the servers are: no data set was given (--geo, or ringfence geo import beforehand)."
    if not places.networks:
        yield (
            "In whose networks the servers are, which is a hint at who runs them: no list of networks was given "
            "(--geo, or ringfence geo import beforehand; docs/audit.md says which there are)."
        )
    dates = {one.name: one.date for one in places.sets} | {one.name: one.date for one in places.networks}
    last = scan.counts.get("last_ns") or 0
    for name, date in dates.items() if scan.flows else ():
        if date * 10**9 - last > LATE:
            yield f"Whether addresses have moved since: {name} was made on {day(date)}, long after the capture."
    if not has_fence:
        yield "Whether the servers are allowed: no fence was given (--fence)."
    if not near.given and near.addresses:
        guessed = ", ".join(sorted(near.addresses))
        yield f"Which device was captured: {guessed} was taken for it, by how many others it talks to (--me says it)."
    if scan.unread:
        missing = "; ".join(f"{count:,} {words}" for words, count in scan.unread.items())
        yield f"What could not be read of this capture: {missing}."
    unknown = [flow for flow in scan.flows if not [one for one in flow.protocols if one != "unknown"]]
    if unknown:
        size = sum(flow.bytes for flow in unknown)
        flows = "flow was" if len(unknown) == 1 else "flows were"
        yield f"What {len(unknown):,} {flows} that the auditor does not recognise ({size:,} bytes)."
    if call.begin is not None and scan.counts.get("first_ns") is not None:
        joined = [flow for flow in scan.flows if flow.transport == "tcp" and flow.opened is False]
        if joined:
            flows = "connection" if len(joined) == 1 else "connections"
            yield f"How {len(joined):,} {flows} began: the capture starts in the middle of them."
