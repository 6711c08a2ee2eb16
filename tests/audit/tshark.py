"""tshark's table of flows of a capture, and ours, in one form; and where they differ.
Not here: why they may (tests)."""

import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ringfence.audit import Scan

TSHARK = shutil.which("tshark")
# It looks for RTP where nothing announced it, and for that and DTLS inside of TURN, only if it is told to.
OPTIONS = ("-n", *(word for name in ("rtp_udp", "rtp_stun", "dtls_stun") for word in ("--enable-heuristic", name)))
ENDS = ("ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "udp.srcport", "udp.dstport", "tcp.srcport", "tcp.dstport")
FLOWS = "(udp or tcp) and not icmp and not icmpv6"
# Its names for what we name; of what else it knows nothing is compared.
PROTOCOLS = {
    "dns": "dns",
    "mdns": "dns",
    "dtls": "dtls",
    "http": "http",
    "quic": "quic",
    "rtcp": "rtcp",
    "rtp": "rtp",
    "sip": "sip",
    "srtcp": "srtcp",
    "srtp": "srtp",
    "stun": "stun",
    "tls": "tls",
    "turnchannel": "turn",
    "websocket": "web_socket",
}
# Differences of words, in each flow of a call. Without its keys tshark calls RTP what is SRTP, and RTCP what is SRTCP,
# whose headers are the same; after RTP it looks for RTCP no more. What is inside of messages of TURN over UDP, or in
# channels over TCP, it calls the same, or nothing.
UNDECRYPTED = {"udp: srtcp, srtp by us, rtcp, rtp by tshark", "udp: srtcp, srtp by us, rtp by tshark"}
SAID = (
    "tls.handshake.type",
    "tls.handshake.extensions_server_name",
    "tls.handshake.ciphersuite",
    "dtls.handshake.type",
    "dtls.handshake.ciphersuite",
    "dtls.use_srtp.protection_profile",
    "dns.qry.name",
)
Row = tuple[str, str, str, str, str]
End = tuple[str, str]


@dataclass(frozen=True)
class Told:
    """What was said in clear: names that were asked for, ciphers of TLS and QUIC and of DTLS, and profiles of SRTP that
    were agreed on, by their numbers."""

    names: frozenset[str]
    ciphers: frozenset[int]
    dtls_ciphers: frozenset[int]
    profiles: frozenset[int]
    asked: frozenset[str]


@dataclass
class Table:
    """Packets, and bytes of frames, of each way of each flow; and what the flow carries."""

    packets: Counter[Row]
    sizes: Counter[Row]
    protocols: dict[tuple[str, frozenset[End]], set[str]]

    def count(self, row: Row, packets: int, size: int, protocols: set[str]) -> None:
        self.packets[row] += packets
        self.sizes[row] += size
        flow = row[0], frozenset({row[1:3], row[3:5]})
        self.protocols.setdefault(flow, set()).update(protocols)


def rows(path: Path, shown: str, fields: tuple[str, ...]) -> list[list[str]]:
    """The fields of each packet that is shown, the first of each."""
    command = [str(TSHARK), "-r", str(path), *OPTIONS, "-Y", shown, "-T", "fields", "-E", "occurrence=f"]
    for name in fields:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def theirs(path: Path) -> Table:
    table = Table(Counter(), Counter(), {})
    for size, layers, *ends in rows(path, FLOWS, ("frame.len", "frame.protocols", *ENDS)):
        source, target, source6, target6, *ports = ends
        transport, from_, to = ("udp", *ports[:2]) if ports[0] else ("tcp", *ports[2:])
        found = {PROTOCOLS[layer] for layer in layers.split(":") if layer in PROTOCOLS}
        table.count((transport, source or source6, from_, target or target6, to), 1, int(size), found)
    return table


def ours(scan: Scan) -> Table:
    table = Table(Counter(), Counter(), {})
    for flow in scan.flows:
        for source, target, way in ((flow.a, flow.b, flow.forth), (flow.b, flow.a, flow.back)):
            if flow.transport != "other" and way.packets:
                row = (flow.transport, source.address, str(source.port), target.address, str(target.port))
                table.count(row, way.packets, way.bytes, set(flow.protocols))
    return table


def differences(path: Path, scan: Scan) -> set[str]:
    """In words, without addresses, so that they can be listed: of what a flow carries, then of what it counts."""
    mine, read = ours(scan), theirs(path)
    found = set()
    for flow in mine.protocols.keys() & read.protocols.keys():
        only = [", ".join(sorted(one)) for one in _apart(mine.protocols[flow], read.protocols[flow])]
        if any(only):
            found.add(f"{flow[0]}: {only[0] or 'nothing'} by us, {only[1] or 'nothing'} by tshark")
    for name, counted, theirs_ in (("packets", mine.packets, read.packets), ("bytes", mine.sizes, read.sizes)):
        found |= {
            f"{name} of {row}: {counted[row]}, {theirs_[row]}"
            for row in counted | theirs_
            if counted[row] != theirs_[row]
        }
    return found


def _apart(one: set[str], other: set[str]) -> tuple[set[str], set[str]]:
    return one - other, other - one


def told_by_tshark(path: Path) -> Told:
    read = rows(path, "tls.handshake.type in {1, 2} or dtls.handshake.type == 2 or dns.qry.name", SAID)
    return Told(
        frozenset(name for kind, name, *_ in read if kind == "1" and name),
        frozenset(int(cipher, 16) for kind, _, cipher, *_ in read if kind == "2"),
        frozenset(int(row[4], 16) for row in read if row[3] == "2"),
        frozenset(int(row[5], 16) for row in read if row[3] == "2" and row[5]),
        frozenset(row[6] for row in read if row[6]),
    )


def told(scan: Scan) -> Told:
    seen = [one for flow in scan.flows for one in flow.observations]
    hellos = [one for one in seen if one.kind == "server_hello"]
    by_dtls = [one for one in hellos if one.get("carrier") == "dtls"]
    return Told(
        frozenset(str(name) for one in seen if one.kind == "client_hello" and (name := one.get("server_name"))),
        frozenset(one.get("cipher") for one in hellos if one not in by_dtls),
        frozenset(one.get("cipher") for one in by_dtls),
        frozenset(profile for one in by_dtls if (profile := one.get("srtp_profile"))),
        frozenset(one.get("name") for one in seen if one.kind == "dns_query"),
    )
