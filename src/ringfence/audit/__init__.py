"""The auditor: where did a call go, and how was it encrypted, by a capture of its packets. Never sends one.

    for flow in ringfence.audit.open("call.pcapng").flows():
        print(flow.b, flow.protocols)

Not here: reading packets (core/capture), or what the fence decides (core/fence)."""

import os
from collections.abc import Iterator

from ringfence.audit.auditing import Question, moment, report
from ringfence.audit.document import Report
from ringfence.audit.flows import Flow, Observation, Peer, Progress, Scan, Timeline, Way
from ringfence.audit.names import Names
from ringfence.audit.near import Near, given, guess
from ringfence.audit.observed import protocols
from ringfence.audit.roles import call_of

__all__ = [
    "Audit",
    "Flow",
    "Near",
    "Observation",
    "Peer",
    "Question",
    "Report",
    "Scan",
    "Timeline",
    "Way",
    "given",
    "open",
]

Cell = str | int | float | bool | None


class Audit:
    """One capture that was scanned."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan

    def flows(self) -> Iterator[Flow]:
        """In the order of their first packets."""
        return iter(self.scan.flows)

    def table(self, me: Near | None = None) -> list[dict[str, Cell]]:
        """A row of plain values for each flow: `pandas.DataFrame(audit.table())`.

        Times are ISO 8601, sizes bytes; `out` is from the captured device: `me`, or the one that talks to most others.
        """
        near = me or guess(self.scan.flows)
        names = Names(self.scan.flows)
        call = call_of(self.scan.flows, near, names)
        rows: list[dict[str, Cell]] = []
        for flow in self.scan.flows:
            (close, far), (out, in_) = near.ends(flow), near.outwards(flow)
            row: dict[str, Cell] = {
                "flow": flow.id,
                "transport": flow.transport,
                "near_address": close.address,
                "near_port": close.port,
                "far_address": far.address,
                "far_port": far.port,
                "name": names.of_flow(flow, far),
                "protocols": "+".join(protocols(flow)),
                "roles": "+".join(call.of(flow)),
                "first": moment(flow.first_ns),
                "last": moment(flow.last_ns),
                "seconds": flow.seconds,
                "packets_out": out.packets,
                "packets_in": in_.packets,
                "bytes_out": out.bytes,
                "bytes_in": in_.bytes,
            }
            rows.append(row)
        return rows

    def report(self, question: Question | None = None) -> Report:
        """What it shows, held against what is given."""
        return report(self.scan, question or Question())


def open(path: str | os.PathLike[str], *, progress: Progress | None = None) -> Audit:
    """Scans a capture: pcap or pcapng, packed with gzip or not. `progress` is called with bytes done and bytes in all.

    Raises RF2501 where it cannot be read, RF2502 for what is no capture.
    """
    from ringfence._core import capture

    name = os.fspath(path)
    return Audit(Scan.of(name, capture.scan(name, progress=progress)))
