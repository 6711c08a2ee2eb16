"""The table of flows, names and ciphers, held against tshark's reading of the same files (`make deps` installs it).
Not here: what findings come of it."""

import shutil
import subprocess
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from audit.labelled import audited
from captures import SCENES, Capture, clean_copy, mutant, played
from ringfence.audit import Scan

TSHARK = shutil.which("tshark")
pytestmark = pytest.mark.skipif(TSHARK is None, reason="tshark is not installed (make deps)")
# Each scene as it is, and one of these: what every reader reads the same way. Not fragments: tshark gives the bytes of
# all to the last, and the ports of the first to none.
ALIKE = (
    "v6",
    "raw",
    "cooked-2",
    "vlan-twice",
    "ns",
    "big",
    "ng-many",
    "gz",
    "late",
    "twice",
    "options-v6",
    "snaplen-96",
)
SEED = 11
FIELDS = ("ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "udp.srcport", "udp.dstport", "tcp.srcport", "tcp.dstport")
SAID = ("tls.handshake.type", "tls.handshake.extensions_server_name", "tls.handshake.ciphersuite", "dns.qry.name")
Row = tuple[str, str, str, str, str]


def captures() -> list[Capture]:
    random = Random(SEED)
    made = [clean_copy(played(name)) for name in random.sample(list(SCENES), 20)]
    return made + [mutant(random.choice(list(SCENES)), form) for form in ALIKE]


def rows(path: Path, shown: str, fields: tuple[str, ...]) -> list[list[str]]:
    command = [str(TSHARK), "-r", str(path), "-n", "-Y", shown, "-T", "fields", "-E", "occurrence=f"]
    for name in ("frame.len", *fields):
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def theirs(path: Path) -> tuple[Counter[Row], Counter[Row]]:
    """Packets, and bytes of frames, of each way of each flow."""
    packets: Counter[Row] = Counter()
    sizes: Counter[Row] = Counter()
    for size, *ends in rows(path, "(udp or tcp) and not icmp and not icmpv6", FIELDS):
        source, target, source6, target6, *ports = ends
        transport, from_, to = ("udp", *ports[:2]) if ports[0] else ("tcp", *ports[2:])
        key = (transport, source or source6, from_, target or target6, to)
        packets[key] += 1
        sizes[key] += int(size)
    return packets, sizes


def ours(scan: Scan) -> tuple[Counter[Row], Counter[Row]]:
    packets: Counter[Row] = Counter()
    sizes: Counter[Row] = Counter()
    for flow in scan.flows:
        for source, target, way in ((flow.a, flow.b, flow.forth), (flow.b, flow.a, flow.back)):
            if flow.transport != "other" and way.packets:
                key = (flow.transport, source.address, str(source.port), target.address, str(target.port))
                packets[key] += way.packets
                sizes[key] += way.bytes
    return packets, sizes


@pytest.mark.parametrize("capture", captures(), ids=lambda capture: capture.name)
def test_flows_packets_and_bytes_are_tsharks(capture: Capture, tmp_path: Path) -> None:
    scan = audited(capture, tmp_path)[0].scan
    assert ours(scan) == theirs(tmp_path / f"capture{capture.suffix}")


@pytest.mark.parametrize(
    "name", ["tls-1.3-long-hello", "tls-1.2-rsa", "tls-1.0-chosen", "quic-v1", "quic-v2-long-hello", "dns", "meeting"]
)
def test_names_and_ciphers_are_tsharks(name: str, tmp_path: Path) -> None:
    capture = clean_copy(played(name))
    scan = audited(capture, tmp_path)[0].scan
    seen = [one for flow in scan.flows for one in flow.observations]
    read = rows(tmp_path / f"capture{capture.suffix}", "tls.handshake.type in {1, 2} or dns.qry.name", SAID)
    clients = {name for _, kind, name, _, _ in read if kind == "1" and name}
    ciphers = {int(cipher, 16) for _, kind, _, cipher, _ in read if kind == "2"}
    assert {one.get("server_name") for one in seen if one.kind == "client_hello" and one.get("server_name")} == clients
    told = [one for one in seen if one.kind == "server_hello" and one.get("carrier") != "dtls"]
    assert {one.get("cipher") for one in told} == ciphers
    assert {one.get("name") for one in seen if one.kind == "dns_query"} == {row[4] for row in read if row[4]}
